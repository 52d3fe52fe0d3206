"""What a message has ordered and named so far, and how one clause leans on those before it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.language.clauses import Clause, clause
from bot.language.phrases import thing
from bot.language.places import place
from bot.language.retouching import ground, retouched
from bot.language.steps import read
from bot.language.tokens import Token
from storage.plans import Step


@dataclass(slots=True)
class Discourse:
    """The steps ordered so far."""

    text: str
    photos: int
    steps: list[Step] = field(default_factory=list)
    sayings: list[str] = field(default_factory=list)
    unread: list[Sequence[Token]] = field(default_factory=list)  # neither orders nor says more of an order
    begged: bool = False  # somebody was asked to do it: 帮我
    rethought: bool = False  # 算了: what was ordered last is to be something else
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

    def steps_of(self, now: Clause) -> list[Step] | None:
        """The steps of a clause, completed by what was ordered before it; None if it orders nothing."""
        if self.steps:
            now = replace(now, asked=now.asked or now.question, followed=True)  # …,然后变成水彩吗
        done = [self._completed(step) for step in read(now) or ()]
        return [step for step in done if step is not None] if done and None not in done else None

    def take(self, step: Step) -> None:
        """Keep a step; one that only says more of the last is put into that."""
        if step in self.steps:
            return
        if self.rethought and self.steps and step.target in (None, self.steps[-1].target):
            self.steps[-1] = replace(step, target=self.steps[-1].target)  # 变透明…算了,变白色
        elif (placed := self._placed(step)) is not None:
            self.steps[placed] = replace(self.steps[placed], position=step.position)
        elif self.steps and (merged := _merged(self.steps[-1], step)) is not None:
            self.steps[-1] = merged
        else:
            self.steps.append(step)

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
        if not self.steps or not tokens or now.denied:
            return False
        more = self._ground(tokens) or self._setting(tokens) or self._color(tokens) or self._position(tokens)
        if more is not None:
            self.steps[-1] = more
        return more is not None or self._positions(tokens) or self._likewise(tokens)

    def _completed(self, step: Step) -> Step | None:
        """A step with the target that an earlier order has named; None if it says too little."""
        last = self.steps[-1] if self.steps else None
        if last is not None and _merged(last, step) is not None:
            return step
        if step.operation == "remove" and step.target is None and step.position is None:
            return None
        if step.operation == "insert" and step.content is None and step.concept is None:
            return None
        if step.operation == "move" and step.target is None and last is not None:
            return replace(step, target=last.content or last.target)
        return step

    def _likewise(self, tokens: Sequence[Token]) -> bool:
        """安全帽换黑色, then 手套也黑色."""
        if self.steps[-1].operation != "recolor" or len(tokens) < 2 or tokens[-1].part != "COLOR":
            return False
        named = thing(tokens[:-1], self.text)
        if named is None:
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
        return replace(last, content=named.said, color=named.color) if named is not None else None

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
    aimed = unaimed or (step.target == before.content and before.content is not None)  # 换成狗,狗要黑色的
    if step.operation == "recolor" and aimed and before.operation in ("replace", "insert") and before.color is None:
        return replace(before, color=step.color)
    return None


def _says_what(step: Step) -> bool:
    """Whether the step has said what to put in, or what it is to look like."""
    said = step.content is not None or step.concept is not None
    return said or step.color is not None or step.operation not in ("replace", "modify")
