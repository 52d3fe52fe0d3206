"""What a message has ordered and named so far, and how one clause leans on those before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.language.clauses import Clause, clause
from bot.language.phrases import Phrase, thing, wordset
from bot.language.places import Place, place
from bot.language.retouching import ground, retouched
from bot.language.steps import read
from bot.language.tokens import Token, fold, vocabulary
from bot.language.topics import comment, intruder, is_place, missing_in, opens_talk, subject_of
from storage.plans import Step

_MUTE = ("NOISE", "PART", "GAP", "CUE", "MODAL", "WISH", "EMOJI", "MORE", "SOFT", "SLIGHT")
_LOOKING = ("person", "pet", "NAME", "body", "hair", "sky", "clothes", "background", "aspect")
_ONE = ("他", "她", "它", "佢")


@dataclass(slots=True)
class Discourse:
    """The steps ordered so far, and what was spoken of: 右边那个垃圾桶太丑了 makes the bin the topic."""

    text: str
    photos: int
    steps: list[Step] = field(default_factory=list)
    sayings: list[str] = field(default_factory=list)
    topic: Phrase | None = None
    where: Place | None = None
    missing: Phrase | None = None
    styled: bool = False  # a style is to be named next
    unread: list[Sequence[Token]] = field(default_factory=list)  # neither orders nor names what an order is about
    begged: bool = False  # somebody was asked to do it: 帮我
    rethought: bool = False  # 算了: what was ordered last is to be something else
    reported: bool = False  # somebody else's orders are being told: 老板说…
    sure: bool = False  # it can only be an order
    patience: int = 120  # clauses that are tried in one message, so that no text can keep us busy

    clauses: dict[tuple[int, ...], tuple[Sequence[Token], Clause]] = field(default_factory=dict)  # those read already

    def clause(self, tokens: Sequence[Token]) -> Clause:
        """These words without politeness and filler; the same words are read once."""
        key = tuple(map(id, tokens))
        if key not in self.clauses:
            self.clauses[key] = (tokens, clause(tokens, self.text, self.photos, sure=self.sure))
        return self.clauses[key][1]

    def ordered(self) -> list[Step]:
        """The steps, without those that never said what to put in.

        With a photo at hand people chat around an order; without one, what is not wholly an order is talk.
        """
        if self.unread and not self.photos and not self.begged:
            return []
        return [retouched(step) for step in self.steps if _says_what(step)]

    def incomplete(self) -> list[Step]:
        """The steps that never said what to put in."""
        return [step for step in self.steps if not _says_what(step)]

    def steps_of(self, now: Clause) -> list[Step] | None:
        """The steps of a clause, completed by what was named before it; None if it orders nothing."""
        now = self._named(now)
        followed = self.topic is not None or self.where is not None or bool(self.steps)
        if followed:
            now = replace(
                now, asked=now.asked or (now.question and bool(self.steps)), followed=True
            )  # …,然后变成水彩吗
        steps = read(now)
        if steps is None:
            return self._of_missing(now) or self._of_topic(now)
        done = [self._completed(step, now) for step in steps]
        return None if any(step is None for step in done) else [step for step in done if step is not None]

    def take(self, step: Step) -> None:
        """Keep a step; one that only says more of the last is put into that."""
        if step.operation == "insert" and step.position is None and self.where is not None and self.where.position:
            step = replace(step, position=self.where.position)
        self.where = None
        kept = step.operation == "crop" and not re.search("square|[0-9]:|[横竖]|头像", step.content or "square")
        if kept and self.steps and self.steps[-1].operation == "remove" and self.steps[-1].target:
            return  # 路人全P掉,只留我们俩
        if step in self.steps:
            return
        same = self.steps and step.target in (None, self.steps[-1].target)
        if self.rethought and same:
            self.steps[-1] = replace(step, target=self.steps[-1].target)  # 变透明…算了,变白色
            return
        if (placed := self._placed(step)) is not None:
            self.steps[placed] = replace(self.steps[placed], position=step.position)
            return
        if self.steps and (merged := _merged(self.steps[-1], step)) is not None:
            self.steps[-1] = merged
            return
        self.steps.append(step)
        self.topic = None

    def _placed(self, step: Step) -> int | None:
        """Which earlier step this one only gives a place: 都加进来,小明站左边."""
        who = step.concept or step.target
        if step.operation not in ("insert", "move") or step.position is None or who is None:
            return None
        same = (at for at, old in enumerate(self.steps) if old.operation == "insert" and old.concept == who)
        return next((at for at in same if self.steps[at].position is None), None)

    def add(self, now: Clause) -> bool:
        """Whether a clause that orders nothing said a colour or a place of the last step: 加个气球,黄色的."""
        tokens = [token for token in now.tokens if token.part != "WANT"]
        if self.steps and not tokens and now.strength != "normal":
            self.steps[-1] = replace(self.steps[-1], strength=now.strength)  # 加个腹肌,一点点
            return True
        if not self.steps or not tokens or now.denied:
            return False
        more = self._ground(tokens) or self._setting(tokens) or self._color(tokens) or self._position(tokens)
        if more is not None:
            self.steps[-1] = more
        return more is not None or self._positions(tokens) or self._likewise(tokens)

    def remember(self, tokens: Sequence[Token]) -> bool:
        """Note what a clause that orders nothing speaks of; whether it spoke of something that can be ordered about."""
        now = [token for token in tokens if token.part not in _MUTE]
        before, self.missing = self.missing, missing_in(now, self.text) or self.missing
        spoken = max((at for at, token in enumerate(now) if token.word in wordset("SAID_OF")), default=-1)
        now = now[spoken + 1 :]  # 我老公说|这裙子显胖
        while now and (opens_talk(now) or now[0].part in ("MAKE", "BA", "GIVE", "AND")):
            now = now[1:]
        if len(now) > 1 and now[0].word == "有" and (named := thing(now[1:], self.text)) is not None and named.head:
            self.topic = replace(named, pointed=True)  # 可惜有个垃圾桶
            return True
        if (newcomer := intruder(now, self.text)) is not None:
            self.topic = newcomer
            return True
        end = comment(now)
        subject = now[:end]
        while len(subject) > 1 and subject[-1].part in ("DE", "COLOR"):
            subject = subject[:-1]  # 围巾红的太扎眼
        names = [token for token in now if token.part == "NAME"]
        if len(names) == 1 and not any(token.part == "NAME" for token in subject):
            subject = names  # 好久没见旺财了
        if names and now[0] is names[0] and len(now) > 1 and now[1].part in ("WEAR", "STAND", "TO", "AT"):
            subject = names[:1]  # 豆豆抱着我的腿
        spot = next((token for token in now if token.part == "POS" and token.value != "none"), None)
        if len(names) == 1 and spot is not None and now[0] is names[0]:
            self.where = Place("position", spot.value)  # 老李站在最左边
        if not subject:
            return self.missing is not before
        named, where = subject_of(subject, self.text), place(subject, self.text)
        if where is not None and is_place(where, subject):
            self.where = where
        elif named is None or (named.kind == "X" and named.head is not None and named.head.word in vocabulary().verbs):
            return self.missing is not before
        elif named.kind == "tint" and len(named.words) > 1:
            self.topic = thing(named.words[:-1], self.text)
        elif named.head is not None and named.head.part == "COLOR":
            return self.missing is not before
        elif (
            named.head is not None
            and (named.pointed or named.concept or end < len(now))
            and named.kind not in ("PHOTO", "PRON")
        ):
            self.topic = named
        else:
            return self.missing is not before
        return True

    def _named(self, now: Clause) -> Clause:
        """给他补上, after 小明没赶上: he is 小明."""
        adds = any(token.part == "ADD" or token.value == "add" for token in now.tokens)
        adds = adds or (self.missing is not None and any(token.part in ("TO", "PUT") for token in now.tokens))
        who = self.topic if self.topic is not None and self.topic.concept else self.missing
        if not adds or who is None or not who.words:
            return now
        words = [t for t in who.words if t.part == "NAME"] or list(who.words)
        return replace(now, tokens=tuple(word for t in now.tokens for word in (words if t.word in _ONE else [t])))

    def _completed(self, step: Step, now: Clause) -> Step | None:
        """A step with the target or the content that an earlier clause has named."""
        last, topic = self.steps[-1] if self.steps else None, self.topic
        if last is not None and _merged(last, step) is not None:
            return step
        if self.styled and step.operation == "replace" and step.target is None and step.concept:
            return Step("restyle", concept=step.concept, strength=step.strength)  # 改一下画风,改成阿紫那种
        if step.operation in ("remove", "replace", "recolor") and step.target is None:
            if topic is not None and topic.kind == "background" and step.operation == "replace":
                return Step("background", None, step.content, step.concept, color=step.color, strength=step.strength)
            if (
                topic is not None
                and topic.head is not None
                and topic.head.word in wordset("STYLE_HEADS")
                and step.concept
            ):
                return Step("restyle", concept=step.concept, strength=step.strength)
            if step.operation == "recolor" and topic is not None and topic.kind == "background":
                return Step("background", color=step.color, strength=step.strength)
            if topic is not None and topic.said:
                kind = "modify" if step.operation == "recolor" and topic.kind == "hair" else step.operation
                return replace(step, operation=kind, target=topic.said, position=step.position or topic.position)
            if (
                last is not None
                and step.operation == "recolor"
                and last.operation in ("move", "modify")
                and last.target
            ):
                return replace(step, target=last.target)  # 把球移到左边并且改成绿色
            return None if step.operation == "remove" and step.position is None else step
        if step.operation == "remove" and step.target in _ONE and topic and topic.said and topic.kind != "PRON":
            return replace(step, target=topic.said, position=topic.position)
        if step.operation == "insert" and step.content is None and step.concept is None:
            newcomer = topic or self.missing
            if newcomer is None:
                return None
            if self.missing is None and not newcomer.concept and not newcomer.measured and step.position:
                return Step("move", newcomer.said, position=step.position, strength=step.strength)  # 蛋糕太偏,摆中间
            return replace(step, content=None if newcomer.concept else newcomer.said, concept=newcomer.concept)
        if step.operation == "move" and step.target is None:
            named = topic.said if topic else (last.content or last.target) if last else None
            return replace(step, target=named)
        if step.operation == "modify" and step.target is None and now.tokens[0].part == "WEAR" and last is not None:
            worn = last.operation in ("replace", "insert")  # 戴上皇冠, after 把小狗变成老虎
            known = vocabulary().parts.get(fold(last.target or ""), ("", ""))[1]
            if last.operation in ("recolor", "modify") and (known in ("pet", "person") or last.target in _ONE):
                return replace(step, target=last.target)  # 把猫变成黑色,戴个蝴蝶结
            return replace(step, target=last.content or last.concept) if worn else step
        if step.operation == "modify" and step.target is None and topic is not None and topic.kind in _LOOKING:
            likened = now.tokens[-1].part in ("MOD", "COLOR")  # 可乐太黑了,P白点
            likened = likened or (
                topic.kind == "sky" and topic.said != "天" and now.tokens[-1].value == "time"
            )  # 天空太白,弄成火烧云
            return replace(step, target=topic.said, position=topic.position) if likened else step
        if step.operation == "background" and step.content is None and step.color is None and self.where is not None:
            return replace(step, content=self.where.anchor)
        return step

    def _of_missing(self, now: Clause) -> list[Step] | None:
        """补一下, after 少了小明."""
        missing = self.missing or (self.topic if self.topic is not None and self.topic.concept else None)
        if missing is None or now.denied or [t.part for t in now.tokens if t.part not in ("NUM", "M")] != ["ADD"]:
            return None
        return [Step("insert", content=None if missing.concept else missing.said, concept=missing.concept)]

    def _of_topic(self, now: Clause) -> list[Step] | None:
        """换只天鹅, after 那只鸭子太丑: the order is about what was named before."""
        if now.denied or not now.tokens:
            return None
        if now.tokens[0].part == "WEAR" and self.steps:
            last = self.steps[-1]
            worn = read(replace(now, asked=True))
            return (
                [replace(step, target=last.content or last.concept or last.target) for step in worn] if worn else None
            )
        being = self.topic is not None and self.topic.kind in ("person", "pet")
        opinion = now.tokens[0].part == "MOD" and now.tokens[0].word not in wordset("FELT") and now.photos
        if being and self.topic is not None and opinion:  # 小孩别哭了,笑一个
            return read(replace(now, tokens=(Token("让", "MAKE", "", 0, 0), *self.topic.words, *now.tokens)))
        bodily = self.topic is not None and self.topic.kind in ("body", "hair") and now.tokens[0].part == "MOD"
        if self.topic is None or not self.topic.words or not (bodily or now.tokens[0].part in ("CHANGE", "REPLACE")):
            return None
        steps = read(replace(now, tokens=(Token("把", "BA", "", 0, 0), *self.topic.words, *now.tokens)))
        return [replace(step, position=step.position or self.topic.position) for step in steps] if steps else None

    def _likewise(self, tokens: Sequence[Token]) -> bool:
        """安全帽换黑色, then 手套也黑色."""
        if self.steps[-1].operation != "recolor" or len(tokens) < 2 or tokens[-1].part != "COLOR":
            return False
        named = thing(tokens[:-1], self.text)
        if named is None or named.head is None or named.kind not in ("thing", "clothes", "wearable", "X"):
            return False
        self.steps.append(Step("recolor", named.said, color=tokens[-1].value, position=named.position))
        return True

    def _ground(self, tokens: Sequence[Token]) -> Step | None:
        """做张一寸照, then 蓝底."""
        if self.steps[-1].operation != "id_photo" or self.steps[-1].color:
            return None
        color = ground(tokens, self.text)
        return replace(self.steps[-1], color=color) if color else None

    def _setting(self, tokens: Sequence[Token]) -> Step | None:
        """换个背景, then 要海边的."""
        last = self.steps[-1]
        if last.operation != "background" or last.content is not None or last.color is not None:
            return None
        named = thing(tokens, self.text, incoming=True)
        if named is None or (named.head is not None and named.kind not in ("PLACE", "X", "sky", "time")):
            return None
        return replace(last, content=named.said, color=named.color)

    def _color(self, tokens: Sequence[Token]) -> Step | None:
        """加个气球, then 黄色的."""
        last = self.steps[-1]
        pending = last.operation == "modify" and last.content is None
        if last.color is not None or not (pending or last.operation in ("insert", "replace", "recolor")):
            return None
        color = next((token.value for token in tokens if token.part == "COLOR"), None)
        return replace(last, color=color) if color and all(t.part in ("COLOR", "DE") for t in tokens) else None

    def _position(self, tokens: Sequence[Token]) -> Step | None:
        """把团子P进来, then 站最左边那个位置."""
        last = self.steps[-1]
        if last.operation != "insert" or last.position is not None or any(token.part == "NAME" for token in tokens):
            return None
        spot = [token for token in tokens if token.part not in ("PUT", "STAND", "AT", "ADD", "PRON", "TO")]
        where = place(spot, self.text) if spot else None
        there = where is not None and (where.kind == "position" or any(token.value == "stand" for token in tokens))
        return replace(last, position=where.position) if where is not None and there and where.position else None

    def _positions(self, tokens: Sequence[Token]) -> bool:
        """小明在左边,旺财在右边, after both have been brought in."""
        found = False
        for at, name in enumerate(tokens):
            where = next((token for token in tokens[at + 1 : at + 3] if token.part == "POS"), None)
            if where is None or where.value == "none" or name.part != "NAME":
                continue
            for index, step in enumerate(self.steps):
                if step.operation == "insert" and step.concept == name.value and step.position is None:
                    self.steps[index] = replace(step, position=where.value)
                    found = True
        return found


def _merged(before: Step, step: Step) -> Step | None:
    """把花换个颜色, then 换成黄色: one step said in two."""
    unaimed = step.target is None
    if before == Step("background", color=before.color) and step.operation == "id_photo" and before.color:
        return replace(step, color=step.color or before.color)
    if before.operation == "id_photo" and step == Step("background", color=step.color) and step.color:
        return replace(before, color=step.color)  # 做张一寸照,背景换成蓝的
    if before.operation == "insert" and step.operation == "move" and step.target in _ONE and before.position is None:
        return replace(before, position=step.position)  # 加个阿紫,把她放到右边
    if (
        before.operation == "face_swap"
        and step.operation == "replace"
        and unaimed
        and not (before.content or before.concept)
    ):
        return replace(before, content=step.content, concept=step.concept)  # 帮我换脸,换成小明
    if before.operation == "remove" and step.operation == "replace" and unaimed:  # 不要猫了,换成狗
        return replace(step, target=before.target, position=step.position or before.position)
    if before.operation == step.operation == "recolor" and before.target is None and before.color == step.color:
        return step
    if before.operation == step.operation == "recolor" and unaimed and step.color and before.target:
        return replace(before, color=step.color)  # 换白的?不,换黄的
    if before.operation == step.operation == "modify" and unaimed and before.content == step.content:
        return before  # 白些再白些
    if before.operation == "recolor" and before.color is None and step.operation == "recolor":
        return replace(before, color=step.color) if step.target in (None, before.target) else None
    aimed = unaimed or (step.target == before.content and before.content is not None)  # 换成狗,狗要黑色的
    if step.operation == "recolor" and aimed and before.operation in ("replace", "insert") and before.color is None:
        return replace(before, color=step.color)
    if before.operation == step.operation == "replace" and unaimed and not before.content and not before.concept:
        return replace(step, target=before.target)
    if before.operation == "background":
        if step == Step("background"):
            return before
        empty = before.content is None and before.color is None and before.concept is None
        if empty and (step.operation == "background" or (step.operation in ("replace", "recolor") and unaimed)):
            return replace(before, content=step.content, color=step.color, concept=step.concept)
    return None


def _says_what(step: Step) -> bool:
    """Whether the step has said what to put in, or what it is to look like."""
    said = step.content is not None or step.concept is not None
    return said or step.color is not None or step.operation not in ("replace", "modify")
