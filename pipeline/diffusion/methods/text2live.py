"""Text2LIVE: a layer of colour and opacity over the photo, drawn by a small network for this photo alone (Bar-Tal et al.
2022, "Text2LIVE: Text-Driven Layered Image and Video Editing"). No diffusion: only CLIP says what is wanted.

A generator turns the photo I_s into an edit layer {C, alpha}; the composite is I_o = alpha C + (1 - alpha) I_s (eq. 1).
The loss is L_comp + lambda_g L_screen + lambda_s L_structure + lambda_r L_reg (sec. 3.1):
    L_comp       cosine distance of I_o to the target text, and of the change of the picture to the change of the text
    L_screen     the layer alone, over green, must be what the text says (eq. 4)
    L_structure  CLIP's patch tokens must be as like each other in I_o as they are in I_s (eq. 5)
    L_reg        alpha is sparse: its L1 norm and a smooth L0, 2 sigmoid(5 alpha) - 1 (eq. 6)
and at first, fading, alpha shall be where CLIP sees what the source text says (bootstrap). All of it is judged on random
views of the pictures.

Defaults: the paper's code (1000 steps, weights 1, 1, 2, 6 · .01, bootstrap 10, 16 views, 7 scales of 128 channels).
Where we differ: Adam with the code's rates instead of MADGRAD; prompts are whole captions, so no templates are put around
them; views are not mirrored, since captions say left and right; relevance is gradient times activation of CLIP's last
patch tokens (Selvaraju et al. 2017) instead of attention roll-out. A region bounds alpha, exactly.
"""

from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, mse_loss, normalize

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.clip import Clip, image_features, prepare, text_features
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "layer_steps": 1000,
    "rate": 2.5e-3,
    "least_rate": 1e-5,  # the rate falls by 1 % a step down to this
    "composite": 1.0,  # weights of the losses
    "direction": 1.0,
    "screen": 1.0,
    "structure": 2.0,  # divided by the edit's strength
    "sparsity": 0.06,
    "bootstrap": 10.0,
    "views": 16,
    "least_view": 0.6,  # side of the smallest view, in sides of the picture
    "scales": 7,
    "channels": 128,
}
GREEN = (0.0, 177 / 255, 64 / 255)


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    clip = sd.clip
    if clip is None or options["layer_steps"] < 1 or options["views"] < 1:
        raise EditError("这个编辑方式的选项填错了。", f"text2live: {options['layer_steps']=} {options['views']=}")
    photo = edit.image.to(sd.device)
    words = " ".join(new for _, new in edit.words if new) or edit.target
    source, target, screen = text_features(clip, [edit.source, edit.target, f"{words} over a green screen"]).split(1)
    layer = _seeded(edit.seed, options["channels"], _scales(photo.shape[-1], options["scales"])).to(photo.device)
    optimizer = torch.optim.Adam(layer.parameters(), lr=options["rate"])
    random = torch.Generator().manual_seed(edit.seed)
    green = photo.new_tensor(GREEN).view(1, 3, 1, 1) * 2 - 1
    likeness = _likeness(clip, photo)
    relevant = _relevance(clip, photo, source)
    weight = {name: options[name] for name in ("composite", "direction", "screen", "structure", "sparsity")}
    weight["structure"] /= max(edit.strength, 1e-6)

    for done in range(options["layer_steps"]):
        for group in optimizer.param_groups:
            group["lr"] = max(options["least_rate"], options["rate"] * 0.99**done)
        with torch.enable_grad():
            color, alpha = _layer(layer, photo, edit.region)
            boxes = _views(options["views"], options["least_view"], photo.shape[-1], random)
            seen = image_features(clip, _cut(clip, torch.lerp(photo, color, alpha), boxes))
            was = image_features(clip, _cut(clip, photo, boxes))
            loss = weight["composite"] * (1 - seen @ target.T).mean()
            loss = (
                loss + weight["direction"] * (1 - normalize(seen - was, dim=-1) @ normalize(target - source).T).mean()
            )
            if weight["screen"]:
                alone = image_features(clip, _cut(clip, torch.lerp(green, color, alpha), boxes))
                loss = loss + weight["screen"] * (1 - alone @ screen.T).mean()
            if weight["structure"]:
                loss = loss + weight["structure"] * mse_loss(_likeness(clip, torch.lerp(photo, color, alpha)), likeness)
            loss = loss + weight["sparsity"] * (alpha.mean() + (2 * (5 * alpha).sigmoid() - 1).mean())
            fading = options["bootstrap"] * (1 - done / options["layer_steps"]) ** 4
            if fading > 1e-3:
                loss = loss + fading * mse_loss(alpha, relevant)
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        yield Progress(done + 1, options["layer_steps"], "画一层新颜色")
    color, alpha = _layer(layer, photo, edit.region)
    facts = {
        "loss": round(loss.item(), 4),
        "alpha": round(float(alpha.mean()), 4),
        "unet_forward": 0,
        "unet_backward": 0,
    }
    return Edited(torch.lerp(photo, color, alpha), alpha, None, facts)


