"""Files appear whole or not at all."""

import os
from pathlib import Path

import pytest

from storage import files
from storage.errors import StorageError


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"
    files.write(target, b"old")
    files.write(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["file"]


def test_a_write_that_breaks_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    files.write(target, b"old")

    def break_off() -> None:
        with files.writing(target) as out:
            out.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_refuses_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot write") as caught:
        files.write(tmp_path / "file" / "below", b"x")
    assert "磁盘空间" in caught.value.sentence


def test_reading_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 100)
    assert files.read(tmp_path / "large", 10) == b"x" * 11
    with pytest.raises(StorageError, match="cannot read"):
        files.read(tmp_path / "missing", 10)


def test_drafts_of_the_dead_are_known(tmp_path: Path) -> None:
    assert files.abandoned(tmp_path / ".a.png.99999999-0123abcd.tmp")
    assert not files.abandoned(tmp_path / f".a.png.{os.getpid()}-0123abcd.tmp")
    assert not files.abandoned(tmp_path / "a.png")
