"""An order: a clause that fits a frame. What its slots name, how it is put, and the Step that says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot import lexicon
from bot.language import phrases, places, styles
from bot.language.clauses import Clause
from bot.language.phrases import Phrase, wordset
from bot.language.places import Place
from bot.language.styles import Style
from bot.language.tokens import Token, vocabulary
from storage.plans import Step

Steps = list[Step] | None
BEINGS = ("person", "pet", "PRON", "NAME")


@dataclass(frozen=True, slots=True)
class Order:
    """A clause with the words of each slot of its frame, and the words of the frame itself (``verbs``)."""

    clause: Clause
    slots: dict[str, list[Token]]
    verbs: list[Token]

    @property
    def text(self) -> str:
        """What the user wrote."""
        return self.clause.text

    @property
    def grasped(self) -> bool:
        """Whether 把, 让, 给 hold something out: then it is an order and no report."""
        return self.has("BA", "MAKE", "GIVE", "USE")

    def has(self, *parts: str) -> bool:
        """Whether the frame has a word of one of these parts."""
        return any(token.part in parts for token in self.verbs)

    def verb(self, *parts: str) -> Token:
        """The first word of one of these parts, or the last word of the frame."""
        return next((token for token in self.verbs if token.part in parts), self.verbs[-1])

    def words(self, slot: str) -> list[Token]:
        """The words of a slot without the decoration behind them."""
        words = list(self.slots.get(slot, ()))
        while (
            len(words) > 1
            and words[-1].part in ("EMOJI", "PART", "NOISE")
            and words[-2].part not in ("M", "NUM", "DET", "DE")
        ):
            words.pop()
        return words

    def thing(self, slot: str = "t") -> Phrase | None:
        """What a slot names, of what is in the photo."""
        return phrases.thing(self.words(slot), self.text)

    def things(self, slot: str = "t") -> list[Phrase] | None:
        """The same for an enumeration."""
        return phrases.things(self.words(slot), self.text)

    def incoming(self, slot: str = "c") -> Phrase | None:
        """What a slot names, of what comes in."""
        return phrases.thing(self.words(slot), self.text, incoming=True)

    def newcomers(self, slot: str = "c") -> list[Phrase] | None:
        """The same for an enumeration."""
        return phrases.things(self.words(slot), self.text, incoming=True) if slot in self.slots else None

    def place(self, slot: str = "p") -> Place | None:
        """Where a slot points."""
        return places.place(self.slots[slot], self.text) if slot in self.slots else None

    def style(self, slot: str) -> Style | None:
        """The way of drawing that a slot names."""
        return styles.style(self.words(slot), self.text)


Reading = Callable[[Order], Steps]


def about(
    operation: str, target: Phrase | None = None, content: Phrase | None = None, position: str | None = None
) -> Step:
    """The step of these phrases; the place is that of the target unless one is given."""
    return Step(
        operation,
        target=target.said if target else None,
        content=content.said if content else None,
        concept=content.concept if content else None,
        color=content.color if content else None,
        position=position or (target.position if target else None),
    )


def restyle(found: Style, target: str | None = None) -> Step:
    """The step for a style."""
    return Step("restyle", target=target, style=found.named, concept=found.concept, content=found.other)


def setting(content: Phrase, text: str, position: str | None = None) -> Steps:
    """海边的背景 → a background 海边."""
    inner = list(content.words[:-1])
    while inner and inner[-1].part == "DE":
        inner.pop()
    if not inner:
        return [Step("background", color=content.color, position=position)]
    named = phrases.thing(inner[1:] if inner[0].part == "AT" else inner, text, incoming=True)
    if named is None:
        return None
    return [
        Step(
            "background",
            content=named.said,
            concept=named.concept,
            color=content.color or named.color,
            position=position,
        )
    ]


def whole(held: Sequence[Token]) -> bool:
    """Whether the words mean the whole picture: 这张照片, 整体, 它."""
    fits = all(
        token.part in ("PHOTO", "DET", "DE", "M", "ALL", "POSS", "SIDE", "NUM") or token.word in ("它", "我", "整")
        for token in held
    )
    return fits and any(token.part == "PHOTO" or token.word == "它" for token in held)


def pointless(one: Phrase) -> bool:
    """那个, 那样: a finger that points at nothing."""
    if one.head is None:
        return one.position is None  # 右边那个 says which
    if one.head.part in ("SUCH", "DE"):
        return True
    return all(token.part in ("DET", "NUM", "M", "SPOT") for token in one.words)


def timely(content: Phrase) -> bool:
    """Weather, season, hour: 晚上, 冬天下雪, 下雨的样子."""
    words = [token for token in content.words if token.part not in ("DE", "X")]
    return content.kind == "time" and all(
        token.part in ("NOUN", "MOD", "NUM", "M") and token.value in ("time", "", "sky", "aspect") for token in words
    )


def weather(content: Phrase) -> bool:
    """What falls or hangs in the air and so is no thing to insert: 雪, 雾气."""
    named = content.kind == "time" and content.head is not None and len(content.words) <= 2
    return named and content.head is not None and content.head.word not in wordset("IN_THE_SKY")


def folk(one: Phrase) -> bool:
    """Whether it is the people of the photo, and not somebody new: 我们, 人物."""
    return one.kind == "PRON" or (one.head is not None and one.head.word in wordset("FOLK") and not one.measured)


def worn(content: Phrase) -> bool:
    """Whether it is something a being wears or has."""
    return content.kind in ("clothes", "wearable", "hair", "aspect")


def owner(where: Sequence[Token], text: str) -> Phrase | None:
    """Who wears it when it goes 在他头上; the head itself when nobody is named."""
    left = [token for token in where if token.part not in ("AT", "GIVE")]
    body = next((at for at, token in enumerate(left) if token.value == "body" or token.word in ("头顶", "身")), None)
    if body is None:
        return None
    before = left[:body]
    while before and before[-1].part == "DE":
        before = before[:-1]
    return phrases.thing(before or left[body : body + 1], text)


def ages(one: Phrase) -> bool:
    """Whether somebody who becomes this only changes in age."""
    return one.kind == "age" or (one.head is not None and one.head.word in lexicon.AGES.split())


def is_thing(one: Phrase) -> bool:
    """Whether a phrase ends in a thing and not in a verb that jieba knows (加一个人吃饭)."""
    if one.head is None or (one.words[0].part == "PRON" and any(token.part in ("NUM", "M") for token in one.words)):
        return False
    if one.head.part != "X" or one.head.word not in vocabulary().verbs or one.head.word in wordset("THINGS_TOO"):
        return True
    return one.measured and (len(one.words) == 1 or any(token.part == "DE" for token in one.words))
