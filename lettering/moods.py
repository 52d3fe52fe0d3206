"""Which words, face and emoji go together on a sticker: what people send most, and what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mood:
    """What one sticker says. ``expression`` is one of storage.plans.EXPRESSIONS, None for a plain face."""

    caption: str
    expression: str | None
    emoji: str


# In the order in which a set is filled up.
USUAL = (
    Mood("收到", "happy", "👌"),
    Mood("在吗", None, "👋"),
    Mood("打工人", "speechless", "💼"),
    Mood("我太难了", "sad", "😭"),
    Mood("哈哈哈", "happy", "😂"),
    Mood("晚安", "sleepy", "🌙"),
    Mood("气死我了", "angry", "😡"),
    Mood("爱你", "love", "❤️"),
    Mood("惊呆了", "surprised", "😱"),
)
BY_EXPRESSION = {
    "happy": Mood("开心", "happy", "😄"),
    "sad": Mood("我太难了", "sad", "😭"),
    "angry": Mood("生气", "angry", "😡"),
    "surprised": Mood("惊呆了", "surprised", "😱"),
    "sleepy": Mood("困了", "sleepy", "😴"),
    "love": Mood("爱你", "love", "❤️"),
    "speechless": Mood("无语", "speechless", "😑"),
}
# What a caption sounds like; the first line that holds a word of it decides.
SOUNDS: tuple[tuple[str, str | None, str], ...] = (
    ("晚安 睡 困 梦", "sleepy", "🌙"),
    ("哈哈 嘿嘿 嘻嘻 笑死", "happy", "😂"),
    ("气死 生气 哼 怒 滚 烦", "angry", "😡"),
    ("呜 哭 难 惨 委屈 伤心 救命", "sad", "😭"),
    ("惊 啊？ 什么 天哪 哇 真的吗", "surprised", "😱"),
    ("爱 么么 亲 抱 想你 比心", "love", "❤️"),
    ("无语 汗 呵呵 随便 打工 上班 加班", "speechless", "😑"),
    ("收到 好的 OK ok 没问题 可以 行", "happy", "👌"),
    ("谢 感恩", "happy", "🙏"),
    ("加油 冲 必胜", "happy", "💪"),
    ("早 你好 在吗 嗨", "happy", "👋"),
    ("恭喜 生日 新年 快乐 发财", "happy", "🎉"),
    ("饿 吃 饭 奶茶 火锅", "happy", "😋"),
)
PLAIN = Mood("", None, "🙂")


def moods(count: int, captions: Sequence[str] = (), expressions: Sequence[str] = ()) -> tuple[Mood, ...]:
    """What each of ``count`` stickers says: first what was asked for, then the usual ones that are not there yet.

    Never fewer than were asked for; beyond the usual ones a sticker has no words.
    """
    asked = [
        of(captions[i] if i < len(captions) else "", expressions[i] if i < len(expressions) else None)
        for i in range(max(len(captions), len(expressions)))
    ]
    rest = [mood for mood in USUAL if mood.caption not in {one.caption for one in asked}]
    if not captions:  # moods were asked for, not words: the others shall differ from them
        rest.sort(key=lambda mood: mood.expression in expressions)
    filled = [*asked, *rest][: max(count, len(asked))]
    return (*filled, *[PLAIN] * (count - len(filled)))


def of(caption: str, expression: str | None = None) -> Mood:
    """The mood of a caption, of an expression, or of both."""
    if not caption:
        return BY_EXPRESSION.get(expression or "", PLAIN)
    usual = next((mood for mood in USUAL if mood.caption == caption), None)
    if usual is not None and expression in (None, usual.expression):
        return usual
    if expression in BY_EXPRESSION:
        return Mood(caption, expression, BY_EXPRESSION[expression].emoji)
    for words, sounds_like, emoji in SOUNDS:
        if any(word in caption for word in words.split()):
            return Mood(caption, sounds_like, emoji)
    return Mood(caption, None, PLAIN.emoji)
