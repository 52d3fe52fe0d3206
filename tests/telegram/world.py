"""Telegram as a bot sees it: people, chats, messages, files, sticker sets, and the updates that wait to be fetched.

Times, texts and limits follow https://core.telegram.org/bots/api. Tests act as people; server.py lets the bot act.
"""

import hashlib
import io
import itertools
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

TOKEN = "123456789:AAE-this-is-the-token-of-the-test-bot-0"
USERNAME = "heying_test_bot"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file that lies on Telegram's servers."""

    id: str
    unique: str
    path: str
    data: bytes
    kind: str


@dataclass
class World:
    """Everything there is. ``heard`` is told of every message of the bot; safe to be used from several threads."""

    token: str = TOKEN
    flooding: bool = True  # whether those who write too much are told to wait
    lock: threading.RLock = field(default_factory=threading.RLock)
    news: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bot: Json = {"id": 123456789, "is_bot": True, "first_name": "合影", "username": USERNAME}
        self.users: dict[int, Json] = {self.bot["id"]: self.bot}
        self.chats: dict[int, Json] = {}
        self.members: dict[int, set[int]] = defaultdict(set)
        self.privacy = True
        self.started: set[int] = set()
        self.blocked: set[int] = set()
        self.messages: dict[int, dict[int, Json]] = defaultdict(dict)
        self.silent: set[tuple[int, int]] = set()  # messages that came without a sound
        self.deleted: list[Json] = []
        self.edits: list[Json] = []
        self.edit_times: list[float] = []
        self.actions: list[tuple[int, str]] = []
        self.updates: list[Json] = []
        self.files: dict[str, File] = {}
        self.sent: dict[str, bytes] = {}  # photos as they were sent, by the id of their largest size
        self.sets: dict[str, Json] = {}
        self.commands: dict[str, list[Json]] = {}
        self.avatars: dict[int, list[list[Json]]] = defaultdict(list)  # newest first
        self.queries: dict[str, Json] = {}
        self.answered: set[str] = set()
        self.webhook: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        self.numbers = itertools.count(700_000_001)
        self.message_numbers: dict[int, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self.confirmed = 0

    # --- people -------------------------------------------------------------------------------------------------------
    def person(self, id: int, name: str, username: str = "") -> int:
        """Somebody with a private chat with the bot."""
        with self.lock:
            self.users[id] = {"id": id, "is_bot": False, "first_name": name, "language_code": "zh-hans"}
            self.users[id] |= {"username": username} if username else {}
            self.chats[id] = {"id": id, "type": "private", "first_name": name}
            self.members[id] = {id, self.bot["id"]}
        return id

    def group(self, id: int, title: str, *people: int) -> int:
        """A group with the bot in it."""
        with self.lock:
            self.chats[id] = {"id": id, "type": "supergroup", "title": title}
            self.members[id] = {*people, self.bot["id"]}
        return id

    def add_bot(self, group: int, by: int) -> None:
        """Somebody takes the bot into a group."""
        old = {"user": self.bot, "status": "left"}
        new = {"user": self.bot, "status": "member"}
        change = {"chat": self.chats[group], "from": self.users[by], "date": _now()}
        self.push("my_chat_member", {**change, "old_chat_member": old, "new_chat_member": new})

    def say(
        self,
        who: int,
        chat: int,
        text: str = "",
        pictures: Sequence[bytes] = (),
        *,
        words_on: int = 0,
        shuffled: bool = False,
        files: Sequence[tuple[str, str, bytes]] = (),
        reply_to: int = 0,
        forwarded: bool = False,
        more: Json | None = None,
    ) -> list[int]:
        """A message of a person: text, pictures (several are an album, the words on number ``words_on``), files as
        (name, MIME type, bytes), or ``more`` fields. Returns the numbers of the messages."""
        assert who in self.members[chat], "not in that chat"
        if chat == who:
            self.started.add(who)
        album = str(random.getrandbits(48)) if len(pictures) + len(files) > 1 else None
        made = []
        contents: list[Json] = [{"photo": self.photo(picture)} for picture in pictures]
        contents += [{"document": self.document(*file)} for file in files]
        for index, content in enumerate(contents or [{}]):
            told: Json = {"from": self.users[who], **content, **(more or {})}
            if text and index == words_on:
                told |= (
                    {"caption": text, **_entities(text, "caption_")} if content else {"text": text, **_entities(text)}
                )
            if album:
                told["media_group_id"] = album
            if reply_to:
                there = self.messages[chat][reply_to]
                told["reply_to_message"] = {name: value for name, value in there.items() if name != "reply_to_message"}
            if forwarded:
                origin = {"type": "hidden_user", "date": _now(), "sender_user_name": "别人"}
                told["forward_origin"] = origin
            made.append(self.post(chat, told))
        order = list(made)
        if shuffled:
            order.reverse()
        for message in order:
            if self._sees(message):
                self.push("message", message)
        return [message["message_id"] for message in made]

    def press(self, who: int, chat: int, number: int, label: str) -> None:
        """A person presses a button of a message."""
        with self.lock:
            message = self.messages[chat][number]
            buttons = [button for row in message["reply_markup"]["inline_keyboard"] for button in row]
            button = next(button for button in buttons if button["text"] == label)
            id = str(random.getrandbits(60))
            query = {"id": id, "from": self.users[who], "message": message, "chat_instance": "1"}
            self.queries[id] = query | {"data": button["callback_data"]}
            self.push("callback_query", self.queries[id])

    def _sees(self, message: Json) -> bool:
        """Privacy mode: in groups a bot sees commands, what names it, and answers to it."""
        if message["chat"]["type"] == "private" or not self.privacy:
            return True
        text = message.get("text", message.get("caption", ""))
        command = re.match(r"/\w+(?:@(\w+))?", text)
        to_it = command is not None and command[1] in (None, USERNAME)
        answered = message.get("reply_to_message", {}).get("from", {}).get("id") == self.bot["id"]
        return to_it or answered or f"@{USERNAME}" in text

    # --- what is shared with the server -------------------------------------------------------------------------------
    def post(self, chat: int, told: Json) -> Json:
        """Put a message into a chat."""
        with self.lock:
            number = next(self.message_numbers[chat])
            message = {"message_id": number, "date": _now(), "chat": self.chats[chat], **told}
            self.messages[chat][number] = message
            return message

    def push(self, kind: str, told: Json) -> Json:
        """An update for the bot."""
        with self.lock:
            update = {"update_id": next(self.numbers), kind: told}
            self.updates.append(update)
            for tell in self.news:
                tell()
            return update

    def confirm(self, offset: int) -> None:
        """The bot has all updates before ``offset``."""
        with self.lock:
            self.confirmed = max(self.confirmed, offset - 1)
            self.updates = [update for update in self.updates if update["update_id"] >= offset]

    def keep(self, data: bytes, kind: str, ending: str) -> File:
        """A file on the servers: the same bytes get another id each time and the same unique one, except as stickers."""
        with self.lock:
            id = f"{kind}{random.getrandbits(96):x}"
            told = f"{kind}{id if kind == 'sticker' else ''}".encode()
            unique = hashlib.sha256(told + data).hexdigest()[:16]
            self.files[id] = File(id, unique, f"{kind}s/file_{len(self.files)}.{ending}", data, kind)
            return self.files[id]

    def photo(self, data: bytes) -> list[Json]:
        """A photo as Telegram keeps it: JPEG, in several sizes, without metadata."""
        image = Image.open(io.BytesIO(data)).convert("RGB")
        sizes = []
        for side in (90, 320, 1280):
            copy = image.copy()
            copy.thumbnail((side, side))
            if sizes and (copy.width, copy.height) == (sizes[-1]["width"], sizes[-1]["height"]):
                continue
            out = io.BytesIO()
            copy.save(out, "JPEG", quality=87)
            file = self.keep(out.getvalue(), "photo", "jpg")
            size = {"width": copy.width, "height": copy.height, "file_size": len(file.data)}
            sizes.append({"file_id": file.id, "file_unique_id": file.unique, **size})
        self.sent[sizes[-1]["file_id"]] = data
        return sizes

    def document(self, name: str, mime: str, data: bytes, size: int | None = None) -> Json:
        """A file that is kept as it is."""
        file = self.keep(data, "document", name.rpartition(".")[2] or "bin")
        told = {"file_id": file.id, "file_unique_id": file.unique, "file_name": name, "mime_type": mime}
        return told | {"file_size": len(data)}

    def said(self, chat: int) -> list[Json]:
        """What the bot has said in a chat and not taken back, in order."""
        with self.lock:
            return [message for message in self.messages[chat].values() if message["from"]["id"] == self.bot["id"]]


def _now() -> int:
    return int(time.time())


def _entities(text: str, before: str = "") -> Json:
    found = [
        {"type": kind, "offset": len(text[: match.start()].encode("utf-16-le")) // 2, "length": len(match[0])}
        for kind, pattern in (("bot_command", r"^/\w+(?:@\w+)?"), ("mention", r"@[A-Za-z0-9_]+"))
        for match in re.finditer(pattern, text)
    ]
    return {f"{before}entities": found} if found else {}
