"""Sentences that lean on the last edit: 另一只也换, 不要红的要绿的, 不对我说的是雪地; and answers to what was missing."""

import re
from dataclasses import replace
from typing import Any

from bot import confirmation, history, orders, parser, replies, small_talk
from bot.language import phrases, referents, showing
from bot.language.parts import DOING
from bot.language.retouching import retouched
from bot.language.senses import understand
from bot.language.tokens import Token, fold, tokens
from bot.language.weighing import missing
from bot.platforms import Button
from bot.turn import Turn
from storage import chats, jobs
from storage.jobs import EditRequest
from storage.plans import Plan, Step

_OPENER = (
    "(?:等等|等下|等一下|不对|不是|错了|弄错了|搞错了|你?理解错了|哎呀?|诶|啊|不|no|额|咦|我去|那个)[,，、。!！\\s]*"
)
_CORRECTED = (
    re.compile(
        rf"(?:{_OPENER})*(?:我)?不(?:要|是)(?P<x>[^,，]{{1,8}}?)(?:的|啊|呀)?[,，、\s]*(?:我)?(?:要的?是?|是|换成|改成)(?P<y>[^,，]{{1,10}})"
    ),
    re.compile(
        rf"(?:{_OPENER})*(?:我说的是|我是说|说的是|我要的是|要的是|应该是|我指的是|指的是|我想要的是|我意思是)(?P<y>[^,，]{{1,12}})"
    ),
    re.compile(rf"(?:{_OPENER})+(?:要|换成|改成|是)(?P<y>[^,，]{{1,10}})"),
    re.compile(
        r"(?:那就|那|就|要不|还是|要不就|算了还是)+(?:要|用|换成?|改成?|来)?(?P<y>[^,，]{1,8}?)(?:吧|好了|呗|得了|更好|好看)+"
    ),
    re.compile(r"(?:我)?(?:想)?要(?P<y>[^,，]{1,10})"),
    re.compile(rf"(?:{_OPENER})*(?:我)?不要(?P<x>[^,，]{{1,8}}?)了?[,，、\s]+(?P<y>[^,，]{{1,8}}?)(?:吧|呗|好了)"),
)
_ALSO = re.compile(
    r"(?:把|给|让|那)?(?P<what>[^,，?？]{1,8}?)(?:呢?[?？]|呢|都)?也(?:都|得|帮我|给我)?(?P<how>要|换|改|来|弄|变|染|去|删|p|戴|穿|一样|同样|这样|那样|给|做|照样|加|配|虚|糊|打|调|遮|抠|移|搞|整).{0,5}"
)
_ACTUALLY = re.compile(
    "(?:[^,，是]{0,4}说)?(?P<x>[^,，是]{1,8}?)(?:其实|本来|原来|明明|应该|当时|以前|才)*是(?P<y>[^,，不是]{1,5}?)[的色]*[,，、 ]*(?:而)?不是[^,，]{1,6}.{0,8}"
)
_KEEP = re.compile(
    "(?:把|让|那|就|但|不过)?(?P<x>[^,，]{1,8}?)(?:就|都|先|还是|千万|一定|可)*(?:(?:别|不要|不用|甭|不必)(?:再|给我)?(?:动|改|碰|变|换|去|删|弄|p|管|修|搞)(?:了|它|他|她)*|留着|保留|留住|要留|照旧)(?:就行|就好|哦|啊|呀|哈|吧|嘛|噢)*"
)
_BESIDES = re.compile(
    "还有(?P<what>[^,，]{1,10}?)(?:呢|啊|呀|吧)?|(?P<too>[^,，]{1,10}?)也(?:是|算)(?P<same>[^,，]{1,6})"
)
_TAIL = re.compile("(?:那个|的那个|那只|那张|的|吧|啊|呀|呢|哦|啦|了|才对|嘛|谢谢|[!！。~～\\s])+$")
_ANOTHER = re.compile("另外?(?:一|那)?(?:个|只|条|位|辆|件|边|张)?|其他(?:的|几)?.?|剩下的?|别的")
_FILLED = re.compile(
    "^(?:就|那就?|换成?|改成?|变成?|要|用|来个?|弄成?|成|去|加|写上?|选|想要|我要|我想要|给我|嗯+|好|搞个|整个|一?个|一?条|一?件|[,，\\s])+"
)


