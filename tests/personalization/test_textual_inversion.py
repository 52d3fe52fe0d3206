"""Vectors from a few photos: what is learnt, what is left alone, when it ends."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization import textual_inversion
from personalization.nearest import Start
from personalization.subject import Portrait
from personalization.textual_inversion import BOUND, LEAST, MOST, Learned, learn
from pipeline.diffusion.toolkit import optimize
from pipeline.diffusion.toolkit.model import StableDiffusion, embed
from pipeline.diffusion.toolkit.pseudo_tokens import wear, word_vectors
from pipeline.diffusion.vocabulary import Seen, Thing
from pipeline.engine import Cache, Progress, finish
from tests.personalization.conftest import photos


@pytest.fixture(scope="module")
def small(monkeypatch_module: pytest.MonkeyPatch) -> None:
    """Less of everything that is only there for quality."""
    monkeypatch_module.setattr(textual_inversion, "FIXED", 2)
    monkeypatch_module.setattr(textual_inversion, "BATCH", 2)
    monkeypatch_module.setattr(textual_inversion, "CHECK", 1)


@pytest.fixture(scope="module")
def monkeypatch_module() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def learned(small: None, world_sd: StableDiffusion) -> Learned:
    return finish(learn(world_sd, photos("阿紫", 2), "person", steps=3, seed=4))


def test_vectors_start_from_words_and_stay_near_their_length(learned: Learned, world_sd: StableDiffusion) -> None:
    facts = learned.facts
    assert learned.vectors.dtype == torch.float32
    assert learned.vectors.shape == (facts["vectors"], world_sd.text_encoder.config.hidden_size)
    assert LEAST <= facts["vectors"] <= MOST
    assert not learned.vectors.requires_grad
    assert torch.isfinite(learned.vectors).all()
    longest = word_vectors(world_sd, facts["start"]).norm(dim=-1).max()
    assert learned.vectors.norm(dim=-1).max() <= BOUND * longest * 1.001


def test_facts_tell_what_happened(learned: Learned) -> None:
    """They go into the database as JSON, and from there `like` and `slots` into prompts."""
    facts = json.loads(json.dumps(learned.facts))
    assert facts["like"] in ("girl", "boy", "monster")
    assert facts["slots"]["color"] in facts["start"]
    assert facts["loss_after"] <= facts["loss_before"]
    assert facts["steps"] == 3
    assert facts["unet_backward"] == 3 * 2
    assert facts["unet_forward"] > facts["unet_backward"]
    assert facts["seconds"] > 0


def test_the_same_seed_repeats_it(learned: Learned, world_sd: StableDiffusion) -> None:
    again = finish(learn(world_sd, photos("阿紫", 2), "person", steps=3, seed=4))
    assert again.vectors.equal(learned.vectors)
    timeless = {key: value for key, value in learned.facts.items() if key != "seconds"}
    assert timeless.items() <= again.facts.items()


@pytest.mark.parametrize("dies_after", [1, 2])
def test_a_process_that_dies_loses_no_more_than_a_checkpoint(
    learned: Learned, world_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch, dies_after: int
) -> None:
    monkeypatch.setattr(optimize, "CHECKPOINT", 1)
    kept: tuple[Cache, str] = ({}, "阿紫")
    work = learn(world_sd, photos("阿紫", 2), "person", steps=3, seed=4, kept=kept)
    next(step for step in work if step.done == 2 + 1 + dies_after)
    next(work)  # what has been done is kept before the next step
    work.close()
    again = finish(learn(world_sd, photos("阿紫", 2), "person", steps=3, seed=4, kept=kept))
    assert again.vectors.equal(learned.vectors)
    assert again.facts["unet_backward"] == learned.facts["unet_backward"] * (3 - dies_after) // 3
    assert again.facts["loss_after"] == learned.facts["loss_after"]
    assert again.facts["steps"] == 3


@pytest.mark.usefixtures("small")
def test_the_model_is_left_alone_even_when_cancelled(tiny_sd: StableDiffusion) -> None:
    before = embed(tiny_sd, ["a photo of a cat"])
    work = learn(tiny_sd, photos("阿紫", 1), "pet", steps=5)
    seen: list[Progress] = []
    for progress in work:
        seen.append(progress)
        if progress.stage == "学习":
            break
    work.close()
    assert not tiny_sd.worn
    assert embed(tiny_sd, ["a photo of a cat"]).equal(before)
    assert all(parameter.grad is None for parameter in tiny_sd.unet.parameters())
    assert [progress.stage for progress in seen] == ["看照片", "找最像的词", "学习"]
    done = [progress.done / progress.total for progress in seen]
    assert done == sorted(done)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["object", "style"])
def test_any_model_can_be_taught(every_sd: StableDiffusion, kind: str) -> None:
    """Epsilon or velocity, 4 or 8 channels, any length of prompt; the result can be worn and drawn with."""
    result = finish(learn(every_sd, photos("阿紫", 1), kind, steps=1, vectors=5, name="<x>"))
    assert result.vectors.shape[0] == 5
    assert result.facts["steps"] == 1
    with wear(every_sd, {"<x>": result.vectors}):
        assert not embed(every_sd, ["a photo of <x>"]).allclose(embed(every_sd, ["a photo of a cat"]))


@pytest.mark.usefixtures("small")
def test_it_ends_when_the_fixed_batch_is_flat_and_keeps_the_best(
    tiny_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss that falls, rises a little and stays: the vectors are those of its lowest point."""
    curve = iter([9.0, 5.0, 2.0, 1.0, *[1.5] * 50])
    monkeypatch.setattr(textual_inversion, "nearest", lambda *_: Start("a cat", 1.0))
    monkeypatch.setattr(textual_inversion, "fixed_loss", lambda *_, **__: next(curve))
    stopped = finish(learn(tiny_sd, photos("阿紫", 1), "pet", steps=40))
    assert stopped.facts["stopped"]
    assert 6 < stopped.facts["steps"] < 20
    assert stopped.facts["loss_after"] == 1.0
    curve = iter([9.0, 5.0, 2.0, 1.0])
    short = finish(learn(tiny_sd, photos("阿紫", 1), "pet", steps=3))
    assert not short.facts["stopped"]
    assert stopped.vectors.equal(short.vectors)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("read", "slots", "whole", "steps"), [
    (True, 4, False, 2),  # who was read off the photos by many details
    (True, 4, True, 5),
    (True, 2, False, 5),  # a cat has a colour, and much that no word says
    (False, 4, False, 5),
])  # fmt: skip
def test_who_was_read_needs_few_steps(
    tiny_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch, read: bool, slots: int, whole: bool, steps: int
) -> None:
    monkeypatch.setattr(textual_inversion, "REFINED", 2)
    start = Start("a green cat", 1.0, "cat", {str(i): "" for i in range(slots)}, read)
    monkeypatch.setattr(textual_inversion, "nearest", lambda *_: start)
    seen = list(learn(tiny_sd, photos("绿豆", 1), "pet", steps=5, whole=whole))
    assert sum(progress.stage == "学习" for progress in seen) == steps
    done = [progress.done / progress.total for progress in seen]
    assert done == sorted(done)
    assert done[-1] == 1.0


