"""What a conversation is about."""

import pytest

from storage import Storage, chats, jobs, photos
from storage.plans import Step
from tests.storage.house import ANN, BOB, DAY, ROOM, Clock, png


@pytest.fixture
def pictures(store: Storage) -> list[str]:
    return [photos.put(store, png(color), ANN).sha256 for color in ("red", "green", "blue", "yellow")]


def edit(store: Storage, photo: str, job: int = 1) -> chats.Entry:
    request = jobs.EditRequest(Step("restyle", style="oil"), photo)
    return chats.discuss(store, ROOM, ANN, photo, job=job, kind="edit", request=request)


def photo_of(entry: chats.Entry | None) -> str | None:
    return None if entry is None else entry.photo


def here(store: Storage) -> str | None:
    return photo_of(chats.under_discussion(store, ROOM, ANN))


def test_the_last_photo_is_the_one_under_discussion(store: Storage, pictures: list[str]) -> None:
    assert here(store) is None
    chats.discuss(store, ROOM, ANN, pictures[0])
    chats.discuss(store, ROOM, ANN, pictures[1])
    assert here(store) == pictures[1]
    assert chats.under_discussion(store, ROOM, BOB) is None
    assert chats.under_discussion(store, "web:other", ANN) is None


def test_undo_and_redo(store: Storage, pictures: list[str]) -> None:
    assert chats.undo(store, ROOM, ANN) is chats.redo(store, ROOM, ANN) is None
    chats.discuss(store, ROOM, ANN, pictures[0])
    edit(store, pictures[1])
    edit(store, pictures[2])
    steps = [chats.undo, chats.undo, chats.undo, chats.redo, chats.redo, chats.redo]
    shown = [photo_of(step(store, ROOM, ANN)) for step in steps]
    assert shown == [pictures[1], pictures[0], None, pictures[1], pictures[2], None]


def test_going_back_and_editing_keeps_the_other_branch(store: Storage, pictures: list[str]) -> None:
    chats.discuss(store, ROOM, ANN, pictures[0])
    first = edit(store, pictures[1])
    chats.undo(store, ROOM, ANN)
    second = edit(store, pictures[2])
    assert chats.redo(store, ROOM, ANN) is None
    assert [entry.photo for entry in chats.line(store, ROOM, ANN)] == [pictures[0], pictures[2]]
    assert [entry.photo for entry in chats.history(store, ROOM, ANN)] == pictures[:3]
    assert first.parent == second.parent
    later = edit(store, pictures[3])
    chats.go(store, ROOM, ANN, first.id)  # over to the other branch
    assert [entry.photo for entry in chats.line(store, ROOM, ANN)] == pictures[:2]
    assert photo_of(chats.undo(store, ROOM, ANN)) == pictures[0]
    assert photo_of(chats.redo(store, ROOM, ANN)) == pictures[1]
    chats.go(store, ROOM, ANN, later.id)  # and from the top of this one back down and up
    assert [photo_of(chats.undo(store, ROOM, ANN)) for _ in range(3)] == [pictures[2], pictures[0], None]
    assert [photo_of(chats.redo(store, ROOM, ANN)) for _ in range(3)] == [pictures[2], pictures[3], None]


def test_another_photo_and_an_earlier_one_again(store: Storage, pictures: list[str]) -> None:
    sent = chats.discuss(store, ROOM, ANN, pictures[0])
    chats.discuss(store, ROOM, ANN, pictures[1])
    chats.go(store, ROOM, ANN, sent.id)
    request = jobs.EditRequest(Step("restyle", style="oil"), pictures[0])
    chats.discuss(store, ROOM, ANN, pictures[2], job=1, kind="edit", request=request)
    assert [entry.photo for entry in chats.line(store, ROOM, ANN)] == [pictures[0], pictures[2]]
    assert [entry.photo for entry in chats.history(store, ROOM, ANN)] == pictures[:3]  # the other photo is still there


def test_what_is_done_later_stands_after_what_it_was_made_from(store: Storage, pictures: list[str]) -> None:
    sent = chats.discuss(store, ROOM, ANN, pictures[0])
    made = chats.discuss(
        store, ROOM, ANN, pictures[1], job=1, kind="edit", request=jobs.EditRequest(Step("upscale"), pictures[0])
    )
    request = jobs.EditRequest(Step("restyle", style="oil"), pictures[1])
    chats.go(store, ROOM, ANN, sent.id)  # while the next edit was still being worked on
    late = chats.discuss(store, ROOM, ANN, pictures[2], job=2, kind="edit", request=request)
    assert late.parent == made.id


def test_undo_stops_at_a_photo_that_was_sent(store: Storage, pictures: list[str]) -> None:
    chats.discuss(store, ROOM, ANN, pictures[0])
    edit(store, pictures[1])
    chats.discuss(store, ROOM, ANN, pictures[2])
    assert chats.undo(store, ROOM, ANN) is None
    assert here(store) == pictures[2]


def test_an_entry_knows_what_made_it(store: Storage, pictures: list[str]) -> None:
    made = edit(store, pictures[1], job=5)
    assert chats.under_discussion(store, ROOM, ANN) == made
    assert made.request == jobs.EditRequest(Step("restyle", style="oil"), pictures[1])
    assert (made.job, made.kind) == (5, "edit")


def test_anothers_photo_cannot_be_discussed(store: Storage, pictures: list[str]) -> None:
    with pytest.raises(photos.PhotoError):
        chats.discuss(store, ROOM, BOB, pictures[0])


def test_an_expired_photo_leaves_the_conversation(store: Storage, pictures: list[str], clock: Clock) -> None:
    chats.discuss(store, ROOM, ANN, pictures[0])
    clock.go(31 * DAY)
    photos.sweep(store)
    assert here(store) is None
    assert chats.history(store, ROOM, ANN) == ()


def test_a_question_waits_for_its_answer(store: Storage, pictures: list[str], clock: Clock) -> None:
    assert chats.question(store, ROOM, ANN) is None
    chats.discuss(store, ROOM, ANN, pictures[0])
    chats.ask(store, ROOM, ANN, {"which": ["左边", "右边"]})
    assert chats.question(store, ROOM, ANN) == {"which": ["左边", "右边"]}
    assert chats.question(store, ROOM, BOB) is None
    assert here(store) == pictures[0]
    clock.go(2 * DAY)
    assert chats.question(store, ROOM, ANN) is None
    chats.ask(store, ROOM, ANN, {"again": True})
    chats.ask(store, ROOM, ANN, None)
    assert chats.question(store, ROOM, ANN) is None


def test_preferences(store: Storage) -> None:
    assert chats.preference(store, ANN, "script", "simplified") == "simplified"
    chats.prefer(store, ANN, "script", "traditional")
    chats.prefer(store, ANN, "script", ["any", {"json": 1}])
    assert chats.preference(store, ANN, "script") == ["any", {"json": 1}]
    assert chats.preference(store, BOB, "script") is None
    chats.prefer(store, ANN, "script", None)
    assert chats.preference(store, ANN, "script", "simplified") == "simplified"


def test_consent_keeps_the_words_and_the_last_answer(store: Storage, clock: Clock) -> None:
    assert chats.consent(store, ANN, "unmarked") is None
    chats.record_consent(store, ANN, "unmarked", "您同意……吗？", given=False)
    chats.record_consent(store, ANN, "unmarked", "您同意吗？", given=True)
    assert chats.consent(store, ANN, "unmarked") == chats.Consent("unmarked", "您同意吗？", True, clock())
    assert chats.consent(store, BOB, "unmarked") is None
    assert store.one("SELECT count(*) AS n FROM consents") == {"n": 2}
