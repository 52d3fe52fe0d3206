"""The decoder's layers, and what can be done to their features."""

import torch

from pipeline.diffusion.toolkit.features import decoder, residuals
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, predict


def test_layers_are_those_of_the_papers(every_sd: StableDiffusion) -> None:
    """In Stable Diffusion's shape twelve, of which the fifth lies at three eighths; the lowest three attend to nothing."""
    layers = decoder(every_sd.unet)
    assert [layer.depth for layer in layers] == sorted(layer.depth for layer in layers)
    for layer in layers:
        every_sd.unet.get_submodule(layer.residual)
        assert not layer.attention or every_sd.unet.get_submodule(layer.attention)
    if len(every_sd.unet.up_blocks) == 4:
        assert len(layers) == 12
        assert layers[4].residual == "up_blocks.1.resnets.1"
        assert layers[4].depth == 0.375
        assert [bool(layer.attention) for layer in layers] == [False] * 3 + [True] * 9


@torch.no_grad()
def test_features_are_changed_for_the_length_of_the_block(every_sd: StableDiffusion) -> None:
    z = torch.randn(2, every_sd.unet.config.in_channels, 16, 16, generator=torch.Generator().manual_seed(1))
    emb = embed(every_sd, ["a cat", "a dog"])
    name, seen = decoder(every_sd.unet)[-1].residual, []

    def look(f: torch.Tensor) -> torch.Tensor:
        seen.append(f)
        return f

    plain = predict(every_sd, z, 500, emb)
    with residuals(every_sd.unet, {name: look}):
        assert predict(every_sd, z, 500, emb).equal(plain)
    with residuals(every_sd.unet, {name: lambda f: f[:1].expand_as(f)}):
        given = predict(every_sd, z, 500, emb)
    assert seen[0].shape[0] == 2
    torch.testing.assert_close(given[0], plain[0])
    assert not torch.allclose(given[1], plain[1], atol=1e-4)
    assert predict(every_sd, z, 500, emb).equal(plain)
