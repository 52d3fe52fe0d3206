"""Pointing: who or what is tapped, drawn around or painted over in a photo is what the next sentence is about.

Where a worker has told who stands where (facts of a look or of a job), whoever is meant lights up and is called by their place;
what was drawn by hand lights up as it was drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from nicegui import ui

from bot import ideas
from bot.platforms.web import marks, toolbar, words
from bot.platforms.web.elements import ONCE, box, button, icon, markup, notice, sheet, text
from bot.platforms.web.marks import Mark, Outline, Pointed
from bot.platforms.web.writes import written
from storage import HeyingError, Storage, jobs, looks, photos
from storage.regions import Point

LOOK_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a photo: what to call them, a place well inside, the outline as polygons; shares of the photo."""

    words: str
    at: Point
    outline: Outline

    def under(self, point: Point) -> bool:
        """Whether a tap is on them."""
        return any(_inside(point, polygon) for polygon in self.outline)


@dataclass(frozen=True, slots=True)
class Meant:
    """A mark, and what it means: the people it means, where its number stands, the outline of what was drawn."""

    mark: Mark
    people: tuple[Person, ...]
    at: Point
    outline: Outline = ()

    @property
    def called(self) -> str:
        """Its name; "" for a tap that is on nobody."""
        if self.people:
            return words.listed([one.words for one in self.people])
        if self.mark.region is None:
            return ""
        return words.CIRCLED if self.mark.region.outline else words.PAINTED


def persons(store: Storage, chat: str, user: str, photo: str) -> tuple[Person, ...]:
    """Who is known to be in a photo."""
    return tuple(_person(row) for row in ideas.persons(store, chat, user, photo) or ())


def looked_at(store: Storage, user: str, photo: str) -> bool:
    """Whether somebody is about to look at a photo."""
    able = jobs.capabilities(store)
    looking = able.alive and any("look" in engine.get("jobs", ()) for engine in able.engines)
    return bool(looking) and looks.pending(store, photo, user)


def meaning(pointed_at: Pointed, known: Sequence[Person]) -> list[Meant]:
    """What each mark means."""
    found = []
    for mark in pointed_at.marks:
        if mark.tap is not None:
            tap = mark.tap
            found.append(Meant(mark, tuple(one for one in known if one.under(tap))[:1], tap))
        elif mark.region is not None:
            inside = marks.within(mark.region, [one.outline for one in known], pointed_at.shape)
            edge = () if inside else marks.outline(mark.region, pointed_at.shape)
            middle = marks.middle(mark.region, pointed_at.shape)
            found.append(Meant(mark, tuple(known[number] for number in inside), middle, edge))
    return found


def summary(meant: Sequence[Meant]) -> str:
    """The marks in a few words."""
    people = list(dict.fromkeys(one.words for mark in meant for one in mark.people))
    others = [one.mark.region for one in meant if not one.people]
    drawn = [region for region in others if region is not None]
    circled = sum(bool(region.outline) for region in drawn)
    return words.pointed(people, others.count(None), circled, len(drawn) - circled)


