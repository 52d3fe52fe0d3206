"""The pages in Chinese and in English: the same words in both, who gets which, the switch."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.platforms.web import words
from bot.platforms.web.words import COOKIE, asked_for, chinese, english
from tests.browser.conftest import ROOT, Server
from tests.browser.test_reach import PHONE, sound
from tests.browser.test_web import RESULT, loaded

PERSON = Callable[..., Any]
WEB = ROOT / "bot" / "platforms" / "web"
HAN = re.compile("[\u4e00-\u9fff]")
QUOTED = re.compile("「[^」]*」|合影|中文|阿紫")  # what English speaks of


def table(module: Any) -> dict[str, Any]:
    """The words of one language: texts, tables of texts, functions."""
    brought = {"Progress", "Retention"}
    return {
        name: told
        for name, told in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(told) and name not in brought
    }


def test_both_languages_have_the_same_words() -> None:
    zh, en = table(chinese), table(english)
    assert set(zh) == set(en)
    for name, told in zh.items():
        assert type(told) is type(en[name]), name
        if isinstance(told, dict):
            assert list(told) == list(en[name]), name
        if callable(told):
            assert list(inspect.signature(told).parameters) == list(inspect.signature(en[name]).parameters), name
    for name, told in en.items():
        texts = (
            [told] if isinstance(told, str) else [str(one) for one in told.values()] if isinstance(told, dict) else []
        )
        for text in texts:
            assert not HAN.search(QUOTED.sub("", text)), (name, text)


def test_every_word_that_a_page_says_is_there() -> None:
    zh = table(chinese) | vars(words)
    for path in WEB.glob("*.py"):
        for name in re.findall(r"\bwords\.([A-Za-z_]+)", path.read_text("utf-8")):
            assert name in zh, (path.name, name)


@pytest.mark.parametrize("script", sorted((WEB / "look").glob("*.js")), ids=lambda path: path.name)
def test_scripts_have_no_words_of_their_own(script: Path) -> None:
    code = re.sub(r"//.*", "", script.read_text("utf-8"))
    assert not HAN.search(code)
    for name, key in re.findall(r"(?:heying\.words|say)(?:\.(\w+)|\[\"([^\"]+)\"\])", code):
        assert (name or key) in {"language", "replace", *chinese.SCRIPTS}, (name, key)


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "", "zh"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "en-US,en;q=0.9", "en"),
        ("", "en-US,en;q=0.9,zh-TW;q=0.5", "zh"),
        ("", "de", "en"),
        ("", "*", "zh"),
        ("zh", "en-US", "zh"),
        ("en", "zh-CN", "en"),
        ("xx", "en-US", "en"),
    ],
)
def test_who_gets_which(cookie: str, accepted: str, language: str) -> None:
    assert asked_for({COOKIE: cookie} if cookie else {}, accepted) == language


def test_english_for_who_reads_no_chinese_and_the_switch_is_remembered(server: Server, person: PERSON) -> None:
    page = person(server.url, locale="en-US")
    assert page.title() == english.TITLE
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_text(english.SPEAKS).wait_for()
    page.get_by_role("button", name="把猫换成狗").first.click()
    loaded(page, RESULT)
    card = page.locator(".hy-card").last
    card.get_by_role("button", name=english.ENLARGE, exact=True).click()  # what a press brings is English as well
    page.get_by_role("dialog").get_by_role("button", name=english.CLOSE).click()
    page.get_by_role("dialog").wait_for(state="hidden")
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == "all after"
    for path in ("", "people", "stickers", "settings"):
        page.goto(server.url + path)
        page.get_by_role("link", name=english.SETTINGS).wait_for()
        for size in ({"width": 1200, "height": 860}, PHONE):
            page.set_viewport_size(size)
            sound(page, f"/{path} in English {size['width']}")
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_role("group", name=english.LANGUAGE).get_by_role("button", name="中文").click()
    page.get_by_role("heading", name=chinese.SETTINGS).wait_for()
    page.goto(server.url)
    page.locator("#hy-text").wait_for()
    assert page.get_attribute("#hy-text", "placeholder") == chinese.PLACEHOLDER
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_english_before_anybody_is_known(serve: Callable[..., Server]) -> None:
    server = serve(HEYING_WEB_PASSWORD="open sesame")
    asks = {"Accept": "text/html", "Accept-Language": "en-GB"}
    assert english.PASSWORD_HINT in httpx.get(server.url + "door", headers=asks).text
    assert chinese.PASSWORD_HINT in httpx.get(server.url + "door").text
    with httpx.Client(base_url=server.url, headers=asks, timeout=60) as client:
        client.post("/door", data={"password": "open sesame"})
        lost = client.get("/nothing/here")
        assert english.LOST in lost.text
        assert '<html lang="en">' in lost.text
        sent = {"file": ("a.pdf", b"%PDF", "image/png")}
        told = client.post("/attach?for=teach", files=sent, headers={"X-Heying": "attach"})
        assert told.json()[0].startswith("a.pdf: ")
