"""The papers' own perceptual figures, for those who have the weights: LPIPS (torchmetrics) and DINO's structure distance.

Both need weights that are not shipped and an extra, `pip install -e '.[metrics]'`. Without them the benchmark measures
structure by the CLIP at hand and says nothing of LPIPS.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from evaluation.metrics import self_similarity
from storage.errors import HeyingError

DINO_MEAN, DINO_STD, DINO_SIDE = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 224


class MissingWeights(HeyingError):
    """A figure needs a package or weights that are not here."""


class Lpips:
    """Learned perceptual distance (Zhang et al. 2018) by torchmetrics; PIE-Bench uses the net "squeeze"."""

    def __init__(self, net: str = "squeeze", device: str = "cpu") -> None:
        """Raises MissingWeights."""
        try:
            from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

            self._net: Any = LearnedPerceptualImagePatchSimilarity(net_type=net).to(device).eval()
        except ImportError as error:  # torchvision is asked for only when the net is made
            raise MissingWeights(
                "LPIPS 需要额外的包：请先运行 pip install -e '.[metrics]'，再试一次。",
                f"torchmetrics or torchvision is missing: {error}",
            ) from error
        except Exception as error:  # torchvision downloads the backbone and fails in many ways
            raise MissingWeights(
                f"LPIPS 的 {net} 权重下载不了。请联网运行一次，或把权重放进 torch 的缓存目录。",
                f"no weights for LPIPS {net}: {error!r}",
            ) from error
        self._device = device

    @torch.no_grad()
    def __call__(self, picture: Tensor, reference: Tensor, where: Tensor | None = None) -> float:
        """Distance of two pictures (1, 3, H, W) in [-1, 1]; what is not in `where` (H, W) is blackened in both, as
        PIE-Bench does."""
        if where is not None:
            keep = where.to(picture)[None, None]
            picture, reference = ((one + 1) * keep - 1 for one in (picture, reference))
        return float(self._net(picture.clamp(-1, 1).to(self._device), reference.clamp(-1, 1).to(self._device)))


class Dino:
    """Self-similarity of the keys of DINO ViT-B/8's last layer (Tumanyan et al. 2022), from a folder or hub id of
    transformers' ViTModel such as facebook/dino-vitb8."""

    def __init__(self, folder_or_id: str = "facebook/dino-vitb8", device: str = "cpu") -> None:
        """Raises MissingWeights."""
        from transformers import ViTModel

        try:
            self._model: Any = ViTModel.from_pretrained(
                folder_or_id, add_pooling_layer=False, local_files_only=Path(folder_or_id).is_dir()
            )
        except Exception as error:  # not there, not reachable, not a ViT
            raise MissingWeights(
                f"读不到 DINO 权重 {folder_or_id}。请先下载 facebook/dino-vitb8，再把文件夹写在 --dino 后面。",
                f"no DINO at {folder_or_id}: {error!r}",
            ) from error
        self._model.requires_grad_(False).eval().to(device)
        self._device = device

    @torch.no_grad()
    def __call__(self, picture: Tensor) -> Tensor:
        """Self-similarity (N, N) of a picture (1, 3, H, W) in [-1, 1]."""
        image = interpolate(picture.to(self._device), size=(DINO_SIDE, DINO_SIDE), mode="bicubic", antialias=True)
        mean, std = (image.new_tensor(values).view(1, 3, 1, 1) for values in (DINO_MEAN, DINO_STD))
        pixels = (image.clamp(-1, 1) / 2 + 0.5 - mean) / std
        keys: list[Tensor] = []
        name = next(name for name, _ in reversed(list(self._model.named_modules())) if name.endswith(("key", "k_proj")))
        hook = self._model.get_submodule(name).register_forward_hook(lambda _, __, out: keys.append(out))
        try:
            self._model(pixel_values=pixels, interpolate_pos_encoding=True)
        finally:
            hook.remove()
        return self_similarity(keys[0][0, 1:]).cpu()  # without the class token
