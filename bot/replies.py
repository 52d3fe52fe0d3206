"""Every Chinese sentence that the bot says. Each says what to do next; none blames the reader.

Sentences without gaps are constants; those with gaps are functions. Errors of storage and of the workers bring their
own finished sentences and are passed on as they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.language.tokens import vocabulary
from storage.plans import Plan, Step
from storage.requests import EditRequest, GenerateRequest, LearnRequest, Progress, Request, StickerRequest

# --- words for the closed lists of storage.plans ----------------------------------------------------------------------
COLORS = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色", "purple": "紫色",
    "pink": "粉色", "black": "黑色", "white": "白色", "gray": "灰色", "brown": "棕色", "gold": "金色",
    "silver": "银色", "cyan": "青色",
}  # fmt: skip
STYLES = {
    "ink_wash": "水墨画", "impressionist": "印象派", "oil": "油画", "watercolor": "水彩", "sketch": "素描",
    "comic": "漫画", "anime": "动漫", "pixel": "像素画", "abstract": "抽象画", "cyberpunk": "赛博朋克",
    "clay": "黏土", "vintage": "复古", "papercut": "剪纸",
}  # fmt: skip
ADJUSTMENTS = {
    "brighter": "调亮", "darker": "调暗", "contrast": "加强对比", "warmer": "调暖", "cooler": "调冷", "vivid": "调鲜艳", "muted": "调淡",
    "sharper": "锐化", "denoise": "降噪", "auto": "自动调色", "grayscale": "变黑白", "colorize": "上色", "relight": "补光",
}  # fmt: skip
TURNS = {"left": "向左转", "right": "向右转", "half": "转 180 度", "mirror": "左右镜像", "straighten": "扶正"}
SIZES = {"one_inch": "一寸", "two_inch": "二寸", "small_two_inch": "小二寸"}
COLLAGES = {"side_by_side": "左右拼成一张", "stack": "上下拼成长图", "nine": "拼成九宫格"}
CROPS = {"square": "正方形", "竖版": "竖版", "横版": "横版", "竖屏": "竖屏", "横屏": "横屏", "头像": "头像"}
POSITIONS = {
    "left": "左边", "right": "右边", "center": "中间", "top": "上面", "bottom": "下面", "front": "前面",
    "behind": "后面",
}  # fmt: skip
KINDS = {"person": "人", "pet": "宠物", "object": "东西", "style": "画风"}
OPERATIONS = {
    "insert": "往照片里加东西", "replace": "把一样换成另一样", "remove": "去掉东西", "restyle": "换画风",
    "recolor": "改颜色", "modify": "改表情、穿戴和天气", "background": "换背景", "move": "挪位置", "adjust": "调光线和颜色",
    "crop": "裁剪", "rotate": "旋转和摆正", "id_photo": "做证件照", "upscale": "变高清", "restore": "修复老照片",
    "extend": "扩图", "beautify": "美颜", "cutout": "抠图", "mosaic": "打码", "text": "加文字", "collage": "拼图",
    "swap": "让两个人换位置", "face_swap": "换脸",
}  # fmt: skip

EXAMPLES = {  # a sentence to try for every operation
    "insert": "加一个红色的气球", "replace": "把猫换成狗", "remove": "去掉后面的路人", "restyle": "改成水墨画", "recolor": "把衣服变成红色",
    "modify": "背景虚化", "background": "背景换成海边", "move": "把猫移到右边", "adjust": "调亮一点", "crop": "裁成正方形",
    "rotate": "把照片扶正", "id_photo": "做一寸证件照，蓝底", "upscale": "变清晰", "restore": "修复这张老照片", "extend": "往上扩一点",
    "beautify": "磨皮", "cutout": "把人抠出来", "mosaic": "给车牌打码", "text": "右下角写上：毕业快乐", "collage": "拼成九宫格",
    "swap": "我和他换个位置", "face_swap": "把他的脸换成小明的",
}  # fmt: skip
NEAREST = {  # what comes nearest to an operation that cannot be done
    "insert": ("text", "replace"), "replace": ("remove", "insert", "recolor"), "remove": ("mosaic", "crop", "replace"),
    "restyle": ("adjust",), "recolor": ("adjust",), "modify": ("recolor", "adjust", "insert"), "background": ("cutout", "modify"),
    "move": ("swap", "crop", "remove"), "adjust": ("restyle",), "crop": ("extend",), "rotate": ("crop",), "id_photo": ("background", "crop"),
    "upscale": ("adjust",), "restore": ("upscale", "adjust"), "extend": ("crop",), "beautify": ("adjust",),
    "cutout": ("background",), "mosaic": ("remove",), "text": ("insert",), "collage": ("text", "crop"), "swap": ("move", "remove"),
    "face_swap": ("replace", "insert"),
}  # fmt: skip

# --- buttons ----------------------------------------------------------------------------------------------------------
STRONGER, WEAKER, AGAIN, UNDO, REDO, CANCEL = "再明显一点", "淡一些", "再来一张", "撤销", "重做", "取消"
SEVERAL, MORE_TO_CHOOSE = "多来几张选", "都不满意，再来几张"
ANOTHER_SET = "再来一套"
AGREE, AGREE_SELF, REFUSE = "已经同意，开始学", "是我本人，开始学", "不学了"
BEGIN, FORGET_ALL, KEEP = "就用这些，开始学", "全部删除", "不删了"
EVERY_PHOTO = "每张都改"
CONCEPTS, HELP = "我教过谁", "帮助"
IDEAS = ("改成水墨画", "背景换成海边", "把它变成红色", "加一个红色的球")
REAL_IDEAS = (
    "改成水墨画",
    "背景换成白色",
    "调亮一点",
    "做一套表情包",
    "改成油画",
    "暖一点",
)  # of a photo nobody has looked at
LIGHTER, LEVEL, NO_PASSERS, RESTORED = "调亮一点", "把照片扶正", "去掉路人", "修复这张老照片"
PORTRAIT_IDEAS = ("做成证件照", "背景换成白色", "做一套会动的表情包", "改成水墨画", "背景虚化", "改成素描", LIGHTER)
PEOPLE_IDEAS = ("背景虚化", "做一套表情包", "改成水墨画", "背景换成白色", "改成素描", LIGHTER)
GROUP_IDEAS = ("背景虚化", "改成漫画", "去掉最右边的人", "改成水墨画", "变成老照片", LIGHTER)
SCENE_IDEAS = ("改成水墨画", "颜色鲜艳一点", "改成油画", LIGHTER, "变成老照片", "改成素描")
COLOURFUL = ("颜色鲜艳一点", "变成老照片", "暖一点")  # of no use to a photo without colours

# --- the web page (its labels are in bot/platforms/web/words.py) -------------------------------------------------------
TITLE, SUBTITLE = "合影", "一句话改照片，全在这台电脑上"


def metrics_port_taken(port: int) -> str:
    """/metrics cannot listen where it should."""
    return f"端口 {port}（/metrics）已经被别的程序占用。换一个：HEYING_METRICS__PORT=9465 make run"


def open_to_all(host: str) -> str:
    """The page would lie open to the network."""
    return (
        f"网页要开放给别的电脑（host = {host}），就得先设密码：HEYING_WEB_PASSWORD=至少八个字 make run。"
        "前面有自己的反向代理管登录的话，在 config.toml 的 [web] 里写 unprotected = true。"
    )


# --- talk -------------------------------------------------------------------------------------------------------------
WELCOME = (
    "你好，我是合影。发一张照片，再用一句话告诉我怎么改，例如「把猫换成狗」「背景换成海边」「改成水墨画」。\n"
    "也可以先教我认识一个人或一只宠物，再让我把 TA 加进合照。"
)
HELP_TEXT = (
    "发一张照片，再说一句话，我就照着改，例如：去掉后面的路人、背景换成海边、调亮一点、做一寸证件照。\n"
    "教我认识谁：发 3–5 张照片，说「这是阿紫，记住她」，以后就能把 TA 加进合照。\n"
    "改完可以说：再明显一点、淡一些、再来一张、换个方法试试、撤销、原图给我看看；回复哪张图，就是说哪张。\n"
    "也可以问：还要多久、我教过谁；想删就说：忘掉阿紫、删除我的所有数据。"
)
EMPTY = "这句话是空的。发一张照片，再说说想怎么改，例如「把猫换成狗」。"
NOT_UNDERSTOOD = "这句我没看懂要怎么改，不敢乱动照片。可以这样说：「把猫换成狗」「背景换成海边」「去掉右边的球」。"
LEFT_ALONE = "好，那就不动它。想改的时候直接说，例如「把猫换成狗」。"
MEANT, NOT_MEANT = "要", "不用"
NOT_UNDERSTOOD_WITHOUT_PHOTO = "我会改照片。发一张照片过来，再说想怎么改，例如「把猫换成狗」；说「帮助」看看我会什么。"
TOO_LONG = "这段话太长了，请用一两句话告诉我怎么改，例如「把猫换成狗」。"
SMALL_TALK = {  # kind: without a photo, with one, with a result
    "thanks": ("不客气！想改照片就发过来。", "不客气！还想改哪里，接着说就行。", "不客气！还想改哪里，接着说就行。"),
    "praise": ("谢谢夸奖！发张照片试试看。", "是张好照片！想改哪里就说。", "你喜欢就好！想再改哪里，接着说就行；要没压缩的就点「发原图文件」。"),
    "enough": ("好，想改的时候再发照片来。", "好，那就不动它。想改的时候再说。", "好，那就定这张。要没压缩的可以点「发原图文件」。"),
    "greeting": (WELCOME, "在呢！这张照片想怎么改？", "在呢！刚才那张还想改哪里？"),
    "bye": ("晚安，下次见！", "晚安，下次见！照片替你留着。", "晚安，下次见！照片和改好的图都替你留着。"),
    "laugh": ("哈哈，开心就好！有照片想改就发过来。", "哈哈，这张是挺逗的。想怎么改它？", "哈哈，逗到你就好！还想怎么改？"),
    "sorry": ("没关系！有照片想改就发过来。", "没关系！照片我留着，想改再说。", "没关系！不想要这一步就说「撤销」。"),
    "wait": ("好，不急，你慢慢来。", "好，不急，照片我留着。", "好，不急，这张我留着。"),
    "nod": ("嗯，发一张照片来，再说想怎么改就行。", "嗯，这张照片想怎么改？说一句话就行。", "嗯，还想改哪里就说。"),
    "kin": ("真好！发张照片来，想怎么改都可以说。", "真好！想让我以后认得 TA，就再发几张，说「记住 TA」；想改这张，直接说怎么改。", "真好！还想给 TA 改点什么？"),
    "sad": ("抱抱你。要不要发张照片，改个好玩的？", "抱抱你。要不要把这张改个开心点的样子？", "抱抱你。要不要再改个好玩的？"),
    "wish": ("同乐同乐！要给照片写上祝福的话，就发过来。", "同乐同乐！要把祝福写到这张上吗？说「写上：生日快乐」就行。", "同乐同乐！要把祝福写到这张上吗？说「写上：生日快乐」就行。"),
    "love": ("嘿嘿，谢谢！有照片想改就发过来。", "嘿嘿，谢谢！这张想怎么改？", "嘿嘿，谢谢！还想改哪里就说。"),
    "face": ("嗯嗯，有照片想改就发过来。", "嗯嗯，这张想怎么改？说一句话就行。", "嗯嗯，还想改哪里就说。"),
}  # fmt: skip
NOTHING_TO_SHOW = "还没有照片可以看。先发一张照片，再说想怎么改。"
NOTHING_TO_COMPARE = "这张还没改过，没法对比。先说想怎么改。"
COMPARED = "左边是原图，右边是现在这张："
GO_ON_WITH_THIS = "接着改这张"
COMPLAINT_WITHOUT_PHOTO = "抱歉，让你不满意了。是哪张照片？回复那张图，说说哪里不对，我来改。"
COMPLAINT_WITHOUT_RESULT = "抱歉，这张我还没动过。哪里不满意，直接说想怎么改就行，例如「调亮一点」「去掉后面的人」。"
ANOTHER_WAY = "换个方法试试"
COLLAGE_OF_ONE = "拼图要两张以上的照片，一起发过来就行。"
ABLE = {
    "stickers": "会。发一张照片说「做一套表情包」，或者先教我认识谁，再说「用年糕做一套表情包」。",
    "generate": "会。说「画一只在草地上的兔子」就行。",
    "learn": "会。发 3–5 张清楚的照片，说「这是阿紫，记住她」。",
}
NO_WORKER = "画画的程序起不来。请运行 python -m bot doctor 看看缺了什么。"
BROKEN = "我这边出了点问题，这句没办成。请再说一次；要是还不行，就换张照片或换个说法。"

# --- photos -----------------------------------------------------------------------------------------------------------
NOTHING_TO_UNDO_YET = "还没有照片可以撤销。先发一张照片，再说想怎么改。"
NOTHING_TO_UNDO = "已经是你发来的原图了，没有可以撤销的。"
NOT_YOURS_TO_UNDO = "这张是别人让我改的，只有 TA 自己能撤销。想接着改它，就回复它说怎么改。"
CHOOSE_ONE = "喜欢哪一张？点一下，或者说「第二张」，我就接着改那一张。"
NOTHING_TO_REDO = "没有可以重做的。"
NOTHING_TO_REPEAT = "还没改过照片，没法再来一张。先发一张照片，再说想怎么改。"
STRONGEST = "已经最明显了。换个说法试试，例如「完全变成红色」。"
WEAKEST = "已经最淡了。不想要这一步就说「撤销」。"
UNDONE = "退回来了，现在说的是这一张："
REDONE = "恢复了，现在说的是这一张："
CANNOT_MAKE = {
    "generate": "我还不会凭空画画，只会改照片。发一张照片过来，再说想怎么改。",
    "stickers": "我还不会做表情包，可以先让我改照片。",
}
NOTHING_TO_CANCEL = "现在没有正在做的任务，不用取消。"
QUESTION_DROPPED = "好，不弄了。想改的时候再说。"
CANCELLED_ALREADY = "这个任务已经结束了，不用取消。"
NOTHING_UNDER_WAY = "现在没有正在做的任务。发一张照片，再说想怎么改。"
BUTTON_TOO_OLD = "这个按钮过期了，请直接说想怎么改。"


def gone_to(request: Request | None) -> str:
    """A picture of the history is under discussion again; ``request`` made it."""
    return (
        f"回到「{describe_request(request)}」这一步，接着改的是这一张："
        if request
        else "回到原图了，接着改的是这一张："
    )


# --- several photos with one sentence ---------------------------------------------------------------------------------
CALLED_OFF, TO_BE_ASKED, NOT_YET = (
    "按你说的取消了",
    "要先问你一句，点它或者说它的号就问",
    "这一张还没做好，做好了一起发给你。",
)
WHICH_OF_BATCH = "是说哪一张？点一张，或者说「第 3 张再明显一点」这样就行；都要改就直接说怎么改，加上「都」字。"


def of_photos(what: str, count: int) -> str:
    """An order for several photos."""
    return f"{what}（{count} 张）"


def batch_over(what: str, made: Sequence[int], why: Mapping[int, str]) -> str:
    """What several photos with one sentence have come to: the numbers of those that are done, and why others are not."""
    count = len(made) + len(why)
    reasons: dict[str, list[int]] = {}
    for number, reason in why.items():
        reasons.setdefault(reason.rstrip("。"), []).append(number)
    failed = [f"· 第 {_runs(numbers)} 张：{reason}。" for reason, numbers in reasons.items()]
    if not made:
        return "\n".join([f"{count} 张都没有做成：{what}。", *failed])
    head = f"{count} 张都改好了：{what}。" if not why else f"改好了 {len(made)} 张，共 {count} 张：{what}。"
    which = [f"图依次是第 {_runs(made)} 张。没做成的：", *failed] if why else []
    return "\n".join([head, *which, "点一张，或者说「第 3 张」，就接着改那一张。"])


def _runs(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 → 1–3、7"""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def taken(index: int) -> str:
    """One of several pictures has been chosen."""
    return f"好，接着改第 {index + 1} 张："


