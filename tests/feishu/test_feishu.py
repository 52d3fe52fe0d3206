"""飞书, against a server that is as strict as 飞书."""

import asyncio
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import storage
from bot import app, replies
from bot.platforms import feishu, registry
from bot.platforms.feishu import connection, frames
from bot.platforms.feishu.events import hear
from bot.platforms.feishu.sending import plain
from bot.supervisor import Crew
from lettering import marks
from storage import HeyingError, Storage, outbox
from storage.settings import load
from tests.bot.talking import picture, work
from tests.feishu.server import APP, ME, SECRET, Feishu, Message, labels_of, running, words_of
from tests.feishu.wire import Frame, decode

ANN, BOB, GROUP = "ou_ann", "ou_bob", "oc_team"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Storage, Feishu]]:
    with running() as server:
        told = {"domain": server.url, "app_id": APP, "secret": SECRET}
        settings = load(platforms=("feishu",), feishu=told, limits={"megabytes": 1})
        with (
            storage.open(tmp_path_factory.mktemp("feishu") / "data", settings) as store,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(connection, "FIRST_WAIT", 0.05)
            patch.setattr("bot.outbox.RETRY_SECONDS", 0.1)
            patch.setattr("bot.platforms.feishu.api.NETWORK_SECONDS", 0.1)
            patch.setattr("bot.platforms.feishu.api.BROKEN_SECONDS", 0.1)
            opened, loop = threading.Event(), asyncio.new_event_loop()
            platform = registry.open_platform("feishu", store)
            task = loop.create_task(app.serve(store, Crew(store, ()), [platform], opened.set))
            thread = threading.Thread(
                target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
            )
            thread.start()
            assert opened.wait(30)
            yield store, server
            loop.call_soon_threadsafe(task.cancel)
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture
def store(served: tuple[Storage, Feishu]) -> Storage:
    return served[0]


@pytest.fixture
def server(served: tuple[Storage, Feishu]) -> Feishu:
    until(lambda: not unsettled(served[0]), 30)
    served[1].messages.clear()
    served[1].calls.clear()
    served[1].toasts.clear()
    return served[1]


def unsettled(store: Storage) -> bool:
    return (
        store.one(
            "SELECT 1 FROM inbox WHERE state IN ('new', 'taken')"
            " UNION SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')"
        )
        is not None
    )


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def done(store: Storage) -> None:
    """Do the job that will be queued."""
    until(lambda: store.one("SELECT 1 FROM jobs WHERE state = 'queued'") is not None)
    work(store)


def heard(server: Feishu, chat: str, count: int) -> list[Message]:
    """What the bot has said in a chat, once it has said so much."""
    until(lambda: len(server.said(chat)) >= count)
    return server.said(chat)


def test_a_photo_a_sentence_and_a_button(server: Feishu, store: Storage) -> None:
    server.post(ANN, "", "把猫换成狗", [picture("cat")])
    done(store)
    image, card = heard(server, server.alone(ANN), 2)
    assert (image.kind, card.kind) == ("image", "interactive")
    assert words_of(card) == "改好了：把猫换成狗"
    assert {"再明显一点", "撤销", "要原图"} <= set(labels_of(card))
    server.press(ANN, card.id, "撤销")
    back = heard(server, server.alone(ANN), 4)
    assert "退回来了" in words_of(back[3])
    assert server.toasts == ["好的：撤销"]


def test_the_original_comes_as_a_file_byte_for_byte(server: Feishu, store: Storage) -> None:
    noise = io.BytesIO()
    Image.effect_noise((1000, 900), 90).convert("RGB").save(noise, "JPEG", quality=50)
    server.post(ANN, "", "改成水墨画", [noise.getvalue()])
    done(store)
    image, card = heard(server, server.alone(ANN), 2)
    light = server.images[image.content["image_key"]]
    assert len(light) <= 1_000_000
    assert marks.verify(light).marked
    server.press(ANN, card.id, "要原图")
    until(lambda: bool(server.said(server.alone(ANN))[2:] and server.said(server.alone(ANN))[-1].kind == "file"))
    name, data = server.files[server.said(server.alone(ANN))[-1].content["file_key"]]
    job = store.rows("SELECT result FROM jobs ORDER BY id DESC LIMIT 1")[0]["result"]
    sha256 = next(part for part in job.replace('"', " ").split() if len(part) == 64)
    assert data == storage.photos.read(store, sha256)
    assert name.endswith(".png")
    assert len(data) > 1_000_000
    assert marks.verify(data).marked


def test_in_a_group_it_hears_what_is_said_to_it(server: Feishu, store: Storage) -> None:
    server.say(BOB, GROUP, "image", {"image_key": server.image(picture("x"))}, at=False)
    server.words(BOB, GROUP, "撤销", at=False)
    asked = server.post(ANN, GROUP, "把猫换成狗", [picture("cat")])
    done(store)
    image, card = heard(server, GROUP, 2)
    assert (image.parent, card.parent) == (asked, asked)
    server.words(BOB, GROUP, "撤销", parent=asked, at=False)  # to Ann
    ours = server.words(ANN, GROUP, "改成水墨画", parent=image.id, at=False)  # to us, though nobody says @
    done(store)
    again = heard(server, GROUP, 4)
    assert words_of(again[3]) == "改好了：改成水墨画"
    assert again[3].parent == ours
    assert store.one("SELECT count(*) AS n FROM inbox WHERE user = ?", (f"feishu:{BOB}",)) == {"n": 0}
    assert not [
        call for call in server.calls if call.startswith("GET /open-apis/im/v1/messages/") and "res" not in call
    ]


def test_an_answer_to_somebody_elses_photo(server: Feishu, store: Storage) -> None:
    photo = server.say(BOB, GROUP, "image", {"image_key": server.image(picture("cat"))}, at=False)
    server.words(ANN, GROUP, "把猫换成狗", parent=photo)
    done(store)
    assert words_of(heard(server, GROUP, 2)[1]) == "改好了：把猫换成狗"
    server.messages[photo].recalled = True
    server.words(ANN, GROUP, "谢谢", parent=photo)
    assert "不客气" in words_of(heard(server, GROUP, 3)[2])


def test_other_people_are_called_by_name(server: Feishu) -> None:
    content = {"text": "@_user_1 把@_user_2 加到@_user_10左边"}
    event = message_event(
        content, mentions=[("@_user_1", ME, "合影"), ("@_user_2", BOB, "小明"), ("@_user_10", ANN, "小红")]
    )
    told = hear(event, ME)
    assert told is not None
    assert told.incoming.text == "把小明 加到小红左边"


def test_pictures_in_a_row_are_an_album_with_the_words_that_follow(server: Feishu, store: Storage) -> None:
    for name in ("cat", "dog", "bird"):
        server.say(ANN, "", "image", {"image_key": server.image(picture(name))})
    server.words(ANN, "", "改成水墨画")
    *images, card = heard(server, server.alone(ANN), 4)
    assert [one.kind for one in images] == ["image"] * 3
    assert "这里有 3 张照片" in words_of(card)
    server.words(ANN, "", "算了")
    heard(server, server.alone(ANN), 5)


@pytest.mark.parametrize("fault", ["busy", "older busy", "slow", "lost", "expired"])
def test_each_message_arrives_once_whatever_happens(server: Feishu, store: Storage, fault: str) -> None:
    server.faults += [fault, fault]
    server.post(ANN, "", "把猫换成狗", [picture("cat")])
    done(store)
    until(lambda: not unsettled(store), 30)
    assert [one.kind for one in server.said(server.alone(ANN))] == ["image", "interactive"]
    assert server.faults == []
    assert server.calls.count("POST /open-apis/im/v1/images") == 1


def test_who_makes_us_wait_is_heeded(server: Feishu, store: Storage) -> None:
    server.faults += ["busy"]
    began = time.monotonic()
    server.words(ANN, "", "谢谢")
    heard(server, server.alone(ANN), 1)
    assert time.monotonic() - began >= 0.3


def test_an_event_comes_again_and_is_taken_once(server: Feishu, store: Storage) -> None:
    number = server.words(ANN, "", "谢谢")
    heard(server, server.alone(ANN), 1)
    server.tell_again(number)
    until(lambda: not server.pending)
    time.sleep(0.5)
    assert len(server.said(server.alone(ANN))) == 1


def test_what_was_said_while_nobody_was_connected_comes_later(server: Feishu, store: Storage) -> None:
    server.hang_up()
    server.words(ANN, "", "谢谢")
    assert "不客气" in words_of(heard(server, server.alone(ANN), 1)[0])
    assert server.pings >= 2


def test_events_in_pieces(server: Feishu, store: Storage) -> None:
    server.piece = 50
    try:
        server.words(ANN, "", "谢谢")
        assert "不客气" in words_of(heard(server, server.alone(ANN), 1)[0])
    finally:
        server.piece = 0


def test_a_message_that_is_gone_is_not_answered_to(server: Feishu, store: Storage) -> None:
    asked = server.post(ANN, GROUP, "把猫换成狗", [picture("cat")])
    until(lambda: store.one("SELECT 1 FROM jobs WHERE state = 'queued'") is not None)
    server.messages[asked].recalled = True
    work(store)
    assert [one.parent for one in heard(server, GROUP, 2)] == ["", ""]


def test_everything_of_a_person_goes_to_them_alone(
    server: Feishu, store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.words(ANN, GROUP, "导出我的数据")
    (file,) = heard(server, server.alone(ANN), 1)
    name, data = server.files[file.content["file_key"]]
    assert name == "heying.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "everything.json" in archive.namelist()
    assert all(one.kind == "text" for one in server.said(GROUP))
    monkeypatch.setattr("bot.platforms.feishu.sending.FILE_BYTES", 100)
    server.words(ANN, GROUP, "导出我的数据")
    assert "python -m bot export" in words_of(heard(server, server.alone(ANN), 2)[1])


def test_nobody_is_written_to_who_may_not_be(server: Feishu, store: Storage) -> None:
    server.blocked.add(BOB)
    try:
        server.words(BOB, "", "谢谢")
        ended = "SELECT attempt FROM outbox WHERE state = 'failed' AND user = ?"
        until(lambda: store.one(ended, (f"feishu:{BOB}",)) == {"attempt": 1})
    finally:
        server.blocked.clear()


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        ("sticker", {"file_key": "f"}, replies.NOT_A_PHOTO),
        ("file", {"file_key": "f", "file_name": "a.pdf"}, replies.NOT_A_PHOTO),
        ("merge_forward", {"content": "Merged and Forwarded Message"}, replies.MERGED_FORWARD),
        ("image", {"image_key": "img_gone"}, replies.NOT_DOWNLOADED),
    ],
)
def test_what_is_no_photo(server: Feishu, kind: str, content: dict[str, str], sentence: str) -> None:
    server.say(ANN, "", kind, content)
    assert sentence in words_of(heard(server, server.alone(ANN), 1)[0])


