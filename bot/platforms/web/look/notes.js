// Notes of the system's: the switch in the settings asks the browser, and what is done is said while the page is hidden.
(() => {
  const can = window.isSecureContext && "Notification" in window && "serviceWorker" in navigator;
  document.documentElement.classList.toggle("hy-no-notes", !can);
  const worker = () => navigator.serviceWorker.register("/look/notes-worker.js");  // phones show notes by a worker alone

  heying.note = async ({ id, title, body }) => {
    if (!can || !document.hidden || Notification.permission !== "granted") return;
    (await worker()).showNotification(title, { body, tag: `heying-${id}`, icon: "/look/icon-192.png" });
  };
  document.addEventListener("click", async (click) => {
    const choice = click.target.closest?.("[data-notes]");
    if (!choice) return;
    const on = choice.dataset.notes === "on" && (await Notification.requestPermission()) === "granted";
    if (on) await worker();
    heying.tell("notes", { on, refused: choice.dataset.notes === "on" && !on });
  });
})();