# --- the way it is done -----------------------------------------------------------------------------------------------
def try_method(title: str) -> str:
    """A button: the last edit by another method."""
    return f"用{_spaced(title)}试试"


def no_such_method(name: str, titles: Sequence[str]) -> str:
    """A method that no worker has, or another one without a name; ``titles`` are those that can do the last edit."""
    known = "、".join(titles) or "还没有"
    return f"我这里没有叫「{name}」的方法，能用的有：{known}。" if name else f"能换着用的方法有：{known}。"


def method_cannot(title: str, operation: str, able: Sequence[str]) -> str:
    """The method that was named does not do what is asked."""
    others = f"，可以换成：{'、'.join(able)}" if able else ""
    return f"「{title}」不会{OPERATIONS[operation]}{others}。不指定方法的话，我会自己挑合适的。"


def _spaced(word: str) -> str:
    """A word as it stands between Chinese characters: Latin ones with room about them."""
    return f" {word} " if word.isascii() else word


# --- learning ---------------------------------------------------------------------------------------------------------
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


UNMARK, STAY_MARKED = "同意，去掉字样", "不同意，留着"
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


MY_SETTINGS, UNSEND = "我的设置", "以后先问我"
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


def photos_arrived(count: int) -> str:
    """``count`` photos without a word about them."""
    if count == 1:
        return "收到照片。想怎么改？说一句话就行。"
    return f"收到 {count} 张照片。要改其中一张，就说想怎么改；要我认识照片里的谁，就说「这是阿紫，记住她」。"


