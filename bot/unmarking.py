"""Pictures without the visible words: on request, after agreeing to the terms, recorded (标识办法 §9).

The metadata item is in every picture all the same.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from bot import replies
from bot.platforms import Button
from bot.provenance import maker
from bot.turn import Turn
from lettering import marks
from storage import chats, photos, watermark_settings

SIGN = "(?:字样|标识|标记|水印|标签|文字|角标|字|标)"
WORDS = rf"[「“\"]?(?:(?:AI|人工智能)\s*(?:生成|合成)[」”\"]?的?{SIGN}?|AI[」”\"]?的?{SIGN})[」”\"]?"
OFF = re.compile(
    rf"(?:请|帮我|能不能|可以|能|麻烦)*(?:(?:把|将)?(?:右下角|左下角|角落|角上|图里|图上|画面上?|图片上?)?(?:的|那个|这个)?{WORDS}"
    rf"(?:给我)?(?:都|也)?(?:去掉|去了|关掉|关了|取消|删掉|删了|拿掉|抹掉|不要|别写|不写)(?:了|吧|吗|呗|可以吗|行吗)*"
    rf"|(?:去掉|去除|不要|别加|别写|不加|不写|关掉|取消|拿掉|删掉|抹掉)(?:右下角|左下角|角落|角上|图里|图上|画面上?|图片上?)?(?:的|那个|这个)?"
    rf"{WORDS}(?:了|吧|吗|呗|可以吗|行吗)*)",
    re.IGNORECASE,
)
ON = re.compile(
    rf"(?:请|帮我)*(?:恢复|加回|重新加上|加上|打开|写上|重新写上)(?:图上|画面上?)?(?:的|那个)?{WORDS}(?:了|吧|呗)*"
    rf"|(?:请|帮我)*(?:把)?{WORDS}(?:恢复|加回来?|加上|打开|写上|写回来?)(?:了|吧|呗)*",
    re.IGNORECASE,
)
YES = re.compile(r"^(?:我)?(?:同意|可以|好|行|是|确|没问题|嗯|ok|yes)", re.IGNORECASE)


def by_words(turn: Turn, text: str) -> bool:
    """Whether a sentence is about the visible mark; then it has been answered."""
    text = text.strip().rstrip("。！!~～ ")
    if OFF.fullmatch(text):
        chats.ask(turn.store, turn.chat, turn.user, {"ask": "unmark"})
        buttons = [Button(replies.UNMARK, "unmark", main=True), Button(replies.STAY_MARKED, "stay_marked")]
        turn.say(replies.UNMARKED_TERMS, buttons=buttons)
    elif ON.fullmatch(text):
        _record(turn, False)
        turn.say(replies.MARKED_AGAIN)
    else:
        return False
    return True


def _agree(turn: Turn, asked: dict[str, Any]) -> None:
    """Write the agreement down, and hand over the picture under discussion once more, without the words."""
    _record(turn, True)
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if here is None or here.request is None:
        return turn.say(replies.UNMARKED_FROM_NOW)
    with Image.open(BytesIO(photos.read_clean(turn.store, here.photo, turn.user))) as image:
        pixels = np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))
    data = marks.encode(pixels, str(here.job or here.id), "PNG", maker(turn.store))
    bare = photos.keep(turn.store, data, turn.user)
    return turn.say(replies.UNMARKED_FROM_NOW, photos=[bare.sha256], data={"files": True})


def _refuse(turn: Turn, asked: dict[str, Any]) -> None:
    _record(turn, False)
    turn.say(replies.STAYS_MARKED)


def _record(turn: Turn, given: bool) -> None:
    chats.ask(turn.store, turn.chat, turn.user, None)
    text = (watermark_settings.UNMARKED, replies.UNMARKED_TERMS, given, replies.UNMARKED_VERSION)
    chats.record_consent(turn.store, turn.user, *text)


def _answer(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    (_agree if YES.match(text) else _refuse)(turn, asked)
    return True


ANSWERS: dict[str, Callable[[Turn, dict[str, Any], str], bool]] = {"unmark": _answer}
BUTTONS: dict[str, tuple[tuple[str, ...], Callable[..., None]]] = {
    "unmark": (("unmark",), _agree),
    "stay_marked": (("unmark",), _refuse),
}
