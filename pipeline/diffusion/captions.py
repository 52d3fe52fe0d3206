"""The captions before and after a step, alike but for what the step changes, and the words that differ."""

from collections.abc import Callable

from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, caption, content_words

Pairs = tuple[tuple[str | None, str | None], ...]
Fits = Callable[[str], bool]


def captions(
    before: Seen, after: Seen, vocabulary: Vocabulary, fits: Fits, keep_before: int = -1, keep_after: int = -1
) -> tuple[str, str]:
    """Both captions, with the same details left unsaid in each until both are short enough: those of the thing that the
    step is about (`keep_before` in one, `keep_after` in the other) last."""
    first = int(max(len(before.things), len(after.things)) >= vocabulary.crowd)
    for others, kept in ((0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (3, 3)):
        source = caption(vocabulary, before, first + others, keep_before, first + kept)
        target = caption(vocabulary, after, first + others, keep_after, first + kept)
        if source == target:  # what changes is a detail that crowds leave unsaid: say it all the same
            source = caption(vocabulary, before, first + others, keep_before, 0)
            target = caption(vocabulary, after, first + others, keep_after, 0)
        if fits(source) and fits(target):
            break
    return source, target


def pairs(old: Thing | None, new: Thing | None, vocabulary: Vocabulary, source: str, target: str) -> Pairs:
    """The words that differ between two things, nouns and what is said of them, as far as the captions say them."""
    before, after = _said(old, vocabulary), _said(new, vocabulary)
    found: list[tuple[str | None, str | None]] = []
    for slot in dict.fromkeys((*before, *after)):
        was, becomes = before.get(slot), after.get(slot)
        was, becomes = (
            (was if was and _says(source, was) else None),
            (becomes if becomes and _says(target, becomes) else None),
        )
        if was != becomes:
            found.append((was, becomes))
    return tuple(found)


def _says(prompt: str, words: str) -> bool:
    """Whether these words stand in a prompt."""
    return f" {words} " in f" {prompt} "


def _said(thing: Thing | None, vocabulary: Vocabulary) -> dict[str, str]:
    """The words of a thing's caption by slot, the noun first."""
    if thing is None:
        return {}
    if thing.word:
        return {"kind": thing.word}
    slots = {slot: content_words(thing.slots.get(slot, "")) for slot in vocabulary.slots_of(thing.kind)}
    return {"kind": thing.kind, **{slot: value for slot, value in slots.items() if value}}