def need_photo(what: str) -> str:
    """An order without a photo."""
    return f"好，{what}。要改哪张照片？发过来就行。"


def which_photo(count: int) -> str:
    """An order about one of several photos."""
    return f"这里有 {count} 张照片，要改哪一张？"


def photo_number(index: int) -> str:
    """A button for one of several photos."""
    return f"第 {index + 1} 张"


def which_thing(count: int) -> str:
    """The worker found several things that may be meant."""
    return f"照片里有 {count} 个都对得上，你说的是哪一个？"


def whose_stickers(count: int) -> str:
    """Several people are in the photo that stickers shall be made of."""
    return f"照片里有 {count} 个人，给谁做表情包？点一个就行。"


def unknown_name(name: str) -> str:
    """Somebody shall come in who has not been taught."""
    return f"我还不认识{name}，这张照片先留着。发 3–5 张{name}的照片，我学会了就能加进去；也可以先改别的。"


def still_learning(name: str, seconds: float | None) -> str:
    """A concept is needed that is being learnt."""
    return f"我还在学{name}，{time_left(seconds)}。学会了会告诉你，到时再说一遍就行。"


def not_learnt(name: str) -> str:
    """A concept is needed that could not be learnt."""
    return f"上次没学会{name}。请重新发 3–5 张清楚的照片，说「这是{name}，记住」。"


