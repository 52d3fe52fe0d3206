"""Photos belong to those who sent them."""

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import storage
from storage import Settings, Storage, chats, health, inbox, inversions, jobs, photos, retention
from storage.photos import PhotoError
from storage.plans import Step
from tests.storage.house import ANN, BOB, DAY, ROOM, Clock, Queue, broken, png


def test_a_photo_is_a_file_named_by_its_content(store: Storage) -> None:
    photo = photos.put(store, png("red", (50, 40)), ANN)
    file = photos.path(store, photo.sha256)
    assert file.is_relative_to(store.folder)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == photo.sha256
    assert (photo.width, photo.height, photo.owner) == (50, 40, ANN)
    assert photos.size(store, photo.sha256) == (50, 40)
    assert Image.open(io.BytesIO(photos.read(store, photo.sha256, ANN))).format == "PNG"


def test_the_same_picture_lies_there_once(store: Storage) -> None:
    mine, again, yours = photos.put(store, png(), ANN), photos.put(store, png(), ANN), photos.put(store, png(), BOB)
    assert mine.sha256 == again.sha256 == yours.sha256
    assert len([path for path in (store.folder / "photos").rglob("*") if path.is_file()]) == 1
    assert len(photos.of_owner(store, ANN)) == len(photos.of_owner(store, BOB)) == 1


def test_nobody_reads_anothers_photo(store: Storage, photo: photos.Photo) -> None:
    for ask in (photos.get, photos.read):
        with pytest.raises(PhotoError) as theirs:
            ask(store, photo.sha256, BOB)
        with pytest.raises(PhotoError) as missing:
            ask(store, "0" * 64, BOB)
        assert theirs.value.sentence == missing.value.sentence
    assert photos.of_owner(store, BOB) == ()


@pytest.mark.parametrize("sha", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "../" + "a" * 61])
def test_no_path_can_be_smuggled_in(store: Storage, sha: str) -> None:
    with pytest.raises(PhotoError):
        photos.path(store, sha)


def test_unknown_photos_are_missed(store: Storage) -> None:
    with pytest.raises(PhotoError):
        photos.size(store, "0" * 64)
    with pytest.raises(PhotoError):
        photos.read(store, "0" * 64)


def test_what_we_made_is_kept_byte_for_byte(store: Storage) -> None:
    out, told = io.BytesIO(), PngImagePlugin.PngInfo()
    told.add_text("AIGC", '{"Label":"1"}')
    Image.new("RGBA", (40, 40), (255, 0, 0, 128)).save(out, "PNG", pnginfo=told)
    photo = photos.keep(store, out.getvalue(), ANN)
    assert photos.read(store, photo.sha256) == out.getvalue()
    with pytest.raises(PhotoError):
        photos.keep(store, b"no picture", ANN)


def test_a_lost_file_is_replaced_when_the_picture_comes_again(store: Storage, photo: photos.Photo) -> None:
    photos.path(store, photo.sha256).unlink()
    with pytest.raises(PhotoError):
        photos.read(store, photo.sha256)
    photos.put(store, png(), ANN)
    assert photos.read(store, photo.sha256)


def test_a_photo_goes_when_its_days_are_over(store: Storage, photo: photos.Photo, clock: Clock) -> None:
    assert photo.expires_at == clock() + 30 * DAY
    inversions.save(store, "ab" * 8, {"z": np.zeros(3)}, photo=photo.sha256)
    clock.go(29 * DAY)
    assert photos.sweep(store) == 0
    clock.go(2 * DAY)
    assert photos.sweep(store) == 1
    assert not photos.path(store, photo.sha256).exists()
    assert list(store.folder.rglob("*.npz")) == []
    assert [store.rows(f"SELECT * FROM {table}") for table in ("photos", "photo_owners", "inversions")] == [[], [], []]


