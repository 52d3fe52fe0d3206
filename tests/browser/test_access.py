"""Who may come in, over plain HTTP: everybody to their own pictures only, on every route; the password."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import storage
from bot.platforms.web import words
from bot.platforms.web.access import EVERYBODY, TRIES, WITHIN, Tries
from storage import Storage, packs
from tests.bot.talking import picture
from tests.browser.conftest import ROOT, Server

ROUTES = """
import sys, storage
from storage.settings import load
from bot.platforms.web.server import Web
from nicegui import app
with storage.open(sys.argv[1], load(data=sys.argv[1])) as store:
    outer = Web(store)._application()
    print(*sorted({route.path for route in (*outer.routes, *app.routes)}))
"""
# Every route there is. A new one has to be entered here, and to be tried with somebody else's cookie below.
OWN = {"/photo/{sha256}", "/pack/{id:int}/{kind}", "/mine", "/attach", "/share"}
PAGES = {"/", "/people", "/stickers", "/settings"}
FONTS = {"/look/NotoSansSC-Bold.otf", "/look/NotoEmoji-Regular.woff2"}
SAME_FOR_ALL = {"/look/{path:path}", *FONTS, "/samples/{path:path}", "/metrics", "/healthz"}


@pytest.fixture
def someone(server: Server) -> Iterator[Callable[[], tuple[httpx.Client, str]]]:
    """Somebody new: a client with a cookie of its own, and who that is in the database."""
    clients = []

    def come() -> tuple[httpx.Client, str]:
        client = httpx.Client(base_url=server.url, timeout=60)
        clients.append(client)
        with storage.open(server.data) as store:
            before = owners(store)
            sent = {"file": ("a.png", picture(f"of {len(clients)} {server.port}"), "image/png")}
            assert client.post("/attach", files=sent, headers={"X-Heying": "attach"}).status_code == 204
            return client, (owners(store) - before).pop()

    yield come
    for client in clients:
        client.close()


def owners(store: Storage) -> set[str]:
    return {row["owner"] for row in store.rows("SELECT owner FROM photo_owners")}


def test_every_route_is_known(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ROUTES, str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    theirs = ("/_nicegui", "/static")
    found = {path for path in done.stdout.split() if not path.startswith(theirs) and not path.endswith("/favicon.ico")}
    assert found == OWN | PAGES | SAME_FOR_ALL


def test_nobody_sees_what_is_somebody_elses(server: Server, someone: Callable[[], tuple[httpx.Client, str]]) -> None:
    (ann, her), (bob, his) = someone(), someone()
    assert her != his
    with storage.open(server.data) as store:
        sha = store.rows("SELECT sha256 FROM photo_owners WHERE owner = ?", (her,))[0]["sha256"]
        pack = packs.create(store, her, "安的表情")
        packs.add(store, pack.id, her, photo=sha, figure=sha, caption="嗨")
    private = [f"/photo/{sha}", f"/photo/{sha}?preview", f"/photo/{sha}?thumb", f"/photo/{sha}?download"]
    private += [f"/pack/{pack.id}/{kind}" for kind in ("zip", "wechat", "telegram")]
    for path in private:
        assert ann.get(path).status_code == 200, path
        assert bob.get(path).status_code == 404, path
        assert httpx.get(server.url.rstrip("/") + path).status_code == 404, path
    for path in ("/mine", *PAGES):
        mine, other = ann.get(path), bob.get(path)
        assert mine.status_code == other.status_code == 200
        assert sha.encode() not in other.content
        assert "安的表情" not in other.text if path in PAGES else "安的表情".encode() not in other.content
    assert sha in ann.get("/").text  # it waits in her tray
    assert bob.get(f"/pack/{pack.id}/exe").status_code == ann.get(f"/pack/{pack.id}/exe").status_code == 404
    assert ann.get("/pack/1e9/zip").status_code == 404
    assert ann.get("/photo/..%2f..%2fheying.db").status_code == 404
    assert (
        bob.post("/attach", content=b"--b--", headers={"Content-Type": "multipart/form-data; boundary=b"}).status_code
        == 400
    )


def test_headers_and_who_may_ask_how_it_goes(server: Server) -> None:
    answer = httpx.get(server.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert not re.search(r"https?:|\*", policy)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers
    end = time.monotonic() + 60  # workers of a busy machine take their time to start
    while httpx.get(server.url + "healthz").status_code != 200 and time.monotonic() < end:
        time.sleep(0.5)
    assert httpx.get(server.url + "healthz").status_code == 200
    assert "heying_workers_alive" in httpx.get(server.url + "metrics").text
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):  # a proxy on this machine asks for somebody else
        assert httpx.get(server.url + "metrics", headers={header: "203.0.113.9"}).status_code == 404
    assert httpx.get(server.url, headers={"Host": "evil.example"}).status_code == 400


def test_what_the_share_sheet_hands_over_waits_in_the_tray(server: Server) -> None:
    handed = {"Origin": "null", "Sec-Fetch-Site": "none"}  # as Chromium writes it
    sent = [("file", (f"{n}.png", picture(f"shared {n}"), "image/png")) for n in range(2)]
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.get("/")
        told = client.post("/share", files=[*sent, ("file", ("信.pdf", b"%PDF", "image/png"))], headers=handed)
        assert (told.status_code, told.headers["location"]) == (303, "/")
        page = client.get("/").text
        assert page.count("?thumb") == 2
        for other in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-origin", "Origin": server.url}, {}):
            assert client.post("/share", files=sent, headers=other).status_code == 403, other
        for forged in ({**handed, "Sec-Fetch-Site": "cross-site"}, {**handed, "Origin": "https://evil.example"}):
            assert client.post("/share", files=sent, headers=forged).status_code == 403, forged
        assert client.post("/attach", files=sent, headers={**handed, "X-Heying": "attach"}).status_code == 403
        assert client.get("/").text.count("?thumb") == 2


def test_a_share_without_the_password_is_asked_for_it(serve: Callable[..., Server]) -> None:
    server = serve(HEYING_WEB_PASSWORD="芝麻开门芝麻开门")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        sent = {"file": ("a.png", picture("shared", 1200), "image/png")}
        told = client.post("/share", files=sent, headers={"Origin": "null", "Sec-Fetch-Site": "none"})
        assert (told.status_code, told.headers["location"]) == (303, "/door?again")
        assert words.SHARE_AGAIN in client.get("/door?again").text
        assert client.post("/share", files=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        client.post("/door", data={"password": "芝麻开门芝麻开门"})
        assert "?thumb" not in client.get("/").text


def test_a_password_for_the_network(serve: Callable[..., Server]) -> None:
    server = serve(HEYING_WEB__HOST="0.0.0.0", HEYING_WEB_PASSWORD="芝麻开门芝麻开门")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        asked = client.get("/", headers={"Accept": "text/html"})
        assert (asked.status_code, asked.headers["location"]) == (303, "/door")
        assert "frame-ancestors 'none'" in asked.headers["content-security-policy"]
        for path in (
            "/",
            "/mine",
            "/photo/" + 64 * "0",
            "/pack/1/zip",
            "/settings",
            "/samples/cat.png",
            "/_nicegui_ws/socket.io/",
        ):
            assert client.get(path).status_code == 401, path
        assert client.post("/attach").status_code == 401
        assert client.get("/look/frame.css").status_code == 200
        assert client.get("/healthz").status_code in (200, 503)
        form = client.get("/door")
        assert 'type="password"' in form.text
        assert "set-cookie" not in form.headers  # nobody is anybody before they are in
        right = {"password": "芝麻开门芝麻开门"}
        assert client.post("/door", data=right, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
        assert client.post("/door", data={"password": "x" * 10_000}).status_code == 403
        welcome = client.post("/door", data=right)
        assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
        cookie = welcome.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert client.get("/").status_code == 200
        assert client.get("/mine").status_code == 200
        forged = {"heying_door": client.cookies["heying_door"][:-3] + "AAA"}
        assert httpx.get(server.url, cookies=forged).status_code == 401
        assert client.post("/door?leave").headers["location"] == "/door"
        assert client.get("/").status_code == 401
        codes = [client.post("/door", data={"password": f"wrong {n}"}).status_code for n in range(TRIES)]
        assert codes == [403] * (TRIES - 1) + [429]  # the long one counted
        late = client.post("/door", data=right)  # not even the right one now
        assert late.status_code == 429
        assert 0 < int(late.headers["retry-after"]) <= WITHIN


def test_tries_of_one_address_and_of_all() -> None:
    now = [0.0]
    tries = Tries(lambda: now[0])
    for _ in range(TRIES):
        assert tries.wait("a") == 0
        tries.count("a")
    assert tries.wait("a") == WITHIN
    assert tries.wait("b") == 0
    now[0] = 100.0
    assert tries.wait("a") == WITHIN - 100
    for number in range(EVERYBODY - TRIES):
        tries.count(f"other {number}")
    assert tries.wait("b") == WITHIN - 100
    now[0] = WITHIN + 1
    assert tries.wait("a") == tries.wait("b") == 0
