"""再加一个生气的, 再来两张：困、害羞: more for the sticker pack that was made last in this chat."""

from dataclasses import replace

from bot.language.stickers import addition
from bot.orders import MOST_STICKERS, enqueue
from bot.turn import Talk
from storage import chats, jobs, packs
from storage.packs import PackError
from storage.requests import StickerRequest

MAY_BE = ("chat", "again", "edit", "stickers", "generate")  # as what the parser reads such sentences


def by_words(talk: Talk, text: str) -> bool:
    """Whether a sentence asked for more of the last pack, which is then under way."""
    plan = addition(text)
    last = jobs.of_chat(talk.store, talk.chat, talk.user, limit=1)
    if plan is None or talk.told.photos or talk.told.replied or not last or last[-1].result is None:
        return False
    job, made = last[-1], last[-1].request
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    if not isinstance(made, StickerRequest) or (here is not None and here.at > (job.finished_at or 0.0)):
        return False  # another photo has been sent since
    try:
        pack = packs.get(talk.store, int(job.result.facts["pack"]) if job.result else 0, talk.user)
    except (KeyError, PackError):
        return False
    count = max(plan.count or 1, len(plan.captions), len(plan.expressions))
    request = replace(made, count=min(count, MOST_STICKERS), captions=plan.captions, expressions=plan.expressions)
    enqueue(talk, "more", "stickers", replace(request, seed=made.seed + len(pack.stickers), pack=pack.id))
    return True
