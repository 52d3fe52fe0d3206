// A picture of the talk: copied, shared, looked at closely.
(() => {
  const asKept = async (address) => {  // as it is kept: drawn anew it would no longer say in its file that AI made it
    const data = await (await fetch(address)).blob();
    return { data, type: data.type, name: `heying.${data.type.split("/")[1]}` };
  };
  const png = async (address) => {
    const blob = await (await fetch(address)).blob();
    if (blob.type === "image/png") return blob;
    const picture = await createImageBitmap(blob), sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [picture.width, picture.height];
    sheet.getContext("2d").drawImage(picture, 0, 0);
    return new Promise((done) => sheet.toBlob(done, "image/png"));
  };
  const canCopy = !!(navigator.clipboard?.write && window.ClipboardItem);
  const canShare = !!navigator.canShare?.({ files: [new File([""], "a.png", { type: "image/png" })] });
  document.documentElement.classList.toggle("hy-no-copy", !canCopy);
  document.documentElement.classList.toggle("hy-no-share", !canShare);

  document.addEventListener("click", async (click) => {
    const copy = click.target.closest?.("[data-copy]"), share = click.target.closest?.("[data-share]");
    try {
      if (copy) {
        await navigator.clipboard.write([new ClipboardItem({ "image/png": png(copy.dataset.copy) })]);
        heying.toast(heying.words.copied, true);
      } else if (share) {
        const { type, ...file } = await asKept(share.dataset.share);
        await navigator.share({ files: [new File([file.data], file.name, { type })] });
      }
    } catch (error) {
      if (error.name === "AbortError") return;  // they thought better of it
      heying.toast(copy ? heying.words["not copied"] : heying.words["not shared"]);
    }
  });

  // The large picture: wheel, two fingers or + and - zoom about the middle of what is looked at; drag and arrows move.
  // Two beside each other are looked at together.
  const views = new WeakMap(), MOST = 8, whole = (zoom) => zoom.closest(".hy-panes") ?? zoom;
  const view = (zoom) => views.get(whole(zoom)) ?? views.set(whole(zoom), { by: 1, x: 0, y: 0, fingers: new Map() }).get(whole(zoom));
  const draw = (zoom, at) => {
    const img = zoom.querySelector("img"), room = (side) => Math.max(0, (at.by - 1) * side / 2);
    at.x = Math.min(room(img.clientWidth), Math.max(-room(img.clientWidth), at.x));
    at.y = Math.min(room(img.clientHeight), Math.max(-room(img.clientHeight), at.y));
    for (const each of [zoom, ...whole(zoom).querySelectorAll(".hy-zoom")]) {
      each.querySelector("img").style.transform = at.by === 1 ? "" : `translate(${at.x}px, ${at.y}px) scale(${at.by})`;
      each.classList.toggle("near", at.by > 1);
    }
  };
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((one) => {  // another in its place
    const zoom = one.matches?.(".hy-panes .hy-zoom") ? one : one.querySelector?.(".hy-panes .hy-zoom");
    if (zoom && views.has(whole(zoom))) draw(zoom, view(zoom));
  }))).observe(document.documentElement, { childList: true, subtree: true });
  const nearer = (zoom, times, x, y) => {
    const at = view(zoom), edge = zoom.getBoundingClientRect(), before = at.by;
    at.by = Math.min(MOST, Math.max(1, at.by * times));
    const dx = (x ?? edge.left + edge.width / 2) - edge.left - edge.width / 2;
    const dy = (y ?? edge.top + edge.height / 2) - edge.top - edge.height / 2;
    at.x = dx - (dx - at.x) * (at.by / before);
    at.y = dy - (dy - at.y) * (at.by / before);
    draw(zoom, at);
  };
  const on = (name, then) => document.addEventListener(name, (event) => {
    const zoom = event.target.closest?.(".hy-zoom");
    if (zoom) then(event, zoom, view(zoom));
  }, { passive: false });
  const apart = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);
  on("wheel", (wheel, zoom) => { wheel.preventDefault(); nearer(zoom, Math.exp(-wheel.deltaY / 400), wheel.clientX, wheel.clientY); });
  on("dblclick", (click, zoom, at) => nearer(zoom, at.by > 1 ? 1 / MOST : 2.5, click.clientX, click.clientY));
  on("pointerdown", (down, zoom, at) => {
    at.fingers.set(down.pointerId, { x: down.clientX, y: down.clientY });
    zoom.setPointerCapture?.(down.pointerId);
  });
  on("pointermove", (move, zoom, at) => {
    const before = at.fingers.get(move.pointerId);
    if (!before) return;
    const now = { x: move.clientX, y: move.clientY }, old = [...at.fingers.values()];
    at.fingers.set(move.pointerId, now);
    const all = [...at.fingers.values()];
    if (all.length === 2) nearer(zoom, apart(all) / Math.max(1, apart(old)), (all[0].x + all[1].x) / 2, (all[0].y + all[1].y) / 2);
    else if (at.by > 1) { at.x += now.x - before.x; at.y += now.y - before.y; draw(zoom, at); }
  });
  for (const name of ["pointerup", "pointercancel"]) on(name, (up, zoom, at) => at.fingers.delete(up.pointerId));
  on("keydown", (key, zoom, at) => {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    const times = { "+": 1.4, "=": 1.4, "-": 1 / 1.4, 0: 1 / MOST };
    if (times[key.key]) nearer(zoom, times[key.key]);
    if (!moves[key.key]) return;
    key.preventDefault();
    at.x += moves[key.key][0];
    at.y += moves[key.key][1];
    draw(zoom, at);
  });
})();
