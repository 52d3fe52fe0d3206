"""Who and what the storage tests are about."""

import contextlib
import io
import re
from collections.abc import Callable, Iterator

from PIL import Image

from storage import Storage, jobs

ANN, BOB, ROOM = "web:ann", "web:bob", "web:room"
DAY = 86400.0
Queue = Callable[..., jobs.Job]


class Clock:
    """A clock that stands still: ``clock()`` is now, ``clock.go(seconds)`` makes it later."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time

    def go(self, seconds: float) -> None:
        self.time += seconds


@contextlib.contextmanager
def broken(store: Storage) -> Iterator[None]:
    """A transaction that breaks at its end."""
    with contextlib.suppress(ZeroDivisionError), store.atomic():
        yield
        raise ZeroDivisionError


def png(color: str | tuple[int, ...] = "red", size: tuple[int, int] = (40, 40)) -> bytes:
    """The bytes of a plain PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


def many_scans(count: int, side: int = 64) -> bytes:
    """A progressive JPEG that draws its picture over and over again (the "bomb" of libjpeg-turbo's LJT-01-005)."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "JPEG", progressive=True)
    data = out.getvalue()
    scans = [found.start() for found in re.finditer(b"\xff\xda", data)]
    return data[:-2] + data[scans[-1] : -2] * count + b"\xff\xd9"
