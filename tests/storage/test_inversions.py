"""The cache of inverted photos: right, or absent."""

import io

import numpy as np
import pytest

from storage import Storage, inversions, photos
from tests.storage.house import ANN, DAY, Clock, png

NPY = io.BytesIO()
np.save(NPY, np.zeros(3))
KEY, OTHER, THIRD = "ab" * 20, "cd" * 20, "ef" * 20


def test_arrays_come_back_exactly(store: Storage, photo: photos.Photo) -> None:
    arrays = {"z": np.random.default_rng(0).normal(size=(5, 4, 8, 8)).astype(np.float32), "file": np.array("ddim")}
    arrays["half"] = arrays["z"].astype(np.float16)
    assert inversions.load(store, KEY) is None
    assert inversions.save(store, KEY, arrays, photo=photo.sha256)
    again = inversions.load(store, KEY)
    assert again is not None
    assert {name: (array.dtype, array.tolist()) for name, array in again.items()} == {
        name: (array.dtype, array.tolist()) for name, array in arrays.items()
    }
    assert inversions.save(store, KEY, {"z": np.ones(2)}, photo=photo.sha256)
    replaced = inversions.load(store, KEY)
    assert replaced is not None
    assert list(replaced) == ["z"]


def test_no_photo_no_inversion(store: Storage) -> None:
    assert not inversions.save(store, KEY, {"z": np.zeros(3)}, photo="f" * 64)
    assert inversions.load(store, KEY) is None
    assert list((store.folder / "inversions").iterdir()) == []


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"PK\x03\x04 half a zip", NPY.getvalue()])
def test_a_damaged_file_counts_as_absent(store: Storage, photo: photos.Photo, rubbish: bytes) -> None:
    inversions.save(store, KEY, {"z": np.zeros(3)}, photo=photo.sha256)
    file = store.folder / "inversions" / f"{KEY}.npz"
    file.write_bytes(rubbish)
    assert inversions.load(store, KEY) is None
    assert not file.exists()
    assert store.rows("SELECT * FROM inversions") == []


def test_a_lost_file_counts_as_absent(store: Storage, photo: photos.Photo) -> None:
    inversions.save(store, KEY, {"z": np.zeros(3)}, photo=photo.sha256)
    (store.folder / "inversions" / f"{KEY}.npz").unlink()
    assert inversions.load(store, KEY) is None


def test_nothing_that_runs_code_is_loaded(store: Storage, photo: photos.Photo) -> None:
    inversions.save(store, KEY, {"z": np.zeros(3)}, photo=photo.sha256)
    np.savez(store.folder / "inversions" / f"{KEY}.npz", z=np.array([object()]))
    assert inversions.load(store, KEY) is None


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "xyz", "AB" * 20])
def test_a_key_is_hexadecimal(store: Storage, photo: photos.Photo, key: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        inversions.save(store, key, {}, photo=photo.sha256)
    assert inversions.load(store, key) is None


def test_what_is_not_used_goes(store: Storage, photo: photos.Photo, clock: Clock) -> None:
    for key in (KEY, OTHER):
        inversions.save(store, key, {"z": np.zeros(3)}, photo=photo.sha256)
    clock.go(1.5 * DAY)
    assert inversions.load(store, KEY) is not None
    clock.go(DAY)
    assert inversions.sweep(store) == 1
    assert inversions.load(store, KEY) is not None
    assert inversions.load(store, OTHER) is None


def test_the_least_used_makes_room(store: Storage, photo: photos.Photo, clock: Clock) -> None:
    limits = store.settings.limits.model_copy(update={"inversion_megabytes": 0.02})
    store.settings = store.settings.model_copy(update={"limits": limits})
    for key in (KEY, OTHER):
        inversions.save(store, key, {"z": np.zeros(1000)}, photo=photo.sha256)  # 8 kB each
        clock.go(1)
    assert inversions.load(store, KEY) is not None
    clock.go(1)
    inversions.save(store, THIRD, {"z": np.zeros(1000)}, photo=photo.sha256)
    assert [inversions.load(store, key) is None for key in (KEY, OTHER, THIRD)] == [False, True, False]


def test_inversions_of_one_photo_go_together(store: Storage, photo: photos.Photo) -> None:
    other = photos.put(store, png("blue"), ANN)
    inversions.save(store, KEY, {"z": np.zeros(3)}, photo=photo.sha256)
    inversions.save(store, OTHER, {"z": np.zeros(3)}, photo=other.sha256)
    inversions.drop_of(store, photo.sha256)
    assert inversions.load(store, KEY) is None
    assert inversions.load(store, OTHER) is not None
