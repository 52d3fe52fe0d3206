"""A result in the talk: its slider by mouse, finger and key, the picture's own menu, its title in view on a phone."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Server
from tests.browser.test_reach import PHONE
from tests.browser.test_web import RESULT, attach, loaded, say

PERSON = Callable[..., Any]
MENU = "addEventListener('contextmenu', (menu) => { window.under = menu.target.className; menu.preventDefault(); })"


def tall(height: int = 1600) -> bytes:
    """A photo of a whole person, as phones take it."""
    pixels = np.random.default_rng(0).integers(0, 256, (height // 100, 8, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((800, height), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def made(page: Any, data: bytes) -> Any:
    """The comparison with what has become of a photo."""
    attach(page, ("a.png", data))
    page.locator(".hy-thumb img").wait_for()
    say(page, "改成水墨画")
    page.get_by_text("改好了：改成水墨画").wait_for()
    loaded(page, RESULT)
    return page.locator(".hy-compare").last


def at(compare: Any) -> int:
    return int(compare.locator("input").input_value())


def test_the_menu_of_a_result_is_the_pictures(server: Server, person: PERSON) -> None:
    page = person(server.url)
    compare = made(page, tall(800))
    page.evaluate(MENU)
    for place, under in (({"x": 60, "y": 60}, "after"), ({"x": 200, "y": 100}, "after")):
        compare.click(button="right", position=place)
        assert page.evaluate("window.under") == under
    compare.locator("input").fill("50")
    compare.click(button="right", position={"x": 20, "y": 60})
    assert page.evaluate("window.under") == "before"
    assert at(compare) == 50  # and the slider stays


def test_the_slider_follows_mouse_finger_and_keys(server: Server, person: PERSON) -> None:
    page = person(server.url, has_touch=True)
    compare = made(page, tall(800))
    box = compare.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, y, steps=4)
    page.mouse.up()
    assert at(compare) == pytest.approx(50, abs=2)
    page.mouse.move(box["x"] + 2, y)
    assert at(compare) == pytest.approx(50, abs=2)  # let go of
    page.keyboard.press("ArrowRight")
    assert at(compare) == pytest.approx(52, abs=2)
    page.touchscreen.tap(box["x"] + 0.8 * box["width"], y)
    assert at(compare) == pytest.approx(80, abs=2)


def test_the_title_of_a_tall_result_is_in_view(server: Server, person: PERSON) -> None:
    page = person(server.url, viewport=PHONE)
    made(page, tall())
    page.wait_for_timeout(1200)  # it glides
    talk, title = page.locator("#main").bounding_box(), page.get_by_text("改好了：改成水墨画").bounding_box()
    assert talk["y"] <= title["y"] < talk["y"] + 80
    page.locator("#main").evaluate("talk => { talk.scrollTop = talk.scrollHeight; }")  # reads on, to the buttons
    page.wait_for_timeout(800)
    below = page.locator("#main").evaluate("talk => talk.scrollTop")
    page.get_by_role("button", name="再明显一点").click()
    page.locator(".hy-card").nth(1).wait_for()
    page.wait_for_timeout(1500)
    assert page.locator("#main").evaluate("talk => talk.scrollTop") > below  # what comes next is followed
    title = page.locator(".hy-card .hy-words").nth(1).bounding_box()
    assert talk["y"] <= title["y"] < talk["y"] + 80


def test_no_bars_beside_a_tall_picture(server: Server, person: PERSON) -> None:
    """What comes back with 撤销 has its own proportions."""
    page = person(server.url)
    made(page, tall())
    say(page, "撤销")
    back = page.locator(".hy-row:not(.mine) .hy-shot img").last
    back.wait_for()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=back.element_handle())
    shown = back.evaluate("image => [image.clientWidth, image.clientHeight, image.naturalWidth, image.naturalHeight]")
    assert shown[0] / shown[1] == pytest.approx(shown[2] / shown[3], rel=0.02)
    assert shown[1] <= 340


def test_what_fits_a_photo_is_offered_as_soon_as_it_has_been_looked_at(
    serve: Callable[..., Server], person: PERSON
) -> None:
    server = serve("--look", "--look-when-told")
    page = person(server.url, viewport=PHONE)
    attach(page, ("a.png", tall(800)))
    page.locator(".hy-thumb img").wait_for()
    offers = page.locator(".hy-offers .hy-chip")
    assert offers.count() == 0
    (server.data / "look").touch()
    page.locator(".hy-offers").get_by_text("改成水墨画", exact=True).wait_for()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.locator(".hy-offers").get_by_text("改成水墨画", exact=True).click()
    page.get_by_text("改好了：改成水墨画").wait_for()
    assert offers.count() == 0
