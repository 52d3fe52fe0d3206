"""The suites about teaching: who teaches a character or a style from pictures, and what is done with it afterwards.

textual_inversion   taught, then called by its pseudo-word; in the suites group and style by the whole chain
dreambooth          the same, with weights of the model (LoRA) beside the vectors
described           concept: not taught, but drawn by its whole true caption: what words alone can do
untaught            concept: drawn by its bare kind: what is had without learning
"""

from collections.abc import Callable

import torch
from torch import Tensor

from evaluation.case import Case, Pixels, asked
from miniature import draw
from miniature.scenes import PEOPLE, SETTINGS, STYLES, Scene
from personalization import dreambooth, textual_inversion
from personalization.textual_inversion import Learned
from pipeline.diffusion.artefact import Known, wearing
from pipeline.diffusion.grounding import Taught
from pipeline.diffusion.strategies import edit
from pipeline.diffusion.toolkit import ddim
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, noise
from pipeline.engine import finish

WORD = "<character>"
CAPTIONS: dict[str, Callable[[Scene], str]] = {
    "untaught": lambda scene: scene.caption(0),
    "described": lambda scene: scene.caption(),
}
Teach = Callable[[StableDiffusion, list[Pixels], str, int], Learned]


def _textual_inversion(sd: StableDiffusion, photos: list[Pixels], kind: str, seed: int) -> Learned:
    return finish(textual_inversion.learn(sd, photos, kind, seed=seed))


def _dreambooth(sd: StableDiffusion, photos: list[Pixels], kind: str, seed: int) -> Learned:
    return finish(dreambooth.learn(sd, photos, kind, seed=seed))


TEACHERS: dict[str, Teach] = {"textual_inversion": _textual_inversion, "dreambooth": _dreambooth}


def kind_of(case: Case) -> str:
    """What is taught: "person", "pet" or "style"."""
    if case.suite == "style":
        return "style"
    assert case.new is not None
    return "person" if case.after.things[case.new].kind in PEOPLE else "pet"


def teach(sd: StableDiffusion, teacher: str, case: Case) -> Learned:
    """What a teacher learns about a case's character or style from the pictures that it is taught from."""
    return TEACHERS[teacher](sd, [draw.paint(scene) for scene in case.taught], kind_of(case), case.seed)


@torch.no_grad()
def draw_concept(sd: StableDiffusion, case: Case, name: str, learned: Learned | None, steps: int) -> Tensor:
    """The case's character in the setting asked for, (1, 3, S, S). `learned`: what its pseudo-word stands for."""
    if learned is None:
        return _sample(sd, CAPTIONS[name](case.after), case.seed, steps)
    with wearing(sd, [Known(Taught(WORD, kind_of(case)), learned.vectors, lora=learned.lora)]):
        return _sample(sd, f"{STYLES['photo']} {WORD} {SETTINGS[case.after.setting]}", case.seed, steps)


def carry_out(sd: StableDiffusion, case: Case, learned: Learned, steps: int) -> Pixels:
    """The case's order by the whole chain, with what was learnt worn."""
    assert case.step is not None
    taught = Taught(WORD, kind_of(case), learned.facts.get("like", ""), learned.facts.get("slots", {}))
    known = {case.character: Known(taught, learned.vectors, lora=learned.lora, look=tuple(learned.facts["look"]))}
    return finish(edit(sd, draw.paint(case.before), asked(case), concepts=known, steps=steps)).image


def _sample(sd: StableDiffusion, prompt: str, seed: int, steps: int) -> Tensor:
    side = sd.size // sd.factor
    start = noise(sd, (1, sd.unet.config.in_channels, side, side), seed)
    return decode(sd, finish(ddim.sample(sd, start, [prompt], steps=steps)))
