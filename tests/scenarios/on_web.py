"""The stage on the web chat: every person is a browser with a cookie of its own that sends files to the server as the
page does; sentences take the page's own way in, and what is said is read where the page reads it.

There are no groups: everybody is in a chat of their own.
"""

import base64
import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx

import storage
from bot import inbox
from bot.outbox import compose
from bot.platforms import Button, Incoming, Outgoing
from bot.platforms.web.routes import tray
from storage import Storage, chats, outbox, photos
from tests.scenarios.script import Heard, Said, settle
from tests.telegram.process import CONTEXT, free_port
from tests.telegram.serve import serve

PATIENCE = 120.0


class Theatre:
    """One server for all scripts."""

    name = "web"

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self.log = folder / "log"
        self.environment = {
            "HEYING_DATA": str(folder / "data"),
            "HEYING_PLATFORMS": '["web"]',
            "HEYING_WEB__PORT": str(port),
            "HEYING_WORKERS__EDIT": "0",
            "HEYING_WORKERS__LEARN": "0",
            "HEYING_LIMITS__MEGABYTES": "1",
        }
        self.start()
        self.store = storage.open(folder / "data")

    def start(self) -> None:
        """Start and wait until it answers."""
        self.process = CONTEXT.Process(target=serve, args=(self.environment, self.log))
        self.process.start()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(self.url, timeout=10)
                return
            except httpx.TransportError:
                assert self.process.is_alive(), "the server died"
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.05)

    def restart(self) -> None:
        """Kill it and start it again."""
        self.process.kill()
        self.process.join(20)
        self.start()

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.join(30)
        self.store.close()


class Browser:
    """One person's."""

    def __init__(self, theatre: Theatre) -> None:
        self.http = httpx.Client(base_url=theatre.url, headers={"x-heying": "attach"}, timeout=30)
        self.http.get("/")
        session = json.loads(base64.b64decode(self.http.cookies["heying"].split(".")[0]))
        self.user = f"web:{session['id']}"
        self.seen = 0
        self.heard: list[Outgoing] = []
        self.photos: dict[str, str] = {}


class Stage:
    """See script.Stage."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre
        self.people: dict[str, Browser] = {}
        self.numbers = itertools.count()
        self.last: Incoming | None = None

    def say(self, said: Said) -> None:
        """Drop the files onto the page, then send the sentence with what waits in the tray."""
        browser, store = self._browser(said.who), self.theatre.store
        names = [name for name, _ in said.pictures]
        if said.pictures:
            before = tray(store, browser.user)
            files = [("file", (f"{name}.png", data, "image/png")) for name, data in said.pictures]
            assert browser.http.post("/attach", files=files).status_code == 204
            waiting = [sha for sha in tray(store, browser.user) if sha not in before]
            browser.photos |= dict(zip(names, waiting, strict=False))
            if not waiting:
                return  # what is wrong with them is said already
        replied: tuple[str, ...] = ()
        if said.reply is not None:
            shown = next(out.images for out in reversed(browser.heard) if out.images) if said.reply == "" else ()
            replied = shown or (browser.photos[said.reply],)
        with store.atomic():
            sent = tuple(tray(store, browser.user))
            chats.prefer(store, browser.user, "tray", None)
            self._tell(browser, said.text, photos=sent, replied=replied)

    def press(self, who: str, group: bool, label: str) -> None:
        """Press it where it stands last."""
        browser = self._browser(who)
        for button in (button for out in reversed(browser.heard) for button in out.buttons):
            if button.label == label:
                return self._press(browser, button)
        raise AssertionError(f"no button {label}")

    def _press(self, browser: Browser, button: Button) -> None:
        self._tell(browser, button.label, action=button.action)

    def open_link(self, who: str, code: str) -> None:
        """Here the code itself is sent on."""
        self._tell(self._browser(who), code)

    def hear(self, who: str, group: bool, seconds: float) -> Heard | None:
        """The next line of the log that the page draws."""
        browser, until = self._browser(who), time.monotonic() + seconds
        while True:
            for message in outbox.messages(self.theatre.store, browser.user, after=browser.seen):
                browser.seen = message.id
                if message.author == "bot":
                    out = compose(self.theatre.store, message)
                    browser.heard.append(out)
                    for sha256 in out.images + out.stickers:
                        photos.read(self.theatre.store, sha256, browser.user)
                    labels = tuple(button.label for button in out.buttons)
                    return Heard(out.text, len(out.images + out.stickers), labels)
            if time.monotonic() > until:
                return None
            time.sleep(0.03)

    def work(self, worker: Callable[[Storage], None]) -> None:
        """See script.Stage."""
        self.settle()
        worker(self.theatre.store)

    def files(self, who: str) -> list[bytes]:
        """Pictures as the page shows and downloads them, packs for every platform, everything as a ZIP."""
        browser, found = self._browser(who), []
        for out in browser.heard:
            for sha256 in out.images + out.stickers:
                for form in ("", "?preview", "?thumb", "?download"):
                    found.append(browser.http.get(f"/photo/{sha256}{form}").content)
        archives = [f"/pack/{out.pack}/{kind}" for out in browser.heard if out.stickers for kind in ("zip", "wechat")]
        for address in (*archives, "/mine"):
            with zipfile.ZipFile(io.BytesIO(browser.http.get(address).content)) as archive:
                for name in archive.namelist():
                    own = any(sha256 in name for sha256 in browser.photos.values())
                    if name.endswith((".png", ".webp")) and not own:
                        found.append(archive.read(name))
        return found

    def trouble(self, what: str) -> None:
        """The page has no floods; a message that is handed in twice is the same message."""
        if what == "重启":
            self.settle()
            self.theatre.restart()
        elif what == "重复":
            assert self.last is not None
            assert not inbox.receive(self.theatre.store, self.last)

    def settle(self) -> None:
        """See script.Stage."""
        settle(self.theatre.store, (browser.user for browser in self.people.values()))

    def _tell(self, browser: Browser, text: str, **more: object) -> None:
        number = f"{browser.user}:{next(self.numbers)}"
        self.last = Incoming("web", number, browser.user, browser.user, text, **more)  # type: ignore[arg-type]
        assert inbox.receive(self.theatre.store, self.last)

    def _browser(self, who: str) -> Browser:
        if who not in self.people:
            self.people[who] = Browser(self.theatre)
        return self.people[who]
