"""What a strategy works with: one step of a plan on one photo, and all that was found out about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.diffusion import captioner
from pipeline.diffusion.artefact import Known
from pipeline.diffusion.grounding import Taught
from pipeline.diffusion.meaning import Asked
from pipeline.diffusion.method_runner import Drawn, Settings, View, plain, run, view
from pipeline.diffusion.open_vocabulary import open_prompts
from pipeline.diffusion.photo_places import find
from pipeline.diffusion.prompts import Prompts, prompts
from pipeline.diffusion.sight import Sight
from pipeline.diffusion.toolkit.model import StableDiffusion, token_ids
from pipeline.diffusion.vocabulary import Seen, Vocabulary
from pipeline.engine import Pixels, Work
from pipeline.imaging.composite import Crop, Floats


@dataclass(frozen=True, slots=True)
class Context:
    """One step on one photo (H, W, 3). `asked`: the step, and what its words mean; `seen`: what is in it, each thing cut out; `known`: the user's concepts by name,
    worn already, `taught`: the same with how much each thing looks like them; `choice`: the thing that is meant, where the
    user was asked; `sight`: what finds things in a real photo."""

    sd: StableDiffusion
    photo: Pixels
    asked: Asked
    seen: Seen
    vocabulary: Vocabulary
    known: Mapping[str, Known]
    taught: Mapping[str, Taught]
    choice: int | None
    settings: Settings
    sight: Sight = field(default_factory=Sight)

    @property
    def height(self) -> int:
        return int(self.photo.shape[0])

    @property
    def width(self) -> int:
        return int(self.photo.shape[1])

    @property
    def whole(self) -> Crop:
        """All of the photo."""
        return Crop(0, 0, self.width, self.height)

    def fits(self, text: str) -> bool:
        """Whether a prompt is short enough for the model."""
        return len(token_ids(self.sd, text)) <= self.sd.tokens - 2

    def prompts(self) -> Prompts:
        """What the model is told. Raises PromptError (Ambiguous among them)."""
        if self.vocabulary.open:
            found = open_prompts(self.asked, self.seen, self.taught, self.sd.name)
            place = find(self.asked, self.seen, (self.height, self.width), self.choice, self._named, self._tapped)
            return replace(found, box=place.box, outline=place.outline)
        return prompts(self.asked, self.seen, self.vocabulary, self.taught, self.choice, self.fits)

    def told_of(self, seen: View, prompts: Prompts) -> Prompts:
        """The prompts for a view of a real photo: they speak of what is seen in it only."""
        said = captioner.describe(seen.image, self.sd.name)
        there = open_prompts(self.asked, replace(self.seen, prompt=said), self.taught, self.sd.name)
        return replace(there, box=prompts.box, outline=prompts.outline)

    def _named(self, noun: str) -> Floats | None:
        return self.sight.named(self.sd, self.photo, noun)

    def _tapped(self, point: tuple[float, float]) -> Floats | None:
        return self.sight.tapped(self.photo, point, self.seen.scene)

    def view(self, crop: Crop) -> View:
        """A crop as the model sees it, encoded."""
        return view(self.sd, self.photo, crop)

    def plain(self, seen: View) -> Floats:
        """What the autoencoder alone makes of a view, (S, S, 3) in 0…255."""
        return plain(self.sd, seen)

    def draw(self, seen: View, prompts: Prompts, allowed: Floats | None, shape: Floats | None = None) -> Work[Drawn]:
        """Run the method on a view (see method_runner.py)."""
        return run(self.sd, seen, prompts, allowed, self.settings, shape)
