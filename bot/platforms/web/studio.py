"""The sticker studio: which stickers of a pack, in which order, with which words; how they look on light and dark; the
pack as a file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from html import escape

from nicegui import events, ui

from bot import learning, replies, stickers
from bot.platforms.web import words
from bot.platforms.web.elements import VALUE, box, button, icon, markup, notice, round_button, sheet, sure, text
from bot.platforms.web.frame import Frame
from bot.platforms.web.page import tell
from bot.platforms.web.teach import DETAIL
from bot.platforms.web.tile import Acts, Tile
from bot.platforms.web.work import Work
from bot.platforms.web.writes import written
from storage import HeyingError, Storage, concepts, jobs, packs
from storage.packs import Pack
from storage.requests import StickerRequest

LOOK_SECONDS = 1.0


class Studio:
    """One browser tab with the studio."""

    def __init__(self, store: Storage, user: str) -> None:
        self.store, self.user = store, user
        self.pack: Pack | None = None
        self.left_out: set[int] = set()  # stickers that are not to be downloaded
        self.backdrop = "light"
        self.drawn: dict[str, object] = {}  # what each part shows
        self.tiles: dict[int, Tile] = {}
        self.redrawing = False
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
        """Draw anew what has changed, and nothing else."""
        self._look_at_work()
        known = packs.of_owner(self.store, self.user)
        here = self.pack.id if self.pack else 0
        pack = self.pack = next((pack for pack in known if pack.id == here), known[0] if known else None)
        if self._changed("studio", (pack is None, pack is None and bool(self.working))):
            self.place.clear()
            with self.place:
                if pack is not None:
                    self.list = box("hy-packs", tag="nav", aria_label=words.PACKS)
                    self.bench = box("hy-bench hy-panel", tag="section")
                elif not self.working:
                    self._nothing()
        if pack is None:
            return
        if self._changed("list", (self.list.id, here, known)):
            self.list.clear()
            with self.list:
                self._list(known)
        if self._changed("bench", (self.bench.id, replace(pack, stickers=(), changed_at=0), _ids(pack))):
            self.bench.clear()
            with self.bench:
                self._bench(pack)
        for sticker in pack.stickers:
            self.tiles[sticker.id].show(sticker, sticker.id not in self.left_out)
        chosen = [sticker.id for sticker in pack.stickers if sticker.id not in self.left_out]
        if self._changed("foot", (self.foot.id, chosen)):
            self.foot.clear()
            with self.foot:
                self._foot(pack, chosen)

    def _changed(self, part: str, seen: object) -> bool:
        """Whether a part of the page has to be drawn anew; ``seen`` is all that it shows."""
        changed = part not in self.drawn or self.drawn[part] != seen
        self.drawn[part] = seen
        return changed

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
                    self.working[job.id] = Work(what, job, self._press)
            self.working[job.id].show(self.store, job)

    # --- the packs ----------------------------------------------------------------------------------------------------
    async def _press(self, said: str, action: str) -> None:
        await written(self.user, tell, self.store, self.user, said, action)

    def _list(self, known: Sequence[Pack]) -> None:
        for pack in known:
            card = box("hy-pack-card", tag="button", type="button")
            if self.pack is not None and pack.id == self.pack.id:
                card.props["aria-current"] = "true"
            with card.on("click", partial(self._open, pack)):
                for sticker in pack.stickers[:1]:
                    box("", tag="img", src=f"/photo/{sticker.photo}?thumb", alt="")
                with box("hy-pack-name"):
                    text("b", pack.title)
                    text("span", f"{words.pack_size(len(pack.stickers))} · {words.day(pack.changed_at)}")

    def _open(self, pack: Pack) -> None:
        self.pack, self.left_out = pack, set()
        self.look()

    # --- one pack -----------------------------------------------------------------------------------------------------
    def _bench(self, pack: Pack) -> None:
        self.bench.props["aria-label"] = pack.title
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
                self.backdrops = {
                    name: text("button", label, type="button").on("click", partial(self._preview_on, name))
                    for name, label in words.BACKDROPS.items()
                }
        options = "".join(f'<option value="{escape(said, quote=True)}">' for said in stickers.suggestions(pack))
        markup(f'<datalist id="hy-captions">{options}</datalist>', "hy-none")
        acts = Acts(self._choose, self._move, self._duplicate, self._remove)
        with box("hy-tiles", tag="ol") as self.ground:
            self.tiles = {sticker.id: Tile(sticker, len(pack.stickers), acts) for sticker in pack.stickers}
        text("p", words.ORDER_HINT, "hy-soft hy-order-hint")
        self.foot = box("hy-line hy-bench-foot")
        self._preview_on(self.backdrop)

    def _foot(self, pack: Pack, chosen: Sequence[int]) -> None:
        with box("hy-who"):
            text("span", words.chosen(len(chosen), len(pack.stickers)), "hy-soft")
            every = len(chosen) == len(pack.stickers)
            button(words.NONE if every else words.ALL, partial(self._choose_all, pack, not every), "hy-small")
        with box("hy-buttons"):
            for kind, (label, note) in words.DOWNLOADS.items():
                if kind in ("zip", *stickers.formats_of(pack)):
                    self._download(pack, chosen, kind, label, note)

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
        self.ground.classes(f"on-{backdrop}", remove=f"on-{self.backdrop}" if backdrop != self.backdrop else None)
        self.backdrop = backdrop
        for name, choice in self.backdrops.items():
            choice.props["aria-pressed"] = "true" if name == backdrop else "false"
            choice.update()

    def _choose(self, sticker: int) -> None:
        self.left_out ^= {sticker}
        self.look()

    def _choose_all(self, pack: Pack, every: bool) -> None:
        self.left_out = set() if every else {sticker.id for sticker in pack.stickers}
        self.look()

    async def _move(self, id: int, by: int) -> None:
        pack = self.pack
        sticker = next((one for one in pack.stickers if one.id == id), None) if pack else None
        if pack is None or sticker is None:
            return
        order = _ids(pack)
        order.insert(sticker.place + by, order.pop(sticker.place))
        await self._reorder(pack, order)
        self.said.set_text(words.moved(words.sticker(sticker.place, sticker.caption), sticker.place + by))
        self._focus(f'[data-sticker="{id}"] [data-move="{by}"]')

    async def _ordered(self, event: events.GenericEventArguments) -> None:
        """A sticker was dragged to another place."""
        if self.pack is not None and isinstance(event.args, list):
            await self._reorder(self.pack, [int(id) for id in event.args])

    async def _reorder(self, pack: Pack, order: Sequence[int]) -> None:
        await self._do(lambda: packs.reorder(self.store, pack.id, self.user, order))

    async def _caption(self, event: events.GenericEventArguments) -> None:
        """Other words or another emoji for a sticker."""
        values = event.args if isinstance(event.args, dict) else {}
        id, caption, emoji = int(values.get("id", 0)), str(values.get("caption", "")), str(values.get("emoji", ""))
        tile = self.tiles.get(id)
        if tile is None:
            return
        tile.typed, tile.pending = (caption, emoji), tile.pending + 1
        tile.place.classes("busy")
        await self._do(lambda: stickers.relabel(self.store, id, self.user, caption, emoji)[1])
        tile.pending -= 1
        if not tile.pending:
            tile.place.classes(remove="busy")
        sticker = next((one for one in self.pack.stickers if one.id == id), None) if self.pack else None
        if sticker and not tile.pending and tile.typed != (sticker.caption, sticker.emoji):  # refused, or made shorter
            tile.write(sticker)

    async def _duplicate(self, id: int) -> None:
        await self._do(lambda: stickers.duplicate(self.store, id, self.user, "")[1])

    def _say(self, text: str) -> None:
        if text:
            notice(text, wrong=True)

    async def _set_moving(self, pack: Pack, moving: bool) -> None:
        if moving is not pack.moving and not self.redrawing:
            self.redrawing, ground = True, self.ground.classes("busy")
            notice(words.GETTING_ALIVE)
            try:
                await self._do(lambda: stickers.set_moving(self.store, pack.id, self.user, moving) and None)
            finally:
                self.redrawing = False
                ground.classes(remove="busy")

    async def _remove(self, id: int) -> None:
        await self._do(lambda: packs.remove(self.store, id, self.user))

    async def _do(self, act: Callable[[], object]) -> None:
        """Change something and show it, with the sentence that ``act`` returns, if any; say why where that cannot be."""
        try:
            answer = await written(self.user, act)
            self._say(answer if isinstance(answer, str) else "")
        except HeyingError as error:
            notice(error.sentence, wrong=True)
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
        await written(self.user, tell, self.store, self.user, replies.COMMANDS["stickers"].sentence.format(name))


def _ids(pack: Pack) -> list[int]:
    """The stickers of a pack, in order."""
    return [sticker.id for sticker in pack.stickers]
