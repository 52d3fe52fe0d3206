"""What the bot orders when an offer is taken."""

from bot.results import offered, offers
from storage.plans import Referent, Step
from storage.requests import EditRequest, Result

BESIDE = Referent("小红", name="小红")
REQUEST = EditRequest(Step("insert", concept="小明", position="left"), "sha", referents={"beside": BESIDE})


def test_an_offer_brings_what_it_speaks_of() -> None:
    """「让我选位置」 is no longer beside anybody: the old words would lead to the same refusal."""
    step = Step("insert", concept="小明")
    result = Result(
        text="放不下。", facts={"offers": [{"words": "让我选位置", "step": step.to_json(), "referents": {}}]}
    )
    assert [words for _, words in offers(result)] == ["让我选位置"]
    taken = offered(REQUEST, result, 0)
    assert taken.step == step
    assert taken.referents == {}


def test_an_offer_that_says_nothing_of_it_speaks_of_the_same() -> None:
    """A result of an older worker."""
    step = Step("insert", concept="小明", position="behind")
    taken = offered(REQUEST, Result(text="放不下。", facts={"offers": [{"words": "后面", "step": step.to_json()}]}), 0)
    assert taken.step.position == "behind"
    assert taken.referents == {"beside": BESIDE}
