"""Where sampling starts from: how much of the photo is in it, and that the photo is kept outside a region."""

import pytest
import torch

from pipeline.diffusion.toolkit.blend import latent_region
from pipeline.diffusion.toolkit.ddim import alpha, timesteps
from pipeline.diffusion.toolkit.init_latents import STARTS, start, walked
from pipeline.diffusion.toolkit.model import StableDiffusion, encode, noise
from pipeline.engine import finish

STEPS = 4


@pytest.fixture(scope="module")
def photo() -> torch.Tensor:
    return torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1


@pytest.mark.parametrize("kind", STARTS)
def test_the_photo_is_kept_outside_the_region(kind: str, tiny_sd: StableDiffusion, photo: torch.Tensor) -> None:
    region = torch.zeros(1, 1, 128, 128)
    region[..., :64] = 1
    begun = finish(start(tiny_sd, encode(tiny_sd, photo), kind, steps=STEPS, depth=0.5, region=region))
    assert len(begun.photo) == len(begun.way) + 1
    assert len(begun.way) == (STEPS if kind == "noise" else STEPS // 2)
    assert begun.way == timesteps(tiny_sd, STEPS)[-len(begun.way) :]
    half = begun.z.shape[-1] // 2
    assert begun.z[..., half:].equal(begun.photo[0][..., half:])
    made = begun.keep(len(begun.way) - 1, torch.zeros_like(begun.z))
    assert made[..., half:].equal(encode(tiny_sd, photo)[..., half:])
    assert not made[..., :half].any()
    assert begun.region is not None
    assert begun.region.equal(latent_region(region, begun.z.shape[-1]))
    mask = begun.mask(128)
    assert mask is not None
    assert mask.shape == (1, 1, 128, 128)


def test_noise_knows_nothing_of_the_photo(tiny_sd: StableDiffusion, photo: torch.Tensor) -> None:
    begun = finish(start(tiny_sd, encode(tiny_sd, photo), "noise", steps=STEPS, seed=5))
    assert begun.z.equal(noise(tiny_sd, begun.z.shape, 5))
    assert begun.keep(0, begun.z) is begun.z
    assert begun.mask(128) is None


def test_the_photo_is_noised_as_the_model_was_trained(tiny_sd: StableDiffusion, photo: torch.Tensor) -> None:
    begun = finish(start(tiny_sd, encode(tiny_sd, photo), "photo", steps=STEPS, depth=0.75, seed=5))
    a, fresh = alpha(tiny_sd, begun.way[0][0]), noise(tiny_sd, begun.z.shape, 5)
    torch.testing.assert_close(begun.z, a**0.5 * encode(tiny_sd, photo) + (1 - a) ** 0.5 * fresh)


def test_only_an_inversion_takes_steps(tiny_sd: StableDiffusion, photo: torch.Tensor) -> None:
    for kind in STARTS:
        assert len(list(start(tiny_sd, encode(tiny_sd, photo), kind, steps=STEPS))) == walked(kind, STEPS)
    with pytest.raises(ValueError, match="nowhere"):
        finish(start(tiny_sd, encode(tiny_sd, photo), "nowhere", steps=STEPS))
