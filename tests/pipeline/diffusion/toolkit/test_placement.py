"""Precision, offload and few-step weights: networks shrink, latents do not."""

from pathlib import Path

import pytest
import torch
from torch import nn

from pipeline.diffusion.toolkit import inversion as inversions
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.ddim import sample, timesteps
from pipeline.diffusion.toolkit.lora import pack, tuned
from pipeline.diffusion.toolkit.model import ModelError
from pipeline.diffusion.toolkit.placement import Placement, PlacementError, plan_for
from pipeline.engine import finish
from storage.model_memory import Plan

PROMPT = ["a photo of a cat on the beach"]


def drawn(sd: model.StableDiffusion) -> torch.Tensor:
    return finish(sample(sd, model.noise(sd, (1, 4, 16, 16), 0), PROMPT, steps=3))


@pytest.mark.parametrize("shape", ["sd15", "sdxl"])
def test_half_precision_is_in_the_networks_only(model_folders: dict[str, Path], shape: str) -> None:
    whole = model.load(model_folders[shape])
    half = model.load(model_folders[shape], placement=Placement("bfloat16", "none"))
    assert half.unet.dtype == half.text_encoder.dtype == torch.bfloat16
    assert half.vae.dtype == model.embed(half, PROMPT).dtype == drawn(half).dtype == torch.float32
    assert model.fingerprint(half) == model.fingerprint(whole)
    ours, exact = drawn(half), drawn(whole)
    assert 0 < float((ours - exact).abs().mean()) < 0.1 * float(exact.abs().mean())


@pytest.mark.parametrize("offload", ["model", "layer"])
def test_what_is_offloaded_draws_the_same(model_folders: dict[str, Path], offload: str) -> None:
    whole = model.load(model_folders["sdxl"])
    spread = model.load(model_folders["sdxl"], placement=Placement("float32", offload))
    assert spread.device == torch.device("cpu")
    torch.testing.assert_close(drawn(spread), drawn(whole))
    assert spread.vae.use_tiling
    z0 = model.noise(spread, (1, 4, 16, 16), 1)
    work = inversions.invert(spread, z0, PROMPT[0], kind="null_text", steps=2)
    if offload == "layer":
        with pytest.raises(ModelError) as refused:
            finish(work)
        assert "换一种方法" in refused.value.sentence
    else:
        assert finish(work).null_embeddings.shape == (2, 78, 72)


def test_few_step_weights_are_merged_for_good(model_folders: dict[str, Path], tmp_path: Path) -> None:
    """As if the model wore them; its fingerprint is its own."""
    folder, file = model_folders["sd15"], tmp_path / "lcm.safetensors"
    sd = model.load(folder)
    plain = drawn(sd)
    with tuned(sd.unet, rank=2) as weights, torch.no_grad():
        for i, parameter in enumerate(weights.parameters):
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(i)))
        file.write_bytes(pack(weights.learnt()))
        worn = drawn(sd)
    merged = model.load(folder, placement=Placement(lora=str(file)))
    assert not torch.allclose(worn, plain, atol=1e-3)
    torch.testing.assert_close(drawn(merged), worn, atol=5e-2, rtol=5e-2)  # the file is in half precision
    assert not any("lora" in name for name, _ in merged.unet.named_modules())
    assert model.fingerprint(merged) == model.fingerprint(sd)


def test_weights_of_another_model_are_refused(model_folders: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"none")
    with pytest.raises(PlacementError) as refused:
        model.load(model_folders["sd15"], placement=Placement(lora=str(tmp_path / "broken.safetensors")))
    assert "lora" in refused.value.sentence


def test_few_steps_may_be_spaced_from_the_end(model_folders: dict[str, Path]) -> None:
    """Lightning and LCM begin at pure noise."""
    sd = model.load(model_folders["sd15"], placement=Placement(spacing="trailing"))
    assert [t for t, _ in timesteps(sd, 4)] == [999, 749, 499, 249]


def test_the_plan_follows_the_free_memory() -> None:
    unet, text = nn.Linear(20_000, 20_000, device="meta"), nn.Linear(10_000, 10_000, device="meta")
    vae = nn.Linear(1000, 1000, device="meta")

    def plan(free: float | None, **told: str) -> Plan:
        return plan_for(unet, vae, [text], 512, free, Placement(**told))

    assert plan(None) == plan(24.0) == Plan("float32", "none")
    assert plan(3.0).precision == "bfloat16"
    assert plan(0.1) == Plan("bfloat16", "layer")
    assert plan(0.1, precision="float16", offload="none") == Plan("float16", "none")
    with pytest.raises(PlacementError):
        plan(None, precision="int4")
