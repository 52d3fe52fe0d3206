"""What the model does for stickers: prompts for each mood, and the figure cut out of each picture.

How a figure becomes a sticker with outline and words needs no model and lies in `lettering`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lettering import stickers
from lettering.moods import Mood, moods
from pipeline.compose import Box, Floats, Pixels
from pipeline.cutout import cutout, whole
from pipeline.vocabulary import Seen, Thing, Vocabulary, caption
from storage import packs
from storage.requests import StickerRequest

LIKE = {"love": "happy"}  # the face of a mood that the model has no word for
BORDER = 0.012  # what comes nearer to the edge of its picture, in shares of it, is taken to be cut off
FULL = 0.3  # of a room's sides covered by what was cut out of it: then the background was cut out too
TRIES = 2  # pictures drawn for each sticker, of which the better one is taken


def asked(request: StickerRequest) -> tuple[Mood, ...]:
    """What each sticker of a request says; an emoji among the words becomes the sticker's emoji."""
    split = [packs.split(text) for text in request.captions]
    said = moods(request.count, [words for words, _ in split], request.expressions)
    told = [replace(mood, emoji=emoji) if emoji else mood for mood, (_, emoji) in zip(said, split, strict=False)]
    return (*told, *said[len(told) :])


def prompts(vocabulary: Vocabulary, thing: Thing, wanted: Sequence[Mood]) -> list[str]:
    """A caption for each mood: the thing alone, with the face of the mood where the model knows faces, in settings that
    change, so that the poses do."""
    settings = list(vocabulary.settings) or [""]
    style = next(iter(vocabulary.styles), "")
    told = []
    for i, mood in enumerate(wanted):
        seen = Seen(settings[i % len(settings)], style, (with_face(vocabulary, thing, mood.expression),), "")
        told.append(caption(vocabulary, seen))
    return told


def with_face(vocabulary: Vocabulary, thing: Thing, expression: str | None) -> Thing:
    """The thing with the face of a mood, if the model has a word for it and such a thing has a face."""
    face = LIKE.get(expression or "", expression)
    if face not in vocabulary.slots.get("expression", ()) or "expression" not in vocabulary.slots_of(thing.kind):
        return thing
    if thing.word:
        return replace(thing, word=f"{'an' if face[0] in 'aeiou' else 'a'} {face} {thing.word}")
    return replace(thing, slots={**thing.slots, "expression": face})


def figure(image: Pixels, boxes: Sequence[Box], heat: Floats | None = None) -> tuple[Pixels, float]:
    """The largest thing of a picture as a figure, and how good it is in [0, 1]: whole, and neither a scrap nor the whole
    picture. `boxes`: where things were seen; `heat`: where attention saw this one."""
    box = max(boxes or [(0.1, 0.1, 0.9, 0.95)], key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    cuts = [(cutout(image, room, heat), room) for room in (whole(image, box), _grown(box), box)]
    filled = [_filled(mask, room) for mask, room in cuts]
    best = next((i for i, share in enumerate(filled) if share < FULL), int(np.argmin(filled)))
    mask = cuts[best][0]
    return stickers.figure(image, mask), quality(mask)


def _grown(box: Box, by: float = 0.03) -> Box:
    return max(0.0, box[0] - by), max(0.0, box[1] - by), min(1.0, box[2] + by), min(1.0, box[3] + by)


def _filled(mask: Floats, room: Box) -> float:
    """How much of the upper three sides of its room a mask lies on: where the background was taken for the thing, or the
    thing was cut off, it does."""
    height, width = mask.shape
    x0, y0 = min(int(room[0] * width), width - 2), min(int(room[1] * height), height - 2)
    inside = mask[y0 : max(round(room[3] * height), y0 + 2), x0 : max(round(room[2] * width), x0 + 2)] > 0.5
    return float(np.concatenate([inside[:, :2].any(1), inside[:, -2:].any(1), inside[:2].any(0)]).mean())


def quality(mask: Floats) -> float:
    """How good a cut-out is: 1 for a whole thing of a fair size, less the more of its outline lies on the border of the
    picture, and for a scrap or nearly everything."""
    height, width = mask.shape
    edge = max(1, round(BORDER * max(height, width)))
    # feet may stand on the lower border: a caption hides that
    touched = np.concatenate([mask[:edge].max(0), mask[:, :edge].max(1), mask[:, -edge:].max(1)])
    share = float(mask.mean())
    size = min(1.0, share / 0.12) * min(1.0, (1 - share) / 0.35)
    return float((1 - touched.mean()) * size)
