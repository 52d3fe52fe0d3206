"""What expires when; everything of one person in a ZIP; everything of one person gone.

The rules (days in config.toml, [retention]; 0 keeps):

    photos       ``photos`` days after they were last sent, unless a concept or an open job needs them
    inversions   with their photo, or ``inversions`` days after they were last used
    messages     ``messages`` days after they came or went, with inbox and outbox
    jobs         ``jobs`` days after they were over
    concepts     never by themselves: they are the user's to forget
    consents     ``consents`` days; forget() keeps them that long under a hash in place of the person, as the law asks
                 for the record (标识办法 §9) while everything else must go (个人信息保护法 §47)
"""

import hashlib
import json
import re
import time
import zipfile
from pathlib import Path
from typing import Any

from storage import Storage, avatars, concepts, fair_queue, files, inversions, jobs, photos, shares

DAY = 86400.0
STRAY_SECONDS = 3600.0  # a file without a row may be one that is being written just now, unless it is older than this


def sweep(store: Storage) -> dict[str, int]:
    """Remove what has expired, and files that a crash left behind. Returns how many of what went."""
    keep, now = store.settings.retention, store.now()
    gone: dict[str, int] = {}
    rules = (
        ("jobs", keep.jobs, "state IN ('done', 'failed', 'cancelled', 'dead') AND finished_at <= ?"),
        ("inbox", keep.messages, "state IN ('done', 'failed') AND received_at <= ?"),
        ("outbox", keep.messages, "created_at <= ?"),
        ("messages", keep.messages, "at <= ?"),
        ("incidents", keep.messages, "at <= ?"),
        ("consents", keep.consents, "at <= ?"),
        ("tickets", keep.messages, "expires_at <= ?"),
    )
    with store.atomic() as db:
        if keep.messages:  # a question that nobody will answer any more may hold words and names
            db.execute("UPDATE conversations SET question = NULL WHERE asked_at <= ?", (now - keep.messages * DAY,))
        for table, days, where in rules:
            expired = f"DELETE FROM {table} WHERE {where}"
            gone[table] = db.execute(expired, (now - days * DAY,)).rowcount if days else 0
        fair_queue.sweep(store)
    gone["shares"] = shares.sweep(store)
    gone["photos"] = photos.sweep(store)
    gone["inversions"] = inversions.sweep(store)
    gone["files"] = _sweep_strays(store)
    return gone


def export(store: Storage, owner: str, target: Path) -> Path:
    """Write a ZIP of all we have of a person to ``target``: their photos, what they taught, and what was said and done
    (JSON). Raises StorageError when it cannot be written."""
    with files.writing(target) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README)
        archive.writestr("everything.json", json.dumps(_everything(store, owner), ensure_ascii=False, indent=1))
        for photo in photos.of_owner(store, owner):
            data = photos.read(store, photo.sha256)
            ending = "webp" if data[8:12] == b"WEBP" else "png"
            # The pictures are compressed already.
            archive.writestr(f"photos/{photo.sha256}.{ending}", data, compress_type=zipfile.ZIP_STORED)
        for concept in concepts.of_owner(store, owner):
            name = re.sub(r"[^\w-]+", "_", concept.name)  # a name may hold what a file name may not
            folder = f"concepts/{concept.id}-{name}"
            for number, reference in enumerate(concept.references, 1):
                file = photos.path(store, reference)
                archive.write(file, f"{folder}/{number}.png", compress_type=zipfile.ZIP_STORED)
            for artefact in concepts.artefacts(store, concept.id).values():
                archive.writestr(f"{folder}/{artefact.engine}.npz", artefact.data)
    return target


def forget(store: Storage, owner: str) -> dict[str, int]:
    """Remove all we have of a person: open jobs are called off, rows, pictures, vectors and inversions go at once.

    Photos that somebody else has sent as well stay that person's. Returns how many of what went; "consents" counts
    those kept under a hash.
    """
    gone: dict[str, int] = {}
    with store.atomic() as db:
        avatars.withdraw(store, owner)  # what others have taught from their face
        cached = store.one("SELECT count(*) AS n FROM inversions")
        assert cached is not None
        published = store.one("SELECT count(*) AS n FROM packs WHERE owner = ? AND set_name IS NOT NULL", (owner,))
        assert published is not None
        gone["sets"] = published["n"]  # a platform has these, and keeps them
        db.execute(  # stickers that others have made of whom this person taught
            "UPDATE photo_owners SET expires_at = ?1 WHERE (sha256, owner) IN"
            " (SELECT photo, packs.owner FROM stickers JOIN packs ON packs.id = pack"
            "  JOIN concepts ON concepts.id = concept WHERE concepts.owner = ?2"
            "  UNION SELECT figure, packs.owner FROM stickers JOIN packs ON packs.id = pack"
            "  JOIN concepts ON concepts.id = concept WHERE concepts.owner = ?2)",
            (store.now(), owner),
        )
        for table, column in _OWNED:
            gone[table] = db.execute(f"DELETE FROM {table} WHERE {column} = ?", (owner,)).rowcount
        gone["consents"] = db.execute("UPDATE consents SET user = ? WHERE user = ?", (pseudonym(owner), owner)).rowcount
        gone["photos"] = gone.pop("photo_owners")
        gone["files"] = photos.sweep(store)
        left = store.one("SELECT count(*) AS n FROM inversions")
        assert left is not None
        gone["inversions"] = cached["n"] - left["n"]
        store.afterwards(lambda: _empty_log(store))
    return gone


