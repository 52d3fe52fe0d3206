"""Sticker packs after they were drawn: other words, more of the same figures, and the files to take along. No model.

The figures lie beside the stickers (storage.packs), so words are a matter of letters alone (lettering.stickers).
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from bot import replies
from bot.provenance import maker
from lettering import marks, moods, moving
from lettering import stickers as drawing
from lettering.font import drawable
from lettering.stamp import stamp_all
from storage import Storage, packs, photos, watermark_settings
from storage.packs import Pack, PackError, Sticker

WECHAT, EMOJI = 240, 100  # pixels of a side (WeChat's sticker shop, Telegram's custom emoji)
WECHAT_BYTES = 500 * 1000  # KB as the shop counts them, the strict way
ZIP_MOMENT = (2025, 9, 1, 0, 0, 0)  # every entry's, so that the same pack is the same file


def relabel(store: Storage, sticker: int, owner: str, caption: str, emoji: str | None = None) -> tuple[Sticker, str]:
    """Draw other words on a sticker and keep it; emoji among the words become the sticker's emoji. Returns the sticker,
    and a sentence about characters that could not be written ("" when all could).

    Raises PackError (not theirs, too long) and PhotoError.
    """
    pack, known = packs.of_sticker(store, sticker, owner)
    labelled = _labelled(store, pack, known, owner, caption)
    with store.atomic():
        return _keep(store, known, owner, labelled, emoji)


def duplicate(store: Storage, sticker: int, owner: str, caption: str, emoji: str | None = None) -> tuple[Sticker, str]:
    """The same figure once more, at the end of its pack, with other words. Returns and raises as ``relabel`` does."""
    pack, known = packs.of_sticker(store, sticker, owner)
    labelled = _labelled(store, pack, known, owner, caption)
    with store.atomic():
        files, face = (known.photo, known.figure), known.expression
        added = packs.add(store, pack.id, owner, photo=files[0], figure=files[1], emoji=known.emoji, expression=face)
        return _keep(store, added, owner, labelled, emoji)


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A sticker drawn with other words; ``emoji`` were among them, ``lost`` could not be written."""

    data: bytes
    words: str
    emoji: str
    lost: str


def _labelled(store: Storage, pack: Pack, sticker: Sticker, owner: str, caption: str) -> _Labelled:
    """It takes seconds where it moves, so it is done before the transaction."""
    words, emoji = packs.split(caption)
    written = drawable(words)
    lost = "".join(dict.fromkeys(letter for letter in words if not letter.isspace() and letter not in written))
    return _Labelled(_file(store, sticker, written, owner, pack.moving), written, emoji, lost)


def _keep(store: Storage, sticker: Sticker, owner: str, drawn: _Labelled, emoji: str | None) -> tuple[Sticker, str]:
    photo = photos.keep(store, drawn.data, owner).sha256
    shown = emoji or drawn.emoji or sticker.emoji
    changed = packs.relabel(store, sticker.id, owner, photo=photo, caption=drawn.words, emoji=shown)
    return changed, replies.not_written(drawn.lost) if drawn.lost else ""


def suggestions(pack: Pack) -> tuple[str, ...]:
    """Captions that people like and that are not in the pack yet."""
    there = {sticker.caption for sticker in pack.stickers}
    liked = [*(mood.caption for mood in moods.USUAL), *(mood.caption for mood in moods.BY_EXPRESSION.values())]
    return tuple(dict.fromkeys(caption for caption in liked if caption not in there))


def telegram(store: Storage, sticker: Sticker, owner: str) -> tuple[bytes, str]:
    """The sticker as Telegram takes it, and its file's ending: WebP, 512 px, at most 512 KB; a moving one WEBM, or where
    that cannot be made the moving WebP. Raises PhotoError."""
    data = photos.read(store, sticker.photo, owner)
    video = as_video(data)
    return (data, "webp") if video is None else (video, "webm")


def as_video(data: bytes) -> bytes | None:
    """A moving sticker's file as WEBM; None for one that stands still, and where the extra `moving` is not installed."""
    if not moving.moves(data):
        return None
    item = marks.item_in(data)
    try:
        return moving.webm(moving.frames_of(data), json.dumps(item) if item else "")
    except (ImportError, ValueError):
        return None


