"""Photos: content-addressed files, and who may see which until when.

A file is named by the SHA-256 of its bytes, so the same picture lies on the disk once however often it is sent; the
rows in ``photo_owners`` say whose it is. A file without owners is removed by sweep().

A picture that bears our visible mark has its unmarked self beside it ("<sha256>.clean.png"), for the next edit to work
on. It comes and goes with the marked one, has no row and no owner, and is never sent to anybody.
"""

import hashlib
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from storage import Storage, decode_pool, files, inversions
from storage.decode import PhotoError

__all__ = [
    "Photo",
    "PhotoError",
    "borrow",
    "clean_path",
    "get",
    "keep",
    "of_owner",
    "path",
    "put",
    "read",
    "read_clean",
    "size",
    "sweep",
]

DAY, HOUR = 86400.0, 3600.0


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that a user has. ``width`` and ``height`` in pixels; ``expires_at`` None means never."""

    sha256: str
    width: int
    height: int
    owner: str
    expires_at: float | None


def put(store: Storage, data: bytes, owner: str) -> Photo:
    """Take in a stranger's picture: decoded within bounds in a process of its own, turned upright, metadata dropped,
    kept as an RGB PNG. A file that was damaged on our disk is whole again afterwards.

    Raises PhotoError (see decode; or too many, or no room left for this owner) and StorageError.
    """
    _check_room(store, owner)
    png, size = decode_pool.png_of(data, store.settings.limits)
    return _store(store, png, size, owner)


def keep(store: Storage, data: bytes, owner: str, clean: bytes | None = None) -> Photo:
    """Keep a picture that we made (PNG or WebP), byte for byte: its AIGC mark and its transparency stay. ``clean`` is
    the same picture without the visible mark.

    Workers use ``jobs.attach``, which also makes sure that the job is still theirs. Raises PhotoError when ``data`` is
    no picture.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "WEBP", "GIF")) as image:
            dimensions = image.size
    except Exception as error:
        raise PhotoError("做出来的图片坏了，请再试一次。", f"not a picture of ours: {error}") from None
    if clean is not None:  # before the row: a row without it would be edited with its mark on
        files.write(clean_path(store, hashlib.sha256(data).hexdigest()), clean)
    return _store(store, data, dimensions, owner)


def get(store: Storage, sha256: str, owner: str) -> Photo:
    """The photo, if it is this owner's. Raises PhotoError otherwise, in the same words whether it exists or not."""
    row = store.one(
        "SELECT sha256, width, height, owner, expires_at FROM photos JOIN photo_owners USING (sha256)"
        " WHERE sha256 = ? AND owner = ?",
        (sha256, owner),
    )
    if row is None:
        raise _missing(sha256)
    return Photo(**row)


def borrow(store: Storage, sha256: str, user: str, chat: str) -> Photo:
    """Let a person work on a picture that was shown in a chat where they are. It is theirs as long as it is its owner's.

    Raises PhotoError when it was not shown there.
    """
    with store.atomic() as db:
        lender = store.one(
            "SELECT owner, expires_at FROM photo_owners WHERE sha256 = :photo AND lent_by IS NULL AND EXISTS (SELECT 1"
            " FROM messages WHERE chat = :chat AND user = photo_owners.owner AND instr(photos, :photo)) LIMIT 1",
            {"photo": sha256, "chat": chat},
        )
        if lender is None:
            raise PhotoError(
                "这张照片不是发在这里的，我不能动它。请你把它再发一次。", f"{sha256[:64]!r} not shown here"
            )
        if lender["owner"] != user:
            db.execute(
                "INSERT INTO photo_owners (sha256, owner, created_at, expires_at, lent_by) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (sha256, owner) DO NOTHING",
                (sha256, user, store.now(), lender["expires_at"], lender["owner"]),
            )
        return get(store, sha256, user)


def read(store: Storage, sha256: str, owner: str | None = None) -> bytes:
    """The bytes of a photo. With ``owner`` (everything that answers a person must give it) only if it is theirs.

    A worker reads without owner: enqueue has already refused photos that are not the job owner's. Raises PhotoError.
    """
    if owner is not None:
        get(store, sha256, owner)
    try:
        return path(store, sha256).read_bytes()
    except FileNotFoundError:
        raise _missing(sha256) from None


def read_clean(store: Storage, sha256: str, owner: str | None = None) -> bytes:
    """The bytes of a photo as the next edit sees it: without our visible mark, where it bears one. Not to be sent."""
    data = read(store, sha256, owner)
    try:
        return clean_path(store, sha256).read_bytes()
    except FileNotFoundError:
        return data


def clean_path(store: Storage, sha256: str) -> Path:
    """Where the unmarked self of a photo lies, if it has one. Raises PhotoError for what is not a SHA-256."""
    return path(store, sha256).with_suffix(".clean.png")


