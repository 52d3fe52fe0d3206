"""Where learning starts: the known words that come nearest to the subject.

A model's captions can say a lot already ("a girl with long purple hair in a yellow dress with glasses"). The judge
finds what it can of that in the pictures (where the model has a reader, that reads it off them), the diffusion loss
decides between what is left: the words under which the UNet predicts the subject's noise best. From there only what words
do not say remains to be learnt.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from torch import Tensor

from personalization.subject import fits_kind
from pipeline.diffusion.perception import logit_scale, sentence_features
from pipeline.diffusion.toolkit.clip import Clip
from pipeline.diffusion.vocabulary import Thing, Vocabulary, content_words, phrase

Loss = Callable[[str], float]  # words in the subject's place → loss on a fixed batch
BEAM = 3  # kinds, and kinds with colours, that the loss decides between
ROUNDS = 2  # over all slots
RIVALS, DOUBT = 4, 2.5  # values of a slot that are tried, and how many logits they may be behind the judge's choice
PASSING = ("expression", "distance")  # how somebody happens to look is not who it is
OPEN: Mapping[str, tuple[str, ...]] = {  # where a model's captions can say anything
    "person": ("a person", "a woman", "a man", "a girl", "a boy", "a baby"),
    "pet": ("a cat", "a dog", "a rabbit", "a bird", "a small animal"),
    "object": ("a toy", "an object", "a bottle", "a bag", "a car", "a building", "a plant"),
    "style": ("painting", "drawing", "cartoon", "photo", "sketch", "3d render"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """The nearest known words, their loss, and the thing that they describe: `like` is its kind ("" if unknown). `read`: a
    reader has read it off the pictures in one pass."""

    words: str
    loss: float
    like: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    read: bool = False


def nearest(
    vocabulary: Vocabulary,
    kind: str,
    clip: Clip | None,
    views: Tensor | None,
    loss: Loss,
    read: Sequence[Thing] = (),
) -> Start:
    """The start for a concept of `kind`. `views` (N, D): the judge's view of the subject in each picture. `loss` is
    asked for the same words once only. `read`: the subject as the model's reader reads it in each picture; where there
    is a reader, what it says most often is the start."""
    loss = cache(loss)
    if kind == "style" and vocabulary.styles:
        return _best([(content_words(words), Thing("")) for words in vocabulary.styles.values()], loss)
    if vocabulary.open or kind == "style":
        return _best([(words, Thing("")) for words in OPEN[kind]], loss)
    if agreed := consensus(vocabulary, kind, read):
        return replace(_best([(phrase(vocabulary, agreed), agreed)], loss), read=True)
    if clip is None or views is None:
        kinds = [Thing(name) for name in vocabulary.things if fits_kind(name, kind)] or [*map(Thing, vocabulary.things)]
        return _best([(phrase(vocabulary, thing), thing) for thing in kinds], loss)
    described = _described(vocabulary, kind, clip, views)
    best = _best([(phrase(vocabulary, thing), thing) for thing in described], loss)
    return _refined(best, vocabulary, clip, views, loss)


def consensus(vocabulary: Vocabulary, kind: str, read: Sequence[Thing]) -> Thing | None:
    """What is read most often: the kind, then each slot of it. None where nothing was read that fits `kind`."""
    fitting = [thing for thing in read if thing.kind in vocabulary.things and fits_kind(thing.kind, kind)]
    if not fitting:
        return None
    called = Counter(thing.kind for thing in fitting).most_common(1)[0][0]
    slots = {slot: vocabulary.slots[slot][0] for slot in vocabulary.slots_of(called)}
    for slot in _lasting(called, vocabulary):
        slots[slot] = Counter(thing.slots[slot] for thing in fitting if thing.kind == called).most_common(1)[0][0]
    return Thing(called, slots)


def _best(offers: Sequence[tuple[str, Thing]], loss: Loss) -> Start:
    """The offer with the least loss."""
    starts = [Start(words, loss(words), thing.kind, thing.slots) for words, thing in dict(offers).items()]
    return min(starts, key=lambda start: start.loss)


def _described(vocabulary: Vocabulary, kind: str, clip: Clip, views: Tensor) -> list[Thing]:
    """The descriptions that the judge finds nearest, best first: kind and colour, then one detail after the other."""
    kinds = [name for name in vocabulary.things if fits_kind(name, kind)] or list(vocabulary.things)
    plain = [
        Thing(name, {**{slot: vocabulary.slots[slot][0] for slot in vocabulary.slots_of(name)}, "color": color})
        for name in kinds
        for color in vocabulary.slots["color"]
    ]
    scores = _scores(clip, views, [phrase(vocabulary, thing, spare=2) for thing in plain], vocabulary)
    table = scores.view(len(kinds), -1)  # (kinds, colours)
    beam = [plain[i] for i in scores.argsort(descending=True)[:BEAM].tolist()]
    for row in table.amax(1).argsort(descending=True)[:BEAM].tolist():
        beam.append(plain[row * table.shape[1] + int(table[row].argmax())])
    beam = [thing for i, thing in enumerate(beam) if thing not in beam[:i]]
    for _ in range(ROUNDS):
        beam = [_improved(thing, vocabulary, clip, views) for thing in beam]
    scores = logit_scale(clip) * _scores(clip, views, [phrase(vocabulary, thing) for thing in beam], vocabulary)
    return [beam[i] for i in scores.argsort(descending=True).tolist() if scores[i] > scores.max() - DOUBT]


def _improved(thing: Thing, vocabulary: Vocabulary, clip: Clip, views: Tensor) -> Thing:
    """Each slot in turn gets the value that the judge likes best."""
    for slot in _lasting(thing.kind, vocabulary):
        variants = _variants(thing, slot, vocabulary)
        scores = _scores(clip, views, [phrase(vocabulary, variant) for variant in variants], vocabulary)
        thing = variants[int(scores.argmax())]
    return thing


def _refined(start: Start, vocabulary: Vocabulary, clip: Clip, views: Tensor, loss: Loss) -> Start:
    """Slot by slot, then the kind: what the judge does not rule out is tried, for the UNet may know better. Twice,
    since a detail may be judged wrongly while another is wrong."""
    for slot in (*_lasting(start.like, vocabulary), None) * ROUNDS:
        variants = _variants(Thing(start.like, start.slots), slot, vocabulary)
        scores = logit_scale(clip) * _scores(clip, views, [phrase(vocabulary, one) for one in variants], vocabulary)
        for i in scores.argsort(descending=True)[:RIVALS].tolist():
            words = phrase(vocabulary, variants[i])
            if scores[i] < scores.max() - DOUBT or words == start.words:
                continue
            if (value := loss(words)) < start.loss:
                start = Start(words, value, variants[i].kind, variants[i].slots)
    return start


def _lasting(kind: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What is said of a kind and does not pass."""
    return tuple(slot for slot in vocabulary.slots_of(kind) if slot not in PASSING)


def _variants(thing: Thing, slot: str | None, vocabulary: Vocabulary) -> list[Thing]:
    """The thing with each value of a slot; without one, each kind of which the same can be said."""
    if slot is not None:
        return [replace(thing, slots={**thing.slots, slot: value}) for value in vocabulary.slots[slot]]
    has = vocabulary.slots_of(thing.kind)
    return [replace(thing, kind=kind) for kind in vocabulary.things if vocabulary.slots_of(kind) == has]


def _scores(clip: Clip, views: Tensor, phrases: Sequence[str], vocabulary: Vocabulary) -> Tensor:
    """Mean cosine of each phrase with the views, (len(phrases),)."""
    begins = next(iter(vocabulary.styles.values()), "a photo of")
    texts = sentence_features(clip, [f"{begins} {words}" for words in phrases])
    return (texts @ views.T).mean(1).cpu()
