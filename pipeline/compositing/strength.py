"""How strongly an order is meant: what the step says, times 再明显一点."""

from pipeline.engine import EditOrder

SAID = {"slight": 0.6, "normal": 1.0, "strong": 1.35}


def amount(order: EditOrder) -> float:
    """1 is the usual strength; 0.05…2.5."""
    said = order.strength if order.strength is not None else SAID[order.step.strength]
    return float(min(2.5, max(0.05, said * order.amount)))
