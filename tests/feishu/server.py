"""飞书 as its documents describe it, on this machine: tokens, the long connection, messages, pictures, files. It refuses what
飞书 refuses; what an app must not send at all is also written down in ``wrong``.
"""

import asyncio
import base64
import contextlib
import io
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.platforms.listening import listen
from tests.feishu.wire import Frame, decode
from tests.telegram.process import free_port

APP, SECRET, ME = "cli_a1b2c3d4e5", "a secret of the app", "ou_bot"
SERVICE = 33554678
ACK_SECONDS = 3.0  # for an event, then it comes again
TEXT_BYTES, CARD_BYTES, IMAGE_BYTES, FILE_BYTES = 150_000, 30_000, 10_000_000, 30_000_000
A_SECOND = 5  # messages into a chat
FORMATS = {"JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "ICO"}


class Refused(Exception):
    """An answer with a code that is not 0."""

    def __init__(self, code: int, why: str, status: int = 400, reset: str = "") -> None:
        super().__init__(why)
        self.code, self.why, self.status, self.reset = code, why, status, reset


@dataclass
class Message:
    """A message in a chat; ``sender`` is an open_id or the app."""

    id: str
    chat: str
    sender: str
    kind: str
    content: dict[str, Any]
    parent: str = ""
    at: float = 0.0
    recalled: bool = False


@dataclass
class Feishu:
    """The server. ``faults``: what happens to the next messages that are sent, "busy" (429), "older busy" (400), "slow"
    (it arrives, and the answer is lost), "lost" (it does not) or "expired" (the token is)."""

    port: int = field(default_factory=free_port)
    again_seconds: float = 0.3  # 飞书 waits 15 s, 5 min, …
    piece: int = 0  # bytes of an event in a frame; 0: all
    messages: dict[str, Message] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)  # of groups
    avatars: dict[str, bytes] = field(default_factory=dict)  # of people whom the app may see
    blocked: set[str] = field(default_factory=set)  # people who may not be written to
    faults: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    pings: int = 0

    def __post_init__(self) -> None:
        self.numbers = itertools.count(1000)
        self.tokens: set[str] = set()
        self.incoming: dict[str, dict[str, Any]] = {}  # events of messages, by their message
        self.uuids: dict[str, str] = {}
        self.pending: dict[str, dict[str, Any]] = {}  # events that are not acknowledged, by event_id
        self.sockets: list[WebSocket] = []
        self.waiting: dict[str, asyncio.Future[Frame]] = {}
        self.sent: dict[str, list[float]] = {}
        self.open = asyncio.Event()
        self.lock = threading.RLock()
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        assert started.wait(30)

    @property
    def url(self) -> str:
        """The domain that an app is to use."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop serving."""
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.thread.join(20)
        assert not self.thread.is_alive()

    # --- what people do -----------------------------------------------------------------------------------------------
    def say(
        self,
        person: str,
        group: str,
        kind: str,
        content: dict[str, Any],
        parent: str = "",
        at: bool = True,
        others: dict[str, str] | None = None,
    ) -> str:
        """Somebody says something, alone with the bot or in a group (there to it, unless not ``at``); the message's id."""
        chat = group or self.alone(person)
        mentions = (
            [{"key": "@_user_1", "id": {"open_id": ME}, "name": "合影", "tenant_key": "t"}] if group and at else []
        )
        for number, (other, name) in enumerate((others or {}).items(), 2):  # who is named besides, by @_user_2, …
            mentions.append({"key": f"@_user_{number}", "id": {"open_id": other}, "name": name, "tenant_key": "t"})
        with self.lock:
            if group:
                self.members.setdefault(group, set()).add(person)
            message = self._add(chat, person, kind, content, parent)
        told = {
            "sender": {"sender_id": {"open_id": person, "union_id": "on_x", "user_id": "x"}, "sender_type": "user"},
            "message": {
                "message_id": message.id, "chat_id": chat, "chat_type": "group" if group else "p2p", "message_type": kind,
                "content": json.dumps(content, ensure_ascii=False), "create_time": str(int(time.time() * 1000)),
                **({"parent_id": parent, "root_id": parent} if parent else {}), **({"mentions": mentions} if mentions else {}),
            },
        }  # fmt: skip
        self.incoming[message.id] = told
        self.event("im.message.receive_v1", told)
        return message.id

    def tell_again(self, message: str) -> None:
        """The same message under another event_id, as happens."""
        self.event("im.message.receive_v1", self.incoming[message])

    def words(self, person: str, group: str, text: str, parent: str = "", at: bool = True) -> str:
        """Somebody says words."""
        return self.say(person, group, "text", {"text": f"@_user_1 {text}" if group and at else text}, parent, at)

    def post(self, person: str, group: str, text: str, pictures: list[bytes], parent: str = "") -> str:
        """Somebody says words with pictures among them."""
        lines = [[{"tag": "img", "image_key": self.image(data), "width": 9, "height": 9}] for data in pictures]
        at = [{"tag": "at", "user_id": "@_user_1", "user_name": "合影"}, {"tag": "text", "text": " "}] if group else []
        lines.append([*at, {"tag": "text", "text": text, "style": []}])
        return self.say(person, group, "post", {"title": "", "content": lines}, parent)

    def press(self, person: str, message: str, label: str) -> None:
        """Somebody presses a button of a card."""
        card = self.messages[message]
        action = next(one for one in buttons_in(card) if one["text"]["content"] == label)
        self.event("card.action.trigger", {
            "operator": {"tenant_key": "t", "open_id": person, "union_id": "on_x"}, "token": "c-1", "host": "im_message",
            "action": {"value": action["value"], "tag": "button"},
            "context": {"open_message_id": message, "open_chat_id": card.chat},
        })  # fmt: skip

    def event(self, kind: str, told: dict[str, Any], number: str = "") -> str:
        """An event happens; its event_id."""
        number = number or f"ev{next(self.numbers)}"
        header = {
            "event_id": number,
            "event_type": kind,
            "create_time": "1",
            "token": "",
            "app_id": APP,
            "tenant_key": "t",
        }
        self.pending[number] = {"schema": "2.0", "header": header, "event": told}
        asyncio.run_coroutine_threadsafe(self._push(number), self.loop)
        return number

    def image(self, data: bytes) -> str:
        """A picture that somebody has; its key."""
        key = f"img_v3_{next(self.numbers)}"
        self.images[key] = data
        return key

    def file(self, name: str, data: bytes) -> str:
        """A file that somebody has; its key."""
        key = f"file_v3_{next(self.numbers)}"
        self.files[key] = (name, data)
        return key

    def alone(self, person: str) -> str:
        """The chat of somebody with the bot."""
        return f"oc_alone_{person.removeprefix('ou_')}"

    def said(self, chat: str) -> list[Message]:
        """What the bot has said in a chat."""
        with self.lock:
            return [
                one for one in self.messages.values() if one.chat == chat and one.sender == APP and not one.recalled
            ]

    def forget_tokens(self) -> None:
        """All tokens end at once."""
        self.tokens.clear()

    def hang_up(self) -> None:
        """Every long connection is closed."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(20)

    # --- the long connection ------------------------------------------------------------------------------------------
    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        routes = [
            WebSocketRoute("/ws", self._socket),
            *(Route(path, self._guarded(act), methods=[method]) for (method, path), act in ROUTES.items()),
        ]
        serving = listen(Starlette(routes=routes), "127.0.0.1", self.port, self.open)
        self.task = self.loop.create_task(serving)

        async def run() -> None:
            await self.open.wait()
            started.set()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

        self.loop.run_until_complete(run())

    async def _socket(self, socket: WebSocket) -> None:
        if socket.query_params.get("access_key") != "key" or socket.query_params.get("service_id") != str(SERVICE):
            return await socket.close(4401)
        await socket.accept()
        self.sockets.append(socket)
        try:
            for number in list(self.pending):
                self.loop.create_task(self._push(number))
            while True:
                frame = decode(await socket.receive_bytes())
                kind = dict(frame.headers).get("type")
                if (frame.method, kind) == (0, "ping") and frame.service == SERVICE:
                    self.pings += 1
                    config = json.dumps({"PingInterval": 90, "ReconnectCount": -1, "ReconnectInterval": 120}).encode()
                    await socket.send_bytes(Frame(0, 0, SERVICE, 0, [("type", "pong")], config).encode())
                elif frame.method == 1 and (waiting := self.waiting.get(dict(frame.headers)["message_id"])):
                    if not waiting.done():
                        waiting.set_result(frame)
                else:
                    self.wrong.append(f"frame {frame}")
        except (WebSocketDisconnect, RuntimeError, KeyError):
            return None
        finally:
            self.sockets.remove(socket)

    async def _push(self, number: str) -> None:
        """Tell an event until it is acknowledged; presses once."""
        while self.sockets and number in self.pending:
            event, socket = self.pending[number], self.sockets[-1]
            payload = json.dumps(event, ensure_ascii=False).encode()
            size = self.piece or len(payload)
            pieces = [payload[at : at + size] for at in range(0, len(payload), size)]
            id = f"m{next(self.numbers)}"
            waiting = self.waiting[id] = self.loop.create_future()
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                for place, piece in enumerate(pieces):
                    headers = [
                        ("type", "event"), ("message_id", id), ("sum", str(len(pieces))), ("seq", str(place)), ("trace_id", "t"),
                    ]  # fmt: skip
                    await socket.send_bytes(Frame(1, 2**63 + 1, SERVICE, 1, headers, piece).encode())
            try:
                answer = json.loads((await asyncio.wait_for(waiting, ACK_SECONDS)).payload)
            except TimeoutError:
                answer = {"code": 0}
            finally:
                del self.waiting[id]
            press = event["header"]["event_type"] == "card.action.trigger"
            if answer["code"] == 200 or press:
                self.pending.pop(number, None)
                if press and answer["code"] == 200:
                    self._toast(answer.get("data"))
                return
            await asyncio.sleep(self.again_seconds)

    def _toast(self, data: str | None) -> None:
        told = json.loads(base64.b64decode(data or "e30="))
        if set(told) - {"toast"} or (told and set(told["toast"]) != {"type", "content"}):
            self.wrong.append(f"press answered with {told}")
        self.toasts += [told["toast"]["content"]] if told else []

    async def _hang_up(self) -> None:
        for socket in list(self.sockets):
            await socket.close(1001)

    # --- HTTP ---------------------------------------------------------------------------------------------------------
    def _guarded(self, act: Callable[..., Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            self.calls.append(f"{request.method} {request.url.path}")
            try:
                if act not in OPEN:
                    self._admit(request)
                told = await act(self, request)
            except Refused as refused:
                headers = (
                    {"x-ogw-ratelimit-reset": refused.reset, "x-ogw-ratelimit-limit": "5"} if refused.reset else {}
                )
                return JSONResponse({"code": refused.code, "msg": refused.why}, refused.status, headers)
            return told if isinstance(told, Response) else JSONResponse({"code": 0, "msg": "success", **told})

        return answer

    def _admit(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            raise Refused(99991661, "Missing access token for authorization.")
        if token not in self.tokens:
            raise Refused(99991663, "Invalid access token for authorization.")

    async def _token(self, request: Request) -> dict[str, Any]:
        told = await request.json()
        if told != {"app_id": APP, "app_secret": SECRET}:
            raise Refused(10014, "app secret invalid", 200)
        token = f"t-{next(self.numbers)}"
        self.tokens.add(token)
        return {"tenant_access_token": token, "expire": 7200}

    async def _endpoint(self, request: Request) -> dict[str, Any]:
        told = await request.json()
        if told != {"AppID": APP, "AppSecret": SECRET}:
            raise Refused(10003, "invalid app", 200)
        url = f"ws://127.0.0.1:{self.port}/ws?device_id=7&service_id={SERVICE}&access_key=key"
        config = {"ReconnectCount": -1, "ReconnectInterval": 120, "ReconnectNonce": 30, "PingInterval": 120}
        return {"data": {"URL": url, "ClientConfig": config}}

    async def _info(self, request: Request) -> dict[str, Any]:
        return {"bot": {"activate_status": 2, "app_name": "合影", "avatar_url": "", "open_id": ME}}

    async def _create(self, request: Request) -> dict[str, Any]:
        told = self._body(await request.json(), {"receive_id", "msg_type", "content"})
        kind, id = request.query_params.get("receive_id_type"), told["receive_id"]
        if kind == "open_id" and id.startswith("ou_"):
            if id in self.blocked:
                raise Refused(230013, "Bot has NO availability to this user.")
            return self._post(self.alone(id), told)
        if kind == "chat_id" and id.startswith("oc_"):
            return self._post(id, told)
        raise self._misuse(230001, f"receive_id_type {kind} with {id}")

    async def _reply(self, request: Request) -> dict[str, Any]:
        told = self._body(await request.json(), {"msg_type", "content"})
        parent = self._message(request)
        return self._post(parent.chat, told, parent.id)

    async def _get(self, request: Request) -> dict[str, Any]:
        one = self._message(request)
        app = one.sender == APP
        sender = {"id": one.sender, "id_type": "app_id" if app else "open_id", "sender_type": "app" if app else "user"}
        body = {"content": json.dumps(one.content, ensure_ascii=False)}
        item = {"message_id": one.id, "msg_type": one.kind, "chat_id": one.chat, "sender": sender, "body": body}
        return {"data": {"items": [item]}}

    async def _user(self, request: Request) -> dict[str, Any]:
        person = request.path_params["person"]
        if request.query_params.get("user_id_type") != "open_id" or not person.startswith("ou_"):
            raise self._misuse(99992351, "not a valid open_id")
        if person not in self.avatars:
            raise Refused(41050, "no user authority error")
        address = {f"avatar_{size}": f"{self.url}/static/{person}/{size}" for size in ("72", "240", "640", "origin")}
        return {"data": {"user": {"open_id": person, "name": person, "avatar": address}}}

    async def _static(self, request: Request) -> Response:
        return Response(self.avatars[request.path_params["person"]], media_type="image/png")

    async def _resource(self, request: Request) -> Response:
        one, key = self._message(request), request.path_params["key"]
        if one.kind in ("interactive", "merge_forward"):
            raise Refused(234043, "Unsupported message type.")
        if key not in json.dumps(one.content) or request.query_params.get("type") not in ("image", "file"):
            raise self._misuse(234003, "File not in message.")
        if request.query_params["type"] == "image":
            if key not in self.images:
                raise Refused(234003, "File not in message.")
            return Response(self.images[key], media_type="image/jpeg")
        return Response(self.files[key][1], media_type="application/octet-stream")

    async def _image(self, request: Request) -> dict[str, Any]:
        async with request.form(max_part_size=50_000_000) as form:
            part = form.get("image")
            if (
                set(form) != {"image_type", "image"}
                or form["image_type"] != "message"
                or not isinstance(part, UploadFile)
            ):
                raise self._misuse(234001, f"form {sorted(form)}")
            data = await part.read()
        if not 0 < len(data) <= IMAGE_BYTES:
            raise self._misuse(234006, "The file size exceed the max value.")
        try:
            with Image.open(io.BytesIO(data)) as picture:
                format, size = picture.format, picture.size
        except OSError:
            raise self._misuse(234011, "Can't recognize image format.") from None
        if format not in FORMATS or max(size) > 12_000:
            raise self._misuse(234039, f"{format} of {size}")
        return {"data": {"image_key": self.image(data)}}

    async def _file(self, request: Request) -> dict[str, Any]:
        async with request.form(max_part_size=50_000_000) as form:
            part, name = form.get("file"), form.get("file_name")
            if set(form) != {"file_type", "file_name", "file"} or form["file_type"] != "stream":
                raise self._misuse(234001, f"form {sorted(form)}")
            assert isinstance(part, UploadFile)
            data = await part.read()
        if not 0 < len(data) <= FILE_BYTES or not isinstance(name, str) or not name:
            raise self._misuse(234006, f"file of {len(data)} bytes")
        return {"data": {"file_key": self.file(name, data)}}

    def _body(self, told: Any, needed: set[str]) -> dict[str, str]:
        if not isinstance(told, dict) or not needed <= set(told) <= needed | {"uuid", "reply_in_thread"}:
            raise self._misuse(230001, f"body {told}")
        if not all(isinstance(value, str) for value in told.values()):
            raise self._misuse(230001, "content is a string of JSON")
        if len(told.get("uuid", "")) > 50:
            raise self._misuse(230001, "uuid is longer than 50")
        return told

    def _message(self, request: Request) -> Message:
        one = self.messages.get(request.path_params["id"])
        if one is None:
            raise self._misuse(230001, "no such message")
        if one.recalled:
            raise Refused(230011, "The message is recalled.")
        return one

    def _post(self, chat: str, told: dict[str, str], parent: str = "") -> dict[str, Any]:
        with self.lock:
            if told.get("uuid") in self.uuids:
                return {"data": {"message_id": self.uuids[told["uuid"]]}}
            if not chat.startswith("oc_alone_") and chat not in self.members:
                raise Refused(230002, "Bot/User can NOT be out of the chat.")
            content = self._content(told["msg_type"], told["content"])
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "busy":
                raise Refused(99991400, "request trigger frequency limit", 429, "0.3")
            if fault == "older busy":
                raise Refused(230020, "This operation triggers the frequency limit.", 400, "0.3")
            if fault == "expired":
                self.forget_tokens()
                raise Refused(99991663, "Invalid access token for authorization.")
            if fault == "lost":
                raise Refused(0, "", 502)
            now = time.monotonic()
            lately = self.sent[chat] = [at for at in self.sent.get(chat, []) if now - at < 1.0]
            if len(lately) >= A_SECOND:
                self.wrong.append(f"{len(lately) + 1} messages in a second")
                raise Refused(230020, "This operation triggers the frequency limit.", 400, "1")
            lately.append(now)
            message = self._add(chat, APP, told["msg_type"], content, parent)
            if told.get("uuid"):
                self.uuids[told["uuid"]] = message.id
            if fault == "slow":
                raise Refused(0, "", 502)
            return {"data": {"message_id": message.id, "msg_type": message.kind, "chat_id": chat}}

    def _content(self, kind: str, text: str) -> dict[str, Any]:
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise self._misuse(230001, "content is not in JSON")
        if len(text.encode()) > (CARD_BYTES if kind == "interactive" else TEXT_BYTES):
            raise self._misuse(230025, "The length of the message content reaches its limit.")
        match kind:
            case "text" if set(content) == {"text"} and isinstance(content["text"], str) and content["text"].strip():
                if "<at" in content["text"]:
                    raise self._misuse(230001, "somebody is called")
            case "image" if set(content) == {"image_key"} and content["image_key"] in self.images:
                pass
            case "file" if set(content) == {"file_key"} and content["file_key"] in self.files:
                pass
            case "interactive":
                self._card(content)
            case _:
                raise self._misuse(230001, f"{kind} {text[:200]}")
        return content

    def _card(self, card: dict[str, Any]) -> None:
        """JSON 1.0, as far as it is used."""
        if set(card) != {"config", "elements"} or set(card["config"]) - {"update_multi", "enable_forward"}:
            raise self._misuse(230099, f"card {sorted(card)}")
        for element in card["elements"]:
            match element:
                case {"tag": "div", "text": {"tag": "plain_text", "content": str(words)}} if words.strip():
                    pass
                case {"tag": "action", "layout": "flow", "actions": [_, *_] as actions}:
                    for action in actions:
                        self._button(action)
                case _:
                    raise self._misuse(230099, f"element {element}")

    def _button(self, action: Any) -> None:
        match action:
            case {
                "tag": "button", "text": {"tag": "plain_text", "content": str(label)}, "type": "default" | "primary",
                "value": dict(),
            } if 0 < len(label) <= 100:  # fmt: skip
                return
        raise self._misuse(230099, f"button {action}")

    def _misuse(self, code: int, why: str) -> Refused:
        self.wrong.append(f"{code}: {why}")
        return Refused(code, why)

    def _add(self, chat: str, sender: str, kind: str, content: dict[str, Any], parent: str) -> Message:
        message = Message(f"om_{next(self.numbers)}", chat, sender, kind, content, parent, time.monotonic())
        self.messages[message.id] = message
        return message


ROUTES: dict[tuple[str, str], Callable[..., Any]] = {
    ("POST", "/open-apis/auth/v3/tenant_access_token/internal"): Feishu._token,
    ("POST", "/callback/ws/endpoint"): Feishu._endpoint,
    ("GET", "/open-apis/bot/v3/info"): Feishu._info,
    ("POST", "/open-apis/im/v1/messages"): Feishu._create,
    ("POST", "/open-apis/im/v1/messages/{id}/reply"): Feishu._reply,
    ("GET", "/open-apis/im/v1/messages/{id}"): Feishu._get,
    ("GET", "/open-apis/im/v1/messages/{id}/resources/{key}"): Feishu._resource,
    ("GET", "/open-apis/contact/v3/users/{person}"): Feishu._user,
    ("GET", "/static/{person}/{size}"): Feishu._static,
    ("POST", "/open-apis/im/v1/images"): Feishu._image,
    ("POST", "/open-apis/im/v1/files"): Feishu._file,
}
OPEN = (Feishu._token, Feishu._endpoint, Feishu._static)


@contextlib.contextmanager
def running() -> Iterator[Feishu]:
    """A server for as long as it is wanted; nothing wrong may have been sent to it."""
    server = Feishu()
    try:
        yield server
    finally:
        server.close()
    assert server.wrong == []


def words_of(message: Message) -> str:
    """The words of a message, or of a card."""
    if message.kind == "interactive":
        return "\n".join(one["text"]["content"] for one in message.content["elements"] if one["tag"] == "div")
    return str(message.content.get("text", ""))


def buttons_in(message: Message) -> list[dict[str, Any]]:
    """The buttons of a card."""
    return [one for element in message.content.get("elements", ()) for one in element.get("actions", ())]


def labels_of(message: Message) -> list[str]:
    """What stands on the buttons of a card."""
    return [one["text"]["content"] for one in buttons_in(message)]
