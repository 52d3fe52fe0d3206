"""Sticker packs: which stickers, in which order, with which words and emoji; and what a platform calls the pack.

A sticker is two files: ``photo``, finished (512 px, outlined, captioned, marked), and ``figure``, the clean cut-out that
other words can be drawn on without the model (``lettering.stickers``, ``bot.stickers``). Both stay as long as the pack.
A pack of somebody taught goes when they are forgotten.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage import Storage, photos
from storage.errors import HeyingError
from storage.requests import dump

MOST = 120  # stickers of a pack (Telegram, static sets)
MOST_EMOJI = 20  # of one sticker (Telegram)
CAPTION_LENGTH = 30
TITLE_LENGTH = 64  # Telegram
_ONE = (
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299©®]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]*"  # as a picture; the tone of skin
)
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE})*"
)  # flags, keys, the rest


class PackError(HeyingError):
    """A sticker or a pack that cannot be found, or that cannot be like that."""


@dataclass(frozen=True, slots=True)
class Sticker:
    """One sticker of a pack. ``place`` counts from 0; ``emoji`` are one to twenty emoji in a row; ``expression`` is the
    mood it was drawn in; ``receipt`` is the platform's own note of it (Telegram: file_id), None while it is not there
    or shows older words."""

    id: int
    pack: int
    place: int
    photo: str
    figure: str
    caption: str
    emoji: str
    expression: str | None
    receipt: Any


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in its order. ``concept`` is the id of who is on it; ``set_name`` what a platform calls it, once it is
    there; ``moving``: its stickers move (then ``photo`` of each is an animated WebP); ``close``: they are faces alone."""

    id: int
    owner: str
    title: str
    concept: int | None
    set_name: str | None
    stickers: tuple[Sticker, ...]
    created_at: float
    changed_at: float
    moving: bool = False
    close: bool = False


def create(
    store: Storage, owner: str, title: str, concept: int | None = None, *, moving: bool = False, close: bool = False
) -> Pack:
    """A new, empty pack. Raises PackError for an unusable title."""
    with store.atomic() as db:
        id = db.execute(
            "INSERT INTO packs (owner, title, concept, created_at, changed_at, moving, close) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (owner, _title(title), concept, store.now(), store.now(), int(moving), int(close)),
        ).lastrowid
        assert id is not None
        return get(store, id, owner)


def get(store: Storage, id: int, owner: str) -> Pack:
    """The pack, if it is this owner's. Raises PackError otherwise, in the same words whether it exists or not."""
    row = store.one("SELECT * FROM packs WHERE id = ? AND owner = ?", (id, owner))
    if row is None:
        raise PackError(
            "找不到这套表情，可能已经删掉了。说「用谁做一套表情包」可以再做一套。", f"no pack {id} of this owner"
        )
    return _pack(store, row)


def of_owner(store: Storage, owner: str) -> tuple[Pack, ...]:
    """All packs of a person, newest first."""
    return tuple(
        _pack(store, row) for row in store.rows("SELECT * FROM packs WHERE owner = ? ORDER BY id DESC", (owner,))
    )


def of_sticker(store: Storage, sticker: int, owner: str) -> tuple[Pack, Sticker]:
    """A sticker and the pack that it is in. Raises PackError."""
    row = store.one("SELECT pack FROM stickers WHERE id = ?", (sticker,))
    if row is None:
        raise PackError("找不到这张表情，可能已经删掉了。", f"no sticker {sticker}")
    pack = get(store, row["pack"], owner)
    return pack, next(one for one in pack.stickers if one.id == sticker)


def add(
    store: Storage,
    pack: int,
    owner: str,
    *,
    photo: str,
    figure: str,
    caption: str = "",
    emoji: str = "🙂",
    expression: str | None = None,
) -> Sticker:
    """Put a sticker at the end of a pack. Raises PackError (full, words too long, no emoji) and PhotoError (a file that
    is not the owner's)."""
    with store.atomic() as db:
        known = get(store, pack, owner)
        if len(known.stickers) >= MOST:
            raise PackError(f"一套最多 {MOST} 张，已经满了。先删掉几张，或者新做一套。", "pack is full")
        for sha256 in (photo, figure):
            photos.get(store, sha256, owner)
        place = known.stickers[-1].place + 1 if known.stickers else 0
        id = db.execute(
            "INSERT INTO stickers (pack, place, photo, figure, caption, emoji, expression)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (pack, place, photo, figure, _caption(caption), clean_emoji(emoji), expression),
        ).lastrowid
        assert id is not None
        _touch(store, pack)
        return of_sticker(store, id, owner)[1]


def relabel(store: Storage, sticker: int, owner: str, *, photo: str, caption: str, emoji: str) -> Sticker:
    """Other words on a sticker: ``photo`` is the file with them on (``bot.stickers.relabel`` draws it). What a platform
    has of it is out of date then, unless the picture stayed the same. Raises PackError and PhotoError."""
    with store.atomic() as db:
        pack, known = of_sticker(store, sticker, owner)
        photos.get(store, photo, owner)
        db.execute(
            "UPDATE stickers SET photo = ?, caption = ?, emoji = ?, receipt = CASE WHEN photo = ? THEN receipt END"
            " WHERE id = ?",
            (photo, _caption(caption), clean_emoji(emoji), photo, known.id),
        )
        _touch(store, pack.id)
        return of_sticker(store, sticker, owner)[1]


def remove(store: Storage, sticker: int, owner: str) -> Pack:
    """Take a sticker out of its pack. Raises PackError."""
    with store.atomic() as db:
        pack, _ = of_sticker(store, sticker, owner)
        db.execute("DELETE FROM stickers WHERE id = ?", (sticker,))
        _touch(store, pack.id)
        return get(store, pack.id, owner)


