"""Several chats: each with its own log, photo and work; found again by their words."""

from collections.abc import Callable
from typing import Any

from bot import replies
from bot.platforms.web import words
from storage import jobs
from tests.bot.talking import picture
from tests.browser.conftest import Server
from tests.browser.test_reach import PHONE, sound
from tests.browser.test_web import attach, say

PERSON = Callable[..., Any]


def test_several_chats_and_a_search(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    page.get_by_role("link", name=words.NEW_TALK).click()
    page.wait_for_url("**/?chat=2")
    page.locator(".hy-welcome").wait_for()  # another one, with nothing in it
    attach(page, ("信.pdf", b"%PDF"), ("a.png", picture("a")))
    page.locator(".hy-bubble", has_text="信.pdf").wait_for()  # said where it was sent
    page.locator(".hy-thumb img").wait_for()
    say(page, "改成水墨风")
    page.get_by_text("改好了：改成水墨画").wait_for()
    page.get_by_role("button", name=replies.UNDO, exact=True).last.click()
    page.get_by_text(replies.UNDONE).wait_for()
    assert page.locator(".hy-row", has_text="把猫换成狗").count() == 0
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name=words.TALKS).click()
    rows = page.locator(".hy-talk-row")
    rows.nth(1).wait_for()
    page.wait_for_timeout(400)
    sound(page, "all chats")
    page.get_by_label(words.SEARCH).fill("狗")
    page.wait_for_function(
        "[...document.querySelectorAll('.hy-talk-row')].every((row) => row.innerText.includes('狗'))"
    )
    page.get_by_label(words.SEARCH).fill("骆驼")
    page.get_by_text(words.NOTHING_FOUND).wait_for()
    page.get_by_label(words.SEARCH).fill("猫换成")
    rows.first.locator(".hy-soft", has_text="把猫换成狗").wait_for()
    rows.first.click()
    page.wait_for_url(server.url)
    page.get_by_text("改好了：把猫换成狗").wait_for()
    assert page.locator(".hy-row", has_text="水墨").count() == 0
    say(page, "再明显一点")  # of the photo of this chat
    page.get_by_text("改好了：把猫换成狗").nth(1).wait_for()
    other = person(server.url + "?chat=2")  # a number is everybody's own
    assert other.locator(".hy-row").count() == 0


def test_a_chat_is_deleted_with_its_photos_after_a_question(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    page.get_by_role("link", name=words.NEW_TALK).click()
    page.wait_for_url("**/?chat=2")
    attach(page, ("a.png", picture("only here")))
    page.locator(".hy-thumb img").wait_for()
    say(page, "改成水墨风")
    page.get_by_text("改好了：改成水墨画").wait_for()
    photo = str(page.locator(".hy-row.mine img").first.get_attribute("src"))
    erase = words.erase_talk("改成水墨风")
    page.get_by_role("button", name=words.TALKS).click()
    page.get_by_role("button", name=erase).click()
    page.get_by_role("button", name=words.KEEP_IT).click()
    page.get_by_role("button", name=words.TALKS).click()
    page.get_by_role("button", name=erase).click()
    page.get_by_role("button", name=words.ERASE_SHORT, exact=True).click()
    page.get_by_text(words.talk_erased(2)).wait_for()
    page.locator(".hy-welcome").wait_for()
    assert page.request.get(server.url.rstrip("/") + photo).status == 404
    page.get_by_role("button", name=words.TALKS).click()
    page.locator(".hy-talk-row", has_text="把猫换成狗").wait_for()
    assert page.locator(".hy-talk-row").count() == 1


def test_how_much_is_left_today(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve(HEYING_LIMITS__JOBS_A_DAY="2")
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text(words.left_today(1, 0.0)).wait_for()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    say(page, "再来一张")
    page.get_by_text(words.left_today(0, jobs.DAY)).wait_for()