def cannot_yet(operation: str, near: str | None = None) -> str:
    """An operation that no worker offers, and the nearest that one does."""
    other = (
        f"能做的里最接近的是{OPERATIONS[near]}，例如「{EXAMPLES[near]}」。"
        if near
        else f"现在会的，说「{HELP}」就能看到。"
    )
    return f"我还不会{OPERATIONS[operation]}。{other}"


def able(operation: str, wish: str) -> str:
    """Yes to a question whether something can be done."""
    return f"会{OPERATIONS[operation]}。发一张照片，再说一句就行，例如「{EXAMPLES[operation]}」。"


def can_do(wish: str, operations: Sequence[str]) -> str:
    """What can be done, when asked for something that we have no word for."""
    names = "、".join(OPERATIONS[one] for one in operations[:8])
    about = f"「{wish}」我还不会。" if 1 < len(wish) <= 12 else ""
    return f"{about}我只改照片：{names}都行。发一张照片，说一句话就开始。"


def beyond(wish: str, operations: Sequence[str]) -> str:
    """An order that is none of a photo's."""
    names = "、".join(OPERATIONS[one] for one in operations[:6])
    return f"「{short(wish)}」这个我还做不到，照片没动。我能做的是{names}等，例如「{EXAMPLES[operations[0]] if operations else '调亮一点'}」。"


