"""Sampling is diffusers' own; inversion is its reverse."""

from pathlib import Path

import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline

from pipeline.diffusion.toolkit import ddim, model
from pipeline.diffusion.toolkit.inversion import ddim as ddim_inversion
from pipeline.diffusion.toolkit.inversion import reconstruct
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish
from tests.pipeline.diffusion.toolkit.gaussian import gaussian


@pytest.mark.filterwarnings("ignore")  # the pipeline's own: no torchvision, no safety checker
@pytest.mark.parametrize("shape", ["sd15", "sd21", "miniature"])
def test_plain_diffusers_samples_the_same_latents(shape: str, model_folders: dict[str, Path]) -> None:
    sd = model.load(model_folders[shape])
    pipeline = StableDiffusionPipeline.from_pretrained(
        model_folders[shape], safety_checker=None, requires_safety_checker=False, local_files_only=True
    )
    assert isinstance(pipeline.scheduler, DDIMScheduler)
    pipeline.set_progress_bar_config(disable=True)
    z = model.noise(sd, (2, sd.unet.config.in_channels, 16, 16), 1)
    prompts = ["a photo of a cat", "a red dog on the beach"]
    with torch.no_grad():
        theirs = pipeline(
            prompts,
            negative_prompt=["snow"] * 2,
            num_inference_steps=7,
            guidance_scale=4.0,
            latents=z,
            output_type="latent",
        ).images
    ours = finish(ddim.sample(sd, z, prompts, steps=7, guidance=4.0, negative="snow"))
    torch.testing.assert_close(ours, theirs, atol=2e-4, rtol=2e-4)


def test_the_way_down_ends_below_the_first_step(tiny_sd: StableDiffusion) -> None:
    way = ddim.timesteps(tiny_sd, 50)
    assert way[0] == (981, 961)
    assert way[-1] == (1, -19)
    assert ddim.alpha(tiny_sd, -19) == pytest.approx(float(tiny_sd.scheduler.alphas_cumprod[0]))
    assert [t for t, _ in way[1:]] == [t_prev for _, t_prev in way[:-1]]


def test_counting_steps_leaves_the_scheduler_alone(tiny_sd: StableDiffusion) -> None:
    before = tiny_sd.scheduler.num_inference_steps, tiny_sd.scheduler.timesteps.clone()
    ddim.timesteps(tiny_sd, 13)
    assert tiny_sd.scheduler.num_inference_steps == before[0]
    assert tiny_sd.scheduler.timesteps.equal(before[1])


def test_one_step_back_and_forth_is_exact_for_the_same_eps(tiny_sd: StableDiffusion) -> None:
    z, eps = model.noise(tiny_sd, (1, 8, 16, 16), 0), model.noise(tiny_sd, (1, 8, 16, 16), 1)
    up = ddim.invert_step(tiny_sd, z, eps, 481, 501)
    torch.testing.assert_close(ddim.step(tiny_sd, up, eps, 501, 481), z, atol=1e-5, rtol=1e-5)


def test_a_step_with_the_true_eps_walks_the_diffusion_back(tiny_sd: StableDiffusion) -> None:
    z_0, eps = model.noise(tiny_sd, (1, 8, 16, 16), 0), model.noise(tiny_sd, (1, 8, 16, 16), 1)
    down = ddim.step(tiny_sd, ddim.diffuse(tiny_sd, z_0, eps, 701), eps, 701, 301)
    torch.testing.assert_close(down, ddim.diffuse(tiny_sd, z_0, eps, 301), atol=1e-5, rtol=1e-5)


def test_an_ancestral_step_keeps_the_variance(tiny_sd: StableDiffusion) -> None:
    """With eta = 1, z_0 = 0 and unit noise, z_{t_prev} has the variance 1 - alphas_cumprod again."""
    eps, fresh = model.noise(tiny_sd, (1, 8, 128, 128), 1), model.noise(tiny_sd, (1, 8, 128, 128), 2)
    z = ddim.diffuse(tiny_sd, torch.zeros_like(eps), eps, 701)
    down = ddim.step(tiny_sd, z, eps, 701, 301, 1.0, fresh)
    assert float(down.var()) == pytest.approx(1 - ddim.alpha(tiny_sd, 301), rel=0.02)
    assert not torch.allclose(down, ddim.step(tiny_sd, z, eps, 701, 301))


def test_inversion_then_sampling_at_guidance_one_comes_back(tiny_sd: StableDiffusion) -> None:
    sd = gaussian(tiny_sd)
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(2)) * 2 - 1
    errors = []
    for steps in (10, 50):
        inversion = finish(ddim_inversion(sd, model.encode(sd, image), "a cat", steps=steps))
        back = finish(reconstruct(sd, inversion, guidance=1.0))
        errors.append(float((back - inversion.latents[0]).pow(2).mean().sqrt()))
    assert errors[1] < 0.05  # of latents with deviation 1.1
    assert errors[1] < errors[0] / 3  # an error of first order in the step


def test_a_trained_denoiser_samples_its_own_distribution(tiny_sd: StableDiffusion) -> None:
    sd = gaussian(tiny_sd)
    z = finish(ddim.sample(sd, model.noise(sd, (16, 8, 16, 16), 0), ["a cat"] * 16, steps=50, guidance=1))
    off = z - sd.unet.says(model.embed(sd, ["a cat"])) * sd.unet.picture
    assert float(off.mean()) == pytest.approx(0, abs=0.02)
    assert float(off.std()) == pytest.approx(0.7, rel=0.1)
