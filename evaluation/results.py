"""What has been measured, a line of JSON for each case and method, so that a run that was killed goes on where it was.

A line says of which weights, seed, steps and case it speaks; the case is named by a digest of what it asks, so that after
a change of the world its old lines are no longer taken for measurements of the new one. Pictures lie beside the lines.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

LINES, PICTURES = "results.jsonl", "pictures"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is said of one picture; nan where it does not apply.

    psnr_outside        outside the true mask, against the autoencoder's picture of the photo
    psnr_outside_photo  the same against the photo itself;  ssim_outside: against the autoencoder's picture
    lpips_outside       against the autoencoder's picture, where the real weights are at hand
    structure           distance of self-similarities of picture and photo, times 1000 (metrics.structure_distance)
    psnr_truth          the whole picture against the true answer
    clip_score          100 cos(picture, true caption);  clip_direction: change of picture against change of caption
    seconds, unet_forward, unet_backward, memory   the cost; UNet evaluations in samples, memory the peak in MiB
    refused             why the method made no picture, for the log; empty if it made one
    """

    success: bool
    psnr_outside: float
    psnr_outside_photo: float
    ssim_outside: float
    psnr_truth: float
    clip_score: float
    clip_direction: float
    seconds: float
    unet_forward: int
    unet_backward: int
    refused: str
    structure: float = math.nan
    lpips_outside: float = math.nan
    memory: float = math.nan


@dataclass(frozen=True, slots=True)
class Result:
    """One case, one method. `weights`: the model's fingerprint; `asks`: the case's digest; `recipe`: that of the settings
    by which the method worked; `sentence`: the order."""

    suite: str
    number: int
    method: str
    seed: int
    steps: int
    weights: str
    asks: str
    recipe: str
    sentence: str
    figures: Figures

    @property
    def key(self) -> tuple[Any, ...]:
        """What must be equal for two results to be the same measurement."""
        return self.suite, self.number, self.method, self.seed, self.steps, self.weights, self.asks, self.recipe

    @property
    def picture(self) -> str:
        """The name of its picture in the folder."""
        name = sha256(repr(self.key).encode()).hexdigest()[:20]
        return f"{PICTURES}/{name}.webp"


class Results:
    """A folder of results: those that are there, and a way to add one. `folder` None: kept in memory only."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._known: dict[tuple[Any, ...], Result] = {}
        self._shown: dict[str, Tensor] = {}
        if folder is not None and (folder / LINES).is_file():
            whole = (folder / LINES).read_text("utf-8")
            if whole and not whole.endswith("\n"):  # the last line was cut off by a crash: it does not count
                whole = whole[: whole.rfind("\n") + 1]
                (folder / LINES).write_text(whole, "utf-8")
            for line in whole.splitlines():
                result = read(json.loads(line))
                self._known[result.key] = result

    def get(self, key: tuple[Any, ...]) -> Result | None:
        """The result of that key, if it is known."""
        return self._known.get(key)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)

    def add(self, result: Result, picture: Tensor | None = None) -> None:
        """Keep a result, and the picture (1, 3, H, W) in [-1, 1] that it speaks of: first the picture, then the line,
        so that every line has its picture."""
        self._known[result.key] = result
        if self.folder is None:
            if picture is not None:
                self._shown[result.picture] = picture
            return
        if picture is not None:
            path = self.folder / result.picture
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(webp(picture))
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LINES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(write(result), ensure_ascii=False, separators=(",", ":")) + "\n")

    def picture(self, result: Result) -> Tensor | None:
        """The picture of a result, (1, 3, H, W); None if it was not kept."""
        if result.picture in self._shown or self.folder is None:
            return self._shown.get(result.picture)
        path = self.folder / result.picture
        if not path.is_file():
            return None
        with Image.open(path) as image:
            data = torch.frombuffer(bytearray(image.convert("RGB").tobytes()), dtype=torch.uint8)
            return data.view(1, image.height, image.width, 3).permute(0, 3, 1, 2).float() / 127.5 - 1

    def of(self, weights: str, seed: int | None = None, steps: int | None = None) -> list[Result]:
        """Those of one model (and seed and steps)."""
        return [
            one for one in self if one.weights == weights and seed in (None, one.seed) and (steps in (None, one.steps))
        ]


def table(results: Iterable[Result]) -> dict[tuple[str, str], list[Result]]:
    """Results by (suite, method), in the order of their numbers."""
    out: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        out[result.suite, result.method].append(result)
    return {key: sorted(some, key=lambda one: one.number) for key, some in out.items()}


def webp(picture: Tensor, quality: int = 90) -> bytes:
    """A picture (1, 3, H, W) in [-1, 1] as a small file."""
    pixels = picture[0].clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    out = BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", quality=quality)
    return out.getvalue()


def write(result: Result) -> dict[str, Any]:
    """A result as one flat line; what does not apply is left out."""
    flat = {field.name: getattr(result, field.name) for field in fields(Result) if field.name != "figures"}
    line = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in asdict(result.figures).items()
        if not (isinstance(value, float) and math.isnan(value)) and value != ""
    }
    return flat | line


def read(line: dict[str, Any]) -> Result:
    """The result that a line speaks of. Raises TypeError or KeyError for another line."""
    own = {field.name for field in fields(Result)}
    rest = {name: value for name, value in line.items() if name not in own}
    missing = {
        field.name: "" if field.type in ("str", str) else math.nan
        for field in fields(Figures)
        if field.name not in rest
    }
    return Result(**{name: line[name] for name in own - {"figures"}}, figures=Figures(**{**missing, **rest}))
