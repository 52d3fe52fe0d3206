"""The signed endpoint: who is let in, what is refused and how, and that nothing is lost or said twice."""

import base64
import io
import json
import threading
import time
import uuid
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from bot import pictures, provenance
from bot.platforms import http, registry
from bot.platforms.http.signing import WINDOW, Guard
from lettering import marks
from storage import HeyingError, Storage, jobs
from storage.settings import SettingsError, load
from tests.bot.talking import picture, work
from tests.http.bridge import SECRET, Bridge, picture_of
from tests.http.conftest import serving
from tests.lettering.reference import conforming


def done(store: Storage, count: int = 1) -> None:
    """Wait until so many jobs are queued, and do them."""
    until = time.monotonic() + 20
    while store.one("SELECT count(*) AS n FROM jobs WHERE state = 'queued'") != {"n": count}:
        assert time.monotonic() < until
        time.sleep(0.02)
    work(store)


def test_a_photo_and_a_sentence(bridge: Bridge, store: Storage) -> None:
    assert bridge.say("ann", "把猫换成狗", (picture("cat"),)).json() == {"new": True}
    done(store)
    (result,) = bridge.listen()
    assert (result["user"], result["chat"]) == ("ann", "")
    assert result["text"].startswith("改好了：把猫换成狗\n回复 1 再明显一点")
    assert "要原图" in result["text"]
    (shown,) = result["pictures"]
    assert conforming(picture_of(shown))[0]["ProduceID"]
    number = result["text"].split(" 撤销")[0].rpartition(" ")[2]
    bridge.say("ann", number)
    (undone,) = bridge.listen()
    assert "退回来了" in undone["text"]


def test_buttons_where_the_other_side_has_them(bridge: Bridge, store: Storage) -> None:
    bridge.say("ann", "把猫换成狗", (picture("cat"),), buttons=True)
    done(store)
    (result,) = bridge.listen()
    assert result["text"] == "改好了：把猫换成狗"
    undo = next(button for button in result["buttons"] if button["label"] == "撤销")
    bridge.say("ann", undo["label"], action=undo["action"], buttons=True)
    assert "退回来了" in bridge.listen()[0]["text"]


def test_a_form_with_files(bridge: Bridge, store: Storage) -> None:
    told = json.dumps({"id": "f1", "bridge": bridge.name, "user": "ann", "text": "把猫换成狗"})
    form = httpx.Request(
        "POST", "http://x/v1/messages", data={"message": told}, files=[("photo", ("猫.png", picture("cat")))]
    )
    body = form.read()
    headers = {"content-type": form.headers["content-type"], **bridge.sign("/v1/messages", body)}
    answer = bridge.http.post("/v1/messages", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"new": True})
    done(store)
    assert len(bridge.listen()[0]["pictures"]) == 1


def test_the_same_message_twice_is_one(bridge: Bridge) -> None:
    assert bridge.say("ann", "你好", id="one").json() == {"new": True}
    assert bridge.say("ann", "你好", id="one").json() == {"new": False}
    assert len(bridge.listen()) == 1
    assert bridge.poll(wait=1) == []


def test_what_is_not_acknowledged_comes_again(bridge: Bridge) -> None:
    bridge.say("ann", "你好")
    first = []
    while not first:
        first = bridge.poll(wait=1, ack=False)
    (again,) = bridge.poll(wait=1, ack=False)
    assert again == first[0]
    assert bridge.listen() == [again]
    assert bridge.poll(wait=1) == []
    strange = bridge.call("/v1/ack", {"bridge": bridge.name, "done": {"nobody": []}})
    assert strange.json() == {"unknown": ["nobody"]}


def test_what_the_other_side_gives_up_is_not_said_again(bridge: Bridge, store: Storage) -> None:
    bridge.say("ann", "你好")
    (one,) = bridge.poll(wait=5, ack=False)
    bridge.call("/v1/ack", {"bridge": bridge.name, "failed": {one["key"]: "blocked"}})
    assert bridge.poll(wait=1) == []
    assert store.one("SELECT state, log FROM outbox WHERE key = ?", (one["key"],)) == {
        "state": "failed",
        "log": "blocked",
    }


