"""The whole data folder as one file, while it is in use, and back.

The database is copied first, by SQLite's online backup, then the pictures that it names; what is swept in between is
missing in the copy as it would be an hour later. Inversions are a cache and stay out. A backup holds what people may have
asked to forget since: keep few of them, and as safe as the data folder itself.
"""

import re
import sqlite3
import tempfile
import time
import zipfile
from pathlib import Path

from storage import Storage, files, photos, schema
from storage.errors import StorageError

DATABASE = "heying.db"
PICTURE = re.compile(r"photos/[0-9a-f]{2}/[0-9a-f]{64}(\.clean)?\.png")


def backup(store: Storage, target: Path) -> int:
    """Write everything to ``target`` (ZIP); returns the number of pictures. Raises StorageError."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=store.folder) as folder:
        copy = Path(folder) / DATABASE
        there = sqlite3.connect(copy)
        try:
            store.db.conn.backup(there)
            named = [row[0] for row in there.execute("SELECT sha256 FROM photos ORDER BY sha256")]
        finally:
            there.close()
        count = 0
        with files.writing(target) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            archive.write(copy, DATABASE, zipfile.ZIP_DEFLATED)
            for sha256 in named:
                for path in (photos.path(store, sha256), photos.clean_path(store, sha256)):
                    if path.is_file():
                        archive.write(path, f"photos/{sha256[:2]}/{path.name}")
                        count += 1
    return count


def nightly(store: Storage, folder: Path, keep: int) -> Path:
    """Today's backup into a folder, and those of earlier days beyond the last ``keep`` out of it; returns its path.
    Raises StorageError."""
    target = folder / time.strftime("heying-%Y%m%d.zip", time.localtime(store.now()))
    backup(store, target)
    for old in sorted(folder.glob("heying-????????.zip"))[:-keep]:
        old.unlink(missing_ok=True)
    return target


def restore(source: Path, folder: Path) -> int:
    """Fill an empty data folder from a backup; returns the number of pictures.

    Raises StorageError when the folder is in use, the file is no backup of ours, or it is damaged.
    """
    if (folder / DATABASE).exists():
        raise StorageError(
            f"{folder} 里已经有数据了。请先停下合影、把这个文件夹改名，再恢复。", f"{folder} holds a database"
        )
    try:
        with zipfile.ZipFile(source) as archive:
            names = archive.namelist()
            strangers = [name for name in names if name != DATABASE and not PICTURE.fullmatch(name)]
            if strangers or DATABASE not in names:
                raise StorageError(f"{source} 不是合影的备份文件，请检查路径。", f"no backup: {strangers[:3]}")
            for name in sorted(names, key=lambda name: name == DATABASE):  # the database last: then it is whole
                files.write(folder / name, archive.read(name))
    except (OSError, zipfile.BadZipFile) as error:
        raise StorageError(f"{source} 打不开或已损坏，请换一个备份。", f"cannot read {source}: {error}") from error
    _sound(folder / DATABASE)
    return len(names) - 1


def _sound(database: Path) -> None:
    """Raises StorageError when the database is damaged or of a newer version."""
    there = sqlite3.connect(database)
    try:
        ok = there.execute("PRAGMA quick_check").fetchone() == ("ok",)
        applied = {row[0] for row in there.execute("SELECT name FROM _sqlite_migrations")}
    except sqlite3.DatabaseError:
        ok, applied = False, set()
    finally:
        there.close()
    known = {migration.name for migration in schema.migrations._migrations}
    if not ok or applied - known:
        database.unlink()
        raise StorageError(
            "备份里的数据库已损坏，或者来自更新版本的合影。请换一个备份，或先升级程序。", "unsound backup"
        )
