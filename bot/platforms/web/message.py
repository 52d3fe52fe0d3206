"""One message of the log: words, pictures, a result with its slider, stickers, buttons."""

from collections.abc import Callable, Sequence

from bot import learning, replies
from bot.outbox import compose
from bot.platforms import Outgoing
from bot.platforms.web import words
from bot.platforms.web.compare import Compare, enlarge
from bot.platforms.web.elements import ONCE, box, icon, text
from storage import HeyingError, Storage, jobs, outbox, photos

Say = Callable[[str, str], object]  # what is said, and the action of the button that says it


def show(store: Storage, message: outbox.Message, say: Say) -> None:
    """Draw a message at the end of the log."""
    mine = message.author == "user"
    with box("hy-row mine" if mine else "hy-row"):
        if not mine:
            box("hy-face", tag="img", src="/look/face.svg", alt=replies.TITLE)
        with box("hy-stack"):
            if mine:
                _album(store, message.photos)
                said = message.text or ("" if message.photos else words.SENT_FILE if message.data else " ")
                if said:
                    text("div", said, "hy-bubble")
            else:
                _answer(store, message, say)


def _answer(store: Storage, message: outbox.Message, say: Say) -> None:
    out = compose(store, message)
    if out.original and out.images and _there(store, out.original, *out.images):
        _result(store, message.job, out, say)
    else:
        if out.text:
            text("div", out.text, "hy-bubble")
        if out.stickers:
            _stickers(store, out.stickers)
            if out.pack is not None:
                with box("hy-chip", tag="a", href=f"/stickers?pack={out.pack}"):
                    icon("sticker")
                    text("span", words.OPEN_STUDIO)
        _album(store, out.images or ((out.original,) if out.original and not out.stickers else ()))
    # which of several pictures it shall be, is chosen right at the pictures
    buttons = [button for button in out.buttons if not button.action.startswith("take:") or not out.original]
    if buttons:
        with box("hy-buttons"):
            for button in buttons:
                chip = text("button", button.label, "hy-chip main" if button.main else "hy-chip", type="button")
                chip.on("click", lambda _, button=button: say(button.label, button.action), **ONCE)


def _result(store: Storage, job: int | None, out: Outgoing, say: Say) -> None:
    what = learning.describe(store, jobs.get(store, job)) if job is not None else out.text
    assert out.original is not None
    with box("hy-card"):
        text("div", out.text, "hy-words")
        Compare(
            store,
            what,
            out.original,
            out.images,
            lambda sha256: enlarge(sha256, words.result_of(what)),
            lambda index: say(words.TAKE, f"take:{job}:{index}"),
        )


def _stickers(store: Storage, stickers: Sequence[str]) -> None:
    with box("hy-pack"):
        for index, sha256 in enumerate(stickers):
            _picture(store, sha256, words.sticker(index, ""), thumb=True)


def _album(store: Storage, album: Sequence[str]) -> None:
    if album:
        with box("hy-album many" if len(album) > 1 else "hy-album"):
            for index, sha256 in enumerate(album):
                _picture(store, sha256, words.number(index))


def _picture(store: Storage, sha256: str, alt: str, thumb: bool = False) -> None:
    if not _there(store, sha256):
        text("div", words.EXPIRED, "hy-bubble")
        return
    width, height = photos.size(store, sha256)
    shot = box("hy-shot", tag="button", type="button", aria_label=words.enlarge(alt))
    with shot.on("click", lambda: enlarge(sha256, alt)):
        size = {"width": str(width), "height": str(height)}
        box("", tag="img", src=f"/photo/{sha256}?{'thumb' if thumb else 'preview'}", alt=alt, loading="lazy", **size)


def _there(store: Storage, *pictures: str) -> bool:
    """Whether all of them are still kept."""
    try:
        return all(photos.size(store, sha256) for sha256 in pictures)
    except HeyingError:
        return False
