"""One program at a time serves a platform on a data folder. The operating system holds the lock, so a kill frees it."""

import contextlib
from collections.abc import Iterator
from typing import TextIO

from storage import Storage, StorageError


@contextlib.contextmanager
def alone(store: Storage, platform: str) -> Iterator[None]:
    """As long as the block lasts no other program serves that platform here. Raises StorageError when one does.

    Two would put each other's work back at their start (``inbox.rescue``, ``outbox.rescue``) and say things twice.
    Where there is no ``flock`` (Windows) this does nothing.
    """
    try:
        import fcntl
    except ModuleNotFoundError:
        yield
        return
    with _opened(store, platform) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError(
                f"数据文件夹 {store.folder} 已经有一个合影在用（{platform}）。先关掉那一个，或者用 HEYING_DATA 换一个文件夹。",
                f"{platform} is served by another program",
            ) from error
        except OSError:  # a network disk without locks
            pass
        yield


def _opened(store: Storage, platform: str) -> TextIO:
    path = store.folder / f"{platform}.lock"
    try:
        return path.open("a")
    except OSError as error:
        raise StorageError(
            f"数据文件夹 {store.folder} 用不了，请检查它是否可写、磁盘是否已满。", f"cannot open {path}: {error}"
        ) from error
