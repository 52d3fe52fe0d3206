"""Which person or thing of the photo a step means.

The words were understood by the parser; here they are held against what is in the picture: who stands where, what they
wear, who was recognised. When several fit, the question back comes with a small picture on which they are numbered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.compositing import hues, tags
from pipeline.compositing.anatomy import head, resized, torso
from pipeline.compositing.pointed import Nothing, Pointed, pointed
from pipeline.engine import Ambiguous, Choice, EditOrder, OrderError, Pixels
from pipeline.vision.scene import Instance, Scene
from storage.plans import Referent

PERSONS = {"person", "people", "woman", "man", "girl", "boy", "child", "kid", "baby", "friend", "human", "lady",
           "guy", "grandmother", "grandfather", "bride", "groom", "old person", "figure"}  # fmt: skip
PASSERS = {"passer-by", "passerby", "passers-by", "passers", "pedestrian", "stranger", "bystander", "crowd", "tourist"}
CLEAR, AHEAD = 0.34, 0.12  # share of a torso that a colour must have, and by how much the best must lead
SMALL = 0.62  # heads of passers-by and of people behind, in heads of the photo's main people
TALL = 0.5  # of the photo's height, in heads above or below the others, that make somebody "behind" or "front"
SIDES = {"left": (0.0, 0.45), "right": (0.55, 1.01), "center": (1 / 3, 2 / 3)}  # shares of the width
UNTOLD = "「{}」是哪一位？男女、年纪我分不准，怕改错人，点一下编号就行。"
NUMBERS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Meant:
    """What a phrase means in a photo: indices of `scene.instances`."""

    indices: tuple[int, ...]

    def of(self, scene: Scene) -> tuple[Instance, ...]:
        return tuple(scene.instances[index] for index in self.indices)


def meant(order: EditOrder, scene: Scene, small: Pixels, slot: str = "target", several: bool = False) -> Meant:
    """The instances that a slot of a step means; `small` is the photo at the scene's working size.

    `several`: one or more may be meant ("去掉左边两个"). Raises OrderError when nothing fits, Ambiguous when it stays
    open which one.
    """
    referent = order.referents.get(slot)
    if referent is None:
        words = {"target": order.step.target, "content": order.step.content}.get(slot) or ""
        about_place = order.step.operation not in ("insert", "move")
        referent = Referent(words or "人", position=order.step.position if about_place and slot == "target" else None)
    elif referent.position is None and slot == "target" and order.step.operation not in ("insert", "move"):
        referent = replace(referent, position=order.step.position)
    if (order.points or order.regions) and slot == "target":
        aimed = pointed_at(order, scene)
        if aimed.beside:
            raise Nothing("pointed beside everybody", drawn=bool(aimed.drawn))
        return Meant(aimed.indices)
    found = candidates(referent, scene, small)
    if not found:
        raise nobody(referent, scene, small)
    if referent.quantity in ("all", "others") or (
        several and (_plural(referent) or _count(referent) >= len(found) > 1)
    ):
        return Meant(found)
    if len(found) == 1 or (several and len(found) == _count(referent)):
        return Meant(found)
    if order.choice is not None and 0 <= order.choice < len(found):
        return Meant((found[order.choice],))
    if _looks(referent):
        raise question(referent, scene, small, found, UNTOLD.format(referent.text), unheard=True)
    raise question(referent, scene, small, found)


def pointed_at(order: EditOrder, scene: Scene) -> Pointed:
    """Who or what taps and regions mean, in the light of what is named: of 把杯子去掉 nobody who is behind it."""
    referent = order.referents.get("target")
    thing = referent is not None and referent.part is None and bool(referent.kinds)
    return pointed(order, scene, thing and referent is not None and not (PERSONS | PASSERS) & set(referent.kinds))


def candidates(referent: Referent, scene: Scene, small: Pixels) -> tuple[int, ...]:
    """The instances that fit a referent, from left to right."""
    persons = [index for index, one in enumerate(scene.instances) if one.label == "person"]
    things = [index for index, one in enumerate(scene.instances) if one.label != "person"]
    if PASSERS & set(referent.kinds):
        return passers(scene)
    if referent.name is not None:
        return tuple(i for i, one in enumerate(scene.instances) if one.identity == referent.name)
    about_people = not referent.kinds or bool(PERSONS & set(referent.kinds)) or referent.part is not None
    fits = persons if about_people and persons else [] if about_people and referent.kinds else things
    if referent.quantity == "others":
        return _others(referent, scene, persons)
    color = referent.attributes.get("color") or referent.attributes.get("clothes_color")
    if color is not None and referent.part in (None, "clothes") and len(fits) > 1:
        fits = _wearing(color, fits, scene, small) or fits
    if referent.position in ("behind", "front") and len(fits) > 1:
        fits = _depth(fits, scene, referent.position)
    if _looks(referent) and len(fits) > 1:
        return _apart(referent, fits, scene)
    if referent.quantity == "all":
        if referent.position in ("left", "right") and len(fits) > 1:  # 左边的人都去掉
            half = [i for i in fits if (_middle(scene.instances[i])[0] < 0.5) == (referent.position == "left")]
            fits = half or fits
        return tuple(fits)
    return tuple(_placed(referent, fits, scene))


def _looks(referent: Referent) -> bool:
    """Whether words say man or woman, old or young: nothing here can tell that of a person in a photo."""
    return bool({"gender", "age"} & set(referent.attributes))


def _apart(referent: Referent, fits: list[int], scene: Scene) -> tuple[int, ...]:
    """Those of some people who may be meant by 左边的女生, from left to right: of whom only one stands there, that one; else
    all of them, since 最左边的男生 need not be the leftmost of all."""
    if referent.quantity != "one":
        raise OrderError(
            f"「{referent.text}」是哪几位，我看不出来：男女、年纪我分不准。请在照片上点一下他们，再说一遍。",
            f"gender or age of several: {referent}",
        )
    if referent.ordinal is not None or referent.position not in SIDES:
        return tuple(fits)
    low, high = SIDES[referent.position]
    there = [index for index in fits if low <= _middle(scene.instances[index])[0] < high]
    return tuple(there or fits)


def _placed(referent: Referent, fits: list[int], scene: Scene) -> list[int]:
    if not fits or (referent.position in (None, "behind", "front") and referent.ordinal is None):
        return fits
    along = sorted(fits, key=lambda index: _middle(scene.instances[index])[0])
    if referent.position == "right":
        along = along[::-1]
    elif referent.position in ("top", "bottom"):
        along = sorted(
            fits, key=lambda index: _middle(scene.instances[index])[1], reverse=referent.position == "bottom"
        )
    elif referent.position == "center":
        centre = 0.5
        along = sorted(fits, key=lambda index: abs(_middle(scene.instances[index])[0] - centre))
    number = referent.ordinal or 1
    if not 1 <= abs(number) <= len(along):
        return []
    if number > 0 and (count := _count(referent)) > 1:  # 左边两个
        return sorted(along[number - 1 : number - 1 + count])
    return [along[number - 1 if number > 0 else number]]


def _count(referent: Referent) -> int:
    """How many are meant: 2 of 左边两个."""
    count = referent.attributes.get("count", "1")
    return int(count) if count.isdigit() else 1


def _middle(one: Instance) -> tuple[float, float]:
    x0, y0, x1, y1 = one.face.box if one.face is not None else one.box
    return (x0 + x1) / 2, (y0 + y1) / 2


def _wearing(color: str, fits: list[int], scene: Scene, small: Pixels) -> list[int]:
    """Who wears a colour: every one in whom it is clear, or the one who leads."""
    shares = {}
    for index in fits:
        one = scene.instances[index]
        where = torso(one, small.shape[:2])
        if where.sum() < 20:
            where = resized(one.mask, small.shape[:2]) > 0.5
        shares[index] = hues.fit(hues.named(small, where), color)
    best = max(shares.values())
    if best < CLEAR / 2:
        return []
    return [index for index in fits if shares[index] >= max(CLEAR / 2, min(CLEAR, best), best - 2 * AHEAD)]


def heads(scene: Scene) -> dict[int, float]:
    """Sizes of the heads of all persons who have one, in shares of the photo's height."""
    sized = {index: head(one, scene.size) for index, one in enumerate(scene.instances) if one.label == "person"}
    return {index: seen.size / scene.size[0] for index, seen in sized.items() if seen is not None}


