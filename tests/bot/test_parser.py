"""The parser on the sentences of tests/commands, on hostile text, and on the tables it is made of."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import lexicon
from bot.accuracy import as_told, report
from bot.language import grammar, sayings
from bot.language.intents import decide
from bot.language.reader import VALUES
from bot.language.steps import READINGS
from bot.language.tokens import LIMIT, fold, tokens, vocabulary, words
from bot.parser import parse, parse_jsonl, understand
from storage.plans import COLORS, EXPRESSIONS, INTENTS, POSITIONS, STYLES, Plan

COMMANDS = Path(__file__).parent.parent / "commands"


FILES = ("examples.jsonl", "development.jsonl", "round0.jsonl", "round9.jsonl", "round14.jsonl", "round15.jsonl")


def cases(name: str) -> list[dict[str, Any]]:
    """The sentences of one file."""
    return [json.loads(line) for line in (COMMANDS / name).read_text("utf-8").splitlines()]


def plan_of(case: dict[str, Any]) -> Plan:
    """What the parser makes of a case."""
    return parse(case["text"], case["concepts"], case["photos"])


def share(name: str, fits: Callable[[Plan, Plan], bool]) -> float:
    """The share of a file's cases whose plan fits the wanted one."""
    told = [(plan_of(case), Plan.from_json(case["plan"])) for case in cases(name)]
    results = [fits(as_told(got, wanted), wanted) for got, wanted in told]
    return sum(map(bool, results)) / len(results)


def deeds(plan: Plan) -> list[str]:
    """What a plan does, without to what."""
    return [step.operation for step in plan.steps]


@pytest.mark.parametrize("case", cases("examples.jsonl"), ids=lambda case: case["text"])
def test_examples_are_right(case: dict[str, Any]) -> None:
    assert plan_of(case) == Plan.from_json(case["plan"])


def test_development_sentences_stay_right() -> None:
    """What the rules once had by heart, rules and reader together read at .97 (docs/decisions/language.md)."""
    assert share("development.jsonl", lambda got, wanted: got == wanted) >= 0.96


@pytest.mark.parametrize("name", ["round16.jsonl", "round17.jsonl"])
def test_the_second_schema(name: str) -> None:
    assert share(name, lambda got, wanted: got.intent == wanted.intent) >= 0.93
    assert share(name, lambda got, wanted: (got.intent, deeds(got)) == (wanted.intent, deeds(wanted))) >= 0.9


@pytest.mark.parametrize("name", ["round14.jsonl", "round15.jsonl", "round16.jsonl", "round17.jsonl"])
def test_a_photo_sent_before_is_as_good_as_one_sent_along(name: str) -> None:
    alone = [case for case in cases(name) if case["photos"] == 1]
    same = [understand(case["text"], case["concepts"], discussed=True).plan == plan_of(case) for case in alone]
    assert sum(same) / len(same) >= 0.99


@pytest.mark.parametrize(
    ("text", "done", "impossible"),
    [
        ("背景换成海边,再配个音乐", ["background"], "配个音乐"),
        ("把猫换成狗然后发到朋友圈", ["replace"], "发到朋友圈"),
        ("去掉路人,顺便翻译一下图上的字", ["remove"], "翻译一下图上的字"),
        ("帮我把后面的人去掉再做个视频", ["remove"], "做个视频"),
        ("背景换成雪山,帮我订两张去雪山的机票", ["background"], "订两张去雪山的机票"),
        ("九宫格拼好,顺便给群主道个歉", ["collage"], "给群主道个歉"),
    ],
)
def test_what_cannot_be_done_is_not_dropped(text: str, done: list[str], impossible: str) -> None:
    plan = parse(text, photos=1)
    assert deeds(plan) == done
    assert any(impossible in part for part in plan.unsupported)


@pytest.mark.parametrize(
    "text", ["把这张图做成3D的", "让雪动起来", "把它做成手机壳", "帮我设成微信头像", "识别一下上面的文字", "做成视频"]
)
def test_what_is_none_of_a_photos_is_not_guessed(text: str) -> None:
    plan = parse(text, photos=1)
    assert (plan.intent, plan.steps) == ("edit", ())
    assert [part in text for part in plan.unsupported] == [True]


