"""A Figure: somebody (or something) cut out of a photo, with what is known of them, ready to be put into another."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.compositing.anatomy import ANKLES, SURE, TOES, Head
from pipeline.engine import Floats, Pixels

TOUCH = 0.25  # heads of a cut-out's border that must be opaque for the photo's frame to cut it there


@dataclass(frozen=True, slots=True)
class Figure:
    """A cut-out. All coordinates are pixels of the cut-out.

    rgb        the figure's own colours (h, w, 3), also under half-opaque pixels
    alpha      opacity (h, w)
    head       None for things
    points     of the face (6, 2): right eye, left eye, nose, mouth, right ear, left ear; None for things
    keypoints  of the body (33, 3); None for things
    posture    "standing", "seated", "bust"; None for things
    cut        the sides on which the photo's frame cut the figure, of "left", "top", "right", "bottom"
    embedding  of the face (128,); None for things
    visible    share of the body that nobody hid
    photo      the number of the reference photo, from 0
    frame      the smallest and largest L of the photo it came from (2nd and 98th percentile): its exposure
    origin     where its upper left corner was in its photo, and that photo's width and height, in pixels of the cut-out
    backdrop   the photo without anybody, (24, 24, 4): L, a, b and whether that place is seen (1) or people are there (0)
    """

    rgb: Pixels
    alpha: Floats
    head: Head | None = None
    points: Floats | None = None
    keypoints: Floats | None = None
    posture: str | None = None
    cut: frozenset[str] = frozenset()
    embedding: Floats | None = None
    visible: float = 1.0
    photo: int = 0
    frame: tuple[float, float] = (0.0, 100.0)
    origin: tuple[float, float, float, float] | None = None
    backdrop: Floats | None = None

    @property
    def yaw(self) -> float:
        """Where the face looks: -1 (to the picture's left) to 1; 0 straight ahead."""
        if self.points is None:
            return 0.0
        eyes = self.points[:2]
        apart = float(np.linalg.norm(eyes[0] - eyes[1])) + 1e-6
        along = (eyes[1] - eyes[0]) / apart
        return float(np.clip(np.dot(self.points[2] - eyes.mean(0), along) / (0.6 * apart), -1, 1))

    @property
    def feet(self) -> float | None:
        """Row on which the figure stands; None when the feet are not in the cut-out. A thing stands on its last row."""
        if self.head is None:
            return float(self.alpha.shape[0])
        if self.keypoints is None or "bottom" in self.cut:
            return None
        feet = self.keypoints[[*ANKLES, *TOES]]
        seen = feet[feet[:, 2] > SURE]
        return float(np.flatnonzero(self.alpha.max(1) > 0.5)[-1]) if len(seen) else None

    def scaled(self, scale: float) -> "Figure":
        """The figure at another size."""
        height, width = self.alpha.shape
        size = max(2, round(width * scale)), max(2, round(height * scale))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        fx, fy = size[0] / width, size[1] / height
        head = self.head
        return replace(
            self,
            rgb=np.asarray(cv2.resize(self.rgb, size, interpolation=way), np.uint8),
            alpha=np.asarray(cv2.resize(self.alpha, size, interpolation=way), np.float32).clip(0, 1),
            head=None
            if head is None
            else Head(
                head.x * fx, head.y * fy, head.size * (fx + fy) / 2,
                (head.box[0] * fx, head.box[1] * fy, head.box[2] * fx, head.box[3] * fy),
            ),
            points=None if self.points is None else np.asarray(self.points * (fx, fy), np.float32),
            origin=None
            if self.origin is None
            else (self.origin[0] * fx, self.origin[1] * fy, self.origin[2] * fx, self.origin[3] * fy),
            keypoints=None if self.keypoints is None else np.asarray(self.keypoints * (fx, fy, 1), np.float32),
        )  # fmt: skip


def cut_sides(alpha: Floats, at: tuple[bool, bool, bool, bool], unit: float) -> frozenset[str]:
    """The sides on which a frame cuts a figure. `at`: which sides of the cut-out lie on the photo's frame (left, top,
    right, bottom); `unit`: pixels of a head."""
    strips = (alpha[:, :3].max(1), alpha[:3].max(0), alpha[:, -3:].max(1), alpha[-3:].max(0))
    names = ("left", "top", "right", "bottom")
    return frozenset(
        name for name, on, strip in zip(names, at, strips, strict=True) if on and (strip > 0.5).sum() > TOUCH * unit
    )


def backdrop(photo: Pixels, people: Floats) -> Floats:
    """A photo (H, W, 3) without its people (a mask of any size), so small that it only tells one scene from another."""
    side = 24
    small = cv2.resize(photo, (4 * side, 4 * side), interpolation=cv2.INTER_AREA)
    there = cv2.resize(people, (4 * side, 4 * side), interpolation=cv2.INTER_AREA)
    there = cv2.dilate((there > 0.05).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    colors = cv2.resize(small, (side, side), interpolation=cv2.INTER_AREA)
    seen = cv2.resize(there, (side, side), interpolation=cv2.INTER_AREA) < 0.05
    lab = cv2.cvtColor(colors.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.dstack([lab, seen.astype(np.float32)])
