"""Pictures drawn from words alone: is there what the caption says?

A picture is right only when CLIP and a second judge find what was asked for: the world's own painter (painter.py), for
styles the model's reader, which was trained without CLIP. What each says alone stands beside it, and what both say of
true pictures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from evaluation import painter
from evaluation.attempt import through_autoencoder
from evaluation.bench import Bench, Values
from miniature.scenes import STYLES, Scene, fitted
from pipeline.diffusion.toolkit import ddim
from pipeline.diffusion.toolkit.model import decode, noise
from pipeline.engine import finish

BATCH = 8  # pictures drawn at once


@torch.no_grad()
def drawn(bench: Bench, scenes: list[Scene]) -> Iterator[tuple[Scene, Tensor]]:
    """What the model draws from the scenes' captions, (1, 3, 128, 128) each."""
    sd, side = bench.sd, bench.sd.size // bench.sd.factor
    for first in range(0, len(scenes), BATCH):
        some = scenes[first : first + BATCH]
        start = noise(sd, (len(some), sd.unet.config.in_channels, side, side), bench.seed + first)
        z = finish(ddim.sample(sd, start, [scene.caption() for scene in some], steps=bench.studio.steps))
        for scene, one in zip(some, z, strict=True):
            yield scene, torch.nn.functional.adaptive_avg_pool2d(decode(sd, one[None]), 128).cpu()


def _again(scene: Scene, number: int) -> Scene:
    """Another scene that the same caption tells of: elsewhere on its place, of another size, before other hills."""
    rng = np.random.default_rng([5, number])
    foot = float(rng.uniform(0.66, 0.86)) if scene.setting == "lake" else None
    things = [fitted(thing, thing.position, len(scene.things), rng, foot) for thing in scene.things]
    return replace(scene, things=tuple(things), seed=int(rng.integers(1 << 30)))


def _from_words(bench: Bench, scenes: list[Scene], asked: Sequence[tuple[str, int]]) -> dict[str, Values]:
    """Share of pictures drawn from the scenes' captions in which both judges find all that is asked. "true" is what the
    judges' word is worth: the same of the world's own pictures of other scenes with the same captions, seen through the
    autoencoder."""

    def judged(scene: Scene, picture: Tensor) -> tuple[float, float]:
        image = painter.pixels(picture)
        found = {index: painter.find(scene, index, image) for what, index in asked if what in ("kind", "color")}
        by_clip = all(bench.right(found.get(index, scene), what, picture, index) for what, index in asked)
        own = all(_second(bench, scene, found.get(index, scene), what, picture, index) for what, index in asked)
        return float(by_clip), float(own)

    made = [judged(scene, picture) for scene, picture in drawn(bench, scenes)]
    true = [judged(scene, through_autoencoder(bench.sd, _again(scene, i))) for i, scene in enumerate(scenes)]
    return {
        "share": [clip * own for clip, own in made],
        "CLIP": [clip for clip, _ in made],
        "second": [own for _, own in made],
        "true": [clip * own for clip, own in true],
    }


def one_thing(what: str) -> Callable[[Bench], dict[str, Values]]:
    """Pictures of one thing from its whole caption: both judges must find it."""

    def values(bench: Bench) -> dict[str, Values]:
        styles = list(STYLES) if what == "style" else ["photo"]
        scenes = [
            bench.scene(10_000 + i, count=1, style=styles[i % len(styles)], near=False, plain=True)
            for i in range(bench.cases)
        ]
        return _from_words(bench, scenes, [(what, 0)])

    return values


def _second(bench: Bench, scene: Scene, found: Scene, what: str, picture: Tensor, index: int) -> bool:
    """Whether the second judge sees in a picture what the scene's caption says, where the thing was found."""
    image = painter.pixels(picture)
    if what == "kind":
        return painter.kind(image, painter.box(scene, index, found)) == scene.things[index].kind
    if what == "color":
        return painter.color(found, index, image) == scene.things[index].color
    if what == "setting":
        return painter.setting(image) == scene.setting
    return bench.style(picture) in (scene.style, None)


def two_things(bench: Bench) -> dict[str, Values]:
    """Pictures of two things with colours and places: all four words right, by both judges."""
    scenes = [bench.scene(20_000 + i, count=2, style="photo", near=False, plain=True) for i in range(bench.cases)]
    return _from_words(bench, scenes, [(what, index) for index in range(2) for what in ("kind", "color")])
