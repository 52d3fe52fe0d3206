// Tapping in a photo: a click or a finger, or the arrow keys move a cross and Enter taps.
(() => {
  const spot = (event) => event.target.closest?.(".hy-spot");
  const tap = (at, x, y) => at.dispatchEvent(new CustomEvent("tap", { detail: [x, y] }));
  document.addEventListener("click", (click) => {
    const at = spot(click);
    if (!at) return;
    const edge = at.getBoundingClientRect();
    tap(at, (click.clientX - edge.left) / edge.width, (click.clientY - edge.top) / edge.height);
  });
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (key) => {
    const at = spot(key);
    if (!at) return;
    const x = Number(at.dataset.x ?? 0.5), y = Number(at.dataset.y ?? 0.5), move = moves[key.key];
    if (key.key === "Enter" || key.key === " ") { key.preventDefault(); tap(at, x, y); }
    if (!move) return;
    key.preventDefault();
    const far = key.shiftKey ? 0.1 : 0.02, keep = (share) => Math.min(1, Math.max(0, share));
    at.dataset.x = keep(x + move[0] * far);
    at.dataset.y = keep(y + move[1] * far);
    at.style.setProperty("--x", `${100 * at.dataset.x}%`);
    at.style.setProperty("--y", `${100 * at.dataset.y}%`);
  });
})();
