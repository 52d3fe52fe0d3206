"""Two of several pictures beside each other, zoomed and moved together; one of them to go on from."""

from collections.abc import Callable, Sequence

from nicegui import ui

from bot.platforms.web import words
from bot.platforms.web.elements import ONCE, box, button, text


class Beside:
    """The pictures ``first`` and the one after it at first; ``take`` is given the place of the one that was chosen."""

    def __init__(self, made: Sequence[str], first: int, take: Callable[[int], object]) -> None:
        self.made, self.take = tuple(made), take
        with ui.dialog().props("maximized") as self.dialog, box("hy-large"):
            self.dialog.props["aria-label"] = words.BESIDE
            with box("hy-panes"):
                self.panes = [(box("hy-pane", role="group", aria_label=words.side(side)), side) for side in (0, 1)]
            with box("hy-buttons"):
                text("button", words.CLOSE, "hy-chip hy-close", type="button").on("click", self.dialog.close, **ONCE)
        for pane, side in self.panes:
            self._draw(pane, (first + side) % len(self.made))
        self.dialog.on("hide", self.dialog.delete)
        self.dialog.open()

    def _draw(self, pane: ui.element, index: int) -> None:
        pane.clear()
        with pane:
            with box("hy-zoom", tabindex="0", role="group", aria_label=words.ZOOM):
                box("", tag="img", src=f"/photo/{self.made[index]}", alt=words.number(index), draggable="false")
            with box("hy-buttons"):
                for other in range(len(self.made)):
                    choice = text("button", str(other + 1), "hy-chip", type="button", aria_label=words.number(other))
                    choice.props["aria-pressed"] = "true" if other == index else "false"
                    choice.on("click", lambda _, other=other: self._draw(pane, other))
                button(words.TAKE, lambda: self._take(index), "hy-chip main")

    def _take(self, index: int) -> object:
        self.dialog.close()
        return self.take(index)
