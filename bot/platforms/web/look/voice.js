// Speaking in place of typing, only where the browser understands speech on this machine: one that would send the voice
// to its maker is not offered. What was heard can be read and mended before it is sent.
(async () => {
  const Recognition = window.SpeechRecognition, local = { langs: ["zh-CN"], processLocally: true };
  if (!Recognition?.available || !("processLocally" in Recognition.prototype)) return;
  if ((await Recognition.available(local).catch(() => "")) !== "available") return;  // "downloadable" would fetch it
  const hearing = Object.assign(new Recognition(), { lang: "zh-CN", processLocally: true, interimResults: true });
  let on = false, before = "";
  const show = (now) => {
    const button = heying.pick("hy-voice");
    on = now;
    button.classList.toggle("on", on);
    button.setAttribute("aria-pressed", on);
    heying.pick("hy-text").placeholder = on ? button.dataset.listening : button.dataset.said;
  };
  hearing.onresult = ({ results }) => {
    const box = heying.pick("hy-text");
    box.value = before + [...results].map(([best]) => best.transcript).join("");
    box.dispatchEvent(new Event("input"));
  };
  hearing.onend = () => show(false);
  hearing.onerror = ({ error }) => {
    show(false);
    if (!["aborted", "no-speech"].includes(error)) heying.toast(heying.words["not heard"]);
  };
  heying.hush = () => { if (on) hearing.abort(); };  // what was heard is sent: it is not to be written once more
  document.addEventListener("click", (click) => {
    const button = click.target.closest?.("#hy-voice");
    if (!button) return;
    if (on) return hearing.stop();
    before = heying.pick("hy-text").value;
    button.dataset.said = heying.pick("hy-text").placeholder;
    hearing.start();
    show(true);
  });
  const waiting = setInterval(() => {
    const button = heying.pick("hy-voice");
    if (button) { clearInterval(waiting); button.hidden = false; }
  }, 100);
})();
