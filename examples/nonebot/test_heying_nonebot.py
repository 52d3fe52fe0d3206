"""The plug-in under NoneBot's own test harness (nonebug), against the real endpoint: python -m pytest examples/nonebot"""

import asyncio
import base64
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nonebot
import pytest
from nonebot.adapters.onebot.v11 import Adapter, Bot, GroupMessageEvent, Message, PrivateMessageEvent
from nonebug import App

from tests.bot.talking import picture
from tests.telegram.process import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    python = os.environ.get("HEYING_PYTHON", sys.executable)
    data = nonebot.get_driver().config
    port, secret = data.heying_url.rpartition(":")[2], data.heying_secret
    command = [python, "-m", "examples.heying_endpoint", str(tmp_path_factory.mktemp("data")), port, secret]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert any(line == b"ready\n" for line in process.stdout)
    threading.Thread(target=process.stdout.read, daemon=True).start()
    yield
    process.communicate(timeout=30)


@pytest.fixture(scope="session")
def photo_url() -> Iterator[str]:
    """A server of pictures, as the chat platform has one."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = picture("cat")
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *data: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/cat.png"
    server.shutdown()


@pytest.fixture
def plugin(endpoint: None) -> Any:
    loaded = nonebot.get_plugin("heying_nonebot") or nonebot.load_plugin(Path(__file__).with_name("heying_nonebot.py"))
    assert loaded is not None
    return loaded.module


def event(message: Message, number: int, group: int = 0, **more: Any) -> Any:
    data = {
        "time": 1, "self_id": 1, "post_type": "message", "sub_type": "friend", "user_id": 42, "message_id": number,
        "message": message, "original_message": message, "raw_message": str(message), "font": 0, "to_me": not group,
        "sender": {"user_id": 42}, "message_type": "group" if group else "private", **more,
    }  # fmt: skip
    return GroupMessageEvent(group_id=group, anonymous=None, **data) if group else PrivateMessageEvent(**data)


async def polled(plugin: Any, count: int = 1) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            data = {"bridge": "nonebot", "wait": 1, "most": 20}
            found = (await plugin.call("/v1/poll", data))["messages"]
    return found


def segments(message: Message) -> list[str]:
    return [segment.type for segment in message]


async def shown(app: App, plugin: Any, polled_message: dict[str, Any]) -> dict[str, Any]:
    """Let the plug-in show a message, on a bot of OneBot; the call that it makes."""
    calls: list[dict[str, Any]] = []
    async with app.test_api() as ctx:
        bot = ctx.create_bot(base=Bot, adapter=nonebot.get_adapter(Adapter), self_id="1")

        async def call_api(name: str, **data: Any) -> Any:
            calls.append({"api": name, **data})
            return {"message_id": 900 + len(calls)}

        bot.call_api = call_api  # type: ignore[method-assign]
        await plugin.answer(polled_message)
        await plugin.answer(polled_message)  # once more: it is acknowledged, not shown
    (call,) = calls
    return call


async def say(app: App, plugin: Any, *events: Any) -> None:
    """Let people say something to a bot of OneBot."""
    async with app.test_matcher(plugin.talk) as ctx:
        bot = ctx.create_bot(base=Bot, adapter=nonebot.get_adapter(Adapter), self_id="1")
        for one in events:
            ctx.receive_event(bot, one)


@pytest.fixture(autouse=True)
def adapter(app: App) -> None:
    driver = nonebot.get_driver()
    if Adapter.get_name() not in driver._adapters:
        driver.register_adapter(Adapter)


async def test_a_photo_and_a_sentence_in_private(app: App, plugin: Any, photo_url: str) -> None:
    await say(app, plugin, event(Message(f"[CQ:image,file=a,url={photo_url}]把猫换成狗"), 1))
    (handed,) = await polled(plugin)
    call = await shown(app, plugin, handed)
    assert call["user_id"] == 42
    assert segments(call["message"]) == ["text", "image"]
    text = call["message"].extract_plain_text()
    assert text.startswith("改好了：把猫换成狗")
    data = base64.b64decode(call["message"]["image", 0].data["file"].removeprefix("base64://"))
    assert data == base64.b64decode(handed["pictures"][0]["data"])
    number = text.split(" 撤销")[0].rpartition(" ")[2]
    await say(app, plugin, event(Message(number), 2))
    (handed,) = await polled(plugin)
    assert "退回来了" in handed["text"]
    await shown(app, plugin, handed)


async def test_in_a_group_only_what_is_said_to_it(app: App, plugin: Any, photo_url: str) -> None:
    to_us = event(Message(f"[CQ:image,file=a,url={photo_url}]把猫换成狗"), 11, group=7, to_me=True)
    await say(app, plugin, event(Message("把车变成红色"), 10, group=7), event(Message("2"), 12, group=7), to_us)
    (data,) = await polled(plugin)
    call = await shown(app, plugin, data)
    assert call["group_id"] == 7
    assert call["message"][0].type == "reply"
    assert call["message"][0].data["id"] == "11"
    number = data["text"].split(" 撤销")[0].rpartition(" ")[2]
    await say(app, plugin, event(Message(number), 13, group=7))  # it has asked for a number
    (data,) = await polled(plugin)
    assert "退回来了" in data["text"]
    await shown(app, plugin, data)


async def test_an_answer_to_a_picture(app: App, plugin: Any, photo_url: str) -> None:
    behind = {
        "time": 1, "message_type": "private", "message_id": 20, "real_id": 20, "sender": {"user_id": 43},
        "message": Message(f"[CQ:image,file=a,url={photo_url}]"),
    }  # fmt: skip
    await say(app, plugin, event(Message("改成水墨画"), 21, reply=behind))
    (data,) = await polled(plugin)
    assert data["text"].startswith("改好了：改成水墨画")
    await shown(app, plugin, data)


async def test_a_picture_that_cannot_be_fetched(app: App, plugin: Any) -> None:
    gone = f"http://127.0.0.1:{free_port()}/gone.png"
    await say(app, plugin, event(Message(f"[CQ:image,file=a,url={gone}]把猫换成狗"), 31))
    (data,) = await polled(plugin)
    assert "0 字节" in data["text"]
    await shown(app, plugin, data)


async def test_when_heying_is_away_the_person_is_told(app: App, plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin.config, "heying_url", f"http://127.0.0.1:{free_port()}")
    said, data = event(Message("你好"), 41), Message("合影现在连不上，请稍后再发一次。")
    async with app.test_matcher(plugin.talk) as ctx:
        bot = ctx.create_bot(base=Bot, adapter=nonebot.get_adapter(Adapter), self_id="1")
        ctx.receive_event(bot, said)
        ctx.should_call_send(said, data, {"message_id": 1}, bot=bot)


def test_a_chat_is_found_again_by_its_name(plugin: Any) -> None:
    target = plugin.Target("群 7|", parent_id="p", channel=True, self_id="1")
    back = plugin.target_of(plugin.name_of(target, "OneBot V11"), "ticket")
    assert (back.id, back.parent_id, back.channel, back.private, back.self_id) == ("群 7|", "p", True, False, "1")
    assert back.source == "ticket"
    assert " " not in plugin.name_of(target, "OneBot V11")
