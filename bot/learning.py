"""Who is taught, with which photos, may they → a question or a learning Job; who is known; who shall be forgotten.

What has been said so far is a draft {"name", "kind", "photos"}; ``teach`` asks for what it lacks, one thing at a time. Its
"order" (strangers.py) is carried out once they are learnt.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot import batches, orders, replies
from bot.outbox import concept_name
from bot.platforms import Button
from bot.results import method_title
from bot.turn import Turn, with_whom
from storage import Storage, chats, concepts, jobs, retention
from storage.jobs import Job, LearnRequest
from storage.plans import Plan

LEAST, MOST = 3, 10  # reference photos
YES = re.compile(r"同意|可以|好|行|是|确|没问题|嗯|删|ok|yes", re.IGNORECASE)
SELF = re.compile(r"本人|我自己|(?:是|就是)我(?!的|家|们|朋友|同)")
NO = re.compile(r"不|别|没有|算了|no", re.IGNORECASE)
WEIGHTS = re.compile(
    r"[,，、\s]*(?:请?用|拿|以)\s*(?:lora|dreambooth)\s*(?:来|去)?(?:学习?|教|训练)?[吧呀啊]?$"
    r"|(?:请?用|拿|以)\s*(?:lora|dreambooth)\s*(?:来|去)?|[,，、\s]*(?:连|把)权重(?:也|一起|都)*学(?:了|上|吧)?"
    r"|[,，、\s]*学(?:得)?(?:仔细|像)(?:一?点|些)[吧呀啊]?",
    re.IGNORECASE,
)
BEGIN = re.compile(r"开始|就这些|够了|好了|学吧|可以")
KIND_WORDS = (("person", "人"), ("pet", "宠物|猫|狗|动物"), ("style", "画风|风格|画"), ("object", "东西|物"))
NAMED = re.compile(r"(?:那?就|以后)?(?:[他她它]?叫做?|名字[叫是]?|是)?[「“\"]?(.+?)[」”\"]?[吧呀啊哦。！!~～\s]*")


def learn(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """这是阿紫，记住她: with the photos sent along, or sent before, or still to come."""
    draft = asked["draft"] if asked.get("ask") in DRAFTS else {}
    before = draft.get("photos") or (asked["photos"] if asked.get("ask") == "what" else [])
    photos = [*before, *turn.incoming.photos] or list(turn.incoming.replied)
    name, kind = plan.name or draft.get("name"), plan.kind or draft.get("kind")
    if len(photos) == 1 and turn.incoming.photos:
        chats.discuss(turn.store, turn.chat, turn.user, photos[0])  # 给它戴个帽子 may come before the other photos
    weights = True if WEIGHTS.search(turn.incoming.text) else draft.get("weights")
    if plan.name and draft.get("name") not in (None, plan.name):
        draft.pop("order", None)  # which is about somebody else
    teach(turn, {**draft, "name": name, "kind": kind, "photos": photos, "weights": weights})


def plainly(text: str) -> str:
    """A sentence without the wish that weights be learnt too (用 LoRA 学), which learn() finds in what was said."""
    return WEIGHTS.sub("", text, count=1).strip() or text


def more_photos(turn: Turn, draft: dict[str, Any]) -> None:
    """Reference photos that come after the name. Sent one by one, nobody knows which is the last: so we ask."""
    photos = list(dict.fromkeys([*draft["photos"], *turn.incoming.photos]))
    draft = {**draft, "photos": photos}
    if draft["name"] and len(turn.incoming.photos) == 1 and LEAST <= len(photos) < MOST:
        _ask(turn, "begin", draft)
        return turn.say(replies.enough_references(draft["name"], len(photos)), buttons=[Button(replies.BEGIN, "begin")])
    return teach(turn, draft)


def teach(turn: Turn, draft: dict[str, Any], agreed: str = "") -> None:
    """Ask for the first thing that is missing, or begin. ``agreed``: how the card was answered."""
    draft = {**draft, "photos": list(dict.fromkeys(draft["photos"]))}
    name, kind, photos = draft["name"], draft["kind"], draft["photos"]
    if len(photos) > MOST:
        _ask(turn, "references", {**draft, "photos": []})
        return turn.say(replies.too_many_references(len(photos), LEAST, MOST))
    if not name:
        _ask(turn, "name", draft)
        return turn.say(replies.ASK_NAME)
    if not kind:
        _ask(turn, "kind", draft)
        buttons = [Button(title, f"kind:{kind}") for kind, title in replies.KINDS.items()]
        return turn.say(replies.ask_kind(name), buttons=buttons)
    if len(photos) < LEAST:
        _ask(turn, "references", draft)
        return turn.say(replies.ask_references(name, len(photos), LEAST, MOST))
    if kind == "person" and not agreed:
        _ask(turn, "consent", draft)
        buttons = [
            Button(replies.AGREE, "agree", main=True),
            Button(replies.AGREE_SELF, "agree:self"),
            Button(replies.REFUSE, "refuse"),
        ]
        return turn.say(replies.consent(name), buttons=buttons)
    chats.ask(turn.store, turn.chat, turn.user, None)
    begin(turn.store, f"{turn.key}:learn", turn.user, turn.chat, name, kind, photos, draft.get("weights"), agreed)
    order = draft.get("order")
    then = replies.describe_plan(Plan.from_json(order["plan"])) if order and "photo" in order else ""
    turn.say(replies.learning(name, len(photos), then))
    return orders.resume(turn, order, name) if order else None


def begin(
    store: Storage,
    key: str,
    owner: str,
    chat: str,
    name: str,
    kind: str,
    photos: Sequence[str],
    weights: bool | None = None,
    agreed: str = replies.AGREE,
) -> tuple[concepts.Concept, Job]:
    """Create the concept and queue the learning of it; for a person, record who was said to agree (`agreed`: the answer
    to the card). `weights`: see LearnRequest.

    Raises ConceptError, PhotoError, JobError.
    """
    with store.atomic():
        concept = concepts.create(store, owner, name, kind, photos)
        if kind == "person":
            text = replies.consented(concept.name, agreed)
            chats.record_consent(store, owner, f"person:{concept.id}", text, True, replies.CONSENT_VERSION)
        request = LearnRequest(concept.id, tuple(photos), weights=weights)
        return concept, jobs.enqueue(store, key=key, kind="learn", owner=owner, chat=chat, request=request)


def whom(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Who has been taught, with a picture of each."""
    known = concepts.of_owner(turn.store, turn.user, turn.chat)
    if not known:
        return turn.say(replies.NOBODY_TAUGHT)
    pictures = [concept.references[0] for concept in known if concept.owner == turn.user and concept.references]
    names = [(concept.name, concept.kind, concept.status) for concept in known]
    ready = [concept for concept in known if concept.ready]
    return turn.say(replies.taught(names), photos=pictures, buttons=with_whom(ready[-2:]))


