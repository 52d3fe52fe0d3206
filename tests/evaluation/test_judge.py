"""What the judge is asked, where it looks, and how it decides."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from evaluation.attempt import as_tensor
from evaluation.cases import Case, cases
from evaluation.judge import SUBJECTS, Judge, load_judge, question, references, square, subjects
from miniature import draw
from miniature.characters import held_out_characters
from miniature.scenes import COLORS, KINDS, SETTINGS, STYLES, Scene, Thing
from pipeline.diffusion.toolkit.model import StableDiffusion
from storage.plans import Step

GIRL = Thing("girl", "red", "left", hair="long", hair_color="black", x=0.25, height=0.6)
CAT = Thing("cat", "blue", "right", x=0.75, height=0.4)
BOTH = Scene("beach", "photo", (GIRL, CAT), seed=1)


def case(suite: str, after: Scene, old: int | None = None, new: int | None = None) -> Case:
    """A case on BOTH."""
    return Case(suite, BOTH, after, old, new, Step("modify"))


def test_a_replaced_thing_is_compared_with_every_kind() -> None:
    """In the colour asked for, without place and setting; the old kind is among the wrong ones."""
    asked = question(case("replace", BOTH.replace(1, Thing("girl", "blue")), 1, 1))
    assert asked.right == "a photo of a girl in a blue dress"
    assert "a photo of a blue cat" in asked.wrong
    assert len(asked.wrong) == len(KINDS) - 1
    assert asked.box is not None


def test_a_recoloured_thing_is_compared_with_every_colour() -> None:
    """People by their clothes."""
    asked = question(case("recolor", BOTH.recolor(0, "green"), 0, 0))
    assert asked.right == "a photo of a girl in a green dress"
    assert set(asked.wrong) == {f"a photo of a girl in a {color} dress" for color in COLORS if color != "green"}


def test_what_comes_in_must_have_kind_and_colour() -> None:
    """Other kinds, other colours, and nothing are all wrong."""
    scene = Scene("beach", "photo", (GIRL,), seed=1)
    after = scene.insert(Thing("ball", "white"), "right")
    asked = question(Case("insert", scene, after, None, 1))
    assert asked.right == "a photo of a white ball"
    assert {"a photo of a white cat", "a photo of a red ball", "a photo of nothing"} <= set(asked.wrong)
    assert len(asked.wrong) == len(KINDS) - 1 + len(COLORS) - 1 + 1


def test_what_goes_must_leave_nothing() -> None:
    """Where it stood, with the setting; what stood there and every other kind are wrong."""
    asked = question(case("remove", BOTH.remove(1), 1, None))
    assert asked.right == "a photo of nothing on the beach"
    assert "a photo of a blue cat on the beach" in asked.wrong
    assert asked.box == square(draw.mask(BOTH, 1))


@pytest.mark.parametrize(("suite", "count"), [("restyle", len(STYLES)), ("background", len(SETTINGS))])
def test_the_whole_picture_is_compared_with_every_style_or_setting(suite: str, count: int) -> None:
    """Captions with everything in them that differ in the style or setting only."""
    after = BOTH.restyle("comic") if suite == "restyle" else BOTH.background("snow")
    asked = question(case(suite, after))
    assert asked.right == after.caption()
    assert BOTH.caption() in asked.wrong
    assert len(asked.wrong) == count - 1
    assert asked.box is None


@pytest.mark.parametrize("suite", ["reconstruct", "concept"])
def test_suites_without_words_have_no_question(suite: str) -> None:
    """They are judged otherwise."""
    with pytest.raises(ValueError, match=suite):
        question(next(cases(suite, 1000, 1)))


def test_the_crop_is_square_and_holds_the_mask() -> None:
    """Grown on all sides alike; at the border it reaches beyond the picture, as in the judge's training."""
    mask = np.zeros((128, 128), bool)
    mask[32:64, 64:80] = True
    left, top, right, bottom = square(mask)
    assert right - left == pytest.approx(bottom - top)
    assert right - left == pytest.approx(1.15 * 32 / 128)
    assert (left + right) / 2 == pytest.approx(72 / 128)
    assert (top + bottom) / 2 == pytest.approx(48 / 128)
    mask[32:64, :] = True
    assert square(mask)[0] < 0
    assert square(np.zeros((128, 128), bool)) == (0.0, 0.0, 1.0, 1.0)


