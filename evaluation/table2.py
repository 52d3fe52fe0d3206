"""The sources' Table 2 with your own weights: `python -m evaluation.table2 tedbench FOLDER --model SD --clip CLIP`.

Each method edits each pair of TEdBench (or PIE-Bench: `table2 pie FOLDER`) with its paper's own settings. Reported are
the Spanish study's CLIP score (its equation 8) and CLIP direction similarity (1 minus its equation 9, which is printed as
a loss and used as a similarity), and where there are masks PIE-Bench's figures. --results keeps every pair as soon as it
is done; the same command goes on from there.
"""

import json
import math
import os
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor

from evaluation.folders import LOADERS, Pair
from evaluation.metrics import (
    clip_direction,
    clip_score_8,
    mean_interval,
    psnr,
    self_similarity,
    ssim,
    structure_distance,
)
from evaluation.perceptual import Dino, Lpips
from pipeline.diffusion.methods import METHODS, Edit
from pipeline.diffusion.toolkit import clip as clips
from pipeline.diffusion.toolkit.clip import Clip, image_features, text_features
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations, load
from pipeline.engine import finish
from storage.errors import HeyingError

PAPER = {  # the study's Table 2: CLIP score, CLIP similarity
    "plug_and_play": (0.2245, 0.2430), "hiper": (0.2173, 0.1547), "imagic": (0.2148, 0.1021),
}  # fmt: skip
COLUMNS = {
    "score": "CLIP score (8)", "direction": "direction (1 − 9)", "edited": "CLIP edited", "structure": "structure ×10³",
    "psnr": "PSNR dB", "lpips": "LPIPS ×10³", "mse": "MSE ×10⁴", "ssim": "SSIM ×10²", "seconds": "seconds",
}  # fmt: skip


class MissingClip(HeyingError):
    """There is no CLIP to measure with."""


class Meter:
    """Measures what became of a pair."""

    def __init__(self, clip: Clip, lpips: Lpips | None = None, dino: Dino | None = None) -> None:
        self.clip, self.lpips, self.dino = clip, lpips, dino

    @torch.no_grad()
    def figures(self, pair: Pair, photo: Tensor, picture: Tensor) -> dict[str, float]:
        """All figures that apply, of pictures (1, 3, S, S) in [-1, 1]."""
        seen, before = image_features(self.clip, picture), image_features(self.clip, photo)
        source, target = text_features(self.clip, [pair.source, pair.target]).split(1)
        figures = {
            "score": clip_score_8(seen, target),
            "direction": clip_direction(before, seen, source, target),
            "structure": 1000 * structure_distance(self._structure(picture), self._structure(photo)),
        }
        outside = pair.outside(photo.shape[-1])
        if outside is None or not outside.any():
            return figures
        where = torch.from_numpy(outside)
        inside = (picture + 1) * (~where) - 1  # as PIE-Bench does: black where nothing was to change
        figures |= {
            "edited": clip_score_8(image_features(self.clip, inside), target),
            "psnr": psnr(picture, photo, where),
            "ssim": 100 * ssim(picture, photo, where),
            "mse": 1e4 * float(((picture - photo) / 2)[..., where].square().mean()),
        }
        if self.lpips is not None:
            figures["lpips"] = 1000 * self.lpips(picture, photo, where)
        return figures

    def _structure(self, picture: Tensor) -> Tensor:
        if self.dino is not None:
            return self.dino(picture)
        out = self.clip.model.vision_model(pixel_values=clips.prepare(self.clip, picture))
        return self_similarity(out.last_hidden_state[0, 1:].cpu())


def edited(
    sd: StableDiffusion, pair: Pair, method: str, steps: int, seed: int
) -> tuple[Tensor, Tensor, dict[str, Any]]:
    """Photo and picture (1, 3, S, S) of one pair, and the cost, with the method's own defaults. Raises HeyingError."""
    photo = torch.from_numpy(pair.image(sd.size).copy()).permute(2, 0, 1)[None].float().div(127.5).sub(1)
    began, count = time.perf_counter(), evaluations(sd)
    request = Edit(photo.to(sd.device), pair.source, pair.target, pair.words, strength=1.0, seed=seed, steps=steps)
    picture = finish(METHODS[method].run(sd, request)).image.float().cpu()
    cost = {"seconds": time.perf_counter() - began, "forward": count.forward, "backward": count.backward}
    return photo, picture, cost


