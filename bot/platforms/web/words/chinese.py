"""The words of the web pages in Chinese: labels, headings, hints, what a screen reader reads. Those that the bot says as
well are its own (bot/replies/)."""

import time

from bot import replies
from storage.fair_queue import in_words as _in_words
from storage.settings import Retention

LANG = "zh-CN"
# What the bot says as well.
AGREE, AGREE_SELF, CANCEL, HELP, KINDS, REDO, REFUSE = (
    replies.AGREE, replies.AGREE_SELF, replies.CANCEL, replies.HELP, replies.KINDS, replies.REDO, replies.REFUSE,
)  # fmt: skip
TITLE, UNDO = replies.TITLE, replies.UNDO
about_file, forgotten, learning, number = (
    replies.about_file, replies.forgotten, replies.learning, replies.photo_number,
)  # fmt: skip
stage, time_left, withdrawn = replies.stage, replies.time_left, replies.withdrawn

# --- every page -------------------------------------------------------------------------------------------------------
CHAT, PEOPLE, STICKERS, SETTINGS = "聊天", "我教的", "表情", "设置"
PAGES, SKIP = "页面", "跳到正文"
DARK = "切换深色或浅色"
CLOSE, KEEP_IT, SAVE = "关闭", "先不", "保存"

# --- the chat ---------------------------------------------------------------------------------------------------------
GREETING = "想怎么改，说一句就行"
GREETING_HINT = "发一张照片，说「背景换成白色」；或者教我认识一个人，再把 TA 加进合照。先点个样例试试："
REAL, DRAWN = "真实照片", "我们画的小世界"
LOG, SAMPLES, EARLIER, SEND, PICK = "聊天记录", "样例照片", "看更早的消息", "发送", "选照片"
TAKE_PHOTO, SPEAK, LISTENING = "拍照", "说话", "在听，说完点一下"
ERASE_TALK_NOTE = "这个聊天里说过的话、修改记录和照片都会删掉，正在做的也会停下，找不回来。别的聊天里也有的照片、教过的名字和表情包都留着。"
TALKS, NEW_TALK, SEARCH, NOTHING_FOUND = "全部聊天", "新聊天", "搜聊天记录", "没有找到。换个词试试。"
PLACEHOLDER = "想怎么改？"
SPEAKS = ""  # what somebody who reads no Chinese has to know
LOCAL_NOTE = "照片只在这台电脑上处理，不会上传。可以拖进来，也可以直接粘贴。结果由 AI 生成，带有标识。"
OUTSIDE_NOTE = "照片在这台电脑上处理；有些修改要请外面的服务器来画，发之前会先问你。可以拖进来，也可以直接粘贴。结果由 AI 生成，带有标识。"
DROP_HERE = "松手就放进来"
WAITING_PHOTO, TAKE_OUT, SENT_FILE = "待发送的照片", "不发这张", "（发来了文件）"
EXPIRED = "这张照片已经过期删除了。"
TOO_MUCH_AT_ONCE = "一次发得太多太大了，请分几次发，每次几张。"

# --- a result ---------------------------------------------------------------------------------------------------------
BEFORE, AFTER = "原图", "改后"
DRAG = "拖动对比"
ENLARGE, SAVE_PICTURE, SEND_ON = "看大图", "保存", "分享"
ZOOM = "大图。滚轮或双指放大，拖动移动；键盘按加号、减号和方向键"
CANDIDATES, TAKE, BESIDE = "挑一张", "就用这张", "并排比"
RESULT, STICKER = "做好的图", "表情"

