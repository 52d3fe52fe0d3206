"""What people stumbled over on the page once, tried again."""

import io
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pillow_heif
import pytest
from PIL import Image

import storage
from bot import replies
from bot.platforms.web import words
from bot.platforms.web.access import SHARE
from tests.bot.talking import picture
from tests.browser.conftest import CONTEXT, FLAGS, NAMES, WAIT, Server
from tests.browser.test_reach import PHONE, sound
from tests.browser.test_web import attach, loaded, say

PERSON = Callable[..., Any]
RESULT = ".hy-compare .after"


def edited(page: Any) -> None:
    """A result."""
    page.get_by_role("button", name="把猫换成狗").first.click()
    loaded(page, RESULT)


def test_a_machine_without_chinese_letters_gets_ours(server: Server, tmp_path: Path) -> None:
    latin = Path("/usr/share/fonts/truetype/dejavu")
    if not latin.is_dir():
        pytest.skip("no font without Chinese to be alone with")
    conf = tmp_path / "fonts.conf"
    conf.write_text(f"<fontconfig><dir>{latin}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    from playwright.sync_api import sync_playwright

    path = next(found for name in NAMES if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        env = {**os.environ, "FONTCONFIG_FILE": str(conf)}
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, env=env)
        page = browser.new_context(**CONTEXT).new_page()
        page.goto(server.url)
        page.locator("#hy-text").wait_for(timeout=WAIT)
        page.wait_for_function(
            "[...document.fonts].some(one => one.family.includes('Heying') && one.status === 'loaded')"
        )
        browser.close()


def test_offline_nothing_is_lost_and_somebody_says_what_to_do(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve()
    page = person(server.url, noisy=True)
    page.wait_for_timeout(800)
    server.stop(signal.SIGKILL)
    attach(page, ("a.png", picture("a")))
    page.locator(".hy-thumb.kept img").wait_for()
    assert "自动送到" in page.locator(".hy-toast").inner_text()
    say(page, "改成水墨风")
    page.get_by_text("现在连不上合影。写的话还在这里").wait_for()
    assert page.input_value("#hy-text") == "改成水墨风"
    said, foot = page.locator("#popup").bounding_box(), page.locator(".hy-foot").bounding_box()
    assert said["y"] + said["height"] < foot["y"], "that the connection is lost stands over what waits to be sent"
    server.start()
    page.locator(".hy-thumb:not(.kept) img").wait_for()
    assert page.input_value("#hy-text") == "改成水墨风"
    page.wait_for_function("window.socket.connected")
    page.press("#hy-text", "Enter")
    page.get_by_text("改好了：改成水墨画").wait_for()
    assert page.locator(".mine .hy-shot").count() == 1
    page.wait_for_function("!document.querySelector('.hy-thumb')")  # it leaves the tray when the server has it


def heic() -> bytes:
    """A photo as a phone takes it."""
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.open(io.BytesIO(picture("a"))).resize((960, 640)).save(out, "HEIF", quality=90)
    return out.getvalue()


@pytest.mark.parametrize("phone", [False, True])
def test_a_phones_own_photo_is_shown_and_edited(person: PERSON, server: Server, phone: bool) -> None:
    """HEIC, which Chromium cannot draw: attached, seen, ordered, compared with its result, enlarged."""
    page = person(server.url, **({"viewport": PHONE} if phone else {}))
    photo = {"name": "IMG_0001.HEIC", "mimeType": "image/heic", "buffer": heic()}
    page.set_input_files("#hy-file", [photo])
    loaded(page, ".hy-thumb img")
    say(page, "把猫换成狗")
    page.get_by_text("改好了：把猫换成狗").wait_for()
    loaded(page, ".mine .hy-shot img")
    loaded(page, RESULT)
    loaded(page, ".hy-compare .before")
    assert page.locator(RESULT).evaluate("(img) => img.naturalWidth / img.naturalHeight") == pytest.approx(1.5)
    page.get_by_role("button", name=words.ENLARGE, exact=True).click()
    loaded(page, ".hy-zoom img")


def test_a_phones_own_photo_waits_by_its_name_while_nobody_answers(
    person: PERSON, serve: Callable[..., Server]
) -> None:
    server = serve()
    page = person(server.url, noisy=True)
    page.wait_for_timeout(800)
    server.stop(signal.SIGKILL)
    page.set_input_files("#hy-file", [{"name": "IMG_0001.HEIC", "mimeType": "image/heic", "buffer": heic()}])
    page.locator(".hy-thumb.kept", has_text="IMG_0001.HEIC").wait_for()
    server.start()
    loaded(page, ".hy-thumb:not(.kept) img")


def test_a_photo_waits_until_the_server_has_it(person: PERSON, serve: Callable[..., Server]) -> None:
    """The page goes while photos that waited are on their way; those of another place wait for that place."""
    server = serve()
    slow = """const fetched = fetch; window.fetch = (what, ...how) => {
        if (!localStorage.getItem("slow") || !what.startsWith("/attach")) return fetched(what, ...how);
        window.underWay = true;
        return new Promise(() => {});
    }"""
    page = person(server.url, noisy=True, before=slow)
    people = person(f"{server.url}people", of=page, noisy=True, ready=".hy-empty")
    people.get_by_role("button", name=words.TEACH_NEW).first.click()
    people.locator("#hy-file").wait_for(state="attached")
    page.wait_for_timeout(800)
    server.stop(signal.SIGKILL)
    attach(page, ("a.png", picture("a")), ("b.png", picture("b")))
    attach(people, ("c.png", picture("c")))
    page.locator(".hy-thumb.kept img").nth(1).wait_for()
    people.locator(".hy-thumb.kept img").wait_for()
    people.close()
    page.evaluate("localStorage.setItem('slow', true)")
    server.start()
    page.wait_for_function("window.underWay")
    page.close()
    page = person(server.url, of=page, noisy=True)
    page.locator(".hy-thumb:not(.kept):not(.busy) img").nth(1).wait_for()
    page.locator(".hy-thumb.kept").wait_for(state="detached")
    assert page.locator(".hy-thumb").count() == 2
    people = person(f"{server.url}people", of=page, noisy=True, ready=".hy-empty")
    people.get_by_role("button", name=words.TEACH_NEW).first.click()
    people.locator(".hy-thumb:not(.kept):not(.busy) img").wait_for()


def test_the_large_picture_is_large_and_back_closes_it(server: Server, person: PERSON) -> None:
    page = person(server.url, viewport=PHONE)
    edited(page)
    small = page.locator(".hy-compare").bounding_box()
    page.get_by_role("button", name=words.ENLARGE, exact=True).click()
    page.wait_for_timeout(500)
    shown = page.locator(".hy-zoom img").bounding_box()
    assert shown["width"] >= small["width"]
    assert shown["width"] == PHONE["width"]
    sound(page, "a large picture")
    page.locator(".hy-zoom").press("+")
    assert page.locator(".hy-zoom img").bounding_box()["width"] > PHONE["width"] * 1.3
    page.go_back()
    page.get_by_role("dialog").wait_for(state="hidden")
    assert page.url == server.url
    page.get_by_role("button", name=words.SAMPLES).click()  # … and what is closed by its button leaves no step behind
    page.get_by_role("dialog").get_by_role("button", name=words.CLOSE).click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.wait_for_timeout(300)
    assert page.evaluate("history.state?.sheet ?? null") is None
    assert page.locator(RESULT).is_visible()


def test_a_result_is_saved_and_copied_from_its_card(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    edited(page)
    card = page.locator(".hy-card").last
    with page.expect_download() as saved:
        card.get_by_role("link", name=words.SAVE_PICTURE).click()
    assert saved.value.suggested_filename.startswith("heying-")
    card.get_by_role("button", name=words.COPY, exact=True).click()
    page.get_by_text("复制好了").wait_for()
    kinds = page.evaluate("navigator.clipboard.read().then((items) => items.flatMap((item) => item.types))")
    assert kinds == ["image/png"]
    page.evaluate(
        "addEventListener('contextmenu', (menu) => { window.under = menu.target.className; menu.preventDefault(); })"
    )
    page.locator(".hy-compare").click(button="right", position={"x": 200, "y": 60})
    assert page.evaluate("window.under") == "after"


def test_a_question_is_answered_once(server: Server, person: PERSON) -> None:
    page = person(server.url)
    attach(page, ("a.png", picture("a")), ("b.png", picture("b")))
    page.locator(".hy-thumb img").nth(1).wait_for()
    say(page, "背景换成海边")
    first = page.get_by_role("button", name=replies.photo_number(0), exact=True)
    second = page.get_by_role("button", name=replies.photo_number(1), exact=True)
    second.click()
    page.get_by_text("改好了：背景换成海边").wait_for()
    assert first.is_disabled()
    assert second.is_disabled()
    assert "chosen" in second.get_attribute("class")
    page.reload()
    page.get_by_text("改好了：背景换成海边").wait_for()
    assert first.is_disabled()
    assert page.get_by_role("button", name=replies.STRONGER).is_enabled()
    say(page, "换个背景")
    page.get_by_text("背景换成什么？").wait_for()


def test_an_address_at_which_nothing_is(server: Server, person: PERSON) -> None:
    page = person(server.url + "nothing/here", ready="h1", noisy=True, viewport=PHONE)
    assert page.locator("h1").inner_text() == words.LOST
    sound(page, "nothing here")
    page.get_by_role("link", name=words.BACK_TO_CHAT).click()
    page.locator("#hy-text").wait_for()
    assert httpx.get(server.url + "nothing/here").text == ""


def test_the_password_fits_a_phone(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve(HEYING_WEB_PASSWORD="open sesame")
    page = person(server.url, ready="#password", viewport={"width": 320, "height": 600})
    card = page.locator("main").bounding_box()
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_browser_gets_in_by_the_password_and_out(person: PERSON, serve: Callable[..., Server]) -> None:
    """A browser's own form: what it writes in Origin depends on our headers."""
    server = serve(HEYING_WEB_PASSWORD="open sesame")
    page = person(server.url, ready="#password", noisy=True)
    page.fill("#password", "open says me")
    page.press("#password", "Enter")
    page.get_by_role("alert").get_by_text(words.WRONG_PASSWORD).wait_for()
    page.fill("#password", "open sesame")
    page.press("#password", "Enter")
    page.locator("#hy-text").wait_for()
    page.goto(server.url + "settings")
    page.get_by_role("button", name=words.LEAVE).click()
    page.locator("#password").wait_for()


def test_after_a_restart_nobody_is_blamed_for_work_that_waited(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve("--pause", "2")  # the page looks for the new server every few seconds
    page = person(server.url, noisy=True)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("正在涂色").first.wait_for()
    loaded(page, ".hy-work .hy-of")  # which photo a card is about
    server.stop(signal.SIGKILL)
    with storage.open(server.data) as store, store.atomic() as db:  # hours ago
        db.execute(
            "UPDATE jobs SET created_at = created_at - 9999, state = 'queued', worker = NULL, leased_until = NULL"
        )
        db.execute("UPDATE workers SET seen_at = seen_at - 9999")
    with page.expect_event("load"):  # the page finds the new server by itself
        server.start()
    page.locator(".hy-work .hy-left").nth(1).wait_for()
    cards = [page.locator(".hy-work").all_inner_texts() for _ in range(8) if not page.wait_for_timeout(150)]
    assert cards[0]
    assert not any(replies.NO_WORKER in card for shown in cards for card in shown)
    page.get_by_text("改好了：把猫换成狗").wait_for()


def test_the_page_can_be_put_on_the_home_screen(server: Server, person: PERSON) -> None:
    page = person(server.url)
    told = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert told["url"] == server.url + "look/app.webmanifest"
    assert told["errors"] == []
    manifest = page.request.get(told["url"]).json()
    assert manifest["name"] == replies.TITLE
    for one in manifest["icons"]:
        answer = page.request.get(server.url + one["src"].lstrip("/"))
        assert (answer.status, answer.headers["content-type"]) == (200, one["type"])
        if one["type"] == "image/png":
            with Image.open(io.BytesIO(answer.body())) as picture_of_it:
                assert f"{picture_of_it.width}x{picture_of_it.height}" == one["sizes"]
    lacking = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in lacking if one["errorId"] != "in-incognito"] == []  # as every context here is
    assert manifest["share_target"]["action"] == SHARE


HEARING = """
    window.SpeechRecognition = class extends EventTarget {
      static available({ langs, processLocally }) { return Promise.resolve(processLocally && langs[0] === "zh-CN" ? "WHERE" : ""); }
      get processLocally() { return this.local; }
      set processLocally(local) { this.local = local; }
      start() { if (this.local) setTimeout(() => this.onresult({ results: [[{ transcript: "把猫换成狗" }]] }), 50); }
      stop() { this.onend(); }
      abort() { this.onend(); }
    };
"""  # the Web Speech API as its draft has it


def test_a_phone_takes_photos(server: Server, person: PERSON) -> None:
    page = person(server.url, viewport=PHONE, has_touch=True, is_mobile=True)
    assert page.get_attribute("#hy-camera", "capture") == "environment"
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name=words.TAKE_PHOTO).tap()
    asked.value.set_files([{"name": "IMG.png", "mimeType": "image/png", "buffer": picture("taken")}])
    page.locator(".hy-thumb img").wait_for()
    assert page.locator("#hy-text").bounding_box()["width"] > 120
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sound(page, "a phone with a camera")


def test_speaking_is_offered_only_where_it_is_understood_here(server: Server, person: PERSON) -> None:
    for where, offered in (("available", True), ("downloadable", False), ("unavailable", False)):
        page = person(server.url, ready="h1", before=HEARING.replace("WHERE", where))
        page.locator("#hy-text").wait_for()
        page.wait_for_timeout(500)
        assert page.locator("#hy-voice").is_visible() is offered, where
        if offered:
            page.click("#hy-voice")
            page.wait_for_function("document.querySelector('#hy-text').value === '把猫换成狗'")
            assert page.get_attribute("#hy-text", "placeholder") == words.LISTENING
            page.click("#hy-voice")
            page.wait_for_function(f"document.querySelector('#hy-text').placeholder === '{words.PLACEHOLDER}'")
            assert page.locator(".hy-row").count() == 0  # it is read before it is sent


def test_who_sends_while_speaking_is_not_listened_to_any_longer(server: Server, person: PERSON) -> None:
    page = person(server.url, before=HEARING.replace("WHERE", "available"))
    page.click("#hy-voice")
    page.wait_for_function("document.querySelector('#hy-text').value === '把猫换成狗'")
    page.press("#hy-text", "Enter")
    page.locator(".hy-row.mine", has_text="把猫换成狗").wait_for()
    assert page.get_attribute("#hy-voice", "aria-pressed") == "false"
    assert page.input_value("#hy-text") == ""


def test_who_cannot_be_heard_is_told_so(server: Server, person: PERSON) -> None:
    deaf = HEARING.replace("WHERE", "available").replace(
        "if (this.local)", "this.onerror({ error: 'not-allowed' }); if (0)"
    )
    page = person(server.url, before=deaf)
    page.click("#hy-voice")
    page.get_by_text(words.SCRIPTS["not heard"]).wait_for()


def test_what_could_not_be_done_shows_the_photo_that_is_spoken_of(server: Server, person: PERSON) -> None:
    page = person(server.url)
    attach(page, ("a.png", picture("a")))
    page.locator(".hy-thumb img").wait_for()
    say(page, "把猫换成锟斤拷")
    refused = page.locator(".hy-row:not(.mine) .hy-bubble", has_text="换个说法试试")
    refused.wait_for()
    loaded(page, ".hy-quoted")
    sent = page.locator(".mine .hy-shot img").get_attribute("src")
    assert refused.locator(".hy-quoted").get_attribute("src").partition("?")[0] == sent.partition("?")[0]


def test_whoever_has_scrolled_up_sees_the_answer_to_what_they_say(serve: Callable[..., Server], person: PERSON) -> None:
    page = person(serve().url)
    for number in range(3):
        say(page, "帮助")
        page.wait_for_function(f"document.querySelectorAll('.hy-row:not(.mine)').length > {number}")
    page.evaluate("document.getElementById('main').scrollTop = 0")
    page.wait_for_timeout(900)
    page.click("#hy-send")  # on the way to the end, an answer comes
    page.evaluate("""new Promise((done) => {
        const list = document.querySelector("#main .hy-row").parentElement, add = () => {
            const row = document.createElement("div");
            row.style.height = "150px";
            list.append(row);
        };
        add();
        setTimeout(() => { add(); done(); }, 120);
    })""")
    page.wait_for_timeout(1500)
    left = page.evaluate(
        "(() => { const at = document.getElementById('main'); return at.scrollHeight - at.scrollTop - at.clientHeight; })()"
    )
    assert left < 5
