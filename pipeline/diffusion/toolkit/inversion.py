"""A photo as the end of a sampling path, so that sampling comes back to it and an edit can leave from it.

ddim             plain DDIM inversion at guidance 1 (Dhariwal & Nichol 2021); drifts away under guidance
negative_prompt  the source prompt takes the place of the empty one (Miyake et al. 2023): no guidance error, no cost
null_text        the empty prompt is optimised at each step until the path fits (Mokady et al. 2023)
null_text_faithful  the same, with the authors' rule for when to stop and which embedding to keep
null_text_fast   the same from a better start, so that a quarter of the work will do
direct           the source branch is put back onto the path after each step (Ju et al. 2024)
fixed_point      direct, on a path whose steps are solved for and not guessed (Pan et al. 2023; Garibi et al. 2024): for few
                 large steps, across which DDIM's guess is wrong

All begin with the photo as the autoencoder encodes it, z_0 (1, C, h, w).
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from pipeline.diffusion.toolkit.ddim import invert_step, step, timesteps
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, guided, predict
from pipeline.engine import Progress, part
from storage.errors import HeyingError

AGAIN = 3  # how often fixed_point looks once more at each step


class InversionError(HeyingError):
    """An unknown inversion, or one that belongs to another edit."""


@dataclass(frozen=True, slots=True)
class Inversion:
    """`latents` z_0 … z_T, each (1, C, h, w); `null_embeddings` (1 or steps, T, D), noisiest step first.

    `guidance` is what null_embeddings were made for; the other kinds serve any. `kind` is a key of INVERSIONS. `way`:
    where sampling the source comes by, z_0 … z_T, if that was remembered.
    """

    kind: str
    prompt: str
    guidance: float
    latents: tuple[Tensor, ...]
    null_embeddings: Tensor
    way: tuple[Tensor, ...] = ()

    @property
    def steps(self) -> int:
        return len(self.latents) - 1

    @property
    def pinned(self) -> bool:
        """Whether the source's path is known, so that its unconditional prediction is never asked for."""
        return self.kind in ("direct", "fixed_point") or bool(self.way)

    @property
    def start(self) -> Tensor:
        """z_T, where sampling begins."""
        return self.latents[-1]

    def null(self, i: int) -> Tensor:
        """(1, T, D): the unconditional embedding at step i, noisiest first."""
        return self.null_embeddings[[i if len(self.null_embeddings) > 1 else 0]]

    def source(self, i: int, z_prev: Tensor) -> Tensor:
        """The source branch after step i, sampled to `z_prev`.

        Direct Inversion adds d_t = z*_{t-1} - z_prev (its Algorithm 1), which makes it z*_{t-1} exactly. The offsets
        are not stored: they depend on the guidance, while what they restore does not, and the source branch is sampled
        beside the target anyway. The target gets none. A way that was remembered is where sampling would come again. The
        other kinds leave z_prev as it is.
        """
        return (self.way or self.latents)[self.steps - 1 - i] if self.pinned else z_prev

    def fitting(self, prompt: str, steps: int, guidance: float) -> "Inversion":
        """Itself, if it was made for this prompt, steps and (where it matters) guidance; else InversionError."""
        free = not self.kind.startswith("null_text")
        fits = self.prompt == prompt and self.steps == steps and (free or self.guidance == guidance)
        if not fits:
            raise InversionError(
                "保存的反演和这次编辑对不上，请重新反演这张照片。",
                f"inversion: {self.steps} steps at {self.guidance}, edit: {steps} at {guidance}, or another prompt",
            )
        return self


def looks_again(sd: StableDiffusion) -> int:
    """How often the model's own inversion asks once more at each step (see climb)."""
    return AGAIN if sd.few_steps else 0