def partly(parts: Sequence[str], some: bool) -> str:
    """Parts of a sentence that cannot be done; ``some``: the others can."""
    rest = "，其他的照做。" if some else "。"
    return f"{'、'.join(f'「{short(part)}」' for part in parts)}我还做不到{rest}"


def left_over(parts: Sequence[str]) -> str:
    """Words of an order that no step could use."""
    return f"{'、'.join(f'「{short(part)}」' for part in parts)}我还顾不上，先照其他的做。"


def short(words: str) -> str:
    """A user's words as they are quoted back."""
    return words if len(words) <= 16 else words[:15] + "…"


def listening(request: Request | None) -> str:
    """Talk that nobody expects us to act on."""
    if request is not None:
        return (
            f"嗯，听着呢。这张现在是「{describe_request(request)}」之后的样子，还想改哪里就说；要退回去就说「撤销」。"
        )
    return "嗯，听着呢。这张照片我留着，想改哪里直接说，例如「去掉后面的人」「调亮一点」。"


def small_talk(kind: str, photo: bool, result: bool) -> str:
    """The answer to small talk."""
    return SMALL_TALK[kind][2 if result else 1 if photo else 0]


def sorry(request: Request) -> str:
    """An apology for a result."""
    return f"抱歉，「{describe_request(request)}」没改好。哪里不对，说一句我就改；或者点下面的。"


def shown(request: Request | None) -> str:
    """An earlier picture, shown again; ``request`` made it."""
    return f"这是「{describe_request(request)}」那一版：" if request else "这是你发来的原图："


def no_such_result(which: str) -> str:
    """A picture that the conversation does not have."""
    return (
        f"没找到「{which}」。这张照片改过的几版在下面，点一个就能看。"
        if which not in ("first", "previous")
        else "还没有更早的一版。"
    )


def ask_missing(step: Step, slot: str) -> tuple[str, tuple[str, ...]]:
    """What an order lacks, and answers to try."""
    about = _yours(step.target or "")
    if slot == "target":
        return f"要{OPERATIONS[step.operation]}，是照片里的哪一个？说名字或位置就行，例如「左边的人」。", ()
    match step.operation:
        case "background":
            return "背景换成什么？说一个地方或颜色就行。", ("海边", "草地", "白色")
        case "restyle":
            return "改成什么画风？", ("水墨画", "动漫", "油画")
        case "recolor":
            return f"{about or '它'}要什么颜色？", ("红色", "蓝色", "黑色")
        case "text":
            return "写什么字？直接把要写的话发给我。", ()
        case "insert":
            return "加什么？说一样东西，或者教过我的人。", ()
        case "crop":
            return "裁成什么样？", ("裁成正方形", "裁成3:4", "裁成16:9")
        case "rotate":
            return "往哪边转？", ("向左转", "向右转", "扶正")
    if "发" in about:
        return "换成什么发型？", ("短发", "长卷发", "丸子头")
    return f"{about or '它'}换成什么样的？说具体一点就行。", ()


def _yours(words: str) -> str:
    """The user's own 我 as we say it: 你."""
    return re.sub("我们|咱们|俺们", "你们", words).replace("我", "你").replace("俺", "你")


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


def learning(name: str, count: int) -> str:
    """Learning has been queued."""
    return f"好，我开始认{name}，用这 {count} 张照片。学的时候可以接着改别的照片。"


def learnt(name: str, kind: str) -> str:
    """A concept is ready."""
    done = f"{name}的画风我学会了！" if kind == "style" else f"我认识{name}了！"
    return f"{done}发一张照片，就能说「{idea_with(name, kind)}」。"


def idea_with(name: str, kind: str) -> str:
    """What to try with who, or with the style that, has just been learnt."""
    return f"改成{name}的画风" if kind == "style" else f"把{name}加到左边"


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


def not_written(letters: str) -> str:
    """Characters of a caption that the font does not have."""
    return f"「{letters}」写不出来，已经略过，其他字都在。"


def pack_readme(title: str, lines: Sequence[str], close: bool = False) -> str:
    """The text that lies in the ZIP of a sticker pack."""
    return "\r\n".join(
        (
            f"{title}，共 {len(lines)} 张",
            "telegram/  512 像素，Telegram 贴纸：找 @Stickers 发 /newpack（会动的发 /newvideo），再一张张发过去，配上下面的 emoji。",
            "wechat/    240 像素，微信表情（会动的是 GIF）：在手机上保存图片，微信「添加单个表情」里选它；也可以在表情开放平台上传。",
            *(["emoji/     100 像素的脸，当小表情用。"] if close else []),
            "每张图都由 AI 生成，带有标识。",
            "",
            *lines,
            "",
        )
    )


