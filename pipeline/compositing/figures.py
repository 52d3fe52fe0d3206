"""Stickers' figures: half a body or a face, cut out of a photo or of a taught concept's references."""

import time
from collections.abc import Sequence

import cv2
import numpy as np

from lettering import stickers
from pipeline.compositing import tags, who
from pipeline.compositing.figure import Figure
from pipeline.compositing.memory import ENGINE, FORMAT, unpacked
from pipeline.compositing.view import View, cut_out, viewed
from pipeline.engine import (
    Ambiguous,
    Choice,
    EditOrder,
    FigureOrder,
    Figures,
    Floats,
    OrderError,
    Pixels,
    Progress,
    Work,
)
from pipeline.imaging.matting import matte
from pipeline.vision.looking import Vision
from pipeline.vision.things import salient
from storage.plans import Step

LONGEST = 640  # pixels of a figure
HALF = (-2.3, -1.55, 2.3, 3.1)  # left, top, right, bottom of half a body, in heads from the eyes
FACE = (-1.15, -1.4, 1.15, 1.2)
CLOSE = {"angry", "surprised", "speechless", "sad"}  # moods that are in the face: a close-up
PIECE = 0.04  # share of the figure's area below which a loose piece is somebody else's
SMALLEST = 44  # pixels of a head from which a sticker is worth looking at


def figures(order: FigureOrder, vision: Vision) -> Work[Figures]:
    """A cut-out for each mood. Raises Ambiguous when several people are in the photo and nobody said who."""
    started = time.perf_counter()
    found = yield from _subjects(order, vision)
    images = []
    for number, mood in enumerate(order.moods):
        yield Progress(number, len(order.moods), "正在抠图")
        subject = found[(number + order.seed) % len(found)]
        images.append(stickers.footed(drawn(subject, close=order.close or mood in CLOSE)))
    facts = {
        "method": "compositing", "references": [one.photo + 1 for one in found],
        "seconds": round(time.perf_counter() - started, 2),
    }  # fmt: skip
    return Figures(tuple(images), facts)


def _subjects(order: FigureOrder, vision: Vision) -> Work[list[Figure]]:
    if order.photo is None:
        if order.concept is None:
            raise OrderError("发一张照片，或者说给谁做表情包，我来做。", "figures of nothing")
        artefact = order.concept.artefacts.get(ENGINE)
        if artefact is None or artefact.format != FORMAT:
            raise OrderError(f"还没见过{order.concept.name}的照片，先发 3–5 张教我吧。", "no artefact")
        memory = unpacked(artefact)
        large = [one for one in memory.figures if one.head is None or one.head.size >= SMALLEST]
        if not large:
            raise OrderError(
                f"{order.concept.name}的照片太小了，做出来会糊。请发几张更清楚的再教我。", "small references"
            )
        return large
    named = {order.concept.name: order.concept} if order.concept is not None else {}
    view = yield from viewed(EditOrder(order.photo, Step("modify"), concepts=named), vision)
    if not view.persons():
        standing_out = salient(vision, order.photo)
        if standing_out is None:
            raise OrderError("照片里没看到人，也没看到显眼的东西。换一张主角更清楚的照片试试。", "nothing to cut out")
        return [cut_out(order.photo, matte(order.photo, standing_out.mask), standing_out)]
    return [view.figure(_index(view, order))]


def _index(view: View, order: FigureOrder) -> int:
    persons = view.persons()
    if order.concept is not None:
        known = [index for index in persons if view.scene.instances[index].identity == order.concept.name]
        if known:
            return known[0]
    fits = [index for index in persons if view.scene.instances[index].face is not None] or persons
    if len(fits) == 1:
        return fits[0]
    if order.choice is not None and 0 <= order.choice < len(fits):
        return fits[order.choice]
    words = who.words_for(view.scene, fits)
    choices = [
        Choice(place, word, view.scene.instances[index].box)
        for place, (index, word) in enumerate(zip(fits, words, strict=True))
    ]
    picture = tags.numbered(view.small, [view.scene.instances[index] for index in fits])
    raise Ambiguous(
        f"照片里有{len(fits)}个人，给谁做表情包？点一下编号就行。", "whose stickers", choices, picture=picture
    )


def drawn(figure: Figure, close: bool) -> Pixels:
    """Half a body or a face of a figure, RGBA (h, w, 4), at most 640 pixels, with nobody else's pieces."""
    alpha, rgb = figure.alpha, figure.rgb
    if figure.head is not None:
        head = figure.head
        left, top, right, bottom = (value * head.size for value in (FACE if close else HALF))
        x0, x1 = max(0, round(head.x + left)), min(alpha.shape[1], round(head.x + right))
        y0, y1 = max(0, round(head.y + top)), min(alpha.shape[0], round(head.y + bottom))
        alpha = alpha[y0:y1, x0:x1] * faded(head.x - x0, head.y - y0, head.size, (y1 - y0, x1 - x0), close)
        rgb = rgb[y0:y1, x0:x1]
        anchor = (head.x - x0, head.y - y0)
    else:
        anchor = (alpha.shape[1] / 2, alpha.shape[0] / 2)
    alpha = whole(alpha, anchor)
    rows, columns = np.flatnonzero(alpha.max(1) > 0.05), np.flatnonzero(alpha.max(0) > 0.05)
    if not len(rows):
        raise OrderError("这个人被挡住太多，做不成表情包。换一张照片试试。", "an empty figure")
    place = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    out = np.dstack([rgb[place], (alpha[place] * 255).round().astype(np.uint8)])
    share = LONGEST / max(out.shape[:2])
    if share < 1:
        size = max(1, round(out.shape[1] * share)), max(1, round(out.shape[0] * share))
        out = cv2.resize(out, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(out, np.uint8)


def faded(x: float, y: float, unit: float, shape: tuple[int, int], close: bool) -> Floats:
    """1 where the figure is kept; a close-up ends below the chin in a round line, half a body in a straight one."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    if not close:
        return np.ones(shape, np.float32)
    away = np.hypot((columns - x) / (1.12 * unit), (rows - y) / (1.12 * unit))
    return np.asarray(np.where(rows > y, ((1.0 - away) * unit / 2 + 0.5).clip(0, 1), 1), np.float32)


def whole(alpha: Floats, anchor: tuple[float, float]) -> Floats:
    """The opacity without loose pieces: only what hangs together with the face, and larger pieces beside it."""
    solid = (alpha > 0.35).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(solid)
    if count <= 2:
        return alpha
    x, y = (int(np.clip(value, 0, side - 1)) for value, side in zip(anchor, alpha.shape[::-1], strict=True))
    main = int(parts[y, x]) or 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    keep = parts == main
    for number in range(1, count):
        if (
            number != main
            and stats[number, cv2.CC_STAT_AREA] > PIECE * stats[main, cv2.CC_STAT_AREA]
            and _attached(stats[number], alpha.shape)
        ):
            keep |= parts == number
    near = cv2.dilate(keep.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return np.asarray(np.where(near, alpha, 0), np.float32)


def _attached(stat: Sequence[int], shape: tuple[int, ...]) -> bool:
    """A piece that does not touch the frame is the figure's own (a hand); at the frame it is a neighbour's."""
    x, y, w, h = (int(stat[i]) for i in range(4))
    return x > 2 and y > 2 and x + w < shape[1] - 2 and y + h < shape[0] - 2
