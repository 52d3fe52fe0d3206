"""Plug-and-Play: the edited picture is drawn around the photo's own features (Tumanyan et al. 2023).

The photo is inverted and sampled again; what one decoder layer finds (f⁴) and which pixels attend to which (A^l) is
given to the sampling of the target prompt, from the same noise, until τ_f and τ_A: z*_{t-1} = eps(x*_t, P, t; f⁴_t,
A^l_t) (section 4 and Algorithm 1; equations 2 and 3 in Cruz & Ochoa 2023). So layout and shapes stay, looks change.

Layers are found from the UNet's structure: the paper's 4th of twelve decoder layers is the one at three eighths of the
way up, its self-attention 4 to 11 those from there on. Attention is given by queries and keys, as in its code.

Where we differ, each with the faithful setting as an option:
- features are taken on the way of the inversion, where the UNet sees nearly the same latents, so the photo costs
  nothing while sampling; "sampling" takes them from a third sample beside the target's two.
- the inversion has as many steps as the edit, not 999, and knows what is in the photo.
- `region` confines the change to a part of the picture.
"""

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.attention import Control, Place, attention
from pipeline.diffusion.toolkit.blend import latent_region
from pipeline.diffusion.toolkit.ddim import step, timesteps
from pipeline.diffusion.toolkit.features import Change, decoder, residuals
from pipeline.diffusion.toolkit.inversion import Inversion, climb, looks_again
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, predict
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "feature_until": 0.8,  # τ_f, as part of the steps in which f⁴ is the photo's
    "attention_until": 0.5,  # τ_A: the same for the self-attention
    "feature_at": 0.375,  # which decoder layer f⁴ is: the one at this part of the way up
    "attention_from": 0.375,  # self-attention is given from this part of the way up on
    "features": "inversion",  # where the photo's features are taken: on the way of the "inversion", or while "sampling"
    "inversion_steps": 0,  # of the photo's inversion; 0: as many as the edit has; the paper's: 999
    "describe": True,  # whether the inversion knows the source prompt; the paper's: False
    "negative": "",  # what the picture shall not be; the paper's code: "ugly, blurry, black, low res, unrealistic"
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError (options that do not fit).

    An inversion made earlier serves when the features are taken while sampling; otherwise the photo is inverted anew.
    """
    options = METHOD.check(sd, edit)
    prompt = edit.source if options["describe"] else ""
    steps, way = edit.steps, timesteps(sd, edit.steps)
    long = options["inversion_steps"] or steps
    beside = options["features"] == "sampling" or long != steps
    if options["features"] not in ("inversion", "sampling") or not 1 <= long <= sd.scheduler.config.num_train_timesteps:
        raise EditError("这个编辑方式的选项填错了。", f"plug_and_play: {options['features']=} {long=}")
    guide = _Guide(sd, options["feature_at"], options["attention_from"])
    until_f, until_a = (_until(options[name], edit.strength) for name in ("feature_until", "attention_until"))
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance

    given = edit.inversion if isinstance(edit.inversion, Inversion) and beside and long == steps else None
    if given is not None and given.prompt == prompt:
        before, latents = 0, list(given.fitting(prompt, steps, w).latents)
    else:
        before, path, emb = long, [edit.latents(sd)], embed(sd, [prompt])
        for i, (t, t_prev) in enumerate(reversed(timesteps(sd, long))):  # i-th step up is the last but i-th down
            now = (steps - 1 - i) / steps
            with guide.taking(steps - 1 - i, not beside and now < until_f, not beside and now < until_a):
                path.append(climb(sd, path[-1], t_prev, t, emb, looks_again(sd)))
            yield Progress(i + 1, long + steps, "反演照片")
        latents = _nearest(sd, path, long, steps)

    embs = embed(sd, [prompt, options["negative"], edit.target])[0 if beside else 1 :]
    z = latents[-1]
    region = None if edit.region is None else latent_region(edit.region.to(z.device), z.shape[-1])
    for i, (t, t_prev) in enumerate(way):
        now = i / steps
        photo = latents[steps - i]
        batch = torch.cat([photo, z, z] if beside else [z, z])
        with guide.giving(None if beside else i, now < until_f, now < until_a):
            eps_null, eps = predict(sd, batch, t, embs)[-2:].split(1)
        z = step(sd, z, eps_null + w * (eps - eps_null), t, t_prev)
        if region is not None:
            z = torch.lerp(latents[steps - 1 - i], z, region)
        yield Progress(before + i + 1, before + steps, "改图")

    mask = None if region is None else interpolate(region, size=edit.image.shape[-2:], mode="bilinear")
    kept = None
    if len(latents) == steps + 1 and prompt == edit.source and long == steps:
        kept = Inversion(sd.inversion, prompt, w, tuple(latents), embed(sd, [""]))
    facts = {
        "inversion": "fixed_point" if sd.few_steps else "ddim",
        "unet_forward": count.forward,
        "unet_backward": count.backward,
    }
    return Edited(decode(sd, z), mask, kept, facts)


def _until(part: float, strength: float) -> float:
    """A stronger edit holds the photo shorter."""
    return min(1.0, part / strength) if strength else 1.0


def _nearest(sd: StableDiffusion, path: list[Tensor], long: int, steps: int) -> list[Tensor]:
    """Of a path of `long` steps the latents at the times of `steps` steps: z_0 … z_T."""
    if long == steps:
        return path
    up = [t for t, _ in reversed(timesteps(sd, long))]
    wanted = [t for t, _ in reversed(timesteps(sd, steps))]
    return [path[0], *(path[1 + min(range(long), key=lambda k: abs(up[k] - t))] for t in wanted)]


@dataclass(slots=True)
class _Taken(Control):
    """Queries and keys of some attention layers: taken from the photo, or given to what is drawn.

    `kept`: layer → the photo's queries and keys (1, heads, pixels, d); None: the first sample of the batch is the
    photo.
    """

    layers: frozenset[str]
    give: bool
    kept: dict[str, tuple[Tensor, Tensor]] | None

    def wants(self, place: Place, pixels: int) -> bool:
        return place.name in self.layers

    def qkv(self, place: Place, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if not self.give:
            assert self.kept is not None
            self.kept[place.name] = (q, k)
            return q, k, v
        photo = (q[:1], k[:1]) if self.kept is None else self.kept[place.name]
        return photo[0].expand_as(q), photo[1].expand_as(k), v


@dataclass(slots=True)
class _Memory:
    """What was taken from the photo at one step."""

    feature: Tensor | None = None  # (1, C, h, w)
    attention: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)


class _Guide:
    """The photo's features: takes them on the way up, gives them on the way down."""

    def __init__(self, sd: StableDiffusion, feature_at: float, attention_from: float) -> None:
        layers = decoder(sd.unet)
        width = 1 / len(layers)
        self.unet = sd.unet
        self.feature = min(layers, key=lambda layer: abs(layer.depth - feature_at)).residual
        # a layer counts when its middle lies above the line, or the line within the layer
        self.layers = frozenset(
            layer.attention for layer in layers if layer.attention and layer.depth + width / 2 > attention_from + 1e-9
        )
        self.memory: dict[int, _Memory] = {}

    def taking(self, i: int, feature: bool, attended: bool) -> AbstractContextManager[None]:
        """A block in which the photo's features at step i are remembered."""
        memory = self.memory[i] = _Memory()

        def take(f: Tensor) -> Tensor:
            memory.feature = f
            return f

        return self._block(
            take if feature else None, _Taken(self.layers, False, memory.attention) if attended else None
        )

    def giving(self, i: int | None, feature: bool, attended: bool) -> AbstractContextManager[None]:
        """A block in which all samples get those of step i, or (None) those of the first sample."""
        memory = _Memory() if i is None else self.memory.pop(i)

        def give(f: Tensor) -> Tensor:
            photo = f[:1] if memory.feature is None else memory.feature
            return photo.expand_as(f)

        control = _Taken(self.layers, True, None if i is None else memory.attention)
        return self._block(give if feature else None, control if attended else None)

    @contextmanager
    def _block(self, change: Change | None, control: Control | None) -> Generator[None]:
        with ExitStack() as stack:
            if change is not None:
                stack.enter_context(residuals(self.unet, {self.feature: change}))
            if control is not None:
                stack.enter_context(attention(self.unet, control))
            yield


METHOD = Method(
    name="plug_and_play",
    title="即插即用特征",
    operations=("replace", "recolor", "modify", "restyle"),
    needs=(),
    options=OPTIONS,
    run=run,
)
