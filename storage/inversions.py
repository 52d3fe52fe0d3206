"""Inverted photos, kept for the conversation: the second edit of a photo skips inversion.

A cache and nothing more: what is missing, damaged or expired is computed again. It lives no longer than its photo.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from storage import Storage, files

DAY = 86400.0
MEGABYTE = 1e6


def digest(key: str) -> str:
    """An engine's own key as one that may be a file's name."""
    return hashlib.sha256(key.encode()).hexdigest()


def save(store: Storage, key: str, arrays: Mapping[str, npt.NDArray[Any]], *, photo: str) -> bool:
    """Keep arrays under ``key`` (hexadecimal; a hash of photo, model, prompt and settings) as long as ``photo`` (its
    SHA-256) stays. False when the photo is gone: then nothing is kept. Raises StorageError when the disk refuses.
    """
    file = _file(store, key)
    with files.writing(file) as out:
        prefixed: dict[str, Any] = {f"_{name}": array for name, array in arrays.items()}  # savez has own parameters
        np.savez(out, allow_pickle=False, **prefixed)
    with store.atomic() as db:
        if store.one("SELECT sha256 FROM photos WHERE sha256 = ?", (photo,)) is None:
            file.unlink(missing_ok=True)
            return False
        db.execute(
            "INSERT OR REPLACE INTO inversions (key, photo, bytes, used_at) VALUES (?, ?, ?, ?)",
            (key, photo, file.stat().st_size, store.now()),
        )
    sweep(store)
    return True


def load(store: Storage, key: str) -> dict[str, npt.NDArray[Any]] | None:
    """The arrays under ``key``, or None; whatever cannot be read counts as absent and is dropped."""
    if store.one("SELECT key FROM inversions WHERE key = ?", (key,)) is None:
        return None
    try:
        with _file(store, key).open("rb") as source, np.load(source, allow_pickle=False) as kept:
            arrays = {name[1:]: kept[name] for name in kept.files}
    except (OSError, EOFError, ValueError, TypeError, AttributeError, LookupError, zlib.error, zipfile.BadZipFile):
        _drop(store, key)
        return None
    with store.atomic() as db:
        db.execute("UPDATE inversions SET used_at = ? WHERE key = ?", (store.now(), key))
    return arrays


def all_of(store: Storage, photo: str) -> dict[str, dict[str, npt.NDArray[Any]]]:
    """All that is kept of a photo, by key."""
    rows = store.rows("SELECT key FROM inversions WHERE photo = ?", (photo,))
    found = {row["key"]: load(store, row["key"]) for row in rows}
    return {key: arrays for key, arrays in found.items() if arrays is not None}


def sweep(store: Storage) -> int:
    """Drop what has not been used for the days of ``retention.inversions``, then the least recently used beyond
    ``limits.inversion_megabytes``. Returns how many were dropped."""
    days, room = store.settings.retention.inversions, store.settings.limits.inversion_megabytes * MEGABYTE
    dropped = 0
    for row in store.rows("SELECT key, bytes, used_at FROM inversions ORDER BY used_at DESC, key"):
        room -= row["bytes"]
        if room < 0 or (days and row["used_at"] < store.now() - days * DAY):
            _drop(store, row["key"])
            dropped += 1
    return dropped


def drop_of(store: Storage, photo: str) -> None:
    """Drop all inversions of a photo."""
    for row in store.rows("SELECT key FROM inversions WHERE photo = ?", (photo,)):
        _drop(store, row["key"])


def _drop(store: Storage, key: str) -> None:
    with store.atomic() as db:
        _file(store, key).unlink(missing_ok=True)
        db.execute("DELETE FROM inversions WHERE key = ?", (key,))


def _file(store: Storage, key: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{8,128}", key):
        raise ValueError(f"inversion key {key!r} is not hexadecimal")
    return store.folder / "inversions" / f"{key}.npz"
