"""True answers to what people ask: what it costs, what becomes of the photos, who is talking, what can be done.

``TOPICS`` are data: a pattern that is looked for in the question, and the answer; the first that fits is taken. Where an
answer depends on this installation (how long things are kept, whether a photo leaves the machine) it is a function.
"""

import re
from collections.abc import Callable

from bot import parser, replies
from bot.language.tokens import fold
from bot.turn import Turn
from storage import departures, jobs

Answer = str | Callable[[Turn], str]
_ASKING = re.compile(
    "^(?:请问|那|话说|所以|你们?|您|这个|机器人|能不能|可不可以|会不会|可以|能够|能|会|支持|有没有|有|是不是|是否|帮忙)+|(?:的?功能|这种)?(?:吗|不|没有?|么|嘛|吧|啊|呀|呢|你|您|行|可以|会|能|了|做|弄|[?？!！。~～\\s])+$"
)


def answer(turn: Turn, text: str) -> str:
    """The answer to a question; what we can do when it is about nothing that we know of."""
    line = fold(text)
    for pattern, answer in _TOPICS:
        if pattern.search(line):
            return answer if isinstance(answer, str) else answer(turn)
    return ability(turn, text)


def asks(text: str) -> bool:
    """Whether a sentence asks whether something can be done."""
    return (
        re.search("(?:能|会|可以|支持|有没有).{1,12}(?:吗|不|么|嘛|没有|功能|[?？])[啊呀呢?？!！。]*$", fold(text))
        is not None
    )


def ability(turn: Turn, text: str) -> str:
    """能修老照片吗: by what the workers say they can do."""
    wish = _ASKING.sub("", text.strip())
    plan = parser.parse(wish, photos=1) if wish else None
    can = jobs.capabilities(turn.store)
    if plan is not None and plan.steps:
        operations = [step.operation for step in plan.steps]
        lacking = [one for one in operations if can.operations and one not in can.operations]
        return (
            replies.cannot_yet(lacking[0], nearest(turn, lacking[0])) if lacking else replies.able(operations[0], wish)
        )
    if plan is not None and plan.intent in ("stickers", "generate", "learn"):
        kind = plan.intent
        return (
            replies.CANNOT_MAKE[kind]
            if can.kinds and kind not in can.kinds and kind in replies.CANNOT_MAKE
            else replies.ABLE[kind]
        )
    return replies.can_do(wish, known(turn))


def known(turn: Turn) -> tuple[str, ...]:
    """The operations that can be done here, in the order of the schema; all while no worker has been heard of."""
    can = jobs.capabilities(turn.store).operations
    return tuple(operation for operation in replies.OPERATIONS if not can or operation in can)


def nearest(turn: Turn, operation: str) -> str | None:
    """The operation that comes nearest to one that cannot be done, of those that can; None where none is like it."""
    return next((near for near in replies.NEAREST.get(operation, ()) if near in known(turn)), None)


def _privacy(turn: Turn) -> str:
    outside = departures.outside(turn.store)
    days = turn.store.settings.retention.photos
    kept = f"照片存 {days:g} 天后自动删除" if days else "照片一直存到你说删除"
    if outside:
        return f"有些修改会交给运营者配置的外部服务器来画，那时会先问你，你同意了照片才发过去；其他的都在这台电脑上做。{kept}，不会公开，也不拿去训练。随时可以说「删除我的所有数据」。"
    return f"照片只留在运行我的这台电脑上，不上传、不公开，也不拿去训练别的模型。{kept}，随时可以说「删除我的所有数据」马上删掉。"


def _kept(turn: Turn) -> str:
    days = turn.store.settings.retention.photos
    how_long = f"存 {days:g} 天，到期自动删" if days else "一直存着"
    return f"照片和改好的图在这台电脑上{how_long}；教过的名字一直存到你说「忘掉」。想马上删，就说「删除我的所有数据」；想留一份，就说「导出我的数据」。"


def _limits(turn: Turn) -> str:
    limits = turn.store.settings.limits
    return f"JPG、PNG、WebP、HEIC 都行，一张最大 {limits.megabytes:g} MB、{limits.megapixels:g} 百万像素。一次可以发好几张：说「每张都…」就一起改，不说就问你改哪一张。"


def _quota(turn: Turn) -> str:
    return f"不收费，也不限每天几次；同时排队的任务最多 {turn.store.settings.limits.open_jobs} 个。发一张照片就能开始。"


def _engine(turn: Turn) -> str:
    names = "、".join(str(engine.get("name")) for engine in jobs.capabilities(turn.store).engines if engine.get("name"))
    used = f"现在画图用的是：{names}。" if names else ""
    return f"看懂句子靠规则加一个自己训练的小模型，画图在本机的工作进程里做。{used}想换一种画法就说「换一种方法」。"


