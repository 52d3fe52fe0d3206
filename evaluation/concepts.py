"""The suite concept: who teaches a character from pictures, and how it is drawn afterwards.

textual_inversion   taught, then called by its pseudo-word
described           not taught, but drawn by its whole true caption: what words alone can do
untaught            drawn by its bare kind: what is had without learning
"""

from collections.abc import Callable

import torch
from torch import Tensor

from evaluation.cases import Case, Pixels
from miniature.scenes import PEOPLE, SETTINGS, STYLES, Scene
from personalization import textual_inversion
from pipeline.toolkit import ddim
from pipeline.toolkit.model import StableDiffusion, decode, noise
from pipeline.toolkit.progress import finish
from pipeline.toolkit.wear import wear

WORD = "<character>"
CAPTIONS: dict[str, Callable[[Scene], str]] = {
    "untaught": lambda scene: scene.caption(0),
    "described": lambda scene: scene.caption(),
}
Teach = Callable[[StableDiffusion, list[Pixels], str, int], Tensor]


def _textual_inversion(sd: StableDiffusion, photos: list[Pixels], kind: str, seed: int) -> Tensor:
    return finish(textual_inversion.learn(sd, photos, kind, seed=seed)).vectors


TEACHERS: dict[str, Teach] = {"textual_inversion": _textual_inversion}


def teach(sd: StableDiffusion, teacher: str, case: Case) -> Tensor:
    """The vectors (n, D) that a teacher finds for a case's character in the pictures that it is taught from."""
    kind = "person" if case.after.things[0].kind in PEOPLE else "pet"
    return TEACHERS[teacher](sd, [scene.image() for scene in case.taught], kind, case.seed)


@torch.no_grad()
def draw(sd: StableDiffusion, case: Case, name: str, vectors: Tensor | None, steps: int) -> Tensor:
    """The case's character in the setting asked for, (1, 3, S, S). `vectors`: what its pseudo-word stands for."""
    if vectors is None:
        return _sample(sd, CAPTIONS[name](case.after), case.seed, steps)
    with wear(sd, {WORD: vectors.to(sd.device)}):
        return _sample(sd, f"{STYLES['photo']} {WORD} {SETTINGS[case.after.setting]}", case.seed, steps)


def _sample(sd: StableDiffusion, prompt: str, seed: int, steps: int) -> Tensor:
    side = sd.size // sd.factor
    start = noise(sd, (1, sd.unet.config.in_channels, side, side), seed)
    return decode(sd, finish(ddim.sample(sd, start, [prompt], steps=steps)))
