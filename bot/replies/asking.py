"""Which photo, which thing, what is missing; what cannot be done, and what comes nearest."""

from collections.abc import Sequence

from bot.replies.buttons import HELP
from bot.replies.descriptions import short, yours
from bot.replies.names import EXAMPLES, OPERATIONS
from bot.replies.progress import time_left
from storage.plans import Step

COLLAGE_OF_ONE = "拼图要两张以上的照片，一起发过来就行。"
CANNOT_MAKE = {
    "generate": "我还不会凭空画画，只会改照片。发一张照片过来，再说想怎么改。",
    "stickers": "我还不会做表情包，可以先让我改照片。",
}
QUESTION_DROPPED = "好，不弄了。想改的时候再说。"


def no_such_method(name: str, titles: Sequence[str]) -> str:
    """A method that no worker has, or another one without a name; ``titles`` are those that can do the last edit."""
    known = "、".join(titles) or "还没有"
    return f"我这里没有叫「{name}」的方法，能用的有：{known}。" if name else f"能换着用的方法有：{known}。"


def only_method(title: str) -> str:
    """Another method is wanted, and there is none."""
    return f"这一步在这里只有「{title}」一种做法，没有别的方法可换。可以多做几张挑一张，或者换个说法再试。"


def method_cannot(title: str, operation: str, able: Sequence[str]) -> str:
    """The method that was named does not do what is asked."""
    others = f"，可以换成：{'、'.join(able)}" if able else ""
    return f"「{title}」不会{OPERATIONS[operation]}{others}。不指定方法的话，我会自己挑合适的。"


def photos_arrived(count: int) -> str:
    """``count`` photos without a word about them."""
    if count == 1:
        return "收到照片。想怎么改？说一句话就行。"
    return f"收到 {count} 张照片。要改其中一张，就说想怎么改；要我认识照片里的谁，就说「这是阿紫，记住她」。"


def photo_and_talk(words: str) -> str:
    """A photo, and words beside it that order nothing."""
    return f"照片收到。「{short(words)}」里没听出要改哪里，我只会改照片。想怎么改，说一句话就行，例如「调亮一点」「去掉后面的人」。"


def need_photo(what: str) -> str:
    """An order without a photo."""
    return f"好，{what}。要改哪张照片？发过来就行。"


def which_photo(count: int) -> str:
    """An order about one of several photos."""
    return f"这里有 {count} 张照片，要改哪一张？"


def which_thing(count: int) -> str:
    """The worker found several things that may be meant."""
    return f"照片里有 {count} 个都对得上，你说的是哪一个？"


def whose_stickers(count: int) -> str:
    """Several people are in the photo that stickers shall be made of."""
    return f"照片里有 {count} 个人，给谁做表情包？点一个就行。"


THIS_PERSON = "这个人"


def which_scene(name: str, count: int) -> str:
    """Photos of somebody unknown (perhaps without a name) came together with the one that they shall come into."""
    if not name:
        return f"这 {count} 张里，哪一张是要把人加进去的？点一下，其余的我用来认{THIS_PERSON}。"
    return f"我还不认识{name}。这 {count} 张里，哪一张是要把{name}加进去的？点一下，其余的我用来认{name}。"


def unknown_name(name: str) -> str:
    """Somebody shall come in who has not been taught."""
    return f"我还不认识{name}，这张照片先留着。发 3–5 张{name}的照片，我学会了马上照你说的改；也可以先改别的。"


def still_learning(name: str, seconds: float | None) -> str:
    """A concept is needed that is being learnt."""
    return f"我还在学{name}，{time_left(seconds)}。学会了会告诉你，到时再说一遍就行。"


def not_learnt(name: str) -> str:
    """A concept is needed that could not be learnt."""
    return f"上次没学会{name}。请重新发 3–5 张清楚的照片，说「这是{name}，记住」。"


NOBODY_THERE = "照片里没有看到人。想改哪里，请在照片上点一下，或者换一张照片。"


def not_so_many(count: int, meant: str) -> str:
    """The fifth of three people."""
    return f"照片里只看到 {count} 个人，没有{meant}。换个说法，或者在照片上点一下。"


def cannot_yet(operation: str, near: str | None = None) -> str:
    """An operation that no worker offers, and the nearest that one does."""
    other = (
        f"能做的里最接近的是{OPERATIONS[near]}，例如「{EXAMPLES[near]}」。"
        if near
        else f"现在会的，说「{HELP}」就能看到。"
    )
    return f"我还不会{OPERATIONS[operation]}。{other}"


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


def ask_missing(step: Step, slot: str) -> tuple[str, tuple[str, ...]]:
    """What an order lacks, and answers to try."""
    about = yours(step.target or "")
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
