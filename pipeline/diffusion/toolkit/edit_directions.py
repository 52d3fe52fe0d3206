"""Edit directions in the space of text embeddings, from two banks of sentences (Parmar et al. 2023, section 3.2).

The direction from cat to dog is the mean embedding of many sentences about a dog less that of the same sentences about
a cat. The sentences are given, or written with the words of the model's own vocabulary.
"""

import random
import re
from itertools import product

import torch
from torch import Tensor

from pipeline.diffusion.toolkit.align import Pairs
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, token_ids
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, article, caption, load

BATCH = 64  # sentences at a time
# What is said of a word when nothing is known of the model's world.
TEMPLATES = (
    *("a photo of a {}", "a photo of the {}", "a painting of a {}", "a drawing of a {}", "a close-up photo of a {}"),
    *("a bright photo of a {}", "a dark photo of a {}", "a photo of a small {}", "a photo of a large {}"),
    *("a {} on the beach", "a {} on the grass", "a {} in the snow", "a {} in the city", "a {} at home", "a {}"),
)
Banks = tuple[list[str], list[str]]  # sentences about what is there, and the same about what shall be


@torch.no_grad()
def direction(sd: StableDiffusion, banks: Banks) -> Tensor:
    """mean embedding of the second bank - mean embedding of the first: (1, T, D)."""
    means = []
    for bank in banks:
        embedded = [embed(sd, bank[i : i + BATCH]).sum(0, keepdim=True) for i in range(0, len(bank), BATCH)]
        means.append(torch.stack(embedded).sum(0) / len(bank))
    return means[1] - means[0]


def world_banks(sd: StableDiffusion, words: Pairs, most: int) -> Banks | None:
    """Sentences about the words that change, at most so many, in whatever the vocabulary can say around them.

    One bank for all pairs together, one sentence with its counterpart after the other. None if nothing is exchanged,
    or the vocabulary does not know the old word.
    """
    vocabulary = load(sd.name)
    before: list[str] = []
    after: list[str] = []
    pairs = [(old, new) for old, new in words if old and new and old != new]
    for old, new in pairs:
        if vocabulary.open:
            said = [swapped(template.format("it"), "it", old) for template in TEMPLATES]
        else:
            said = [sentence for sentence in _captions(vocabulary) if f" {old} " in f" {sentence} "]
        if not said:
            return None
        random.Random(0).shuffle(said)
        said = said[: max(1, most // len(pairs))]
        before += said
        after += [swapped(sentence, old, new) for sentence in said]
    return (before, after) if before else None


def own_banks(sd: StableDiffusion, source: str, target: str, most: int) -> Banks:
    """The two prompts themselves with everything that they share said in other words of the vocabulary, as many tokens long,
    at most so many times: so words stand in the sentences where they stand in the prompts, and what is meant of them is not
    averaged away. The prompts alone in an open world."""
    vocabulary = load(sd.name)
    groups = [
        list(vocabulary.styles.values()),
        list(vocabulary.settings.values()),
        list(vocabulary.slots.get("color", ())),
    ]
    shared = []
    for group in groups:
        here = [said for said in group if said and f" {said} " in f" {source} " and f" {said} " in f" {target} "]
        if len(here) == 1:
            long = len(token_ids(sd, here[0]))
            shared.append([(here[0], other) for other in group if other and len(token_ids(sd, other)) == long])
    choices = list(product(*shared))
    random.Random(0).shuffle(choices)
    before, after = [source], [target]
    for choice in choices[: most - 1]:
        one, other = source, target
        for was, becomes in choice:
            one, other = swapped(one, was, becomes), swapped(other, was, becomes)
        before.append(one)
        after.append(other)
    return before, after


def swapped(sentence: str, old: str, new: str) -> str:
    """A sentence with other words in place of `old`, the article before them put right."""

    def exchange(found: re.Match[str]) -> str:
        before = f"{article(new)} " if found.group(1) else ""
        return before + new

    return re.sub(rf"(?<!\S)(an? )?{re.escape(old)}(?!\S)", exchange, sentence)


def _captions(vocabulary: Vocabulary) -> list[str]:
    """What can be said of one thing of every kind, in every colour, setting and style."""
    colors = vocabulary.slots.get("color", ("",))
    scenes = product(vocabulary.styles, vocabulary.settings, vocabulary.things, colors)
    return [caption(vocabulary, Seen(g, s, (Thing(kind, {"color": color}),), ""), 2) for s, g, kind, color in scenes]
