"""What the parser says of people's words is taken as they mean it; and things are told in Chinese."""

import pytest

from pipeline.diffusion.meaning import Meaning
from pipeline.diffusion.names import nearest, say
from pipeline.diffusion.vocabulary import Thing, Vocabulary
from storage.plans import Step
from tests.pipeline.diffusion.asking import asked

CASES = {
    "喵星人": Meaning(("cat",), thing=True),
    "红色的猫": Meaning(("cat",), {"color": "red"}, thing=True),
    "小白兔": Meaning(("rabbit",), {"color": "white"}, thing=True),
    "黑貓": Meaning(("cat",), {"color": "black"}, thing=True),
    "單車": Meaning(("bicycle",), thing=True),
    "雪糕": Meaning(("ice cream",), thing=True),
    "戴眼鏡嘅女仔": Meaning(("girl",), {"accessory": "glasses"}, thing=True),
    "後生仔": Meaning(("boy",), thing=True),
    "穿波点裙的靓女": Meaning(("girl",), {"pattern": "dotted"}, thing=True),
    "小黄鸭": Meaning(("duck",), thing=True),
    "🐶": Meaning(("dog",), thing=True),
    "☂️": Meaning(("umbrella",), thing=True),
    "red car": Meaning(("car",), {"color": "red"}, thing=True),
    "笑一笑": Meaning(slots={"expression": "happy"}),
    "哭脸": Meaning(slots={"expression": "sad"}),
    "不开心": Meaning(slots={"expression": "sad"}),
    "生氣": Meaning(slots={"expression": "angry"}),
    "驚訝": Meaning(slots={"expression": "surprised"}),
    "眼瞓": Meaning(slots={"expression": "sleepy"}),
    "面无表情": Meaning(slots={"expression": ""}),
    "她的表情": Meaning(("girl", "boy"), part="expression", thing=True),
    "牙刷": Meaning(unknown="牙刷"),
    "一只粉红色的小兔子": Meaning(("rabbit",), {"color": "pink"}, thing=True),
    "黑色长发穿红裙子的女孩": Meaning(("girl",), {"hair_color": "black", "hair": "long", "color": "red"}, thing=True),
    "戴眼镜的卷发男生": Meaning(("boy",), {"accessory": "glasses", "hair": "curly"}, thing=True),
    "头发是紫色的妹子": Meaning(("girl",), {"color": "purple"}, thing=True),
    "绿色独眼怪兽": Meaning(("monster",), {"color": "green", "eyes": "one eye"}, thing=True),
    "有角的三只眼睛的怪物": Meaning(("monster",), {"top": "horns", "eyes": "three eyes"}, thing=True),
    "金发": Meaning((), {"hair_color": "yellow"}),
    "紫色的头发": Meaning((), {"hair_color": "purple"}, "hair_color"),
    "衣服": Meaning((), {}, "color"),
    "在草地上的红色兔子": Meaning(("rabbit",), {"color": "red"}, setting="grass", thing=True),
    "海边": Meaning(setting="beach"),
    "路人": Meaning(("girl", "boy"), thing=True, passers=True),
    "后面的人": Meaning(("girl", "boy"), thing=True, passers=True),
    "小红": Meaning(unknown="小红"),
    "红色的": Meaning(slots={"color": "red"}),
    "它": Meaning((), thing=True),
}


@pytest.mark.parametrize("text", CASES)
def test_phrases(text: str) -> None:
    """Kind, attributes, part and place of typical phrases."""
    assert asked(Step("remove", text)).target == CASES[text]


@pytest.mark.parametrize("text", ["螺旋车", "狗粮", "牙刷", "河马", "兔儿爷", "花旗"])
def test_compounds_are_not_their_parts(text: str) -> None:
    """A car is not in every word that contains 车."""
    meaning = asked(Step("remove", text)).target
    assert meaning.kinds == ()
    assert meaning.unknown


def test_offers_the_nearest() -> None:
    """Something of the same group, or with a part of the name, else everything."""
    world = Vocabulary(things={kind: (f"a {kind}",) for kind in ("cat", "dog", "car", "house")})
    assert nearest(world, "狮子", ("lion",)) == ("cat", "dog")
    assert nearest(world, "螺旋车") == ("car",)
    assert set(nearest(world, "牙刷")) == set(world.things)


def test_things_are_told_in_chinese() -> None:
    """As one would point at them."""
    assert say(Thing("cat", {"color": "red"}, "left")) == "左边红色的猫"
    girl = Thing("girl", {"hair": "long", "hair_color": "black", "color": "red", "accessory": "with a hat"}, "right")
    assert say(girl, place=False) == "穿红色衣服、黑色长发、戴帽子的女孩"
    assert say(Thing("ball")) == "中间的球"