@click.command(help=__doc__)
@click.argument("benchmark", type=click.Choice(list(LOADERS)))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--model", required=True, help="Stable Diffusion folder or hub id")
@click.option("--clip", "clip_folder", help="CLIP folder, as of openai/clip-vit-large-patch14; none: the model's clip/")
@click.option("--methods", default="plug_and_play,hiper,imagic", show_default=True, help="names with commas, or all")
@click.option(
    "--results", type=click.Path(path_type=Path, dir_okay=False), help="keep each pair here, and go on from it"
)
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), help="save what was made here")
@click.option("--pairs", "most", type=click.IntRange(1), help="only the first ones")
@click.option("--steps", default=50, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True)
@click.option("--device", default="cuda" if torch.cuda.is_available() else "cpu", show_default=True)
@click.option("--lpips", "net", help="measure LPIPS with this net (PIE-Bench: squeeze); needs the extra [metrics]")
@click.option("--dino", help="measure structure by this DINO (PIE-Bench: facebook/dino-vitb8)")
def main(
    benchmark: str,
    folder: Path,
    model: str,
    clip_folder: str | None,
    methods: str,
    results: Path | None,
    pictures: Path | None,
    most: int | None,
    steps: int,
    seed: int,
    device: str,
    net: str | None,
    dino: str | None,
) -> None:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    names = list(METHODS) if methods == "all" else methods.split(",")
    if strangers := [name for name in names if name not in METHODS]:
        raise click.BadParameter(f"{', '.join(strangers)}: choose from {', '.join(METHODS)}", param_hint="--methods")
    try:
        pairs = list(LOADERS[benchmark](folder))[:most]
        sd = load(model, device)
        meter = Meter(
            _clip(clip_folder, sd, device), Lpips(net, device) if net else None, Dino(dino, device) if dino else None
        )
    except HeyingError as error:
        raise click.ClickException(f"{error}\n{error.sentence}") from error
    known = _known(results)
    lines = []
    for pair in track(pairs, description=benchmark, console=Console(stderr=True), transient=True):
        for name in names:
            key = {
                "benchmark": benchmark,
                "pair": pair.key,
                "method": name,
                "model": model,
                "steps": steps,
                "seed": seed,
            }
            line = known.get(json.dumps(key))
            if line is None:
                line = key | _measured(sd, meter, pair, name, steps, seed, pictures)
                if results:
                    results.parent.mkdir(parents=True, exist_ok=True)
                    with results.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line, ensure_ascii=False) + "\n")
            lines.append(line)
    Console(width=max(240, Console().width)).print(table(benchmark, names, lines))


def _measured(
    sd: StableDiffusion, meter: Meter, pair: Pair, name: str, steps: int, seed: int, pictures: Path | None
) -> dict[str, Any]:
    """Figures and cost of one method on one pair; or why it refused."""
    try:
        photo, picture, cost = edited(sd, pair, name, steps, seed)
    except HeyingError as error:
        return {"refused": str(error)}
    if pictures:
        from PIL import Image

        pictures.mkdir(parents=True, exist_ok=True)
        pixels = picture[0].clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(pictures / f"{pair.key}-{name}.png")
    figures = meter.figures(pair, photo, picture)
    return {key: value for key, value in (figures | cost).items() if math.isfinite(value)}


def _clip(folder: str | None, sd: StableDiffusion, device: str) -> Clip:
    """The CLIP that was named, or the model's own."""
    if folder is None and sd.clip is not None:
        return sd.clip
    if folder is None or not Path(folder).is_dir():
        raise MissingClip(
            "没有可用来打分的 CLIP。请先下载（例如 hf download openai/clip-vit-large-patch14 --local-dir clip），"
            "再加上 --clip clip。",
            f"no CLIP folder at {folder!r}, and {sd.name} has none",
        )
    return clips.load(folder, device)


def _known(results: Path | None) -> dict[str, dict[str, Any]]:
    """The lines that are there already, by what they are about; one that was cut off by a crash is cut away."""
    if results is None or not results.is_file():
        return {}
    whole = results.read_text("utf-8")
    if whole and not whole.endswith("\n"):
        whole = whole[: whole.rfind("\n") + 1]
        results.write_text(whole, "utf-8")
    lines = [json.loads(line) for line in whole.splitlines()]
    names = ("benchmark", "pair", "method", "model", "steps", "seed")
    return {json.dumps({name: line[name] for name in names}): line for line in lines}


def table(benchmark: str, methods: list[str], lines: list[dict[str, Any]]) -> Table:
    """Means with 95 % bootstrap intervals, and the study's own figures beside them."""
    out = Table(title=f"{benchmark}: {len({line['pair'] for line in lines})} pairs", box=SIMPLE_HEAD)
    out.add_column("method")
    shown = {name: title for name, title in COLUMNS.items() if any(name in line for line in lines)}
    for title in shown.values():
        out.add_column(title, justify="right", no_wrap=True)
    if benchmark == "tedbench":
        out.add_column("study's Table 2", justify="right")
    out.add_column("refused", justify="right")
    for method in methods:
        own = [line for line in lines if line["method"] == method]
        cells = []
        for name in shown:
            values = [line[name] for line in own if name in line]
            low, high = mean_interval(values)
            digits = 4 if name in ("score", "direction", "edited") else 2
            cells.append(f"{np.mean(values):.{digits}f} [{low:.{digits}f}–{high:.{digits}f}]" if values else "")
        if benchmark == "tedbench":
            cells.append(" / ".join(f"{value:.4f}" for value in PAPER.get(method, ())))
        out.add_row(method, *cells, str(sum("refused" in line for line in own) or ""))
    return out


if __name__ == "__main__":
    main()
