// The slider on a result. The picture that was made is shown whole at first; the handle waits at its left edge.
(() => {
  const say = heying.words;
  const show = (slider) => {
    const compare = slider.parentElement, at = Number(slider.value), wide = compare.clientWidth || 400;
    const x = (at / 100) * wide, room = Math.min(26, wide / 2);
    compare.style.setProperty("--at", `${at}%`);
    compare.style.setProperty("--edge", "1");
    compare.style.setProperty("--shift", `${Math.max(0, room - x) - Math.max(0, x - (wide - room))}px`);
    slider.setAttribute("aria-valuetext", at === 0 ? say["all after"] : at === 100 ? say["all before"] : say["some before"].replace("{}", at));
  };
  const sliders = (root) => root.querySelectorAll?.(".hy-compare input").forEach(show);
  document.addEventListener("input", (event) => { if (event.target.matches?.(".hy-compare input")) show(event.target); });
  addEventListener("resize", () => sliders(document));
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(sliders)))
    .observe(document.documentElement, { childList: true, subtree: true });
})();
