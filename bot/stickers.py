"""Sticker packs after they were drawn: other words, more of the same figures, and the files to take along. No model.

The figures lie beside the stickers (storage.packs), so words are a matter of letters alone (lettering.stickers).
"""

import io
import re
import zipfile
from collections.abc import Callable, Container, Sequence

from bot import replies
from bot.provenance import maker
from lettering import marks, moods
from lettering import stickers as drawing
from lettering.font import drawable
from storage import Storage, packs, photos, watermark_settings
from storage.packs import Pack, PackError, Sticker

WECHAT = 240  # pixels of a side (WeChat's sticker shop)
WECHAT_BYTES = 500 * 1000  # KB as the shop counts them, the strict way
ZIP_MOMENT = (2025, 9, 1, 0, 0, 0)  # every entry's, so that the same pack is the same file


def relabel(store: Storage, sticker: int, owner: str, caption: str, emoji: str | None = None) -> tuple[Sticker, str]:
    """Draw other words on a sticker and keep it; emoji among the words become the sticker's emoji. Returns the sticker,
    and a sentence about characters that could not be written ("" when all could).

    Raises PackError (not theirs, too long) and PhotoError.
    """
    _, known = packs.of_sticker(store, sticker, owner)
    words, told = packs.split(caption)
    written = drawable(words)
    drawn = _file(store, known, written, owner)
    with store.atomic():
        photo = photos.keep(store, drawn, owner)
        changed = packs.relabel(
            store, sticker, owner, photo=photo.sha256, caption=written, emoji=emoji or told or known.emoji
        )
    lost = "".join(dict.fromkeys(letter for letter in words if not letter.isspace() and letter not in written))
    return changed, replies.not_written(lost) if lost else ""


def duplicate(store: Storage, sticker: int, owner: str, caption: str, emoji: str | None = None) -> tuple[Sticker, str]:
    """The same figure once more, at the end of its pack, with other words. Returns and raises as ``relabel`` does."""
    with store.atomic():
        pack, known = packs.of_sticker(store, sticker, owner)
        files, face = (known.photo, known.figure), known.expression
        added = packs.add(store, pack.id, owner, photo=files[0], figure=files[1], emoji=known.emoji, expression=face)
        return relabel(store, added.id, owner, caption, emoji)


def suggestions(pack: Pack) -> tuple[str, ...]:
    """Captions that people like and that are not in the pack yet."""
    there = {sticker.caption for sticker in pack.stickers}
    liked = [*(mood.caption for mood in moods.USUAL), *(mood.caption for mood in moods.BY_EXPRESSION.values())]
    return tuple(dict.fromkeys(caption for caption in liked if caption not in there))


def telegram(store: Storage, sticker: Sticker, owner: str) -> bytes:
    """The sticker as Telegram takes it: WebP, 512 px, at most 512 KB. Raises PhotoError."""
    return photos.read(store, sticker.photo, owner)


def wechat(store: Storage, sticker: Sticker, owner: str) -> bytes:
    """The sticker as WeChat takes it: PNG, 240 × 240, at most 500 KB. Drawn anew from its figure, so that the visible
    mark is as legible as on a large one. Raises PhotoError."""
    drawn = drawing.reduced(_drawn(store, sticker, sticker.caption, owner), WECHAT)
    stamped = drawn if watermark_settings.unmarked(store, owner) else marks.stamp(drawn)
    data = marks.encode(stamped, _number(sticker), "PNG", maker(store))
    assert len(data) <= WECHAT_BYTES  # 240 × 240 × 4 bytes are half of that even uncompressed
    return data


def archive(
    store: Storage,
    pack: int,
    owner: str,
    only: Container[int] | None = None,
    formats: Sequence[str] = ("telegram", "wechat"),
) -> bytes:
    """The pack, or the stickers whose ids are in ``only``, as a ZIP: telegram/ (512 px WebP), wechat/ (240 px PNG), and
    which emoji belongs to which.

    Raises PackError when there is nothing to put in or the pack is not theirs.
    """
    known = packs.get(store, pack, owner)
    chosen = [sticker for sticker in known.stickers if only is None or sticker.id in only]
    if not chosen:
        raise PackError("这套表情是空的，没有可以下载的。", "empty pack")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        lines = []
        for number, sticker in enumerate(chosen, 1):
            name = f"{number:03}-{_file_name(sticker.caption)}".rstrip("-")
            lines.append(f"{name}  {sticker.emoji}  {sticker.caption}")
            for made_for in formats:
                render, ending = FORMATS[made_for]
                _put(made, f"{made_for}/{name}.{ending}", render(store, sticker, owner))
        _put(made, "说明.txt", replies.pack_readme(known.title, lines).encode())
    return out.getvalue()


FORMATS: dict[str, tuple[Callable[[Storage, Sticker, str], bytes], str]] = {
    "telegram": (telegram, "webp"),
    "wechat": (wechat, "png"),
}


def _drawn(store: Storage, sticker: Sticker, caption: str, owner: str) -> drawing.Pixels:
    figure = drawing.decode(photos.read(store, sticker.figure, owner))
    return drawing.sticker(figure, caption, sticker.expression)


def _file(store: Storage, sticker: Sticker, caption: str, owner: str) -> bytes:
    drawn = _drawn(store, sticker, caption, owner)
    return drawing.encode(drawn, _number(sticker), maker(store), visible=not watermark_settings.unmarked(store, owner))


def _number(sticker: Sticker) -> str:
    """What the mark says was made: a sticker has no job of its own any more once its words were changed."""
    return f"sticker-{sticker.id}"


def _file_name(words: str) -> str:
    return re.sub(r"[^\w-]+", "_", words).strip("_")[:40]


def _put(made: zipfile.ZipFile, name: str, data: bytes) -> None:
    told = zipfile.ZipInfo(name, ZIP_MOMENT)
    told.external_attr = 0o644 << 16
    told.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".txt") else zipfile.ZIP_STORED
    made.writestr(told, data)
