"""One edit by one engine, with what it took: ``python -m pipeline.sample --engine JSON --models FOLDER --photo FILE …``.

`python -m bot models try` calls it, in a process of its own.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.engine import EditOrder, Pixels, Unfamiliar
from pipeline.engines import open_engines
from storage import files
from storage.errors import HeyingError
from storage.plans import Referent, Step
from storage.settings import EngineSettings, Settings

MOST = 50_000_000  # bytes of a photo


def main(words: Sequence[str] | None = None) -> int:
    """Open the engine, edit the first photo that it serves, write before and after side by side; 1 when that failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", required=True, help="an [[engines]] entry as JSON")
    parser.add_argument("--models", required=True, type=Path, help="where the networks that see real photos are")
    parser.add_argument("--photo", required=True, type=Path, action="append", help="may be given several times")
    parser.add_argument("--order", required=True, help='{"step": …, "referents": …, "sentence": …} as JSON')
    parser.add_argument("--output", required=True, type=Path)
    given = parser.parse_args(words)
    settings = Settings(engines=(EngineSettings.model_validate_json(given.engine),), models=given.models)
    try:
        began = time.monotonic()
        print("正在装入模型…", flush=True)
        (engine,) = open_engines(settings)
        loaded = time.monotonic()
        orders = [_order(json.loads(given.order), _photo(path)) for path in given.photo]
        order = next((one for one in orders if engine.serves(one)), None)
        if order is None:
            raise Unfamiliar("这个模型改不了样例照片。看看 config.toml 里写的是不是它。", "serves none of the photos")
        work = engine.edit(order)
        while True:
            try:
                progress = next(work)
                print(f"\r{progress.stage} {progress.done}/{progress.total}　", end="", flush=True)
            except StopIteration as end:
                made = end.value
                break
        print(f"\n装入 {loaded - began:.0f} 秒，改图 {time.monotonic() - loaded:.0f} 秒{_memory()}。")
        files.write(given.output, _side_by_side(order.photo, made.image))
    except HeyingError as error:
        print(f"\n{error.sentence}", file=sys.stderr)
        return 1
    return 0


def _photo(path: Path) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(files.read(path, MOST))).convert("RGB"), np.uint8)


def _order(said: Mapping[str, Any], photo: Pixels) -> EditOrder:
    spoken = {slot: Referent.from_json(one) for slot, one in said["referents"].items()}
    return EditOrder(photo, Step.from_json(said["step"]), spoken, said["sentence"])


def _side_by_side(before: Pixels, after: Pixels) -> bytes:
    """Both as one PNG; the second may have another size (cropped, grown)."""
    sheet = Image.new("RGB", (before.shape[1] + after.shape[1], max(len(before), len(after))), "white")
    sheet.paste(Image.fromarray(before), (0, 0))
    sheet.paste(Image.fromarray(after), (before.shape[1], 0))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _memory() -> str:
    import torch

    if not torch.cuda.is_available():
        return ""
    return f"，显存最多用了 {torch.cuda.max_memory_allocated() / 1e9:.1f} GB"


if __name__ == "__main__":
    sys.exit(main())
