"""The pictures of the web chat in the README, taken anew: ``python -m docs.shots`` (or ``make shots``).

The real application with the shipped model talks to a real browser; what is shown has really been learnt and drawn. On
two cores that takes about half an hour. With ``--data FOLDER`` what was done there before is not done again, so that
the looks alone can be worked on.
"""

import argparse
import contextlib
import io
import math
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from bot import replies, samples
from bot.platforms.web import words

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
PATIENCE = 3_600_000  # milliseconds for one piece of work
PROMPT = 10_000  # for what is on the page already
DESKTOP, PHONE = {"width": 1180, "height": 860}, {"width": 390, "height": 844}
TALL, NARROW = {"width": 1180, "height": 1020}, {"width": 820, "height": 860}
IN_PHOTO = words.point_in(words.THIS_PHOTO)
FRIEND, PET = "阿紫", "绿豆"
# Sentences and what is said to be done then; the sample that a sentence begins from, "" to go on with the last picture.
ORDERS = (
    ("草地上的合影", "把阿紫加到左边", "把阿紫加到左边"),
    ("海边的红猫", "猫改成蓝色", "把猫变成蓝色"),
    ("", "背景换成雪地", "背景换成雪地"),
)
COMPARED = "把猫变成蓝色"
STICKERS = "用阿紫做一套表情包"
# The same with a real photo, a shipped sample: the suit by a tap, taken back, then the badge on it by a lasso, taken back
REAL_SAMPLE = "艾琳·柯林斯"
REAL_ORDER, TAKEN_BACK = "换成红色", "撤销"
SUIT = (0.48, 0.62)
BADGE = tuple((0.332 + 0.08 * math.cos(turn / 4), 0.753 + 0.08 * math.sin(turn / 4)) for turn in range(25))


def main() -> None:
    """Do what is shown, then take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="data folder to use and to keep")
    parser.add_argument("--out", type=Path, default=DOCS, help="where the pictures go")
    parser.add_argument("names", nargs="*", help="pictures to take, all when none is named")
    args = parser.parse_args()
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        raise SystemExit("no Chromium here")
    args.out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        data = args.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(_served(data.resolve()))
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        who = data / "browser.json"
        real = args.names and all(name.startswith("real") for name in args.names)
        if not real:
            _talk(chromium, url, who)
        if real or not args.names:
            _real_talk(chromium, url, data / "real.json")
        _shoot(chromium, url, data, args.out, args.names)
        chromium.close()


@contextlib.contextmanager
def _served(data: Path) -> Iterator[str]:
    """The application on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bot", "up", "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    url = f"http://127.0.0.1:{port}/"
    try:
        while True:
            if process.poll() is not None:
                raise SystemExit("the application stopped")
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=5).close()
                break
            time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def _open(chromium: Any, who: Path, size: dict[str, int], theme: str = "light", scale: float = 1) -> Any:
    """A page of the person whose cookie is kept in ``who``."""
    context = chromium.new_context(
        locale="zh-CN",
        viewport=size,
        color_scheme=theme,
        device_scale_factor=scale,
        has_touch=size is PHONE,
        storage_state=str(who) if who.exists() else None,
    )
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def _talk(chromium: Any, url: str, who: Path) -> None:
    """Teach two, edit twice, make stickers; what has been done before stays."""
    page = _open(chromium, who, DESKTOP)
    page.goto(url)
    page.locator("#hy-text").wait_for()
    page.wait_for_timeout(1500)

    def done(what: str) -> bool:
        return bool(page.get_by_text(what).count())

    for name, kind in ((FRIEND, "person"), (PET, "pet")):
        if not done(replies.learnt(name, kind)):
            _sample(page, f"教我认识{name}")
            if name == FRIEND:
                page.get_by_role("button", name=replies.AGREE).last.click()
            page.get_by_text(replies.learnt(name, kind)).wait_for()
            page.context.storage_state(path=str(who))
    for sample, order, taught in ORDERS:
        if not done(f"改好了：{taught}"):
            if sample:
                _sample(page, sample, order)
            else:
                _say(page, order)
            page.get_by_text(f"改好了：{taught}").wait_for()
    if not page.locator(".hy-pack").count():
        _say(page, STICKERS)
        page.locator(".hy-pack").wait_for()
    page.context.storage_state(path=str(who))
    page.context.close()


