"""Teaching: what is asked of the worker beyond the photos."""

import pytest

from bot.learning import WEIGHTS, plainly
from storage import Storage, jobs
from storage.jobs import LearnRequest
from tests.bot.talking import Person


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("这是阿紫，记住她，用LoRA学", "这是阿紫，记住她"),
        ("用 LoRA 学一下，这是豆豆", "学一下，这是豆豆"),
        ("记住这是绿豆，学仔细一点", "记住这是绿豆"),
        ("教你一个新画风，叫水彩，用 dreambooth", "教你一个新画风，叫水彩"),
        ("这是阿紫，连权重也一起学", "这是阿紫"),
        ("这是阿紫，记住她", "这是阿紫，记住她"),
        ("用LoRA学", "用LoRA学"),
    ],
)
def test_the_wish_for_weights_is_taken_out_of_the_sentence(said: str, plain: str) -> None:
    assert plainly(said) == plain


@pytest.mark.parametrize(("wish", "weights"), [("", None), ("，用 LoRA 学", True)])
def test_who_asks_for_weights_gets_them(wish: str, weights: bool | None, store: Storage) -> None:
    """Also when something else has to be asked first."""
    person = Person(store)
    person.say(f"这是豆豆，它是我的狗，记住它{wish}", ("z1", "z2"))
    person.say("", ("z3", "z4"))
    (job,) = jobs.of_chat(store, person.chat)
    assert isinstance(job.request, LearnRequest)
    assert job.request.weights is weights
    assert bool(WEIGHTS.search(wish)) is bool(weights)


def test_talk_in_answer_to_somebodys_picture_needs_no_right_to_it(store: Storage) -> None:
    person = Person(store)
    (answer,) = person.say("哈哈哈", replied=("0" * 64, "1" * 64))
    assert answer.text == person.say("哈哈哈")[-1].text