_TOO = re.compile(
    "(?P<t>.*?)(?:看起来|看着|感觉|好像|是不是|现在|这张|怎么)*(?:还是|还|又|也)?(?:有点儿?|有些|太|过于|好|偏|稍微?)+(?:太|偏|过)?(?P<how>亮|曝|暗|黑|暖|黄|冷|蓝|艳|鲜艳|灰|淡|糊|模糊)(?:了|吧|啊|呀|哦|诶|点|些|一点)*"
)
_MORE_OF = {  # what there is too much of
    "亮": "brighter", "曝": "brighter", "暗": "darker", "黑": "darker", "暖": "warmer", "黄": "warmer", "冷": "cooler", "蓝": "cooler",
    "艳": "vivid", "鲜艳": "vivid", "灰": "muted", "淡": "muted",
}  # fmt: skip
_AGAINST = {"brighter": "darker", "warmer": "cooler", "vivid": "muted"}
_AGAINST |= {less: more for more, less in _AGAINST.items()}


def overdone(turn: Turn, text: str, asked: dict[str, Any]) -> bool:
    """太亮了: less of the last edit if it made it so, more of it if it was to do the opposite; else we ask whether to."""
    found = _TOO.fullmatch(re.sub("[\\s,，。.!！~～]+", "", text))
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if found is None or (here is None and not turn.incoming.photos):
        return False
    much = _MORE_OF.get(found["how"])
    made = here.request if here is not None and not turn.incoming.photos else None
    last = made.step if isinstance(made, EditRequest) else None
    if much and last is not None and last.operation == "adjust" and last.content in (much, _AGAINST[much]):
        history.again(turn, Plan("weaker" if last.content == much else "stronger"), asked)
        return True
    named = phrases.thing(tokens(found["t"]), found["t"]) if found["t"] else None
    target = named.said if named is not None and named.kind != "PHOTO" else None
    step = Step("adjust", target, _AGAINST[much]) if much else Step("upscale")
    can = jobs.capabilities(turn.store).operations
    return orders.offered(step.operation, can) and confirmation.ask(turn, Plan("edit", (step,)), asked)


_TOLD = ("BAD", "NEG", "VETO", "IS", "NOWANT", "BA", "WISH", "MODAL", "QUES")  # of clauses that tell something


def lean(turn: Turn, text: str, plan: Plan) -> bool:
    """Carry out a sentence that says what was to be otherwise in the last edit, or what else it shall be done to."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if (
        here is None
        or not isinstance(here.request, EditRequest)
        or turn.incoming.photos
        or turn.incoming.replied
        or turn.pointed
    ):
        return False
    last = here.request
    complete = plan.intent == "edit" and plan.steps and not any(missing(step) for step in plan.steps)
    if not complete and (also := _also(text.strip(" 。!！~～"), last.step)):
        step = _likewise(last.step, also)
        if step is not None:
            return _again(turn, step, here.photo, text)
    if not complete and (step := _actually(text)):
        return _again(turn, step, here.photo, text)
    wanted = _otherwise(text)
    if wanted is None and complete and len(plan.steps) == 1 and re.match(_OPENER, text):
        step = plan.steps[0]  # 等等，换成兔子
        if step.operation == last.step.operation and step.target is None and last.step.target:
            return _again(turn, replace(step, target=last.step.target, position=last.step.position), last.photo, text)
        return False
    if wanted is None or (complete and not re.search("说的是|要的是|不要|不是|指的是", text)):
        return False
    if showing.result(text) is not None and plan.intent != "complaint":
        return False  # 还是雪地那张吧
    step = _ordered(wanted) or corrected(last.step, wanted)
    if step is None or (step.operation == last.step.operation and _rather_another(step, last.step, text)):
        return False
    return _again(turn, step, last.photo, text)


def _also(text: str, last: Step) -> str | None:
    """What else the last edit shall be done to: 另一只 in 另一只也换, in 还有另一只; 小字 in 小字也是水印, after 去掉水印."""
    if found := _ALSO.fullmatch(text):
        return found["what"]
    found = _BESIDES.fullmatch(text)
    if found is None or (found["same"] and found["same"] != last.target):
        return None
    return found["what"] or found["too"]


def _actually(text: str) -> Step | None:
    """军装是绿的不是蓝的: which colour a thing is to have."""
    found = _ACTUALLY.fullmatch(text.strip(" 。!！~～"))
    if found is None:
        return None
    colors = [token.value for token in tokens(found["y"]) if token.part == "COLOR"]
    named = phrases.thing(tokens(found["x"]), found["x"])
    return Step("recolor", named.said, color=colors[0]) if colors and named is not None and named.said else None


def keep(turn: Turn, text: str) -> bool:
    """轮子别动哦: say that it stays as it is, or how to get it back."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    thing = kept(text) if here is not None and not turn.incoming.photos else None
    if here is not None and thing:
        turn.say(replies.kept(thing, here.request))
    return thing is not None