def path(store: Storage, sha256: str) -> Path:
    """Where a photo's file lies. Raises PhotoError for what is not a SHA-256, so no path can be smuggled in."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise _missing(sha256)
    return store.folder / "photos" / sha256[:2] / f"{sha256}.png"


def size(store: Storage, sha256: str) -> tuple[int, int]:
    """Width and height in pixels. Raises PhotoError for an unknown photo."""
    row = store.one("SELECT width, height FROM photos WHERE sha256 = ?", (sha256,))
    if row is None:
        raise _missing(sha256)
    return row["width"], row["height"]


def of_owner(store: Storage, owner: str) -> tuple[Photo, ...]:
    """All photos of a user, oldest first."""
    rows = store.rows(
        "SELECT sha256, width, height, owner, expires_at FROM photos JOIN photo_owners USING (sha256)"
        " WHERE owner = ? ORDER BY photo_owners.created_at, sha256",
        (owner,),
    )
    return tuple(Photo(**row) for row in rows)


def sweep(store: Storage) -> int:
    """Drop what has expired and is needed by no concept, no sticker and no open job, then every photo without an owner,
    with its file and its inversions. Returns the number of photos without an owner."""
    with store.atomic() as db:
        db.execute(
            """DELETE FROM photo_owners WHERE expires_at <= :now
            AND NOT EXISTS (SELECT 1 FROM concept_references JOIN concepts ON concepts.id = concept
                            WHERE photo = photo_owners.sha256 AND concepts.owner = photo_owners.owner)
            AND NOT EXISTS (SELECT 1 FROM stickers JOIN packs ON packs.id = pack
                            WHERE packs.owner = photo_owners.owner AND photo = photo_owners.sha256)
            AND NOT EXISTS (SELECT 1 FROM stickers JOIN packs ON packs.id = pack
                            WHERE packs.owner = photo_owners.owner AND figure = photo_owners.sha256)
            AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.owner = photo_owners.owner
                            AND state IN ('queued', 'running') AND instr(request, photo_owners.sha256))""",
            {"now": store.now()},
        )
        orphans = [
            row["sha256"]
            for row in store.rows(
                "SELECT sha256 FROM photos WHERE NOT EXISTS"
                " (SELECT 1 FROM photo_owners WHERE photo_owners.sha256 = photos.sha256)"
            )
        ]
        for sha256 in orphans:
            inversions.drop_of(store, sha256)
            db.execute("DELETE FROM photos WHERE sha256 = ?", (sha256,))
        store.afterwards(lambda: _unlink(store, orphans))
    return len(orphans)


def _unlink(store: Storage, orphans: list[str]) -> None:
    """Remove files whose rows are gone. Under the write lock, because the same picture may have come in again."""
    for sha256 in orphans:
        with store.atomic():
            if store.one("SELECT sha256 FROM photos WHERE sha256 = ?", (sha256,)) is None:
                path(store, sha256).unlink(missing_ok=True)
                clean_path(store, sha256).unlink(missing_ok=True)


def _store(store: Storage, data: bytes, dimensions: tuple[int, int], owner: str) -> Photo:
    sha256 = hashlib.sha256(data).hexdigest()
    now, days = store.now(), store.settings.retention.photos
    expires_at = now + days * DAY if days else None
    file = path(store, sha256)
    if not _whole(file, data):  # written before the lock is taken: a large photo must not hold up everybody's jobs
        files.write(file, data)
    with store.atomic() as db:
        if not file.exists():  # a sweep came in between
            files.write(file, data)
        db.execute(
            "INSERT INTO photos (sha256, width, height, bytes, created_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (sha256, *dimensions, len(data), now),
        )
        db.execute(
            "INSERT INTO photo_owners (sha256, owner, created_at, expires_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (sha256, owner) DO UPDATE SET expires_at = excluded.expires_at, lent_by = NULL",
            (sha256, owner, now, expires_at),
        )
    return Photo(sha256, *dimensions, owner, expires_at)


def _whole(file: Path, data: bytes) -> bool:
    """Whether a file holds these bytes: a disk may have lost or changed some since they were written."""
    try:
        return file.read_bytes() == data
    except OSError:
        return False


def _check_room(store: Storage, owner: str) -> None:
    """Raises PhotoError for who has sent too many photos within an hour, or has filled their room."""
    limits = store.settings.limits
    if limits.uploads_an_hour:
        since = store.now() - HOUR
        recent = store.rows(
            "SELECT created_at FROM photo_owners WHERE owner = ? AND created_at > ? AND lent_by IS NULL"
            " ORDER BY created_at DESC LIMIT ?",
            (owner, since, limits.uploads_an_hour),
        )
        if len(recent) >= limits.uploads_an_hour:
            wait = max(1, math.ceil((recent[-1]["created_at"] - since) / 60))
            raise PhotoError(
                f"你这一小时已经发了 {len(recent)} 张照片，请过 {wait} 分钟再发。",
                f"{len(recent)} photos within an hour",
            )
    if limits.space_megabytes:
        row = store.one(
            "SELECT coalesce(sum(bytes), 0) AS bytes FROM photos JOIN photo_owners USING (sha256)"
            " WHERE owner = ? AND lent_by IS NULL",
            (owner,),
        )
        if row is not None and row["bytes"] >= limits.space_megabytes * 1e6:
            raise PhotoError(
                f"你的照片已经占满 {limits.space_megabytes:g} MB 了。旧照片到期会自动清理；"
                "想马上腾出地方，请说「删除我的所有数据」。",
                f"{row['bytes']} bytes are too many",
            )


def _missing(sha256: str) -> PhotoError:
    return PhotoError("找不到这张照片，可能已经过期了，请重新发一次。", f"no photo {sha256[:64]!r} for this owner")
