"""pix2pix-zero: the prompt goes along an edit direction, gradients keep the attention maps (Parmar et al. 2023).

Section 3.1: the photo is inverted with noise that is made to look like noise: after each step its autocorrelation (over
a pyramid, at random shifts) and its divergence from a normal distribution are made smaller. Section 3.2: the direction
from what is there to what shall be is the difference of the mean embeddings of two banks of sentences (see
toolkit/banks.py); c_edit = c + Δc. Section 3.3: before each step x_t goes downhill on || M_edit - M_ref ||², the
distance of its cross-attention maps from the photo's. Since c_edit has its words where c has them,
maps compare token by token.

Where we differ, each with the faithful setting as an option:
- banks are the two prompts with everything they share said in other words ("own"), so that words stand where they
  stand in the prompt; "world" is the paper's: anything that can be said about the word.
- the reference maps are those of the photo's own path, not of its reconstruction.
- guidance by maps ends when layout is settled (`guide_until`); the paper's: 1.
- the inversion is the plain one, which the other methods share; the paper's: `regularise` True.
- `region` confines the change to a part of the picture.
- `faithful` False: guidance is away from the empty prompt, and the photo goes downhill by the conditional maps alone. In the
  authors' code the source prompt stands where the empty one does, the unconditional half of the batch has maps and a
  gradient of its own, the latents that go on are that half's, and the maps wanted are the reconstruction's.
"""

from collections.abc import Generator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.attention import Control, Place, attention
from pipeline.diffusion.toolkit.blend import latent_region
from pipeline.diffusion.toolkit.ddim import invert_step, step, timesteps
from pipeline.diffusion.toolkit.edit_directions import Banks, direction, own_banks, world_banks
from pipeline.diffusion.toolkit.inversion import Inversion, ahead, obtain
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided, predict
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "faithful": False,  # the authors' guidance and gradient (see above)
    "bank": "own",  # where the sentences come from: "own" or "world"
    "sentences": 64,  # at most so many in a bank; the paper's: about 1000
    "sources": (),  # sentences about what is there, and
    "targets": (),  # about what shall be: given, they are the banks
    "amount": 1.0,  # how far along the direction; multiplied by the edit's strength
    "guidance_by_maps": 0.1,  # λ_xa, the step downhill; 0: none
    "guide_until": 0.5,  # part of the steps with guidance by maps
    "regularise": False,  # whether the inversion's noise is made to look like noise
    "rounds": 5,  # of regularisation after each step of the inversion
    "shifts": 5,  # random shifts for the autocorrelation in each round
    "correlation": 20.0,  # λ_ac
    "divergence": 20.0,  # λ_kl
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError (options that do not fit)."""
    options = METHOD.check(sd, edit)
    if options["bank"] not in ("own", "world") or bool(options["sources"]) != bool(options["targets"]):
        raise EditError(
            "这个编辑方式的选项填错了。", f"pix2pix_zero: {options['bank']=}, or one bank without the other"
        )
    count, steps = evaluations(sd), edit.steps
    w = sd.guidance if edit.guidance is None else edit.guidance
    source = embed(sd, [edit.source])
    moved = source + options["amount"] * edit.strength * direction(sd, _banks(sd, edit, options))  # c_edit

    before = steps if options["regularise"] else ahead(edit.inversion, steps)
    if options["regularise"]:
        path, random = [edit.latents(sd)], torch.Generator().manual_seed(edit.seed)
        for i, (t, t_prev) in enumerate(reversed(timesteps(sd, steps))):
            eps = _regularised(predict(sd, path[-1], t, source), options, random)
            path.append(invert_step(sd, path[-1], eps, t_prev, t))
            yield Progress(i + 1, 2 * steps, "反演照片")
        inversion = Inversion("direct", edit.source, w, tuple(path), embed(sd, [""]))
    else:
        inversion = yield from obtain(
            sd, edit.inversion, edit.latents(sd), edit.source, steps=steps, guidance=w, after=steps
        )

    z = again = inversion.start
    region = None if edit.region is None else latent_region(edit.region.to(z.device), z.shape[-1])
    for i, (t, t_prev) in enumerate(timesteps(sd, steps)):
        guides = bool(options["guidance_by_maps"]) and i / steps < options["guide_until"]
        if options["faithful"]:
            z, again = _faithful(sd, z, again, (t, t_prev), (source, moved), w, options["guidance_by_maps"] * guides)
        else:
            if guides:
                with attention(sd.unet, seen := _Maps()):
                    predict(sd, inversion.latents[steps - i], t, source)
                z = z - options["guidance_by_maps"] * _uphill(sd, z, t, moved, seen.found)
            z = step(sd, z, guided(sd, z, t, moved, inversion.null(i), w), t, t_prev)
        if region is not None:
            z = torch.lerp(inversion.latents[steps - 1 - i], z, region)
        yield Progress(before + i + 1, before + steps, "改图")
    mask = None if region is None else interpolate(region, size=edit.image.shape[-2:], mode="bilinear")
    facts = {"inversion": inversion.kind, "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), mask, None if options["regularise"] else inversion, facts)


def _faithful(
    sd: StableDiffusion,
    z: Tensor,
    again: Tensor,
    times: tuple[int, int],
    prompts: tuple[Tensor, Tensor],
    w: float,
    rate: float,
) -> tuple[Tensor, Tensor]:
    """The next latents of the edit and of the reconstruction beside it, as the authors' code makes them."""
    (t, t_prev), (source, moved) = times, prompts
    with attention(sd.unet, seen := _Maps()):
        kept = predict(sd, again.expand(2, -1, -1, -1), t, source.expand(2, -1, -1))
    both, emb = z.expand(2, -1, -1, -1), torch.cat([source, moved])
    if rate:
        both = both - rate * _uphill(sd, both, t, emb, seen.found)
    eps_null, eps = predict(sd, both, t, emb).chunk(2)
    z = step(sd, both[:1], eps_null + w * (eps - eps_null), t, t_prev)
    return z, step(sd, again, kept[:1], t, t_prev)


