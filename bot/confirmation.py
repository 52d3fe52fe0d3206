"""要我…吗？ A sentence that may be an order or talk is asked about; the photo is touched only after a yes."""

import re
from typing import Any

from bot import orders, replies, strangers
from bot.language.tokens import vocabulary
from bot.language.weighing import missing
from bot.platforms import Button
from bot.turn import Turn
from storage import chats
from storage.plans import Plan, Step

_YES = re.compile(
    r"(?:嗯+|好+|对+|是+|行|要|可以|当然|没错|确定|确认|yes|yep|y|ok|okay|改|弄|换|做|来|冲|系|得)+(?:的|吧|呀|啊|呢|了|滴|哒|咯|啦|嘅)*",
    re.IGNORECASE,
)
_NO = re.compile(  # and no more: 不是，换成兔子 says what was meant
    r"(?:不|别|没|否|算了|no|nope|n|唔|没有|不是|不用|不要|不必|唔使|唔係|唔好|唔要)+(?:了|啦|的|吧|啊|呀|哈|喇|改|动|弄|麻烦|谢谢)*",
    re.IGNORECASE,
)
# Questions that a new one must not push aside: they hold an order, or photos for somebody to be taught.
_FREE = ("", "what", "meant")


def ask(turn: Turn, plan: Plan, asked: dict[str, Any]) -> bool:
    """Ask whether an edit was meant, if it says all that an edit needs; whether we asked."""
    if asked.get("ask", "") not in _FREE or not plan.steps or not all(_complete(step) for step in plan.steps):
        return False
    photos = list(turn.incoming.photos or (orders.mine(turn, photo) for photo in turn.incoming.replied))
    if not photos and asked.get("ask") in ("what", "meant"):
        photos = asked["photos"][-asked["last"] :] if asked["last"] else []
    if photos:
        chats.discuss(turn.store, turn.chat, turn.user, photos[-1])
    question = {"ask": "meant", **orders.kept(turn, plan)}
    chats.ask(turn.store, turn.chat, turn.user, question | {"photos": photos, "last": len(photos)})
    buttons = (Button(replies.MEANT, "meant:yes"), Button(replies.NOT_MEANT, "meant:no"))
    turn.say(replies.did_you_mean(plan), buttons=buttons)
    return True


def _in_words(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    """好的, 对; 不用. Anything else is a new sentence."""
    line = re.sub(r"[\s,，。.!！~～、]", "", text)
    if _YES.fullmatch(line):
        _yes(turn, asked)
    elif _NO.fullmatch(line):
        _no(turn)
    else:
        return False
    return True


def _button(turn: Turn, asked: dict[str, Any], answer: str) -> None:
    return _yes(turn, asked) if answer == "yes" else _no(turn)


def _yes(turn: Turn, asked: dict[str, Any]) -> None:
    of = {"ask": "what", "photos": asked["photos"], "last": asked["last"]} if asked["last"] else {}
    strangers.edit(turn, orders.waiting(turn, asked), of)


def _no(turn: Turn) -> None:
    chats.ask(turn.store, turn.chat, turn.user, None)
    turn.say(replies.LEFT_ALONE)


def _complete(step: Step) -> bool:
    """Whether a step says what it is about and what is to become of it."""
    comes = step.content is not None or step.concept is not None
    if step.operation == "insert" and vocabulary().parts.get(step.content or "", ("",))[0] == "MOD":
        return False  # 再加一个生气的 is no thing to put in
    if step.operation in ("replace", "recolor", "move"):
        return step.target is not None and (comes or step.color is not None or step.position is not None)
    if step.operation == "remove":
        return step.target is not None
    if step.operation in ("upscale", "restore", "extend", "cutout", "collage", "id_photo", "mosaic", "crop", "swap"):
        return not missing(step)
    return comes or step.style is not None or step.color is not None


ANSWERS = {"meant": _in_words}
BUTTONS = {"meant": (("meant",), _button)}
