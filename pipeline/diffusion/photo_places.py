"""Where in a real photo a step happens: about whom or what, how far it may go, and what is left alone.

People are chosen by pipeline.vision.choosing and asked back when several are meant; of a person the part that was named is
all that may change. Other things are found by their English name or by the tap. What is found nowhere may be anywhere:
then the method's own attention decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from pipeline.diffusion.grounding import PromptError
from pipeline.diffusion.meaning import Asked
from pipeline.diffusion.prompts import EVERYWHERE, Outline
from pipeline.diffusion.vocabulary import Seen
from pipeline.engine import Ambiguous, Box, Choice, Floats
from pipeline.imaging.segmentation import tight_box
from pipeline.vision.choosing import PERSONS, called, candidates, tapped
from pipeline.vision.scene import Instance
from storage.plans import Referent

GROW = {
    "recolor": 0.01,
    "modify": 0.04,
    "replace": 0.15,
    "remove": 0.08,
    "insert": 0.08,
}  # of the longer side, beyond the outline
HAIR = ("hair",)
FACE = ("face", "eyes", "glasses", "mouth", "nose", "teeth", "beard", "skin")
WORN = ("clothes", "dress", "trousers", "shoes")
HEAD = ("hat", "head")
BODY = (*HAIR, *FACE, *WORN, *HEAD, "hand", "leg", "body")
LEAST = 0.28  # of the photo's width that a newcomer gets at least
ROOM = 0.3  # of where a newcomer would be that must be free of people
LOWER = 0.55  # of a person's height: things and animals
Named = Callable[[str], Floats | None]
Tapped = Callable[[tuple[float, float]], Floats | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step happens: `box` in shares of the photo, and within it the `outline`; None for anywhere in it."""

    box: Box = EVERYWHERE
    outline: Outline | None = None


def find(asked: Asked, seen: Seen, size: tuple[int, int], choice: int | None, named: Named, under: Tapped) -> Place:
    """Where a step happens in a photo of a size (H, W).

    `named` finds a thing by its English noun, `under` what is under a tap. Raises Ambiguous, PromptError.
    """
    step, target = asked.step, asked.referents.get("target")
    persons = () if seen.scene is None else seen.scene.persons
    aimed = target is not None or step.target is not None or bool(asked.points)
    if (
        step.operation in ("restyle", "background")
        or asked.content.setting
        or (not aimed and step.operation != "insert")
    ):
        return Place()
    people = _meant(asked, target, persons, choice)
    if step.operation == "insert" and not (people and step.target):
        return _free(asked, seen, persons, size) if persons else Place()
    if people:
        part = _part_meant(asked, target)
        masks = [_part(persons[i], seen.things[i].mask, part) for i in people]
        others = [thing.mask for i, thing in enumerate(seen.things) if i not in people and thing.mask is not None]
        return _about([mask for mask in masks if mask is not None], others, GROW.get(step.operation, 0.08))
    found = next((mask for point in asked.points if (mask := under(point)) is not None), None)
    if found is None and not asked.points and (noun := _noun(target)):
        found = named(noun)
    if found is None:
        return Place()
    others = [thing.mask for thing in seen.things if thing.mask is not None]
    own = _holding(target, found, others)
    return _about([found], [] if own else others, GROW.get(step.operation, 0.08))


def _meant(asked: Asked, target: Referent | None, persons: Sequence[Instance], choice: int | None) -> tuple[int, ...]:
    """Which persons a step is about; () for another thing, or nobody in particular. Raises Ambiguous, PromptError."""
    if hit := tapped(persons, asked.points):
        return hit
    if asked.points or target is None or not persons:
        return ()
    step = asked.step
    place = step.position if step.operation not in ("insert", "move") else None
    about = target.name is not None or bool(PERSONS & set(target.kinds)) or (not target.kinds and target.part in BODY)
    if not about:
        return ()
    found = candidates(target, persons, place)
    offered = found or tuple(range(len(persons)))
    if choice is not None and 0 <= choice < len(offered):
        return (offered[choice],)
    if len(found) == 1 or (len(found) > 1 and (target.quantity != "one" or "passer-by" in target.kinds)):
        return found
    if not found and "passer-by" in target.kinds:
        raise PromptError(
            "没有看到路人。想去掉谁，请说位置，比如「去掉最右边的人」，或者在照片上点一下。", "no passers"
        )
    if not found:
        raise _question(f"照片里没认出{step.target or target.text}，是哪一位？", offered, persons, unheard=True)
    raise _question(f"照片里有{len(found)}个人，{target.text}说的是哪一个？", found, persons)


def _part_meant(asked: Asked, target: Referent | None) -> str | None:
    """The part of somebody that a step is about: what is named of them, else where what they get belongs."""
    if target is not None and target.part is not None:
        return target.part
    content = asked.referents.get("content")
    if content is None or asked.step.operation not in ("modify", "insert"):
        return None
    return content.part if content.part in BODY else "face" if "expression" in content.attributes else None


def _question(sentence: str, found: Sequence[int], persons: Sequence[Instance], unheard: bool = False) -> Ambiguous:
    names = called(len(persons))
    choices = [Choice(place, persons[i].identity or names[i], persons[i].box) for place, i in enumerate(found)]
    return Ambiguous(sentence, f"{len(choices)} persons may be meant", choices, unheard)


