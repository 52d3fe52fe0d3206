"""Where an order happens: what the editor is shown, who of it is meant, how far the edit may go and what is spared.

With a Scene (pipeline.vision) an order about one person is carried out in a window about this person, whom the
instruction then counts from the left among those who are seen. Without one, or when it is not sure who is meant, the
editor gets the whole photo and the user's own words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.editors.frame import Window, about, whole
from pipeline.engine import Box, EditOrder, Floats
from pipeline.vision.choosing import counted, tapped
from pipeline.vision.scene import Instance, Scene
from storage.plans import Referent

ANYBODY = {"person", "people", "human", "somebody"}  # says nothing that tells one person from another
WITHIN = ("recolor", "modify")  # these stay inside the outline of what they are about
ONE = ("recolor", "modify", "replace", "remove", "face_swap")  # these are about something that stands there
WHOLE = ("restyle", "adjust", "restore", "upscale")  # these are about everything
GROW = {True: 0.06, False: 0.3}  # of the person's longer side: how far the edit may go beyond the outline


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order happens.

    window   what the editor is shown
    persons  how many persons that shows, None when nobody has looked
    target   who of them is meant, counted from the left from 0; () when the words have to say it
    allowed  mask of the whole photo, at any size, outside of which nothing may change; None: anywhere
    spared   masks of what is not to change
    kept     of a new background: what stands before it
    """

    window: Window
    persons: int | None = None
    target: tuple[int, ...] = ()
    allowed: Floats | None = None
    spared: tuple[Floats, ...] = ()
    kept: Floats | None = None


def find(order: EditOrder, scene: Scene | None, side: int) -> Place:
    """Where `order` happens in a photo of which `scene` was seen; `side` is the editor's own size in pixels."""
    everything = whole(order.photo)
    if scene is None:
        return Place(everything)
    persons, operation = scene.persons, order.step.operation
    if operation in WHOLE or (operation == "modify" and order.step.target is None):
        return Place(everything, len(persons))
    if operation == "background":
        front = [one.matte if one.matte is not None else one.mask for one in scene.instances]
        return Place(everything, len(persons), kept=np.maximum.reduce(front) if front else None)
    meant = who(order.referents.get("target"), persons, order.points) if operation in ONE else ()
    if not meant:
        faces = tuple(mask for one in persons if (mask := _face(one)) is not None) if operation == "insert" else ()
        return Place(everything, len(persons), spared=faces)
    them = [persons[index] for index in meant]
    window = about(_hull([one.box for one in them]), order.photo, side)
    seen = [index for index, one in enumerate(persons) if index in meant or window.holds(one.box, order.photo)]
    others = tuple(_mask(one) for index, one in enumerate(persons) if index not in meant)
    return Place(
        window,
        len(seen),
        tuple(seen.index(index) for index in meant),
        _grown(them, GROW[operation in WITHIN]),
        others,
    )


def who(
    referent: Referent | None, persons: Sequence[Instance], points: Sequence[tuple[float, float]] = ()
) -> tuple[int, ...]:
    """Which persons (from left to right) a referent means; () when it is not one of them or not sure.

    Nothing here can tell a woman from a man: where that would decide, the editor has to.
    """
    if touched := tapped(persons, points):
        return touched
    if referent is None or not persons:
        return ()
    if referent.name is not None:
        return tuple(index for index, one in enumerate(persons) if one.identity == referent.name)
    if not referent.kinds or not _is_person(referent.kinds):
        return ()
    if len(persons) == 1 and referent.quantity != "others":
        return (0,)
    if not set(referent.kinds) <= ANYBODY or {name for name in referent.attributes if name != "color"}:
        return ()
    if referent.quantity == "all":
        return tuple(range(len(persons)))
    index = counted(referent, len(persons))
    return () if index is None else (index,)


def _is_person(kinds: Sequence[str]) -> bool:
    return bool(set(kinds) & (ANYBODY | {"man", "woman", "boy", "girl", "child", "kid", "baby", "lady", "guy"}))


def _mask(one: Instance) -> Floats:
    return (one.mask > 0.5).astype(np.float32)


def _face(one: Instance) -> Floats | None:
    """Somebody's face as a mask: what of the person lies in the box of the face."""
    if one.face is None:
        return None
    height, width = one.mask.shape
    x0, y0, x1, y1 = one.face.box
    box = np.zeros_like(one.mask)
    box[int(y0 * height) : int(np.ceil(y1 * height)), int(x0 * width) : int(np.ceil(x1 * width))] = 1
    return np.asarray(box * _mask(one), np.float32)


def _grown(them: Sequence[Instance], share: float) -> Floats:
    """The outlines of some persons, wider by a share of their longer side."""
    together = np.zeros_like(them[0].mask)
    height, width = together.shape
    for one in them:
        x0, y0, x1, y1 = one.box
        reach = max(2, round(share * max((x1 - x0) * width, (y1 - y0) * height)))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        together = np.maximum(together, cv2.dilate(_mask(one), disc))
    return np.asarray(together, np.float32)


def _hull(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)
