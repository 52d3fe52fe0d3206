"""The reader of a model folder: saved and loaded it is the same, and what it says is said in the vocabulary's words."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from miniature.reading import build
from pipeline.diffusion import detector, perception
from pipeline.diffusion.vocabulary import parse


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder with nothing but a reader that has learned nothing."""
    torch.manual_seed(0)
    net = build()
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "config.json").write_text(json.dumps(net.config()), "utf-8")
    save_file(net.state_dict(), tmp_path / "reader" / "model.safetensors")
    return tmp_path


def test_a_folder_without_a_reader_has_none(tmp_path: Path) -> None:
    assert detector.load(tmp_path) is None


def test_loaded_it_answers_the_same(folder: Path) -> None:
    torch.manual_seed(0)
    net, again = build().eval(), detector.load(folder)
    picture = torch.rand(1, 3, 128, 128) * 2 - 1
    with torch.no_grad():
        first, second = net(picture), again(picture)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("side", [64, 128, 300])
def test_pictures_of_any_size_are_read(folder: Path, side: int) -> None:
    assert detector.prepare(detector.load(folder), torch.zeros(1, 3, side, side)).shape == (1, 3, 128, 128)


def test_what_is_read_can_be_said(folder: Path) -> None:
    """Every kind, slot, place and setting that comes out is one that captions have words for."""
    from miniature import wording

    vocabulary, net = parse(wording.world()), detector.load(folder)
    with torch.no_grad():
        net.there.bias += 5  # something stands everywhere
        seen = perception._read(net, torch.rand(1, 3, 128, 128) * 2 - 1, vocabulary)
    assert len(seen.things) == len(net.places)
    assert seen.setting in vocabulary.settings
    assert seen.style in vocabulary.styles
    for thing in seen.things:
        assert thing.position in vocabulary.positions
        assert set(thing.slots) == set(vocabulary.slots_of(thing.kind))
        assert all(value in vocabulary.slots[slot] for slot, value in thing.slots.items())
        assert 0 <= thing.box[0] <= thing.box[2] <= 1


BELOW = 2.0  # logits below the brightest place that still count


def test_passers_are_where_the_map_is_bright() -> None:
    """Where it is nowhere brighter than even, where it is brightest; never where a thing stands in front."""
    heat = torch.full((16, 16), -6.0)
    heat[8:12, 2:4] = -3
    assert perception._spread(heat, [], BELOW) == (2 / 16, 8 / 16, 4 / 16, 12 / 16)
    heat[8:12, 10:13] = 2
    assert perception._spread(heat, [], BELOW) == (10 / 16, 8 / 16, 13 / 16, 12 / 16)
    assert perception._spread(heat, [(0.5, 0.0, 1.0, 1.0)], BELOW) == (2 / 16, 8 / 16, 4 / 16, 12 / 16)
    assert perception._spread(heat, [(0.0, 0.0, 1.0, 1.0)], BELOW) is None