@pytest.mark.parametrize(
    "text", ["给二维码打码", "把抖音水印去掉", "裁成9:16发抖音", "去掉定位文字", "右下角写上：翻译官"]
)
def test_words_of_other_wishes_in_orders_of_ours(text: str) -> None:
    assert parse(text, photos=1).unsupported == ()
    assert parse(text, photos=1).steps


def test_what_is_missing_is_said() -> None:
    assert parse("换个发型", photos=1).missing == ("content",)
    assert parse("沙发不要红色", photos=1).missing == ("color",)
    assert parse("把猫换成狗", photos=1).missing == ()


@pytest.mark.parametrize("name", ["round0.jsonl", "round9.jsonl", "round14.jsonl", "round15.jsonl"])
def test_sentences_that_were_held_out_are_understood(name: str) -> None:
    """What they came out at when they were seen for the first time is in tests/commands/README.md."""
    assert share(name, lambda got, wanted: got.intent == wanted.intent) >= 0.97
    assert share(name, lambda got, wanted: (got.intent, deeds(got)) == (wanted.intent, deeds(wanted))) >= 0.97
    assert share(name, lambda got, wanted: got == wanted) >= 0.96


@pytest.mark.parametrize("name", FILES)
def test_chat_is_not_taken_for_an_edit(name: str) -> None:
    chats = [case for case in cases(name) if case["plan"]["intent"] == "chat"]
    taken = [case["text"] for case in chats if plan_of(case).intent == "edit"]
    assert len(taken) <= 0.01 * len(chats), taken


def test_says_how_sure_it_is() -> None:
    assert understand("把猫换成狗", photos=1).sure > 0.9
    assert understand("今天天气真好").sure > 0.9
    assert understand("撤销").sure >= 0.9
    assert understand("左边那个人好抢镜", (), 1).doubted is not None
    talked = understand("刚下班累死了哈哈,楼下的超市关门了,把猫换成狗", photos=1)
    assert talked.plan.intent == "edit"
    assert talked.sure < understand("把猫换成狗", photos=1).sure


def test_an_order_about_a_photo_sent_before() -> None:
    """把桌子搬到左边 is said to people; when a photo is being talked about it is an order for that."""
    assert parse("把桌子搬到左边").intent == "chat"
    assert understand("把桌子搬到左边", discussed=True).plan.steps[0].operation == "move"
    assert understand("今天天气真好", discussed=True).plan.intent == "chat"
    assert understand("他昨天戴了帽子", discussed=True).plan.intent == "chat"


@pytest.mark.parametrize("text", ["忘掉阿紫", "忘记小橙", "把阿福忘掉"])
def test_a_name_nobody_taught_can_be_forgotten_too(text: str) -> None:
    """The bot then says that it knows no such name."""
    assert parse(text).intent == "forget"
    assert parse(text).name in text


@pytest.mark.parametrize("text", ["忘记密码", "忘掉烦恼", "忘掉过去", "忘记带伞"])
def test_forgetting_other_things_is_talk(text: str) -> None:
    assert parse(text).intent == "chat"


def test_reports_what_came_out_wrong() -> None:
    lines = [
        '{"text": "把猫换成狗", "photos": 1, "plan": {"intent": "edit", "steps": [{"operation": "replace", "target": "猫", "content": "狗"}]}}',
        '{"text": "你好", "plan": {"intent": "help"}}',
    ]
    wrong, total = report(lines)
    assert "你好" in wrong
    assert total == "2 sentences: intent 0.500, operation 0.500, plan 0.500; 0 of 0 chats taken for an edit"
    assert list(report(['{"text": "你好"}'])) == []


def test_there_are_enough_sentences() -> None:
    everything = [case for name in FILES for case in cases(name)]
    assert len({case["text"] for case in everything}) > 5500
    assert sum(case["plan"]["intent"] == "chat" for case in everything) > 1000
    second = [case for name in ("second.jsonl", "round16.jsonl", "round17.jsonl") for case in cases(name)]
    assert {case["plan"]["intent"] for case in everything + second} == set(INTENTS)


