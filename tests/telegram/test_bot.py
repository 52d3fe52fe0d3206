"""The bot as a process against the local server: what the conversations in tests/scenarios do not show."""

import io
import resource
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from bot import replies
from storage import jobs, packs, photos
from storage.jobs import Progress
from tests.bot.fake_worker import png
from tests.bot.talking import picture, work
from tests.telegram.conftest import LIBRARIES, Line, until
from tests.telegram.process import free_port
from tests.telegram.storm import storm, well
from tests.telegram.world import USERNAME, World

Lines = Callable[..., Line]


def ordered(line: Line) -> jobs.Job:
    """The job that somebody's order has become."""
    return until(lambda: next(iter(jobs.open_on(line.store, "telegram")), None))


@pytest.mark.parametrize("library", LIBRARIES)
def test_one_progress_message_is_edited_and_taken_away(lines: Lines, library: str) -> None:
    line = lines(library)
    world, person = line.world, line.person
    world.say(person, person, "把猫换成狗", [picture("cat")])
    ordered(line)
    job = jobs.claim(line.store, "w", ("edit",))
    assert job is not None
    silent = until(lambda: [number for chat, number in world.silent if chat == person])
    shown = world.messages[person][silent[0]]
    assert "把猫换成狗" in shown["text"]
    assert shown["reply_markup"]["inline_keyboard"][0][0] == {"text": "取消", "callback_data": f"cancel:{job.id}"}
    for done in range(1, 15):
        jobs.heartbeat(line.store, job, Progress(done, 16, "正在涂色", 30.0 - done))
        time.sleep(0.7)
    assert world.edit_times
    assert all(later - earlier > 4.9 for earlier, later in pairwise(world.edit_times))
    assert "正在涂色" in world.edits[-1]["text"]
    assert world.actions.count((person, "upload_photo")) >= 2
    result = jobs.attach(line.store, job, png(np.zeros((64, 64, 3), np.uint8)))
    jobs.finish(line.store, job, jobs.Result((result.sha256,)))
    line.heard("改好了")
    until(lambda: silent[0] not in world.messages[person])
    assert len({number for chat, number in world.silent if chat == person}) == 1


def test_a_killed_bot_goes_on_with_the_same_progress_message(lines: Lines) -> None:
    line = lines("ptb")
    line.world.say(line.person, line.person, "把猫换成狗", [picture("cat")])
    ordered(line)
    (number,) = until(lambda: [number for _, number in line.world.silent])
    until(lambda: line.store.one("SELECT * FROM preferences WHERE name LIKE 'progress:%'"))
    line.bot.kill()
    work(line.store)
    line.bot.start()
    line.heard("改好了")
    until(lambda: number not in line.world.messages[line.person])


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_sticker_set_is_added_with_one_tap_and_grows(lines: Lines, library: str) -> None:
    line = lines(library)
    world, person = line.world, line.person
    world.say(person, person, "用它做6个表情", [picture("cat")])
    ordered(line)
    work(line.store)
    done = line.heard("表情包做好了")
    line.server.faults.plan.append(("createNewStickerSet", "lose"))  # made, but we are not told
    world.press(person, person, done["message_id"], replies.ADD_PACK)
    told = line.heard("t.me/addstickers/", seconds=120)
    (name,) = world.sets
    assert name.endswith(f"_by_{USERNAME}")
    assert name in told["text"]
    (pack,) = packs.of_owner(line.store, "telegram:42")
    stickers = world.sets[name]["stickers"]
    assert [one["emoji"] for one in stickers] == [one.emoji for one in pack.stickers]
    assert [one.receipt for one in pack.stickers] == [one["file_unique_id"] for one in stickers]

    first = pack.stickers[0]
    more = {"photo": first.photo, "figure": first.figure, "emoji": "🎉"}
    packs.add(line.store, pack.id, "telegram:42", **more)
    packs.remove(line.store, pack.stickers[1].id, "telegram:42")
    line.server.faults.plan.append(("addStickerToSet", "lose"))
    world.press(person, person, done["message_id"], replies.ADD_PACK)
    until(lambda: len([m for m in line.said() if "addstickers" in m.get("text", "")]) == 2, 120)
    now = packs.get(line.store, pack.id, "telegram:42")
    unique = [one["file_unique_id"] for one in world.sets[name]["stickers"]]
    assert sorted(unique) == sorted(one.receipt for one in now.stickers)
    assert len(unique) == len(set(unique)) == 6


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_webhook_checks_its_word_and_answers_after_the_commit(lines: Lines, library: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    line = lines(library, HEYING_TELEGRAM__WEBHOOK=url, HEYING_TELEGRAM__PORT=str(port))
    line.server.faults.twice = 0.3
    for number in range(5):
        line.world.say(line.person, line.person, f"谢谢{number}")
    until(lambda: len(line.said()) >= 5)
    assert line.server.calls["getUpdates"] == 0
    forged = line.world.push("message", line.world.post(42, {"from": line.world.users[42], "text": "forged"}))
    line.world.updates.clear()
    for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}):
        assert httpx.post(url, json=forged, headers=headers).status_code in (401, 403)
    rows = line.store.rows("SELECT text FROM inbox")
    assert sorted(row["text"] for row in rows) == [f"谢谢{number}" for number in range(5)]
    assert len(line.said()) == 5


