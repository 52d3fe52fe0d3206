"""What is in a photo, found by the model's own CLIP over its own vocabulary: the source prompt, and things with places.

CLIP has learned whole pictures with whole captions, and square windows around one thing with that thing's caption ("a
photo of nothing on the beach" where there is none). So: style and setting from the whole picture; then windows all
over it, each compared with every kind in every colour and with nothing; the clearest window wins and drives out those
that overlap it; then what else can be said of each thing; last the whole picture decides between the captions that
are left.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from weakref import WeakKeyDictionary

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.captioner import describe
from pipeline.compose import Box
from pipeline.toolkit.clip import Clip, image_features, text_features
from pipeline.toolkit.model import StableDiffusion
from pipeline.vocabulary import Seen, Thing, Vocabulary, caption, load, phrase

SIDES = (0.4, 0.5, 0.62, 0.76)  # of the windows, as shares of the picture
STRIDE = 0.25  # of a window from the next, in sides
CLEAR = 1.0  # how much better than nothing a window must be, in CLIP's logits
APART = 0.45  # windows that share more of their area than this show the same thing
MOST = 4  # things looked for
BATCH = 64  # windows at a time


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
        return Seen("", "", (), describe(image, sd.name))
    clip, pixels = sd.clip, to_pixels(image)
    whole = image_features(clip, image)
    style, setting = _surroundings(clip, whole, vocabulary)
    things = _things(clip, pixels, vocabulary, style, setting)
    seen = Seen(setting, style, _placed(things, vocabulary), "")
    seen, fit = _settle(clip, whole, seen, vocabulary)
    return replace(seen, familiar=_familiar(fit, vocabulary))


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
        _bare(vocabulary, style, setting, phrase(vocabulary, thing, spare=99))
        for style, setting in pairs
        for thing in kinds
    ]
    texts = sentence_features(clip, sentences).view(len(pairs), len(kinds), -1).mean(1)
    return pairs[int((texts @ whole[0]).argmax())]


def _bare(vocabulary: Vocabulary, style: str, setting: str, said: str) -> str:
    """A caption without places."""
    return f"{vocabulary.styles[style]} {said} {vocabulary.settings[setting]}"


def _things(clip: Clip, pixels: NDArray[np.uint8], vocabulary: Vocabulary, style: str, setting: str) -> list[Thing]:
    """The things in a picture, clearest first, with everything that can be said of them; places are not set."""
    kinds = [Thing(kind, {**_plain(kind, vocabulary), "color": color}) for kind in vocabulary.things
             for color in vocabulary.slots["color"]]  # fmt: skip
    sentences = [_bare(vocabulary, style, setting, phrase(vocabulary, thing, spare=2)) for thing in kinds]
    texts = sentence_features(clip, [*sentences, _bare(vocabulary, style, setting, "nothing")])
    boxes = _boxes()
    views = window_features(clip, pixels, boxes)  # (windows, D)
    logits = logit_scale(clip) * views @ texts.T  # (windows, kinds · colours + 1)
    clear = logits[:, :-1].max(1).values - logits[:, -1]
    found: list[Thing] = []
    left = torch.ones(len(boxes), dtype=torch.bool)
    while len(found) < MOST and left.any():
        best = int(torch.where(left, clear, -math.inf).argmax())
        if clear[best] < CLEAR:
            break
        same = torch.tensor([_shared(box, boxes[best]) > APART for box in boxes])
        group = same & left & (clear > 0.6 * clear[best])
        weights = clear[group].softmax(0)
        box = tuple((weights[:, None] * torch.tensor([boxes[i] for i in group.nonzero()[:, 0]])).sum(0).tolist())
        thing = kinds[int((weights[:, None] * logits[group, :-1]).sum(0).argmax())]
        view = (weights[:, None] * views[group]).sum(0)
        score = float(torch.sigmoid(clear[best] - CLEAR))
        found.append(
            _attributes(clip, view, replace(thing, box=_clipped(box), score=score), vocabulary, style, setting)
        )
        left &= ~same
    return found


def _attributes(clip: Clip, view: Tensor, thing: Thing, vocabulary: Vocabulary, style: str, setting: str) -> Thing:
    """Everything else that can be said of a thing: each slot in turn, twice, with the others as they are."""
    slots = list(vocabulary.slots_of(thing.kind))
    for slot in (*slots, *slots) if len(slots) > 1 else ():
        variants = [replace(thing, slots={**thing.slots, slot: value}) for value in vocabulary.slots[slot]]
        texts = sentence_features(clip, [_bare(vocabulary, style, setting, phrase(vocabulary, v)) for v in variants])
        thing = variants[int((texts @ view).argmax())]
    return thing


def _settle(clip: Clip, whole: Tensor, seen: Seen, vocabulary: Vocabulary) -> tuple[Seen, float]:
    """The caption that fits the whole picture best among those with all things, or without the least clear ones, or in
    another setting or style; and how well it fits (cosine)."""
    crowded = vocabulary.crowd
    rivals = [seen]
    order = sorted(range(len(seen.things)), key=lambda i: seen.things[i].score)
    for gone in range(1, len(order)):
        if seen.things[order[gone - 1]].score > 0.9:
            break
        kept = tuple(thing for i, thing in enumerate(seen.things) if i not in order[:gone])
        rivals.append(replace(seen, things=kept))
    rivals += [replace(r, style=style) for r in rivals[:1] for style in vocabulary.styles if style != seen.style]
    rivals += [
        replace(r, setting=setting) for r in rivals[:1] for setting in vocabulary.settings if setting != seen.setting
    ]
    captions = [caption(vocabulary, rival, int(len(rival.things) >= crowded)) for rival in rivals]
    fits = sentence_features(clip, captions) @ whole[0]
    best = int(fits.argmax())
    return replace(rivals[best], prompt=captions[best]), float(fits[best])


def _placed(things: list[Thing], vocabulary: Vocabulary) -> tuple[Thing, ...]:
    """The things from left to right, each with the name of its place."""
    places = list(vocabulary.positions)
    ordered = sorted(things, key=lambda thing: thing.box[0] + thing.box[2])
    named = [replace(thing, position=places[_place(thing, len(places))]) for thing in ordered]
    return tuple(named)


def _place(thing: Thing, count: int) -> int:
    """Which of `count` places from left to right a thing stands in."""
    center = (thing.box[0] + thing.box[2]) / 2
    return min(int(max(center, 0.0) * count * 0.999), count - 1)


def _plain(kind: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    """A kind with the first value of everything that can be said of it."""
    return {slot: vocabulary.slots[slot][0] for slot in vocabulary.slots_of(kind)}


@lru_cache(maxsize=1)
def _boxes() -> list[Box]:
    """Square windows all over a picture, in shares; those at the border reach over it by a tenth."""
    boxes = []
    for side in SIDES:
        reach = 1.1 - side
        count = max(2, round(reach / (STRIDE * side)) + 1)
        starts = np.linspace(-0.05, 1.05 - side, count)
        boxes += [(float(x), float(y), float(x + side), float(y + side)) for y in starts for x in starts]
    return boxes


def _shared(a: Box, b: Box) -> float:
    """The part of the smaller window that lies in the other."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    least = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(width, 0.0) * max(height, 0.0) / least


def _clipped(box: Sequence[float]) -> Box:
    x0, y0, x1, y1 = (min(max(float(side), 0.0), 1.0) for side in box)
    return x0, y0, x1, y1


def _familiar(fit: float, vocabulary: Vocabulary) -> float:
    """How much a picture is of the model's world: the model's folder says which fit is half way and how steep it is."""
    if not vocabulary.familiar:
        return 1.0
    middle, width = vocabulary.familiar
    return 1 / (1 + math.exp(-(fit - middle) / width))