def wechat(store: Storage, sticker: Sticker, owner: str) -> tuple[bytes, str]:
    """The sticker as WeChat takes it: PNG, 240 px, at most 500 KB, drawn again at its size so that the mark is as legible
    as on a large one; a moving one GIF. Raises PhotoError."""
    finished = photos.read(store, sticker.photo, owner)
    if moving.moves(finished):
        return moving.gif(moving.frames_of(finished), _number(sticker), maker(store)), "gif"
    drawn = drawing.reduced(_drawn(store, sticker, sticker.caption, owner), WECHAT)
    data = marks.encode(_stamped(store, drawn, owner), _number(sticker), "PNG", maker(store))
    assert len(data) <= WECHAT_BYTES  # 240 × 240 × 4 bytes are half of that even uncompressed
    return data, "png"


def emoji(store: Storage, sticker: Sticker, owner: str) -> tuple[bytes, str]:
    """The sticker without words as small as emoji are: PNG, 100 px; a moving one GIF. Raises PhotoError."""
    figure = drawing.decode(photos.read(store, sticker.figure, owner))
    if moving.moves(photos.read(store, sticker.photo, owner)):
        frames = moving.sticker(figure, "", sticker.expression, visible=False)
        small = [drawing.reduced(frame, EMOJI) for frame in frames]
        small = small if watermark_settings.unmarked(store, owner) else stamp_all(small)
        return moving.gif(small, _number(sticker), maker(store), side=EMOJI), "gif"
    drawn = drawing.reduced(drawing.sticker(figure, "", sticker.expression), EMOJI)
    return marks.encode(_stamped(store, drawn, owner), _number(sticker), "PNG", maker(store)), "png"


def set_moving(store: Storage, pack: int, owner: str, moves: bool) -> Pack:
    """Draw a pack's stickers anew so that they move, or stand still. Raises PackError and PhotoError."""
    known = packs.get(store, pack, owner)
    drawn = {one.id: _file(store, one, one.caption, owner, moves) for one in known.stickers}
    with store.atomic():
        kept = {id: photos.keep(store, data, owner).sha256 for id, data in drawn.items()}
        return packs.move(store, pack, owner, moves, kept)


def archive(
    store: Storage,
    pack: int,
    owner: str,
    only: Container[int] | None = None,
    formats: Sequence[str] | None = None,
) -> bytes:
    """The pack, or the stickers whose ids are in ``only``, as a ZIP: telegram/ (512 px WebP or WEBM), wechat/ (240 px PNG or
    GIF), emoji/ (100 px, of packs of faces), and which emoji belongs to which.

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
            for made_for in formats_of(known) if formats is None else formats:
                data, ending = FORMATS[made_for](store, sticker, owner)
                _put(made, f"{made_for}/{name}.{ending}", data)
        _put(made, "说明.txt", replies.pack_readme(known.title, lines, known.close).encode())
    return out.getvalue()


FORMATS: dict[str, Callable[[Storage, Sticker, str], tuple[bytes, str]]] = {
    "telegram": telegram,
    "wechat": wechat,
    "emoji": emoji,
}


def formats_of(pack: Pack) -> tuple[str, ...]:
    """What a pack is handed out as; only of faces alone anything is seen at the size of emoji."""
    return tuple(name for name in FORMATS if name != "emoji" or pack.close)


def _stamped(store: Storage, drawn: drawing.Pixels, owner: str) -> drawing.Pixels:
    return drawn if watermark_settings.unmarked(store, owner) else marks.stamp(drawn)


def _drawn(store: Storage, sticker: Sticker, caption: str, owner: str) -> drawing.Pixels:
    figure = drawing.decode(photos.read(store, sticker.figure, owner))
    return drawing.sticker(figure, caption, sticker.expression)


def _file(store: Storage, sticker: Sticker, caption: str, owner: str, moves: bool) -> bytes:
    visible = not watermark_settings.unmarked(store, owner)
    if moves:
        figure = drawing.decode(photos.read(store, sticker.figure, owner))
        return moving.webp(moving.sticker(figure, caption, sticker.expression, visible), _number(sticker), maker(store))
    return drawing.encode(_drawn(store, sticker, caption, owner), _number(sticker), maker(store), visible=visible)


def _number(sticker: Sticker) -> str:
    """What the mark says was made: a sticker has no job of its own any more once its words were changed."""
    return f"sticker-{sticker.id}"


def _file_name(words: str) -> str:
    return re.sub(r"[^\w-]+", "_", words).strip("_")[:40]


def _put(made: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, ZIP_MOMENT)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".txt") else zipfile.ZIP_STORED
    made.writestr(entry, data)
