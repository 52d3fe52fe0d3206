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
    x0, y0, x1, y1 = whole(image, box)
    room = (max(0.0, x0 - 0.03), max(0.0, y0 - 0.03), min(1.0, x1 + 0.03), min(1.0, y1 + 0.03))
    mask = cutout(image, room, heat)
    return stickers.figure(image, mask), quality(mask)


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
