"""How well people are removed: pasted passers-by against the photo without them, filmed ones against the empty street."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from evaluation.photos_page import Figure, Gallery
from evaluation.photos_seen import Attentive, Photos, cut, look
from evaluation.photos_truth import Pasted, pasted, psnr, street
from pipeline.compositing.engine import Compositing
from pipeline.engine import EditOrder, Engine, OrderError, Pixels, finish
from storage.plans import Referent, Step

PLACES = (0.1, 0.9, 0.3, 0.7, 0.5)  # where somebody is pasted in, in shares of the width
SMALLER, TALL, LEAST = (0.35, 0.5, 0.7), 0.6, 60  # heads of the largest; of the photo's height at most; pixels at least
SHOWN = 0.5  # share of the pasted one that must be seen: of less nobody would say that somebody stands there
SAME = 50.0  # dB from which two pictures count as the same: on a plain wall every answer is perfect
GONE, SEEN = 18, 30  # gray levels: what counts as background again; what counts as somebody in a film's frame


def strangers(engine: Compositing, photos: Photos, limit: int) -> list[tuple[Pasted, str]]:
    """Photos with somebody pasted in who is small and behind everybody, at the freest places and in several sizes."""
    engine = Attentive(engine)  # for the cast and for the places
    cast = cut(engine, photos, limit)
    made: list[tuple[Pasted, str]] = []
    each = -(-limit // max(1, len(photos)))
    for number, (path, photo) in enumerate(photos):
        view = look(engine, photo)
        people = view.before(view.persons())[0]
        heads = [head for head in (view.head(index) for index in view.persons()) if head is not None]
        others = [one for one in cast if one.photo != number and one.head is not None]
        free = sorted(
            (float(people[photo.shape[0] // 2 :, int((x - 0.06) * photo.shape[1]) : int((x + 0.06) * photo.shape[1])].mean())
             if people is not None else 0.0, x)
            for x in PLACES
        )  # fmt: skip
        tried = 0
        for turn, (_, x) in enumerate(free):
            if tried == each or not others or len(made) >= limit:
                break
            figure = others[(each * number + turn) % len(others)]
            tall = TALL
            if heads and figure.head is not None:
                share = SMALLER[(number + turn) % len(SMALLER)] * max(head.size for head in heads) / photo.shape[0]
                tall = min(TALL, share * figure.alpha.shape[0] / figure.head.size)
            scene = pasted(photo, figure, tall, x, people)
            whole = pasted(photo, figure, tall, x)
            if scene.alpha.sum() < SHOWN * whole.alpha.sum() or min(photo.shape[:2]) * tall < LEAST:
                continue
            made.append((scene, f"{path.name} at {x}"))
            tried += 1
    return made


def removals(engine: Compositing, photos: Photos, limit: int, by: Engine | None = None) -> tuple[list[Figure], Gallery]:
    """A pasted passer-by is taken out, `by` any engine: dB in the hole against doing nothing and against Telea's inpainting."""
    ours, nothing, telea, missed = [], [], [], 0
    gallery = Gallery("Pasted passers-by: with, without, the truth")
    for scene, name in strangers(engine, photos, limit):
        where = scene.alpha > 0.05
        rows, columns = np.nonzero(scene.alpha > 0.9)
        if len(rows) < 50:
            continue
        middle = int(np.argsort(rows)[len(rows) // 2])
        tap = (columns[middle] / where.shape[1], rows[middle] / where.shape[0])
        try:
            order = EditOrder(scene.photo, Step("remove", target="人"), points=(tap,))
            result = finish((by or engine).edit(order)).image
        except OrderError as error:
            missed += 1
            gallery.add(-99.0, f"{name}: {error.sentence} ({error})", scene.photo, scene.truth)
            continue
        hole = cv2.dilate(where.astype(np.uint8), np.ones((9, 9), np.uint8))
        filled = np.asarray(cv2.inpaint(scene.photo, hole, 5, cv2.INPAINT_TELEA), np.uint8)
        ours.append(psnr(result, scene.truth, where))
        nothing.append(psnr(scene.photo, scene.truth, where))
        telea.append(psnr(filled, scene.truth, where))
        gallery.add(
            ours[-1] - nothing[-1],
            f"{name}: {ours[-1]:.1f} dB, nothing {nothing[-1]:.1f}, Telea {telea[-1]:.1f}",
            scene.photo,
            result,
            scene.truth,
        )
    count = len(ours)
    over, above = (np.array(ours).clip(None, SAME) - np.array(one).clip(None, SAME) for one in (nothing, telea))
    return [
        Figure("pasted passer-by removed: over doing nothing", _spread(over), count, "≥ + 8", _well(over, 8)),
        Figure("… over Telea", _spread(above), count, "≥ + 3", _well(above, 3)),
        Figure("… not carried out", str(missed), count + missed),
    ], gallery


def _spread(gains: NDArray[np.float64]) -> str:
    """The mean, and tenth, half and nine tenths of the cases."""
    if not len(gains):
        return "–"
    low, middle, high = np.percentile(gains, (10, 50, 90))
    return f"{gains.mean():+.1f} dB ({low:+.1f}, {middle:+.1f}, {high:+.1f})"


def _well(gains: NDArray[np.float64], wanted: float) -> bool | None:
    return bool(gains.mean() >= wanted) if len(gains) else None


def filmed(engine: Engine, film: Sequence[Pixels], every: int) -> tuple[list[Figure], Gallery]:
    """Passers-by of a film removed from single frames, against the street without anybody."""
    gallery = Gallery("Filmed passers-by: the frame, without them, the street")
    if len(film) < 9:
        return [], gallery
    empty, cleared, exact = street(film), [], []
    for number in range(0, len(film), every):
        frame = film[number]
        walkers = (np.abs(frame.astype(int) - empty).max(2) > SEEN).astype(np.uint8)
        walkers = cv2.morphologyEx(walkers, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
        if walkers.mean() < 0.002:
            continue
        try:
            target = Referent("路人", kinds=("passer-by",), quantity="all")
            edited = finish(engine.edit(EditOrder(frame, Step("remove", target="路人"), {"target": target})))
        except OrderError as error:
            cleared.append(0.0)
            gallery.add(0.0, f"frame {number}: {error.sentence}", frame, empty)
            continue
        gone = np.abs(edited.image.astype(int) - empty).max(2) < GONE
        cleared.append(float(gone[walkers].mean()))
        outside = edited.mask == 0 if edited.mask is not None else np.ones(walkers.shape, bool)
        exact.append(bool((edited.image == frame)[outside].all()))
        gallery.add(
            cleared[-1], f"frame {number}: {cleared[-1]:.2f} of the walkers' area cleared", frame, edited.image, empty
        )
    mean = float(np.mean(cleared)) if cleared else float("nan")
    return [
        Figure(
            "filmed passers-by: share of their area gone",
            f"{mean:.3f}",
            len(cleared),
            "≥ .9",
            mean >= 0.9 if cleared else None,
        ),
        Figure(
            "… outside the mask bit for bit",
            f"{np.mean(exact) if exact else float('nan'):.3f}",
            len(exact),
            "1.0",
            all(exact) if exact else None,
        ),
    ], gallery