def test_a_photo_that_is_too_large(server: Feishu) -> None:
    server.say(ANN, "", "image", {"image_key": server.image(bytes(1_200_000))})
    assert "太大了" in words_of(heard(server, server.alone(ANN), 1)[0])


def test_added_to_a_group_it_says_hello(server: Feishu) -> None:
    server.members["oc_new"] = {ANN}
    server.event("im.chat.member.bot.added_v1", {"chat_id": "oc_new", "operator_id": {"open_id": ANN}, "name": "x"})
    assert "合影" in words_of(heard(server, "oc_new", 1)[0])


def test_called_by_name_alone_it_says_hello(server: Feishu) -> None:
    asked = server.words(ANN, GROUP, "")
    (hello,) = heard(server, GROUP, 1)
    assert "合影" in words_of(hello)
    assert hello.parent == asked


def test_nobody_is_called_by_what_somebody_says() -> None:
    assert "<at" not in plain('<at user_id="all">所有人</at>')


def test_a_card_that_was_sent_on_does_nothing() -> None:
    value = {"action": "undo", "label": "撤销", "chat": f"feishu:{GROUP}"}
    assert pressing(value, ANN, GROUP) is not None
    assert pressing(value, ANN, "oc_other") is None
    alone = {**value, "chat": f"feishu:{ANN}"}
    assert pressing(alone, ANN, "oc_any") is not None
    assert pressing(alone, BOB, "oc_any") is None


