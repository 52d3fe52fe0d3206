"""Small talk: what is said back when a whole clause is nothing but thanks, praise, a greeting, a sigh.

Clauses are matched whole: 一点都不好看 is no praise, 谢谢参观 no thanks.
"""

import re
from collections.abc import Sequence

from bot.language.tokens import fold

_EDGE = "[啊呀呢哈啦嘛哦喔噢吧了呐哇诶欸嘿~～!！。.…,，、\\s]*"
_YOU = "(?:你|您|大佬|亲|宝|师傅|合影|影影|小影|哥|姐|老板|机器人)?"
# kind, what the clause says
SAYINGS: tuple[tuple[str, str], ...] = (
    ("thanks", f"(?:太|真是?|好|非常|十分|万分|先)?(?:谢谢|谢啦|谢了|谢|多谢|感谢|感恩|辛苦|3q|thanks?|thx|thank you|不该(?=晒)|麻烦)(?:{_YOU}(?:啦|了|你|您|晒|呀)?)*(?:帮忙|帮我)?"),
    ("enough", "(?:这次|这回|这下|现在|终于|总算|才|这就|那就)*(?:刚刚好|刚好|正好|正合适|就这样|就这个|就它了|可以了|行了|够了|好了|不用改了|不用动了|不用再改了?|这张不用改|不改了|没问题|妥了?|ok了?|okk?|okay|完美|就要这个|定了)(?:吧|啊|了|谢谢|挺好)*"),
    ("nod", "(?:嗯+|哦+|噢+|喔+|好|好的|好滴|好哒|好嘞|收到|明白|知道了?|了解|懂了?|行|可以|是|是的|对|对的|没错|ok|okk|okay|en|yes|1)+(?:呢|啊|呀|吧|的|啦)*"),
    ("praise", "(?:哇塞?|嗯+|啊|哈哈+|这|这张|这个|这效果|效果|改得|真的|也|还|就|我)*(?:很|真|太|好|超|非常|挺|蛮|最|特别|可|还|这么|更)*(?:好看|漂亮|靓|正|好正|棒|赞|牛|牛逼|厉害|绝|绝了|完美|满意|喜欢|不错|可以|到位|自然|惊艳|帅|美|神|强|爱了|好|可爱|像|逼真|高级)+(?:的|极了|死了|多了|得很|啊|呀|哭了|爆了)*(?:啊|呀|了)*"),
    ("praise", "(?:对|就|嗯|没错)*就是(?:这|那|我要的这)(?:个|种|股)?(?:色|颜色|味|味道|味儿|感觉|效果|样子)(?:啊|呀|了)*"),
    ("share", "(?:那)?(?:我们?|咱)?(?:要|得|赶紧|马上|这就|去|先|想)*(?:拿去|去)?(?:发|晒|转)(?:到|给|去)?(?:我|我们|咱|家|家族|公司|同学|姐妹|朋友|班级|老|大)*(?:群里?|朋友圈|圈|爸|妈|爸妈|婆|公|姐妹|闺蜜|他们?|她们?|大家)(?:里|去|看|看看|显摆|啦|了|嘚瑟|炫耀)*"),
    ("greeting", f"(?:你好|您好|哈喽|哈罗|hello|hi|嗨|在吗|在么|在不|在不在|有人吗|早|早上好|早安|中午好|下午好|晚上好|哈啰|大家好){_YOU}(?:啊|呀|呢)?"),
    ("bye", "(?:晚安|再见|拜拜?|回见|bye|88|下次见|明天见|睡了|先睡了|去睡了|下线了|撤了|溜了)"),
    ("laugh", "(?:哈|h|嘿|嘻|233|2{1,}3{1,}|hh|lol|呵|噗|xd|wwww?|笑死(?:我|人)?|笑哭|太搞笑|笑喷|乐死|hhhh*|awsl|草|绝|🤣|😂)+(?:了|我了|哈|h|啊|嘿)*"),
    ("sorry", "(?:不好意思|抱歉|对不起|sorry|打扰|发错群?|发错|搞错|手滑|点错|当我没说|没事)(?:了|啦|啊|哈|一下)*"),
    ("wait", "(?:等(?:一?下|会儿?|等|我)|稍等|我(?:先)?想想|让我想想|先别急|等我(?:找|翻|选|挑).{0,8}|马上(?:发|来)?|我找找|我看看|在选|(?:明天|回头|晚点|待会儿?|等会儿?|有空|下次|以后|过会儿?|晚上)再(?:弄|说|改|来|看|搞|发|聊))(?:啊|呀|哈|再说|吧)*"),
    ("kin", "(?:第.{1,3}个?人?|这|那|她|他|它|左边|右边|中间|照片里|图里|前面|后面)(?:个|位|张|只|就|的)*(?:是|就是)(?:我|我们|咱)?(?:家|的)?(?P<who>[^,，。!！?？的]{1,6})(?:的?(?:小时候|时候|照片)|三岁的时候|啊|呀|呢|哦|小时候|,|的照片|今年.*|叫.*)*"),
    ("enough", "(?:我)?(?:觉得|感觉|看)?(?:这样|这张|已经|就|还)*(?:挺|很|蛮|够)*(?:好|不错|可以|满意)?的?(?:了)?(?:就)?(?:不用|别|不要|不必)(?:再)?(?:动|改|弄|修|p)(?:了|它)*"),
    ("praise", "(?:p|改|修|做|弄|画|换|拍)得.{0,4}(?:好|真|像真的(?:一样)?|自然|棒|绝|不错|漂亮|可以|神|像)(?:啊|呀|哎|的|了|诶)*"),
    ("sad", ".{0,4}(?:好累|累死|好难过|难受|想哭|心累|好烦|烦死|失恋|emo|压力大|不开心|好困|好难|无语|郁闷|崩溃).{0,4}"),
    ("wish", "(?:祝.{0,8})?(?:生日|新年|节日|中秋|国庆|元旦|圣诞|毕业|新婚|端午|情人节|儿童节)快乐|周末愉快|恭喜(?:发财|恭喜)?|新年好|过年好"),
    ("love", f"(?:我|好|超)?(?:爱|喜欢|稀罕)(?:死)?{_YOU}(?:了|哟|呀)*|么么哒?|muah?|抱抱|mua|比心|笔芯"),
)  # fmt: skip
_SAYINGS = tuple((kind, re.compile(f"{pattern}{_EDGE}")) for kind, pattern in SAYINGS)