def climb(sd: StableDiffusion, z: Tensor, t_prev: int, t: int, emb: Tensor, again: int) -> Tensor:
    """z_{t_prev} → z_t by a step of DDIM inversion at guidance 1.

    `again`: how often it asks for the noise once more, at the mean of where it has come so far. What it comes to is the z_t
    whose sampling step leads to z_{t_prev}.
    """
    reached = invert_step(sd, z, predict(sd, z, t, emb), t_prev, t)
    for _ in range(again):
        reached = (reached + invert_step(sd, z, predict(sd, reached, t, emb), t_prev, t)) / 2
    return reached


@torch.no_grad()
def path(
    sd: StableDiffusion, z0: Tensor, prompt: str, steps: int, again: int = 0
) -> Generator[Progress, None, tuple[Tensor, ...]]:
    """z_0 (1, C, h, w) → z_0 … z_T by DDIM inversion at guidance 1; `again`: see climb."""
    z, emb = z0, embed(sd, [prompt])
    latents = [z]
    for i, (t, t_prev) in enumerate(reversed(timesteps(sd, steps))):
        z = climb(sd, z, t_prev, t, emb, again)
        latents.append(z)
        yield Progress(i + 1, steps, "反演照片")
    return tuple(latents)


@torch.no_grad()
def ddim(
    sd: StableDiffusion, z0: Tensor, prompt: str, *, steps: int = 50, guidance: float | None = None
) -> Generator[Progress, None, Inversion]:
    """DDIM inversion; `steps` UNet evaluations. Comes back to the picture at guidance 1 only."""
    latents = yield from path(sd, z0, prompt, steps)
    return Inversion("ddim", prompt, _guidance(sd, guidance), latents, embed(sd, [""]))


@torch.no_grad()
def direct(
    sd: StableDiffusion, z0: Tensor, prompt: str, *, steps: int = 50, guidance: float | None = None
) -> Generator[Progress, None, Inversion]:
    """Direct Inversion; `steps` UNet evaluations. The source branch ends in the encoded picture, exactly."""
    latents = yield from path(sd, z0, prompt, steps)
    return Inversion("direct", prompt, _guidance(sd, guidance), latents, embed(sd, [""]))


@torch.no_grad()
def fixed_point(
    sd: StableDiffusion, z0: Tensor, prompt: str, *, steps: int = 4, guidance: float | None = None, again: int = AGAIN
) -> Generator[Progress, None, Inversion]:
    """Direct Inversion on a path of solved steps; `steps` · (1 + `again`) UNet evaluations."""
    latents = yield from path(sd, z0, prompt, steps, again)
    return Inversion("fixed_point", prompt, _guidance(sd, guidance), latents, embed(sd, [""]))


@torch.no_grad()
def negative_prompt(
    sd: StableDiffusion, z0: Tensor, prompt: str, *, steps: int = 50, guidance: float | None = None
) -> Generator[Progress, None, Inversion]:
    """Negative-prompt inversion; `steps` UNet evaluations. The source branch is sampled as at guidance 1."""
    latents = yield from path(sd, z0, prompt, steps)
    return Inversion("negative_prompt", prompt, _guidance(sd, guidance), latents, embed(sd, [prompt]))


@torch.no_grad()
def null_text(
    sd: StableDiffusion,
    z0: Tensor,
    prompt: str,
    *,
    steps: int = 50,
    guidance: float | None = None,
    inner: int = 10,
    rate: float = 1e-2,
    faithful: bool = False,
) -> Generator[Progress, None, Inversion]:
    """Null-text inversion (Mokady et al. 2023, Algorithm 1) with the defaults of its code.

    Down the pivot path z*_T … z*_0, the null embedding of each step is fitted so that one guided step from where
    sampling now is lands on z*_{t-1}: at most `inner` Adam steps with rate·(1 - i/100), until the loss falls below
    1e-5 + i·2e-5; the next step starts from the embedding found. Needs float32 and a backward pass through the UNet.

    Differs from the code in that the best embedding seen is kept, the one started from among them, instead of the last:
    where the loss is small already an Adam step can only spoil it. `faithful` is the code's way: a step is taken before
    its loss is looked at, so each time has one at least, and the embedding after the last step is kept.
    """
    w = _guidance(sd, guidance)
    latents = yield from part(path(sd, z0, prompt, steps), 0, 2 * steps)
    emb, null = embed(sd, [prompt]), embed(sd, [""])
    z, found = latents[-1], []
    for i, (t, t_prev) in enumerate(timesteps(sd, steps)):
        eps = predict(sd, z, t, emb)  # does not depend on the null embedding
        null, eps_null = _leaf(sd, z, t, null)
        null, z = _fit(sd, z, t, t_prev, eps, null, eps_null, latents[steps - 1 - i], w, inner, rate, i, faithful)
        found.append(null)
        yield Progress(steps + i + 1, 2 * steps, "还原照片细节")
    return Inversion("null_text_faithful" if faithful else "null_text", prompt, w, latents, torch.cat(found))


