"""How strongly an order is meant: what the step says, times 再明显一点; each candidate in a strength of its own."""

from pipeline.engine import EditOrder

SAID = {"slight": 0.6, "normal": 1.0, "strong": 1.35}
LEAST, MOST = 0.05, 2.5
STEEP = 1.4  # 再明显一点 of a photo: less than half as much again is not seen beside the last picture
CANDIDATES = (1.0, 1.6, 0.5, 2.3, 3.2, 0.75, 1.28)  # by seed
STRONGER = frozenset({"adjust", "restyle", "recolor", "restore", "beautify", "modify"})  # what has strengths
ONE = frozenset(
    {"remove", "move", "swap", "upscale", "crop", "rotate", "extend", "id_photo", "cutout", "mosaic", "text", "collage"}
)  # what comes out the same however often it is done


def amount(order: EditOrder) -> float:
    """1 is the usual strength; LEAST…MOST."""
    said = order.strength if order.strength is not None else SAID[order.step.strength]
    meant = said * order.amount**STEEP * CANDIDATES[order.seed % len(CANDIDATES)]
    return float(min(MOST, max(LEAST, meant)))


def tunable(order: EditOrder) -> str:
    """What more or less of an order is: its "strength", of somebody added their "size"; "" where there is neither."""
    step = order.step
    blur = step.operation == "background" and step.color is None and not order.references and not order.concepts
    if step.operation in STRONGER or blur:
        return "strength"
    return "size" if step.operation == "insert" and step.concept else ""


def readings(order: EditOrder) -> int | None:
    """How many different pictures an order has, by its seed; None where places and references decide."""
    operation = order.step.operation
    if operation in STRONGER:
        return len(CANDIDATES)
    if operation == "background" and order.step.color is not None and not order.references:
        return 1
    return 1 if operation in ONE else None
