"""The same conversations on aiogram, python-telegram-bot, the web page, the http endpoint, OneBot and 飞书."""

import io
from pathlib import Path
from shutil import which

import pytest
from PIL import Image

from bot import provenance
from lettering.moving import moves
from tests.lettering.test_marks import by_exiftool
from tests.scenarios.script import Play

TAUGHT = """
    甲: [p1 p2 p3] 这是阿紫，记住她
    影: 要请你确认 (已经同意，开始学)
    甲: (已经同意，开始学)
    影: 我开始认阿紫
    …
    影: 我认识阿紫了
"""


def test_scenario_first_photo(play: Play) -> None:
    play("""
    甲: [cat]
    影: 收到照片 (改成水墨画)
    甲: 把猫换成狗
    …
    影: 改好了：把猫换成狗 [1] (撤销|再来一张)
    """)


def test_scenario_sentence_first_then_the_photo(play: Play) -> None:
    play("""
    甲: 把猫换成狗
    影: 要改哪张照片
    甲: [cat]
    …
    影: 改好了：把猫换成狗 [1]
    """)


def test_scenario_caption_and_idea_button(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗
    …
    影: 改好了：把猫换成狗 [1]
    甲: [house]
    影: 收到照片
    甲: (改成水墨画)
    …
    影: 改好了：改成水墨画 [1]
    """)


def test_scenario_album_and_a_sentence(play: Play) -> None:
    play("""
    甲: [cat dog bird] 改成水墨画
    影: 这里有 3 张照片，要改哪一张 [3] (第 1 张|第 3 张|每张都改)
    甲: (第 2 张)
    …
    影: 改好了：改成水墨画 [1]
    """)


def test_scenario_album_for_all(play: Play) -> None:
    play("""
    甲: [cat dog] 改成水墨画
    影: 要改哪一张 [2]
    甲: 都改
    …
    影: 2 张都改好了：改成水墨画 [2] (第 1 张|第 2 张)
    甲: (第 2 张)
    影: 改好了：改成水墨画 [1] (撤销)
    甲: 撤销
    影: 退回来了 [1]
    """)


def test_scenario_a_batch_is_one_job_and_tells_failures_by_number(play: Play) -> None:
    play("""
    甲: [cat gray1 dog gray2 bird] 每张都改成水墨画
    甲: 还要多久
    影: 「改成水墨画（5 张）」
    …
    影: 改好了 3 张，共 5 张：改成水墨画 [3] (第 1 张|第 5 张)
    甲: 第 2 张
    影: 不像我学过的小世界
    甲: 第 5 张改成油画
    …
    影: 改好了：改成油画 [1] (撤销)
    甲: 每张都背景换成海边
    …
    影: 改好了 3 张，共 5 张：背景换成海边 [3]
    """)


def test_scenario_more_photos_than_are_asked_about_one_by_one(play: Play) -> None:
    names = " ".join(f"n{number}" for number in range(10))
    play(f"""
    甲: [{names}] 改成水墨画
    …
    影: 10 张都改好了：改成水墨画 [10]
    甲: 第 7 张再明显一点
    …
    影: 改好了：改成水墨画 [1]
    """)


def test_scenario_a_batch_is_cancelled_as_one(play: Play) -> None:
    play("""
    甲: [cat dog bird] 都改成水墨画
    甲: 取消
    影: 已取消：改成水墨画（3 张）
    甲: 还要多久
    影: 没有正在做的任务
    …
    """)


def test_scenario_caption_on_the_last_photo(play: Play) -> None:
    play("""
    甲: {末尾 倒序} [p1 p2 p3] 这是旺财，记住它，是我的狗
    影: 我开始认旺财，用这 3 张照片
    …
    影: 我认识旺财了
    """)


def test_scenario_teach_and_insert(play: Play) -> None:
    play(
        TAUGHT
        + """
    甲: [park] 把阿紫加到左边
    …
    影: 改好了：把阿紫加到左边 [1]
    甲: 我教过谁
    影: 阿紫，人 [1]
    """
    )


def test_scenario_teach_with_one_photo_after_another(play: Play) -> None:
    play("""
    甲: 我教你认识旺财，是一只狗
    影: 请发 3–10 张旺财
    甲: [n1]
    影: 只有 1 张
    甲: [n2]
    影: 只有 2 张
    甲: [n3]
    影: 旺财有 3 张照片了 (就用这些，开始学)
    甲: (就用这些，开始学)
    影: 我开始认旺财
    …
    影: 我认识旺财了
    """)


def test_scenario_consent_refused(play: Play) -> None:
    play("""
    甲: [p1 p2 p3] 这是小红，记住这个人
    影: 要请你确认 (不学了)
    甲: (不学了)
    影: 不会用来学习
    """)


def test_scenario_sticker_set(play: Play) -> None:
    play("""
    甲: [cat] 用它做6个表情
    …
    影: 表情包做好了 [6] (再来一套)
    """)


def test_scenario_moving_stickers(play: Play) -> None:
    """Video stickers in Telegram, where the set takes them, too; elsewhere moving pictures."""
    play("""
    甲: [cat] 做2个会动的表情
    …
    影: 表情包做好了 [2]
    甲: 让表情动起来
    …
    影: 表情包做好了 [2]
    """)
    theatre = play.stage.theatre  # type: ignore[attr-defined]
    webm = b"\x1a\x45\xdf\xa3"
    assert all(data.startswith(webm) or moves(data) for data in play.stage.files("甲")[:2])
    if theatre.name in ("aiogram", "ptb"):
        play("""
        甲: (加到我的 Telegram 贴纸)
        影: 加好了
        """)


def test_scenario_undo_and_redo(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗
    …
    影: 改好了 [1]
    甲: 改成水墨画
    …
    影: 改好了：改成水墨画 [1]
    甲: 撤销
    影: 退回来了 [1] (重做)
    甲: (重做)
    影: 恢复了 [1] (撤销)
    甲: 撤销
    影: 退回来了 [1]
    甲: 撤销
    影: 退回来了 [1]
    甲: 撤销
    影: 已经是你发来的原图了
    """)


