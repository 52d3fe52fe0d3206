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

from evaluation.case import Case, Check
from miniature import draw
from miniature.characters import held_out_characters, zoo
from miniature.judge import SIDE, crop
from miniature.sampling import sample
from miniature.scenes import (
    COLORS,
    EXPRESSIONS,
    HELD_OUT_STYLES,
    KINDS,
    PATTERNS,
    SETTINGS,
    STYLES,
    Scene,
    Thing,
    fitted,
)
from pipeline.diffusion.toolkit.clip import Clip, image_features, load, prepare, text_features

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


BY_ITSELF = {"replace": "kind", "recolor": "color", "insert": "all", "remove": "nothing", "expression": "expression"}


def question(case: Case) -> Question:
    """What the judge is asked first about the picture made for `case`: what the order was about. Raises ValueError for
    suites without words."""
    if case.suite == "restyle":
        return _ask(case.after, [case.after.restyle(style) for style in STYLES])
    if case.suite == "background":
        return _ask(case.after, [case.after.background(setting) for setting in SETTINGS])
    index = case.old if case.new is None else case.new
    if index is None or case.suite not in BY_ITSELF:
        raise ValueError(f"{case.suite} is not judged by words")
    return checked(case, Check(BY_ITSELF[case.suite], index))


def questions(case: Case) -> list[Question]:
    """All that must be answered rightly."""
    own = [checked(case, check) for check in case.checks]
    return own or [question(case)]


def checked(case: Case, check: Check) -> Question:
    """The question that a check asks."""
    scene = case.before if check.what == "nothing" else case.after
    thing = scene.things[check.index]
    box = square(mirrored(scene, check.index) if check.reflected else draw.mask(scene, check.index))
    alone = Scene(scene.setting, "photo", (replace(thing, position="middle", name="", distance=""),))
    kinds = [_with(alone, replace(alone.things[0], kind=kind)) for kind in KINDS]
    colors = [alone.recolor(0, color) for color in COLORS]
    nothing = replace(alone, things=())
    if check.what == "kind":
        return _ask(alone, kinds, box, detail=1, setting=False)
    if check.what == "color":
        return _ask(alone, colors, box, detail=1, setting=False)
    if check.what == "kind and color":
        return _ask(alone, [*kinds, *colors], box, detail=1, setting=False)
    if check.what == "all":
        return _ask(alone, [*kinds, *colors, nothing], box, detail=1, setting=False)
    if check.what == "pattern":
        patterns = [_with(alone, replace(alone.things[0], pattern=pattern)) for pattern in PATTERNS]
        return _ask(alone, patterns, box, detail=1, setting=False)
    if check.what == "expression" and thing.distance == "near":  # as training saw close-ups: whole, in all words
        return _ask(scene, [scene.express(check.index, face) for face in EXPRESSIONS])
    if check.what == "expression":
        faces = [alone.express(0, face) for face in EXPRESSIONS]
        return _ask(alone, faces, _head(scene, check.index), detail=1, setting=False)
    if check.what == "nothing":
        return _ask(nothing, kinds, box, detail=1, setting=True)
    raise ValueError(f"nothing is known of {check.what}")


def mirrored(scene: Scene, index: int) -> Array:
    """Where the images of a thing in water and mirror are, (128, 128) bool."""
    return np.asarray(draw.mask(scene, index, reflected=True) & ~draw.mask(scene, index))


def _head(scene: Scene, index: int) -> Box:
    """The square about the upper part of a person."""
    left, top, right, _ = square(draw.mask(scene, index))
    quarter = (right - left) / 4
    return left + quarter, top, right - quarter, top + 2 * quarter


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
    _styles: tuple[list[str], Tensor] | None = None

    def success(self, case: Case, picture: Tensor) -> bool:
        """Whether `picture` (1, 3, 128, 128) in [-1, 1] shows what was asked."""
        if case.suite == "style":
            return self.nearest_style(self.see(picture)) == case.character
        if case.character and self.nearest(self.see(picture, square(case.place()))) != case.character:
            return False
        asked = [] if case.character and not case.checks else questions(case)
        return all(self.answers(one, picture) for one in asked)

    def answers(self, asked: Question, picture: Tensor) -> bool:
        """Whether the right caption fits the picture better than all wrong ones."""
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

    def nearest_style(self, seen: Tensor) -> str:
        """The style whose reference pictures look most like features (1, D), among all that training saw and did not."""
        if self._styles is None:
            names = [*STYLES, *HELD_OUT_STYLES]
            means = [
                torch.cat([self.see(_tensor(scene)) for scene in style_references(name)]).mean(0) for name in names
            ]
            self._styles = names, torch.nn.functional.normalize(torch.stack(means), dim=-1)
        names, features = self._styles
        return names[int((features @ seen[0]).argmax())]

    def tokens(self, picture: Tensor) -> Tensor:
        """What CLIP's vision tower makes of each patch of a picture (1, 3, H, W): (N, D), the last layer."""
        with torch.no_grad():
            out = self.clip.model.vision_model(pixel_values=prepare(self.clip, picture))
        patches: Tensor = out.last_hidden_state[0, 1:].cpu()
        return patches

    def _learn_subjects(self) -> tuple[list[str], Tensor]:
        """Names and mean features (SUBJECTS, D) of the held-out characters and enough of the zoo."""
        known = subjects()
        means = []
        for thing in known.values():
            views = []
            for scene in references(thing):
                views.append(self.see(_tensor(scene), square(draw.mask(scene, 0))))
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


@cache
def style_references(name: str) -> list[Scene]:
    """Pictures that a style is known by; not those from which it is taught."""
    return [sample((998, i), count=1, style="photo", near=False, plain=True).restyle(name) for i in range(8)]


def _tensor(scene: Scene) -> Tensor:
    return torch.from_numpy(draw.paint(scene)).permute(2, 0, 1)[None].float().div(127.5).sub(1)


def _with(alone: Scene, thing: Thing) -> Scene:
    return replace(alone, things=(thing,))


def _ask(
    right: Scene, options: Sequence[Scene], box: Box | None = None, detail: int = 3, setting: bool = True
) -> Question:
    """The captions of `options`, of which that of `right` is the right one."""
    own = right.caption(detail, setting=setting)
    captions = dict.fromkeys(option.caption(detail, setting=setting) for option in options)
    return Question(own, tuple(caption for caption in captions if caption != own), box)
