"""Everybody can use every page: names, labels, contrast, one screen wide, reached by keyboard with a visible focus; in
both themes, on desktop and phone, and without an error in the console (which the fixture looks after)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.web import words
from tests.browser.conftest import Server

PERSON = Callable[..., Any]
AXE = (Path(__file__).parent / "axe.js").read_text("utf-8")
PHONE = {"width": 390, "height": 844}
DRAWN = {"people": ".hy-person", "stickers": ".hy-tile img", "settings": ".hy-count", "": ".hy-compare .after"}
FOCUS = """() => {
    const at = document.activeElement, ring = at.closest('.hy-compare, .hy-compose') || at;
    const style = getComputedStyle(ring);
    return { place: at.tagName, what: at.getAttribute('aria-label') || at.innerText || at.id || at.tagName,
        seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none' };
}"""


def sound(page: Any, where: str) -> None:
    """Nothing to stumble over."""
    page.wait_for_timeout(300)  # colours change slowly
    assert page.evaluate(AXE) == [], where


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_in_both_themes(server: Server, person: PERSON, theme: str, tmp_path: Path) -> None:
    page = person(server.url + "people", ready=".hy-empty", color_scheme=theme)
    sound(page, "nobody taught")
    page.get_by_role("button", name=words.TEACH_NEW, exact=True).click()
    page.get_by_role("dialog").wait_for()
    sound(page, "the form")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.get_by_role("button", name="教我认识绿豆").click()
    page.get_by_text("我认识绿豆了").wait_for()
    page.goto(server.url + "stickers")
    page.locator(".hy-empty").wait_for()
    sound(page, "no stickers")
    page.get_by_role("button", name="用绿豆做一套表情包").click()
    page.locator(".hy-tile").first.wait_for()
    page.goto(server.url)
    page.get_by_role("button", name=words.SAMPLES).click()
    page.get_by_role("dialog").get_by_role("button", name="把猫换成狗").click()
    page.locator(".hy-compare").wait_for()
    for path, drawn in DRAWN.items():
        page.goto(server.url + path)
        page.locator(drawn).last.wait_for()
        for size in ({"width": 1200, "height": 860}, PHONE):
            page.set_viewport_size(size)
            sound(page, f"/{path} {theme} {size['width']}")
            assert page.screenshot(path=tmp_path / f"{path or 'chat'}-{theme}-{size['width']}.png")


def test_the_keyboard_goes_everywhere_and_is_seen(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.locator(".hy-steps").wait_for()
    page.goto(server.url)
    page.locator(".hy-compare .after").wait_for()
    page.locator(".hy-skip").focus()
    reached: list[str] = []
    while (at := page.evaluate(FOCUS))["place"] != "BODY" and len(reached) < 60:  # after the last comes the browser
        assert at["seen"], at["what"]
        reached.append(at["what"])
        page.keyboard.press("Tab")
    assert reached[0] == words.SKIP
    wanted = (
        words.CHAT,
        words.PEOPLE,
        words.STICKERS,
        words.SETTINGS,
        words.ENLARGE,
        words.UNDO,
        words.PICK,
        words.SEND,
    )
    assert not [what for what in wanted if not any(what in seen for seen in reached)], reached
    assert any("对比原图和改后" in seen for seen in reached)
    page.locator(".hy-shot").first.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name=words.SAVE_PICTURE).wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
