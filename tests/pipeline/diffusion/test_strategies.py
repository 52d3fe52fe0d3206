"""One step on one photo: any size, any operation, the user's own pixels outside, inversions kept."""

from typing import Any

import numpy as np
import pytest
import torch

from miniature import wording
from pipeline.diffusion import removal, strategies, whole_picture
from pipeline.diffusion.artefact import Known
from pipeline.diffusion.grounding import PromptError, Taught
from pipeline.diffusion.methods import METHODS, EditError
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.toolkit.style_statistics import look
from pipeline.diffusion.vocabulary import Seen, Thing, caption, parse
from pipeline.engine import Ambiguous, Edited, Progress, Unfamiliar, finish
from storage.plans import Step
from tests.pipeline.diffusion.asking import edit

WORLD = parse(wording.world())
CAT = Thing("cat", {"color": "red"}, "left", (0.05, 0.35, 0.4, 0.9))
BALL = Thing("ball", {"color": "blue"}, "right", (0.65, 0.5, 0.95, 0.9))
STEPS = {
    "replace": Step("replace", "猫", "狗"),
    "recolor": Step("recolor", "猫", color="blue"),
    "modify": Step("modify", None, "雪天"),
    "restyle": Step("restyle", style="comic"),
    "background": Step("background", content="草地"),
    "insert": Step("insert", content="狗", position="center"),
    "remove": Step("remove", "球"),
    "move": Step("move", "猫", position="center"),
}


def photo(height: int = 128, width: int = 128, seed: int = 0) -> np.ndarray:
    """Any photo."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def seen(*things: Thing, familiar: float = 1.0) -> Seen:
    """What the look is made to find."""
    return Seen("beach", "photo", things, caption(WORLD, Seen("beach", "photo", things, "")), familiar)


@pytest.fixture
def sees(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a test say what is in the photo, because a CLIP with random weights cannot know."""

    def say(*things: Thing, familiar: float = 1.0) -> None:
        found = seen(*things, familiar=familiar)
        monkeypatch.setattr(strategies, "survey", lambda *args: found)
        monkeypatch.setattr(whole_picture, "look", lambda *args: found)
        monkeypatch.setattr(removal, "survey", lambda *args: seen())

    return say


def run(sd: StableDiffusion, image: np.ndarray, step: Step, **options: Any) -> Edited:
    """Carry out a step."""
    return finish(edit(sd, image, step, **options))


@pytest.mark.parametrize("operation", STEPS)
@pytest.mark.parametrize("size", [(128, 128), (97, 141), (400, 300)])
def test_every_operation_on_photos_of_any_size(
    world_sd: StableDiffusion, sees: Any, operation: str, size: tuple[int, int]
) -> None:
    """Same size out as in, no bit changed outside the mask, facts told."""
    sees(CAT, BALL)
    image = photo(*size)
    made = run(world_sd, image, STEPS[operation])
    assert made.image.shape == image.shape
    assert made.image.dtype == np.uint8
    assert (made.image[made.mask == 0] == image[made.mask == 0]).all()
    facts = made.facts
    assert facts["unet_forward"] > 0
    assert facts["operation"] == operation
    assert facts["told"]
    assert [thing["kind"] for thing in facts["things"]] == ["cat", "ball"]
    if operation not in ("restyle", "background", "modify"):
        assert (made.mask == 0).mean() > 0.3


def test_what_is_local_stays_in_its_box(world_sd: StableDiffusion, sees: Any) -> None:
    """Replacing the cat on the left leaves the right half alone, however the model errs."""
    sees(CAT, BALL)
    image = photo(256, 256)
    made = run(world_sd, image, STEPS["replace"])
    assert (made.image[:, 160:] == image[:, 160:]).all()
    assert (made.image != image).any()


def test_a_small_thing_in_a_large_photo_is_edited_in_a_crop(world_sd: StableDiffusion, sees: Any) -> None:
    """The crop's prompts speak of what is in the crop only."""
    far = Thing("cat", {"color": "red"}, "left", (0.02, 0.5, 0.10, 0.6))
    sees(far, BALL)
    made = run(world_sd, photo(600, 800), Step("recolor", "猫", color="blue"))
    assert made.facts["crop"][2] < 400
    assert "ball" not in made.facts["source"]
    assert (made.mask[:, 300:] == 0).all()
    inserted = run(world_sd, photo(200, 800), Step("insert", content="狗", position="center"))
    assert "dog" in inserted.facts["target"]


@pytest.mark.parametrize("size", [(64, 256), (256, 64)])
def test_a_long_photo_is_restyled_in_windows(world_sd: StableDiffusion, sees: Any, size: tuple[int, int]) -> None:
    """1 : 4 is no reason to squeeze."""
    sees(CAT)
    steps = list(edit(world_sd, photo(*size), STEPS["restyle"]))
    assert steps[-1].done == steps[-1].total
    made = run(world_sd, photo(*size), STEPS["restyle"])
    assert made.image.shape == (*size, 3)
    assert (made.mask == 1).all()


