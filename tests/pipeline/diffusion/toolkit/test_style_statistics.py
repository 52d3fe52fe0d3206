"""How a picture is painted, in numbers."""

import torch

from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.toolkit.style_statistics import features, likeness, look, recolored, statistics


def picture(seed: int, scale: float = 0.3) -> torch.Tensor:
    return (torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) * scale).clamp(-1, 1)


def test_recoloured_pictures_have_the_palette() -> None:
    """Mean colour and covariance, where nothing is cut off at black and white."""
    photo = picture(1, 0.1)
    mix = torch.tensor([[1.0, 0.3, 0.0], [0.0, 0.8, 0.2], [0.1, 0.0, 0.6]])
    style = torch.einsum("ij,bjhw->bihw", mix, picture(2, 0.15)) + torch.tensor([0.2, -0.1, 0.3]).view(1, 3, 1, 1)
    (palette,) = statistics([style])
    (made,) = statistics([recolored(photo, palette[0])])
    torch.testing.assert_close(made, palette, atol=2e-3, rtol=0)


def test_its_own_palette_changes_nothing() -> None:
    photo = picture(1)
    (palette,) = statistics([photo])
    torch.testing.assert_close(recolored(photo, palette[0]), photo, atol=1e-3, rtol=0)


def test_the_look_is_a_mean_and_does_not_say_what_stands_where(tiny_sd: StableDiffusion) -> None:
    """Each layer has its numbers; of two pictures the look is between those of each."""
    one, two = (torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(s)) * 2 - 1 for s in (1, 2))
    layers = features(tiny_sd, one)
    assert layers[0] is one
    assert [layer.shape[-1] for layer in layers] == sorted((layer.shape[-1] for layer in layers), reverse=True)
    assert look(tiny_sd, one).numel() == 12 + sum(2 * layer.shape[1] for layer in layers[1:])
    both = look(tiny_sd, torch.cat([one, two]))
    torch.testing.assert_close(both, (look(tiny_sd, one) + look(tiny_sd, two)) / 2, atol=1e-5, rtol=1e-4)


def test_likeness_does_not_care_for_colours() -> None:
    """Each place is like itself; another brightness is the same likeness."""
    layer = torch.rand(1, 5, 32, 32, generator=torch.Generator().manual_seed(3))
    like = likeness(layer)
    torch.testing.assert_close(like.diagonal(), torch.ones(256), atol=1e-5, rtol=0)
    torch.testing.assert_close(likeness(2 * layer + 1), like, atol=1e-4, rtol=0)
