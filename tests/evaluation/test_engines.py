"""Any engine of config.toml is measured as it is: on drawn cases with true answers, and on photos."""

import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from evaluation.attempt import Studio, attempt
from evaluation.cases import case_of
from evaluation.engines import engine_of
from evaluation.methods import serves
from evaluation.photos_orders import ORDERS, orders
from miniature.pen import SIZE
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, noise, predict
from pipeline.engine import Capabilities, Edited, EditOrder, OrderError, Progress, Work


class Darkening:
    """Makes the left half darker; knows no backgrounds, and refuses styles."""

    name, kind = "dark", "compositing"

    def __init__(self) -> None:
        self.asked: list[EditOrder] = []

    def capabilities(self) -> Capabilities:
        return Capabilities(operations=("recolor", "restyle"))

    def edit(self, order: EditOrder) -> Work[Edited]:
        self.asked.append(order)
        yield Progress(1, 1, "改")
        if order.step.operation == "restyle":
            raise OrderError("不会画风。", "no styles")
        image, mask = order.photo.copy(), np.zeros(order.photo.shape[:2], np.float32)
        half = order.photo.shape[1] // 2
        image[:, :half] //= 2
        mask[:, :half] = 1
        return Edited(image, mask)


def test_an_engine_gets_photo_and_order_of_a_case() -> None:
    engine: Any = Darkening()
    studio, case = Studio(None, engine=engine), case_of("recolor", 1000, 0)
    made = attempt(studio, case, "engine:dark")
    assert made.picture.shape == (1, 3, SIZE, SIZE)
    assert not made.refused
    (order,) = engine.asked
    assert order.sentence == case.sentence
    assert order.referents["target"].text
    refused = attempt(studio, case_of("restyle", 1000, 0), "engine:dark")
    assert refused.refused == "no styles"
    assert serves("engine:dark", "recolor")
    assert serves("engine:dark", "swap")
    assert not serves("engine:dark", "reconstruct")
    assert not serves("engine:dark", "concept")


def test_an_engine_costs_what_its_own_model_does(tiny_sd: StableDiffusion) -> None:
    class Asking(Darkening):
        sd = tiny_sd

        def edit(self, order: EditOrder) -> Work[Edited]:
            embedded = embed(tiny_sd, ["a cat"])
            predict(tiny_sd, noise(tiny_sd, (1, 8, 16, 16), 0), 10, embedded)
            return (yield from super().edit(order))

    engine: Any = Asking()
    case = case_of("recolor", 1000, 0)
    assert attempt(Studio(None, engine=engine), case, "engine:dark").cost.forward == 1
    assert attempt(Studio(None, engine=engine), case, "truth").cost.forward == 0


def test_who_draws_elsewhere_is_timed_by_the_wall() -> None:
    class Waiting(Darkening):
        kind = "server"

        def edit(self, order: EditOrder) -> Work[Edited]:
            time.sleep(0.2)
            return (yield from super().edit(order))

    engine: Any = Waiting()
    assert attempt(Studio(None, engine=engine), case_of("recolor", 1000, 0), "engine:dark").cost.seconds >= 0.2


def test_plain_orders_on_photos() -> None:
    """What an engine has no operation for is not asked; what it refuses is told."""
    engine: Any = Darkening()
    photos = [(Path(f"{i}.jpg"), np.full((60, 80, 3), 100 + i, np.uint8)) for i in range(3)]
    figures, gallery = orders(engine, photos, limit=2)
    told = {figure.what: figure for figure in figures}
    assert len(ORDERS) == 3
    assert told["plain orders carried out"].value == "2 of 4"
    assert told["… outside the mask bit for bit"].reached
    assert told["… refused: 不会画风。"].count == 2
    assert len(gallery.shown) == 2


def test_an_engine_that_nobody_configured_is_named() -> None:
    with pytest.raises(click.BadParameter, match=r"config\.toml has"):
        engine_of("nowhere")
