"""One step of a plan + what is in the photo → what the model is told: source prompt, target prompt, which words differ.

A step is carried out on the description first (`Seen`): the cat in it becomes a dog, and both captions follow. So
whatever a model's captions can say, a step can change, and what they cannot is said before anything is drawn.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.diffusion import words
from pipeline.diffusion.attributes import about_clothes, changeable, thing_for, with_slots
from pipeline.diffusion.captions import Fits, Pairs, captions, pairs
from pipeline.diffusion.grounding import PromptError, Taught, middle, select, taught_as
from pipeline.diffusion.meaning import Asked
from pipeline.diffusion.names import say
from pipeline.diffusion.vocabulary import PLACES, Seen, Thing, Vocabulary, content_words
from pipeline.engine import Offer
from pipeline.imaging.composite import Box, Floats, hull
from storage.plans import STYLES, Step

EVERYWHERE: Box = (0.0, 0.0, 1.0, 1.0)
SAID_OF = {"middle": "center"}  # places as a plan says them
BEHIND = 0.14  # how far something new may stand behind its neighbour, as a share of the picture


@dataclass(frozen=True, slots=True)
class Outline:
    """Where exactly a real photo may change, as (H, W) in [0, 1] each: `area`: there; `stays`: whose pixels are kept whatever
    happens; `shape`: where the thing that it is about is seen, None for what is not there yet."""

    area: Floats
    stays: Floats
    shape: Floats | None


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the model is told. `words`: (source word | None, target word | None) for those that differ; `box`: where the
    photo may change, in shares of it; `index`: the thing it is about, in `Seen.things`; `description`: the step in Chinese;
    `newcomer`: who or what comes into the photo, at its place; `gone`: the thing that it is about goes altogether; `outline`:
    of a real photo, where within the box."""

    source: str
    target: str
    words: Pairs
    box: Box
    index: int | None
    description: str
    newcomer: Thing | None = None
    gone: bool = False
    outline: Outline | None = None
    manner: str = ""  # the operation whose preset fits better than the step's own: new clothes are no new shape


def prompts(
    asked: Asked,
    seen: Seen,
    vocabulary: Vocabulary,
    concepts: Mapping[str, Taught] | None = None,
    choice: int | None = None,
    fits: Fits = lambda text: True,
) -> Prompts:
    """The prompts for a step (any operation but `move`, which takes two).

    `concepts`: the user's, by name; `choice`: the answer to an earlier Ambiguous; `fits`: whether a prompt is short
    enough. Raises PromptError (Ambiguous among them) with a sentence that offers the nearest thing that can be done.
    """
    return _OPERATIONS[asked.step.operation](asked, seen, vocabulary, dict(concepts or {}), choice, fits)


def emptied(seen: Seen, gone: Collection[int], vocabulary: Vocabulary, fits: Fits = lambda text: True) -> Prompts:
    """The prompts when all of these things are taken away at once; `box` is about them all. The target names nobody: told
    who else is in the photo, the model would draw them into the free place, too."""
    source, target = captions(seen, replace(seen, things=()), vocabulary, fits)
    changed = tuple(pair for i in gone for pair in pairs(seen.things[i], None, vocabulary, source, target))
    return Prompts(source, target, changed, hull([seen.things[i].box for i in gone]), None, "")


# -- the operations ----------------------------------------------------------------------------------------------------


def _replace(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: dict[str, Taught], choice: int | None, fits: Fits
) -> Prompts:
    step, index = asked.step, select(asked, seen, vocabulary, concepts, choice)
    old, meaning = seen.things[index], asked.target
    if (meaning.part and not meaning.thing) or about_clothes(asked.content):  # 把衣服换成红色旗袍
        slots = {**asked.content.slots, **({"color": step.color} if step.color else {})}
        if meaning.part == "hair_color" and "color" in slots:
            slots["hair_color"] = slots.pop("color")
        new = with_slots(old, slots, vocabulary, step.content)
    else:
        new = thing_for(asked, vocabulary, concepts, old)
    new = replace(new, position=old.position, box=old.box)
    prompts = _changed(seen, index, new, vocabulary, fits, f"把{say(old)}换成{_called(step, new)}")
    if new.kind == old.kind and not new.word:
        return replace(prompts, manner="modify")
    return replace(prompts, box=_space(old), newcomer=new)