def test_in_a_group_answers_go_to_who_asked_and_nobody_is_overheard(lines: Lines) -> None:
    world = World()
    world.privacy = False
    line = lines("aiogram", world)
    group = world.group(-77, "群", line.person)
    other = world.person(43, "乙")
    world.members[group].add(other)
    world.say(other, group, "晚上吃什么")
    world.say(other, group, pictures=[picture("private1"), picture("private2")])
    (asked, _) = world.say(line.person, group, "/p 改成水墨画", [picture("a"), picture("b")], words_on=0)
    which = line.heard("要改哪一张", group)
    assert which["reply_to_message"]["message_id"] == asked
    world.press(other, group, which["message_id"], "第 1 张")
    line.heard(replies.BUTTON_TOO_OLD, group)
    world.press(line.person, group, which["message_id"], "第 2 张")
    ordered(line)
    work(line.store)
    line.heard("改好了", group)
    until(lambda: not line.store.one("SELECT 1 FROM inbox WHERE state IN ('new', 'taken')"))
    assert not line.store.one("SELECT 1 FROM messages WHERE user = 'telegram:43' AND photos != '[]'")
    assert not line.store.one("SELECT 1 FROM photo_owners WHERE owner = 'telegram:43'")
    assert not line.store.one("SELECT 1 FROM inbox WHERE text LIKE '%晚上%'")
    assert line.server.calls["getFile"] == 2


def test_who_stands_beside_works_on_what_was_shown(lines: Lines) -> None:
    line = lines("ptb")
    world = line.world
    group = world.group(-78, "群", line.person)
    other = world.person(43, "乙")
    world.members[group].add(other)
    world.say(line.person, group, "/p 把猫换成狗", [picture("a")])
    ordered(line)
    work(line.store)
    shown = line.heard("改好了：把猫换成狗", group)
    until(lambda: not line.store.one("SELECT 1 FROM outbox WHERE state != 'delivered'"))  # nobody answers that fast
    world.say(other, group, "改成水墨画", reply_to=shown["message_id"])
    ordered(line)
    work(line.store)
    told = line.heard("改好了：改成水墨画", group)
    assert told["reply_to_message"]["from"]["id"] == other
    assert line.server.calls["getFile"] == 1  # the result itself, not Telegram's small copy of it


@pytest.mark.parametrize("library", LIBRARIES)
def test_retry_after_is_obeyed(lines: Lines, library: str) -> None:
    line = lines(library)
    line.server.faults.retry_after = 3
    line.server.faults.plan.append(("sendMessage", "flood"))
    began = time.monotonic()
    line.world.say(line.person, line.person, "谢谢")
    line.heard("不客气")
    assert time.monotonic() - began >= 3.0
    assert line.server.calls["sendMessage"] == 2


