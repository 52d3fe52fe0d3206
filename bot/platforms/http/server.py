"""① ⑨ One signed endpoint by which any bot framework hands messages in and gets answers out.

    POST /v1/messages  one message, JSON or multipart; 202 once its row is committed, the same id twice is one message
    POST /v1/poll      what is to be said, each until it is acknowledged; waits up to ``wait`` seconds for something
    POST /v1/ack       what has been said, with what the platform calls the messages

Where the settings name a callback, answers are posted there instead, signed the same way. A message that is not
acknowledged comes again with the next poll, under the same ``key``: whoever shows it remembers keys.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from pydantic import Field, ValidationError
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import inbox, outbox
from bot.outbox import Due
from bot.platforms import Fetch, Later, Outgoing, Parts, started
from bot.platforms.http import messages
from bot.platforms.http.messages import MOST_PHOTOS, NAME, Bridge, Part, Unreadable
from bot.platforms.http.signing import REFUSALS, Guard, Refused, signed
from bot.platforms.listening import listen
from bot.retry import insist
from storage import HeyingError, Storage
from storage import outbox as rows

LONGEST_WAIT, LOOK_SECONDS = 50.0, 0.15
CALLBACK_SECONDS, AGAIN_SECONDS = 60.0, 5.0
MOST_AT_ONCE = 20

log = structlog.get_logger()


class Poll(Part):
    """How long to wait for something to say, and how much of it to hand out."""

    bridge: Bridge = "bot"
    wait: float = Field(default=25.0, ge=0, le=LONGEST_WAIT)
    most: int = Field(default=5, ge=1, le=MOST_AT_ONCE)


class Ack(Part):
    """Messages that are through: key → what the platform calls them; ``failed``: key → why they never will be."""

    bridge: Bridge = "bot"
    done: dict[str, list[str]] = Field(default_factory=dict)
    failed: dict[str, str] = Field(default_factory=dict)


class Http:
    """The platform."""

    name = NAME
    fetch: Fetch | None = None  # photos are taken in before the message

    def __init__(self, store: Storage, secret: str) -> None:
        config = store.settings.http
        self.store, self.secret = store, secret
        self.host, self.port, self.callback = config.host, config.port, config.callback
        self.pulled = not config.callback  # who shows the answers comes for them
        self.guard = Guard(secret)
        self.opened = asyncio.Event()
        self.most = int(store.settings.limits.megabytes * 1e6 * 4 / 3 * 2)  # two of the largest photos, in Base64
        self.handed: dict[str, dict[str, Due]] = {}  # bridge → key → what it has not acknowledged yet

    # --- out ----------------------------------------------------------------------------------------------------------
    async def send(self, message: Outgoing, parts: Parts) -> None:
        """Post a message to the callback, until somebody there says 2xx."""
        body = json.dumps(await asyncio.to_thread(messages.write, self.store, message), ensure_ascii=False).encode()
        path = urlsplit(self.callback).path or "/"
        headers = {**signed(self.secret, path, body), "Content-Type": "application/json"}
        try:
            async with httpx.AsyncClient(timeout=CALLBACK_SECONDS, follow_redirects=False) as client:
                answer = await client.post(self.callback, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Later(AGAIN_SECONDS, type(error).__name__) from None
        if not answer.is_success:
            raise Later(AGAIN_SECONDS, f"HTTP {answer.status_code}")
        with contextlib.suppress(ValueError, AttributeError):
            numbers = [str(number) for number in answer.json().get("messages", ())]
            await parts.through("message", {"messages": numbers, "photos": list(message.images)})

    async def _poll(self, poll: Poll) -> Response:
        """What is due, leased to the bridge that polls; what it got before and has not acknowledged comes again."""
        handed = self.handed.setdefault(poll.bridge, {})
        while handed:
            with contextlib.suppress(rows.DeliveryLost):
                await insist(handed.popitem()[1].later, self.store, 0.0, "not acknowledged")
        until = asyncio.get_running_loop().time() + poll.wait
        found: list[dict[str, Any]] = []
        while len(found) < poll.most:
            due = await asyncio.to_thread(outbox.due, self.store, NAME, "poll", messages.within(poll.bridge))
            if due is not None:
                found += [said] if (said := await self._written(handed, due)) else []
            elif found or asyncio.get_running_loop().time() >= until:
                break
            else:
                await asyncio.sleep(LOOK_SECONDS)
        return JSONResponse({"messages": found})

    async def _written(self, handed: dict[str, Due], due: Due) -> dict[str, Any] | None:
        try:
            said = await asyncio.to_thread(messages.write, self.store, due.message)
        except HeyingError as error:
            log.warning("cannot be said", delivery=due.deliveries[0].id, reason=str(error))
            await insist(due.never, self.store, str(error))
            return None
        handed[due.message.key] = due
        return said

    async def _ack(self, ack: Ack) -> Response:
        """What is through, and what never will be; ``unknown`` keys come again and are to be acknowledged then."""
        handed, unknown = self.handed.setdefault(ack.bridge, {}), []
        for key in (*ack.done, *ack.failed):
            due = handed.pop(key, None)
            try:
                if due is None:
                    unknown.append(key)
                elif key in ack.done:
                    await insist(self._through, due, ack.done[key])
                else:
                    await insist(due.never, self.store, ack.failed[key])
            except rows.DeliveryLost:
                unknown.append(key)
        return JSONResponse({"unknown": unknown})

    def _through(self, due: Due, numbers: list[str]) -> None:
        receipt = {"messages": numbers, "photos": list(due.message.images)}
        with self.store.atomic():
            rows.part_sent(self.store, due.deliveries[0], "message", receipt)
            due.sent(self.store)

    # --- in -----------------------------------------------------------------------------------------------------------
    async def _message(self, request: Request, body: bytes) -> Response:
        """Take a message in."""
        message, sent = await _read(request, body)
        incoming = await asyncio.to_thread(messages.take, self.store, message, sent)
        new = await insist(inbox.receive, self.store, incoming)
        return JSONResponse({"new": new}, 202)

    async def _called(self, request: Request) -> Response:
        """Any call: who it is, then what is wanted."""
        self.guard.timely(request.headers)
        body = await _body(request, self.most)
        self.guard.admit(request.headers, request.url.path, body)
        try:
            match request.url.path:
                case "/v1/messages":
                    return await self._message(request, body)
                case "/v1/poll":
                    if not self.pulled:
                        raise Unreadable("设置里写了 callback，回答会送到那里，不用来取。")
                    return await self._poll(Poll.model_validate_json(body or b"{}"))
                case _:
                    return await self._ack(Ack.model_validate_json(body))
        except ValidationError as error:
            raise Unreadable(f"请求读不懂：{error.errors()[0]['msg']}。写法见 docs/http.md。") from None

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(started.run(self.store, NAME))
            group.create_task(listen(self.application(), self.host, self.port, self.opened))

    def application(self) -> Starlette:
        """The three addresses."""
        paths = ("/v1/messages", "/v1/poll", "/v1/ack")
        return Starlette(
            routes=[Route(path, self._called, methods=["POST"]) for path in paths],
            exception_handlers={
                Refused: lambda _, error: _wrong(str(error), REFUSALS[str(error)], Refused.status),
                Unreadable: lambda _, error: _wrong("unreadable", str(error), 400),
                TooMuch: lambda _, error: _wrong("too much", "请求太大了，请把图片压缩一下，或者分几次发。", 413),
                HeyingError: lambda _, error: _wrong("storage", getattr(error, "sentence", ""), 503),
                HTTPException: lambda _, error: _wrong(
                    "address", "没有这个地址，接口见 docs/http.md。", _status(error)
                ),
            },
        )


class TooMuch(Exception):
    """A body longer than any message."""


async def _body(request: Request, most: int) -> bytes:
    """The body, if it is no longer than ``most``. Raises TooMuch."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        raise TooMuch
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > most:
            raise TooMuch
    return bytes(found)


async def _read(request: Request, body: bytes) -> tuple[messages.Message, list[tuple[str, bytes]]]:
    """JSON, or a form with the JSON as ``message`` and any number of files ``photo``. Raises Unreadable."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return messages.read(body), []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    again = Request(request.scope, receive)  # type: ignore[arg-type]
    try:
        async with again.form(max_files=MOST_PHOTOS, max_fields=4) as form:
            text = form.get("message")
            if not isinstance(text, str):
                raise Unreadable("表单里缺 message，里面要放 JSON。")
            files = [one for one in form.getlist("photo") if isinstance(one, UploadFile)]
            return messages.read(text), [(one.filename or "", await one.read()) for one in files]
    except HTTPException as error:
        raise Unreadable(f"表单读不懂：{error.detail}。") from None


def _wrong(code: str, sentence: str, status: int) -> Response:
    return JSONResponse({"code": code, "error": sentence}, status)


def _status(error: Exception) -> int:
    return error.status_code if isinstance(error, HTTPException) else 400
