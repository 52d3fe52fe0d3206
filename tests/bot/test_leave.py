"""Leave to answer that ends: what is said in time, what is kept, and that nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import storage
from bot import numbered, outbox
from bot.platforms import Button, Leave, Outgoing, started
from storage import Storage
from storage import outbox as rows
from tests.bot.talking import Person, work


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Storage]:
    with storage.open(tmp_path / "data", clock=clock) as opened:
        yield opened


def started_say(store: Storage) -> None:
    """As if the jobs had taken longer."""
    for job in store.rows("SELECT id FROM jobs WHERE state = 'queued'"):
        store.db.execute("UPDATE jobs SET created_at = created_at - 5 WHERE id = ?", (job["id"],))
    started.say(store, "test")


class Limited(Person):
    """A person whose messages may be answered ``uses`` times within ``seconds``; each answer notes its ticket."""

    seconds, uses = 300.0, 5
    tickets = 0

    def say(self, text: str = "", sent: tuple[str, ...] = (), **more: object) -> list[Outgoing]:
        self.tickets += 1
        leave = Leave(f"t{self.tickets}", self.seconds, self.uses)
        return super().say(text, sent, leave=leave, numbered=True, **more)

    def listen(self) -> list[Outgoing]:
        new = []
        while due := outbox.due(self.store, "test", "tester"):
            new.append(due.message)
            due.sent(self.store)
        self.heard += new
        return new


def test_within_the_window_start_and_result_are_said(store: Storage) -> None:
    person = Limited(store)
    assert person.say("把猫换成狗", ("cat",)) == []
    started_say(store)
    (said,) = person.listen()
    (result,) = person.work()
    assert (said.ticket, result.ticket) == ("t1", "t1")
    assert "你的图好了" not in result.text
    assert result.images


def test_a_result_after_the_window_waits_for_the_next_message(store: Storage, clock: Clock) -> None:
    person = Limited(store)
    person.say("把猫换成狗", ("cat",))
    clock.now += 301
    assert person.work() == []
    assert person.listen() == []
    result, answer = person.say("你好")
    assert result.text.startswith("你的图好了")
    assert (len(result.images), result.ticket, answer.ticket) == (1, "t2", "t2")
    assert person.listen() == []


def test_what_is_kept_for_one_is_in_nobody_elses_way(store: Storage, clock: Clock) -> None:
    ann, bob = Limited(store, "ann", "group"), Limited(store, "bob", "group")
    ann.say("把猫换成狗", ("cat",))
    clock.now += 301
    bob.say("把猫换成狗", ("dog",))
    work(store)
    (heard,) = bob.listen()
    assert (heard.user, heard.ticket) == (bob.user, "t1")
    kept, _ = ann.say("你好")
    assert kept.user == ann.user
    assert kept.images != heard.images


def test_the_last_answer_is_saved_for_the_result(store: Storage) -> None:
    person = Limited(store)
    person.uses = 1
    person.say("把猫换成狗", ("cat",))
    started_say(store)
    assert person.listen() == []
    (result,) = person.work()
    assert (len(result.images), result.text) == (1, "改好了：把猫换成狗")
    assert result.buttons
    assert store.one("SELECT count(*) AS n FROM outbox WHERE state != 'delivered'") == {"n": 0}


def test_the_last_answer_is_given_before_the_window_ends(store: Storage, clock: Clock) -> None:
    person = Limited(store)
    person.uses = 1
    person.say("把猫换成狗", ("cat",))
    started_say(store)
    clock.now += 285
    (said,) = person.listen()
    assert not said.images
    assert person.work() == []
    (late,) = person.say("好了没")
    assert late.text.startswith("你的图好了")
    assert late.images


def test_an_answer_that_was_not_sent_uses_nothing(store: Storage, clock: Clock) -> None:
    person = Limited(store)
    person.uses = 1
    rows.send(store, key="x", chat=person.chat, user=person.user, text="一")
    person.heard += person.say("你好")
    for _ in range(3):
        rows.send(store, key=f"y{clock.now}", chat=person.chat, user=person.user, text="二")
        assert outbox.due(store, "test", "tester") is None
        clock.now += 1
    store.db.execute("UPDATE tickets SET uses = 1")
    store.db.execute("UPDATE outbox SET kept_until = NULL WHERE state = 'waiting'")
    due = outbox.due(store, "test", "tester")
    assert due is not None
    due.later(store, 1.0, "out of reach")
    assert store.one("SELECT uses FROM tickets") == {"uses": 1}
    clock.now += 2
    again = outbox.due(store, "test", "tester")
    assert again is not None
    assert again.ticket is not None


def test_without_tickets_again_everything_comes(store: Storage, clock: Clock) -> None:
    """The bridge has got leave to speak: what was kept goes out."""
    person = Limited(store)
    person.say("把猫换成狗", ("cat",))
    clock.now += 301
    assert person.work() == []
    result, answer = Person.say(person, "你好")
    assert result.text.startswith("你的图好了")
    assert answer.ticket == ""


def test_a_number_presses_a_button(store: Storage) -> None:
    person = Limited(store)
    person.say("把猫换成狗", ("cat",))
    (result,) = person.work()
    words = numbered.spelt(result)
    assert words.buttons == ()
    labels = [button.label for button in result.buttons]
    assert words.text.splitlines()[-1] == "回复 " + " · ".join(f"{n} {label}" for n, label in enumerate(labels, 1))
    undo = labels.index("撤销") + 1
    (answer,) = person.say(f"回复{undo}")
    assert "退回来了" in answer.text


def test_a_number_is_only_a_number_where_numbers_are_shown(store: Storage) -> None:
    person = Person(store)
    person.say("把猫换成狗", ("cat",))
    person.work()
    (answer,) = person.say("5")
    assert "退回来了" not in answer.text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("回复 2", 2),
        ("第3个", 3),
        ("选 4", 4),
        ("⑤", 5),
        ("１２", 12),
        ("0", None),
        ("1 只猫", None),
        ("", None),
    ],
)
def test_which_texts_are_numbers(text: str, number: int | None) -> None:
    assert numbered.number_in(text) == number


def test_words_without_buttons_stay_as_they_are() -> None:
    plain = Outgoing("k", "test:a", "好的")
    assert numbered.spelt(plain) == plain
    assert numbered.spelt(Outgoing("k", "test:a", "", buttons=(Button("撤销", "undo"),))).text == "回复 1 撤销"


def test_many_photos_are_not_listed_one_by_one() -> None:
    picks = tuple(Button(f"第 {number} 张", f"pick:1:{number - 1}") for number in range(1, 31))
    assert numbered.spelt(Outgoing("k", "test:a", "", buttons=picks)).text == "回复 1–30 选第几张"
    more = (*picks, Button("每张都改", "photo:all"))
    assert numbered.spelt(Outgoing("k", "test:a", "", buttons=more)).text == "回复 1–30 选第几张 · 31 每张都改"
    assert numbered.number_in("31") == 31
