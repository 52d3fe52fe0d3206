"""What is in a photo of any size: one look for each window of it, put together in shares of the whole photo."""

from dataclasses import replace

from torch import Tensor

from pipeline.diffusion.grounding import middle
from pipeline.diffusion.perception import look, to_tensor
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary
from pipeline.imaging import composite
from pipeline.imaging.composite import Box, Crop, Pixels

RIM = 0.03  # of a window: what comes as near to its side is cut off there


def survey(sd: StableDiffusion, photo: Pixels, vocabulary: Vocabulary) -> Seen:
    """What is in a photo of any size, with places and boxes in shares of the whole photo."""
    height, width = photo.shape[:2]
    crops = composite.windows(height, width)
    views = [look(sd, model_view(sd, photo, crop), vocabulary) for crop in crops]
    if len(crops) == 1:
        return views[0]
    found = [(crop, thing) for crop, view in zip(crops, views, strict=True) for thing in view.things]
    # who is seen whole is seen best
    found.sort(key=lambda one: (_cut(one[0], one[1].box, height, width), -one[1].score))
    things: list[Thing] = []
    for crop, thing in found:
        box = composite.box_out(crop, thing.box, height, width)
        if not any(_same_place(box, other.box) for other in things):
            things.append(replace(thing, box=box, position=third(middle(box), vocabulary)))
    things.sort(key=lambda thing: middle(thing.box))
    best = max(views, key=lambda view: view.familiar)
    return replace(best, things=tuple(things))


def within(
    seen: Seen, crop: Crop, index: int | None, height: int, width: int, vocabulary: Vocabulary
) -> tuple[Seen, int | None]:
    """What of a photo is seen in a crop, and the index that thing `index` has there."""
    kept = []
    for i, thing in enumerate(seen.things):
        center = (middle(thing.box) * width, (thing.box[1] + thing.box[3]) / 2 * height)
        if center in crop:
            box = composite.box_in(crop, thing.box, height, width)
            kept.append((i, replace(thing, box=box, position=third(middle(box), vocabulary))))
    where = next((place for place, (i, _) in enumerate(kept) if i == index), None)
    return replace(seen, things=tuple(thing for _, thing in kept)), where


def model_view(sd: StableDiffusion, photo: Pixels, crop: Crop) -> Tensor:
    """A crop as the model takes it, (1, 3, S, S) in [-1, 1]."""
    return to_tensor(composite.take(photo, crop, sd.size)).to(sd.device)


def third(x: float, vocabulary: Vocabulary) -> str:
    """The name of the place at x (0…1)."""
    places = list(vocabulary.positions) or ["middle"]
    return places[min(int(max(x, 0.0) * len(places)), len(places) - 1)]


def _cut(crop: Crop, box: Box, height: int, width: int) -> bool:
    """Whether a box in shares of a crop reaches a side of the crop beyond which the photo goes on."""
    inside = (crop.x > 0, crop.y > 0, crop.x + crop.width < width, crop.y + crop.height < height)
    near = (box[0] < RIM, box[1] < RIM, box[2] > 1 - RIM, box[3] > 1 - RIM)
    return any(goes_on and reached for goes_on, reached in zip(inside, near, strict=True))


def _same_place(a: Box, b: Box) -> bool:
    """Whether two boxes cover mostly the same."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    least = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height > 0.4 * least
