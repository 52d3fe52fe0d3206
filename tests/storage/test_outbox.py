"""Messages go out once, in order, and stand in the log when they are through."""

import pytest

from storage import Storage, incidents, outbox
from storage.outbox import DeliveryLost
from tests.storage.house import ANN, ROOM, Clock


def send(store: Storage, key: str, chat: str = ROOM) -> int | None:
    return outbox.send(store, key=key, chat=chat, user=ANN, text=key)


def claimed(store: Storage, worker: str = "bot") -> outbox.Delivery:
    delivery = outbox.claim(store, "web", worker)
    assert delivery is not None
    return delivery


def test_a_message_goes_out_once(store: Storage) -> None:
    told = {"chat": ROOM, "user": ANN, "text": "好了", "photos": ["f" * 64], "data": {"buttons": ["撤销"]}, "job": 3}
    assert outbox.send(store, key="a", kind="result", **told) is not None  # type: ignore[arg-type]
    assert outbox.send(store, key="a", kind="result", **told) is None  # type: ignore[arg-type]
    delivery = claimed(store)
    assert (delivery.platform, delivery.text, delivery.photos, delivery.data) == (
        "web", "好了", ("f" * 64,), {"buttons": ["撤销"]},
    )  # fmt: skip
    assert (delivery.kind, delivery.job, delivery.attempt) == ("result", 3, 1)
    assert outbox.claim(store, "web", "other") is None
    assert outbox.messages(store, ROOM) == ()
    line = outbox.delivered(store, delivery)
    assert (line.author, line.text, line.photos, line.job) == ("bot", "好了", ("f" * 64,), 3)
    assert outbox.messages(store, ROOM) == (line,)
    assert outbox.claim(store, "web", "bot") is None
    with pytest.raises(DeliveryLost):
        outbox.delivered(store, delivery)
    assert outbox.messages(store, ROOM) == (line,)


def test_what_is_being_sent_can_be_answered_to(store: Storage) -> None:
    send(store, "a")
    delivery = claimed(store)
    assert not outbox.said_by_us(store, ROOM, "om_2")
    outbox.part_sent(store, delivery, "key", {"messages": [], "photos": []})
    outbox.part_sent(store, delivery, "image", {"messages": ["om_1", "om_2"], "photos": ["e" * 64, "f" * 64]})
    for through in (False, True):
        if through:
            outbox.delivered(store, delivery)
        assert outbox.shown(store, ROOM, "om_2") == ("f" * 64,)
        assert outbox.said_by_us(store, ROOM, "om_2")
        assert not outbox.said_by_us(store, "web:elsewhere", "om_2")
        assert outbox.shown(store, ROOM, "om_") == ()


def test_each_platform_takes_its_own(store: Storage) -> None:
    send(store, "a", "telegram:1")
    assert outbox.claim(store, "web", "bot") is None
    assert outbox.claim(store, "telegram", "bot") is not None


def test_the_order_within_a_chat_is_kept(store: Storage, clock: Clock) -> None:
    for key in ("a1", "a2"):
        send(store, key)
    send(store, "b1", "web:other")
    first = claimed(store)
    assert (first.key, claimed(store).key) == ("a1", "b1")
    assert outbox.claim(store, "web", "bot") is None
    outbox.postpone(store, first, 5.0, "flood")
    assert outbox.claim(store, "web", "bot") is None  # a2 waits for a1, and a1 for its time
    clock.go(5)
    again = claimed(store)
    assert (again.key, again.attempt) == ("a1", 1)
    outbox.delivered(store, again)
    assert claimed(store).key == "a2"


def test_what_a_dead_sender_held_is_sent_by_the_next(store: Storage, clock: Clock) -> None:
    send(store, "a")
    old = claimed(store, "old")
    outbox.part_sent(store, old, "photo", {"message_id": 5})
    clock.go(61)
    new = claimed(store, "new")
    assert (new.attempt, new.sent) == (2, {"photo": {"message_id": 5}})
    for act in (
        lambda: outbox.delivered(store, old),
        lambda: outbox.part_sent(store, old, "document"),
        lambda: outbox.postpone(store, old, 1.0, ""),
        lambda: outbox.undeliverable(store, old, ""),
    ):
        with pytest.raises(DeliveryLost):
            act()
    outbox.part_sent(store, new, "document")
    outbox.delivered(store, new)
    assert len(outbox.messages(store, ROOM)) == 1


