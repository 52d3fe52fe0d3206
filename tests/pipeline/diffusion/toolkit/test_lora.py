"""Weights that are moved for the length of a block: what changes within it, and that nothing is left of it afterwards."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
from torch import Tensor

from pipeline.diffusion.toolkit.lora import Tuned, TuneError, adapted, full, pack, tuned, unpack
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, noise, predict

Block = Callable[[StableDiffusion], AbstractContextManager[Tuned]]
BLOCKS: dict[str, Block] = {
    "lora": lambda sd: tuned(sd.unet, rank=2),
    "everywhere": lambda sd: tuned(sd.unet, rank=2, everywhere=True),
    "full": lambda sd: tuned(sd.unet, "full"),
}


@torch.no_grad()
def ask(sd: StableDiffusion) -> Tensor:
    z = noise(sd, (1, sd.unet.config.in_channels, 16, 16), 0)
    return predict(sd, z, 300, embed(sd, ["a cat"]))


def move(sd: StableDiffusion, weights: Tuned, sign: float = 1.0) -> None:
    """A step of any kind, so that something has been learnt."""
    z = noise(sd, (1, sd.unet.config.in_channels, 16, 16), 1)
    loss = sign * predict(sd, z, 300, embed(sd, ["a cat"])).square().mean()
    optimizer = torch.optim.Adam(weights.parameters, lr=1e-2)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def traces(sd: StableDiffusion) -> dict[str, object]:
    """Everything that a block could leave behind on the UNet, weights as bytes."""
    state: dict[str, object] = {name: id(module) for name, module in sd.unet.named_modules()}
    state |= {f"{name} weights": value.numpy().tobytes() for name, value in sd.unet.state_dict().items()}
    state |= {f"{name} grad": (p.requires_grad, p.grad is None) for name, p in sd.unet.named_parameters()}
    return state | {"attributes": sorted(vars(sd.unet))}


@pytest.mark.parametrize("how", BLOCKS)
def test_the_unet_comes_back_bit_by_bit(how: str, every_sd: StableDiffusion) -> None:
    before, was, random = traces(every_sd), ask(every_sd), torch.random.get_rng_state()
    with BLOCKS[how](every_sd) as weights:
        torch.testing.assert_close(ask(every_sd), was)  # nothing has been learnt yet
        move(every_sd, weights)
        moved = ask(every_sd)
        assert not torch.allclose(moved, was)
        with weights.original():
            torch.testing.assert_close(ask(every_sd), was)
        assert ask(every_sd).equal(moved)
    assert traces(every_sd) == before
    assert ask(every_sd).equal(was)
    assert random.equal(torch.random.get_rng_state())  # nothing drew from the global generator


@pytest.mark.parametrize("how", BLOCKS)
def test_an_error_within_leaves_nothing_either(how: str, tiny_sd: StableDiffusion) -> None:
    before = traces(tiny_sd)
    with pytest.raises(RuntimeError, match="cancelled"), BLOCKS[how](tiny_sd) as weights, weights.original():
        raise RuntimeError("cancelled")
    assert traces(tiny_sd) == before


def test_several_modules_may_be_moved_together(tiny_sd: StableDiffusion) -> None:
    before = embed(tiny_sd, ["a cat"])
    with full(tiny_sd.unet, tiny_sd.text_encoder) as weights:
        move(tiny_sd, weights)
        assert not torch.allclose(embed(tiny_sd, ["a cat"]), before)
    assert embed(tiny_sd, ["a cat"]).equal(before)
    assert not any(parameter.requires_grad for parameter in tiny_sd.text_encoder.parameters())


def test_lora_starts_from_its_seed(tiny_sd: StableDiffusion) -> None:
    learnt = []
    for seed in (1, 1, 2):
        torch.manual_seed(len(learnt))
        with tuned(tiny_sd.unet, rank=2, seed=seed) as weights:
            learnt.append(weights.learnt())
    assert all(learnt[0][name].equal(learnt[1][name]) for name in learnt[0])
    assert any(not learnt[0][name].equal(learnt[2][name]) for name in learnt[0])


@pytest.fixture(scope="module")
def two(tiny_sd: StableDiffusion) -> list[dict[str, Tensor]]:
    """What was learnt twice, in different ranks and places."""
    learnt = []
    for rank, everywhere in ((2, False), (3, True)):
        with tuned(tiny_sd.unet, rank=rank, everywhere=everywhere, seed=rank) as weights:
            move(tiny_sd, weights, 1.0 if everywhere else -1.0)
            learnt.append(weights.learnt())
    return learnt


def test_what_was_learnt_can_be_worn_again(tiny_sd: StableDiffusion, two: list[dict[str, Tensor]]) -> None:
    before, was = traces(tiny_sd), ask(tiny_sd)
    kept = unpack(pack(two[0]))
    assert kept.keys() == two[0].keys()
    with adapted(tiny_sd.unet, [two[0]]):
        alone = ask(tiny_sd)
        assert not torch.allclose(alone, was)
        assert not any(parameter.requires_grad for parameter in tiny_sd.unet.parameters())
    with adapted(tiny_sd.unet, [kept]):
        torch.testing.assert_close(ask(tiny_sd), alone, atol=1e-2, rtol=1e-2)  # half precision
    with adapted(tiny_sd.unet, []):
        assert ask(tiny_sd).equal(was)
    assert traces(tiny_sd) == before


def test_the_changes_of_two_add_up(tiny_sd: StableDiffusion, two: list[dict[str, Tensor]]) -> None:
    """Seen at one layer that both have: W + B1 A1 + B2 A2."""
    name = next(iter(two[0])).removeprefix("unet.").rsplit(".lora_", 1)[0]
    own = tiny_sd.unet.get_submodule(name).weight
    x = torch.randn(5, own.shape[1], generator=torch.Generator().manual_seed(0))
    sides = [[lora[f"unet.{name}.lora_{side}.weight"] for side in "AB"] for lora in two]
    with adapted(tiny_sd.unet, two):
        out = tiny_sd.unet.get_submodule(name)(x)
    expected = tiny_sd.unet.get_submodule(name)(x) + sum(x @ a.T @ b.T for a, b in sides)
    torch.testing.assert_close(out, expected)


def test_weights_of_another_model_are_refused(tiny_sd: StableDiffusion, two: list[dict[str, Tensor]]) -> None:
    before = traces(tiny_sd)
    strange = {name: torch.zeros(*weight.shape[:-1], weight.shape[-1] + 1) for name, weight in two[0].items()}
    unknown = {name.replace("unet.", "unet.nowhere."): weight for name, weight in two[0].items()}
    for lora in (strange, unknown):
        with pytest.raises(TuneError) as error, adapted(tiny_sd.unet, [lora]):
            pass
        assert "重新教" in error.value.sentence
    assert traces(tiny_sd) == before