# --- pointing at somebody in a photo
POINT, POINT_AT = "点人", "点一下、圈一圈要改的地方"
TOOLS = {"tap": "点选", "lasso": "圈选", "brush": "涂抹", "erase": "擦除"}
TOOL_HINTS = {
    "tap": "点人或东西，可以点几处；再点一次编号就取消。",
    "lasso": "按住拖一圈，圈住要改的地方；沿着整个人圈，就是指这个人。",
    "brush": "在要改的地方涂一涂，可以涂好几笔。",
    "erase": "圈多了、涂多了的地方，擦掉就好。",
}
POINT_HINT = TOOL_HINTS["tap"]
POINT_TOOLS, BRUSH_SIZE, STEP_BACK = "怎么选", "笔的粗细", "撤一笔"
CIRCLED, PAINTED = "圈出来的这块", "涂出来的这块"
LOOKING_FOR_WHO = "正在看照片里有谁，看好就告诉你点的是谁"
POINT_KEYS = "照片。用方向键移动十字，按回车点下去；圈选、涂抹时按回车下笔，方向键画，再按回车收笔"
POINT_DONE, POINT_NONE, POINT_AGAIN, POINT_SAY = "点好了", "都不点了", "接着点", "点好了，说说怎么改"
POINT_NEXT = "接着说怎么改，比如「换成红色」「去掉」"
THIS_PHOTO = "这张照片"
POINT_WHO = "或者直接选人"

# --- the edits of a photo ---------------------------------------------------------------------------------------------
STEPS, ORIGINAL = "这张照片的修改记录", "原图"

# --- who has been taught ----------------------------------------------------------------------------------------------
PEOPLE_TITLE = "我教的"
PEOPLE_NOTE = "你教我认识的人、宠物、东西和画风。照片和学到的内容只存在这台电脑上，只有你能用。"
NOBODY, NOBODY_HINT = "还没教过我谁", "教我认识一个人或一只宠物，以后一句话就能把 TA 请进任何一张照片。"
TRY_SAMPLE = "或者先用样例试试"
PUT_IN, MAKE_STICKERS, SHARED = "加进照片", "做表情包", "别人分享的"
STATES = {"learning": "正在学", "ready": "学会了", "failed": "没学会"}
TEACH_AGAIN, RENAME, SHARE, FORGET = "重新教", "改名", "分享", "忘掉"
NEW_NAME = "新名字"
SHARE_NOTE = "生成一个分享码，发给朋友。第一个对我说出它的聊天就能用这个名字：7 天内有效，只能用一次，照片不会给出去。随时可以收回。"
MAKE_CODE, COPY, WITHDRAW = "生成分享码", "复制", "收回所有分享"

# --- teaching ---------------------------------------------------------------------------------------------------------
TEACH_NEW, ADD_PHOTOS, BEGIN = "教我认识谁", "添加照片", "开始学"
NAME, NAME_HINT, KIND = "叫什么", "例如：阿紫", "是什么"
NAME_MISSING = "还差一个名字，写上以后怎么叫 TA。"
SAME_PHOTOS = "用原来的照片再学一遍"

# --- stickers ---------------------------------------------------------------------------------------------------------
STICKERS_TITLE = "表情工作台"
STICKERS_NOTE = "挑图、排序、改字，再下载到微信或 Telegram。"
NO_PACKS, NO_PACKS_HINT = "还没有表情包", "教过我的人和宠物都能做成一套表情；发一张照片说「做成表情包」也行。"
PACKS = "我的表情包"
PREVIEW_ON, BACKDROPS = "预览背景", {"light": "浅色", "dark": "深色", "checks": "透明"}
ALL, NONE = "全选", "全不选"
CHOOSE, NO_CAPTION, EARLIER_PLACE, LATER_PLACE, DROP_STICKER = "选用", "不写字", "往前挪", "往后挪", "拿掉"
DUPLICATE = "同一张图，再写一句"
DRAG_STICKER, ORDER_HINT = "拖动换顺序", "拖右上角的点换顺序，也可以按箭头；文字和 emoji 改完按回车。"
DOWNLOAD_AS = "下载"
DOWNLOADS = {
    "zip": ("ZIP", "选中的原图"), "wechat": ("微信", "240 像素"), "telegram": ("Telegram", "512 像素"),
    "emoji": ("小表情", "100 像素"),
}  # fmt: skip
MOTION, MOTIONS, GETTING_ALIVE = "会不会动", {False: "静态", True: "会动"}, "正在重新画这一套，几秒到半分钟就好。"
PACK_TITLE, DROP_PACK, OPEN_STUDIO = "这套的名字", "删掉这套", "改文字、换顺序、下载"

