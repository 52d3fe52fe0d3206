"""The sticker studio: which stickers of a pack, in which order, with which words; how they look on light and dark; the
pack as a file."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from html import escape

from nicegui import events, ui

from bot import learning, stickers
from bot.platforms.web import words
from bot.platforms.web.elements import box, button, icon, markup, notice, round_button, sheet, sure, text
from bot.platforms.web.frame import Frame
from bot.platforms.web.page import tell
from bot.platforms.web.teach import DETAIL, VALUE
from bot.platforms.web.work import Work
from bot.platforms.web.writes import written
from storage import HeyingError, Storage, concepts, jobs, packs
from storage.packs import Pack, Sticker
from storage.requests import StickerRequest

LOOK_SECONDS = 1.0


class Studio:
    """One browser tab with the studio."""

    def __init__(self, store: Storage, user: str) -> None:
        self.store, self.user = store, user
        self.pack: Pack | None = None
        self.left_out: set[int] = set()  # stickers that are not to be downloaded
        self.backdrop = "light"
        self.redrawing = False
        self.drawn: object = None
        self.working: dict[int, Work] = {}

    def draw(self) -> None:
        """Build the page and keep it up to date."""
        wanted = ui.context.client.request.query_params.get("pack", "")
        known = packs.of_owner(self.store, self.user)
        named = [pack for pack in known if str(pack.id) == wanted]
        self.pack = next(iter((*named, *known)), None)
        scripts = ("studio.css", "attach.js", "studio.js")
        frame = Frame(self.store, self.user).draw("/stickers", words.STICKERS_TITLE, *scripts)
        with frame as root, box("hy-page", tag="main", id="main", tabindex="-1"):
            with box("hy-title"), box(""):
                text("h1", words.STICKERS_TITLE)
                text("p", words.STICKERS_NOTE)
            self.works = box("hy-works")
            self.place = box("hy-studio")
            self.said = text("p", "", "hy-hidden", role="status")
            self.sheets = box("")
        root.on("caption", self._caption, js_handler=DETAIL)
        root.on("order", self._ordered, js_handler=DETAIL)
        self.look()
        ui.timer(LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Draw the studio anew when something has changed."""
        self._look_at_work()
        known = packs.of_owner(self.store, self.user)
        here = self.pack.id if self.pack else 0
        self.pack = next((pack for pack in known if pack.id == here), known[0] if known else None)
        seen = (known, self.pack and self.pack.id, sorted(self.left_out), self.backdrop, bool(self.working))
        if seen == self.drawn:
            return
        self.drawn = seen
        self.place.clear()
        with self.place:
            if self.pack is not None:
                self._list(known)
                self._bench(self.pack)
            elif not self.working:
                self._nothing()

    def _look_at_work(self) -> None:
        """The cards of stickers that are being made; the pack that they become is shown when it is there."""
        making = [job for job in jobs.open_of(self.store, self.user) if isinstance(job.request, StickerRequest)]
        for id in set(self.working) - {job.id for job in making}:
            self.working.pop(id).card.delete()
            self.pack = None
        for job in making:
            if job.id not in self.working:
                with self.works:
                    what = learning.describe(self.store, job)
                    self.working[job.id] = Work(what, job.id, self._press)
            self.working[job.id].show(self.store, job)

    # --- the packs ----------------------------------------------------------------------------------------------------
    async def _press(self, said: str, action: str) -> None:
        await written(self.user, tell, self.store, self.user, said, action)

    def _list(self, known: Sequence[Pack]) -> None:
        with box("hy-packs", tag="nav", aria_label=words.PACKS):
            for pack in known:
                card = box("hy-pack-card", tag="button", type="button")
                if self.pack is not None and pack.id == self.pack.id:
                    card.props["aria-current"] = "true"
                with card.on("click", partial(self._open, pack)):
                    for sticker in pack.stickers[:1]:
                        box("", tag="img", src=f"/photo/{sticker.photo}?thumb", alt="")
                    with box("hy-pack-name"):
                        text("b", pack.title)
                        when = time.localtime(pack.changed_at)
                        text("span", f"{words.pack_size(len(pack.stickers))} · {when.tm_mon} 月 {when.tm_mday} 日")

    def _open(self, pack: Pack) -> None:
        self.pack, self.left_out = pack, set()
        self.look()

    # --- one pack -----------------------------------------------------------------------------------------------------
    def _bench(self, pack: Pack) -> None:
        chosen = [sticker.id for sticker in pack.stickers if sticker.id not in self.left_out]
        with box("hy-bench hy-panel", tag="section", aria_label=pack.title):
            with box("hy-line hy-bench-head"):
                with box("hy-who"):
                    text("h2", pack.title)
                    round_button("pencil", words.PACK_TITLE, partial(self._rename, pack))
                    round_button("bin", words.DROP_PACK, partial(self._drop, pack))
                with box("hy-segments", role="group", aria_label=words.MOTION):
                    for moving, label in words.MOTIONS.items():
                        choice = text("button", label, type="button")
                        choice.props["aria-pressed"] = "true" if moving is pack.moving else "false"
                        choice.on("click", partial(self._set_moving, pack, moving))
                with box("hy-segments", role="group", aria_label=words.PREVIEW_ON):
                    for backdrop, label in words.BACKDROPS.items():
                        choice = text("button", label, type="button")
                        choice.props["aria-pressed"] = "true" if backdrop == self.backdrop else "false"
                        choice.on("click", partial(self._preview_on, backdrop))
            options = "".join(f'<option value="{escape(said, quote=True)}">' for said in stickers.suggestions(pack))
            markup(f'<datalist id="hy-captions">{options}</datalist>', "hy-none")
            with box(f"hy-tiles on-{self.backdrop}", tag="ol"):
                for sticker in pack.stickers:
                    self._tile(pack, sticker)
            text("p", words.ORDER_HINT, "hy-soft hy-order-hint")
            with box("hy-line hy-bench-foot"):
                with box("hy-who"):
                    text("span", words.chosen(len(chosen), len(pack.stickers)), "hy-soft")
                    every = len(chosen) == len(pack.stickers)
                    button(words.NONE if every else words.ALL, partial(self._choose_all, pack, not every), "hy-small")
                with box("hy-buttons"):
                    for kind, (label, note) in words.DOWNLOADS.items():
                        if kind in ("zip", *stickers.formats_of(pack)):
                            self._download(pack, chosen, kind, label, note)

    def _tile(self, pack: Pack, sticker: Sticker) -> None:
        index = sticker.place
        name = words.sticker(index, sticker.caption)
        chosen = sticker.id not in self.left_out
        with box("hy-tile" if chosen else "hy-tile out", tag="li", data_sticker=str(sticker.id)):
            with box("hy-line hy-tile-head"):
                tick = box("hy-tick", tag="button", type="button", role="checkbox")
                tick.props["aria-label"], tick.props["aria-checked"] = f"{words.CHOOSE}：{name}", str(chosen).lower()
                with tick.on("click", partial(self._choose, sticker)):
                    icon("check")
                with box("hy-grip", aria_hidden="true", title=words.DRAG_STICKER):
                    icon("grip")
            with box("hy-view"):
                box("", tag="img", src=f"/photo/{sticker.photo}", alt=name, draggable="false")
            caption, emoji = escape(sticker.caption, quote=True), escape(sticker.emoji, quote=True)
            markup(
                f'<input class="hy-input" data-caption="{sticker.id}" list="hy-captions" value="{caption}" maxlength="{packs.CAPTION_LENGTH}"'
                f' placeholder="{words.NO_CAPTION}" aria-label="{words.caption_of(index)}" autocomplete="off">'
                f'<input class="hy-input emoji" data-emoji="{sticker.id}" value="{emoji}" maxlength="16"'
                f' aria-label="{words.emoji_of(index)}" autocomplete="off">',
                "hy-labels",
            )
            with box("hy-moves"):
                for sign, label, by in (("left", words.EARLIER_PLACE, -1), ("right", words.LATER_PLACE, 1)):
                    move = round_button(sign, f"{label}：{name}", partial(self._move, pack, sticker, by))
                    move.props["data-move"] = str(by)
                    move.props["disabled"] = not 0 <= index + by < len(pack.stickers)
                box("hy-space")
                round_button("plus", f"{words.DUPLICATE}：{name}", partial(self._duplicate, sticker))
                round_button("bin", f"{words.DROP_STICKER}：{name}", partial(self._remove, sticker))

    def _download(self, pack: Pack, chosen: Sequence[int], kind: str, label: str, note: str) -> None:
        link = box("hy-chip main" if kind == "zip" else "hy-chip", tag="a", title=note, download="")
        link.props["aria-label"] = f"{words.DOWNLOAD_AS} {label}，{note}"
        if chosen:
            link.props["href"] = f"/pack/{pack.id}/{kind}?only={','.join(map(str, chosen))}"
        else:
            link.props["aria-disabled"], link.props["role"] = "true", "link"
        with link:
            icon("download")
            text("span", label)

    # --- what the user does -------------------------------------------------------------------------------------------
    def _preview_on(self, backdrop: str) -> None:
        self.backdrop = backdrop
        self.look()

    def _choose(self, sticker: Sticker) -> None:
        self.left_out ^= {sticker.id}
        self.look()
        self._focus(f'[data-sticker="{sticker.id}"] .hy-tick')

    def _choose_all(self, pack: Pack, every: bool) -> None:
        self.left_out = set() if every else {sticker.id for sticker in pack.stickers}
        self.look()

    async def _move(self, pack: Pack, sticker: Sticker, by: int) -> None:
        order = [one.id for one in pack.stickers]
        order.insert(sticker.place + by, order.pop(sticker.place))
        await self._reorder(pack, order)
        self.said.set_text(words.moved(words.sticker(sticker.place, sticker.caption), sticker.place + by))
        self._focus(f'[data-sticker="{sticker.id}"] [data-move="{by}"]')

    async def _ordered(self, event: events.GenericEventArguments) -> None:
        """A sticker was dragged to another place."""
        if self.pack is not None and isinstance(event.args, list):
            await self._reorder(self.pack, [int(id) for id in event.args])

    async def _reorder(self, pack: Pack, order: Sequence[int]) -> None:
        await self._do(lambda: packs.reorder(self.store, pack.id, self.user, order))

    async def _caption(self, event: events.GenericEventArguments) -> None:
        """Other words or another emoji for a sticker."""
        told = event.args if isinstance(event.args, dict) else {}
        id, caption, emoji = int(told.get("id", 0)), str(told.get("caption", "")), str(told.get("emoji", ""))
        await self._do(lambda: stickers.relabel(self.store, id, self.user, caption, emoji)[1])

    async def _duplicate(self, sticker: Sticker) -> None:
        await self._do(lambda: stickers.duplicate(self.store, sticker.id, self.user, "")[1])

    def _say(self, told: str) -> None:
        if told:
            notice(told, wrong=True)

    async def _set_moving(self, pack: Pack, moving: bool) -> None:
        if moving is not pack.moving and not self.redrawing:
            self.redrawing = True
            notice(words.GETTING_ALIVE)
            try:
                await self._do(lambda: stickers.set_moving(self.store, pack.id, self.user, moving) and None)
            finally:
                self.redrawing = False

    async def _remove(self, sticker: Sticker) -> None:
        await self._do(lambda: packs.remove(self.store, sticker.id, self.user))

    async def _do(self, act: Callable[[], object]) -> None:
        """Change something and show it, with the sentence that ``act`` returns, if any; say why where that cannot be."""
        try:
            told = await written(self.user, act)
            self._say(told if isinstance(told, str) else "")
        except HeyingError as error:
            notice(error.sentence, wrong=True)
            self.drawn = None  # what was typed is taken back
        self.look()

    def _rename(self, pack: Pack) -> None:
        named = {"title": pack.title}
        with self.sheets, sheet(words.PACK_TITLE, "narrow") as dialog:
            with box("hy-field", tag="label"):
                text("span", words.PACK_TITLE)
                title = box("", tag="input", type="text", placeholder=pack.title, autocomplete="off")
                title.props["maxlength"] = str(packs.TITLE_LENGTH)
                title.on("input", lambda event: named.update(title=str(event.args)), js_handler=VALUE)

            async def save() -> None:
                await self._do(lambda: packs.rename(self.store, pack.id, self.user, named["title"]))
                dialog.close()

            title.on("keydown.enter", save)
            with box("hy-buttons end"):
                button(words.KEEP_IT, dialog.close)
                button(words.SAVE, save, "hy-chip main")

    def _drop(self, pack: Pack) -> None:
        with self.sheets:
            sure(
                words.DROP_PACK,
                words.sure_to_drop(pack.title, len(pack.stickers)),
                words.DROP_PACK,
                lambda: self._do(lambda: packs.delete(self.store, pack.id, self.user)),
            )

    def _focus(self, selector: str) -> None:
        """Give the focus back after the page was drawn anew under it."""
        look_up = f"document.querySelector({json.dumps(selector)})"
        self.sheets.client.run_javascript(f"setTimeout(() => {look_up}?.focus(), 60)")

    # --- no pack yet --------------------------------------------------------------------------------------------------
    def _nothing(self) -> None:
        known = [
            one for one in concepts.of_owner(self.store, self.user, self.user) if one.ready and one.kind != "style"
        ]
        with box("hy-empty hy-panel"):
            icon("sticker")
            text("h2", words.NO_PACKS)
            text("p", words.NO_PACKS_HINT)
            with box("hy-buttons"):
                for one in known[-3:]:
                    button(words.stickers_of(one.name), partial(self._make, one.name), "hy-chip main", "sticker")
                if not known:
                    with box("hy-chip main", tag="a", href="/people"):
                        icon("plus")
                        text("span", words.TEACH_NEW)

    async def _make(self, name: str) -> None:
        await written(self.user, tell, self.store, self.user, words.stickers_of(name))