def test_scenario_again_and_stronger(play: Play) -> None:
    play("""
    甲: [car] 把车变成红色
    …
    影: 改好了 [1] (再明显一点)
    甲: (再明显一点)
    …
    影: 改好了：把车变成红色 [1]
    甲: 再来一张
    …
    影: 改好了：把车变成红色 [1]
    """)


def test_scenario_cancel(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗
    甲: 取消
    影: 已取消：把猫换成狗
    甲: 取消
    影: 没有正在做的任务
    …
    """)


def test_scenario_status(play: Play) -> None:
    play("""
    甲: 还要多久
    影: 现在没有正在做的任务
    甲: [cat] 把猫换成狗
    甲: 还要多久
    影: 「把猫换成狗」
    …
    影: 改好了：把猫换成狗 [1]
    """)


def test_scenario_several_steps_in_a_sentence(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗，再改成水墨画
    …
    影: 改好了：把猫换成狗 [1]
    影: 改好了：改成水墨画 [1]
    """)


def test_scenario_two_people_in_a_group(play: Play) -> None:
    play("""
    甲@群: [cat] 把猫换成狗
    乙@群: [car] 把车变成红色
    …
    影→甲: 改好了：把猫换成狗 [1]
    影→乙: 改好了：把车变成红色 [1]
    乙@群: 撤销
    影: 退回来了 [1]
    甲@群: 再来一张
    …
    影→甲: 改好了：把猫换成狗 [1]
    """)


def test_scenario_wrong_file(play: Play) -> None:
    play("""
    甲: [坏了]
    影: 这不是我能看的图片
    甲: [cat] 把猫换成狗
    …
    影: 改好了 [1]
    """)


def test_scenario_huge_file(play: Play) -> None:
    play("""
    甲: [巨大]
    影: 太大了
    甲: 你好
    影: 我是合影
    """)


