"""Which tokens of one prompt correspond to which of another (Hertz et al. 2022, section 3).

All of it works on token ids, never on spaces: words may be several tokens, pseudo-words several vectors, prompts in any
language. Positions count from 0 = begin of text; an Alignment covers padding too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.diffusion.toolkit.model import StableDiffusion, padded_ids, token_ids

Pairs = Sequence[tuple[str | None, str | None]]
Match = tuple[range, range]  # positions in the source that correspond to positions in the target


@dataclass(frozen=True, slots=True)
class Alignment:
    """`mapper` (T source, T target): how much of each source token's map goes to each target token;
    `known` (T target,): 1 where a target token takes its map from the source, 0 where it keeps its own."""

    mapper: Tensor
    known: Tensor

    def apply(self, source: Tensor, target: Tensor) -> Tensor:
        """Maps (…, T source) and (…, T target) → the maps that the target shall have."""
        mapper, known = self.mapper.to(source), self.known.to(source)
        return source @ mapper * known + target * (1 - known)


def refine_mapper(sd: StableDiffusion, source: str, target: str, words: Pairs = (), shifted: bool = True) -> Alignment:
    """Prompt refinement: tokens found in both prompts in the same order share maps, new ones keep their own.

    With `words`, a pair of a source and a target word corresponds too although its tokens differ: so one alignment
    serves swaps, insertions and removals together. Without, it is the paper's refinement. `shifted`: padding corresponds
    to padding by its distance from the prompt's end; False: by its position, as in the authors' code.
    """
    mapper, known = torch.zeros(sd.tokens, sd.tokens), torch.zeros(sd.tokens)
    for i, j in match(sd, source, target, words):
        # As many tokens on both sides: one to one. Else each target token gets 1/n of each source token's map.
        mapper[i.start : i.stop, j.start : j.stop] = torch.eye(len(i)) if len(i) == len(j) else 1 / len(j)
        known[j.start : j.stop] = 1
    # Padding follows padding, wherever it begins; what the source has too little of comes from its last position.
    end_x, end_y = _length(sd, source), _length(sd, target)
    for k in range(end_y, sd.tokens):
        mapper[min(end_x + k - end_y, sd.tokens - 1) if shifted else k, k] = known[k] = 1
    return Alignment(mapper, known)


def replace_mapper(sd: StableDiffusion, source: str, target: str, words: Pairs, shifted: bool = True) -> Alignment:
    """Word swap: the prompts are the same but for `words`, so every target token takes its map from the source.

    Raises ValueError if the prompts differ elsewhere; refine_mapper is for those.
    """
    matches = match(sd, source, target, words)
    for side, prompt in enumerate((source, target)):
        if sum(len(spans[side]) for spans in matches) != _length(sd, prompt):
            raise ValueError("the prompts differ outside the swapped words")
    return refine_mapper(sd, source, target, words, shifted)


def equalizer(sd: StableDiffusion, prompt: str, factors: Mapping[str, float]) -> Tensor:
    """(T,): what each token's map is multiplied with: 1, unless its word is in `factors` (attention re-weighting).

    Raises ValueError for a word that is not in the prompt.
    """
    scale = torch.ones(sd.tokens)
    for word, factor in factors.items():
        where = positions(sd, prompt, word)
        if not where:
            raise ValueError(f"{word!r} is not in the prompt")
        scale[where] = factor
    return scale


def positions(sd: StableDiffusion, prompt: str, words: str) -> list[int]:
    """Token positions of every occurrence of `words` (one or several) in `prompt`.

    Empty if they do not occur, or are cut off because the prompt is too long.
    """
    ids, part = padded_ids(sd, prompt)[: _length(sd, prompt) - 1], token_ids(sd, words)
    n = len(part)
    found = [i for i in range(1, len(ids) - n + 1) if n and ids[i : i + n] == part]
    return sorted({position for i in found for position in range(i, i + n)})


def changed(sd: StableDiffusion, source: str, target: str, words: Pairs) -> tuple[list[int], list[int]]:
    """Token positions of `words` in the source and in the target prompt: where a word occurs several times, of those
    occurrences that do not stay as they are; if all stay (as in re-weighting), of all."""
    same = [spans for spans in match(sd, source, target, words) if _equal(sd, source, target, spans)]
    sides = []
    for side, prompt in enumerate((source, target)):
        kept = {position for spans in same for position in spans[side]}
        where = [position for pair in words if (word := pair[side]) for position in positions(sd, prompt, word)]
        sides.append(sorted(set(where) - kept or set(where)))
    return sides[0], sides[1]


def match(sd: StableDiffusion, source: str, target: str, words: Pairs = ()) -> list[Match]:
    """What corresponds in two prompts, begin and end of text included: equal tokens, and the pairs in `words`."""
    x, y = padded_ids(sd, source)[: _length(sd, source)], padded_ids(sd, target)[: _length(sd, target)]
    swaps = [(token_ids(sd, old), token_ids(sd, new)) for old, new in words if old and new and old != new]
    return needleman_wunsch(x, y, [(old, new) for old, new in swaps if old and new])


def needleman_wunsch(
    x: Sequence[int], y: Sequence[int], swaps: Sequence[tuple[Sequence[int], Sequence[int]]] = ()
) -> list[Match]:
    """A best global alignment: gap 0, match 1, mismatch -1 (Needleman & Wunsch 1970).

    A swap lets a run of tokens in x stand for another in y. It scores half a token more than what the two runs have in
    common, so of several occurrences those are swapped that leave most of the rest matched.
    """
    x, y = list(x), list(y)
    # tokens of x, tokens of y, score, the runs (None: any token, if it is the same)
    moves: list[tuple[int, int, float, tuple[list[int], list[int]] | None]] = [(1, 1, 1.0, None)]
    for old, new in swaps:
        common = len(needleman_wunsch(old, new))
        moves.append((len(old), len(new), common + 0.5, (list(old), list(new))))
    score = [[0.0] * (len(y) + 1) for _ in range(len(x) + 1)]
    last: dict[tuple[int, int], tuple[int, int]] = {}
    for i in range(len(x) + 1):
        for j in range(len(y) + 1):
            best, move = 0.0, (0, 0)
            # A mismatch (-1) is never better than two gaps (0), so it is no move at all.
            for a, b, gain, runs in ((1, 0, 0.0, None), (0, 1, 0.0, None), *moves):
                if a > i or b > j:
                    continue
                if runs is not None and (x[i - a : i], y[j - b : j]) != runs:
                    continue
                if runs is None and a and b and x[i - 1] != y[j - 1]:
                    continue
                if score[i - a][j - b] + gain >= best:
                    best, move = score[i - a][j - b] + gain, (a, b)
            score[i][j] = best
            last[i, j] = move
    matches, i, j = [], len(x), len(y)
    while i and j:
        a, b = last[i, j]
        if a and b:
            matches.append((range(i - a, i), range(j - b, j)))
        i, j = i - a, j - b
    return matches[::-1]


def _length(sd: StableDiffusion, prompt: str) -> int:
    """Positions in use: begin, prompt, end."""
    return min(len(token_ids(sd, prompt)), sd.tokens - 2) + 2


def _equal(sd: StableDiffusion, source: str, target: str, spans: Match) -> bool:
    x, y = padded_ids(sd, source), padded_ids(sd, target)
    return x[spans[0].start : spans[0].stop] == y[spans[1].start : spans[1].stop]
