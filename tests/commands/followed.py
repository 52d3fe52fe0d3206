"""What comes of messages that follow an edit: ``python -m tests.commands.followed tests/commands/round24/following.jsonl``.

A line holds ``last`` (the step that was done), ``text``, ``concepts`` and the ``plan`` that is meant, with ``result`` "previous"
where the last edit is to be done otherwise. The step is done by a worker that paints, then the message is said to the real
dialogue. Prints what came out wrong, and how many orders are carried out as meant, by their steps and on the right picture; how
many that want more, less or another of the same come to that; and how many that order nothing are left alone. Lines with taught
names are passed over.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import storage
from storage import chats, jobs, photos, workers
from storage.jobs import EditRequest
from storage.plans import Plan, Step
from tests.bot import fake_worker
from tests.bot.talking import EVERYTHING, Person, picture
from tests.commands.answers import ABLE

REPEATED = ("again", "stronger", "weaker")


def main() -> None:
    """Say it all, print what came out wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    cases = [json.loads(line) for line in parser.parse_args().file.read_text("utf-8").splitlines()]
    counts = {"order": [0, 0], "once more": [0, 0], "no order": [0, 0]}
    for case in cases:
        wanted, last = Plan.from_json(case["plan"]), Step.from_json(case["last"])
        if last.concept or any(step.concept for step in wanted.steps):
            continue
        steps, instead, answer = said(last, case["text"])
        if wanted.intent == "edit":
            kind, right = "order", steps == wanted.steps and instead == (wanted.result == "previous")
        elif wanted.intent in REPEATED:
            kind, right = "once more", [step.operation for step in steps] == [last.operation] and instead
        else:
            kind, right = "no order", not steps
        counts[kind][0] += right
        counts[kind][1] += 1
        if not right:
            print(f"✗ {case['text']}  (after {case['last']})\n  wanted {case['plan']}\n  got    {steps} {answer}")
    print(", ".join(f"{kind}: {right} of {many}" for kind, (right, many) in counts.items()))


def said(last: Step, text: str) -> tuple[tuple[Step, ...], bool, str]:
    """The steps that a message after an edit orders, whether of the picture before it, and what is answered at once."""
    with tempfile.TemporaryDirectory() as folder, storage.open(Path(folder)) as store:
        workers.publish(store, "painter", [ABLE], EVERYTHING)
        person = Person(store)
        photo = photos.put(store, picture("cat"), person.user).sha256
        chats.discuss(store, person.chat, person.user, photo)
        request = {"owner": person.user, "chat": person.chat, "kind": "edit"}
        jobs.enqueue(store, key="last", request=EditRequest(last, photo), **request)
        while job := jobs.claim(store, "painter", EVERYTHING):
            fake_worker.attempt(store, job)
        person.listen()
        before = len(jobs.of_chat(store, person.chat))
        answer = " / ".join(out.text for out in person.say(text))
        edits: list[Any] = [job.request for job in jobs.of_chat(store, person.chat)[before:] if job.kind == "edit"]
    return tuple(edit.step for edit in edits), bool(edits) and edits[0].photo == photo, answer


if __name__ == "__main__":
    main()
