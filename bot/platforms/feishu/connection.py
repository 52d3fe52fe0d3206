"""The long connection by which 飞书 hands events out: we connect, so nothing of ours needs a public address.

飞书 gives a connection three seconds for each event; what is not acknowledged comes again after 15 s, 5 min, 1 h and 6 h,
perhaps to another connection of ours. The press of a button does not come again.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bot.platforms import Later
from bot.platforms.feishu import frames
from bot.platforms.feishu.api import Api

PING_SECONDS = 120.0  # where 飞书 does not say
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds until we connect again
STEADY_SECONDS = 60.0  # a connection that lasted so long was a good one

Handle = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]

log = structlog.get_logger()


class LongConnection:
    """``handle`` gets each event and returns what a press is answered with; raises what makes 飞书 send it again."""

    def __init__(self, api: Api, handle: Handle, opened: asyncio.Event) -> None:
        self.api, self.handle, self.opened = api, handle, opened
        self.ping_seconds = PING_SECONDS
        self.pieces = frames.Pieces()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        wait = FIRST_WAIT
        while True:
            began = time.monotonic()
            try:
                await self._once()
            except Later as later:
                log.warning("feishu is out of reach", reason=str(later))
                wait = max(wait, later.seconds)
            except (OSError, WebSocketException, TimeoutError, ValueError) as error:
                log.warning("feishu connection lost", error=type(error).__name__)
            if time.monotonic() - began > STEADY_SECONDS:
                wait = FIRST_WAIT
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))
            wait = min(LONGEST_WAIT, 2 * wait)

    async def _once(self) -> None:
        """One connection, to its end."""
        url, config = await self.api.endpoint()
        self._configure(config)
        service = int(parse_qs(urlsplit(url).query).get("service_id", ["0"])[0])
        async with connect(url, max_size=None) as socket:
            self.opened.set()
            log.info("feishu connected")
            pinging = asyncio.create_task(self._ping(socket, service))
            try:
                async for message in socket:
                    if isinstance(message, bytes) and (frame := frames.parse(message)) is not None:
                        await self._take(socket, frame)
            finally:
                pinging.cancel()

    async def _ping(self, socket: ClientConnection, service: int) -> None:
        while True:
            await socket.send(frames.ping(service))
            await asyncio.sleep(self.ping_seconds)

    async def _take(self, socket: ClientConnection, frame: Any) -> None:
        """Act upon a frame, and acknowledge it once what it brought is kept."""
        kind, began = frames.headers(frame).get("type"), time.monotonic()
        if frame.method == frames.CONTROL:
            if kind == "pong":
                self._configure(_object(frame.payload))
            return
        try:
            whole = self.pieces.whole(frame)
        except ValueError:
            log.warning("feishu frame not understood")
            whole = b""
        if whole is None:
            return
        code, reply = 200, None
        try:
            reply = await self.handle(_object(whole)) if kind == "event" else None
        except Exception as error:
            log.warning("feishu event not taken", error=type(error).__name__, reason=str(error))
            code = 500
        await socket.send(frames.answer(frame, code, reply, time.monotonic() - began))

    def _configure(self, fields: Mapping[str, Any]) -> None:
        seconds = fields.get("PingInterval")
        if isinstance(seconds, int | float) and seconds > 0:
            self.ping_seconds = float(seconds)


def _object(data: bytes) -> dict[str, Any]:
    """The JSON object in some bytes; {} for anything else."""
    try:
        parsed = json.loads(data)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
