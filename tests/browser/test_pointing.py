"""Tapping somebody in a photo: marks, names, the keyboard, and that the order knows of it."""

from collections.abc import Callable
from typing import Any

import storage
from bot.platforms.web import words
from storage import jobs
from storage.jobs import EditRequest
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
