"""Is what lies on the disk in order? For ``python -m bot doctor``."""

import hashlib
import shutil
import sqlite3

from storage import Storage, StorageError, photos

LITTLE_SPACE = 1 << 30  # bytes


def check(store: Storage) -> tuple[str, ...]:
    """What is wrong, a Chinese sentence each; () when all is well."""
    found = []
    try:
        sound = store.rows("PRAGMA quick_check") == [{"quick_check": "ok"}]
    except (sqlite3.DatabaseError, StorageError):
        sound = False
    if not sound:
        return (
            f"数据库 {store.folder / 'heying.db'} 损坏了。请停下合影、留一份数据文件夹，再从备份恢复：python -m bot restore 备份.zip",
        )
    if store.rows("PRAGMA foreign_key_check"):
        found.append("数据库里有互相对不上的记录，请从备份恢复。")
    missing = [row["sha256"] for row in store.rows("SELECT sha256 FROM photos") if not _intact(store, row["sha256"])]
    if missing:
        found.append(f"有 {len(missing)} 张照片的文件丢失或被改动过，相关的编辑会失败，请重新发送照片。")
    free = shutil.disk_usage(store.folder).free
    if free < LITTLE_SPACE:
        found.append(f"磁盘只剩 {free / 1e9:.1f} GB，请清理出一些空间。")
    return tuple(found)


def _intact(store: Storage, sha256: str) -> bool:
    file = photos.path(store, sha256)
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256
