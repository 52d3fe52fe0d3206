"""Chinese steps become the captions that the miniature was trained on, or a sentence that offers what can be done."""

from dataclasses import replace

import pytest

from bot.language import english
from miniature import sampling, scenes, wording
from pipeline.diffusion import words
from pipeline.diffusion.grounding import PromptError, Taught
from pipeline.diffusion.prompts import Prompts
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, caption, content_words, parse
from pipeline.engine import Ambiguous, OrderError
from storage.plans import COLORS, STYLES, Step
from tests.pipeline.diffusion.asking import half_hidden, open_prompts, prompts, select

WORLD = parse(wording.world())
CAT = Thing("cat", {"color": "red"}, "left", (0.05, 0.4, 0.4, 0.9))
BALL = Thing("ball", {"color": "blue"}, "right", (0.6, 0.5, 0.95, 0.9))
GIRL_SLOTS = {"hair": "long", "hair_color": "black", "color": "red", "pattern": "", "accessory": ""}
GIRL = Thing("girl", GIRL_SLOTS, "middle", (0.3, 0.2, 0.7, 0.95))
ZI = Taught("<阿紫>", "person", "girl", {"hair": "long", "hair_color": "purple"})


def seen(*things: Thing, setting: str = "beach", style: str = "photo") -> Seen:
    """A picture with these things."""
    told = Seen(setting, style, things, "")
    return Seen(setting, style, things, caption(WORLD, told))


def run(step: Step, *things: Thing, **options: object) -> Prompts:
    """The prompts for a step on a picture of these things."""
    return prompts(step, seen(*things), WORLD, **options)  # type: ignore[arg-type]


def as_thing(thing: scenes.Thing) -> Thing:
    """A thing of the drawn world as the look would find it."""
    return Thing(thing.kind, wording.slots(thing), thing.position)


def as_seen(scene: scenes.Scene) -> Seen:
    """A drawn scene as the look would find it."""
    things = tuple(as_thing(thing) for thing in scene.things)
    around = tuple(name for name, there in (("mirror", scene.mirror), ("passers", scene.passers)) if there)
    return Seen(scene.setting, scene.style.replace(" ", "_"), things, scene.caption(), around=around)


@pytest.mark.parametrize("seed", range(40))
def test_captions_are_those_of_the_drawn_world(seed: int) -> None:
    """Word for word, with the details that crowded pictures leave unsaid."""
    scene = sampling.sample([77, seed], count=seed % 4, plain=seed % 4 == 3)
    assert caption(WORLD, as_seen(scene), int(len(scene.things) >= WORLD.crowd)) == scene.caption()


@pytest.mark.parametrize("seed", range(30))
def test_target_prompts_are_the_captions_of_the_true_answers(seed: int) -> None:
    """Recolouring, removing, other settings and styles: what the model is told is what the scene would be called."""
    scene = sampling.sample([78, seed], count=2)
    picture, kind = as_seen(scene), scene.things[0].kind
    color = next(c for c in scenes.COLORS if c != scene.things[0].color)
    setting = next(s for s in scenes.SETTINGS if s != scene.setting)
    position = {"middle": "center"}.get(scene.things[0].position, scene.things[0].position)
    chinese = words.NAMES[kind][1]
    told = prompts(Step("recolor", chinese, color=color, position=position), picture, WORLD)
    assert (told.source, told.target) == (scene.caption(), scene.recolor(0, color).caption())
    told = prompts(Step("remove", chinese, position=position), picture, WORLD)
    assert told.target == scene.remove(0).caption()
    told = prompts(Step("background", content=words.SETTING_NAMES[setting]), picture, WORLD)
    assert told.target == scene.background(setting).caption()
    style = "comic" if scene.style != "comic" else "impressionist"
    assert prompts(Step("restyle", style=style), picture, WORLD).target == scene.restyle(style).caption()


def test_every_word_of_the_world_can_be_said_in_chinese() -> None:
    """Kinds, colours, settings, styles and attributes all have Chinese words."""
    for told, read in ((words.GROUPS, english.GROUPS), (words.SETTING_NAMES, english.SETTINGS)):
        assert told.keys() == read.keys()
    assert all(words.GROUPS[group].keys() == kinds.keys() for group, kinds in english.GROUPS.items())
    assert set(WORLD.things) <= set(words.NAMES)
    assert set(WORLD.slots["color"]) | set(WORLD.slots["hair_color"]) <= set(english.COLORS)
    assert set(WORLD.settings) <= set(english.SETTINGS)
    assert set(WORLD.styles) <= set(words.STYLES)
    assert set(STYLES) <= set(words.STYLES)
    assert set(COLORS) == set(english.COLORS) == set(words.COLOR_NAMES)
    for slot in ("hair", "top", "eyes"):
        assert set(WORLD.slots[slot]) == set(english.SLOTS[slot]) == set(words.SLOT_NAMES[slot])