def _real_talk(chromium: Any, url: str, who: Path) -> None:
    """A whole conversation about a real photo, of somebody else than the one of the drawn world."""
    page = _open(chromium, who, DESKTOP)
    page.goto(url)
    page.locator("#hy-text").wait_for()
    page.wait_for_timeout(1500)
    if not page.get_by_text(replies.UNDONE).count():
        photo = next(sample for sample in samples.load() if sample.title == REAL_SAMPLE)
        page.set_input_files("#hy-file", [photo.folder / file for file in photo.files])
        page.locator(".hy-thumb img").wait_for()
        page.click("#hy-send")
        page.locator(".mine").get_by_role("button", name=IN_PHOTO).wait_for()
        page.context.storage_state(path=str(who))
    for number, mark in enumerate((_tapped, _circled)):
        if page.get_by_text(replies.UNDONE).count() > number:
            continue
        mark(page)
        page.get_by_role("button", name=words.POINT_DONE).click()
        page.get_by_role("dialog").wait_for(state="hidden")
        _say(page, REAL_ORDER)
        page.locator(".hy-compare .after").nth(number).wait_for()
        _say(page, TAKEN_BACK)
        page.get_by_text(replies.UNDONE).nth(number).wait_for()
    page.context.close()


def _say(page: Any, sentence: str) -> None:
    page.fill("#hy-text", sentence)
    page.press("#hy-text", "Enter")


def _sample(page: Any, title: str, sentence: str = "") -> None:
    """Press a sentence (the first) of the sample with that title."""
    page.get_by_role("button", name=words.SAMPLES).click()
    card = page.get_by_role("dialog").locator(".hy-sample", has_text=title)
    button = card.get_by_role("button", name=sentence, exact=True) if sentence else card.get_by_role("button").first
    button.click(timeout=PROMPT)  # no such sentence is told at once


def _shoot(chromium: Any, url: str, data: Path, out: Path, names: Sequence[str]) -> None:
    """The pictures, each from a fresh page."""
    for name, path, size, theme, ready, pose in SHOTS:
        if names and name not in names:
            continue
        who = data / ("real.json" if name.startswith("real") else "browser.json")
        page = _open(chromium, who, size, theme, 2 if size is PHONE else 1)
        page.goto(url + path)
        page.locator(ready).last.wait_for()
        page.wait_for_timeout(1200)
        pose(page)
        page.wait_for_timeout(500)
        shot = page.screenshot()
        if name.startswith("real"):  # photos weigh little as WebP
            Image.open(io.BytesIO(shot)).convert("RGB").save(out / f"{name}.webp", quality=80, method=6)
        else:
            (out / f"{name}.png").write_bytes(shot)
        page.context.close()


def _compared(page: Any) -> None:
    """A result, half of it as it was before, at the top."""
    result = page.locator(".hy-card", has_text=COMPARED).last
    result.locator("input[type=range]").evaluate(
        "slider => { slider.value = 50; slider.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    result.evaluate(
        "card => { document.activeElement.blur(); card.closest('.hy-row').scrollIntoView({ block: 'start', behavior: 'instant' }); }"
    )
    page.evaluate("document.getElementById('main').scrollBy({ top: -90, behavior: 'instant' })")


def _nobody(page: Any) -> None:
    """What was pointed at for another picture is let go."""
    cross = page.get_by_role("button", name=words.POINT_NONE, exact=True)
    if cross.count():
        cross.first.click()
        page.locator(".hy-meaning .hy-dot").first.wait_for(state="detached")