class Reader(Judge):
    """A judge whose picture features and captions are given, to test the decision alone."""

    seen: Tensor
    known: dict[str, Tensor]

    def see(self, picture: Tensor, box: object = None) -> Tensor:
        return self.seen

    def read(self, captions: object) -> Tensor:
        return torch.stack([self.known.get(c, torch.tensor([0.0, 1.0])) for c in captions])  # type: ignore[attr-defined]


def test_success_needs_the_right_caption_above_all_others(small_sd: StableDiffusion) -> None:
    """Strictly: a tie is none."""
    assert small_sd.clip is not None
    judge = Reader(small_sd.clip)
    asked = case("recolor", BOTH.recolor(0, "green"), 0, 0)
    judge.known = {question(asked).right: torch.tensor([1.0, 0.0])}
    picture = torch.zeros(1, 3, 128, 128)
    for seen, verdict in (([0.8, 0.6], True), ([0.6, 0.8], False), ([0.5, 0.5], False)):
        judge.seen = torch.tensor([seen])
        assert judge.success(asked, picture) is verdict


def test_the_crop_is_what_decides(small_sd: StableDiffusion) -> None:
    """Features of a crop do not depend on what lies far from it, those of the whole picture do."""
    assert small_sd.clip is not None
    judge = Judge(small_sd.clip)
    before, after = as_tensor(draw.paint(BOTH)), as_tensor(draw.paint(BOTH.recolor(0, "green")))
    box = square(draw.mask(BOTH, 1))
    assert torch.equal(judge.see(before, box), judge.see(after, box))
    assert not torch.equal(judge.see(before), judge.see(after))


def test_captions_are_read_once_and_in_order(small_sd: StableDiffusion) -> None:
    """Also when they come again or twice."""
    assert small_sd.clip is not None
    judge = Judge(small_sd.clip)
    first = judge.read(["a photo of a red cat", "a photo of a dog", "a photo of a red cat"])
    assert torch.equal(first[0], first[2])
    assert not torch.allclose(first[0], first[1])
    assert torch.equal(judge.read(["a photo of a dog"])[0], first[1])
    assert torch.allclose(first.norm(dim=1), torch.ones(3), atol=1e-5)


def test_thirty_different_subjects() -> None:
    """All held-out characters and some of the zoo, each known by a picture in every setting."""
    known = subjects()
    assert len(known) == SUBJECTS == 30
    assert set(held_out_characters()) < set(known)
    assert len({thing.identity() for thing in known.values()}) == SUBJECTS
    shown = references(known["阿紫"])
    assert {scene.setting for scene in shown} == set(SETTINGS)


def test_a_character_must_be_the_nearest_of_all(small_sd: StableDiffusion) -> None:
    """By the angle to each subject's mean; whoever else comes out is a failure."""
    assert small_sd.clip is not None
    asked = next(cases("concept", 1000, 1))
    judge = Reader(small_sd.clip, _subjects=(["somebody", asked.character], torch.eye(2)))
    picture = torch.zeros(1, 3, 128, 128)
    for seen, verdict in (([0.6, 0.8], True), ([0.8, 0.6], False)):
        judge.seen = torch.tensor([seen])
        assert judge.success(asked, picture) is verdict


def test_a_model_without_clip_gets_the_fallback(model_folders: dict[str, Path], small_folder: Path) -> None:
    """SD folders have none."""
    judge = load_judge(str(model_folders["sd15"]), small_folder)
    assert judge.clip.tokenizer.model_max_length == 56
