"""What is seen in a photo: a Scene of Instances with their masks, found once and handed on.

Coordinates are shares (0…1) of the photo's width and height, so they hold at every size. Masks and mattes are float32
in [0, 1] at the scene's working size (h, w), at most `WORKING` pixels on the longer side; `imaging` brings them to the
photo's own size where pixels are written.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1

WORKING = 1600  # pixels of the longer side at which a photo is looked at


@dataclass(frozen=True, slots=True)
class Face:
    """A face: box, score, six points (right eye, left eye, nose, mouth, right ear, left ear; (6, 2)), and the unit-free
    128-number embedding by which the same person is known again (None when the face is too small or turned away).

    yaw    degrees that it is turned, positive towards the right of the photo
    pitch  degrees that it looks down (positive) or up
    roll   degrees that the head is tilted, clockwise positive
    """

    box: Box
    score: float
    points: Floats
    embedding: Floats | None = None
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True, slots=True)
class Instance:
    """One person or thing. `label` is "person" or "thing" (salient, nobody can say what it is).

    mask       what belongs to it (h, w), hard-edged or nearly so
    matte      its opacity (h, w), with hair; None until somebody needed it
    keypoints  of a person (33, 3): x, y in shares, visibility in [0, 1] (BlazePose's order); None for things
    posture    "standing", "seated" or "bust" (cut off above the knees); None for things
    visible    share of the body that nobody hides, 0…1
    hidden_by  who hides most of it, as an index of the scene's instances; None: nobody
    rank       place in the order from front (0) to back, among the persons
    identity   name of the taught concept that it was recognised as
    """

    label: str
    box: Box
    mask: Floats
    score: float
    matte: Floats | None = None
    face: Face | None = None
    keypoints: Floats | None = None
    posture: str | None = None
    visible: float = 1.0
    hidden_by: int | None = None
    rank: int = 0
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """All that was seen, persons first, each group from left to right. `size` is the photo's (H, W)."""

    size: tuple[int, int]
    instances: tuple[Instance, ...] = field(default=())

    @property
    def persons(self) -> tuple[Instance, ...]:
        """The persons from left to right."""
        return tuple(one for one in self.instances if one.label == "person")
