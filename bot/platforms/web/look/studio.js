// What the sticker studio does by itself: a sticker dragged by its grip, with mouse or finger; words that are done.
(() => {
  let held = null, mark = null;
  const tiles = () => [...document.querySelectorAll(".hy-tile")];
  const unmark = () => { tiles().forEach((tile) => tile.classList.remove("before", "after", "held")); };

  document.addEventListener("pointerdown", (down) => {
    const grip = down.target.closest?.(".hy-grip");
    if (!grip || down.button) return;
    down.preventDefault();
    held = grip.closest(".hy-tile");
    held.classList.add("held");
    mark = null;
  });
  document.addEventListener("pointermove", (move) => {
    if (!held) return;
    const over = document.elementFromPoint(move.clientX, move.clientY)?.closest(".hy-tile");
    tiles().forEach((tile) => tile.classList.remove("before", "after"));
    mark = null;
    if (!over || over === held) return;
    const at = over.getBoundingClientRect();
    mark = { over, side: move.clientX < at.left + at.width / 2 ? "before" : "after" };
    over.classList.add(mark.side);
  });
  document.addEventListener("pointerup", () => {
    if (held && mark) {
      const order = tiles().filter((tile) => tile !== held);
      order.splice(order.indexOf(mark.over) + (mark.side === "after" ? 1 : 0), 0, held);
      heying.tell("order", order.map((tile) => Number(tile.dataset.sticker)));
    }
    held = mark = null;
    unmark();
  });
  document.addEventListener("pointercancel", () => { held = mark = null; unmark(); });

  document.addEventListener("change", (change) => {
    const tile = change.target.closest?.(".hy-tile");
    if (!tile || !change.target.matches(".hy-labels input")) return;
    const value = (name) => tile.querySelector(`[data-${name}]`).value;
    heying.tell("caption", { id: Number(tile.dataset.sticker), caption: value("caption"), emoji: value("emoji") });
  });
  document.fonts.addEventListener("loadingdone", () => {  // Chromium leaves one field as it was drawn before the font came
    document.querySelectorAll(".hy-labels .emoji").forEach((field) => {
      const said = field.value;
      if (field !== document.activeElement) [field.value, field.value] = ["", said];
    });
  });
  document.addEventListener("keydown", (key) => {
    if (key.key === "Enter" && !key.isComposing && key.target.matches?.(".hy-labels input")) key.target.blur();
  });
})();
