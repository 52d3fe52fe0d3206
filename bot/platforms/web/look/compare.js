// The slider on a result. The picture that was made is shown whole at first; the handle waits at its left edge. Keys and screen
// readers have the slider itself; mouse and finger drag on the pictures, whose own menu (save, copy) a right click or a long
// press opens.
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
  let held = null;
  const drag = (move) => {
    const slider = held.querySelector("input"), edge = held.getBoundingClientRect();
    slider.value = 100 * (move.clientX - edge.left) / edge.width;
    show(slider);
  };
  document.addEventListener("pointerdown", (down) => {
    const compare = down.target.closest?.(".hy-compare");
    if (!compare || down.button || !down.isPrimary) return;
    held = compare;
    if (down.pointerType === "mouse") {
      down.preventDefault();  // or the picture itself is dragged away
      compare.setPointerCapture(down.pointerId);
      compare.querySelector("input").focus({ preventScroll: true });
      drag(down);
    }
  });
  document.addEventListener("pointermove", (move) => { if (held && move.isPrimary) drag(move); });
  document.addEventListener("pointerup", (up) => { if (held && up.isPrimary) drag(up); });  // a tap, too
  for (const name of ["pointerup", "pointercancel", "contextmenu"]) document.addEventListener(name, () => { held = null; });
  addEventListener("resize", () => sliders(document));
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(sliders)))
    .observe(document.documentElement, { childList: true, subtree: true });
})();