def test_slots_keep_the_users_script() -> None:
    plan = parse("幫我把後面嗰隻貓換成一隻黑色嘅臘腸犬", photos=1)
    assert [(step.target, step.content, step.color, step.position) for step in plan.steps] == [
        ("貓", "臘腸犬", "black", "behind")
    ]


def test_names_come_out_as_taught() -> None:
    assert parse("把TONY加到左边", ["Tony"], 1).steps[0].concept == "Tony"
    assert parse("把阿強加到左邊", ["阿强"], 1).steps[0].concept == "阿强"
    assert parse("桌上加一盘年糕", ["年糕"], 1).steps[0].content == "年糕"
    assert parse("把年糕加到桌上", ["年糕"], 1).steps[0].concept == "年糕"


@pytest.mark.parametrize(
    "bait",
    [
        "把" * 10_000, "把猫换成" * 2_500, "😂" * 10_000, "的" * 10_000, "左边" * 5_000, "和" * 10_000, " " * 10_000,
        "“" * 10_000, "(((((" * 2_000, "叫" * 10_000, "把左边的人和右边的人" * 1_000, "0" * 10_000, "忘掉所有的" * 2_000,
        "再来一张" * 2_500, "名字叫" * 3_300, "👩‍🚀" * 3_000, "\n" * 10_000, "让他笑一点再" * 1_600, "a" * 10_000, "是我" * 5_000,
        "、" * 10_000, "→" * 10_000, "有" * 10_000, "a猫ば한" * 2_500, "再给我加" * 2_500,
    ],
    ids=lambda bait: bait[:6],
)  # fmt: skip
def test_hostile_text_is_answered_at_once(bait: str) -> None:
    """In no more than ten times what an ordinary sentence takes on the same machine at the same time."""

    def spent(text: str) -> float:
        seconds = []
        for photos in (0, 1, 3):
            start = time.process_time()
            parse(text, ["小明", "旺财"], photos)
            seconds.append(time.process_time() - start)
        return min(seconds)

    parse("把猫换成狗")
    assert spent(bait) < 10 * spent("把左边那只猫换成一只白色的狗，再把背景换成海边")


def test_starts_at_once() -> None:
    code = "import time; from bot.parser import parse; parse('把猫换成狗'); print(time.process_time())"
    spent = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(2)
    ]
    assert min(spent) < 4  # with the interpreter's own start


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("把裙子编成绿色的", "把裙子变成绿色的"),
        ("猴面的路人P了", "后面的路人P了"),
        ("家一只兔子再前面", "加一只兔子在前面"),
    ],
)
def test_slips_by_sound_are_read(slip: str, meant: str) -> None:
    assert parse(slip, photos=1) == parse(meant, photos=1)


def test_same_sentence_same_plan() -> None:
    code = "import sys; from bot.parser import parse; print(parse(sys.argv[1], ['旺财', '小明'], 1))"
    sentence = "把左边的狗换成旺财,右边加个小明,再整体弄成漫画风"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, sentence],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {f"{parse(sentence, ['旺财', '小明'], 1)}\n"}


PIECES = ['把', '将', '换成', '变成', '的', '和', '左边', '上面', '加', '去掉', 'P', '一个', '只', '再', '给', '让', '他', '我', ',', '。', '😂', '小明', '猫', '背景', '海边', '红色', '油画', '风格', '戴', '帽子', '放到', '移到', '一点', '不要', '用', '画', '叫', '记住', '表情包', '忘掉', '撤销', '笑', '那个', '照片', '里', '吗', '了', '“', '”', '3', 'x', '(', '*', '\\']  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)), st.integers(0, 4))
@example("忘那个", 0)
def test_any_text_gives_a_plan_of_its_own_words(text: str, photos: int) -> None:
    plan = parse(text, ["小明", "*"], photos)
    assert Plan.from_json(plan.to_json()) == plan
    kept = re.sub("[\ud800-\udfff]", "\ufffd", text)
    for step in plan.steps:
        for slot in (step.target, step.content):
            assert slot is None or slot in ("背景", *VALUES) or set(slot) <= set(kept)
    json.dumps(plan.to_json(), ensure_ascii=False).encode()


