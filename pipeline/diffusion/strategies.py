"""⑦ One step on one photo: look, prompts, method, back into the photo. A generator of Progress that returns a Edited.

The photo may have any size. What is local is done in a square crop around the thing, what concerns the whole picture
in one or several windows; outside the edit every pixel stays the user's own (see compose.py). Nothing here knows
storage: the cache of inversions is any mapping.
"""

import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from torch import Tensor

from pipeline.diffusion import insertion, segmentation
from pipeline.diffusion.attributes import turned
from pipeline.diffusion.choice import method_for
from pipeline.diffusion.foreground import besides, standing, within_shape
from pipeline.diffusion.grounding import Taught, half_hidden, middle, taught_as
from pipeline.diffusion.method_runner import Order, views, work_on
from pipeline.diffusion.methods import METHODS, EditError
from pipeline.diffusion.open_vocabulary import open_prompts
from pipeline.diffusion.perception import likeness, look, overlooked, vocabulary_of, window_features
from pipeline.diffusion.phrases import say
from pipeline.diffusion.presets import STEADY, STRENGTHS, recipe_for, seen_twice
from pipeline.diffusion.prompts import EVERYWHERE, Prompts, emptied, prompts
from pipeline.diffusion.rearrange import goings, set_down, touching
from pipeline.diffusion.reflections import echoed, on_water, whole_place
from pipeline.diffusion.reflections import images as doubled
from pipeline.diffusion.toolkit.lora import Lora, adapted
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations, token_ids
from pipeline.diffusion.toolkit.pseudo_tokens import wear
from pipeline.diffusion.vocabulary import Seen, Vocabulary
from pipeline.diffusion.windows import model_view, survey, third, within
from pipeline.engine import Cache, Edited, Progress, Unfamiliar, one_of
from pipeline.imaging import composite
from pipeline.imaging.color_transfer import carried
from pipeline.imaging.composite import Crop, Floats, Pixels
from pipeline.imaging.segmentation import whole, without_rim
from storage.plans import Step

__all__ = ["STRANGE", "Known", "edit", "survey", "wearing"]


LEARNT_STYLE = "style_transfer"  # what puts a taught style on a photo
STRANGE = 0.5  # a photo less familiar than this is not of the model's world


@dataclass(frozen=True, slots=True)
class Known:
    """A taught concept to wear: how prompts speak of it, its vectors (n, D), what the judge made of its photos, one unit
    vector (D',), None if unknown, the weights that it has beside its vectors, if any, and of a style how its pictures are
    painted (see toolkit/texture.py), empty if unknown."""

    taught: Taught
    vectors: Tensor
    view: Tensor | None = None
    lora: Lora = field(default_factory=dict)
    look: tuple[float, ...] = ()


@contextmanager
def wearing(sd: StableDiffusion, known: Collection[Known]) -> Generator[None]:
    """Within the block prompts may call these concepts by their words, and the UNet wears the weights of them all."""
    vectors = {one.taught.word: one.vectors.to(sd.device) for one in known}
    with wear(sd, vectors), adapted(sd.unet, [one.lora for one in known if one.lora]):
        yield


