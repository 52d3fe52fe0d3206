"""Where somebody's clothes, or hair, are: by the skin's colour, the body's points, and GrabCut (Rother et al. 2004)."""

import cv2
import numpy as np

from pipeline.compositing import hues
from pipeline.compositing.anatomy import HIPS, KNEES, SHOULDERS, SURE, Head, ellipse, head, resized, torso
from pipeline.compositing.view import View
from pipeline.engine import Floats, Pixels
from pipeline.imaging.filters import guided
from pipeline.imaging.geometry import disc

SIDE = 560  # pixels of the person's window
SKIN = 2.6  # standard deviations from the face's mean colour within which a pixel may be skin
LOWER = {"trousers", "pants", "jeans", "skirt", "shorts", "shoes"}
ROUNDS = 4
GOOD_PART = 0.25  # of the sure pixels: less is a collar, a belt, a badge
ALIKE = 16.0  # colours of one cloth in another light, in Lab with lightness counted less
COVERED = 0.5  # of where cloth surely is: hair covers no more


def clothes(view: View, index: int, part: str = "clothes", color: str | None = None) -> Floats:
    """Opacity (H, W) of somebody's upper clothes or dress; of what they wear below for a part of LOWER. `color`: the
    word for the colour that it has now, if that was said. Zeros where no cloth is certain."""
    one = view.scene.instances[index]
    small, shape = view.small, view.small.shape[:2]
    seen = head(one, shape)
    none = np.zeros(view.size, np.float32)
    if seen is None:
        return none
    body = resized(one.mask, shape) > 0.5
    rows, columns = np.flatnonzero(body.any(1)), np.flatnonzero(body.any(0))
    if not len(rows):
        return none
    pad = int(0.3 * seen.size) + 4
    place = (
        slice(max(0, rows[0] - pad), min(shape[0], rows[-1] + pad)),
        slice(max(0, columns[0] - pad), min(shape[1], columns[-1] + pad)),
    )
    sure = (torso(one, shape) if part not in LOWER else _legs(view, index))[place]
    picture, inside = small[place], body[place]
    colors = hues.lab(picture)
    face = Head(seen.x, seen.y, seen.size, seen.box)
    skin, hair = _skin(hues.lab(small), ellipse(shape, face, 0.62))[place], _hairy(hues.lab(small), body, face)[place]
    rows_of, columns_of = np.arange(shape[0])[place[0]][:, None], np.arange(shape[1])[place[1]][None, :]
    chin = rows_of > seen.box[3] - 0.05 * seen.size
    chin = chin | ((rows_of > seen.y + 0.2 * seen.size) & (np.abs(columns_of - seen.x) > 0.85 * seen.size))  # shoulders
    hair = _on_head(hair, sure & ~skin, rows_of < seen.box[3], np.abs(columns_of - seen.x) < seen.size)
    sure = sure & ~skin & ~hair & inside
    if sure.sum() < 0.1 * seen.size**2:
        return none
    upper = inside & chin & ~skin & ~hair if part not in LOWER else sure
    main, sure = _main(colors, picture, sure, color, upper)
    if sure.sum() < 0.05 * seen.size**2:
        return none
    marks = np.full(inside.shape, cv2.GC_BGD, np.uint8)
    marks[inside & chin] = cv2.GC_PR_FGD
    marks[inside & chin & (skin | hair)] = cv2.GC_PR_BGD
    away = np.linalg.norm((colors - main) * (0.4, 1, 1), axis=2)
    marks[inside & chin & (away > 18) & (marks == cv2.GC_PR_FGD)] = cv2.GC_PR_BGD
    marks[(away > 45) & ~sure] = cv2.GC_BGD
    marks[sure] = cv2.GC_FGD
    share = min(1.0, SIDE / max(inside.shape))
    size = max(8, round(inside.shape[1] * share)), max(8, round(inside.shape[0] * share))
    cut = cv2.resize(marks, size, interpolation=cv2.INTER_NEAREST)
    piece = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    if not (cut == cv2.GC_FGD).any():
        return none
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(piece[..., ::-1]), cut, (0, 0, 1, 1), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.isin(cut, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, disc(1)), np.uint8)
    found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, disc(3)), np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(found)
    large = [n for n in range(1, len(stats)) if stats[n, cv2.CC_STAT_AREA] > 0.04 * max(1, found.sum())]
    rough = np.asarray(cv2.resize(np.isin(parts, large).astype(np.float32), inside.shape[::-1]), np.float32)
    edge = guided(picture.astype(np.float32) / 255, rough, max(3, round(0.03 * seen.size)), 1e-4)
    whole = np.zeros(shape, np.float32)
    whole[place] = ((edge - 0.25) / 0.5).clip(0, 1)
    return resized(whole, view.size) * view.matte(index)


