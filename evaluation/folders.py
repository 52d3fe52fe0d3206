"""Other people's benchmarks, read from their folders as they are published.

TEdBench (Kawar et al. 2023): `input_list.json`, a list of {"img_name", "target_text"}, beside a folder `originals`. There
is no source prompt and no mask; an entry may have a "source_text" of your own.
PIE-Bench (Ju et al. 2024): `mapping_file.json`, id → {"image_path", "original_prompt", "editing_prompt", "blended_word",
"mask", …}, beside a folder `annotation_images`. Prompts have the words that change in [brackets]; the mask is a list of
start, length, start, length, … over the 512×512 pixels, row by row.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from storage.errors import HeyingError

PIE_SIDE = 512
NO_SOURCE = "a photo"  # what a photo is called that nobody has described


class WrongFolder(HeyingError):
    """A folder is not laid out as its benchmark is."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One photo and what it shall become. `words`: (old, new) where the benchmark says them; `mask` (H, W) bool, True
    where the photo may change, at the photo's own size; None if nobody says where."""

    key: str
    photo: Path
    source: str
    target: str
    words: tuple[tuple[str | None, str | None], ...] = ()
    mask: NDArray[np.bool_] | None = None

    def image(self, side: int) -> NDArray[np.uint8]:
        """The photo, squeezed to a square as both benchmarks do, (side, side, 3)."""
        with Image.open(self.photo) as image:
            return np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS))

    def outside(self, side: int) -> NDArray[np.bool_] | None:
        """Where nothing shall change, (side, side) bool."""
        if self.mask is None:
            return None
        small = Image.fromarray(self.mask).resize((side, side), Image.Resampling.NEAREST)
        return ~np.asarray(small)


def tedbench(folder: Path) -> Iterator[Pair]:
    """The pairs of a TEdBench folder. Raises WrongFolder."""
    for number, entry in enumerate(_read(folder, "input_list.json", list)):
        name, target = _told(folder, entry, "img_name"), _told(folder, entry, "target_text")
        found = [path for path in (folder / "originals" / name, folder / name) if path.is_file()]
        if not found:
            raise _missing(folder, f"originals/{name}")
        yield Pair(f"{number:03}", found[0], str(entry.get("source_text", NO_SOURCE)), target)


def pie_bench(folder: Path) -> Iterator[Pair]:
    """The pairs of a PIE-Bench folder. Raises WrongFolder."""
    for key, entry in _read(folder, "mapping_file.json", dict).items():
        photo = folder / "annotation_images" / _told(folder, entry, "image_path")
        if not photo.is_file():
            raise _missing(folder, photo.relative_to(folder).as_posix())
        source, target = (_plain(_told(folder, entry, name)) for name in ("original_prompt", "editing_prompt"))
        blended = str(entry.get("blended_word", "")).split()
        words = ((blended[0], blended[1]),) if len(blended) == 2 else ()
        known = tuple((old, new) for old, new in words if old in source.split() and new in target.split())
        yield Pair(str(key), photo, source, target, known, decode_mask(entry.get("mask", [])))


LOADERS: dict[str, Callable[[Path], Iterator[Pair]]] = {"tedbench": tedbench, "pie": pie_bench}


def decode_mask(runs: list[int], side: int = PIE_SIDE) -> NDArray[np.bool_]:
    """Runs of pixels → (side, side) bool. The outermost pixels always count as changed: annotations are unsure there."""
    flat: NDArray[np.bool_] = np.zeros(side * side, bool)
    for start, length in zip(runs[::2], runs[1::2], strict=False):
        flat[start : start + length] = True
    mask = flat.reshape(side, side)
    mask[[0, -1], :] = mask[:, [0, -1]] = True
    return mask


def _plain(prompt: str) -> str:
    """A prompt without the brackets about the words that change."""
    return " ".join(prompt.replace("[", "").replace("]", "").split())


def _read(folder: Path, name: str, kind: type) -> Any:
    path = folder / name
    if not path.is_file():
        raise _missing(folder, name)
    try:
        data = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise WrongFolder(f"{path} 不是有效的 JSON，请重新下载。", f"{path}: {error}") from error
    if not isinstance(data, kind):
        raise WrongFolder(f"{path} 的内容和官方格式不一样，请重新下载。", f"{path} is no {kind.__name__}")
    return data


def _told(folder: Path, entry: Any, name: str) -> str:
    if not isinstance(entry, dict) or not isinstance(entry.get(name), str):
        raise WrongFolder(f"{folder} 里有一条缺少 {name}，请检查文件是否完整。", f"{folder}: {entry!r} lacks {name}")
    return str(entry[name])


def _missing(folder: Path, name: str) -> WrongFolder:
    return WrongFolder(f"{folder} 里没有 {name}，请按官方的目录结构解压数据集。", f"{folder} lacks {name}")