@pytest.mark.parametrize(
    "value", [None, "x", {}, {"action": 1, "label": "a", "chat": "feishu:x"}, {"chat": "feishu:oc_x"}]
)
def test_a_button_that_is_not_ours(value: object) -> None:
    assert pressing(value, ANN, GROUP) is None


@pytest.mark.parametrize(
    "told",
    [
        {"sender": {"sender_type": "app", "sender_id": {"open_id": "ou_x"}}},
        {"sender": None},
        {"message": {"message_id": 5}},
        {"message": "x"},
        {
            "message": {
                "message_id": "om_1",
                "chat_id": "oc_1",
                "chat_type": "p2p",
                "message_type": "text",
                "content": "no",
            }
        },
        {
            "message": {
                "message_id": "om_1",
                "chat_id": "oc_1",
                "chat_type": "p2p",
                "message_type": "post",
                "content": '{"content":[1,[2]]}',
            }
        },
    ],
)
def test_what_is_none_of_our_business(told: dict[str, object]) -> None:
    event = message_event({"text": "你好"})
    assert hear(event, ME) is not None
    event["event"] = {**event["event"], **told}
    assert hear(event, ME) is None
    assert hear({}, ME) is None


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "x", "ou_bot", "[]", '{"text":1}', '{"content":[[1]]}']),
    lambda odd: st.lists(odd, max_size=3) | st.dictionaries(st.sampled_from(["key", "id", "value", "open_id"]), odd),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_event_breaks_the_reading(data: st.DataObject) -> None:
    """Any field may be anything: an event that cannot be read must not come again for hours."""
    for event in (
        message_event({"text": "你好 @_user_1"}, [("@_user_1", ME, "合影")]),
        press_event({"action": "undo"}),
    ):
        place: dict[str, Any] = event
        while True:
            key = data.draw(st.sampled_from(sorted(place)))
            if isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
                place = place[key]
            else:
                place[key] = data.draw(ODD)
                break
        hear(event, ME)


