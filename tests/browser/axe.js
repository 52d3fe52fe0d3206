// What somebody who cannot see, or has no mouse, would stumble over on this page; [] when there is nothing.
() => {
  const wrong = [], shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const told = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const named = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const own = element.getAttribute("aria-label") || (by && document.getElementById(by)?.textContent);
    const label = [...(element.labels || [])].map((one) => one.textContent).join(" ");
    const inside = element.innerText || [...element.querySelectorAll("img")].map((image) => image.alt).join(" ");
    return (own || label || inside || element.getAttribute("title") || "").trim();
  };
  const pressed = "button, a[href], input, textarea, select, [role=button], [role=checkbox], [role=slider], [tabindex]";
  for (const element of document.querySelectorAll(pressed)) {
    if (!shown(element) || element.closest("[aria-hidden=true]") || element.closest(".q-focus-helper")) continue;
    if (element.tabIndex > 0) wrong.push(`out of order: ${told(element)}`);
    if (element.matches("[tabindex='-1']")) continue;
    if (!named(element)) wrong.push(`without a name: ${told(element)}`);
  }
  for (const hidden of document.querySelectorAll("[aria-hidden=true] :is(button, a[href], input)")) {
    if (shown(hidden)) wrong.push(`can be reached but not heard: ${told(hidden)}`);
  }
  for (const image of document.images) if (!image.hasAttribute("alt")) wrong.push(`without alt: ${told(image)}`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) wrong.push(`twice: #${id}`);
  const ours = document.getElementById("hy-words"), language = ours ? JSON.parse(ours.textContent).language : "zh";
  if (document.documentElement.lang.slice(0, 2) !== language) wrong.push(`language: ${document.documentElement.lang}`);
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  if (document.querySelectorAll("main:not([role=none])").length !== 1) wrong.push("not one main");
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`wider than the screen: ${document.documentElement.scrollWidth}`);

  // Contrast of text with what is behind it (WCAG 2.2, 1.4.3: 4.5, large letters 3). Pictures and gradients are left out.
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = color;
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = (color) => color.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      layers.push(rgba(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(element) || element.closest("script, style, noscript, [disabled], [aria-disabled], .hy-hidden, .hy-skip, option, .nicegui-error-popup, .hy-drop")) continue;
    let dim = false;
    for (let at = element; at; at = at.parentElement) dim ||= getComputedStyle(at).opacity < 1;
    const ground = behind(element);
    if (!ground || dim) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const [a, b] = [light(over(rgba(style.color), ground)), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5)) {
      wrong.push(`contrast ${ratio.toFixed(2)}: "${walker.currentNode.data.trim().slice(0, 30)}" in ${told(element)}`);
    }
  }

  // A finger finds everything: what is pressed 21 pixels beside the middle is still it (WCAG 2.2, 2.5.5).
  const dialog = [...document.querySelectorAll("[role=dialog]")].find(shown);
  for (const element of innerWidth < 500 ? (dialog || document).querySelectorAll(pressed) : []) {
    if (!shown(element) || element.disabled || element.closest("[aria-hidden=true], .hy-skip, .nicegui-error-popup")) continue;
    if (element.matches("[tabindex='-1'], .hy-hidden, [type=file], main, [role=dialog]")) continue;
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = element.getBoundingClientRect(), [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const missed = [[21, 0], [-21, 0], [0, 21], [0, -21]].some(([right, down]) => {
      const hit = document.elementFromPoint(x + right, y + down);
      const dragged = hit?.closest(".hy-compare");  // a press on the pictures moves their slider: test_pictures.py
      return !hit || !(element.contains(hit) || dragged?.contains(element) || (hit.contains(element) && hit.matches("label")));
    });
    if (missed) wrong.push(`small for a finger: ${box.width.toFixed(0)} × ${box.height.toFixed(0)} ${told(element)}`);
  }
  return wrong;
}
