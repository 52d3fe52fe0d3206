"""The form that teaches somebody: photos, a name, what it is; for a person the card that must be agreed to first."""

import secrets
from collections.abc import Callable, Sequence

from nicegui import events

from bot import learning, replies
from bot.platforms.web import words
from bot.platforms.web.elements import VALUE, box, button, icon, notice, sheet, text
from bot.platforms.web.routes import NAME, tray
from bot.platforms.web.writes import written
from storage import HeyingError, Storage, chats, photos
from storage.concepts import Concept

DETAIL = "(event) => emit(event.detail)"


class Teach:
    """The form, in a dialog. With ``known`` it teaches that one again; ``begun`` is called once learning is queued."""

    def __init__(self, store: Storage, user: str, begun: Callable[[], object], known: Concept | None = None) -> None:
        self.store, self.user, self.begun = store, user, begun
        self.name, self.kind = (known.name, known.kind) if known else ("", "person")
        self.new = known is None
        self.again = known.references if known else ()

    async def clear(self) -> None:
        """Photos that were left from the last time do not wait any more."""
        await written(self.user, chats.prefer, self.store, self.user, "teach", None)

    def open(self) -> None:
        """Show it."""
        with sheet(words.TEACH_NEW if self.new else words.teach_again(self.name), "narrow") as self.dialog:
            self.form = box("hy-form")
            with self.form:
                self._photos()
                if self.new:
                    self._who()
                self.problem = text("p", "", "hy-problem", role="alert")
                with box("hy-buttons end"):
                    if self.again:
                        button(words.SAME_PHOTOS, lambda: self._begin(self.again))
                    button(words.BEGIN, self._begin_new, "hy-chip main", once=False)

    def attached(self, event: events.GenericEventArguments) -> None:
        """Photos have come, or could not be used."""
        self._tell("\n".join(map(str, event.args or ())))
        self._draw_photos()

    def _photos(self) -> None:
        text("p", words.photos_wanted(learning.LEAST, learning.MOST), "hy-soft")
        with box("hy-drop-place"):
            self.kept = box("hy-tray-kept")
            box("hy-tray-kept", id="hy-uploading")
            with box("hy-add", tag="button", id="hy-pick", type="button"):
                icon("plus")
                text("span", words.ADD_PHOTOS)
            file = {"type": "file", "accept": "image/*", "multiple": "", "hidden": "", "data_for": "teach"}
            box("", tag="input", id="hy-file", aria_label=words.ADD_PHOTOS, **file)

    def _draw_photos(self) -> None:
        self.kept.clear()
        with self.kept:
            for index, sha256 in enumerate(tray(self.store, self.user, "teach")):
                with box("hy-thumb"):
                    box("", tag="img", src=f"/photo/{sha256}?thumb", alt=words.number(index))
                    out = text("button", "✕", type="button", aria_label=words.take_out(index))
                    out.on("click", lambda _, sha=sha256: self._take_out(sha))

    async def _take_out(self, sha256: str) -> None:
        await written(self.user, tray, self.store, self.user, "teach", remove=sha256)
        self._draw_photos()

    def _who(self) -> None:
        with box("hy-field", tag="label"):
            text("span", words.NAME)
            name = box("", tag="input", type="text", maxlength="20", placeholder=words.NAME_HINT, autocomplete="off")
            name.on("input", lambda event: setattr(self, "name", str(event.args).strip()), js_handler=VALUE)
        with box("hy-segments wide", role="group", aria_label=words.KIND) as self.kinds:
            self._draw_kinds()

    def _draw_kinds(self) -> None:
        for kind, title in words.KINDS.items():
            choice = text("button", title, type="button")
            choice.props["aria-pressed"] = "true" if kind == self.kind else "false"
            choice.on("click", lambda _, kind=kind: self._choose(kind))

    def _choose(self, kind: str) -> None:
        self.kind = kind
        self.kinds.clear()
        with self.kinds:
            self._draw_kinds()

    async def _begin_new(self) -> None:
        await self._begin(tray(self.store, self.user, "teach"))

    async def _begin(self, references: Sequence[str]) -> None:
        """Learn from these, or say what is missing; a person is asked about first."""
        if not self.name:
            self._tell(words.NAME_MISSING)
        elif not learning.LEAST <= len(references) <= learning.MOST:
            self._tell(words.photos_have(len(references), learning.LEAST, learning.MOST))
        elif self.kind != "person":
            await self._learn(references)
        else:
            self._ask(references)

    def _ask(self, references: Sequence[str]) -> None:
        """Do they agree who is shown?"""
        self.form.clear()
        with self.form:
            text("p", replies.consent(self.name), "hy-consent", lang="zh-CN")
            if short := words.consent_in_short(self.name):
                text("p", short, "hy-soft")
            self.problem = text("p", "", "hy-problem", role="alert")
            with box("hy-buttons end"):
                button(words.REFUSE, self.dialog.close)
                button(words.AGREE_SELF, lambda: self._learn(references, replies.AGREE_SELF))
                button(words.AGREE, lambda: self._learn(references), "hy-chip main")

    async def _learn(self, references: Sequence[str], agreed: str = replies.AGREE) -> None:
        key = f"{NAME}:{secrets.token_hex(16)}"
        try:
            for reference in references:
                photos.get(self.store, reference, self.user)
            record = (self.user, self.user, self.name, self.kind, references)
            await written(self.user, learning.begin, self.store, key, *record, agreed=agreed)
        except HeyingError as error:
            self._tell(error.sentence)
            return
        await self.clear()
        notice(words.learning(self.name, len(references)))
        self.dialog.close()
        self.begun()

    def _tell(self, problem: str) -> None:
        self.problem.set_text(problem)
