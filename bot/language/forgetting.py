"""把小明忘掉, 删除我的所有数据 → forget: whom, or everything."""

import re

from bot.language.parts import ORDERS
from bot.language.tokens import tokens, vocabulary
from storage.plans import Plan

_DATA = "(?:资料|数据|记录|信息|模型|角色|概念|档案|照片|记忆|图片|内容|东西|特征|这个角色|这个人物|这个人|这个概念|这个名字|这个画风|和|跟|、)+"
_GONE = "(?:忘记|忘掉|忘了|忘|删除|删掉|删光|删了|删|清除|清空|清掉|清|抹掉|抹去|移除|注销|销毁|去掉|洗掉|格式化)(?:掉|了|光|空|除|干净)?"
_ALL = "(?:我|我的|我们的|所有|全部|所有的|全部的|一切|所有人|大家|我教过你的|我教你的|教过你的|教过的|学过的|记住的|每个人|都|全|统统|你记住的|之前教的|存的|保存的|你学过的|教你的|的|人|角色|名字|人物|个人|上传的|上传|上传过的|发过的|发的|教过|教过你)+"
_FORGET = tuple(
    re.compile(pattern)
    for pattern in (
        f"(?:把|将)?(?P<name>.+?)(?:的)?(?:所有|全部|一切)?(?:的)?{_DATA}(?:都|全|给|全部|统统|也|帮我|给我)*{_GONE}",
        f"(?:帮我|请|麻烦)?{_GONE}(?P<name>.+?)(?:的)?(?:所有|全部|一切)?(?:的)?{_DATA}",
        f"(?:把|将)?{_GONE}(?:角色|人物|概念|画风|名字|宠物)(?P<taught>.+)",
        "(?P<taught>.+?)这个(?:角色|人物|概念|画风|名字)(?:就|可以|也)?(?:不要|不需要|删|忘|清|不用).*",
        f"(?:把|将)?{_GONE}?(?:角色|人物|概念|画风|名字|宠物)(?P<taught>.+?){_GONE}?",
        f"(?:把|将)?(?P<all>(?:关于|有关)?我的?(?:一切|所有|全部|全部资料|所有东西|所有信息))(?:都|全|给|全部)*{_GONE}",
        "(?:把|将)(?P<taught>.+?)从(?:你的?)?(?:记忆|名单|资料库|数据库|角色|列表|脑子)(?:里|中|里面)?(?:删|移|忘|清|去|抹).*",
        "(?:把|将)(?P<known>.+?)(?:给|都|全|全部|也)*(?:忘记|忘掉|忘了|忘)(?:掉|了|光)?",
        "(?:忘记|忘掉|忘了|忘)(?:掉|了)?(?P<taught>.+)",
        "(?:别|不要|不好|不用|不必|不该|不使|不准|不需要)(?:再|继续)*(?:记得|记住|记着|认得|记|认)(?P<taught>.+?)",
        "(?P<taught>.+?)(?:可以|就|已经)*(?:不用|不要|别|不需要|不必)(?:再)?(?:记得|记住|记着|记)",
        f"(?P<all>(?=.*(?:所有|全|都|一切|教|统统|每)){_ALL})(?:都|全|给|全部|统统)*(?:忘记|忘掉|忘了|忘|清空|删光)(?:掉|了|光)?",
        "(?:清空|清除|抹掉|删除|删掉|忘掉)(?:掉)?你?(?:记住|学过|学会|存|保存|教过|记得)(?:了|过)?的?(?P<all>(?:所有|全部|一切)(?:的)?(?:东西|内容|人|资料|角色)?)",
        "(?:清空|清除|抹掉|格式化)(?:你的)?(?P<all>记忆|所有|全部|一切)|(?P<gone>注销|我要注销|我要销号|注销账号|注销账户|删号|销户|清空数据|清除数据|删除数据|删光数据|清空记忆|全忘了吧|全部忘掉|都忘掉|都忘了吧|忘掉一切|删除所有数据|全部删除|一键清空)",
    )
)  # fmt: skip
_TAIL = re.compile("(?:喇|吧|了|啊|呀|啦|谢谢|好吗|可以吗|呗|嘛|哦|喔|,|。|!|！|~|掉吧|行吗|好不好|唔该|不该| )+$")
_HEAD = re.compile("^(?:请|麻烦|帮我|可以|能不能|我想|我要|你|给我|能|那|就| )+")


def forget(text: str, line: str, names: dict[str, str]) -> Plan | None:
    """把小明忘掉, 删除我的所有数据. ``line`` is the folded text, ``names`` folded → taught."""
    for clause in re.split(r"[,，。;；!！?？\n]|[^\w\s「」『』“”\"·.-]+", line):
        core = _HEAD.sub("", _TAIL.sub("", clause.strip()))
        if not core or len(core) > 30:
            continue
        for pattern in _FORGET:
            match = pattern.fullmatch(core)
            if match is None:
                continue
            groups = {key: value for key, value in match.groupdict().items() if value is not None}
            if "all" in groups or "gone" in groups:
                return Plan("forget")
            name = next(iter(groups.values()), "")
            bare = re.sub(
                "^(?:我的|我家的?|我教的|那个|这个|关于)|(?:这个人|这个角色|这个人物|这只猫|这只狗|的|这个名字)$",
                "",
                name,
            )
            if bare in names:
                return Plan("forget", name=names[bare])
            if re.fullmatch(_ALL, name):
                return Plan("forget")
            if bare in ("他", "她", "它") and len(said_names := {n for n in names if n in line}) == 1:
                return Plan("forget", name=names[said_names.pop()])
            if (
                "taught" in groups
                and _strange(bare)
                and re.match("(?:帮我|请|把|将)?(?:忘掉|忘记|删除角色|删掉角色)", core)
            ):
                start = line.find(bare)
                return Plan(
                    "forget", name=text[start : start + len(bare)]
                )  # the bot will say that it knows no such name
            if (
                ("known" in groups or ("name" in groups and "忘" in core))
                and 1 < len(bare) <= 5
                and bare[0] not in "我这那"
            ):
                start = line.find(bare)
                return Plan("forget", name=text[start : start + len(bare)])
    return None


def _strange(word: str) -> bool:
    """Whether a word can only be a name: 阿紫, but not 密码 or 过去."""
    if not word:
        return False  # 忘那个
    known = vocabulary()
    named = 1 < len(word) <= 4 and not set(word) & set("的了我你他她它这那不")
    if known.parts.get(word[0], ("", ""))[0] in (*ORDERS, "VETO", "TUNE", "STAND"):
        return False  # 忘记带伞
    if any(token.part == "NOUN" for token in tokens(word)[1:]):
        return False  # 忘记摘眼镜
    return named and (word[0] in "阿小" or not known.frequencies.get(word)) and word not in known.parts
