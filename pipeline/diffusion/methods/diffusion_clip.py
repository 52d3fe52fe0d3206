"""DiffusionCLIP: a model tuned until what it draws has become what the words say (Kim et al. 2022).

Pictures of the domain are inverted with DDIM up to t_0; the model is then tuned so that sampling them again changes them
as CLIP says (sec. 3.2):
    L = lambda L_dir + L1,  L_dir = 1 - cos(E_I(x) - E_I(x_0), E_T(target) - E_T(source)),
where the L1 distance to the original picture keeps its identity (of faces the paper's ArcFace would, which is not for
this model to have), and each of the few sampling steps is tuned by itself, on the x_0 that it predicts (the paper's
memory-saving version, Appendix). Afterwards any photo is inverted by the model as it was and sampled by the tuned one.
It is tuned once for each pair of words; with `reuse` the tuned weights are kept while the process lives.

Defaults are the paper's: 50 pictures, t_0 500 of 1000, 40 steps up, 6 down in training, all weights at 8e-6, a third
more after each epoch, lambda 3, L1 1; the loss is the code's, -log((2 - L_dir) / 2). Where we differ:
- the domain's pictures are not collected but drawn by the model, from the word that shall go; or (`domain` "photo") there
  is one, the photo itself, the words are its captions, and CLIP looks at the square about the region;
- tuning and editing are without prompt, as the paper's models have none (`prompt` "source" uses the photo's caption);
- `tune` "lora": low-rank layers at a rate of their own, instead of all weights.
"""

from collections.abc import Generator
from contextlib import ExitStack
from math import sqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import l1_loss, normalize

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.clip import image_features, text_features
from pipeline.diffusion.toolkit.ddim import alpha, invert_step, sample, step, timesteps
from pipeline.diffusion.toolkit.init_latents import start
from pipeline.diffusion.toolkit.lora import Lora, Tuned, adapted, tuned
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, noise, predict
from pipeline.engine import Progress, part

