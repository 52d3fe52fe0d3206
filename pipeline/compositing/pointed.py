"""Who or what was pointed at: people by a tap or by a lasso around them, else what lies under a tap, else what was drawn."""

from dataclasses import dataclass

from pipeline.engine import EditOrder, OrderError
from pipeline.vision.scene import Scene
from storage import regions
from storage.regions import Point, Region

LITERAL = ("mosaic",)  # who covers a face means what was drawn, whoever is in it


@dataclass(frozen=True, slots=True)
class Pointed:
    """`indices` of the scene's people, `taps` beside all of them, and the regions that mean themselves."""

    indices: tuple[int, ...] = ()
    taps: tuple[Point, ...] = ()
    drawn: tuple[Region, ...] = ()

    @property
    def beside(self) -> bool:
        """Whether anything is meant that is nobody of the scene."""
        return bool(self.taps or self.drawn)


class Nothing(OrderError):
    """Nothing that was seen is under the tap, or what was drawn is nobody's outline: what is there has to be found out by its
    colours, or is the part itself."""

    def __init__(self, log: str, drawn: bool = False) -> None:
        sentence = "点的地方没有认出人或东西，请再点得准一点。"
        if drawn:
            sentence = "圈的这块不是一个人的轮廓。请点一下这个人，或者沿着整个人圈一圈，再说一遍。"
        super().__init__(sentence, log)


def pointed(order: EditOrder, scene: Scene, thing: bool = False) -> Pointed:
    """What taps and regions mean in a photo; `thing`: something is named that is nobody."""
    if thing:
        return Pointed((), order.points, order.regions)
    indices: list[int] = []
    taps: list[Point] = []
    drawn: list[Region] = []
    for tap in order.points:
        hit = under(tap, scene)
        if hit is None:
            taps.append(tap)
        else:
            indices.append(hit)
    for region in order.regions:
        meant = () if order.step.operation in LITERAL else around(region, scene)
        indices += meant
        drawn += [] if meant else [region]
    return Pointed(tuple(dict.fromkeys(indices)), tuple(taps), tuple(drawn))


def under(point: Point, scene: Scene) -> int | None:
    """The smallest instance under a tap."""
    x, y = point
    found = []
    for index, one in enumerate(scene.instances):
        h, w = one.mask.shape
        near = one.mask[max(0, int(y * h) - 3) : int(y * h) + 4, max(0, int(x * w) - 3) : int(x * w) + 4]
        if near.size and near.max() > 0.5:
            found.append((float(one.mask.sum()), index))
    return min(found)[1] if found else None


def around(region: Region, scene: Scene) -> tuple[int, ...]:
    """The people whom a lasso clearly means; () where it means itself."""
    people = [index for index, one in enumerate(scene.instances) if one.label == "person"]
    if not region.plain or not people:
        return ()
    masks = [scene.instances[index].mask > 0.5 for index in people]
    height, width = masks[0].shape
    return tuple(people[number] for number in regions.within(regions.mask([region], (height, width)), masks))
