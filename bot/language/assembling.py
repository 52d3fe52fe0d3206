"""A step out of what the learnt reader found, where no rule reads the sentence: its operation and the words it marked."""

from collections.abc import Sequence

from bot.language import phrases, styles
from bot.language.order import about, restyle
from bot.language.phrases import Phrase
from bot.language.reader import Reading
from bot.language.retouching import retouched
from bot.language.tokens import Token
from storage.plans import ADJUSTMENTS, TURNS, Step

SURE = 0.6  # how likely an operation must be


def assembled(reading: Reading, tokens: Sequence[Token], text: str) -> Step | None:
    """The step of the likeliest operation; None when none is likely. It may lack what it needs."""
    operation = max(reading.operations, key=reading.operations.__getitem__)
    if reading.operations[operation] < SURE:
        return None
    target = _thing(reading.target, tokens, text)
    content = _thing(reading.content, tokens, text, incoming=True)
    if operation == "restyle":
        held = _within(reading.content, tokens) or list(tokens)
        while len(held) > 1 and held[0].part in ("DO", "SLIGHT", "CHANGE", "BECOME", "M", "NUM", "WANT", "USE", "ADD"):
            held = held[1:]
        found = styles.style(held, text)
        return restyle(found) if found is not None else Step("restyle", content=content.said if content else None)
    if operation in ("crop", "upscale", "restore", "extend", "collage", "rotate", "id_photo", "adjust"):
        said = content.said if content else None
        exact = said if said in (*ADJUSTMENTS, *TURNS) or operation in ("crop", "id_photo") else None
        return Step(operation, target=target.said if target and operation == "adjust" else None, content=exact)
    if operation == "text" and reading.content:
        start, end = reading.content[0][0], reading.content[-1][1]
        return Step("text", content=text[start:end])
    step = about(operation, target, content)
    if operation in ("cutout", "mosaic", "remove"):
        step = about(operation, target)
    color = next((token.value for token in tokens if token.part == "COLOR"), None)
    if operation == "recolor" and step.color is None:
        step = Step("recolor", step.target, None if color else step.content, color=color, position=step.position)
    return retouched(step)


def _within(spans: Sequence[tuple[int, int]], tokens: Sequence[Token]) -> list[Token]:
    if not spans:
        return []
    start, end = spans[0]
    return [
        token for token in tokens if start <= token.start and token.end <= end and token.part not in ("GAP", "STOP")
    ]


def _thing(
    spans: Sequence[tuple[int, int]], tokens: Sequence[Token], text: str, *, incoming: bool = False
) -> Phrase | None:
    held = _within(spans, tokens)
    if not held:
        return None
    named = phrases.thing(held, text, incoming=incoming)
    before = [token for token in tokens if token.end <= held[0].start][-4:]
    where = next((token.value for token in reversed(before) if token.part == "POS" and token.value != "none"), None)
    if named is not None and named.position is None and where is not None:
        return Phrase(named.words, named.said, named.head, where, named.color, named.concept, named.measured, True)
    return named
