"""Whom of the persons in a photo words or taps mean: by place, by number, by name; and what to call them in a question.

Nothing here can tell a woman from a man: where only that would decide, several stay possible.
"""

from collections.abc import Sequence

from pipeline.vision.scene import Floats, Instance
from storage.plans import Referent

PERSONS = frozenset(
    (
        *(
            "person",
            "people",
            "human",
            "somebody",
            "figure",
            "man",
            "woman",
            "boy",
            "girl",
            "child",
            "kid",
            "baby",
            "lady",
        ),
        *("guy", "friend", "grandmother", "grandfather", "bride", "groom", "old person"),
    )
)
PASSERS = "passer-by"
SMALL = 0.62  # of the largest face: whose face is smaller, or not seen, only happened to be there
NUMBERS = "一二三四五六七八九十"


def tapped(persons: Sequence[Instance], points: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """Who is under some taps, (x, y) in shares of the photo; each once."""
    hit = [index for x, y in points for index, one in enumerate(persons) if _value(one.mask, x, y) > 0.5]
    return tuple(dict.fromkeys(hit))


def candidates(referent: Referent, persons: Sequence[Instance], position: str | None = None) -> tuple[int, ...]:
    """Who may be meant, as indices from left to right; () for nobody. `position`: where they stand, if the words do not
    say that themselves."""
    everybody = tuple(range(len(persons)))
    if referent.name is not None:
        return tuple(index for index in everybody if persons[index].identity == referent.name)
    if PASSERS in referent.kinds:
        return _passers(persons)
    if referent.kinds and not PERSONS & set(referent.kinds):
        return ()
    where = referent.position or position
    if referent.quantity == "all":
        if where in ("left", "right"):
            return tuple(i for i in everybody if (_middle(persons[i]) < 0.5) == (where == "left")) or everybody
        return everybody
    if referent.quantity == "others":
        kept = _counted(where, referent.ordinal, len(persons))
        known = {i for i in everybody if persons[i].identity is not None} | ({kept} if kept is not None else set())
        return tuple(i for i in everybody if i not in known) if known else _passers(persons)
    if where in ("behind", "front"):
        back = max(everybody, key=lambda i: persons[i].rank, default=None)
        front = min(everybody, key=lambda i: persons[i].rank, default=None)
        found = back if where == "behind" else front
        return () if found is None else (found,)
    if where is None and referent.ordinal is None:
        return everybody
    one = counted(referent, len(persons), position)
    return () if one is None else (one,)


def counted(referent: Referent, count: int, position: str | None = None) -> int | None:
    """左起第二个, 最右边那个, 中间的: an index from the left; None when the words give none."""
    return _counted(referent.position or position, referent.ordinal, count)


def called(count: int) -> list[str]:
    """What to call `count` persons from left to right: 左边第二个, 最右边那个."""
    if count == 1:
        return ["那个人"]
    middle = {count // 2: "中间那个"} if count == 3 else {}
    ends = {0: "最左边那个" if count > 2 else "左边那个", count - 1: "最右边那个" if count > 2 else "右边那个"}
    named = ends | middle
    return [named.get(i) or f"左边第{NUMBERS[i] if i < len(NUMBERS) else i + 1}个" for i in range(count)]


def _counted(position: str | None, ordinal: int | None, count: int) -> int | None:
    if position == "center" and ordinal is None:
        return count // 2 if count % 2 else None
    if position not in ("left", "right", None) or (position is None and ordinal is None):
        return None
    number = ordinal if ordinal is not None else 1
    index = number - 1 if number > 0 else count + number
    index = count - 1 - index if position == "right" else index
    return index if 0 <= index < count else None


def _passers(persons: Sequence[Instance]) -> tuple[int, ...]:
    """Whose face is small or not seen, where somebody's is seen well."""
    sizes = [one.face.box[3] - one.face.box[1] if one.face is not None else 0.0 for one in persons]
    largest = max(sizes, default=0.0)
    return tuple(index for index, size in enumerate(sizes) if size < SMALL * largest)


def _middle(one: Instance) -> float:
    return (one.box[0] + one.box[2]) / 2


def _value(mask: Floats, x: float, y: float) -> float:
    height, width = mask.shape
    return float(mask[min(int(y * height), height - 1), min(int(x * width), width - 1)])