# --- work -------------------------------------------------------------------------------------------------------------
def describe(step: Step) -> str:
    """One step as a short Chinese phrase: 把左边的猫换成狗."""
    color = COLORS.get(step.color or "", "")
    named = _yours(step.concept or step.content or "")
    what = (f"{color}的" if color and step.content else color) + named
    where = POSITIONS.get(step.position or "", "")
    thing = _yours(step.target) if step.target else "它"
    target = (f"{where}的" if where and step.operation != "move" else "") + thing
    if where and step.target is None and step.operation not in ("move", "insert", "text", "extend"):
        target = f"{where}那个"
    match step.operation:
        case "insert":
            return f"把{what}加到{where}" if where else f"把{what}加进来"
        case "replace":
            return f"把{target}换成{what}"
        case "remove":
            return f"去掉{target}"
        case "restyle":
            return f"改成{STYLES.get(step.style or '') or what}" + ("" if step.style else "的画风")
        case "recolor":
            return f"把{target}变成{color or named}"
        case "background":
            return f"背景换成{what}"
        case "move" if what:
            return f"把{target}和{what}换个位置"
        case "move":
            return f"把{target}移到{where}"
        case "swap":
            return f"让{target}和{what}换个位置" if what else f"让{target}换个位置"
        case "adjust":
            about = f"{target}" if step.target or step.position else ""
            return f"{about}{ADJUSTMENTS.get(step.content or '', named or '调一调')}"
        case "crop":
            return (
                f"裁成{CROPS.get(named, named)}"
                if named in CROPS or ":" in named
                else f"只留{named}"
                if named
                else "裁剪"
            )
        case "rotate":
            return TURNS.get(step.content or "", f"转{named}")
        case "id_photo":
            ground = f"{color[:-1]}底" if color else ""
            return f"做{SIZES.get(named, named)}证件照" + (f"，{ground}" if ground else "")
        case "upscale" | "restore" | "cutout" | "collage" | "extend" | "mosaic":
            return _whole(step, target if step.target or step.position else "", where)
        case "beautify":
            return f"给{target}{named}" if step.target else named or "美颜"
        case "text":
            return f"{f'在{where}' if where else ''}写上「{short(step.content or '')}」"
        case "face_swap":
            return f"把{target}的脸换成{what}" if what else f"给{target}换脸"
    return _modified(step, target, what)


def _modified(step: Step, target: str, what: str) -> str:
    """What a modification makes of something: 让你笑, 给你戴上帽子, 把你的头发换成短发, 背景虚化."""
    if not step.target and not step.position:
        return f"变成{what}"
    kind, value = vocabulary().parts.get(step.content or "", ("", ""))
    if (step.target or "").endswith(_GROUNDS) and kind == "MOD":
        return f"{target}{what}"
    if kind == "MOD":
        return f"让{target}{'' if what in vocabulary().verbs or len(what) > 1 else '变'}{what}"
    if value == "time":
        return f"把{target}变成{what}"
    worn = {"wearable": "戴上", "clothes": "穿上", "hair": "换上"}.get(value, "加上")
    return f"给{target}{worn}{what}"


_GROUNDS = ("背景", "天空", "照片", "画面", "前景", "后面")


def _whole(step: Step, target: str, where: str) -> str:
    """What is done to the whole photo or with what is in it."""
    match step.operation:
        case "upscale":
            return "变清晰"
        case "restore":
            return "修复照片"
        case "cutout":
            return f"抠出{target or '人物'}"
        case "collage":
            return COLLAGES.get(step.content or "", "拼成一张")
        case "extend":
            return f"往{where}扩图" if where else "扩图"
    return f"给{target}打码" if target else "打码"


def describe_plan(plan: Plan) -> str:
    """An order in a few words: its steps, or stickers."""
    return "，再".join(describe(step) for step in plan.steps) or "做表情包"


def did_you_mean(plan: Plan) -> str:
    """A sentence that may be an order or talk."""
    return f"要我{describe_plan(plan)}吗？要的话按「{MEANT}」或者回「好」，只是聊聊就不用管我。"


def describe_request(request: Request, name: str = "", method: str = "") -> str:
    """A job in a few words; ``name`` is the concept that is learnt, ``method`` the title of the method named."""
    match request:
        case EditRequest():
            options = [f"用{_spaced(method or request.method).rstrip()}"] if request.method else []
            options += [f"{request.count} 张供挑选"] if request.count > 1 else []
            options += [f"第 {request.place} 步，共 {request.total} 步"] if request.total > 1 else []
            return describe(request.step) + (f"（{'，'.join(options)}）" if options else "")
        case LearnRequest():
            return f"认识{name or '新朋友'}"
        case GenerateRequest():
            return f"画{request.content}"
    return "做表情包"


def done(request: Request, method: str = "") -> str:
    """The title of a result; ``method`` as in describe_request()."""
    if isinstance(request, StickerRequest):
        return "表情包做好了，点开可以下载。"
    what = describe_request(request, method=method)
    return ("画好了：" if isinstance(request, GenerateRequest) else "改好了：") + what


def doubtful(request: Request, doubt: str) -> str:
    """The title of a result that is not what was asked for, as far as can be seen."""
    what = describe_request(request)
    if doubt == "elsewhere":
        return f"「{what}」做了，但你点的地方没有变，可能改错了。可以撤销，点准一点再说一遍，或者换个方法试试。"
    return f"「{what}」做了，但几乎看不出变化。要不要再明显一点，或者换个方法试试？"