def _recolor(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: dict[str, Taught], choice: int | None, fits: Fits
) -> Prompts:
    step, index = asked.step, select(asked, seen, vocabulary, concepts, choice)
    old, meaning = seen.things[index], asked.target
    color = step.color or asked.content.slots.get("color")
    if color is None:
        raise PromptError("想改成什么颜色？请告诉我，比如“改成蓝色”。", "no colour")
    about_hair = meaning.part == "hair_color" and "hair_color" in old.slots
    new = with_slots(old, {"hair_color" if about_hair else "color": color}, vocabulary, words.COLOR_NAMES[color])
    part = "头发" if about_hair else ""
    return _changed(seen, index, new, vocabulary, fits, f"把{say(old)}{part}改成{words.COLOR_NAMES[color]}")


def _modify(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: dict[str, Taught], choice: int | None, fits: Fits
) -> Prompts:
    step, meaning = asked.step, asked.content
    if meaning.setting and not meaning.slots and not meaning.thing:
        return _background(asked, seen, vocabulary, concepts, choice, fits)
    slots = {**meaning.slots, **({"color": step.color} if step.color and not meaning.slots else {})}
    if step.color and "hair" in slots:
        slots = {slot: value for slot, value in slots.items() if slot != "color"} | {"hair_color": step.color}
    if not slots:
        can = changeable(vocabulary)
        raise PromptError(
            f"我还不会“{step.content or ''}”这种改动。现在能改的有：{can}，还有背景和画风。", "cannot modify"
        )
    if "expression" in slots and not any(vocabulary.slots.get("expression", ())):
        can = changeable(vocabulary)
        raise PromptError(f"现在的模型还不会画表情。能改的有：{can}。", "the model knows no expressions")
    index = select(asked, seen, vocabulary, concepts, choice)
    old = seen.things[index]
    new = with_slots(old, slots, vocabulary, step.content)
    if "expression" in slots:
        called = words.SLOT_NAMES["expression"].get(new.slots["expression"], "平静")
        return _changed(
            seen, index, new, vocabulary, fits, f"让{say(replace(old, slots=_calm(old)))}变成{called}的表情"
        )
    return _changed(
        seen, index, new, vocabulary, fits, f"给{say(old)}改成{step.content or words.COLOR_NAMES[slots['color']]}"
    )


def _calm(thing: Thing) -> dict[str, str]:
    """What is said of a thing, without its face."""
    return {slot: value for slot, value in thing.slots.items() if slot != "expression"}


def _insert(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: dict[str, Taught], choice: int | None, fits: Fits
) -> Prompts:
    step, new = asked.step, thing_for(asked, vocabulary, concepts)
    free = [place for place in vocabulary.positions if place not in {thing.position for thing in seen.things}]
    place = "middle" if step.position == "center" else step.position or ""
    if place not in vocabulary.positions:
        if not free:
            raise PromptError("照片里左、中、右都站满了，请先去掉一个，或者说要换掉哪个。", "no free place")
        place = max(
            free, key=lambda where: min([abs(middle(PLACES[where]) - middle(t.box)) for t in seen.things] or [0])
        )
    elif place not in free:
        where = "、".join(words.POSITION_NAMES[other] for other in free)
        there = words.POSITION_NAMES[place]
        hint = f"可以放在{where}，或者说“把{there}的换掉”。" if free else "请先去掉一个再加。"
        raise PromptError(
            f"{there}已经有{say(_standing(seen, place), place=False)}了，{hint}",
            "place taken",
            [Offer(f"放在{words.POSITION_NAMES[one]}", {"position": SAID_OF.get(one, one)}) for one in free],
        )
    new = replace(new, position=place, box=_room(place, seen))
    order = list(vocabulary.positions)
    index = sum(order.index(thing.position) < order.index(place) for thing in seen.things)
    after = replace(seen, things=(*seen.things[:index], new, *seen.things[index:]))
    source, target = captions(seen, after, vocabulary, fits, len(seen.things), index)
    where = words.POSITION_NAMES[place]
    return Prompts(
        source,
        target,
        pairs(None, new, vocabulary, source, target),
        new.box,
        None,
        f"在{where}加上{_called(step, new)}",
        new,
    )


