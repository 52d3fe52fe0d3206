"""The sources' hard cases: two people, one behind another, mirrors, places, fine patterns, words that fit two things."""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.case import Case, Check, Random, other, said
from evaluation.orders import SAID_KINDS, Make, photo, recolored
from miniature import draw
from miniature.scenes import COLORS, PATTERNS, PEOPLE, SETTINGS, Scene, fitted
from pipeline.diffusion.words import COLOR_NAMES, NAMES, POSITION_NAMES
from storage.plans import Step

NAMED = tuple(kind for kind in SAID_KINDS if kind not in PEOPLE)


def two_people(rng: Random, key: Sequence[int]) -> Case:
    """One of two people gets other clothes; the other one keeps theirs."""
    case = recolored(rng, photo(rng, key, PEOPLE, 2), int(rng.integers(2)))
    assert case.old is not None
    neighbour = 1 - case.old
    return replace(case, checks=(Check("color", case.old), Check("color", neighbour), Check("kind", neighbour)))


def behind(rng: Random, key: Sequence[int]) -> Case:
    """Somebody stands half hidden behind somebody else; the one behind gets other clothes, the one in front does not."""
    first, second = photo(rng, key, PEOPLE, 2).things
    side = float(rng.choice((-1, 1)))
    back = replace(first, position="left" if side < 0 else "right", x=0.5 + 0.17 * side, foot=0.86, height=0.66)
    front = replace(second, position="right" if side < 0 else "left", x=0.5 - 0.06 * side, foot=0.95, height=0.72)
    scene = Scene(str(rng.choice(list(SETTINGS))), "photo", (back, front), seed=int(rng.integers(1 << 30)))
    color = other(rng, COLORS, back.color, front.color)
    noun = NAMES[back.kind][1]
    return Case(
        "", scene, scene.recolor(0, color), 0, 0,
        Step("recolor", f"{noun}的衣服", color=color, position="behind"),
        f"把后面的{noun}的衣服改成{COLOR_NAMES[color]}",
        (Check("color", 0), Check("color", 1)),
    )  # fmt: skip


def mirror(rng: Random, key: Sequence[int]) -> Case:
    """In a mirror or on the water: the thing and its image both change."""
    if rng.random() < 0.5:
        scene = replace(photo(rng, key, SAID_KINDS, 1), setting="lake")
        thing = scene.things[0]
        scene = replace(scene, things=(fitted(thing, thing.position, 1, rng, 0.72),))
    else:
        side = str(rng.choice(("left", "right")))
        stands = "right" if side == "left" else "left"
        thing = photo(rng, key, SAID_KINDS, 1).things[0]
        scene = Scene("room", "photo", (fitted(thing, stands, 2, rng),), int(rng.integers(1 << 30)), mirror=side)
    case = recolored(rng, scene, 0)
    return replace(case, checks=(Check("color", 0), Check("color", 0, reflected=True)))


def pattern(rng: Random, key: Sequence[int]) -> Case:
    """Clothes with a fine pattern change their colour and keep their pattern."""
    scene = photo(rng, key, PEOPLE)
    i = int(rng.integers(len(scene.things)))
    worn = str(rng.choice(PATTERNS[1:]))
    scene = replace(scene, things=tuple(replace(t, pattern=worn) if j == i else t for j, t in enumerate(scene.things)))
    return replace(recolored(rng, scene, i), checks=(Check("color", i), Check("pattern", i)))


def move(rng: Random, key: Sequence[int]) -> Case:
    """A thing goes to a free place, so far that nothing stands any more where it stood: there the judge is asked."""
    for k in range(99):
        scene = photo(rng, (*key, k))
        scene = replace(scene, things=tuple(fitted(t, t.position, 3, rng) for t in scene.things))
        i = int(rng.integers(len(scene.things)))
        where = str(rng.choice(scene.free()))
        after = scene.move(i, where)
        if not any((draw.mask(scene, i) & mask).any() for mask in draw.masks(after)):
            break
    else:
        raise AssertionError("99 things that cannot leave their place")
    new = next(j for j, thing in enumerate(after.things) if thing.position == where)
    target, position, place = said(scene, i)
    step = Step("move", target, position={"middle": "center"}.get(where, where))
    sentence = f"把{place if position else ''}{target}移到{POSITION_NAMES[where]}"
    return Case("", scene, after, i, new, step, sentence, (Check("kind and color", new), Check("nothing", i)))


def swap(rng: Random, key: Sequence[int]) -> Case:
    """Two things change places."""
    scene = _different(rng, key)
    after = scene.swap(0, 1)
    first, second = (NAMES[thing.kind][1] for thing in scene.things)
    step = Step("swap", first, second)
    checks = tuple(Check("kind and color", i) for i in range(2))
    return Case("", scene, after, 0, 0, step, f"把{first}和{second}换个位置", checks, others=(1,))


def ambiguous(rng: Random, key: Sequence[int]) -> Case:
    """Two of a kind, told apart by their colour: the one that was meant changes, the other one does not."""
    scene = _twins(rng, key)
    i = int(rng.integers(2))
    old, twin = scene.things[i].color, scene.things[1 - i].color
    color, noun = other(rng, COLORS, old, twin), NAMES[scene.things[i].kind][1]
    return Case(
        "", scene, scene.recolor(i, color), i, i,
        Step("recolor", f"{COLOR_NAMES[old]}的{noun}", color=color),
        f"把{COLOR_NAMES[old]}的{noun}改成{COLOR_NAMES[color]}",
        (Check("color", i), Check("color", 1 - i)),
    )  # fmt: skip


def asks(rng: Random, key: Sequence[int]) -> Case:
    """Two of a kind, and nothing says which one is meant: the only right answer is a question."""
    scene = _twins(rng, key)
    color = other(rng, COLORS, *(thing.color for thing in scene.things))
    noun = NAMES[scene.things[0].kind][1]
    step = Step("recolor", noun, color=color)
    return Case("", scene, scene, 0, 0, step, f"把{noun}改成{COLOR_NAMES[color]}", asks=True)


def _different(rng: Random, key: Sequence[int]) -> Scene:
    """Two things of different kinds, each with its own colour."""
    for i in range(99):
        scene = photo(rng, (*key, i), NAMED, 2)
        if len({thing.kind for thing in scene.things}) == len({thing.color for thing in scene.things}) == 2:
            return scene
    raise AssertionError("99 pairs of the same kind")


def _twins(rng: Random, key: Sequence[int]) -> Scene:
    """Two of a kind in two colours."""
    scene = photo(rng, key, (str(rng.choice(NAMED)),), 2)
    first, second = scene.things
    return replace(scene, things=(first, replace(second, color=other(rng, COLORS, first.color))))


HARD: dict[str, Make] = {
    "two_people": two_people,
    "behind": behind,
    "pattern": pattern,
    "mirror": mirror,
    "move": move,
    "swap": swap,
    "ambiguous": ambiguous,
    "asks": asks,
}
