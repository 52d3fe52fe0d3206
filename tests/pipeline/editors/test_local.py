"""Every pipeline class of the table that can be built tiny runs here for real: progress, cancel, seeds, references."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers.pipelines.joyimage.image_processor as joy_sizes
import diffusers.pipelines.longcat_image.pipeline_longcat_image_edit as longcat_sizes
import diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus as qwen_sizes
import numpy as np
import pytest

from pipeline.editors.engine import Editor
from pipeline.editors.local import Diffusers, recognised
from pipeline.editors.rows import ROWS, fitting
from pipeline.editors.settings import LocalSettings
from pipeline.engine import EditOrder, EngineError, Pixels, Progress, Work, finish
from storage.plans import Referent, Step
from tests.pipeline.editors import tiny
from tests.pipeline.editors.pictures import photo
from tests.pipeline.editors.test_engine import looking, scene

SIDE = 256
STEPS = 3
JOY_BUCKETS = list(joy_sizes.BUCKETS[1024])
SMALL = {"max_area": SIDE * SIDE, "output_resolution": SIDE}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pipelines work at 1024 × 1024, whatever they are given; here at 256 × 256."""
    monkeypatch.setattr(qwen_sizes, "VAE_IMAGE_SIZE", SIDE * SIDE)
    monkeypatch.setattr(qwen_sizes, "CONDITION_IMAGE_SIZE", 128 * 128)
    monkeypatch.setitem(joy_sizes.BUCKETS, 1024, [(256, 256), (192, 320), (320, 192)])
    own = longcat_sizes.calculate_dimensions
    monkeypatch.setattr(longcat_sizes, "calculate_dimensions", lambda _, ratio: own(SIDE * SIDE, ratio))


@pytest.fixture(scope="module", params=tiny.NAMES)
def painter(request: pytest.FixtureRequest) -> Diffusers:
    name = request.param
    row = ROWS[name]
    small = replace(row, side=SIDE, extra={key: SMALL.get(key, value) for key, value in row.extra.items()})
    return Diffusers(tiny.build(name), small, LocalSettings(steps=STEPS))


def picture(seed: int, height: int = SIDE, width: int = SIDE) -> Pixels:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def run(work: Work[Pixels]) -> tuple[list[Progress], Pixels]:
    told = []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return told, end.value


def test_progress_for_each_step_and_the_same_picture_for_the_same_seed(painter: Diffusers) -> None:
    ask = ([picture(0)], "把左边的人的衣服改成红色", (SIDE, SIDE))
    told, first = run(painter.paint(*ask, 7))
    assert [one.done for one in told] == list(range(STEPS + 1))
    assert {one.total for one in told} == {STEPS}
    assert first.shape == (SIDE, SIDE, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, finish(painter.paint(*ask, 7)))
    assert not np.array_equal(first, finish(painter.paint(*ask, 8)))


def test_closing_stops_between_two_steps(painter: Diffusers) -> None:
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    hook = painter.pipe.transformer.register_forward_hook(count)
    work = painter.paint([picture(0)], "去掉路人", (SIDE, SIDE), 1)
    while next(work).done < 1:
        pass
    at_close = calls
    work.close()
    hook.remove()
    assert calls == at_close > 0
    assert threading.active_count() < 20
    assert not painter.pipe.transformer._forward_hooks
    finish(painter.paint([picture(0)], "去掉路人", (SIDE, SIDE), 1))  # and it still works


def test_references_count_and_the_picture_is_of_the_size_asked_for(painter: Diffusers) -> None:
    wide, high = (320, 192) if painter.row.sized else (SIDE, SIDE)
    photo = picture(0, high, wide)
    alone = finish(painter.paint([photo], "a", (wide, high), 1))
    assert alone.shape == (high, wide, 3)
    if painter.row.most > 1:
        one = finish(painter.paint([photo, picture(1, 96, 160)], "a", (wide, high), 1))
        other = finish(painter.paint([photo, picture(2, 160, 96), picture(3)], "a", (wide, high), 1))
        assert one.shape == other.shape == (high, wide, 3)
        assert not np.array_equal(alone, one)
        assert not np.array_equal(one, other)


def test_the_instruction_counts(painter: Diffusers) -> None:
    # long and different enough to be seen through random networks
    one = finish(painter.paint([picture(0)], "Put a red hat on the cat. " * 8, (SIDE, SIDE), 1))
    other = finish(painter.paint([picture(0)], "zzzz", (SIDE, SIDE), 1))
    assert not np.array_equal(one, other)


def test_a_picture_from_words_alone(painter: Diffusers) -> None:
    if painter.row.draws:
        assert finish(painter.paint([], "a cat", (SIDE, SIDE), 1)).shape == (SIDE, SIDE, 3)


