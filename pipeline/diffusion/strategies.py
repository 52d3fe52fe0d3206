"""⑦ One step on one photo: look, say it, choose a strategy, put what it made back into the photo.

The photo may have any size. What is local is done in a square crop around the thing, what concerns the whole picture
in one or several windows; outside the edit every pixel stays the user's own (see imaging/composite.py). Nothing here
knows storage: the cache of inversions is any mapping.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.diffusion import background, in_place, insertion, rearrange, removal, whole_picture
from pipeline.diffusion.artefact import Known, wearing
from pipeline.diffusion.attributes import turned
from pipeline.diffusion.context import Context
from pipeline.diffusion.contract import EditError
from pipeline.diffusion.foreground import cut_out
from pipeline.diffusion.grounding import Taught, half_hidden, taught_as
from pipeline.diffusion.meaning import Asked
from pipeline.diffusion.method_runner import Settings
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.names import say
from pipeline.diffusion.perception import overlooked, vocabulary_of, window_features
from pipeline.diffusion.presets import STRENGTHS, Preset, best_for, presets_of
from pipeline.diffusion.prompts import Prompts
from pipeline.diffusion.sight import Sight
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations
from pipeline.diffusion.vocabulary import Seen
from pipeline.diffusion.windows import survey
from pipeline.engine import Cache, Edited, Pixels, Progress, Unfamiliar, Work
from pipeline.imaging import composite
from pipeline.imaging.segmentation import whole
from storage.plans import Step

Fits = Callable[[Context, Prompts], bool]
Strategy = Callable[[Context, Prompts], Work[Edited] | Work[Edited | None]]
STRATEGIES: tuple[tuple[Fits, Strategy], ...] = (  # the first that fits, and comes to something
    (insertion.fits, insertion.arrive),
    (removal.fits, removal.remove),
    (in_place.fits, in_place.edit),
    (background.fits, background.exchange),
    (whole_picture.fits, whole_picture.edit),
    (lambda context, prompts: True, whole_picture.in_windows),
)
MOVES = ("move", "swap")  # what is taken away and set down
LEARNT_STYLE = "style_transfer"  # what puts a taught style on a photo


def edit(
    sd: StableDiffusion,
    photo: Pixels,
    asked: Asked,
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
    seen: Seen | None = None,
    sight: Sight | None = None,
) -> Work[Edited]:
    """Carry out one step on a photo (H, W, 3) uint8.

    asked      the step, and what its words mean
    concepts   the user's taught concepts by name
    method     a name in METHODS; None: the best measured on this model
    strength   of the method; None: what the step says (slight, normal, strong); `amount` (再明显一点) multiplies it
    choice     which of several things is meant, as an index of the Ambiguous error's choices
    inversion  "direct", "null_text", …; None: the method's default;  steps: None: the model's own
    cache      keeps inversions between edits of a photo
    seen       what `survey` (of a real photo, `sight`) found in the photo, where somebody has looked already
    sight      what finds people and things in real photos

    Raises Unfamiliar, PromptError (Ambiguous among them), EditError, each with a Chinese sentence.
    """
    began, count, vocabulary = time.monotonic(), evaluations(sd), vocabulary_of(sd.name)
    step = asked.step
    _serves(method, step)
    yield Progress(0, 1, "看照片")
    seen = survey(sd, photo, vocabulary) if seen is None else seen
    if seen.familiar < vocabulary.thresholds.strange:
        raise Unfamiliar(
            "这张照片不像我学过的小世界，硬改只会变成一团糊。现在用的是演示的小模型，只会画它自己的卡通小世界：可以先用样例照片试试，"
            "要改真实照片，请按说明换上 Stable Diffusion 模型。",
            f"familiar {seen.familiar:.2f}",
        )
    if choice is None and (kinds := half_hidden(asked, seen, vocabulary)):
        seen, choice = overlooked(sd, photo, seen, kinds, vocabulary)
    known = dict(concepts or {})
    taught = {name: _compared(sd, photo, seen, one) for name, one in known.items()}
    if seen.scene is None:
        things = [replace(thing, box=whole(photo, thing.box)) for thing in seen.things]
        seen = replace(seen, things=cut_out(photo, things))
    preset = _preset(sd, step, method, known, taught, seed)
    scale = STRENGTHS[step.strength] if strength is None else strength
    settings = Settings(preset, method, scale * amount, seed, inversion, steps or vocabulary.steps, cache)
    context = Context(sd, photo, asked, seen, vocabulary, known, taught, choice, settings, sight or Sight())
    with wearing(sd, known.values()):
        made = yield from rearrange.move(context) if step.operation in MOVES else _carried_out(context)
    facts = {
        "operation": step.operation,
        "method": preset.method,
        "things": [{"kind": thing.kind, "words": say(thing), "box": thing.box} for thing in seen.things],
        "seen": seen.prompt,
        "familiar": round(seen.familiar, 3),
        "strength": settings.strength,
        **made.facts,
        "unet_forward": count.forward,
        "unet_backward": count.backward,
        "seconds": round(time.monotonic() - began, 2),
    }
    return replace(made, facts=facts)


def _carried_out(context: Context) -> Work[Edited]:
    """A step that one pair of prompts says, by the first strategy that fits and comes to something."""
    sd, settings = context.sd, context.settings
    # another picture of the same order shows other details
    context = replace(context, vocabulary=turned(context.vocabulary, settings.seed))
    prompts = context.prompts()
    if prompts.manner:
        named = _names(context.asked.step, context.taught)
        method = settings.named or best_for(sd, prompts.manner, named=named, seed=settings.seed)
        context = replace(
            context, settings=replace(settings, preset=presets_of(sd.name).preset(prompts.manner, method))
        )
    facts = {"told": prompts.description, "source": prompts.source, "target": prompts.target, "words": prompts.words}
    facts["method"] = context.settings.preset.method
    for fits, strategy in STRATEGIES:
        if fits(context, prompts) and (made := (yield from strategy(context, prompts))) is not None:
            return replace(made, facts=facts | made.facts)
    raise AssertionError("the last strategy fits everything")


def _serves(method: str | None, step: Step) -> None:
    """Raises EditError when the method that was named cannot do this."""
    if method is None:
        return
    if method not in METHODS:
        raise EditError(f"没有叫 {method} 的方法，可用的有：{'、'.join(METHODS)}。", f"unknown method {method!r}")
    if _drawn(step) not in METHODS[method].operations:
        raise EditError(
            f"「{METHODS[method].title}」做不了这件事，换一种方法，或者不指定方法，让我来选。",
            f"{method} does not serve {_drawn(step)}",
        )


def _drawn(step: Step) -> str:
    """The operation that is drawn for a step: what moves is taken away and set down."""
    return "remove" if step.operation in MOVES else step.operation


def _preset(
    sd: StableDiffusion,
    step: Step,
    method: str | None,
    known: Mapping[str, Known],
    taught: Mapping[str, Taught],
    seed: int,
) -> Preset:
    """How a step is drawn."""
    presets, operation = presets_of(sd.name), _drawn(step)
    style = taught_as(step.concept or step.content, taught) if operation == "restyle" else None
    painted = next((one.look for one in known.values() if style and one.taught.word == style.word), ())
    if painted and method in (None, LEARNT_STYLE):  # words say little of a style that the model never saw
        preset = presets.preset(operation, LEARNT_STYLE)
        return replace(preset, options={**preset.options, "look": painted})
    return presets.preset(operation, method or best_for(sd, operation, named=_names(step, taught), seed=seed))


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
