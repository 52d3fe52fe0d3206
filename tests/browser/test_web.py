"""The web chat as people use it: a real browser, the real application, workers that only paint."""

import io
import re
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from bot import replies
from bot.platforms.web import words
from tests.bot.talking import picture
from tests.browser.conftest import Server
from tests.browser.test_reach import PHONE, sound

PERSON = Callable[..., Any]
RESULT = ".hy-compare .after"


def say(page: Any, sentence: str) -> None:
    """Type a sentence and send it with Enter."""
    page.fill("#hy-text", sentence)
    page.press("#hy-text", "Enter")


def attach(page: Any, *files: tuple[str, bytes]) -> None:
    """Choose files as the button does."""
    page.set_input_files("#hy-file", [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in files])


def drop(page: Any, how: str, data: bytes) -> None:
    """Drop or paste a picture."""
    page.evaluate(
        """([how, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "x.png", {type: "image/png"}));
            const event = how === "paste"
                ? new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true})
                : new DragEvent(how, {dataTransfer: transfer, bubbles: true, cancelable: true});
            document.body.dispatchEvent(event);
        }""",
        [how, list(data)],
    )


def loaded(page: Any, selector: str) -> None:
    """Wait until a picture is really there."""
    page.wait_for_function(
        "s => { const all = [...document.querySelectorAll(s)]; const last = all.at(-1);"
        " return last && last.complete && last.naturalWidth > 0 }",
        arg=selector,
    )


