"""What is in a photo, in the words of the model's vocabulary: the source prompt, and things with places.

A model folder with a reader (detector.py) is asked that. Else CLIP finds it. CLIP has learned whole pictures with whole captions, and square windows around one thing with that thing's caption ("a
photo of nothing on the beach" where there is none). So: style and setting from the whole picture; then windows all
over it, each compared with every kind in every colour and with nothing; the clearest window wins and drives out those
that overlap it; then what else can be said of each thing; last the whole picture decides between the captions that
are left.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from weakref import WeakKeyDictionary

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.diffusion import captioner, detector
from pipeline.diffusion.grounding import middle
from pipeline.diffusion.toolkit.clip import Clip, image_features, text_features
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, encode, noise, predict
from pipeline.diffusion.vocabulary import PLACES, Seen, Thing, Vocabulary, caption, load, phrase
from pipeline.diffusion.words import PERSONS
from pipeline.imaging.composite import Box, Floats, Pixels, square, take, windows
from pipeline.imaging.segmentation import tight_box

SIDES = (0.36, 0.44, 0.54, 0.66, 0.8)  # of the windows, as shares of the picture
SHIFTS = (-0.08, -0.03, 0.03, 0.08)  # of their middles from the middle of a place
FEET = (0.93, 0.99)  # where windows end below: things stand in a row on the ground
RIVALS = 2  # what each place may hold, beside nothing
NOISED = (0.08, 0.15, 0.25, 0.4)  # parts of the noise schedule at which a picture must be told from noise
ACROSS = 0.35  # of a box's width: what lies so far across another one may be half hidden by it
SAME = 0.75  # of a box's width: what lies so far across another one stands at its place
BATCH = 64  # windows or sentences at a time


@lru_cache(maxsize=8)
def vocabulary_of(folder: str) -> Vocabulary:
    """The vocabulary of a model folder, read once."""
    return load(folder)


@torch.no_grad()
def look(sd: StableDiffusion, image: Tensor, vocabulary: Vocabulary | None = None) -> Seen:
    """What is in a picture (1, 3, H, W) in [-1, 1].

    A model with an open world gets its caption from BLIP where that is at hand, and no things; one without a judge
    the same.
    """
    vocabulary = vocabulary or vocabulary_of(sd.name)
    if vocabulary.open or sd.clip is None:
        return Seen("", "", (), captioner.describe(image, sd.name))
    clip, whole = sd.clip, image_features(sd.clip, image)[0]
    known = reader_of(sd.name)
    seen = _read(known, image, vocabulary) if known else _found(clip, to_pixels(image), whole, vocabulary)
    prompt = caption(vocabulary, seen, int(len(seen.things) >= vocabulary.crowd))
    fit = float(sentence_features(clip, [prompt])[0] @ whole)
    return replace(seen, prompt=prompt, familiar=_familiar(sd, image, fit, vocabulary))


@lru_cache(maxsize=8)
def reader_of(folder: str) -> detector.Reader | None:
    """The reader of a model folder, loaded once; None if it has none."""
    return detector.load(Path(folder))


def _read(known: detector.Reader, image: Tensor, vocabulary: Vocabulary) -> Seen:
    """What the reader says of a picture (1, 3, H, W) in [-1, 1], as far as the vocabulary has words for it."""
    out = known(detector.prepare(known, image))
    things = []
    for i in range(len(known.places)):
        if out["there"][0, i] <= 0:
            continue
        things.append(_thing_at(known, out, i, vocabulary.things, vocabulary))
    style, _ = _likeliest(known.whole["style"], out["style"][0], vocabulary.styles)
    setting, _ = _likeliest(known.whole["setting"], out["setting"][0], vocabulary.settings)
    around = tuple(name for name in vocabulary.around if out[name][0, 1] > out[name][0, 0])
    maybe = (
        "passers" in known.whole and float(out["passers"][0, 1] - out["passers"][0, 0]) > vocabulary.thresholds.passers
    )
    passers = (
        _spread(out["passing"][0], [thing.box for thing in things], vocabulary.thresholds.below) if maybe else None
    )
    around = tuple(name for name in around if name != "passers" or passers)
    return Seen(setting, style, tuple(things), "", around=around, passers=passers)


def _thing_at(
    known: detector.Reader, out: Mapping[str, Tensor], place: int, kinds: Collection[str], vocabulary: Vocabulary
) -> Thing:
    """What stands at a place by the reader's answers `out`, as one of these kinds."""
    kind, chance = _likeliest(known.things["kind"], out["kind"][0, place], kinds)
    slots = {
        slot: _likeliest(known.things[slot], out[slot][0, place], vocabulary.slots[slot])[0]
        for slot in vocabulary.slots_of(kind)
    }
    position = known.places[place].removeprefix("far ")  # four in a row: two of them stand on the left
    score = float(out["there"][0, place].sigmoid()) * chance
    return Thing(kind, slots, position, detector.boxed(out["box"][0, place]), score)