OPTIONS: dict[str, Any] = {
    "domain": "drawn",  # what is tuned on: pictures "drawn" of the word that shall go, or the "photo" alone
    "pictures": 50,
    "draw_steps": 40,  # DDIM steps in which the pictures are drawn
    "depth": 0.5,  # t_0, as a part of the way up; multiplied by the edit's strength when editing
    "invert_steps": 40,  # steps up to t_0
    "train_steps": 6,  # steps down from t_0
    "epochs": 5,
    "rate": 8e-6,
    "growth": 1.3,  # the rate is multiplied by this after each epoch
    "direction": 3.0,  # lambda
    "identity": 1.0,
    "tune": "full",  # "full" or "lora"
    "rank": 8,  # of LoRA
    "everywhere": False,  # LoRA beside all layers, not only the attention's
    "prompt": "none",  # what the model is told in training and editing: "none" or "source"
    "seed": 0,  # of the tuning: the words alone decide what is learnt, not the edit
    "reuse": False,  # whether words learnt before (LoRA only) are used again
}
KNOWN = {"tune": ("full", "lora"), "prompt": ("none", "source"), "domain": ("drawn", "photo")}
MOST = 32  # words whose tuned weights are kept
_learnt: dict[tuple[Any, ...], Lora] = {}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    least = min(options[name] for name in ("pictures", "epochs", "draw_steps", "invert_steps", "train_steps"))
    wrong = [name for name, known in KNOWN.items() if options[name] not in known]
    if least < 1 or wrong:
        raise EditError("这个编辑方式的选项填错了。", f"diffusion_clip: {wrong} {least=}")
    count = evaluations(sd)
    alone = options["domain"] == "photo"
    if alone:  # one picture, which need not be drawn; what is learnt from it is of no use for another one
        options |= {"pictures": 1, "draw_steps": 0, "reuse": False}
        old, new = edit.source, edit.target
    else:
        old = " ".join(word for word, _ in edit.words if word) or edit.source
        new = " ".join(word for _, word in edit.words if word) or edit.target
    caption = edit.source if options["prompt"] == "source" else ""
    key = (sd.name, id(sd.unet), old, new, caption, *(options[name] for name in OPTIONS if name != "reuse"))
    known = _learnt.get(key) if options["reuse"] else None
    training = 0 if known is not None else _length(options)
    depth = min(1.0, options["depth"] * edit.strength)
    total = edit.steps + training + max(1, round(depth * edit.steps))

    beginning = start(
        sd, edit.latents(sd), "inversion", steps=edit.steps, depth=depth, region=edit.region, prompt=caption
    )  # fmt: skip
    begun = yield from part(beginning, 0, total)
    how = {"rank": options["rank"], "everywhere": options["everywhere"], "seed": options["seed"]}
    with ExitStack() as stack:
        if known is not None:
            stack.enter_context(adapted(sd.unet, [known]))
        else:
            weights = stack.enter_context(tuned(sd.unet, options["tune"], **how))
            if alone:
                domain = [(edit.image.to(sd.device), begun.z)]
                top, window = begun.way[0][0], _window(edit.region)
            else:
                up = timesteps(sd, options["invert_steps"])
                up = up[-max(1, round(min(1.0, options["depth"]) * options["invert_steps"])) :]
                drawing = _draw(sd, weights, old, caption, up, options)
                domain = yield from part(drawing, edit.steps, total)
                top, window = up[0][0], _window(None)
            down = _spaced(top, options["train_steps"])
            turning = _turn(sd, weights, domain, down, old, new, caption, window, options)
            yield from part(turning, edit.steps + options["pictures"] * options["draw_steps"], total)
            if options["reuse"] and (learnt := weights.learnt()):
                _learnt[key] = learnt
                for first in list(_learnt)[:-MOST]:
                    del _learnt[first]
        z, emb = begun.z, embed(sd, [caption])
        for i, (t, t_prev) in enumerate(begun.way):
            z = begun.keep(i, step(sd, z, predict(sd, z, t, emb), t, t_prev))
            yield Progress(total - len(begun.way) + i + 1, total, "改图")
    facts = {"learnt": known is None, "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), begun.mask(edit.image.shape[-1]), None, facts)


def _draw(
    sd: StableDiffusion, weights: Tuned, old: str, caption: str, up: list[tuple[int, int]], options: dict[str, Any]
) -> Generator[Progress, None, list[tuple[Tensor, Tensor]]]:
    """Pictures of `old` (1, 3, S, S) that the model draws as it was before, each with its latents at the top of `up`."""
    emb, side, total = embed(sd, [caption]), sd.size // sd.factor, options["pictures"] * options["draw_steps"]
    drawn = []
    for k in range(options["pictures"]):
        with weights.original():
            start_noise = noise(sd, (1, sd.unet.config.in_channels, side, side), options["seed"] * 1000 + k)
            work = sample(sd, start_noise, [old], steps=options["draw_steps"])
            z = yield from part(work, k * options["draw_steps"], total)
            picture = decode(sd, z)
            for t, t_prev in reversed(up):
                z = invert_step(sd, z, predict(sd, z, t, emb), t_prev, t)
        drawn.append((picture, z))
    return drawn


def _turn(
    sd: StableDiffusion,
    weights: Tuned,
    domain: list[tuple[Tensor, Tensor]],
    down: list[tuple[int, int]],
    old: str,
    new: str,
    caption: str,
    window: tuple[slice, slice],
    options: dict[str, Any],
) -> Generator[Progress, None, None]:
    """Tune the weights until pictures of `old`, each with its latents at the top of `down`, come out as `new`, as CLIP
    sees them in `window`."""
    clip = sd.clip
    assert clip is not None
    optimizer = torch.optim.Adam(weights.parameters, lr=options["rate"])
    wanted = text_features(clip, [new]) - text_features(clip, [old])
    emb = embed(sd, [caption])
    views = [image_features(clip, picture[..., *window]) for picture, _ in domain]
    done, total = 0, options["epochs"] * len(domain) * len(down)
    for epoch in range(options["epochs"]):
        for group in optimizer.param_groups:
            group["lr"] = options["rate"] * options["growth"] ** epoch
        for (picture, z), view in zip(domain, views, strict=True):
            for t, t_prev in down:
                with torch.enable_grad():
                    eps = predict(sd, z, t, emb)
                    made = _picture(sd, (z - sqrt(1 - alpha(sd, t)) * eps) / sqrt(alpha(sd, t)))
                    seen = image_features(clip, made[..., *window])
                    change = 1 - normalize(seen - view, dim=-1) @ normalize(wanted, dim=-1).T
                    loss = -options["direction"] * ((2 - change.mean()) / 2).clamp(min=1e-4).log()
                    loss = loss + options["identity"] * l1_loss(made, picture)
                    optimizer.zero_grad()
                    loss.backward()
                optimizer.step()
                z = step(sd, z, eps.detach(), t, t_prev)
                done += 1
                yield Progress(done, total, f"学「{new}」的样子")


def _length(options: dict[str, Any]) -> int:
    """Steps of progress in _draw() and _turn()."""
    return int(options["pictures"] * (options["draw_steps"] + options["epochs"] * options["train_steps"]))


def _window(region: Tensor | None) -> tuple[slice, slice]:
    """Rows and columns of the square about a region (1, 1, S, S); everything without one."""
    if region is None or not region.any():
        return slice(None), slice(None)
    rows, columns = (region[0, 0].amax(axis).nonzero().flatten() for axis in (1, 0))
    side = int(max(rows[-1] - rows[0], columns[-1] - columns[0])) + 1
    top, left = (min(max(int(a[0] + a[-1] + 1 - side) // 2, 0), region.shape[-1] - side) for a in (rows, columns))
    return slice(top, top + side), slice(left, left + side)


def _spaced(top: int, steps: int) -> list[tuple[int, int]]:
    """So many even steps from time `top` down to the end."""
    times = [round(top * (steps - k) / steps) for k in range(steps)]
    return list(zip(times, [*times[1:], -1], strict=True))


def _picture(sd: StableDiffusion, z: Tensor) -> Tensor:
    """Latents → pictures as decode() does it, but differentiable and not clamped."""
    image: Tensor = sd.vae.decode(z / sd.vae.config.scaling_factor + (sd.vae.config.shift_factor or 0.0)).sample
    return image


METHOD = Method(
    name="diffusion_clip",
    title="DiffusionCLIP",
    operations=("replace", "recolor", "modify", "restyle", "background"),
    needs=("clip",),
    options=OPTIONS,
    run=run,
)
