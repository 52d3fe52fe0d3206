"""Pictures for ``miniature/README.md``: the world, what the model draws, and the curves of its training."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np

from miniature import draw
from miniature.sampling import scenes
from miniature.train import RUNS

mpl.use("Agg")
from matplotlib import pyplot as plt

FOLDER = Path(__file__).parent / "pictures"
CURVES = {
    "autoencoder": ("psnr", "psnr_held_out"),
    "clip": ("kind", "color", "setting", "style", "position"),
    "unet": ("val_eps",),
    "reader": ("there", "kind", "color", "expression", "setting"),
}


def world(path: Path, columns: int = 10, rows: int = 5) -> None:
    """A sheet of pictures that training never saw."""
    pictures = [draw.paint(scene) for scene in scenes(4002, columns * rows)]
    sheet = np.vstack([np.hstack(pictures[i : i + columns]) for i in range(0, len(pictures), columns)])
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def curves(path: Path, runs: Path = RUNS) -> None:
    """Validation figures over the samples seen."""
    figure, axes = plt.subplots(1, len(CURVES), figsize=(13, 3.4))
    for axis, (stage, names) in zip(axes, CURVES.items(), strict=True):
        with (runs / stage / "losses.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        for name in names:
            axis.plot(
                [float(r["samples"]) / 1000 for r in rows], [float(r[name]) for r in rows], marker=".", label=name
            )
        axis.set(title=stage, xlabel="samples seen, thousands")
        axis.grid(alpha=0.3)
        axis.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=90)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    world(FOLDER / "world.png")
    curves(FOLDER / "curves.png")
    drawn = RUNS / "unet" / "sheet.png"
    if drawn.exists():
        (FOLDER / "drawn.png").write_bytes(drawn.read_bytes())


if __name__ == "__main__":
    main()