def edit(
    sd: StableDiffusion,
    photo: Pixels,
    step: Step,
    *,
    concepts: Mapping[str, Known] | None = None,
    method: str | None = None,
    strength: float | None = None,
    amount: float = 1.0,
    seed: int = 0,
    choice: int | None = None,
    inversion: str | None = None,
    steps: int | None = None,
    cache: Cache | None = None,
) -> Generator[Progress, None, Edited]:
    """Carry out one step on a photo (H, W, 3) uint8.

    concepts   the user's taught concepts by name
    method     a name in METHODS; None: the best measured on this model, else the recipe's
    strength   of the method; None: what the step says (slight, normal, strong); `amount` (再明显一点) multiplies it
    choice     which of several things is meant, as an index of the Ambiguous error's choices
    inversion  "direct", "null_text", …; None: the method's default;  steps: None: the model's own
    cache      keeps inversions between edits of a photo

    Raises Unfamiliar, PromptError (Ambiguous among them), EditError, each with a Chinese sentence.
    """
    began, count, vocabulary = time.monotonic(), evaluations(sd), vocabulary_of(sd.name)
    known = dict(concepts or {})
    if method is not None and method not in METHODS:
        raise EditError(f"没有叫 {method} 的方法，可用的有：{'、'.join(METHODS)}。", f"unknown method {method!r}")
    operation = "remove" if step.operation == "move" else step.operation
    if method is not None and operation not in METHODS[method].operations:
        raise EditError(
            f"「{METHODS[method].title}」做不了这件事，换一种方法，或者不指定方法，让我来选。",
            f"{method} does not serve {operation}",
        )
    yield Progress(0, 1, "看照片")
    seen = survey(sd, photo, vocabulary)
    if seen.familiar < STRANGE:
        raise Unfamiliar(
            "这张照片不像我学过的小世界，硬改只会变成一团糊。现在用的是演示的小模型，只会画它自己的卡通小世界：可以先用样例照片试试，"
            "要改真实照片，请按说明换上 Stable Diffusion 模型。",
            f"familiar {seen.familiar:.2f}",
        )
    if choice is None and (kinds := half_hidden(step, seen, vocabulary)):
        seen, choice = overlooked(sd, photo, seen, kinds, vocabulary)
    taught = {name: _compared(sd, photo, seen, one) for name, one in known.items()}
    seen = replace(seen, things=tuple(replace(thing, box=whole(photo, thing.box)) for thing in seen.things))
    recipe = recipe_for(operation, method or _best(sd, operation, step, taught, seed))
    style = taught_as(step.concept or step.content, taught) if operation == "restyle" else None
    painted = next((one.look for one in known.values() if style and one.taught.word == style.word), ())
    if painted and method in (None, LEARNT_STYLE):  # words say little of a style that the model never saw
        recipe = recipe_for(operation, LEARNT_STYLE)
        recipe = replace(recipe, options={**recipe.options, "look": painted})
    scale = STRENGTHS[step.strength] if strength is None else strength
    order = Order(recipe, method, scale * amount, seed, inversion, steps or vocabulary.steps, cache)
    with wearing(sd, known.values()):
        if step.operation == "move":
            work = _move(sd, photo, step, seen, vocabulary, taught, choice, order)
        else:
            work = _step(sd, photo, step, seen, vocabulary, known, taught, choice, order)
        picture = yield from work
    facts = {
        "operation": step.operation,
        "method": recipe.method,
        "things": [{"kind": thing.kind, "words": say(thing), "box": thing.box} for thing in seen.things],
        "seen": seen.prompt,
        "familiar": round(seen.familiar, 3),
        "strength": order.strength,
        **picture.facts,
        "unet_forward": count.forward,
        "unet_backward": count.backward,
        "seconds": round(time.monotonic() - began, 2),
    }
    return replace(picture, facts=facts)


def _best(sd: StableDiffusion, operation: str, step: Step, taught: Mapping[str, Taught], seed: int) -> str | None:
    """The method measured best for an operation; None for the recipe's own, where nothing was measured, or where another
    picture is wanted and the best one knows nothing of noise."""
    best = method_for(sd, operation, named=_names(step, taught))
    return None if seed and best in STEADY else best


def _names(step: Step, taught: Mapping[str, Taught]) -> bool:
    """Whether a step speaks of something taught by its name."""
    return any(taught_as(word, taught) for word in (step.target, step.content, step.concept))


def _compared(sd: StableDiffusion, photo: Pixels, seen: Seen, known: Known) -> Taught:
    """A concept, and how much each thing in the photo looks like it."""
    if known.view is None or sd.clip is None or not seen.things:
        return known.taught
    height, width = photo.shape[:2]
    views = window_features(sd.clip, photo, [composite.square(thing.box, height, width) for thing in seen.things])
    return replace(known.taught, likeness=tuple((views @ known.view.to(views)).tolist()))


