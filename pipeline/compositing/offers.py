"""What is offered instead of what cannot be done. Every offer is carried out once before it is made: a button that leads to
another refusal helps nobody, and whether a place or a photo allows something is known only when it has been tried."""

from dataclasses import replace

from pipeline.compositing.operations import operation
from pipeline.compositing.view import View
from pipeline.engine import Ambiguous, Offer, OrderError, Progress, Work


def with_what_works(view: View, error: OrderError) -> Work[OrderError]:
    """The error with those of its offers that work on this photo, and with their names in its sentence."""
    if not error.offers:
        return error
    works: list[Offer] = []
    for number, offer in enumerate(error.offers):
        yield Progress(8 + min(1, number), 10, "正在看还能怎么做")
        if (yield from _works(view, offer)):
            works.append(offer)
    sentence = error.sentence
    if works:
        sentence += f"现在能做的是{'、'.join(f'「{offer.words}」' for offer in works)}。"
    return OrderError(sentence, str(error), works)


def _works(view: View, offer: Offer) -> Work[bool]:
    order = view.order
    order = replace(order, step=replace(order.step, **offer.changes), referents=offer.referents_of(order))
    try:
        for _ in operation(order.step.operation)(view.ordered(order)):
            yield Progress(9, 10, "正在看还能怎么做")
    except Ambiguous as question:  # it will be asked which of several is meant, and then it works
        return bool(question.choices)
    except OrderError:
        return False
    return True
