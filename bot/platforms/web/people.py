"""The gallery of what one person has taught: each with the photos it was learnt from, and what can be done with it."""

import json
from functools import partial

from nicegui import events, ui

from bot import promises, replies, samples
from bot.platforms.web import words
from bot.platforms.web.elements import ONCE, VALUE, box, button, icon, notice, sheet, sure, text
from bot.platforms.web.frame import Frame
from bot.platforms.web.page import tell
from bot.platforms.web.teach import DETAIL, Teach
from bot.platforms.web.writes import taken_in, written
from bot.waking import waking
from storage import HeyingError, Storage, concepts, jobs, packs, shares
from storage.concepts import Concept
from storage.requests import LearnRequest

LOOK_SECONDS = 1.0


class People:
    """One browser tab with the gallery."""

    def __init__(self, store: Storage, user: str) -> None:
        self.store, self.user = store, user
        self.drawn: object = None
        self.teach: Teach | None = None

    def draw(self) -> None:
        """Build the page and keep it up to date."""
        frame = Frame(self.store, self.user).draw("/people", words.PEOPLE_TITLE, "people.css", "attach.js")
        with frame as root, box("hy-page", tag="main", id="main", tabindex="-1"):
            with box("hy-title"):
                with box(""):
                    text("h1", words.PEOPLE_TITLE)
                    text("p", words.PEOPLE_NOTE)
                self.add = button(words.TEACH_NEW, lambda: self._teach(None), "hy-chip main", "plus")
            self.place = box("hy-people", aria_live="polite")
            self.sheets = box("")  # dialogs stay open while the gallery is drawn anew
        root.on("attached", self._attached, js_handler=DETAIL)
        text("div", words.DROP_HERE, "hy-drop", id="hy-drop", aria_hidden="true")
        self.look()
        ui.timer(LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Draw the gallery anew when something in it has changed."""
        known = concepts.of_owner(self.store, self.user, self.user)
        stickers = [pack.concept for pack in packs.of_owner(self.store, self.user)]
        left = {id: self._left(id) for id in (one.id for one in known if one.status == "learning")}
        state = [
            (one.id, one.name, one.status, one.references, stickers.count(one.id), left.get(one.id)) for one in known
        ]
        if state == self.drawn:
            return
        self.drawn = state
        self.place.clear()
        self.add.set_visibility(bool(known))
        with self.place:
            for one in known:
                self._card(one, stickers.count(one.id), left.get(one.id))
            if not known:
                self._nobody()

    # --- one of them --------------------------------------------------------------------------------------------------
    def _card(self, one: Concept, stickers: int, left: str | None) -> None:
        mine = one.owner == self.user
        with box("hy-person", tag="article", aria_label=one.name):
            if mine:
                with box(f"hy-mosaic of{min(4, len(one.references))}"):
                    for index, sha256 in enumerate(one.references[:4]):
                        alt = words.reference(one.name, index)
                        box("", tag="img", src=f"/photo/{sha256}?thumb", alt=alt, loading="lazy")
            with box("hy-about"):
                with box("hy-line"):
                    with box("hy-who"):
                        text("h2", one.name)
                        text("span", words.KINDS[one.kind], "hy-tag")
                    text("span", words.STATES[one.status], f"hy-tag {one.status}")
                facts = words.facts(len(one.references), stickers, words.taught_on(one.created_at))
                text("p", one.note or left or facts, "hy-soft")
                with box("hy-actions"):
                    if one.ready:
                        button(words.PUT_IN, partial(self._put_in, one), "hy-chip main", "plus")
                        if one.kind != "style":
                            button(words.MAKE_STICKERS, partial(self._stickers, one), sign="sticker")
                if mine:
                    with box("hy-more"):
                        for label, read, act in (
                            (words.TEACH_AGAIN, words.teach_again(one.name), self._teach),
                            (words.RENAME, words.rename(one.name), self._rename),
                            (words.SHARE, words.share(one.name), self._share),
                            (words.FORGET, words.forget_whom(one.name), self._forget),
                        ):
                            small = text("button", label, "hy-small", type="button", aria_label=read)
                            small.on("click", partial(act, one), **ONCE)

    def _left(self, concept: int) -> str | None:
        """How far the learning of a concept is."""
        for job in jobs.open_of(self.store, self.user):
            if isinstance(job.request, LearnRequest) and job.request.concept == concept:
                place, seconds = promises.position(self.store, job)
                return f"{words.stage(place, job.progress, waking(self.store, job))}，{words.time_left(seconds)}"
        return None

    def _put_in(self, one: Concept) -> None:
        """To the chat, with a sentence that needs only a photo."""
        sentence = replies.idea_with(one.name, one.kind)
        ui.run_javascript(f"localStorage.setItem('hy-draft', {json.dumps(sentence)}); location.href = '/'")

    async def _stickers(self, one: Concept) -> None:
        await written(self.user, tell, self.store, self.user, replies.COMMANDS["stickers"].sentence.format(one.name))
        ui.navigate.to("/stickers")

    async def _teach(self, one: Concept | None) -> None:
        self.teach = Teach(self.store, self.user, self.look, one)
        await self.teach.clear()
        with self.sheets:
            self.teach.open()

    def _attached(self, event: events.GenericEventArguments) -> None:
        if self.teach is not None:
            self.teach.attached(event)

    def _rename(self, one: Concept) -> None:
        named = {"name": one.name}
        with self.sheets, sheet(words.rename(one.name), "narrow") as dialog:
            with box("hy-field", tag="label"):
                text("span", words.NEW_NAME)
                name = box("", tag="input", type="text", maxlength="20", placeholder=one.name, autocomplete="off")
                name.on("input", lambda event: named.update(name=str(event.args)), js_handler=VALUE)
            problem = text("p", "", "hy-problem", role="alert")

            async def save() -> None:
                try:
                    await written(self.user, concepts.rename, self.store, one.id, self.user, named["name"])
                except HeyingError as error:
                    problem.set_text(error.sentence)
                    return
                dialog.close()
                self.look()

            name.on("keydown.enter", save)
            with box("hy-buttons end"):
                button(words.KEEP_IT, dialog.close)
                button(words.SAVE, save, "hy-chip main")

    def _share(self, one: Concept) -> None:
        """A code for one other chat; or nobody else any more."""
        with self.sheets, sheet(words.share(one.name), "narrow") as dialog:
            text("p", words.SHARE_NOTE, "hy-soft")
            place = box("hy-code", aria_live="polite")

            async def offer() -> None:
                code = f"share_{await written(self.user, shares.create, self.store, one.id, self.user)}"
                place.clear()
                with place:
                    text("code", code)
                    copy = f"navigator.clipboard?.writeText({json.dumps(code)})"
                    button(words.COPY, lambda: ui.run_javascript(copy), "hy-small")

            async def withdraw() -> None:
                await written(self.user, concepts.withdraw, self.store, one.id, self.user)
                notice(words.withdrawn(one.name))
                dialog.close()

            with box("hy-buttons end"):
                button(words.WITHDRAW, withdraw)
                button(words.MAKE_CODE, offer, "hy-chip main")

    def _forget(self, one: Concept) -> None:
        async def act() -> None:
            await written(self.user, concepts.forget, self.store, one.id, self.user)
            notice(words.forgotten(one.name, len(one.references)))
            self.look()

        text = words.sure_to_forget(one.name, len(one.references))
        with self.sheets:
            sure(words.forget_whom(one.name), text, words.forget_whom(one.name), act)

    # --- nobody yet ---------------------------------------------------------------------------------------------------
    def _nobody(self) -> None:
        with box("hy-empty hy-panel"):
            icon("people")
            text("h2", words.NOBODY)
            text("p", words.NOBODY_HINT)
            button(words.TEACH_NEW, lambda: self._teach(None), "hy-chip main", "plus")
            found = [sample for sample in samples.load() if sample.name]
            if found:
                text("p", words.TRY_SAMPLE, "hy-or")
            with box("hy-tries"):
                for sample in found:
                    with box("hy-try", tag="button", type="button") as card:
                        card.on("click", partial(self._try, sample))
                        with box("hy-four"):
                            for file in sample.files[:4]:
                                box("", tag="img", src=f"/samples/{file}", alt="")
                        text("span", sample.title)

    async def _try(self, sample: samples.Sample) -> None:
        kept = [(await taken_in(self.store, data, self.user)).sha256 for data in sample.read()]
        await written(self.user, tell, self.store, self.user, sample.sentences[0], sent=kept)
        ui.navigate.to("/")