def test_every_row_is_a_class_of_diffusers_that_takes_what_the_row_says() -> None:
    import inspect

    import diffusers

    for name, row in ROWS.items():
        kind = getattr(diffusers, name)
        if row.modular:
            continue
        takes = inspect.signature(kind.__call__).parameters
        guidance = [told[0] for told in (row.guidance, row.plain_guidance) if told]
        wanted = {"prompt", "num_inference_steps", "generator", row.image, *row.extra, *guidance}
        wanted |= {"height", "width"} if row.sized else set()
        wanted |= {"callback_on_step_end"} if row.callback else set()
        wanted |= {"negative_prompt"} if row.negative else set()
        assert wanted <= set(takes), name
        assert row.callback == ("callback_on_step_end" in takes), name


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.75, 1.0, 4 / 3, 1.5, 16 / 9, 2.5, 9.0])
def test_sizes_are_multiples_of_32_of_about_a_megapixel(ratio: float) -> None:
    for row in ROWS.values():
        width, height = fitting(row, ratio)
        assert width % 32 == height % 32 == 0
        assert 0.9 < width * height / 1024**2 < 1.1
        assert abs(np.log(width / height / min(max(ratio, 0.25), 4.0))) < 0.12


@pytest.mark.parametrize("ratio", [0.3, 0.75, 1.0, 4 / 3, 1.5, 16 / 9, 3.0])
def test_the_pipelines_own_rounding_leaves_our_sizes_alone(ratio: float) -> None:
    width, height = fitting(ROWS["QwenImageEditPlusPipeline"], ratio)
    assert qwen_sizes.calculate_dimensions(1024 * 1024, width / height) == (width, height)
    width, height = fitting(ROWS["JoyImageEditPlusPipeline"], ratio)
    with pytest.MonkeyPatch.context() as real:
        real.setitem(joy_sizes.BUCKETS, 1024, JOY_BUCKETS)
        assert joy_sizes.find_best_bucket(height, width, 1024) == (height, width)


def test_undistilled_weights_get_their_steps_and_guidance() -> None:
    told = {"is_distilled": False}
    painter = Diffusers(tiny.flux2(**told), ROWS["Flux2KleinPipeline"])
    assert painter.steps == 50
    assert painter.guidance == ("guidance_scale", 4.0)
    fast = Diffusers(tiny.flux2(), ROWS["Flux2KleinPipeline"])
    assert (fast.steps, fast.guidance) == (4, ("guidance_scale", 1.0))
    asked = Diffusers(tiny.flux2(**told), ROWS["Flux2KleinPipeline"], LocalSettings(steps=9, guidance=2.0))
    assert (asked.steps, asked.guidance) == (9, ("guidance_scale", 2.0))


def test_a_folder_is_opened_by_its_class(tmp_path: Path) -> None:
    tiny.flux2().save_pretrained(tmp_path)
    painter = Diffusers.open(LocalSettings(model=str(tmp_path), device="cpu", steps=2))
    assert painter.title == "FLUX.2 klein"
    assert finish(painter.paint([picture(0)], "a", (SIDE, SIDE), 1)).shape == (SIDE, SIDE, 3)
    assert "FLUX.2 klein" in painter.check()[0].sentence


def test_what_is_no_editor_is_told_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as lost:
        recognised(str(tmp_path / "nothing"))
    assert "models get" in lost.value.sentence
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    with pytest.raises(EngineError) as unknown:
        recognised(str(tmp_path))
    assert "StableDiffusionPipeline" in unknown.value.sentence
    assert "Qwen-Image-Edit" in unknown.value.sentence


def test_a_broken_folder_is_told_in_chinese(tmp_path: Path) -> None:
    tiny.flux2().save_pretrained(tmp_path)
    (tmp_path / "transformer" / "diffusion_pytorch_model.safetensors").write_bytes(b"cut off")
    with pytest.raises(EngineError) as broken:
        Diffusers.open(LocalSettings(model=str(tmp_path), device="cpu"))
    assert "重新下载" in broken.value.sentence


def test_a_missing_package_is_told_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import diffusers

    def lacking(*_: Any, **__: Any) -> None:
        raise ImportError("requires the Torchvision library")

    (tmp_path / "model_index.json").write_text('{"_class_name": "QwenImageEditPlusPipeline"}')
    monkeypatch.setattr(diffusers.QwenImageEditPlusPipeline, "from_pretrained", lacking)
    with pytest.raises(EngineError) as missing:
        Diffusers.open(LocalSettings(model=str(tmp_path), device="cpu"))
    assert "heying[editors]" in missing.value.sentence


@pytest.mark.parametrize("name", ["Flux2KleinPipeline", "QwenImageEditPlusPipeline"])
def test_an_order_through_a_real_pipeline_changes_nothing_outside_of_the_person(name: str) -> None:
    """Random networks draw noise, which is taken here (likeness 0) and must stay where it may be."""
    own = photo(500, 800)
    seen = scene(own, 0.15, 0.6)
    row = replace(ROWS[name], side=SIDE)
    engine = Editor("tiny", Diffusers(tiny.build(name), row, LocalSettings(steps=2)), looking(seen), likeness=0)
    order = EditOrder(
        own,
        Step("recolor", target="人的衣服", color="red", position="left"),
        {"target": Referent("人的衣服", ("person",), part="clothes", position="left")},
    )
    made = finish(engine.edit(order))
    changed = (made.image != own).any(2)
    assert changed[300, int(0.2 * 800)]
    assert not changed[:, 400:].any()
    assert made.mask is not None
    assert not changed[made.mask == 0].any()
    assert made.facts["steps"] == 2