def _banks(sd: StableDiffusion, edit: Edit, options: dict[str, Any]) -> Banks:
    """The banks for this edit; where nothing is exchanged the prompts themselves."""
    if options["sources"]:
        return list(options["sources"]), list(options["targets"])
    world = world_banks(sd, edit.words, options["sentences"]) if options["bank"] == "world" else None
    return world or own_banks(sd, edit.source, edit.target, options["sentences"])


class _Maps(Control):
    """Remembers the cross-attention maps of every layer, (B, heads, pixels, tokens), differentiable."""

    def __init__(self) -> None:
        self.found: list[Tensor] = []

    def wants(self, place: Place, pixels: int) -> bool:
        return place.cross

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        self.found.append(probs)
        return probs


def _uphill(sd: StableDiffusion, z: Tensor, t: int, emb: Tensor, wanted: Sequence[Tensor]) -> Tensor:
    """The gradient by z of the squared distance of its maps from those wanted, summed over pixels and tokens, mean over
    heads."""
    with torch.enable_grad(), attention(sd.unet, seen := _Maps()):
        z = z.detach().requires_grad_()
        predict(sd, z, t, emb)
        loss = torch.stack(
            [(ours - theirs).square().sum((-1, -2)).mean() for ours, theirs in zip(seen.found, wanted, strict=True)]
        ).sum()
        (gradient,) = torch.autograd.grad(loss, z)
    sd.evaluated.backward += len(z)  # predict() counts what comes back through its output, which the maps are not
    return gradient


def _regularised(eps: Tensor, options: dict[str, Any], random: torch.Generator) -> Tensor:
    """eps after a few steps downhill on autocorrelation and divergence, in turn (section 3.1)."""
    for _ in range(options["rounds"]):
        for _ in range(options["shifts"]):
            eps = eps - options["correlation"] / options["shifts"] * _gradient(autocorrelation, eps, random)
        eps = eps - options["divergence"] * _gradient(divergence, eps, random)
    return eps


def _gradient(loss: Any, eps: Tensor, random: torch.Generator) -> Tensor:
    with torch.enable_grad():
        eps = eps.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(eps, random), eps)
    return gradient


def autocorrelation(eps: Tensor, random: torch.Generator) -> Tensor:
    """Σ over a pyramid and both directions of (mean of eps times itself at a random shift)², each channel for itself
    (L_pair): 0 for noise without structure. eps (B, C, h, w); the pyramid ends at 8 pixels."""
    total = eps.new_zeros(())
    while True:
        side = eps.shape[-1]
        shift = int(torch.randint(max(1, side // 2), (), generator=random))
        for axis in (-1, -2):
            total = total + (eps * eps.roll(shift, axis)).mean((-1, -2)).square().sum()
        if side <= 8:
            return total
        eps = avg_pool2d(eps, 2)


def divergence(eps: Tensor, random: torch.Generator | None = None) -> Tensor:
    """How far eps is from a normal distribution: variance + mean² - 1 - log variance (L_KL, doubled)."""
    variance, mean = eps.var(), eps.mean()
    return variance + mean.square() - 1 - (variance + 1e-7).log()


METHOD = Method(
    name="pix2pix_zero",
    title="零样本改向",
    operations=("replace", "recolor", "modify", "restyle"),
    needs=(),
    options=OPTIONS,
    run=run,
    inverts=True,
)