def test_two_bridges_never_get_each_others_answers(bridge: Bridge, endpoint: tuple[Storage, str]) -> None:
    other = Bridge(endpoint[1], name=f"{bridge.name}2")
    bridge.say("ann", "你好")
    other.say("ann", "谢谢")
    assert "不客气" in other.listen()[0]["text"]
    assert "我是合影" in bridge.listen()[0]["text"]
    assert bridge.poll() == other.poll() == []


def test_an_answer_to_a_picture_that_was_shown(bridge: Bridge, store: Storage) -> None:
    """By the number under which the other side has shown it."""
    bridge.say("ann", "把猫换成狗", (picture("cat"),))
    done(store)
    (result,) = bridge.listen()
    bridge.say("ann", "", (picture("car"),))
    bridge.listen()
    bridge.say("ann", "改成水墨画", answers=f"shown-{result['key']}")
    done(store)
    bridge.listen()
    request = jobs.of_chat(store, f"http:{bridge.name}/ann")[-1].request
    assert request.photo == result["pictures"][0]["sha256"]  # type: ignore[union-attr]


def test_people_in_a_group_and_their_data_to_them_alone(bridge: Bridge) -> None:
    bridge.say("ann", "导出我的数据", chat="group", message="77")
    (told,) = bridge.listen()
    assert (told["chat"], told["user"], told["answers"]) == ("", "ann", "77")
    (file,) = told["files"]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(file["data"]))) as archive:
        assert "everything.json" in archive.namelist()


def test_a_ticket_that_has_ended(bridge: Bridge, store: Storage) -> None:
    ticket = {"value": "qq-1", "seconds": 2, "uses": 5}
    bridge.say("ann", "把猫换成狗", (picture("cat"),), chat="group", ticket=ticket)
    time.sleep(2.1)
    done(store)
    assert bridge.poll(wait=1) == []
    bridge.say("ann", "你好", chat="group", ticket={"value": "qq-2", "seconds": 300, "uses": 5})
    result, answer = bridge.listen(2)
    assert result["text"].startswith("你的图好了\n改好了")
    assert (result["ticket"], answer["ticket"], len(result["pictures"])) == ("qq-2", "qq-2", 1)


def test_a_job_that_takes_a_while_is_said_to_have_begun(bridge: Bridge, store: Storage) -> None:
    bridge.say("ann", "把猫换成狗", (picture("cat"),))
    (begun,) = bridge.listen()
    assert "把猫换成狗" in begun["text"]
    assert begun["pictures"] == []
    assert bridge.poll(wait=2) == []
    done(store)
    assert len(bridge.listen()[0]["pictures"]) == 1


def test_pictures_are_light_first_and_whole_on_demand(bridge: Bridge, store: Storage) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1100, 1000, 3), np.uint8)
    made = marks.encode(marks.stamp(noise), "7", "PNG", provenance.maker(store))
    assert len(made) > 3_000_000
    shown = pictures.light(made, provenance.maker(store))
    assert len(shown) <= pictures.LIGHT
    assert pictures.type_of(shown) == "image/jpeg"
    verdict = marks.verify(shown, provenance.maker(store))
    assert verdict.ours
    assert conforming(shown)[0]["ProduceID"] == "7"
    cut = np.dstack([noise, np.where(np.arange(1000) < 500, 0, 255).astype(np.uint8)[None].repeat(1100, 0)])
    clear = pictures.light(marks.encode(cut, "8", "PNG"), provenance.maker(store))
    with Image.open(io.BytesIO(clear)) as image:
        assert (image.format, image.has_transparency_data) == ("WEBP", True)
    assert len(clear) <= pictures.LIGHT
    small = marks.encode(np.zeros((40, 40, 3), np.uint8), "9")
    assert pictures.light(small, provenance.maker(store)) is small
    bridge.say("ann", "把猫换成狗", (picture("cat"),))
    done(store)
    bridge.listen()
    bridge.say("ann", "发原图")
    (whole,) = bridge.listen()
    assert whole["pictures"][0]["type"] == "image/png"