def _whole(page: Any) -> None:
    """The whole conversation, the results half as they were before, suit and badge; the window as high as it is."""
    _nobody(page)
    for slider, at in zip(page.locator(".hy-card input[type=range]").all(), (50, 100 * 0.332), strict=True):
        slider.evaluate(
            "(one, at) => { one.value = at; one.dispatchEvent(new Event('input', { bubbles: true })); }", at
        )
    size = page.viewport_size
    rest = page.evaluate("(main => main.scrollHeight - main.clientHeight)(document.getElementById('main'))")
    page.set_viewport_size({**size, "height": size["height"] + rest})
    _still(page)


def _result(page: Any) -> None:
    """What the tap made, half of it as it was before, under what was tapped."""
    _nobody(page)
    card = page.locator(".hy-card:has(.hy-compare)").first
    card.locator("input[type=range]").evaluate(
        "slider => { slider.value = 50; slider.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    _still(page)
    card.evaluate("card => card.closest('.hy-row').scrollIntoView({ block: 'start', behavior: 'instant' })")
    page.evaluate("document.getElementById('main').scrollBy({ top: -190, behavior: 'instant' })")


def _sheet(page: Any) -> Callable[[tuple[float, float]], tuple[float, float]]:
    """Open the sheet to point in, once everybody is known; gives where a place of the photo is on the page."""
    _nobody(page)
    page.locator(".mine").get_by_role("button", name=IN_PHOTO).first.click()
    page.get_by_role("dialog", name=words.POINT_AT).wait_for()
    page.locator(".hy-pointing .hy-buttons .hy-chip").first.wait_for()
    page.wait_for_timeout(800)
    box = page.locator(".hy-spot").bounding_box()
    return lambda at: (box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"])


def _tapped(page: Any) -> None:
    """Somebody lit up, by a tap."""
    place = _sheet(page)
    page.mouse.click(*place(SUIT))
    page.locator(".hy-mark").wait_for()


def _circled(page: Any) -> None:
    """A part lit up, by a lasso."""
    place = _sheet(page)
    page.get_by_role("button", name=words.TOOLS["lasso"], exact=True).click()
    page.wait_for_selector('.hy-spot[data-tool="lasso"]')
    page.mouse.move(*place(BADGE[0]))
    page.mouse.down()
    for at in BADGE[1:]:
        page.mouse.move(*place(at), steps=2)
    page.mouse.up()
    page.locator(".hy-mark").wait_for()


def _still(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")


CHAT = ("", ".hy-compare .after", _compared)
PEOPLE = ("people", ".hy-person img", _still)
STUDIO = ("stickers", ".hy-tile img", _still)
SHOTS: tuple[tuple[str, str, dict[str, int], str, str, Callable[[Any], None]], ...] = tuple(
    (name, path, size, theme, ready, pose)
    for name, size, theme, (path, ready, pose) in (
        ("chat", DESKTOP, "light", CHAT),
        ("chat-dark", DESKTOP, "dark", CHAT),
        ("gallery", DESKTOP, "light", PEOPLE),
        ("studio", DESKTOP, "light", STUDIO),
        ("chat-phone", PHONE, "light", CHAT),
        ("gallery-phone", PHONE, "dark", PEOPLE),
        ("studio-phone", PHONE, "dark", STUDIO),
        ("real-chat", TALL, "light", ("", ".hy-compare .after", _result)),
        ("real-phone", PHONE, "light", ("", ".hy-compare .after", _circled)),
        ("real-dark", TALL, "dark", ("", ".hy-compare .after", _tapped)),
        ("real-whole", NARROW, "light", ("", ".hy-compare .after", _whole)),
        ("real-whole-dark", NARROW, "dark", ("", ".hy-compare .after", _whole)),
        ("real-whole-phone", PHONE, "light", ("", ".hy-compare .after", _whole)),
    )
)

if __name__ == "__main__":
    main()
