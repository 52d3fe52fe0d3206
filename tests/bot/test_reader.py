"""The learnt reader: NumPy runs the network that torch has trained, small, quick, and sure of what is plain."""

import time

import numpy as np
import pytest
import torch

from bot.language import reader
from bot.language.tokens import tokens
from storage.plans import INTENTS, OPERATIONS
from tests.commands.train import Reader

SENTENCES = (
    "把左边第二个穿红裙子的女生换成小明,谢谢",
    "收费吗",
    "一点都不好看",
    "亮",
    "原图给我看看",
    "今天天气真好😂",
)


def test_is_the_network_that_was_trained() -> None:
    """The same logits as torch's own GRU with the stored weights."""
    held = {name: torch.tensor(value.astype(np.float32)) for name, value in np.load(reader.WEIGHTS).items()}
    model = Reader(len(held["characters"]), len(held["parts"])).eval()
    renamed = {name.replace("gru.", "gru.").replace("_reverse", "_l0_reverse"): value for name, value in held.items()}
    renamed |= {f"{name}_l0": held[name] for name in held if name.startswith("gru.") and not name.endswith("_reverse")}
    renamed |= {"characters.weight": held["characters"], "parts.weight": held["parts"]}
    model.load_state_dict({name: renamed[name] for name in model.state_dict()})
    for sentence in SENTENCES:
        characters, parts, _ = reader.features(tokens(sentence, ["小明"]))
        words = reader._words()
        ids = [[words["characters"].get(one, 1) for one in characters], [words["parts"].get(one, 1) for one in parts]]
        with torch.no_grad():
            wanted = model(torch.tensor([ids[0]]), torch.tensor([ids[1]]), torch.tensor([[1.0]]))
        got = reader._forward(np.array(ids[0]), np.array(ids[1]), True)
        for mine, theirs in zip(got, wanted, strict=True):
            np.testing.assert_allclose(mine, theirs[0].numpy(), atol=2e-3)


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


def test_marks_what_an_order_is_about() -> None:
    text = "把猫换成狗"
    told = reader.read(tokens(text), 1)
    assert [text[start:end] for start, end in told.target] == ["猫"]
    assert [text[start:end] for start, end in told.content] == ["狗"]


def test_nothing_is_talk() -> None:
    assert reader.read((), 1).intent == "chat"


def test_is_small_and_quick() -> None:
    assert reader.WEIGHTS.stat().st_size + reader.WORDS.stat().st_size < 2_000_000
    found = tokens(SENTENCES[0])
    reader.read(found, 1)
    began = time.process_time()
    for _ in range(100):
        reader.read(found, 1)
    assert time.process_time() - began < 0.6
