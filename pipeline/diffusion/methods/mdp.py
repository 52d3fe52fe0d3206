"""MDP: the target is sampled with something of the photo's own path mixed into some of the steps (Wang et al. 2023).

The paper names what of a diffusion path can be manipulated, and one option does each; λ is `weight`,
falling as `schedule` says, between the steps `start` and `until`:
latent     x_t  = λ x_t^A + (1 - λ) x_t^B                             intermediate latents
condition  c    = λ c^A + (1 - λ) c^B                                 conditional embeddings
attention  M    = λ M^A + (1 - λ) M^B                                 cross-attention maps, as in Prompt-to-Prompt
guidance   eps  = eps(∅) + w [λ eps(c^A) + (1 - λ) eps(c^B) - eps(∅)]  what guidance leads to
noise      eps  = λ eps_t^A + (1 - λ) eps_t^B                         predicted noise: the paper's best, its default
A is the photo with its own prompt, B what is drawn. The code has λ = 1 in 25 of 50 steps, beginning with step 1 to 6,
from fresh noise, on a null-text inversion.

Where we differ, each with the faithful setting as an option:
- sampling begins in the photo's inversion, with `fresh_start` in fresh noise as in the code.
- the photo's eps_t^A is what leads from one latent of its path to the next; it needs no network, and where λ = 1
  nothing else does. So the default inversion is plain, not null-text.
- `region` confines the change to a part of the picture.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.align import Alignment, refine_mapper
from pipeline.diffusion.toolkit.attention import Control, Place, attention
from pipeline.diffusion.toolkit.blend import latent_region
from pipeline.diffusion.toolkit.ddim import alpha, step, timesteps
from pipeline.diffusion.toolkit.inversion import ahead, obtain
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided, noise, predict
from pipeline.engine import Progress

MANIPULATIONS = ("latent", "condition", "attention", "guidance", "noise")
SCHEDULES: dict[str, Callable[[float], float]] = {  # λ at x: 0 at the first manipulated step, 1 at the last
    "constant": lambda x: 1.0,
    "linear": lambda x: 1 - x,
    "cosine": lambda x: math.cos(x * math.pi / 2),
    "exponential": lambda x: math.exp(-5 * x),
}
OPTIONS: dict[str, Any] = {
    "manipulate": "noise",  # one of MANIPULATIONS
    "weight": 1.0,  # λ where the schedule is 1
    "schedule": "constant",  # one of SCHEDULES
    "start": 0.02,  # part of the steps before the manipulation begins: the code's 1/50 to 6/50
    "until": 0.52,  # and after which it has ended; a stronger edit ends it sooner
    "fresh_start": False,  # whether sampling begins in fresh noise as in the code, not in the photo's inversion
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError (options that do not fit)."""
    options = METHOD.check(sd, edit)
    kind, fresh = options["manipulate"], options["fresh_start"]
    if kind not in MANIPULATIONS or options["schedule"] not in SCHEDULES:
        raise EditError("这个编辑方式的选项填错了。", f"mdp: {kind=} {options['schedule']=}")
    weights = _weights(options, edit.steps, edit.strength)
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    before = ahead(edit.inversion, edit.steps)
    inversion = yield from obtain(
        sd, edit.inversion, edit.latents(sd), edit.source, steps=edit.steps, guidance=w, after=edit.steps
    )
    source, target = embed(sd, [edit.source, edit.target]).split(1)
    alignment = refine_mapper(sd, edit.source, edit.target, edit.words)
    z = noise(sd, inversion.start.shape, edit.seed) if fresh else inversion.start
    region = None if edit.region is None else latent_region(edit.region.to(z.device), z.shape[-1])
    for i, ((t, t_prev), weight) in enumerate(zip(timesteps(sd, edit.steps), weights, strict=True)):
        photo, photo_prev = inversion.latents[edit.steps - i], inversion.latents[edit.steps - 1 - i]
        null = inversion.null(i)
        if kind == "latent":
            z = torch.lerp(z, photo, weight)
        if kind == "noise" and weight == 1:
            eps = _led(sd, photo, photo_prev, t, t_prev)
        elif kind == "attention" and weight:
            with attention(sd.unet, _Mixed(alignment, weight)):
                eps_null, _, eps = predict(sd, torch.cat([z, photo, z]), t, torch.cat([null, source, target])).chunk(3)
            eps = eps_null + w * (eps - eps_null)
        elif kind == "guidance" and weight:
            embs = torch.cat([null, source, target])
            eps_null, eps_source, eps = predict(sd, z.repeat(3, 1, 1, 1), t, embs).chunk(3)
            eps = eps_null + w * (torch.lerp(eps, eps_source, weight) - eps_null)
        else:
            emb = torch.lerp(target, source, weight) if kind == "condition" else target
            eps = guided(sd, z, t, emb, null, w)
            if kind == "noise" and weight:
                eps = torch.lerp(eps, _led(sd, photo, photo_prev, t, t_prev), weight)
        z = step(sd, z, eps, t, t_prev)
        if region is not None:
            z = torch.lerp(photo_prev, z, region)
        yield Progress(before + i + 1, before + edit.steps, "改图")
    mask = None if region is None else interpolate(region, size=edit.image.shape[-2:], mode="bilinear")
    facts = {"inversion": inversion.kind, "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), mask, inversion, facts)


def _weights(options: dict[str, Any], steps: int, strength: float) -> list[float]:
    """λ for each step, noisiest first. Of a strength between two steps the last one has its share: so strengths that are
    near each other differ, in few steps too."""
    first = round(options["start"] * steps)
    after = min(round(options["until"] * steps) / strength if strength else steps, steps)
    schedule = SCHEDULES[options["schedule"]]
    return [
        options["weight"] * schedule((i - first) / max(1, after - first - 1)) * min(1.0, after - i)
        if first <= i < after
        else 0.0
        for i in range(steps)
    ]


def _led(sd: StableDiffusion, z: Tensor, z_prev: Tensor, t: int, t_prev: int) -> Tensor:
    """The eps with which DDIM's step leads from z_t to just this z_{t_prev}: its equation 12 solved for eps."""
    a, a_prev = alpha(sd, t), alpha(sd, t_prev)
    if a == a_prev:  # the end of some schedules: a step of no length
        return torch.zeros_like(z)
    scale = math.sqrt(a_prev / a)
    return (z_prev - scale * z) / (math.sqrt(1 - a_prev) - scale * math.sqrt(1 - a))


@dataclass(frozen=True, slots=True)
class _Mixed(Control):
    """The target's cross-attention maps are mixed with the source's; samples: null, source, target."""

    alignment: Alignment
    weight: float

    def wants(self, place: Place, pixels: int) -> bool:
        return place.cross

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        held = self.alignment.apply(probs[-2], probs[-1])
        return torch.cat([probs[:-1], torch.lerp(probs[-1], held, self.weight)[None]])


METHOD = Method(
    name="mdp",
    title="扩散路径混合",
    operations=("replace", "recolor", "modify", "restyle", "background"),
    needs=(),
    options=OPTIONS,
    run=run,
    inverts=True,
)
