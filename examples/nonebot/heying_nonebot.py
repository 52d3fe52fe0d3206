"""合影 for NoneBot 2: photos and sentences go to Heying's http endpoint, what it answers comes back into the chat.

Works with every adapter that nonebot-plugin-alconna knows (OneBot, QQ, 飞书, 企业微信, Discord, Telegram, …). In .env:

    HEYING_URL=http://127.0.0.1:7861
    HEYING_SECRET=…            # the same as HEYING_HTTP__SECRET where Heying runs

In groups it listens when it is spoken to (@, a reply, a nickname), and to a number for ten minutes after it has offered some.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections import OrderedDict
from typing import Any
from urllib.parse import quote, unquote

import httpx
from nonebot import get_bot, get_driver, get_plugin_config, logger, on_message, require
from nonebot.adapters import Bot, Event
from nonebot.plugin import PluginMetadata
from nonebot.typing import T_State
from pydantic import BaseModel

require("nonebot_plugin_alconna")
from nonebot_plugin_alconna.uniseg import (  # noqa: E402
    File,
    Image,
    Target,
    UniMessage,
    get_message_id,
    get_target,
    image_fetch,
    reply_fetch,
)


class Config(BaseModel):
    """What .env says."""

    heying_url: str = "http://127.0.0.1:7861"
    heying_secret: str = ""
    heying_bridge: str = "nonebot"


__plugin_meta__ = PluginMetadata("合影", "一句话改照片", "发一张照片，说「把猫换成狗」", config=Config)
config = get_plugin_config(Config)
# Leave to answer a message, where a platform gives no other: adapter → (seconds, answers) in groups, in private.
LEAVE = {"QQ": ((300.0, 5), (3600.0, 4))}
NUMBER = re.compile(r"(回复|选|第)?\s*([1-9]\d?|[①-⑳])\s*(个|号)?")
NUMBER_SECONDS, PHOTO_BYTES = 600.0, 32_000_000
offered: dict[str, float] = {}  # "<chat> <person>" → when numbers were offered
shown: OrderedDict[str, None] = OrderedDict()  # keys of messages that were shown: what comes again is not
http = httpx.AsyncClient(timeout=70)


async def call(path: str, data: dict[str, Any]) -> dict[str, Any]:
    """A signed call of Heying. Raises httpx.HTTPError, its text being Heying's own sentence where there is one."""
    body, at, nonce = json.dumps(data).encode(), str(int(time.time())), uuid.uuid4().hex
    sign = hmac.new(
        config.heying_secret.encode(), f"{at}\n{nonce}\n{path}\n".encode() + body, hashlib.sha256
    ).hexdigest()
    headers = {"X-Heying-Time": at, "X-Heying-Nonce": nonce, "X-Heying-Sign": sign, "Content-Type": "application/json"}
    answer = await http.post(config.heying_url.rstrip("/") + path, content=body, headers=headers)
    if answer.is_error:
        said = (
            answer.json().get("error", "") if "json" in answer.headers.get("content-type", "") else answer.reason_phrase
        )
        raise httpx.HTTPError(said)
    return answer.json()


def name_of(target: Target, adapter: str) -> str:
    """A chat by what is needed to find it again after a restart."""
    parts = (
        target.id,
        target.parent_id,
        str(int(target.channel)),
        str(int(target.private)),
        target.self_id or "",
        adapter,
    )
    return "|".join(quote(part, safe="") for part in parts)


def target_of(name: str, ticket: str) -> Target:
    """The chat of that name."""
    id, parent, channel, private, self_id, adapter = map(unquote, name.split("|"))
    return Target(id, parent, channel == "1", private == "1", source=ticket, self_id=self_id, adapter=adapter)


async def for_us(bot: Bot, event: Event) -> bool:
    """In private everything; in groups what is said to the bot, and a number that it has asked for."""
    if event.is_tome():
        return True
    name = f"{name_of(get_target(event, bot), bot.adapter.get_name())} {event.get_user_id()}"
    asked = time.time() - offered.get(name, 0.0) < NUMBER_SECONDS
    return asked and NUMBER.fullmatch(event.get_plaintext().strip()) is not None


