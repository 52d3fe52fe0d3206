"""The judge: a CLIP model that puts pictures and sentences into one space (Radford et al. 2021)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import interpolate, normalize
from transformers import CLIPModel, CLIPTokenizer

# What OpenAI's CLIP was trained with; a folder's preprocessor_config.json may say otherwise.
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class Clip:
    """`image_size`: side of the pictures that the vision tower takes; `mean`, `std`: its norm, for RGB in [0, 1]."""

    model: CLIPModel
    tokenizer: CLIPTokenizer
    image_size: int
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD


def load(folder: str | Path, device: str | torch.device = "cpu") -> Clip:
    """Load a CLIPModel folder with its tokenizer. Errors are the libraries' own (OSError, ValueError)."""
    model = CLIPModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    path = Path(folder) / "preprocessor_config.json"
    own = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    model.requires_grad_(False).eval().to(device)
    return Clip(
        model,
        tokenizer,
        model.config.vision_config.image_size,
        tuple(own.get("image_mean", MEAN)),
        tuple(own.get("image_std", STD)),
    )


def prepare(clip: Clip, images: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) in [-1, 1] → what the vision tower takes. Differentiable. Not square: squeezed, not cut."""
    size = (clip.image_size, clip.image_size)
    images = images.to(clip.model.device)
    if images.shape[-2:] != size:
        images = interpolate(images, size=size, mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)
    mean, std = (images.new_tensor(values).view(1, 3, 1, 1) for values in (clip.mean, clip.std))
    return (images / 2 + 0.5 - mean) / std


def image_features(clip: Clip, images: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) in [-1, 1] → unit vectors (B, D). Differentiable."""
    return normalize(clip.model.get_image_features(pixel_values=prepare(clip, images)).pooler_output, dim=-1)


@torch.no_grad()
def text_features(clip: Clip, sentences: Sequence[str]) -> Tensor:
    """Sentences → unit vectors (B, D); what is too long is cut."""
    length = min(clip.tokenizer.model_max_length, clip.model.config.text_config.max_position_embeddings)
    tokens = clip.tokenizer(list(sentences), padding=True, max_length=length, truncation=True, return_tensors="pt")
    tokens = {
        name: value.to(clip.model.device) for name, value in tokens.items() if name in ("input_ids", "attention_mask")
    }
    return normalize(clip.model.get_text_features(**tokens).pooler_output, dim=-1)


@torch.no_grad()
def similarity(clip: Clip, images: Tensor, sentences: Sequence[str]) -> Tensor:
    """Cosine of each picture with each sentence, (B, len(sentences))."""
    return image_features(clip, images) @ text_features(clip, sentences).T


def crop(image: Tensor, box: tuple[int, int, int, int], margin: float = 0.1) -> Tensor:
    """The square around `box` = (left, top, right, bottom) in pixels, with a margin in parts of its longer side.

    image (B, 3, H, W) → (B, 3, s, s). At the picture's edge the square is moved inwards, and made smaller only if it is
    larger than the picture; so nothing is squeezed and no border is invented."""
    height, width = image.shape[-2:]
    left, top, right, bottom = box
    side = max(right - left, bottom - top, 1)
    side = min(round(side * (1 + 2 * margin)), height, width)
    x = min(max((left + right - side) // 2, 0), width - side)
    y = min(max((top + bottom - side) // 2, 0), height - side)
    return image[..., y : y + side, x : x + side]
