// What every page's scripts share: elements by id, the page's own words, a sentence at the top; the switch of language.
const heying = { busy: 0, pick: (id) => document.getElementById(id), words: JSON.parse(document.getElementById("hy-words").textContent) };
heying.tell = (name, value) => heying.pick("hy-app").dispatchEvent(new CustomEvent(name, { detail: value }));

// A sentence of the page's own, where the server may not be there to say it.
heying.toast = (said, well = false) => {
  document.querySelector(".hy-toast")?.remove();
  const toast = Object.assign(document.createElement("div"), { className: well ? "hy-toast well" : "hy-toast", textContent: said });
  toast.setAttribute("role", "alert");
  document.body.append(toast);
  setTimeout(() => toast.remove(), 8000);
};

(() => {
  const root = document.documentElement, language = heying.words.language === "zh" ? "zh-CN" : heying.words.language;
  const hold = () => { if (root.lang !== language) root.lang = language; };  // Quasar sets the server's one
  hold();
  new MutationObserver(hold).observe(root, { attributes: true, attributeFilter: ["lang"] });
  const popup = heying.pick("popup")?.querySelectorAll("span");  // NiceGUI's own
  if (popup?.length === 2) [popup[0].textContent, popup[1].textContent] = [heying.words.lost, heying.words.again];
  document.addEventListener("click", (click) => {
    const choice = click.target.closest?.("[data-language]");
    if (!choice) return;
    document.cookie = `heying_language=${choice.dataset.language}; path=/; max-age=34560000; samesite=lax`;
    location.reload();
  });
})();