def test_sending_it_again_keeps_it_longer(store: Storage, photo: photos.Photo, clock: Clock) -> None:
    clock.go(20 * DAY)
    photos.put(store, png(), ANN)
    clock.go(20 * DAY)
    assert photos.sweep(store) == 0


def test_it_stays_for_the_other_owner(store: Storage, photo: photos.Photo, clock: Clock) -> None:
    clock.go(20 * DAY)
    photos.put(store, png(), BOB)
    clock.go(20 * DAY)
    assert photos.sweep(store) == 0
    assert photos.of_owner(store, ANN) == ()
    assert photos.read(store, photo.sha256, BOB)


def test_an_open_job_keeps_its_photo(store: Storage, queue: Queue, clock: Clock) -> None:
    job = queue("a")
    clock.go(40 * DAY)
    assert photos.sweep(store) == 0
    assert jobs.cancel(store, job.id, ANN)
    assert photos.sweep(store) == 1


def test_zero_days_keep_for_ever(store: Storage, clock: Clock) -> None:
    keep = store.settings.retention.model_copy(update={"photos": 0.0})
    store.settings = store.settings.model_copy(update={"retention": keep})
    assert photos.put(store, png("blue"), ANN).expires_at is None
    clock.go(10_000 * DAY)
    assert photos.sweep(store) == 0


def test_a_transaction_that_is_rolled_back_loses_no_file(store: Storage, photo: photos.Photo, clock: Clock) -> None:
    clock.go(40 * DAY)
    with broken(store):
        photos.sweep(store)
    assert photos.read(store, photo.sha256, ANN)


def test_a_job_cannot_be_made_of_anothers_photo(store: Storage, photo: photos.Photo) -> None:
    request = jobs.EditRequest(Step("remove", target="猫"), photo.sha256)
    with pytest.raises(PhotoError):
        jobs.enqueue(store, key="theft", kind="edit", owner=BOB, chat=ROOM, request=request)
    assert jobs.of_chat(store, ROOM) == ()


def test_the_same_picture_from_many_threads_while_sweeping(store: Storage) -> None:
    def send(number: int) -> str:
        owner = f"web:{number}"
        sha256 = photos.put(store, png(), owner).sha256
        with store.atomic() as db:  # and this one's days are over at once
            db.execute("UPDATE photo_owners SET expires_at = 0 WHERE owner = ? AND ? % 2", (owner, number))
        photos.sweep(store)
        return sha256

    with ThreadPoolExecutor(6) as pool:
        shas = set(pool.map(send, range(24)))
    (sha256,) = shas
    assert store.one("SELECT count(*) AS n FROM photo_owners") == {"n": 12}
    assert hashlib.sha256(photos.read(store, sha256, "web:0")).hexdigest() == sha256


def test_the_unmarked_self_of_a_result_goes_with_it(store: Storage, clock: Clock) -> None:
    """It is there for the next edit, is nobody's photo, survives sweeps, and is deleted with the marked one."""
    made = photos.keep(store, png("blue"), ANN, clean=png("green"))
    assert photos.read(store, made.sha256, ANN) == png("blue")
    assert photos.read_clean(store, made.sha256, ANN) == png("green")
    assert [photo.sha256 for photo in photos.of_owner(store, ANN)] == [made.sha256]
    with pytest.raises(PhotoError):
        photos.get(store, hashlib.sha256(png("green")).hexdigest(), ANN)
    with pytest.raises(PhotoError):
        photos.read_clean(store, made.sha256, BOB)
    os.utime(photos.clean_path(store, made.sha256), (1, 1))
    assert retention.sweep(store)["files"] == 0
    clock.go(40 * DAY)
    assert photos.sweep(store) == 1
    assert list((store.folder / "photos").rglob("*.png")) == []


def test_a_photo_without_a_mark_is_its_own_unmarked_self(store: Storage, photo: photos.Photo) -> None:
    assert photos.read_clean(store, photo.sha256, ANN) == photos.read(store, photo.sha256, ANN)


