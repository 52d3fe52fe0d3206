"""QQ by OneBot v11, against a bridge that is as strict as QQ."""

import asyncio
import io
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import storage
from bot import app
from bot.platforms import onebot, registry
from bot.platforms.onebot import sending, server
from bot.platforms.onebot.events import hear, segments
from bot.platforms.onebot.server import OneBot
from bot.supervisor import Crew
from storage import HeyingError, Storage, jobs
from storage.settings import load
from tests.bot.talking import picture, work
from tests.onebot.napcat import SELF, NapCat, pictures_in, text_of
from tests.telegram.process import free_port

TOKEN, ANN, BOB, GROUP = "a token for bridges", 42, 43, 700


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Storage, NapCat, str]]:
    port, patience = free_port(), sending.LOOK_SECONDS
    settings = load(platforms=("onebot",), onebot={"port": port, "token": TOKEN}, limits={"megabytes": 1})
    sending.LOOK_SECONDS, server.PACE_SECONDS = (0.05, 0.2), 0.0
    with storage.open(tmp_path_factory.mktemp("onebot") / "data", settings) as store:
        opened, loop = threading.Event(), asyncio.new_event_loop()
        platform = OneBot(store, TOKEN)
        task = loop.create_task(app.serve(store, Crew(store, ()), [platform], opened.set))
        thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True)))
        thread.start()
        assert opened.wait(30)
        url = f"ws://127.0.0.1:{port}/onebot/v11/ws"
        bridge = NapCat(url, TOKEN)
        yield store, bridge, url
        bridge.close()
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        assert not thread.is_alive()
    sending.LOOK_SECONDS, server.PACE_SECONDS = patience, 1.0
    assert bridge.wrong == []


@pytest.fixture
def store(served: tuple[Storage, NapCat, str]) -> Storage:
    return served[0]


@pytest.fixture
def bridge(served: tuple[Storage, NapCat, str]) -> NapCat:
    served[1].chats.clear()
    return served[1]


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def done(store: Storage) -> None:
    """Do the job that will be queued."""
    until(lambda: store.one("SELECT 1 FROM jobs WHERE state = 'queued'") is not None)
    work(store)


def text(words: str) -> dict[str, object]:
    return {"type": "text", "data": {"text": words}}


AT = {"type": "at", "data": {"qq": str(SELF)}}


def test_a_photo_and_a_sentence_in_private(bridge: NapCat, store: Storage) -> None:
    bridge.say(ANN, 0, [bridge.picture(picture("cat")), text("把猫换成狗")])
    done(store)
    until(lambda: len(bridge.said(ANN, 0)) == 1)
    (result,) = bridge.said(ANN, 0)
    assert text_of(result).startswith("改好了：把猫换成狗\n回复 1 再明显一点")
    assert pictures_in(result) == 1
    number = text_of(result).split(" 撤销")[0].rpartition(" ")[2]
    bridge.say(ANN, 0, f"回复{number}")
    until(lambda: len(bridge.said(ANN, 0)) == 2)
    assert "退回来了" in text_of(bridge.said(ANN, 0)[1])


def test_in_a_group_it_hears_what_is_said_to_it(bridge: NapCat, store: Storage) -> None:
    bridge.say(BOB, GROUP, [bridge.picture(picture("x")), text("随便看看")])
    bridge.say(BOB, GROUP, "3")
    asked = bridge.say(ANN, GROUP, [AT, bridge.picture(picture("cat")), text(" 把猫换成狗")])
    done(store)
    until(lambda: len(bridge.said(0, GROUP)) == 1)
    (result,) = bridge.said(0, GROUP)
    assert result["message"][0] == {"type": "reply", "data": {"id": str(asked)}}
    number = text_of(result).split(" 撤销")[0].rpartition(" ")[2]
    bridge.say(BOB, GROUP, number)  # it was not asked of Bob
    bridge.say(ANN, GROUP, number)
    until(lambda: len(bridge.said(0, GROUP)) == 2)
    assert "退回来了" in text_of(bridge.said(0, GROUP)[1])
    assert store.one("SELECT count(*) AS n FROM inbox WHERE user = ?", (f"onebot:{SELF}.{BOB}",)) == {"n": 0}


def test_answers_to_photos_of_others_and_of_ours(bridge: NapCat, store: Storage) -> None:
    photo = bridge.say(BOB, GROUP, [bridge.picture(picture("cat"))])
    reply = {"type": "reply", "data": {"id": str(photo)}}
    bridge.say(ANN, GROUP, [reply, AT, text("把猫换成狗")])
    done(store)
    until(lambda: len(bridge.said(0, GROUP)) == 1)
    ours = {"type": "reply", "data": {"id": str(bridge.said(0, GROUP)[0]["message_id"])}}
    bridge.say(ANN, GROUP, [ours, text("改成水墨画")])  # to us, though nobody says @
    done(store)
    until(lambda: len(bridge.said(0, GROUP)) == 2)
    words = bridge.say(BOB, GROUP, [text("哈哈")])
    bridge.say(ANN, GROUP, [{"type": "reply", "data": {"id": str(words)}}, AT, text("撤销")])
    until(lambda: len(bridge.said(0, GROUP)) == 3)
    assert "退回来了" in text_of(bridge.said(0, GROUP)[2])