@torch.no_grad()
def overlooked(
    sd: StableDiffusion, photo: Pixels, seen: Seen, kinds: Collection[str], vocabulary: Vocabulary
) -> tuple[Seen, int | None]:
    """With the person of one of these kinds who is half hidden behind somebody in a photo (H, W, 3), and that one's index:
    who asks for them has seen them. It is the likeliest place that overlaps a person and was read as nothing or as another
    kind. As it was, and None, where there is no such place, no reader, or a photo of more than one window."""
    known, crops = reader_of(sd.name), windows(*photo.shape[:2])
    kinds = [kind for kind in kinds if kind in vocabulary.things]
    if known is None or len(crops) > 1 or not kinds:
        return seen, None
    out = known(detector.prepare(known, to_tensor(take(photo, crops[0], sd.size)).to(sd.device)))
    people = [thing for thing in seen.things if thing.kind in PERSONS]
    best, kept = None, seen.things
    for i in range(len(known.places)):
        thing = _thing_at(known, out, i, kinds, vocabulary)
        across = max((_shared(thing.box, one.box) for one in people), default=0.0)
        others = tuple(one for one in seen.things if one in people or _shared(thing.box, one.box) <= SAME)
        least = 0.0 if others == seen.things else ACROSS  # what was read as something else needs more to be a person
        if least < across <= SAME and thing.score > max(vocabulary.thresholds.hidden, best.score if best else 0.0):
            best, kept = thing, others
    if best is None:
        return seen, None
    things = sorted([*kept, best], key=lambda one: middle(one.box))
    return replace(seen, things=tuple(things)), things.index(best)


def _shared(a: Box, b: Box) -> float:
    """How far one box lies across the other, from left to right, as a share of the narrower one."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) / max(1e-6, min(a[2] - a[0], b[2] - b[0]))


def _likeliest(answers: Sequence[str], logits: Tensor, allowed: Collection[str]) -> tuple[str, float]:
    """The likeliest of the answers that may be given, and its probability among all."""
    chances = logits.softmax(-1).tolist()
    chance, best = max((chance, answer) for answer, chance in zip(answers, chances, strict=True) if answer in allowed)
    return best, float(chance)


def _spread(heat: Tensor, boxes: Sequence[Box], below: float) -> Box | None:
    """The box about passers-by in a map of logits (H, W), in shares of the picture: where chances are even or better or, if
    they are nowhere, at most `below` from the best. They walk behind the things in `boxes`, so there nobody is looked for. None if
    there is no room beside the things."""
    height, width = heat.shape
    free = torch.ones_like(heat, dtype=torch.bool)
    for x0, y0, x1, y1 in boxes:
        free[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)] = False
    if not free.any():
        return None
    ys, xs = torch.nonzero(free & (heat > min(0.0, float(heat[free].max()) - below)), as_tuple=True)
    return float(xs.min()) / width, float(ys.min()) / height, float(xs.max() + 1) / width, float(ys.max() + 1) / height


def _found(clip: Clip, pixels: NDArray[np.uint8], whole: Tensor, vocabulary: Vocabulary) -> Seen:
    """What CLIP finds in a picture (H, W, 3), `whole` its view of all of it."""
    style, setting = _surroundings(clip, whole, vocabulary)
    rivals = [_rivals(clip, pixels, place, vocabulary, style, setting) for place in vocabulary.positions]
    things = _settle(clip, whole, rivals, vocabulary, style, setting)
    described = tuple(_described(clip, pixels, thing, vocabulary, style, setting) for thing in things)
    return Seen(setting, style, described, "")


def to_pixels(image: Tensor) -> NDArray[np.uint8]:
    """(1, 3, H, W) in [-1, 1] → uint8 (H, W, 3)."""
    array: NDArray[np.uint8] = ((image[0].clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    return array


def to_tensor(pixels: NDArray[np.generic]) -> Tensor:
    """(H, W, 3) in 0…255 → (1, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels, np.float32)).permute(2, 0, 1)[None] / 127.5 - 1


