"""What goes by itself, what can be taken along, and what is gone for good."""

import json
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from storage import Storage, chats, concepts, inbox, inversions, jobs, outbox, photos, retention
from storage.errors import StorageError
from storage.plans import Step
from tests.storage.house import ANN, BOB, DAY, ROOM, Clock, broken, png


@pytest.fixture
def lived(store: Storage) -> dict[str, str]:
    """A store in which Ann and Bob have done everything; returns the photos by name."""
    names = {}
    for owner in (ANN, BOB):
        who = owner.removeprefix("web:")
        seed = 10 if owner == ANN else 200
        shas = [photos.put(store, png((seed, 0, n)), owner).sha256 for n in range(2)]
        shas.append(photos.put(store, png("white"), owner).sha256)  # both have sent this one
        names |= {f"{who}{n}": sha for n, sha in enumerate(shas)}
        inbox.receive(store, platform="web", update_id=who, chat=ROOM, user=owner, text=f"我是{who}", photos=shas[:1])
        chats.discuss(store, ROOM, owner, shas[0])
        chats.ask(store, ROOM, owner, {"which": who})
        chats.prefer(store, owner, "script", who)
        chats.record_consent(store, owner, "unmarked", "您同意吗？", given=True)
        concept = concepts.create(store, owner, f"小/{who}", "person", [shas[1]])
        concepts.learnt(store, concept.id, concepts.Artefact("diffusion", "w", who.encode()), {"said": who})
        inversions.save(store, shas[0], {"z": np.zeros(3)}, photo=shas[0])
        for number in range(2):
            request = jobs.EditRequest(Step("remove", target="猫"), shas[0], seed=number)
            jobs.enqueue(store, key=f"{who}{number}", kind="edit", owner=owner, chat=ROOM, request=request)
    for _ in range(2):
        job = jobs.claim(store, "w", ("edit",))
        assert job is not None
        picture = jobs.attach(store, job, png((77, job.id, 0)))
        names[f"result of {job.owner}"] = picture.sha256
        jobs.finish(store, job, jobs.Result((picture.sha256,), "好了"))
        delivery = outbox.claim(store, "web", "bot")
        assert delivery is not None
        outbox.delivered(store, delivery)
    return names


def bytes_on_disk(store: Storage) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(store.folder.rglob("*")) if path.is_file())


def test_what_has_expired_goes(store: Storage, lived: dict[str, str], clock: Clock) -> None:
    assert sum(retention.sweep(store).values()) == 0
    clock.go(31 * DAY)
    for message in (inbox.take(store, "bot"), inbox.take(store, "bot")):
        inbox.done(store, message)
    gone = retention.sweep(store)
    assert gone == {
        "jobs": 2, "inbox": 2, "outbox": 2, "messages": 4, "consents": 0, "photos": 3, "inversions": 2, "files": 0, "shares": 0, "tickets": 0,
        "incidents": 0,
    }  # fmt: skip
    # The photos of open jobs and of what was taught are still there.
    assert {photo.sha256 for photo in photos.of_owner(store, ANN)} == {lived["ann0"], lived["ann1"]}
    assert [job.state for job in jobs.of_chat(store, ROOM)] == ["queued", "queued"]
    clock.go(400 * DAY)
    assert retention.sweep(store)["consents"] == 2


def test_zero_keeps_for_ever(store: Storage, lived: dict[str, str], clock: Clock) -> None:
    keep = {"photos": 0.0, "messages": 0.0, "jobs": 0.0, "inversions": 0.0, "consents": 1e6}
    told = store.settings.retention.model_copy(update=keep)
    store.settings = store.settings.model_copy(update={"retention": told})
    for sha in {sha for name, sha in lived.items() if name.startswith("ann")}:
        store.db.execute("UPDATE photo_owners SET expires_at = NULL WHERE sha256 = ?", (sha,))
    clock.go(10_000 * DAY)
    gone = retention.sweep(store)
    assert (gone["messages"], gone["outbox"], gone["inversions"]) == (0, 0, 0)
    assert (gone["jobs"], gone["inbox"]) == (0, 0)
    assert photos.read(store, lived["ann0"], ANN)


def test_files_of_a_crash_are_cleared_away(store: Storage, lived: dict[str, str]) -> None:
    fresh, old = store.folder / "photos" / "aa" / f"{'a' * 64}.png", store.folder / "photos" / "aa" / ".b.png.1-2.tmp"
    for file in (fresh, old):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    assert retention.sweep(store)["files"] == 1
    assert (fresh.exists(), old.exists()) == (True, False)
    assert photos.read(store, lived["ann0"], ANN)


