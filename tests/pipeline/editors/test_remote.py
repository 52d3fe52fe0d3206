"""Servers on loopback: each dialect to the letter, what is charged only once, and answers that nobody should trust."""

import json
import pickle
import socket
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.editors.dialects import DIALECTS
from pipeline.editors.engine import Editor
from pipeline.editors.remote import Server
from pipeline.editors.settings import ServerSettings
from pipeline.engine import Concept, EditOrder, Engine, EngineError, GenerateOrder, Pixels, finish
from pipeline.engines import open_engines
from storage.plans import Referent, Step
from storage.settings import EngineSettings, Settings
from tests.pipeline.editors.pictures import photo
from tests.pipeline.editors.strict_server import KEY, MODEL, Handler, Strict, serving

PHOTO = photo(300, 400)
ASK = ([PHOTO], "把猫换成狗", (512, 384), 3)


def server(state: Strict, **told: Any) -> Server:
    given = {"address": state.address, "dialect": state.dialect, "model": MODEL, "key": KEY, "side": 512, **told}
    return Server.open(ServerSettings(**given))


def failing(painter: Server) -> EngineError:
    with pytest.raises(EngineError) as caught:
        finish(painter.paint(*ASK))
    assert KEY not in str(caught.value) + caught.value.sentence
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.sentence == caught.value.sentence
    return caught.value


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("more", [0, 2])
def test_each_dialect_is_spoken_to_the_letter(dialect: str, more: int) -> None:
    with serving(dialect) as state:
        pictures = [PHOTO, *[photo(64, 96, seed) for seed in range(1, more + 1)]]
        made = finish(server(state).paint(pictures, "把猫换成狗", (512, 384), 3))
        assert not state.wrong
        assert len(state.asked) == 1
        assert len(state.asked[0]["pictures"]) == 1 + more
        assert state.asked[0]["prompt"] == "把猫换成狗"
        assert made.dtype == np.uint8
        assert made.ndim == 3


@pytest.mark.parametrize("dialect", ["openai", "ark", "dashscope"])
def test_a_picture_at_an_address_is_fetched_without_the_key(dialect: str) -> None:
    with serving(dialect, url_answers=True) as state:
        assert finish(server(state).paint(*ASK)).shape == (384, 512, 3)
        assert len(state.fetched_with) == 1
        assert KEY not in json.dumps(state.fetched_with)


@pytest.mark.parametrize("dialect", ["openai", "ark", "gemini"])
def test_a_picture_from_words_alone(dialect: str) -> None:
    with serving(dialect) as state:
        painter = server(state)
        engine = Editor("server", painter)
        made = finish(engine.generate(GenerateOrder(Referent("猫", ("cat",)))))
        assert not state.wrong
        assert state.asked[0]["pictures"] == []
        assert "猫" in state.asked[0]["prompt"]
        assert made.image.ndim == 3


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_an_order_through_the_whole_engine_leaves_the_rest_of_the_photo_alone(dialect: str) -> None:
    with serving(dialect) as state:
        order = EditOrder(
            PHOTO,
            Step("insert", concept="小明", position="left"),
            concepts={"小明": Concept("小明", "person", references=(photo(200, 160, 5), photo(220, 160, 6)))},
        )
        made = finish(Editor("server", server(state)).edit(order))
        assert not state.wrong
        assert "小明" not in state.asked[0]["prompt"]  # names stay here
        assert len(state.asked[0]["pictures"]) == 3
        outside = made.mask == 0
        assert 0.5 < outside.mean() < 0.99
        assert np.array_equal(made.image[outside], PHOTO[outside])
        assert made.facts["model"] == MODEL


def test_what_a_server_can_says_that_photos_leave() -> None:
    with serving() as state:
        engine = Editor("server", server(state))
        assert engine.capabilities().leaves_machine
        assert engine.kind == "server"
        assert engine.check()[0].well
        assert "照片会发到" in engine.check()[0].sentence
    assert not engine.check()[0].well


# --- what is charged is asked for once --------------------------------------------------------------------------------
def turned_away(status: int, **headers: str) -> Any:
    def reply(handler: Handler, body: bytes) -> None:
        handler.give(status, b'{"error": {"message": "slow down", "code": "rate_limit"}}', **headers)

    return reply


def counted(reply: Any, calls: list[int]) -> Any:
    def counting(handler: Handler, body: bytes) -> None:
        calls.append(1)
        reply(handler, body)

    return counting


