"""Somebody shall come into a photo whom nobody has introduced: their pictures are those sent along, or are asked for, and the
order waits until they are learnt.

    [合照 他1 他2 他3] 把小明加到左边

Which of the photos is the one to be changed is told by the sentence, or by the faces that were seen in them; else it is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot import learning, orders, replies
from bot.language.album import Album, called
from bot.language.names import is_name
from bot.language.tokens import tokens
from bot.platforms import Button
from bot.turn import Turn
from storage import chats, concepts, jobs, looks
from storage.plans import POSITIONS, Plan, Step

COMING = ("insert", "replace")  # operations by which somebody comes in
PERSON, ANIMAL = re.compile("[他她佢]"), re.compile("[它牠]")


def edit(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """An order to change a photo; one that speaks of a stranger waits until they have been introduced."""
    photos = sent(turn, asked)
    plan = _known(turn, plan)
    name = _stranger(turn, plan, len(photos))
    if name is None:
        told = turn.album.scene if len(photos) > 1 else None
        return orders.edit(turn, plan, asked, None if told is None else _discussed(turn, photos[told]))
    photos = tuple(orders.mine(turn, photo) for photo in photos)
    scene = _scene(turn, photos) if len(photos) > 1 else 0
    order = {**orders.kept(turn, plan), "spoken": turn.incoming.text}
    if scene is not None:
        return _introduce(turn, order, name, photos, scene)
    question = {"ask": "scene", **order, "name": name, "photos": list(photos)}
    chats.ask(turn.store, turn.chat, turn.user, question)
    buttons = [Button(replies.photo_number(index), f"scene:{index}") for index in range(len(photos))]
    return turn.say(replies.which_scene(called(name) or "", len(photos)), photos=photos, buttons=buttons)


def stickers(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Stickers; those of a stranger wait until they have been introduced."""
    name = plan.subject
    if not name or concepts.find(turn.store, turn.user, name, turn.chat) or not is_name(name):
        return orders.stickers(turn, plan, asked)
    order = {**orders.kept(turn, plan), "spoken": turn.incoming.text}
    photos = [orders.mine(turn, photo) for photo in sent(turn, asked)]
    return _introduce(turn, order, name, photos, None)


def sent(turn: Turn, asked: dict[str, Any]) -> tuple[str, ...]:
    """The photos that an order is about: the one it answers to, those that came with it, or just before it."""
    came = (*turn.incoming.replied, *turn.incoming.photos)
    return came or tuple(asked["photos"] if asked.get("ask") == "what" else ())


def coming(plan: Plan, said: Album, sentence: str) -> Plan:
    """A plan in the light of an album: who is on the other photos is not in this one, so 放后排 lets them come in, and so does a
    sentence that says no more than who they are and which photo it is; 她 and 这个人 are who it says they are."""
    steps = [
        replace(step, operation="insert", content=step.target, target=None) if step.operation == "move" else step
        for step in plan.steps
    ]
    if not any(step.operation in COMING for step in steps) and said.scene is not None and said.who is not None:
        places = [token.value for token in tokens(sentence) if token.part == "POS" and token.value in POSITIONS]
        steps = [Step("insert", position=places[-1] if places else None)]
    open_ = [step for step in steps if step.operation in COMING and not (step.concept or _named(step))]
    filled = tuple(replace(step, content=said.who) if step in open_ and said.who else step for step in steps)
    lacks = tuple(slot for slot in plan.missing if slot != "content" or not open_)
    return replace(plan, intent="edit", steps=filled, missing=lacks)


def _known(turn: Turn, plan: Plan) -> Plan:
    """A plan whose steps speak of the taught as such."""
    names = {step.content for step in plan.steps if step.operation in COMING and step.content}
    taught = {name for name in names if concepts.find(turn.store, turn.user, name, turn.chat)}
    steps = (replace(one, concept=one.content, content=None) if one.content in taught else one for one in plan.steps)
    return replace(plan, steps=tuple(steps))


def _stranger(turn: Turn, plan: Plan, sent: int) -> str | None:
    """Whom a plan lets come in without our knowing them: who has a name, or of whom pictures were sent along ("" where nothing
    is said of who it is)."""
    can = jobs.capabilities(turn.store).operations
    told, several = turn.album.who is not None or bool(turn.album.shown), sent > learning.LEAST
    for step in plan.steps:
        comes = step.operation in COMING and not step.concept and orders.offered(step.operation, can)
        pictured = told or (several and _living(step.content or ""))
        if comes and (pictured or _named(step)) and set(plan.missing) <= {"content"}:
            return step.content or ""
    return None


def _named(step: Step) -> bool:
    return step.content is not None and is_name(step.content)


def _living(said: str) -> bool:
    """Whether words speak of somebody rather than of something: 我外婆, 她, 这只猫."""
    return any(token.part == "PRON" or token.value in ("person", "pet") for token in tokens(said))


def _discussed(turn: Turn, photo: str) -> str:
    """A photo that is under discussion from now on; no question is open any more."""
    chats.ask(turn.store, turn.chat, turn.user, None)
    return chats.discuss(turn.store, turn.chat, turn.user, orders.mine(turn, photo)).photo


def _scene(turn: Turn, sent: Sequence[str]) -> int | None:
    """Which of the photos is to be changed; None when nothing tells."""
    if turn.album.scene is not None or turn.incoming.replied:
        return turn.album.scene or 0
    faces = [_faces(turn, photo) for photo in sent]
    groups = [index for index, count in enumerate(faces) if count is not None and count > 1]
    return groups[0] if len(groups) == 1 and None not in faces else None


def _faces(turn: Turn, photo: str) -> int | None:
    """How many faces were seen in a photo; None when nobody has looked yet."""
    seen = looks.facts(turn.store, photo, turn.user)
    return int(seen["faces"]) if seen is not None and "faces" in seen else None


def _introduce(turn: Turn, order: dict[str, Any], said: str, sent: Sequence[str], scene: int | None) -> None:
    """Learn somebody from the photos but ``scene``, or ask for some; the order waits."""
    name = called(said)
    references = [photo for index, photo in enumerate(sent) if index != scene]
    if sent and scene is not None:
        chats.discuss(turn.store, turn.chat, turn.user, sent[scene])
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    order = {**order, "said": said} | ({"photo": here.photo} if here is not None else {})
    draft = {
        "name": name,
        "kind": _kind(turn, name or "", order["spoken"], references),
        "photos": references,
        "order": order,
    }
    if references:
        return learning.teach(turn, draft)
    chats.ask(turn.store, turn.chat, turn.user, {"ask": "references", "draft": draft})
    return turn.say(replies.unknown_name(name or replies.THIS_PERSON))


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
