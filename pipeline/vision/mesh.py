"""The face mesh (Kartynnik et al., "Real-time facial surface geometry", 2019): is it a face, and which way does it look?"""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.vision.detection import Detection, Pixels
from pipeline.vision.networks import Floats, Network

SIDE = 192  # pixels of the network's input
MARGIN = 1.5  # its window over the face's box
# Of the mesh's 468 points: the corners of the eyes and the wing of the nose that dlib's five points are
FIVE = (263, 362, 33, 133, 2)
LEFT_CHEEK, RIGHT_CHEEK, TOP, CHIN, NOSE = 454, 234, 10, 152, 1


@dataclass(frozen=True, slots=True)
class Mesh:
    """points (468, 3): x, y in pixels of the picture, z of the same scale, nearer is smaller; `presence` in [0, 1]."""

    points: Floats
    presence: float

    @property
    def yaw(self) -> float:
        """Degrees that the face is turned, positive towards the right of the picture."""
        across = self.points[LEFT_CHEEK] - self.points[RIGHT_CHEEK]
        return float(np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1]))))

    @property
    def pitch(self) -> float:
        """Degrees that the face looks down (positive) or up."""
        down = self.points[CHIN] - self.points[TOP]
        return float(np.degrees(np.arctan2(down[2], np.hypot(down[0], down[1]))))

    @property
    def roll(self) -> float:
        """Degrees that the head is tilted, clockwise positive."""
        across = self.points[LEFT_CHEEK] - self.points[RIGHT_CHEEK]
        return float(np.degrees(np.arctan2(across[1], across[0])))


def mesh(network: Network, picture: Pixels, face: Detection) -> Mesh:
    """The mesh of a detected face."""
    across = face.points[1] - face.points[0]  # from the right eye, which is on the left, to the left one
    angle = float(np.arctan2(across[1], across[0]))
    matrix = window(face.centre, face.width * MARGIN, angle, SIDE)
    patch = warped(picture, matrix, SIDE)
    outputs = network(patch.astype(np.float32) / 255)
    flat, presence = sorted((output.ravel() for output in outputs), key=lambda output: -output.size)
    points = flat.reshape(-1, 3)
    back = cv2.invertAffineTransform(matrix)
    scale = float(np.hypot(back[0, 0], back[1, 0]))
    placed = np.concatenate([points[:, :2] @ back[:, :2].T + back[:, 2], points[:, 2:] * scale], 1)
    return Mesh(placed.astype(np.float32), float(1 / (1 + np.exp(-presence[0]))))


def window(centre: Floats, size: float, angle: float, side: int) -> Floats:
    """The affine map (2, 3) that brings a turned square of the picture (its middle, side in pixels, angle in radians) to
    an upright one of `side` pixels."""
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]]) * side / size
    return np.concatenate([turn, side / 2 - turn @ np.asarray(centre, np.float64)[:, None]], 1)


def warped(picture: Pixels, matrix: Floats, side: int) -> Pixels:
    """The window of `picture`, smoothed first where it shrinks by more than half."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        # the window's surroundings only: smoothing a whole photo for a small part of it would be waste
        back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
        corners = np.array([[0, 0], [side, 0], [0, side], [side, side]]) @ back[:, :2].T + back[:, 2]
        height, width = picture.shape[:2]
        x0, y0 = np.floor(corners.min(0)).astype(int).clip(0, [width - 1, height - 1])
        x1, y1 = np.ceil(corners.max(0)).astype(int).clip(1, [width, height])
        part = picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        h, w = max(1, round(part.shape[0] * scale * 1.4)), max(1, round(part.shape[1] * scale * 1.4))
        shrunk = cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA)
        sx, sy = part.shape[1] / w, part.shape[0] / h
        matrix = matrix @ np.array([[sx, 0, x0 + (sx - 1) / 2], [0, sy, y0 + (sy - 1) / 2], [0, 0, 1]])
        picture = np.asarray(shrunk, np.uint8)
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)
