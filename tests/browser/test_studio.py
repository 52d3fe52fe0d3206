"""The sticker studio: which, in which order, with which words, on light and dark; and the files."""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

import storage
from bot import stickers
from bot.platforms.web import words
from lettering.moving import moves
from tests.bot.talking import picture
from tests.browser.conftest import WAIT, Server
from tests.browser.test_web import attach, say

PERSON = Callable[..., Any]
ORDER = "[...document.querySelectorAll('.hy-tile')].map(tile => tile.dataset.sticker)"


def reordered(page: Any, order: list[str]) -> None:
    """Wait until the stickers stand in that order."""
    page.wait_for_function(f"order => {ORDER}.join() === order.join()", arg=order)


def downloaded(page: Any, name: str, target: Path) -> zipfile.ZipFile:
    """The ZIP behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    download.value.save_as(target)
    return zipfile.ZipFile(target)


def kept(page: Any, server: Server, id: int, emoji: str) -> None:
    """Wait until a sticker has these."""
    until = time.monotonic() + WAIT / 1000
    with storage.open(server.data) as store:
        while (found := store.rows("SELECT emoji FROM stickers WHERE id = ?", (id,))[0]["emoji"]) != emoji:
            assert time.monotonic() < until, found
            page.wait_for_timeout(100)


def studio(server: Server, person: PERSON) -> Any:
    """The studio with a new pack."""
    page = person(server.url + "people", ready=".hy-try")
    page.get_by_role("button", name="教我认识绿豆").click()
    page.get_by_text("我认识绿豆了").wait_for()
    page.goto(server.url + "stickers")
    page.get_by_role("button", name="用绿豆做一套表情包").click()
    page.locator(".hy-tile").nth(3).wait_for()
    return page


def test_a_pack_from_its_making_to_its_files(server: Server, person: PERSON, tmp_path: Path) -> None:
    page = studio(server, person)
    order = page.evaluate(ORDER)

    later = page.locator(f"[data-sticker='{order[0]}']").get_by_role("button", name=words.LATER_PLACE)
    later.press("Enter")
    reordered(page, [order[1], order[0], *order[2:]])
    page.wait_for_function(f"document.activeElement?.closest('.hy-tile')?.dataset.sticker === '{order[0]}'")
    assert "排第 2" in page.locator("[role=status]", has_text="现在").inner_text()
    grip = page.locator(f"[data-sticker='{order[0]}'] .hy-grip").bounding_box()
    first = page.locator(f"[data-sticker='{order[1]}']").bounding_box()
    page.mouse.move(grip["x"] + 9, grip["y"] + 9)
    page.mouse.down()
    page.mouse.move(first["x"] + 20, first["y"] + 60, steps=4)
    page.mouse.up()
    reordered(page, order)
    page.reload()
    page.locator(".hy-tile").first.wait_for()
    reordered(page, order)

    before = page.locator(".hy-tile img").first.get_attribute("src")
    page.get_by_label(words.caption_of(0)).fill("打工人")
    page.get_by_label(words.emoji_of(0)).fill("💪")
    page.get_by_label(words.caption_of(0)).press("Enter")
    page.get_by_role("img", name=words.sticker(0, "打工人")).wait_for()
    kept(page, server, int(order[0]), "💪")
    assert page.locator(".hy-tile img").first.get_attribute("src") != before

    for backdrop, color in (("dark", "rgb(17, 17, 17)"), ("light", "rgb(237, 237, 237)")):
        page.get_by_role("button", name=words.BACKDROPS[backdrop], exact=True).click()
        page.wait_for_function(
            "c => getComputedStyle(document.querySelector('.hy-view')).backgroundColor === c", arg=color
        )

    ticks = page.get_by_role("checkbox")
    ticks.nth(1).press("Space")
    page.get_by_text(words.chosen(len(order) - 1, len(order))).wait_for()
    with downloaded(page, "下载 ZIP", tmp_path / "all.zip") as made:
        names = made.namelist()
        assert len([name for name in names if name.startswith("telegram/")]) == len(order) - 1
        assert any("打工人" in name for name in names)
        assert "💪" in made.read("说明.txt").decode()
    for link, folder, side in (("下载 微信", "wechat/", 240), ("下载 Telegram", "telegram/", 512)):
        with downloaded(page, link, tmp_path / "one.zip") as made:
            pictures = [name for name in made.namelist() if not name.endswith(".txt")]
            assert all(name.startswith(folder) for name in pictures)
            with Image.open(io.BytesIO(made.read(pictures[0]))) as image:
                assert image.size == (side, side)
                assert image.mode == "RGBA"
    page.get_by_role("button", name=words.ALL).click()
    page.get_by_text(words.chosen(len(order), len(order))).wait_for()

    page.get_by_role("button", name=words.PACK_TITLE).click()
    page.get_by_role("dialog").get_by_role("textbox").fill("绿豆上班")
    page.get_by_role("button", name=words.SAVE).click()
    page.get_by_role("heading", name="绿豆上班").wait_for()
    page.locator(f"[data-sticker='{order[0]}']").get_by_role("button", name=words.DROP_STICKER).click()
    page.wait_for_function("n => document.querySelectorAll('.hy-tile').length === n", arg=len(order) - 1)
    page.get_by_role("button", name=words.DROP_PACK).click()
    page.get_by_role("dialog").get_by_role("button", name=words.DROP_PACK).click()
    page.locator(".hy-empty").wait_for()


def test_a_change_takes_nothing_from_under_the_hand(server: Server, person: PERSON) -> None:
    """Words are drawn anew in another tab, or after the field before: who is pressing a button or typing goes on."""
    page = studio(server, person)
    first = page.locator(".hy-tile").first
    with storage.open(server.data) as store:
        id = int(first.get_attribute("data-sticker"))
        owner = store.rows("SELECT owner FROM packs JOIN stickers ON pack = packs.id WHERE stickers.id = ?", (id,))
        page.get_by_role("button", name=words.BACKDROPS["dark"], exact=True).hover()
        page.mouse.down()
        stickers.relabel(store, id, owner[0]["owner"], "加油", "💪")
        page.get_by_role("img", name=words.sticker(0, "加油")).wait_for()
        page.mouse.up()
        page.locator(".hy-tiles.on-dark").wait_for()
        assert page.get_by_label(words.caption_of(0)).input_value() == "加油"
    page.get_by_label(words.caption_of(0)).fill("下班")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("🎉")
    page.get_by_role("img", name=words.sticker(0, "下班")).wait_for()
    page.keyboard.type("🥳")  # still in the same field
    page.keyboard.press("Enter")
    kept(page, server, id, "🎉🥳")


def test_only_what_stands_still_can_be_copied(server: Server, person: PERSON) -> None:
    """A browser's clipboard holds still pictures only."""
    page = person(server.url)
    for sentence, copies in (("做2个表情", 1), ("做2个会动的表情", 0)):
        attach(page, ("a.png", picture("a", 600)))
        page.locator(".hy-thumb img").wait_for()
        say(page, sentence)
        page.locator(".hy-row", has_text="表情包做好了").nth(1 - copies).locator(".hy-pack button").first.click()
        large = page.locator(".hy-large")
        large.get_by_role("link", name=words.SAVE_PICTURE).wait_for()
        assert large.locator("[data-copy]").count() == copies
        large.get_by_role("button", name=words.CLOSE).click()
        large.wait_for(state="detached")


