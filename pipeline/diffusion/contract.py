"""What an editing method gets, what it gives back, and what it says about itself."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from pipeline.diffusion.toolkit.inversion import Inversion
from pipeline.diffusion.toolkit.model import StableDiffusion, encode
from pipeline.engine import EngineError, Progress


class EditError(EngineError):
    """The edit cannot be made this way: the picture, the words or the options do not fit the method or the model."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one picture at model size.

    image      (1, 3, S, S), RGB in [-1, 1]; S a multiple of what the autoencoder needs (`sd.size` is best)
    source     what is in the photo;  target: what shall be in it
    words      the words that differ, (source word | None, target word | None): replaced, removed, inserted
    region     (1, 1, S, S) in [0, 1], 1 where change is allowed; None: everywhere
    shape      (1, 1, S, S) in [0, 1], 1 where the thing that it is about is seen; None if that is not known
    strength   1 is the method's own default, less stays closer to the photo, more goes further from it
    guidance   classifier-free guidance; None: the model's default
    steps      DDIM steps
    inversion  name of the inversion, one made earlier (same picture, model, source, steps), None: the method's default
    options    what only this method knows; unknown names are an error
    z0         the image as the autoencoder encodes it (1, C, h, w), where the caller has that already
    """

    image: Tensor
    source: str
    target: str
    words: tuple[tuple[str | None, str | None], ...] = ()
    region: Tensor | None = None
    shape: Tensor | None = None
    strength: float = 1.0
    seed: int = 0
    guidance: float | None = None
    steps: int = 50
    inversion: str | Inversion | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    z0: Tensor | None = None

    def latents(self, sd: StableDiffusion) -> Tensor:
        """z_0 (1, C, h, w)."""
        return encode(sd, self.image) if self.z0 is None else self.z0


@dataclass(frozen=True, slots=True)
class Edited:
    """The edited picture (1, 3, S, S) in [-1, 1], where it was changed (1, 1, S, S) in [0, 1] or None if everywhere,
    the inversion to keep for the next edit (None if the method needs none), and facts for the log."""

    image: Tensor
    mask: Tensor | None
    inversion: Inversion | None
    facts: dict[str, Any]


Run = Callable[[StableDiffusion, Edit], Generator[Progress, None, Edited]]


@dataclass(frozen=True, slots=True)
class Method:
    """A line of the table: `title` for people (Chinese), `operations` as in Step.operation, `needs`: what the model
    must have beside UNet and autoencoder ("clip"), `options` it knows with their (the paper's) defaults, `run` the
    method itself. `inverts`: it begins with a direct inversion under the source prompt unless told otherwise, so that one
    made by another method serves it as well."""

    name: str
    title: str
    operations: tuple[str, ...]
    needs: tuple[str, ...]
    options: Mapping[str, Any]
    run: Run
    inverts: bool = False

    def check(self, sd: StableDiffusion, edit: Edit) -> dict[str, Any]:
        """All options, defaults filled in. Raises EditError if the model or the edit does not fit."""
        for need in self.needs:
            if getattr(sd, need) is None:
                raise EditError(
                    f"现在的模型缺少「{self.title}」需要的部件（{need}），请换一种方法或换一个模型。",
                    f"{self.name} needs {need}, which {sd.name} lacks",
                )
        if "clip" in self.needs and (worn := [word for word in sd.worn if word in f"{edit.source} {edit.target}"]):
            raise EditError(  # CLIP has a text tower of its own, to which a pseudo-word is only letters
                f"「{self.title}」听不懂教过我的名字，请换一种方法。", f"{self.name}: CLIP does not know {worn}"
            )
        unknown = sorted(set(edit.options) - set(self.options))
        if unknown:
            raise EditError(
                f"「{self.title}」不认识这些选项：{'、'.join(unknown)}。可用的有：{'、'.join(self.options)}。",
                f"{self.name}: unknown options {unknown}",
            )
        _, channels, height, width = edit.image.shape
        if edit.image.shape[0] != 1 or channels != 3 or height != width or height % sd.grain:
            raise EditError(
                f"送去编辑的图必须是边长为 {sd.grain} 的倍数的正方形。",
                f"{self.name}: image {tuple(edit.image.shape)}, side must be a multiple of {sd.grain}",
            )
        for place in (edit.region, edit.shape):
            if place is not None and place.shape != (1, 1, height, width):
                raise EditError("选区的大小和图片对不上，请重新选择。", f"{self.name}: region {tuple(place.shape)}")
        if edit.steps < 1 or edit.steps > sd.scheduler.config.num_train_timesteps:
            raise EditError("步数要在 1 和模型的训练步数之间。", f"{self.name}: steps={edit.steps}")
        if edit.strength < 0:
            raise EditError("强度不能是负数。", f"{self.name}: strength={edit.strength}")
        return {**self.options, **edit.options}
