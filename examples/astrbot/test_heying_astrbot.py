"""The plug-in inside AstrBot itself: its real core, event bus, pipeline and plug-in manager, with a chat platform that
keeps what it is told to send; against the real endpoint: python -m pytest -c examples/astrbot/pytest.ini examples/astrbot

AstrBot pins other versions than Heying does, so it may need an environment of its own; HEYING_PYTHON is Heying's.
"""

import asyncio
import base64
import io
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

ROOT, HERE = Path(__file__).resolve().parents[2], Path(__file__).resolve().parent
SECRET = "a secret for the test of the plug-in"
numbers = itertools.count(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cat() -> str:
    out = io.BytesIO()
    Pillow.effect_noise((64, 64), 90).convert("RGB").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port, python = free_port(), os.environ.get("HEYING_PYTHON", sys.executable)
    command = [python, "-m", "examples.heying_endpoint", str(tmp_path_factory.mktemp("data")), str(port), SECRET]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert any(line == b"ready\n" for line in process.stdout)
    threading.Thread(target=process.stdout.read, daemon=True).start()
    yield port
    process.communicate(timeout=30)


class World:
    """AstrBot with one platform. ``sent``: (session, components) in order."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[tuple[str, list[Any]]] = asyncio.Queue()

    def say(self, *parts: Any, group: str = "", at: bool = False, text: str = "") -> None:
        """Somebody says something."""
        from astrbot.api.message_components import At, Plain
        from astrbot.api.platform import AstrBotMessage, MessageMember, MessageType
        from astrbot.core.platform.astr_message_event import AstrMessageEvent

        world = self

        class Event(AstrMessageEvent):
            async def send(self, message: Any) -> None:
                world.sent.put_nowait((self.unified_msg_origin, list(message.chain)))

        event = AstrBotMessage()
        event.type = MessageType.GROUP_MESSAGE if group else MessageType.FRIEND_MESSAGE
        event.self_id, event.session_id, event.message_id = "bot", group or "ann", f"n{next(numbers)}"
        event.sender, event.group_id = MessageMember("ann", "Ann"), group
        event.message = [*([At(qq="bot")] if at else []), *parts, *([Plain(text)] if text else [])]
        event.message_str, event.raw_message = text, None
        self.platform.commit_event(Event(text, event, self.platform.meta(), event.session_id))

    async def heard(self, seconds: float = 20.0) -> tuple[str, str, int]:
        """The next message: session, text, number of pictures."""
        session, parts = await asyncio.wait_for(self.sent.get(), seconds)
        kinds = [type(part).__name__ for part in parts]
        return session, "".join(part.text for part in parts if type(part).__name__ == "Plain"), kinds.count("Image")


@pytest.fixture(scope="session")
async def world(port: int, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    root = tmp_path_factory.mktemp("astrbot")
    os.environ["ASTRBOT_ROOT"] = str(root)
    os.chdir(root)
    sys.path.insert(0, str(root))  # as AstrBot's own main does
    plugin = root / "data" / "plugins" / "astrbot_plugin_heying"
    shutil.copytree(HERE, plugin, ignore=shutil.ignore_patterns("test_*", "__pycache__", "pytest.ini"))
    for folder in ("config", "temp"):
        (root / "data" / folder).mkdir()
    message = {"url": f"http://127.0.0.1:{port}", "secret": SECRET, "bridge": "astrbot", "everything": False}
    (root / "data" / "config" / "astrbot_plugin_heying_config.json").write_text(json.dumps(message), "utf-8")
    from astrbot.core import LogBroker, db_helper
    from astrbot.core.core_lifecycle import AstrBotCoreLifecycle
    from astrbot.core.platform import Platform, PlatformMetadata

    here = World()

    class Chat(Platform):
        def meta(self) -> PlatformMetadata:
            return PlatformMetadata("testing", "a chat", "testing")

        async def run(self) -> None:
            await asyncio.Event().wait()

        async def send_by_session(self, session: Any, message_chain: Any) -> None:
            here.sent.put_nowait((str(session), list(message_chain.chain)))

    core = AstrBotCoreLifecycle(LogBroker(), db_helper)
    await core.initialize()
    here.platform = Chat({}, core.event_queue)
    core.platform_manager.platform_insts.append(here.platform)
    running = asyncio.create_task(core.start())
    yield here
    running.cancel()
    await core.stop()


async def test_a_photo_and_a_sentence_in_private(world: World) -> None:
    from astrbot.api.message_components import Image

    world.say(Image.fromBase64(cat()), text="把猫换成狗")
    session, text, pictures = await world.heard()
    assert session == "testing:FriendMessage:ann"
    assert text.startswith("改好了：把猫换成狗")
    assert pictures == 1
    world.say(text=text.split(" 撤销")[0].rpartition(" ")[2])  # a number, lately after
    assert "退回来了" in (await world.heard())[1]


async def test_in_a_group_only_what_is_said_to_it(world: World) -> None:
    from astrbot.api.message_components import Image

    world.say(Image.fromBase64(cat()), text="随便看看", group="g")
    world.say(Image.fromBase64(cat()), text="把猫换成狗", group="g", at=True)
    session, text, pictures = await world.heard()
    assert (session, text.splitlines()[0], pictures) == ("testing:GroupMessage:g", "改好了：把猫换成狗", 1)
    world.say(text="合影，撤销", group="g")
    assert "退回来了" in (await world.heard())[1]


async def test_an_answer_to_a_picture(world: World) -> None:
    from astrbot.api.message_components import Image, Reply

    world.say(Reply(id="x1", chain=[Image.fromBase64(cat())]), text="改成水墨画")
    assert "改好了：改成水墨画" in (await world.heard())[1]


async def test_everybodys_data_goes_to_them_alone(world: World) -> None:
    world.say(text="合影 导出我的数据", group="g")
    session, parts = await asyncio.wait_for(world.sent.get(), 20)
    assert session == "testing:FriendMessage:ann"
    assert [type(part).__name__ for part in parts] == ["Plain", "File"]
    assert parts[1].name == "heying.zip"
