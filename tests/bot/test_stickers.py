"""Other words on stickers, and the files to take along: without the model."""

import io
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

from bot import stickers
from bot.platforms.telegram.layout import as_sticker
from bot.provenance import maker
from lettering import marks
from lettering import stickers as drawing
from lettering.moods import moods
from lettering.moving import frames_of
from storage import Storage, chats, packs, photos
from storage.packs import PackError

ANN = "test:ann"


@pytest.fixture
def pack(store: Storage) -> packs.Pack:
    """Three stickers of a round red thing."""
    y, x = np.mgrid[:64, :64]
    mask = (((y - 32) ** 2 + (x - 32) ** 2) < 600).astype(np.float32)
    figure = drawing.figure(np.full((64, 64, 3), (210, 60, 60), np.uint8), mask)
    made = packs.create(store, ANN, "年糕的表情")
    kept = photos.keep(store, marks.encode(figure, "1-1", "PNG", maker(store)), ANN).sha256
    for mood in moods(3):
        drawn = drawing.sticker(figure, mood.caption, mood.expression)
        photo = photos.keep(store, drawing.encode(drawn, "1-1", maker(store)), ANN).sha256
        told = {"caption": mood.caption, "emoji": mood.emoji, "expression": mood.expression}
        packs.add(store, made.id, ANN, photo=photo, figure=kept, **told)
    return packs.get(store, made.id, ANN)


def test_other_words(store: Storage, pack: packs.Pack) -> None:
    """As if it had been drawn so; emoji go where emoji belong, what cannot be written is said."""
    before = pack.stickers[0]
    after, lost = stickers.relabel(store, before.id, ANN, "明天见👋𰻝")
    assert (after.caption, after.emoji) == ("明天见", "👋")
    assert "𰻝" in lost
    assert "👋" not in lost
    assert after.photo != before.photo
    data = photos.read(store, after.photo, ANN)
    verdict = marks.verify(data, maker(store))
    assert (verdict.ours, verdict.intact) == (True, True)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (512, 512))
        assert marks.stamped(np.asarray(image.convert("RGBA")))
    same, lost = stickers.relabel(store, before.id, ANN, "明天见")
    assert (same.photo, same.emoji, lost) == (after.photo, "👋", "")
    bare, _ = stickers.relabel(store, before.id, ANN, "", "😶")
    assert (bare.caption, bare.emoji) == ("", "😶")
    with pytest.raises(PackError):
        stickers.relabel(store, before.id, ANN, "字" * 31)
    with pytest.raises(PackError):
        stickers.relabel(store, before.id, "test:bob", "好")


def test_the_same_figure_once_more(store: Storage, pack: packs.Pack) -> None:
    """A pack grows without the model."""
    added, _ = stickers.duplicate(store, pack.stickers[1].id, ANN, "下班啦🎉")
    assert (added.place, added.caption, added.emoji) == (3, "下班啦", "🎉")
    assert added.figure == pack.stickers[1].figure
    assert added.id not in {one.id for one in pack.stickers}
    with pytest.raises(PackError):
        stickers.duplicate(store, pack.stickers[1].id, ANN, "字" * 31)
    assert len(packs.get(store, pack.id, ANN).stickers) == 4
    liked = stickers.suggestions(pack)
    assert "收到" not in liked
    assert "晚安" in liked


def test_the_zip_holds_all_of_them_for_both_platforms(store: Storage, pack: packs.Pack) -> None:
    """Sizes and weights as the platforms want them, both marks in every file, the same file every time."""
    data = stickers.archive(store, pack.id, ANN)
    assert data == stickers.archive(store, pack.id, ANN)
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        assert made.testzip() is None
        names = made.namelist()
        assert [name for name in names if name.startswith("telegram/")] == [
            "telegram/001-收到.webp", "telegram/002-在吗.webp", "telegram/003-打工人.webp",
        ]  # fmt: skip
        told = made.read("说明.txt").decode()
        assert "001-收到  👌  收到" in told
        for name in names[:-1]:
            file = made.read(name)
            side, most = (512, 512 * 1024) if name.startswith("telegram") else (240, 500_000)
            assert len(file) <= most
            assert marks.verify(file, maker(store)).intact
            with Image.open(io.BytesIO(file)) as image:
                assert image.size == (side, side)
                assert image.format == ("WEBP" if side == 512 else "PNG")
                assert image.getextrema()[3][0] == 0  # transparent somewhere
                assert marks.stamped(np.asarray(image.convert("RGBA")))
    with pytest.raises(PackError):
        stickers.archive(store, packs.create(store, ANN, "空").id, ANN)
    with pytest.raises(PackError):
        stickers.archive(store, pack.id, "test:bob")


