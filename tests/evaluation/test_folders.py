"""TEdBench and PIE-Bench, on small folders of their layout."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation.folders import NO_SOURCE, WrongFolder, decode_mask, pie_bench, tedbench
from evaluation.table2 import main

RNG = np.random.default_rng(3)


def photo(path: Path, side: tuple[int, int] = (96, 80)) -> None:
    """A photo that nobody has seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, (*side, 3), dtype=np.uint8)).save(path)


@pytest.fixture(scope="module")
def ted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs of one original, as TEdBench has them."""
    folder = tmp_path_factory.mktemp("tedbench")
    photo(folder / "originals" / "dog2_standing.png")
    pairs = [
        {"img_name": "dog2_standing.png", "target_text": "A photo of a sitting dog."},
        {"img_name": "dog2_standing.png", "target_text": "a photo of a red cat", "source_text": "a photo of a red dog"},
    ]
    (folder / "input_list.json").write_text(json.dumps(pairs), "utf-8")
    return folder


@pytest.fixture(scope="module")
def pie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One pair in a folder of its category, as PIE-Bench has them; the left half may change."""
    folder = tmp_path_factory.mktemp("pie")
    name = "1_change_object_80/1_artificial/1_animal/111000000000.jpg"
    photo(folder / "annotation_images" / name, (512, 512))
    runs: list[int] = []
    for row in range(512):
        runs += [512 * row, 256]
    entry: dict[str, Any] = {
        "image_path": name,
        "original_prompt": "a photo of a red [cat]",
        "editing_prompt": "a photo of a red [dog]",
        "blended_word": "cat dog",
        "editing_instruction": "Change the cat to a dog",
        "editing_type_id": "1",
        "mask": runs,
    }
    (folder / "mapping_file.json").write_text(json.dumps({"111000000000": entry}), "utf-8")
    return folder


def test_tedbench_has_photos_and_targets(ted: Path) -> None:
    """No source prompt unless somebody wrote one; no mask."""
    first, second = tedbench(ted)
    assert (first.source, first.target) == (NO_SOURCE, "A photo of a sitting dog.")
    assert second.source == "a photo of a red dog"
    assert first.image(64).shape == (64, 64, 3)
    assert first.outside(64) is None
    assert first.key != second.key


def test_pie_bench_has_words_and_masks(pie: Path) -> None:
    """Brackets are gone, the words that change are pairs, the mask is where change is allowed, the border always."""
    (pair,) = pie_bench(pie)
    assert (pair.source, pair.target) == ("a photo of a red cat", "a photo of a red dog")
    assert pair.words == (("cat", "dog"),)
    outside = pair.outside(512)
    assert outside is not None
    assert not outside[:, :256].any()
    assert outside[1:-1, 256:-1].all()
    assert not outside[0].any()
    assert not outside[:, -1].any()


def test_masks_are_runs_of_pixels() -> None:
    """Row by row; a run that is too long ends with the picture."""
    mask = decode_mask([9, 2, 18, 99], 5)
    assert mask[1:-1, 1:-1].tolist() == [[False, False, False], [False, False, False], [False, False, True]]
    assert decode_mask([], 4)[1:-1, 1:-1].sum() == 0
    assert decode_mask([], 4)[0].all()


@pytest.mark.parametrize("name", ["tedbench", "pie"])
def test_the_table_with_one_command(name: str, ted: Path, pie: Path, small_folder: Path, tmp_path: Path) -> None:
    """All figures that apply, kept pair by pair; the second run measures nothing anew."""
    folder, results = {"tedbench": ted, "pie": pie}[name], tmp_path / "results.jsonl"
    command = [name, str(folder), "--model", str(small_folder), "--methods", "sdedit,prompt_to_prompt", "--steps", "2",
               "--results", str(results), "--pictures", str(tmp_path / "made"), "--device", "cpu"]  # fmt: skip
    first = CliRunner().invoke(main, command)
    assert first.exit_code == 0, first.output
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    pairs = 2 if name == "tedbench" else 1
    assert len(lines) == 2 * pairs == len(list((tmp_path / "made").iterdir()))
    assert all(0 <= line["score"] <= 1 and -1 <= line["direction"] <= 1 for line in lines)
    assert all(("psnr" in line) == (name == "pie") for line in lines)
    again = CliRunner().invoke(main, command)
    assert again.exit_code == 0, again.output
    assert results.read_text("utf-8").count("\n") == len(lines)
    assert first.stdout == again.stdout  # progress goes to the other stream
    assert "CLIP score (8)" in first.stdout


def test_what_is_missing_is_named(ted: Path, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """Files, fields, and the CLIP that the figures need."""
    with pytest.raises(WrongFolder, match=r"mapping_file.json"):
        list(pie_bench(ted))
    (tmp_path / "input_list.json").write_text(json.dumps([{"img_name": "gone.png", "target_text": "x"}]), "utf-8")
    with pytest.raises(WrongFolder, match=r"gone.png"):
        list(tedbench(tmp_path))
    (tmp_path / "input_list.json").write_text(json.dumps([{"img_name": "gone.png"}]), "utf-8")
    with pytest.raises(WrongFolder, match="target_text"):
        list(tedbench(tmp_path))
    (tmp_path / "input_list.json").write_text("{", "utf-8")
    with pytest.raises(WrongFolder):
        list(tedbench(tmp_path))
    result = CliRunner().invoke(main, ["tedbench", str(ted), "--model", str(model_folders["sd15"]), "--device", "cpu"])
    assert result.exit_code == 1
    assert "--clip" in result.output
