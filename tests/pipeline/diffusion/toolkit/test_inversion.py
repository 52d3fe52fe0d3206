"""Ways to come back to a photo, under guidance."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pipeline.diffusion.toolkit import inversion as inversions
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.inversion import INVERSIONS, Inversion, InversionError
from pipeline.diffusion.toolkit.model import StableDiffusion, encode
from pipeline.engine import finish
from tests.pipeline.diffusion.toolkit.gaussian import gaussian

STEPS = 5
MADE: dict[tuple[int, str, float, int], Inversion] = {}


@pytest.fixture(scope="module")
def image() -> Tensor:
    return torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(2)) * 2 - 1


@pytest.fixture(scope="module")
def smooth(tiny_sd: StableDiffusion) -> StableDiffusion:
    return gaussian(tiny_sd)


def made(sd: StableDiffusion, image: Tensor, kind: str, guidance: float = 5.0, steps: int = STEPS) -> Inversion:
    key = (id(sd), kind, guidance, steps)
    if key not in MADE:  # the tests only look at them
        work = inversions.invert(sd, encode(sd, image), "a photo of a cat", kind=kind, steps=steps, guidance=guidance)
        MADE[key] = finish(work)
    return MADE[key]


def error(sd: StableDiffusion, inversion: Inversion, guidance: float | None = None) -> float:
    """Root mean square distance of the reconstruction from the encoded photo."""
    return float((finish(inversions.reconstruct(sd, inversion, guidance)) - inversion.latents[0]).pow(2).mean().sqrt())


@pytest.mark.parametrize("kind", INVERSIONS)
def test_a_path_leads_from_the_encoded_photo_to_noise(kind: str, tiny_sd: StableDiffusion, image: Tensor) -> None:
    inversion = made(tiny_sd, image, kind)
    assert inversion.kind == kind
    assert inversion.steps == STEPS
    torch.testing.assert_close(inversion.latents[0], model.encode(tiny_sd, image))
    assert inversion.start is inversion.latents[-1]
    assert inversion.null(3).shape == (1, tiny_sd.tokens, 32)


def test_direct_reconstructs_exactly_at_any_guidance(every_sd: StableDiffusion, image: Tensor) -> None:
    inversion = made(every_sd, image, "direct")
    assert error(every_sd, inversion) == 0
    assert error(every_sd, inversion, 12.0) == 0


def test_direct_offsets_undo_the_drift_of_the_source_branch(tiny_sd: StableDiffusion, image: Tensor) -> None:
    inversion = made(tiny_sd, image, "direct")
    drifted = inversion.latents[2] + 0.5
    assert inversion.source(STEPS - 3, drifted).equal(inversion.latents[2])
    assert made(tiny_sd, image, "ddim").source(STEPS - 3, drifted) is drifted


def test_solved_steps_are_those_that_sampling_takes_back(smooth: StableDiffusion, image: Tensor) -> None:
    """In few large steps DDIM's guess at the noise is wrong, the solution is not; both are pinned to the photo."""
    guessed, solved = (made(smooth, image, kind, 1.0, 4) for kind in ("direct", "fixed_point"))
    assert error(smooth, replace(solved, kind="ddim")) < 0.5 * error(smooth, replace(guessed, kind="ddim"))
    assert error(smooth, solved, 5.0) == 0


def test_a_model_says_which_inversion_its_steps_want(tiny_sd: StableDiffusion, image: Tensor) -> None:
    few = replace(tiny_sd, inversion="fixed_point")
    kinds = [
        finish(inversions.obtain(sd, given, encode(sd, image), "a cat", steps=2)).kind
        for sd, given in ((tiny_sd, None), (few, None), (few, "direct"))
    ]
    assert kinds == ["direct", "fixed_point", "direct"]


def test_negative_prompt_takes_guidance_away(tiny_sd: StableDiffusion, image: Tensor) -> None:
    inversion = made(tiny_sd, image, "negative_prompt")
    assert error(tiny_sd, inversion, 7.5) == pytest.approx(error(tiny_sd, inversion, 1.0), rel=1e-3)


def test_null_text_comes_back_where_plain_ddim_drifts(every_sd: StableDiffusion, image: Tensor) -> None:
    plain, fitted = made(every_sd, image, "ddim", steps=3), made(every_sd, image, "null_text", steps=3)
    share = 0.8 if every_sd.second else 0.7  # SDXL's null is all zeros: as many steps of Adam from there win less
    assert error(every_sd, fitted) < share * error(every_sd, plain)


def test_null_text_is_as_good_as_no_guidance_for_a_smooth_denoiser(smooth: StableDiffusion, image: Tensor) -> None:
    sd = smooth
    plain, fitted = made(sd, image, "ddim", 3.0, 20), made(sd, image, "null_text", 3.0, 20)
    assert error(sd, plain) > 1.3 * error(sd, plain, 1.0)
    assert error(sd, fitted) < 1.1 * error(sd, plain, 1.0)


