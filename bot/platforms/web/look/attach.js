// Files by button, drop and paste, wherever the page has a place for them (#hy-file): one request for all files of one
// gesture, so that an album stays an album and one refusal does not hide another.
heying.attach = async (files) => {
  const place = heying.pick("hy-file")?.dataset;
  if (!files.length || !place) return;
  try {
    const problems = await heying.upload(files, place);
    heying.tell("attached", problems);
  } catch {
    heying.later(files, place.for);
  }
};

// What is wrong with the files, once the server has them. Throws when nobody answers, or a proxy that nobody is behind.
heying.upload = async (files, place) => {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name || heying.words.pasted);
  const waiting = document.createElement("div");
  waiting.className = "hy-thumb busy";
  waiting.textContent = heying.words.uploading;
  heying.pick("hy-uploading").append(waiting);
  heying.busy += 1;
  try {
    const target = place.for ? `/attach?for=${place.for}` : `/attach?chat=${place.chat}`;
    const answer = await fetch(target, { method: "POST", body: form, headers: { "X-Heying": "attach" } });
    if ([502, 503, 504].includes(answer.status)) throw new Error(answer.statusText);
    if (answer.status === 200) return await answer.json();
    return answer.ok ? [] : [heying.words["not received"]];
  } finally {
    heying.busy -= 1;
    waiting.remove();
  }
};

// Photos that could not be handed in wait in the browser and go as soon as somebody answers. Each leaves when the server
// has it, so that a page that goes in between loses nothing; one that is sent twice is the same photo there.
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
heying.waiting = async () => {  // what waits for this place, by its key
  const here = heying.pick("hy-file")?.dataset.for || "", found = new Map();
  await heying.kept("readonly", (photos) => {
    photos.openCursor().onsuccess = ({ target: { result: at } }) => {
      if (!at) return;
      if (at.value.what === here) found.set(at.key, at.value.file);
      at.continue();
    };
  }).catch(() => {});
  return found;
};
heying.showKept = async () => {
  const waiting = await heying.waiting();
  heying.pick("hy-uploading")?.querySelectorAll(".kept").forEach((old) => old.remove());
  for (const file of waiting.values()) {
    const thumb = document.createElement("div"), img = document.createElement("img");
    thumb.className = "hy-thumb kept";
    thumb.title = img.alt = heying.words.waiting;
    img.src = URL.createObjectURL(file);
    img.onload = () => URL.revokeObjectURL(img.src);
    img.onerror = () => img.replaceWith(file.name);  // HEIC: only the server can show it
    thumb.append(img);
    heying.pick("hy-uploading")?.append(thumb);
  }
  return waiting;
};
heying.handIn = async () => {
  if (heying.handing || !heying.pick("hy-file") || !(await heying.showKept()).size) return;
  heying.handing = true;
  try {
    if (!(await fetch("/look/face.svg", { cache: "no-store" })).ok) return;  // is anybody there?
    const place = { ...heying.pick("hy-file").dataset }, problems = [];
    for (const [key, file] of await heying.waiting()) {
      problems.push(...await heying.upload([file], place));
      await heying.kept("readwrite", (photos) => photos.delete(key));
      await heying.showKept();
    }
    heying.tell("attached", problems);
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
