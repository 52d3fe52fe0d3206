"""Pictures and captions on disk, rendered once: training reads them by memory map and never waits for the brush."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from miniature import draw
from miniature.pen import SIZE
from miniature.sampling import sample, training_caption
from miniature.scenes import Scene

Array = np.ndarray[Any, Any]

TRAIN_SEED, VALIDATION_SEED = 7, 8  # the benchmark and the gates use seeds of 1000 and above
CHUNK = 500


def scene_of(seed: int, index: int) -> Scene:
    """Scene ``index`` of a training set; a third of the characters go by their pseudo-names."""
    return sample([seed, index], names=seed == TRAIN_SEED)


def _chunk(args: tuple[int, int, int]) -> Array:
    seed, start, stop = args
    return np.stack([draw.paint(scene_of(seed, i)) for i in range(start, stop)])


def render(folder: Path, seed: int, count: int, workers: int = 1) -> Array:
    """The first ``count`` pictures of a seed, (count, 128, 128, 3) uint8, rendered or read from ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pictures_{seed}_{count}.npy"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        out = np.lib.format.open_memmap(unfinished, "w+", np.uint8, (count, SIZE, SIZE, 3))
        jobs = [(seed, s, min(s + CHUNK, count)) for s in range(0, count, CHUNK)]
        with ProcessPoolExecutor(workers) as pool:
            for job, pictures in zip(jobs, tqdm(pool.map(_chunk, jobs), total=len(jobs), desc="pictures"), strict=True):
                out[job[1] : job[2]] = pictures
        out.flush()
        unfinished.rename(path)
    return np.asanyarray(np.load(path, mmap_mode="r"))


def captions(seed: int, index: int, rng: np.random.Generator) -> str:
    """One training caption of a picture; another one at every call."""
    return training_caption(scene_of(seed, index), rng)


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