def test_replace() -> None:
    """左边那只猫换成黑色的狗: the ball stays, colour and noun are told apart."""
    told = run(Step("replace", "猫", "狗", color="black"), CAT, BALL)
    assert told.source == "a photo of a red cat on the left and a blue ball on the right on the beach"
    assert told.target == "a photo of a black dog on the left and a blue ball on the right on the beach"
    assert told.words == (("cat", "dog"), ("red", "black"))
    assert told.box[0] <= CAT.box[0] < CAT.box[2] <= told.box[2]
    assert told.index == 0
    assert told.description == "把左边红色的猫换成黑色的狗"


def test_replace_keeps_what_is_not_said() -> None:
    """A cat that becomes a dog keeps its colour; a girl that becomes a boy her hair."""
    assert "a red dog" in run(Step("replace", "喵星人", "狗子"), CAT, BALL).target
    told = run(Step("replace", "妹子", "帅哥"), GIRL)
    assert told.target == "a photo of a boy with long black hair in a red shirt on the beach"
    assert told.words == (("girl", "boy"),)


def test_replace_with_a_concept() -> None:
    """The pseudo-word stands for all that was said of the old thing."""
    told = run(Step("replace", "小狗", concept="阿紫"), Thing("dog", {"color": "white"}), concepts={"阿紫": ZI})
    assert told.target == "a photo of <阿紫> on the beach"
    assert told.words == (("dog", "<阿紫>"), ("white", None))
    assert told.description == "把中间白色的狗换成阿紫"


def test_a_taught_name_as_target_is_found_by_its_looks() -> None:
    """把阿紫换成狗 finds the girl with purple hair among girls."""
    other = Thing("girl", {**GIRL_SLOTS, "hair_color": "purple"}, "right", (0.7, 0.2, 1, 1))
    told = run(Step("replace", "阿紫", "狗"), GIRL, other, concepts={"阿紫": ZI})
    assert told.index == 1


def test_recolor_clothes_and_hair() -> None:
    """衣服 and 头发 are parts of a person."""
    told = run(Step("recolor", "衣服", color="blue"), GIRL)
    assert told.target == "a photo of a girl with long black hair in a blue dress on the beach"
    assert told.words == (("red", "blue"),)
    told = run(Step("recolor", "头发", color="pink"), GIRL, CAT)
    assert "long pink hair in a red dress" in told.target
    told = run(Step("replace", "衣服", "旗袍", color="green"), GIRL)
    assert "in a green dress" in told.target


def test_modify() -> None:
    """Glasses, hats, hair styles; snow is another setting."""
    assert "dress with a hat" in run(Step("modify", "她", "圣诞帽"), GIRL).target
    assert run(Step("modify", "她", "眼镜"), GIRL).words == ((None, "glasses"),)
    assert "curly black hair" in run(Step("modify", "女孩", "卷发"), GIRL).target
    assert run(Step("modify", None, "下雪"), GIRL).target.endswith("in the snow")
    hatted = Thing("girl", {**GIRL_SLOTS, "accessory": "with a hat"})
    assert run(Step("remove", "帽子"), hatted).words == (("hat", None),)


def test_insert_takes_a_free_place() -> None:
    """The place said, or the free one farthest from the others; a thing that stood alone gets its place said."""
    told = run(Step("insert", content="红色的球", position="left"), GIRL)
    assert told.source == "a photo of a girl with long black hair in a red dress on the beach"
    assert told.target.startswith("a photo of a red ball on the left and a girl")
    assert "in the middle" in told.target
    assert told.box[2] <= 0.46
    assert "in the middle" in run(Step("insert", content="猫"), CAT, BALL).target
    assert run(Step("insert", concept="阿紫"), BALL, concepts={"阿紫": ZI}).target.startswith(
        "a photo of <阿紫> on the left"
    )
    empty = run(Step("insert", content="花"))
    assert empty.source == "a photo of nothing on the beach"
    assert empty.target == "a photo of a red flower on the left on the beach"