def test_scenario_too_many_files(play: Play) -> None:
    play("""
    甲: [a b c d e f] 这是阿紫，记住她，是人
    影: 要请你确认
    甲: (不学了)
    影: 不会用来学习
    甲: [a b c d e f g h i j]
    影: 收到 10 张照片
    甲: [k l]
    影: 收到 2 张照片
    甲: 记住她，叫阿紫
    影: 一共 12 张，太多了
    """)


def test_scenario_flood(play: Play) -> None:
    play("""
    !洪水
    甲: 你好
    影: 我是合影
    甲: [cat] 把猫换成狗
    …
    影: 改好了：把猫换成狗 [1]
    """)


def test_scenario_dropped_connection(play: Play) -> None:
    play("""
    !断线
    甲: [cat] 把猫换成狗
    …
    影: 改好了：把猫换成狗 [1]
    甲: 谢谢
    影: 不客气
    """)


def test_scenario_restart_in_the_middle(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗
    甲: 还要多久
    影: 「把猫换成狗」
    !重启
    …
    影: 改好了：把猫换成狗 [1] (撤销)
    甲: (撤销)
    影: 退回来了 [1]
    """)


def test_scenario_the_same_update_twice(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗
    !重复
    …
    影: 改好了：把猫换成狗 [1]
    """)


def test_scenario_unknown_name(play: Play) -> None:
    play("""
    甲: [park] 把小红加到左边
    影: 我还不认识小红
    甲: [r1 r2 r3]
    影: 「小红」是什么 (人|宠物)
    """)


def test_scenario_unknown_name_with_pictures(play: Play) -> None:
    play("""
    甲: [park r1 r2 r3] 把小红加到左边，后面三张是她
    影: 要请你确认 (已经同意，开始学)
    甲: (已经同意，开始学)
    影: 学会了马上把小红加到左边
    …
    影: 我认识小红了！这就去改
    影: 改好了：把小红加到左边 [1]
    """)


def test_scenario_which_of_two(play: Play) -> None:
    play("""
    甲: [cats] 把猫咪换成狗
    …
    影: 哪一个 (左边的红猫|右边的黑猫)
    甲: (右边的黑猫)
    …
    影: 改好了：把右边的黑猫换成狗 [1]
    """)


def test_scenario_which_of_two_in_words(play: Play) -> None:
    play("""
    甲: [cats] 把猫咪换成狗
    …
    影: 哪一个
    甲: 左边那只
    …
    影: 改好了：把左边的红猫换成狗 [1]
    """)


def test_scenario_forget(play: Play) -> None:
    play(
        TAUGHT
        + """
    甲: 忘掉阿紫
    影: 已经忘掉阿紫：名字、3 张参考照片
    甲: 我教过谁
    影: 还没有教过
    """
    )


def test_scenario_export(play: Play) -> None:
    play("""
    甲: [cat]
    影: 收到照片
    甲: 导出我的数据
    影: 全部数据
    """)


def test_scenario_delete_everything(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗
    …
    影: 改好了 [1]
    甲: 删除我的所有数据
    影: 找不回来 (全部删除|不删了)
    甲: (不删了)
    影: 都留着
    甲: 删除我的所有数据
    影: 找不回来
    甲: (全部删除)
    影: 都删掉了
    甲: 再来一张
    影: 还没改过照片
    """)


def test_scenario_answer_to_an_older_photo(play: Play) -> None:
    play("""
    甲: [cat]
    影: 收到照片
    甲: [car]
    影: 收到照片
    甲: {回复:cat} 把猫换成狗
    …
    影: 改好了：把猫换成狗 [1]
    """)


def test_scenario_answer_to_a_result(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成狗
    …
    影: 改好了 [1]
    甲: {回复} 改成水墨画
    …
    影: 改好了：改成水墨画 [1]
    甲: 撤销
    影: 退回来了 [1]
    """)


def test_scenario_forwarded_photo(play: Play) -> None:
    play("""
    甲: {转发} [cat]
    影: 收到照片
    甲: 背景换成海边
    …
    影: 改好了：背景换成海边 [1]
    """)