class Dialog:
    """The photo, large, to point into; ``changed`` is called after each mark."""

    def __init__(self, store: Storage, chat: str, user: str, photo: str, changed: Callable[[], object]) -> None:
        self.store, self.chat, self.user, self.photo, self.changed = store, chat, user, photo, changed
        self.known = persons(store, chat, user, photo)
        self.looking = not self.known and looked_at(store, user, photo)
        self.named: tuple[Person, ...] = ()
        self.chips: list[ui.element] = []
        width, height = photos.size(store, photo)
        with sheet(words.POINT_AT, "hy-pointing") as self.dialog:
            text("p", words.POINT_HINT, "hy-soft hy-how")
            toolbar.draw(self._undo)
            with box("hy-field-of-view", style=f"--ratio:{width}/{height}"):
                spot = box("hy-spot", tabindex="0", role="application", aria_label=words.POINT_KEYS, data_tool="tap")
                spot.on("mark", lambda event: self._marked(event.args), js_handler="(event) => emit(event.detail)")
                with spot:
                    box("", tag="img", src=f"/photo/{photo}?preview", alt="", draggable="false")
                    self.lights = box("hy-lights")
                    box("hy-ink", aria_hidden="true")
                    box("hy-cross", tag="i", aria_hidden="true")
                self.marks = box("hy-marks")
            self.status = text("p", "", "hy-told", role="status")
            text("p", "", "hy-hidden hy-pen", role="status")
            self.names = box("hy-buttons", role="group", aria_label=words.POINT_WHO)
            with box("hy-buttons end"):
                button(words.POINT_NONE, self._clear)
                button(words.POINT_DONE, self._done, "hy-chip main")
            if not self.known and looks.pending(store, photo, user):
                self.timer = ui.timer(LOOK_SECONDS, self._look_again)
        self._draw()

    def _look_again(self) -> None:
        """Somebody may be looking at the photo just now: then those in it light up, and are named, when they are known."""
        pending = looks.pending(self.store, self.photo, self.user)
        self.known = persons(self.store, self.chat, self.user, self.photo)
        looking = not self.known and looked_at(self.store, self.user, self.photo)
        if self.known or not pending:
            self.timer.cancel()
        if self.known or looking != self.looking:
            self.looking = looking
            self._draw()
            self.changed()

    def _now(self) -> Pointed:
        pointed_at = marks.pointed(self.store, self.user)
        if pointed_at.photo == self.photo and pointed_at.steps:
            return pointed_at
        return Pointed(self.photo, (), marks.grid(self.store, self.photo))

    async def _marked(self, told: Any) -> None:
        """A tap or a line, as the browser tells it."""
        try:
            step = marks.read(told)
            if step["tool"] == "tap":
                x, y = step["points"][0]
                here = next((one for one in self.known if one.under((x, y))), None)
                if here is not None:
                    return await self._toggle(here, (x, y))
            await self._keep(marks.with_step(self._now(), step))
        except HeyingError as error:
            notice(error.sentence, wrong=True)
        return None

    async def _toggle(self, one: Person, at: Point) -> None:
        """Whoever is pointed at a second time is meant no more."""
        now = self._now()
        already = [meant.mark for meant in meaning(now, self.known) if one in meant.people]
        if already:
            return await self._keep(marks.without(now, *already))
        return await self._keep(marks.with_step(now, {"tool": "tap", "points": [list(at)]}))

    async def _keep(self, pointed_at: Pointed) -> None:
        await written(self.user, marks.keep, self.store, self.user, pointed_at)
        self._draw()
        self.changed()

    async def _undo(self) -> None:
        """Take the last step back."""
        now = self._now()
        await self._keep(replace(now, steps=now.steps[:-1]))

    async def _take_back(self, mark: Mark) -> None:
        await self._keep(marks.without(self._now(), mark))

    async def _clear(self) -> None:
        await self._keep(Pointed())

    def _done(self) -> None:
        self.dialog.close()
        ui.run_javascript("document.getElementById('hy-text')?.focus()")

    def _draw(self) -> None:
        meant = meaning(self._now(), self.known)
        self.lights.clear()
        with self.lights:
            markup(lights(self.known, meant))
        self.marks.clear()
        with self.marks:
            for index, one in enumerate(meant):
                mark = box("hy-mark", tag="button", type="button", aria_label=words.take_back(index + 1, one.called))
                mark.style(place(one.at))
                mark.on("click", lambda _, mark=one.mark: self._take_back(mark), **ONCE)
                with mark:
                    text("b", str(index + 1))
        told = [summary(meant)] if meant else []
        self.status.set_text(
            "\N{FULLWIDTH SEMICOLON}".join([*told, *([words.LOOKING_FOR_WHO] if self.looking else [])])
        )
        self._draw_names(meant)

    def _draw_names(self, meant: Sequence[Meant]) -> None:
        """Everybody's name; changed in place, so that a click that has begun finds its end."""
        lit = {one.words for mark in meant for one in mark.people}
        if self.named != self.known:
            self.named = self.known
            self.names.clear()
            with self.names:
                self.chips = [text("button", one.words, "hy-chip", type="button") for one in self.known]
            for chip, one in zip(self.chips, self.known, strict=True):
                chip.on("click", lambda _, one=one: self._toggle(one, one.at))
        for chip, one in zip(self.chips, self.known, strict=True):
            chip.props["aria-pressed"] = "true" if one.words in lit else "false"
            chip.update()


def preview(store: Storage, chat: str, user: str, pointed_at: Pointed) -> None:
    """The photo that was pointed into, small, with its marks and what is lit up."""
    width, height = photos.size(store, pointed_at.photo)
    known = persons(store, chat, user, pointed_at.photo)
    meant = meaning(pointed_at, known)
    with box("hy-pointed", style=f"--ratio:{width}/{height}"):
        box("", tag="img", src=f"/photo/{pointed_at.photo}?thumb", alt="")
        markup(lights(known, meant), "hy-lights")
        for one in meant:
            box("hy-dot", tag="i", aria_hidden="true").style(place(one.at))


def lights(known: Sequence[Person], meant: Sequence[Meant]) -> str:
    """Everybody's outline as SVG; who is meant is lit up, and what was drawn."""
    lit = [one for mark in meant for one in mark.people]
    drawn = [_path(one.outline, one.words, one in lit) for one in known]
    drawn += [_path(one.outline, one.called, True) for one in meant if one.outline]
    return f'<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">{"".join(drawn)}</svg>'


def _path(outline: Outline, called: str, on: bool) -> str:
    line = "".join("M" + "L".join(f"{x} {y}" for x, y in polygon) + "Z" for polygon in outline)
    return f'<path d="{line}" fill-rule="evenodd"{" class=on" if on else ""}><title>{escape(called)}</title></path>'


def place(point: Point) -> str:
    """Where in the picture, as a style."""
    return f"left:{100 * point[0]:.2f}%;top:{100 * point[1]:.2f}%"


def opener(store: Storage, chat: str, user: str, photo: str, what: str, changed: Callable[[], object]) -> None:
    """The button that begins it."""
    label = words.point_in(what)
    begin = box("hy-small", tag="button", type="button", title=label, aria_label=label)
    with begin.on("click", lambda: Dialog(store, chat, user, photo, changed), **ONCE):
        icon("point")
        text("span", words.POINT)


def _person(row: Any) -> Person:
    outline = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in row["outline"])
    return Person(str(row["words"]), (float(row["at"][0]), float(row["at"][1])), outline)


def _inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Whether a point is in a polygon: an odd number of edges lies to its right."""
    x, y = point
    edges = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    return (
        sum((y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0) for (x0, y0), (x1, y1) in edges) % 2 == 1
    )