def test_a_message_nobody_can_send_is_given_up(store: Storage, clock: Clock) -> None:
    send(store, "a")
    send(store, "b")
    for _ in range(outbox.ATTEMPTS):
        assert claimed(store).key == "a"
        clock.go(61)
    assert outbox.claim(store, "web", "bot") is None
    row = store.one("SELECT state, log FROM outbox")
    assert row == {"state": "failed", "log": "too many attempts; last: None"}
    outbox.undeliverable(store, claimed(store), "blocked by user")
    sorry = claimed(store)
    assert (sorry.text, sorry.photos) == (outbox.NOT_SENT, ())
    (incident,) = incidents.recent(store)
    assert (incident.what, incident.ref) == ("delivery", 1)
    for _ in range(outbox.ATTEMPTS):
        outbox.postpone(store, sorry, 0.0, "broken", counts=True)
        sorry = outbox.claim(store, "web", "bot") or sorry
    assert outbox.claim(store, "web", "bot") is None  # nobody is told that they could not be told
    assert len(incidents.recent(store)) == 2
    assert outbox.claim(store, "web", "bot") is None
    assert outbox.messages(store, ROOM) == ()


def test_the_log_is_read_page_by_page(store: Storage) -> None:
    for number in range(5):
        outbox.log(store, key=str(number), chat=ROOM, user=ANN, author="user", text=str(number))
    outbox.log(store, key="4", chat=ROOM, user=ANN, author="user", text="again")
    lines = outbox.messages(store, ROOM)
    assert [line.text for line in lines] == ["0", "1", "2", "3", "4"]
    assert [line.text for line in outbox.messages(store, ROOM, limit=2)] == ["3", "4"]
    assert [line.text for line in outbox.messages(store, ROOM, after=lines[2].id)] == ["3", "4"]
    assert outbox.messages(store, "web:other") == ()


def test_a_receipt_tells_what_a_message_of_the_platform_shows(store: Storage) -> None:
    pictures = ["a" * 64, "b" * 64]
    outbox.send(store, key="k", chat=ROOM, user=ANN, text="两张", photos=pictures)
    delivery = claimed(store)
    outbox.part_sent(store, delivery, "album0", {"messages": ["7", "8"], "photos": pictures})
    outbox.part_sent(store, delivery, "text0", {"messages": ["9"], "photos": []})
    outbox.delivered(store, delivery)
    assert outbox.shown(store, ROOM, "8") == ("b" * 64,)
    assert outbox.shown(store, ROOM, "9") == ()
    assert outbox.shown(store, ROOM, "77") == ()
    assert outbox.shown(store, "web:elsewhere", "8") == ()


def test_what_is_its_own_fault_is_given_up_and_what_is_not_is_not(store: Storage) -> None:
    send(store, "a")
    for _ in range(2 * outbox.ATTEMPTS):
        outbox.postpone(store, claimed(store), 0.0, "flood")
    for _ in range(outbox.ATTEMPTS):
        outbox.postpone(store, claimed(store), 0.0, "broken", counts=True)
    assert outbox.claim(store, "web", "bot") is None
    assert [row["state"] for row in store.rows("SELECT state FROM outbox")] == ["failed", "waiting"]
    assert claimed(store).text == outbox.NOT_SENT


def test_what_a_killed_bot_was_sending_is_sent_at_once(store: Storage) -> None:
    send(store, "a")
    first = claimed(store)
    assert outbox.claim(store, "web", "second") is None
    assert outbox.rescue(store, "telegram") == 0
    assert outbox.rescue(store, "web") == 1
    again = claimed(store, "second")
    assert (again.id, again.attempt) == (first.id, 2)
    with pytest.raises(DeliveryLost):
        outbox.delivered(store, first)
