"""A caption for a photo of the open world, by BLIP (Li et al. 2022) where its weights are on this machine.

Looked for in `captioner/` of the model folder, then among the models that transformers has downloaded before. Nothing
is ever fetched: without a captioner the user's own sentence says what is in the photo.
"""

from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import interpolate
from transformers import BertTokenizer, BlipForConditionalGeneration

from pipeline.diffusion.toolkit.clip import MEAN, STD

KNOWN = "Salesforce/blip-image-captioning-base"
WORDS = 24


@lru_cache(maxsize=2)
def _captioner(model: str) -> tuple[BlipForConditionalGeneration, BertTokenizer] | None:
    """BLIP and its tokenizer, or None if they are not here."""
    own = Path(model) / "captioner"
    place = str(own) if own.is_dir() else KNOWN
    try:
        blip = BlipForConditionalGeneration.from_pretrained(place, local_files_only=True, dtype=torch.float32)
        return blip.requires_grad_(False).eval(), BertTokenizer.from_pretrained(place, local_files_only=True)
    except (OSError, ValueError):
        return None


@torch.no_grad()
def describe(image: Tensor, model: str) -> str:
    """A short English caption of a picture (1, 3, H, W) in [-1, 1]; "" if there is no captioner."""
    found = _captioner(model)
    if found is None:
        return ""
    blip, tokenizer = found
    side = blip.config.vision_config.image_size
    pixels = interpolate(image.cpu(), size=(side, side), mode="bicubic", antialias=True).clamp(-1, 1)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    tokens = blip.generate(pixel_values=(pixels / 2 + 0.5 - mean) / std, max_new_tokens=WORDS)
    return str(tokenizer.decode(tokens[0], skip_special_tokens=True)).strip()
