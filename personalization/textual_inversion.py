"""Textual Inversion: a few photos → vectors that stand for their subject in prompts (Gal et al. 2023, "An Image is
Worth One Word", eq. 2).

The model stays frozen; vectors in the place of a pseudo-word are moved downhill on the diffusion loss of the photos.
Where we differ from the paper: several vectors a concept, started from the nearest known words (see nearest.py);
captions say place and setting, so that the vectors need not; latents are encoded once; AdamW with a small rate and a
bound on the vectors' length, since a large rate lets them run away from those of words; the end comes when the loss on
a fixed batch is flat (DVAR: Voronov et al. 2023), and what is returned is the best seen on that batch. What the model's
reader has words for is told by them in one pass; for that REFINED steps are enough.
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from personalization.nearest import nearest
from personalization.subject import Portrait, features, in_style, in_words, mean_view, mirrored, portraits
from pipeline.diffusion.perception import reader_of, to_tensor, vocabulary_of
from pipeline.diffusion.toolkit.lora import Lora
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, evaluations, token_ids
from pipeline.diffusion.toolkit.optimize import (
    Arrays,
    Checkpoint,
    Condition,
    Examples,
    fit,
    fixed_loss,
    flattened,
    remember,
)
from pipeline.diffusion.toolkit.pseudo_tokens import wear, word_vectors
from pipeline.diffusion.toolkit.style_statistics import look
from pipeline.diffusion.vocabulary import SMALL_WORDS
from pipeline.engine import Cache, Progress, part
from pipeline.imaging import composite
from pipeline.imaging.composite import Crop, Pixels

WORD = "<concept>"
STEPS, BATCH, RATE = 100, 4, 2e-3
REFINED = 15  # steps where a reader has told a character by many details: more change nothing that is recognised
DETAILS = 3  # of a kind: with fewer a reader knows no characters
MOST = 12  # vectors, so that three concepts and their places fit into one prompt
LEAST = 4  # vectors where known words say little
VARIANTS = 4  # of each photo
NEAREST = 0.8  # side of the closest variant, as a share of the photo's
BOUND = 1.3  # times the length of the longest known word that learning starts from
CHECK, WINDOW, FIXED = 10, 4, 16  # steps between looks at the fixed batch, looks that must be flat, its size


@dataclass(frozen=True, slots=True)
class Learned:
    """`vectors` float32 (n, dim), what the pseudo-word stands for; `facts` for the log, the answer and later prompts:
    start, like, slots, view (the judge's of the subject, by which it is found in photos), look (of a style: how its pictures
    are painted, see toolkit/style_statistics.py), loss_before, loss_after,
    steps, stopped, seconds, unet_forward, unet_backward; `lora`: weights to be worn beside them (see dreambooth.py)."""

    vectors: Tensor
    facts: dict[str, Any]
    lora: Lora = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What there is to learn from: the subject in each photo, and variants of the photos with a caption each, in which
    it bears the pseudo-word."""

    shown: list[Portrait]
    examples: Examples
    captions: list[str]


def lessons(sd: StableDiffusion, images: Sequence[Pixels], kind: str, seed: int = 0, name: str = WORD) -> Lessons:
    """Lessons from photos (H, W, 3) uint8; the same for the same seed."""
    vocabulary, random = vocabulary_of(sd.name), np.random.default_rng(seed)
    shown = portraits(sd, images, kind)
    say = in_style if kind == "style" else in_words
    varied = [variant for one in shown for variant in _variants(one, kind, random)]
    examples = remember(sd, torch.cat([to_tensor(composite.take(one.pixels, _all(one), sd.size)) for one in varied]))
    return Lessons(shown, examples, [say(one, vocabulary, name) for one in varied])