def dropped(count: int) -> str:
    """Later steps of the same sentence that were not begun."""
    return f"后面的 {count} 步也停下了。"


def cancelled(what: Sequence[str]) -> str:
    """Jobs taken back."""
    return "已取消：" + "；".join(what) + "。"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 1.5:
        return "1 秒"
    if seconds < 90:
        return f"{round(seconds)} 秒"
    return f"{round(seconds / 60)} 分钟"


def time_left(seconds: float | None) -> str:
    """How much longer."""
    return "时间还估不准" if seconds is None else "马上就好" if seconds < 1 else f"大约还要 {duration(seconds)}"


def status_line(what: str, place: int, progress: Progress | None, seconds: float | None) -> str:
    """One job's state for 还要多久."""
    return f"「{what}」{stage(place, progress, 0)}，{time_left(seconds)}。"


def stage(place: int, progress: Progress | None, asleep: float) -> str:
    """Where a job stands. ``place`` in the queue, 0 when it runs; ``asleep``: for how many seconds it has waited without
    any worker being heard of."""
    if place == 0:
        return (progress.stage if progress and progress.stage else "") or "正在准备"
    if asleep:
        return "画画的程序正在启动" if asleep < 60 else NO_WORKER
    return "马上轮到" if place == 1 else f"排在第 {place} 位"


# --- the terminal -----------------------------------------------------------------------------------------------------
YOU = "我："
CHAT_HINT = (
    "照片写文件名，例如：photo.png 把猫换成狗。按钮打序号或原文；@3 再明显一点，是接着说第 3 张图；说「退出」就走。"
)


def says(text: str) -> str:
    """What the bot says, in a terminal; further lines stand under the first."""
    return "合影：" + text.replace("\n", "\n      ")


# --- the command line -------------------------------------------------------------------------------------------------
STOPPED = "停下了。"
NO_SENTENCE = "要理解哪一句？例如：python -m bot parse --json 把猫换成狗"
NOT_WELL = "有地方不对，请照上面 ✗ 的说明处理。"
ALL_WELL = "都没问题。运行 make run，然后打开 http://127.0.0.1:7860"
WHICH_NUMBER = "选第几个"
SAY_CHOICE = "请加上 --choice 和序号再运行一次，例如 --choice 1。"
FORGET_WHOM = "要忘掉谁？写上名字，或者用 --all 删除全部数据。"
NO_SAMPLES = "bot/samples 里没有样例照片，演示不了，请重新取出仓库。"
STICKER, SHEET = "表情", "总览"


def open_page(host: str, port: int) -> str:
    """Where the chat is."""
    return f"合影开好了，用浏览器打开 http://{host}:{port} （按 Ctrl-C 停下）"


def not_jsonl(why: str) -> str:
    """A file that cannot be parsed line by line."""
    return f'文件里有一行读不懂（{why}）。每行要是 {{"text": 句子, "concepts": [名字], "photos": 张数}}。'


def written(path: str) -> str:
    """A file has been written."""
    return f"写好了：{path}"


def backed_up(path: str, count: int) -> str:
    """A backup has been written."""
    return f"备份好了：{path}，{count} 张图片。里面是所有人的数据，请像数据文件夹一样保管，不用了就删掉。"


def restored(folder: str, count: int) -> str:
    """A backup has been put back."""
    return f"恢复好了：{folder}，{count} 张图片。备份之后有人要求删除过数据的话，请再执行一次 forget。"


def made_by(job: int, when: str, owner: str) -> str:
    """Which job made a picture, for whoever runs the bot."""
    return f"任务 {job}，{when}，为 {owner} 做的。"


def understood(plan: Plan) -> str:
    """A plan for people to read."""
    return f"{plan.intent}：{describe_plan(plan)}" if plan.steps else plan.intent


def reference_count(name: str, have: int, least: int, most: int) -> str:
    """Too few or too many reference photos, all at once."""
    if have < least:
        return ask_references(name, have, least, most)
    return f"{have} 张太多了，反而学不准。请挑 {least}–{most} 张最清楚的再来一次。"


def step_of(number: int, total: int) -> str:
    """How far the demonstration is."""
    return f"第 {number} 步，共 {total} 步："


def four_stickers(name: str) -> str:
    """The last sentence of the demonstration."""
    return f"做4个{name}的表情，要有大笑、生气、哭和惊讶"


def demo_done(sheet: str, seconds: float) -> str:
    """The end of the demonstration."""
    return f"演示完了，用了 {duration(seconds)}，总览图：{sheet}"


# --- files and Telegram -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Command:
    """What a command of Telegram's menu stands for: ``alone`` is the sentence it says by itself, ``sentence`` the one
    with words after it, ``action`` a button that it presses instead."""

    title: str
    alone: str = ""
    sentence: str = "{}"
    action: str = ""
    in_groups: bool = True


