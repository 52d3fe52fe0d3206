"""The settings: the look, everything of mine as a file, everything of mine gone, pictures without words."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import storage
from bot import replies
from bot.platforms.web import words
from storage import watermark_settings
from tests.browser.conftest import Server

PERSON = Callable[..., Any]


def test_settings(server: Server, person: PERSON, tmp_path: Path) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    page.get_by_role("link", name=words.SETTINGS).click()
    looks = page.get_by_role("group", name=words.LOOK)
    looks.get_by_role("button", name=words.LOOKS[True]).click()
    page.wait_for_function("document.body.classList.contains('body--dark')")
    looks.get_by_role("button", name=words.LOOKS[None]).click()
    page.wait_for_function("!document.body.classList.contains('body--dark')")

    with page.expect_download() as download:
        page.get_by_role("link", name=words.EXPORT).click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as mine:
        told = json.loads(mine.read("everything.json"))
        assert len([name for name in mine.namelist() if name.startswith("photos/")]) >= 2
    user = told["owner"]

    with storage.open(server.data) as store:
        page.get_by_role("button", name=words.UNMARK).click()
        page.get_by_text(replies.UNMARKED_TERMS).wait_for()
        assert not watermark_settings.unmarked(store, user)
        page.get_by_role("button", name=words.AGREE_TERMS).click()
        page.get_by_role("button", name=words.MARK_AGAIN).wait_for()
        assert watermark_settings.unmarked(store, user)
        page.get_by_role("button", name=words.MARK_AGAIN).click()
        page.get_by_role("button", name=words.UNMARK).wait_for()
        assert not watermark_settings.unmarked(store, user)

        page.get_by_role("button", name=words.ERASE_SHORT, exact=True).click()
        page.get_by_role("button", name=words.ERASE_SURE).click()
        page.get_by_text("都删掉了").wait_for()
        assert store.rows("SELECT * FROM photo_owners WHERE owner = ?", (user,)) == []
        assert store.rows("SELECT * FROM messages WHERE user = ?", (user,)) == []
    page.get_by_role("link", name=words.CHAT).click()
    page.locator(".hy-welcome").wait_for()


def test_my_data_asked_for_in_the_chat(server: Server, person: PERSON, tmp_path: Path) -> None:
    """The answer hands over a file."""
    page = person(server.url)
    page.locator("#hy-text").fill("导出我的数据")
    page.locator("#hy-send").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=words.TAKE_MY_DATA).click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as mine:
        assert json.loads(mine.read("everything.json"))["owner"].startswith("web:")


NOTED = """
    window.noted = [];
    const show = ServiceWorkerRegistration.prototype.showNotification;
    ServiceWorkerRegistration.prototype.showNotification = function (title, more) {
      return show.call(this, title, more).then(() => window.noted.push([title, more.body, more]));
    };
"""  # what the browser has really shown


def test_a_note_when_a_long_job_is_done_and_nobody_looks(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve("--pause", "1.4")  # eight steps: longer than notes.LONG
    page = person(server.url + "settings", ready=".hy-count", before=NOTED)
    switch = page.get_by_role("group", name=words.NOTES)
    assert switch.get_by_role("button", name=words.ON_OFF[False]).get_attribute("aria-pressed") == "true"
    switch.get_by_role("button", name=words.ON_OFF[True]).click()  # the browser says no to a page that it does not know
    page.get_by_text(words.NOTES_REFUSED).wait_for()
    page.context.grant_permissions(["notifications"])
    switch.get_by_role("button", name=words.ON_OFF[True]).click()
    switch.locator("[data-notes=on][aria-pressed=true]").wait_for()
    page.get_by_role("link", name=words.CHAT).click()
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("正在涂色").first.wait_for()
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    page.get_by_text("改好了：把猫换成狗").wait_for()
    page.wait_for_function("window.noted.length === 1")
    assert page.evaluate("window.noted[0].slice(0, 2)") == [replies.TITLE, "改好了：把猫换成狗"]
    assert page.evaluate("window.noted[0][2].tag").startswith("heying-")


def test_a_page_that_is_not_there_is_as_dark_as_was_chosen(server: Server, person: PERSON) -> None:
    page = person(server.url + "settings", ready=".hy-page", noisy=True, color_scheme="light")
    nowhere = server.url + "nowhere"
    ground = "getComputedStyle(document.body).backgroundColor"
    page.goto(nowhere)
    assert page.evaluate(ground) == "rgb(245, 244, 249)"  # as the system is
    for dark, color in ((True, "rgb(19, 17, 24)"), (False, "rgb(245, 244, 249)")):
        page.emulate_media(color_scheme="light" if dark else "dark")
        page.goto(server.url + "settings")
        page.get_by_role("button", name=words.LOOKS[dark], exact=True).click()
        page.wait_for_timeout(500)
        page.route("**/look/door.js", lambda route: route.abort())  # without a script, so without a flash
        page.goto(nowhere)
        assert page.evaluate(ground) == color