def test_without_visible_words_after_agreement_only(store: Storage, pack: packs.Pack) -> None:
    """The metadata item stays whatever was agreed."""
    for agreed in (True, False):
        chats.record_consent(store, ANN, "unmarked", "……", agreed)
        changed, _ = stickers.relabel(store, pack.stickers[2].id, ANN, f"打工{agreed}")
        files = (photos.read(store, changed.photo, ANN), stickers.wechat(store, changed, ANN)[0])
        for file in files:
            assert marks.verify(file).marked
            assert marks.stamped(drawing.decode(file)) is not agreed


def test_a_pack_that_moves_and_stands_still_again(store: Storage, pack: packs.Pack) -> None:
    """Every file moves and is marked, other words move, too; a pack of another person's stays."""
    moving = stickers.set_moving(store, pack.id, ANN, True)
    assert moving.moving
    assert [one.caption for one in moving.stickers] == [one.caption for one in pack.stickers]
    changed, _ = stickers.relabel(store, moving.stickers[0].id, ANN, "明天见")
    added, _ = stickers.duplicate(store, moving.stickers[1].id, ANN, "下班啦")
    for one in (changed, added, moving.stickers[2]):
        data = photos.read(store, one.photo, ANN)
        assert len(frames_of(data)) == 20
        assert marks.verify(data, maker(store)).intact
    for count in (True, False):
        with zipfile.ZipFile(io.BytesIO(stickers.archive(store, pack.id, ANN))) as made:
            files = {name: made.read(name) for name in made.namelist() if not name.endswith(".txt")}
        endings = {name.partition("/")[0] + "." + name.rpartition(".")[2] for name in files}
        assert endings == ({"telegram.webm", "wechat.gif"} if count else {"telegram.webp", "wechat.png"})
        for name, data in files.items():
            assert name.endswith("webm") or (frames(data) > 1) is count
            assert len(data) <= (256 * 1024 if name.endswith("webm") else 512 * 1024)
        stickers.set_moving(store, pack.id, ANN, False)
    with pytest.raises(PackError):
        stickers.set_moving(store, pack.id, "test:bob", True)


def test_without_the_extra_a_moving_pack_still_leaves(
    store: Storage, pack: packs.Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    one = stickers.set_moving(store, pack.id, ANN, True).stickers[0]
    data, ending = stickers.telegram(store, one, ANN)
    assert (ending, len(frames_of(data))) == ("webp", 20)
    assert as_sticker(data)[1] == "gif"


def test_faces_as_small_as_emoji(store: Storage) -> None:
    """Only a pack of faces is handed out at that size, without words."""
    y, x = np.mgrid[:64, :64]
    mask = (((y - 32) ** 2 + (x - 32) ** 2) < 600).astype(np.float32)
    figure = drawing.figure(np.full((64, 64, 3), (210, 60, 60), np.uint8), mask)
    kept = photos.keep(store, marks.encode(figure, "1-1", "PNG", maker(store)), ANN).sha256
    photo = photos.keep(store, drawing.encode(drawing.sticker(figure, "收到"), "1-1", maker(store)), ANN).sha256
    told = {"photo": photo, "figure": kept, "caption": "收到", "emoji": "👌"}
    pack = packs.collect(store, ANN, "脸", None, [told], close=True)
    for moves in (False, True):
        with zipfile.ZipFile(io.BytesIO(stickers.archive(store, pack.id, ANN, None, ("emoji",)))) as made:
            (data,) = (made.read(name) for name in made.namelist() if name.startswith("emoji/"))
        assert marks.verify(data, maker(store)).ours
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (100, 100)
        assert (frames(data) > 1) is moves
        stickers.set_moving(store, pack.id, ANN, True)


def frames(data: bytes) -> int:
    """How many pictures a file shows one after another."""
    with Image.open(io.BytesIO(data)) as image:
        return int(getattr(image, "n_frames", 1))