def test_null_text_falls_at_each_step_and_warms_the_next(smooth: StableDiffusion, image: Tensor) -> None:
    """The loss that it leaves at a step is below that of the embedding it started from."""
    sd = smooth
    inversion = made(sd, image, "null_text", 3.0, 20)
    emb = model.embed(sd, [inversion.prompt])
    z, null = inversion.start, model.embed(sd, [""])
    fell = 0
    for i, (t, t_prev) in enumerate(inversions.timesteps(sd, 20)):
        pivot = inversion.latents[20 - 1 - i]
        before, after = (
            inversions.step(sd, z, model.guided(sd, z, t, emb, n, 3.0), t, t_prev) for n in (null, inversion.null(i))
        )
        loss_before, loss_after = float((before - pivot).pow(2).mean()), float((after - pivot).pow(2).mean())
        assert loss_after <= loss_before
        fell += loss_after < 0.9 * loss_before
        z, null = after, inversion.null(i)
    assert fell >= 2


def test_null_text_stops_early_and_counts_what_it_did(smooth: StableDiffusion, image: Tensor) -> None:
    sd = smooth
    MADE.clear()
    count = model.evaluations(sd)
    made(sd, image, "null_text", 3.0, 20)
    inner = count.backward
    assert 20 <= inner < 20 * 10
    assert (
        count.forward == 20 + 20 + inner + 20
    )  # the path; eps of the prompt; of null before and after each inner step
    made(sd, image, "null_text", 1.0, 20)
    assert count.backward == inner  # nothing to fit without guidance


@pytest.mark.parametrize("kind", INVERSIONS)
def test_progress_is_even_and_closing_stops(kind: str, tiny_sd: StableDiffusion, image: Tensor) -> None:
    work = inversions.invert(tiny_sd, encode(tiny_sd, image), "a cat", kind=kind, steps=3, guidance=2.0)
    seen = list(work)
    total = 3 * inversions.walks(kind)
    assert [(p.done, p.total) for p in seen] == [(i + 1, total) for i in range(total)]
    work = inversions.invert(tiny_sd, encode(tiny_sd, image), "a cat", kind=kind, steps=3, guidance=2.0)
    next(work)
    count = model.evaluations(tiny_sd)
    work.close()
    assert count.forward == 0


def test_grad_mode_does_not_leak_while_suspended(tiny_sd: StableDiffusion, image: Tensor) -> None:
    work = inversions.invert(tiny_sd, encode(tiny_sd, image), "a cat", kind="null_text", steps=2, guidance=2.0)
    next(work)
    assert torch.is_grad_enabled()
    work.close()


def test_packed_arrays_come_back_the_same(tiny_sd: StableDiffusion, image: Tensor) -> None:
    inversion = made(tiny_sd, image, "null_text")
    back = inversions.unpack(inversions.pack(inversion))
    assert (back.kind, back.prompt, back.guidance, back.steps) == ("null_text", "a photo of a cat", 5.0, STEPS)
    assert all(a.equal(b) for a, b in zip(back.latents, inversion.latents, strict=True))
    assert back.null_embeddings.equal(inversion.null_embeddings)
    assert all(array.dtype.kind != "O" for array in inversions.pack(inversion).values())


def test_an_inversion_serves_only_the_edit_it_fits(tiny_sd: StableDiffusion, image: Tensor) -> None:
    direct, fitted = made(tiny_sd, image, "direct"), made(tiny_sd, image, "null_text")
    assert direct.fitting("a photo of a cat", STEPS, 7.5) is direct
    for inversion, prompt, steps, guidance in (
        (direct, "a dog", STEPS, 5.0),
        (direct, "a photo of a cat", STEPS + 1, 5.0),
        (fitted, "a photo of a cat", STEPS, 7.5),
    ):
        with pytest.raises(InversionError):
            inversion.fitting(prompt, steps, guidance)


def test_an_unknown_kind_names_the_known(tiny_sd: StableDiffusion, image: Tensor) -> None:
    with pytest.raises(InversionError) as error:
        inversions.invert(tiny_sd, encode(tiny_sd, image), "a cat", kind="magic")
    assert "null_text" in error.value.sentence


def test_ours_keeps_the_best_embedding_and_the_authors_the_last(smooth: StableDiffusion, image: Tensor) -> None:
    """A step of Adam so large that it can only spoil the embedding."""
    empty, z0 = model.embed(smooth, [""]), encode(smooth, image)
    for faithful in (False, True):
        spoilt = {"steps": 4, "guidance": 3.0, "inner": 1, "rate": 100.0, "faithful": faithful}
        inversion = finish(inversions.null_text(smooth, z0, "a cat", **spoilt))
        kept = [found.equal(empty[0]) for found in inversion.null_embeddings]
        assert (any(kept) if faithful else all(kept)) != faithful