def test_remove_leaves_the_rest() -> None:
    """The last thing leaves nothing."""
    assert run(Step("remove", "球"), CAT, BALL).target == "a photo of a red cat on the left on the beach"
    assert run(Step("remove", "它"), CAT).target == "a photo of nothing on the beach"


def test_passers_whom_nobody_sees_are_asked_about() -> None:
    """Somebody whom the photo is of is never taken for one."""
    girl = Thing("girl", {"hair": "long", "hair_color": "black", "color": "red"}, "left")
    with pytest.raises(PromptError, match="no passers seen") as refused:
        run(Step("remove", "路人", position="behind"), girl)
    assert "去掉左边" in refused.value.sentence


@pytest.mark.parametrize("around", [(), ("passers",)])
def test_passers_who_may_be_there_are_taken_away(around: tuple[str, ...]) -> None:
    """The source says that they are there, whether or not that was likely before it was asked for."""
    box = (0.6, 0.3, 0.9, 0.7)
    photo = Seen("beach", "photo", (CAT,), "", around=around, passers=box)
    told = prompts(Step("remove", "路人", position="behind"), photo, WORLD)
    gone = WORLD.around["passers"]
    assert gone in told.source
    assert gone not in told.target
    assert (told.box, told.index, told.words) == (box, None, ((content_words(gone), None),))


def test_style_and_setting() -> None:
    """A taught style is a pseudo-word too."""
    told = run(Step("restyle", style="ink_wash"), CAT)
    assert told.target == "an ink wash painting of a red cat on the left on the beach"
    assert told.words == (("photo", "ink wash painting"),)
    told = run(Step("restyle", concept="青花"), CAT, concepts={"青花": Taught("<青花>", "style")})
    assert told.target.startswith("a <青花> of a red cat")
    told = run(Step("background", content="夜晚的城市"), CAT)
    assert told.target.endswith("in the night city")
    assert told.words == (("beach", "night city"),)


FACES = {**wording.world()["slots"], "expression": ["", "happy", "sad", "angry", "surprised", "sleepy"]}
LIVELY = parse({**wording.world(), "slots": FACES})


@pytest.mark.parametrize(
    ("said", "face"),
    [("笑一笑", "happy"), ("哭脸", "sad"), ("生气", "angry"), ("惊讶", "surprised"), ("困", "sleepy")],
)
def test_faces(said: str, face: str) -> None:
    """Whoever has a face is meant; the article fits."""
    photo = Seen("beach", "photo", (CAT, Thing("girl", {**GIRL_SLOTS, "expression": ""}, "right")), "")
    told = prompts(Step("modify", None, said), photo, LIVELY)
    assert f"{'an' if face == 'angry' else 'a'} {face} girl with long black hair" in told.target
    assert told.words == ((None, face),)
    assert told.index == 1
    assert prompts(Step("replace", "她的表情", said), photo, LIVELY).words == ((None, face),)


def test_a_face_can_become_calm_again() -> None:
    photo = Seen("beach", "photo", (Thing("girl", {**GIRL_SLOTS, "expression": "angry"}),), "")
    told = prompts(Step("modify", "女孩", "面无表情"), photo, LIVELY)
    assert told.words == (("angry", None),)
    assert told.description == "让中间穿红色衣服、黑色长发的女孩变成平静的表情"


def test_who_is_taught_is_found_by_the_judge() -> None:
    """The most alike is taken, the wish is asked back where two are as alike, another kind of the group will do."""
    girls = (GIRL, Thing("girl", GIRL_SLOTS, "right", (0.7, 0.2, 1, 1)), Thing("boy", GIRL_SLOTS, "left"))
    sure = Taught("<阿紫>", "person", "girl", {"hair_color": "purple"}, likeness=(0.6, 0.9, 0.95))
    assert run(Step("replace", "阿紫", "狗"), *girls, concepts={"阿紫": sure}).index == 1
    torn = Taught("<阿紫>", "person", "girl", likeness=(0.88, 0.9, 0.95))
    with pytest.raises(Ambiguous, match="2 things") as question:
        run(Step("replace", "阿紫", "狗"), *girls, concepts={"阿紫": torn})
    assert question.value.sentence == "照片里不止一个像阿紫，是哪一个？"
    assert run(Step("remove", "阿紫"), CAT, girls[2], concepts={"阿紫": sure}).index == 1
    with pytest.raises(Ambiguous) as absent:
        run(Step("remove", "阿紫"), GIRL, concepts={"阿紫": Taught("<阿紫>", "person", "girl", likeness=(0.4,))})
    assert absent.value.sentence == "照片里好像没有阿紫，你说的是哪一个？"
    with pytest.raises(PromptError, match="nobody like girl"):
        run(Step("remove", "阿紫"), CAT, BALL, concepts={"阿紫": sure})