# --- settings ---------------------------------------------------------------------------------------------------------
LANGUAGE, LANGUAGES = "语言", {"zh": "中文", "en": "English"}
LANGUAGE_NOTE = ""
LOOK, LOOKS = "外观", {None: "跟随系统", False: "浅色", True: "深色"}
NOTES, NOTES_NOTE = (
    "做好了叫我",
    "做得久的图做好了，而你在看别的窗口时，用系统通知说一声。通知由这台电脑的浏览器自己显示，不经过别处；页面要开着。",
)
NOTES_MISSING = "这个浏览器在这里发不了通知：要用 https 或本机地址打开，手机上先把这一页添加到主屏幕。"
NOTES_REFUSED = "浏览器没有允许通知。点地址栏左边的图标，把「通知」改成允许，再开一次。"
ON_OFF = {True: "开", False: "关"}
MY_DATA, MY_DATA_NOTE = "我的数据", "全部存在这台电脑上，只属于你这个浏览器。"
EXPORT, EXPORT_NOTE = "导出我的数据", "照片、聊天记录、教过的名字、表情包和同意记录，打包成一个 ZIP。"
ERASE, ERASE_NOTE = "删除我的所有数据", "照片、修改记录、教过的名字、表情包和聊天记录一起删掉，找不回来。"
ERASE_SHORT, ERASE_SURE = "删除", "全部删除"
COUNTS = {"photos": "张照片", "concepts": "个教过的名字", "packs": "套表情", "messages": "条消息"}
MARKS = "生成标识"
MARKS_NOTE = "做出来的每张图都带元数据标识，说明是 AI 生成的；这一项去不掉，法律要求保留。"
MARKED, MARKED_NOTE = "画面角落写着「AI生成」", "谁看到都知道这张图是 AI 生成的。"
UNMARKED, UNMARKED_NOTE = "画面上没有「AI生成」字样", "你已经同意自己来说明。之后做的图不写字，元数据标识还在。"
UNMARK, MARK_AGAIN, AGREE_TERMS = "去掉字样", "重新写上", "同意，去掉字样"
KEEPS = "保存多久"
SENDING, SENDING_NOTE = "照片发到外面", "有些修改要请外面的服务器来画。发之前会先问你，你的回答在这里，随时可以改。"
PRIVACY, PRIVACY_NOTE = "隐私", "这个网页不向别处发任何请求；照片和模型都在这台电脑上，别的浏览器看不到你的照片。"
OUTSIDE_PRIVACY = (
    "这个网页不向别处发请求，别的浏览器看不到你的照片。有些修改要请外面的服务器来画：你同意了，照片才发过去。"
)
LEAVE = "退出登录"

# --- what the scripts say (look/) -------------------------------------------------------------------------------------
SCRIPTS = {
    "pasted": "粘贴的图片.png",
    "uploading": "上传中",
    "not received": "照片没有收到，请再发一次。",
    "photos wait": "现在连不上合影。照片先留在这里，连上以后自动送到。",
    "photos lost": "照片没有送到：现在连不上合影。请等页面恢复以后再选一次。",
    "waiting": "等着送出的照片",
    "not sent": "现在连不上合影。写的话还在这里，等页面恢复以后再点一次发送。",
    "all after": "全是改后",
    "all before": "全是原图",
    "some before": "左边 {}% 是原图",
    "draw around": "按住拖一圈，把要改的地方圈起来。",
    "pen down": "下笔了，用方向键画，按回车收笔，按 Esc 不要这一笔",
    "pen up": "收笔了",
    "pen gone": "这一笔不要了",
    "copied": "复制好了，去聊天窗口里粘贴就行。",
    "not copied": "浏览器不让复制图片，请点「保存」存下来再发。",
    "not heard": "听不到。请在浏览器里允许用麦克风再点一次，或者直接打字。",
    "not shared": "分享没有成功，请点「保存」存下来再发。",
    "lost": "和合影的连接断了。",
    "again": "正在重新连接…",
}

