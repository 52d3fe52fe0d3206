"""Bytes onto the disk, whole or not at all."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from storage.errors import StorageError


def write(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically: a reader sees the old file or the new one, also after a power cut.

    Raises StorageError when the disk refuses.
    """
    with writing(path) as out:
        out.write(data)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under ``path`` when the block ends well, and leaves nothing behind when it does not."""
    draft = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("xb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            draft.replace(path)
            _sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"写不进文件 {path.name}，请检查磁盘空间和权限。", f"cannot write {path}: {error}"
        ) from error


def abandoned(path: Path) -> bool:
    """Whether this is a draft (see ``writing``) of a process that is no more."""
    matched = re.fullmatch(r"\..+\.(\d+)-[0-9a-f]{8}\.tmp", path.name)
    if matched is None:
        return False
    try:
        os.kill(int(matched[1]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass
    return False


def read(path: Path, limit: int) -> bytes:
    """At most ``limit`` + 1 bytes of a file that the user names, so that a larger one is seen to be too large.

    Raises StorageError when it cannot be read.
    """
    try:
        with path.open("rb") as source:
            return source.read(limit + 1)
    except OSError as error:
        raise StorageError(f"打不开文件 {path}，请检查路径对不对。", f"cannot read {path}: {error}") from error


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable. Windows cannot open folders and needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
