"""The reader: a small network that says what is in a picture of the model's own world, all at once.

CLIP compares a picture with sentences and must be asked about every word; the reader has learned the answers: for each
place whether something stands there, what, with which attributes, in which box; and style, setting and what is around.
It is trained on the world that the model's weights come from (`reader/` in the model folder, see perception.py), never on
the judge's opinions, so that reading and judging stay two.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from pipeline.imaging.composite import Box

WIDTHS = (24, 48, 96, 160)  # channels at 1/2, 1/4, 1/8 and 1/16 of the side
WIDTH = 128
HEADS = 4


class Block(nn.Module):
    """Two 3×3 convolutions around a sum, the first halving the side when `stride` is 2."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, outside, 3, stride, 1)
        self.second = nn.Conv2d(outside, outside, 3, 1, 1)
        self.norms = nn.ModuleList([nn.GroupNorm(8, outside), nn.GroupNorm(8, outside)])
        self.past = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        y = F.silu(self.norms[0](self.first(x)))
        y = self.norms[1](self.second(y))
        past = F.avg_pool2d(x, self.stride) if self.stride > 1 else x
        return F.silu(y + self.past(past))


class Reader(nn.Module):
    """`places`: names of the places from left to right; `things`: what is asked of each place ("kind" and the slots),
    `whole`: what is asked of the picture ("style", "setting", …), each with its possible answers."""

    def __init__(
        self, places: Sequence[str], things: Mapping[str, Sequence[str]], whole: Mapping[str, Sequence[str]], side: int
    ) -> None:
        super().__init__()
        self.places, self.side = tuple(places), side
        self.things = {name: tuple(values) for name, values in things.items()}
        self.whole = {name: tuple(values) for name, values in whole.items()}
        self.trunk = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(3, WIDTHS[0], 5, 2, 2), nn.GroupNorm(8, WIDTHS[0]), nn.SiLU()),
                nn.Sequential(Block(WIDTHS[0], WIDTHS[1], 2)),
                nn.Sequential(Block(WIDTHS[1], WIDTHS[2], 2), Block(WIDTHS[2], WIDTHS[2], 1)),
                nn.Sequential(Block(WIDTHS[2], WIDTHS[3], 2), Block(WIDTHS[3], WIDTHS[3], 1)),
            ]
        )
        fine, coarse = side // 8, side // 16
        self.fine, self.coarse = nn.Linear(WIDTHS[2], WIDTH), nn.Linear(WIDTHS[3], WIDTH)
        self.where = nn.Parameter(torch.randn(fine * fine + coarse * coarse, WIDTH) * 0.02)
        self.queries = nn.Parameter(torch.randn(len(self.places) + 1, WIDTH) * 0.5)
        layer = nn.TransformerDecoderLayer(WIDTH, HEADS, 2 * WIDTH, dropout=0.0, batch_first=True, norm_first=True)
        self.decoder = nn.TransformerDecoder(layer, 2, nn.LayerNorm(WIDTH))
        self.there = nn.Linear(WIDTH, 1)
        self.box = nn.Linear(WIDTH, 4)
        self.of_things = nn.ModuleDict({name: nn.Linear(WIDTH, len(values)) for name, values in self.things.items()})
        self.of_whole = nn.ModuleDict({name: nn.Linear(WIDTH, len(values)) for name, values in self.whole.items()})
        self.passing = nn.Conv2d(WIDTHS[2], 1, 1)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Pictures (B, 3, side, side) in [-1, 1] → "there" (B, P) logits, "box" (B, P, 4) in shares of the picture,
        "passing" (B, side/8, side/8) logits of passers-by, and logits under every name: (B, P, values) for things,
        (B, values) for the whole."""
        maps, x = [], images
        for stage in self.trunk:
            x = stage(x)
            maps.append(x)
        fine, coarse = (m.flatten(2).transpose(1, 2) for m in maps[2:])
        tokens = torch.cat([self.fine(fine), self.coarse(coarse)], 1) + self.where
        seen = self.decoder(self.queries.expand(len(images), -1, -1), tokens)
        places, whole = seen[:, :-1], seen[:, -1]
        out = {
            "there": self.there(places)[..., 0],
            "box": self.box(places).sigmoid() * 1.2 - 0.1,
            "passing": self.passing(maps[2])[:, 0],
        }
        out |= {name: head(places) for name, head in self.of_things.items()}
        return out | {name: head(whole) for name, head in self.of_whole.items()}

    def config(self) -> dict[str, Any]:
        """What the constructor needs."""
        return {"places": self.places, "things": self.things, "whole": self.whole, "side": self.side}


def load(folder: Path) -> Reader | None:
    """The reader of a model folder (`reader/config.json`, `reader/model.safetensors`), or None if it has none."""
    path = folder / "reader" / "config.json"
    if not path.is_file():
        return None
    reader = Reader(**json.loads(path.read_text("utf-8")))
    state = {name: value.float() for name, value in load_file(path.with_name("model.safetensors")).items()}
    reader.load_state_dict(state)
    return reader.requires_grad_(False).eval()


def prepare(reader: Reader, image: Tensor) -> Tensor:
    """A picture (1, 3, H, W) in [-1, 1] at the reader's size."""
    size = (reader.side, reader.side)
    if image.shape[-2:] == size:
        return image.float().cpu()
    return F.interpolate(image.float().cpu(), size=size, mode="bicubic", antialias=True).clamp(-1, 1)


def boxed(values: Tensor) -> Box:
    """Four numbers as a box within the picture."""
    x0, y0, x1, y1 = (min(max(float(v), 0.0), 1.0) for v in values)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
