// What the chat does by itself: Enter to send, a draft that survives, staying at the end of the talk.
(() => {
  const { pick } = heying;
  let impatient = false, atEnd = true, met = false, waitingToSend = 0, at = 0;

  function send() {
    const box = pick("hy-text");
    if (window.socket && !window.socket.connected) {  // who is quicker than the first connection need not click again
      clearTimeout(waitingToSend);
      if (!met) waitingToSend = setTimeout(send, 100);
      else heying.toast(heying.words["not sent"]);
      return;
    }
    const waits = pick("hy-uploading").querySelector(".kept");
    impatient = heying.busy > 0 || !!waits;  // photos are still on their way, or are still to go: they belong to the sentence
    if (waits) heying.handIn();
    if (impatient) return;
    met = atEnd = true;
    heying.hush?.();
    heying.tell("say", box.value);
    box.value = "";
    localStorage.removeItem("hy-draft");
    grow();
  }

  // What could not be handed in stands where it was written.
  heying.giveBack = (said) => {
    const box = pick("hy-text");
    if (box.value) return;
    box.value = said;
    localStorage.setItem("hy-draft", said);
    grow();
  };

  function grow() {
    const box = pick("hy-text");
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }

  // The end of the talk; of an answer that is taller than the screen, its title.
  function end() {
    const talk = pick("main"), last = [...talk.querySelectorAll(".hy-row")].at(-1);
    const top = last.getBoundingClientRect().top - talk.getBoundingClientRect().top + talk.scrollTop - 12;
    return Math.min(talk.scrollHeight - talk.clientHeight, top);
  }

  function toEnd() {
    const talk = pick("main");
    if (!talk.querySelector(".hy-row")) return;  // the welcome is read from its top
    const goal = end();
    if (talk.scrollTop < goal) talk.scrollTop = goal;  // who has read on is not called back
  }

  function start() {
    const box = pick("hy-text"), talk = pick("main");
    box.value = localStorage.getItem("hy-draft") || "";
    grow();
    box.addEventListener("input", () => { grow(); localStorage.setItem("hy-draft", box.value); });
    // isComposing: the Enter that ends a pinyin input must not send the sentence.
    box.addEventListener("keydown", (key) => {
      if (key.key === "Enter" && !key.shiftKey && !key.isComposing) { key.preventDefault(); send(); }
    });
    pick("hy-send").addEventListener("click", send);
    pick("hy-app").addEventListener("attached", () => { if (!heying.busy && impatient) send(); });
    document.addEventListener("click", (click) => { if (click.target.closest(".hy-chip, .hy-step")) atEnd = true; }, true);
    talk.addEventListener("scroll", () => {  // it glides to the end: on the way there only who turns back leaves it
      atEnd = !talk.querySelector(".hy-row") || end() - talk.scrollTop < 120 || (atEnd && talk.scrollTop >= at);
      at = talk.scrollTop;
    });
    talk.addEventListener("load", () => { if (atEnd) toEnd(); }, true);  // a picture that arrives makes the talk longer
    new MutationObserver(() => { if (atEnd) toEnd(); }).observe(talk, { childList: true, subtree: true });
    new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(talk);
    const meeting = setInterval(() => { if (window.socket?.connected) { met = true; clearInterval(meeting); } }, 100);
    toEnd();
    if (matchMedia("(hover: hover)").matches) box.focus();
  }

  // The page is drawn by Vue after this script has loaded.
  const waiting = setInterval(() => { if (pick("hy-text")) { clearInterval(waiting); start(); } }, 30);
})();
