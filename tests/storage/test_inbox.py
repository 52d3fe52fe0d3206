"""Messages come in once, in order, albums whole."""

from dataclasses import replace

from storage import Storage, inbox, incidents, outbox
from tests.storage.house import ANN, BOB, ROOM, Clock


def receive(store: Storage, update: int, user: str = ANN, text: str = "", **more: str) -> int | None:
    told = {"platform": "web", "chat": ROOM, **more}
    return inbox.receive(store, update_id=update, user=user, text=text, **told)  # type: ignore[arg-type]


def take(store: Storage, worker: str = "bot") -> list[str]:
    return [message.update_id for message in inbox.take(store, worker)]


def test_a_message_comes_in_once(store: Storage) -> None:
    data = {"file_id": "abc"}
    told = {"platform": "telegram", "update_id": 7, "chat": ROOM, "user": ANN, "text": "你好", "photos": ["f" * 64]}
    assert inbox.receive(store, **told, data=data) is not None  # type: ignore[arg-type]
    assert inbox.receive(store, **told, data=data) is None  # type: ignore[arg-type]
    assert receive(store, 7, platform="web") is not None  # another platform counts for itself
    (message,) = inbox.take(store, "bot", platform="telegram")
    assert (message.text, message.photos, message.data, message.attempt) == ("你好", ("f" * 64,), data, 1)
    assert [line.author for line in outbox.messages(store, ROOM)] == ["user", "user"]
    inbox.done(store, [message])
    assert inbox.take(store, "bot", platform="telegram") == ()


def test_one_person_is_answered_in_order_and_others_meanwhile(store: Storage) -> None:
    receive(store, 1)
    receive(store, 2)
    receive(store, 3, BOB)
    first = inbox.take(store, "bot")
    assert [message.update_id for message in first] == ["1"]
    assert take(store) == ["3"]
    assert take(store) == []
    inbox.done(store, first)
    assert take(store) == ["2"]


def test_what_a_dead_bot_had_taken_comes_up_again(store: Storage, clock: Clock) -> None:
    receive(store, 1)
    receive(store, 2)
    for _ in range(3):
        assert take(store) == ["1"]
        clock.go(61)
    assert take(store) == []  # three times are enough
    assert [(line["chat"], line["user"], line["text"]) for line in store.rows("SELECT * FROM outbox")] == [
        (ROOM, ANN, inbox.GIVEN_UP)
    ]
    assert [(incident.what, incident.ref) for incident in incidents.recent(store)] == [("message", 1)]
    assert take(store) == ["2"]


def test_nobody_is_told_of_what_was_not_said_to_us(store: Storage, clock: Clock) -> None:
    told = {"platform": "web", "chat": ROOM, "user": ANN, "data": {"overheard": True}}
    inbox.receive(store, update_id=1, **told)  # type: ignore[arg-type]
    for _ in range(3):
        assert take(store) == ["1"]
        clock.go(61)
    assert take(store) == []
    assert store.rows("SELECT * FROM outbox") == []
    assert len(incidents.recent(store)) == 1


def test_people_take_turns(store: Storage) -> None:
    """A thousand messages of one person hold up the one of another by one."""
    with store.atomic():
        for number in range(1000):
            receive(store, number)
    first = inbox.take(store, "bot")
    receive(store, 1001, BOB)
    inbox.done(store, first)
    answered = []
    for _ in range(3):
        message = inbox.take(store, "bot")
        answered += [one.user for one in message]
        inbox.done(store, message)
    assert answered == [ANN, BOB, ANN]


def test_a_message_that_cannot_be_handled_is_put_aside(store: Storage) -> None:
    receive(store, 1)
    inbox.failed(store, inbox.take(store, "bot"))
    assert take(store) == []
    assert store.one("SELECT state FROM inbox") == {"state": "failed"}


def test_an_album_is_handed_over_whole_once_it_has_settled(store: Storage, clock: Clock) -> None:
    receive(store, 1, album="x")
    clock.go(0.5)
    receive(store, 2, album="x")
    receive(store, 3, BOB, album="x")
    clock.go(0.5)
    assert take(store) == []
    clock.go(0.4)
    assert take(store) == ["1", "2"]
    assert take(store) == ["3"]


def test_what_is_said_after_an_album_waits_for_it(store: Storage, clock: Clock) -> None:
    receive(store, 1, album="x")
    receive(store, 2, text="把这些拼起来")
    assert take(store) == []
    clock.go(1)
    album = inbox.take(store, "bot")
    assert [message.update_id for message in album] == ["1"]
    inbox.done(store, album)
    assert take(store) == ["2"]


def test_files_are_fetched_after_the_commit(store: Storage) -> None:
    named = {"files": [{"id": "x"}, {"id": "y"}], "message": "5"}
    inbox.receive(store, platform="web", update_id=1, chat=ROOM, user=ANN, data=named)
    (message,) = inbox.take(store, "bot")
    message = inbox.fetched(store, message, ["f" * 64], ["太大了"], ["e" * 64])
    assert (message.photos, message.data) == (
        ("f" * 64,), {"message": "5", "problems": ["太大了"], "replied": ["e" * 64]},
    )  # fmt: skip
    (line,) = outbox.messages(store, ROOM)
    assert line.photos == ("f" * 64,)
    assert outbox.shown(store, ROOM, "5") == ("f" * 64,)
    inbox.put_back(store, [message])
    assert inbox.take(store, "bot") == (replace(message, attempt=2),)
    assert inbox.number_of(store, message.id) == "5"


def test_what_was_not_for_us_leaves_no_more_than_its_number(store: Storage) -> None:
    inbox.receive(store, platform="web", update_id=1, chat=ROOM, user=ANN, text="晚上吃什么", data={"overheard": True})
    inbox.drop(store, inbox.take(store, "bot"))
    assert outbox.messages(store, ROOM) == ()
    (row,) = store.rows("SELECT text, data, state FROM inbox")
    assert row == {"text": "", "data": "{}", "state": "done"}
    assert receive(store, 1) is None


def test_what_a_killed_bot_was_at_comes_up_at_once(store: Storage) -> None:
    receive(store, 1)
    receive(store, 2, BOB, platform="telegram")
    assert take(store, "first") == ["1"]
    assert take(store, "first") == ["2"]
    assert inbox.rescue(store, "web") == 1
    assert take(store, "second") == ["1"]
    assert take(store, "second") == []