@pytest.mark.parametrize("fault", ["slow", "cut"])
def test_what_arrived_is_not_sent_again(bridge: NapCat, store: Storage, fault: str) -> None:
    bridge.faults.append(fault)
    bridge.say(ANN, 0, [bridge.picture(picture("cat")), text("把猫换成狗")])
    done(store)
    until(lambda: store.one("SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')") is None, 30)
    assert len(bridge.said(ANN, 0)) == 1
    sent = store.rows("SELECT sent FROM outbox WHERE chat = ? ORDER BY id DESC", (f"onebot:{SELF}.{ANN}",))[0]["sent"]
    assert str(bridge.said(ANN, 0)[0]["message_id"]) in sent  # so that it can be answered to


@pytest.mark.parametrize("faults", [["slow"], ["cut"], ["lost"], ["lost", "slow"]])
def test_a_file_arrives_once(
    bridge: NapCat, store: Storage, monkeypatch: pytest.MonkeyPatch, faults: list[str]
) -> None:
    """An upload that is said to have failed is looked for, like a message."""
    monkeypatch.setattr("bot.outbox.RETRY_SECONDS", 0.1)
    bridge.say(ANN, 0, [bridge.picture(picture("cat")), text("把猫换成狗")])
    done(store)
    until(lambda: len(bridge.said(ANN, 0)) == 1)
    bridge.file_faults += faults
    bridge.say(ANN, 0, "发原图")
    until(lambda: bool(bridge.chat(ANN, 0).files))
    until(lambda: store.one("SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')") is None, 30)
    assert len(bridge.chat(ANN, 0).files) == 1


