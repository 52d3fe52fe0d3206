"""Earlier pictures of a conversation: shown again, compared, gone back to. 第一版再给我看看; 还是雪地那张吧; 回到最开始."""

import re
from collections.abc import Sequence
from typing import Any

from bot import replies
from bot.language import showing
from bot.platforms import Button
from bot.turn import Turn
from storage import chats
from storage.chats import Entry
from storage.plans import RESULTS, Plan

_BACK = re.compile("还是|用回|用|要|就|选|回到|回|换回|退回|恢复|变回|拿回|留|接着")
_SEEN = re.compile("看|发|瞧|瞅|找|调出|send|呢|对比")  # 第一版再给我看看 only looks


def show(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Send a picture again, or two side by side; what is under discussion stays."""
    here, entries = _line(turn)
    if here is None or not entries:
        return turn.say(replies.NOTHING_TO_SHOW)
    if plan.content == "comparison":
        if here.request is None:
            return turn.say(replies.NOTHING_TO_COMPARE)
        return turn.say(replies.COMPARED, photos=[entries[0].photo, here.photo])
    meant = find(entries, here, plan.result, _all(turn)) if plan.result else here
    if meant is None:
        return turn.say(replies.no_such_result(plan.result or ""), buttons=_choices(entries))
    buttons = [Button(replies.GO_ON_WITH_THIS, f"back:{meant.id}")] if meant.id != here.id else []
    return turn.say(replies.shown(meant.request), photos=[meant.photo], buttons=buttons)


def go_to(turn: Turn, text: str) -> bool:
    """还是雪地那张吧, 回到最开始: that picture is under discussion again. False when the sentence names none."""
    wanted = showing.result(text)
    if wanted is None or not _BACK.search(text) or _SEEN.search(text) or len(text) > 20:
        return False
    here, entries = _line(turn)
    meant = find(entries, here, wanted, _all(turn)) if here is not None else None
    if here is None or (meant is None and wanted not in RESULTS and not wanted.isdigit()):
        return False
    if meant is None:
        turn.say(replies.no_such_result(wanted), buttons=_choices(entries))
        return True
    chats.go(turn.store, turn.chat, turn.user, meant.id)
    turn.say(replies.gone_to(meant.request), photos=[meant.photo])
    return True


def turn_to(turn: Turn, wanted: str) -> bool:
    """第一版再调暖: the picture that an order is about is under discussion; False when there is none, and that has been said."""
    here, entries = _line(turn)
    meant = find(entries, here, wanted, _all(turn)) if here is not None else None
    if here is None:
        return True  # the order asks for its photo
    if meant is None:
        turn.say(replies.no_such_result(wanted), buttons=_choices(entries))
        return False
    if meant.id != here.id:
        chats.go(turn.store, turn.chat, turn.user, meant.id)
    return True


def _line(turn: Turn) -> tuple[Entry | None, Sequence[Entry]]:
    """What is under discussion, and the pictures on the way to it and on from it, the user's own photo first."""
    return chats.under_discussion(turn.store, turn.chat, turn.user), chats.line(turn.store, turn.chat, turn.user)


def _all(turn: Turn) -> Sequence[Entry]:
    """Every picture of the conversation, those of other branches too."""
    return chats.history(turn.store, turn.chat, turn.user)


def find(entries: Sequence[Entry], here: Entry, wanted: str, everything: Sequence[Entry]) -> Entry | None:
    """The entry that is meant, of those from the user's own photo on; named by words, 海边那张, it may be any of ``everything``."""
    results = [entry for entry in entries if entry.request is not None]
    before = [entry for entry in entries if entry.id < here.id]
    if wanted == "original":
        return entries[0] if entries else None
    if wanted == "previous":
        return before[-1] if before else None
    if wanted == "first":
        return results[0] if results else None
    if wanted.isdigit():
        return results[int(wanted) - 1] if 0 < int(wanted) <= len(results) else None
    words = set(re.sub("[那这]?[张版个幅次的]|风|色", "", wanted))
    hits = [
        (len(words & set(replies.describe_request(entry.request))), entry.id, entry)
        for entry in everything
        if entry.request
    ]
    best = max(hits, default=None, key=lambda hit: hit[:2])
    return best[2] if best is not None and best[0] * 2 >= len(words) > 0 else None


def _choices(entries: Sequence[Entry]) -> list[Button]:
    return [Button(replies.describe_request(one.request), f"back:{one.id}") for one in entries[-4:] if one.request]
