"""SINE: two models in one picture, and parts of a photo that know where they are."""

import pytest
import torch

from pipeline.diffusion.methods import EditError
from pipeline.diffusion.methods.sine import _boxes, _grid, _part, _told_where
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, noise, predict
from tests.pipeline.diffusion.methods.learning import drawn, edit_for, run

SHORT = {"tune_steps": 2, "tune": "lora", "rank": 2, "rate": 5e-2}


def test_the_tuned_model_says_as_much_as_its_weight(tiny_sd: StableDiffusion) -> None:
    target = drawn(tiny_sd, edit_for(tiny_sd).target)
    silent = run("sine", tiny_sd, **SHORT, weight=0.0).image
    torch.testing.assert_close(silent, target, atol=1e-4, rtol=1e-4)
    late = run("sine", tiny_sd, **SHORT, weight=0.5, until=1.0).image  # K at the very top: never asked
    torch.testing.assert_close(late, target, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(run("sine", tiny_sd, **SHORT, weight=0.5).image, target, atol=1e-3)


def test_unet_and_text_encoder_may_be_tuned_whole(tiny_sd: StableDiffusion) -> None:
    whole = run("sine", tiny_sd, tune_steps=2, rate=1e-2)
    assert not torch.allclose(whole.image, run("sine", tiny_sd, tune_steps=2, rate=0.0).image, atol=1e-3)


def test_patches_change_what_is_learnt(tiny_sd: StableDiffusion) -> None:
    plain = run("sine", tiny_sd, **SHORT)
    assert not torch.allclose(run("sine", tiny_sd, **SHORT, patches=4).image, plain.image, atol=1e-3)


def test_parts_are_squares_within_the_photo() -> None:
    boxes = _boxes(50, 0.25, 128, 1)
    assert boxes[0] == (0, 0, 128, 128)
    assert len(boxes) == 51
    for left, top, right, bottom in boxes:
        assert right - left == bottom - top >= 32
        assert min(left, top) >= 0
        assert max(right, bottom) <= 128
    image = torch.rand(1, 3, 128, 128) * 2 - 1
    assert _part(image, boxes[0]).equal(image)
    assert _part(image, boxes[3]).shape == image.shape


def test_a_part_is_told_where_it_is(tiny_sd: StableDiffusion) -> None:
    z, emb = noise(tiny_sd, (2, 8, 16, 16), 0), embed(tiny_sd, ["a cat", "a cat"])
    with torch.no_grad():
        plain = predict(tiny_sd, z, 300, emb)
        shown = [(0, 0, 128, 128), (64, 64, 128, 128)]
        with _told_where(tiny_sd.unet, 128, shown):
            told = predict(tiny_sd, z, 300, emb)
            shown[1] = shown[0]
            again = predict(tiny_sd, z, 300, emb)
            shown.clear()
            assert predict(tiny_sd, z, 300, emb).equal(plain)
        assert predict(tiny_sd, z, 300, emb).equal(plain)
    assert not torch.allclose(told[0], plain[0], atol=1e-3)
    torch.testing.assert_close(again[0], told[0])
    assert not torch.allclose(again[1], told[1], atol=1e-3)


def test_the_grid_says_x_and_y_apart() -> None:
    grid = _grid(16, 32)
    assert grid.shape == (1, 16, 32, 32)
    assert grid[0, :8].equal(grid[0, :8, :1].expand(-1, 32, -1))  # x: the same in every row
    assert grid[0, 8:].equal(grid[0, 8:, :, :1].expand(-1, -1, 32))
    assert grid[0, :8, 0].equal(grid[0, 8:, :, 0])


def test_options_that_cannot_be_are_refused(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"tune": "some"}, {"start": "nowhere"}, {"tune_steps": 0}):
        with pytest.raises(EditError):
            run("sine", tiny_sd, **wrong)