def test_what_did_not_arrive_is_sent_again(bridge: NapCat, store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbox.RETRY_SECONDS", 0.1)
    bridge.faults += ["lost", "lost"]
    bridge.say(ANN, 0, "谢谢")
    until(lambda: len(bridge.said(ANN, 0)) == 1)
    assert "不客气" in text_of(bridge.said(ANN, 0)[0])
    time.sleep(0.5)
    assert len(bridge.said(ANN, 0)) == 1


def test_while_nobody_is_connected_answers_wait(bridge: NapCat, store: Storage) -> None:
    bridge.say(ANN, 0, [bridge.picture(picture("cat")), text("把猫换成狗")])
    until(lambda: store.one("SELECT 1 FROM jobs WHERE state = 'queued'") is not None)
    assert bridge.socket is not None
    bridge.socket.close()
    work(store)
    until(lambda: len(bridge.said(ANN, 0)) == 1)
    assert pictures_in(bridge.said(ANN, 0)[0]) == 1


def test_files_go_to_their_owner_alone(bridge: NapCat, store: Storage) -> None:
    bridge.say(ANN, 0, "你好")
    bridge.say(ANN, GROUP, [AT, text("导出我的数据")])
    until(lambda: len(bridge.chat(ANN, 0).files) == 1)
    assert bridge.chat(0, GROUP).files == []
    name, data = bridge.chat(ANN, 0).files[0]
    assert name == "heying.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "everything.json" in archive.namelist()
    bridge.say(ANN, 0, [bridge.picture(picture("cat")), text("把猫换成狗")])
    done(store)
    until(lambda: len(bridge.said(ANN, 0)) == 2)
    bridge.say(ANN, 0, "发原图")
    until(lambda: len(bridge.chat(ANN, 0).files) == 2)
    assert bridge.chat(ANN, 0).files[1][0].endswith(".png")


def test_many_pictures_come_in_few_messages(bridge: NapCat, store: Storage) -> None:
    bridge.say(ANN, 0, [bridge.picture(picture("cat")), text("用它做6个表情")])
    done(store)
    until(lambda: len(bridge.said(ANN, 0)) == 2)
    assert [pictures_in(one) for one in bridge.said(ANN, 0)] == [4, 2]
    assert "表情包做好了" in text_of(bridge.said(ANN, 0)[1])


def test_a_picture_that_cannot_be_had(bridge: NapCat) -> None:
    gone = bridge.picture(picture("cat"))
    bridge.pictures.clear()
    bridge.say(ANN, 0, [gone, text("把猫换成狗")])
    until(lambda: len(bridge.said(ANN, 0)) >= 1)
    large = bridge.picture(bytes(1_200_000))
    large["data"].pop("file_size")
    bridge.say(ANN, 0, [large])
    local = {"type": "image", "data": {"file": "a.png", "url": "file:///etc/passwd"}}
    bridge.say(BOB, 0, [local])
    until(lambda: any("太大了" in text_of(one) for one in bridge.said(ANN, 0)))
    until(lambda: len(bridge.said(BOB, 0)) == 1)


@pytest.mark.parametrize(
    "frame", ["no json", "[1]", "{}", '{"post_type":"message","message_type":"private"}', b"bytes"]
)
def test_strange_frames_end_nothing(bridge: NapCat, frame: str | bytes) -> None:
    bridge.event(frame)
    if isinstance(frame, bytes):
        until(lambda: not bridge.connected.is_set(), 5) if bridge.connected.is_set() else None
        until(bridge.connected.is_set)
    bridge.say(ANN, 0, "你好")
    until(lambda: len(bridge.said(ANN, 0)) == 1)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Self-ID": "1"},
        {"X-Self-ID": "1", "Authorization": "Bearer wrong"},
        {"X-Self-ID": "one", "Authorization": f"Bearer {TOKEN}"},
    ],
)
def test_who_is_not_let_in(served: tuple[Storage, NapCat, str], headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(served[2], additional_headers=headers):
        pass
    assert refused.value.response.status_code == 403


def test_cq_codes() -> None:
    told = segments(
        "[CQ:reply,id=7][CQ:at,qq=1]&#91;改&#93; 把猫&amp;狗[CQ:image,file=a.png,url=http://x/?a=1&amp;b=2]好"
    )
    assert [part["type"] for part in told] == ["reply", "at", "text", "image", "text"]
    assert told[2]["data"]["text"] == "[改] 把猫&狗"
    assert told[3]["data"] == {"file": "a.png", "url": "http://x/?a=1&b=2"}
    assert segments(7) == segments(None) == ()


@pytest.mark.parametrize(
    "told",
    [
        {"post_type": "notice"},
        {"user_id": SELF},
        {"user_id": "eve"},
        {"message_id": "x"},
        {"message_type": "group", "group_id": None},
        {"message": [{"type": "face", "data": {"id": "1"}}]},
        {"message": [7, {"type": "text"}, {"type": 1, "data": {}}]},
    ],
)
def test_what_is_none_of_our_business(store: Storage, told: dict[str, object]) -> None:
    event = {
        "post_type": "message", "message_type": "private", "self_id": SELF, "user_id": ANN, "message_id": 5,
        "message": "你好",
    }  # fmt: skip
    assert hear(store, event) is not None
    assert hear(store, {**event, **told}) is None


def test_without_a_token_it_does_not_open(tmp_path: Path) -> None:
    settings = load(platforms=("onebot",))
    with pytest.raises(HeyingError) as raised:
        onebot._token(settings)
    (finding,) = registry.examine(settings)
    assert (finding.well, finding.sentence) == (False, raised.value.sentence)


def test_a_member_s_avatar_after_their_own_yes(bridge: NapCat, store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for left in jobs.open_of(store, f"onebot:{SELF}.{ANN}"):
        jobs.cancel(store, left.id, left.owner)  # of a test before, for a private chat that this bridge does not know
    bridge.pictures[f"/avatar/{BOB}"] = picture("face")
    monkeypatch.setattr(server, "AVATAR", f"http://127.0.0.1:{bridge.web.server_port}/avatar/{{}}")
    named = {"type": "at", "data": {"qq": str(BOB), "name": "@小明"}}
    bridge.say(BOB, GROUP, "在")
    bridge.say(ANN, GROUP, [AT, text(" 用"), named, text("的头像把他加进来")])
    until(lambda: len(bridge.said(0, GROUP)) == 1)
    assert text_of(bridge.said(0, GROUP)[0]).startswith("@小明 有人想用你的头像")
    assert "回复 1 同意 · 2 不同意" in text_of(bridge.said(0, GROUP)[0])
    bridge.say(ANN, GROUP, [AT, text(" 1")])  # nobody has asked Ann
    until(lambda: len(bridge.said(0, GROUP)) == 2)
    assert store.one("SELECT 1 FROM concepts WHERE name = '小明'") is None
    bridge.say(BOB, GROUP, "1")
    until(lambda: any("小明同意了" in text_of(one) for one in bridge.said(0, GROUP)))
    done(store)
    until(lambda: any("我认识小明了" in text_of(one) for one in bridge.said(0, GROUP)))
    bridge.say(BOB, GROUP, [AT, text(" 收回我的头像")])
    until(lambda: any("「小明」忘掉了" in text_of(one) for one in bridge.said(0, GROUP)))
    assert store.one("SELECT 1 FROM concepts WHERE name = '小明'") is None