def test_who_is_turned_away_at_the_door_comes_again() -> None:
    with serving(replies=[turned_away(429, Retry_After="0"), turned_away(503, Retry_After="0.1")]) as state:
        assert finish(server(state).paint(*ASK)).shape == (384, 512, 3)
        assert len(state.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 408, 500, 502, 504])
def test_nothing_else_is_asked_for_twice(status: int) -> None:
    calls: list[int] = []
    with serving(replies=[counted(turned_away(status), calls)]) as state:
        failing(server(state))
        assert len(calls) == 1
        assert not state.asked


def test_a_server_that_wants_more_patience_than_we_have_is_left() -> None:
    with serving(replies=[turned_away(429, Retry_After="3600")]) as state:
        assert "余额" in failing(server(state)).sentence
        assert not state.asked


def test_a_connection_that_breaks_is_not_tried_again() -> None:
    calls: list[int] = []

    def hang_up(handler: Handler, body: bytes) -> None:
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    with serving(replies=[counted(hang_up, calls)]) as state:
        assert "可能已经计费" in failing(server(state)).sentence
        assert len(calls) == 1
        assert not state.asked


def test_nobody_there_is_tried_again_and_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    state = Strict("openai", address=f"http://127.0.0.1:{port}/v1")
    assert "还没有发出去" in failing(server(state)).sentence


def test_waiting_ends() -> None:
    def sleep(handler: Handler, body: bytes) -> None:
        time.sleep(3)

    with serving(replies=[sleep]) as state:
        began = time.monotonic()
        assert "等得太久" in failing(server(state, seconds=0.5)).sentence
        assert time.monotonic() - began < 2.5


def test_an_answer_that_drips_ends() -> None:
    def drip(handler: Handler, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "100000")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)

    with serving(replies=[drip]) as state:
        began = time.monotonic()
        assert "等得太久" in failing(server(state, seconds=0.6)).sentence
        assert time.monotonic() - began < 2.5


def test_progress_tells_the_time_and_closing_lets_go_at_once() -> None:
    def sleep(handler: Handler, body: bytes) -> None:
        time.sleep(2)

    with serving(replies=[sleep]) as state:
        work = server(state, seconds=30).paint(*ASK)
        assert next(work).total == 30
        assert next(work).done == 0
        began = time.monotonic()
        work.close()
        assert time.monotonic() - began < 0.2


# --- refusals ---------------------------------------------------------------------------------------------------------
def says(status: int, told: Any) -> Any:
    return lambda handler, body: handler.say(status, told)


