"""① ⑨ OneBot v11 by reverse WebSocket: bridges connect to ws://…/onebot/v11/ws, events come in, calls go out.

https://github.com/botuniverse/onebot-11/blob/master/communication/ws-reverse.md. One connection an account; a newer one
takes the place of an older one.
"""

import asyncio
import contextlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import structlog
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot import inbox, replies
from bot.platforms import Fetch, Later, Outgoing, Parts, started
from bot.platforms.listening import listen
from bot.platforms.onebot.events import NAME, Heard, hear, pictures_of
from bot.platforms.onebot.sending import Failed, send
from bot.retry import insist
from storage import Storage, outbox
from storage.photos import PhotoError

PATHS = ("/onebot/v11/ws", "/onebot/v11", "/")
CALL_SECONDS, FETCH_SECONDS = 60.0, 60.0
AVATAR = "http://q1.qlogo.cn/g?b=qq&nk={}&s=640"  # QQ's own, of anybody's number
PACE_SECONDS = 1.0  # between two messages of ours: who is quicker is taken for spam
AWAY_SECONDS = 3.0  # until a message is tried again for which nobody is connected
MOST_FRAME = 64_000_000  # bytes of an event

log = structlog.get_logger()


class Bridge:
    """One account that is connected."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)
        self.waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.said_at = 0.0

    async def call(self, action: str, **params: Any) -> Any:
        """Call an action and return its data. Raises Failed."""
        if action == "send_msg":
            await asyncio.sleep(self.said_at + PACE_SECONDS - time.monotonic())
            self.said_at = time.monotonic()
        echo = f"h{next(self.numbers)}"
        answer = self.waiting[echo] = asyncio.get_running_loop().create_future()
        try:
            await self.socket.send_text(json.dumps({"action": action, "params": params, "echo": echo}))
            reply = await asyncio.wait_for(answer, CALL_SECONDS)
        except (TimeoutError, WebSocketDisconnect, RuntimeError) as error:  # RuntimeError: the socket is closed
            raise Failed(type(error).__name__) from None
        finally:
            self.waiting.pop(echo, None)
        if reply.get("status") not in ("ok", "async"):
            raise Failed(str(reply.get("wording") or reply.get("message") or reply.get("retcode"))[:200])
        return reply.get("data") or {}

    def answered(self, reply: Mapping[str, Any]) -> bool:
        """Whether this is the answer to a call."""
        waiting = self.waiting.get(str(reply.get("echo", "")))
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)
        return "echo" in reply and "post_type" not in reply

    def gone(self) -> None:
        """The connection has ended: nothing is waited for any more."""
        for waiting in self.waiting.values():
            if not waiting.done():
                waiting.set_result({"status": "failed", "wording": "disconnected"})


class OneBot:
    """The platform."""

    name = NAME
    pulled = False

    def __init__(self, store: Storage, token: str) -> None:
        config = store.settings.onebot
        self.store, self.token, self.host, self.port = store, token, config.host, config.port
        self.most = int(store.settings.limits.megabytes * 1e6)
        self.bridges: dict[str, Bridge] = {}
        self.opened = asyncio.Event()

    # --- in -----------------------------------------------------------------------------------------------------------
    async def _connected(self, socket: WebSocket) -> None:
        """Serve one connection until it ends."""
        us = socket.headers.get("x-self-id", "")
        if not self._known(socket) or not us.isdecimal():
            log.warning("onebot refused", self_id=us[:20])
            await socket.close(4401)
            return
        await socket.accept()
        bridge, before = Bridge(socket), self.bridges.get(us)
        self.bridges[us] = bridge
        log.info("onebot connected", accounts=len(self.bridges))
        if before is not None:
            with contextlib.suppress(RuntimeError):
                await before.socket.close(1000)
        working = asyncio.create_task(self._work_off(bridge))
        try:
            while True:
                data = _object(await socket.receive_text())
                if not bridge.answered(data):
                    bridge.events.put_nowait(data)
        except (WebSocketDisconnect, RuntimeError, KeyError):  # KeyError: a frame of bytes
            pass
        finally:
            bridge.gone()
            if self.bridges.get(us) is bridge:
                del self.bridges[us]
            await bridge.events.join()  # what has arrived is kept
            working.cancel()

    def _known(self, socket: WebSocket) -> bool:
        given = socket.headers.get("authorization", "").removeprefix("Bearer ").removeprefix("Token ")
        given = given or socket.query_params.get("access_token", "")
        return hmac.compare_digest(given.encode(), self.token.encode())

    async def _work_off(self, bridge: Bridge) -> None:
        """Take in the events of a connection, in their order; the answers to our calls come in between."""
        while True:
            event = await bridge.events.get()
            try:
                heard = await asyncio.to_thread(hear, self.store, event)
                if heard is not None:
                    heard = await self._behind(bridge, heard)
                if heard is not None and heard.for_us:
                    await insist(self._commit, heard)
            except Exception:
                log.exception("unreadable event")
            finally:
                bridge.events.task_done()

    async def _behind(self, bridge: Bridge, heard: Heard) -> Heard:
        """A message with what the one that it answers shows, where the bridge knows it; an answer to ours is for us."""
        if not heard.answering:
            return heard
        try:
            reply = await bridge.call("get_msg", message_id=int(heard.answering))
        except (Failed, ValueError):
            return heard
        ours = str(reply.get("user_id", "")) == heard.incoming.chat.removeprefix(f"{NAME}:").partition(".")[0]
        shown = await asyncio.to_thread(outbox.shown, self.store, heard.incoming.chat, heard.answering) if ours else ()
        if shown:  # it was being sent when it was answered
            return replace(heard, incoming=replace(heard.incoming, replied=shown), for_us=True)
        behind = ({**picture, "replied": True} for picture in pictures_of(reply.get("message")))
        return replace(heard, files=(*heard.files, *behind), for_us=heard.for_us or ours)

    def _commit(self, heard: Heard) -> None:
        inbox.receive(self.store, heard.incoming, files=heard.files)

    @property
    def fetch(self) -> Fetch:
        """See Platform."""
        return self._fetch

    async def _fetch(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a picture. Raises PhotoError."""
        if file.get("size", 0) > self.most:
            raise self._too_big()
        url = AVATAR.format(str(file["avatar"]).rpartition(".")[2]) if "avatar" in file else str(file.get("url", ""))
        if not url.startswith(("http://", "https://")):
            raise PhotoError(replies.NOT_DOWNLOADED, "no address")
        found = bytearray()
        try:
            async with (
                httpx.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=True, max_redirects=3) as client,
                client.stream("GET", url) as answer,
            ):
                answer.raise_for_status()
                async for part in answer.aiter_bytes():
                    found += part
                    if len(found) > self.most:
                        raise self._too_big()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PhotoError(replies.NOT_DOWNLOADED, type(error).__name__) from None
        return bytes(found)

    def _too_big(self) -> PhotoError:
        return PhotoError(replies.file_too_big(round(self.most / 1e6)), "file is too big")

    # --- out ----------------------------------------------------------------------------------------------------------
    async def send(self, message: Outgoing, parts: Parts) -> None:
        """See Platform."""
        bridge = self.bridges.get(message.chat.removeprefix(f"{NAME}:").partition(".")[0])
        if bridge is None:
            raise Later(AWAY_SECONDS, "nobody is connected")
        await send(self.store, bridge.call, message, parts)

    async def run(self) -> None:
        """Serve until cancelled."""
        application = Starlette(routes=[WebSocketRoute(path, self._connected) for path in PATHS])
        async with asyncio.TaskGroup() as group:
            group.create_task(started.run(self.store, NAME))
            group.create_task(listen(application, self.host, self.port, self.opened, ws_max_size=MOST_FRAME))


def _object(frame: str) -> dict[str, Any]:
    """The JSON object of a frame; {} for anything else."""
    try:
        data = json.loads(frame)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
