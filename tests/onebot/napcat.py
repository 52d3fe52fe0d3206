"""A bridge of QQ as NapCat is one: it connects by reverse WebSocket, tells events, and carries actions out as strictly as
QQ does. What breaks OneBot's or QQ's rules is written down in ``wrong`` and refused.
"""

import base64
import http.server
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

SELF = 10001
LONGEST, LIGHT, MOST_PICTURES = 4500, 1_000_000, 9  # characters; bytes and number of pictures in a message
PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp", b"GIF8": "gif"}


@dataclass
class Chat:
    """A group, or somebody alone. ``messages``: as get_msg tells them, oldest first; ``files``: uploaded (name, bytes)."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)


class NapCat:
    """The bridge. ``faults``: what happens to the next messages, "slow" (it arrives but is reported as failed), "lost"
    (reported as failed, and it is) or "cut" (it arrives, and the connection breaks before the answer); ``file_faults``: to the next files."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.chats: dict[tuple[str, int], Chat] = {}
        self.wrong: list[str] = []
        self.faults: list[str] = []
        self.file_faults: list[str] = []
        self.calls: list[str] = []
        self.numbers = itertools.count(1000)
        self.pictures: dict[str, bytes] = {}
        self.members: dict[int, set[int]] = {}
        self.lock = threading.RLock()
        self.open, self.connected = True, threading.Event()
        self.socket: ClientConnection | None = None
        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def close(self) -> None:
        """Hang up for good."""
        self.open = False
        if self.socket is not None:
            self.socket.close()
        self.thread.join(20)
        self.web.shutdown()

    # --- what people do -----------------------------------------------------------------------------------------------
    def say(self, person: int, group: int, message: list[dict[str, Any]] | str, **more: Any) -> int:
        """Somebody says something; the number of the message."""
        with self.lock:
            if group:
                self.members.setdefault(group, set()).add(person)
            number = next(self.numbers)
            told = {
                "time": int(time.time()), "self_id": SELF, "post_type": "message", "message_id": number,
                "user_id": person, "message": message, "raw_message": str(message), "font": 14,
                "sender": {"user_id": person, "nickname": str(person)}, "message_type": "group" if group else "private",
                "sub_type": "normal" if group else "friend", **({"group_id": group} if group else {}), **more,
            }  # fmt: skip
            self.chat(person, group).messages.append(told)
        self.event(told)
        return number

    def event(self, told: Any) -> None:
        """Tell an event, as soon as somebody listens."""
        while True:
            assert self.connected.wait(30)
            assert self.socket is not None
            try:
                return self.socket.send(told if isinstance(told, str | bytes) else json.dumps(told))
            except ConnectionClosed:
                time.sleep(0.05)

    def picture(self, data: bytes, name: str = "a.png") -> dict[str, Any]:
        """A picture as QQ tells of it: an address to fetch it from."""
        with self.lock:
            path = f"/{next(self.numbers)}/{name}"
            self.pictures[path] = data
        url = f"http://127.0.0.1:{self.web.server_port}{path}"
        return {"type": "image", "data": {"file": name, "url": url, "file_size": str(len(data)), "sub_type": 0}}

    def chat(self, person: int, group: int) -> Chat:
        """A group's chat, else the person's."""
        return self.chats.setdefault(("group", group) if group else ("private", person), Chat())

    def said(self, person: int, group: int) -> list[dict[str, Any]]:
        """What the bot has said there."""
        with self.lock:
            ours = [one for one in self.chat(person, group).messages if one["user_id"] == SELF]
        return [one for one in ours if one["message"][0]["type"] != "file"]

    # --- the wire -----------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "X-Self-ID": str(SELF), "X-Client-Role": "Universal"}
        while self.open:
            try:
                with connect(self.url, additional_headers=headers, max_size=None) as self.socket:
                    self.event_now({"post_type": "meta_event", "meta_event_type": "lifecycle", "sub_type": "connect"})
                    self.connected.set()
                    for frame in self.socket:
                        self._act(json.loads(frame))
            except (OSError, ConnectionClosed, InvalidStatus):
                pass
            self.connected.clear()
            time.sleep(0.1)

    def event_now(self, told: dict[str, Any]) -> None:
        """An event of the connection itself."""
        assert self.socket is not None
        self.socket.send(json.dumps({"time": int(time.time()), "self_id": SELF, **told}))

    def _act(self, told: dict[str, Any]) -> None:
        assert self.socket is not None
        action, echo = told.get("action", ""), told.get("echo")
        self.calls.append(action)
        try:
            with self.lock:
                if set(told) != {"action", "params", "echo"}:
                    raise Refused("a call has action, params and echo")
                data = ACTIONS[action](self, **told["params"]) if action in ACTIONS else refuse(f"no action {action}")
            answer = {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": "", "echo": echo}
        except Slow:
            words = "Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg"
            answer = {
                "status": "failed",
                "retcode": 1200,
                "data": None,
                "message": words,
                "wording": words,
                "echo": echo,
            }
        except Cut:
            self.connected.clear()
            return self.socket.close()
        except (Refused, TypeError) as error:
            self.wrong.append(f"{action}: {error}")
            answer = {"status": "failed", "retcode": 1400, "data": None, "wording": str(error), "echo": echo}
        return self.socket.send(json.dumps(answer))

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        bridge = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = bridge.pictures.get(self.path)
                self.send_response(404 if data is None else 200)
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *told: object) -> None:
                pass

        return Handler

    # --- actions ------------------------------------------------------------------------------------------------------
    def _send_msg(self, message_type: str, message: Any, user_id: Any = None, group_id: Any = None) -> dict[str, Any]:
        chat = self._place(message_type, user_id, group_id)
        kept = self._checked(chat, message)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost":
            raise Slow
        number = self._keep(chat, kept)
        if fault == "slow":
            raise Slow
        if fault == "cut":
            raise Cut
        return {"message_id": number}

    def _keep(self, chat: Chat, message: list[dict[str, Any]]) -> int:
        """A message of the bot stands in a chat; its number."""
        number = next(self.numbers)
        chat.messages.append(
            {"message_id": number, "user_id": SELF, "self_id": SELF, "time": int(time.time()), "message": message}
        )
        return number

    def _place(self, message_type: Any, user_id: Any, group_id: Any) -> Chat:
        if message_type == "group" and isinstance(group_id, int) and user_id is None:
            if group_id not in self.members:
                refuse("not in that group")
            return self.chats[("group", group_id)]
        if message_type == "private" and isinstance(user_id, int) and group_id is None:
            return self.chats.get(("private", user_id)) or refuse("no such friend")
        return refuse("message_type, user_id and group_id do not fit")

    def _checked(self, chat: Chat, message: Any) -> list[dict[str, Any]]:
        """The segments as they will be told of."""
        if not isinstance(message, list) or not message:
            return refuse("message is an array of segments")
        kept, text, pictures = [], "", 0
        for place, part in enumerate(message):
            if set(part) != {"type", "data"}:
                refuse(f"a segment has type and data: {part}")
            kind, data = part["type"], part["data"]
            match kind, sorted(data):
                case "text", ["text"]:
                    text += data["text"]
                case "reply", ["id"]:
                    if place or data["id"] not in {str(one["message_id"]) for one in chat.messages}:
                        refuse("a reply comes first, and to a message of this chat")
                case "image", ["file"]:
                    pictures += 1
                    found = decoded(data["file"])
                    if len(found) > LIGHT:
                        refuse(f"a picture of {len(found)} bytes takes minutes")
                    data = {"file": "x", "url": self.picture(found)["data"]["url"], "bytes": len(found)}
                case _:
                    refuse(f"segment {kind} with {sorted(data)}")
            kept.append({"type": kind, "data": data})
        if len(text) > LONGEST or pictures > MOST_PICTURES or not (text.strip() or pictures):
            refuse("too long, too many pictures, or empty")
        return kept

    def _get_msg(self, message_id: int) -> dict[str, Any]:
        for chat in self.chats.values():
            for one in chat.messages:
                if one["message_id"] == message_id:
                    return one
        return refuse("no such message")

    def _group_history(self, group_id: int, count: int) -> dict[str, Any]:
        return {"messages": self.chats[("group", group_id)].messages[-count:]}

    def _friend_history(self, user_id: int, count: int) -> dict[str, Any]:
        return {"messages": self.chats[("private", user_id)].messages[-count:]}

    def _upload_private(self, user_id: int, file: str, name: str) -> None:
        self._uploaded(self.chats.get(("private", user_id)) or refuse("no such friend"), file, name)

    def _upload_group(self, group_id: int, file: str, name: str) -> None:
        self._uploaded(self.chats[("group", group_id)], file, name)

    def _uploaded(self, chat: Chat, file: str, name: str) -> None:
        """A file stands in the history, too."""
        data = decoded(file, any_kind=True)
        fault = self.file_faults.pop(0) if self.file_faults else ""
        if fault != "lost":
            chat.files.append((name, data))
            self._keep(chat, [{"type": "file", "data": {"file": name, "file_size": str(len(data))}}])
        if fault:
            raise Cut if fault == "cut" else Slow