def test_a_pack_is_made_to_move_and_stands_still_again(server: Server, person: PERSON, tmp_path: Path) -> None:
    page = person(server.url)
    attach(page, ("a.png", picture("a", 600)))
    page.locator(".hy-thumb img").wait_for()
    say(page, "做2个表情")
    page.get_by_role("link", name=words.OPEN_STUDIO).click()
    page.locator(".hy-tile").nth(1).wait_for()
    motion = page.get_by_role("group", name=words.MOTION)
    for moving in (True, False):
        motion.get_by_role("button", name=words.MOTIONS[moving], exact=True).click()
        page.locator(".hy-tiles:not(.busy)").wait_for()
        assert page.locator(".q-notification__badge:visible").count() == 0  # said twice is not counted
        motion.locator("[aria-pressed=true]", has_text=words.MOTIONS[moving]).wait_for()
        with downloaded(page, "下载 微信", tmp_path / "one.zip") as made:
            pictures = [name for name in made.namelist() if not name.endswith(".txt")]
            assert all(name.endswith(".gif" if moving else ".png") for name in pictures)
            assert len(pictures) == 2
            assert moves(made.read(pictures[0])) is moving


def test_emoji_are_no_boxes(server: Server, person: PERSON) -> None:
    """A machine without an emoji font has the one that comes along, in every field."""
    page = studio(server, person)
    page.reload()
    page.locator(".hy-tile").nth(3).wait_for()
    page.evaluate("document.fonts.load('16px \"Heying Emoji\"', '😄')")
    page.wait_for_timeout(300)
    tools = page.context.new_cdp_session(page)
    for command in ("DOM.enable", "CSS.enable"):
        tools.send(command)
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    fields = tools.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-emoji]"})["nodeIds"]
    fonts = [tools.send("CSS.getPlatformFontsForNode", {"nodeId": field})["fonts"] for field in fields]
    assert len(fonts) >= 4
    assert all("Emoji" in font["familyName"] for some in fonts for font in some), fonts


def test_nothing_but_the_page_scrolls(server: Server, person: PERSON) -> None:
    """What only screen readers see lies within the page, so that a phone does not scroll on into nothing."""
    page = studio(server, person)
    page.set_viewport_size({"width": 390, "height": 500})
    assert page.evaluate("document.querySelector('.hy-page').scrollHeight > innerHeight")
    assert page.evaluate("document.scrollingElement.scrollHeight === innerHeight")