TOPICS: tuple[tuple[str, Answer], ...] = (
    ("收费|要钱|付费|免费|多少钱|几块钱|会员|充值|充钱|收钱|花钱|几次|次数|上限|一天能|每天(?:能|可以)", _quota),
    ("存多久|保存多|保留多|留底|存(?:在)?哪|放哪|会(?:被)?(?:删|保存)|删(?:掉|了)?以后|备份|你那边还有|存档|多久(?:会|就)删", _kept),
    ("小孩|孩子|未成年|儿童|宝宝的?照", "可以改有孩子的照片，但未满 14 岁的我不学 TA 的样子。发照片前请先问过家长。"),
    ("泄露|隐私|拿去|上传到|传到|传出去|公开|看到我|谁能看|能看到|安全|卖掉|卖了|外泄|训练|盗用|偷", _privacy),
    ("水印|ai生成|标识|那几个字|生成几个字", "图上的「AI生成」和文件里的标识是法规要求的（GB 45438）。画面上的字可以去掉：说「去掉AI生成字样」，同意条款就行；文件里的标识会保留。"),
    ("商用|侵权|合法|违法|版权|肖像", "图是你的，能不能商用看素材：用到别人的脸或作品，要先得到本人或作者同意；发布时要说明是 AI 生成的。"),
    ("你是谁|你叫|叫什么名|叫啥|你是(?:不是)?(?:真?人|机器|ai|人工|什么)|是真人|人工(?:客服|在)|谁(?:做|开发|写|造|发明)|(?:哪|什么)(?:个|家)?公司|你是哪", "我是合影，一个改照片的聊天机器人，不是真人。开源程序，装在你们自己的电脑上。发张照片，说想怎么改就行。"),
    ("(?:什么|啥|哪个|用的?)模型|大模型|chatgpt|gpt|算法|什么技术|怎么做到|原理", _engine),
    ("会动的?(?:表情|贴纸)|(?:表情|贴纸).{0,6}(?:动|gif)|动图|gif", "会动的表情包可以：发一张照片，说「做一套会动的表情包」，微信能用 GIF，Telegram 能直接加贴纸。照片本身我只改静态的，发来的动图请截一张给我。"),
    ("视频|live|会动|动起来", "视频我还不会，只改照片；会动的表情包可以做，说「做一套会动的表情包」。发来的视频请截一张图给我。"),
    ("格式|raw|heic|多大的?图|图.{0,4}最大|最大.{0,4}(?:图|多大)|大小.{0,2}限|多少兆|几兆|一次.{0,4}几张|几张一起|好几张|多张|一次.{0,4}发", _limits),
    ("压缩|画质.{0,3}(?:变|会|损)|分辨率.{0,3}(?:变|会|低)|会.{0,2}变糊|尺寸.{0,3}变", "除了改的地方，其他像素一个不动，尺寸也和原图一样。聊天软件会压缩图片，要没压缩的就点「发原图文件」。"),
    ("(?:几|多少)张.{0,6}(?:认|学|教)|(?:认|学|教).{0,8}(?:几|多少)张|认错|学不会|教你认", "教我认一个人要 3–5 张清楚的照片，角度不同更好，说「这是阿紫，记住她」。认错了就重新发几张再教一次。"),
    ("改坏|恢复|原图.{0,4}(?:在|保留|还有|丢)|撤(?:回|销).{0,3}(?:几|吗|多少)|后悔", "原图一直留着，改坏了说「撤销」就退一步，说「回到原图」就回到最开始，想退几步都行。"),
    ("动.{0,3}我?的?脸|改到.{0,4}脸|脸.{0,3}会.{0,2}(?:变|动)|会不会.{0,4}脸", "没让我改的地方，像素一个都不动，脸也一样。要是看着变了，说「撤销」或者「再来一张」。"),
    ("多久|几分钟|多长时间|几秒|慢不慢|很慢|快不快|快吗|要排队|排队", "看这台电脑快不快，一般几秒到一两分钟；排队的时候我会说排第几。问「还要多久」可以看进度。"),
    ("微信|小程序|app|哪里下载|电脑上|手机上?能|苹果|安卓", "现在可以在网页和 Telegram 里用，手机、电脑的浏览器都行，没有小程序和 App。"),
    ("断网|联网|离线|没网|要网", "改照片都在这台电脑上做，装好以后不联网也能用；用 Telegram 聊天才需要网络。"),
    ("方言|粤语|广东话|繁体|听得懂|看得懂|英(?:语|文)", "普通话、繁体、常见的粤语和夹点英文都行。没听懂的我会问，不会乱改。"),
    ("群里.{0,6}(?:别人|大家|看到|都能)|别人.{0,6}(?:改|动)我", "群里每个人改的是自己发的照片，教过的名字也只有你能用，除非你说「分享」。别人回复你的图可以接着改，你的原图不变。"),
    ("客服|联系|反馈|投诉|人工", "这里没有人工客服。出了问题找装我的人，或者在项目主页提 issue。改得不对，直接告诉我哪里不对就行。"),
    ("下班|休息|几点|24小时|全天", "我一直在，随时发照片就行。"),
    ("怎么改字体|什么字体", "写到图上的字用的是思源黑体，颜色和位置可以说，例如「右下角写上红色的字：毕业快乐」。"),
)  # fmt: skip
_TOPICS = tuple((re.compile(pattern), answer) for pattern, answer in TOPICS)
