// Pointing into a photo. A click or a finger taps; with the lasso, the brush and the eraser a line is drawn. By keyboard the arrow
// keys move a cross; Enter taps, or puts the pen down and lifts it again. Every mark goes to the server as shares of the photo.
(() => {
  const spot = (event) => event.target.closest?.(".hy-spot");
  const sheet = (one) => one.closest(".hy-pointing");
  const keep = (share) => Math.min(1, Math.max(0, share));
  const tool = (at) => sheet(at)?.querySelector('[data-tool][aria-pressed="true"]')?.dataset.tool ?? "tap";
  const radius = (at) => Number(sheet(at)?.querySelector(".hy-thick input")?.value ?? 16) / 400;
  const say = (at, said) => { const pen = sheet(at)?.querySelector(".hy-pen"); if (pen) pen.textContent = said; };
  const words = heying.words;
  const MOST = 300;  // points of a line
  let line = null;  // the line under the hand: { at, id, tool, radius, points }

  const share = (at, event) => {
    const edge = at.getBoundingClientRect();
    return [keep((event.clientX - edge.left) / edge.width), keep((event.clientY - edge.top) / edge.height)];
  };
  const send = (at, detail) => at.dispatchEvent(new CustomEvent("mark", { detail }));

  // What is drawn is shown at once; the server draws it anew as it understood it.
  const show = (at) => {
    const ink = at.querySelector(".hy-ink"), { clientWidth: w, clientHeight: h } = at;
    if (!line || line.at !== at) { ink.replaceChildren(); return; }
    const points = line.points.map(([x, y]) => `${(x * w).toFixed(1)},${(y * h).toFixed(1)}`);
    if (points.length === 1) points.push(points[0]);
    const thick = line.tool === "lasso" ? 2.5 : 2 * line.radius * Math.max(w, h), closed = line.tool === "lasso" ? "polygon" : "polyline";
    ink.innerHTML = `<svg viewBox="0 0 ${w} ${h}" class="${line.tool}"><${closed} points="${points.join(" ")}" stroke-width="${thick}"/></svg>`;
  };

  // Ramer–Douglas–Peucker, on points in pixels.
  const plain = (points, far) => {
    if (points.length < 3) return points;
    const [[x0, y0], [x1, y1]] = [points[0], points.at(-1)], long = Math.hypot(x1 - x0, y1 - y0);
    let most = 0, place = 0;
    points.forEach(([x, y], number) => {
      const away = long ? Math.abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / long : Math.hypot(x - x0, y - y0);
      if (away > most) [most, place] = [away, number];
    });
    if (most <= far) return [points[0], points.at(-1)];
    return [...plain(points.slice(0, place + 1), far).slice(0, -1), ...plain(points.slice(place), far)];
  };
  const begin = (at, first, id) => { line = { at, id, tool: tool(at), radius: radius(at), points: [first] }; show(at); };
  const go = (to) => {
    const [x, y] = line.points.at(-1), { clientWidth: w, clientHeight: h } = line.at;
    if (Math.hypot((to[0] - x) * w, (to[1] - y) * h) >= 1.5) line.points.push(to);
    show(line.at);
  };
  const drop = () => { const at = line?.at; line = null; if (at) show(at); };
  const end = () => {
    const { at, tool, radius, points } = line, { clientWidth: w, clientHeight: h } = at;
    const wide = Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x));
    const tall = Math.max(...points.map(([, y]) => y)) - Math.min(...points.map(([, y]) => y));
    drop();
    if (tool === "lasso" && (points.length < 3 || Math.max(wide * w, tall * h) < 8)) { heying.toast(words["draw around"], true); return; }
    let few = points.map(([x, y]) => [x * w, y * h]);
    for (let far = 0.5; few.length > MOST || far === 0.5; far *= 1.6) few = plain(few, far);
    send(at, { tool, radius, points: few.map(([x, y]) => [x / w, y / h]) });
  };

  document.addEventListener("click", (click) => {
    const choice = click.target.closest?.(".hy-tools [data-tool]"), at = spot(click);
    if (choice) {
      const group = choice.parentElement, all = sheet(choice);
      for (const one of group.children) one.setAttribute("aria-pressed", String(one === choice));
      all.querySelector(".hy-spot").dataset.tool = choice.dataset.tool;
      all.querySelector(".hy-thick").hidden = !["brush", "erase"].includes(choice.dataset.tool);
      all.querySelector(".hy-how").textContent = choice.dataset.how;
      drop();
      say(choice, choice.dataset.how);
    }
    if (at && tool(at) === "tap") send(at, { tool: "tap", points: [share(at, click)] });
  });
  document.addEventListener("pointerdown", (down) => {
    const at = down.target.closest?.(".hy-field-of-view")?.querySelector(".hy-spot"), mark = down.target.closest?.(".hy-mark");
    if (!at || tool(at) === "tap") return;
    if (line && down.pointerId !== line.id) { drop(); return; }  // a second finger: the photo is zoomed
    if (down.button !== 0) return;
    begin(at, share(at, down), down.pointerId);
    line.pressed = mark && [down.clientX, down.clientY];  // a number is pressed, unless the hand moves on
    if (mark) return;
    down.preventDefault();
    at.focus({ preventScroll: true, focusVisible: false });
    at.setPointerCapture?.(down.pointerId);
  });
  document.addEventListener("pointermove", (move) => {
    const at = spot(move);
    if (at) at.style.setProperty("--ring", `${2 * radius(at) * Math.max(at.clientWidth, at.clientHeight)}px`);
    if (at && move.pointerType === "mouse") {
      const [x, y] = share(at, move);
      at.style.setProperty("--mx", `${100 * x}%`);
      at.style.setProperty("--my", `${100 * y}%`);
    }
    if (!line || move.pointerId !== line.id) return;
    if (line.pressed && Math.hypot(move.clientX - line.pressed[0], move.clientY - line.pressed[1]) > 4) {
      line.pressed = null;
      line.at.setPointerCapture?.(move.pointerId);
    }
    if (!line.pressed) for (const one of move.getCoalescedEvents?.() ?? [move]) go(share(line.at, one));
  });
  document.addEventListener("pointerup", (up) => { if (line && up.pointerId === line.id) { if (line.pressed) drop(); else { go(share(line.at, up)); end(); } } });
  document.addEventListener("pointercancel", (gone) => { if (line && gone.pointerId === line.id) drop(); });

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (key) => {
    const at = spot(key);
    if (!at) return;
    const x = Number(at.dataset.x ?? 0.5), y = Number(at.dataset.y ?? 0.5), move = moves[key.key];
    const drawing = line && line.at === at && line.id === "keys";
    if (key.key === "Escape" && line) { key.preventDefault(); key.stopPropagation(); drop(); say(at, words["pen gone"]); return; }
    if (key.key === "Enter" || key.key === " ") {
      key.preventDefault();
      if (key.repeat) return;
      if (tool(at) === "tap") send(at, { tool: "tap", points: [[x, y]] });
      else if (drawing) { say(at, words["pen up"]); end(); }
      else { begin(at, [x, y], "keys"); say(at, words["pen down"]); }
    }
    if (!move) return;
    key.preventDefault();
    const far = key.shiftKey ? 0.1 : 0.02;
    at.dataset.x = keep(x + move[0] * far);
    at.dataset.y = keep(y + move[1] * far);
    at.style.setProperty("--x", `${100 * at.dataset.x}%`);
    at.style.setProperty("--y", `${100 * at.dataset.y}%`);
    if (drawing) go([Number(at.dataset.x), Number(at.dataset.y)]);
  }, true);
})();