class _Generator(nn.Module):
    """A picture in, RGB and opacity out: as many scales down as up, with thin skips between (Ulyanov et al. 2018)."""

    def __init__(self, channels: int, scales: int, skip: int = 4) -> None:
        super().__init__()
        self.down, self.skips, self.up = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for i in range(scales):
            before = channels if i else 3
            self.down.append(_block(before, channels, 2))
            self.skips.append(_block(before, skip, 1, 1))
            self.up.append(_block(channels + skip, channels, 1))
        self.out = nn.Conv2d(channels, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        aside = []
        for down, skip in zip(self.down, self.skips, strict=True):
            aside.append(skip(x))
            x = down(x)
        for up, skipped in zip(reversed(self.up), reversed(aside), strict=True):
            x = interpolate(x, size=skipped.shape[-2:], mode="bilinear")
            x = up(torch.cat([x, skipped], dim=1))
        out: Tensor = self.out(x)
        return out


def _block(before: int, after: int, stride: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, padding_mode="reflect"),
        nn.GroupNorm(1, after),
        nn.LeakyReLU(0.2),
    )


def _seeded(seed: int, channels: int, scales: int) -> _Generator:
    """A generator whose first weights depend on the seed only."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _Generator(channels, scales)


def _scales(side: int, wanted: int) -> int:
    """As many halvings as leave at least four pixels."""
    scales = 1
    while scales < wanted and side >> (scales + 1) >= 4:
        scales += 1
    return scales


def _layer(layer: nn.Module, photo: Tensor, region: Tensor | None) -> tuple[Tensor, Tensor]:
    """Colour (1, 3, S, S) in [-1, 1] and opacity (1, 1, S, S) in [0, 1], none outside the region."""
    out = layer(photo)
    alpha = out[:, 3:].sigmoid()
    return out[:, :3].tanh(), alpha if region is None else alpha * region.to(alpha)


def _views(count: int, least: float, side: int, random: torch.Generator) -> list[tuple[int, int, int]]:
    """The whole picture and random squares of it: left, top, side."""
    views = [(0, 0, side)]
    for share, x, y in torch.rand(count - 1, 3, generator=random).tolist():
        size = round(side * (least + (1 - least) * share))
        views.append((round(x * (side - size)), round(y * (side - size)), size))
    return views


def _cut(clip: Clip, image: Tensor, views: list[tuple[int, int, int]]) -> Tensor:
    """The views of a picture (1, 3, S, S), each at CLIP's size: (len(views), 3, s, s)."""
    size = (clip.image_size, clip.image_size)
    parts = (image[..., top : top + side, left : left + side] for left, top, side in views)
    return torch.cat([interpolate(part, size=size, mode="bilinear", antialias=True) for part in parts])


def _tokens(clip: Clip, image: Tensor) -> Tensor:
    """CLIP's last patch tokens of a picture, (1, patches, D)."""
    hidden: Tensor = clip.model.vision_model(pixel_values=prepare(clip, image)).last_hidden_state
    return hidden[:, 1:]


def _likeness(clip: Clip, image: Tensor) -> Tensor:
    """How like the patches of a picture are to each other, (1, patches, patches)."""
    tokens = normalize(_tokens(clip, image), dim=-1)
    return tokens @ tokens.transpose(1, 2)


def _relevance(clip: Clip, image: Tensor, text: Tensor) -> Tensor:
    """Where CLIP sees what the text (1, D) says, (1, 1, S, S) in [0, 1]."""
    vision, kept = clip.model.vision_model, []
    hook = vision.encoder.layers[-1].register_forward_pre_hook(
        lambda _, args, kwargs: kept.append(args[0] if args else kwargs["hidden_states"]), with_kwargs=True
    )
    try:
        with torch.enable_grad():
            looked = image_features(clip, image.clone().requires_grad_())
            (gradient,) = torch.autograd.grad((looked @ text.T).sum(), kept[0])
    finally:
        hook.remove()
    heat = (gradient * kept[0].detach())[:, 1:].sum(-1).clamp(min=0)  # (1, patches)
    side = int(heat.shape[1] ** 0.5)
    heat = heat.view(1, 1, side, side) / heat.max().clamp(min=1e-9)
    return interpolate(heat, size=image.shape[-2:], mode="bilinear")


METHOD = Method(
    name="text2live",
    title="Text2LIVE",
    operations=("recolor", "modify", "restyle"),
    needs=("clip",),
    options=OPTIONS,
    run=run,
)
