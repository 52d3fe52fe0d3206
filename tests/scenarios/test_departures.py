"""Before a photo is sent to another computer everybody is asked, on every platform; nothing goes before the answer."""

import pytest

from storage import Storage, jobs
from tests.bot.test_departures import CARD, HAT, House
from tests.pipeline.editors.strict_server import Strict, serving
from tests.scenarios.script import Play


@pytest.mark.parametrize(("answer", "requests"), [("同意，发过去", 1), ("不发，用本机的方法", 0)])
def test_scenario_asked_before_a_photo_leaves(play: Play, answer: str, requests: int) -> None:
    with serving() as state:
        play.worker = lambda store: work(store, state)
        play(f"""
        甲: [cat] {HAT}
        …
        影: {CARD} (同意，发过去|不发，用本机的方法|以后都发，不再问|以后都不发，不再问)
        """)
        assert len(state.asked) + len(state.wrong) == 0
        play(f"""
        甲: ({answer})
        …
        影: 改好了 [1]
        甲: 我的设置
        影: 你的设置
        """)
        assert (len(state.asked), len(state.wrong)) == (requests, 0)


def work(store: Storage, state: Strict) -> None:
    """A worker with an engine of its own and one behind an address."""
    worker = House(store, state).worker
    while job := jobs.claim(store, worker.name, tuple(worker.tasks)):
        worker.attempt(job)