def _step(
    sd: StableDiffusion,
    photo: Pixels,
    step: Step,
    seen: Seen,
    vocabulary: Vocabulary,
    known: Mapping[str, Known],
    taught: Mapping[str, Taught],
    choice: int | None,
    order: Order,
) -> Generator[Progress, None, Edited]:
    """A step that one pair of prompts says, on the crop or the windows that it concerns."""
    height, width = photo.shape[:2]
    vocabulary = turned(vocabulary, order.seed)  # another picture of the same order shows other details

    def say_it(view: Seen, step: Step = step, choice: int | None = choice) -> Prompts:
        if vocabulary.open:
            return open_prompts(step, view, taught, sd.name)
        return prompts(
            step, view, vocabulary, taught, choice, fits=lambda text: len(token_ids(sd, text)) <= sd.tokens - 2
        )

    told = say_it(seen)
    old = None if told.index is None else seen.things[told.index]
    if order.named is None and insertion.arrives(seen, told.newcomer, old, vocabulary):
        if told.newcomer is not None and not order.seed:  # another seed already shows another colour
            told = replace(told, newcomer=insertion.natural(told.newcomer, old, step))
        came = yield from _arrival(sd, photo, seen, told, vocabulary, known, order)
        if came is not None:
            return came
    if told.manner:
        best = order.named or _best(sd, told.manner, step, taught, order.seed)
        order = replace(order, recipe=recipe_for(told.manner, best))
    crops = composite.windows(height, width)
    facts: dict[str, Any] = {"told": told.told, "source": told.source, "target": told.target, "words": told.words}
    facts["method"] = order.recipe.method
    if told.gone and told.index is not None:
        image, touched, said = yield from _emptied(sd, photo, seen, [told.index], vocabulary, order, mirrors=True)
        return Edited(image, touched, facts | said)
    if told.box != EVERYWHERE:
        return (yield from _in_place(sd, photo, step, seen, told, say_it, vocabulary, order, facts))
    if step.operation == "background" and len(crops) == 1 and seen.things and not vocabulary.open:
        # The new setting is drawn with nobody in it: told of somebody who cannot be seen yet, the model would draw them,
        # too, larger or beside themselves. Then they are set into it with their own pixels.
        alone = say_it(replace(seen, things=()))
        stays = standing(photo, seen.things)
        made = yield from work_on(
            sd, model_view(sd, photo, crops[0]), alone, np.ones((sd.size,) * 2, np.float32), order
        )
        new, _ = composite.put(photo, crops[0], *views(sd, photo, crops[0], made), None)
        own = without_rim(photo, stays)
        image = np.rint(new + stays[..., None] * (own - new)).astype(np.uint8)
        touched = np.maximum(1 - stays, (own != photo).any(2))
        return Edited(image, touched, facts | {"source": alone.source, "target": alone.target} | made.facts)
    pictures: list[tuple[Floats, Floats]] = []
    merged: dict[str, Any] = {}
    for i, crop in enumerate(crops):
        view = seen if len(crops) == 1 else look(sd, model_view(sd, photo, crop), vocabulary)
        window = told if len(crops) == 1 else say_it(view)
        work = work_on(sd, model_view(sd, photo, crop), window, None, order)
        made = yield from one_of(work, i, len(crops))
        plain, edited = views(sd, photo, crop, made)
        pictures.append((plain, edited))
        merged |= made.facts
    if len(crops) > 1:
        image = composite.stitch(photo, crops, tuple(edited for _, edited in pictures))
        return Edited(image, np.ones((height, width), np.float32), facts | merged)
    plain, edited = pictures[0]
    new = None if order.recipe.whole else composite.changed(plain, edited)
    image, mask = composite.put(photo, crops[0], plain, edited, new)
    return Edited(image, mask, facts | merged)


def _in_place(
    sd: StableDiffusion,
    photo: Pixels,
    step: Step,
    seen: Seen,
    told: Prompts,
    say_it: Callable[[Seen, Step, int | None], Prompts],
    vocabulary: Vocabulary,
    order: Order,
    facts: dict[str, Any],
) -> Generator[Progress, None, Edited]:
    """A step about one thing, or one place, on the crop about it."""
    height, width = photo.shape[:2]
    index, shape, places = told.index, None, [told.box]
    stays = np.zeros((height, width), np.float32)
    if index is not None:
        stays, shape, own = whole_place(photo, seen, index, vocabulary)
        places += own[1:]
        if len(own) > 1:  # its image in mirror or water changes, too
            order = replace(order, recipe=seen_twice(order.recipe))
    elif seen.things:  # they stand in front and stay as they are
        stays = standing(photo, seen.things, middle(told.box))
    crop = composite.around(composite.hull(places), height, width, sd.size)
    if crop != Crop(0, 0, width, height):
        view, inside = within(seen, crop, index, height, width, vocabulary)
        place = third(middle(composite.box_in(crop, told.box, height, width)), vocabulary)
        there = replace(step, position={"middle": "center"}.get(place, place)) if index is None else step
        told = replace(say_it(view, there, inside), box=told.box, told=told.told)
        facts |= {"source": told.source, "target": told.target, "crop": (crop.x, crop.y, crop.width, crop.height)}
    boxes = [composite.box_in(crop, place, height, width) for place in places]
    region = composite.regions(boxes, sd.size, order.recipe.grow) * (1 - composite.take(stays, crop, sd.size))
    seen_there = None if shape is None else composite.take(shape, crop, sd.size)
    made = yield from work_on(sd, model_view(sd, photo, crop), told, region, order, seen_there)
    plain, edited = views(sd, photo, crop, made)
    carry = carried if order.recipe.colors else None
    image, mask = composite.put(photo, crop, plain, edited, composite.changed(plain, edited, region), carry)
    if order.recipe.colors and shape is not None:
        image, mask = within_shape(photo, image, mask, shape)
    return Edited(image, mask, facts | made.facts)


