"""The autoencoder: AutoencoderKL, 128×128 → 16×16×12, trained on crops of the world and of shapes far beyond it.

What is never taught cannot be edited either: half of the crops are of random hues and random shapes, since a first
prototype turned an unseen teal creature purple. Loss: L1 + 3·MSE + 0.5·gradient L1 + 6·MSE of 4×4 means + 2e-4·KL.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor

from miniature import dataset, draw
from miniature.optimizer import optimizers
from miniature.pen import SIZE
from miniature.sampling import sample
from miniature.scenes import HELD_OUT_KINDS

Array = np.ndarray[Any, Any]
CROP = 64


def build() -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 128),
        layers_per_block=1,
        latent_channels=12,
        norm_num_groups=8,
        sample_size=SIZE,
    )


def abstract_picture(rng: np.random.Generator, size: int = CROP) -> Array:
    """Random outlined shapes in random colours: colours and forms that no scene has. (size, size, 3) uint8."""
    big = 2 * size
    canvas = np.empty((big, big, 3), np.uint8)
    canvas[:] = rng.integers(0, 256, 3)
    for _ in range(int(rng.integers(2, 9))):
        color = rng.integers(0, 256, 3)
        edge = (color * rng.uniform(0.3, 1.0)).astype(int).tolist()
        center = rng.integers(0, big, 2)
        if rng.random() < 0.5:
            axes = rng.integers(4, big // 3, 2).tolist()
            shape = (center.tolist(), axes, float(rng.uniform(0, 180)), 0, 360)
            cv2.ellipse(canvas, *shape, color.tolist(), -1, cv2.LINE_AA)
            cv2.ellipse(canvas, *shape, edge, 3, cv2.LINE_AA)
        else:
            points = (center + rng.normal(0, big / 5, (int(rng.integers(3, 6)), 2))).astype(np.int32)
            cv2.fillPoly(canvas, [points], color.tolist(), cv2.LINE_AA)
            cv2.polylines(canvas, [points], True, edge, 3, cv2.LINE_AA)
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)


def recolored(crop: Array, rng: np.random.Generator) -> Array:
    """The same forms in other colours: hue turned, saturation and value bent."""
    hsv = cv2.cvtColor(crop, cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + rng.uniform(0, 180)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.4, 1.4), 0, 255)
    hsv[..., 2] = np.clip(hsv[..., 2] * rng.uniform(0.6, 1.15), 0, 255)
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)


def to_tensor(pictures: Array, device: str = "cpu") -> Tensor:
    """(B, H, W, 3) uint8 → (B, 3, H, W) float in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).to(device).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def psnr(a: Tensor, b: Tensor) -> float:
    """Mean over pictures of the peak signal-to-noise ratio in dB; tensors in [-1, 1]."""
    mse = ((a.clamp(-1, 1) - b.clamp(-1, 1)) / 2).square().mean(dim=(1, 2, 3)).clamp_min(1e-10)
    return float((-10 * mse.log10()).mean())


class AutoencoderStage:
    name = "autoencoder"
    batch = 16
    ema_decay = 0.995

    def __init__(self, runs: Path, pictures: int, device: str) -> None:
        self.device = device
        self.train = dataset.render(runs / "data", dataset.TRAIN_SEED, pictures)
        self.val = to_tensor(dataset.render(runs / "data", dataset.VALIDATION_SEED, 1000)[:32], device)
        held = [
            sample([dataset.VALIDATION_SEED, 1, i], count=1, style="photo", kinds=HELD_OUT_KINDS) for i in range(32)
        ]
        self.held_out = to_tensor(np.stack([draw.paint(scene) for scene in held]), device)
        self.module = build().to(device)
        ends = (self.module.encoder.conv_in, self.module.decoder.conv_out)
        self.optimizers = optimizers(self.module, muon_lr=0.012, adam_lr=1.5e-3, plain=ends)

    def _crops(self, rng: np.random.Generator) -> Tensor:
        out = np.empty((self.batch, CROP, CROP, 3), np.uint8)
        for i in range(self.batch):
            kind = rng.random()
            if kind < 0.2:
                out[i] = abstract_picture(rng)
                continue
            picture = self.train[int(rng.integers(len(self.train)))]
            y, x = rng.integers(0, SIZE - CROP + 1, 2)
            crop = picture[y : y + CROP, x : x + CROP]
            crop = crop[:, ::-1] if rng.random() < 0.5 else crop
            out[i] = recolored(np.ascontiguousarray(crop), rng) if kind < 0.5 else crop
        return to_tensor(out, self.device)

    def loss(self, rng: np.random.Generator) -> Tensor:
        x = self._crops(rng)  # (B, 3, 64, 64)
        with torch.autocast(self.device, torch.bfloat16):
            posterior = self.module.encode(x).latent_dist
            y = self.module.decode(posterior.sample()).sample
        y = y.float()
        difference: Tensor = y - x
        gradient = difference.diff(dim=2).abs().mean() + difference.diff(dim=3).abs().mean()
        blurred = F.avg_pool2d(difference, 4).square().mean()
        mean, logvar = posterior.mean.float(), posterior.logvar.float()
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        loss: Tensor = (
            difference.abs().mean() + 3 * difference.square().mean() + 0.5 * gradient + 6 * blurred + 2e-4 * kl
        )
        return loss

    @torch.no_grad()
    def _round_trip(self, module: AutoencoderKL, pictures: Tensor) -> Tensor:
        return torch.cat([module.decode(module.encode(p).latent_dist.mean).sample for p in pictures.split(8)])

    def validate(self, ema: AutoencoderKL) -> dict[str, float]:
        return {
            "psnr": psnr(self._round_trip(ema, self.val), self.val),
            "psnr_held_out": psnr(self._round_trip(ema, self.held_out), self.held_out),
        }

    def sheet(self, ema: AutoencoderKL, path: Path) -> None:
        pictures = torch.cat([self.val[:8], self.held_out[:8]])
        save_grid(path, torch.cat([pictures, self._round_trip(ema, pictures)]), 8)


def save_grid(path: Path, pictures: Tensor, columns: int) -> None:
    """Pictures (N, 3, H, W) in [-1, 1] as one PNG."""
    array = pictures.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    rows = [np.hstack(list(array[i : i + columns])) for i in range(0, len(array), columns)]
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))
