"""Was the order carried out? CLIP looks at the changed thing and must prefer the new word to the old and to all others.

What it is asked are captions that differ in the one word that the order is about ("a photo of a red cat"), about the
square crop around the thing's true place, cropped and captioned as in its training (miniature/judge.py). A judge can be
no better than its eyes: its verdict on the true answers stands in every table beside those on the methods.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from evaluation.cases import Case
from miniature.judge import SIDE, crop
from miniature.scenes import (
    COLORS,
    KINDS,
    SETTINGS,
    STYLES,
    Scene,
    Thing,
    fitted,
    held_out_characters,
    zoo,
)  # fmt: skip
from pipeline.toolkit.clip import Clip, image_features, load, text_features

Array = np.ndarray[Any, Any]
Box = tuple[float, float, float, float]

SUBJECTS = 30  # among which a taught character must be recognised
GROWN = 1.15  # side of the crop, in longer sides of the thing's mask


@dataclass(frozen=True, slots=True)
class Question:
    """Which caption fits what is seen in `box` (None: the whole picture) best? `right` should."""

    right: str
    wrong: tuple[str, ...]
    box: Box | None


def question(case: Case) -> Question:
    """What the judge is asked about the picture made for `case`. Raises ValueError for suites without words."""
    thing = case.thing
    if case.suite == "restyle":
        return _ask(case.after, [case.after.restyle(style) for style in STYLES])
    if case.suite == "background":
        return _ask(case.after, [case.after.background(setting) for setting in SETTINGS])
    if thing is None:
        raise ValueError(f"{case.suite} is not judged by words")
    alone = Scene(case.after.setting, "photo", (replace(thing, position="middle"),))
    kinds = [_with(alone, replace(alone.things[0], kind=kind)) for kind in KINDS]
    colors = [alone.recolor(0, color) for color in COLORS]
    nothing = replace(alone, things=())
    box = square(case.place())
    if case.suite == "replace":
        return _ask(alone, kinds, box, detail=1, setting=False)
    if case.suite == "recolor":
        return _ask(alone, colors, box, detail=1, setting=False)
    if case.suite == "insert":
        return _ask(alone, [*kinds, *colors, nothing], box, detail=1, setting=False)
    if case.suite == "remove":
        return _ask(nothing, kinds, box, detail=1, setting=True)
    raise ValueError(f"{case.suite} is not judged by words")


def square(mask: Array) -> Box:
    """The square about a mask (H, W), grown a little, as fractions of the picture; it may reach beyond the border."""
    height, width = mask.shape
    ys, xs = np.nonzero(mask)
    if not len(ys):
        return 0.0, 0.0, 1.0, 1.0
    left, right, top, bottom = xs.min() / width, (xs.max() + 1) / width, ys.min() / height, (ys.max() + 1) / height
    half = GROWN * max(right - left, bottom - top) / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    return float(x - half), float(y - half), float(x + half), float(y + half)


@dataclass(slots=True)
class Judge:
    """A CLIP with what it has read already."""

    clip: Clip
    _texts: dict[str, Tensor] = field(default_factory=dict)
    _subjects: tuple[list[str], Tensor] | None = None

    def success(self, case: Case, picture: Tensor) -> bool:
        """Whether `picture` (1, 3, 128, 128) in [-1, 1] shows what was asked."""
        if case.suite == "concept":
            return self.nearest(self.see(picture, square(case.place()))) == case.character
        asked = question(case)
        scores = self.read([asked.right, *asked.wrong]) @ self.see(picture, asked.box)[0]
        return bool(scores[0] > scores[1:].max())

    def see(self, picture: Tensor, box: Box | None = None) -> Tensor:
        """Features (1, D) of a picture (1, 3, H, W) in [-1, 1], or of the crop at `box`."""
        pixels = picture[0].clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
        if box is None:
            view = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        else:
            view = crop(np.ascontiguousarray(pixels), box)
        tensor = torch.from_numpy(view).permute(2, 0, 1)[None].float().div(127.5).sub(1)
        with torch.no_grad():
            return image_features(self.clip, tensor).cpu()

    def read(self, captions: Sequence[str]) -> Tensor:
        """Features (len(captions), D)."""
        new = list(dict.fromkeys(caption for caption in captions if caption not in self._texts))
        if new:
            self._texts.update(zip(new, text_features(self.clip, new).cpu(), strict=True))
        return torch.stack([self._texts[caption] for caption in captions])

    def nearest(self, seen: Tensor) -> str:
        """The name of the subject whose reference pictures look most like features (1, D)."""
        if self._subjects is None:
            self._subjects = self._learn_subjects()
        names, features = self._subjects
        return names[int((features @ seen[0]).argmax())]

    def _learn_subjects(self) -> tuple[list[str], Tensor]:
        """Names and mean features (SUBJECTS, D) of the held-out characters and enough of the zoo."""
        known = subjects()
        means = []
        for thing in known.values():
            views = []
            for scene in references(thing):
                picture = torch.from_numpy(scene.image()).permute(2, 0, 1)[None].float().div(127.5).sub(1)
                views.append(self.see(picture, square(scene.mask(0))))
            means.append(torch.cat(views).mean(0))
        return list(known), torch.nn.functional.normalize(torch.stack(means), dim=-1)


def load_judge(model: str, fallback: Path, device: str = "cpu") -> Judge:
    """The CLIP in the model's own folder; a model without one is judged by that of `fallback`."""
    own = Path(model) / "clip"
    return Judge(load(own if own.is_dir() else fallback / "clip", device))


@cache
def subjects() -> dict[str, Thing]:
    """Who may be recognised, by name: the held-out characters and as many of the zoo as make SUBJECTS."""
    held_out = held_out_characters()
    others = {thing.name: replace(thing, name="") for thing in zoo()}
    return held_out | dict(list(others.items())[: SUBJECTS - len(held_out)])


def references(thing: Thing) -> list[Scene]:
    """Pictures that a subject is known by: alone, once in every setting; not those from which it is taught."""
    rng = np.random.default_rng([999, thing.seed])
    return [Scene(s, "photo", (fitted(thing, "middle", 1, rng),), int(rng.integers(1 << 30))) for s in SETTINGS]


def _with(alone: Scene, thing: Thing) -> Scene:
    return replace(alone, things=(thing,))


def _ask(
    right: Scene, options: Sequence[Scene], box: Box | None = None, detail: int = 3, setting: bool = True
) -> Question:
    """The captions of `options`, of which that of `right` is the right one."""
    own = right.caption(detail, setting=setting)
    captions = dict.fromkeys(option.caption(detail, setting=setting) for option in options)
    return Question(own, tuple(caption for caption in captions if caption != own), box)
