"""Pointing into a photo: taps, the lasso, the brush, the eraser; marks, names, the keyboard, and that the order knows of it."""

import io
from collections.abc import Callable
from typing import Any

from PIL import Image

import storage
from bot.platforms.web import words
from storage import jobs
from storage.jobs import EditRequest
from storage.regions import READ_AGAIN, TOO_MUCH, Region, mask
from tests.bot.talking import picture
from tests.browser.conftest import Server
from tests.browser.test_reach import PHONE, sound
from tests.browser.test_web import attach, say

PERSON = Callable[..., Any]
POINT = words.point_in(words.THIS_PHOTO)


def tap(page: Any, x: float, y: float) -> None:
    """A finger on the photo, in shares of it."""
    spot = page.locator(".hy-spot").bounding_box()
    page.mouse.click(spot["x"] + x * spot["width"], spot["y"] + y * spot["height"])


def begin(page: Any, name: str = POINT) -> None:
    """Open the sheet, and wait until it stands still."""
    page.get_by_role("button", name=name).first.click()
    page.get_by_role("dialog", name=words.POINT_AT).wait_for()
    page.wait_for_timeout(400)


def take(page: Any, tool: str) -> None:
    """Take another tool in hand."""
    page.get_by_role("button", name=words.TOOLS[tool], exact=True).click()
    page.wait_for_selector(f'.hy-spot[data-tool="{tool}"]')


