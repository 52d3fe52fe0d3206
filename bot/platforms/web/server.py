"""① ⑨ The local web chat: no account, no token, and no request leaves this machine.

A browser is known by an unguessable, signed cookie; that is the user, and their one chat. The screen is drawn from the
log in the database, so delivering a message means no more than that it stands there.

    access.py         who may come in: host names, the password, headers
    connections.py    so many, and no more
    writes.py         writes, off the event loop
    routes.py         uploads, pictures, downloads
    frame.py          what every page has around it
    page.py           the chat: message.py, compare.py (before and after), beside.py, large.py, pointing.py, history.py,
                      work.py
    talks.py          several chats, and a search in them
    notes.py          a note of the system's when a long job is done
    people.py         who has been taught
    studio.py         stickers: tile.py
    settings.py       how it looks, my data
    lost.py           the page for an address at which nothing is
    words/            every word on these pages, in Chinese and English; look/ has their style sheets and scripts
"""

import asyncio
import os
import secrets
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bot import metrics, replies, samples
from bot.platforms import Fetch, Outgoing, Parts
from bot.platforms.listening import listen
from bot.platforms.web import routes, words
from bot.platforms.web.access import SHARE, Door, Newcomers, SameOrigin, from_here, headed, loopback, password
from bot.platforms.web.connections import protocol
from bot.platforms.web.lost import lost
from bot.platforms.web.routes import NAME, user_of
from lettering import font
from storage import Storage, chats

os.environ.setdefault("NICEGUI_STORAGE_PATH", os.devnull)  # we keep nothing in NiceGUI's own files
from nicegui import app, ui

from bot.platforms.web.page import Page
from bot.platforms.web.people import People
from bot.platforms.web.settings import Settings
from bot.platforms.web.studio import Studio

PAGES = {"/": Page, "/people": People, "/stickers": Studio, "/settings": Settings}
LOOK = Path(__file__).resolve().parent / "look"
COOKIE, COOKIE_DAYS = "heying", 400
SOCKET_BYTES = 1 << 20  # of one message of a page


class Web:
    """The platform. One a process, because NiceGUI is one a process. Raises HeyingError when it would lie open to the
    network without a password."""

    name = NAME
    pulled = False
    fetch: Fetch | None = None  # photos are taken in before the message

    def __init__(self, store: Storage) -> None:
        self.store = store
        self.host, self.port = store.settings.web.host, store.settings.web.port
        self.password = password(store.settings)
        self.opened = asyncio.Event()

    async def send(self, message: Outgoing, parts: Parts) -> None:
        """Nothing to do: the page shows what stands in the log."""

    async def run(self) -> None:
        """Serve until cancelled."""
        web = self.store.settings.web
        await listen(
            self._application(),
            self.host,
            self.port,
            self.opened,
            http=protocol(web.connections, web.connections_each),
            ws_max_size=SOCKET_BYTES,
        )

    def _application(self) -> FastAPI:
        store, secret = self.store, _cookie_secret(self.store)
        outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        if self.password is not None:
            outer.add_middleware(Door, password=self.password, secret=secret)
        if loopback(self.host):  # else a page elsewhere could reach us under a name of its own (DNS rebinding)
            outer.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]", self.host])
        outer.add_middleware(Newcomers, secret=secret, cookie=COOKIE)
        outer.add_middleware(SameOrigin, address=store.settings.web.address)
        outer.middleware("http")(headed)
        outer.router.routes += metrics.routes(store, from_here)
        for letters in (font.FONT, font.EMOJI):
            app.add_static_file(local_file=letters, url_path=f"/look/{letters.name}", max_cache_age=30 * 86400)
        app.add_static_files("/look", str(LOOK))
        app.add_static_files("/samples", str(samples.FOLDER))
        app.add_route("/attach", partial(routes.attach, store), methods=["POST"])
        app.add_route(SHARE, partial(routes.share, store), methods=["POST"])
        app.add_route("/photo/{sha256}", partial(routes.photo, store), methods=["GET"])
        app.add_route("/pack/{id:int}/{kind}", partial(routes.pack, store), methods=["GET"])
        app.add_route("/mine", partial(routes.mine, store), methods=["GET"])
        app.exception_handler(404)(partial(lost, store))
        for path, page in PAGES.items():
            ui.page(path, title=replies.TITLE, favicon=LOOK / "face.svg")(lambda page=page: _draw(page, store))
        ui.run_with(
            outer,
            dark=None,
            language="zh-CN",
            tailwind=False,
            storage_secret=secret,
            session_middleware_kwargs={
                "session_cookie": COOKIE,
                "max_age": COOKIE_DAYS * 86400,
                "same_site": "lax",
            },
            show_welcome_message=False,
            reconnect_timeout=20.0,
        )
        return outer


def _draw(page: type[Page] | type[People] | type[Studio] | type[Settings], store: Storage) -> None:
    """A page, in the language of who asks for it."""
    words.keep_for(ui.context.client)
    page(store, user_of_browser()).draw()


def user_of_browser() -> str:
    """Who is at the page that is being built."""
    return user_of(app.storage.browser)


def _cookie_secret(store: Storage) -> str:
    """What cookies are signed with: from the environment, else made once for this data folder."""
    if store.settings.web_secret is not None:
        return store.settings.web_secret.get_secret_value()
    with store.atomic():
        secret = chats.preference(store, NAME, "cookie secret") or secrets.token_urlsafe(32)
        chats.prefer(store, NAME, "cookie secret", secret)
        return str(secret)
