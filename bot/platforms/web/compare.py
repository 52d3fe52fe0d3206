"""A result beside its photo: one laid over the other with a slider between them, what can be done with the picture, and
the candidates where there are several."""

from collections.abc import Callable, Sequence
from html import escape

from bot.platforms.web import words
from bot.platforms.web.beside import Beside
from bot.platforms.web.elements import box, button, markup, text
from bot.platforms.web.large import keeping
from storage import Storage, photos


class Compare:
    """``original`` and the pictures that were made of it; ``what`` was asked for, in a few words. ``below`` draws
    the buttons for the picture that is shown, ``take`` is given the place of the candidate that the talk shall go on with."""

    def __init__(
        self,
        store: Storage,
        what: str,
        original: str,
        made: Sequence[str],
        below: Callable[[str], None],
        take: Callable[[int], object],
    ) -> None:
        self.store, self.what, self.original, self.made = store, what, original, tuple(made)
        self.below, self.take = below, take
        self.shown = 0
        with box("hy-result") as self.place:
            self._draw()
        if len(self.made) > 1:
            with box("hy-candidates", role="group", aria_label=words.CANDIDATES) as self.choices:
                self._draw_choices()

    def _draw(self) -> None:
        """The slider is all in one piece of HTML: what is drawn around it must not set it back."""
        before, after = self.original, self.made[self.shown]
        width, height = photos.size(self.store, after)
        what = escape(self.what, quote=True)
        markup(
            f'<div class="hy-compare" style="--ratio:{width}/{height}">'
            f'<img class="after" draggable="false" src="/photo/{after}?preview" alt="{escape(words.result_of(self.what))}"'
            f' width="{width}" height="{height}">'
            f'<img class="before" draggable="false" src="/photo/{before}?preview" alt="{words.BEFORE}" width="{width}" height="{height}">'
            f'<i class="edge" aria-hidden="true"></i>'
            f'<input type="range" min="0" max="100" step="2" value="0" aria-label="{words.compare(what)}">'
            f"</div>"
        )
        with box("hy-ends"):
            text("span", words.BEFORE)
            text("span", words.DRAG, "hy-hint", aria_hidden="true")
            text("b", words.AFTER)
        with box("hy-under"):
            self.below(after)
            keeping(after)

    def _draw_choices(self) -> None:
        for index, sha256 in enumerate(self.made):
            choice = box("hy-candidate", tag="button", type="button", aria_label=words.number(index))
            choice.props["aria-pressed"] = "true" if index == self.shown else "false"
            choice.on("click", lambda _, index=index: self._show(index))
            with choice:
                box("", tag="img", src=f"/photo/{sha256}?thumb", alt="")
        button(words.BESIDE, lambda: Beside(self.made, self.shown, self.take), "hy-chip", "beside")
        button(words.TAKE, lambda: self.take(self.shown), "hy-chip main")

    def _show(self, index: int) -> None:
        self.shown = index
        for place, draw in ((self.place, self._draw), (self.choices, self._draw_choices)):
            place.clear()
            with place:
                draw()