# --- who is not let in --------------------------------------------------------------------------------------------------
def refused(answer: httpx.Response) -> tuple[int, str]:
    told = answer.json()
    assert set(told) == {"code", "error"}
    assert told["error"].endswith("。")
    return answer.status_code, told["code"]


BODY = b'{"id":"x","user":"eve","text":"hi"}'


def test_a_call_without_a_signature(bridge: Bridge) -> None:
    assert refused(bridge.http.post("/v1/messages", content=BODY)) == (401, "unsigned")
    headers = bridge.sign("/v1/messages", BODY)
    for name in headers:
        rest = {key: value for key, value in headers.items() if key != name}
        assert refused(bridge.http.post("/v1/messages", content=BODY, headers=rest)) == (401, "unsigned")
    odd = bridge.sign("/v1/messages", BODY, nonce="short")
    assert refused(bridge.http.post("/v1/messages", content=BODY, headers=odd)) == (401, "unsigned")


@pytest.mark.parametrize("off", [-WINDOW - 5, WINDOW + 5])
def test_a_call_from_another_time(bridge: Bridge, off: float) -> None:
    headers = bridge.sign("/v1/poll", b"{}", at=time.time() + off)
    assert refused(bridge.http.post("/v1/poll", content=b"{}", headers=headers)) == (401, "stale")


def test_a_call_that_was_changed_on_its_way(bridge: Bridge) -> None:
    path, headers = "/v1/messages", bridge.sign("/v1/messages", BODY)
    assert refused(bridge.http.post(path, content=BODY.replace(b"hi", b"ho"), headers=headers)) == (401, "forged")
    assert refused(bridge.http.post("/v1/poll", content=BODY, headers=headers)) == (401, "forged")
    later = {**headers, "X-Heying-Time": str(int(headers["X-Heying-Time"]) + 1)}
    assert refused(bridge.http.post(path, content=BODY, headers=later)) == (401, "forged")
    other = {**headers, "X-Heying-Nonce": uuid.uuid4().hex}
    assert refused(bridge.http.post(path, content=BODY, headers=other)) == (401, "forged")
    wrong = Bridge(str(bridge.http.base_url), secret="another secret, just as long")
    assert refused(wrong.call(path, {"id": "x", "user": "eve"})) == (401, "forged")


def test_a_call_that_is_sent_once_more(bridge: Bridge) -> None:
    headers = bridge.sign("/v1/poll", b'{"wait":0}')
    assert bridge.http.post("/v1/poll", content=b'{"wait":0}', headers=headers).status_code == 200
    assert refused(bridge.http.post("/v1/poll", content=b'{"wait":0}', headers=headers)) == (401, "replayed")


def test_nonces_are_remembered_for_as_long_as_their_time_is_good() -> None:
    now = 1_000_000.0
    guard, bridge = Guard(SECRET, lambda: now), Bridge("http://x")
    ahead = bridge.sign("/p", b"", at=now + WINDOW)  # a clock that is five minutes fast
    guard.admit(ahead, "/p", b"")
    now += 2 * WINDOW  # good until now
    with pytest.raises(Exception, match="replayed"):
        guard.admit(ahead, "/p", b"")
    now += 1
    for _ in range(3):
        guard.admit(bridge.sign("/p", b"", at=now), "/p", b"")
    assert len(guard.seen) == 3


