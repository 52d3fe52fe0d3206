"""Training on from what is shipped: every stage's module takes the weights as they are."""

from pathlib import Path

import torch

from miniature import autoencoder, judge, reading, tokenizer, unet
from miniature.begin import begin
from miniature.train import WEIGHTS


def test_a_fresh_clone_trains_on_from_the_shipped_weights(tmp_path: Path) -> None:
    """Names and shapes fit, nothing is missing, and a stage that has begun is left alone."""
    words = tokenizer.build()
    kept = tmp_path / "clip" / "checkpoint.pt"
    kept.parent.mkdir()
    kept.write_bytes(b"mine")
    assert begin(WEIGHTS, tmp_path) == ["autoencoder", "unet", "reader"]
    assert kept.read_bytes() == b"mine"
    kept.unlink()
    assert begin(WEIGHTS, tmp_path) == ["clip"]
    modules = {
        "autoencoder": autoencoder.build(),
        "clip": judge.build(len(words), words.bos_token_id, words.eos_token_id),
        "unet": torch.nn.ModuleDict({"unet": unet.build_unet(), "text": unet.build_text(words)}),
        "reader": reading.build(),
    }
    for name, module in modules.items():
        state = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
        module.load_state_dict(state["module"])  # strict: raises where a name or a shape differs
        assert state["optimizers"] is None
        assert all(value.dtype in (torch.float32, torch.int64) for value in state["module"].values())
