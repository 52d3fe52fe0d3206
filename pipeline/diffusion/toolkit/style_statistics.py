"""How a picture is painted, whatever it shows: the statistics of its features in the autoencoder's encoder.

Means and deviations of each channel say as much as the Gram matrices of Gatys et al. 2016 (Li et al. 2017, "Demystifying
Neural Style Transfer", sec. 3.2) and are a few hundred numbers. What it shows, whatever its colours, is which of its
places are like each other: the self-similarity of the deeper features (Shechtman & Irani 2007; Kolkin et al. 2019, sec. 3.2).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, normalize

from pipeline.diffusion.toolkit.model import StableDiffusion

PLACES = 16  # along a side, that are compared with each other
LEAST = 1e-4  # of a colour's variance: a grey photo has no colours that could be stretched


def features(sd: StableDiffusion, images: Tensor) -> list[Tensor]:
    """Pictures (B, 3, S, S) in [-1, 1], and what the encoder makes of them at each resolution, (B, C, h, w) each."""
    encoder = sd.vae.encoder
    x = encoder.conv_in(images)
    out = [images, x]
    for block in encoder.down_blocks:
        for resnet in block.resnets:
            x = resnet(x, None)
        out.append(x)
        for downsampler in block.downsamplers or ():
            x = downsampler(x)
    return out


def statistics(layers: Sequence[Tensor]) -> list[Tensor]:
    """Of the picture the mean colour and the colours' covariance, (B, 12); of each layer after it means and deviations of
    the channels, (B, 2 C)."""
    image, *others = layers
    colors = image.flatten(2)
    apart = colors - colors.mean(2, keepdim=True)
    covariance = apart @ apart.transpose(1, 2) / colors.shape[2]
    palette = torch.cat([colors.mean(2), covariance.flatten(1)], 1)
    return [palette, *(torch.cat([x.mean((2, 3)), (x.var((2, 3)) + 1e-6).sqrt()], 1) for x in others)]


def recolored(image: Tensor, palette: Tensor) -> Tensor:
    """A picture (1, 3, S, S) with the mean colour and the covariance of a `palette` (12,), by the linear map that moves
    its colours least (Pitié & Kokaram 2007, "The Linear Monge-Kantorovitch Linear Colour Mapping")."""
    mean, wanted = palette[:3], palette[3:].view(3, 3)
    (own,) = statistics([image])
    spread = own[0, 3:].view(3, 3) + LEAST * torch.eye(3).to(own)
    root, back = _power(spread, 0.5), _power(spread, -0.5)
    move = back @ _power(root @ wanted @ root, 0.5) @ back
    out = torch.einsum("ij,bjhw->bihw", move, image - own[0, :3].view(1, 3, 1, 1)) + mean.view(1, 3, 1, 1)
    return out.clamp(-1, 1)


def _power(matrix: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric matrix whose eigenvalues are not negative."""
    values, vectors = torch.linalg.eigh(matrix)
    power: Tensor = vectors @ torch.diag(values.clamp(min=0) ** exponent) @ vectors.T
    return power


@torch.no_grad()
def look(sd: StableDiffusion, images: Tensor) -> Tensor:
    """How these pictures (B, 3, S, S) are painted: the statistics of all layers, a mean over the pictures, (n,)."""
    return torch.cat(statistics(features(sd, images.to(sd.device))), 1).mean(0)


def likeness(x: Tensor) -> Tensor:
    """How like the places of a layer (1, C, h, w) are to each other: cosines, (places, places)."""
    places = adaptive_avg_pool2d(x, PLACES).flatten(2)[0].T
    places = normalize(places - places.mean(0), dim=1)
    return places @ places.T
