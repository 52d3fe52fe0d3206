"""What is said to wishes outside the schema, to sentences with an impossible part, and in conversations:
``python -m tests.commands.answers tests/commands/round20``.

The folder holds ``wishes.txt`` (one a line), ``mixed.jsonl`` (``text`` and its ``impossible`` part) and ``talks.jsonl`` (lists of
turns: ``text``, ``photos``). Everything is said to the real dialogue; a worker paints between the turns. Prints every answer
under what was said, to be read, and at the end what can be counted: answers with words for what we cannot do, impossible
parts that no answer names (by half of their pairs of characters), and answers that fit everywhere.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import storage
from bot.replies import asking, talk
from storage import workers
from storage.plans import OPERATIONS
from tests.bot import fake_worker
from tests.bot.talking import EVERYTHING, Person

ABLE = {**fake_worker.ENGINE, "operations": list(OPERATIONS), "photos": "any"}
UNABLE = re.compile("做不了|做不到|不会|不能|没法|还不行|办不到|只会|不在我")
EVERYWHERE = re.compile("嗯，|" + "|".join(
    map(re.escape, (asking.photos_arrived(1), talk.NOT_UNDERSTOOD, talk.NOT_UNDERSTOOD_WITHOUT_PHOTO, talk.EMPTY))
))  # fmt: skip


def main() -> None:
    """Say it all, print it all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    wishes = (folder / "wishes.txt").read_text("utf-8").splitlines()
    told = sum(bool(UNABLE.search(said(wish, 1))) for wish in filter(None, wishes))
    mixed = [json.loads(line) for line in (folder / "mixed.jsonl").read_text("utf-8").splitlines()]
    dropped = sum(not named(one["impossible"], said(one["text"], one.get("photos") or 0)) for one in mixed)
    talks = [json.loads(line) for line in (folder / "talks.jsonl").read_text("utf-8").splitlines()]
    answers = [answer for turns in talks for answer in conversation(turns)]
    generic = sum(EVERYWHERE.match(answer) is not None for answer in answers)
    print(
        f"{told} of {len(wishes)} wishes told that we cannot; the impossible part of {dropped} of {len(mixed)} named nowhere; "
        f"{generic} of {len(answers)} answers fit everywhere"
    )


def said(text: str, photos: int) -> str:
    """What is said at once to a message of somebody new."""
    with somebody() as person:
        return told_to(person, text, photos)


def conversation(turns: list[dict[str, object]]) -> Iterator[str]:
    """What is said to each turn, while the work asked for is done in between."""
    with somebody() as person:
        for turn in turns:
            yield told_to(person, str(turn["text"]), int(str(turn.get("photos") or 0)))
            person.work()
    print()


def told_to(person: Person, text: str, photos: int) -> str:
    """The words of all that is answered at once."""
    known = len(person.sent)
    heard = person.say(text, tuple(f"shared {known + number}" for number in range(photos)))
    answer = "\n".join(filter(None, (out.text for out in heard)))
    print(f"> {text}\n  {answer}".replace("\n", "\n  "))
    return answer


@contextmanager
def somebody() -> Iterator[Person]:
    """Somebody new in a house of their own, in which a worker knows everything."""
    with tempfile.TemporaryDirectory() as folder, storage.open(Path(folder)) as store:
        workers.publish(store, "painter", [ABLE], EVERYTHING)
        yield Person(store)


def named(part: str, answer: str) -> bool:
    """Whether half of the part's pairs of characters stand in the answer."""
    letters = re.sub(r"\W", "", part)
    pairs = {letters[at : at + 2] for at in range(len(letters) - 1)}
    return len(pairs & {answer[at : at + 2] for at in range(len(answer) - 1)}) * 2 >= len(pairs)


if __name__ == "__main__":
    main()
