"""The learnt reader: NumPy runs the network that torch has trained, small, quick, and sure of what is plain."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from bot.dialogue import SURELY_OF_A_KIND
from bot.language import reader
from bot.language.tokens import tokens
from bot.parser import parse
from storage.plans import CONCEPT_KINDS, INTENTS, OPERATIONS
from tests.commands.network import Reader, filled

SENTENCES = (
    "把左边第二个穿红裙子的女生换成小明,谢谢",
    "收费吗",
    "一点都不好看",
    "亮",
    "原图给我看看",
    "今天天气真好😂",
)


def test_is_the_networks_that_were_trained() -> None:
    """The same probabilities as the mean of what torch's own GRUs and heads say with the stored weights."""
    words = reader._words()
    with np.load(reader.WEIGHTS) as held:
        members = range(len(held["characters"]))
    models = [Reader(len(words["characters"]) + 2, len(words["parts"]) + 2).eval() for _ in members]
    for member, model in enumerate(models):
        filled(model, member)
    for sentence in SENTENCES:
        characters, parts, places = reader.features(tokens(sentence, ["小明"]))
        ids = torch.tensor([[words["characters"].get(one, 1) for one in characters]])
        roles = torch.tensor([[words["parts"].get(one, 1) for one in parts]])
        told = reader.read(tokens(sentence, ["小明"]), 1)
        with torch.no_grad():
            intents, operations, _, abouts, states, wholes = zip(
                *(model(ids, roles, torch.tensor([[1.0]])) for model in models), strict=True
            )
            kinds, _, _, talk = map(_mean, zip(*abouts, strict=True))
            likely = (_mean(intents)[0] / words["temperature"]).softmax(-1).numpy()
            np.testing.assert_allclose(list(told.intents.values()), likely, atol=2e-3)
            np.testing.assert_allclose(
                list(told.operations.values()), _mean(operations)[0].sigmoid().numpy(), atol=2e-3
            )
            assert told.kind[0] == CONCEPT_KINDS[int(kinds[0].argmax())]
            assert told.talk[1] == pytest.approx(talk[0].softmax(-1).max().item(), abs=2e-3)
            _say_the_same_steps(models, states, wholes, ids > 0, told.deeds, places)


def _say_the_same_steps(
    models: Sequence[Reader],
    states: Sequence[torch.Tensor],
    wholes: Sequence[torch.Tensor],
    mask: torch.Tensor,
    deeds: Sequence[reader.Deed],
    places: Sequence[int],
) -> None:
    """Step after step, with the words of the steps before marked as used."""
    done = torch.tensor([[OPERATIONS.index(deed.operation) for deed in deeds]])
    named = torch.zeros(1, len(deeds), len(places))
    for at, deed in enumerate(deeds):
        said = [
            model.steps(seen, whole, mask, done[:, : at + 1], named[:, : at + 1])
            for model, seen, whole in zip(models, states, wholes, strict=True)
        ]
        after, tags, closed = map(_mean, zip(*said, strict=True))
        best = tags[at].argmax(-1)
        named[0, at] = (best > 0).float()
        assert deed.likely == pytest.approx(after[at].softmax(-1)[done[0, at]].item(), abs=2e-3)
        marked = [places[one] for one in range(len(places)) if best[one] in (1, 2)]
        assert {one for one in places if _inside(one, deed.target)} <= set(marked)
        assert bool(marked) == (deed.target is not None)
        colors = closed[at, : len(reader.CLOSED["color"])].softmax(-1).numpy()
        assert deed.slots["color"][1] == pytest.approx(colors.max(), abs=2e-3)


def _mean(some: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.stack(list(some)).mean(0)


def _words(text: str, span: reader.Span | None) -> str | None:
    return text[slice(*span)] if span else None


def _inside(at: int, span: reader.Span | None) -> bool:
    return span is not None and span[0] <= at < span[1]


@pytest.mark.parametrize(
    ("text", "intent", "operation"),
    [
        ("把猫换成狗", "edit", "replace"),
        ("左边第二个人P掉", "edit", "remove"),
        ("调亮一点", "edit", "adjust"),
        ("做一寸证件照", "edit", "id_photo"),
        ("收费吗", "question", None),
        ("照片会被拿去用吗", "question", None),
        ("这也太假了吧", "complaint", None),
        ("原图给我看看", "show", None),
        ("今天天气真好", "chat", None),
    ],
)
def test_what_is_plain(text: str, intent: str, operation: str | None) -> None:
    told = reader.read(tokens(text), 1)
    assert told.intent == intent
    assert told.sure > 0.8
    if operation:
        assert max(told.operations, key=told.operations.__getitem__) == operation


def test_knows_every_word_of_the_schema() -> None:
    told = reader.read(tokens("把猫换成狗"), 1)
    assert tuple(told.intents) == INTENTS
    assert tuple(told.operations) == OPERATIONS
    assert sum(told.intents.values()) == pytest.approx(1)


def test_says_what_an_order_is_about() -> None:
    text = "把左边的猫换成红色的狗"
    deed = reader.read(tokens(text), 1).deeds[0]
    assert deed.operation == "replace"
    assert _words(text, deed.target) == "猫"
    assert _words(text, deed.content) == "狗"
    step = parse(text, photos=1).steps[0]  # rules are exact about colours and places
    assert (step.color, step.position) == ("red", "left")


def test_two_operations_have_words_of_their_own() -> None:
    text = "把路人去掉,再把背景换成海边"
    first, second = reader.read(tokens(text), 1).deeds
    assert (first.operation, second.operation) == ("remove", "background")
    assert _words(text, first.target) == "路人"
    assert _words(text, second.content) == "海边"


def test_marks_what_is_beyond_us() -> None:
    text = "把猫去掉,再帮我发到朋友圈"
    told = reader.read(tokens(text), 1)
    marked = {text[at] for start, end in told.beyond for at in range(start, end)}
    assert set("发到朋友圈") <= marked
    assert "猫" not in marked


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("太谢谢了,全家终于齐了😭", "thanks"),
        ("可爱死了谢啦😘", "thanks"),
        ("哈哈哈哈笑死我了", "laugh"),
        ("左边那个是我外婆", "kin"),
        ("这是去年夏天在青岛拍的", "memory"),
    ],
)
def test_which_talk_it_is(text: str, kind: str) -> None:
    told, likely = reader.read(tokens(text), 0).talk
    assert told == kind
    assert likely > 0.5


@pytest.mark.parametrize("text", ["一点都不好看", "他从来不说谢谢"])
def test_which_it_is_not(text: str) -> None:
    kind, likely = reader.read(tokens(text), 0).talk
    assert kind not in ("thanks", "praise") or likely < SURELY_OF_A_KIND


def test_says_what_else_is_meant() -> None:
    """Whom to learn, of whom stickers are, what to draw, which picture is meant."""
    told = reader.read(tokens("记住,这是我家橘猫胖虎"), 3)
    assert (_words("记住,这是我家橘猫胖虎", told.said[0]), told.kind[0]) == ("胖虎", "pet")
    assert parse("做一套我家狗的表情包,要生气的", photos=1).expressions == ("angry",)
    assert parse("画一只戴耳机的柴犬在沙滩上跑步").content == "戴耳机的柴犬在沙滩上跑步"
    assert reader.read(tokens("原图发我一下"), 0).which == "original"
    assert parse("雪地那张再给我看看").result == "雪地那张"


def test_nothing_is_talk() -> None:
    assert reader.read((), 1).intent == "chat"


def test_is_small() -> None:
    assert reader.WEIGHTS.stat().st_size + reader.WORDS.stat().st_size < 10_000_000
