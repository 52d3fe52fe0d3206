"""An order, a step, a job in a few words."""

import re
from dataclasses import replace

from bot.language.tokens import vocabulary
from bot.replies.names import ADJUSTMENTS, COLLAGES, COLORS, CROPS, POSITIONS, SIZES, STYLES, TURNS
from storage.plans import Plan, Step
from storage.requests import EditRequest, GenerateRequest, LearnRequest, Request


def of_photos(what: str, count: int) -> str:
    """An order for several photos."""
    return f"{what}（{count} 张）"


def spaced(word: str) -> str:
    """A word as it stands between Chinese characters: Latin ones with room about them."""
    return f" {word} " if word.isascii() else word


def short(words: str) -> str:
    """A user's words as they are quoted back."""
    return words if len(words) <= 16 else words[:15] + "…"


def yours(words: str) -> str:
    """The user's own 我 as we say it: 你."""
    return re.sub("我们|咱们|俺们", "你们", words).replace("我", "你").replace("俺", "你")


def describe(step: Step) -> str:
    """One step as a short Chinese phrase: 把左边的猫换成狗."""
    color = COLORS.get(step.color or "", "")
    named = yours(step.concept or step.content or "")
    what = (f"{color}的" if color and step.content else color) + named
    where = POSITIONS.get(step.position or "", "")
    thing = yours(step.target) if step.target else "它"
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


def describe_request(request: Request, name: str = "", method: str = "") -> str:
    """A job in a few words; ``name`` is the concept that is learnt, ``method`` the title of the method named."""
    match request:
        case EditRequest():
            options = [f"用{spaced(method or request.method).rstrip()}"] if request.method else []
            options += [f"{request.count} 张供挑选"] if request.count > 1 else []
            options += [f"第 {request.place} 步，共 {request.total} 步"] if request.total > 1 else []
            return describe(_chosen(request)) + (f"（{'，'.join(options)}）" if options else "")
        case LearnRequest():
            return f"认识{name or '新朋友'}"
        case GenerateRequest():
            return f"画{request.content}"
    return "做表情包"


PLACES_GO_TO = ("move", "insert", "text", "extend")  # of these a position says where to, not who


def _chosen(request: EditRequest) -> Step:
    """The step about whom the user chose when asked: 去掉最左边的男生 may have become 去掉左边第二个."""
    step, meant = request.step, request.referents.get("target")
    if not request.chosen:
        return step
    part = (step.target or "").rpartition("的")[2] if meant is not None and meant.part else ""
    target = f"{request.chosen}的{part}" if part else request.chosen
    return replace(step, target=target, position=step.position if step.operation in PLACES_GO_TO else None)


def understood(plan: Plan) -> str:
    """A plan for people to read."""
    return f"{plan.intent}：{describe_plan(plan)}" if plan.steps else plan.intent