@torch.no_grad()
def null_text_fast(
    sd: StableDiffusion,
    z0: Tensor,
    prompt: str,
    *,
    steps: int = 50,
    guidance: float | None = None,
    inner: int = 1,
    rate: float = 4e-3,
) -> Generator[Progress, None, Inversion]:
    """Null-text inversion from a better start: each step's embedding begins as the source prompt's, not as "".

    There guidance has no error (Negative-prompt inversion), so what is left to fit is only that DDIM's inversion is not
    exact: one Adam step a step will do, the first look is free, since it is the conditional prediction itself, and
    steps that are near enough need none. The way is remembered, so an edit need not ask for it again.
    """
    w = _guidance(sd, guidance)
    pivots = yield from part(path(sd, z0, prompt, steps), 0, 2 * steps)
    emb = embed(sd, [prompt])
    way, found = [pivots[-1]], []
    for i, (t, t_prev) in enumerate(timesteps(sd, steps)):
        null, eps_null = _leaf(sd, way[-1], t, emb)
        eps = eps_null.detach()
        null, z = _fit(sd, way[-1], t, t_prev, eps, null, eps_null, pivots[steps - 1 - i], w, inner, rate, i)
        way.append(z)
        found.append(null)
        yield Progress(steps + i + 1, 2 * steps, "还原照片细节")
    return Inversion("null_text_fast", prompt, w, pivots, torch.cat(found), tuple(reversed(way)))


def _leaf(sd: StableDiffusion, z: Tensor, t: int, null: Tensor) -> tuple[Tensor, Tensor]:
    """A null embedding that can be fitted, and what is predicted with it."""
    with torch.enable_grad():
        null = null.clone().requires_grad_()
        return null, predict(sd, z, t, null)


def _fit(
    sd: StableDiffusion,
    z: Tensor,
    t: int,
    t_prev: int,
    eps: Tensor,
    null: Tensor,
    eps_null: Tensor,
    pivot: Tensor,
    w: float,
    inner: int,
    rate: float,
    i: int,
    faithful: bool = False,
) -> tuple[Tensor, Tensor]:
    """The null embedding by which step i comes nearest to the pivot (`faithful`: the last one), and where it comes; begins
    with a leaf `null` and what is predicted with it."""
    with torch.enable_grad():
        optimizer = torch.optim.Adam([null], lr=rate * max(0.0, 1 - i / 100))
        least = before = float("inf")
        for tries in range(inner + 1):
            if tries:
                eps_null = predict(sd, z, t, null)
            z_prev = step(sd, z, eps_null + w * (eps - eps_null), t, t_prev)
            loss = mse_loss(z_prev, pivot)
            if faithful or loss.item() < least:
                least, best, z_best = loss.item(), null.detach().clone(), z_prev.detach()
            # the loss that is small enough, by the authors; w = 1: the null embedding plays no part
            if tries == inner or w == 1 or (before if faithful else least) < 1e-5 + i * 2e-5:
                break
            before = least
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return best, z_best


