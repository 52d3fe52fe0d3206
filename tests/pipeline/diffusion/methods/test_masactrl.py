"""MasaCtrl: the target asks the source's pixels."""

from dataclasses import replace
from typing import Any

import torch

from pipeline.diffusion.methods import Edit
from pipeline.diffusion.methods.masactrl import METHOD, _Mutual
from pipeline.diffusion.toolkit.attention import Place
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish

PLACE = Place("here", "up", cross=False)


def edit(**changes: Any) -> Edit:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return replace(Edit(image, "a cat", "a dog on the beach", steps=4, words=(("cat", "dog"),)), **changes)


def test_options_make_a_difference(tiny_sd: StableDiffusion) -> None:
    plain, never, lower, masked, unsaid = (
        finish(METHOD.run(tiny_sd, edit(options=options))).image
        for options in ({}, {"from_step": 1.0}, {"from_layer": 0.0}, {"masked": True}, {"describe": False})
    )
    for other in (never, lower, masked, unsaid):
        assert not torch.allclose(plain, other, atol=1e-4)


def test_an_inversion_without_a_prompt_is_not_handed_on(tiny_sd: StableDiffusion) -> None:
    assert finish(METHOD.run(tiny_sd, edit(options={"describe": False}))).inversion is None
    assert finish(METHOD.run(tiny_sd, edit())).inversion is not None


def test_keys_and_values_are_the_source_s() -> None:
    q, k, v = (torch.randn(3, 2, 4, 5) for _ in range(3))
    new = _Mutual(frozenset(("here",)), None).qkv(PLACE, q, k, v)
    assert new[0].equal(q)
    assert all(new[1][i].equal(k[1]) and new[2][i].equal(v[1]) for i in range(3))


def test_masks_keep_things_and_surroundings_apart() -> None:
    """2 x 2 pixels: the thing is on the left in the source, on top in the target."""
    source, target = torch.tensor([[1.0, 0], [1, 0]]), torch.tensor([[1.0, 1], [0, 0]])
    probs = torch.full((3, 1, 4, 4), 0.25)
    kept = _Mutual(frozenset(("here",)), (source[None, None], target[None, None])).maps(PLACE, probs)
    assert kept[1].equal(probs[1])  # the source itself is left alone
    for sample in (0, 2):
        assert kept[sample, 0, 0].tolist() == [0.5, 0, 0.5, 0]
        assert kept[sample, 0, 3].tolist() == [0, 0.5, 0, 0.5]
