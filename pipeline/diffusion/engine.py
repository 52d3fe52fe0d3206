"""The engine for Stable-Diffusion folders, the miniature among them: the methods of the papers behind the contract."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import torch

from lettering import stickers as drawing
from pipeline.diffusion import harmonization, segmentation, sticker_prompts
from pipeline.diffusion.artefact import Known, known, wearing
from pipeline.diffusion.attributes import thing_for
from pipeline.diffusion.bounds import bounds
from pipeline.diffusion.grounding import PromptError
from pipeline.diffusion.meaning import Asked, meaning_of
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.sight import Sight
from pipeline.diffusion.strategies import MOVES, edit
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations, fingerprint, load
from pipeline.diffusion.toolkit.placement import Placement
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, caption
from pipeline.diffusion.windows import survey
from pipeline.engine import (
    Capabilities,
    Check,
    Concept,
    Edited,
    EditOrder,
    EngineError,
    FigureOrder,
    Figures,
    Floats,
    GenerateOrder,
    HarmonizeOrder,
    Learned,
    LearnOrder,
    LookOrder,
    Pixels,
    Progress,
    Work,
)
from storage.plans import Step

CHAINS = {  # a method by its name, with the inversion of a paper before it
    "null_text": ("prompt_to_prompt", "null_text"),
    "direct_inversion": ("prompt_to_prompt", "direct"),
    "negative_prompt": ("prompt_to_prompt", "negative_prompt"),
}
TITLES = {"null_text": "零文本反演", "direct_inversion": "直接反演", "negative_prompt": "负提示反演"}
TITLE = "Stable Diffusion"
Learner = Callable[["Diffusion", LearnOrder], Work[Learned]]


@dataclass(slots=True)
class Diffusion:
    """A model at work. `weights` is its fingerprint: a folder's name may stay while its weights change, and what was learnt
    on other weights means nothing to these. `learner` teaches it; the editing lane has none. `sight` looks at real photos;
    `steps`: 0 for the model's own."""

    name: str
    sd: StableDiffusion
    weights: str
    learner: Learner | None = None
    sight: Sight = field(default_factory=Sight)
    steps: int = 0
    kind: ClassVar[str] = "diffusion"
    _looked: tuple[Pixels, Seen] | None = field(default=None, repr=False)

    @classmethod
    def open(
        cls,
        folder: str,
        device: str = "auto",
        name: str = "diffusion",
        learner: Learner | None = None,
        *,
        sight: Sight | None = None,
        placement: Placement | None = None,
        steps: int = 0,
        guidance: float = -1.0,
    ) -> "Diffusion":
        """Load a folder or hub id. `steps` 0 and `guidance` -1: the model's own. Raises ModelError, PlacementError."""
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        sd = load(folder, device, placement)
        if guidance >= 0:
            sd = replace(sd, guidance=guidance)
        return cls(name, sd, fingerprint(sd), learner, sight or Sight(), steps)

    @property
    def vocabulary(self) -> Vocabulary:
        """What the model can draw."""
        return vocabulary_of(self.sd.name)

    # -- the contract --------------------------------------------------------------------------------------------------
    def capabilities(self) -> Capabilities:
        """The methods that this model can run, and its world."""
        able = [method for method in METHODS.values() if all(getattr(self.sd, need) for need in method.needs)]
        methods: tuple[dict[str, Any], ...] = tuple(
            {
                "name": m.name,
                "title": m.title,
                # to move is to remove and to put the thing's own pixels elsewhere
                "operations": (*m.operations, *MOVES) if "remove" in m.operations else m.operations,
                "needs": m.needs,
            }
            for m in able
        )
        if self.vocabulary.open:
            methods += tuple(
                one | {"name": name, "title": f"{TITLES[name]}＋{one['title']}"}
                for name, (base, _) in CHAINS.items()
                for one in methods
                if one["name"] == base
            )
        vocabulary = self.vocabulary
        operations = tuple(dict.fromkeys(operation for method in methods for operation in method["operations"]))
        more: tuple[str, ...] = ("generate",)
        if vocabulary.open:
            # several models have the same methods: the model itself can be named, too, and takes its best method
            own = {"name": self.name, "title": TITLE if self.name == self.kind else self.name, "needs": ()}
            methods = ({**own, "operations": operations}, *methods)
            more = ("harmonize",) if self.sight.vision is not None else ()
        return Capabilities(
            operations=operations,
            jobs=("edit", "learn", "stickers", *more),
            methods=methods,
            photos="any" if vocabulary.open else "own",
            vocabulary=asdict(vocabulary),
            bounds=bounds(vocabulary),
        )

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        """An open world serves every photo, a drawn one its own; of references most must be its own."""
        if self.vocabulary.open:
            return True
        if isinstance(order, LearnOrder):
            familiar = [self._familiar(photo) for photo in order.photos]
            return sum(familiar) * 2 > len(familiar)
        return order.photo is None or self._familiar(order.photo)

    def edit(self, order: EditOrder) -> Work[Edited]:
        """One step on one photo, by the method named or the best one known. What is named may be this model, or stand for a
        method with an inversion (see CHAINS)."""
        vocabulary = self.vocabulary
        if vocabulary.open:
            seen = yield from self.sight.seen(self.sd, order.photo, order.concepts, order.cache)
        else:
            seen = self._seen(order.photo)
        named = None if order.method == self.name else order.method
        method, inversion = CHAINS.get(named or "", (named, None))
        return (yield from edit(
            self.sd,
            order.photo,
            Asked.of(order.step, order.referents, order.points),
            concepts={
                name: known(one, self.name, self.weights)
                for name, one in order.concepts.items()
                # who is only to be found in a real photo is known by the face
                if not vocabulary.open or self._learnt(one) or _comes(order, name)
            },
            method=method,
            inversion=inversion,
            strength=order.strength,
            amount=order.amount,
            seed=order.seed,
            choice=order.choice,
            cache=order.cache,
            seen=seen,
            sight=self.sight,
            steps=self.steps or None,
        ))  # fmt: skip

    def harmonize(self, order: HarmonizeOrder) -> Work[Edited]:
        """A gentle pass over a picture that another engine put together."""
        made = yield from harmonization.harmonize(self.sd, order, self.sight, self.steps or self.vocabulary.steps)
        return replace(made, facts=made.facts | {"harmonized": self.name})

    def learn(self, order: LearnOrder) -> Work[Learned]:
        """Vectors, or weights too, from reference photos."""
        if self.learner is None:
            raise EngineError("这里只负责改图，学习在另一边进行，请稍后再试。", "no learner in this process")
        return (yield from self.learner(self, order))

    def generate(self, order: GenerateOrder) -> Work[Edited]:
        """A picture of one thing in one setting."""
        vocabulary, content = self.vocabulary, order.content.text
        if vocabulary.open:
            raise PromptError("这个模型只听得懂英文描述，直接画图还不支持；可以发一张照片让我改。", "open vocabulary")
        worn = {name: known(one, self.name, self.weights) for name, one in order.concepts.items()}
        taught = {name: one.taught for name, one in worn.items()}
        named = next((name for name in taught if name in content), None)
        step = Step("insert", content=None if named else content, concept=named)
        asked = Asked(step, content=meaning_of(order.content))
        thing = thing_for(asked, vocabulary, taught)
        said = asked.content.setting
        setting = said if said and said in vocabulary.settings else next(iter(vocabulary.settings))
        prompt = caption(vocabulary, Seen(setting, next(iter(vocabulary.styles)), (thing,), ""))
        with wearing(self.sd, worn.values()):
            drawn = yield from segmentation.draw(self.sd, [prompt], "", order.seed, self.steps or vocabulary.steps)
        return Edited(drawn[0][0], facts={"prompt": prompt})

    def figures(self, order: FigureOrder) -> Work[Figures]:
        """A figure for each mood: of a concept drawn anew, of a photo the largest thing in it."""
        count = evaluations(self.sd)
        if order.concept is not None:
            concept = known(order.concept, self.name, self.weights)
            images = yield from self._poses(concept, order.moods, order.seed)
        elif order.photo is not None:
            yield Progress(0, 1, "看照片")
            images = [self._figure(order.photo)[0]] * len(order.moods)
        else:
            raise PromptError("想用谁做表情？请发一张照片，或说一个教过我的名字。", "figures of nothing")
        return Figures(tuple(images), {"unet_forward": count.forward})

    def glance(self, order: LookOrder) -> Work[dict[str, Any]]:
        """Nothing: it looks when it is asked to edit."""
        yield from ()
        return {}

    def check(self) -> Sequence[Check]:
        """The model is loaded, so it is whole."""
        sees = "模型自带的 CLIP" if self.sd.clip is not None else "BLIP（没有 clip/ 文件夹）"
        return (Check("模型", True, f"{Path(self.sd.name).name}，用 {sees} 看图。"),)

    def _learnt(self, concept: Concept) -> bool:
        """Whether a concept was learnt on these weights."""
        artefact = concept.artefacts.get(self.name)
        return artefact is not None and artefact.format == self.weights

    # -- what they share -----------------------------------------------------------------------------------------------
    def _familiar(self, photo: Pixels) -> bool:
        """Whether a photo is of the model's world."""
        return self._seen(photo).familiar >= self.vocabulary.thresholds.strange

    def _seen(self, photo: Pixels) -> Seen:
        """What is in a photo; the last answer is kept for the order that follows."""
        if self._looked is None or self._looked[0] is not photo:
            self._looked = (photo, survey(self.sd, photo, self.vocabulary))
        return self._looked[1]

    def _poses(self, concept: Known, moods: Sequence[str | None], seed: int) -> Work[list[Pixels]]:
        """A figure of a concept for each mood: the better of a few pictures that were drawn for it."""
        vocabulary, taught = self.vocabulary, concept.taught
        thing = Thing(taught.like or taught.kind, taught.slots, word=taught.word)
        prompts = sticker_prompts.prompts(vocabulary, thing, moods)
        with wearing(self.sd, [concept]):
            drawn = yield from segmentation.draw(
                self.sd, prompts * sticker_prompts.TRIES, taught.word, seed, self.steps or vocabulary.steps
            )
        poses = [self._figure(image, heat) for image, heat in drawn]
        return [max(poses[i :: len(prompts)], key=lambda pose: pose[1])[0] for i in range(len(prompts))]

    def _figure(self, image: Pixels, heat: Floats | None = None) -> tuple[Pixels, float]:
        """The largest thing in a picture as a figure, and how good it is. `heat`: where attention saw it."""
        mask, good = segmentation.shape_in(self.sd, image, heat)
        return drawing.figure(image, mask), good


def _comes(order: EditOrder, name: str) -> bool:
    """Whether an order brings a concept in, so that it has to be drawn."""
    content = order.referents.get("content")
    return name in (order.step.concept, order.step.content, content.name if content is not None else None)
