"""Who is taught, known, shared and forgotten."""

from collections.abc import Mapping, Sequence

from bot.replies.buttons import CONCEPTS, idea_with
from bot.replies.names import KINDS

ASK_NAME = "好，要学。以后怎么叫？请告诉我一个名字，例如「阿紫」。"
REFUSED = "好，不学了，这些照片不会用来学习。"
NOBODY_TAUGHT = "你还没有教过我谁。发 3–5 张同一个人（或宠物、东西、画风）的照片，说「这是阿紫，记住她」，我就认识了。"
CONFIRM_FORGET_ALL = (
    "要删除你的所有数据吗？照片、修改记录、教过我的名字、表情包和聊天记录会一起删掉，找不回来。"
    "想先留一份，就说「导出我的数据」。"
)
FORGOTTEN = {
    "photos": "张照片", "concepts": "个教过的名字和学到的内容", "packs": "套表情", "inversions": "份缓存", "jobs": "个任务",
    "messages": "条消息",
}  # fmt: skip
FORGOT_NOTHING = "好，都留着。"


def ask_kind(name: str) -> str:
    """What kind of thing is it that shall be learnt?"""
    return f"「{name}」是什么？选一个，我好学对地方。"


def ask_references(name: str, have: int, least: int, most: int) -> str:
    """Too few reference photos."""
    if not have:
        return f"好，教我认识{name}。请发 {least}–{most} 张{name}的清楚照片，角度不同更好。"
    return f"只有 {have} 张，还不够认准{name}。请再发 {least - have}–{most - have} 张，角度不同更好。"


def enough_references(name: str, have: int) -> str:
    """Reference photos came one by one, and they are enough now."""
    return f"{name}有 {have} 张照片了，可以开始学，也可以再发几张。"


def too_many_references(have: int, least: int, most: int) -> str:
    """More reference photos than can be used."""
    return f"一共 {have} 张，太多了，反而学不准。请挑 {least}–{most} 张最清楚的，重新发一次再告诉我名字。"


def learning(name: str, count: int, then: str = "") -> str:
    """Learning has been queued, and after it the order ``then``."""
    begun = f"好，我开始认{name}，用这 {count} 张照片。"
    return f"{begun}学会了马上{then}，不用再说一遍。" if then else f"{begun}学的时候可以接着改别的照片。"


def learnt(name: str, kind: str, awaited: bool = False) -> str:
    """A concept is ready; an order may have waited for it."""
    done = f"{name}的画风我学会了！" if kind == "style" else f"我认识{name}了！"
    if awaited:
        return f"{done}这就去改。"
    return f"{done}发一张照片，就能说「{idea_with(name, kind)}」。"


def taught(names: Sequence[tuple[str, str, str]]) -> str:
    """Who has been taught: (name, kind, status)."""
    state = {"learning": "（还在学）", "failed": "（没学会，请再发几张）", "ready": ""}
    lines = [f"· {name}，{KINDS[kind]}{state[status]}" for name, kind, status in names]
    return "\n".join(["你教过我：", *lines, "不想让我记得谁，就说「忘掉" + names[0][0] + "」。"])


def forgotten(name: str, photos: int) -> str:
    """A concept has been forgotten."""
    return f"已经忘掉{name}：名字、{photos} 张参考照片和学到的内容都删了。"


def not_known(name: str) -> str:
    """Forget somebody who is not known."""
    return f"我本来就不认识{name}。说「{CONCEPTS}」可以看看我记得谁。"


def everything_forgotten(gone: Mapping[str, int]) -> str:
    """All data of a user has been removed; ``gone`` counts what went."""
    parts = [f"{gone[name]} {what}" for name, what in FORGOTTEN.items() if gone.get(name)]
    if not parts:
        return "这里本来就没有你的数据了。"
    lines = [f"都删掉了：{'、'.join(parts)}。以后再发照片，就当我们第一次见面。"]
    if gone.get("consents"):
        lines.append(f"你的 {gone['consents']} 条同意记录依法还要保存一阵子，已经换成匿名编号，到期自动删除。")
    if gone.get("sets"):
        lines.append(f"已经添加到 Telegram 的 {gone['sets']} 套表情在 Telegram 那边，要删请找 @Stickers 发 /delpack。")
    return "\n".join(lines)


def reference_count(name: str, have: int, least: int, most: int) -> str:
    """Too few or too many reference photos, all at once."""
    if have < least:
        return ask_references(name, have, least, most)
    return f"{have} 张太多了，反而学不准。请挑 {least}–{most} 张最清楚的再来一次。"


SHARED_ALREADY = "这是你自己教的名字，不用领。"
SHARE_GONE = "这个分享已经收回了，或者链接不完整。请对方再发一次链接。"


def share_code(name: str, code: str) -> str:
    """What lets others use a name that has been taught."""
    return (
        f"把下面这行转给朋友（或发到群里）。第一个把它发给我的聊天就能用「{name}」，7 天内有效，只能用一次，照片不会给出去。"
        f"想收回就说「收回{name}」：\n{code}"
    )


def shared_with_all(name: str) -> str:
    """Everybody in this group can use a name now."""
    return f"好，这个群里谁都可以用「{name}」了。想收回就说「收回{name}」。"


def withdrawn(name: str) -> str:
    """A name is its owner's alone again."""
    return f"收回来了，「{name}」又只有你能用。"


def shared_here(name: str, kind: str) -> str:
    """A name that somebody else has taught can be used here now."""
    return f"可以用「{name}」了。发一张照片，就能说「{idea_with(name, kind)}」。"