def learn(
    sd: StableDiffusion,
    images: Sequence[Pixels],
    kind: str,
    *,
    vectors: int | None = None,
    steps: int = STEPS,
    seed: int = 0,
    name: str = WORD,
    given: Lessons | None = None,
    kept: tuple[Cache, str] | None = None,
    whole: bool = False,
) -> Generator[Progress, None, Learned]:
    """Learn what photos (H, W, 3) uint8 have in common. `kind`: "person", "pet", "object", or "style".

    steps    at most; REFINED at most of who was read, unless `whole`
    vectors  how many to learn; None: as many as the nearest known words have, at least LEAST, at most MOST
    name     the pseudo-word used meanwhile; any that is not worn
    given    the lessons, where they are prepared already
    kept     a cache and a key under which it may be taken up where a process ended that had begun it

    In prompts the vectors stand for a thing with its article ("a photo of <concept> on the beach"), of kind "style"
    for the words between "a" and "of" ("a <concept> of a red cat on the beach"). The same seed repeats it exactly.
    """
    if not images:
        raise ValueError("no photos to learn from")
    began, count, total = time.monotonic(), evaluations(sd), steps + len(images) + 1
    vocabulary = vocabulary_of(sd.name)
    yield Progress(0, total, "看照片")
    given = given or lessons(sd, images, kind, seed, name)
    shown, examples, captions = given.shown, given.examples, given.captions
    yield Progress(len(images), total, "找最像的词")

    def loss_of(words: str) -> float:
        said = [caption.replace(name, words) for caption in captions]
        return fixed_loss(sd, examples, _saying(sd, said), FIXED, seed, velocity=True)

    views = features(sd, shown) if sd.clip is not None and kind != "style" else None
    read = [one.seen.things[one.index] for one in shown if one.index is not None] if reader_of(sd.name) else []
    start = nearest(vocabulary, kind, sd.clip, views, loss_of, read)
    check = CHECK
    if not whole and start.read and len(start.slots) >= DETAILS:
        check = steps = min(steps, REFINED)
        total = steps + len(images) + 1
    worn = _first_vectors(sd, start.words, vectors).requires_grad_()
    bound = BOUND * float(worn.detach().norm(dim=-1).max())
    with wear(sd, {name: worn}):
        condition = _saying(sd, captions)
        watch = _Watch(lambda: fixed_loss(sd, examples, condition, FIXED, seed, velocity=True), worn, check)
        work = fit(
            sd, [worn], examples, condition,
            steps=steps, rate=RATE, batch=BATCH, seed=seed, bound=bound, velocity=True, watch=watch,
            checkpoint=None if kept is None else Checkpoint(*kept, watch),
        )  # fmt: skip
        losses = yield from part(work, len(images) + 1, total)
    facts = {
        "method": "textual_inversion",
        "start": start.words,
        "like": start.like,
        "slots": dict(start.slots),
        "read": start.read,
        "view": [] if views is None else [round(x, 4) for x in mean_view(views).tolist()],
        "look": _look(sd, shown) if kind == "style" else [],
        "vectors": len(worn),
        "loss_start": round(start.loss, 5),
        "loss_before": round(watch.losses[0], 5),
        "loss_after": round(watch.best, 5),
        "steps": len(losses),
        "stopped": watch.stopped,
        "unet_forward": count.forward,
        "unet_backward": count.backward,
        "seconds": round(time.monotonic() - began, 2),
    }
    return Learned(watch.kept.cpu(), facts)


def _look(sd: StableDiffusion, shown: Sequence[Portrait]) -> list[float]:
    """How the pictures of a style are painted."""
    images = torch.cat([to_tensor(composite.take(one.pixels, _all(one), sd.size)) for one in shown])
    return [round(x, 5) for x in look(sd, images).tolist()]


class _Watch:
    """Looks at the fixed batch every `check` steps, keeps the best vectors seen, and says when the loss is flat."""

    def __init__(self, loss: Callable[[], float], vectors: Tensor, check: int) -> None:
        self.loss, self.vectors, self.check, self.stopped = loss, vectors, check, False
        self.losses = [loss()]
        self.best, self.kept = self.losses[0], vectors.detach().clone()

    def __call__(self, done: int, last: float) -> bool:
        if done % self.check:
            return False
        self.losses.append(self.loss())
        if self.losses[-1] < self.best:
            self.best, self.kept = self.losses[-1], self.vectors.detach().clone()
        self.stopped = flattened(self.losses, WINDOW)
        return self.stopped

    def state(self) -> Arrays:
        return {"losses": np.array(self.losses, np.float64), "kept": self.kept.float().cpu().numpy().copy()}

    def restore(self, state: Arrays, /) -> None:
        self.losses, self.kept = state["losses"].tolist(), torch.from_numpy(state["kept"]).to(self.kept)
        self.best = min(self.losses)


def _saying(sd: StableDiffusion, captions: Sequence[str]) -> Condition:
    """The condition "example i under caption i"."""
    return lambda which: embed(sd, [captions[i] for i in which.tolist()])


def _first_vectors(sd: StableDiffusion, words: str, count: int | None) -> Tensor:
    """Embeddings of the start words, (n, D). Too many: small words go first. Too few: the last word (the noun, or what
    it has) is said again."""
    said = words.split()
    most = MOST if count is None else count
    while len(token_ids(sd, " ".join(said))) > most and any(word in SMALL_WORDS for word in said):
        said.remove(next(word for word in said if word in SMALL_WORDS))
    known = word_vectors(sd, " ".join(said))[:most]
    wanted = max(len(known), min(LEAST, most)) if count is None else count
    return torch.cat([known, known[-1:].expand(wanted - len(known), -1)]).clone()


def _variants(portrait: Portrait, kind: str, random: np.random.Generator) -> list[Portrait]:
    """A portrait as it is, mirrored (what may bear letters, an object, is not), and closer cuts of the subject."""
    whole = [portrait] if kind == "object" else [portrait, mirrored(portrait)]
    return whole + [_closer(whole[i % len(whole)], random) for i in range(VARIANTS - len(whole))]


def _closer(portrait: Portrait, random: np.random.Generator) -> Portrait:
    """A random window of a portrait, a little smaller, with the whole subject in it: no border has to be invented."""
    height, width = portrait.pixels.shape[:2]
    x0, y0, x1, y1 = portrait.box if portrait.index is not None else (0.5, 0.5, 0.5, 0.5)
    share = min(max(float(random.uniform(NEAREST, 1)), x1 - x0, y1 - y0), 1.0)

    def begin(first: float, last: float) -> float:
        low, high = sorted((min(max(0.0, last - share), 1 - share), min(max(0.0, first), 1 - share)))
        return float(random.uniform(low, high))

    left, top = begin(x0, x1), begin(y0, y1)
    x, y, w, h = int(left * width), int(top * height), int(share * width), int(share * height)
    return Portrait(portrait.pixels[y : y + h, x : x + w], portrait.seen, portrait.index)


def _all(portrait: Portrait) -> Crop:
    height, width = portrait.pixels.shape[:2]
    return Crop(0, 0, width, height)
