"""Pseudo-words: names in prompts that stand for learned vectors (Gal et al. 2023), for the length of a `with`.

The tokenizer and the embedding table stay as they are. A pseudo-word gets token ids beyond the vocabulary, one for each
of its vectors, and a layer in front of the table answers for those. So any tokenizer will do, nothing has to be taken
out of it afterwards, and a gradient can reach the worn vectors only, never another row.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.diffusion.toolkit.model import StableDiffusion, token_ids
from storage.errors import HeyingError


class WearError(HeyingError):
    """A pseudo-word or its vectors do not fit the model."""


class _Wardrobe(nn.Module):
    """The embedding table with rows behind it: ids from `size` on are the rows of `concepts`, in order."""

    def __init__(self, table: nn.Module, size: int, concepts: Sequence[Tensor], part: slice) -> None:
        super().__init__()
        self.table: Any = table  # nn.Embedding, or another wardrobe
        self.size = size
        self.part = part  # of each row: what this encoder's table has beside another one's
        self.concepts = tuple(concepts)  # plain tensors in a tuple: no parameters of the text encoder

    @property
    def weight(self) -> Tensor:
        """All rows as they are now (an optimiser may have moved the worn ones): (size + worn, D)."""
        table: Tensor = self.table.weight
        return torch.cat([table, *(vectors[:, self.part].to(table) for vectors in self.concepts)])

    def forward(self, ids: Tensor) -> Tensor:
        worn = ids >= self.size
        words: Tensor = self.table(ids.masked_fill(worn, 0))
        vectors = torch.cat([vectors[:, self.part].to(words) for vectors in self.concepts])
        return torch.where(worn[..., None], vectors[(ids - self.size).clamp(min=0)], words)


def word_vectors(sd: StableDiffusion, words: str) -> Tensor:
    """The embedding rows of these words (n, D), a copy: where to start learning from. SDXL's two encoders have rows of
    their own, which stand side by side."""
    ids = token_ids(sd, words)
    rows = [encoder.get_input_embeddings().weight[ids] for encoder in sd.encoders]
    return torch.cat([row.detach().to(sd.device, torch.float32) for row in rows], 1)


@contextmanager
def wear(sd: StableDiffusion, concepts: Mapping[str, Tensor]) -> Generator[None]:
    """Within the block, each name in `concepts` stands for its vectors (n, D) wherever it is a word of a prompt.

    Blocks may be nested. The vectors are used as they are at each call of embed(), so an optimiser may move them, and
    they get gradients if they require them. Raises WearError if a name is empty or in use, or the shape is wrong.
    """
    tables = [encoder.get_input_embeddings() for encoder in sd.encoders]
    size = sd.text_encoder.config.vocab_size + sum(len(ids) for ids in sd.worn.values())
    wide = [encoder.config.hidden_size for encoder in sd.encoders]
    rows = sum(wide)
    names: dict[str, tuple[int, ...]] = {}
    for name, vectors in concepts.items():
        if not name.strip() or name in sd.worn:
            raise WearError(f"「{name}」这个名字不能用，请换一个。", "pseudo-word empty or already worn")
        if vectors.ndim != 2 or vectors.shape[1] != rows or not len(vectors):
            raise WearError(
                f"「{name}」是为另一个模型学的，请用现在的模型重新教一次。",
                f"vectors {tuple(vectors.shape)}, model has {rows}",
            )
        first = size + sum(len(ids) for ids in names.values())
        names[name] = tuple(range(first, first + len(vectors)))
    if not names:
        yield
        return
    start = 0
    for encoder, table, width in zip(sd.encoders, tables, wide, strict=True):
        part = slice(start, start + width)
        encoder.set_input_embeddings(_Wardrobe(table, size, list(concepts.values()), part))
        start += width
    sd.worn.update(names)
    try:
        yield
    finally:
        for name in names:
            del sd.worn[name]
        for encoder, table in zip(sd.encoders, tables, strict=True):
            encoder.set_input_embeddings(table)
