"""What is said of pictures: done, doubted, chosen, undone, shown again; several photos with one sentence."""

from collections.abc import Mapping, Sequence

from bot.replies.descriptions import describe_request
from storage.requests import EditRequest, GenerateRequest, Request, StickerRequest

NOTHING_TO_SHOW = "还没有照片可以看。先发一张照片，再说想怎么改。"
NOTHING_TO_COMPARE = "这张还没改过，没法对比。先说想怎么改。"
COMPARED = "左边是原图，右边是现在这张："
NOTHING_TO_UNDO_YET = "还没有照片可以撤销。先发一张照片，再说想怎么改。"
NOTHING_TO_UNDO = "已经是你发来的原图了，没有可以撤销的。"
NOT_YOURS_TO_UNDO = "这张是别人让我改的，只有 TA 自己能撤销。想接着改它，就回复它说怎么改。"
CHOOSE_ONE = "喜欢哪一张？点一下，或者说「第二张」，我就接着改那一张。"
NOTHING_TO_REDO = "没有可以重做的。"
NOTHING_TO_REPEAT = "还没改过照片。先发一张照片，再说想怎么改。"
NOTHING_TO_REPEAT_YET = "这张照片还没改过。先说想怎么改，改好以后再说要明显一点、淡一些，还是再来一张。"
STRONGEST = "已经最明显了。换个说法试试，例如「完全变成红色」。"
WEAKEST = "已经最淡了。不想要这一步就说「撤销」。"
UNDONE = "退回来了，现在说的是这一张："
REDONE = "恢复了，现在说的是这一张："


def gone_to(request: Request | None) -> str:
    """A picture of the history is under discussion again; ``request`` made it."""
    return (
        f"回到「{describe_request(request)}」这一步，接着改的是这一张："
        if request
        else "回到原图了，接着改的是这一张："
    )


CALLED_OFF, TO_BE_ASKED, NOT_YET = (
    "按你说的取消了",
    "要先问你一句，点它或者说它的号就问",
    "这一张还没做好，做好了一起发给你。",
)
WHICH_OF_BATCH = "是说哪一张？点一张，或者说「第 3 张再明显一点」这样就行；都要改就直接说怎么改，加上「都」字。"


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


def done(request: Request, method: str = "") -> str:
    """The title of a result; ``method`` as in describe_request()."""
    if isinstance(request, StickerRequest):
        return "表情包做好了，点开可以下载。"
    what = describe_request(request, method=method)
    return ("画好了：" if isinstance(request, GenerateRequest) else "改好了：") + what


def alone(request: Request) -> str:
    """Several pictures were asked for, and one came."""
    return f"「{describe_request(request)}」每次做出来都一样，所以只有这一张。"


def no_strength(request: Request) -> str:
    """More or less was asked of what has no strength."""
    return f"「{describe_request(request)}」没有轻重可以调。想要不一样的，就说具体一点再改一次。"


def no_other(request: Request, readings: int) -> str:
    """Another picture was asked for, and all that there are have been shown."""
    what = describe_request(request)
    if readings == 1:
        return f"「{what}」每次做出来都是这一张，没有别的可选。想要不一样的，就换个说法再说一遍。"
    return f"「{what}」能给的几种都给你看过了。在里面点一张，或者说「再明显一点」「淡一些」。"


def doubtful(request: Request, doubt: str) -> str:
    """The title of a result that is not what was asked for, as far as can be seen."""
    what = describe_request(request)
    if doubt == "elsewhere":
        return f"「{what}」做了，但你点的地方没有变，可能改错了。可以撤销，点准一点再说一遍，或者换一种方法。"
    if doubt == "taken":
        return f"「{what}」做了，但空出来的地方没有补干净，还像站着谁。可以撤销，再来一张，或者换一张站得开一些的照片。"
    if doubt == "no more":
        most = "最淡" if isinstance(request, EditRequest) and request.amount < 1 else "最明显"
        return f"「{what}」{most}也就是这样了：又做了一遍，和上一张几乎一样。想要别的效果，就换个说法说具体一点。"
    return f"「{what}」做了，但几乎看不出变化。要不要再明显一点，或者换一种方法？"