def _remove(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: dict[str, Taught], choice: int | None, fits: Fits
) -> Prompts:
    step = asked.step
    if seen.passers and choice is None and _about_passers(asked):
        after = replace(seen, around=tuple(name for name in seen.around if name != "passers"), passers=None)
        source, target = captions(replace(seen, around=(*after.around, "passers")), after, vocabulary, fits)
        gone = content_words(vocabulary.around["passers"])
        return Prompts(source, target, ((gone, None),), seen.passers, None, "去掉后面的路人")
    if asked.target.passers and choice is None and seen.things:  # never somebody whom the photo is of
        where = say(seen.things[0])
        raise PromptError(f"后面没有看到路人。想去掉谁，请说是哪一个，比如“去掉{where}”。", "no passers seen")
    index = select(asked, seen, vocabulary, concepts, choice)
    old, meaning = seen.things[index], asked.target
    if not meaning.thing and meaning.slots.keys() & {"accessory", "pattern"}:  # 把帽子去掉
        new = with_slots(old, dict.fromkeys(meaning.slots, ""), vocabulary, step.target)
        return _changed(seen, index, new, vocabulary, fits, f"去掉{say(old)}的{step.target}")
    after = seen.with_thing(index, None)
    source, target = captions(seen, after, vocabulary, fits, index, len(seen.things))
    changed = pairs(old, None, vocabulary, source, target)
    return Prompts(source, target, changed, old.box, index, f"去掉{say(old)}", gone=True)


def _about_passers(asked: Asked) -> bool:
    """Whether a step is about people in the background rather than about those whom the photo is of."""
    people = set(asked.target.kinds) & {"girl", "boy"}
    return asked.target.passers or (asked.step.position == "behind" and bool(people))


def _restyle(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: dict[str, Taught], choice: int | None, fits: Fits
) -> Prompts:
    step = asked.step
    taught = taught_as(step.concept or step.content, concepts)
    style = step.style or asked.content.style or ""
    if taught:
        style, begins, called = "", f"a {taught.word} of", step.concept or step.content or ""
    elif style in vocabulary.styles:
        begins, called = vocabulary.styles[style], words.STYLE_NAMES.get(style, style)
    else:
        wanted = words.STYLE_NAMES.get(style, step.concept or step.content or "这种风格")
        known = [name for name in vocabulary.styles if name in words.STYLE_NAMES and name != seen.style]
        offers = "、".join(words.STYLE_NAMES[name] for name in known)
        raise PromptError(
            f"我还不会画{wanted}，可以换成{offers}，也可以发几张图教我。",
            f"cannot draw in style {style!r}",
            [_style_offer(name) for name in _near_styles(style, known)[:4]],
        )
    if style and style == seen.style:
        raise PromptError(f"这张照片看起来已经是{called}了，换一种风格试试？", f"already {style}")
    source, target = captions(seen, replace(seen, style=style or begins), vocabulary, fits)
    old = content_words(vocabulary.styles.get(seen.style, seen.style))
    return Prompts(source, target, ((old, content_words(begins)),), EVERYWHERE, None, f"改成{called}风格")


