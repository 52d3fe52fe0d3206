"""The photo's frame: cropped, turned, mirrored, straightened, extended."""

import math
import re
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.compositing import canvas, who
from pipeline.compositing.view import View
from pipeline.engine import Edited, OrderError, Pixels, Progress, Work

ROOM = (0.9, 0.9, 1.4)  # heads that stay free about people who are kept: aside, above, below the box
EXTENDED = 0.2  # of the photo's side that `extend` adds on each side
STEEPEST = 12.0  # degrees up to which a photo is straightened
LEVEL = 0.35  # degrees from which it is worth it


def crop(view: View) -> Work[Edited]:
    """`crop`: to a proportion (square, 3:4 …) about the people, or to those who stay."""
    content = view.order.step.content or "square"
    proportion = _proportion(content)
    yield Progress(5, 10, "正在裁剪")
    height, width = view.size
    if proportion is not None:
        box = _about(view, view.persons(), proportion)
        facts: dict[str, object] = {"method": "compositing", "crop": content}
    else:
        slot = "content" if "content" in view.order.referents else "target"
        kept = who.meant(view.order, view.scene, view.small, slot, several=True).indices
        box = _around(view, kept)
        facts = {"method": "compositing", "kept": len(kept)}
    x0, y0, x1, y1 = box
    if (x1 - x0, y1 - y0) == (width, height):
        raise OrderError("照片已经是这个比例了，不用再裁。", f"crop {content} changes nothing")
    return Edited(np.ascontiguousarray(view.photo[y0:y1, x0:x1]), None, facts)


def _proportion(content: str) -> float | None:
    if content == "square":
        return 1.0
    ratio = re.fullmatch(r"(\d{1,3})\s*[:：/xX×比]\s*(\d{1,3})", content.strip())
    if ratio is None or not int(ratio[1]) or not int(ratio[2]):
        return None
    return min(4.0, max(0.25, int(ratio[1]) / int(ratio[2])))


def _about(view: View, people: Sequence[int], proportion: float) -> tuple[int, int, int, int]:
    """The largest window of a proportion (width / height) that keeps the people's faces as well in it as it can."""
    height, width = view.size
    wide, tall = (
        (width, round(width / proportion)) if width / height < proportion else (round(height * proportion), height)
    )
    wide, tall = min(width, wide), min(height, tall)
    heads = [head for head in (view.head(index) for index in people) if head is not None]
    if heads:
        left, right = min(head.box[0] for head in heads), max(head.box[2] for head in heads)
        top = min(head.y - 1.3 * head.size for head in heads)
        x = (left + right) / 2 - wide / 2
        y = min(top - 0.2 * heads[0].size, height - tall)
    else:
        x, y = (width - wide) / 2, (height - tall) / 2
    x0, y0 = round(min(max(0, x), width - wide)), round(min(max(0, y), height - tall))
    return x0, y0, x0 + wide, y0 + tall


def _around(view: View, kept: Sequence[int]) -> tuple[int, int, int, int]:
    """The window about some people, without those beside them as far as that goes."""
    height, width = view.size
    boxes, units = [], []
    for index in kept:
        head = view.head(index)
        x0, y0, x1, y1 = view.scene.instances[index].box
        unit = head.size if head is not None else 0.1 * height
        units.append(unit)
        boxes.append((x0 * width, y0 * height, x1 * width, y1 * height))
    unit = sum(units) / len(units)
    x0, y0 = min(b[0] for b in boxes) - ROOM[0] * unit, min(b[1] for b in boxes) - ROOM[1] * unit
    x1, y1 = max(b[2] for b in boxes) + ROOM[0] * unit, max(b[3] for b in boxes) + ROOM[2] * unit
    for index in view.persons():
        head = view.head(index)
        if index in kept or head is None:
            continue
        keeps = [h for h in (view.head(i) for i in kept) if h is not None]
        if all(head.x < k.x for k in keeps):
            x0 = max(x0, min(head.box[2] + 0.25 * head.size, min(k.box[0] for k in keeps) - 0.3 * unit))
        elif all(head.x > k.x for k in keeps):
            x1 = min(x1, max(head.box[0] - 0.25 * head.size, max(k.box[2] for k in keeps) + 0.3 * unit))
    return max(0, round(x0)), max(0, round(y0)), min(width, round(x1)), min(height, round(y1))


