"""Pointing: who or what is tapped in a photo is what the next sentence is about.

The taps wait in the database like the photos of the tray, so that a refresh and a second tab show them too. Where a
worker has told who stands where (facts of a job), whoever is under a tap lights up and is called by their place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from nicegui import ui

from bot import ideas
from bot.platforms.web import words
from bot.platforms.web.elements import ONCE, box, button, icon, markup, sheet, text
from bot.platforms.web.writes import written
from storage import Storage, chats, looks, photos

MOST = 8  # places of one photo
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a photo: what to call them, a place well inside, the outline as polygons; shares of the photo."""

    words: str
    at: Point
    outline: tuple[tuple[Point, ...], ...]

    def under(self, point: Point) -> bool:
        """Whether a tap is on them."""
        return any(_inside(point, polygon) for polygon in self.outline)


@dataclass(frozen=True, slots=True)
class Pointed:
    """The photo that was tapped ("" for none), and where."""

    photo: str = ""
    points: tuple[Point, ...] = ()


def pointed(store: Storage, user: str) -> Pointed:
    """What somebody has tapped and not yet spoken of."""
    stored = chats.preference(store, user, "points") or {}
    return Pointed(stored.get("photo", ""), tuple((float(x), float(y)) for x, y in stored.get("points", ())))


def keep(store: Storage, user: str, photo: str, points: Sequence[Point]) -> None:
    """Remember it; no points are nothing."""
    tapped = {"photo": photo, "points": [list(point) for point in points[-MOST:]]}
    chats.prefer(store, user, "points", tapped if points else None)


def persons(store: Storage, chat: str, user: str, photo: str) -> tuple[Person, ...]:
    """Who is known to be in a photo."""
    return tuple(_person(row) for row in ideas.persons(store, chat, user, photo) or ())


def named(points: Sequence[Point], known: Sequence[Person]) -> list[str]:
    """What to call what is under each point; "" where nobody is known to be."""
    return [next((one.words for one in known if one.under(point)), "") for point in points]


def summary(points: Sequence[Point], known: Sequence[Person]) -> str:
    """The taps in a few words."""
    called = named(points, known)
    return words.pointed(list(dict.fromkeys(filter(None, called))), called.count(""))


class Dialog:
    """The photo, large, to tap in; ``changed`` is called after each tap."""

    def __init__(self, store: Storage, chat: str, user: str, photo: str, changed: Callable[[], object]) -> None:
        self.store, self.chat, self.user, self.photo, self.changed = store, chat, user, photo, changed
        self.known = persons(store, chat, user, photo)
        width, height = photos.size(store, photo)
        with sheet(words.POINT_AT, "hy-pointing") as self.dialog:
            text("p", words.POINT_HINT, "hy-soft")
            with box("hy-field-of-view", style=f"--ratio:{width}/{height}"):
                spot = box("hy-spot", tabindex="0", role="application", aria_label=words.POINT_KEYS)
                spot.on("tap", lambda event: self._tap(event.args), js_handler="(event) => emit(event.detail)")
                with spot:
                    box("", tag="img", src=f"/photo/{photo}?preview", alt="", draggable="false")
                    self.lights = box("hy-lights")
                    box("hy-cross", tag="i", aria_hidden="true")
                self.marks = box("hy-marks")
            self.status = text("p", "", "hy-told", role="status")
            self.names = box("hy-buttons", role="group", aria_label=words.POINT_WHO)
            with box("hy-buttons end"):
                button(words.POINT_NONE, self._clear)
                button(words.POINT_DONE, self._done, "hy-chip main")
            if looks.pending(store, photo, user):
                self.looking = ui.timer(0.4, self._look_again)
        self._draw()

    def _look_again(self) -> None:
        """Somebody may be looking at the photo just now: then those in it light up when they are known."""
        if not looks.pending(self.store, self.photo, self.user):
            self.looking.cancel()
            self.known = persons(self.store, self.chat, self.user, self.photo)
            self._draw()

    def _points(self) -> tuple[Point, ...]:
        pointed_at = pointed(self.store, self.user)
        return pointed_at.points if pointed_at.photo == self.photo else ()

    async def _tap(self, at: Any) -> None:
        if isinstance(at, list) and len(at) == 2 and all(isinstance(share, int | float) for share in at):
            point = min(1.0, max(0.0, float(at[0]))), min(1.0, max(0.0, float(at[1])))
            here = next((one for one in self.known if one.under(point)), None)
            points = self._points()
            if here is None:
                await self._keep((*points, point))
            else:
                await self._toggle(here, point)

    async def _toggle(self, one: Person, at: Point) -> None:
        """Whoever is tapped a second time is meant no more."""
        points = self._points()
        others = tuple(point for point in points if not one.under(point))
        await self._keep(others if len(others) < len(points) else (*points, at))

    async def _keep(self, points: Sequence[Point]) -> None:
        await written(self.user, keep, self.store, self.user, self.photo, points)
        self._draw()
        self.changed()

    async def _clear(self) -> None:
        await self._keep(())

    def _done(self) -> None:
        self.dialog.close()
        ui.run_javascript("document.getElementById('hy-text')?.focus()")

    def _draw(self) -> None:
        points = self._points()
        called = named(points, self.known)
        self.lights.clear()
        with self.lights:
            markup(lights(self.known, points))
        self.marks.clear()
        with self.marks:
            for index, (point, who) in enumerate(zip(points, called, strict=True)):
                mark = box("hy-mark", tag="button", type="button", aria_label=words.take_back(index + 1, who))
                mark.style(place(point))
                mark.on("click", lambda _, index=index: self._keep([*points[:index], *points[index + 1 :]]), **ONCE)
                with mark:
                    text("b", str(index + 1))
        self.status.set_text(summary(points, self.known) if points else "")
        self.names.clear()
        with self.names:
            for one in self.known:
                chip = text("button", one.words, "hy-chip", type="button")
                chip.props["aria-pressed"] = "true" if one.words in called else "false"
                chip.on("click", lambda _, one=one: self._toggle(one, one.at))


def preview(store: Storage, chat: str, user: str, pointed_at: Pointed) -> None:
    """The tapped photo, small, with its marks and who is lit up."""
    width, height = photos.size(store, pointed_at.photo)
    with box("hy-pointed", style=f"--ratio:{width}/{height}"):
        box("", tag="img", src=f"/photo/{pointed_at.photo}?thumb", alt="")
        markup(lights(persons(store, chat, user, pointed_at.photo), pointed_at.points), "hy-lights")
        for point in pointed_at.points:
            box("hy-dot", tag="i", aria_hidden="true").style(place(point))


def lights(known: Sequence[Person], points: Sequence[Point]) -> str:
    """Everybody's outline as SVG; those who were tapped are lit up."""
    drawn = []
    for one in known:
        on = any(one.under(point) for point in points)
        path = "".join("M" + "L".join(f"{x} {y}" for x, y in polygon) + "Z" for polygon in one.outline)
        drawn.append(f'<path d="{path}"{" class=on" if on else ""}><title>{escape(one.words)}</title></path>')
    return f'<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">{"".join(drawn)}</svg>'


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
