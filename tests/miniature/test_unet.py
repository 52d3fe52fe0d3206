"""Latents of unit size, and the shape that the toolkit and plain diffusers expect."""

import torch
from diffusers import AutoencoderKL

from miniature import autoencoder
from miniature.unet import TEXT_WIDTH, build_unet, fold_statistics


def test_folding_statistics_keeps_the_round_trip() -> None:
    """Latents come out standardised, posterior and picture stay the same, and scaling_factor is 1."""
    torch.manual_seed(0)
    vae: AutoencoderKL = autoencoder.build().eval().requires_grad_(False)
    with torch.no_grad():  # fresh biases are zero; these are not
        vae.quant_conv.bias.normal_()
        vae.post_quant_conv.bias.normal_()
    pictures = torch.rand(6, 3, 64, 64) * 2 - 1
    before = vae.encode(pictures).latent_dist
    decoded = vae.decode(before.mean).sample
    mean, std = before.mean.mean(dim=(0, 2, 3)), before.mean.std(dim=(0, 2, 3))
    fold_statistics(vae, mean, std)
    after = vae.encode(pictures).latent_dist
    shape = (1, -1, 1, 1)
    assert torch.allclose(after.mean.mean(dim=(0, 2, 3)), torch.zeros(12), atol=1e-4)
    assert torch.allclose(after.mean.std(dim=(0, 2, 3)), torch.ones(12), atol=1e-3)
    assert torch.allclose(after.std * std.view(shape), before.std, rtol=1e-3)
    assert torch.allclose(vae.decode(after.mean).sample, decoded, atol=1e-4)
    assert vae.config.scaling_factor == 1.0


def test_the_unet_takes_latents_and_captions() -> None:
    """8 channels at 16 × 16 in and out; attention to the text on the way up at the full 16 × 16."""
    unet = build_unet().eval()
    with torch.no_grad():
        out = unet(torch.randn(2, 12, 16, 16), torch.tensor([1, 999]), torch.randn(2, 5, TEXT_WIDTH)).sample
    assert out.shape == (2, 12, 16, 16)
    assert any(name.startswith("up_blocks.2") and "attn2" in name for name in unet.attn_processors)
