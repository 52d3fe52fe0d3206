"""The gallery: teach with the form, rename, put into a photo, forget."""

from collections.abc import Callable
from typing import Any

from bot import replies, samples
from bot.platforms.web import words
from bot.platforms.web.elements import ONCE
from tests.browser.conftest import Server
from tests.browser.test_web import attach, say

PERSON = Callable[..., Any]


def test_teach_rename_put_in_and_forget(server: Server, person: PERSON) -> None:
    page = person(server.url + "people", ready=".hy-empty")
    page.get_by_role("button", name=words.TEACH_NEW, exact=True).click()
    form = page.get_by_role("dialog", name=words.TEACH_NEW)
    begin = form.get_by_role("button", name=words.BEGIN)
    begin.click()
    form.get_by_role("alert").get_by_text(words.NAME_MISSING).wait_for()
    form.get_by_label(words.NAME).fill("年糕")
    begin.click()
    form.get_by_text(words.photos_have(0, 3, 10)).wait_for()
    pictures = next(sample for sample in samples.load() if sample.kind == "person").read()
    attach(page, *((f"{number}.png", data) for number, data in enumerate(pictures)), ("信.pdf", b"%PDF"))
    form.get_by_role("alert").get_by_text("「信.pdf」：").wait_for()
    form.locator(".hy-thumb img").nth(len(pictures) - 1).wait_for()
    begin.click()
    form.get_by_text(replies.consent("年糕")).wait_for()  # a person is asked about first
    form.get_by_role("button", name=replies.AGREE).click()
    card = page.get_by_role("article", name="年糕")
    card.get_by_text(words.STATES["ready"]).wait_for()
    assert card.locator("img").count() == len(pictures)

    card.get_by_role("button", name=words.rename("年糕")).click()
    page.get_by_label(words.NEW_NAME).fill("阿黄")
    page.get_by_label(words.NEW_NAME).press("Enter")
    card = page.get_by_role("article", name="阿黄")
    card.wait_for()
    card.get_by_role("button", name=words.share("阿黄")).click()
    page.get_by_role("button", name=words.MAKE_CODE).click()
    code = page.locator(".hy-code code").inner_text()
    friend = person(server.url)
    say(friend, code)
    friend.get_by_text(replies.shared_here("阿黄", "pet")).wait_for()
    page.get_by_role("button", name=words.WITHDRAW).click()
    page.get_by_text(replies.withdrawn("阿黄")).wait_for()
    friend.goto(server.url + "people")
    friend.locator(".hy-empty").wait_for()
    card.get_by_role("button", name=words.PUT_IN).click()
    page.wait_for_function("document.querySelector('#hy-text')?.value")
    assert page.input_value("#hy-text") == replies.idea_with("阿黄", "pet")

    page.goto(server.url + "people")
    card.get_by_role("button", name=words.forget_whom("阿黄")).click()
    sure = page.get_by_role("dialog", name=words.forget_whom("阿黄"))
    sure.get_by_role("button", name=words.KEEP_IT).click()
    sure.wait_for(state="hidden")
    page.wait_for_timeout(1000 * ONCE["throttle"])  # sooner it would be the second half of a double click
    card.get_by_role("button", name=words.forget_whom("阿黄")).click()
    sure.get_by_role("button", name=words.forget_whom("阿黄")).click()
    page.locator(".hy-empty").wait_for()


def test_a_sample_pet_is_taught_and_taught_again(server: Server, person: PERSON) -> None:
    page = person(server.url + "people", ready=".hy-try")
    page.get_by_role("button", name="教我认识绿豆").click()
    page.get_by_text("我认识绿豆了").wait_for()
    page.goto(server.url + "people")
    card = page.get_by_role("article", name="绿豆")
    card.get_by_role("button", name=words.teach_again("绿豆")).click()
    page.get_by_role("button", name=words.SAME_PHOTOS).click()
    page.get_by_text(replies.learning("绿豆", 4)).wait_for()
    card.get_by_text(words.STATES["ready"]).wait_for()
