"""What a sentence says of several photos sent with it."""

import pytest

from bot.language import album


@pytest.mark.parametrize(
    ("text", "photos", "scene", "who"),
    [
        ("把小明加到左边", 4, None, None),
        ("后面三张是小明，把他加到左边", 4, 0, "小明"),
        ("把小佩加到左边，后面三张是她", 4, 0, None),
        ("前两张小王，最后一张大合影，把小王放后排", 3, 2, "小王"),
        ("图2图3是我弟，加中间", 3, 0, "我弟"),
        ("图1-4全是我妹，图5是合影", 5, 4, "我妹"),
        ("第二张里加上我外婆，其余的都是她", 3, 1, None),
        ("我同学小李那天没来，帮忙把他P进去", 3, None, "小李"),
        ("合照里少了阿强，照着后面的照片给补上", 3, 0, "阿强"),
        ("小孙的照片在前面，合照在最后", 4, 3, "小孙"),
        ("倒数第一张是班级合影，前面的都是班长", 4, 3, "班长"),
        ("第一张是宇航员，后面三张是霍珀，把她加到右边", 4, 0, "霍珀"),
        ("第七张是合照", 4, None, None),
        ("这是我们年会的照片", 4, None, None),
        ("第一张裁成方形", 3, None, None),
    ],
)
def test_which_photo_and_who(text: str, photos: int, scene: int | None, who: str | None) -> None:
    said = album.read(text, photos)
    assert (said.scene, said.who) == (scene, who)


def test_the_rest_is_in_the_users_own_words() -> None:
    assert album.read("後面三張是小陳，把他P到左邊", 4).rest == "把他P到左邊"
    assert album.read("把她P到第一张里", 4).rest == "把她P到照片里"
    assert album.read("这是小明，记住他", 1).rest
