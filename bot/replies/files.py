"""Files that come and go: photos, originals, archives, sticker packs; the commands of Telegram's menu."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.replies.buttons import AGAIN, CANCEL, CONCEPTS, HELP, REDO, UNDO


def not_written(letters: str) -> str:
    """Characters of a caption that the font does not have."""
    return f"「{letters}」写不出来，已经略过，其他字都在。"


def pack_readme(title: str, lines: Sequence[str], close: bool = False) -> str:
    """The text that lies in the ZIP of a sticker pack."""
    return "\r\n".join(
        (
            f"{title}，共 {len(lines)} 张",
            "telegram/  512 像素，Telegram 贴纸：找 @Stickers 发 /newpack（会动的发 /newvideo），再一张张发过去，配上下面的 emoji。",
            "wechat/    240 像素，微信表情（会动的是 GIF）：在手机上保存图片，微信「添加单个表情」里选它；也可以在表情开放平台上传。",
            *(["emoji/     100 像素的脸，当小表情用。"] if close else []),
            "每张图都由 AI 生成，带有标识。",
            "",
            *lines,
            "",
        )
    )


@dataclass(frozen=True, slots=True)
class Command:
    """What a command of Telegram's menu stands for: ``alone`` is the sentence it says by itself, ``sentence`` the one
    with words after it, ``action`` a button that it presses instead."""

    title: str
    alone: str = ""
    sentence: str = "{}"
    action: str = ""
    in_groups: bool = True


COMMANDS = {
    "p": Command("改照片：回复一张照片，写 /p 把猫换成狗"),
    "undo": Command("撤销上一步", UNDO),
    "redo": Command("重做", REDO),
    "again": Command("再来一张", AGAIN),
    "cancel": Command("取消正在做的", CANCEL),
    "status": Command("还要多久", "还要多久"),
    "original": Command("把结果发成原图文件", action="original"),
    "stickers": Command("做一套表情包，例如 /stickers 年糕", "做一套表情包", "用{}做一套表情包"),
    "who": Command("我教过谁", CONCEPTS),
    "forget": Command("忘掉一个名字，例如 /forget 阿紫", "删除我的所有数据", "忘掉{}", in_groups=False),
    "export": Command("导出我的全部数据", action="export", in_groups=False),
    "help": Command("我会什么", HELP),
}
AS_FILE, ADD_PACK = "发原图文件", "加到我的 Telegram 贴纸"
BELOW_PICTURES = "上面这些："
ORIGINAL = "原图在这里，没有压缩过："
NO_RESULT_YET = "还没有做好的照片可以发原图。先发一张照片，再说想怎么改。"
ADDING_PACK = "好，放进你的贴纸里。"
NO_MOVING_STICKERS = (
    "会动的贴纸要装一个小组件才能加进 Telegram：请运行这个机器人的人执行 pip install 'heying[moving]'，装好后再点一次按钮。"
    "现在可以先用上面的 GIF，或者在表情工作台里换成静态的再加。"
)
EMPTY_PACK = "这套表情里一张也没有了。说「用谁做一套表情包」可以再做一套。"
ARCHIVE = "这是我这里关于你的全部数据：照片、教过的名字、消息和任务记录。想全部删除，就说「删除我的所有数据」。"
NOT_A_PHOTO = "我只看得懂照片。请发 JPG 或 PNG 图片；视频和动图可以截一张图发给我。"
MERGED_FORWARD = "合并转发里的照片，飞书不让机器人取。请把照片逐条转发给我。"
NOT_DOWNLOADED = "这张照片没收全，请再发一次。"


def about_file(name: str, sentence: str) -> str:
    """What is wrong with a file; ``name`` where it has one."""
    return f"「{name}」：{sentence}" if name else sentence


def archive_too_big(size: int, most: int) -> str:
    """Everything of a person, in a file that the platform does not carry."""
    return (
        f"你的全部数据有 {size / 1e6:.0f} MB，这里一个文件最多发 {most / 1e6:.0f} MB。"
        "请找开这个合影的人，用 python -m bot export 导出给你。"
    )


def file_too_big(megabytes: int) -> str:
    """A file larger than can be fetched."""
    return f"这个文件太大了，我最多收 {megabytes} MB。请直接作为照片发，或者缩小一些再发。"


def pack_added(title: str, count: int, link: str) -> str:
    """A sticker pack is in the platform's own collection now."""
    text = f"「{title}」加好了，有 {count} 张新的。" if count else f"「{title}」已经是最新的。"
    return f"{text}点开链接就能添加、发给朋友：\n{link}"


def pack_refused(why: str, bot: str) -> str:
    """Telegram does not take the pack."""
    if "PEER_ID_INVALID" in why or "user not found" in why.lower():
        return f"要先和我单独聊过一次才能添加。点开 https://t.me/{bot} 按「开始」，再点一次按钮。"
    return "Telegram 没有收下这套表情。过一会儿再点一次按钮；还不行就先作为贴纸单张发。"
