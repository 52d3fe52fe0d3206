// Files by button, drop and paste, wherever the page has a place for them (#hy-file): one request for all files of one
// gesture, so that an album stays an album and one refusal does not hide another.
heying.attach = async (files) => {
  const place = heying.pick("hy-file");
  if (!files.length || !place) return;
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name || heying.words.pasted);
  const waiting = document.createElement("div");
  waiting.className = "hy-thumb busy";
  waiting.textContent = heying.words.uploading;
  heying.pick("hy-uploading").append(waiting);
  let lost = false;
  heying.busy += 1;
  let problems = [];
  try {
    const target = place.dataset.for ? `/attach?for=${place.dataset.for}` : `/attach?chat=${place.dataset.chat}`;
    const answer = await fetch(target, { method: "POST", body: form, headers: { "X-Heying": "attach" } });
    if (answer.status === 200) problems = await answer.json();
    else if (!answer.ok) problems = [heying.words["not received"]];
  } catch {
    lost = true;
  } finally {
    heying.busy -= 1;
    waiting.remove();
    if (lost) heying.later(files, place.dataset.for);
    else heying.tell("attached", problems);
  }
};

// Photos that could not be handed in wait in the browser (a reload loses nothing) and go as soon as somebody answers.
heying.kept = (how, then) => new Promise((done, failed) => {
  const open = indexedDB.open("heying", 1);
  open.onupgradeneeded = () => open.result.createObjectStore("photos", { autoIncrement: true });
  open.onerror = failed;
  open.onsuccess = () => {
    const doing = open.result.transaction("photos", how), answer = then(doing.objectStore("photos"));
    doing.oncomplete = () => { open.result.close(); done(answer?.result); };
    doing.onerror = failed;
  };
});
heying.later = async (files, what = "") => {
  try {
    await heying.kept("readwrite", (photos) => { for (const file of files) photos.add({ file, what }); });
    heying.toast(heying.words["photos wait"]);
  } catch {
    heying.toast(heying.words["photos lost"]);
  }
  heying.showKept();
};
heying.showKept = async () => {
  const waiting = await heying.kept("readonly", (photos) => photos.getAll()).catch(() => []);
  heying.pick("hy-uploading")?.querySelectorAll(".kept").forEach((old) => old.remove());
  const here = heying.pick("hy-file")?.dataset.for || "";
  for (const { file, what } of waiting) {
    if (what !== here) continue;
    const thumb = document.createElement("div"), img = document.createElement("img");
    thumb.className = "hy-thumb kept";
    thumb.title = img.alt = heying.words.waiting;
    img.src = URL.createObjectURL(file);
    img.onload = () => URL.revokeObjectURL(img.src);
    img.onerror = () => img.replaceWith(file.name);  // HEIC: only the server can show it
    thumb.append(img);
    heying.pick("hy-uploading")?.append(thumb);
  }
  return waiting.filter(({ what }) => what === here);
};
heying.handIn = async () => {
  if (heying.handing || !heying.pick("hy-file") || !(await heying.showKept()).length) return;
  heying.handing = true;
  try {
    if (!(await fetch("/look/face.svg", { cache: "no-store" })).ok) return;  // is anybody there?
    const files = (await heying.showKept()).map(({ file }) => file);
    await heying.kept("readwrite", (photos) => photos.clear());
    await heying.attach(files);
  } catch { /* not yet */ } finally { heying.handing = false; heying.showKept(); }
};
addEventListener("online", heying.handIn);
setInterval(heying.handIn, 3000);

(() => {
  document.addEventListener("click", (click) => {
    if (click.target.closest("#hy-pick")) heying.pick("hy-file").click();
    if (click.target.closest("#hy-snap")) heying.pick("hy-camera").click();
  });
  document.addEventListener("change", (change) => {
    if (!["hy-file", "hy-camera"].includes(change.target.id)) return;
    heying.attach([...change.target.files]);
    change.target.value = "";
  });
  document.addEventListener("paste", (paste) => {
    const files = [...paste.clipboardData.files];
    if (files.length) { paste.preventDefault(); heying.attach(files); }
  });
  let depth = 0;
  const overlay = (on) => heying.pick("hy-drop")?.classList.toggle("on", on && !!heying.pick("hy-file"));
  const brings = (drag) => drag.dataTransfer?.types.includes("Files");  // and not a sticker that changes its place
  document.addEventListener("dragenter", (drag) => { if (brings(drag)) { drag.preventDefault(); depth += 1; overlay(true); } });
  document.addEventListener("dragover", (drag) => { if (brings(drag)) drag.preventDefault(); });
  document.addEventListener("dragleave", (drag) => { if (brings(drag)) { depth -= 1; if (depth <= 0) overlay(false); } });
  document.addEventListener("drop", (drop) => {
    if (!brings(drop)) return;
    drop.preventDefault();
    depth = 0;
    overlay(false);
    heying.attach([...drop.dataTransfer.files]);
  });
})();