def test_the_second_edit_skips_inversion(world_sd: StableDiffusion, sees: Any) -> None:
    """Another step on the same photo takes the inversion from the cache and comes to the same picture as without."""
    sees(CAT, BALL)
    cache: dict[str, dict[str, np.ndarray]] = {}
    first = run(world_sd, photo(), STEPS["replace"], cache=cache)
    again = run(world_sd, photo(), STEPS["recolor"], cache=cache)
    alone = run(world_sd, photo(), STEPS["recolor"])
    assert len(cache) == 1
    assert not first.facts["inversion_kept"]
    assert again.facts["inversion_kept"]
    assert again.facts["unet_forward"] < alone.facts["unet_forward"]
    assert (again.image == alone.image).all()
    run(world_sd, photo(seed=1), STEPS["recolor"], cache=cache)
    run(world_sd, photo(), STEPS["recolor"], cache=cache, inversion="null_text")
    assert len(cache) == 3


def test_concepts_come_in(world_sd: StableDiffusion, sees: Any) -> None:
    """Worn for the length of the edit, as content and as style, and taken off afterwards."""
    sees(BALL)
    width = world_sd.text_encoder.config.hidden_size
    zi = Known(Taught("<1>", "person", "girl"), torch.randn(3, width))
    made = run(world_sd, photo(), Step("insert", concept="阿紫", position="left"), concepts={"阿紫": zi})
    assert "<1>" in made.facts["target"]
    assert not world_sd.worn
    style = Known(Taught("<2>", "style"), torch.randn(2, width))
    assert (
        "a <2> of" in run(world_sd, photo(), Step("restyle", concept="青花"), concepts={"青花": style}).facts["target"]
    )


def test_a_taught_style_is_put_on_by_how_its_pictures_are_painted(world_sd: StableDiffusion, sees: Any) -> None:
    """Unless another method is asked for."""
    sees(BALL)
    painted = tuple(look(world_sd, torch.rand(2, 3, world_sd.size, world_sd.size) - 0.2).tolist())
    vectors = torch.randn(2, world_sd.text_encoder.config.hidden_size)
    style = {"青花": Known(Taught("<2>", "style"), vectors, look=painted)}
    made = run(world_sd, photo(), Step("restyle", concept="青花"), concepts=style)
    assert made.facts["method"] == "style_transfer"
    assert made.facts["unet_forward"] == 0
    other = run(world_sd, photo(), Step("restyle", concept="青花"), concepts=style, method="sdedit")
    assert other.facts["method"] == "sdedit"


def test_cancelling_leaves_the_model_as_it_was(world_sd: StableDiffusion, sees: Any) -> None:
    """A generator that is closed in the middle takes concepts and attention control off."""
    sees(BALL)
    before = {name: type(processor) for name, processor in world_sd.unet.attn_processors.items()}
    zi = Known(Taught("<1>", "person", "girl"), torch.randn(3, world_sd.text_encoder.config.hidden_size))
    work = edit(world_sd, photo(), Step("insert", concept="阿紫"), concepts={"阿紫": zi}, steps=4)
    assert isinstance(next(work), Progress)
    for _ in range(2):
        next(work)
    assert world_sd.worn
    work.close()
    assert not world_sd.worn
    assert {name: type(processor) for name, processor in world_sd.unet.attn_processors.items()} == before


def test_move_keeps_the_pixels_of_the_thing(world_sd: StableDiffusion, sees: Any) -> None:
    """The thing itself is shifted, not drawn anew."""
    image = np.full((128, 128, 3), 120, np.uint8)
    image[60:100, 10:40] = (220, 40, 40)
    sees(Thing("ball", {"color": "red"}, "left", (0.05, 0.42, 0.35, 0.82)))
    made = run(world_sd, image, Step("move", "球", position="center"))
    assert (np.abs(made.image[70:90, 55:70].astype(int) - (220, 40, 40)).max(-1) <= 2).all()


def test_who_is_meant(world_sd: StableDiffusion, sees: Any) -> None:
    """A question with choices, and the answer to it."""
    sees(CAT, Thing("cat", {"color": "black"}, "right", (0.6, 0.35, 0.95, 0.9)))
    with pytest.raises(Ambiguous) as question:
        run(world_sd, photo(), Step("remove", "猫"))
    assert [choice.words for choice in question.value.choices] == ["左边红色的猫", "右边黑色的猫"]
    made = run(world_sd, photo(), Step("remove", "猫"), choice=1)
    assert (made.mask[:, :50] == 0).all()


def test_strength_and_seed_are_used(world_sd: StableDiffusion, sees: Any) -> None:
    """再明显一点 scales what the sentence says; another seed is another picture where something is drawn afresh."""
    sees(CAT, BALL)
    assert run(world_sd, photo(), Step("recolor", "猫", color="blue", strength="strong"), amount=1.5).facts[
        "strength"
    ] == pytest.approx(2.1)
    first, second = (run(world_sd, photo(), STEPS["insert"], seed=seed) for seed in (0, 1))
    assert (first.image != second.image).any()