Invert = Callable[..., Generator[Progress, None, Inversion]]
INVERSIONS: dict[str, Invert] = {
    "null_text": null_text,
    "null_text_faithful": partial(null_text, faithful=True),
    "null_text_fast": null_text_fast,
    "direct": direct,
    "fixed_point": fixed_point,
    "negative_prompt": negative_prompt,
    "ddim": ddim,
}


def walks(kind: str) -> int:
    """How many times the inversion called `kind` walks the path: it yields so many times the number of steps."""
    return 2 if kind.startswith("null_text") else 1


def ahead(given: "str | Inversion | None", steps: int, kind: str = "direct") -> int:
    """How many times obtain() will yield: none for an inversion that is there already."""
    return 0 if isinstance(given, Inversion) else steps * walks(given or kind)


def obtain(
    sd: StableDiffusion,
    given: "str | Inversion | None",
    z0: Tensor,
    prompt: str,
    *,
    steps: int,
    guidance: float | None = None,
    kind: str | None = None,
    after: int = 0,
) -> Generator[Progress, None, Inversion]:
    """The inversion that an edit works with: `given` itself if it is one, else the one of that name (None: `kind`, or the
    model's own).

    `after`: the steps that will follow, for the progress shown. Raises InversionError if `given` is another edit's.
    """
    w = _guidance(sd, guidance)
    if isinstance(given, Inversion):
        return given.fitting(prompt, steps, w)
    name = given or kind or sd.inversion
    work = invert(sd, z0, prompt, kind=name, steps=steps, guidance=w)
    return (yield from part(work, 0, ahead(name, steps) + after))


def invert(
    sd: StableDiffusion, z0: Tensor, prompt: str, *, kind: str, steps: int = 50, guidance: float | None = None
) -> Generator[Progress, None, Inversion]:
    """The inversion called `kind`. Raises InversionError for a name that is not in INVERSIONS."""
    if kind not in INVERSIONS:
        raise InversionError(
            f"没有叫 {kind} 的反演方法，可用的有：{'、'.join(INVERSIONS)}。", f"unknown inversion {kind!r}"
        )
    return INVERSIONS[kind](sd, z0, prompt, steps=steps, guidance=guidance)


@torch.no_grad()
def reconstruct(
    sd: StableDiffusion, inversion: Inversion, guidance: float | None = None
) -> Generator[Progress, None, Tensor]:
    """Sample the source branch alone; returns z_0 (1, C, h, w). `guidance` None: the one of the inversion."""
    w = inversion.guidance if guidance is None else guidance
    emb, z = embed(sd, [inversion.prompt]), inversion.start
    for i, (t, t_prev) in enumerate(timesteps(sd, inversion.steps)):
        z = inversion.source(i, step(sd, z, guided(sd, z, t, emb, inversion.null(i), w), t, t_prev))
        yield Progress(i + 1, inversion.steps, "还原照片")
    return z


def pack(inversion: Inversion) -> dict[str, np.ndarray]:
    """An inversion as plain arrays, for the cache; no pickle needed."""
    return {
        "kind": np.array(inversion.kind),
        "prompt": np.array(inversion.prompt),
        "guidance": np.array(inversion.guidance),
        "latents": torch.stack(inversion.latents).cpu().numpy(),
        "null_embeddings": inversion.null_embeddings.cpu().numpy(),
        **({"way": torch.stack(inversion.way).cpu().numpy()} if inversion.way else {}),
    }


def unpack(arrays: Mapping[str, np.ndarray], device: str | torch.device = "cpu") -> Inversion:
    """What pack() made, back on `device`."""
    latents = torch.from_numpy(np.array(arrays["latents"])).to(device)
    return Inversion(
        str(arrays["kind"]),
        str(arrays["prompt"]),
        float(arrays["guidance"]),
        tuple(latents),
        torch.from_numpy(np.array(arrays["null_embeddings"])).to(device),
        tuple(torch.from_numpy(np.array(arrays["way"])).to(device)) if "way" in arrays else (),
    )


def _guidance(sd: StableDiffusion, guidance: float | None) -> float:
    return sd.guidance if guidance is None else guidance