def forget(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """One name at once; everything after a second thought."""
    if plan.name is None:
        chats.ask(turn.store, turn.chat, turn.user, {"ask": "forget_all"})
        buttons = [Button(replies.FORGET_ALL, "forget_all", main=True), Button(replies.KEEP, "keep")]
        return turn.say(replies.CONFIRM_FORGET_ALL, buttons=buttons)
    concept = concepts.find(turn.store, turn.user, plan.name)
    if concept is None or concept.owner != turn.user:
        return turn.say(replies.not_known(plan.name))
    for job in jobs.open_of(turn.store, turn.user):
        if isinstance(job.request, LearnRequest) and job.request.concept == concept.id:
            jobs.cancel(turn.store, job.id, turn.user)
    concepts.forget(turn.store, concept.id, turn.user)
    return turn.say(replies.forgotten(concept.name, len(concept.references)))


def describe(store: Storage, job: Job) -> str:
    """A job in a few words, with the name of what is learnt; of a batch the whole."""
    if job.batch is not None:
        return batches.describe(store, job)
    name = concept_name(store, job.request.concept) if isinstance(job.request, LearnRequest) else ""
    return replies.describe_request(job.request, name, method_title(store, job.request))


# --- answers, in words and by button ----------------------------------------------------------------------------------
def _name(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    match = NAMED.fullmatch(text)
    draft = {**asked["draft"], "photos": [*asked["draft"]["photos"], *turn.incoming.photos]}
    teach(turn, {**draft, "name": concepts.clean_name(match[1] if match else text)})
    return True


def _kind(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    kind = next((kind for kind, words in KIND_WORDS if re.search(words, text)), None)
    if kind is None:
        return False
    teach(turn, {**asked["draft"], "kind": kind})
    return True


def _references(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    if turn.incoming.photos:
        more_photos(turn, asked["draft"])
    elif BEGIN.search(text):
        teach(turn, asked["draft"])
    else:
        return False
    return True


def _consent(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    if NO.search(text):
        _refuse(turn, asked)
    elif SELF.search(text):
        teach(turn, asked["draft"], agreed=replies.AGREE_SELF)
    elif YES.search(text):
        teach(turn, asked["draft"], agreed=replies.AGREE)
    else:
        return False
    return True


def _refuse(turn: Turn, asked: dict[str, Any]) -> None:
    chats.ask(turn.store, turn.chat, turn.user, None)
    if asked.get("ask") == "consent":
        text = ("person", replies.consented(asked["draft"]["name"], replies.REFUSE), False, replies.CONSENT_VERSION)
        chats.record_consent(turn.store, turn.user, *text)
    turn.say(replies.REFUSED)


def _forget_all(turn: Turn, asked: dict[str, Any]) -> None:
    turn.say(replies.everything_forgotten(retention.forget(turn.store, turn.user)))


def _forget_all_answer(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    if YES.search(text) and not NO.search(text):
        _forget_all(turn, asked)
    else:
        _keep(turn, asked)
    return True


def _keep(turn: Turn, asked: dict[str, Any]) -> None:
    chats.ask(turn.store, turn.chat, turn.user, None)
    turn.say(replies.FORGOT_NOTHING)


def _ask(turn: Turn, what: str, draft: dict[str, Any]) -> None:
    chats.ask(turn.store, turn.chat, turn.user, {"ask": what, "draft": draft})


DRAFTS: dict[str, Callable[[Turn, dict[str, Any], str], bool]] = {
    "name": _name,
    "kind": _kind,
    "references": _references,
    "begin": _references,
    "consent": _consent,
}
ANSWERS = {**DRAFTS, "forget_all": _forget_all_answer}
AGREED = {"": replies.AGREE, "self": replies.AGREE_SELF}
BUTTONS: dict[str, tuple[tuple[str, ...], Callable[..., None]]] = {
    "kind": (("kind",), lambda turn, asked, kind: teach(turn, {**asked["draft"], "kind": kind})),
    "begin": (("begin", "references"), lambda turn, asked: teach(turn, asked["draft"])),
    "agree": (
        ("consent",),
        lambda turn, asked, who="": teach(turn, asked["draft"], agreed=AGREED.get(who, replies.AGREE)),
    ),
    "refuse": (("consent",), _refuse),
    "forget_all": (("forget_all",), _forget_all),
    "keep": (("forget_all",), _keep),
}
