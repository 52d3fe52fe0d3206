"""Loading, and the model's own tokenizer, prediction type and counter."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.ddim import diffuse, sample
from pipeline.diffusion.toolkit.model import ModelError, StableDiffusion
from pipeline.engine import finish


def test_a_folder_names_its_own_guidance(model_folders: dict[str, Path], tiny_sd: StableDiffusion) -> None:
    assert tiny_sd.guidance == 3.0
    assert model.load(model_folders["sd15"]).guidance == 7.5


def test_sizes_come_from_the_model(every_sd: StableDiffusion) -> None:
    assert every_sd.size == 128
    assert every_sd.factor == 8
    assert every_sd.tokens == (32 if every_sd.clip else 77)
    image = torch.zeros(2, 3, 128, 128)
    z = model.encode(every_sd, image)
    assert z.shape == (2, every_sd.unet.config.in_channels, 16, 16)
    assert model.decode(every_sd, z).shape == image.shape


def test_prompts_are_tokenised_as_the_tokenizer_does(every_sd: StableDiffusion) -> None:
    for prompt in ("", "a photo of a cat", "an umbrella , unknown words!", "cat " * 100):
        expected = every_sd.tokenizer(
            prompt, padding="max_length", truncation=True, max_length=every_sd.tokens
        ).input_ids
        assert model.padded_ids(every_sd, prompt) == expected


def test_v_prediction_becomes_eps(model_folders: dict[str, Path]) -> None:
    """For z_t = sqrt(a) z_0 + sqrt(1 - a) eps, v is sqrt(a) eps - sqrt(1 - a) z_0; a UNet that says v must give eps."""
    sd = model.load(model_folders["sd21"])
    z_0, eps = model.noise(sd, (1, 4, 16, 16), 0), model.noise(sd, (1, 4, 16, 16), 1)
    a = sd.scheduler.alphas_cumprod[400]

    def says_v(*_: object, **__: object) -> Tensor:
        return a.sqrt() * eps - (1 - a).sqrt() * z_0

    sd.unet.conv_out.register_forward_hook(says_v)
    found = model.predict(sd, diffuse(sd, z_0, eps, 400), 400, model.embed(sd, [""]))
    torch.testing.assert_close(found, eps, atol=1e-5, rtol=1e-5)


def test_each_sample_may_have_its_own_time(every_sd: StableDiffusion) -> None:
    z = model.noise(every_sd, (2, every_sd.unet.config.in_channels, 16, 16), 0)
    emb = model.embed(every_sd, ["a cat", "a dog"])
    together = model.predict(every_sd, z, torch.tensor([100, 900]), emb)
    alone = torch.cat([model.predict(every_sd, z[:1], 100, emb[:1]), model.predict(every_sd, z[1:], 900, emb[1:])])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)


def test_evaluations_are_counted_in_samples_both_ways(tiny_sd: StableDiffusion) -> None:
    z = model.noise(tiny_sd, (3, 8, 16, 16), 0)
    emb = model.embed(tiny_sd, ["a cat"] * 3)
    with model.evaluations(tiny_sd) as count:
        model.predict(tiny_sd, z, 10, emb)
        model.predict(tiny_sd, z, 10, emb.requires_grad_()).sum().backward()
        model.guided(tiny_sd, z, 10, emb.detach(), emb[:1].detach(), 2.0)
    assert (count.forward, count.backward) == (3 + 3 + 6, 3)


def test_guidance_one_asks_only_once(tiny_sd: StableDiffusion) -> None:
    z, emb = model.noise(tiny_sd, (1, 8, 16, 16), 0), model.embed(tiny_sd, ["a cat"])
    count = model.evaluations(tiny_sd)
    eps = model.guided(tiny_sd, z, 10, emb, model.embed(tiny_sd, [""]), 1)
    assert count.forward == 1
    torch.testing.assert_close(eps, model.predict(tiny_sd, z, 10, emb))


def test_noise_depends_on_the_seed_only(tiny_sd: StableDiffusion) -> None:
    assert model.noise(tiny_sd, (1, 8, 4, 4), 3).equal(model.noise(tiny_sd, (1, 8, 4, 4), 3))
    assert not model.noise(tiny_sd, (1, 8, 4, 4), 3).equal(model.noise(tiny_sd, (1, 8, 4, 4), 4))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["/nowhere/at/all", "./weights", "tests/weights", "weights", ""])
def test_what_looks_like_a_missing_folder_is_never_asked_for_on_the_hub(name: str) -> None:
    with pytest.raises(ModelError) as error:
        model.load(name)
    assert "模型" in error.value.sentence


@pytest.fixture
def copied(model_folders: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folders["sd15"], tmp_path / "model"))


def test_an_incomplete_folder_says_what_it_lacks(copied: Path) -> None:
    shutil.rmtree(copied / "unet")
    with pytest.raises(ModelError, match="unet"):
        model.load(copied)


def test_a_broken_file_is_a_clear_error(copied: Path) -> None:
    (copied / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"half a file")
    with pytest.raises(ModelError) as error:
        model.load(copied)
    assert "重新下载" in error.value.sentence


def test_another_kind_of_model_is_refused(copied: Path, model_folders: dict[str, Path]) -> None:
    shutil.rmtree(copied / "vae")
    shutil.copytree(model_folders["miniature"] / "vae", copied / "vae")
    with pytest.raises(ModelError, match="4 channels"):
        model.load(copied)


def test_half_precision_is_loaded_as_full(copied: Path) -> None:
    unet = UNet2DConditionModel.from_pretrained(copied / "unet", torch_dtype=torch.float16)
    unet.save_pretrained(copied / "unet")
    assert model.load(copied).unet.dtype == torch.float32


@pytest.mark.timeout(60)
def test_a_hub_id_that_cannot_be_had_is_a_clear_error() -> None:
    """The tests run offline, so no id can be."""
    with pytest.raises(ModelError) as error:
        model.load("nobody/no-such-model")
    assert "下载" in error.value.sentence


def test_no_signal_at_the_last_step_is_survived(copied: Path) -> None:
    path = copied / "scheduler" / "scheduler_config.json"
    config = json.loads(path.read_text("utf-8"))
    config |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"}
    path.write_text(json.dumps(config), "utf-8")
    sd = model.load(copied)
    z = finish(sample(sd, model.noise(sd, (1, 4, 16, 16), 0), ["a cat"], steps=4))
    assert z.isfinite().all()
    assert float(z.abs().max()) < 1000


def test_a_scheduler_of_another_class_keeps_its_betas(copied: Path) -> None:
    """SD 1.5 ships a PNDM configuration; sampling is DDIM on the same noise schedule, and latents are never clipped."""
    config = {
        "_class_name": "PNDMScheduler",
        "beta_start": 0.001,
        "beta_end": 0.02,
        "beta_schedule": "linear",
        "steps_offset": 1,
        "skip_prk_steps": True,
    }
    (copied / "scheduler" / "scheduler_config.json").write_text(json.dumps(config), "utf-8")
    scheduler = model.load(copied).scheduler
    assert float(scheduler.betas[0]) == pytest.approx(0.001)
    assert float(scheduler.final_alpha_cumprod) == pytest.approx(0.999)
    assert not scheduler.config.clip_sample
