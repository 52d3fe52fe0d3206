"""Laying an editor's answer onto the picture that it was given.

Editors shift, zoom and beautify (QwenLM/Qwen-Image#229, black-forest-labs/flux2#43): what they return looks like the
photo but does not lie on it. The answer is brought back by an affine warp found with the enhanced correlation
coefficient (Evangelidis and Psarakis, "Parametric image alignment using enhanced correlation coefficient maximization",
2008), which does not mind a change of brightness or contrast. What was edited must not pull: the warp is found several
times, each time without the pixels that the last one did not explain. Then the colours are matched where both pictures
show the same: first one gain and offset for each channel, then a slow cast.

Pictures are float32 (h, w, 3) in 0…255.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine import Floats

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float32]  # (2, 3): pixels of the given picture → pixels of the answer

LEVELS = (1 / 8, 1 / 4, 1 / 2)  # of the given size; the last one's rest is well below half a pixel
MOST_SHIFT, MOST_STRETCH = 0.08, 0.10  # shares: an answer that is farther off is another picture
SAME = 2.5  # pixels that differ by less than this many typical differences show the same
TYPICAL = (3.0, 24.0)  # what a typical difference may be, of 255: neither below an autoencoder's noise nor everything
TILES, DETAIL = 16, 4.0  # tiles along the shorter side, and the deviation of gray (of 255) that is a detail
ENDS = 5.0  # of 255: as good as black or white
SLOW = 1 / 8  # of the picture's side: colour casts that vary over less than this are content


@dataclass(frozen=True, slots=True)
class Registered:
    """An answer laid on the given picture.

    picture   float32 (h, w, 3), warped, colours matched; `drawn`: with the colours as they were drawn
    seen      (h, w), where the answer reaches at all
    same      (h, w), where both show the same
    matrix    the warp; `shift` (pixels, of the centre) and `zoom` (1: none) say what it undoes
    likeness  how alike the details are where nothing was to change, 0…1; `share` of the picture that is the same
    noise     typical difference of colour over what is the same, of 255
    """

    picture: Floats
    drawn: Floats
    seen: Mask
    same: Mask
    matrix: Matrix
    shift: float
    zoom: float
    likeness: float
    share: float
    noise: float


def register(answer: Floats, given: Floats, free: Mask | None = None, stays: float = 1.0) -> Registered:
    """`answer` (any size) laid on `given`. `free` (h, w): where the edit may be; nothing is concluded from there.
    `stays`: the least share of the rest that has to look the same for the answer to be alike.

    It always returns; an answer that shows something else has a `likeness` near 0 and is left where it is.
    """
    height, width = given.shape[:2]
    answer = _covering(answer, width, height)
    trusted = np.ones((height, width), bool) if free is None else ~free
    if trusted.mean() < 0.05:  # nearly everything may change: then all of it has to do
        trusted = np.ones((height, width), bool)
    matrix, explained = _aligned(answer, given, trusted, stays)
    drawn, seen = _warp(answer, matrix, width, height)
    warped, same = drawn, explained & seen
    for _ in range(2):
        warped = _matched(warped, given, same)
        same = _agreeing(warped, given, trusted & seen, stays)
    warped = _unclipped(np.clip(warped + _cast(warped, given, same), 0, 255), drawn, given)
    difference = np.abs(warped - given).max(2)
    noise = float(np.median(difference[same])) if same.any() else 255.0
    centre = matrix @ np.array([width / 2, height / 2, 1], np.float32) - np.array([width / 2, height / 2], np.float32)
    zoom = 1 / float(np.sqrt(max(np.linalg.det(matrix[:, :2]), 1e-6)))
    likeness = _likeness(_gray(warped), _gray(given), trusted & seen, stays)
    return Registered(
        warped, drawn, seen, same, matrix, float(np.hypot(*centre)), zoom, likeness, float(same.mean()), noise,
    )  # fmt: skip


def _aligned(answer: Floats, given: Floats, trusted: Mask, stays: float) -> tuple[Matrix, Mask]:
    """The warp from `given` to `answer`, none when there is no believable one, and where it explains the picture."""
    height, width = given.shape[:2]
    one, two = _gray(given), _gray(answer)
    matrix, mask = _unmoved(), trusted.astype(np.uint8)
    for level, scale in enumerate(LEVELS):
        shape = max(round(width * scale), 16), max(round(height * scale), 16)
        small, moved = (
            _even(np.asarray(cv2.resize(gray, shape, interpolation=cv2.INTER_AREA), np.float32)) for gray in (one, two)
        )
        usable = np.asarray(cv2.resize(trusted.astype(np.uint8), shape, interpolation=cv2.INTER_NEAREST), np.uint8)
        local = _scaled(matrix, scale)
        if level == 0:
            local[:, 2] += _jump(small, moved)
        kinds = (cv2.MOTION_TRANSLATION, cv2.MOTION_AFFINE) if level == 0 else 3 * (cv2.MOTION_AFFINE,)
        mask = usable
        for kind in kinds:
            refined = _ecc(small, moved, local, kind, mask)
            if refined is None:
                return _unmoved(), trusted
            local = refined
            mask = _explained(small, moved, local, usable, stays)
        matrix = _scaled(local, 1 / scale)
    if not _believable(matrix, width, height):
        return _unmoved(), trusted
    return matrix, np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST) > 0)


def _ecc(small: Floats, moved: Floats, start: Matrix, kind: int, mask: NDArray[np.uint8]) -> Matrix | None:
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-6)
    # OpenCV's mask is of the picture that is warped
    warped_mask = cv2.warpAffine(mask, start, mask.shape[::-1], flags=cv2.INTER_NEAREST)
    try:
        _, matrix = cv2.findTransformECC(small, moved, start.copy(), kind, criteria, warped_mask, 3)
    except cv2.error:  # it does not converge: nothing alike in them
        return None
    return np.asarray(matrix, np.float32)


def _explained(
    small: Floats, moved: Floats, matrix: Matrix, usable: NDArray[np.uint8], stays: float
) -> NDArray[np.uint8]:
    """The pixels in which the warped picture agrees with the other: uint8 0 or 1."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = np.asarray(
        cv2.warpAffine(moved, matrix, small.shape[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT), np.float32
    )
    here = usable > 0
    rest = cv2.GaussianBlur(np.abs(warped - small), (0, 0), 1.5)
    limit = SAME * max(float(np.quantile(rest[here], stays / 2)), 1.0) if here.any() else 0.0
    kept = here & (rest <= limit)
    return (kept if kept.mean() > 0.05 else here).astype(np.uint8)