def reorder(store: Storage, pack: int, owner: str, order: Sequence[int]) -> Pack:
    """Bring the stickers into the order of ``order``, their ids, each once. Raises PackError for any other list."""
    with store.atomic() as db:
        known = get(store, pack, owner)
        if sorted(order) != sorted(one.id for one in known.stickers):
            raise PackError("这套表情刚刚变过，请刷新后再排一次。", "order is not a permutation of the pack")
        for place, id in enumerate(order):
            db.execute("UPDATE stickers SET place = ? WHERE id = ?", (place, id))
        _touch(store, pack)
        return get(store, pack, owner)


def move(store: Storage, pack: int, owner: str, moving: bool, pictures: Mapping[int, str]) -> Pack:
    """Stickers that move from now on, or stand still; ``pictures``: the new file of each, by its id. What a platform has
    of them is out of date then. Raises PackError (also when the pack has changed meanwhile) and PhotoError."""
    with store.atomic() as db:
        known = get(store, pack, owner)
        if set(pictures) != {one.id for one in known.stickers}:
            raise PackError("这套表情刚刚变过，请再点一次。", "the pack has other stickers now")
        for sticker, photo in pictures.items():
            photos.get(store, photo, owner)
            db.execute("UPDATE stickers SET photo = ?, receipt = NULL WHERE id = ?", (photo, sticker))
        db.execute("UPDATE packs SET moving = ? WHERE id = ?", (int(moving), pack))
        _touch(store, pack)
        return get(store, pack, owner)


def rename(store: Storage, pack: int, owner: str, title: str) -> Pack:
    """Another title. Raises PackError."""
    with store.atomic() as db:
        get(store, pack, owner)
        db.execute("UPDATE packs SET title = ? WHERE id = ?", (_title(title), pack))
        _touch(store, pack)
        return get(store, pack, owner)


def delete(store: Storage, pack: int, owner: str) -> None:
    """Drop a pack; its files go with the next sweep unless something else needs them. Raises PackError."""
    with store.atomic() as db:
        get(store, pack, owner)
        db.execute("DELETE FROM packs WHERE id = ?", (pack,))


def published(store: Storage, pack: int, owner: str, set_name: str) -> Pack:
    """A platform has the pack now, under that name. Raises PackError."""
    with store.atomic() as db:
        get(store, pack, owner)
        db.execute("UPDATE packs SET set_name = ? WHERE id = ?", (set_name, pack))
        return get(store, pack, owner)


def received(store: Storage, sticker: int, owner: str, receipt: Any) -> Sticker:
    """A platform has the sticker as it is now; ``receipt`` (any JSON) is its note of it, None when it is gone there.
    Raises PackError."""
    with store.atomic() as db:
        of_sticker(store, sticker, owner)
        stored = None if receipt is None else dump(receipt)
        db.execute("UPDATE stickers SET receipt = ? WHERE id = ?", (stored, sticker))
        return of_sticker(store, sticker, owner)[1]


def collect(
    store: Storage,
    owner: str,
    title: str,
    concept: int | None,
    made: Sequence[Mapping[str, Any]],
    pack: int | None = None,
    *,
    moving: bool = False,
    close: bool = False,
) -> Pack:
    """What a job has made (each a dict of the keyword arguments of ``add``) as a new pack, or added to ``pack``; what
    has no room any more is left out. Raises PackError and PhotoError."""
    with store.atomic():
        if pack is None:
            known = create(store, owner, title, concept, moving=moving, close=close)
        else:
            known = get(store, pack, owner)
        for one in list(made)[: MOST - len(known.stickers)]:
            add(store, known.id, owner, **one)
        return get(store, known.id, owner)


def split(text: str) -> tuple[str, str]:
    """The words of a text, and the emoji in it."""
    return " ".join(_EMOJI.sub(" ", text).split()), "".join(_EMOJI.findall(text)[:MOST_EMOJI])


def clean_emoji(text: str) -> str:
    """The emoji in ``text``, twenty at most. Raises PackError when there is none."""
    found = _EMOJI.findall(text)[:MOST_EMOJI]
    if not found:
        raise PackError("每张表情要配一个 emoji，例如 😄。", "no emoji")
    return "".join(found)


def emoji_list(emoji: str) -> list[str]:
    """The emoji of a sticker one by one, as Telegram wants them."""
    return list(map(str, _EMOJI.findall(emoji)))


def _caption(caption: str) -> str:
    caption = " ".join(caption.split())
    if len(caption) > CAPTION_LENGTH:
        raise PackError(f"字太多写不下，请控制在 {CAPTION_LENGTH} 个字以内。", f"caption of {len(caption)} characters")
    return caption


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > TITLE_LENGTH:
        raise PackError(f"表情包的名字要 1 到 {TITLE_LENGTH} 个字。", f"title of {len(title)} characters")
    return title


def _touch(store: Storage, pack: int) -> None:
    store.db.execute("UPDATE packs SET changed_at = ? WHERE id = ?", (store.now(), pack))


def _pack(store: Storage, row: Mapping[str, Any]) -> Pack:
    found = store.rows("SELECT * FROM stickers WHERE pack = ? ORDER BY place, id", (row["id"],))
    stickers = tuple(
        Sticker(**{**one, "place": place, "receipt": None if one["receipt"] is None else json.loads(one["receipt"])})
        for place, one in enumerate(found)
    )
    flags = {name: bool(row[name]) for name in ("moving", "close")}
    return Pack(**{**row, **flags, "stickers": stickers})
