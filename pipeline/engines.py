"""The engines that config.toml names, opened: a line here for each kind."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipeline.engine import Engine
from storage.settings import EngineSettings, Settings

if TYPE_CHECKING:
    from pipeline.diffusion.engine import Learner


def _diffusion(entry: EngineSettings, settings: Settings, learner: "Learner | None") -> Engine:
    from pipeline.diffusion.engine import Diffusion  # loads torch: only for those who draw with it
    from pipeline.diffusion.perception import vocabulary_of
    from pipeline.diffusion.sight import Phrases, Sight
    from pipeline.diffusion.toolkit.placement import Placement
    from pipeline.vision.looking import Vision
    from storage.model_files import missing

    model, folder = entry.model or settings.model, settings.models / "vision"
    looks = vocabulary_of(model).open and not missing(folder)
    sight = Sight(Vision(folder) if looks else None, Phrases.open(entry.segmenter) if entry.segmenter else None)
    return Diffusion.open(
        model, entry.device, entry.called, learner,
        sight=sight,
        placement=Placement(entry.precision, entry.offload, entry.lora, entry.spacing),
        steps=entry.steps,
        guidance=entry.guidance,
    )  # fmt: skip


def _compositing(entry: EngineSettings, settings: Settings, learner: "Learner | None") -> Engine:
    from pipeline.compositing.engine import Compositing

    return Compositing(settings.models / "vision")


def _editor(entry: EngineSettings, settings: Settings, learner: "Learner | None") -> Engine:
    from pipeline import editors
    from pipeline.vision.looking import Vision
    from storage.model_files import missing

    folder = settings.models / "vision"
    return editors.open(entry, None if missing(folder) else Vision(folder).look)


Opener = Callable[[EngineSettings, Settings, "Learner | None"], Engine]
KINDS: Mapping[str, Opener] = {
    "compositing": _compositing,
    "diffusion": _diffusion,
    "editor": _editor,
    "server": _editor,
}


def open_engines(settings: Settings, learner: "Learner | None" = None) -> tuple[Engine, ...]:
    """All engines of the settings, in their order. `learner` teaches a Stable-Diffusion model; those who only edit need
    none. Raises HeyingError when one cannot be opened."""
    return tuple(KINDS[entry.kind](entry, settings, learner) for entry in settings.drawing if entry.kind in KINDS)
