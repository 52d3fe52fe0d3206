"""What no engine here can carry out is refused before it is queued, with what the engines themselves publish."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pipeline.compositing.engine import Compositing
from pipeline.diffusion.bounds import bounds
from pipeline.diffusion.perception import vocabulary_of
from pipeline.editors.instructions_zh import TEMPLATES
from storage import Storage, jobs, looks, workers
from tests.bot.talking import Person

WORLD = vocabulary_of(str(Path(__file__).resolve().parents[2] / "miniature" / "weights"))
REAL: dict[str, Any] = {
    "name": "compositing",
    "kind": "compositing",
    **asdict(Compositing(Path("none")).capabilities()),
}
DRAWN: dict[str, Any] = {
    "name": "diffusion", "kind": "diffusion", "photos": "own", "methods": [], "vocabulary": asdict(WORLD),
    "operations": ["insert", "replace", "remove", "restyle", "recolor", "background", "modify"],
    "bounds": {operation: asdict(bound) for operation, bound in bounds(WORLD).items()},
}  # fmt: skip
PAINTER: dict[str, Any] = {
    "name": "painter",
    "operations": list(TEMPLATES),
    "methods": [],
    "photos": "any",
    "bounds": {},
}


@pytest.fixture
def me(store: Storage) -> Person:
    workers.publish(store, "w", [DRAWN, REAL], ("edit", "stickers", "learn"))
    return Person(store)


def seen(me: Person, persons: int | None) -> None:
    """A photo comes in, and a worker looks at it: so many people, or None, a picture of the drawn world."""
    me.say("", ("cat",))
    looks.ask(me.store, me.sent["cat"], me.user)
    look = looks.take(me.store)
    assert look is not None
    words = ["最左边那个", "中间那个", "最右边那个"]
    facts = {"persons": [{"words": one, "at": [0.5, 0.5]} for one in words[:persons]]} if persons is not None else {}
    looks.keep(me.store, look, facts)


@pytest.mark.parametrize("persons", [0, 2, None])
@pytest.mark.parametrize(
    ("sentence", "words"),
    [("把猫换成锟斤拷", "锟斤拷"), ("加一只恐龙", "恐龙"), ("改成锟斤拷风格", "锟斤拷"), ("背景换成锟斤拷", "锟斤拷")],
)
def test_what_nobody_can_draw_is_said_at_once(me: Person, persons: int | None, sentence: str, words: str) -> None:
    seen(me, persons)
    said = me.say(sentence)
    assert jobs.of_chat(me.store, me.chat) == ()
    assert words in said[-1].text
    real = persons is not None
    assert ("照片" in said[-1].text or "会画画" in said[-1].text) if real else "可以换成" in said[-1].text
    for number, button in enumerate(said[-1].buttons, 1):  # what is offered can be done
        me.say(button.label, action=button.action)
        assert len(jobs.of_chat(me.store, me.chat)) == number


@pytest.mark.parametrize(
    ("persons", "sentence"),
    [
        (None, "把猫换成狗"),
        (None, "加一只红色的兔子"),
        (None, "背景换成海边"),
        (None, "改成水墨风"),
        (2, "改成水墨风"),
        (2, "背景换成白色"),
        (2, "背景换成晚霞"),
        (2, "背景虚化"),
        (2, "去掉最左边的人"),
        (2, "调亮一点"),
        (2, "衣服改成红色"),
        (0, "裁成方形"),
    ],
)
def test_what_somebody_can_do_is_queued(me: Person, persons: int | None, sentence: str) -> None:
    seen(me, persons)
    me.say(sentence)
    assert len(jobs.of_chat(me.store, me.chat)) == 1


def test_before_any_worker_is_known_all_is_queued_and_marked(store: Storage) -> None:
    me = Person(store)
    me.say("把猫换成锟斤拷", ("cat",))
    workers.publish(store, "w", [DRAWN, REAL], ("edit", "stickers", "learn"))
    me.say("调亮一点")
    first, second = (job.request for job in jobs.of_chat(store, me.chat))
    assert first.unheard  # type: ignore[union-attr]
    assert not second.unheard  # type: ignore[union-attr]


def test_a_painting_model_may_try_every_word(me: Person) -> None:
    workers.publish(me.store, "w", [DRAWN, REAL, PAINTER], ("edit", "stickers", "learn"))
    seen(me, 2)
    me.say("把猫换成锟斤拷")
    assert len(jobs.of_chat(me.store, me.chat)) == 1


@pytest.mark.parametrize(
    ("persons", "sentence", "words"),
    [
        (0, "去掉最左边的人", "没有看到人"),
        (2, "去掉左边第四个人", "只看到 2 个人"),
        (3, "把右边第五个人的衣服改成红色", "只看到 3 个人"),
    ],
)
def test_who_is_not_in_the_photo_is_said_at_once(me: Person, persons: int, sentence: str, words: str) -> None:
    seen(me, persons)
    assert words in me.say(sentence)[-1].text
    assert jobs.of_chat(me.store, me.chat) == ()


def test_of_several_steps_the_others_are_done(me: Person) -> None:
    seen(me, 2)
    said = me.say("先把猫换成恐龙，再调亮一点")
    assert "恐龙" in said[0].text
    (job,) = jobs.of_chat(me.store, me.chat)
    assert "adjust" in json.dumps(job.request.step.to_json())  # type: ignore[union-attr]


@pytest.mark.parametrize(("persons", "named"), [(2, False), (None, True)])
def test_no_method_that_knows_only_a_drawn_world_is_named_for_a_real_photo(
    store: Storage, persons: int | None, named: bool
) -> None:
    method = {"name": "p2p", "title": "Prompt-to-Prompt", "operations": ["restyle"], "needs": []}
    workers.publish(store, "w", [{**DRAWN, "methods": [method]}, REAL], ("edit", "stickers", "learn"))
    me = Person(store)
    seen(me, persons)
    me.say("改成素描")
    assert ("Prompt-to-Prompt" in me.say("换一种方法")[0].text) == named
