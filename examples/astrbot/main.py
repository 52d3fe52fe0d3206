"""合影 for AstrBot: photos and sentences go to Heying's http endpoint, what it answers comes back into the chat.

Put this folder into data/plugins/astrbot_plugin_heying, restart, and set address and secret on the plug-in's page. It takes
what has a photo, what begins with 合影, and for ten minutes whatever else the same person says to the bot.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import tempfile
import time
import uuid
from collections import OrderedDict
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx
from astrbot.api import AstrBotConfig, logger
from astrbot.api.event import AstrMessageEvent, MessageChain, filter
from astrbot.api.message_components import File, Image, Plain, Reply
from astrbot.api.star import Context, Star

NAME = re.compile(r"^\s*[/@]?合影[\s,，:：]*")
TALK_SECONDS, PHOTO_BYTES = 600.0, 32_000_000
# Leave to answer a message, where a platform gives no other: adapter → (seconds, answers) in groups, in private.
LEAVE = {"qq_official": ((300.0, 5), (3600.0, 4)), "qq_official_webhook": ((300.0, 5), (3600.0, 4))}


class Kept(OrderedDict[str, Any]):
    """The newest entries."""

    def keep(self, key: str, value: Any, most: int = 2000) -> None:
        """Add one; the oldest goes."""
        self[key] = value
        while len(self) > most:
            self.popitem(last=False)


class Heying(Star):
    """The plug-in."""

    def __init__(self, context: Context, config: AstrBotConfig) -> None:
        super().__init__(context)
        self.config = config
        self.bridge = config.get("bridge") or "astrbot"
        self.http = httpx.AsyncClient(timeout=70)
        self.events = Kept()  # ticket → the event that may still be answered
        self.shown = Kept()  # keys of messages that were shown: what comes again is not
        self.talking: dict[str, float] = {}  # person → when they spoke to Heying last

    async def initialize(self) -> None:
        """Listen as long as the plug-in is on."""
        self.listening = asyncio.create_task(self.listen())

    async def terminate(self) -> None:
        """Stop listening."""
        self.listening.cancel()
        await self.http.aclose()

    async def call(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        """A signed call of Heying. Raises httpx.HTTPError, its text being Heying's own sentence where there is one."""
        body, at, nonce = json.dumps(data).encode(), str(int(time.time())), uuid.uuid4().hex
        text = f"{at}\n{nonce}\n{path}\n".encode() + body
        sign = hmac.new(self.config.get("secret", "").encode(), text, hashlib.sha256).hexdigest()
        headers = {
            "X-Heying-Time": at,
            "X-Heying-Nonce": nonce,
            "X-Heying-Sign": sign,
            "Content-Type": "application/json",
        }
        answer = await self.http.post(self.config["url"].rstrip("/") + path, content=body, headers=headers)
        if answer.is_error:
            json_told = "json" in answer.headers.get("content-type", "")
            raise httpx.HTTPError(answer.json().get("error", "") if json_told else answer.reason_phrase)
        return answer.json()

    @filter.event_message_type(filter.EventMessageType.ALL, priority=10)
    async def hear(self, event: AstrMessageEvent) -> None:
        """What is said to Heying goes there, and to nobody else."""
        parts = event.get_messages()
        reply = next((part for part in parts if isinstance(part, Reply)), None)
        photos = [part for part in parts if isinstance(part, Image)]
        behind = [part for part in (reply.chain or ()) if isinstance(part, Image)] if reply else []
        user, text = self.name_of(event, private=True), event.message_str.strip()
        to_bot = event.is_private_chat() or event.is_at_or_wake_command
        lately = time.time() - self.talking.get(user, 0.0) < TALK_SECONDS
        if not NAME.match(text) and not (to_bot and (photos or behind or lately or self.config.get("everything"))):
            return
        said = NAME.sub("", text)
        if not (said or photos):
            return
        self.talking[user] = time.time()
        event.stop_event()
        number = str(event.message_obj.message_id or uuid.uuid4().hex)
        data: dict[str, Any] = {
            "id": quote(f"{event.get_platform_id()}.{number}"),
            "bridge": self.bridge,
            "user": user,
            "chat": "" if event.is_private_chat() else self.name_of(event),
            "text": said,
            "message": number,
            "answers": str(reply.id) if reply else "",
            "photos": [await self.photo(one) for one in photos],
            "replied": [await self.photo(one) for one in behind],
        }
        if event.get_platform_name() in LEAVE:
            seconds, uses = LEAVE[event.get_platform_name()][event.is_private_chat()]
            data["ticket"] = {"value": quote(number), "seconds": seconds, "uses": uses}
            self.events.keep(quote(number), event)
        try:
            await self.call("/v1/messages", data)
        except (httpx.HTTPError, OSError) as error:
            logger.warning(f"合影没有收下这条消息：{error!r}")
            await event.send(MessageChain([Plain("合影现在连不上，请稍后再发一次。")]))

    def name_of(self, event: AstrMessageEvent, private: bool = False) -> str:
        """A chat (or the one with the sender alone) by what AstrBot sends to it with."""
        if private and not event.is_private_chat():
            return quote(f"{event.get_platform_id()}:FriendMessage:{event.get_sender_id()}")
        return quote(event.unified_msg_origin)

    async def photo(self, image: Image) -> dict[str, str]:
        """A picture as Heying takes it; one that cannot be fetched is empty, and Heying says so."""
        try:
            data = await image.convert_to_base64()
        except Exception as error:
            logger.warning(f"图片取不到：{error!r}")
            data = ""
        return {"data": data[: PHOTO_BYTES * 4 // 3 // 4 * 4]}

    async def listen(self) -> None:
        """Show what Heying says, for ever."""
        while True:
            try:
                polled = await self.call("/v1/poll", {"bridge": self.bridge, "wait": 25})
                for data in polled["messages"]:
                    await self.answer(data)
            except (httpx.HTTPError, OSError) as error:
                logger.warning(f"合影连不上，五秒后再试：{error!r}")
                await asyncio.sleep(5)

    async def answer(self, data: dict[str, Any]) -> None:
        """Show one message and say that it is shown; what fails comes again with the next poll."""
        key, ack = data["key"], {"done": {data["key"]: []}}
        if key not in self.shown:
            try:
                with tempfile.TemporaryDirectory(prefix="heying-") as folder:
                    chain = MessageChain(list(self.parts(data, Path(folder))))
                    event = self.events.get(data["ticket"])
                    if event is not None:
                        await event.send(chain)
                    elif not await self.context.send_message(unquote(data["chat"] or data["user"]), chain):
                        ack = {"failed": {key: "no such platform"}}
            except Exception as error:
                logger.warning(f"发不出去，等下再试：{error!r}")
                return await asyncio.sleep(2)
            self.shown.keep(key, None)
        await self.call("/v1/ack", {"bridge": self.bridge, **ack})
        return None

    def parts(self, data: dict[str, Any], folder: Path) -> Any:
        """The components of a message; in groups it begins with whom it answers."""
        if data["chat"] and data["answers"]:
            yield Reply(id=data["answers"])
        if data["text"]:
            yield Plain(data["text"])
        for one in data["pictures"]:
            yield Image.fromBase64(one["data"])
        for one in data["files"]:
            path = folder / one["name"]
            path.write_bytes(base64.b64decode(one["data"]))
            yield File(name=one["name"], file=str(path))
