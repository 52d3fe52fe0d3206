"""A backup taken while others write is whole, and comes back as it was."""

import threading
import zipfile
from pathlib import Path

import pytest

import storage
from storage import Storage, StorageError, backups, concepts, health, inversions, photos
from tests.storage.house import ANN, DAY, Clock, png


def test_there_and_back(store: Storage, tmp_path: Path) -> None:
    kept = photos.put(store, png("red"), ANN)
    marked = photos.keep(store, png("blue"), ANN, clean=png("green"))
    concepts.create(store, ANN, "年糕", "pet", [kept.sha256])
    inversions.save(store, "ab" * 16, {}, photo=kept.sha256)
    target = tmp_path / "b" / "heying.zip"
    assert backups.backup(store, target) == 3
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert not [name for name in archive.namelist() if "inversion" in name]
    assert not list(store.folder.glob(".backup*"))
    photos.put(store, png("pink"), ANN)  # afterwards: not in it
    assert backups.restore(target, tmp_path / "new") == 3
    with storage.open(tmp_path / "new", clock=store.now) as back:
        assert {photo.sha256 for photo in photos.of_owner(back, ANN)} == {kept.sha256, marked.sha256}
        assert photos.read(back, kept.sha256) == photos.read(store, kept.sha256)
        assert photos.read_clean(back, marked.sha256) == png("green")
        assert [concept.name for concept in concepts.of_owner(back, ANN)] == ["年糕"]
        assert health.check(back) == ()


def test_while_others_write(store: Storage, tmp_path: Path) -> None:
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            photos.put(store, png((number % 256, number // 256, 7)), ANN)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backups.backup(store, tmp_path / f"{number}.zip")
    finally:
        over.set()
        writer.join()
    for number in range(3):
        folder = tmp_path / f"back{number}"
        backups.restore(tmp_path / f"{number}.zip", folder)
        with storage.open(folder) as back:
            assert health.check(back) == ()


def test_what_is_refused(store: Storage, tmp_path: Path) -> None:
    target = tmp_path / "heying.zip"
    backups.backup(store, target)
    with pytest.raises(StorageError, match="holds a database"):
        backups.restore(target, store.folder)
    for name, inside in (("evil.zip", "../../etc/passwd"), ("other.zip", "photos/x.txt"), ("half.zip", None)):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            if inside:
                archive.writestr(inside, b"x")
                archive.writestr("heying.db", b"x")
        with pytest.raises(StorageError):
            backups.restore(path, tmp_path / name.removesuffix(".zip"))
    with zipfile.ZipFile(tmp_path / "broken.zip", "w") as archive:
        archive.writestr("heying.db", b"no database")
    with pytest.raises(StorageError, match="unsound"):
        backups.restore(tmp_path / "broken.zip", tmp_path / "broken")
    assert not (tmp_path / "broken" / "heying.db").exists()
    for path in (tmp_path / "nowhere.zip", tmp_path):
        with pytest.raises(StorageError):
            backups.restore(path, tmp_path / "x")
    assert not (tmp_path / "passwd").exists()


def test_every_night_and_so_many_are_kept(store: Storage, tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "backups"
    for _ in range(5):
        made = backups.nightly(store, folder, 3)
        clock.go(DAY)
    kept = sorted(folder.iterdir())
    assert len(kept) == 3
    assert kept[-1] == made
    assert backups.restore(made, tmp_path / "back") == 0
