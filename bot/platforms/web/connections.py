"""uvicorn as we run it: so many connections and no more, none that only waits.

A connection that has not sent the head of a request within HEAD_SECONDS is closed (uvicorn itself waits for ever), and
those beyond the limits are closed before anything is read from them. What is turned away is counted, and told in one line
a minute.
"""

import asyncio
import time
from typing import Any

import structlog
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from bot.platforms.web.access import loopback

HEAD_SECONDS = 20.0
TOLD_EVERY = 60.0

log = structlog.get_logger()


class Tally:
    """``what`` happened so often since it was last told."""

    def __init__(self, what: str) -> None:
        self.what, self.count, self.logged_at = what, 0, -TOLD_EVERY

    def turn_away(self, why: str, open: int) -> None:
        """Count one, and say so now and then."""
        self.count += 1
        now = time.monotonic()
        if now - self.logged_at >= TOLD_EVERY:
            log.warning(self.what, count=self.count, last=why, open=open)
            self.count, self.logged_at = 0, now


def protocol(most: int, each: int) -> type[asyncio.Protocol]:
    """The protocol class of a server with at most so many connections, web sockets among them, and at most so many of
    each address that is not this machine's own."""
    tally = Tally("connections turned away")

    class Guarded(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        """uvicorn's, within limits."""

        def connection_made(self, transport: asyncio.Transport) -> None:
            """Let it in, or close it."""
            super().connection_made(transport)
            address = self.client[0] if self.client else ""
            if len(self.connections) > most:
                self._turn_away("full")
            elif not loopback(address) and sum(_address(one) == address for one in self.connections) > each:
                self._turn_away("too many from one address")
            else:
                asyncio.get_running_loop().call_later(HEAD_SECONDS, self._look)

        def _look(self) -> None:
            if self in self.connections and self.cycle is None:  # no longer among them: lost, or a web socket now
                self._turn_away("no request")

        def _turn_away(self, why: str) -> None:
            tally.turn_away(why, len(self.connections))
            self.transport.abort()

    return Guarded


def _address(connection: Any) -> str | None:
    client = getattr(connection, "client", None)
    return client[0] if client else None