def _part(one: Instance, mask: Floats | None, part: str | None) -> Floats | None:
    """The mask (H, W) of somebody, or of the part of them that is meant."""
    if mask is None or part is None or one.face is None:
        return mask
    height, width = mask.shape
    x0, y0, x1, y1 = one.face.box
    top, chin, high, wide = y0 * height, y1 * height, (y1 - y0) * height, (x1 - x0) * width
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    face = ((columns / width - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + (
        (rows / height - (y0 + y1) / 2) / ((y1 - y0) / 2)
    ) ** 2
    if part in WORN:
        return np.asarray(mask * (rows > chin + 0.15 * high), np.float32)
    if part in FACE:
        return np.asarray(mask * (face < 1.1), np.float32)
    if part in HEAD:  # a hat is larger than what it sits on
        near = (rows > top - 1.2 * high) & (rows < chin) & (abs(columns - (x0 + x1) / 2 * width) < 1.3 * wide)
        return np.asarray(near.astype(np.float32) * (face > 0.6), np.float32)
    if part in HAIR:  # below the chin it hangs beside the neck
        aside = abs(columns - (x0 + x1) / 2 * width) / wide
        near = ((rows < chin) & (aside < 1.3)) | ((rows < chin + high) & (aside > 0.4) & (aside < 0.9))
        return np.asarray(mask * near * (face > 0.8), np.float32)
    return mask


def _about(masks: Sequence[Floats], others: Sequence[Floats], share: float) -> Place:
    """The place of some masks (H, W), which must not touch the others."""
    shape = np.maximum.reduce(list(masks))
    stays = np.maximum.reduce([np.zeros_like(shape), *others])
    box = tight_box(shape)
    height, width = shape.shape
    reach = max(2, round(share * max((box[2] - box[0]) * width, (box[3] - box[1]) * height)))
    away = cv2.distanceTransform((shape <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    area = (away <= reach) * (stays < 0.5)
    return Place(tight_box(area), Outline(np.asarray(area, np.float32), np.asarray(stays, np.float32), shape))


def _free(asked: Asked, seen: Seen, persons: Sequence[Instance], size: tuple[int, int]) -> Place:
    """Where somebody or something new has room: where the step says, else where the gap is widest."""
    step, beside = asked.step, asked.referents.get("beside")
    position = step.position
    feet = float(np.median([one.box[3] for one in persons]))
    top = float(np.median([one.box[1] for one in persons]))
    edges = [0.0, *sorted(side for one in persons for side in (one.box[0], one.box[2])), 1.0]
    who = candidates(beside, persons) if beside is not None else ()
    if who:
        box = persons[who[0]].box
        to_left = position == "left" or (position is None and box[0] > 1 - box[2])
        x = (
            (max(0.0, box[0] - LEAST), max(box[0], LEAST))
            if to_left
            else (min(box[2], 1 - LEAST), min(1.0, box[2] + LEAST))
        )
    elif position == "left":
        x = (0.0, max(LEAST, min(one.box[0] for one in persons)))
    elif position == "right":
        x = (min(1 - LEAST, max(one.box[2] for one in persons)), 1.0)
    elif position == "center":
        x = (0.5 - LEAST / 2 - 0.1, 0.5 + LEAST / 2 + 0.1)
    else:
        gaps = [
            (a, b) for a, b in pairwise(edges)
            if not any(one.box[0] < (a + b) / 2 < one.box[2] for one in persons)
        ]  # fmt: skip
        left, right = max(gaps, key=lambda gap: gap[1] - gap[0], default=(0.0, LEAST))
        middle = (left + right) / 2
        half = max(LEAST, right - left) / 2
        x = (max(0.0, middle - half), min(1.0, middle + half))
    tall = step.concept is not None or bool(PERSONS & set(asked.content.kinds))
    y0 = top if tall else feet - LOWER * (feet - top)
    height, width = size
    area = np.zeros((height, width), np.float32)
    area[round(max(0.0, y0) * height) : round(feet * height), round(x[0] * width) : round(x[1] * width)] = 1
    masks = [thing.mask for thing in seen.things if thing.mask is not None and position != "front"]
    stays = np.maximum.reduce([np.zeros_like(area), *masks])
    room = float(area.sum())
    area = area * (stays < 0.5)
    if float(area.sum()) < ROOM * room:
        raise PromptError("那里已经站满了，换个位置试试，比如「加到右边」。", "no room")
    return Place(tight_box(area), Outline(np.asarray(area, np.float32), np.asarray(stays, np.float32), None))


def _noun(target: Referent | None) -> str:
    """The English noun by which a thing is looked for."""
    if target is None:
        return ""
    return target.kinds[0] if target.kinds else target.english or ""


def _holding(target: Referent | None, found: Floats, others: Sequence[Floats]) -> bool:
    """Whether what was found is worn or held by somebody, so that their mask must not bar it."""
    worn = target is not None and target.part is not None
    inside = max((float((found * mask).sum()) for mask in others), default=0.0)
    return worn or inside > 0.5 * float(found.sum())