@pytest.mark.parametrize("operation", ["recolor", "restyle"])
def test_another_seed_is_another_picture_where_nothing_is_drawn_afresh(
    world_sd: StableDiffusion, sees: Any, operation: str
) -> None:
    """再来一张, of a colour or a style; the same seed is the same picture, and what is outside stays."""
    sees(CAT, BALL)
    first, second, third, again = (run(world_sd, photo(), STEPS[operation], seed=seed) for seed in (0, 1, 2, 1))
    assert (second.image == again.image).all()
    for one, other in ((first, second), (second, third)):
        inside = (one.mask > 0.5) & (other.mask > 0.5)
        assert np.abs(one.image.astype(int) - other.image)[inside].mean() > 1
    assert (second.image[second.mask == 0] == photo()[second.mask == 0]).all()


def test_another_seed_shows_other_details(world_sd: StableDiffusion, sees: Any) -> None:
    """再来一张: what nobody has said is drawn otherwise, what was said is not."""
    sees(CAT, BALL)
    order = Step("replace", "猫", "女孩")
    targets = [run(world_sd, photo(), order, seed=seed).facts["target"] for seed in (0, 1, 2)]
    assert len(set(targets)) == 3
    assert all("girl" in target and "red dress" in target and "ball" in target for target in targets)


def test_a_background_is_drawn_with_nobody_in_it(world_sd: StableDiffusion, sees: Any) -> None:
    """So no second self stands behind anybody, and whoever stands in front keeps their own pixels."""
    image = np.full((128, 128, 3), (120, 200, 240), np.uint8)
    image[50:110, 40:90] = (220, 40, 40)
    sees(Thing("ball", {"color": "red"}, "middle", (0.3, 0.37, 0.72, 0.88)))
    made = run(world_sd, image, Step("background", content="雪地"))
    assert made.facts["target"] == "a photo of nothing in the snow"
    assert (made.image[60:100, 50:80] == image[60:100, 50:80]).all()
    assert made.facts["unet_forward"] == 4  # two steps, guided: the photo is not asked about


@pytest.mark.parametrize("method", METHODS)
def test_any_method_can_be_asked_for(world_sd: StableDiffusion, sees: Any, method: str) -> None:
    """By its name in the table, for an operation that it serves."""
    sees(CAT, BALL)
    operation = next(name for name in METHODS[method].operations if name in STEPS)
    assert run(world_sd, photo(), STEPS[operation], method=method).facts["method"] == method


def test_refusals(world_sd: StableDiffusion, sees: Any) -> None:
    """Each with a sentence that says what to do."""
    sees(CAT, BALL, familiar=0.1)
    with pytest.raises(Unfamiliar) as strange:
        run(world_sd, photo(), STEPS["replace"])
    assert "Stable Diffusion" in strange.value.sentence
    sees(CAT, BALL)
    with pytest.raises(EditError):
        run(world_sd, photo(), STEPS["replace"], method="magic")
    for position in (None, "left", "right"):
        with pytest.raises(PromptError):
            run(world_sd, photo(), Step("move", "猫", position=position))


@pytest.mark.parametrize("operation", [operation for operation in STEPS if operation != "move"])
def test_an_open_world(open_sd: StableDiffusion, operation: str) -> None:
    """Stable Diffusion without a captioner: prompts from the sentence, the whole photo allowed to change."""
    made = run(open_sd, photo(60, 90), STEPS[operation], steps=2)
    assert made.image.shape == (60, 90, 3)
    assert (made.image[made.mask == 0] == photo(60, 90)[made.mask == 0]).all()
    with pytest.raises(PromptError):
        run(open_sd, photo(), STEPS["move"], steps=2)


def test_a_place_that_looks_taken_still_is_not_called_empty(
    world_sd: StableDiffusion, sees: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sees(CAT, BALL)
    monkeypatch.setattr(removal, "survey", lambda *args: seen(CAT, Thing("girl", {}, "right", BALL.box)))
    assert run(world_sd, photo(), STEPS["remove"]).facts["doubt"] == "taken"
    monkeypatch.setattr(removal, "survey", lambda *args: seen(CAT))
    assert "doubt" not in run(world_sd, photo(), STEPS["remove"]).facts


def test_a_removal_tells_of_nobody_who_stays(world_sd: StableDiffusion, sees: Any) -> None:
    """Else the model would draw them into the free place; and in a crop only what is seen in it is spoken of."""
    sees(CAT, BALL)
    made = run(world_sd, photo(), STEPS["remove"])
    assert made.facts["source"] == "a photo of a red cat on the left and a blue ball on the right on the beach"
    assert made.facts["target"] == "a photo of nothing on the beach"
    assert set(made.facts["words"]) == {("ball", None), ("blue", None)}
    assert (made.image[:, :40] == photo()[:, :40]).all()
    small = Thing("ball", {"color": "blue"}, "right", (0.8, 0.7, 0.9, 0.8))
    sees(CAT, small)
    made = run(world_sd, photo(600, 600), STEPS["remove"])
    assert "cat" not in made.facts["source"]
    assert (made.image[:, :200] == photo(600, 600)[:, :200]).all()