def test_strange_frames_end_nothing(server: Feishu, store: Storage) -> None:
    assert frames.parse(b"\xff\xff") is None
    server.event("im.message.message_read_v1", {})
    server.event("im.message.receive_v1", {"message": [1]})
    server.words(ANN, "", "谢谢")
    assert "不客气" in words_of(heard(server, server.alone(ANN), 1)[0])
    assert not server.pending


def test_frames_are_those_of_the_official_library() -> None:
    """A frame as lark-oapi 1.7.5 writes it; another reading of the declaration sees the same."""
    recorded = bytes.fromhex(
        "0801108580808080808080800118f681801020012a0d0a047479706512056576656e742a100a0a6d6573736167655f696412026d31"
        "2a080a0373756d1201312a080a037365711201302a0d0a0874726163655f696412017432046a736f6e42097b22e4bda0223a317d"
        "4a053230323678"
    )
    frame = frames.parse(recorded)
    assert frame is not None
    assert frame.SerializeToString() == recorded
    assert decode(recorded) == Frame(
        1, 2**63 + 5, 33554678, 1,
        [("type", "event"), ("message_id", "m1"), ("sum", "1"), ("seq", "0"), ("trace_id", "t")],
        '{"你":1}'.encode(), b"json", b"", b"2026x",
    )  # fmt: skip
    assert decode(frames.ping(7)) == Frame(0, 0, 7, 0, [("type", "ping")])


def test_pieces_that_do_not_fit() -> None:
    pieces = frames.Pieces()
    for count, place in (("3", "7"), ("x", "0"), ("5000", "1"), ("2", "-1")):
        with pytest.raises(ValueError, match=r"piece|invalid literal"):
            pieces.whole(piece(count, place))
    assert pieces.whole(piece("2", "1", b"b")) is None
    with pytest.raises(ValueError, match="pieces"):
        pieces.whole(piece("3", "0"))
    assert pieces.whole(piece("2", "0", b"a")) == b"ab"


