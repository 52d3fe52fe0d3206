"""What fits into a graphics card, from the headers of the files alone."""

from pathlib import Path

import pytest
import torch

from pipeline.diffusion.toolkit.model import load
from storage.model_memory import Plan, best, needed, parameters, side_of

SD15 = {"unet": 859_520_964, "vae": 83_653_863, "text_encoder": 123_060_480}
SDXL = {"unet": 2_567_463_684, "vae": 83_653_863, "text_encoder": 123_060_480, "text_encoder_2": 694_659_840}


def test_parameters_are_counted_without_loading(model_folders: dict[str, Path]) -> None:
    sd = load(model_folders["sdxl"])
    counted = parameters(model_folders["sdxl"])
    assert counted.keys() == {"unet", "vae", "text_encoder", "text_encoder_2"}
    assert counted["unet"] == sum(one.numel() for one in sd.unet.parameters())
    assert side_of(model_folders["sdxl"]) == sd.size
    assert sd.second is not None
    assert counted["text_encoder_2"] == sum(one.numel() for one in sd.second.encoder.parameters())
    assert torch.float32 == sd.unet.dtype


def test_a_broken_folder_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "weights.safetensors").write_bytes(b"\xff" * 12)
    assert parameters(tmp_path) == {}


@pytest.mark.parametrize(
    ("parts", "side", "card", "plan"),
    [
        (SD15, 512, 8, Plan("float32", "none")),
        (SDXL, 1024, 24, Plan("float32", "none")),
        (SDXL, 1024, 12, Plan("bfloat16", "none")),
        (SDXL, 1024, 5, Plan("bfloat16", "layer")),
        (SDXL, 1024, 1, None),
    ],
)
def test_more_memory_means_more_precision(parts: dict[str, int], side: int, card: int, plan: Plan | None) -> None:
    assert best(parts, side, card) == plan


def test_each_plan_needs_less_than_the_one_before() -> None:
    plans = (Plan("float32", "none"), Plan("bfloat16", "none"), Plan("bfloat16", "model"), Plan("bfloat16", "layer"))
    needs = [needed(SDXL, 1024, plan) for plan in plans]
    assert needs == sorted(needs, reverse=True)