def kept(text: str) -> str | None:
    """What is to stay as it is: 轮子 in 轮子别动哦."""
    found = _KEEP.fullmatch(fold(text).strip(" 。!！~～")) if len(text) <= 20 else None
    if found is None:
        return None
    start, end = found.span("x")
    words = text.strip(" 。!！~～")[start:end]
    named = phrases.thing(tokens(words), words)
    return named.said if named is not None else None


def _rather_another(step: Step, last: Step, text: str) -> bool:
    """Whether the words fit no slot that the last step had: 那就蓝色吧, after 调亮一点."""
    changed = [
        name
        for name in ("color", "position", "content", "concept", "target", "style")
        if getattr(step, name) != getattr(last, name)
    ]
    changes = any(getattr(last, name) is not None for name in changed)
    pointed = re.search("说的是|要的是|不要|不是|指的是|我说", text)
    same = (
        step.content is not None and step.content == last.content and step.operation in ("replace", "insert", "modify")
    )
    return step == last or not (
        changes or same or (pointed and step.operation not in ("adjust", "upscale", "rotate", "restore"))
    )


def corrected(step: Step, wanted: str) -> Step | None:
    """The last step with the slot that the words fit: a colour, a place, another thing."""
    found = [token for token in tokens(wanted) if token.part not in ("GAP", "PART", "STOP")]
    if not found:
        return None
    colors = [token.value for token in found if token.part == "COLOR"]
    if colors and all(token.part in ("COLOR", "DE") for token in found):
        return replace(step, color=colors[0], content=None if step.operation == "recolor" else step.content)
    sides = [token.value for token in found if token.part == "POS" and token.value != "none"]
    if sides and all(token.part in ("POS", "DE", "DET", "M", "NUM") for token in found):
        return replace(step, position=sides[0])
    styles = [token.value for token in found if token.part == "STYLE"]
    if step.operation == "restyle":
        return Step("restyle", style=styles[0]) if styles else Step("restyle", content=wanted)
    if step.operation in ("replace", "insert", "background", "modify", "text", "crop"):
        named = phrases.thing(found, wanted, incoming=True)
        if named is None and step.operation not in ("text", "crop"):
            return None
        content = named.said if named is not None and named.said else wanted
        return replace(
            step, content=content, concept=named.concept if named else None, color=named.color if named else None
        )
    if step.operation in ("remove", "recolor", "move", "mosaic", "cutout", "beautify"):
        named = phrases.thing(found, wanted)
        if named is None or (named.said is None and named.position is None):
            return None
        return replace(step, target=named.said or step.target, position=named.position or step.position)
    return None


def _ordered(wanted: str) -> Step | None:
    """不是帽子，是猫变粉色: what was meant is an order of its own."""
    if not any(token.part in DOING for token in tokens(wanted)):
        return None
    steps = parser.parse(wanted, photos=1).steps
    return steps[0] if len(steps) == 1 and not missing(steps[0]) else None


def _otherwise(text: str) -> str | None:
    """What it was to be: 绿 in 等等不要红的要绿的."""
    line = text.strip(" 。!！~～?？")
    for pattern in _CORRECTED:
        if found := pattern.fullmatch(line):
            return _TAIL.sub("", found["y"]) or None
    return None


