// Back closes the sheet that is open, and does not leave the page: phones have no other key for it.
(() => {
  const open = () => [...document.querySelectorAll(".q-dialog")].filter((one) => one.querySelector(".q-dialog__inner:not(.hy-closing)"));
  let noted = 0, leaving = 0;
  const close = (dialog) => {
    dialog.querySelector(".q-dialog__inner").classList.add("hy-closing");
    dialog.querySelector(".hy-close")?.click();
  };
  new MutationObserver(() => {
    const now = open().length;
    if (now > noted) {
      noted = now;
      history.pushState({ ...history.state, sheet: noted }, "");
    } else if (now < noted) {
      const back = noted - now;
      noted = now;
      if (history.state?.sheet) { leaving += 1; history.go(-back); }  // closed by its button
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  addEventListener("popstate", () => {
    if (leaving) { leaving -= 1; return; }
    const dialog = open().at(-1);
    if (dialog) { noted -= 1; close(dialog); }
  });
})();