REFUSALS = {
    "openai": says(400, {"error": {"code": "moderation_blocked", "message": "Your request was rejected"}}),
    "ark": says(400, {"error": {"code": "InputImageSensitiveContentDetected", "message": "no"}}),
    "ark item": says(200, {"data": [{"error": {"code": "OutputImageSensitiveContentDetected", "message": "no"}}]}),
    "dashscope": says(
        400, {"code": "DataInspectionFailed", "message": "Input data may contain inappropriate content."}
    ),
    "gemini prompt": says(200, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
    "gemini picture": says(200, {"candidates": [{"finishReason": "IMAGE_SAFETY"}]}),
    "gemini none": says(200, {"candidates": [{"finishReason": "NO_IMAGE", "content": {"parts": []}}]}),
}


@pytest.mark.parametrize("case", sorted(REFUSALS))
def test_a_refusal_is_a_sentence_and_is_not_asked_again(case: str) -> None:
    with serving(case.split()[0], replies=[REFUSALS[case]]) as state:
        assert "拒绝" in failing(server(state)).sentence
        assert not state.asked


def test_a_black_picture_is_a_refusal() -> None:
    black = png(np.zeros((64, 64, 3), np.uint8))
    with serving(replies=[says(200, {"data": [{"b64_json": black}]})]) as state:
        assert "拒绝" in failing(server(state)).sentence


def test_a_model_that_is_gone_is_named() -> None:
    gone = says(404, {"error": {"code": "model_not_found", "message": "The model does not exist"}})
    with serving(replies=[gone]) as state:
        assert MODEL in failing(server(state)).sentence


def test_a_key_that_is_not_known_is_told_without_the_key() -> None:
    unknown = says(401, {"error": {"code": "invalid_api_key", "message": f"Incorrect API key provided: {KEY}"}})
    with serving(replies=[unknown]) as state:
        assert "密钥" in failing(server(state)).sentence


# --- answers that nobody should trust ---------------------------------------------------------------------------------
def png(pixels: Pixels) -> str:
    import base64
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def bomb() -> str:
    """A PNG of a few bytes that says it is 60 000 pixels wide and high."""
    import base64

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
    return base64.b64encode(data).decode()


def raw(data: bytes, kind: str = "application/json") -> Any:
    return lambda handler, body: handler.give(200, data, kind)


HOSTILE = {
    "nothing": raw(b""),
    "html": raw(b"<html>502</html>", "text/html"),
    "deep": raw(b"[" * 200_000),
    "a number": raw(b"7"),
    "no data": says(200, {"created": 1}),
    "empty data": says(200, {"data": []}),
    "data is text": says(200, {"data": "x"}),
    "item is text": says(200, {"data": ["x"]}),
    "base64 is a number": says(200, {"data": [{"b64_json": 7}]}),
    "no base64": says(200, {"data": [{"b64_json": "%%%"}]}),
    "no picture": says(200, {"data": [{"b64_json": "aGVsbG8="}]}),
    "bomb": says(200, {"data": [{"b64_json": bomb()}]}),
    "tiny": says(200, {"data": [{"b64_json": png(PHOTO[:4, :4])}]}),
    "svg": raw(b'{"data": [{"b64_json": "PHN2Zy8+"}]}'),
    "file": says(200, {"data": [{"url": "file:///etc/passwd"}]}),
    "metadata service": says(200, {"data": [{"url": "http://169.254.169.254/latest/"}]}),
    "own network": says(200, {"data": [{"url": "https://127.0.0.1:1/x.png"}]}),
    "another port": says(200, {"data": [{"url": "http://127.0.0.1:1/x.png"}]}),
    "no address": says(200, {"data": [{"url": "http://["}]}),
    "nobody": says(200, {"data": [{"url": "/nothing.png"}]}),
    "moved": lambda handler, body: handler.give(302, b"", location="http://127.0.0.1:1/"),
    "not utf-8": raw(b'{"data": "\xff\xfe"}'),
}


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_a_hostile_answer_is_survived(case: str) -> None:
    with serving(replies=[HOSTILE[case]]) as state:
        began = time.monotonic()
        error = failing(server(state))
        assert "编辑服务器" in error.sentence
        assert time.monotonic() - began < 5
        assert not state.asked


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    sent = []

    def flood(handler: Handler, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("content-length", str(10**9))
        handler.end_headers()
        try:
            for _ in range(1000):
                sent.append(handler.wfile.write(b"x" * 1_000_000))
        except OSError:
            pass

    with serving(replies=[flood]) as state:
        assert "看不懂" in failing(server(state, megabytes=3)).sentence
        time.sleep(0.1)
        assert sum(sent) < 100_000_000


def test_foreign_words_do_not_reach_the_log_raw() -> None:
    rude = says(400, {"error": {"code": "x\n\x1b[31m", "message": "y" * 5000 + KEY}})
    with serving(replies=[rude]) as state:
        error = failing(server(state))
        assert len(str(error)) < 1000
        assert "\x1b" not in str(error)
        assert "\n" not in str(error)


# --- configuration ----------------------------------------------------------------------------------------------------
def test_no_model_has_a_default() -> None:
    for dialect in DIALECTS:
        with pytest.raises(EngineError) as missing:
            Server.open(ServerSettings(address="http://127.0.0.1:1", dialect=dialect))
        assert "model" in missing.value.sentence


def test_an_address_is_needed_where_the_dialect_has_none() -> None:
    with pytest.raises(EngineError) as missing:
        Server.open(ServerSettings(model="m"))
    assert "address" in missing.value.sentence


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def opened(address: str) -> Engine:
        told = EngineSettings(kind="server", name="far-away", model=MODEL, address=address)
        (engine,) = open_engines(Settings(models=tmp_path, engines=(told,)))
        return engine

    with serving() as state:
        monkeypatch.setenv("HEYING_KEY_FAR_AWAY", KEY)
        engine = opened(state.address)
        assert (engine.name, engine.kind) == ("far-away", "server")
        assert engine.capabilities().leaves_machine
        edited = finish(engine.edit(EditOrder(PHOTO, Step("replace", target="猫", content="狗"))))
        assert not state.wrong
        assert edited.facts["engine"] == "far-away"
        monkeypatch.delenv("HEYING_KEY_FAR_AWAY")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        finish(opened(state.address).edit(EditOrder(PHOTO, Step("remove", target="猫"))))
        assert len(state.asked) == 2
