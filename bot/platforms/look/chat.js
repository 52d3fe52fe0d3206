// What the page does by itself: files by button, drop and paste; Enter to send; staying at the end of the talk.
(() => {
  const pick = (id) => document.getElementById(id);
  const say = (name, value) => pick("hy-app").dispatchEvent(new CustomEvent(name, { detail: value }));
  let busy = 0, impatient = false, atEnd = true;

  // One request for all files of one gesture, so that an album stays an album and one refusal does not hide another.
  async function attach(files) {
    if (!files.length) return;
    const form = new FormData();
    for (const file of files) form.append("file", file, file.name || "粘贴的图片.png");
    const waiting = document.createElement("div");
    waiting.className = "hy-thumb busy";
    waiting.textContent = "上传中";
    pick("hy-uploading").append(waiting);
    busy += 1;
    try {
      await fetch("/attach", { method: "POST", body: form, headers: { "X-Heying": "attach" } });
    } finally {
      busy -= 1;
      waiting.remove();
      say("attached");
      if (!busy && impatient) send();
    }
  }

  function send() {
    const box = pick("hy-text");
    impatient = busy > 0;  // Enter while photos are still on their way: they belong to the sentence
    if (impatient || (window.socket && !window.socket.connected)) return;
    atEnd = true;
    say("say", box.value);
    box.value = "";
    localStorage.removeItem("hy-draft");
    grow();
  }

  function grow() {
    const box = pick("hy-text");
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }

  function toEnd() {
    const talk = pick("main");
    if (talk.querySelector(".hy-row")) talk.scrollTop = talk.scrollHeight;  // the welcome is read from its top
  }

  function start() {
    const box = pick("hy-text"), talk = pick("main"), input = pick("hy-file");
    box.value = localStorage.getItem("hy-draft") || "";
    grow();
    box.addEventListener("input", () => { grow(); localStorage.setItem("hy-draft", box.value); });
    // isComposing: the Enter that ends a pinyin input must not send the sentence.
    box.addEventListener("keydown", (key) => {
      if (key.key === "Enter" && !key.shiftKey && !key.isComposing) { key.preventDefault(); send(); }
    });
    pick("hy-send").addEventListener("click", send);
    document.addEventListener("click", (click) => { if (click.target.closest(".hy-chip")) atEnd = true; }, true);
    pick("hy-pick").addEventListener("click", () => input.click());
    input.addEventListener("change", () => { attach([...input.files]); input.value = ""; });
    document.addEventListener("paste", (paste) => {
      const files = [...paste.clipboardData.files];
      if (files.length) { paste.preventDefault(); attach(files); }
    });
    let depth = 0;
    const overlay = (on) => pick("hy-drop").classList.toggle("on", on);
    document.addEventListener("dragenter", (drag) => { drag.preventDefault(); depth += 1; overlay(true); });
    document.addEventListener("dragover", (drag) => drag.preventDefault());
    document.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) overlay(false); });
    document.addEventListener("drop", (drop) => {
      drop.preventDefault();
      depth = 0;
      overlay(false);
      attach([...drop.dataTransfer.files]);
    });
    talk.addEventListener("scroll", () => { atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 120; });
    talk.addEventListener("load", () => { if (atEnd) toEnd(); }, true);  // a picture that arrives makes the talk longer
    new MutationObserver(() => { if (atEnd) toEnd(); }).observe(talk, { childList: true, subtree: true });
    toEnd();
    if (matchMedia("(hover: hover)").matches) box.focus();
  }

  // The page is drawn by Vue after this script has loaded.
  const waiting = setInterval(() => { if (pick("hy-text")) { clearInterval(waiting); start(); } }, 30);
})();
