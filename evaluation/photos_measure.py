"""Measures on real photos of mattes, of adding, of time and of room: each a function from photos to figures of the report
and pictures to look at."""

import time
from collections.abc import Callable
from dataclasses import replace as changed
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluation.photos_page import Figure, Gallery
from evaluation.photos_seen import Memo, Photos, cut, look
from evaluation.photos_truth import Pasted, band, grabcut, pasted, rough
from pipeline.compositing import figure as figures
from pipeline.compositing.engine import Compositing
from pipeline.compositing.memory import Memory, packed
from pipeline.engine import Concept, Edited, EditOrder, FigureOrder, Figures, OrderError, finish
from pipeline.imaging import Box
from pipeline.imaging.geometry import scaled
from pipeline.imaging.matting import matte
from storage.plans import Referent, Step

SIDE = 1600  # pixels at which operations are timed


def mattes(engine: Compositing, photos: Photos, limit: int) -> tuple[list[Figure], Gallery]:
    """Mean absolute error about the edge of pasted people's mattes, ours and GrabCut's.

    From the same rough mask both find the edge; then the whole way: we find the person, GrabCut is told the true box.
    """
    ours, theirs, gallery = [], [], Gallery("Mattes of pasted people: true, ours, GrabCut's")
    alone: list[tuple[float, float]] = []
    cast = cut(engine, photos, limit)
    for number, figure in enumerate(cast):
        path, photo = photos[(figure.photo + 1 + number) % len(photos)]
        scene = pasted(photo, figure, 0.85, 0.5)
        edge = band(scene.alpha, max(4, round(max(photo.shape[:2]) / 200)))
        mask = rough(scene.alpha, number)
        mine, cut_out = matte(scene.photo, mask, face=_face(scene, figure)), grabcut(scene.photo, scene.alpha, mask)
        alone.append(
            (float(np.abs(mine - scene.alpha)[edge].mean()), float(np.abs(cut_out - scene.alpha)[edge].mean()))
        )
        other = grabcut(scene.photo, scene.alpha)
        theirs.append(float(np.abs(other - scene.alpha)[edge].mean()))
        view = look(engine, scene.photo)
        inside = [
            (
                float(
                    (
                        view.scene.instances[i].mask * cv2.resize(scene.alpha, view.scene.instances[i].mask.shape[::-1])
                    ).sum()
                ),
                i,
            )
            for i in view.persons()
        ]
        if not inside:
            ours.append(float(scene.alpha[edge].mean()))
            continue
        found = view.matte(max(inside)[1])
        ours.append(float(np.abs(found - scene.alpha)[edge].mean()))
        shown = [np.repeat((one * 255).astype(np.uint8)[..., None], 3, 2) for one in (scene.alpha, found, other)]
        gallery.add(-ours[-1], f"{path.name}: {ours[-1]:.3f}, GrabCut {theirs[-1]:.3f}", scene.photo, *shown)
    figures_ = []
    for what, pairs in (
        ("matte about the edge from one rough mask, mean absolute error", alone),
        ("… found and cut out among the others (GrabCut: in the true box)", list(zip(ours, theirs, strict=True))),
    ):
        mean, yard = (float(np.mean([pair[side] for pair in pairs])) if pairs else float("nan") for side in (0, 1))
        text = f"{mean:.4f} (GrabCut {yard:.4f})"
        figures_.append(Figure(what, text, len(pairs), "≤ ½ of GrabCut's", mean <= yard / 2 if pairs else None))
    return figures_, gallery


def _face(scene: Pasted, figure: figures.Figure) -> Box | None:
    """The box of a pasted figure's face, in shares of the photo."""
    if figure.head is None:
        return None
    height, width = scene.alpha.shape
    x0, y0, x1, y1 = figure.head.box
    return (
        (x0 * scene.scale + scene.corner[0]) / width,
        (y0 * scene.scale + scene.corner[1]) / height,
        (x1 * scene.scale + scene.corner[0]) / width,
        (y1 * scene.scale + scene.corner[1]) / height,
    )


