"""What 都, 每 and 所有 count when several photos came: the photos, or what is in one of them."""

import pytest

from bot.language import scope

PHOTOS = """
都改成水墨画
都改成水墨
每张都调亮一点
每一张都把路人都去掉
这些照片都改成油画
把这几张照片的背景换成白色
这几张都改成漫画
全部照片裁成方形
所有的图都调暖一点
全部改成油画
全都改成油画
两张都把路人去掉
三张照片里的路人都去掉
这三张一起调亮
都把背景虚化
背景都换成白色
把天空都换成晚霞
颜色都调鲜艳一点
统一改成素描
批量改成素描
把它们都改成水墨画
这些都改成动漫风格
把我都去掉
她的脸都磨皮
把小明都去掉
最左边的人都去掉
照片都扶正
把每张照片里的人都去掉
全部裁成方形，再调亮一点
把猫换成狗，都改成水墨画
每幅都加上小明
相片都修复一下
"""
WITHIN = """
把他们都去掉
把他俩都去掉
把这两个人都去掉
把路人都去掉
把所有人都去掉
所有路人去掉
把她们的衣服都换成红色
给每个人戴上墨镜
每个人都戴上帽子
大家的脸都亮一点
照片里的人都去掉
后面那些人全去掉
把这些人都去掉
把他们一起去掉
把小明和小红都去掉
把球都去掉
图里的字全部去掉
所有的字都去掉
每张脸都磨皮
他们我都不要
后面的路人，全都去掉
把它们都去掉
我们仨都换成西装
去掉全部路人
衣服统一换成黑色
把背景里的人统统去掉
这张里的人都去掉
背景换成白色，人都去掉
把三个小孩都p掉
改成水墨画
去掉左边的人
后排的全都去掉
除了我都去掉
把电线全部去掉
她俩的头发都换成黑色
"""


def _sentences(lines: str) -> list[str]:
    return lines.split()


@pytest.mark.parametrize("sentence", _sentences(PHOTOS))
def test_all_photos_are_meant(sentence: str) -> None:
    assert scope.all_photos(sentence, names=("小明", "小红"))


@pytest.mark.parametrize("sentence", _sentences(WITHIN))
def test_what_is_in_a_photo_is_meant(sentence: str) -> None:
    assert not scope.all_photos(sentence, names=("小明", "小红"))


@pytest.mark.parametrize(
    ("sentence", "said"), [("每张都调亮", True), ("这几张照片都调亮", True), ("把球都去掉", False), ("都调亮", False)]
)
def test_the_photos_are_named(sentence: str, said: bool) -> None:
    assert scope.names_photos(sentence) is said