def test_an_unknown_word_for_what_is_there_is_asked_back() -> None:
    """小红换成狗, and nobody knows 小红: every thing may be meant."""
    with pytest.raises(Ambiguous) as question:
        run(Step("replace", "小红", "狗"), CAT, GIRL)
    assert question.value.unheard
    assert question.value.sentence == "我还不认识“小红”，你说的是哪一个？"
    assert [choice.index for choice in question.value.choices] == [0, 1]


@pytest.mark.parametrize(
    ("step", "instead"),
    [
        (
            Step("replace", "猫", "狮子"),
            [{"content": "狗"}, {"content": "兔子"}, {"content": "小鸟"}, {"content": "熊"}],
        ),
        (Step("replace", "猫", "火车"), [{"content": "汽车"}, {"content": "船"}]),
        (Step("recolor", "猫", color="orange"), [{"color": "yellow"}]),
        (Step("insert", content="猫", position="left"), [{"position": "center"}]),
        (
            Step("background", content="森林"),
            [{"content": "草地"}, {"content": "雪地"}, {"content": "城市夜景"}, {"content": "房间"}],
        ),
    ],
)
def test_what_can_be_done_instead(step: Step, instead: list[dict[str, str]]) -> None:
    """Each offer is a change of the step that can be carried out."""
    with pytest.raises(PromptError) as refused:
        run(step, CAT, BALL)
    assert [dict(offer.changes) for offer in refused.value.offers] == instead
    for offer in refused.value.offers:
        assert run(replace(step, **offer.changes), CAT, BALL).target


def test_styles_instead() -> None:
    """The most alike first, by its id where a plan has one."""
    with pytest.raises(PromptError) as refused:
        run(Step("restyle", style="oil"), CAT)
    styles = [offer.changes["style"] or offer.changes["content"] for offer in refused.value.offers]
    assert styles == ["impressionist", "abstract", "ink_wash", "comic"]


def test_the_only_person_is_who_is_meant() -> None:
    """A boy whom the reader took for a girl; but not of two, and a dog is no person."""
    step = Step("modify", "男孩", "开心")
    assert select(step, seen(GIRL), WORLD, {}) == 0
    assert select(step, seen(CAT, GIRL), WORLD, {}) == 1
    for things in ((GIRL, replace(GIRL, position="right", box=(0.72, 0.2, 0.98, 0.95))), (CAT,)):
        with pytest.raises(PromptError):
            select(step, seen(*things), WORLD, {})


def test_who_stands_behind_has_the_higher_foot() -> None:
    """Of two of a kind it is the one behind; of somebody half hidden even the kind may be taken for another."""
    back = Thing("girl", GIRL_SLOTS, "left", (0.1, 0.2, 0.45, 0.85))
    step = Step("recolor", "女孩的衣服", color="blue", position="behind")
    assert select(step, seen(back, GIRL), WORLD, {}) == 0
    assert select(step, seen(replace(back, kind="boy"), GIRL), WORLD, {}) == 0
    assert select(replace(step, target="男孩的衣服"), seen(back, GIRL), WORLD, {}) == 0
    with pytest.raises(PromptError):  # nobody is seen behind her, and she is not meant
        select(replace(step, target="男孩的衣服"), seen(GIRL), WORLD, {})
    beside = replace(back, kind="boy", box=(0.02, 0.2, 0.28, 0.85))
    assert select(step, seen(beside, GIRL), WORLD, {}) == 1  # who is not hidden is not taken for somebody else
    with pytest.raises(Ambiguous):  # side by side nobody stands behind
        select(step, seen(replace(back, box=(0.1, 0.3, 0.3, 0.95)), GIRL), WORLD, {})