@pytest.mark.parametrize(
    "told",
    [
        "no json",
        [],
        {},
        {"id": "x"},
        {"id": "x", "user": "a b"},
        {"id": "x", "user": "ann", "chat": "群"},
        {"id": "x", "user": "ann", "colour": "red"},
        {"id": "x", "user": "ann", "bridge": "a/b"},
        {"id": "x", "user": "ann", "text": "x" * 20001},
        {"id": "x", "user": "ann", "action": "x" * 65},
        {"id": "x", "user": "ann", "photos": [{"data": "!!!"}]},
        {"id": "x", "user": "ann", "photos": [{"url": "file:///etc/passwd"}]},
        {"id": "x", "user": "ann", "photos": [{"data": ""}] * 31},
        {"id": "x", "user": "ann", "ticket": {"value": "t", "seconds": -1, "uses": 1}},
        {"id": "x", "user": "ann", "ticket": {"value": "t", "seconds": 1, "uses": 0}},
    ],
)
def test_a_message_that_cannot_be_understood(bridge: Bridge, store: Storage, told: Any) -> None:
    before = store.rows("SELECT id FROM inbox")
    body = told.encode() if isinstance(told, str) else json.dumps(told).encode()
    answer = bridge.http.post("/v1/messages", content=body, headers=bridge.sign("/v1/messages", body))
    assert refused(answer) == (400, "unreadable")
    assert store.rows("SELECT id FROM inbox") == before


def test_a_photo_that_is_none_is_said_in_the_chat(bridge: Bridge) -> None:
    bridge.say("ann", "把猫换成狗", (b"no picture",))
    assert "不是我能看的图片" in bridge.listen()[0]["text"]


def test_a_body_that_never_ends(bridge: Bridge) -> None:
    large = b"x" * 3_000_000
    assert refused(bridge.http.post("/v1/messages", content=large, headers=bridge.sign("/v1/messages", large))) == (
        413,
        "too much",
    )

    def endless() -> Any:
        for _ in range(4):
            yield b"x" * 1_000_000

    headers = bridge.sign("/v1/messages", b"")
    assert refused(bridge.http.post("/v1/messages", content=endless(), headers=headers)) == (413, "too much")


def test_other_addresses(bridge: Bridge) -> None:
    assert refused(bridge.http.get("/")) == (404, "address")
    assert refused(bridge.http.get("/v1/poll")) == (405, "address")


# --- the callback -------------------------------------------------------------------------------------------------------
class Callback(HTTPServer):
    """Where answers are posted: checks the signature, fails ``failures`` times, then says what it calls the message."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.failures, self.wrong, callback = 1, 0, self
        guard = Guard(SECRET)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    guard.admit(self.headers, self.path, body)
                except Exception:
                    callback.wrong += 1
                if callback.failures:
                    callback.failures -= 1
                    return self.send_error(503)
                callback.heard.append(json.loads(body))
                answer = b'{"messages": ["c1"]}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                return self.wfile.write(answer)

            def log_message(self, *told: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def test_answers_are_posted_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.http.server.AGAIN_SECONDS", 0.1)
    there = Callback()
    with serving(tmp_path, callback=f"http://127.0.0.1:{there.server_port}/heying") as (store, url):
        bridge = Bridge(url)
        bridge.say("ann", "你好")
        until = time.monotonic() + 20
        while not there.heard and time.monotonic() < until:
            time.sleep(0.05)
        assert ["我是合影" in told["text"] for told in there.heard] == [True]
        assert there.wrong == 0
        while store.one("SELECT sent FROM outbox WHERE state = 'delivered'") is None:
            time.sleep(0.02)
        assert "c1" in store.one("SELECT sent FROM outbox WHERE state = 'delivered'")["sent"]  # type: ignore[index]
        assert refused(bridge.call("/v1/poll", {})) == (400, "unreadable")
    there.shutdown()


def test_without_a_secret_it_does_not_open(store: Storage) -> None:
    settings = load(platforms=("http",))
    with pytest.raises(HeyingError) as raised:
        http._secret(settings)
    assert "HEYING_HTTP__SECRET" in raised.value.sentence
    (finding,) = registry.examine(settings)
    assert (finding.well, finding.sentence) == (False, raised.value.sentence)
    with pytest.raises(SettingsError, match=r"http\.secret"):
        load(http={"secret": "short"})