def _jump(small: Floats, moved: Floats) -> Floats:
    """A first guess of the translation, by phase correlation."""
    window = cv2.createHanningWindow(small.shape[::-1], cv2.CV_32F)
    (x, y), response = cv2.phaseCorrelate(small, moved, window)
    far = max(abs(x) / small.shape[1], abs(y) / small.shape[0]) > MOST_SHIFT
    return np.zeros(2, np.float32) if far or response < 0.05 else np.array([x, y], np.float32)


def _believable(matrix: Matrix, width: int, height: int) -> bool:
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float32)
    off = np.abs(corners @ matrix.T - corners[:, :2]) / np.array([width, height], np.float32)
    stretch = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return bool(off.max() <= MOST_SHIFT + MOST_STRETCH / 2 and np.abs(stretch - 1).max() <= MOST_STRETCH)


def _warp(answer: Floats, matrix: Matrix, width: int, height: int) -> tuple[Floats, Mask]:
    """The answer where it belongs, and where it reaches; beyond, its border goes on."""
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    if np.array_equal(matrix, _unmoved()):
        return answer, np.ones((height, width), bool)
    warped = cv2.warpAffine(answer, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    ones = np.ones(answer.shape[:2], np.float32)
    reach = cv2.warpAffine(ones, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.clip(warped, 0, 255).astype(np.float32), reach > 0.999


def _matched(warped: Floats, given: Floats, same: Mask) -> Floats:
    """One gain and offset for each channel, over what is the same."""
    if not same.any():
        return warped
    channels = [_fitted(warped[..., c], given[..., c], same) for c in range(3)]
    return np.asarray(np.stack(channels, 2), np.float32)


def _fitted(layer: Floats, target: Floats, where: Mask) -> Floats:
    """`layer` with the gain and offset by which it comes nearest to `target`; gains are kept between 1/2 and 2."""
    if not where.any():
        return layer
    a, b = layer[where].astype(np.float64), target[where].astype(np.float64)
    spread = a.var()
    gain = float(np.clip(((a - a.mean()) * (b - b.mean())).mean() / spread, 0.5, 2.0)) if spread > 1e-3 else 1.0
    return np.asarray(layer * gain + (b.mean() - gain * a.mean()), np.float32)


def _agreeing(warped: Floats, given: Floats, trusted: Mask, stays: float) -> Mask:
    """Where both show the same: where they differ by no more than what stays typically does."""
    difference = cv2.GaussianBlur(np.abs(warped - given).max(2), (0, 0), 1.5)
    if not trusted.any():
        return trusted
    noise = float(np.clip(np.quantile(difference[trusted], stays / 2), *TYPICAL))
    return np.asarray(trusted & (difference <= SAME * noise))


def _cast(warped: Floats, given: Floats, same: Mask) -> Floats:
    """The slow difference of colour (h, w, 3), seen where both show the same and carried into where they do not."""
    spread = SLOW * max(given.shape[:2])
    # blurring by so much needs no resolution
    shape = max(given.shape[1] // 8, 1), max(given.shape[0] // 8, 1)
    weight = cv2.resize(same.astype(np.float32), shape, interpolation=cv2.INTER_AREA)
    news = cv2.resize((given - warped) * same[..., None], shape, interpolation=cv2.INTER_AREA)
    thick = cv2.GaussianBlur(weight, (0, 0), spread / 8)[..., None]
    slow = cv2.GaussianBlur(news, (0, 0), spread / 8) / (thick + 1e-3)
    return np.asarray(cv2.resize(slow, given.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _unclipped(warped: Floats, drawn: Floats, given: Floats) -> Floats:
    """What a brighter or darker answer has lost at the ends of the scale, from the given picture."""
    bright = (drawn >= 255 - ENDS) & (given > warped)
    dark = (drawn <= ENDS) & (given < warped)
    return np.asarray(np.where(bright | dark, given, warped), np.float32)


def _likeness(warped: Floats, given: Floats, trusted: Mask, stays: float) -> float:
    """How alike the details are: the median of their correlation (Pearson's) over those tiles that are most alike, a share
    of `stays` of all; 0…1. What was edited does not count against the rest; tiles without details say nothing."""
    one, two = _detail(given), _detail(warped)
    height, width = one.shape
    side = max(min(height, width) // TILES, 8)
    cut = slice(0, height // side * side), slice(0, width // side * side)

    def mean(layer: Floats) -> Floats:
        rows = layer[cut].reshape(height // side, side, width // side, side)
        return np.asarray(rows.mean((1, 3)), np.float32)

    usable = mean(trusted.astype(np.float32)) > 0.9
    spread, other = mean(one * one) - mean(one) ** 2, mean(two * two) - mean(two) ** 2
    detailed = usable & (spread > DETAIL**2)
    if detailed.sum() < 4:
        detailed = usable
    if not detailed.any():
        return 0.0
    together = mean(one * two) - mean(one) * mean(two)
    alike = together / np.sqrt(np.maximum(spread * other, 1e-6))
    return max(float(np.quantile(alike[detailed], 1 - stays / 2)), 0.0)


def _covering(answer: Floats, width: int, height: int) -> Floats:
    """The answer scaled evenly until it covers (width, height), what hangs over on two sides cut off evenly."""
    h, w = answer.shape[:2]
    if (w, h) == (width, height):
        return answer
    scale = max(width / w, height / h)
    shape = max(round(w * scale), width), max(round(h * scale), height)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(answer, shape, interpolation=way)
    x, y = (shape[0] - width) // 2, (shape[1] - height) // 2
    return np.ascontiguousarray(large[y : y + height, x : x + width])


def _scaled(matrix: Matrix, scale: float) -> Matrix:
    """A warp between pictures that are `scale` times as large."""
    moved = matrix.copy()
    # pixel centres lie at half numbers, so a scale moves them, too
    half = 0.5 * (scale - 1)
    shift = np.array([half, half], np.float32)
    moved[:, 2] = matrix[:, 2] * scale + shift - matrix[:, :2] @ shift
    return moved


def _detail(gray: Floats) -> Floats:
    """Without the slow parts: a cast over the answer must not pull."""
    return np.asarray(gray - cv2.GaussianBlur(gray, (0, 0), SLOW / 4 * max(gray.shape)), np.float32)


def _even(gray: Floats) -> Floats:
    """The details at an even strength: what is new and loud must not outweigh the quiet rest."""
    detail = _detail(gray)
    strength = cv2.GaussianBlur(np.abs(detail), (0, 0), SLOW / 4 * max(gray.shape))
    return np.asarray(32 * detail / (strength + DETAIL), np.float32)


def _gray(picture: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(np.asarray(picture, np.float32), cv2.COLOR_RGB2GRAY), np.float32)


def _unmoved() -> Matrix:
    return np.eye(2, 3, dtype=np.float32)