def _likewise(step: Step, what: str) -> Step | None:
    """The last step done to something else."""
    if _ANOTHER.fullmatch(what.strip()) or not step.target:
        return replace(step, position=None) if step.target or step.operation == "modify" else None
    found = [token for token in tokens(what) if token.part not in ("GAP", "PART", "BA", "GIVE", "MAKE")]
    named = phrases.thing(found, what) if found else None
    if "person" in understand(what).kinds and "person" not in understand(step.target).kinds:
        own = step.target.rsplit("的", 1)[-1]
        return replace(step, target=f"{''.join(token.word for token in found)}的{own}", position=None)  # 给我也去一下
    if named is None and len(found) == 1 and found[0].part == "PRON":
        return replace(step, target=found[0].word, position=None)
    if named is None:
        sides = [token.value for token in found if token.part == "POS" and token.value != "none"]
        return replace(step, position=sides[0]) if sides else None
    return replace(step, target=named.said or step.target, position=named.position)


def _again(turn: Turn, step: Step, photo: str, text: str) -> bool:
    """Queue a step on a photo as an order of its own."""
    can = jobs.capabilities(turn.store).operations
    if can and not orders.offered(step.operation, can):
        return False
    request = EditRequest(
        step,
        orders.mine(turn, photo),
        orders.meant(turn, step),
        sentence=text,
        referents=referents.referents(step, text),
    )
    orders.enqueue(turn, "followed", "edit", request)
    return True


# --- what was missing -------------------------------------------------------------------------------------------------
def filled(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    """草地, after 背景换成什么？"""
    plan = Plan.from_json(asked["plan"])
    words = _TAIL.sub("", _FILLED.sub("", text.strip(" 。!！~～")))
    if not words or len(words) > 20 or re.search("[?？]|什么|怎么|不知道|算了", text) or small_talk.kinds(text):
        return False
    if re.fullmatch("(?:都|随)(?:行|可以|便|好)|你(?:决定|定|看着办|选)|无所谓", words):
        ideas = replies.ask_missing(next(step for step in plan.steps if missing(step)), asked["slot"])[1]
        return bool(ideas) and filled(turn, asked, ideas[0])
    said = tokens(words)
    complete = any(token.part in _TOLD for token in said) or (said[0].part == "PRON" and len(said) > 1)
    if complete and "text" not in [step.operation for step in plan.steps]:
        return False  # 我妈说不好看 is no answer
    steps = [_with(step, words) if missing(step) else step for step in plan.steps]
    if any(step is None for step in steps):
        return False
    orders.waiting(turn, asked)
    turn.sentence = f"{asked.get('sentence', '')}，{text}".strip("，")
    whole = replace(plan, steps=tuple(step for step in steps if step is not None), missing=())
    orders.edit(turn, whole, {})
    return True


def _with(step: Step, words: str) -> Step | None:
    found: list[Token] = [token for token in tokens(words) if token.part not in ("GAP", "PART", "STOP")]
    color = next((token.value for token in found if token.part == "COLOR"), None)
    only = bool(color) and all(token.part in ("COLOR", "DE", "MOD") for token in found)
    if step.operation == "restyle":
        style = next((token.value for token in found if token.part == "STYLE"), None)
        return replace(step, style=style, content=None if style else words)
    if step.operation == "recolor":
        return replace(step, color=color, content=None if color else words)
    if step.operation in ("mosaic", "remove", "cutout", "swap", "face_swap") and step.target is None:
        return replace(step, target=words)
    if only:
        return replace(step, color=color)
    named = phrases.thing(found, words, incoming=True)
    if named is not None and named.said:
        return retouched(
            replace(step, content=None if named.concept else named.said, concept=named.concept, color=named.color)
        )
    return replace(step, content=words) if step.operation in ("text", "crop", "modify", "adjust", "beautify") else None


def complain(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """A complaint about the last result: sorry, and what can be done about it."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if here is None:
        return turn.say(replies.COMPLAINT_WITHOUT_PHOTO)
    if here.job is None or here.request is None:
        return turn.say(replies.COMPLAINT_WITHOUT_RESULT)
    buttons = [Button(replies.UNDO, f"undo:{here.job}"), Button(replies.AGAIN, f"again:{here.job}")]
    if isinstance(here.request, EditRequest):
        others = [m for m in jobs.capabilities(turn.store).methods if here.request.step.operation in m["operations"]]
        if len(others) > 1:
            buttons.append(Button(replies.ANOTHER_WAY, "say"))
    return turn.say(replies.sorry(here.request), buttons=buttons)


ANSWERS = {"missing": filled}
