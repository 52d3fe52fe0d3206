"""Who and what the storage tests are about."""

import contextlib
import io
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
