"""The language endpoint against a real HTTP server on this machine: good, malformed, hostile, slow and broken answers."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import storage
from bot import app, endpoint, inbox
from bot.parser import DOUBTFUL, parse, understand
from bot.platforms import Incoming
from storage import Storage, chats, outbox, photos
from storage.jobs import EditRequest
from storage.plans import Plan, Step
from storage.settings import Language, Settings
from tests.bot.talking import picture

UNSURE = "那边那个人好碍事哦"  # no rule reads it
MEANT = {"intent": "edit", "steps": [{"operation": "remove", "target": "那边", "strength": "normal"}]}


class Server(ThreadingHTTPServer):
    """Answers every request with ``content`` as a chat completion, or as ``raw`` bytes."""

    daemon_threads = True
    status, content, raw, pause, drip, headers_drip = 200, json.dumps(MEANT), b"", 0.0, False, False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.headers_seen: list[Any] = []
        self.callers: set[Any] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append({"path": self.path, **json.loads(body)})
        self.server.callers.add(self.client_address)
        self.server.headers_seen.append(self.headers)
        time.sleep(self.server.pause)
        answer = {"choices": [{"message": {"role": "assistant", "content": self.server.content}}]}
        data = self.server.raw or json.dumps(answer, ensure_ascii=False).encode()
        try:
            self.send_response(self.server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for number in range(60 if self.server.headers_drip else 0):
                self.send_header(f"X-Drop-{number}", "x")
                self.flush_headers()
                time.sleep(0.1)
            self.end_headers()
            for piece in [data[at : at + 4] for at in range(0, len(data), 4)] if self.server.drip else [data]:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(0.1 if self.server.drip else 0)
        except (BrokenPipeError, ConnectionResetError):  # the client did not wait
            pass

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def language(server: Server) -> Language:
    return Language(endpoint=server.url, model="tiny", seconds=5.0, key="k-123")


def ask(language: Language, text: str = UNSURE, names: tuple[str, ...] = ("小明",)) -> Plan | None:
    return endpoint.ask(language, text, names, 1)


def test_a_good_answer_is_the_plan(server: Server, language: Language) -> None:
    assert ask(language) == Plan.from_json(MEANT)
    asked = server.asked[0]
    assert asked["path"] == "/v1/chat/completions"
    assert asked["model"] == "tiny"
    assert asked["response_format"]["json_schema"]["schema"] == endpoint.SCHEMA
    assert json.loads(asked["messages"][-1]["content"]) == {"text": UNSURE, "concepts": ["小明"], "photos": 1}
    assert server.headers_seen[0]["Authorization"] == "Bearer k-123"


def test_nulls_are_nothing(server: Server, language: Language) -> None:
    step = {"operation": "remove", "target": "那边", "content": None, "concept": None, "style": None, "color": None}
    server.content = json.dumps(
        {
            "intent": "edit",
            "steps": [{**step, "position": None, "strength": "normal"}],
            "name": None,
            "captions": [],
            "count": None,
        }
    )
    assert ask(language) == Plan.from_json(MEANT)


@pytest.mark.parametrize(
    "content",
    [
        "", "好的，我这就去掉。", "null", "[]", "3", '"edit"', "{}", '{"intent": "edit"}', '{"intent": "edit", "steps": []}',
        '{"intent": "explode"}', '{"intent": "chat", "steps": [{"operation": "remove", "target": "那边"}]}',
        '{"intent": "edit", "steps": [{"operation": "explode"}]}', '{"intent": "edit", "steps": [{"target": "那边"}]}',
        '{"intent": "edit", "steps": "remove"}', '{"intent": "edit", "steps": [3]}',
        '{"intent": "edit", "steps": [{"operation": "remove", "target": ["那边"]}]}',
        '{"intent": "edit", "steps": [{"operation": "remove", "target": "银行卡"}]}',
        '{"intent": "edit", "steps": [{"operation": "insert", "concept": "旺财"}]}',
        '{"intent": "edit", "steps": [{"operation": "restyle", "style": "nude"}]}',
        '{"intent": "edit", "steps": [{"operation": "remove", "target": "那边", "shell": "rm -rf /"}]}',
        '{"intent": "edit", "steps": [{"operation": "remove", "position": "inside"}]}',
        json.dumps({"intent": "edit", "steps": [{"operation": "remove", "target": "那边"}] * 9}),
        json.dumps({"intent": "edit", "steps": [{"operation": "remove", "target": "那边" * 30}]}),
        '{"intent": "forget", "name": null}', '{"intent": "forget", "name": "小明"}', '{"intent": "undo"}', '{"intent": "cancel"}',
        '{"intent": "stickers", "count": 1000}', '{"intent": "stickers", "count": true}',
        '{"intent": "stickers", "captions": ["点这里领钱"]}', '{"intent": "stickers", "expressions": ["evil"]}',
        '{"intent": "learn", "name": null, "kind": "person"}', '{"intent": "generate", "content": "别的东西"}',
        "[" * 5000, '{"intent": 3}', '{"intent": "chat", "content": {"a": 1}}',
    ],
)  # fmt: skip
def test_what_is_no_plan_for_this_sentence_is_refused(server: Server, language: Language, content: str) -> None:
    server.content = content
    assert ask(language) is None


@pytest.mark.parametrize(
    "raw",
    [b"<html>502</html>", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}', b"\xff\xfe", b" " * 100_000],
    ids=lambda raw: str(raw[:12]),
)  # fmt: skip
def test_what_is_no_completion_is_refused(server: Server, language: Language, raw: bytes) -> None:
    server.raw = raw
    assert ask(language) is None


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_errors_leave_it_to_the_rules(server: Server, language: Language, status: int) -> None:
    server.status = status
    assert ask(language) is None


@pytest.mark.parametrize("drip", [False, True])
def test_a_slow_server_is_not_waited_for(server: Server, drip: bool) -> None:
    server.drip, server.pause = drip, 0.0 if drip else 1.5
    began = time.monotonic()
    assert ask(Language(endpoint=server.url, seconds=0.3)) is None
    assert time.monotonic() - began < 1.2


def test_one_client_is_kept_open(server: Server, language: Language) -> None:
    for _ in range(4):
        assert ask(language) == Plan.from_json(MEANT)
    assert len(server.asked) == 4
    assert len(server.callers) == 1


def test_no_more_than_a_few_wait_for_it(server: Server) -> None:
    """Whoever comes while others wait is read by the rules at once."""
    server.pause = 1.5
    slow = Language(endpoint=server.url, seconds=5.0)
    waiting = [threading.Thread(target=ask, args=(slow,)) for _ in range(endpoint.AT_ONCE)]
    for one in waiting:
        one.start()
    deadline = time.monotonic() + 5
    while len(server.asked) < endpoint.AT_ONCE and time.monotonic() < deadline:
        time.sleep(0.01)
    began = time.monotonic()
    assert ask(slow) is None
    assert time.monotonic() - began < 0.5
    for one in waiting:
        one.join()
    assert len(server.asked) == endpoint.AT_ONCE
    assert ask(slow) == Plan.from_json(MEANT)


def test_nor_one_that_sends_its_headers_drop_by_drop(server: Server) -> None:
    server.headers_drip = True
    began = time.monotonic()
    assert ask(Language(endpoint=server.url, seconds=0.3)) is None
    assert time.monotonic() - began < 1.2


def test_no_server_leaves_it_to_the_rules() -> None:
    assert ask(Language(endpoint="http://127.0.0.1:9/v1", seconds=0.5)) is None
    assert ask(Language(endpoint="http://[broken/v1", seconds=0.5)) is None


def test_the_key_is_only_told_to_the_server(language: Language) -> None:
    assert "k-123" not in repr(language)


@pytest.fixture
def store(tmp_path: Any, server: Server) -> Iterator[Storage]:
    with storage.open(tmp_path, Settings(language=Language(endpoint=server.url, seconds=5.0))) as store:
        yield store


def told(text: str, update: int = 1, **more: Any) -> Incoming:
    return Incoming("web", str(update), "web:c", "web:u", text=text, photos=("0" * 64,), **more)


def test_only_the_unsure_are_asked_about(server: Server, store: Storage) -> None:
    for sure in ("把猫换成狗", "今天天气真好", "撤销", "还要多久", "改成水墨风", "怎么把照片变成油画啊"):
        assert understand(sure, (), 1).sure >= DOUBTFUL, sure
        assert endpoint.heard(store, told(sure)) is None
    assert server.asked == []
    assert parse(UNSURE, (), 1).intent == "chat"
    assert endpoint.heard(store, told(UNSURE)) == Plan.from_json(MEANT)
    assert len(server.asked) == 1


def test_not_asked_while_we_wait_for_an_answer_nor_about_buttons(server: Server, store: Storage) -> None:
    assert endpoint.heard(store, told(UNSURE, action="undo")) is None
    assert endpoint.heard(store, told(UNSURE * 40)) is None
    chats.ask(store, "web:c", "web:u", {"ask": "what"})
    assert endpoint.heard(store, told(UNSURE)) is None
    assert server.asked == []


def test_off_unless_named(tmp_path: Any) -> None:
    with storage.open(tmp_path) as store:
        assert endpoint.heard(store, told(UNSURE)) is None


def test_it_is_told_what_was_done_last(server: Server, store: Storage) -> None:
    photo = photos.put(store, picture("cat"), "web:u").sha256
    request = EditRequest(Step("replace", "猫", "狗"), photo)
    chats.discuss(store, "web:c", "web:u", photo, job=None, kind="edit", request=request)
    assert endpoint.heard(store, Incoming("web", "3", "web:c", "web:u", text=UNSURE)) is not None
    sent = json.loads(server.asked[0]["messages"][-1]["content"])
    assert sent["last_edit"] == {"operation": "replace", "target": "猫", "content": "狗"}
    assert sent["photos"] == 1


def test_words_that_no_step_uses_must_have_been_said(server: Server, language: Language) -> None:
    server.content = json.dumps({**MEANT, "left_over": ["碍事"], "result": "first"})
    plan = ask(language)
    assert plan is not None
    assert (plan.left_over, plan.result) == (("碍事",), "first")
    server.content = json.dumps({**MEANT, "left_over": ["银行卡"]})
    assert ask(language) is None


async def _answered(store: Storage) -> float:
    """Seconds until somebody else is answered while the server thinks about one message."""
    readers = [asyncio.create_task(inbox.run(store, "web", f"me{at}")) for at in range(app.READERS)]
    try:
        began = time.monotonic()
        while not outbox.claim(store, "web", "tester"):
            assert time.monotonic() - began < 5
            await asyncio.sleep(0.05)
        return time.monotonic() - began
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


def test_others_are_answered_while_the_server_thinks(server: Server, store: Storage) -> None:
    server.pause = 3.0
    photo = photos.put(store, picture("cat"), "web:u").sha256
    inbox.receive(store, Incoming("web", "7", "web:c", "web:u", text=UNSURE, photos=(photo,)))
    inbox.receive(store, Incoming("web", "8", "web:c2", "web:u2", text="你好"))
    assert asyncio.run(_answered(store)) < 2.5


def test_other_writers_need_not_wait(server: Server, store: Storage) -> None:
    """No transaction is held while the server thinks."""
    server.pause = 0.6
    photo = photos.put(store, picture("cat"), "web:u").sha256
    inbox.receive(store, Incoming("web", "7", "web:c", "web:u", text=UNSURE, photos=(photo,)))
    working = threading.Thread(target=inbox.work_off, args=(store, "web", "me"))
    working.start()
    deadline = time.monotonic() + 5
    while not server.asked and time.monotonic() < deadline:
        time.sleep(0.01)
    began = time.monotonic()
    inbox.receive(store, Incoming("web", "8", "web:c2", "web:u2", text="你好"))
    spent = time.monotonic() - began
    working.join()
    assert server.asked
    assert spent < 0.4
