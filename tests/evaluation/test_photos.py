"""What the measures on real photos are told, and how they count."""

from pathlib import Path

import numpy as np

from evaluation.photos_identity import _people
from evaluation.photos_removal import _spread, _well
from evaluation.photos_truth import Pair, pairs


def test_pairs_are_read_with_their_folder(tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "pairs.csv").write_text("file_x,file_y,decision\na.jpg,b.jpg,Yes\na.jpg,c.jpg,No\n", "utf-8")
    folder = tmp_path / "faces"
    assert pairs([tmp_path]) == [
        Pair(folder / "a.jpg", folder / "b.jpg", True),
        Pair(folder / "a.jpg", folder / "c.jpg", False),
    ]


def test_people_are_what_the_pairs_tie_together() -> None:
    a, b, c, d = (Path(name) for name in "abcd")
    told = [Pair(a, b, True), Pair(c, d, False), Pair(b, c, True), Pair(a, d, False)]
    assert sorted(_people(told)) == [[a, b, c], [d]]


def test_gains_are_told_with_their_spread() -> None:
    gains = np.arange(11, dtype=np.float64)
    assert _spread(gains) == "+5.0 dB (+1.0, +5.0, +9.0)"
    assert _well(gains, 5)
    assert not _well(gains, 5.1)
    assert _well(np.zeros(0), 3) is None