class Refused(Exception):
    """What a bridge does not do."""


class Slow(Exception):
    """Reported as failed."""


class Cut(Exception):
    """The connection breaks."""


def refuse(why: str) -> Any:
    """Raises Refused."""
    raise Refused(why)


def decoded(file: str, any_kind: bool = False) -> bytes:
    """The bytes in base64://…; a picture, unless of any kind. Raises Refused."""
    if not file.startswith("base64://"):
        refuse("files come as base64://")
    data = base64.b64decode(file.removeprefix("base64://"), validate=True)
    if not any_kind and not any(data.startswith(start) for start in PICTURES):
        refuse("not a picture")
    return data


ACTIONS = {
    "send_msg": NapCat._send_msg,
    "get_msg": NapCat._get_msg,
    "get_group_msg_history": NapCat._group_history,
    "get_friend_msg_history": NapCat._friend_history,
    "upload_private_file": NapCat._upload_private,
    "upload_group_file": NapCat._upload_group,
}


def text_of(message: dict[str, Any]) -> str:
    """The words of a message."""
    return "".join(part["data"]["text"] for part in message["message"] if part["type"] == "text")


def pictures_in(message: dict[str, Any]) -> int:
    """The number of pictures in it."""
    return sum(part["type"] == "image" for part in message["message"])
