"""Damage is seen and said."""

import shutil
from collections import namedtuple

import pytest

from storage import Storage, health, photos


def test_a_sound_house_has_nothing_to_report(store: Storage, photo: photos.Photo) -> None:
    assert health.check(store) == ()


def test_lost_and_changed_files_are_counted(store: Storage, photo: photos.Photo) -> None:
    photos.path(store, photo.sha256).write_bytes(b"changed")
    assert "1 张照片" in health.check(store)[0]
    photos.path(store, photo.sha256).unlink()
    assert "1 张照片" in health.check(store)[0]


def test_rows_that_point_nowhere_are_seen(store: Storage, photo: photos.Photo) -> None:
    store.db.execute("PRAGMA foreign_keys = OFF")
    store.db.execute("DELETE FROM photos")
    assert "对不上" in " ".join(health.check(store))


def test_a_damaged_database_is_seen(store: Storage, photo: photos.Photo) -> None:
    store.db.execute("PRAGMA writable_schema = ON")
    store.db.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'photos'")
    store.close()
    assert "损坏" in " ".join(health.check(store))


def test_a_nearly_full_disk_is_seen(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")(10**12, 10**12, 10**8)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "0.1 GB" in health.check(store)[0]
