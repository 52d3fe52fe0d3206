"""What a server sent, before it is believed: its size, its time, whether it is a picture; and the sentences for when not."""

import io
import ipaddress
import socket
import time
from dataclasses import dataclass, field
from threading import Event

import httpx
import numpy as np
from PIL import Image

from pipeline.engine import Cancelled, EngineError, Pixels

PIXELS = 40_000_000  # most of a picture
SHORTEST = 16  # pixels of a side
FORMATS = ("PNG", "JPEG", "WEBP")
EMPTY = 2.0  # deviation of all colours: below it a picture is one colour, which is how some servers refuse


@dataclass(slots=True)
class Hold:
    """How long we still wait: until a moment of the monotonic clock, or until somebody has stopped it."""

    until: float
    stopped: Event = field(default_factory=Event)

    def check(self) -> None:
        """Raises Cancelled or EngineError when there is no more waiting."""
        if self.stopped.is_set():
            raise Cancelled
        if time.monotonic() > self.until:
            raise late("the answer does not end")

    def pause(self, seconds: float) -> None:
        """Wait a while."""
        if self.stopped.wait(seconds):
            raise Cancelled


def body(response: httpx.Response, most: int, hold: Hold) -> bytes:
    """An answer's body of at most so many bytes. Raises EngineError when it is larger or does not end in time."""
    pieces, size = [], 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > most:
            raise garbled(f"answer over {most} bytes")
        hold.check()
        pieces.append(piece)
    return b"".join(pieces)


def picture(data: bytes) -> Pixels:
    """Bytes as a picture. Raises EngineError for what is none, is too large, or shows nothing."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > PIXELS or min(image.size) < SHORTEST:
                raise garbled(f"picture of {image.width} × {image.height}")
            pixels = np.asarray(image.convert("RGB"), np.uint8)
    except EngineError:
        raise
    except Exception as error:  # Pillow raises whatever a broken file makes it stumble over
        raise garbled(f"no picture: {type(error).__name__}") from None
    if float(pixels.std((0, 1)).max()) < EMPTY:
        raise refusal("a picture of one colour")
    return pixels


def public(host: str) -> bool:
    """Whether all addresses of a host are on the internet: an answer must not lead into the network that we are in."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(str(one).partition("%")[0]).is_global for one in found)


def refusal(log: str) -> EngineError:
    """The server does not want to."""
    return EngineError(
        "编辑服务器拒绝画这个：它认为照片或要求里有不合适的内容。照片还是原来的样子，换个说法，或者换一种方法。",
        f"refused: {log}",
    )


def garbled(log: str) -> EngineError:
    """What came is no answer."""
    return EngineError(
        "编辑服务器的回答看不懂，没有拿到图，照片还是原来的样子。过一会儿再试，或者换一种方法。", f"bad answer: {log}"
    )


def late(log: object) -> EngineError:
    """We have waited long enough."""
    return EngineError("等编辑服务器等得太久，先不等了。这次可能已经计费，要不要再来一次由你决定。", f"too late: {log}")
