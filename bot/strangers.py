"""Somebody shall come into a photo whom nobody has introduced: their pictures are those sent along, or are asked for, and the
order waits until they are learnt.

    [合照 他1 他2 他3] 把小明加到左边

Which of the photos is the one to be changed is told by the sentence, or by the faces that were seen in them; else it is asked.
"""

import re
from collections.abc import Sequence
from typing import Any

from bot import learning, name_detection, orders, replies
from bot.language.tokens import tokens
from bot.platforms import Button
from bot.turn import Turn
from storage import chats, concepts, jobs, looks
from storage.plans import Plan

COMING = ("insert", "replace")  # operations by which somebody comes in
FIRST = re.compile(
    r"(?:后|後|下)(?:面|边|邊)?的?(?:这|那|這)?(?:[两兩二三四五六七八九几幾]|\d)?[张張](?!.*加)|第一[张張]是?合[照影]"
)
LAST = re.compile(
    r"前(?:面|边|邊)?的?(?:这|那|這)?(?:[两兩二三四五六七八九几幾]|\d)[张張](?!.*加)|最[后後]一?[张張]是?合[照影]"
)
MINE = re.compile("^我(?:们)?(?:家)?的?(?=..)")  # 我外婆 is called 外婆
PERSON, ANIMAL = re.compile("[他她佢]"), re.compile("[它牠]")


def edit(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """An order to change a photo; one that speaks of a stranger waits until they have been introduced."""
    sent = _sent(turn, asked)
    name = _stranger(turn, plan, len(sent))
    if name is None:
        return orders.edit(turn, plan, asked)
    if len(sent) < 2:
        return _introduce(turn, orders.kept(turn, plan), name, sent, 0)
    scene = _scene(turn, plan, sent)
    if scene is not None:
        return _introduce(turn, orders.kept(turn, plan), name, sent, scene)
    question = {"ask": "scene", **orders.kept(turn, plan), "name": name, "photos": list(sent)}
    chats.ask(turn.store, turn.chat, turn.user, question)
    buttons = [Button(replies.photo_number(index), f"scene:{index}") for index in range(len(sent))]
    return turn.say(replies.which_scene(MINE.sub("", name), len(sent)), photos=sent, buttons=buttons)


def stickers(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Stickers; those of a stranger wait until they have been introduced."""
    name = plan.subject
    if not name or concepts.find(turn.store, turn.user, name, turn.chat) or not name_detection.is_name(name):
        return orders.stickers(turn, plan, asked)
    sent = _sent(turn, asked)
    return _introduce(turn, orders.kept(turn, plan), name, sent, None)


def _sent(turn: Turn, asked: dict[str, Any]) -> tuple[str, ...]:
    """The photos that came with the order, or just before it."""
    return turn.incoming.photos or tuple(asked["photos"] if asked.get("ask") == "what" else ())


def _stranger(turn: Turn, plan: Plan, sent: int) -> str | None:
    """Whom a plan lets come in without our knowing them: who has a name, or of whom pictures were sent along."""
    can = jobs.capabilities(turn.store).operations
    pictured = turn.incoming.photos and sent > learning.LEAST
    for step in plan.steps if not plan.missing else ():
        comes = step.operation in COMING and not step.concept and orders.offered(step.operation, can)
        if comes and step.content and (pictured or name_detection.is_name(step.content)):
            return step.content
    return None


def _scene(turn: Turn, plan: Plan, sent: Sequence[str]) -> int | None:
    """Which of the photos is to be changed; None when nothing tells."""
    if plan.result is not None and plan.result.isdigit() and int(plan.result) <= len(sent):
        return int(plan.result) - 1
    said = turn.incoming.text
    if bool(FIRST.search(said)) != bool(LAST.search(said)):
        return 0 if FIRST.search(said) else len(sent) - 1
    faces = [_faces(turn, photo) for photo in sent]
    groups = [index for index, count in enumerate(faces) if count != 1]
    return groups[0] if len(groups) == 1 and None not in faces else None


def _faces(turn: Turn, photo: str) -> int | None:
    """How many faces were seen in a photo; None when nobody has looked yet."""
    seen = looks.facts(turn.store, photo, turn.user)
    return int(seen["faces"]) if seen is not None and "faces" in seen else None


def _introduce(turn: Turn, order: dict[str, Any], said: str, sent: Sequence[str], scene: int | None) -> None:
    """Learn somebody from the photos but ``scene``, or ask for some; the order waits."""
    name = MINE.sub("", said)
    references = [photo for index, photo in enumerate(sent) if index != scene]
    if sent and scene is not None:
        chats.discuss(turn.store, turn.chat, turn.user, sent[scene])
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    order = {**order, "said": said} | ({"photo": here.photo} if here is not None else {})
    draft = {
        "name": name,
        "kind": _kind(turn, name, order["sentence"], references),
        "photos": references,
        "order": order,
    }
    if references:
        return learning.teach(turn, draft)
    chats.ask(turn.store, turn.chat, turn.user, {"ask": "references", "draft": draft})
    return turn.say(replies.unknown_name(name))


def _kind(turn: Turn, name: str, sentence: str, references: Sequence[str]) -> str | None:
    """What a stranger is: as their name says, their pictures, or he, she or it in the sentence; None where nothing does."""
    called = [token.value for token in tokens(name) if token.part == "NOUN"]
    if "person" in called or "pet" in called:
        return "person" if "person" in called else "pet"
    if references and all(_faces(turn, photo) for photo in references):
        return "person"
    if PERSON.search(sentence):
        return "person"
    return "pet" if ANIMAL.search(sentence) else None


def _answer(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    """第一张: in words."""
    index = orders.ordinal(text, len(asked["photos"]))
    if index is not None:
        _chosen(turn, asked, str(index))
    return index is not None


def _chosen(turn: Turn, asked: dict[str, Any], index: str) -> None:
    order = {name: value for name, value in asked.items() if name not in ("ask", "name", "photos")}
    _introduce(turn, order, asked["name"], asked["photos"], int(index))


ANSWERS = {"scene": _answer}
BUTTONS = {"scene": (("scene",), _chosen)}
