"""The cards that must be agreed to: learning a person, pictures without words, photos that leave the machine; how a person has set things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.replies.buttons import MY_SETTINGS

CONSENT_VERSION = "2026-11-20"  # of the card below; recorded with every answer, so change it with the words


def consent(name: str) -> str:
    """The card that must be agreed to before a person is learnt (深度合成规定 §14; 个人信息保护法 §17, §29, §31)."""
    return (
        f"开始之前要请你确认：「{name}」是一个人。\n"
        f"· 照片里的人要知道并且同意我学习 TA 的样子、用 TA 生成图片；未满 14 岁的我不学。\n"
        f"· 会保存：这几张参考照片，和从里面学到的一小段数字，都只在这台电脑上。\n"
        f"· 保存多久：一直到你说「忘掉{name}」或「删除我的所有数据」，说了就马上删掉。\n"
        f"· 谁能用：只有你；除非你自己分享给某个聊天，也随时可以收回。"
    )


def consented(name: str, answer: str) -> str:
    """What is written down of the card: its words, and which answer was given (本人, or that they have agreed)."""
    return f"{consent(name)}\n答：{answer}"


AVATAR_VERSION = "2026-11-30"  # of the card below


def may_use_avatar(name: str) -> str:
    """The card that a member of a group must agree to before their avatar is used (个人信息保护法 §29; 深度合成规定 §14)."""
    return (
        f"@{name} 有人想用你的头像，让我认识你的样子，把你加到照片里。你同意吗？\n"
        f"· 只有你本人能按下面的按钮。不同意、不理会，我都不取你的头像；未满 14 岁请不要同意。\n"
        f"· 会保存：你的这一张头像，和从里面学到的一小段数字，都只在我这台电脑上。\n"
        f"· 谁能用：只有提出来的那个人。随时说「收回我的头像」，马上就忘掉。"
    )


def avatar_agreed(name: str) -> str:
    """A member has agreed; the avatar is being learnt from."""
    return (
        f"{name}同意了，我用这张头像认一认 TA。只有一张，像不像要看它清不清楚：发 3–5 张 TA 的照片再教一次，效果会好得多。"
        f"学会了告诉你，到时说「把{name}加到左边」就行。"
    )


def avatar_refused(name: str) -> str:
    """A member does not want it."""
    return f"{name}不同意，头像没有取，什么也没存。"


def avatars_forgotten(names: Sequence[str]) -> str:
    """A member has taken it back."""
    if not names:
        return "这里没有用着你的头像。"
    return f"好，收回了：用你的头像学的{'、'.join(f'「{name}」' for name in names)}忘掉了，头像也删了。"


def known_already(name: str) -> str:
    """Whoever's avatar is meant has been taught already."""
    return f"{name}我已经认识了，直接说「把{name}加到左边」就行。"


OWN_AVATAR = "你自己的样子，发 3–5 张照片给我最像：发过来，再说「这是小明，记住他」（换成你的名字）。"
AVATAR_NOT_YOURS = "这要 TA 本人来按，别人按了不算。"
AVATAR_ANSWERED = "这一次已经答过了。改主意的话，说「收回我的头像」就忘掉；要用就请对方再提一次。"
AVATAR_OF_WHOM = "要用谁的头像，就在群里 @ TA，例如「用@小明的头像把他加进来」。TA 本人按了同意，我才取。"
AVATAR_IN_A_GROUP = "要用别人的头像，得在有 TA 的群里 @ TA 来说：只有 TA 本人按了同意，我才取。"
NO_AVATARS_HERE = "在这里我取不到别人的头像。发 3–5 张 TA 的照片，再说「这是小明，记住他」，就能加进去了。"
NO_AVATAR = "没有取到 TA 的头像：可能没设，或者设成了不让别人看。请 TA 发 3–5 张照片来，再说「这是小明，记住他」。"


UNMARKED_VERSION = "2026-11-20"  # of the terms below
UNMARKED_TERMS = (
    "去掉画面上的「AI生成」字样以后，要由你来负责：发布或传播这些图片时，主动声明它们是 AI 生成的，"
    "不用来冒充真实的人和事，也不删改图片里的元数据标识。\n"
    "你的同意会记录下来，依照《人工智能生成合成内容标识办法》保存不少于六个月。随时可以重新写上。"
)
UNMARKED_FROM_NOW = "好，记下了。之后给你的图画面上不写「AI生成」，文件里的标识照样有。想写回来就说「恢复AI生成字样」。"
STAYS_MARKED = "好，字样留着。"
MARKED_AGAIN = "好，之后的图重新写上「AI生成」。"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would be sent to another computer: to whom, for which model, and how many pictures."""

    host: str
    title: str
    pictures: int


MAY_LEAVE = {
    "once": "同意，发过去",
    "here": "不发，用本机的方法",
    "always": "以后都发，不再问",
    "never": "以后都不发，不再问",
}
LEAVING_VERSION = "2026-11-30"  # of the card and the sentences below


def may_it_leave(going: Leaving) -> str:
    """The card that must be agreed to before a photo is sent to another computer (个人信息保护法 §23, §29)."""
    if going.pictures:
        more = f"和 {going.pictures - 1} 张参考照片" if going.pictures > 1 else ""
        sent = f"这张照片（或要改的那一块）{more}，再加一句修改要求；你的名字和账号不发"
        people = "\n· 照片里有人的话，要 TA 们知道并且同意；有未满 14 岁的孩子，请不要发。"
    else:
        sent, people = "要画什么的一句说明；你的名字和账号不发", ""
    return (
        f"这一步要请外面的服务器来画，还没有发，先问你一声。\n"
        f"· 发给谁：{going.host}（{going.title}）\n"
        f"· 发什么：{sent}{people}\n"
        f"· 不同意就不发，用这台电脑自己的方法来做，效果可能差一些。\n"
        f"你的回答会记下来。以后随时可以说「照片别发出去」或在「{MY_SETTINGS}」里收回；已经发出去的由对方保管，我收不回来。"
    )


SENDS_ALL = "好，记下了。以后改图需要时，你的照片可以直接发过去，不再问。想收回就说「照片别发出去」。"
SENDS_NONE = "好，以后你的照片都不发出去，只用这台电脑自己的方法。改主意了就说「照片可以发出去」。"
ASKS_FIRST = "以后要发照片出去之前，都会先问你，你同意了才发。"
NOTHING_LEAVES = "这里没有接外面的服务器，你的照片不会离开这台电脑。"


def sending_state(state: bool | None) -> str:
    """What somebody has said of sending their photos to a computer."""
    return {True: "需要时直接发，不再问", False: "都不发", None: "只发你同意过的照片，其他的先问你"}[state]


def sending_withdrawn(hosts: Sequence[str]) -> str:
    """Nothing is sent any more without a question."""
    return f"好，收回了（{'、'.join(hosts)}）。{ASKS_FIRST}" if hosts else ASKS_FIRST


def my_settings(states: Mapping[str, bool | None], unmarked: bool, days: float) -> str:
    """How things are set for a person: where their photos may go, the words on pictures, how long photos are kept."""
    sent = [f"· 发照片到 {host}：{sending_state(state)}" for host, state in states.items()]
    words = (
        "图上不写「AI生成」（想写回来，说「恢复AI生成字样」）"
        if unmarked
        else "图上写「AI生成」（说「去掉AI生成字样」可以不写）"
    )
    kept = f"照片存 {days:g} 天后自动删除" if days else "照片一直存到你说删除"
    return "\n".join(["你的设置：", *(sent or [f"· {NOTHING_LEAVES}"]), f"· {words}", f"· {kept}"])