def test_scenario_photo_as_a_file(play: Play) -> None:
    play("""
    甲: {文件} [cat] 把猫换成狗
    …
    影: 改好了：把猫换成狗 [1]
    """)


def test_scenario_deep_link_shares_a_name(play: Play) -> None:
    play(
        TAUGHT
        + """
    甲: 分享阿紫
    影: share_ (收回「阿紫」)
    乙: <链接>
    影: 可以用「阿紫」了
    乙: [park] 把阿紫加到左边
    …
    影→乙: 改好了：把阿紫加到左边 [1]
    甲: 收回阿紫
    影: 又只有你能用
    乙: 把阿紫加到右边
    影→乙: 不认识阿紫
    乙: <链接>
    影: 收回了
    """
    )


def test_scenario_help(play: Play) -> None:
    play("""
    甲: 帮助
    影: 背景换成海边
    甲: 你会什么
    影: 教我认识谁
    """)


def test_scenario_small_talk(play: Play) -> None:
    play("""
    甲: 你好
    影: 我是合影
    甲: 谢谢你
    影: 不客气
    甲: 今天天气真不错啊，我们去爬山吧
    影: 发一张照片过来
    """)


def test_scenario_not_understood(play: Play) -> None:
    play("""
    甲: 我昨天换手机了
    影: 发一张照片
    甲: [cat]
    影: 收到照片
    甲: 我昨天换手机了
    影: 听着呢
    """)


def test_scenario_traditional_characters(play: Play) -> None:
    play("""
    甲: [cat] 把貓換成狗
    …
    影: 改好了 [1]
    甲: 背景換成海邊
    …
    影: 改好了 [1]
    """)


def test_scenario_the_result_as_a_file(play: Play) -> None:
    play("""
    甲: 发原图
    影: 还没有做好的照片
    甲: [cat] 把猫换成狗
    …
    影: 改好了 [1]
    甲: 发原图
    影: 没有压缩过 [1]
    """)


def test_scenario_what_cannot_be_drawn(play: Play) -> None:
    play("""
    甲: [cat] 把猫换成恐龙
    …
    影: 我还画不出恐龙 (狗|兔子)
    甲: (兔子)
    …
    影: 改好了：把猫换成兔子 [1]
    """)


def test_scenario_every_picture_that_leaves_is_marked(play: Play, tmp_path: Path) -> None:
    play("""
    甲: [噪点] 把猫换成狗
    …
    影: 改好了：把猫换成狗 [1]
    甲: 发原图
    影: 没有压缩过 [1]
    甲: [cat] 改成水墨画
    …
    影: 改好了：改成水墨画 [1] (多来几张选)
    甲: (多来几张选)
    …
    影: 喜欢哪一张 [4]
    甲: [dog] 用它做6个表情
    …
    影: 表情包做好了 [6]
    """)
    theatre, kinds = play.stage.theatre, set()  # type: ignore[attr-defined]
    paths = []
    for number, data in enumerate(play.stage.files("甲")):
        verdict = provenance.verify(theatre.store, data)
        assert verdict.marked, number
        assert verdict.ours, number
        with Image.open(io.BytesIO(data)) as picture:
            kinds.add(picture.format)
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(data)
    assert len(paths) >= 12
    assert kinds == ({"PNG", "WEBP"} if theatre.name == "web" else {"PNG", "JPEG", "WEBP"})
    if which("exiftool") is None:
        pytest.skip("EXIFTOOL IS MISSING (apt-get install libimage-exiftool-perl): marks were read back by Pillow only")
    for path, item in zip(paths, by_exiftool(paths), strict=True):
        assert item == provenance.verify(theatre.store, path.read_bytes()).item


@pytest.mark.timeout(600)
def test_scenario_with_the_shipped_model(play: Play) -> None:
    play("""
    甲: [样例:cat] 把猫换成狗
    ……
    影: 改好了：把猫换成狗 [1] (撤销)
    """)
