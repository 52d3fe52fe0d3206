"""Who it is: dlib's face embedding (King, 2017: a ResNet of 29 layers), and which distances mean the same person.

The thresholds lie in thresholds.json; docs/decisions/vision.md says what they were measured on.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from threading import Lock

import cv2
import dlib
import numpy as np

from pipeline.vision.detection import Pixels
from pipeline.vision.mesh import FIVE, Mesh
from pipeline.vision.networks import Floats, Networks
from pipeline.vision.scene import Scene

CHIP, PADDING = 150, 0.25  # the network's input: pixels, and room about the face


class Same(Enum):
    """Whether two faces are one person's."""

    SAME = "same"
    UNSURE = "unsure"
    DIFFERENT = "different"


class Identity:
    """The embedding network and its thresholds."""

    def __init__(self, networks: Networks) -> None:
        name = "dlib_face_recognition_resnet_model_v1.dat"
        self._network = dlib.face_recognition_model_v1(str(networks.folder / name))
        self._lock = Lock()
        self.thresholds: Mapping[str, float] = networks.thresholds[name]

    def embedding(self, picture: Pixels, mesh: Mesh) -> Floats | None:
        """128 numbers of the face that `mesh` lies on; None when it is too small or turned away too far to tell."""
        width = float(np.ptp(mesh.points[:, 0]))
        if width < self.thresholds["smallest"] or abs(mesh.yaw) > self.thresholds["turned"]:
            return None
        chip = aligned(picture, mesh.points[list(FIVE), :2])
        with self._lock:
            straight = np.array(self._network.compute_face_descriptor(chip))
            mirrored = np.array(self._network.compute_face_descriptor(np.ascontiguousarray(chip[:, ::-1])))
        return np.asarray((straight + mirrored) / 2, np.float32)

    def same(self, one: Floats, other: Floats) -> Same:
        """Whether two embeddings, or means of several, are one person's."""
        distance = float(np.linalg.norm(one - other))
        if distance <= self.thresholds["same"]:
            return Same.SAME
        return Same.UNSURE if distance <= self.thresholds["unsure"] else Same.DIFFERENT

    def recognise(self, scene: Scene, known: Mapping[str, Floats]) -> Scene:
        """The scene with the names of those persons who are surely one of `known` (name → mean embedding).

        A person gets the nearest name, if it is near enough and nearer than the second by a margin; a name is given
        once, to the nearest person.
        """
        names = list(known)
        if not names:
            return scene
        pairs = []
        for index, one in enumerate(scene.instances):
            if one.face is None or one.face.embedding is None:
                continue
            distances = np.array([np.linalg.norm(one.face.embedding - known[name]) for name in names])
            order = distances.argsort()
            nearest = float(distances[order[0]])
            alone = len(order) == 1 or distances[order[1]] - nearest >= self.thresholds["margin"]
            if nearest <= self.thresholds["same"] and alone:
                pairs.append((nearest, index, names[int(order[0])]))
        given: dict[int, str] = {}
        for _, index, name in sorted(pairs):
            if name not in given.values():
                given[index] = name
        return replace(
            scene,
            instances=tuple(replace(one, identity=given.get(index)) for index, one in enumerate(scene.instances)),
        )


def aligned(picture: Pixels, five: Floats) -> Pixels:
    """The face, upright, as the network was trained on it: `five` points (5, 2) are the outer and inner corner of the
    left eye, of the right eye, and the base of the nose, in pixels."""
    points = [dlib.point(round(float(x)), round(float(y))) for x, y in five]
    low, high = five.min(0), five.max(0)
    box = dlib.rectangle(*(round(float(v)) for v in (*low, *high)))
    shape = dlib.full_object_detection(box, dlib.points(points))
    return np.asarray(dlib.get_face_chip(picture, shape, size=CHIP, padding=PADDING), np.uint8)


def sharpness(picture: Pixels, mesh: Mesh) -> float:
    """How sharp a face is: what a slight blur takes from it, over its contrast (after Crete et al. 2007). The face is
    brought to one size first, so that small faces count as blurred as they would look when enlarged."""
    grey = cv2.cvtColor(aligned(picture, mesh.points[list(FIVE), :2]), cv2.COLOR_RGB2GRAY)
    middle = grey[20:130, 20:130].astype(np.float32)
    return float(np.abs(middle - cv2.GaussianBlur(middle, (0, 0), 1.5)).mean() / (middle.std() + 1))
