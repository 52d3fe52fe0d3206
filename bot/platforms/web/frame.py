"""What every page has around it: the head with the ways to the other pages, light and dark, the way past it all."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator

from nicegui import ui

from bot import replies
from bot.platforms.web import words
from bot.platforms.web.elements import box, icon, notice, round_button, text
from bot.platforms.web.notes import Notes
from bot.platforms.web.writes import written
from storage import HeyingError, Storage, chats

SAY_AGAIN = 8.0  # seconds


class Frame:
    """The frame of one page; what ``draw`` gives receives what the scripts send."""

    def __init__(self, store: Storage, user: str) -> None:
        self.store, self.user = store, user
        self.said_at = -SAY_AGAIN

    @contextlib.contextmanager
    def draw(
        self, here: str, title: str, *scripts: str, help: Callable[[], object] | None = None
    ) -> Iterator[ui.element]:
        """The page at the path ``here``, with its own style sheets and scripts (names in look/)."""
        ui.page_title(title)
        ui.on_exception(self._say_so)
        scripts_words = json.dumps({"language": words.language(), **words.SCRIPTS}, ensure_ascii=False).replace(
            "<", "\\u003c"
        )
        ui.add_head_html(
            f'<script type="application/json" id="hy-words">{scripts_words}</script>'
        )  # data, not a script
        ui.add_head_html('<meta name="color-scheme" content="light dark">')
        ui.add_head_html('<link rel="manifest" href="/look/app.webmanifest">')
        ui.add_head_html('<link rel="apple-touch-icon" href="/look/icon-apple.png">')
        ui.add_head_html('<meta name="theme-color" content="#6546ee">')
        for name in ("frame.css", "frame.js", "back.js", *scripts, "notes.js"):
            tag = f'<link rel="stylesheet" href="/look/{name}">'
            ui.add_head_html(tag if name.endswith("css") else f'<script src="/look/{name}" defer></script>')
        self.dark = ui.dark_mode(chats.preference(self.store, self.user, "dark"))
        slot = ui.context.client.content.parent_slot
        if slot is not None:
            slot.parent.props("role=none")  # Quasar's own <main> is around everything; ours is around what matters
        text("a", words.SKIP, "hy-skip", href="#main")
        with box("hy-app", id="hy-app") as root:
            with box("hy-head", tag="header"):
                with box("hy-home", tag="a", href="/", aria_label=words.TITLE):
                    box("hy-face", tag="img", src="/look/face.svg", alt="")
                    text("strong", words.TITLE)
                with box("hy-nav", tag="nav", aria_label=words.PAGES):
                    self._way("/", words.CHAT, "chat", here)
                    self._way("/people", words.PEOPLE, "people", here)
                    self._way("/stickers", words.STICKERS, "sticker", here)
                box("hy-space")
                if help is not None:
                    round_button("help", words.HELP, help)
                round_button("dark", words.DARK, self._toggle)
                self._way("/settings", words.SETTINGS, "settings", here, "hy-round")
            yield root
        Notes(self.store, self.user)

    def _say_so(self, error: Exception) -> None:
        """What went wrong (the disk is full, the database is held), once in a while: the page looks often."""
        now = time.monotonic()
        if now - self.said_at < SAY_AGAIN:
            return
        self.said_at = now
        sentence = error.sentence if isinstance(error, HeyingError) else replies.BROKEN
        notice(sentence, wrong=True)

    async def _toggle(self) -> None:
        await self.prefer_dark(not await ui.run_javascript("Quasar.Dark.isActive"))

    async def prefer_dark(self, dark: bool | None) -> None:
        """Dark, light, or as the system is (None)."""
        self.dark.value = dark
        await written(self.user, chats.prefer, self.store, self.user, "dark", dark)

    def _way(self, path: str, label: str, sign: str, here: str, look: str = "hy-way") -> None:
        way = box(look, tag="a", href=path, title=label, aria_label=label)
        if path == here:
            way.props["aria-current"] = "page"
        with way:
            icon(sign)
            text("span", label)
