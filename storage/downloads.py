"""Large files from elsewhere onto the disk: taken up again where they broke off, checked, and only then under their name."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from storage.errors import StorageError

CHUNK = 1 << 20


class Download:
    """One file on its way. What has come lies in ``<name>.part`` beside it; ``size`` and ``sha256`` are what it shall be
    (sha256 "" where nobody said)."""

    def __init__(self, folder: Path, name: str, size: int, sha256: str = "") -> None:
        """Raises StorageError for a name that leads out of ``folder``."""
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\\" in name or "\0" in name:
            raise StorageError(f"下载清单里的文件名 {name!r} 不对，没有下载。", f"bad name {name!r}")
        self.path = folder.joinpath(*pure.parts)
        self.part = self.path.with_name(self.path.name + ".part")
        self.size, self.sha256 = size, sha256.lower()

    @property
    def complete(self) -> bool:
        """Whether the file is there, by its size."""
        return self.path.is_file() and self.path.stat().st_size == self.size

    @property
    def have(self) -> int:
        """Bytes that have come so far."""
        if self.complete:
            return self.size
        return min(self.part.stat().st_size, self.size) if self.part.is_file() else 0

    @contextlib.contextmanager
    def writing(self, start: int) -> Iterator[BinaryIO]:
        """The part, open behind its first ``start`` bytes; what lies beyond is dropped. Raises StorageError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.part.open("r+b" if self.part.exists() else "xb") as out:
                out.truncate(start)
                out.seek(start)
                yield out
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise StorageError(f"写不进 {self.path.name}，请检查磁盘空间和权限。", f"{self.part}: {error}") from error

    def finish(self) -> bool:
        """Give the file its name if it is what it shall be; else throw it away and say False."""
        if self.part.stat().st_size != self.size or (self.sha256 and digest(self.part) != self.sha256):
            self.part.unlink()
            return False
        self.part.replace(self.path)
        return True


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    summed = hashlib.sha256()
    with path.open("rb") as source:
        while piece := source.read(CHUNK):
            summed.update(piece)
    return summed.hexdigest()


def free(folder: Path) -> int:
    """Bytes that are free where ``folder`` is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def text(path: Path) -> str:
    """A text file, "" where there is none. Raises StorageError."""
    try:
        return path.read_text("utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path.name} 读不出来，请检查权限和编码。", f"{path}: {error}") from error
