"""The marks of what leaves the web chat, read by a verifier that shares nothing with our writer: the saved PNG, what a right
click saves, the WebP of a preview, a shared picture, a pack's files; and what the other platforms make of the saved file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pytest
from PIL import Image

import storage
from bot import pictures
from bot.platforms.telegram import layout
from bot.platforms.web import words
from bot.provenance import maker
from tests.browser.conftest import Server
from tests.browser.test_studio import studio
from tests.browser.test_web import RESULT, attach, loaded, say
from tests.lettering.reference import conforming
from tests.lettering.test_marks import by_exiftool

PERSON = Callable[..., Any]
SHARING = """navigator.canShare = () => true;
navigator.share = async ({ files }) => { window.shared = [files[0].type, [...new Uint8Array(await files[0].arrayBuffer())]]; };"""


def noise() -> bytes:
    """A photo of more than a megabyte, larger than a preview."""
    pixels = np.random.default_rng(0).integers(0, 256, (1000, 1500, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def saved(server: Server, person: PERSON, tmp_path: Path) -> dict[str, bytes]:
    """The files of one result, by what they are."""
    page = person(server.url, before=SHARING)
    attach(page, ("a.png", noise()))
    page.locator(".hy-thumb img").wait_for()
    say(page, "改成水墨画")
    page.get_by_text("改好了：改成水墨画").wait_for()
    loaded(page, RESULT)
    card = page.locator(".hy-card").last
    with page.expect_download() as download:
        card.get_by_role("link", name=words.SAVE_PICTURE).click()
    download.value.save_as(tmp_path / "saved")
    card.get_by_role("button", name=words.SEND_ON).click()
    kind, shared = page.wait_for_function("window.shared").json_value()
    assert kind == "image/png"
    here = page.locator(RESULT).get_attribute("src")
    shown = page.request.get(server.url.rstrip("/") + here)
    assert shown.headers["content-type"] == "image/webp"
    whole = (tmp_path / "saved").read_bytes()
    with storage.open(server.data) as store:
        light = pictures.light(whole, maker(store))
    return {
        "saved.png": whole,
        "shared.png": bytes(shared),
        "right-click.webp": shown.body(),
        "light.jpg": light,  # QQ, 飞书, http
        "telegram.jpg": layout.as_photo(whole) or b"",
        "telegram.webp": layout.as_sticker(whole)[0],
    }


def test_every_form_of_a_result_says_who_made_it(saved: dict[str, bytes], tmp_path: Path) -> None:
    items = {}
    for name, data in saved.items():
        assert pictures.ending(data) == name.rpartition(".")[2]
        items[name], source = conforming(data)
        assert source.endswith("compositeWithTrainedAlgorithmicMedia")
    assert len({item["ProduceID"] for item in items.values()}) == 1
    if which("exiftool") is None:
        pytest.skip("EXIFTOOL IS MISSING (apt-get install libimage-exiftool-perl): read by our verifier only")
    paths = [tmp_path / name for name in saved]
    for path in paths:
        path.write_bytes(saved[path.name])
    assert by_exiftool(paths) == [items[path.name] for path in paths]


def test_every_still_file_of_a_pack_says_so(server: Server, person: PERSON, tmp_path: Path) -> None:
    page = studio(server, person)
    with page.expect_download() as download:
        page.get_by_role("link", name=words.DOWNLOADS["zip"][0]).first.click()
    download.value.save_as(tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        files = {name: pack.read(name) for name in pack.namelist() if not name.endswith(".txt")}
    assert {name.rpartition(".")[2] for name in files} == {"webp", "png"}
    for data in files.values():
        assert conforming(data)[0]["Label"] == "1"
