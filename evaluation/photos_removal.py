"""How well people are removed: pasted passers-by against the photo without them, filmed ones against the empty street."""

from collections.abc import Sequence

import cv2
import numpy as np

from evaluation.photos_page import Figure, Gallery
from evaluation.photos_seen import Photos, cut, look
from evaluation.photos_truth import Pasted, pasted, psnr, street
from pipeline.compositing.engine import Compositing
from pipeline.engine import EditOrder, OrderError, Pixels, finish
from storage.plans import Referent, Step

GONE, SEEN = 18, 30  # gray levels: what counts as background again; what counts as somebody in a film's frame


def strangers(engine: Compositing, photos: Photos, limit: int) -> list[tuple[Pasted, str]]:
    """Photos with somebody pasted in who is small and behind everybody, at a free place."""
    cast = cut(engine, photos, limit)
    made: list[tuple[Pasted, str]] = []
    for number, (path, photo) in enumerate(photos):
        if len(made) >= limit or not cast:
            break
        view = look(engine, photo)
        people = view.before(view.persons())[0]
        heads = [head for head in (view.head(index) for index in view.persons()) if head is not None]
        if people is None or not heads:
            continue
        figure = next((one for one in cast[number % len(cast) :] + cast if one.photo != number), None)
        if figure is None or figure.head is None:
            continue
        tall = min(
            0.6, 0.5 * max(head.size for head in heads) / photo.shape[0] * figure.alpha.shape[0] / figure.head.size
        )
        free = [
            (
                float(
                    people[
                        int((1 - tall) * photo.shape[0]) :,
                        int((x - 0.06) * photo.shape[1]) : int((x + 0.06) * photo.shape[1]),
                    ].mean()
                ),
                x,
            )
            for x in (0.1, 0.3, 0.5, 0.7, 0.9)
        ]
        here, x = min(free)
        if here < 0.5:
            made.append((pasted(photo, figure, tall, x, people), path.name))
    return made


def removals(engine: Compositing, photos: Photos, limit: int) -> tuple[list[Figure], Gallery]:
    """A pasted passer-by is taken out: dB in the hole against doing nothing and against Telea's inpainting."""
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
            result = finish(engine.edit(EditOrder(scene.photo, Step("remove", target="人"), points=(tap,)))).image
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
    over, above = (float(np.mean(ours) - np.mean(one)) if count else float("nan") for one in (nothing, telea))
    return [
        Figure(
            "pasted passer-by removed: over doing nothing",
            f"{over:+.1f} dB",
            count,
            "≥ + 8",
            over >= 8 if count else None,
        ),
        Figure("… over Telea", f"{above:+.1f} dB", count, "≥ + 3", above >= 3 if count else None),
        Figure("… not carried out", str(missed), count + missed),
    ], gallery


def filmed(engine: Compositing, film: Sequence[Pixels], every: int) -> tuple[list[Figure], Gallery]:
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
