"""Who or what a few photos have in common: found in each, cut out with surroundings, and the caption around it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from pipeline.diffusion.perception import logit_scale, sentence_features, to_tensor, vocabulary_of, window_features
from pipeline.diffusion.toolkit.clip import image_features
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, caption
from pipeline.diffusion.windows import survey, within
from pipeline.diffusion.words import GROUPS, PERSONS
from pipeline.imaging import composite
from pipeline.imaging.composite import Box, Pixels

# The kinds of concept that a user can teach, in the model's own kinds. What is in none of these is an object.
PETS = frozenset((*GROUPS["animal"], "monster"))
DOUBT = 2.0  # how many logits a caption with more things must be ahead of one with the subject alone
GROWN = 1.15  # side of the subject's own crop, in longer sides of its box
FLIPPED = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Portrait:
    """One photo of the subject: a window of it (h, w, 3) uint8, what is seen there, and which of those things is the
    subject; None where it is not a thing that was found, or the style of the whole picture."""

    pixels: Pixels
    seen: Seen
    index: int | None

    @property
    def box(self) -> Box:
        """Where the subject is, in shares of the window."""
        return (0.0, 0.0, 1.0, 1.0) if self.index is None else self.seen.things[self.index].box


def portraits(sd: StableDiffusion, photos: Sequence[Pixels], kind: str) -> list[Portrait]:
    """The subject of these photos (H, W, 3) uint8 in each of them. `kind`: "person", "pet", "object" or "style"."""
    vocabulary = vocabulary_of(sd.name)
    seen = [_alone(sd, photo, survey(sd, photo, vocabulary), vocabulary) for photo in photos]
    if kind == "style":
        return [Portrait(_middle(photo), one, None) for photo, one in zip(photos, seen, strict=True)]
    found = _common(sd, photos, seen, kind)
    return [_cut(photo, one, index, vocabulary, sd.size) for photo, one, index in zip(photos, seen, found, strict=True)]


def features(sd: StableDiffusion, shown: Sequence[Portrait]) -> Tensor:
    """The judge's view of each subject, (N, D), unit vectors. The model must have a judge."""
    assert sd.clip is not None
    return torch.cat([window_features(sd.clip, one.pixels, [_square(one.box)]) for one in shown])


def in_words(portrait: Portrait, vocabulary: Vocabulary, words: str) -> str:
    """The caption of a portrait with the subject called `words`."""
    seen = portrait.seen
    if vocabulary.open or not seen.style:
        return f"a photo of {words}"
    if portrait.index is None:
        seen = replace(seen, things=(Thing("", word=words),))
        return caption(vocabulary, seen)
    spare = int(len(seen.things) >= vocabulary.crowd)
    return caption(vocabulary, seen.with_thing(portrait.index, replace(seen.things[portrait.index], word=words)), spare)


def in_style(portrait: Portrait, vocabulary: Vocabulary, words: str) -> str:
    """The caption of a picture in the style called `words`."""
    if vocabulary.open:
        return f"a {words} of {portrait.seen.prompt or 'something'}"
    return caption(vocabulary, replace(portrait.seen, style=f"a {words} of"), int(len(portrait.seen.things) > 2))


def fits_kind(thing: str, kind: str) -> bool:
    """Whether a kind of thing can be what a user calls a person, a pet or an object."""
    if kind == "person":
        return thing in PERSONS
    return thing in PETS if kind == "pet" else thing not in PERSONS | PETS


def _alone(sd: StableDiffusion, photo: Pixels, seen: Seen, vocabulary: Vocabulary) -> Seen:
    """What is seen in a photo, if it must be more than one thing: who is to be taught mostly stands alone, and what the
    model does not know yet is easily taken for two things."""
    if sd.clip is None or len(seen.things) < 2 or len(composite.windows(*photo.shape[:2])) > 1:
        return seen
    ones = [replace(seen, things=(thing,)) for thing in seen.things]
    captions = [caption(vocabulary, one, spare=2) for one in (seen, *ones)]
    whole = image_features(sd.clip, to_tensor(photo))[0]
    fit = logit_scale(sd.clip) * sentence_features(sd.clip, captions) @ whole
    best = int(fit[1:].argmax())
    return ones[best] if fit[1 + best] > fit[0] - DOUBT else seen


def _common(sd: StableDiffusion, photos: Sequence[Pixels], seen: Sequence[Seen], kind: str) -> list[int | None]:
    """Which thing of each photo is the subject: the one that looks most like one of each other photo's things."""
    offers = []
    for one in seen:
        things = [i for i, thing in enumerate(one.things) if fits_kind(thing.kind, kind)] or range(len(one.things))
        offers.append(list(things))
    if sd.clip is None or max(map(len, offers), default=0) < 2:
        return [offer[0] if offer else None for offer in offers]
    views = [
        window_features(sd.clip, photo, [_square(one.things[i].box) for i in offer]) if offer else torch.zeros(0, 1)
        for photo, one, offer in zip(photos, seen, offers, strict=True)
    ]
    chosen: list[int | None] = []
    for own, (offer, mine) in enumerate(zip(offers, views, strict=True)):
        if not offer:
            chosen.append(None)
            continue
        likeness = torch.tensor([seen[own].things[i].score * 1e-3 for i in offer])  # decides only between equals
        for other, theirs in enumerate(views):
            if other != own and len(theirs):
                likeness += (mine @ theirs.T).amax(1).cpu()
        chosen.append(offer[int(likeness.argmax())])
    return chosen


def _cut(photo: Pixels, seen: Seen, index: int | None, vocabulary: Vocabulary, size: int) -> Portrait:
    """The square window around the subject, with surroundings; the middle of the photo where it was not found."""
    if index is None:
        return Portrait(_middle(photo), replace(seen, things=()), None)
    height, width = photo.shape[:2]
    crop = composite.around(seen.things[index].box, height, width, size)
    there, where = within(seen, crop, index, height, width, vocabulary)
    return Portrait(photo[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width], there, where)


def _middle(photo: Pixels) -> Pixels:
    """The largest square in the middle of a photo."""
    height, width = photo.shape[:2]
    side = min(height, width)
    y, x = (height - side) // 2, (width - side) // 2
    return photo[y : y + side, x : x + side]


def _square(box: Box) -> Box:
    """The square about a box, a little larger; it may reach beyond the picture."""
    half = GROWN * max(box[2] - box[0], box[3] - box[1]) / 2
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return x - half, y - half, x + half, y + half


def mean_view(views: Tensor) -> Tensor:
    """The middle of unit vectors (N, D) as one, (D,)."""
    return normalize(views.mean(0), dim=0)


def mirrored(portrait: Portrait) -> Portrait:
    """The same picture seen in a mirror; what stood on the left is said to stand on the right."""
    things = tuple(
        replace(
            thing, position=FLIPPED.get(thing.position, thing.position),
            box=(1 - thing.box[2], thing.box[1], 1 - thing.box[0], thing.box[3]),
        )
        for thing in reversed(portrait.seen.things)
    )  # fmt: skip
    index = None if portrait.index is None else len(things) - 1 - portrait.index
    pixels = np.ascontiguousarray(portrait.pixels[:, ::-1])
    return Portrait(pixels, replace(portrait.seen, things=things), index)
