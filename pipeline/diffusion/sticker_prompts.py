"""What the model is told for stickers: a prompt for each mood.

Pictures are drawn and figures cut out of them in segmentation.py; how a figure becomes a sticker with outline and words needs
no model and lies in `lettering`.
"""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, caption

LIKE = {"love": "happy"}  # the face of a mood that the model has no word for
TRIES = 2  # pictures drawn for each sticker, of which the better one is taken


def prompts(vocabulary: Vocabulary, thing: Thing, moods: Sequence[str | None]) -> list[str]:
    """A caption for each mood: the thing alone, with the face of the mood where the model knows faces, in settings that
    change, so that the poses do."""
    settings = list(vocabulary.settings) or [""]
    style = next(iter(vocabulary.styles), "")
    found = []
    for i, mood in enumerate(moods):
        seen = Seen(settings[i % len(settings)], style, (with_face(vocabulary, thing, mood),), "")
        found.append(caption(vocabulary, seen))
    return found


def with_face(vocabulary: Vocabulary, thing: Thing, expression: str | None) -> Thing:
    """The thing with the face of a mood, if the model has a word for it and such a thing has a face."""
    face = LIKE.get(expression or "", expression)
    if face not in vocabulary.slots.get("expression", ()) or "expression" not in vocabulary.slots_of(thing.kind):
        return thing
    if thing.word:
        return replace(thing, word=f"{'an' if face[0] in 'aeiou' else 'a'} {face} {thing.word}")
    return replace(thing, slots={**thing.slots, "expression": face})
