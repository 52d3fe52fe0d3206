"""Photos as the engine sees them, and the people cut out of them who play in the measures."""

from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pipeline.compositing import figure as figures
from pipeline.compositing.engine import Compositing
from pipeline.compositing.view import View, digest, viewed
from pipeline.engine import EditOrder, Pixels, Work, finish
from pipeline.vision.looking import Vision
from pipeline.vision.scene import Scene
from storage.plans import Step

Photos = Sequence[tuple[Path, Pixels]]


class Memo(dict[str, dict[str, NDArray[Any]]]):
    """The cache of a conversation."""


class Remembering(Vision):
    """A Vision that looks at each photo once, for measures that show the same photos in many orders."""

    def __init__(self, vision: Vision) -> None:
        vars(self).update(vars(vision))  # the same networks
        self._seen: dict[str, Scene] = {}

    def look(self, photo: Pixels) -> Work[Scene]:
        key = digest(photo)
        if key not in self._seen:
            self._seen[key] = yield from super().look(photo)
        return self._seen[key]


class Attentive(Compositing):
    """The engine, looking at each photo once."""

    def __init__(self, engine: Compositing) -> None:
        super().__init__(engine.folder)
        self._vision = Remembering(engine.vision)


def look(engine: Compositing, photo: Pixels, cache: Memo | None = None) -> View:
    """A photo as the engine sees it."""
    return finish(viewed(EditOrder(photo, Step("remove"), cache=cache), engine.vision))


def cut(engine: Compositing, photos: Photos, limit: int) -> list[figures.Figure]:
    """People cut out of the photos, to be pasted elsewhere: whole ones with a face, the clearest first."""
    found = []
    for number, (_, photo) in enumerate(photos):
        view = look(engine, photo)
        for index in view.persons():
            one = view.scene.instances[index]
            if one.face is not None and one.visible > 0.95 and one.score > 0.5:
                figure = view.figure(index)
                if not figure.cut & {"left", "right", "top"} and figure.head is not None and figure.head.size > 60:
                    found.append(changed(figure, photo=number))
        if len(found) >= limit:
            break
    return found
