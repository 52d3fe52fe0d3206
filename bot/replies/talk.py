"""Small talk, help, and what is said of a sentence that is no order for a photo."""

from collections.abc import Sequence

from bot.replies.buttons import MEANT
from bot.replies.descriptions import describe_plan, describe_request
from bot.replies.names import EXAMPLES, OPERATIONS
from storage.plans import Plan
from storage.requests import Request

TITLE, SUBTITLE = "合影", "一句话改照片，全在这台电脑上"
WELCOME = (
    "你好，我是合影。发一张照片，再用一句话告诉我怎么改，例如「把猫换成狗」「背景换成海边」「改成水墨画」。\n"
    "也可以先教我认识一个人或一只宠物，再让我把 TA 加进合照。"
)
HELP_TEXT = (
    "发一张照片，再说一句话，我就照着改，例如：去掉后面的路人、背景换成海边、调亮一点、做一寸证件照。\n"
    "教我认识谁：发 3–5 张照片，说「这是阿紫，记住她」，以后就能把 TA 加进合照。\n"
    "改完可以说：再明显一点、淡一些、再来一张、换一种方法、撤销、原图给我看看；回复哪张图，就是说哪张。\n"
    "也可以问：还要多久、我教过谁；想删就说：忘掉阿紫、删除我的所有数据。"
)
EMPTY = "这句话是空的。发一张照片，再说说想怎么改，例如「把猫换成狗」。"
NOT_UNDERSTOOD = "这句我没看懂要怎么改，不敢乱动照片。可以这样说：「把猫换成狗」「背景换成海边」「去掉右边的球」。"
LEFT_ALONE = "好，那就不动它。想改的时候直接说，例如「把猫换成狗」。"
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
    "share": ("好呀！有照片想改就发过来。", "好呀！发之前还想改哪里，说一句就行。", "发吧，祝大家都喜欢！要没压缩的就点「发原图文件」。"),
    "keep": ("好，那些都不动。发照片来，说说想改哪里。", "好，那些都不动。想改的地方说一句就行。", "好，那些都不动。要是不小心动了，说「撤销」就退回去。"),
    "memory": ("真好！那时候的照片要是想修一修，发来说一句就行。", "这张有故事，值得好好留着。想修哪里就说，例如「调亮一点」「去掉后面的人」。", "这张有故事，值得好好留着。还想给它改点什么？"),
    "news": ("恭喜恭喜！要给这件喜事做张好照片，发来说一句就行。", "恭喜恭喜！要把这张修得更喜庆一点吗？例如「写上：恭喜」「调亮一点」。", "恭喜恭喜！这张还想添点喜气吗？例如「写上：恭喜」。"),
    "face": ("嗯嗯，有照片想改就发过来。", "嗯嗯，这张想怎么改？说一句话就行。", "嗯嗯，还想改哪里就说。"),
}  # fmt: skip
COMPLAINT_WITHOUT_PHOTO = "抱歉，让你不满意了。是哪张照片？回复那张图，说说哪里不对，我来改。"
COMPLAINT_WITHOUT_RESULT = "抱歉，这张我还没动过。哪里不满意，直接说想怎么改就行，例如「调亮一点」「去掉后面的人」。"
ABLE = {
    "stickers": "会。发一张照片说「做一套表情包」，或者先教我认识谁，再说「用年糕做一套表情包」。",
    "generate": "会。说「画一只在草地上的兔子」就行。",
    "learn": "会。发 3–5 张清楚的照片，说「这是阿紫，记住她」。",
}
BROKEN = "我这边出了点问题，这句没办成。请再说一次；要是还不行，就换张照片或换个说法。"
BUTTON_TOO_OLD = "这个按钮过期了，请直接说想怎么改。"


def able(operation: str, wish: str) -> str:
    """Yes to a question whether something can be done."""
    return f"会{OPERATIONS[operation]}。发一张照片，再说一句就行，例如「{EXAMPLES[operation]}」。"


def can_do(wish: str, operations: Sequence[str]) -> str:
    """What can be done, when asked for something that we have no word for."""
    names = "、".join(OPERATIONS[one] for one in operations[:8])
    about = f"「{wish}」我还不会。" if 1 < len(wish) <= 12 else ""
    return f"{about}我只改照片：{names}都行。发一张照片，说一句话就开始。"


def listening(request: Request | None) -> str:
    """Talk that nobody expects us to act on."""
    if request is not None:
        return (
            f"嗯，听着呢。这张现在是「{describe_request(request)}」之后的样子，还想改哪里就说；要退回去就说「撤销」。"
        )
    return "嗯，听着呢。这张照片我留着，想改哪里直接说，例如「去掉后面的人」「调亮一点」。"


def kept(thing: str, request: Request | None) -> str:
    """Something is to stay as it is."""
    if request is None:
        return f"好，{thing}不动。想改别的哪里，说一句就行。"
    return (
        f"好，{thing}不动。这张现在是「{describe_request(request)}」之后的样子；要是{thing}也变了，说「撤销」就退回去。"
    )


def small_talk(kind: str, photo: bool, result: bool) -> str:
    """The answer to small talk."""
    return SMALL_TALK[kind][2 if result else 1 if photo else 0]


def sorry(request: Request) -> str:
    """An apology for a result."""
    return f"抱歉，「{describe_request(request)}」没改好。哪里不对，说一句我就改；或者点下面的。"


def did_you_mean(plan: Plan) -> str:
    """A sentence that may be an order or talk."""
    return f"要我{describe_plan(plan)}吗？要的话按「{MEANT}」或者回「好」，只是聊聊就不用管我。"


def pressed(label: str) -> str:
    """Said at once when a button is pressed."""
    return f"好的：{label}"