def test_an_answer_that_is_lost_is_the_one_thing_that_comes_twice(lines: Lines) -> None:
    line = lines("aiogram")
    line.server.faults.plan.append(("sendMessage", "lose"))
    line.world.say(line.person, line.person, "谢谢")
    until(lambda: len(line.said()) == 2)
    line.world.say(line.person, line.person, "你好")
    line.heard("我是合影")
    assert len(line.said()) == 3


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_full_disk_loses_nothing(lines: Lines, library: str) -> None:
    """No file may grow any more, the log's included: the bot waits, and goes on when there is room again."""
    line = lines(library)
    line.world.say(line.person, line.person, "你好")
    line.heard("我是合影")
    assert line.bot.process is not None
    assert line.bot.process.pid is not None
    before = resource.prlimit(line.bot.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    for number in range(3):
        line.world.say(line.person, line.person, f"谢谢{number}")
    time.sleep(3)
    assert len(line.said()) == 1
    resource.prlimit(line.bot.process.pid, resource.RLIMIT_FSIZE, before)
    until(lambda: len(line.said()) >= 4)
    assert [message["text"] for message in line.said()[1:]] == [line.said()[1]["text"]] * 3
    assert not line.store.one("SELECT 1 FROM inbox WHERE state != 'done'")


def test_who_has_blocked_us_holds_up_nobody(lines: Lines) -> None:
    line = lines("ptb")
    blocker = line.world.person(50, "丙")
    line.world.say(blocker, blocker, "你好")
    line.heard("我是合影", blocker)
    line.world.blocked.add(blocker)
    line.world.say(blocker, blocker, "谢谢")
    line.world.say(line.person, line.person, "谢谢")
    line.heard("不客气")
    until(lambda: line.store.one("SELECT 1 FROM outbox WHERE state = 'failed' AND log LIKE '%blocked%'"))


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_menu_is_chinese_and_no_log_holds_the_token(lines: Lines, library: str, tmp_path: Path) -> None:
    line = lines(library)
    until(lambda: len(line.world.commands) == 2)
    assert {command["command"] for command in line.world.commands["default"]} >= {"p", "undo", "cancel", "help"}
    assert any("\u4e00" <= letter <= "\u9fff" for letter in line.world.commands["default"][0]["description"])
    plan = line.server.faults.plan
    plan += [("getUpdates", "drop"), ("getUpdates", "break"), ("file", "drop"), ("getFile", "break")]
    plan += [("sendMessage", "drop"), ("sendMessage", "break")]
    line.world.say(line.person, line.person, pictures=[picture("cat")])
    line.heard("收到照片", seconds=60)
    assert line.bot.stop() == 0
    log = (tmp_path / "log").read_text("utf-8")
    assert line.world.token not in log
    assert line.world.token.partition(":")[2] not in log


@pytest.mark.timeout(600)
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_small_storm(tmp_path: Path, library: str) -> None:
    figures = storm(updates=150, kills=3, library=library, people=30, folder=tmp_path, seed=7)
    assert well(figures), figures
    assert figures["dropped"] > 10
    assert figures["updates again"] > 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_member_s_avatar_after_their_own_yes(lines: Lines, library: str) -> None:
    line = lines(library)
    world = line.world
    ming, other = world.person(43, "小明", "xiaoming"), world.person(44, "乙")
    group = world.group(-79, "群", line.person, ming, other)
    world.avatars[ming] = [world.photo(picture("face")), world.photo(picture("older"))]
    world.say(line.person, group, f"@{USERNAME} 用@xiaoming的头像把他加进来", [picture("group photo")])
    card = line.heard("@xiaoming 有人想用你的头像", group)
    world.press(other, group, card["message_id"], replies.ALLOW)
    line.heard(replies.AVATAR_NOT_YOURS, group)
    assert line.store.one("SELECT 1 FROM concepts") is None
    world.press(ming, group, card["message_id"], replies.ALLOW)
    line.heard("xiaoming同意了", group)
    work(line.store)
    line.heard(replies.learnt("xiaoming", "person"), group)
    reference = line.store.one("SELECT photo FROM concept_references")
    assert reference is not None
    shown = np.asarray(Image.open(io.BytesIO(photos.read(line.store, reference["photo"]))).convert("RGB")).astype(int)
    newest = np.asarray(Image.open(io.BytesIO(picture("face"))).convert("RGB")).astype(int)
    assert np.abs(shown - newest).mean() < 20  # Telegram keeps a JPEG
    world.say(ming, group, f"@{USERNAME} 收回我的头像")
    line.heard("「xiaoming」忘掉了", group)
    assert line.store.one("SELECT 1 FROM concepts") is None


def test_who_shows_no_avatar_is_said_to_show_none(lines: Lines) -> None:
    line = lines("aiogram")
    world = line.world
    ming = world.person(43, "小明")
    group = world.group(-80, "群", line.person, ming)
    spoken = world.post(group, {"from": world.users[ming], "text": "在吗"})
    world.say(line.person, group, f"@{USERNAME} 用他的头像把他加进来", reply_to=spoken["message_id"])
    card = line.heard("@小明 有人想用你的头像", group)
    world.press(ming, group, card["message_id"], replies.ALLOW)
    line.heard(replies.NO_AVATAR, group)
    assert line.store.one("SELECT 1 FROM concepts") is None
