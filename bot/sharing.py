"""What leaves otherwise than as an answer: a result as a file, a sticker pack into the platform's own collection, a
name that others may use, everything we have of somebody.
"""

import re
from collections.abc import Callable

from bot import replies
from bot.platforms import Button
from bot.turn import Turn, with_whom
from storage import chats, concepts, jobs, packs, rooms, shares

EXPORT = re.compile(
    r"(?:请|帮我)?(?:把)?(?:导出|下载)(?:一下)?我的?(?:全部|所有)?(?:数据|资料).*|把?我的(?:全部|所有)?(?:数据|资料)(?:都|全)?导出.*"
)
ORIGINAL = re.compile(
    r"(?:请|把|给|我|发|要|来|下载|想|的|一下|一张|这张|结果){0,6}(?:原图|原文件|原始文件|无损图)(?:文件|发|给|我|出来|一下|一张|吧|呗){0,4}"
)
SHARE = re.compile(
    r"(?:请|帮我)?(?:把)?(?:分享|共享)(?:一下)?(?P<a>.+?)(?:给(?:大家|朋友|别人|群里|他们))?|把(?P<b>.+?)(?:分享|共享)(?:出去|[给到进在].*|一下)?"
)
WITHDRAW = re.compile(r"(?:收回|取消分享|不再分享|停止分享|别再分享|不分享)(?P<a>.+?)(?:了|的分享)?")
PREFIX = "share_"
CODE = re.compile(r"share_[A-Za-z0-9_-]{8,50}")
END = "。！!~～ 吧呀啊哦了"


def by_code(turn: Turn, text: str) -> bool:
    """A code that was handed on: no sentence, and never to be read as one; False for all else."""
    if not CODE.fullmatch(code := text.strip().rstrip(END)):
        return False
    accept(turn, code)
    return True


def by_words(turn: Turn, text: str) -> bool:
    """Sentences of this kind, which are no orders to change a photo; False for all others."""
    text = text.strip().rstrip(END)
    if EXPORT.fullmatch(text):
        archive(turn)
    elif ORIGINAL.fullmatch(text):
        original(turn)
    elif (match := WITHDRAW.fullmatch(text)) and (concept := _own(turn, match["a"])):
        withdraw(turn, str(concept.id))
    elif (match := SHARE.fullmatch(text)) and (concept := _own(turn, match["a"] or match["b"])):
        share(turn, str(concept.id))
    else:
        return False
    return True


def start(turn: Turn, code: str = "") -> None:
    """The chat is opened, perhaps by a link."""
    if code:
        return accept(turn, code)
    return turn.say(replies.WELCOME)


def original(turn: Turn, number: str = "") -> None:
    """A result as a file, just as it was made; without a job the picture under discussion."""
    if number:
        job = jobs.get(turn.store, int(number))
        pictures = job.result.photos if job.result is not None and job.owner == turn.user else ()
    else:
        here = chats.under_discussion(turn.store, turn.chat, turn.user)
        pictures = (here.photo,) if here is not None and here.request is not None else ()
    if not pictures:
        return turn.say(replies.BUTTON_TOO_OLD if number else replies.NO_RESULT_YET)
    return turn.say(replies.ORIGINAL, photos=pictures, data={"files": True})


def pack(turn: Turn, number: str) -> None:
    """A sticker pack into the platform's own collection."""
    packs.get(turn.store, int(number), turn.user)
    turn.say(replies.ADDING_PACK, data={"wanted": "pack", "pack": int(number)})


def archive(turn: Turn) -> None:
    """Everything we have of this person."""
    turn.say(replies.ARCHIVE, data={"wanted": "archive"})


def share(turn: Turn, number: str) -> None:
    """A name for others: in a group for everybody there, elsewhere for whoever has the code that we give."""
    concept = _shareable(turn, number)
    if concept is None:
        return turn.say(replies.BUTTON_TOO_OLD)
    if not rooms.alone(turn.chat, turn.user):
        concepts.share(turn.store, concept.id, turn.user, turn.chat)
        return turn.say(replies.shared_with_all(concept.name), buttons=[_withdrawal(concept)])
    code = f"share_{shares.create(turn.store, concept.id, turn.user)}"
    turn.say(replies.share_code(concept.name, code), buttons=[_withdrawal(concept)], data={"wanted": f"link:{code}"})
    return None


def accept(turn: Turn, code: str) -> None:
    """Somebody else's code: what it names can be used in this chat from now on."""
    code = code.removeprefix(PREFIX)
    offered = shares.of(turn.store, code)
    if offered is not None and offered.owner == turn.user and rooms.alone(turn.chat, turn.user):
        return turn.say(replies.SHARED_ALREADY)
    concept = shares.accept(turn.store, code, rooms.room(turn.chat, turn.user) or turn.chat)
    if concept is None or not concept.ready:
        return turn.say(replies.SHARE_GONE)
    return turn.say(replies.shared_here(concept.name, concept.kind), buttons=with_whom([concept]))


def withdraw(turn: Turn, number: str) -> None:
    """A name is its owner's alone again, wherever it was shared."""
    concept = _shareable(turn, number)
    if concept is None:
        return turn.say(replies.BUTTON_TOO_OLD)
    concepts.withdraw(turn.store, concept.id, turn.user)
    return turn.say(replies.withdrawn(concept.name))


def _own(turn: Turn, name: str) -> concepts.Concept | None:
    """Somebody whom this person has taught."""
    concept = concepts.find(turn.store, turn.user, name)
    return concept if concept is not None and concept.owner == turn.user else None


def _shareable(turn: Turn, number: str) -> concepts.Concept | None:
    concept = concepts.get(turn.store, int(number))
    return concept if concept.owner == turn.user else None


def _withdrawal(concept: concepts.Concept) -> Button:
    return Button(replies.withdraw_this(concept.name), f"withdraw:{concept.id}")


BUTTONS: dict[str, Callable[..., None]] = {
    "start": start,
    "original": original,
    "pack": pack,
    "export": archive,
    "share": share,
    "withdraw": withdraw,
}
