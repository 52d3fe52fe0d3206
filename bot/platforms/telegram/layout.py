"""How an Outgoing is laid out for Telegram: parts, each one call, within its limits
(https://core.telegram.org/bots/api, "Available methods").

Texts are measured as Telegram does, in UTF-16 code units. Albums cannot carry buttons, so these come below. A picture
is shown as a photo, which Telegram makes smaller and strips of its metadata; the original comes as a file when asked.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from bot import pictures, replies
from bot.platforms import Button, Outgoing
from bot.stickers import as_video
from lettering import marks, moving

CAPTION, TEXT, ALBUM = 1024, 4096, 10
LABEL = 64  # characters of a button; longer ones are cut off on phones anyway
ROW = 34  # half-widths of labels that fit beside each other
PHOTO_SIDES, PHOTO_RATIO = 10_000, 20.0
FILE_BYTES = 50_000_000
SHOWN = 2560  # pixels: Telegram shows no more of a photo
STICKER_SIDE = 512  # pixels of a sticker
LIGHT = 2_000_000  # bytes below which a picture goes out as it is


@dataclass(frozen=True, slots=True)
class Part:
    """One call. ``kind``: "text", "photo", "album", "file", "sticker" or "archive"; ``name`` tells the parts of a
    message apart; ``numbers`` are those of the photos, where people know them by numbers."""

    name: str
    kind: str
    text: str = ""
    photos: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    numbers: tuple[int, ...] = ()


def parts(message: Outgoing) -> tuple[Part, ...]:
    """The calls that show a message, in order."""
    return tuple(_lay_out(replace(message, buttons=message.buttons + tuple(_extras(message)))))


def _extras(message: Outgoing) -> Iterator[Button]:
    """What only Telegram needs buttons for."""
    asks = any(button.action.startswith("choose:") for button in message.buttons)
    if message.job is not None and message.images and not asks:
        yield Button(replies.AS_FILE, f"original:{message.job}")
    if message.pack is not None and message.stickers:
        yield Button(replies.ADD_PACK, f"pack:{message.pack}", main=True)


def _lay_out(message: Outgoing) -> Iterator[Part]:
    text = message.text
    if message.wanted == "archive":
        yield Part("archive", "archive", text)
        return
    for index, sha256 in enumerate(message.stickers):
        yield Part(f"sticker{index}", "sticker", photos=(sha256,))
    if message.files and len(message.images) == 1 and units(text) <= CAPTION:
        yield Part("file0", "file", text, message.images, message.buttons)
        return
    if message.files:
        for index, sha256 in enumerate(message.images):
            yield Part(f"file{index}", "file", photos=(sha256,))
    elif len(message.images) == 1 and units(text) <= CAPTION:
        yield Part("photo", "photo", text, message.images, message.buttons)
        return
    else:
        yield from _albums(message.images, message.numbers)
    lines = list(cut(text, TEXT))
    if not lines and message.buttons:
        lines = [replies.BELOW_PICTURES]
    for index, words in enumerate(lines):
        yield Part(f"text{index}", "text", words, buttons=message.buttons if index == len(lines) - 1 else ())


def _albums(images: Sequence[str], numbers: Sequence[int]) -> Iterator[Part]:
    for first in range(0, len(images), ALBUM):
        some, their = tuple(images[first : first + ALBUM]), tuple(numbers[first : first + ALBUM])
        kind, text = ("album", "") if len(some) > 1 else ("photo", "".join(map(number_of, their)))
        yield Part(f"album{first}", kind, text, some, numbers=their)


def number_of(number: int) -> str:
    """What stands under a photo that is known by a number."""
    return replies.photo_number(number - 1)


def keyboard(buttons: Sequence[Button]) -> list[list[tuple[str, str]]]:
    """Rows of (label, callback data): short labels beside each other, in their order."""
    rows: list[list[tuple[str, str]]] = []
    room = 0
    for index, button in enumerate(buttons):
        wide = sum(1 if letter.isascii() else 2 for letter in button.label) + 3
        data = f"say:{index}" if button.action == "say" else button.action
        if not rows or wide > room or button.main:
            rows.append([])
            room = 0 if button.main else ROW
        rows[-1].append((button.label[:LABEL], data))
        room -= wide
    return rows


def units(text: str) -> int:
    """The length of a text as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int) -> Iterator[str]:
    """A text in pieces of at most ``most`` units, cut after a line or a sentence where there is one."""
    while units(text) > most:
        end = most
        while units(text[:end]) > most:
            end -= 1
        for mark in "\n。！？ ":
            if (place := text.rfind(mark, end // 2, end)) > 0:
                end = place + 1
                break
        yield text[:end].strip()
        text = text[end:].strip()
    if text.strip():
        yield text


def as_photo(data: bytes) -> bytes | None:
    """A picture's file as sendPhoto takes it, reduced where it is large; None when it is too narrow to be shown."""
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    if max(width, height) > PHOTO_RATIO * min(width, height):
        return None
    return data if len(data) <= LIGHT and width + height <= PHOTO_SIDES else marks.smaller(data, SHOWN, "JPEG", 90)


def as_file(data: bytes) -> tuple[bytes, str]:
    """The original, and its file name's ending; as WebP where Telegram would not take it as it is."""
    data = pictures.as_file(data, FILE_BYTES)
    return data, pictures.ending(data)


def as_sticker(data: bytes) -> tuple[bytes, str]:
    """A sticker's file as Telegram shows it as a sticker, and its ending: WebP, of a moving one WEBM; "gif" where that
    cannot be made: an animation, which is no sticker."""
    if moving.moves(data):
        video = as_video(data)
        if video is not None:
            return video, "webm"
        item = marks.item_in(data) or dict.fromkeys(marks.FIELDS, "")
        maker = marks.Maker(item["ContentProducer"] or marks.PRODUCER)
        return moving.gif(moving.frames_of(data), item["ProduceID"], maker), "gif"
    return (data if _is_webp(data) else marks.smaller(data, STICKER_SIDE, "WEBP", 95)), "webp"


def _is_webp(data: bytes) -> bool:
    return data[8:12] == b"WEBP"