def _shown(store: Storage, chat: str) -> photos.Photo:
    """A photo that Ann has sent to a chat."""
    photo = photos.put(store, png("orange"), ANN)
    inbox.receive(store, platform="web", update_id=chat, chat=chat, user=ANN, photos=[photo.sha256])
    return photo


def test_what_was_shown_in_a_group_can_be_borrowed_there(store: Storage) -> None:
    photo = _shown(store, ROOM)
    assert photos.borrow(store, photo.sha256, BOB, ROOM).expires_at == photo.expires_at
    assert photos.read(store, photo.sha256, BOB)
    assert photos.borrow(store, photo.sha256, ANN, ROOM) == photo
    with pytest.raises(PhotoError):
        photos.borrow(store, photo.sha256, BOB, "web:elsewhere")
    with pytest.raises(PhotoError):
        photos.borrow(store, "0" * 64, BOB, ROOM)
    inbox.receive(store, platform="web", update_id="2", chat="web:bobs", user=BOB, photos=[photo.sha256])
    with pytest.raises(PhotoError, match="not shown"):  # a loan is not lent on
        photos.borrow(store, photo.sha256, "web:carl", "web:bobs")


@pytest.mark.parametrize("how", ["forgotten", "expired"])
def test_a_loan_ends_with_what_was_lent(store: Storage, clock: Clock, how: str) -> None:
    photo = _shown(store, ROOM)
    photos.borrow(store, photo.sha256, BOB, ROOM)
    chats.discuss(store, ROOM, BOB, photo.sha256)
    if how == "forgotten":
        retention.forget(store, ANN)
    else:
        clock.go(40 * DAY)
        photos.sweep(store)
    assert photos.of_owner(store, BOB) == ()
    assert chats.under_discussion(store, ROOM, BOB) is None
    assert not photos.path(store, photo.sha256).exists()


def test_who_sends_a_borrowed_picture_owns_it(store: Storage) -> None:
    photo = _shown(store, ROOM)
    photos.borrow(store, photo.sha256, BOB, ROOM)
    photos.put(store, png("orange"), BOB)
    retention.forget(store, ANN)
    assert photos.read(store, photo.sha256, BOB)


@pytest.mark.parametrize("damage", [b"", b"something else"])
def test_a_damaged_file_is_whole_again_when_it_is_sent_again(store: Storage, damage: bytes) -> None:
    photo = photos.put(store, png(), ANN)
    sound = photos.read(store, photo.sha256)
    photos.path(store, photo.sha256).write_bytes(damage)
    assert health.check(store)
    assert photos.put(store, png(), BOB).sha256 == photo.sha256
    assert photos.read(store, photo.sha256) == sound
    assert health.check(store) == ()


def test_so_many_photos_within_an_hour(tmp_path: Path, clock: Clock) -> None:
    settings = Settings(limits={"uploads_an_hour": 3})
    with storage.open(tmp_path / "few", settings, clock=clock) as store:
        for side in (40, 41, 42):
            photos.put(store, png(size=(side, side)), ANN)
            clock.go(600)
        with pytest.raises(PhotoError) as raised:
            photos.put(store, png(size=(43, 43)), ANN)
        assert "请过 30 分钟再发" in raised.value.sentence
        photos.put(store, png(size=(43, 43)), BOB)
        clock.go(1801)
        photos.put(store, png(size=(43, 43)), ANN)


def test_so_much_room(tmp_path: Path, clock: Clock) -> None:
    settings = Settings(limits={"space_megabytes": 0.0001})
    with storage.open(tmp_path / "small", settings, clock=clock) as store:
        photos.put(store, png(), ANN)
        with pytest.raises(PhotoError) as raised:
            photos.put(store, png("blue"), ANN)
        assert "占满" in raised.value.sentence
        assert "删除我的所有数据" in raised.value.sentence
        photos.put(store, png("blue"), BOB)
