"""What placement is told of a photo and of the order, and what it says: a Stage, a Wish, a Place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.compositing.anatomy import Head, resized
from pipeline.compositing.figure import Figure
from pipeline.engine import Floats

GRID = 224  # pixels of the photo's longer side on the small picture


@dataclass(frozen=True, slots=True)
class Stage:
    """A photo as placement sees it. Sizes in pixels of the photo.

    size    (H, W)
    heads   of the people that it is of, from left to right
    masks   theirs (h, w), at GRID
    ground  the row their feet stand on, each; None where none is in the picture
    seated  whether most of them sit
    backdrop  the scene without anybody, very small (see figure.backdrop)
    """

    size: tuple[int, int]
    heads: tuple[Head, ...]
    masks: tuple[Floats, ...]
    ground: tuple[float | None, ...]
    seated: bool = False
    backdrop: Floats | None = None

    @property
    def share(self) -> float:
        """Grid pixels per photo pixel."""
        return GRID / max(self.size)


@dataclass(frozen=True, slots=True)
class Wish:
    """Where the newcomer shall be: `position` of the schema or None; `beside`: indices of the stage's people. `size` is what was
    said of their size: times what the neighbours' heads suggest."""

    position: str | None = None
    beside: tuple[int, ...] = ()
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a figure. Photo pixels, before the canvas grows.

    scale   photo pixels per pixel of the cut-out
    x, y    where the cut-out's upper left corner comes
    before  indices of the stage's people who stand before the newcomer
    grow    pixels by which the canvas grows (left, top, right)
    trim    rows cut off the photo below
    cost    what a viewer notices, summed; `terms` by name
    """

    figure: Figure
    scale: float
    x: float
    y: float
    before: tuple[int, ...]
    grow: tuple[int, int, int] = (0, 0, 0)
    trim: int = 0
    cost: float = 0.0
    terms: dict[str, float] = field(default_factory=dict)

    @property
    def eyes(self) -> tuple[float, float]:
        """Where the eyes (or a thing's middle) come, in photo pixels."""
        if self.figure.head is None:
            height, width = self.figure.alpha.shape
            return self.x + width * self.scale / 2, self.y + height * self.scale / 2
        return self.x + self.figure.head.x * self.scale, self.y + self.figure.head.y * self.scale


def stage(
    size: tuple[int, int],
    heads: Sequence[Head],
    masks: Sequence[Floats],
    ground: Sequence[float | None],
    seated: bool,
    backdrop: Floats | None = None,
) -> Stage:
    """A Stage with its masks brought to the grid."""
    share = GRID / max(size)
    shape = max(2, round(size[0] * share)), max(2, round(size[1] * share))
    return Stage(size, tuple(heads), tuple(resized(mask, shape) for mask in masks), tuple(ground), seated, backdrop)