def test_who_is_looked_for_once_more() -> None:
    """A person whom the step says stands behind, when none is seen there; passers-by are somebody else's."""
    step = Step("recolor", "女孩的衣服", color="blue", position="behind")
    back = Thing("girl", GIRL_SLOTS, "left", (0.1, 0.2, 0.45, 0.85))
    assert half_hidden(step, seen(GIRL), WORLD) == ("girl",)
    assert half_hidden(step, seen(replace(back, kind="rabbit"), GIRL), WORLD) == ("girl",)
    assert half_hidden(step, seen(back, GIRL), WORLD) == ()
    assert half_hidden(replace(step, target="兔子"), seen(GIRL), WORLD) == ()
    assert half_hidden(replace(step, position="left"), seen(GIRL), WORLD) == ()
    assert half_hidden(Step("remove", "人", position="behind"), seen(GIRL), WORLD) == ()


def test_several_fit() -> None:
    """By place, by looks, by the answer to a question; else the question with its choices."""
    black = Thing("cat", {"color": "black"}, "right", (0.6, 0.4, 0.9, 0.9))
    assert select(Step("remove", "猫", position="right"), seen(CAT, black), WORLD, {}) == 1
    assert select(Step("remove", "黑色的猫"), seen(CAT, black), WORLD, {}) == 1
    assert select(Step("remove", "猫", position="center"), seen(CAT, black), WORLD, {}) in (0, 1)
    with pytest.raises(Ambiguous) as question:
        select(Step("remove", "猫"), seen(CAT, black), WORLD, {})
    assert question.value.sentence == "照片里不止一个，是左边红色的猫，还是右边黑色的猫？"
    assert [choice.index for choice in question.value.choices] == [0, 1]
    assert select(Step("remove", "猫"), seen(CAT, black), WORLD, {}, choice=1) == 1


@pytest.mark.parametrize(
    ("step", "offer"),
    [
        (Step("replace", "猫", "狮子"), "可以换成狗、兔子"),
        (Step("replace", "猫", "火车"), "可以换成汽车"),
        (Step("insert", content="牙刷"), "可以换成"),
        (Step("insert", concept="小明"), "还没学会小明"),
        (Step("insert", content="猫", position="left"), "左边已经有红色的猫了，可以放在中间"),
        (Step("recolor", "猫", color="orange"), "可以换成黄色"),
        (Step("recolor", "猫"), "什么颜色"),
        (Step("restyle", style="oil"), "可以换成水墨画、印象派、漫画"),
        (Step("restyle", concept="青花"), "还不会画青花"),
        (Step("restyle", style="photo") if "photo" in STYLES else Step("restyle", content="照片"), "已经是照片了"),
        (Step("background", content="月球"), "背景可以换成：沙漠、城市夜景、草地、雪地"),
        (Step("background", content="海边"), "已经是海边了"),
        (Step("remove", "狗"), "我看到的是：左边红色的猫、右边蓝色的球"),
        (Step("remove", "牙刷"), "还不认识“牙刷”"),
        (Step("modify", "猫", "眼镜"), "能改的是：颜色"),
        (Step("modify", "猫", "飞起来"), "还不会“飞起来”这种改动。现在能改的有：颜色、表情、发型、发色"),
        (Step("modify", "猫", "笑一笑"), "猫改不了“笑一笑”，能改的是：颜色"),
        (Step("recolor", "猫", color="red"), "已经是这样了"),
        (Step("replace", "猫"), "换成什么"),
    ],
)
def test_what_cannot_be_done_is_said_with_an_offer(step: Step, offer: str) -> None:
    """No guess, no mush: a sentence that says what to do next."""
    with pytest.raises(OrderError) as refused:
        run(step, CAT, BALL)
    assert offer in refused.value.sentence


def test_nothing_seen() -> None:
    """An empty picture has nothing to change."""
    with pytest.raises(PromptError, match="nothing seen"):
        run(Step("remove", "猫"))


def test_details_are_left_unsaid_until_the_prompt_fits() -> None:
    """Those of the others first, the same in both prompts."""
    others = tuple(
        Thing("boy", {**GIRL_SLOTS, "color": color}, place) for color, place in (("blue", "left"), ("green", "right"))
    )
    told = run(
        Step("recolor", "女孩", color="white"), others[0], GIRL, others[1], fits=lambda text: len(text.split()) <= 36
    )
    assert "a girl with long black hair in a red dress" in told.source
    assert "a boy on the left" in told.source or "a boy in a blue shirt on the left" in told.source
    assert told.target == told.source.replace("red", "white")