def group(scene: Scene) -> tuple[int, ...]:
    """The people whom the photo is of: everybody who looks out of it at a size not far below that of the largest."""
    sizes = heads(scene)
    facing = {index: size for index, size in sizes.items() if scene.instances[index].face is not None}
    if not facing:
        return tuple(sizes) if len(sizes) == 1 else ()
    typical = float(np.median([size for size in facing.values() if size >= SMALL * max(facing.values())]))
    return tuple(index for index, size in facing.items() if size >= SMALL * typical)


def passers(scene: Scene) -> tuple[int, ...]:
    """Everybody whom the photo is not of: small, behind, without a visible face. Where no face is seen it is a street."""
    of = set(group(scene)) if any(one.face is not None for one in scene.persons) else set()
    return tuple(index for index, one in enumerate(scene.instances) if one.label == "person" and index not in of)


def _depth(fits: list[int], scene: Scene, position: str) -> list[int]:
    """Who stands behind (smaller, or higher with the body hidden) or in front."""
    sizes = heads(scene)
    typical = float(np.median([sizes[i] for i in fits if i in sizes] or [0.1]))
    behind = [i for i in fits if i in passers(scene)]
    if not behind:
        rows = {i: _middle(scene.instances[i])[1] for i in fits}
        middle = float(np.median(list(rows.values())))
        higher = [i for i in fits if rows[i] < middle - TALL * typical or scene.instances[i].visible < 0.5]
        behind = higher or [min(fits, key=lambda i: sizes.get(i, typical))]
    if position == "behind":
        return behind
    front = [i for i in fits if i not in behind]
    lower = [i for i in front if _middle(scene.instances[i])[1] > max(_middle(scene.instances[j])[1] for j in behind)]
    return lower or front


