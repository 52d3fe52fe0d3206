"""What the gates are measured with: model, judges, unseen scenes."""

from dataclasses import dataclass, field

from torch import Tensor

from evaluation.attempt import Studio
from evaluation.case import Case, Check
from evaluation.judge import Judge, checked, question
from evaluation.measure import Measure
from evaluation.results import Figures
from miniature.sampling import sample
from miniature.scenes import Scene
from pipeline.diffusion.detector import prepare
from pipeline.diffusion.perception import reader_of
from pipeline.diffusion.toolkit.model import StableDiffusion

Values = list[float]  # one a case; shares are of 0 and 1


@dataclass(frozen=True, slots=True)
class Bench:
    """What gates are measured with."""

    studio: Studio
    measure: Measure
    seed: int
    cases: int
    carried_out: dict[str, list[Figures]] = field(default_factory=dict)  # by suite: two gates may ask about one

    @property
    def sd(self) -> StableDiffusion:
        assert self.studio.sd is not None
        return self.studio.sd

    @property
    def judge(self) -> Judge:
        return self.measure.judge

    def style(self, picture: Tensor) -> str | None:
        """The style that the model's reader sees in a picture (1, 3, H, W); None if it has no reader."""
        reader = reader_of(self.sd.name)
        if reader is None:
            return None
        said = reader(prepare(reader, picture))["style"][0]
        return reader.whole["style"][int(said.argmax())].replace("_", " ")

    def right(self, scene: Scene, what: str, picture: Tensor, index: int = 0) -> bool:
        """Whether CLIP sees in a picture what the scene says."""
        case = Case({"setting": "background"}.get(what, "restyle"), scene, scene)
        if what in ("kind", "color", "expression"):
            return self.judge.answers(checked(case, Check(what, index)), picture)
        return self.judge.answers(question(case), picture)

    def scene(self, number: int, **fixed: object) -> Scene:
        """One unseen scene of the world."""
        return sample([self.seed, number], **fixed)  # type: ignore[arg-type]
