"""What is taught belongs to its teacher."""

import numpy as np
import pytest

from storage import Storage, concepts, jobs, photos
from storage.concepts import Artefact, ConceptError
from tests.storage.house import ANN, BOB, DAY, ROOM, Clock, png

LEARNT = Artefact("diffusion", "weights-1", b"\x00vectors")


def test_from_lesson_to_use(store: Storage) -> None:
    references = [photos.put(store, png(color), ANN).sha256 for color in ("red", "green", "red")]
    concept = concepts.create(store, ANN, " 阿紫 ", "person", references)
    assert (concept.name, concept.kind, concept.status, concept.ready) == ("阿紫", "person", "learning", False)
    assert concept.references == tuple(references)
    learnt = concepts.learnt(store, concept.id, LEARNT, {"loss": np.float32(0.5)})
    assert (learnt.status, learnt.ready, learnt.token, learnt.facts) == (
        "ready",
        True,
        f"<{concept.id}>",
        {"loss": 0.5},
    )
    assert concepts.get(store, concept.id) == learnt
    assert concepts.artefacts(store, concept.id) == {"diffusion": LEARNT}


def test_every_engine_has_its_own_artefact(store: Storage) -> None:
    """What another engine learns later stands beside; what is taught anew takes the place of all that was learnt."""
    concept = concepts.create(store, ANN, "阿紫", "person", ())
    concepts.learnt(store, concept.id, LEARNT, {"loss": 0.5})
    other = Artefact("compositing", "1", b"cut-outs")
    told = concepts.learnt(store, concept.id, other, {"faces": 4})
    assert (told.learnt, told.facts) == (("compositing", "diffusion"), {"loss": 0.5, "faces": 4})
    better = Artefact("diffusion", "weights-2", b"others")
    concepts.learnt(store, concept.id, better, {})
    assert concepts.artefacts(store, concept.id) == {"compositing": other, "diffusion": better}
    concepts.create(store, ANN, "阿紫", "person", ())
    assert concepts.learnt(store, concept.id, other, {}).learnt == ("compositing",)


def test_names_are_found_however_they_are_written(store: Storage) -> None:
    concept = concepts.create(store, ANN, "Tom Cat", "pet", ())
    for name in ("tom cat", "TOMCAT", "Ｔｏｍ　Ｃａｔ", "tom\tcat"):
        found = concepts.find(store, ANN, name)
        assert found is not None
        assert found.id == concept.id
    assert concepts.find(store, ANN, "Tim") is None
    assert concepts.find(store, BOB, "Tom Cat") is None


def test_a_shared_concept_is_used_by_all_in_the_chat(store: Storage) -> None:
    mine = concepts.create(store, ANN, "旺财", "pet", ())
    assert not concepts.share(store, mine.id, BOB, ROOM)
    assert concepts.share(store, mine.id, ANN, ROOM)
    found = concepts.find(store, BOB, "旺财", ROOM)
    assert found is not None
    assert found.id == mine.id
    assert concepts.find(store, BOB, "旺财", "web:elsewhere") is None
    assert [concept.name for concept in concepts.of_owner(store, BOB, ROOM)] == ["旺财"]
    assert concepts.of_owner(store, BOB) == ()
    his = concepts.create(store, BOB, "旺财", "pet", ())
    own = concepts.find(store, BOB, "旺财", ROOM)
    assert own is not None
    assert own.id == his.id != mine.id
    assert concepts.usable(store, mine.id, BOB, ROOM)
    concepts.share(store, mine.id, ANN, ROOM, allowed=False)
    assert not concepts.usable(store, mine.id, BOB, ROOM)


@pytest.mark.parametrize(
    ("name", "word"), [("", "空"), ("  ", "空"), ("字" * 21, "太长"), ("a\u200bb", "看不见"), ("a\nb", "看不见")]
)
def test_a_name_must_be_one(store: Storage, name: str, word: str) -> None:
    with pytest.raises(ConceptError) as caught:
        concepts.create(store, ANN, name, "pet", ())
    assert word in caught.value.sentence


def test_a_kind_must_be_one(store: Storage) -> None:
    with pytest.raises(ValueError, match="robot"):
        concepts.create(store, ANN, "阿紫", "robot", ())


def test_references_must_be_the_owners(store: Storage, photo: photos.Photo) -> None:
    with pytest.raises(photos.PhotoError):
        concepts.create(store, BOB, "阿紫", "person", [photo.sha256])
    assert concepts.of_owner(store, BOB) == ()


def test_learning_anew_keeps_the_old_until_it_is_done(store: Storage, photo: photos.Photo) -> None:
    concept = concepts.create(store, ANN, "阿紫", "person", [photo.sha256])
    concepts.learnt(store, concept.id, LEARNT, {})
    blue = photos.put(store, png("blue"), ANN).sha256
    again = concepts.create(store, ANN, "阿 紫", "pet", [blue])
    assert (again.id, again.kind, again.status, again.references) == (concept.id, "pet", "learning", (blue,))
    assert again.ready
    assert concepts.artefacts(store, concept.id) == {"diffusion": LEARNT}
    failed = concepts.failed(store, concept.id, "太糊了。")
    assert (failed.status, failed.note) == ("ready", "太糊了。")


def test_failing_the_first_time_is_failing(store: Storage) -> None:
    concept = concepts.create(store, ANN, "阿紫", "person", ())
    assert concepts.failed(store, concept.id, "太糊了。").status == "failed"


def test_there_is_a_limit(store: Storage) -> None:
    limits = store.settings.limits.model_copy(update={"concepts": 2})
    store.settings = store.settings.model_copy(update={"limits": limits})
    for name in ("甲", "乙", "乙"):
        concepts.create(store, ANN, name, "person", ())
    with pytest.raises(ConceptError) as caught:
        concepts.create(store, ANN, "丙", "person", ())
    assert "2 个名字" in caught.value.sentence


def test_references_stay_as_long_as_the_concept(store: Storage, photo: photos.Photo, clock: Clock) -> None:
    concept = concepts.create(store, ANN, "阿紫", "person", [photo.sha256])
    clock.go(400 * DAY)
    assert photos.sweep(store) == 0
    assert concepts.forget(store, concept.id, ANN)
    assert not photos.path(store, photo.sha256).exists()


def test_forgetting_is_for_the_owner_and_complete(store: Storage, photo: photos.Photo) -> None:
    other = photos.put(store, png("blue"), ANN).sha256
    concept = concepts.create(store, ANN, "阿紫", "person", [photo.sha256, other])
    twin = concepts.create(store, ANN, "阿红", "person", [other])
    concepts.learnt(store, concept.id, LEARNT, {})
    request = jobs.LearnRequest(concept.id, (photo.sha256, other))
    jobs.enqueue(store, key="a", kind="learn", owner=ANN, chat=ROOM, request=request)
    job = jobs.claim(store, "w", ("learn",))
    assert job is not None
    assert not concepts.forget(store, concept.id, BOB)
    assert concepts.forget(store, concept.id, ANN)
    with pytest.raises(ConceptError):
        concepts.get(store, concept.id)
    with pytest.raises(ConceptError):
        concepts.learnt(store, concept.id, LEARNT, {})
    with pytest.raises(jobs.Cancelled):
        jobs.heartbeat(store, job)
    assert not photos.path(store, photo.sha256).exists()
    assert photos.read(store, other, ANN)  # the other concept needs it
    assert concepts.get(store, twin.id).references == (other,)
    assert store.rows("SELECT * FROM concept_artefacts") == []
    assert not concepts.forget(store, concept.id, ANN)