def window_features(clip: Clip, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> Tensor:
    """CLIP's view of the square windows about `boxes` (shares of the picture): (len(boxes), D). What lies outside the
    picture repeats its edge, as in training."""
    height, width = pixels.shape[:2]
    size, views = clip.image_size, []
    for x0, y0, x1, y1 in boxes:
        left, top = x0 * width, y0 * height
        scale_x, scale_y = size / ((x1 - x0) * width), size / ((y1 - y0) * height)
        matrix = np.array([[scale_x, 0, -left * scale_x], [0, scale_y, -top * scale_y]], np.float32)
        method = cv2.INTER_LINEAR if min(scale_x, scale_y) > 0.75 else cv2.INTER_AREA
        views.append(cv2.warpAffine(pixels, matrix, (size, size), flags=method, borderMode=cv2.BORDER_REPLICATE))
    stack = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return torch.cat([image_features(clip, part) for part in stack.split(BATCH)])


def likeness(sd: StableDiffusion, image: Pixels, there: Floats, prompt: str, view: Tensor | None) -> float:
    """How much what is `there` in a picture is like what was asked for: a concept as its photos showed it (D',), else the
    words."""
    if sd.clip is None:
        return 0.0
    here = window_features(sd.clip, image, [square(tight_box(there), *image.shape[:2])])
    asked = text_features(sd.clip, [prompt]) if view is None else view[None]
    return float((here @ asked.to(here).T).item())


_TEXTS: "WeakKeyDictionary[torch.nn.Module, dict[str, Tensor]]" = WeakKeyDictionary()


def sentence_features(clip: Clip, sentences: Sequence[str]) -> Tensor:
    """CLIP's view of sentences (len(sentences), D), each computed once."""
    known = _TEXTS.setdefault(clip.model, {})
    new = list(dict.fromkeys(sentence for sentence in sentences if sentence not in known))
    for start in range(0, len(new), BATCH):
        part = new[start : start + BATCH]
        known.update(zip(part, text_features(clip, part), strict=True))
    return torch.stack([known[sentence] for sentence in sentences])


def logit_scale(clip: Clip) -> float:
    """What CLIP multiplies cosines with."""
    return min(float(clip.model.logit_scale.exp()), 100.0)


def _surroundings(clip: Clip, whole: Tensor, vocabulary: Vocabulary) -> tuple[str, str]:
    """Style and setting of a picture, whatever stands in it: the captions of every bare kind are averaged."""
    pairs = list(product(vocabulary.styles, vocabulary.settings))
    kinds = [Thing(kind) for kind in vocabulary.things]
    sentences = [
        bare_caption(vocabulary, style, setting, phrase(vocabulary, thing, spare=99))
        for style, setting in pairs
        for thing in kinds
    ]
    texts = sentence_features(clip, sentences).view(len(pairs), len(kinds), -1).mean(1)
    return pairs[int((texts @ whole).argmax())]


def bare_caption(vocabulary: Vocabulary, style: str, setting: str, said: str) -> str:
    """A caption without places, as windows have it."""
    return f"{vocabulary.styles[style]} {said} {vocabulary.settings[setting]}"


def describe(clip: Clip, view: Tensor, thing: Thing, vocabulary: Vocabulary, style: str, setting: str) -> Thing:
    """A thing with everything that can be said of its kind, by the view (D,) of a window around it: every two slots
    that follow each other together, with the others as they are, twice."""
    slots = vocabulary.slots_of(thing.kind)
    thing = replace(thing, slots={**_plain(thing.kind, vocabulary), **thing.slots})
    for pair in 2 * [slots[i : i + 2] for i in range(max(1, len(slots) - 1))]:
        values = product(*(vocabulary.slots[slot] for slot in pair))
        variants = [replace(thing, slots={**thing.slots, **dict(zip(pair, some, strict=True))}) for some in values]
        said = [bare_caption(vocabulary, style, setting, phrase(vocabulary, variant)) for variant in variants]
        thing = variants[int((sentence_features(clip, said) @ view).argmax())]
    return thing


def _rivals(
    clip: Clip, pixels: NDArray[np.uint8], place: str, vocabulary: Vocabulary, style: str, setting: str
) -> list[Thing]:
    """The likeliest kinds and colours at a place, best first, each with the window that shows it best.

    A window's say is its probability over all kinds, colours and nothing; the windows' probabilities are added, so that
    those which cut a thing in two, and are sure of nothing, have no say.
    """
    kinds = [
        Thing(kind, {**_plain(kind, vocabulary), "color": color}, place)
        for kind in vocabulary.things
        for color in vocabulary.slots["color"]
    ]
    said = [bare_caption(vocabulary, style, setting, phrase(vocabulary, thing, spare=2)) for thing in kinds]
    texts = sentence_features(clip, [*said, bare_caption(vocabulary, style, setting, "nothing")])
    boxes = _boxes(place)
    views = window_features(clip, pixels, boxes)
    chances = (logit_scale(clip) * views @ texts.T).softmax(1)[:, :-1]  # (windows, kinds · colours)
    order = chances.sum(0).argsort(descending=True)[:RIVALS].tolist()
    return [replace(kinds[i], box=boxes[int(chances[:, i].argmax())], score=float(chances[:, i].max())) for i in order]


def _settle(
    clip: Clip, whole: Tensor, rivals: Sequence[list[Thing]], vocabulary: Vocabulary, style: str, setting: str
) -> tuple[Thing, ...]:
    """Where something stands, by the whole picture: of all combinations of rivals and nothing the caption that fits
    best says which places are taken; there the likeliest of the windows is taken."""
    choices = product(*([None, *range(len(place))] for place in rivals))
    combinations = [tuple(choice) for choice in choices]
    scenes = []
    for combination in combinations:
        things = tuple(place[i] for place, i in zip(rivals, combination, strict=True) if i is not None)
        scenes.append(Seen(setting, style, things, ""))
    said = [caption(vocabulary, scene, 2) for scene in scenes]
    fit = logit_scale(clip) * sentence_features(clip, said) @ whole
    fit -= vocabulary.thresholds.more * torch.tensor([float(len(scene.things)) for scene in scenes])
    taken = combinations[int(fit.argmax())]
    return tuple(place[0] for place, i in zip(rivals, taken, strict=True) if i is not None)


def _described(
    clip: Clip, pixels: NDArray[np.uint8], thing: Thing, vocabulary: Vocabulary, style: str, setting: str
) -> Thing:
    """A thing with its attributes, by its window and slightly larger and smaller ones; its box cut off at the
    picture."""
    views = window_features(clip, pixels, [_grown(thing.box, factor) for factor in (0.9, 1.0, 1.15)])
    known = describe(clip, views.mean(0), thing, vocabulary, style, setting)
    return replace(known, box=_clipped(thing.box))


def _plain(kind: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    """A kind with the first value of everything that can be said of it."""
    return {slot: vocabulary.slots[slot][0] for slot in vocabulary.slots_of(kind)}


@lru_cache(maxsize=8)
def _boxes(place: str) -> tuple[Box, ...]:
    """Square windows at a place, in shares of the picture; some reach over its border."""
    x = middle(PLACES[place])
    return tuple(
        (x + shift - side / 2, foot - side, x + shift + side / 2, foot)
        for side in SIDES
        for shift in SHIFTS
        for foot in FEET
    )


def _grown(box: Box, factor: float) -> Box:
    """A box about the same middle, `factor` times as large."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    w, h = (box[2] - box[0]) / 2 * factor, (box[3] - box[1]) / 2 * factor
    return x - w, y - h, x + w, y + h


def _clipped(box: Sequence[float]) -> Box:
    x0, y0, x1, y1 = (min(max(float(side), 0.0), 1.0) for side in box)
    return x0, y0, x1, y1


def _familiar(sd: StableDiffusion, image: Tensor, fit: float, vocabulary: Vocabulary) -> float:
    """How much a picture is of the model's world, 0…1.

    A diffusion model tells noise from pictures of its world well and from others badly (its loss bounds their
    likelihood; Ho et al. 2020), and CLIP finds no caption for them. The sum of loss and missing fit is compared with
    what the model's folder names as half way, and how steep it is there.
    """
    if vocabulary.familiar is None:
        return 1.0
    middle, width = vocabulary.familiar
    z = encode(sd, image)
    t = torch.tensor([round(part * sd.scheduler.config.num_train_timesteps) for part in NOISED], device=sd.device)
    a = sd.scheduler.alphas_cumprod.to(sd.device)[t].view(-1, 1, 1, 1)
    eps = noise(sd, (len(NOISED), *z.shape[1:]), 0)
    guess = predict(sd, a.sqrt() * z + (1 - a).sqrt() * eps, t, embed(sd, [""]).expand(len(NOISED), -1, -1))
    strange = float((guess - eps).square().mean()) + vocabulary.thresholds.fits - fit
    return 1 / (1 + math.exp(min((strange - middle) / width, 50.0)))