def _others(referent: Referent, scene: Scene, persons: list[int]) -> tuple[int, ...]:
    """Everybody but the one who was named or recognised; without one, everybody whom the photo is not of."""
    known = [index for index in persons if scene.instances[index].identity is not None]
    if known:
        return tuple(index for index in persons if index not in known)
    if referent.position is not None:
        kept = _placed(referent, persons, scene)
        return tuple(index for index in persons if index not in kept)
    of = group(scene)
    return tuple(index for index in persons if index not in of)


def _plural(referent: Referent) -> bool:
    return referent.position is None and referent.ordinal is None and bool(PASSERS & set(referent.kinds))


# --- questions back ---------------------------------------------------------------------------------------------------
def words_for(scene: Scene, indices: Sequence[int]) -> list[str]:
    """What to call each of some persons in a question: 左边第二个, 中间那个, a recognised name."""
    count = len(indices)
    called = []
    for place, index in enumerate(indices):
        if (name := scene.instances[index].identity) is not None:
            called.append(name)
        elif place == 0:
            called.append("最左边那个" if count > 2 else "左边那个")
        elif place == count - 1:
            called.append("最右边那个" if count > 2 else "右边那个")
        elif count == 3:
            called.append("中间那个")
        elif place < count / 2:
            called.append(f"左边第{NUMBERS[place]}个" if place < len(NUMBERS) else f"左边第{place + 1}个")
        else:
            back = count - 1 - place
            called.append(f"右边第{NUMBERS[back]}个" if back < len(NUMBERS) else f"右边第{back + 1}个")
    return called


def question(
    referent: Referent,
    scene: Scene,
    small: Pixels,
    found: Sequence[int],
    asked: str | None = None,
    unheard: bool = False,
) -> Ambiguous:
    """The question which of several is meant, with numbered faces."""
    words = words_for(scene, found)
    choices = [
        Choice(place, word, scene.instances[index].box)
        for place, (index, word) in enumerate(zip(found, words, strict=True))
    ]
    said = f"「{referent.text}」" if referent.text else ""
    sentence = asked or f"照片里有{len(found)}个，{said}指的是哪一个？点一下编号就行。"
    picture = tags.numbered(small, [scene.instances[index] for index in found])
    return Ambiguous(sentence, f"{len(found)} fit {referent}", choices, unheard=unheard, picture=picture)


def nobody(referent: Referent, scene: Scene, small: Pixels) -> OrderError:
    """The error for a phrase that nothing in the photo fits: who is there, if somebody is."""
    persons = [index for index, one in enumerate(scene.instances) if one.label == "person"]
    if PASSERS & set(referent.kinds):
        return OrderError(
            "没有看到路人：照片里的人都像是一起合影的。想去掉谁，请说位置，比如「去掉最右边的人」。", "no passers"
        )
    if not persons:
        return OrderError("照片里没有看到人。想改哪里，请在照片上点一下，或者换一张照片。", f"nobody for {referent}")
    if referent.name is not None:
        asked = (
            f"照片里没认出{referent.name}。是哪一位？点一下编号；要是不在照片里，可以说「把{referent.name}加进来」。"
        )
        return question(referent, scene, small, persons, asked, unheard=True)
    if referent.kinds and not PERSONS & set(referent.kinds):
        return OrderError(
            f"我认不出「{referent.text}」在哪儿。请在照片上点一下它，再说一遍就行。",
            f"a thing nobody can name: {referent}",
        )
    if referent.ordinal is not None:
        return OrderError(f"照片里只看到{len(persons)}个人，没有{referent.text}。", f"no such number: {referent}")
    return question(referent, scene, small, persons, f"没找到「{referent.text}」。是下面哪一个？点一下编号就行。", True)
