"""The local Bot API server refuses what Telegram refuses, and answers what both libraries can read."""

import asyncio
import io

import aiogram.types
import httpx
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from PIL import Image

from tests.bot.talking import picture
from tests.telegram.methods import Flood, Refused
from tests.telegram.server import Server, running
from tests.telegram.world import TOKEN, USERNAME

NAME = f"pack_by_{USERNAME}"


def call(server: Server, method: str, files: object = None, **told: object) -> tuple[int, str]:
    """(status, description) of a call."""
    send = {"data": told, "files": files} if files else {"json": told}
    answer = httpx.post(f"{server.url}/bot{TOKEN}/{method}", **send)  # type: ignore[arg-type]
    return answer.status_code, answer.json().get("description", "")


def webp(width: int = 512, height: int = 512) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 9).convert("RGBA").save(out, "WEBP")
    return out.getvalue()


@pytest.fixture(scope="module")
def server():
    with running() as server:
        server.world.flooding = False
        server.world.person(1, "甲")
        server.world.say(1, 1, "/start")
        yield server


def button(data: str) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}


@pytest.mark.parametrize(
    ("method", "told", "why"),
    [
        ("sendMessage", {"chat_id": 1, "text": "影" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 1, "text": "😀" * 2049}, "message is too long"),
        ("sendMessage", {"chat_id": 1, "text": " "}, "message text is empty"),
        ("sendMessage", {"chat_id": 2, "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": button("数" * 22)}, "BUTTON_DATA_INVALID"),
        ("sendChatAction", {"chat_id": 1, "action": "painting"}, "wrong parameter action"),
        ("getFile", {"file_id": "nothing"}, "wrong file_id"),
        ("editMessageText", {"chat_id": 1, "message_id": 1, "text": "x"}, "message to edit not found"),
        ("getStickerSet", {"name": NAME}, "STICKERSET_INVALID"),
        ("setMyCommands", {"commands": [{"command": "撤销", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setWebhook", {"url": "https://example.org", "secret_token": "含 blank"}, "secret token"),
    ],
)
def test_what_telegram_refuses(server: Server, method: str, told: dict[str, object], why: str) -> None:
    status, said = call(server, method, **told)
    assert status == 400
    assert why in said


@pytest.mark.parametrize(
    ("name", "size", "emoji", "why"),
    [
        ("pack", (512, 512), '["😄"]', "invalid sticker set name"),
        (f"1pack_by_{USERNAME}", (512, 512), '["😄"]', "STICKERSET_NAME_INVALID"),
        (f"a__b_by_{USERNAME}", (512, 512), '["😄"]', "STICKERSET_NAME_INVALID"),
        (NAME, (512, 513), '["😄"]', "STICKER_PNG_DIMENSIONS"),
        (NAME, (400, 400), '["😄"]', "STICKER_PNG_DIMENSIONS"),
        (NAME, (512, 100), "[]", "STICKER_EMOJI_INVALID"),
    ],
)
def test_stickers_that_telegram_refuses(server: Server, name: str, size: tuple[int, int], emoji: str, why: str) -> None:
    sticker = f'[{{"sticker": "attach://one", "format": "static", "emoji_list": {emoji}}}]'
    files = {"one": ("one.webp", webp(*size))}
    status, said = call(server, "createNewStickerSet", files, user_id=1, name=name, title="x", stickers=sticker)
    assert status == 400
    assert why in said


def test_photos_and_captions_have_limits(server: Server) -> None:
    photo = {"photo": ("a.png", picture("a"))}
    assert call(server, "sendPhoto", photo, chat_id=1, caption="影" * 1025)[1].endswith("caption is too long")
    narrow = io.BytesIO()
    Image.new("RGB", (2100, 100)).save(narrow, "PNG")
    assert "PHOTO_INVALID" in call(server, "sendPhoto", {"photo": ("a.png", narrow.getvalue())}, chat_id=1)[1]
    assert "IMAGE_PROCESS" in call(server, "sendPhoto", {"photo": ("a.png", b"no picture")}, chat_id=1)[1]
    assert call(server, "sendPhoto", photo, chat_id=1, caption="影" * 1024)[0] == 200


def test_a_stranger_and_who_has_blocked_us(server: Server) -> None:
    server.world.person(3, "丙")
    assert call(server, "sendMessage", chat_id=3, text="x") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )
    server.world.started.add(3)
    server.world.blocked.add(3)
    assert call(server, "sendMessage", chat_id=3, text="x")[1] == "Forbidden: bot was blocked by the user"
    answer = httpx.get(f"{server.url}/bot123:wrong/getMe")
    assert answer.status_code == 401


def test_privacy_mode(server: Server) -> None:
    world = server.world
    group = world.group(-5, "群", 1)
    (said,) = world.say(1, group, "把猫换成狗")
    world.say(1, group, "/p 把猫换成狗")
    world.say(1, group, f"@{USERNAME} 把猫换成狗")
    ours = world.post(group, {"from": world.bot, "text": "好"})
    world.say(1, group, "再来", reply_to=ours["message_id"])
    seen = [update["message"]["message_id"] for update in world.updates if update["message"]["chat"]["id"] == group]
    assert said not in seen
    assert len(seen) == 3


def test_who_writes_too_much_has_to_wait() -> None:
    flood = Flood()
    for number in range(18):
        flood.check(1, number / 10)
    with pytest.raises(Refused) as refused:
        flood.check(1, 1.8)
    assert (refused.value.code, refused.value.parameters) == (429, {"retry_after": 9})
    flood.check(1, 10.05)
    for number in range(20):
        flood.check(-1, 2.0 * number)
    with pytest.raises(Refused, match="retry after 21"):
        flood.check(-1, 40.0)


def test_two_cannot_poll_at_once_nor_beside_a_webhook() -> None:
    async def poll_twice(url: str) -> list[int]:
        async with httpx.AsyncClient() as http:
            first = asyncio.create_task(http.get(f"{url}/getUpdates?timeout=5", timeout=20))
            await asyncio.sleep(0.3)
            second = await http.get(f"{url}/getUpdates?timeout=0")
            return [(await first).status_code, second.status_code]

    with running() as server:
        url = f"{server.url}/bot{TOKEN}"
        assert asyncio.run(poll_twice(url)) == [409, 200]
        server.world.webhook["url"] = "http://127.0.0.1:1/"
        assert httpx.get(f"{url}/getUpdates").status_code == 409


async def test_a_library_reads_everything_that_people_send() -> None:
    """What aiogram cannot read it refuses by itself; python-telegram-bot is asked by the server (checked.py)."""
    with running() as server:
        world = server.world
        a = world.person(1, "甲")
        world.say(a, a, "/start x")
        world.say(a, a, "words", [picture("a"), picture("b")], words_on=1, shuffled=True, forwarded=True)
        world.say(a, a, "file", files=[("a.png", "image/png", picture("c"))], reply_to=1)
        world.add_bot(world.group(-7, "群", a), a)
        bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(server.url)))
        updates = await bot.get_updates(timeout=1)
        album = [update.message for update in updates if update.message and update.message.media_group_id]
        assert [message.caption for message in album] == ["words", None]
        assert isinstance(updates[-1].my_chat_member, aiogram.types.ChatMemberUpdated)
        photo = album[0].photo
        assert photo is not None
        file = await bot.download(photo[-1].file_id)
        assert file is not None
        assert file.read()[:2] == b"\xff\xd8"
        assert await bot.get_updates(offset=updates[-1].update_id + 1, timeout=0) == []
        await bot.session.close()
