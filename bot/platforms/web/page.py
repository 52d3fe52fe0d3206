"""The chat: the log of one browser's talk, the work under way, the place to write. Drawn from the database alone.

Every page looks into the database a few times a second for what is new, so that several tabs, a refresh and a restarted
server all show the same.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from nicegui import ui

from bot import ideas, inbox, learning, replies, samples
from bot.platforms import Incoming
from bot.platforms.web import marks, pointing, talks, words
from bot.platforms.web.elements import ONCE, box, button, icon, notice, round_button, sheet, text
from bot.platforms.web.frame import Frame
from bot.platforms.web.history import History
from bot.platforms.web.message import BOT, Drawn
from bot.platforms.web.routes import tray
from bot.platforms.web.work import Work
from bot.platforms.web.writes import taken_in, written
from storage import Storage, StorageError, chats, departures, jobs, looks, outbox, rooms

LOOK_SECONDS = 0.35
LAID_OUT = {1: "", 3: " three"}  # pictures of a sample, by their number
CARDS = 3  # of work under way; what else waits is counted
SHOWN = 60  # messages that a page begins with
PAUSE = 600.0  # seconds of silence after which the time is shown


def tell(
    store: Storage,
    user: str,
    said: str,
    action: str = "",
    sent: Sequence[str] = (),
    meant: marks.Pointed | None = None,
    chat: str = "",
) -> None:
    """Hand in what somebody says or presses on a page, and what they pointed at; the answer comes in the chat."""
    incoming = Incoming("web", secrets.token_hex(16), chat or user, user, said, photos=tuple(sent), action=action)
    if meant is not None and meant.steps:
        replied = () if sent else (meant.photo,)
        incoming = replace(incoming, points=meant.points, regions=meant.regions, replied=replied)
    inbox.receive(store, incoming)


class Page:
    """One browser tab with the chat."""

    def __init__(self, store: Storage, user: str) -> None:
        self.number = talks.open_number()
        self.store, self.user, self.chat = store, user, rooms.further(user, self.number)
        self.shown = SHOWN
        self.last = 0  # id of the last message drawn
        self.last_at = 0.0
        self.working: dict[int, Work] = {}
        self.waiting: list[str] = []
        self.fitting = ""  # the photo in the tray for which something is offered
        self.meant = marks.Pointed()
        self.drawn = Drawn(store, self.chat, user, self._press, self._pointed)

    # --- the frame ----------------------------------------------------------------------------------------------------
    def draw(self) -> None:
        """Build the page and keep it up to date."""
        styles, own = (
            ("chat.css", "compare.css", "point.css"),
            ("attach.js", "chat.js", "compare.js", "point.js", "pictures.js", "voice.js"),
        )
        frame = Frame(self.store, self.user)
        with frame.draw("/", words.TITLE, *styles, *own, help=lambda: self._press(replies.HELP, "say")) as root:
            self.talks = talks.Talks(self.store, self.user, self.number)
            with box("hy-talk", tag="main", id="main", aria_label=words.LOG, tabindex="-1"), box("hy-list"):
                text("h1", words.LOG, "hy-hidden")
                self.earlier = text("button", words.EARLIER, "hy-chip quiet hy-when", type="button")
                self.earlier.on("click", self._show_more)
                self.welcome = box("hy-welcome")
                self.turn = box("hy-list", role="log", aria_live="polite", aria_label=words.LOG)
                self.works = box("hy-list")
                self.rest = text("p", "", "hy-when", role="status")
            self._foot()
        root.on("say", lambda event: self._say(str(event.args or "")), args=["detail"], js_handler=DETAIL)
        root.on("attached", lambda event: self._attached(event.args), args=["detail"], js_handler=DETAIL)
        text("div", words.DROP_HERE, "hy-drop", id="hy-drop", aria_hidden="true")
        with self.welcome:
            self._greet()
        self.look()
        ui.timer(LOOK_SECONDS, self.look)

    def _foot(self) -> None:
        with box("hy-foot", tag="footer"):
            self.history = History(self.store, self.user, self.chat, self._press)
            self.meaning = box("hy-meaning")
            with box("hy-tray"):
                self.thumbs = box("hy-tray-kept")
                box("hy-tray-kept", id="hy-uploading")
                self.offers = box("hy-buttons hy-offers")
            with box("hy-compose"):
                with box(
                    "hy-round", tag="button", id="hy-pick", type="button", title=words.PICK, aria_label=words.PICK
                ):
                    icon("photo")
                camera = {"type": "button", "title": words.TAKE_PHOTO, "aria_label": words.TAKE_PHOTO}
                with box("hy-round", tag="button", id="hy-snap", **camera):
                    icon("camera")
                round_button("sample", words.SAMPLES, self._sheet).classes("hy-try-samples")
                file = {"type": "file", "accept": "image/*", "hidden": ""}
                box(
                    "",
                    tag="input",
                    id="hy-file",
                    data_chat=str(self.number),
                    multiple="",
                    aria_label=words.PICK,
                    **file,
                )
                box("", tag="input", id="hy-camera", capture="environment", aria_label=words.TAKE_PHOTO, **file)
                hint = {"rows": "1", "maxlength": "2000", "placeholder": words.PLACEHOLDER}
                self.field = box("", tag="textarea", id="hy-text", aria_label=words.PLACEHOLDER, **hint)
                voice = {"type": "button", "title": words.SPEAK, "aria_label": words.SPEAK, "hidden": ""}
                with box("hy-round", tag="button", id="hy-voice", data_listening=words.LISTENING, **voice):
                    icon("voice")
                send = {"type": "button", "title": words.SEND, "aria_label": words.SEND}
                with box("hy-send", tag="button", id="hy-send", **send):
                    icon("send")
            if words.SPEAKS:
                text("p", words.SPEAKS, "hy-note hy-speaks")
            outside = departures.outside(self.store)
            text("p", words.OUTSIDE_NOTE if outside else words.LOCAL_NOTE, "hy-note")

    def _greet(self) -> None:
        box("hy-face", tag="img", src="/look/face.svg", alt="")
        text("h2", words.GREETING)
        text("p", words.GREETING_HINT)
        self._samples()

    def _samples(self, then: Callable[[], object] = lambda: None) -> None:
        known = samples.load()
        for title, some in (
            (words.REAL, [s for s in known if s.real]),
            (words.DRAWN, [s for s in known if not s.real]),
        ):
            if some:
                text("h3", title)
                self._cards(some, then)

    def _cards(self, some: Sequence[samples.Sample], then: Callable[[], object]) -> None:
        with box("hy-samples"):
            for sample in some:
                with box("hy-sample real" if sample.real else "hy-sample"):
                    with box("hy-photos" + LAID_OUT.get(len(sample.files), " grid")):
                        for file in sample.files[:4]:
                            box("", tag="img", src=f"/samples/{file}", alt=sample.title, loading="lazy")
                    with box("hy-say"):
                        text("strong", sample.title)
                        if sample.credit:
                            text("small", words.credit(sample.credit), "hy-credit")
                        for sentence in sample.sentences:
                            chip = text("button", sentence, "hy-chip", type="button")
                            chip.on("click", partial(self._try, sample, sentence, then), **ONCE)

    def _sheet(self) -> None:
        with sheet(words.SAMPLES) as dialog:
            self._samples(then=dialog.close)

    # --- what the user does -------------------------------------------------------------------------------------------
    async def _say(self, said: str) -> None:
        """Hand a message in, with what waits in the tray; where that cannot be, nobody has to write it again."""

        def commit() -> None:
            with self.store.atomic():
                tell(
                    self.store,
                    self.user,
                    said,
                    sent=tray(self.store, self.user),
                    meant=self._meant(said),
                    chat=self.chat,
                )
                chats.prefer(self.store, self.user, "tray", None)

        try:
            await written(self.user, commit)
        except StorageError:
            ui.run_javascript(f"heying.giveBack({json.dumps(said)})")
            raise
        self.look()

    def _meant(self, said: str) -> marks.Pointed:
        """What was pointed at for a sentence, and is used up by it. Photos without a sentence leave it; other photos than the
        one that was tapped put it aside."""
        meant, sent = marks.pointed(self.store, self.user), tray(self.store, self.user)
        if not meant.steps or not said.strip():
            return marks.Pointed()
        marks.keep(self.store, self.user, marks.Pointed())
        if sent:
            return meant if sent == [meant.photo] else marks.Pointed()
        _discussed(self.store, self.chat, self.user, meant.photo)
        return meant

    def _point(self, sha256: str) -> None:
        pointing.Dialog(self.store, self.chat, self.user, sha256, self._pointed)

    def _pointed(self) -> None:
        """Something was pointed at, or those pointed at are known now."""
        self.meant = marks.Pointed(photo="?")
        self.look()

    def _attached(self, problems: object) -> None:
        """Files have arrived, or it is said why they have not."""
        for problem in problems if isinstance(problems, list) else ():
            notice(str(problem), wrong=True)
        self.look()

    async def _press(self, said: str, action: str) -> None:
        await written(self.user, tell, self.store, self.user, said, action, chat=self.chat)
        self.look()

    async def _try(self, sample: samples.Sample, sentence: str, then: Callable[[], object]) -> None:
        then()
        kept = [(await taken_in(self.store, data, self.user)).sha256 for data in sample.read()]
        await written(self.user, tell, self.store, self.user, sentence, sent=kept, chat=self.chat)
        self.look()

    async def _take_out(self, sha256: str) -> None:
        await written(self.user, tray, self.store, self.user, remove=sha256)
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
        with self.turn:
            for message in new:
                if message.id > self.last:
                    self._message(message)
        if self.last == 0 or new:
            self.earlier.set_visibility(len(self.turn.default_slot.children) >= self.shown)
            self.welcome.set_visibility(not self.last)
        self._look_at_work()
        self._look_at_tray()
        self._look_at_points()
        self._look_at_offers()
        self.drawn.questions.look()
        self.talks.look()
        self.history.look()
        return None

    def _begin_anew(self) -> None:
        self.turn.clear()
        self.drawn.questions.forget()
        self.last, self.last_at = 0, 0.0
        self.look()

    def _message(self, message: outbox.Message) -> None:
        if message.at - self.last_at > PAUSE:
            text("div", words.clock(message.at), "hy-when")
        self.last, self.last_at = message.id, message.at
        self.drawn.show(message)

    def _look_at_work(self) -> None:
        every = jobs.open_work(self.store, self.user, self.chat)
        open_jobs = sorted(every, key=lambda job: (job.state != "running", job.id))[:CARDS]
        self.rest.set_text(words.more_waiting(len(every) - len(open_jobs)))
        self.rest.set_visibility(len(every) > len(open_jobs))
        for id in set(self.working) - {job.id for job in open_jobs}:
            self.working.pop(id).card.delete()
        for job in open_jobs:
            if job.id not in self.working:
                with self.works:
                    self.working[job.id] = Work(learning.describe(self.store, job), job, self._press)
            self.working[job.id].show(self.store, job)

    def _look_at_points(self) -> None:
        meant = marks.pointed(self.store, self.user)
        if meant == self.meant:
            return
        self.meant = meant
        self.meaning.clear()
        hint = words.POINT_SAY if meant.steps else words.PLACEHOLDER
        self.field.props["placeholder"] = hint
        self.field.update()
        if not meant.steps:
            return
        known = pointing.persons(self.store, self.chat, self.user, meant.photo)
        with self.meaning:
            pointing.preview(self.store, self.chat, self.user, meant)
            with box("hy-says"):
                text("b", pointing.summary(pointing.meaning(meant, known)))
                text("small", words.POINT_NEXT)
            button(words.POINT_AGAIN, lambda: self._point(meant.photo))
            round_button("close", words.POINT_NONE, self._point_at_nobody)

    async def _point_at_nobody(self) -> None:
        await written(self.user, marks.keep, self.store, self.user, marks.Pointed())
        self.look()

    def _look_at_tray(self) -> None:
        waiting = chats.preference(self.store, self.user, "tray", [])
        if waiting == self.waiting:
            return
        self.waiting = waiting
        self.thumbs.clear()
        with self.thumbs:
            for sha256 in waiting:
                with box("hy-thumb"):
                    shot = box("hy-thumb-shot", tag="button", type="button", title=words.POINT)
                    shot.props["aria-label"] = words.point_in(words.WAITING_PHOTO)
                    shot.on("click", lambda _, sha=sha256: self._point(sha), **ONCE)
                    with shot:
                        box("", tag="img", src=f"/photo/{sha256}?thumb", alt="")
                    out = text("button", "✕", "hy-out", type="button", aria_label=words.TAKE_OUT)
                    out.on("click", lambda _, sha=sha256: self._take_out(sha))

    def _look_at_offers(self) -> None:
        """What fits the one photo in the tray, as soon as it has been looked at."""
        photo = self.waiting[0] if len(self.waiting) == 1 and not self.meant.steps else ""
        if photo and photo != self.fitting and looks.facts(self.store, photo, self.user) is None:
            photo = ""
        if photo == self.fitting:
            return
        self.fitting = photo
        self.offers.clear()
        if photo:
            with self.offers:
                for idea in ideas.for_photo(self.store, self.chat, self.user, photo):
                    chip = text("button", idea.label, "hy-chip", type="button", lang=BOT)
                    chip.on("click", partial(self._say, idea.label), **ONCE)


def _discussed(store: Storage, chat: str, user: str, photo: str) -> None:
    """Go to a picture of the history, so that what is said of it keeps what came before."""
    here = chats.under_discussion(store, chat, user)
    if here is None or here.photo != photo:
        found = next((one for one in reversed(chats.history(store, chat, user)) if one.photo == photo), None)
        if found is not None:
            chats.go(store, chat, user, found.id)


DETAIL = "(event) => emit(event.detail)"