def kinds(text: str) -> tuple[str, ...]:
    """The kinds of small talk of which a message's clauses are; () when one of them is something else."""
    parts = [part for part in re.split("[,，。.!！?？;；\\s\\n]+", _plain(text)) if part]
    if not parts:
        return ("face",) if text.strip() else ()
    found = [_kind(part) for part in parts]
    return tuple(dict.fromkeys(kind for kind in found if kind)) if all(found) else ()


def among(text: str) -> tuple[str, ...]:
    """The kinds of small talk that stand among a message's clauses: 太谢谢了，全家都笑了."""
    found = [_kind(part) for part in re.split("[,，。.!！?？;；\\s\\n]+", _plain(text)) if part]
    return tuple(dict.fromkeys(kind for kind in found if kind))


def _kind(part: str) -> str | None:
    return next((kind for kind, pattern in _SAYINGS if pattern.fullmatch(part)), None)


def _plain(text: str) -> str:
    """Without emoji and the like."""
    return re.sub("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d~～^_…()（）]+", " ", fold(text))


def first(found: Sequence[str]) -> str | None:
    """The kind that is answered: thanks before praise, anything before a nod."""
    order = (
        "thanks",
        "enough",
        "praise",
        "share",
        "greeting",
        "bye",
        "wish",
        "love",
        "sad",
        "kin",
        "sorry",
        "wait",
        "laugh",
        "nod",
        "face",
    )
    return next((kind for kind in order if kind in found), None)