# --- an address at which nothing is
LOST, LOST_HINT = "没有这个页面", "地址可能写错了，或者里面的东西已经删掉了。你的照片和聊天记录都还在。"
BACK_TO_CHAT = "回到聊天"

# --- the password -----------------------------------------------------------------------------------------------------
PASSWORD, ENTER = "密码", "进入"
PASSWORD_HINT = "这个网页设了密码，请输入后进入。"
SHARE_AGAIN = "先登录，再从相册分享一次：刚才的照片没有收。"
WRONG_PASSWORD = "密码不对，请再试一次。"


def too_many_files(most: int) -> str:
    """More files at once than are looked at."""
    return f"一次最多收 {most} 个文件，多出来的没有收，请分几次发。"


def too_many_tries(seconds: float) -> str:
    """Wrong passwords, again and again."""
    return f"试错的次数太多了，请过 {max(1, round(seconds))} 秒再试。"


def too_many_newcomers(seconds: float) -> str:
    """Too many new visitors from one address."""
    return f"从你的网络来的新访客太多了，请过 {max(1, round(seconds / 60))} 分钟再来。"


UPLOAD_TOO_SLOW = "照片传得太慢，没有收全。请看看网络，或者一次少发几张。"
UPLOADS_BUSY = "现在同时上传的人太多了，请过一会儿再发一次。"


def side(index: int) -> str:
    """One of two pictures beside each other."""
    return "右边这张" if index else "左边这张"


def enlarge(what: str) -> str:
    """The button of a picture."""
    return f"{what}，点开看大图"


def result_of(what: str) -> str:
    """The picture that an edit made, for a screen reader."""
    return f"改后的图：{what}"


def compare(what: str) -> str:
    """The slider on a result."""
    return f"对比原图和改后：{what}。往右拖看原图，往左拖看改后"


def step(index: int, what: str) -> str:
    """One picture of the history, for a screen reader."""
    return f"回到第 {index} 步：{what}" if index else "回到原图"


def branch(what: str) -> str:
    """A picture that was made another time from the same one, for a screen reader."""
    return f"换到另一条分支：{what}"


def back_to(made: bool, what: str) -> str:
    """What is said in the user's place when they press one of them; the photo that was sent was not ``made``."""
    return f"回到「{what}」" if made else "回到原图"


def facts(references: int, stickers: int, when: str) -> str:
    """What is known of somebody who was taught."""
    parts = [f"{references} 张参考照片"]
    parts += [f"{stickers} 套表情"] if stickers else []
    return " · ".join([*parts, when])


def reference(name: str, index: int) -> str:
    """One of the photos that somebody was learnt from."""
    return f"{name}的第 {index + 1} 张参考照片"


def stickers_of(name: str) -> str:
    """A sentence that asks for stickers."""
    return f"用{name}做一套表情包"


def photos_wanted(least: int, most: int) -> str:
    """The hint above the photos to learn from."""
    return f"放 {least}–{most} 张清楚的照片，角度不同更好；每张里都要有同一个人（或宠物、东西、画风）。"


def photos_have(have: int, least: int, most: int) -> str:
    """Too few or too many of them."""
    return f"现在有 {have} 张，要 {least}–{most} 张才学得准。"


def take_out(index: int) -> str:
    """The button of one of them."""
    return f"不要第 {index + 1} 张"


def sure_to_forget(name: str, references: int) -> str:
    """Before somebody is forgotten."""
    return f"名字、{references} 张参考照片、学到的内容和{name}的表情包都会删掉，找不回来。"


def forget_whom(name: str) -> str:
    """The title of that question, and its button."""
    return f"忘掉{name}"


def teach_again(name: str) -> str:
    """The title of the form."""
    return f"重新教{name}"