talk = on_message(rule=for_us, priority=90, block=False)


@talk.handle()
async def hand_in(bot: Bot, event: Event, state: T_State) -> None:
    """A message goes to Heying."""
    message, target, adapter = UniMessage.of(event.get_message(), bot), get_target(event, bot), bot.adapter.get_name()
    reply = await reply_fetch(event, bot)
    behind = UniMessage.of(reply.msg, bot) if reply and reply.msg and not isinstance(reply.msg, str) else UniMessage()
    number = get_message_id(event, bot)
    data: dict[str, Any] = {
        "id": f"{adapter}.{bot.self_id}.{number}".replace(" ", ""),
        "bridge": config.heying_bridge,
        "user": name_of(Target(event.get_user_id(), private=True, self_id=bot.self_id), adapter),
        "text": event.get_plaintext().strip(),
        "message": number,
        "answers": str(reply.id) if reply else "",
        "photos": [await photo(bot, event, state, one) for one in message[Image]],
        "replied": [await photo(bot, event, state, one) for one in behind[Image]],
    }
    if not target.private:
        data["chat"] = name_of(target, adapter)
    if adapter in LEAVE:
        seconds, uses = LEAVE[adapter][target.private]
        data["ticket"] = {"value": number, "seconds": seconds, "uses": uses}
    if not (data["text"] or data["photos"]):
        return
    try:
        await call("/v1/messages", data)
    except (httpx.HTTPError, OSError) as error:
        logger.warning(f"合影没有收下这条消息：{error!r}")
        await UniMessage.text("合影现在连不上，请稍后再发一次。").send(event, bot)


async def photo(bot: Bot, event: Event, state: T_State, image: Image) -> dict[str, str]:
    """A picture as Heying takes it; one that cannot be fetched is empty, and Heying says so."""
    try:
        data = await image_fetch(event, bot, state, image) or b""
    except Exception as error:
        logger.warning(f"图片取不到：{error!r}")
        data = b""
    return {"data": base64.b64encode(data[: PHOTO_BYTES + 1]).decode(), "name": (image.name or "")[:200]}


async def listen() -> None:
    """Show what Heying says, for ever."""
    while True:
        try:
            polled = await call("/v1/poll", {"bridge": config.heying_bridge, "wait": 25})
            for data in polled["messages"]:
                await answer(data)
        except (httpx.HTTPError, OSError) as error:
            logger.warning(f"合影连不上，五秒后再试：{error!r}")
            await asyncio.sleep(5)


async def answer(data: dict[str, Any]) -> None:
    """Show one message and say that it is shown; what fails comes again with the next poll."""
    key, numbers = data["key"], []
    if key not in shown:
        target = target_of(data["chat"] or data["user"], data["ticket"])
        message = UniMessage.text(data["text"]) if data["text"] else UniMessage()
        for one in data["pictures"]:
            message += UniMessage.image(raw=base64.b64decode(one["data"]), name=one["name"])
        for one in data["files"]:
            message += File(raw=base64.b64decode(one["data"]), name=one["name"])
        try:
            receipt = await message.send(
                target, get_bot(target.self_id), reply_to=data["answers"] if data["chat"] else False
            )
        except Exception as error:
            logger.warning(f"发不出去，等下再试：{error!r}")
            return await asyncio.sleep(2)
        numbers = [str(reply.id) for reply in receipt.get_reply() or ()]
        if "回复 1 " in data["text"]:
            offered[f"{data['chat'] or data['user']} {unquote(data['user'].split('|')[0])}"] = time.time()
        shown[key] = None
        if len(shown) > 2000:
            shown.popitem(last=False)
    await call("/v1/ack", {"bridge": config.heying_bridge, "done": {key: numbers}})
    return None


@get_driver().on_startup
async def begin() -> None:
    """Listen as long as the bot runs."""
    global listening
    listening = asyncio.create_task(listen())


@get_driver().on_shutdown
async def end() -> None:
    """Stop listening."""
    listening.cancel()
