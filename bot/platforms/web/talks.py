"""Several chats of one person: what this one is about, a list of all with a search, a new one; how much is left today.

A chat is an address (/?chat=2), so that two of them can be open in two tabs.
"""

import time

from nicegui import ui

from bot.platforms.web import words
from bot.platforms.web.elements import VALUE, box, icon, notice, round_button, sheet, sure, text
from bot.platforms.web.writes import written
from storage import Storage, jobs, outbox, retention, rooms

DAY = 86400.0


def address(number: int) -> str:
    """Where a chat is."""
    return "/" if number < 2 else f"/?chat={number}"


class Talks:
    """The line above a chat."""

    def __init__(self, store: Storage, user: str, number: int) -> None:
        self.store, self.user, self.number = store, user, number
        self.drawn: object = None
        self.line = box("hy-talks", tag="nav", aria_label=words.TALKS)
        self.sheets = box("")  # dialogs stay open while the line is drawn anew

    def look(self) -> None:
        """Draw it anew when it has changed."""
        known = outbox.talks(self.store, self.user)
        here = next((one for one in known if one.chat == rooms.further(self.user, self.number)), None)
        left = jobs.left_today(self.store, self.user)
        quota = "" if left is None else words.left_today(*left)
        seen = (here and here.title, bool(known), quota)
        if seen == self.drawn:
            return
        self.drawn = seen
        self.line.clear()
        self.line.set_visibility(bool(known))
        with self.line:
            round_button("list", words.TALKS, self._open)
            text("b", here.title if here and here.title else words.NEW_TALK)
            if quota:
                text("span", quota, "hy-tag")
            new = max((self._number(one.chat) for one in known), default=0) + 1
            with box("hy-round", tag="a", href=address(new), title=words.NEW_TALK, aria_label=words.NEW_TALK):
                icon("plus")

    def _number(self, chat: str) -> int:
        return rooms.number(chat.removeprefix(f"{self.user}/"))

    def _open(self) -> None:
        with self.sheets, sheet(words.TALKS, "narrow") as self.sheet:
            look_for = box("hy-input", tag="input", type="search", placeholder=words.SEARCH, aria_label=words.SEARCH)
            found = box("hy-found", tag="ul")

            def draw(wanted: str = "") -> None:
                found.clear()
                with found:
                    hits = outbox.search(self.store, self.user, wanted) if wanted.strip() else ()
                    titles = {one.chat: one.title for one in outbox.talks(self.store, self.user)}
                    for chat, said, at in (
                        [(one.chat, one.text, one.at) for one in hits]
                        if wanted.strip()
                        else [(one.chat, "", one.at) for one in outbox.talks(self.store, self.user)]
                    ):
                        self._row(chat, titles.get(chat, ""), said, at)
                    if wanted.strip() and not hits:
                        text("li", words.NOTHING_FOUND, "hy-soft")

            look_for.on("input", lambda event: draw(str(event.args)), js_handler=VALUE, throttle=0.2)
            draw()

    def _row(self, chat: str, title: str, said: str, at: float) -> None:
        number = self._number(chat)
        with box("hy-line", tag="li"):
            with box("hy-talk-row", tag="a", href=address(number)) as row:
                if number == self.number:
                    row.props["aria-current"] = "page"
                with box("hy-line"):
                    text("b", title or words.NEW_TALK)
                    text("span", words.day(at) if time.time() - at > DAY else words.clock(at), "hy-soft")
                if said:
                    text("span", said[:80], "hy-soft")
            if not said:
                label = words.erase_talk(title or words.NEW_TALK)
                round_button("bin", label, lambda: self._ask_to_erase(chat, title))

    def _ask_to_erase(self, chat: str, title: str) -> None:
        self.sheet.close()
        with self.sheets:
            what = words.erase_talk(title or words.NEW_TALK)
            sure(what, words.ERASE_TALK_NOTE, words.ERASE_SHORT, lambda: self._erase(chat))

    async def _erase(self, chat: str) -> None:
        gone = await written(self.user, retention.forget_chat, self.store, self.user, chat)
        notice(words.talk_erased(gone))
        self.look()


def open_number() -> int:
    """Which chat the page that is being built shall show."""
    return rooms.number(ui.context.client.request.query_params.get("chat", ""))
