"""What stands on buttons, and the sentences that are offered to try."""

from bot.replies.descriptions import spaced

LARGER, SMALLER = "大一点", "小一点"
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
MEANT, NOT_MEANT = "要", "不用"
GO_ON_WITH_THIS = "接着改这张"
ANOTHER_WAY = "换一种方法"


def try_method(title: str) -> str:
    """A button: the last edit by another method."""
    return f"用{spaced(title)}试试"


ALLOW, DISALLOW = "同意", "不同意"  # of one's own avatar
UNMARK, STAY_MARKED = "同意，去掉字样", "不同意，留着"
MY_SETTINGS, UNSEND = "我的设置", "以后先问我"


def photo_number(index: int) -> str:
    """A button for one of several photos."""
    return f"第 {index + 1} 张"


def idea_with(name: str, kind: str) -> str:
    """What to try with who, or with the style that, has just been learnt."""
    return f"改成{name}的画风" if kind == "style" else f"把{name}加到左边"


def four_stickers(name: str) -> str:
    """The last sentence of the demonstration."""
    return f"做4个{name}的表情，要有大笑、生气、哭和惊讶"


def withdraw_this(name: str) -> str:
    """A button that takes a name back."""
    return f"收回「{name}」"


def cancel_this(what: str) -> str:
    """A button that calls off one of several jobs."""
    return f"{CANCEL}「{what}」"