def forget_chat(store: Storage, owner: str, chat: str) -> int:
    """Remove one chat of a person: what is being done there is called off, what was said goes, and so do the photos that
    are in no other chat, in no pack and were not used to teach a name. Returns how many photos went."""
    with store.atomic() as db:
        for job in jobs.open_of(store, owner, chat):
            jobs.cancel(store, job.id, owner)
        here, elsewhere = (
            {
                sha256
                for table, column in _SAID
                for row in store.rows(f"SELECT * FROM {table} WHERE {column} = ? AND chat {sign} ?", (owner, chat))
                for value in row.values()
                for sha256 in _SHA256.findall(str(value))
            }
            for sign in ("=", "!=")
        )
        waiting = store.rows("SELECT value FROM preferences WHERE user = ?", (owner,))
        elsewhere |= {sha256 for row in waiting for sha256 in _SHA256.findall(row["value"])}
        for table, column in _SAID:
            db.execute(f"DELETE FROM {table} WHERE {column} = ? AND chat = ?", (owner, chat))
        before = len(photos.of_owner(store, owner))
        for sha256 in here - elsewhere:
            db.execute(
                "UPDATE photo_owners SET expires_at = ? WHERE sha256 = ? AND owner = ?", (store.now(), sha256, owner)
            )
        photos.sweep(store)
        store.afterwards(lambda: _empty_log(store))
        return before - len(photos.of_owner(store, owner))


def pseudonym(owner: str) -> str:
    """What stands for a person once they are forgotten: whoever knows the person can find the record, nobody else."""
    return "forgotten:" + hashlib.sha256(f"heying:{owner}".encode()).hexdigest()


def _empty_log(store: Storage) -> None:
    """The write-ahead log, too, holds what was deleted."""
    with store.db.ensure_autocommit_on():
        store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_OWNED = (
    ("jobs", "owner"),
    ("turns", "owner"),
    ("packs", "owner"),
    ("shares", "owner"),
    ("concepts", "owner"),
    ("inbox", "user"),
    ("outbox", "user"),
    ("messages", "user"),
    ("conversations", "user"),
    ("history", "user"),
    ("preferences", "user"),
    ("photo_marks", "owner"),
    ("departures", "user"),
    ("looks", "owner"),
    ("tickets", "user"),
    ("photo_owners", "owner"),
)

_SAID = (  # what belongs to a chat
    ("jobs", "owner"),
    ("inbox", "user"),
    ("outbox", "user"),
    ("messages", "user"),
    ("conversations", "user"),
    ("history", "user"),
    ("tickets", "user"),
)
_SHA256 = re.compile("[0-9a-f]{64}")
_README = """这是合影保存的、属于你的全部内容。
photos/          你发来的照片和为你做出的图片，也包括表情（文件名是内容的 SHA-256；表情是 WebP 格式，其余是 PNG）
concepts/        你教我的名字，一个一个文件夹：参考照片，和学到的东西（NumPy 格式，一种画法一个文件）
everything.json  名字、任务、消息、编辑历史、表情包、偏好和同意记录
想全部删除，请对我说「删除我的所有数据」。
"""


def _everything(store: Storage, owner: str) -> dict[str, Any]:
    """All rows of a person as JSON values."""
    record: dict[str, Any] = {"owner": owner, "exported_at": store.now()}
    for table, column in (*_OWNED, ("consents", "user")):
        rows = store.rows(f"SELECT * FROM {table} WHERE {column} = ?", (owner,))
        record[table] = [{name: _plain(value) for name, value in row.items()} for row in rows]
    for row, concept in zip(record["concepts"], concepts.of_owner(store, owner), strict=True):
        row["references"] = list(concept.references)
        for column in ("vectors", "rows", "dim", "model"):  # of before; what was learnt lies beside
            del row[column]
    for row in record["packs"]:
        found = store.rows("SELECT * FROM stickers WHERE pack = ? ORDER BY place, id", (row["id"],))
        row["stickers"] = [{name: _plain(value) for name, value in one.items()} for one in found]
    for row in record["shares"]:
        del row["code"]  # a hash of it, of use to nobody
    return record


def _plain(value: Any) -> Any:
    """A column's value; JSON text is unfolded."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return None if isinstance(value, bytes) else value


def _sweep_strays(store: Storage) -> int:
    """Remove old files that no row knows: left by a crash between writing the file and committing its row."""
    shas = [row["sha256"] for row in store.rows("SELECT sha256 FROM photos")]
    known = {f"{sha256}{ending}" for sha256 in shas for ending in (".png", ".clean.png")}
    known |= {f"{row['key']}.npz" for row in store.rows("SELECT key FROM inversions")}
    strays = 0
    for folder in ("photos", "inversions"):
        for file in (store.folder / folder).rglob("*"):
            if not file.is_file() or file.name in known:
                continue
            if file.stat().st_mtime > time.time() - STRAY_SECONDS and not files.abandoned(file):
                continue
            file.unlink(missing_ok=True)
            strays += 1
    return strays
