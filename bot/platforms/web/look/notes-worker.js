// A press on a note brings the page back, or opens it. It answers no request and keeps nothing.
addEventListener("notificationclick", (press) => {
  press.notification.close();
  press.waitUntil((async () => {
    const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
    return pages.length ? pages[0].focus() : clients.openWindow("/");
  })());
});
