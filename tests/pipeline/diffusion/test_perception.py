"""The shipped CLIP and UNet know their world: what is in a photo, where, and which photos are strangers."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration

from evaluation.case import asked
from evaluation.cases import case_of
from miniature import WEIGHTS, draw, sampling, scenes, wording
from pipeline.diffusion import captioner
from pipeline.diffusion.grounding import half_hidden
from pipeline.diffusion.perception import (
    describe,
    look,
    overlooked,
    to_pixels,
    to_tensor,
    vocabulary_of,
    window_features,
)
from pipeline.diffusion.toolkit.model import StableDiffusion, load
from pipeline.diffusion.vocabulary import Seen, Thing, caption
from pipeline.diffusion.windows import survey, within
from pipeline.imaging.composite import Crop

COUNT = 10


@pytest.fixture(scope="module")
def miniature() -> StableDiffusion:
    """The model that is shipped."""
    return load(WEIGHTS)


@pytest.fixture(scope="module")
def looked(miniature: StableDiffusion) -> list[tuple[scenes.Scene, Seen]]:
    """Scenes that training has not seen, and what is seen in them."""
    drawn = [sampling.sample([4242, i], count=1 + i % 3, near=False) for i in range(COUNT)]
    return [(scene, look(miniature, to_tensor(draw.paint(scene)))) for scene in drawn]


def matches(looked: list[tuple[scenes.Scene, Seen]]) -> Iterator[tuple[scenes.Thing, Thing | None]]:
    """Each true thing with what is seen at its place."""
    for scene, seen in looked:
        for thing in scene.things:
            yield thing, next((one for one in seen.things if one.position == thing.position), None)


def test_setting_and_style(looked: list[tuple[scenes.Scene, Seen]]) -> None:
    """Nearly always right."""
    right = [(seen.setting, seen.style) == (scene.setting, scene.style.replace(" ", "_")) for scene, seen in looked]
    assert np.mean(right) >= 0.9


def test_things_at_their_places(looked: list[tuple[scenes.Scene, Seen]]) -> None:
    """As many as there are, of the right kind and colour, in boxes about them."""
    assert np.mean([len(seen.things) == len(scene.things) for scene, seen in looked]) >= 0.8
    pairs = list(matches(looked))
    assert np.mean([found is not None and found.kind == thing.kind for thing, found in pairs]) >= 0.85
    assert np.mean([found is not None and found.color == thing.color for thing, found in pairs]) >= 0.85
    for thing, found in pairs:
        if found is not None:
            left, _, right, _ = thing.box()
            assert found.box[0] < (left + right) / 2 < found.box[2]
            assert all(0 <= side <= 1 for side in found.box)


def test_the_prompt_is_a_caption_of_the_world(looked: list[tuple[scenes.Scene, Seen]]) -> None:
    """Said as in training, from left to right."""
    vocabulary = vocabulary_of(str(WEIGHTS))
    for _, seen in looked:
        assert seen.prompt == caption(vocabulary, seen, int(len(seen.things) >= vocabulary.crowd))
        assert [thing.box[0] + thing.box[2] for thing in seen.things] == sorted(
            t.box[0] + t.box[2] for t in seen.things
        )
        for thing in seen.things:
            assert set(thing.slots) == set(vocabulary.slots_of(thing.kind))


def test_strangers_are_told_from_the_world(miniature: StableDiffusion, looked: list[tuple[scenes.Scene, Seen]]) -> None:
    """Noise, smooth colours and fractal landscapes are not of it; its own pictures are, as JPEG too."""
    assert all(seen.familiar > 0.5 for _, seen in looked)
    rng = np.random.default_rng(0)
    shaky = cv2.resize(rng.uniform(0, 255, (9, 9, 3)).astype(np.float32), (128, 128), interpolation=cv2.INTER_CUBIC)
    wave = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    wave[0, 0] = 1
    land = np.real(np.fft.ifft2(np.fft.fft2(rng.normal(size=(128, 128))) / wave**1.2))
    land = (land - land.min()) / np.ptp(land) * 255
    strangers = [rng.integers(0, 256, (128, 128, 3)), shaky.clip(0, 255), np.stack([land] * 3, -1)]
    assert all(look(miniature, to_tensor(stranger)).familiar < 0.5 for stranger in strangers)
    _, packed = cv2.imencode(".jpg", draw.paint(looked[0][0])[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
    assert look(miniature, to_tensor(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1])).familiar > 0.5


@pytest.mark.parametrize("seeds", [(51, 52), (71, 72), (91, 92)])
def test_a_long_photo_is_looked_at_in_windows(miniature: StableDiffusion, seeds: tuple[int, int]) -> None:
    """Two scenes side by side, with places in the whole photo; who is cut off in one window is seen in the next."""
    first, second = (sampling.sample([seed, 0], style="photo", count=1, plain=True) for seed in seeds)
    photo = np.hstack([draw.paint(first), np.zeros((128, 8, 3), np.uint8) + 120, draw.paint(second)])
    vocabulary = vocabulary_of(str(WEIGHTS))
    seen = survey(miniature, photo, vocabulary)
    kinds = {thing.kind for thing in seen.things}
    assert {first.things[0].kind, second.things[0].kind} <= kinds
    there, index = within(seen, Crop(136, 0, 128, 128), len(seen.things) - 1, 128, photo.shape[1], vocabulary)
    assert index is not None
    assert there.things[index].kind == seen.things[-1].kind
    assert len(there.things) < len(seen.things)


@pytest.mark.parametrize("number", [19, 21, 34])  # two who were not seen at all, and one who was taken for a flower
def test_who_is_asked_for_behind_somebody_is_found(miniature: StableDiffusion, number: int) -> None:
    case, vocabulary = case_of("behind", 4700, number), vocabulary_of(str(WEIGHTS))
    photo, (back, front) = draw.paint(case.before), case.before.things
    seen = survey(miniature, photo, vocabulary)
    assert case.step is not None
    kinds = half_hidden(asked(case), seen, vocabulary)
    assert kinds == (back.kind,)
    more, index = overlooked(miniature, photo, seen, kinds, vocabulary)
    assert index is not None
    assert sorted(thing.kind for thing in more.things) == sorted((back.kind, front.kind))
    left, _, right, _ = more.things[index].box
    assert (more.things[index].kind, left < back.x < right) == (back.kind, True)


def test_nobody_is_found_behind_who_stands_alone(
    miniature: StableDiffusion, looked: list[tuple[scenes.Scene, Seen]]
) -> None:
    vocabulary = vocabulary_of(str(WEIGHTS))
    for scene, seen in looked:
        assert overlooked(miniature, draw.paint(scene), seen, ("girl",), vocabulary) == (seen, None)


def test_describe_says_everything(miniature: StableDiffusion) -> None:
    """By the view of one window."""
    assert miniature.clip is not None
    scene = next(scene for i in range(99) if (scene := sampling.sample([61, i], count=1)).things[0].kind == "monster")
    view = window_features(miniature.clip, draw.paint(scene), [scene.things[0].box()])[0]
    vocabulary = vocabulary_of(str(WEIGHTS))
    known = describe(miniature.clip, view, Thing("monster"), vocabulary, scene.style.replace(" ", "_"), scene.setting)
    assert set(known.slots) == {"color", "top", "eyes", "distance"}
    assert known.color == scene.things[0].color


def test_pixels_and_tensors() -> None:
    """There and back without loss."""
    image = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    assert (to_pixels(to_tensor(image)) == image).all()


def test_a_model_without_a_world_or_a_judge(open_sd: StableDiffusion, world_sd: StableDiffusion) -> None:
    """Nothing is claimed to be seen, and nothing is refused."""
    image = torch.zeros(1, 3, 128, 128)
    assert look(open_sd, image) == Seen("", "", (), "")
    assert look(world_sd, image).prompt.endswith(tuple(wording.world()["settings"].values()))


def test_the_captioner_of_a_folder_is_used(tmp_path: Path) -> None:
    """A BLIP in `captioner/` speaks; without one there is silence and no download."""
    assert captioner.describe(torch.zeros(1, 3, 32, 32), str(tmp_path)) == ""
    folder = tmp_path / "captioner"
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "a", "cat", "on", "grass"]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**small, "vocab_size": len(words), "bos_token_id": 5, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0,
            "encoder_hidden_size": 16}  # fmt: skip
    config = BlipConfig(text_config=text, vision_config={**small, "image_size": 32, "patch_size": 16}, projection_dim=8)
    torch.manual_seed(0)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    captioner._captioner.cache_clear()
    said = captioner.describe(torch.zeros(1, 3, 40, 40), str(tmp_path))
    assert said
    assert {word.lower() for word in said.split()} <= {word.lower() for word in words}
    captioner._captioner.cache_clear()
