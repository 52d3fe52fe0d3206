"""Jobs of the editing lane on a real store: several pictures at once, questions back, no mark before the model's eyes."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import storage
from bot.language.referents import referents
from bot.outbox import compose
from lettering import marks
from miniature import wording
from pipeline.diffusion import engine as drawing
from pipeline.diffusion.engine import Diffusion
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.vocabulary import Seen, Thing, caption, parse
from pipeline.engine import Ambiguous, Capabilities, Choice, Edited, EditOrder, OrderError, Progress, Work, finish
from pipeline.handlers import Handlers, _moods
from storage import Storage, jobs, outbox, photos
from storage.jobs import EditRequest, Job, Result, StickerRequest
from storage.plans import Step
from tests.bot.talking import Person

ANN = "web:ann"
WORLD = parse(wording.world())
CATS = (
    Thing("cat", {"color": "red"}, "left", (0.05, 0.35, 0.4, 0.9)),
    Thing("cat", {"color": "black"}, "right", (0.6, 0.35, 0.95, 0.9)),
)


@pytest.fixture
def handlers(world_sd: StableDiffusion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handlers]:
    """Handlers whose engine's photos all show two cats on the beach: a CLIP with random weights cannot know."""
    found = Seen("beach", "photo", CATS, caption(WORLD, Seen("beach", "photo", CATS, "")))
    monkeypatch.setattr(drawing, "survey", lambda *args: found)
    with storage.open(tmp_path) as store:
        yield Handlers(store, [Diffusion("diffusion", world_sd, "tiny")], marks.Maker())


def do(handlers: Handlers, step: Step, photo: str, **more: object) -> tuple[Job, Result]:
    """Queue an edit, do it, finish it."""
    store: Storage = handlers.store
    request = EditRequest(step, photo, referents=referents(step, ""), **more)  # type: ignore[arg-type]
    queued = jobs.enqueue(store, key=f"{step}{photo}{more}", kind="edit", owner=ANN, chat=ANN, request=request)
    job = jobs.claim(store, "w", ("edit",))
    assert job is not None
    assert job.id == queued.id
    result = finish(handlers.edit(job))
    return jobs.finish(store, job, result), result


def test_what_was_asked_before_any_worker_was_known_is_refused_first(handlers: Handlers) -> None:
    with pytest.raises(OrderError, match="keeps within"):
        do(handlers, Step("replace", "猫", "狮子"), sent(handlers), unheard=True)


def sent(handlers: Handlers) -> str:
    """A photo of grey noise."""
    pixels = np.random.default_rng(0).integers(90, 160, (96, 96, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return photos.put(handlers.store, out.getvalue(), ANN).sha256


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def test_several_pictures_to_choose_from_differ(handlers: Handlers) -> None:
    _, result = do(handlers, Step("restyle", style="comic"), sent(handlers), count=3)
    assert len(set(result.photos)) == 3
    first, second, third = (pixels(photos.read_clean(handlers.store, sha)).astype(int) for sha in result.photos)
    assert np.abs(first - second).mean() > 1
    assert np.abs(second - third).mean() > 1


def test_the_next_edit_does_not_see_the_mark(handlers: Handlers) -> None:
    """The words are on what is sent, and not on what the model gets."""
    photo = sent(handlers)
    _, result = do(handlers, Step("recolor", "猫", color="blue", position="left"), photo)
    (made,) = result.photos
    marked, clean = pixels(photos.read(handlers.store, made)), pixels(photos.read_clean(handlers.store, made))
    assert (marked != clean).any()
    assert (marks.stamp(clean) == marked).all()
    assert (handlers._photo(made, ANN) == clean).all()
    assert (handlers._photo(photo, ANN) == pixels(photos.read(handlers.store, photo))).all()


def test_questions_and_offers_are_results_without_pictures(handlers: Handlers) -> None:
    photo = sent(handlers)
    _, which = do(handlers, Step("remove", "猫"), photo)
    assert [choice["words"] for choice in which.facts["choices"]] == ["左边红色的猫", "右边黑色的猫"]
    assert which.text == ""
    _, unheard = do(handlers, Step("remove", "小红"), photo)
    assert unheard.text == "我还不认识“小红”，你说的是哪一个？"
    assert len(unheard.facts["choices"]) == 2
    _, instead = do(handlers, Step("replace", "猫", "狮子", position="left"), photo)
    assert instead.text == "我还画不出狮子，可以换成狗、兔子、小鸟、熊。"
    assert [offer["words"] for offer in instead.facts["offers"]] == ["狗", "兔子", "小鸟", "熊"]
    assert instead.facts["offers"][0]["step"] == Step("replace", "猫", "狗", position="left").to_json()


def test_words_and_emoji_of_a_request() -> None:
    """An emoji among the words is the sticker's emoji; what was not said is filled up."""
    told = _moods(StickerRequest(photo="x", count=3, captions=("下班啦🎉", "晚安")))
    assert [(mood.caption, mood.emoji) for mood in told] == [("下班啦", "🎉"), ("晚安", "🌙"), ("收到", "👌")]


class Asking:
    """An engine that always asks which of two is meant, with a picture."""

    name = kind = "compositing"

    def capabilities(self) -> Capabilities:
        return Capabilities(("remove",), ("edit", "stickers"))

    def serves(self, order: object) -> bool:
        return True

    def edit(self, order: EditOrder) -> Work[Edited]:
        yield Progress(0, 1, "看照片")
        choices = [Choice(0, "左边第一个", (0, 0, 0.5, 1)), Choice(1, "左边第二个", (0.5, 0, 1, 1))]
        raise Ambiguous("是哪一个？", "two fit", choices, picture=np.full((40, 60, 3), 200, np.uint8))

    figures = edit


def test_whose_stickers_is_asked_and_the_answer_goes_along(handlers: Handlers) -> None:
    asking = replace(handlers, engines=[Asking()])  # type: ignore[list-item]
    person = Person(asking.store, "ann")
    person.say("做2个表情", ("group",))
    job = jobs.claim(asking.store, "w", ("stickers",))
    assert job is not None
    jobs.finish(asking.store, job, finish(asking.stickers(job)))
    (card,) = person.listen()
    assert "给谁做表情包" in card.text
    assert len(card.images) == 1
    person.press("左边第二个")
    again = jobs.claim(asking.store, "w", ("stickers",))
    assert again is not None
    assert isinstance(again.request, StickerRequest)
    assert (again.request.choice, again.request.photo, again.request.count) == (1, person.sent["group"], 2)


def test_a_question_comes_with_its_picture(handlers: Handlers) -> None:
    """Numbered faces on a picture: shown with the buttons, kept for the owner, no result of an edit and not marked."""
    asking = replace(handlers, engines=[Asking()])  # type: ignore[list-item]
    job, result = do(asking, Step("remove", "人"), sent(asking))
    assert result.photos == ()
    data = photos.read(asking.store, result.facts["picture"], ANN)
    assert pixels(data).shape == (40, 60, 3)
    assert not marks.verify(data).marked
    delivery = outbox.claim(asking.store, "web", "w")
    assert delivery is not None
    message = compose(asking.store, delivery)
    assert (message.images, message.original) == ((result.facts["picture"],), None)
    assert [button.label for button in message.buttons] == ["左边第一个", "左边第二个"]
    assert message.job == job.id
