"""DreamBooth: the model's weights learn a subject, as low-rank layers beside them (Ruiz et al. 2023; Hu et al. 2022).

The loss is that of the photos under a prompt with the subject's identifier, plus lambda times that of pictures which the
model drew before under the bare class ("a girl"): prior preservation (eq. 2), without which everything of the class
turns into the subject. The identifier is not a rare word but what textual inversion has learnt first, so a concept is
vectors and weights together.
Weights are LoRA through peft (see toolkit/lora.py): two subjects in one picture wear both, their changes added.

Differs from the paper as diffusers' LoRA script does: low-rank layers instead of all weights, the text encoder frozen;
lambda is 1 by drawing as many class pictures as there are photos in a batch. The rate and the number of steps are for
a small model: the script has 1e-4 and 500.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from personalization import textual_inversion
from personalization.textual_inversion import WORD, Learned, lessons
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.toolkit.ddim import sample
from pipeline.diffusion.toolkit.lora import tuned
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, evaluations, noise
from pipeline.diffusion.toolkit.optimize import Checkpoint, Examples, fit, fixed_loss
from pipeline.diffusion.toolkit.pseudo_tokens import wear
from pipeline.diffusion.vocabulary import Thing, Vocabulary, article, phrase
from pipeline.engine import Cache, Progress, part
from pipeline.imaging.composite import Pixels

STEPS, BATCH, RATE, RANK = 80, 4, 1e-3, 8
PRIOR = 1.0  # lambda: class pictures for each picture of the subject
MOST = 8  # class pictures; they are drawn together
FIXED = 16  # examples of the loss that is reported


def learn(
    sd: StableDiffusion,
    images: Sequence[Pixels],
    kind: str,
    *,
    steps: int = STEPS,
    vector_steps: int = textual_inversion.STEPS,
    rate: float = RATE,
    rank: int = RANK,
    prior: float = PRIOR,
    seed: int = 0,
    name: str = WORD,
    kept: tuple[Cache, str] | None = None,
) -> Generator[Progress, None, Learned]:
    """Vectors and weights for what photos (H, W, 3) uint8 have in common. `kind` as in textual_inversion.learn().

    vector_steps  0: weights alone, the pseudo-word stands for the nearest known words as they are
    prior         lambda of the prior preservation; 0: none
    rank          of the low-rank layers
    kept          as in textual_inversion.learn()
    The same seed repeats it exactly. Within the call alone the UNet wears what it learns.
    """
    if not images:
        raise ValueError("no photos to learn from")
    began, count, drawing = time.monotonic(), evaluations(sd), vocabulary_of(sd.name).steps if prior else 0
    before = vector_steps + len(images) + 1
    total = before + drawing + steps
    yield Progress(0, total, "看照片")
    given = lessons(sd, images, kind, seed, name)
    work = textual_inversion.learn(sd, images, kind, steps=vector_steps, seed=seed, name=name, given=given, kept=kept)
    first = yield from part(work, 0, total)
    with wear(sd, {name: first.vectors.to(sd.device)}):
        examples, captions = given.examples, given.captions
        if prior:
            called = _class(vocabulary_of(sd.name), first.facts)
            said = [caption.replace(name, called) for caption in captions][:: -(-len(captions) // MOST)]
            drawn = yield from part(_draw(sd, said, drawing, seed), before, total)
            times = max(1, round(prior * len(captions) / len(said)))
            examples, captions = _together(examples, drawn.repeat(times, 1, 1, 1)), captions + said * times
        embedded = embed(sd, captions)  # neither vectors nor text encoder move any more

        def condition(which: Tensor) -> Tensor:
            return embedded[which.to(embedded.device)]

        with tuned(sd.unet, rank=rank, seed=seed) as weights:
            loss_before = fixed_loss(sd, given.examples, condition, FIXED, seed)
            tuning = fit(
                sd, weights.parameters, examples, condition, steps=steps, rate=rate, batch=BATCH, seed=seed,
                stage="记住样子", checkpoint=None if kept is None else Checkpoint(kept[0], f"{kept[1]} weights"),
            )  # fmt: skip
            yield from part(tuning, before + drawing, total)
            facts = {
                **first.facts,
                "method": "dreambooth",
                "rank": rank,
                "weights_loss_before": round(loss_before, 5),
                "weights_loss_after": round(fixed_loss(sd, given.examples, condition, FIXED, seed), 5),
                "unet_forward": count.forward,
                "unet_backward": count.backward,
                "seconds": round(time.monotonic() - began, 2),
            }
            return replace(first, facts=facts, lora=weights.learnt())


def _class(vocabulary: Vocabulary, facts: Mapping[str, Any]) -> str:
    """The bare class of a subject: its kind without details; of a style or in an open world the start's last word."""
    if facts["like"]:
        return phrase(vocabulary, Thing(facts["like"]), spare=99)
    words = str(facts["start"]).split()
    return f"{article(words[-1])} {words[-1]}" if words[0] in ("a", "an") else words[-1]


def _draw(sd: StableDiffusion, captions: list[str], steps: int, seed: int) -> Generator[Progress, None, Tensor]:
    """What the model draws for these captions, as latents (N, C, h, w)."""
    side = sd.size // sd.factor
    start = noise(sd, (len(captions), sd.unet.config.in_channels, side, side), seed)
    return (yield from sample(sd, start, captions, steps=steps))


def _together(examples: Examples, drawn: Tensor) -> Examples:
    """The photos' examples and drawn latents, which have no spread."""
    return Examples(torch.cat([examples.mean, drawn]), torch.cat([examples.std, torch.zeros_like(drawn)]))
