"""A clause → the steps it orders: the first frame that fits and whose reading agrees.

A reading never guesses: what it cannot explain wholly it leaves to the next frame, and in the end to the bot's question.
"""

from dataclasses import replace

from bot.language import insert, modify, move_background, remove, replace_recolor, retouching, styles
from bot.language.clauses import Clause
from bot.language.grammar import frames
from bot.language.order import Order, Reading, Steps, restyle
from bot.language.phrases import wordset

READINGS: dict[str, Reading] = (
    replace_recolor.READINGS | remove.READINGS | move_background.READINGS | insert.READINGS | modify.READINGS
)

_BARE = 4  # characters of a message that is nothing but a style
_LONGEST = 40  # words; nobody gives one order with more
_BEFORE_STYLE = ("DO", "CHANGE", "WANT", "PHOTO", "DET", "GIVE", "BECOME", "ADD", "TUNE", "USE", "BA", "DRAW", "MAKE")
_BEHIND_STYLE = ("DO", "CHANGE", "TUNE", "DRAW", "NUM", "M", "PHOTO", "PUT")
_WHOLE = ("整个", "整体", "整张", "整幅", "全图", "整图", "全部")


def read(clause: Clause) -> Steps:
    """The steps that a clause orders, or None."""
    if clause.tokens and (written := retouching.written(clause)) is not None:
        return [written]
    if not clause.tokens or clause.doubtful or clause.denied or len(clause.tokens) > _LONGEST:
        return None
    if clause.question and not clause.asked:
        return None
    steps = retouching.read(clause) or _style_alone(clause)
    if steps is None:
        for reading, slots, verbs in frames(clause.tokens):
            order = Order(clause, slots, verbs)
            if steps := READINGS[reading](order):
                break
    if not steps or all(retouching.idle(step) or (step.content or "").startswith("偏") for step in steps):
        return None  # 上面有划痕; 整体偏黄
    return [retouching.retouched(replace(step, strength=clause.strength)) for step in steps]


def _style_alone(clause: Clause) -> Steps:
    """水墨风, 来个油画效果, 漫画化: nothing but a style."""
    words = list(clause.tokens)
    verb = False
    while words and words[0].part in _BEFORE_STYLE:
        verb = (
            verb
            or (words[0].part not in ("PHOTO", "DET") and words[0].word not in ("像", "有"))
            or words[0].word.startswith("整")
            or words[0].word in _WHOLE
        )
        words = words[1:]
    while len(words) > 1 and (
        words[-1].part in _BEHIND_STYLE
        or words[-1].word
        in ("走", "来", "做", "安排", "搞起", "整起", "安排上", "起来", "走起", "一下", "一发", "来一发")
    ):
        if words[-1].word in wordset("STYLE_SUFFIX"):
            break
        verb = True
        words = words[:-1]
    unlisted = (
        (verb or clause.wished)
        and bool(words)
        and (
            words[-1].word in ("风格", "画风")
            or (words[-1].word == "效果" and any(t.word.endswith("画") for t in words))
        )
    )
    other = clause.photos > 0 and bool(words) and words[0].word in wordset("OTHER_STYLES")  # 浮世绘风格
    unlisted = unlisted or (other and words[-1].word in wordset("STYLE_HEADS"))
    if clause.tokens[0].word == "有" and not clause.asked:
        return None  # 有油画的味道
    if clause.done or not (unlisted or any(token.part in ("STYLE", "NAME") for token in words)):
        return None
    found = styles.style(words, clause.text)
    if found is None or (clause.question and not verb):
        return None
    suffixed = any(
        token.word in wordset("STYLE_ALONE") or (token.part == "STYLE" and token.word.endswith(("风", "风格")))
        for token in words
    )
    pointed = any(token.part == "DET" or token.word in wordset("STYLE_HEADS") for token in words)
    named = found.named or (found.concept and clause.photos and pointed)
    hinted = clause.strength == "slight" and clause.photos and found.named  # 略微带点复古
    brief = len(clause.text) <= _BARE or (clause.asked and len(clause.tokens) == 1)
    bare = clause.photos and found.named and brief  # 国画!
    ordered = bare or verb or clause.wished or hinted or (suffixed and named) or (other and found.other)
    return [restyle(found)] if ordered else None