def _background(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: dict[str, Taught], choice: int | None, fits: Fits
) -> Prompts:
    step, setting = asked.step, asked.content.setting or ""
    if setting not in vocabulary.settings:
        setting = words.SAME_SETTINGS.get(setting, setting)
    if setting not in vocabulary.settings:
        others = [name for name in vocabulary.settings if name != seen.setting]
        near = [name for name in words.NEAR_SETTINGS.get(setting, ()) if name in others]
        known = [words.SETTING_NAMES.get(name, name) for name in dict.fromkeys((*near, *others))]
        raise PromptError(
            f"我还画不出{step.content or '这种背景'}，背景可以换成：{'、'.join(known)}。",
            f"no setting {setting!r}",
            [Offer(name, {"content": name}) for name in known[:4]],
        )
    if setting == seen.setting:
        called = words.SETTING_NAMES.get(setting, setting)
        raise PromptError(f"这张照片的背景看起来已经是{called}了，换一个试试？", f"already {setting}")
    # a mirror stays in its room, passers-by in their street
    elsewhere = replace(seen, setting=setting, around=(), passers=None)
    source, target = captions(seen, elsewhere, vocabulary, fits)
    old, new = (content_words(vocabulary.settings[name]) for name in (seen.setting, setting))
    description = f"背景换成{words.SETTING_NAMES.get(setting, setting)}"
    return Prompts(source, target, ((old, new),), EVERYWHERE, None, description)


_Operation = Callable[[Asked, Seen, Vocabulary, dict[str, Taught], int | None, Fits], Prompts]
_OPERATIONS: dict[str, _Operation] = {
    "replace": _replace,
    "recolor": _recolor,
    "modify": _modify,
    "insert": _insert,
    "remove": _remove,
    "restyle": _restyle,
    "background": _background,
}


# -- what they share ---------------------------------------------------------------------------------------------------


def _changed(seen: Seen, index: int, new: Thing, vocabulary: Vocabulary, fits: Fits, description: str) -> Prompts:
    """The prompts when thing `index` becomes `new`."""
    old = seen.things[index]
    if new == old:
        raise PromptError(f"{say(old)}看起来已经是这样了，换个改法试试？", "nothing would change")
    source, target = captions(seen, seen.with_thing(index, new), vocabulary, fits, index, index)
    return Prompts(source, target, pairs(old, new, vocabulary, source, target), old.box, index, description)


def _near_styles(style: str, known: Sequence[str]) -> list[str]:
    """Known styles, those most like the one that was asked for first."""
    near = [name for name in words.NEAR_STYLES.get(style, ()) if name in known]
    return [*near, *(name for name in known if name not in near)]


def _style_offer(style: str) -> Offer:
    """Another style; those that a plan has no id for are said by their name."""
    called = words.STYLE_NAMES[style]
    known = style in STYLES
    return Offer(called, {"style": style if known else None, "content": None if known else called, "concept": None})


def _standing(seen: Seen, place: str) -> Thing:
    return next(thing for thing in seen.things if thing.position == place)


def _room(place: str, seen: Seen) -> Box:
    """The box of a place, as far as nothing stands in it, and a little behind what stands beside it; at least a fifth of
    the picture wide."""
    x0, y0, x1, y1 = PLACES[place]
    center = (x0 + x1) / 2
    for thing in seen.things:
        if middle(thing.box) < center:
            x0 = min(max(x0, thing.box[2] - BEHIND), center - 0.1)
        else:
            x1 = max(min(x1, thing.box[0] + BEHIND), center + 0.1)
    return x0, y0, x1, y1


def _space(old: Thing) -> Box:
    """Where a thing of any shape can stand in place of `old`: on its foot, as large as things come."""
    x0, y0, x1, y1 = old.box
    center, foot = (x0 + x1) / 2, y1
    return max(0.0, min(x0, center - 0.23)), max(0.0, min(y0, foot - 0.8)), min(1.0, max(x1, center + 0.23)), foot


def _called(step: Step, new: Thing) -> str:
    """What comes in, for the answer: the taught name, or the thing with what is said of it."""
    return step.concept or (say(new, place=False) if not new.word else step.content or "")