def test_a_detail_that_crowds_leave_unsaid_is_said_when_it_changes() -> None:
    """Glasses for one of three people, although captions of three do not mention glasses."""
    told = run(Step("modify", "女孩", "眼镜"), CAT, GIRL, BALL)
    assert "red dress with glasses in the middle" in told.target
    assert "glasses" not in told.source
    assert told.words == ((None, "glasses"),)


OPEN = Seen("", "", (), "")


@pytest.mark.parametrize(
    ("step", "source", "target"),
    [
        (Step("replace", "猫", "狮子"), "a photo of a cat", "a photo of a lion"),
        (Step("replace", "狗", concept="旺财"), "a photo of a dog", "a photo of a <旺财>"),
        (Step("recolor", "车子", color="blue"), "a photo of a car", "a photo of a blue car"),
        (Step("insert", content="气球", color="red"), "a photo of a scene", "a photo of a scene and a red balloon"),
        (Step("modify", "女孩", "眼镜"), "a photo of a girl", "a photo of a girl with glasses"),
        (Step("restyle", style="oil"), "a photo of a scene", "an oil painting of a scene"),
        (Step("background", content="月球"), "a photo of a scene", "a photo of a scene on the moon"),
        # words that only the dictionary knows; the last word of a phrase; traditional characters
        (Step("replace", "螃蟹", "小龙虾"), "a photo of a crab", "a photo of a crayfish"),
        (Step("replace", "貓", "紅色的獨角獸", color="red"), "a photo of a cat", "a photo of a red unicorn"),
        (Step("insert", content="会飞的独角兽"), "a photo of a scene", "a photo of a scene and a unicorn"),
        (Step("modify", "国王", "皇冠"), "a photo of a king", "a photo of a king with a crown"),
        (Step("modify", "女孩", "笑一笑"), "a photo of a girl", "a photo of a girl looking happy"),
        (
            Step("background", content="金字塔"),
            "a photo of a scene",
            "a photo of a scene with a pyramid in the background",
        ),
        (Step("background", content="沙漠"), "a photo of a scene", "a photo of a scene in the desert"),
        (Step("restyle", content="浮世绘风格"), "a photo of a scene", "a picture in ukiyo-e style of a scene"),
    ],
)
def test_open_world_without_a_caption(step: Step, source: str, target: str) -> None:
    """Stable Diffusion is told as much as the sentence says."""
    told = open_prompts(step, OPEN, {"旺财": Taught("<旺财>", "pet", "dog")})
    assert (told.source, told.target) == (source, target)


def test_open_world_with_a_caption() -> None:
    """The captioner's sentence is edited where it names the target."""
    photo = Seen("", "", (), "a cat and an apple on a table")
    assert open_prompts(Step("replace", "苹果", "香蕉"), photo, {}).target == "a cat and a banana on a table"
    assert open_prompts(Step("remove", "苹果"), photo, {}).target == "a cat on a table"
    assert open_prompts(Step("replace", "狗", "马"), photo, {}).source == "a photo of a dog"
    assert open_prompts(Step("restyle", style="comic"), photo, {}).target == "a comic of a cat and an apple on a table"


@pytest.mark.parametrize(
    "step",
    [
        Step("replace", "猫", "锟斤拷"),
        Step("replace", "锟斤拷", "猫"),
        Step("remove"),
        Step("background", content="锟斤拷"),
        Step("restyle", content="锟斤拷"),
        Step("insert", concept="小明"),
        Step("replace", "猫"),
    ],
)
def test_open_world_refuses_what_it_cannot_translate(step: Step) -> None:
    """Asks for another word."""
    with pytest.raises(PromptError):
        open_prompts(step, OPEN, {})


def test_a_vocabulary_that_contradicts_itself() -> None:
    """heying.json is checked."""
    data = wording.world()
    with pytest.raises(ValueError, match="slots"):
        parse({**data, "slots": {}})
    with pytest.raises(ValueError, match="lacks"):
        parse({"things": {}})
    assert Vocabulary().open
    assert parse({"guidance": 3.0}).open


def test_without_a_translator_the_user_is_told_of_it() -> None:
    """A phrase in no dictionary: how more could be understood."""
    with pytest.raises(PromptError) as refused:
        open_prompts(Step("insert", content="锟斤拷"), OPEN, {})
    assert refused.value.sentence.endswith("英文单词也可以。装上 opus-mt-zh-en 翻译模型后能听懂更多。")
