"""Fitting a pseudo-word on the diffusion loss."""

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.diffusion.toolkit import model, optimize
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.toolkit.pseudo_tokens import wear
from pipeline.engine import Progress, finish
from tests.pipeline.diffusion.toolkit.gaussian import gaussian


@pytest.fixture(scope="module")
def examples(tiny_sd: StableDiffusion) -> optimize.Examples:
    return optimize.remember(tiny_sd, torch.rand(3, 3, 128, 128, generator=torch.Generator().manual_seed(1)) * 2 - 1)


def learn(
    sd: StableDiffusion, examples: optimize.Examples, steps: int = 4, **options: object
) -> tuple[Tensor, list[float]]:
    vectors = torch.zeros(2, 32, requires_grad=True)
    with wear(sd, {"<axi>": vectors}):
        work = optimize.fit(
            sd,
            [vectors],
            examples,
            lambda which: model.embed(sd, ["a photo of <axi>"] * len(which)),
            steps=steps,
            rate=1e-2,
            batch=2,
            **options,
        )
        return vectors.detach(), finish(work)


def test_remembered_latents_are_what_encode_says(tiny_sd: StableDiffusion, examples: optimize.Examples) -> None:
    images = torch.rand(3, 3, 128, 128, generator=torch.Generator().manual_seed(1)) * 2 - 1
    torch.testing.assert_close(examples.mean, model.encode(tiny_sd, images))
    which = torch.tensor([2, 0])
    assert examples.draw(which, torch.zeros(2, 8, 16, 16)).equal(examples.mean[which])
    assert (examples.std > 0).all()


def test_the_loss_falls_when_the_prompt_can_explain_the_pictures(tiny_sd: StableDiffusion) -> None:
    """Pictures of the Gaussian's own kind: what is learned must make the prompt say "this much of the picture"."""
    sd = gaussian(tiny_sd)
    examples = optimize.Examples(3 * sd.unet.picture, torch.full_like(sd.unet.picture, 0.7))
    vectors = torch.zeros(1, 32, requires_grad=True)
    with wear(sd, {"<axi>": vectors}):

        def condition(which: Tensor) -> Tensor:
            return model.embed(sd, ["<axi>"] * len(which))

        before = optimize.fixed_loss(sd, examples, condition, 64)
        finish(optimize.fit(sd, [vectors], examples, condition, steps=40, rate=0.05, batch=8))
        assert optimize.fixed_loss(sd, examples, condition, 64) < 0.8 * before
        with torch.no_grad():
            assert float(sd.unet.says(condition(torch.zeros(1)))) > 0.5


def test_the_same_seed_repeats_exactly(tiny_sd: StableDiffusion, examples: optimize.Examples) -> None:
    (a, losses_a), (b, losses_b), (c, _) = (learn(tiny_sd, examples, seed=seed) for seed in (1, 1, 2))
    assert a.equal(b)
    assert losses_a == losses_b
    assert not a.equal(c)


def test_norms_stay_within_the_bound(tiny_sd: StableDiffusion, examples: optimize.Examples) -> None:
    free, _ = learn(tiny_sd, examples)
    bound = float(free.norm(dim=-1).min()) / 2
    vectors, _ = learn(tiny_sd, examples, bound=bound)
    assert float(vectors.norm(dim=-1).max()) <= bound * 1.0001


def test_watch_ends_it_and_progress_counts(tiny_sd: StableDiffusion, examples: optimize.Examples) -> None:
    _, losses = learn(tiny_sd, examples, watch=lambda done, loss: done == 2)
    assert len(losses) == 2
    vectors = torch.zeros(1, 32, requires_grad=True)
    with wear(tiny_sd, {"<axi>": vectors}):
        work = optimize.fit(
            tiny_sd, [vectors], examples, lambda which: model.embed(tiny_sd, ["<axi>"] * len(which)), steps=3, rate=1e-2
        )
        assert next(work) == Progress(1, 3, "学习")
        reached = vectors.detach().clone()
        work.close()
        assert vectors.equal(reached)


def test_what_is_taken_up_comes_to_the_same_end(
    tiny_sd: StableDiffusion, examples: optimize.Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process dies after the 8th step: the next one begins after the 6th, and ends with the same vectors."""
    monkeypatch.setattr(optimize, "CHECKPOINT", 3)
    checkpoint, done_again = optimize.Checkpoint({}, "a"), []

    def dies(done: int, loss: float) -> bool:
        if done == 8:
            raise KeyboardInterrupt
        return False

    whole, losses = learn(tiny_sd, examples, steps=10)
    with pytest.raises(KeyboardInterrupt):
        learn(tiny_sd, examples, steps=10, checkpoint=checkpoint, watch=dies)
    again, all_losses = learn(
        tiny_sd, examples, steps=10, checkpoint=checkpoint, watch=lambda done, loss: done_again.append(done) is not None
    )
    assert done_again == [7, 8, 9, 10]
    assert again.equal(whole)
    assert all_losses == losses


def test_what_another_version_kept_is_not_taken_up(tiny_sd: StableDiffusion, examples: optimize.Examples) -> None:
    whole, losses = learn(tiny_sd, examples)
    kept = {"a": {"losses": np.zeros(2), "value 0": np.zeros((3, 32), np.float32), "value 1": np.zeros(1, np.float32)}}
    again, all_losses = learn(tiny_sd, examples, checkpoint=optimize.Checkpoint(kept, "a"))
    assert again.equal(whole)
    assert all_losses == losses


def test_a_fixed_loss_is_fixed(tiny_sd: StableDiffusion, examples: optimize.Examples) -> None:
    def condition(which: Tensor) -> Tensor:
        return model.embed(tiny_sd, ["a cat"] * len(which))

    assert optimize.fixed_loss(tiny_sd, examples, condition) == optimize.fixed_loss(tiny_sd, examples, condition)
    assert optimize.fixed_loss(tiny_sd, examples, condition) != optimize.fixed_loss(
        tiny_sd, examples, condition, seed=1
    )


def test_flattened_needs_a_fall_and_then_a_plain() -> None:
    falling = [1 / (1 + i) for i in range(20)]
    assert not optimize.flattened(falling[:6], 4)
    assert not optimize.flattened([1 - i / 20 for i in range(20)], 10)
    assert optimize.flattened([*falling, *[0.05] * 10], 10)