def again(engine: Compositing, photos: Photos, limit: int, reporting: bool = False) -> tuple[list[Figure], Gallery]:
    """One of a group is taken out and put in again: the same person, as large as before, once, the others untouched.

    `told`: the cut-out says where in its photo it was, as taught references do, and the engine notices that it is the
    same scene. Otherwise size and place come from the neighbours alone, as with a reference of another place.
    """
    same = sized = once = exact = tried = added = 0
    how = "knowing the scene" if reporting else "from the neighbours alone"
    gallery = Gallery(f"Left out and added again, {how}: the photo, without, again")
    reasons: list[str] = []
    for path, photo in photos:
        view = look(engine, photo)
        everybody = [i for i in view.persons() if view.scene.instances[i].face is not None]
        if len(everybody) < 2:
            continue
        for place, index in enumerate(everybody):
            one = view.scene.instances[index]
            if tried >= limit or one.face is None or one.face.embedding is None or one.visible < 0.8:
                continue
            tried += 1
            target = Referent("人", kinds=("person",), position="left", ordinal=place + 1)
            try:
                gone = finish(engine.edit(EditOrder(photo, Step("remove", target="人"), {"target": target})))
                figure = view.figure(index) if reporting else changed(view.figure(index), origin=None, backdrop=None)
                concept = Concept(
                    "甲", "person", artefacts={"compositing": packed(Memory("person", (figure,), figure.embedding))}
                )
                position, referents = "left" if place == 0 else "right", {}
                if 0 < place < len(everybody) - 1:
                    referents = {"beside": Referent("人", kinds=("person",), position="left", ordinal=place)}
                order = EditOrder(
                    gone.image, Step("insert", concept="甲", position=position), referents, concepts={"甲": concept}
                )
                back = finish(engine.edit(order))
            except OrderError as error:
                reasons.append(f"{path.name} {place + 1}: {error.sentence} ({error})")
                continue
            added += 1
            seen = look(engine, back.image)
            limits = engine.vision.identity.thresholds
            alike = sorted(
                (
                    (float(np.linalg.norm(other.face.embedding - one.face.embedding)), other.face)
                    for other in seen.scene.persons
                    if other.face is not None and other.face.embedding is not None
                ),
                key=lambda pair: pair[0],
            )
            alike = [pair for pair in alike if pair[0] <= limits["unsure"]]
            same += bool(alike)
            once += sum(distance <= limits["same"] for distance, _ in alike) <= 1 if alike else 0
            ratio = float("nan")
            if alike:
                found, true = alike[0][1].box, one.face.box
                ratio = (found[3] - found[1]) * back.image.shape[0] / ((true[3] - true[1]) * photo.shape[0])
                sized += abs(ratio - 1) <= 0.15
            exact += back.facts["gates"]["others' pixels changed"] == 0
            gallery.add(
                -abs(np.log(ratio)) if alike else -9.0,
                f"{path.name} {place + 1}: face {ratio:.2f}×, {back.facts['place']}",
                photo,
                gone.image,
                back.image,
            )

    def share(count: int) -> str:
        return f"{count / max(1, added):.3f}"

    figures_ = [
        Figure(f"left out and added again, {how}: carried out", f"{added} of {tried}", tried),
        Figure("… the same person by embedding", share(same), added, "1.0", same == added if added else None),
        Figure("… face height within 15 %", share(sized), added, "≥ .9", sized >= 0.9 * added if added else None),
        Figure("… nobody twice", share(once), added, "1.0", once == added if added else None),
        Figure("… the others bit for bit", share(exact), added, "1.0", exact == added if added else None),
    ]
    figures_ += [Figure(f"… refused: {reason}", "", 1) for reason in reasons]
    return figures_, gallery


def seconds(engine: Compositing, photos: Photos) -> list[Figure]:
    """CPU seconds of one core at 1600 pixels, medians over the photos with two people or more."""
    spent: dict[str, list[float]] = {name: [] for name in ("look", "add", "remove", "background", "style", "sticker")}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        try:
            return work()
        except OrderError:
            return None
        finally:
            spent[name].append(time.process_time() - start)

    def edit(order: EditOrder) -> Edited:
        return finish(engine.edit(order))

    def stick(order: FigureOrder) -> Figures:
        return finish(engine.figures(order))

    cv2.setNumThreads(1)
    for _, photo in photos:
        if len(spent["look"]) >= 6:
            break
        small = scaled(photo, SIDE)
        cache = Memo()
        view = look(engine, small)
        faces = [i for i in view.persons() if view.scene.instances[i].face is not None]
        if len(faces) < 2:
            continue
        timed("look", partial(look, engine, small, cache))
        figure = view.figure(faces[0])
        other = changed(figure, embedding=None)
        concept = Concept("甲", "person", artefacts={"compositing": packed(Memory("person", (other,), None))})
        orders = {
            "add": EditOrder(small, Step("insert", concept="甲"), concepts={"甲": concept}, cache=cache),
            "remove": EditOrder(small, Step("remove", target="人"), {"target": Referent("人", kinds=("person",), position="right")}, cache=cache),
            "background": EditOrder(small, Step("background", content="白色", color="white"), cache=cache),
            "style": EditOrder(small, Step("restyle", style="ink_wash"), cache=cache),
        }  # fmt: skip
        for name, order in orders.items():
            timed(name, partial(edit, order))
        timed("sticker", partial(stick, FigureOrder((None,), concept=concept)))
    limits = {"look": 4.0, "add": 3.0, "remove": 2.0, "background": 1.5, "style": 1.5, "sticker": 0.5}
    return [
        Figure(f"CPU seconds at {SIDE} pixels: {name}", f"{np.median(values):.2f}", len(values), f"≤ {limits[name]}", float(np.median(values)) <= limits[name])
        for name, values in spent.items() if values
    ]  # fmt: skip


def memory(engine: Compositing, photos: Photos, count: int) -> list[Figure]:
    """Peak of this process, and how much it grows from the twentieth photo to the last."""

    def resident(what: str) -> float:
        line = next(
            one for one in Path("/proc/self/status").read_text("ascii", "replace").splitlines() if one.startswith(what)
        )
        return int(line.split()[1]) / 1024

    early = 0.0
    for number in range(count):
        _, photo = photos[number % len(photos)]
        try:
            finish(engine.edit(EditOrder(photo, Step("restyle", style="sketch"))))
        except OrderError:
            continue
        finally:
            if number == min(20, count // 2):
                early = resident("VmRSS")
    growth = resident("VmRSS") - early
    peak = resident("VmHWM")
    return [
        Figure("peak memory", f"{peak:.0f} MiB", count, "≤ 1536 MiB", peak <= 1536),
        Figure("growth from the 20th photo to the last", f"{growth:+.0f} MiB", count, "flat (≤ 60)", growth <= 60),
    ]
