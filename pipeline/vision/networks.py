"""The small networks, read from their folder once and run on one core."""

import json
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from pipeline.engine import EngineError
from storage.model_files import COMMAND, missing

Floats = NDArray[np.float32]


class Network:
    """A TensorFlow Lite network with one picture as its input. Threads may share it: they wait for each other."""

    def __init__(self, path: Path) -> None:
        self._interpreter = Interpreter(str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]
        self._lock = Lock()

    def __call__(self, picture: NDArray[Any]) -> list[Floats]:
        """The outputs, without their leading axis of one, for a picture (h, w, 3) in the network's own range."""
        with self._lock:
            self._interpreter.set_tensor(self._input, np.ascontiguousarray(picture[None], np.float32))
            self._interpreter.invoke()
            return [np.array(self._interpreter.get_tensor(index)[0]) for index in self._outputs]


class Networks:
    """Every network of the folder (`models/vision`), and the thresholds that were measured on them (thresholds.json).

    Raises EngineError, with the command that helps, where a file is missing.
    """

    def __init__(self, folder: Path) -> None:
        absent = missing(folder)
        if absent:
            raise EngineError(
                f"看照片要用的模型文件还没有取来。请在合影的文件夹里运行 {COMMAND}，再发一次。",
                f"missing in {folder}: {', '.join(absent)}",
            )
        self.folder = folder
        self.faces_far = Network(folder / "face_detection_full_range_sparse.tflite")
        self.faces_near = Network(folder / "face_detection_short_range.tflite")
        self.face_mesh = Network(folder / "face_landmark.tflite")
        self.bodies = Network(folder / "pose_detection.tflite")
        self.body = Network(folder / "pose_landmark_full.tflite")
        self.figure = Network(folder / "selfie_segmentation.tflite")
        self.thresholds: dict[str, dict[str, Any]] = json.loads(
            Path(__file__).with_name("thresholds.json").read_text("utf-8")
        )