def test_a_person_takes_everything_along(store: Storage, lived: dict[str, str], tmp_path: Path) -> None:
    target = retention.export(store, ANN, tmp_path / "out" / "ann.zip")
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        told = json.loads(archive.read("everything.json"))
        mine = {photo.sha256 for photo in photos.of_owner(store, ANN)}
        assert {name for name in names if name.startswith("photos/")} == {f"photos/{sha}.png" for sha in mine}
        assert archive.read(f"photos/{lived['ann0']}.png") == photos.read(store, lived["ann0"])
        assert archive.read("concepts/1-小_ann/diffusion.npz") == b"ann"
        assert archive.read("concepts/1-小_ann/1.png") == photos.read(store, lived["ann1"])
        assert "删除我的所有数据" in archive.read("README.txt").decode()
    assert [message["text"] for message in told["messages"]] == ["我是ann", "好了"]
    assert told["concepts"][0]["references"] == [lived["ann1"]]
    assert told["concepts"][0]["facts"] == {"said": "ann"}
    assert [job["state"] for job in told["jobs"]] == ["done", "queued"]
    assert told["jobs"][0]["request"]["step"] == {"operation": "remove", "target": "猫"}
    assert told["consents"][0]["wording"] == "您同意吗？"
    text = json.dumps(told, ensure_ascii=False)
    assert "bob" not in text
    assert not any(sha in text for name, sha in lived.items() if name in ("bob0", "bob1", f"result of {BOB}"))


def test_an_export_of_nothing_is_an_export(store: Storage, tmp_path: Path) -> None:
    with zipfile.ZipFile(retention.export(store, "web:nobody", tmp_path / "x.zip")) as archive:
        assert sorted(archive.namelist()) == ["README.txt", "everything.json"]
    with pytest.raises(StorageError):
        retention.export(store, ANN, tmp_path / "x.zip" / "below")


def test_a_person_is_forgotten(store: Storage, lived: dict[str, str], clock: Clock) -> None:
    running = jobs.claim(store, "w", ("edit",))
    assert running is not None
    assert running.owner == ANN
    before_bob = _everything_but_times(store, BOB)
    gone = retention.forget(store, ANN)
    assert gone == {
        "jobs": 2, "turns": 2, "concepts": 1, "inbox": 1, "outbox": 1, "messages": 2, "conversations": 1, "history": 2,
        "preferences": 1, "photos": 4, "consents": 1, "files": 3, "inversions": 1, "packs": 0,
        "shares": 0, "sets": 0, "photo_marks": 0, "tickets": 0,
        "departures": 0, "looks": 1,
    }  # fmt: skip
    assert not photos.path(store, lived["ann0"]).exists()
    assert photos.read(store, lived["bob2"], BOB)  # Bob has sent the same picture
    with pytest.raises(jobs.Cancelled):
        jobs.attach(store, running, png("pink"))
    with pytest.raises(jobs.Cancelled):
        jobs.heartbeat(store, running)
    assert not inversions.save(store, lived["ann0"], {"z": np.zeros(3)}, photo=lived["ann0"])
    rest = bytes_on_disk(store)
    assert ANN.encode() not in rest
    assert "我是ann".encode() not in rest
    assert "小/ann".encode() not in rest
    assert not any(sha.encode() in rest for name, sha in lived.items() if name in ("ann0", "ann1", f"result of {ANN}"))
    assert _everything_but_times(store, BOB) == before_bob
    assert sum(retention.forget(store, ANN).values()) == 0
    # The record that the law asks for is found by whoever knows the person, and goes in its time.
    told = chats.consent(store, retention.pseudonym(ANN), "unmarked")
    assert told is not None
    assert told.given
    clock.go(401 * DAY)
    assert retention.sweep(store)["consents"] == 2


def test_forgetting_is_all_or_nothing(store: Storage, lived: dict[str, str]) -> None:
    with broken(store):
        retention.forget(store, ANN)
    assert len(photos.of_owner(store, ANN)) == 4
    assert all(photos.path(store, sha).exists() for sha in lived.values())
    assert chats.consent(store, ANN, "unmarked") is not None


def _everything_but_times(store: Storage, owner: str) -> dict[str, object]:
    return {name: value for name, value in retention._everything(store, owner).items() if name != "exported_at"}


def test_one_chat_goes_with_what_only_it_had(store: Storage) -> None:
    here, other = ANN, f"{ANN}/2"
    only, both, taught = (photos.put(store, png((9, 9, n)), ANN).sha256 for n in range(3))
    concept = concepts.create(store, ANN, "阿紫", "person", [taught])
    for chat, shown in ((here, [only, both, taught]), (other, [both])):
        outbox.log(store, key=f"said in {chat}", chat=chat, user=ANN, author="user", text="你好", photos=shown)
        for sha256 in shown:
            chats.discuss(store, chat, ANN, sha256)
    request = jobs.EditRequest(Step("remove", target="猫"), only)
    edit = jobs.enqueue(store, key="edit", kind="edit", owner=ANN, chat=here, request=request)
    learn = jobs.LearnRequest(concept.id, (taught,))
    jobs.enqueue(store, key="learn", kind="learn", owner=ANN, chat=here, request=learn)
    running = jobs.claim(store, "w", ("edit",))
    assert running is not None
    assert retention.forget_chat(store, ANN, here) == 1
    assert {photo.sha256 for photo in photos.of_owner(store, ANN)} == {both, taught}
    assert outbox.messages(store, here) == ()
    assert len(outbox.messages(store, other)) == 1
    assert chats.under_discussion(store, here, ANN) is None
    assert concepts.get(store, concept.id).status == "failed"  # what was being learnt there has been called off
    with pytest.raises(jobs.Cancelled):
        jobs.heartbeat(store, running)
    with pytest.raises(jobs.JobError):
        jobs.get(store, edit.id)
