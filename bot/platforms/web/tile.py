"""One sticker in the studio. What changes about it is changed in place: who presses a button or types must not have it
drawn anew under their hand, for a click that begins on one element and ends on another is none."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape

from nicegui import ui

from bot.platforms.web import words
from bot.platforms.web.elements import box, icon, markup, round_button
from storage import packs
from storage.packs import Sticker


@dataclass(frozen=True, slots=True)
class Acts:
    """What can be done with a sticker, by its id; ``move`` takes by how many places, too."""

    choose: Callable[[int], object]
    move: Callable[[int, int], object]
    duplicate: Callable[[int], object]
    remove: Callable[[int], object]


class Tile:
    """A sticker of a pack of ``count``, in its place."""

    def __init__(self, sticker: Sticker, count: int, acts: Acts) -> None:
        self.id, self.index = sticker.id, sticker.place
        self.typed = self.stored = ("", "")  # caption and emoji: as the browser has them, as they were last kept
        self.pending = 0  # words that are being kept
        self.drawn: object = None
        self.called: dict[ui.element, str] = {}  # what each button is called before the sticker's name
        with box("hy-tile", tag="li", data_sticker=str(self.id)) as self.place:
            with box("hy-line hy-tile-head"):
                self.tick = box("hy-tick", tag="button", type="button", role="checkbox")
                with self.tick.on("click", partial(acts.choose, self.id)):
                    icon("check")
                with box("hy-grip", aria_hidden="true", title=words.DRAG_STICKER):
                    icon("grip")
            with box("hy-view"):
                self.picture = box("", tag="img", draggable="false")
            self.written = box("hy-labels")
            with box("hy-moves"):
                for sign, label, by in (("left", words.EARLIER_PLACE, -1), ("right", words.LATER_PLACE, 1)):
                    move = self._button(sign, label, partial(acts.move, self.id, by))
                    move.props["data-move"] = str(by)
                    move.props["disabled"] = not 0 <= self.index + by < count
                box("hy-space")
                self._button("plus", words.DUPLICATE, partial(acts.duplicate, self.id))
                self._button("bin", words.DROP_STICKER, partial(acts.remove, self.id))
        self.write(sticker)

    def show(self, sticker: Sticker, chosen: bool) -> None:
        """Bring it up to date."""
        if self.stored != (sticker.caption, sticker.emoji):
            self.stored = (sticker.caption, sticker.emoji)
            if self.stored != self.typed and not self.pending:
                self.write(sticker)
        seen = (sticker.photo, sticker.caption, chosen)
        if seen == self.drawn:
            return
        self.drawn = seen
        name = words.sticker(self.index, sticker.caption)
        self.picture.props.update({"src": f"/photo/{sticker.photo}", "alt": name})
        self.picture.update()
        self.tick.props.update({"aria-label": f"{words.CHOOSE}：{name}", "aria-checked": str(chosen).lower()})
        self.tick.update()
        self.place.classes(remove="out") if chosen else self.place.classes("out")
        for element, label in self.called.items():
            element.props.update({"title": f"{label}：{name}", "aria-label": f"{label}：{name}"})
            element.update()

    def _button(self, sign: str, label: str, pressed: Callable[[], object]) -> ui.element:
        element = round_button(sign, label, pressed)
        self.called[element] = label
        return element

    def write(self, sticker: Sticker) -> None:
        """Its words into the fields, whatever was typed there."""
        self.typed = self.stored = (sticker.caption, sticker.emoji)
        caption, emoji = (escape(said, quote=True) for said in self.stored)
        self.written.clear()
        with self.written:
            markup(
                f'<input class="hy-input" data-caption="{self.id}" list="hy-captions" value="{caption}"'
                f' maxlength="{packs.CAPTION_LENGTH}" placeholder="{words.NO_CAPTION}"'
                f' aria-label="{words.caption_of(self.index)}" autocomplete="off">'
                f'<input class="hy-input emoji" data-emoji="{self.id}" value="{emoji}" maxlength="16"'
                f' aria-label="{words.emoji_of(self.index)}" autocomplete="off">',
                "hy-fields",
            )