COMMANDS = {
    "p": Command("改照片：回复一张照片，写 /p 把猫换成狗"),
    "undo": Command("撤销上一步", UNDO),
    "redo": Command("重做", REDO),
    "again": Command("再来一张", AGAIN),
    "cancel": Command("取消正在做的", CANCEL),
    "status": Command("还要多久", "还要多久"),
    "original": Command("把结果发成原图文件", action="original"),
    "stickers": Command("做一套表情包，例如 /stickers 年糕", "做一套表情包", "用{}做一套表情包"),
    "who": Command("我教过谁", CONCEPTS),
    "forget": Command("忘掉一个名字，例如 /forget 阿紫", "删除我的所有数据", "忘掉{}", in_groups=False),
    "export": Command("导出我的全部数据", action="export", in_groups=False),
    "help": Command("我会什么", HELP),
}
AS_FILE, ADD_PACK = "发原图文件", "加到我的 Telegram 贴纸"
BELOW_PICTURES = "上面这些："
ORIGINAL = "原图在这里，没有压缩过："
NO_RESULT_YET = "还没有做好的照片可以发原图。先发一张照片，再说想怎么改。"
ADDING_PACK = "好，放进你的贴纸里。"
NO_MOVING_STICKERS = (
    "会动的贴纸要装一个小组件才能加进 Telegram：请运行这个机器人的人执行 pip install 'heying[moving]'，装好后再点一次按钮。"
    "现在可以先用上面的 GIF，或者在表情工作台里换成静态的再加。"
)
EMPTY_PACK = "这套表情里一张也没有了。说「用谁做一套表情包」可以再做一套。"
ARCHIVE = "这是我这里关于你的全部数据：照片、教过的名字、消息和任务记录。想全部删除，就说「删除我的所有数据」。"
NOT_A_PHOTO = "我只看得懂照片。请发 JPG 或 PNG 图片；视频和动图可以截一张图发给我。"
MERGED_FORWARD = "合并转发里的照片，飞书不让机器人取。请把照片逐条转发给我。"
NOT_DOWNLOADED = "这张照片没收全，请再发一次。"
SHARED_ALREADY = "这是你自己教的名字，不用领。"
SHARE_GONE = "这个分享已经收回了，或者链接不完整。请对方再发一次链接。"
NO_TOKEN = "缺少 Telegram 机器人的令牌。向 @BotFather 要一个，再运行：HEYING_TELEGRAM__TOKEN=令牌 python -m bot up"
BAD_TOKEN = "HEYING_TELEGRAM__TOKEN 不像机器人的令牌，应该像 123456789:AAE… 那样。请从 @BotFather 那里整个复制。"
TELEGRAM_REACHED = "连得上，令牌有效。"


def about_file(name: str, sentence: str) -> str:
    """What is wrong with a file; ``name`` where it has one."""
    return f"「{name}」：{sentence}" if name else sentence


def archive_too_big(size: int, most: int) -> str:
    """Everything of a person, in a file that the platform does not carry."""
    return (
        f"你的全部数据有 {size / 1e6:.0f} MB，这里一个文件最多发 {most / 1e6:.0f} MB。"
        "请找开这个合影的人，用 python -m bot export 导出给你。"
    )


def pressed(label: str) -> str:
    """Said at once when a button is pressed."""
    return f"好的：{label}"


def file_too_big(megabytes: int) -> str:
    """A file larger than can be fetched."""
    return f"这个文件太大了，我最多收 {megabytes} MB。请直接作为照片发，或者缩小一些再发。"


def pack_added(title: str, count: int, link: str) -> str:
    """A sticker pack is in the platform's own collection now."""
    text = f"「{title}」加好了，有 {count} 张新的。" if count else f"「{title}」已经是最新的。"
    return f"{text}点开链接就能添加、发给朋友：\n{link}"


def pack_refused(why: str, bot: str) -> str:
    """Telegram does not take the pack."""
    if "PEER_ID_INVALID" in why or "user not found" in why.lower():
        return f"要先和我单独聊过一次才能添加。点开 https://t.me/{bot} 按「开始」，再点一次按钮。"
    return "Telegram 没有收下这套表情。过一会儿再点一次按钮；还不行就先作为贴纸单张发。"


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


def withdraw_this(name: str) -> str:
    """A button that takes a name back."""
    return f"收回「{name}」"


def shared_here(name: str, kind: str) -> str:
    """A name that somebody else has taught can be used here now."""
    return f"可以用「{name}」了。发一张照片，就能说「{idea_with(name, kind)}」。"


def under_way(what: str, place: int, progress: Progress | None, seconds: float | None, asleep: float) -> str:
    """One job's line in the message that tells how far the work is."""
    share = f"{round(100 * progress.done / progress.total)}%，" if place == 0 and progress and progress.total else ""
    return f"「{what}」{stage(place, progress, asleep)}，{share}{time_left(seconds)}"


def cancel_this(what: str) -> str:
    """A button that calls off one of several jobs."""
    return f"{CANCEL}「{what}」"


def telegram_library_missing(library: str, extra: str) -> str:
    """The library named in the settings is not installed."""
    return f"没有装 {library}。运行 pip install -e '.[{extra}]'，或者在 config.toml 的 [telegram] 里换一个 library。"


def telegram_unreachable(why: str) -> str:
    """The Bot API does not answer as it should."""
    return f"连不上 Telegram（{why}）。检查网络和 config.toml 里 [telegram] 的 api；令牌失效的话向 @BotFather 要新的。"
