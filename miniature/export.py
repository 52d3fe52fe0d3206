"""Write what training reached as a StableDiffusionPipeline folder in fp16, with the judge's CLIP and the reader beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

from miniature import tokenizer, wording
from miniature.dataset import write_json
from miniature.judge import ClipStage
from miniature.reading import ReaderStage
from miniature.stage import trained_module
from miniature.unet import UnetStage

LIMIT = 48 * 2**20


def size(folder: Path) -> int:
    """Bytes of all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def save_clip(runs: Path, out: Path, pictures: int) -> None:
    stage = ClipStage(runs, pictures, "cpu")
    clip = trained_module(stage, runs / "clip").half()
    clip.save_pretrained(out / "clip")
    write_json(out / "clip" / "preprocessor_config.json", {"image_mean": [0.5] * 3, "image_std": [0.5] * 3})  # [-1, 1]
    tokenizer.save(stage.tokenizer, out / "clip")


def save_diffusion(runs: Path, out: Path, pictures: int) -> None:
    stage = UnetStage(runs, pictures, "cpu")
    module = trained_module(stage, runs / "unet")
    pipeline = stage.pipeline(module)
    pipeline.unet.to(memory_format=torch.contiguous_format)  # as files hold it
    pipeline.to(dtype=torch.float16).save_pretrained(out)
    # diffusers reads half precision as float32, transformers as its config says: without this the parts would not match
    config = out / "text_encoder" / "config.json"
    write_json(config, json.loads(config.read_text("utf-8")) | {"dtype": "float32"})
    tokenizer.save(stage.words, out / "tokenizer")


def save_reader(runs: Path, out: Path, pictures: int) -> None:
    """reader/ as pipeline/diffusion/detector.py loads it."""
    reader = trained_module(ReaderStage(runs, pictures, "cpu"), runs / "reader")
    (out / "reader").mkdir()
    write_json(out / "reader" / "config.json", reader.config())
    state = {name: value.half().contiguous() for name, value in reader.state_dict().items()}
    save_file(state, out / "reader" / "model.safetensors")


def save_facts(out: Path) -> None:
    """heying.json: the model's own guidance and steps, and the words that it can draw."""
    (out / "heying.json").write_text(wording.text(), "utf-8")


def export(runs: Path, out: Path, pictures: int = 40_000) -> None:
    """Write ``out`` whole, from the last checkpoints in ``runs``. Raises RuntimeError above 48 MiB."""
    unfinished = out.with_name(out.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    save_diffusion(runs, unfinished, pictures)
    save_clip(runs, unfinished, pictures)
    save_reader(runs, unfinished, pictures)
    save_facts(unfinished)
    if size(unfinished) > LIMIT:
        raise RuntimeError(f"{size(unfinished) / 2**20:.1f} MiB are more than the folder may have")
    shutil.rmtree(out, ignore_errors=True)
    unfinished.rename(out)