@settings(deadline=None)  # the first word loads the tables
@given(st.text(max_size=60))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    folded = fold(text)
    for token in tokens(text):
        assert 0 <= token.start < token.end <= min(len(text), LIMIT)
        if token.word not in vocabulary().slips.values():
            assert folded[token.start : token.end] == token.word


def test_jsonl_answers_line_by_line() -> None:
    lines = ['{"text": "撤销"}', "", '{"text": "把小明加到左边", "concepts": ["小明"], "photos": 1}']
    assert [json.loads(line) for line in parse_jsonl(lines)] == [
        {"intent": "undo"},
        {"intent": "edit", "steps": [{"operation": "insert", "concept": "小明", "position": "left"}]},
    ]
    with pytest.raises(ValueError, match="line 2"):
        list(parse_jsonl(['{"text": "撤销"}', '{"sentence": "撤销"}']))


def test_frames_use_known_parts_and_readings() -> None:
    parts = {part for part, _ in vocabulary().parts.values()}
    for frame, reading in grammar.FRAMES:
        assert reading in READINGS
        for item in frame.split():
            if item.isupper():
                assert set(item.rstrip("?").split("|")) <= parts, frame
    assert {reading for _, reading in grammar.FRAMES} == set(READINGS)


def test_meanings_are_words_of_the_plan() -> None:
    known = {"style": STYLES, "color": COLORS, "position": (*POSITIONS, "none"), "expression": EXPRESSIONS}
    for key in lexicon.MEANINGS:
        slot, value = key.split(":")
        assert value in known[slot]
    assert {key.split(":")[1] for key in lexicon.MEANINGS if key.startswith("style")} == set(STYLES)
    assert {key.split(":")[1] for key in lexicon.MEANINGS if key.startswith("expression")} == set(EXPRESSIONS)


def test_no_word_has_two_meanings_of_one_slot() -> None:
    for slot in ("style", "color", "position"):
        found: dict[str, str] = {}
        for key, line in lexicon.MEANINGS.items():
            if key.startswith(slot):
                for word in words(line):
                    assert found.setdefault(word, key) == key, word


def test_sayings_are_intents_in_an_order() -> None:
    assert set(sayings.SAYINGS) == set(sayings.ORDER) <= set(INTENTS)
    assert decide(["cancel", "undo"]) == Plan("undo")
    assert decide([]) is None


def test_lists_multiply() -> None:
    assert words("去,删*掉,除 走") == ["去掉", "去除", "删掉", "删除", "走"]


def test_leaves_no_cache_behind(tmp_path: Path) -> None:
    code = "import os, tempfile; from bot.parser import parse; parse('把猫换成狗'); print(os.listdir(tempfile.gettempdir()))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"TMPDIR": str(tmp_path)}
    )
    assert run.stdout.strip() == "[]"
    assert run.stderr == ""


@pytest.mark.parametrize("sentence", ["换一张他的照片", "换一张她的照片试试", "再用另一张他的照片吧"])
def test_another_photo_of_them_is_once_more(sentence: str) -> None:
    """Once more takes another reference."""
    assert parse(sentence).intent == "again"


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("中间打上“转让”两个红字", {"content": "转让"}),
        ("下面打上love you forever", {"content": "love you forever"}),
        ("发抖音要9:16的,帮裁下", {"content": "9:16"}),
        ("来个乐高风", {"content": "乐高"}),
        ("来点电影感", {"content": "电影感"}),
        ("窗台摆盆绿萝", {"content": "绿萝", "color": None}),
        ("加个红灯笼", {"content": "灯笼", "color": "red"}),
    ],
)
def test_exact_words(text: str, slots: dict[str, str | None]) -> None:
    """What stands between quotes, whole English words, proportions, what a style is called, a plant that is no colour."""
    (step,) = parse(text, photos=1).steps
    assert {name: getattr(step, name) for name in slots} == slots


def test_no_words_are_no_content() -> None:
    assert parse("加几个字上去", photos=1).missing == ("content",)


def test_a_picture_is_meant_by_number() -> None:
    """A number in JSON, and the same plan back."""
    plan = parse("第三张再发一遍")
    assert plan.to_json()["result"] == 3
    assert Plan.from_json(plan.to_json()) == plan
