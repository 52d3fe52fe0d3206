"""① ⑨ The local web chat: no account, no token, and no request leaves this machine.

A browser is known by an unguessable, signed cookie; that is the user, and their one chat. The screen is drawn from the
log in the database (web_page.py), so delivering a message means no more than that it stands there.
"""

import asyncio
import contextlib
import ipaddress
import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from PIL import Image
from starlette.datastructures import UploadFile
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bot import inbox, replies, samples
from bot.platforms import Incoming, Outgoing
from storage import HeyingError, Storage, chats, photos

os.environ.setdefault("NICEGUI_STORAGE_PATH", os.devnull)  # we keep nothing in NiceGUI's own files
from nicegui import app, ui

from bot.platforms.web_page import FOLDER, Page, tray

MOST_FILES = 30
PREVIEW = 1280  # pixels: larger pictures are shown reduced, and downloaded whole
NAME = "web"
# The browser itself refuses whatever is not from here. NiceGUI's scripts are inline and Vue compiles its templates.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


class Web:
    """The platform. One a process, because NiceGUI is one a process."""

    name = NAME

    def __init__(self, store: Storage) -> None:
        self.store = store
        self.host, self.port = store.settings.web.host, store.settings.web.port

    async def send(self, message: Outgoing) -> None:
        """Nothing to do: the page shows what stands in the log."""

    async def run(self) -> None:
        """Serve until cancelled."""
        application = self._application()
        server = _Server(
            uvicorn.Config(
                application, host=self.host, port=self.port, log_level="warning", timeout_graceful_shutdown=1
            )
        )
        serving = asyncio.ensure_future(server.serve())
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise

    def _application(self) -> FastAPI:
        store = self.store
        outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        if _loopback(self.host):  # else a page elsewhere could reach us under a name of its own (DNS rebinding)
            outer.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]", self.host])
        outer.middleware("http")(_guard)
        app.add_static_files("/look", str(FOLDER))
        app.add_static_files("/samples", str(samples.FOLDER))
        app.add_route("/attach", partial(_attach, store), methods=["POST"])
        app.add_route("/photo/{sha256}", partial(_photo, store), methods=["GET"])
        ui.page("/", title=replies.TITLE, favicon=FOLDER / "face.svg")(lambda: Page(store, user_of_browser()).draw())
        ui.run_with(
            outer,
            dark=None,
            language="zh-CN",
            tailwind=False,
            storage_secret=_cookie_secret(store),
            session_middleware_kwargs={"session_cookie": "heying", "max_age": 400 * 86400, "same_site": "lax"},
            show_welcome_message=False,
            reconnect_timeout=20.0,
        )
        return outer


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: bot.app stops everything together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def user_of_browser() -> str:
    """Who is at the page that is being built."""
    return user_of(app.storage.browser)


def user_of(session: Any) -> str:
    """The person of a session."""
    return f"{NAME}:{session['id']}"


def _loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _cookie_secret(store: Storage) -> str:
    """What cookies are signed with: from the environment, else made once for this data folder."""
    if store.settings.web_secret is not None:
        return store.settings.web_secret.get_secret_value()
    with store.atomic():
        secret = chats.preference(store, NAME, "cookie secret") or secrets.token_urlsafe(32)
        chats.prefer(store, NAME, "cookie secret", secret)
        return str(secret)


async def _guard(request: Request, then: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await then(request)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


async def _attach(store: Storage, request: Request) -> Response:
    """Take in the files of one gesture: usable ones wait in the tray, of the others the chat says what is wrong."""
    user = user_of(request.session)
    most = store.settings.limits.megabytes * 1e6
    length = request.headers.get("content-length", "")
    if request.headers.get("x-heying") != "attach" or not length.isdigit():  # another site cannot set that header
        return Response(status_code=400)
    problems = []
    if int(length) > most * MOST_FILES:
        problems.append(replies.TOO_MUCH_AT_ONCE)
    else:
        async with request.form(max_files=10 * MOST_FILES) as form:
            files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
            for file in files[:MOST_FILES]:
                data = await file.read(int(most) + 1)
                try:
                    photo = await asyncio.to_thread(photos.put, store, data, user)
                    tray(store, user, add=photo.sha256)
                except HeyingError as error:
                    problems.append(replies.problem_with(Path(file.filename or "").name, error.sentence))
            if len(files) > MOST_FILES:
                problems.append(replies.too_many_files(MOST_FILES))
    if problems:
        told = Incoming(NAME, secrets.token_hex(16), user, user, problems=tuple(problems))
        await asyncio.to_thread(inbox.receive, store, told)
    return Response(status_code=204)


async def _photo(store: Storage, request: Request) -> Response:
    """One of the user's own photos; with ?preview a copy no larger than a screen shows. 404 for everybody else's."""
    sha256 = request.path_params["sha256"]
    try:
        data = await asyncio.to_thread(photos.read, store, sha256, user_of(request.session))
    except HeyingError:
        return Response(status_code=404)
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    kind = "image/webp" if data[8:12] == b"WEBP" else "image/png"
    if "download" in request.query_params:
        headers["Content-Disposition"] = f'attachment; filename="heying-{sha256[:8]}.{kind.removeprefix("image/")}"'
    elif "preview" in request.query_params and max(photos.size(store, sha256)) > PREVIEW:
        data, kind = await asyncio.to_thread(_preview, data), "image/webp"
    return Response(data, media_type=kind, headers=headers)


@lru_cache(maxsize=32)
def _preview(data: bytes) -> bytes:
    """The picture reduced, with the metadata mark that says AI made it."""
    with Image.open(BytesIO(data)) as image:
        mark = image.info.get("AIGC")
        image.thumbnail((PREVIEW, PREVIEW))
        exif = Image.Exif()
        if mark:
            exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + f'{{"AIGC":{mark}}}'.encode("ascii", "replace")
        out = BytesIO()
        image.save(out, "WEBP", quality=88, exif=exif)
        return out.getvalue()