def drag(page: Any, *places: tuple[float, float]) -> None:
    """Draw a line with the mouse, in shares of the photo."""
    spot = page.locator(".hy-spot").bounding_box()
    at = [(spot["x"] + x * spot["width"], spot["y"] + y * spot["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


def share(region: Region, *places: tuple[float, float]) -> list[bool]:
    """Which places are in a region."""
    drawn = mask([region], (400, 400))
    return [bool(drawn[int(400 * y), int(400 * x)]) for x, y in places]


def asked(server: Server) -> list[EditRequest]:
    """All edits that were asked for, the newest last."""
    with storage.open(server.data) as store:
        rows = store.rows("SELECT id FROM jobs ORDER BY id")
        requests = [jobs.get(store, row["id"]).request for row in rows]
    return [request for request in requests if isinstance(request, EditRequest)]


def test_a_tap_is_marked_taken_back_and_goes_with_the_sentence(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve()
    page = person(server.url, viewport=PHONE)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    page.click("#hy-send")
    page.get_by_role("button", name=POINT).click()
    page.get_by_role("dialog", name=words.POINT_AT).wait_for()
    page.wait_for_timeout(400)
    tap(page, 0.25, 0.5)
    page.locator(".hy-mark").wait_for()
    tap(page, 0.8, 0.3)
    page.locator(".hy-mark").nth(1).wait_for()
    sound(page, "two marks")
    page.get_by_role("button", name=words.take_back(1, "")).click()
    page.wait_for_function("document.querySelectorAll('.hy-mark').length === 1")
    page.get_by_role("button", name=words.POINT_DONE).click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.reload()
    page.locator(".hy-meaning .hy-dot").wait_for()
    assert page.get_attribute("#hy-text", "placeholder") == words.POINT_SAY
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sound(page, "what was tapped")
    say(page, "去掉")
    page.locator(".hy-compare .after").wait_for()
    request = asked(server)[-1]
    assert request.step.operation == "remove"
    [(x, y)] = request.points
    assert abs(x - 0.8) < 0.02
    assert abs(y - 0.3) < 0.02
    assert page.locator(".mine .hy-pointed .hy-dot").count() == 1
    assert page.locator(".hy-meaning").inner_text() == ""
    assert page.get_attribute("#hy-text", "placeholder") == words.PLACEHOLDER


def test_whoever_is_known_lights_up_and_the_keyboard_reaches_everybody(
    serve: Callable[..., Server], person: PERSON
) -> None:
    server = serve()
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    say(page, "改成水墨风")
    page.locator(".hy-card").get_by_role("button", name=words.POINT).click()
    page.get_by_role("dialog", name=words.POINT_AT).wait_for()
    page.locator(".hy-spot").focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    page.get_by_text("点了左边那个", exact=True).first.wait_for()
    assert page.locator(".hy-spot path.on").count() == 1
    page.get_by_role("button", name="右边那个", exact=True).press("Enter")
    page.get_by_text("点了左边那个、右边那个", exact=True).first.wait_for()
    sound(page, "two people lit up")
    page.get_by_role("button", name="左边那个", exact=True).press("Enter")
    page.get_by_text("点了右边那个", exact=True).first.wait_for()
    page.get_by_role("button", name=words.POINT_DONE).press("Enter")
    say(page, "换成红色")
    page.locator(".hy-compare .after").nth(1).wait_for()
    first, second = asked(server)
    assert first.points == ()
    assert second.points == ((0.75, 0.5),)
    assert second.photo != first.photo  # the result was tapped


def test_a_tap_lights_somebody_up_before_any_edit(serve: Callable[..., Server], person: PERSON) -> None:
    """A worker has looked at the photo as it came in; the tray is enough, nothing need be said."""
    server = serve("--look")
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    page.get_by_role("button", name=words.point_in(words.WAITING_PHOTO)).click()
    page.get_by_role("dialog", name=words.POINT_AT).wait_for()
    page.get_by_role("button", name="左边那个", exact=True).wait_for()
    page.wait_for_timeout(400)
    tap(page, 0.25, 0.5)
    page.get_by_text("点了左边那个", exact=True).first.wait_for()
    assert page.locator(".hy-spot path.on").count() == 1
    page.get_by_role("button", name=words.POINT_DONE).click()
    say(page, "换成红色")
    page.locator(".hy-compare .after").wait_for()
    assert len(asked(server)[-1].points) == 1


def test_a_picture_of_earlier_is_gone_back_to(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve()
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    say(page, "改成水墨风")
    page.locator(".hy-compare .after").wait_for()
    page.locator(".mine").get_by_role("button", name=POINT).click()
    page.get_by_role("button", name="左边那个", exact=True).click()
    page.get_by_role("button", name=words.POINT_DONE).click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.locator(".hy-meaning .hy-dot").wait_for()  # what was tapped is with the words
    say(page, "换成红色")
    page.locator(".hy-compare .after").nth(1).wait_for()
    first, second = asked(server)
    assert second.photo == first.photo
    assert page.locator(".hy-step:not(.beside)").count() == 2  # the photo and what was made of it now
    assert page.locator(".hy-step.beside").count() == 1  # what was made of it before is a branch


def test_a_lasso_and_a_brush_light_up_and_go_with_the_sentence(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve()
    page = person(server.url, viewport=PHONE, noisy=True)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    begin(page, words.point_in(words.WAITING_PHOTO))
    take(page, "lasso")
    drag(page, (0.4, 0.05), (0.55, 0.05), (0.55, 0.2), (0.4, 0.2))
    page.get_by_text("选了圈出来的这块", exact=True).first.wait_for()
    assert page.locator(".hy-spot path.on").count() == 1
    take(page, "brush")
    page.get_by_label(words.BRUSH_SIZE).fill("10")
    drag(page, (0.42, 0.8), (0.58, 0.8))
    page.get_by_text("选了圈出来的这块、涂出来的这块", exact=True).first.wait_for()
    drag(page, (0.5, 0.75), (0.5, 0.9))  # meets the first stroke: the same part
    page.wait_for_function("document.querySelector('.hy-spot path.on:last-child').getBBox().height > 0.15")
    assert page.locator(".hy-mark").count() == 2
    sound(page, "a lasso and a brush")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name=words.STEP_BACK).click()  # the second stroke
    page.wait_for_function("document.querySelector('.hy-spot path.on:last-child').getBBox().height < 0.1")
    take(page, "erase")
    page.get_by_label(words.BRUSH_SIZE).fill("20")
    drag(page, (0.36, 0.8), (0.5, 0.8))
    page.wait_for_function("document.querySelector('.hy-spot path.on:last-child').getBBox().x > 0.5")
    take(page, "tap")
    tap(page, 0.25, 0.5)
    page.locator(".hy-mark").nth(2).wait_for()
    page.get_by_role("button", name=words.POINT_DONE).click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.reload()
    page.locator(".hy-meaning .hy-dot").nth(2).wait_for()
    say(page, "去掉")
    page.locator(".hy-compare .after").wait_for()
    request = asked(server)[-1]
    assert request.step.operation == "remove"
    assert len(request.points) == 1
    circled, painted = request.regions
    assert share(circled, (0.47, 0.12), (0.5, 0.8), (0.47, 0.3)) == [True, False, False]
    assert share(painted, (0.57, 0.8), (0.45, 0.8), (0.5, 0.9)) == [True, False, False]
    assert page.locator(".mine .hy-pointed path.on").count() == 2
    assert page.locator(".hy-meaning").inner_text() == ""
    say(page, "再来一张")
    page.locator(".hy-compare .after").nth(1).wait_for()
    assert asked(server)[-1].regions == request.regions
    server.stop()
    server.start()  # what was drawn is with the job
    assert asked(server)[-1].regions == request.regions


def test_a_lasso_around_somebody_is_called_by_their_name(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve("--look")
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    begin(page, words.point_in(words.WAITING_PHOTO))
    page.get_by_role("button", name="左边那个", exact=True).wait_for()
    take(page, "lasso")
    drag(page, (0.07, 0.07), (0.43, 0.07), (0.43, 0.94), (0.07, 0.94), (0.07, 0.07))
    page.get_by_text("点了左边那个", exact=True).first.wait_for()
    assert page.get_by_role("button", name="左边那个", exact=True).get_attribute("aria-pressed") == "true"
    assert page.locator(".hy-spot path.on").count() == 1
    drag(page, (0.65, 0.2), (0.75, 0.2), (0.7, 0.3))  # a part of the other one
    page.get_by_text("选了左边那个、圈出来的这块", exact=True).first.wait_for()
    page.get_by_role("button", name=words.take_back(1, "左边那个")).press("Enter")
    page.get_by_text("选了圈出来的这块", exact=True).first.wait_for()
    take(page, "tap")
    page.get_by_role("dialog").get_by_role("button", name=words.POINT_NONE).click()
    page.wait_for_function("!document.querySelector('.hy-mark')")


def test_a_part_is_drawn_by_keyboard_alone_and_heard(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve()
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    begin(page, words.point_in(words.WAITING_PHOTO))
    page.get_by_role("button", name=words.TOOLS["lasso"], exact=True).press("Enter")
    page.locator(".hy-pen", has_text=words.TOOL_HINTS["lasso"]).wait_for(state="attached")
    page.locator(".hy-spot").focus()
    page.keyboard.press("Enter")
    page.locator(".hy-pen", has_text="下笔了").wait_for(state="attached")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(f"Shift+{key}")
    page.keyboard.press("Enter")
    page.get_by_text("选了圈出来的这块", exact=True).first.wait_for()
    page.get_by_role("button", name=words.TOOLS["brush"], exact=True).press("Enter")
    page.locator(".hy-spot").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Escape")  # drops the line, and leaves the sheet open
    page.locator(".hy-pen", has_text="这一笔不要了").wait_for(state="attached")
    assert page.locator(".hy-mark").count() == 1
    for key in ("Enter", "Shift+ArrowUp", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("选了圈出来的这块、涂出来的这块", exact=True).first.wait_for()
    page.get_by_role("button", name=words.POINT_DONE).press("Enter")
    say(page, "打码")
    page.locator(".mine .hy-pointed").wait_for()
    page.wait_for_function("document.querySelectorAll('.mine .hy-pointed path.on').length === 2")


def test_a_finger_draws_on_a_phone_also_when_it_is_zoomed(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve()
    page = person(server.url, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    begin(page, words.point_in(words.WAITING_PHOTO))
    page.get_by_role("button", name=words.TOOLS["lasso"], exact=True).tap()
    browser = page.context.new_cdp_session(page)

    def finger(*places: tuple[float, float]) -> None:
        """A line of one finger, in shares of the photo."""
        spot = page.locator(".hy-spot").bounding_box()
        at = [{"x": spot["x"] + x * spot["width"], "y": spot["y"] + y * spot["height"]} for x, y in places]
        browser.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at[0]]})
        for place in at[1:]:
            browser.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
        browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    finger((0.4, 0.3), (0.6, 0.3), (0.6, 0.5), (0.4, 0.5))
    page.get_by_text("选了圈出来的这块", exact=True).first.wait_for()
    browser.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    page.wait_for_function("visualViewport.scale > 1.9")  # its upper left quarter fills the screen now
    finger((0.1, 0.2), (0.2, 0.2), (0.2, 0.3), (0.1, 0.3))
    page.get_by_text("选了圈出来的 2 块", exact=True).first.wait_for()
    page.evaluate("document.querySelector('.hy-chip.main').click()")
    say(page, "去掉")
    page.locator(".mine .hy-pointed").wait_for()
    page.wait_for_function("document.querySelectorAll('.mine .hy-pointed path.on').length === 2")
    first, second = asked(server)[-1].regions
    assert share(first, (0.5, 0.4), (0.7, 0.4), (0.5, 0.6)) == [True, False, False]
    assert share(second, (0.15, 0.25), (0.25, 0.25), (0.15, 0.4)) == [True, False, False]


def test_what_cannot_be_read_is_said_and_changes_nothing(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve()
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    begin(page, words.point_in(words.WAITING_PHOTO))
    mark = "([detail]) => document.querySelector('.hy-spot').dispatchEvent(new CustomEvent('mark', { detail }))"
    for bad in (
        {"tool": "lasso", "points": [[0.1, 0.1]]},
        {"tool": "hammer"},
        ["x"],
        {"tool": "tap", "points": [["a", None]]},
    ):
        page.evaluate(mark, [bad])
        page.get_by_text(READ_AGAIN).last.wait_for()
    page.evaluate(mark, [{"tool": "brush", "radius": 0.1, "points": [[0.5, 0.5]] * 500}])
    page.get_by_text(TOO_MUCH).last.wait_for()
    assert page.locator(".hy-mark").count() == 0
    take(page, "lasso")
    spot = page.locator(".hy-spot").bounding_box()
    page.mouse.click(spot["x"] + 50, spot["y"] + 50)  # no line at all
    page.locator(".hy-toast").wait_for()
    assert page.locator(".hy-mark").count() == 0


def test_by_keyboard_it_is_said_that_somebody_looks_and_then_who_it_is(
    serve: Callable[..., Server], person: PERSON
) -> None:
    server = serve("--look", "--look-when-told")
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    page.get_by_role("button", name=words.point_in(words.WAITING_PHOTO)).press("Enter")
    page.get_by_role("dialog", name=words.POINT_AT).wait_for()
    page.locator(".hy-told", has_text=words.LOOKING_FOR_WHO).wait_for()
    page.wait_for_timeout(400)  # the sheet takes the focus once it stands
    page.locator(".hy-spot").focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    page.locator(".hy-told", has_text=words.pointed([], 1)).wait_for()
    assert words.LOOKING_FOR_WHO in page.locator(".hy-told").inner_text()
    (server.data / "look").touch()
    page.locator(".hy-told", has_text="点了左边那个").wait_for()
    assert page.locator(".hy-told").inner_text() == "点了左边那个"
    assert page.locator(".hy-spot path.on").count() == 1
    assert page.locator(".hy-told").get_attribute("role") == "status"
    page.get_by_role("button", name=words.POINT_DONE).press("Enter")
    page.locator(".hy-meaning", has_text="点了左边那个").wait_for()


def test_the_focus_of_a_picture_is_seen_also_when_it_is_zoomed(serve: Callable[..., Server], person: PERSON) -> None:
    server = serve()
    page = person(server.url, viewport=PHONE)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    page.click("#hy-send")
    page.locator(".hy-shot").click()
    page.locator(".hy-zoom").wait_for()
    page.wait_for_timeout(400)
    page.keyboard.press("Tab")
    page.locator(".hy-zoom").focus()
    for _ in range(6):
        page.keyboard.press("+")
    page.wait_for_timeout(300)
    edge = page.locator(".hy-zoom").bounding_box()
    shown = Image.open(io.BytesIO(page.screenshot()))
    y = edge["y"] + edge["height"] / 2
    assert page.evaluate("document.activeElement.className").startswith("hy-zoom")
    assert shown.convert("RGB").getpixel((1, int(y))) == (255, 255, 255)
    assert shown.convert("RGB").getpixel((int(edge["width"]) - 2, int(y))) == (255, 255, 255)
