"""How far the work is, what waits, what was called off."""

import math
from collections.abc import Sequence

from storage.requests import Progress

STARTING = "画画的程序正在启动…"
NO_WORKER = "画画的程序起不来。请运行 python -m bot doctor 看看缺了什么。"
NOTHING_TO_CANCEL = "现在没有正在做的任务，不用取消。"
CANCELLED_ALREADY = "这个任务已经结束了，不用取消。"
NOTHING_UNDER_WAY = "现在没有正在做的任务。发一张照片，再说想怎么改。"


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
    """How much longer; infinitely: than was to be expected."""
    if seconds is None:
        return "时间还估不准"
    if seconds == math.inf:
        return "比平时慢，再等等"
    return "马上就好" if seconds < 1 else f"大约还要 {duration(seconds)}"


def status_line(what: str, place: int, progress: Progress | None, seconds: float | None) -> str:
    """One job's state for 还要多久."""
    return f"「{what}」{stage(place, progress, '')}，{time_left(seconds)}。"


def stage(place: int, progress: Progress | None, waking: str) -> str:
    """Where a job stands. ``place`` in the queue, 0 when it runs; ``waking``: its worker is "starting",
    or "lost" (it cannot start); "" when one is there."""
    if place == 0:
        return (progress.stage if progress and progress.stage else "") or "正在准备"
    if waking:
        return NO_WORKER if waking == "lost" else STARTING
    return "马上轮到" if place == 1 else f"排在第 {place} 位"


def under_way(what: str, place: int, progress: Progress | None, seconds: float | None, waking: str) -> str:
    """One job's line in the message that tells how far the work is."""
    share = f"{round(100 * progress.done / progress.total)}%，" if place == 0 and progress and progress.total else ""
    return f"「{what}」{stage(place, progress, waking)}，{share}{time_left(seconds)}"
