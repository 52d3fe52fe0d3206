const glass = document.getElementById("glass");
document.addEventListener("click", (event) => {
  if (glass.classList.contains("open")) return glass.classList.remove("open");
  const image = event.target.closest("img");
  if (!image) return;
  glass.querySelector("img").src = image.src;
  glass.querySelector("p").textContent = image.alt;
  glass.classList.add("open");
});
document.addEventListener("keydown", (event) => event.key === "Escape" && glass.classList.remove("open"));
for (const head of document.querySelectorAll(".rows thead th")) {
  head.addEventListener("click", () => {
    const body = head.closest("table").tBodies[0], column = head.cellIndex;
    const value = (row) => {
      const text = row.cells[column].firstChild?.textContent.trim() ?? "";
      return text === "" ? -Infinity : Number.isNaN(parseFloat(text)) ? text : parseFloat(text);
    };
    const down = head.dataset.down !== "yes";
    head.dataset.down = down ? "yes" : "no";
    const rows = [...body.rows].sort((a, b) => (value(a) > value(b) ? 1 : value(a) < value(b) ? -1 : 0));
    body.append(...(down ? rows.reverse() : rows));
  });
}
