"""What an update means, by the types of either library."""

from types import SimpleNamespace
from typing import Any

import aiogram.types
import pytest
import telegram

from bot import replies
from bot.platforms.telegram.updates import Heard, hear
from tests.bot.talking import picture
from tests.telegram.world import USERNAME, Json, World

ME = SimpleNamespace(id=123456789, username=USERNAME)


@pytest.fixture(params=["aiogram", "ptb"])
def read(request: pytest.FixtureRequest) -> Any:
    """An update as the library gives it to us, heard."""

    def hear_it(update: Json) -> Heard | None:
        if request.param == "aiogram":
            return hear(aiogram.types.Update.model_validate(update), ME)
        return hear(telegram.Update.de_json(update, None), ME)

    return hear_it


@pytest.fixture
def world() -> World:
    world = World()
    world.person(1, "甲")
    world.group(-9, "群", 1)
    world.privacy = False
    return world


@pytest.mark.parametrize(
    ("text", "said", "action"),
    [
        ("把猫换成狗", "把猫换成狗", ""),
        ("/p 把猫换成狗", "把猫换成狗", ""),
        (f"/p@{USERNAME} 把猫\n换成狗", "把猫\n换成狗", ""),
        ("/P", "", ""),
        ("/undo", replies.UNDO, ""),
        ("/stickers 年糕", "用年糕做一套表情包", ""),
        ("/forget 阿紫", "忘掉阿紫", ""),
        ("/start", "", "start"),
        ("/start share_5_abcdefgh", "", "start:share_5_abcdefgh"),
        ("/original", "", "original"),
        ("/whatever 你好", "whatever 你好", ""),
        ("/weather@another_bot", "/weather@another_bot", ""),
        (f"@{USERNAME} 帮助", "帮助", ""),
        (f"嘿 @{USERNAME}，把猫换成狗", "嘿 把猫换成狗", ""),
    ],
)
def test_sentences_and_commands(read: Any, world: World, text: str, said: str, action: str) -> None:
    (number,) = world.say(1, 1, text)
    heard = read(world.updates[-1])
    told = heard.incoming
    assert (told.text, told.action, told.chat, told.user) == (said, action, "telegram:1", "telegram:1")
    assert told.message == str(number)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("把猫换成狗", False),
        ("/p 把猫换成狗", True),
        ("/undo@another_bot", False),
        ("/weather", False),
        (f"/weather@{USERNAME}", True),
        (f"@{USERNAME.upper()} 把猫换成狗", True),
        (f"@{USERNAME}2 把猫换成狗", False),
        (f"mail@{USERNAME}.example", True),
    ],
)
def test_in_groups_only_what_is_said_to_us(read: Any, world: World, text: str, ours: bool) -> None:
    world.say(1, -9, text)
    assert (read(world.updates[-1]) is not None) is ours


def test_an_answer_to_us_in_a_group(read: Any, world: World) -> None:
    ours = world.post(-9, {"from": world.bot, "text": "好"})
    world.say(1, -9, "再明显一点", reply_to=ours["message_id"])
    heard = read(world.updates[-1])
    assert (heard.incoming.text, heard.answering) == ("再明显一点", str(ours["message_id"]))


def test_an_answer_to_somebodys_photo_brings_it_along(read: Any, world: World) -> None:
    (photo,) = world.say(1, -9, pictures=[picture("cat")])
    assert read(world.updates[-1]) is None
    world.say(1, -9, "/p 把猫换成狗", reply_to=photo)
    (file,) = read(world.updates[-1]).files
    assert file["replied"]
    assert file["id"] in world.files


def test_the_album_of_a_group_is_overheard_until_its_words_come(read: Any, world: World) -> None:
    world.say(1, -9, "/p 改成水墨画", [picture("a"), picture("b")], words_on=1)
    first, second = map(read, world.updates[-2:])
    assert (first.overheard, second.overheard) == (True, False)
    assert first.album == second.album is not None


def test_the_largest_photo_and_pictures_as_files(read: Any, world: World) -> None:
    world.say(1, 1, pictures=[picture("a", 400)])
    (file,) = read(world.updates[-1]).files
    assert file["id"] == world.updates[-1]["message"]["photo"][-1]["file_id"]
    world.say(1, 1, files=[("cat.png", "image/png", picture("a"))])
    (file,) = read(world.updates[-1]).files
    assert file["name"] == "cat.png"


def test_what_is_no_photo(read: Any, world: World) -> None:
    world.say(1, 1, files=[("song.mp3", "audio/mpeg", b"la")])
    heard = read(world.updates[-1])
    assert heard.incoming.problems == (replies.NOT_A_PHOTO,)
    assert not heard.files
    world.push("message", world.post(1, {"from": world.users[1], "left_chat_member": world.users[1]}))
    assert read(world.updates[-1]) is None


def test_buttons(read: Any, world: World) -> None:
    keys = [[{"text": "撤销", "callback_data": "undo:3"}, {"text": "换成海边", "callback_data": "say:1"}]]
    message = world.post(1, {"from": world.bot, "text": "好", "reply_markup": {"inline_keyboard": keys}})
    world.press(1, 1, message["message_id"], "撤销")
    heard = read(world.updates[-1])
    assert (heard.incoming.action, heard.incoming.text) == ("undo:3", "撤销")
    assert heard.callback in world.queries
    world.press(1, 1, message["message_id"], "换成海边")
    assert (read(world.updates[-1]).incoming.action, read(world.updates[-1]).incoming.text) == ("say", "换成海边")


def test_a_button_of_long_ago_is_too_old(read: Any, world: World) -> None:
    gone = {"chat": world.chats[1], "message_id": 5, "date": 0}
    world.push(
        "callback_query", {"id": "1", "from": world.users[1], "message": gone, "chat_instance": "1", "data": "say:0"}
    )
    assert read(world.updates[-1]).incoming.action == "say:0"


def test_we_are_taken_into_a_group(read: Any, world: World) -> None:
    world.add_bot(-9, 1)
    told = read(world.updates[-1]).incoming
    assert (told.action, told.chat) == ("start", "telegram:-9")
