"""What one browser sees: the log of its chat, the work under way, the place to write. Drawn from the database alone.

Every page looks into the database a few times a second for what is new, so that several tabs, a refresh and a restarted
server all show the same.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import ui

from bot import inbox, learning, replies, samples
from bot.outbox import compose
from bot.platforms import Button, Incoming
from bot.platforms.web_elements import ONCE, box, icon, text
from bot.platforms.web_work import Work
from storage import HeyingError, Storage, chats, jobs, outbox, photos

FOLDER = Path(__file__).resolve().parent
LOOK_SECONDS = 0.35
SHOWN = 60  # messages that a page begins with
PAUSE = 600.0  # seconds of silence after which the time is shown


def tray(store: Storage, user: str, *, add: str = "", remove: str = "") -> list[str]:
    """The photos that wait to be sent with the next sentence."""
    with store.atomic():
        kept = [sha for sha in chats.preference(store, user, "tray", []) if sha not in (add, remove)]
        kept += [add] if add else []
        chats.prefer(store, user, "tray", kept or None)
        return kept


class Page:
    """One browser tab."""

    def __init__(self, store: Storage, user: str) -> None:
        self.store, self.user, self.chat = store, user, user
        self.shown = SHOWN
        self.last = 0  # id of the last message drawn
        self.last_at = 0.0
        self.working: dict[int, Work] = {}
        self.waiting: list[str] = []

    # --- the frame ----------------------------------------------------------------------------------------------------
    def draw(self) -> None:
        """Build the page and keep it up to date."""
        ui.add_head_html('<link rel="stylesheet" href="/look/chat.css"><script src="/look/chat.js" defer></script>')
        ui.add_head_html('<meta name="color-scheme" content="light dark">')
        self.dark = ui.dark_mode(chats.preference(self.store, self.user, "dark"))
        with box("hy-app", id="hy-app") as frame:
            self._head()
            with box("hy-talk", tag="main", id="hy-talk", aria_label="聊天记录", tabindex="-1"), box("hy-list"):
                self.earlier = text("button", replies.EARLIER, "hy-chip quiet hy-when", type="button")
                self.earlier.on("click", self._show_more)
                self.welcome = box("hy-welcome")
                self.talk = box("hy-list", role="log", aria_live="polite")
                self.works = box("hy-list")
            self._foot()
        frame.on("say", lambda event: self._say(str(event.args or "")), args=["detail"], js_handler=_DETAIL)
        frame.on("attached", lambda: self.look())
        text("div", replies.DROP_HERE, "hy-drop", id="hy-drop", aria_hidden="true")
        with self.welcome:
            self._greet()
        self.look()
        ui.timer(LOOK_SECONDS, self.look)

    def _head(self) -> None:
        with box("hy-head", tag="header"):
            box("hy-face", tag="img", src="/look/face.svg", alt="")
            with box(""):
                text("h1", replies.TITLE)
                text("p", replies.SUBTITLE)
            box("hy-space")
            self._round("sample", replies.SAMPLES, self._sheet)
            self._round("people", replies.CONCEPTS, lambda: self._say(replies.CONCEPTS))
            self._round("help", replies.HELP, lambda: self._say(replies.HELP))
            self._round("dark", replies.DARK, self._toggle_dark)

    def _round(self, name: str, label: str, pressed: Callable[..., Any]) -> None:
        button = box("hy-round", tag="button", type="button", title=label, aria_label=label)
        button.on("click", pressed)
        with button:
            icon(name)

    def _foot(self) -> None:
        with box("hy-foot", tag="footer"):
            with box("hy-tray"):
                self.thumbs = box("hy-tray-kept")
                box("hy-tray-kept", id="hy-uploading")
            with box("hy-compose"):
                with box("hy-round", tag="button", id="hy-pick", type="button", aria_label=replies.PICK):
                    icon("photo")
                box("", tag="input", id="hy-file", type="file", accept="image/*", multiple="", hidden="")
                hint = {"rows": "1", "maxlength": "2000", "placeholder": replies.PLACEHOLDER}
                box("", tag="textarea", id="hy-text", aria_label=replies.PLACEHOLDER, **hint)
                with box("hy-send", tag="button", id="hy-send", type="button", aria_label=replies.SEND):
                    icon("send")
            text("p", replies.LOCAL_NOTE, "hy-note")

    def _greet(self) -> None:
        box("hy-face", tag="img", src="/look/face.svg", alt="")
        text("h2", replies.GREETING)
        text("p", replies.GREETING_HINT)
        self._samples()

    def _samples(self, then: Callable[[], object] = lambda: None) -> None:
        with box("hy-samples"):
            for sample in samples.load():
                with box("hy-sample"):
                    with box("hy-photos" + (" grid" if len(sample.files) > 1 else "")):
                        for file in sample.files[:4]:
                            box("", tag="img", src=f"/samples/{file}", alt=sample.title, loading="lazy")
                    with box("hy-say"):
                        text("strong", sample.title)
                        for sentence in sample.sentences:
                            chip = text("button", sentence, "hy-chip", type="button")
                            chip.on("click", partial(self._try, sample, sentence, then), **ONCE)

    def _sheet(self) -> None:
        with ui.dialog() as sheet, box("hy-sheet"):
            text("h2", replies.SAMPLES)
            self._samples(then=sheet.close)
        sheet.on("hide", sheet.delete)
        sheet.open()

    async def _toggle_dark(self) -> None:
        self.dark.value = not await ui.run_javascript("Quasar.Dark.isActive")
        chats.prefer(self.store, self.user, "dark", self.dark.value)

    # --- what the user does -------------------------------------------------------------------------------------------
    def _say(self, said: str, action: str = "", sent: Sequence[str] | None = None) -> None:
        """Hand a message in, with what waits in the tray."""
        with self.store.atomic():
            waiting = tray(self.store, self.user) if sent is None and not action else list(sent or ())
            told = Incoming(
                "web", secrets.token_hex(16), self.chat, self.user, said, photos=tuple(waiting), action=action
            )
            inbox.receive(self.store, told)
            if sent is None and not action:
                chats.prefer(self.store, self.user, "tray", None)
        self.look()

    def _try(self, sample: samples.Sample, sentence: str, then: Callable[[], object]) -> None:
        then()
        kept = [photos.put(self.store, data, self.user).sha256 for data in sample.read()]
        self._say(sentence, sent=kept)

    def _take_out(self, sha256: str) -> None:
        tray(self.store, self.user, remove=sha256)
        self.look()

    def _show_more(self) -> None:
        self.shown += SHOWN
        self._begin_anew()

    # --- what is new --------------------------------------------------------------------------------------------------
    def look(self) -> None:
        """Draw what has changed since the last look."""
        new = outbox.messages(self.store, self.chat, after=max(0, self.last - 1), limit=self.shown)
        if self.last and (not new or new[0].id > self.last) and not any(m.id == self.last for m in new):
            return self._begin_anew()  # the log was wiped: 删除我的所有数据
        with self.talk:
            for message in new:
                if message.id > self.last:
                    self._message(message)
        if self.last == 0 or new:
            self.earlier.set_visibility(len(self.talk.default_slot.children) >= self.shown)
            self.welcome.set_visibility(not self.last)
        self._look_at_work()
        self._look_at_tray()
        return None

    def _begin_anew(self) -> None:
        self.talk.clear()
        self.last, self.last_at = 0, 0.0
        self.look()

    def _look_at_work(self) -> None:
        open_jobs = jobs.open_of(self.store, self.user, self.chat)
        for id in set(self.working) - {job.id for job in open_jobs}:
            self.working.pop(id).card.delete()
        for job in open_jobs:
            if job.id not in self.working:
                with self.works:
                    self.working[job.id] = Work(learning.describe(self.store, job), job.id, self._say)
            self.working[job.id].show(self.store, job)

    def _look_at_tray(self) -> None:
        waiting = chats.preference(self.store, self.user, "tray", [])
        if waiting == self.waiting:
            return
        self.waiting = waiting
        self.thumbs.clear()
        with self.thumbs:
            for sha256 in waiting:
                with box("hy-thumb"):
                    box("", tag="img", src=f"/photo/{sha256}?preview", alt=replies.WAITING_PHOTO)
                    out = text("button", "✕", type="button", aria_label=replies.TAKE_OUT)
                    out.on("click", lambda _, sha=sha256: self._take_out(sha))

    # --- one message --------------------------------------------------------------------------------------------------
    def _message(self, message: outbox.Message) -> None:
        if message.at - self.last_at > PAUSE:
            text("div", _clock(message.at), "hy-when")
        self.last, self.last_at = message.id, message.at
        mine = message.author == "user"
        with box("hy-row mine" if mine else "hy-row"):
            if not mine:
                box("hy-face", tag="img", src="/look/face.svg", alt=replies.TITLE)
            with box("hy-stack"):
                if mine:
                    self._album(message.photos)
                    words = message.text or ("" if message.photos else replies.SENT_FILE if message.data else " ")
                    if words:
                        text("div", words, "hy-bubble")
                else:
                    self._answer(message)

    def _answer(self, message: outbox.Message) -> None:
        out = compose(self.store, message)
        if out.original and out.images:
            with box("hy-card"):
                text("div", out.text, "hy-words")
                with box("hy-pair"):
                    for sha256, caption, look in (
                        (out.original, replies.BEFORE, "before"),
                        (out.images[0], replies.AFTER, "after"),
                    ):
                        with box(look, tag="figure"):
                            self._picture(sha256, caption)
                            text("figcaption", caption)
        else:
            if out.text:
                text("div", out.text, "hy-bubble")
            self._album(out.images or out.stickers or ((out.original,) if out.original else ()))
        if out.buttons:
            with box("hy-buttons"):
                for button in out.buttons:
                    self._button(button)

    def _button(self, button: Button) -> None:
        chip = text("button", button.label, "hy-chip main" if button.main else "hy-chip", type="button")
        chip.on("click", lambda: self._say(button.label, button.action), **ONCE)

    def _album(self, album: Sequence[str]) -> None:
        if album:
            with box("hy-album many" if len(album) > 1 else "hy-album"):
                for index, sha256 in enumerate(album):
                    self._picture(sha256, replies.photo_number(index))

    def _picture(self, sha256: str, alt: str) -> None:
        try:
            width, height = photos.size(self.store, sha256)
        except HeyingError:
            text("div", replies.EXPIRED, "hy-bubble")
            return
        with box("hy-shot", tag="button", type="button", aria_label=f"{alt}，点开看大图").on(
            "click", lambda: self._enlarge(sha256, alt)
        ):
            size = {"width": str(width), "height": str(height)}
            box("", tag="img", src=f"/photo/{sha256}?preview", alt=alt, loading="lazy", **size)

    def _enlarge(self, sha256: str, alt: str) -> None:
        with ui.dialog().props("maximized") as large, box("hy-large").on("click", large.close):
            box("", tag="img", src=f"/photo/{sha256}", alt=alt)
            with box("hy-buttons"):
                text("a", replies.DOWNLOAD, "hy-chip", href=f"/photo/{sha256}?download", download="")
                text("button", replies.CLOSE, "hy-chip", type="button")
        large.on("hide", large.delete)
        large.open()


def _clock(at: float) -> str:
    then, today = time.localtime(at), time.localtime()
    same_day = then[:3] == today[:3]
    return time.strftime("%H:%M" if same_day else "%m月%d日 %H:%M", then)


_DETAIL = "(event) => emit(event.detail)"
