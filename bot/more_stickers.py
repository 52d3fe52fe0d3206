"""再加一个生气的, 再来两张：困、害羞: more for the sticker pack that was made last in this chat; 让表情动起来: it once more, in
motion."""

import re
from dataclasses import replace

from bot.language.stickers import addition
from bot.orders import MOST_STICKERS, enqueue, stickers
from bot.turn import Turn
from storage import chats, jobs, packs
from storage.packs import Pack, PackError
from storage.plans import Plan
from storage.requests import StickerRequest

ALIVE = re.compile(
    "(?:让|把|给)?(?:它们?|他们|这些|这套|刚才的?|上面的?)?的?(?:表情包?|贴纸)?(?:都)?(?:给我)?(?:动起来|变成?(?:会动的|动图|动态的?)|做成(?:会动的|动图|动态的?))[吧啊呗嘛]?"
)
_NAMED = re.compile("表情|贴纸")
MAY_BE = ("chat", "again", "edit", "stickers", "generate")  # as what the parser reads such sentences


def by_words(turn: Turn, text: str) -> bool:
    """Whether a sentence asked for more of the last pack, or for one that moves, which is then under way."""
    alive = ALIVE.fullmatch(text.strip().rstrip("。！!~～ ")) is not None
    plan = Plan("stickers", moving=True) if alive else addition(text)
    if plan is None or turn.incoming.replied:
        return False
    last = None if turn.incoming.photos else _last(turn)
    if last is None:
        named = alive and _NAMED.search(text) is not None
        if named:
            stickers(turn, plan, {})
        return named
    made, pack = last
    if alive:
        enqueue(turn, "moving", "stickers", replace(made, moving=True, pack=None))
        return True
    count = max(plan.count or 1, len(plan.captions), len(plan.expressions))
    request = replace(made, count=min(count, MOST_STICKERS), captions=plan.captions, expressions=plan.expressions)
    enqueue(turn, "more", "stickers", replace(request, seed=made.seed + len(pack.stickers), pack=pack.id))
    return True


def _last(turn: Turn) -> tuple[StickerRequest, Pack] | None:
    """The pack that was made last, if nothing else has been since, and what was asked for it."""
    jobs_here = jobs.of_chat(turn.store, turn.chat, turn.user, limit=1)
    job = jobs_here[-1] if jobs_here else None
    if job is None or job.result is None or not isinstance(job.request, StickerRequest):
        return None
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if here is not None and here.at > (job.finished_at or 0.0):
        return None  # another photo has been sent since
    try:
        return job.request, packs.get(turn.store, int(job.result.facts["pack"]), turn.user)
    except (KeyError, PackError):
        return None