def rotate(view: View) -> Work[Edited]:
    """`rotate`: a quarter or half turn, mirrored, or straightened by what is upright in it."""
    content = view.order.step.content or "straighten"
    yield Progress(5, 10, "正在转正")
    turns: dict[str, int] = {
        "left": cv2.ROTATE_90_COUNTERCLOCKWISE,
        "right": cv2.ROTATE_90_CLOCKWISE,
        "half": cv2.ROTATE_180,
    }
    if content in turns:
        return Edited(np.asarray(cv2.rotate(view.photo, turns[content]), np.uint8), None, {"method": "compositing"})
    if content == "mirror":
        return Edited(np.ascontiguousarray(view.photo[:, ::-1]), None, {"method": "compositing"})
    angle = slope(view.small)
    if angle is None or abs(angle) < LEVEL:
        raise OrderError("照片看起来已经是正的了。想转方向，可以说「向左转」或「向右转」。", f"angle {angle}")
    return Edited(level(view.photo, angle), None, {"method": "compositing", "degrees": round(angle, 2)})


def slope(small: Pixels) -> float | None:
    """Degrees by which the photo hangs to the right, by its long straight lines; None when there are too few."""
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(cv2.GaussianBlur(gray, (0, 0), 1.2), 50, 130)
    longest = max(gray.shape)
    lines = cv2.HoughLinesP(edges, 1, math.pi / 720, 70, minLineLength=0.13 * longest, maxLineGap=0.012 * longest)
    if lines is None:
        return None
    leaning, weights = [], []
    for x0, y0, x1, y1 in lines.reshape(-1, 4):
        degrees = math.degrees(math.atan2(float(y1 - y0), float(x1 - x0)))
        off = (degrees + 45) % 90 - 45
        if abs(off) <= STEEPEST:
            leaning.append(off)
            weights.append(math.hypot(float(x1 - x0), float(y1 - y0)))
    if len(leaning) < 4:
        return None
    # the angle on which most length agrees within a degree
    slopes, weight = np.array(leaning), np.array(weights)
    votes = [
        (float(weight[np.abs(slopes - angle) < 0.8].sum()), angle) for angle in np.arange(-STEEPEST, STEEPEST, 0.2)
    ]
    best, angle = max(votes)
    if best < 0.3 * weight.sum():
        return None
    near = np.abs(slopes - angle) < 0.8
    return float((slopes[near] * weight[near]).sum() / weight[near].sum())


def level(photo: Pixels, degrees: float) -> Pixels:
    """The photo turned back by `degrees`, cropped to the largest upright rectangle of its proportion."""
    height, width = photo.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(photo, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    share = min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
    w, h = int(width * share), int(height * share)
    x, y = (width - w) // 2, (height - h) // 2
    return np.ascontiguousarray(turned[y : y + h, x : x + w], np.uint8)


def extend(view: View) -> Work[Edited]:
    """`extend`: more background about the photo, a fifth of its side each, or on one side."""
    yield Progress(3, 10, "正在扩展画面")
    height, width = view.size
    across, down = round(EXTENDED * width), round(EXTENDED * height)
    sides = {
        "left": (across, 0, 0, 0), "right": (0, 0, across, 0), "top": (0, down, 0, 0), "bottom": (0, 0, 0, down),
    }.get(view.order.step.position or "", (across // 2, down // 2, across // 2, 0))  # fmt: skip
    left, top, right, bottom = sides
    result = canvas.extended(view, view.photo, left, top, right, bottom)
    return Edited(result, None, {"method": "compositing", "canvas": list(sides)})
