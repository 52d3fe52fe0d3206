"""The small picture on which a place is tried, and what a viewer would notice there."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.compositing.figure import Figure
from pipeline.compositing.stage import Place, Stage
from pipeline.engine import Floats

GROW = 0.15  # share of the photo's side by which the canvas may grow
TRIM = 0.16  # share of the photo's height that may be cut off below
BODY = 2.5  # heads below a cut in which the body that was cut off would be seen
FACE = 0.9  # share of the new face that must be visible


@dataclass(frozen=True, slots=True)
class _Frame:
    """The photo's frame on the board: by how many pixels it has grown, where it ends below, and what was trimmed there."""

    left: float
    right: float
    top: float
    bottom: float
    trim: float
    inside: slice
    mask: Floats


@dataclass(frozen=True, slots=True)
class _Laid:
    """A figure laid on the board: its opacity there, the opacity of who stands before it, its corner, eyes and middle of
    the face, its scale and the size of its head, in pixels of the board."""

    alpha: Floats
    over: Floats
    corner: tuple[float, float]
    eyes: tuple[float, float]
    face: tuple[float, float]
    scale: float
    unit: float


class Board:
    """The small picture on which one figure is tried: margins about the photo as wide as the canvas may grow."""

    def __init__(self, scene: Stage, figure: Figure, unit: float) -> None:
        assert figure.head is not None
        self.scene, self.figure, self.head = scene, figure, figure.head
        self.share = scene.share
        h, w = round(scene.size[0] * self.share), round(scene.size[1] * self.share)
        self.pad = round(GROW * max(h, w)) + 2
        self.h, self.w = h, w
        self.masks = [np.pad(mask, self.pad) for mask in scene.masks]
        # the cut-out about as small as it will be needed, so that warping it does not alias
        reduce = min(1.0, 1.3 * unit * self.share / figure.head.size)
        self.small = np.asarray(
            cv2.resize(figure.alpha, None, fx=reduce, fy=reduce, interpolation=cv2.INTER_AREA), np.float32
        )
        self.reduce = self.small.shape[0] / figure.alpha.shape[0]
        self.rows, self.columns = np.mgrid[0 : h + 2 * self.pad, 0 : w + 2 * self.pad].astype(np.float32)

    def weighed(self, x: float, eyes: float, scale: float, size: float, front: bool) -> Place | None:
        """The figure with its eyes at (x, eyes), photo pixels, among neighbours whose heads are of `size`; None where that
        is impossible."""
        before = [] if front else [index for index, other in enumerate(self.scene.heads) if other.size > 0.72 * size]
        laid = self._laid(x, eyes, scale, before)
        terms: dict[str, float] = {}
        frame = self._framed(laid, terms)
        if frame is None or (front and self._hides_a_face(laid)):
            return None
        seen = laid.alpha * (1 - laid.over) * frame.mask
        if not self._shown(laid, frame, seen, terms):
            return None
        self._cut(laid, frame, terms)
        self._company(laid, frame, seen, terms)
        terms["canvas"] = 9.0 * (grown := (frame.left + frame.right) / self.w + frame.top / self.h) + (
            0.3 if grown > 0 else 0
        )
        terms["trimmed"] = 12.0 * frame.trim / self.h
        middle = sum(other.x for other in self.scene.heads) / len(self.scene.heads) if self.scene.heads else x
        terms["gaze"] = 0.5 * max(0.0, -np.sign(middle - x) * self.figure.yaw - 0.15)
        terms["enlarged"] = 1.5 * max(0.0, math.log2(max(scale, 1e-6) / 1.15))
        terms["torn"] = 6.0 * max(0.0, 0.97 - self.figure.visible)
        share = self.share
        grow = tuple(math.ceil(v / share) if v > 0 else 0 for v in (frame.left, frame.top, frame.right))
        corner = laid.corner[0] / share - self.pad / share, laid.corner[1] / share - self.pad / share
        trim = math.ceil(frame.trim / share) if frame.trim > 0 else 0
        return Place(self.figure, scale, *corner, tuple(before), (grow[0], grow[1], grow[2]), trim, 0.0, terms)

    def _laid(self, x: float, eyes: float, scale: float, before: list[int]) -> _Laid:
        share, pad, head = self.share, self.pad, self.head
        gx, gy = x * share + pad, eyes * share + pad
        step = scale * share / self.reduce
        ox, oy = gx - head.x * scale * share, gy - head.y * scale * share
        matrix = np.array([[step, 0, ox + step / 2 - 0.5], [0, step, oy + step / 2 - 0.5]])
        size = self.w + 2 * pad, self.h + 2 * pad
        alpha = np.asarray(cv2.warpAffine(self.small, matrix, size, flags=cv2.INTER_LINEAR), np.float32)
        over = np.zeros_like(alpha)
        for index in before:
            over = np.maximum(over, self.masks[index])
        cx, cy = (head.box[0] + head.box[2]) / 2, (head.box[1] + head.box[3]) / 2
        face = ox + cx * scale * share, oy + cy * scale * share
        return _Laid(alpha, over, (ox, oy), (gx, gy), face, scale * share, head.size * scale * share)

    def _framed(self, laid: _Laid, terms: dict[str, float]) -> _Frame | None:
        """The canvas: grown where head or shoulders leave it, trimmed where the cut would hang in the air; None where that
        would be too much."""
        pad, unit, (gx, gy) = self.pad, laid.unit, laid.eyes
        half = 0.95 * unit
        left, right = max(0.0, pad - (gx - half)), max(0.0, gx + half - (pad + self.w))
        top = max(0.0, pad - (gy - 1.05 * unit))
        if max(left, right) > GROW * self.w or top > GROW * self.h:
            return None
        bottom, trim = float(pad + self.h), 0.0
        inside = slice(int(pad - left), int(pad + self.w + right))
        cut_row = laid.corner[1] + self.figure.alpha.shape[0] * laid.scale
        if "bottom" in self.figure.cut and cut_row < bottom - 0.5:
            low = int(np.clip(cut_row - 2, 0, laid.alpha.shape[0] - 1))
            line = (laid.alpha[low] > 0.4) & (laid.over[low] < 0.5)
            exposed = float(line[inside].sum()) / unit
            # below the cut the body would go on: there, too, somebody must hide it
            below = slice(low, min(int(bottom), low + int(BODY * unit)))
            columns = laid.alpha[low] > 0.4
            columns[: inside.start], columns[inside.stop :] = False, False
            missing = float((laid.over[below][:, columns] < 0.5).sum()) / unit**2
            terms["cut bottom"] = 4.0 * exposed + 1.5 * missing
            if exposed > 0.12 or missing > 0.5:
                terms["cut bottom"] = 0.0
                trim = bottom - cut_row
                if trim > TRIM * self.h:
                    return None
        mask = np.zeros_like(laid.alpha)
        mask[int(pad - top) : int(bottom - trim), inside] = 1
        return _Frame(left, right, top, bottom - trim, trim, inside, mask)

    def _shown(self, laid: _Laid, frame: _Frame, seen: Floats, terms: dict[str, float]) -> bool:
        """Face, hair and shoulders; False where the face is not free."""
        unit, alpha, (fx, fy) = laid.unit, laid.alpha, laid.face
        face = ((self.columns - fx) / (0.5 * unit)) ** 2 + ((self.rows - fy) / (0.58 * unit)) ** 2 < 1
        if float((seen * face).sum()) / max(1.0, float((alpha * face).sum())) < FACE + 0.02:
            return False
        crown = ((self.columns - fx) / (0.85 * unit)) ** 2 + ((self.rows - fy + 0.2 * unit) / unit) ** 2 < 1
        hair = float((seen * crown).sum()) / max(1.0, float((alpha * crown).sum()))
        terms["hair"] = 5.0 * (1 - hair)
        rows = (self.rows > fy + 0.6 * unit) & (self.rows < min(fy + 1.7 * unit, frame.bottom))
        chest = alpha * ((np.abs(self.columns - fx) < 1.25 * unit) & rows)
        terms["shoulders"] = 2.2 * max(0.0, 0.75 - float((seen * chest).sum()) / max(1.0, float((alpha * chest).sum())))
        return True

    def _hides_a_face(self, laid: _Laid) -> bool:
        for other in self.scene.heads:
            x, y = other.x * self.share + self.pad, other.y * self.share + self.pad
            unit = other.size * self.share
            face = ((self.columns - x) / (0.6 * unit)) ** 2 + ((self.rows - y - 0.1 * unit) / (0.75 * unit)) ** 2 < 1
            if float((laid.alpha * face).sum()) > 0.04 * float(face.sum()):
                return True
        return False

    def _cut(self, laid: _Laid, frame: _Frame, terms: dict[str, float]) -> None:
        """Where the frame of its own photo cut the figure at a side or above."""
        start = laid.corner[0]
        for side, column in (("left", start), ("right", start + self.figure.alpha.shape[1] * laid.scale)):
            if side in self.figure.cut:
                at = round(column + (2 if side == "left" else -3))
                if self.pad - frame.left + 1 < at < self.pad + self.w + frame.right - 1:
                    line = (laid.alpha[:, at] > 0.4) & (laid.over[:, at] < 0.5) & (frame.mask[:, at] > 0)
                    terms[f"cut {side}"] = 6.0 * float(line.sum()) / laid.unit
        if "top" in self.figure.cut:
            terms["cut top"] = 4.0

    def _company(self, laid: _Laid, frame: _Frame, seen: Floats, terms: dict[str, float]) -> None:
        """How much of the figure is hidden or outside, and how near the others are."""
        alpha, unit, share, (gx, gy) = laid.alpha, laid.unit, self.share, laid.eyes
        step = laid.scale / self.reduce
        visible = float(seen.sum()) / max(1.0, float(self.small.sum()) * step * step)
        hidden = 1 - float(seen.sum()) / max(1.0, float((alpha * frame.mask).sum()))
        terms["hidden"] = 5.0 * max(0.0, hidden - 0.3) + 10 * max(0.0, hidden - 0.6)
        kept = float(alpha[:, frame.inside].sum()) / max(1.0, float(alpha.sum()))
        terms["aside"] = 2.5 * max(0.0, 0.85 - kept)
        terms["outside"] = 1.2 * max(0.0, 0.35 - visible)
        everybody = np.maximum.reduce([np.zeros_like(alpha), *self.masks])
        touching = cv2.dilate((alpha > 0.4).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        if self.masks and not (touching & (everybody > 0.5)).any():
            away = cv2.distanceTransform((everybody <= 0.5).astype(np.uint8), cv2.DIST_L2, 3)
            there = touching & (frame.mask > 0)
            gap = float(away[there].min()) / unit if there.any() else 9.0
            terms["gap"] = 0.9 * max(0.0, gap - 0.25)
        away_from = [
            math.hypot(other.x * share + self.pad - gx, (other.y * share + self.pad - gy) * 0.8)
            for other in self.scene.heads
        ]
        nearest = min(away_from, default=9 * unit) / unit
        terms["crowded"] = 3.0 * max(0.0, 1.45 - nearest) ** 2