def test_a_sample_is_edited_and_a_refresh_loses_nothing(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    loaded(page, RESULT)
    assert page.locator(".hy-compare img").count() == 2
    assert not page.locator(".hy-welcome").is_visible()
    page.get_by_role("button", name=replies.STRONGER).click()
    page.locator(RESULT).nth(1).wait_for()
    before = page.locator(".hy-row").all_inner_texts()
    page.reload()
    page.locator(RESULT).nth(1).wait_for()
    assert page.locator(".hy-row").all_inner_texts() == before
    page.locator(".hy-buttons").get_by_role("button", name=replies.UNDO).last.click()
    page.get_by_text(replies.UNDONE).wait_for()


def test_photos_by_button_drop_and_paste(server: Server, person: PERSON) -> None:
    page = person(server.url)
    attach(page, ("a.png", picture("a")), ("b.png", picture("b")))
    page.locator(".hy-thumb img").nth(1).wait_for()
    drop(page, "drop", picture("c"))
    page.locator(".hy-thumb img").nth(2).wait_for()
    drop(page, "paste", picture("d"))
    page.locator(".hy-thumb img").nth(3).wait_for()
    page.reload()
    page.locator(".hy-thumb img").nth(3).wait_for()
    for left in (3, 2, 1):
        page.get_by_role("button", name=words.TAKE_OUT).first.click()
        page.wait_for_function("n => document.querySelectorAll('.hy-thumb img').length === n", arg=left)
    say(page, "改成水墨风")
    page.get_by_text("改好了：改成水墨画").wait_for()
    loaded(page, RESULT)
    assert page.locator(".hy-thumb").count() == 0
    assert page.locator(".mine .hy-shot").count() == 1


def test_a_result_is_compared_with_its_photo_by_keyboard_and_mouse(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    slider = page.get_by_role("slider", name="对比原图和改后")
    slider.wait_for()
    shown = "document.querySelector('.hy-compare').style.getPropertyValue('--at')"
    assert slider.get_attribute("aria-valuetext") == "全是改后"
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(shown) == "20%"
    assert slider.get_attribute("aria-valuetext") == "左边 20% 是原图"
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "全是原图"
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50, steps=4)
    page.mouse.up()
    assert 40 <= int(page.evaluate(shown).removesuffix("%")) <= 60
    say(page, "改成水墨风")  # what is drawn later does not set it back
    page.get_by_text("改好了：改成水墨画").wait_for()
    assert 40 <= int(page.evaluate(shown).removesuffix("%")) <= 60


def test_back_and_forth_in_the_history(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    for sentence in ("猫改成蓝色", "改成水墨风"):
        say(page, sentence)
    steps = page.get_by_role("navigation", name=words.STEPS)
    steps.get_by_role("listitem").nth(3).wait_for()
    here = steps.locator("[aria-current=step]")
    assert here.get_attribute("aria-label") == words.step(3, "改成水墨画")
    steps.get_by_role("button", name=words.step(1, "把猫换成狗")).press("Enter")
    page.get_by_text("回到「把猫换成狗」这一步").wait_for()
    page.wait_for_function("document.querySelectorAll('.hy-step.undone').length === 2")
    assert here.get_attribute("aria-label") == words.step(1, "把猫换成狗")
    steps.get_by_role("button", name=words.UNDO).click()
    page.locator(f"[aria-current=step][aria-label='{words.step(0, '')}']").wait_for()
    assert steps.get_by_role("button", name=words.UNDO).is_disabled()
    steps.get_by_role("button", name=words.step(3, "改成水墨画")).click()
    page.get_by_text("回到「改成水墨画」这一步").wait_for()
    page.wait_for_function("document.querySelectorAll('.hy-step.undone').length === 0")
    assert steps.get_by_role("button", name=words.REDO).is_disabled()
    attach(page, ("b.png", picture("b")))  # another photo has a history of its own
    page.locator(".hy-thumb img").wait_for()
    page.click("#hy-send")
    steps.wait_for(state="hidden")


def test_one_of_several_pictures(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    page.get_by_role("button", name=replies.SEVERAL).click()
    group = page.get_by_role("group", name=words.CANDIDATES)
    group.wait_for()
    first = page.locator(RESULT).last.get_attribute("src")
    group.get_by_role("button", name=words.number(1)).press("Enter")
    page.wait_for_function(
        "s => [...document.querySelectorAll('.hy-compare .after')].at(-1).getAttribute('src') !== s", arg=first
    )
    chosen = page.locator(RESULT).last.get_attribute("src").partition("?")[0]
    assert group.get_by_role("button", name=words.number(1)).get_attribute("aria-pressed") == "true"
    group.get_by_role("button", name=words.TAKE).click()
    page.get_by_text(replies.taken(1)).wait_for()
    page.locator(f".hy-step[aria-current] img[src^='{chosen}']").wait_for()


def test_two_candidates_beside_each_other(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    page.get_by_role("button", name=replies.SEVERAL).click()
    page.get_by_role("group", name=words.CANDIDATES).get_by_role("button", name=words.BESIDE).click()
    left, right = (page.get_by_role("group", name=words.side(side)) for side in (0, 1))
    right.get_by_role("button", name=words.number(2)).click()
    right.get_by_role("img", name=words.number(2)).wait_for()
    for size in ({"width": 1200, "height": 860}, PHONE):
        page.set_viewport_size(size)
        sound(page, f"two beside each other {size['width']}")
        one, other = left.locator("img").bounding_box(), right.locator("img").bounding_box()
        assert (one["x"] < other["x"]) == (size is not PHONE)
        assert (one["y"] < other["y"]) == (size is PHONE)
    left.locator(".hy-zoom").press("+")
    zoomed = [side.locator("img").evaluate("img => img.style.transform") for side in (left, right)]
    assert "scale(1.4)" in zoomed[0]
    assert zoomed[0] == zoomed[1]  # both are looked at in the same place
    chosen = right.locator("img").get_attribute("src")
    right.get_by_role("button", name=words.TAKE).click()
    page.get_by_text(replies.taken(2)).wait_for()
    page.locator(f".hy-step[aria-current] img[src^='{chosen}']").wait_for()


def test_going_back_and_editing_keeps_the_other_branch(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    steps = page.get_by_role("navigation", name=words.STEPS)
    steps.get_by_role("button", name=words.step(0, "")).click()
    page.locator(f"[aria-current=step][aria-label='{words.step(0, '')}']").wait_for()
    say(page, "改成水墨风")
    page.get_by_text("改好了：改成水墨画").wait_for()
    other = steps.get_by_role("button", name=words.branch("把猫换成狗"))
    other.wait_for()
    page.set_viewport_size(PHONE)
    sound(page, "a fork on a phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    other.click()
    page.locator(f"[aria-current=step][aria-label='{words.step(1, '把猫换成狗')}']").wait_for()
    steps.get_by_role("button", name=words.branch("改成水墨画")).wait_for()


def test_an_album_and_then_the_sentence(server: Server, person: PERSON) -> None:
    page = person(server.url)
    attach(page, ("a.png", picture("a")), ("b.png", picture("b")))
    page.locator(".hy-thumb img").nth(1).wait_for()
    page.click("#hy-send")
    page.get_by_text("收到 2 张照片").wait_for()
    say(page, "背景换成海边")
    page.get_by_role("button", name="第 2 张", exact=True).click()
    page.get_by_text("改好了：背景换成海边").wait_for()


def test_a_batch_is_numbered_tapped_and_counted(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve("--pause", "0.4")
    page = person(server.url)
    attach(page, *((f"{number}.png", picture(str(number))) for number in range(6)))
    page.locator(".hy-thumb img").nth(5).wait_for()
    say(page, "改成水墨风")
    asked = page.locator(".hy-row:not(.mine) .hy-album.many")
    asked.get_by_role("button").nth(2).click()  # a tap on the picture is the answer
    page.locator(".mine .hy-bubble", has_text="第 3 张").wait_for()
    page.get_by_text("改好了：改成水墨画").wait_for()
    page = person(server.url)  # somebody else wants all of theirs
    attach(page, *((f"{number}.png", picture(f"again {number}")) for number in range(6)))
    page.locator(".hy-thumb img").nth(5).wait_for()
    say(page, "改成油画")
    page.get_by_role("button", name=replies.EVERY_PHOTO).click()
    page.locator(".hy-work", has_text="改成油画（6 张）").get_by_text("张，共 6 张").first.wait_for()
    assert page.locator(".hy-work").count() == 1
    page.get_by_text("6 张都改好了：改成油画").wait_for()
    assert page.locator(".hy-work").count() == 0
    made = page.locator(".hy-row:not(.mine) .hy-album.many").last
    assert [shot.get_attribute("data-number") for shot in made.get_by_role("button").all()] == list("123456")
    made.get_by_role("button").nth(3).click()
    page.locator(".mine .hy-bubble", has_text="第 4 张").wait_for()
    page.locator(".hy-card .hy-words", has_text="改好了：改成油画").wait_for()


def test_files_that_are_no_photos(server: Server, person: PERSON) -> None:
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    page = person(server.url)
    attach(page, ("信.pdf", b"%PDF-1.4"), ("空.png", b""), ("炸弹.png", bomb.getvalue()), ("好.png", picture("ok")))
    for name in ("信.pdf", "空.png", "炸弹.png"):
        page.locator(".hy-bubble", has_text=f"「{name}」：").wait_for()
    page.locator(".hy-thumb img").wait_for()
    assert page.locator(".hy-thumb img").count() == 1


def test_two_browsers_never_see_each_other(server: Server, person: PERSON) -> None:
    anna, bob = person(server.url), person(server.url)
    attach(anna, ("a.png", picture("secret")))
    anna.locator(".hy-thumb img").wait_for()
    say(anna, "把猫换成狗")
    anna.get_by_text("改好了：把猫换成狗").wait_for()
    loaded(anna, RESULT)
    source = anna.locator(RESULT).get_attribute("src")
    assert anna.request.get(server.url + source.lstrip("/")).status == 200
    assert bob.request.get(server.url + source.lstrip("/")).status == 404
    assert bob.locator(".hy-row").count() == 0
    tokens = [{cookie["name"]: cookie for cookie in page.context.cookies()}["heying"] for page in (anna, bob)]
    assert tokens[0]["value"] != tokens[1]["value"]
    assert all(token["httpOnly"] and token["sameSite"] == "Lax" for token in tokens)
    forged = tokens[0]["value"][:-4] + ("AAAA" if tokens[0]["value"][-4:] != "AAAA" else "BBBB")
    bob.context.clear_cookies()
    bob.context.add_cookies([{**tokens[0], "value": forged}])
    assert bob.request.get(server.url + source.lstrip("/")).status == 404


def test_another_site_cannot_upload_or_frame(server: Server) -> None:
    plain = {"Content-Type": "multipart/form-data; boundary=b"}
    assert httpx.post(server.url + "attach", content=b"--b--", headers=plain).status_code == 400
    assert httpx.get(server.url, headers={"Host": "evil.example"}).status_code == 400
    assert "frame-ancestors 'none'" in httpx.get(server.url).headers["content-security-policy"]


def test_progress_place_in_queue_and_cancel(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve("--pause", "9")
    anna, bob = person(server.url), person(server.url)
    anna.get_by_role("button", name="把猫换成狗").first.click()
    anna.get_by_text("正在涂色").first.wait_for()
    anna.get_by_text(re.compile("大约还要 .+ 秒")).first.wait_for()
    bob.get_by_role("button", name="把猫换成狗").first.click()
    bob.get_by_text("马上轮到").first.wait_for()
    bob.get_by_role("button", name=replies.CANCEL).click()
    bob.get_by_text("已取消：把猫换成狗").wait_for()
    bob.wait_for_function("document.querySelectorAll('.hy-work').length === 0")
    anna.reload()
    anna.get_by_text("正在涂色").first.wait_for()
    anna.get_by_role("button", name=replies.CANCEL).click()
    anna.get_by_text("已取消：把猫换成狗").wait_for()
    assert anna.locator(RESULT).count() == 0


def test_a_worker_killed_in_the_middle_delivers_once(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve("--pause", "0.1", "--die-at", "4")
    page = person(server.url)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("改好了：把猫换成狗").wait_for()
    assert (server.data / "died").exists()
    time.sleep(1)
    assert page.get_by_text("改好了：把猫换成狗").count() == 1


def test_a_server_killed_in_the_middle_goes_on(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve("--pause", "0.3")
    page = person(server.url, noisy=True)
    page.get_by_role("button", name="把猫换成狗").first.click()
    page.get_by_text("正在涂色").first.wait_for()
    server.stop(signal.SIGKILL)
    server.start()
    page.get_by_text("改好了：把猫换成狗").wait_for(timeout=60_000)  # the page finds the new server by itself
    assert page.get_by_text("改好了：把猫换成狗").count() == 1
    assert server.stop() == 0


def test_a_full_disk_is_said_and_nothing_written_is_lost(person: PERSON, serve: Callable[..., Server]) -> None:
    server = serve()
    page = person(server.url)
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    say(page, "改成水墨风")
    page.get_by_text("请检查磁盘空间").first.wait_for()
    sound(page, "a sentence at the top")
    page.wait_for_function("document.querySelector('#hy-text').value === '改成水墨风'")
    attach(page, ("a.png", picture("a")))
    page.get_by_text("请检查磁盘空间").nth(1).wait_for()
    assert page.locator(".hy-row").count() == page.locator(".hy-thumb").count() == 0
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
    attach(page, ("a.png", picture("a")))
    page.locator(".hy-thumb img").wait_for()
    page.press("#hy-text", "Enter")
    page.get_by_text("改好了：改成水墨画").wait_for()
    assert page.locator(".mine .hy-bubble").count() == 1


def test_teach_a_sample_and_forget_everything(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.get_by_role("button", name="这是阿紫，记住她").first.click()
    page.get_by_role("button", name=replies.AGREE).click()
    page.get_by_text("我认识阿紫了").wait_for()
    say(page, replies.CONCEPTS)
    page.get_by_text("· 阿紫，人").wait_for()
    say(page, "删除我的所有数据")
    page.get_by_role("button", name=replies.FORGET_ALL).click()
    page.get_by_text("都删掉了：").wait_for()
    page.wait_for_function("document.querySelectorAll('.hy-row').length === 1")


def test_a_phone_in_the_dark(server: Server, person: PERSON) -> None:
    page = person(server.url, viewport={"width": 390, "height": 760}, color_scheme="dark")
    page.get_by_role("button", name="把猫换成狗").first.click()
    loaded(page, RESULT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 17, 24)"
    page.get_by_role("button", name=words.DARK).click()
    page.wait_for_function("getComputedStyle(document.body).backgroundColor === 'rgb(245, 244, 249)'")
    page.reload()
    page.wait_for_function("getComputedStyle(document.body).backgroundColor === 'rgb(245, 244, 249)'")


def test_a_large_photo_is_shown_reduced_and_downloaded_whole(server: Server, person: PERSON, tmp_path: Path) -> None:
    page = person(server.url)
    attach(page, ("big.png", picture("big", 2400)))
    page.locator(".hy-thumb img").wait_for()
    page.click("#hy-send")
    loaded(page, ".mine .hy-shot img")
    assert page.evaluate("document.querySelector('.mine .hy-shot img').naturalWidth") == 1280
    page.locator(".mine .hy-shot").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("link", name=words.SAVE_PICTURE).click()
    download.value.save_as(tmp_path / "whole.png")
    with Image.open(tmp_path / "whole.png") as whole:
        assert whole.size == (2400, 2400)


def test_what_people_write_is_text_and_nothing_is_answered_too(server: Server, person: PERSON) -> None:
    page = person(server.url)
    page.click("#hy-send")
    page.get_by_text(replies.EMPTY).wait_for()
    for number, bad in enumerate(("<img src=x onerror=alert(1)>", "{{1+1}}", "</script><script>alert(1)</script>"), 1):
        say(page, bad)
        bubble = page.locator(".mine .hy-bubble").nth(number)
        bubble.wait_for()
        assert bubble.inner_text() == bad