def test_without_an_app_it_does_not_open(served: tuple[Storage, Feishu]) -> None:
    settings = load(platforms=("feishu",))
    with pytest.raises(HeyingError) as raised:
        feishu._secret(settings)
    (finding,) = registry.examine(settings)
    assert (finding.well, finding.sentence) == (False, raised.value.sentence)
    right = {"domain": served[1].url, "app_id": APP, "secret": SECRET}
    for told, sentence in (
        (right, feishu.REACHED),
        ({**right, "secret": "another secret"}, feishu.WRONG.format(10014)),
        ({**right, "domain": "http://127.0.0.1:1"}, feishu.UNREACHABLE.format("ConnectError")),
    ):
        (finding,) = registry.examine(load(platforms=("feishu",), feishu=told))
        assert (finding.well, finding.sentence) == (told == right, sentence)


def message_event(content: dict[str, str], mentions: Sequence[tuple[str, str, str]] = ()) -> dict[str, Any]:
    """An event of a message as 飞书 tells it."""
    named = [{"key": key, "id": {"open_id": id}, "name": name} for key, id, name in mentions]
    message = {
        "message_id": "om_9", "chat_id": "oc_alone_ann", "chat_type": "p2p", "message_type": "text",
        "content": json.dumps(content), "mentions": named,
    }  # fmt: skip
    sender = {"sender_type": "user", "sender_id": {"open_id": ANN}}
    header = {"event_id": "e1", "event_type": "im.message.receive_v1"}
    return {"header": header, "event": {"sender": sender, "message": message}}


def pressing(value: object, person: str, chat: str) -> object:
    """What the press of a button with that value says to us."""
    return hear(press_event(value, person, chat), ME)


def press_event(value: object, person: str = ANN, chat: str = GROUP) -> dict[str, Any]:
    """The press of a button as 飞书 tells it."""
    told = {
        "operator": {"open_id": person},
        "action": {"value": value},
        "context": {"open_chat_id": chat, "open_message_id": "om_1"},
    }
    return {"header": {"event_id": "e1", "event_type": "card.action.trigger"}, "event": told}


def piece(count: str, place: str, payload: bytes = b"") -> object:
    frame = Frame(headers=[("message_id", "m"), ("sum", count), ("seq", place)], payload=payload)
    return frames.parse(frame.encode())


def test_receipts_say_what_is_shown(server: Feishu, store: Storage) -> None:
    server.post(ANN, "", "把猫换成狗", [picture("cat")])
    done(store)
    image, card = heard(server, server.alone(ANN), 2)
    until(lambda: not unsettled(store))
    shown = outbox.shown(store, f"feishu:{ANN}", image.id)
    assert len(shown) == 1
    assert outbox.shown(store, f"feishu:{ANN}", card.id) == shown
    assert outbox.said_by_us(store, f"feishu:{ANN}", card.id)
    assert not outbox.said_by_us(store, f"feishu:{ANN}", "om_0")


@pytest.mark.parametrize("shown", [True, False])
def test_a_member_s_avatar_after_their_own_yes(server: Feishu, store: Storage, shown: bool) -> None:
    server.avatars.clear()
    if shown:
        server.avatars[BOB] = picture("face")
    asking = {"text": "@_user_1 用@_user_2的头像把他加进来"}
    server.say(ANN, GROUP, "text", asking, others={BOB: "小明"})
    card = heard(server, GROUP, 1)[0]
    assert words_of(card).startswith("@小明 有人想用你的头像")
    assert labels_of(card) == [replies.ALLOW, replies.DISALLOW]
    server.press(ANN, card.id, replies.ALLOW)
    assert words_of(heard(server, GROUP, 2)[1]) == replies.AVATAR_NOT_YOURS
    server.press(BOB, card.id, replies.ALLOW)
    if shown:
        assert words_of(heard(server, GROUP, 3)[2]).startswith("小明同意了")
        done(store)
        assert words_of(heard(server, GROUP, 4)[3]).startswith("我认识小明了")
        server.words(BOB, GROUP, "收回我的头像")
        assert "「小明」忘掉了" in words_of(heard(server, GROUP, 5)[4])
    else:
        assert words_of(heard(server, GROUP, 3)[2]) == replies.NO_AVATAR
    assert store.one("SELECT 1 FROM concepts WHERE name = '小明'") is None
