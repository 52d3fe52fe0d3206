"""The terminal, the command line, and what keeps the program from starting."""

from bot.replies.progress import duration


def metrics_port_taken(port: int) -> str:
    """/metrics cannot listen where it should."""
    return f"端口 {port}（/metrics）已经被别的程序占用。换一个：HEYING_METRICS__PORT=9465 make run"


def open_to_all(host: str) -> str:
    """The page would lie open to the network."""
    return (
        f"网页要开放给别的电脑（host = {host}），就得先设密码：HEYING_WEB_PASSWORD=至少八个字 make run。"
        "前面有自己的反向代理管登录的话，在 config.toml 的 [web] 里写 unprotected = true。"
    )


YOU = "我："
CHAT_HINT = (
    "照片写文件名，例如：photo.png 把猫换成狗。按钮打序号或原文；@3 再明显一点，是接着说第 3 张图；说「退出」就走。"
)


def says(text: str) -> str:
    """What the bot says, in a terminal; further lines stand under the first."""
    return "合影：" + text.replace("\n", "\n      ")


STOPPED = "停下了。"
NO_SENTENCE = "要理解哪一句？例如：python -m bot parse --json 把猫换成狗"
NOT_WELL = "有地方不对，请照上面 ✗ 的说明处理。"
WHICH_NUMBER = "选第几个"
SAY_CHOICE = "请加上 --choice 和序号再运行一次，例如 --choice 1。"
FORGET_WHOM = "要忘掉谁？写上名字，或者用 --all 删除全部数据。"
NO_SAMPLES = "bot/samples 里没有样例照片，演示不了，请重新取出仓库。"
STICKER, SHEET = "表情", "总览"


def all_well(place: str, port: int | None) -> str:
    """``doctor`` has found nothing; ``place`` is where the page will be, "" without one, ``port`` what was chosen for it."""
    start = "make run" if port is None else f"python -m bot up --port {port}"
    return f"都没问题。运行 {start}" + (f"，然后打开 http://{place}" if place else "")


def open_page(host: str, port: int) -> str:
    """Where the chat is."""
    return f"合影开好了，用浏览器打开 http://{host}:{port} （按 Ctrl-C 停下）"


def not_jsonl(why: str) -> str:
    """A file that cannot be parsed line by line."""
    return f'文件里有一行读不懂（{why}）。每行要是 {{"text": 句子, "concepts": [名字], "photos": 张数}}。'


def written(path: str) -> str:
    """A file has been written."""
    return f"写好了：{path}"


def backed_up(path: str, count: int) -> str:
    """A backup has been written."""
    return f"备份好了：{path}，{count} 张图片。里面是所有人的数据，请像数据文件夹一样保管，不用了就删掉。"


def restored(folder: str, count: int) -> str:
    """A backup has been put back."""
    return f"恢复好了：{folder}，{count} 张图片。备份之后有人要求删除过数据的话，请再执行一次 forget。"


def made_by(job: int, when: str, owner: str) -> str:
    """Which job made a picture, for whoever runs the bot."""
    return f"任务 {job}，{when}，为 {owner} 做的。"


def step_of(number: int, total: int) -> str:
    """How far the demonstration is."""
    return f"第 {number} 步，共 {total} 步："


def demo_done(sheet: str, seconds: float) -> str:
    """The end of the demonstration."""
    return f"演示完了，用了 {duration(seconds)}，总览图：{sheet}"


NO_TOKEN = "缺少 Telegram 机器人的令牌。向 @BotFather 要一个，再运行：HEYING_TELEGRAM__TOKEN=令牌 python -m bot up"
BAD_TOKEN = "HEYING_TELEGRAM__TOKEN 不像机器人的令牌，应该像 123456789:AAE… 那样。请从 @BotFather 那里整个复制。"
TELEGRAM_REACHED = "连得上，令牌有效。"


def telegram_library_missing(library: str, extra: str) -> str:
    """The library named in the settings is not installed."""
    return f"没有装 {library}。运行 pip install -e '.[{extra}]'，或者在 config.toml 的 [telegram] 里换一个 library。"


def telegram_unreachable(why: str) -> str:
    """The Bot API does not answer as it should."""
    return f"连不上 Telegram（{why}）。检查网络和 config.toml 里 [telegram] 的 api；令牌失效的话向 @BotFather 要新的。"
