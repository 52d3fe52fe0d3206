// Files by button, drop and paste, wherever the page has a place for them (#hy-file): one request for all files of one
// gesture, so that an album stays an album and one refusal does not hide another.
const heying = { busy: 0, pick: (id) => document.getElementById(id) };
heying.tell = (name, value) => heying.pick("hy-app").dispatchEvent(new CustomEvent(name, { detail: value }));

heying.attach = async (files) => {
  const place = heying.pick("hy-file");
  if (!files.length || !place) return;
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name || "粘贴的图片.png");
  const waiting = document.createElement("div");
  waiting.className = "hy-thumb busy";
  waiting.textContent = "上传中";
  heying.pick("hy-uploading").append(waiting);
  heying.busy += 1;
  let problems = [];
  try {
    const target = place.dataset.for ? `/attach?for=${place.dataset.for}` : "/attach";
    const answer = await fetch(target, { method: "POST", body: form, headers: { "X-Heying": "attach" } });
    if (answer.status === 200) problems = await answer.json();
    else if (!answer.ok) problems = ["照片没有收到，请再发一次。"];
  } catch {
    problems = ["照片没有送到，请看看网络，再发一次。"];
  } finally {
    heying.busy -= 1;
    waiting.remove();
    heying.tell("attached", problems);
  }
};

(() => {
  document.addEventListener("click", (click) => { if (click.target.closest("#hy-pick")) heying.pick("hy-file").click(); });
  document.addEventListener("change", (change) => {
    if (change.target.id !== "hy-file") return;
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
