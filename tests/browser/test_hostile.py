"""The web chat attacked from outside: by browsers of other sites, by floods, by slow senders, by a database that is held."""

import concurrent.futures
import io
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator

import httpx
import pillow_heif
import pytest
from PIL import Image
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import storage
from bot.platforms.web.access import NEW_AN_HOUR, TRIES, Newcomers
from tests.bot.talking import picture
from tests.browser.conftest import Server
from tests.storage.house import many_scans

ATTACH = {"X-Heying": "attach"}
HUGE = 10**24


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.get("/")
        yield client


def attach(client: httpx.Client, data: bytes, name: str = "a.png") -> httpx.Response:
    return client.post("/attach?for=teach", files={"file": (name, data, "image/png")}, headers=ATTACH)


def test_guesses_at_the_same_time_are_counted(serve: Callable[..., Server]) -> None:
    server = serve(HEYING_WEB__HOST="0.0.0.0", HEYING_WEB_PASSWORD="芝麻开门芝麻开门")

    def guess(number: int) -> int:
        return httpx.post(server.url + "door", data={"password": f"guess {number}"}, timeout=60).status_code

    with concurrent.futures.ThreadPoolExecutor(60) as crowd:
        codes = list(crowd.map(guess, range(120)))
    assert sorted(set(codes)) == [403, 429]
    assert codes.count(403) <= TRIES


def test_numbers_that_no_row_has(client: httpx.Client) -> None:
    for path in (f"/pack/{HUGE}/zip", f"/pack/{2**63}/zip", f"/pack/1/zip?only={HUGE}", "/photo/" + "9" * 30):
        assert client.get(path).status_code == 404, path


async def test_a_page_of_another_site_gets_no_socket(server: Server) -> None:
    address = server.url.replace("http", "ws") + "_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    ours = server.url.rstrip("/")
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address, origin="https://evil.example"):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403
    async with connect(address, origin=ours) as welcome:  # type: ignore[arg-type]
        assert await welcome.recv()
    async with httpx.AsyncClient(base_url=ours) as http:
        for origin in ("https://evil.example", "null"):
            assert (await http.post("/attach", headers={**ATTACH, "Origin": origin})).status_code == 403
        assert (await http.get("/", headers={"Origin": ours})).status_code == 200


def test_a_phones_heic_is_read(client: httpx.Client) -> None:
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.new("RGB", (96, 64), "teal").save(out, "HEIF")
    assert attach(client, out.getvalue(), "IMG_0001.HEIC").json() == []


def test_a_jpeg_of_many_scans_is_refused_at_once(client: httpx.Client) -> None:
    began = time.monotonic()
    assert "太复杂" in attach(client, many_scans(5000)).json()[0]
    assert time.monotonic() - began < 5


def test_others_are_served_while_hard_pictures_are_decoded(client: httpx.Client, server: Server) -> None:
    """Four people send a picture of 36 megapixels each, with about as many scans as are allowed: 500 kB."""
    hard = many_scans(85, 6000)
    assert len(hard) < 1_000_000

    def send(number: int) -> list[str]:
        with httpx.Client(base_url=server.url, timeout=300) as other:
            return list(attach(other, hard, f"{number}.jpg").json())

    with concurrent.futures.ThreadPoolExecutor(8) as crowd:
        sent = [crowd.submit(send, number) for number in range(4)]
        waits = []
        while not all(one.done() for one in sent):
            began = time.monotonic()
            assert client.get("/look/face.svg").status_code == 200
            waits.append(time.monotonic() - began)
            time.sleep(0.02)
    assert all(one.result() == [] or "解不开" in one.result()[0] for one in sent)
    waits.sort()
    print(f"{len(waits)} asked, p99 {waits[int(len(waits) * 0.99)]:.3f} s")
    assert waits[int(len(waits) * 0.99)] < 1.0, f"p99 {waits[int(len(waits) * 0.99)]:.2f} s"


def test_a_held_database_holds_up_no_picture(client: httpx.Client, server: Server) -> None:
    sha = ""
    assert attach(client, picture("held")).json() == []
    with storage.open(server.data) as store:
        sha = store.rows("SELECT sha256 FROM photo_owners ORDER BY created_at DESC")[0]["sha256"]
        with concurrent.futures.ThreadPoolExecutor(4) as crowd:
            with store.atomic():
                sent = [crowd.submit(attach, client, picture(f"held {number}")) for number in range(4)]
                time.sleep(0.5)
                for path in ("/look/face.svg", f"/photo/{sha}", "/"):
                    began = time.monotonic()
                    assert client.get(path).status_code == 200
                    assert time.monotonic() - began < 2, path
            assert all(one.result().json() == [] for one in sent)


def test_slow_senders_are_let_go(serve: Callable[..., Server], capfd: pytest.CaptureFixture[str]) -> None:
    server = serve(HEYING_WEB__UPLOAD_SECONDS="2", HEYING_WEB__CONNECTIONS="100")
    head = (
        "POST /attach HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Heying: attach\r\nContent-Length: 100000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
    )
    open_ones = []
    for _ in range(120):
        one = socket.create_connection(("127.0.0.1", server.port))
        one.sendall(head.encode())
        open_ones.append(one)
    time.sleep(3.5)
    assert httpx.get(server.url, timeout=10).status_code == 200
    for one in open_ones[:20]:  # and some are cut off in the middle
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for one in open_ones:
        one.close()
    time.sleep(0.5)
    assert server.stop() == 0
    told = capfd.readouterr()
    assert "Traceback" not in told.out + told.err
    assert (told.out + told.err).count("connections turned away") == 1
    assert (told.out + told.err).count("uploads not finished") == 1


def test_what_a_browser_says_makes_no_line_of_the_log() -> None:
    from bot.logs import on_one_line

    assert on_one_line("a\r\nb\x1b[31m\u2028\u202ec") == "a\\r\\nb\\x1b[31m\\u2028\\u202ec"
    assert len(on_one_line("x" * 10_000)) < 2100


async def test_newcomers_of_one_address() -> None:
    answers: list[int] = []

    async def app(scope: object, receive: object, send: object) -> None:
        answers.append(200)

    now = [0.0]
    door = Newcomers(app, "secret", "heying", lambda: now[0])

    async def come(address: str) -> None:
        scope = {
            "type": "http",
            "path": "/",
            "method": "GET",
            "headers": [],
            "client": (address, 1),
            "query_string": b"",
        }

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                answers.append(int(str(message["status"])))

        await door(scope, None, send)  # type: ignore[arg-type]

    for _ in range(NEW_AN_HOUR + 3):
        await come("203.0.113.9")
    await come("203.0.113.10")
    await come("127.0.0.1")
    assert (answers.count(200), answers.count(429)) == (NEW_AN_HOUR + 2, 3)
    now[0] = 3601.0
    await come("203.0.113.9")
    assert answers[-1] == 200


def test_a_bomb_and_a_liar_cost_nothing(client: httpx.Client) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000)) + chunk(b"IEND", b"")
    assert "太大" in attach(client, bomb).json()[0]
    page = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"
    assert "图片" in attach(client, page, "<img src=x onerror=alert(1)>.png").json()[0]
