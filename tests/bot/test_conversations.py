"""Conversations about real photos, turn by turn (conversations.txt), and how seldom an answer fits everywhere."""

import re

import pytest

from bot import replies
from storage import Storage, workers
from storage.plans import OPERATIONS
from tests.bot import fake_worker, talking
from tests.bot.talking import Person, dialogues, play

SCRIPTS = dialogues("conversations.txt")
GENERIC = (replies.NOT_UNDERSTOOD, replies.NOT_UNDERSTOOD_WITHOUT_PHOTO, replies.photos_arrived(1), "嗯，听着呢")
SHARE = 0.1  # of all answers may fit everywhere


@pytest.fixture(autouse=True)
def able(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that takes real photos and every operation."""
    engine = {**fake_worker.ENGINE, "operations": list(OPERATIONS), "photos": "any"}
    monkeypatch.setattr(fake_worker, "ENGINE", engine)
    workers.publish(store, "painter", [engine], talking.EVERYTHING)


@pytest.mark.parametrize("name", SCRIPTS)
def test_conversation(store: Storage, name: str) -> None:
    play(store, SCRIPTS[name])


def test_every_conversation_has_six_turns() -> None:
    assert len(SCRIPTS) == 12
    assert {name: len(re.findall("^我:", script, re.MULTILINE)) for name, script in SCRIPTS.items()} == dict.fromkeys(
        SCRIPTS, 6
    )


def test_few_answers_fit_everywhere(store: Storage) -> None:
    """Whatever is expected of them, the answers are about what was said."""
    said = generic = 0
    for number, script in enumerate(SCRIPTS.values()):
        person = Person(store, f"writer{number}")
        person.play(script)
        said += len(person.heard)
        generic += sum(out.text.startswith(GENERIC) for out in person.heard)
    assert said >= 72
    assert generic <= SHARE * said