def test_without_photos_there_is_nothing_to_learn(tiny_sd: StableDiffusion) -> None:
    with pytest.raises(ValueError, match="no photos"):
        next(learn(tiny_sd, [], "person"))


@pytest.mark.parametrize(
    ("words", "count", "rows"),
    [
        ("a cat", None, LEAST),
        ("a cat", 1, 1),
        ("a cat", 7, 7),
        ("a red cat in the snow with a red dog on the grass", None, MOST),
    ],
)
def test_as_many_vectors_as_words_within_bounds(
    tiny_sd: StableDiffusion, words: str, count: int | None, rows: int
) -> None:
    vectors = textual_inversion._first_vectors(tiny_sd, words, count)
    assert vectors.shape == (rows, 32)
    nouns = word_vectors(tiny_sd, "cat")[0]
    assert any(row.equal(nouns) for row in vectors)  # small words go first, and what is missing is a noun again


@given(*[st.floats(-0.2, 0.5)] * 2, *[st.floats(0.5, 1.2)] * 2, st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_a_closer_cut_never_loses_the_subject(x0: float, y0: float, x1: float, y1: float, seed: int) -> None:
    """Rounding may cost one row and one column on either side."""
    rows, columns = (slice(max(0, round(100 * a)), min(100, round(100 * b))) for a, b in ((y0, y1), (x0, x1)))
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[rows, columns] = 255
    portrait = Portrait(pixels, Seen("", "", (Thing("cat", box=(x0, y0, x1, y1)),), ""), 0)
    cut = textual_inversion._closer(portrait, np.random.default_rng(seed)).pixels
    assert min(cut.shape[:2]) >= 79
    before, after = ((picture > 0).any(2) for picture in (pixels, cut))
    for axis in (0, 1):
        assert after.any(axis).sum() >= before.any(axis).sum() - 2