def share(name: str) -> str:
    """The title of that dialog."""
    return f"分享{name}"


def rename(name: str) -> str:
    """The title of that form."""
    return f"给{name}改名"


def sure_to_drop(title: str, count: int) -> str:
    """Before a pack is dropped."""
    return f"「{title}」里的 {count} 张表情会删掉，找不回来。"


def pack_size(count: int) -> str:
    """How many stickers."""
    return f"{count} 张"


def chosen(count: int, of: int) -> str:
    """How many stickers will be downloaded."""
    return f"选了 {count} 张，共 {of} 张"


def caption_of(index: int) -> str:
    """The field with a sticker's words."""
    return f"第 {index + 1} 张的文字"


def emoji_of(index: int) -> str:
    """The field with a sticker's emoji."""
    return f"第 {index + 1} 张的 emoji"


def moved(what: str, place: int) -> str:
    """What a screen reader is told after a sticker has moved."""
    return f"{what}现在排第 {place + 1}"


def sticker(index: int, caption: str) -> str:
    """One sticker, for a screen reader."""
    return f"第 {index + 1} 张表情" + (f"「{caption}」" if caption else "")


def kept(days: Retention) -> str:
    """How long things are kept."""
    parts = [("照片", days.photos), ("聊天记录", days.messages), ("任务记录", days.jobs)]
    lines = [f"{what}{f'保存 {long:g} 天' if long else '一直保存'}" for what, long in parts]
    return "，".join(lines) + "；教过的名字和表情包一直保存，直到你删掉。"


def point_in(what: str) -> str:
    """The button below a picture."""
    return f"在{what}里点人"


def take_back(number: int, who: str) -> str:
    """The mark of a tapped place."""
    return f"第 {number} 处{f'（{who}）' if who else ''}，按一下取消"


def pointed(who: list[str], places: int, circled: int = 0, painted: int = 0) -> str:
    """What has been tapped, drawn around and painted over."""
    drawn = [
        called if count == 1 else f"{verb}出来的 {count} 块"
        for called, verb, count in ((CIRCLED, "圈", circled), (PAINTED, "涂", painted))
        if count
    ]
    done = "选了" if drawn else "点了"
    return done + "、".join([*who, *([f"{'' if who else ' '}{places} 处"] if places else []), *drawn])


def listed(names: list[str]) -> str:
    """Several names."""
    return "、".join(names)


def credit(author: str) -> str:
    """Whose photo a sample is."""
    return f"照片：{author}"


# --- everything of a person, asked for in the chat ---------------------------------------------------------------------
TAKE_MY_DATA = "下载我的数据（ZIP）"


def more_waiting(count: int) -> str:
    """Work that waits behind what is shown."""
    return f"后面还有 {count} 个在排队，一个个来"


def left_today(count: int, seconds: float) -> str:
    """How many edits are left, where there is a limit, or when there will be one."""
    return f"今天还能改 {count} 次" if count else f"次数用完了，{_in_words(seconds).strip()}后再来"


def clock(at: float) -> str:
    """When something was, as people write it."""
    then, hour = time.localtime(at), time.strftime("%H:%M", time.localtime(at))
    return hour if then[:3] == time.localtime()[:3] else f"{day(at)} {hour}"


def day(at: float) -> str:
    """The day of something."""
    then = time.localtime(at)
    return f"{then.tm_mon}月{then.tm_mday}日"


def taught_on(at: float) -> str:
    """When somebody was taught."""
    return f"{day(at)}教的"


def consent_in_short(name: str) -> str:
    """What the card of consent says, for those who cannot read it."""
    return ""


TERMS_IN_SHORT = ""


def erase_talk(title: str) -> str:
    """A button that deletes a chat."""
    return f"删除聊天「{title[:20]}」"


def talk_erased(photos: int) -> str:
    """A chat is gone."""
    return f"聊天删掉了，连同 {photos} 张照片。" if photos else "聊天删掉了。"
