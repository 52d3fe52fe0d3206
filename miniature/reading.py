"""Training of the reader (pipeline/diffusion/detector.py): the drawn world knows the answer to every question about its pictures.

Pictures are shifted, scaled, mirrored, blurred and tinted a little, and half of them have been through the
autoencoder: what is read in the chat has been cut out of photos, enlarged, or painted by the model before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miniature import dataset, wording
from miniature.autoencoder import to_tensor
from miniature.optimizer import optimizers
from miniature.scenes import CROWD, POSITIONS, Scene
from miniature.unet import latents
from pipeline.diffusion.detector import Reader

Array = np.ndarray[Any, Any]
PLACES = ("far left", "left", "middle", "right", "far right")
SIDE = 128
PLAIN = ("color",)  # slots of every kind


def build() -> Reader:
    world = wording.world()
    things = {"kind": tuple(world["things"]), **{name: tuple(values) for name, values in world["slots"].items()}}
    whole = {
        "style": tuple(world["styles"]),
        "setting": tuple(world["settings"]),
        "mirror": ("", "mirror"),
        "passers": ("", "passers"),
    }
    return Reader(PLACES, things, whole, SIDE)


def answers(scene: Scene, reader: Reader) -> dict[str, Array]:
    """What the reader should say of a scene: the index of each answer, -100 where nothing is to be said."""
    count = len(reader.places)
    out: dict[str, Array] = {name: np.full(count, -100) for name in reader.things}
    out |= {"there": np.zeros(count, np.float32), "box": np.zeros((count, 4), np.float32)}
    for thing in scene.things:
        place = reader.places.index(thing.position)
        out["there"][place] = 1
        out["box"][place] = thing.box()
        for name, value in {"kind": thing.kind, **wording.slots(thing)}.items():
            out[name][place] = reader.things[name].index(value)
    out["passing"] = np.zeros((SIDE // 8, SIDE // 8), np.float32)
    for passer in scene.passers:
        x0, y0, x1, y1 = (round(v * SIDE / 8) for v in passer.box())
        out["passing"][y0 : y1 + 1, x0:x1] = 1
    said = {"style": scene.style.replace(" ", "_"), "setting": scene.setting}
    said |= {"mirror": "mirror" if scene.mirror else "", "passers": "passers" if scene.passers else ""}
    return out | {name: np.array(reader.whole[name].index(value)) for name, value in said.items()}


def mirrored(truth: dict[str, Array], reader: Reader) -> dict[str, Array]:
    """The answers for the same picture seen in a mirror."""
    out = {
        name: value[::-1] if name in reader.things or name in ("there", "box") else value
        for name, value in truth.items()
    }
    out["box"] = out["box"][:, [2, 1, 0, 3]] * (-1, 1, -1, 1) + (1, 0, 1, 0)
    out["passing"] = truth["passing"][:, ::-1]
    return {name: value.copy() for name, value in out.items()}


def moved(picture: Array, truth: dict[str, Array], rng: np.random.Generator) -> tuple[Array, dict[str, Array]]:
    """The picture enlarged or shrunk and shifted a little, its boxes with it."""
    scale, dx, dy = rng.uniform(0.92, 1.12), *rng.uniform(-0.05, 0.05, 2)
    shift = np.array([0.5 - scale * 0.5 + dx, 0.5 - scale * 0.5 + dy])
    matrix = np.array([[scale, 0, shift[0] * SIDE], [0, scale, shift[1] * SIDE]], np.float32)
    picture = cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    box = (truth["box"] * scale + np.tile(shift, 2)).clip(0, 1).astype(np.float32)
    passing = cv2.warpAffine(truth["passing"], matrix * ((1, 1, 1 / 8), (1, 1, 1 / 8)), truth["passing"].shape[::-1])
    return picture, truth | {"box": box, "passing": passing}


def worn(picture: Array, rng: np.random.Generator) -> Array:
    """What photos go through: softened, tinted, noisy."""
    out: Array = picture.astype(np.float32)
    if rng.random() < 0.4:
        out = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.4, 1.1)))
    out = out * rng.uniform(0.93, 1.07) + rng.uniform(-6, 6, 3)
    if rng.random() < 0.3:
        out = out + rng.normal(0, rng.uniform(1, 7), out.shape)
    return out.clip(0, 255).astype(np.uint8)


class ReaderStage:
    name = "reader"
    batch = 64
    ema_decay = 0.998

    def __init__(self, runs: Path, pictures: int, device: str) -> None:
        self.device = device
        self.train = dataset.render(runs / "data", dataset.TRAIN_SEED, pictures)
        self.val = dataset.render(runs / "data", dataset.VALIDATION_SEED, 1000)
        self.vae, self.latents = latents(runs, pictures, device)
        self.module = build().to(device)
        plain = [self.module.trunk[0], self.module.there, self.module.box, self.module.passing]
        self.optimizers = optimizers(self.module, muon_lr=0.01, adam_lr=1e-3, plain=plain)

    def _batch(self, rng: np.random.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        pictures, truths = [], []
        indices = rng.integers(0, len(self.train), self.batch)
        painted = self._painted(indices[: self.batch // 4])
        for i, index in enumerate(indices):
            scene = dataset.scene_of(dataset.TRAIN_SEED, int(index))
            picture = painted[i] if i < len(painted) else np.asarray(self.train[index])
            truth = answers(scene, self.module)
            if rng.random() < 0.5:
                picture, truth = np.ascontiguousarray(picture[:, ::-1]), mirrored(truth, self.module)
            if rng.random() < 0.7:
                picture, truth = moved(picture, truth, rng)
            pictures.append(worn(picture, rng) if rng.random() < 0.7 else picture)
            truths.append(truth)
        stacked = {name: torch.from_numpy(np.stack([t[name] for t in truths])).to(self.device) for name in truths[0]}
        return to_tensor(np.stack(pictures), self.device), stacked

    @torch.no_grad()
    def _painted(self, indices: Array) -> Array:
        """Pictures as the autoencoder gives them back, from noisy latents: what an edit leaves behind."""
        mean = torch.from_numpy(np.stack([self.latents[i] for i in indices])).float().to(self.device).chunk(2, dim=1)[0]
        with torch.autocast(self.device, torch.bfloat16):
            out = self.vae.decode(mean + 0.15 * torch.randn_like(mean)).sample
        pixels = out.float().clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1)
        return np.ascontiguousarray(pixels.cpu().numpy())

    def loss(self, rng: np.random.Generator) -> Tensor:
        pictures, truth = self._batch(rng)
        with torch.autocast(self.device, torch.bfloat16):
            said = self.module(pictures)
        said = {name: value.float() for name, value in said.items()}
        there = truth["there"]
        loss: Tensor = F.binary_cross_entropy_with_logits(said["there"], there) * 2
        loss = loss + 4 * ((said["box"] - truth["box"]).abs().mean(-1) * there).sum() / there.sum().clamp_min(1)
        loss = loss + F.binary_cross_entropy_with_logits(said["passing"], truth["passing"])
        for name in self.module.things:
            if (truth[name] >= 0).any():
                loss = loss + 0.5 * F.cross_entropy(said[name].flatten(0, 1), truth[name].flatten())
        for name in self.module.whole:
            loss = loss + 0.5 * F.cross_entropy(said[name], truth[name])
        return loss

    @torch.no_grad()
    def validate(self, ema: nn.Module) -> dict[str, float]:
        """Share of right answers on 500 unseen pictures; "there": pictures in which every place is right."""
        right: dict[str, list[Tensor]] = {}
        for start in range(0, 500, 50):
            scenes = [dataset.scene_of(dataset.VALIDATION_SEED, i) for i in range(start, start + 50)]
            truths = [answers(scene, self.module) for scene in scenes]
            said = ema(to_tensor(np.asarray(self.val[start : start + 50]), self.device))
            truth = {name: torch.from_numpy(np.stack([t[name] for t in truths])).to(self.device) for name in truths[0]}
            right.setdefault("there", []).append(((said["there"] > 0) == (truth["there"] > 0)).all(1).float())
            stands = truth["there"] > 0
            right.setdefault("box_error", []).append((said["box"] - truth["box"]).abs().mean(-1)[stands])
            for name in (*self.module.things, *self.module.whole):
                known = truth[name] >= 0
                right.setdefault(name, []).append((said[name].argmax(-1) == truth[name])[known].float())
        return {name: float(torch.cat(values).mean()) for name, values in right.items()}

    def sheet(self, ema: nn.Module, path: Path) -> None:
        """A reader draws nothing."""


assert set(POSITIONS) | set(CROWD) == set(PLACES)
