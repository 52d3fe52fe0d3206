"""Neural style transfer: the photo is painted over until the encoder finds the statistics of the style in it (Gatys et al.
2016, "Image Style Transfer Using Convolutional Neural Networks"). No diffusion: a style that the model never saw is no
harder than one it knows, since nothing has to be drawn that is not in the photo.

The loss of the picture x is sum_l ||s_l(x) - s_l||² / ||s_l||² + c sum_l ||L_l(x) - L_l(photo)||² + v TV(x): the style's
statistics s in each layer of the autoencoder's encoder, the photo's self-similarities L in the two deepest (see
toolkit/style_statistics.py), and smoothness. The style is that of the pictures it was taught from (`look`), or of pictures that the
model draws of the target prompt.

Where we differ from the paper: the model's own encoder instead of VGG-19, which would be somebody's weights; statistics
instead of Gram matrices; Adam instead of L-BFGS. The picture begins as the photo in the style's colours,
is seen shifted by a few pixels each time, and goes through the autoencoder at last: strided convolutions would leave
their grid in it.
"""

from collections.abc import Generator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.blend import latent_region
from pipeline.diffusion.toolkit.ddim import sample
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, encode, evaluations, noise
from pipeline.diffusion.toolkit.style_statistics import features, likeness, look, recolored, statistics
from pipeline.engine import Progress, part

OPTIONS: dict[str, Any] = {
    "look": None,  # toolkit.texture.look() of the style's pictures, n numbers; None: of pictures drawn for it
    "pictures": 4,  # that are drawn for it
    "fit_steps": 50,
    "rate": 0.06,
    "content": 1.0,  # c, divided by the edit's strength
    "smooth": 0.3,  # v
    "shift": 8,  # pixels by which the picture is seen shifted at most: the coarsest grid of the encoder
}
DEEP = 2  # layers whose self-similarities are the photo's


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError (a look that another model's encoder gave)."""
    options = METHOD.check(sd, edit)
    if min(options[name] for name in ("pictures", "fit_steps", "shift")) < 1:
        raise EditError("这个编辑方式的选项填错了。", f"style_transfer: {dict(options)}")
    count, photo = evaluations(sd), edit.image.to(sd.device)
    drawing = edit.steps if options["look"] is None else 0
    total = drawing + options["fit_steps"]
    if options["look"] is None:
        wanted = yield from part(_drawn(sd, edit, options["pictures"]), 0, total)
    else:
        wanted = torch.as_tensor(options["look"], dtype=photo.dtype, device=photo.device)
    shown = features(sd, photo)
    sizes = [one.shape[1] for one in statistics(shown)]
    if len(wanted) != sum(sizes):
        raise EditError(
            "这个风格是用另一个模型学的，请再发几张图重新教我一次。",
            f"style_transfer: {len(wanted)} numbers, the encoder has {sum(sizes)}",
        )
    picture = yield from part(_painted(sd, edit, options, photo, shown, list(wanted.split(sizes))), drawing, total)
    z, mask = encode(sd, picture), None
    if edit.region is not None:
        region = latent_region(edit.region.to(z.device), z.shape[-1])
        z = torch.lerp(edit.latents(sd), z, region)
        mask = interpolate(region, size=photo.shape[-2:], mode="bilinear")
    facts = {"unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), mask, None, facts)


def _painted(
    sd: StableDiffusion,
    edit: Edit,
    options: Mapping[str, Any],
    photo: Tensor,
    shown: list[Tensor],
    wanted: list[Tensor],
) -> Generator[Progress, None, Tensor]:
    """The photo in the style, (1, 3, S, S)."""
    kept = [likeness(layer) for layer in shown[-DEEP:]]
    content = options["content"] / max(edit.strength, 1e-6)
    random = torch.Generator().manual_seed(edit.seed)
    canvas = recolored(photo, wanted[0]).requires_grad_()
    optimizer = torch.optim.Adam([canvas], lr=options["rate"])
    for done in range(options["fit_steps"]):
        down, right = torch.randint(0, options["shift"], (2,), generator=random).tolist()
        with torch.enable_grad():
            layers = features(sd, _soft(canvas).roll((down, right), (2, 3)))
            loss = torch.stack(
                [(s[0] - w).square().sum() / w.square().sum() for s, w in zip(statistics(layers), wanted, strict=True)]
            ).sum()
            for layer, like in zip(layers[-DEEP:], kept, strict=True):
                scale = layer.shape[-1] / photo.shape[-1]
                back = layer.roll((-int(down * scale), -int(right * scale)), (2, 3))
                loss = loss + content * (likeness(back) - like).square().mean()
            rough = canvas.diff(dim=2).abs().mean() + canvas.diff(dim=3).abs().mean()
            (canvas.grad,) = torch.autograd.grad(loss + options["smooth"] * rough, canvas)
        optimizer.step()
        canvas.data.clamp_(-1, 1)
        yield Progress(done + 1, options["fit_steps"], "换画法")
    return _soft(canvas.detach())


def _drawn(sd: StableDiffusion, edit: Edit, pictures: int) -> Generator[Progress, None, Tensor]:
    """How the model paints what the target prompt says, (n,)."""
    side = edit.image.shape[-1] // sd.factor
    start = noise(sd, (pictures, sd.unet.config.in_channels, side, side), edit.seed)
    z = yield from sample(sd, start, [edit.target] * pictures, steps=edit.steps, guidance=edit.guidance)
    return look(sd, decode(sd, z))


def _soft(image: Tensor) -> Tensor:
    """Without what changes from pixel to pixel."""
    line = image.new_tensor([0.25, 0.5, 0.25])
    kernel = torch.outer(line, line).expand(3, 1, 3, 3)
    return conv2d(pad(image, (1, 1, 1, 1), mode="replicate"), kernel, groups=3)


METHOD = Method(
    name="style_transfer",
    title="神经风格迁移",
    operations=("restyle",),
    needs=(),
    options=OPTIONS,
    run=run,
)
