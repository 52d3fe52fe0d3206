"""One edit by an editor, with what it took: ``python -m pipeline.editors.sample --model FOLDER --photo … --output …``.

`python -m bot models try` calls it, in a process of its own.
"""

import argparse
import io
import json
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.editors.engine import Editor
from pipeline.editors.local import Diffusers
from pipeline.editors.settings import LocalSettings
from pipeline.engine import EditOrder
from storage import files
from storage.errors import HeyingError
from storage.plans import Step

MOST = 50_000_000  # bytes of a photo


def main() -> int:
    """Load, edit, write both pictures side by side; 1 when that failed."""
    args = argparse.ArgumentParser()
    for name in ("model", "photo", "output", "step"):
        args.add_argument(f"--{name}", required=True)
    args.add_argument("--device", default="auto")
    args.add_argument("--steps", type=int, default=0)
    given = args.parse_args()
    try:
        photo = np.asarray(Image.open(io.BytesIO(files.read(Path(given.photo), MOST))).convert("RGB"), np.uint8)
        began = time.monotonic()
        print("正在装入模型…", flush=True)
        painter = Diffusers.open(LocalSettings(model=given.model, device=given.device, steps=given.steps))
        loaded = time.monotonic()
        work = Editor("try", painter, likeness=0).edit(EditOrder(photo, Step.from_json(json.loads(given.step))))
        while True:
            try:
                progress = next(work)
                print(f"\r第 {progress.done}/{progress.total} 步", end="", flush=True)
            except StopIteration as end:
                made = end.value
                break
        print(f"\n装入 {loaded - began:.0f} 秒，改图 {time.monotonic() - loaded:.0f} 秒{_memory()}。")
        out = io.BytesIO()
        Image.fromarray(np.hstack([photo, made.image])).save(out, "PNG")
        files.write(Path(given.output), out.getvalue())
    except HeyingError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


def _memory() -> str:
    import torch

    if not torch.cuda.is_available():
        return ""
    return f"，显存最多用了 {torch.cuda.max_memory_allocated() / 1e9:.1f} GB"


if __name__ == "__main__":
    sys.exit(main())
