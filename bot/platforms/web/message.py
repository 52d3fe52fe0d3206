"""One message of the log: words, pictures, a result with its slider, stickers, buttons."""

from collections.abc import Callable, Sequence

from nicegui import ui

from bot import learning
from bot.outbox import compose
from bot.platforms import Button, Outgoing
from bot.platforms.web import marks, pointing, words
from bot.platforms.web.asking import Questions
from bot.platforms.web.compare import Compare
from bot.platforms.web.elements import ONCE, box, button, icon, text
from bot.platforms.web.large import enlarge
from lettering.moving import moves
from storage import HeyingError, Storage, jobs, outbox, photos
from storage.requests import EditRequest

CHOOSING = ("photo:", "pick:")  # what buttons that choose one of several photos do
TALLEST = 340  # pixels of a picture in the log, as chat.css says
BOT = "zh-CN"  # what the bot speaks, whatever the page does
Say = Callable[[str, str], object]  # what is said, and the action of the button that says it


class Drawn:
    """Draws messages at the end of the log. ``say`` hands in what a button says; ``pointed`` is called when somebody
    taps in a picture."""

    def __init__(self, store: Storage, chat: str, user: str, say: Say, pointed: Callable[[], object]) -> None:
        self.store, self.chat, self.user, self.say, self.pointed = store, chat, user, say, pointed
        self.questions = Questions(store, chat, user)

    def show(self, message: outbox.Message) -> None:
        """One message."""
        mine = message.author == "user"
        with box("hy-row mine" if mine else "hy-row"):
            if not mine:
                box("hy-face", tag="img", src="/look/face.svg", alt=words.TITLE)
            with box("hy-stack"):
                if mine:
                    self._mine(message)
                else:
                    self._answer(message)

    def _mine(self, message: outbox.Message) -> None:
        self.questions.pressed(str(message.data.get("action", "")))
        self._album(message.photos)
        photo = next(iter(message.photos or message.data.get("replied", ())), "")
        if {"points", "regions"} & set(message.data) and photo and _there(self.store, photo):
            pointing.preview(self.store, self.chat, self.user, marks.of_message(self.store, photo, message.data))
        said = message.text or ("" if message.photos else words.SENT_FILE if message.data else " ")
        if said:
            text("div", said, "hy-bubble")

    def _answer(self, message: outbox.Message) -> None:
        out = compose(self.store, message)
        if out.original and out.images and _there(self.store, out.original, *out.images):
            self._result(message.job, out)
        else:
            if out.text:
                with box("hy-bubble"):
                    self._quote(message, out)
                    text("span", out.text, lang=BOT)
            if out.wanted == "archive":
                with box("hy-chip main", tag="a", href="/mine", download=""):
                    text("span", words.TAKE_MY_DATA)
            if out.stickers:
                self._stickers(out.stickers)
                if out.pack is not None:
                    with box("hy-chip", tag="a", href=f"/stickers?pack={out.pack}"):
                        icon("sticker")
                        text("span", words.OPEN_STUDIO)
            shown = out.images or ((out.original,) if out.original and not out.stickers else ())
            self._album(shown, out.buttons, out.numbers)
        # which of several pictures it shall be, is chosen right at the pictures
        buttons = [button for button in out.buttons if not button.action.startswith("take:") or not out.original]
        if len(out.numbers) == len(out.images):
            done = {f"pick:{out.job}:{number - 1}" for number in out.numbers}
            buttons = [button for button in buttons if button.action not in done]
        if buttons:
            with box("hy-buttons"):
                chips = [self._chip(button) for button in buttons]
            self.questions.add(out.job, buttons, chips)

    def _quote(self, message: outbox.Message, out: Outgoing) -> None:
        """The photo that is spoken of, where a job ended without a picture: which one may not be clear otherwise."""
        if message.job is None or out.images or out.original or out.stickers:
            return
        request = jobs.get(self.store, message.job).request
        if isinstance(request, EditRequest) and request.photo and _there(self.store, request.photo):
            box("hy-quoted", tag="img", src=f"/photo/{request.photo}?thumb", alt=words.THIS_PHOTO)

    def _chip(self, said: Button) -> ui.element:
        chip = text("button", said.label, "hy-chip main" if said.main else "hy-chip", type="button", lang=BOT)
        return chip.on("click", lambda: self.say(said.label, said.action), **ONCE)

    def _result(self, job: int | None, out: Outgoing) -> None:
        what = learning.describe(self.store, jobs.get(self.store, job)) if job is not None else out.text
        assert out.original is not None
        with box("hy-card"):
            text("div", out.text, "hy-words", lang=BOT)
            Compare(
                self.store,
                what,
                out.original,
                out.images,
                lambda sha256: self._below(sha256, words.result_of(what)),
                lambda index: self.say(words.TAKE, f"take:{job}:{index}"),
            )

    def _below(self, sha256: str, what: str) -> None:
        """What can be done with a picture, as buttons below it."""
        self._opener(sha256, what)
        button(words.ENLARGE, lambda: self._enlarge(sha256, what), "hy-small", "enlarge")

    def _opener(self, sha256: str, what: str) -> None:
        pointing.opener(self.store, self.chat, self.user, sha256, what, self.pointed)

    def _enlarge(self, sha256: str, alt: str) -> None:
        enlarge(sha256, alt, lambda: pointing.Dialog(self.store, self.chat, self.user, sha256, self.pointed))

    def _stickers(self, stickers: Sequence[str]) -> None:
        with box("hy-pack"):
            for index, sha256 in enumerate(stickers):
                self._picture(sha256, words.sticker(index, ""), sticker=True)

    def _album(self, album: Sequence[str], buttons: Sequence[Button] = (), numbers: Sequence[int] = ()) -> None:
        """Pictures, numbered where they are several; a tap on one chooses it where a button does."""
        if album:
            answers = {
                button.action.rpartition(":")[2]: button for button in buttons if button.action.startswith(CHOOSING)
            }
            with box("hy-album many" if len(album) > 1 or numbers else "hy-album"):
                for number, sha256 in zip(numbers or range(1, len(album) + 1), album, strict=False):
                    self._picture(sha256, words.number(number - 1), answer=answers.get(str(number - 1)), number=number)
            if len(album) == 1 and _there(self.store, *album):
                with box("hy-under"):
                    self._opener(album[0], words.THIS_PHOTO)

    def _picture(
        self, sha256: str, alt: str, sticker: bool = False, answer: Button | None = None, number: int = 0
    ) -> None:
        if not _there(self.store, sha256):
            text("div", words.EXPIRED, "hy-bubble")
            return
        width, height = photos.size(self.store, sha256)
        shot = box("hy-shot", tag="button", type="button", aria_label=words.enlarge(alt), data_number=str(number))

        def pressed() -> object:
            if answer is not None and (answer.action.startswith("pick:") or self.questions.asks(answer.action)):
                return self.say(answer.label, answer.action)
            if sticker:
                enlarge(sha256, alt, copied=not moves(photos.read(self.store, sha256, self.user)))
            else:
                self._enlarge(sha256, alt)
            return None

        with shot.on("click", pressed, **ONCE):
            share = min(1.0, TALLEST / height)  # a size of its own proportions: no bars beside a tall one
            size = {"width": str(max(1, round(width * share))), "height": str(max(1, round(height * share)))}
            which = "thumb" if sticker else "preview"
            box("", tag="img", src=f"/photo/{sha256}?{which}", alt=alt, loading="lazy", **size)


def _there(store: Storage, *pictures: str) -> bool:
    """Whether all of them are still kept."""
    try:
        return all(photos.size(store, sha256) for sha256 in pictures)
    except HeyingError:
        return False