def _move(
    sd: StableDiffusion,
    photo: Pixels,
    step: Step,
    seen: Seen,
    vocabulary: Vocabulary,
    taught: Mapping[str, Taught],
    choice: int | None,
    order: Order,
) -> Generator[Progress, None, Edited]:
    """Take away what goes, and what it touches, and set their own pixels down where they shall be."""
    going, told = goings(step, seen, vocabulary, taught, choice)
    going = (*touching(seen, going), *going)
    gone = [one.index for one in going]
    empty, touched, said = yield from _emptied(sd, photo, seen, gone, vocabulary, order)
    doubles = {one.index: on_water(photo, seen, one.index, vocabulary) for one in going}  # their images go with them
    image, there = set_down(photo, empty, seen.things, going, doubles)
    return Edited(image, np.maximum(touched, there), said | {"told": told})


def _emptied(
    sd: StableDiffusion,
    photo: Pixels,
    seen: Seen,
    gone: Sequence[int],
    vocabulary: Vocabulary,
    order: Order,
    mirrors: bool = False,
) -> Generator[Progress, None, tuple[Pixels, Floats, dict[str, Any]]]:
    """The photo without these things and their images on water (with `mirrors` in a mirror, too), where that touched it
    (H, W), and facts."""
    height, width = photo.shape[:2]
    others = [thing for i, thing in enumerate(seen.things) if i not in gone]
    stays, shape = besides(photo, others, *(seen.things[i] for i in gone))
    places = [seen.things[i].box for i in gone]
    for i in gone:
        doubles = doubled(photo, seen, i, shape, vocabulary) if mirrors else on_water(photo, seen, i, vocabulary)
        shape = echoed(shape, seen.things[i].box, doubles)
        places += [double.box for double in doubles]
    crop = composite.around(composite.hull(places), height, width, sd.size)
    view, going = seen, list(gone)
    if crop != Crop(0, 0, width, height):
        view, _ = within(seen, crop, None, height, width, vocabulary)
        inside = (within(seen, crop, i, height, width, vocabulary)[1] for i in gone)
        going = [i for i in inside if i is not None]
    said = emptied(view, going, vocabulary, lambda text: len(token_ids(sd, text)) <= sd.tokens - 2)
    boxes = [composite.box_in(crop, place, height, width) for place in places]
    region = composite.regions(boxes, sd.size, order.recipe.grow) * (1 - composite.take(stays, crop, sd.size))
    made = yield from work_on(sd, model_view(sd, photo, crop), said, region, order)
    plain, edited = views(sd, photo, crop, made)
    stood = composite.about(composite.take(shape, crop, sd.size))
    empty, touched = composite.put(
        photo, crop, plain, edited, composite.changed(plain, edited, region) * stood, gone=stood
    )
    return empty, touched, {"source": said.source, "target": said.target, "words": said.words} | made.facts


def _arrival(
    sd: StableDiffusion,
    photo: Pixels,
    seen: Seen,
    told: Prompts,
    vocabulary: Vocabulary,
    known: Mapping[str, Known],
    order: Order,
) -> Generator[Progress, None, Edited | None]:
    """Somebody comes in, drawn alone and set in (see arrival.py); None if no whole figure was drawn."""
    new = told.newcomer
    assert new is not None
    old = None if told.index is None else seen.things[told.index]
    others = [thing for i, thing in enumerate(seen.things) if i != told.index]
    wanted, parts = insertion.alone(seen, new, vocabulary), 1 if old is None else 2
    work = segmentation.draw(sd, wanted, new.word or new.kind, order.seed, order.steps)
    drawn = yield from one_of(work, 0, parts)
    cuts = [(image, *segmentation.shape_in(sd, image, heat)) for image, heat in drawn]
    cuts = [(image, shape, good) for image, shape, good in cuts if insertion.whole(shape, good)]
    if not cuts:
        return None
    empty, touched = photo, np.zeros(photo.shape[:2], np.float32)
    facts: dict[str, Any] = {}
    if old is not None and told.index is not None:
        removing = replace(order, recipe=recipe_for("remove", method_for(sd, "remove")), strength=1.0)
        left = _emptied(sd, photo, seen, [told.index], vocabulary, removing)
        empty, touched, facts = yield from one_of(left, 1, parts)
        front, _ = besides(photo, others, old)
    else:
        front = standing(photo, others) if others else touched
    height, width = photo.shape[:2]
    place = insertion.place_for(new, old, others, told.box, vocabulary, min(height, width) / height)
    came = [insertion.set_in(empty, image, shape, place, front) for image, shape, _ in cuts]
    view = next((one.view for one in known.values() if one.taught.word == new.word), None)
    said = {"told": told.told, "source": told.source, "target": told.target, "words": told.words, "alone": wanted[0]}
    image, there = max(came, key=lambda one: likeness(sd, *one, wanted[0], view))
    return Edited(image, np.maximum(touched, there), facts | said)