def _main(
    colors: Floats, picture: Pixels, sure: np.ndarray, color: str | None, body: np.ndarray
) -> tuple[Floats, np.ndarray]:
    """The colour (Lab) of the cloth among some sure pixels, and those that have it: of the groups of like colours that have a
    good part of them the one that covers most of the `body`, or the one that a word fits."""
    scale = np.array([0.4, 1, 1], np.float32)
    samples = np.ascontiguousarray(colors[sure] * scale)
    cv2.setRNGSeed(1)
    count = min(3, len(samples))
    _, labels, centres = cv2.kmeans(samples, count, None, (3, 20, 0.5), 2, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    labels = labels.ravel()
    weights = np.bincount(labels, minlength=count).astype(float)
    if color is None:
        away = np.stack([np.linalg.norm(colors[body] * scale - centre, axis=1) for centre in centres])
        nearest = np.where(away.min(0) < ALIKE, away.argmin(0), count)
        weights = np.where(weights >= GOOD_PART * len(samples), np.bincount(nearest, minlength=count + 1)[:count], 0.0)
    if color is not None:
        for number in range(count):
            group = np.zeros(sure.shape, bool)
            group[sure] = labels == number
            weights[number] *= 0.02 + hues.fit(hues.named(picture, group), color)
    best = int(weights.argmax())
    # groups that are the same cloth in another light go along
    alike = [n for n in range(count) if np.linalg.norm(centres[n] - centres[best]) < ALIKE]
    kept = np.zeros(sure.shape, bool)
    kept[sure] = np.isin(labels, alike)
    return np.asarray(np.median(colors[kept], 0), np.float32), kept


def hair(view: View, index: int) -> Floats | None:
    """Opacity (H, W) of somebody's hair; None when it cannot be told from what is about it."""
    one = view.scene.instances[index]
    shape = view.small.shape[:2]
    seen = head(one, shape)
    if seen is None or one.face is None:
        return None
    colors = hues.lab(view.small)
    body = resized(one.mask, shape) > 0.5
    skin = _skin(colors, ellipse(shape, seen, 0.62))
    likely = _hairy(colors, body, seen) & ~skin & ~ellipse(shape, seen, 0.86)
    area = float(likely.sum()) / seen.size**2
    if not 0.35 < area < 6:
        return None
    soft = guided(view.small.astype(np.float32) / 255, likely.astype(np.float32), max(3, round(0.06 * seen.size)), 2e-4)
    return resized(((soft - 0.2) / 0.6).clip(0, 1).astype(np.float32), view.size) * view.matte(index)


def _legs(view: View, index: int) -> np.ndarray:
    """The inside of the thighs, where trousers and skirts surely are."""
    one, shape = view.scene.instances[index], view.small.shape[:2]
    drawn = np.zeros(shape, np.uint8)
    if one.keypoints is not None and one.keypoints[list(HIPS), 2].min() > SURE:
        points = one.keypoints[:, :2] * (shape[1], shape[0])
        for hip, knee in zip(HIPS, KNEES, strict=True):
            width = max(2, round(0.12 * float(np.linalg.norm(points[SHOULDERS[0]] - points[SHOULDERS[1]]))))
            end = points[hip] + 0.75 * (points[knee] - points[hip])
            cv2.line(drawn, tuple(map(int, points[hip])), tuple(map(int, end)), 1, 2 * width)
    return (drawn > 0) & (resized(one.mask, shape) > 0.5)


def _skin(colors: Floats, face: np.ndarray) -> np.ndarray:
    """Where a picture in Lab has the colour of a face's skin."""
    sample = colors[face]
    if len(sample) < 20:
        return np.zeros(colors.shape[:2], bool)
    low, high = np.percentile(sample[:, 0], (10, 95))
    sample = sample[(sample[:, 0] > low) & (sample[:, 0] <= high)]
    spread = np.linalg.inv(np.cov(sample[:, 1:].T) + 9 * np.eye(2))
    off = colors[..., 1:] - sample[:, 1:].mean(0)
    away = np.sqrt(np.einsum("hwi,ij,hwj->hw", off, spread, off))
    return np.asarray((away < SKIN) & (colors[..., 0] > 0.45 * low))


def _on_head(hair: np.ndarray, cloth: np.ndarray, above: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """What of the hair's colour is hair: what hangs together with the head (`above` the chin). Where that is most of where
    cloth surely is, the cloth has the hair's colour (a black coat, a cap of the uniform's cloth): hair ends at the chin."""
    _, parts = cv2.connectedComponents(hair.astype(np.uint8))
    from_head = np.unique(parts[hair & above & beside])
    hanging = hair & np.isin(parts, from_head[from_head > 0])
    return hanging & above if (hanging & cloth).sum() > COVERED * cloth.sum() else hanging


def _hairy(colors: Floats, body: np.ndarray, face: Head) -> np.ndarray:
    """Where a body has the colour of what lies just above the face, down to the chest."""
    shape = colors.shape[:2]
    crown = np.zeros(shape, np.uint8)
    x0, y0, x1, y1 = face.box
    middle = (round((x0 + x1) / 2), round((y0 + y1) / 2 - 0.12 * face.size))
    cv2.ellipse(crown, middle, (round(0.66 * face.size), round(0.95 * face.size)), 0, 180, 360, 1, -1)
    ring = (crown > 0) & body & ~ellipse(shape, face, 1.0)
    if ring.sum() < 40:
        return np.zeros(shape, bool)
    main = np.median(colors[ring], 0)
    off = np.abs(colors - main)
    near = (off[..., 0] < 14) & (np.hypot(off[..., 1], off[..., 2]) < 10)
    rows = np.arange(shape[0])[:, None]
    return np.asarray(near & body & (rows < face.box[3] + 1.9 * face.size))
