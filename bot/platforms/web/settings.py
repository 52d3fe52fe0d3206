"""How the pages look, what is kept of one person and for how long; everything of it in a ZIP, or gone."""

from nicegui import events, ui

from bot import replies
from bot.platforms.web import notes, words
from bot.platforms.web.elements import box, button, icon, notice, sheet, sure, text
from bot.platforms.web.frame import Frame
from bot.platforms.web.writes import written
from storage import Storage, chats, concepts, departures, outbox, packs, photos, retention, watermark_settings


class Settings:
    """One browser tab with the settings."""

    def __init__(self, store: Storage, user: str) -> None:
        self.store, self.user = store, user
        self.frame = Frame(store, user)

    def draw(self) -> None:
        """Build the page."""
        with (
            self.frame.draw("/settings", words.SETTINGS, "settings.css") as root,
            box("hy-page", "main", id="main", tabindex="-1"),
        ):
            with box("hy-title"):
                text("h1", words.SETTINGS)
            with _section(words.LOOK, "dark"), box("hy-segments", role="group", aria_label=words.LOOK) as self.looks:
                self._draw_looks()
            with (
                _section(words.LANGUAGE, "language", words.LANGUAGE_NOTE),
                box("hy-segments", role="group", aria_label=words.LANGUAGE),
            ):
                for code, label in words.LANGUAGES.items():
                    choice = text("button", label, type="button", data_language=code)
                    choice.props["aria-pressed"] = "true" if code == words.language() else "false"
            with _section(words.NOTES, "bell", words.NOTES_NOTE):
                text("p", words.NOTES_MISSING, "hy-soft hy-without-notes")
                with box("hy-segments hy-with-notes", role="group", aria_label=words.NOTES) as self.notes:
                    self._draw_notes()
            root.on("notes", self._choose_notes, js_handler="(event) => emit(event.detail)")
            self._data()
            self._sending()
            self._marks()
            _section(words.KEEPS, "clock", words.kept(self.store.settings.retention))
            outside = departures.outside(self.store)
            with _section(words.PRIVACY, "lock", words.OUTSIDE_PRIVACY if outside else words.PRIVACY_NOTE):
                if self.store.settings.web_password is not None:
                    with box("", tag="form", method="post", action="/door?leave"):
                        text("button", words.LEAVE, "hy-chip", type="submit")
            self.sheets = box("")

    # --- the look -----------------------------------------------------------------------------------------------------
    def _draw_looks(self) -> None:
        now = chats.preference(self.store, self.user, "dark")
        for dark, label in words.LOOKS.items():
            choice = text("button", label, type="button")
            choice.props["aria-pressed"] = "true" if dark is now else "false"
            choice.on("click", lambda _, dark=dark: self._choose_look(dark))

    async def _choose_look(self, dark: bool | None) -> None:
        await self.frame.prefer_dark(dark)
        self.looks.clear()
        with self.looks:
            self._draw_looks()

    # --- notes --------------------------------------------------------------------------------------------------------
    def _draw_notes(self) -> None:
        """The browser is asked first, so look/notes.js hears the press."""
        now = notes.wanted(self.store, self.user)
        for on, label in words.ON_OFF.items():
            choice = text("button", label, type="button", data_notes="on" if on else "off")
            choice.props["aria-pressed"] = "true" if on is now else "false"

    async def _choose_notes(self, event: events.GenericEventArguments) -> None:
        answer = event.args if isinstance(event.args, dict) else {}
        if answer.get("refused"):
            notice(words.NOTES_REFUSED, wrong=True)
        await written(self.user, chats.prefer, self.store, self.user, notes.WANTED, bool(answer.get("on")) or None)
        self.notes.clear()
        with self.notes:
            self._draw_notes()

    # --- my data ------------------------------------------------------------------------------------------------------
    def _data(self) -> None:
        with _section(words.MY_DATA, "photo", words.MY_DATA_NOTE):
            with box("hy-counts") as self.counts:
                self._draw_counts()
            with box("hy-choice"):
                with box(""):
                    text("h3", words.EXPORT)
                    text("p", words.EXPORT_NOTE, "hy-soft")
                with box("hy-chip", tag="a", href="/mine", download=""):
                    icon("download")
                    text("span", words.EXPORT)
            with box("hy-choice"):
                with box(""):
                    text("h3", words.ERASE)
                    text("p", words.ERASE_NOTE, "hy-soft")
                button(words.ERASE_SHORT, self._ask_to_erase, "hy-chip danger", "bin")

    def _draw_counts(self) -> None:
        have = {
            "photos": len(photos.of_owner(self.store, self.user)),
            "concepts": sum(one.owner == self.user for one in concepts.of_owner(self.store, self.user)),
            "packs": len(packs.of_owner(self.store, self.user)),
            "messages": len(outbox.messages(self.store, self.user, limit=10_000)),
        }
        for name, label in words.COUNTS.items():
            with box("hy-count"):
                text("b", str(have[name]))
                text("span", label)

    def _ask_to_erase(self) -> None:
        with self.sheets:
            sure(words.ERASE, replies.CONFIRM_FORGET_ALL, words.ERASE_SURE, self._erase)

    async def _erase(self) -> None:
        gone = await written(self.user, retention.forget, self.store, self.user)
        self.counts.clear()
        with self.counts:
            self._draw_counts()
        notice(replies.everything_forgotten(gone))

    # --- what may leave this machine ----------------------------------------------------------------------------------
    def _sending(self) -> None:
        if departures.said(self.store, self.user) or departures.outside(self.store):
            with _section(words.SENDING, "lock", words.SENDING_NOTE), box("hy-choice") as self.sent:
                self._draw_sending()

    def _draw_sending(self) -> None:
        said = departures.said(self.store, self.user)
        with box(""):
            if not said:
                text("p", replies.sending_withdrawn(()), "hy-soft")
            for host, state in said.items():
                text("h3", host)
                text("p", replies.sending_state(state), "hy-soft")
        if said:
            button(replies.UNSEND, self._withdraw)

    async def _withdraw(self) -> None:
        text = (replies.UNSEND, replies.LEAVING_VERSION)
        await written(self.user, departures.withdraw, self.store, self.user, *text)
        self.sent.clear()
        with self.sent:
            self._draw_sending()

    # --- the marks ----------------------------------------------------------------------------------------------------
    def _marks(self) -> None:
        with _section(words.MARKS, "sticker", words.MARKS_NOTE), box("hy-choice") as self.choice:
            self._draw_marks()

    def _draw_marks(self) -> None:
        without = watermark_settings.unmarked(self.store, self.user)
        with box(""):
            text("h3", words.UNMARKED if without else words.MARKED)
            text("p", words.UNMARKED_NOTE if without else words.MARKED_NOTE, "hy-soft")
        button(words.MARK_AGAIN if without else words.UNMARK, self._mark_again if without else self._ask_to_unmark)

    def _ask_to_unmark(self) -> None:
        with self.sheets, sheet(words.UNMARK, "narrow") as dialog:
            text("p", replies.UNMARKED_TERMS, "hy-terms", lang="zh-CN")
            if words.TERMS_IN_SHORT:
                text("p", words.TERMS_IN_SHORT, "hy-soft")
            with box("hy-buttons end"):
                button(words.KEEP_IT, dialog.close)
                button(words.AGREE_TERMS, lambda: self._record(True), "hy-chip main").on("click", dialog.close)

    async def _mark_again(self) -> None:
        await self._record(False)

    async def _record(self, agreed: bool) -> None:
        text = (watermark_settings.UNMARKED, replies.UNMARKED_TERMS, agreed, replies.UNMARKED_VERSION)
        await written(self.user, chats.record_consent, self.store, self.user, *text)
        self.choice.clear()
        with self.choice:
            self._draw_marks()


def _section(title: str, sign: str, note: str = "") -> ui.element:
    """A panel with a heading, to be filled."""
    with box("hy-panel hy-section", tag="section", aria_label=title) as section:
        with box("hy-head-of"):
            icon(sign)
            text("h2", title)
        if note:
            text("p", note, "hy-soft")
    return section
