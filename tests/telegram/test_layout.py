"""How messages are laid out within Telegram's limits."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.platforms import Button, Outgoing
from bot.platforms.telegram.layout import (
    CAPTION,
    PHOTO_RATIO,
    TEXT,
    as_photo,
    as_sticker,
    cut,
    keyboard,
    parts,
    units,
)
from bot.platforms.telegram.pace import Pace
from lettering import marks

PHOTOS = tuple(f"{number:064x}" for number in range(25))


def kinds(message: Outgoing) -> list[tuple[str, int, int]]:
    return [(part.kind, len(part.photos), len(part.buttons)) for part in parts(message)]


def test_one_picture_with_its_words_and_buttons() -> None:
    buttons = (Button("撤销", "undo:1"),)
    message = Outgoing("k", "telegram:1", "改好了", PHOTOS[:1], buttons=buttons, job=1)
    assert kinds(message) == [("photo", 1, 2)]
    assert parts(message)[0].buttons[-1].action == "original:1"
    long = Outgoing("k", "telegram:1", "好" * (CAPTION + 1), PHOTOS[:1], buttons=buttons)
    assert kinds(long) == [("photo", 1, 0), ("text", 0, 1)]


@pytest.mark.parametrize(("count", "albums"), [(2, [2]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
def test_albums_hold_ten_and_carry_no_buttons(count: int, albums: list[int]) -> None:
    message = Outgoing("k", "telegram:1", "哪一张", PHOTOS[:count], buttons=(Button("1", "photo:0"),))
    laid = parts(message)
    assert [len(part.photos) for part in laid[:-1]] == albums
    assert [part.kind for part in laid[:-1]] == ["album" if size > 1 else "photo" for size in albums]
    assert (laid[-1].kind, len(laid[-1].buttons)) == ("text", 1)
    assert len({part.name for part in laid}) == len(laid)


def test_pictures_known_by_numbers_bear_them() -> None:
    numbers = (*range(1, 9), *range(11, 14))
    album, last, _ = parts(Outgoing("k", "c", "改好了", tuple(f"{n}" for n in numbers), numbers))
    assert (album.kind, album.numbers) == ("album", numbers[:10])
    assert (last.kind, last.text) == ("photo", "第 13 张")


def test_stickers_files_and_archives() -> None:
    stickers = Outgoing("k", "telegram:1", "好了", stickers=PHOTOS[:3], pack=7)
    assert kinds(stickers) == [("sticker", 1, 0)] * 3 + [("text", 0, 1)]
    assert parts(stickers)[-1].buttons[0].action == "pack:7"
    assert kinds(Outgoing("k", "telegram:1", "原图", PHOTOS[:1], files=True)) == [("file", 1, 0)]
    assert kinds(Outgoing("k", "telegram:1", "原图", PHOTOS[:2], files=True)) == [("file", 1, 0)] * 2 + [("text", 0, 0)]
    assert kinds(Outgoing("k", "telegram:1", "全部", wanted="archive")) == [("archive", 0, 0)]


@given(st.text(st.sampled_from("影a😀。\n "), max_size=300), st.integers(10, 60))
def test_long_texts_are_cut_and_nothing_is_lost(text: str, most: int) -> None:
    pieces = list(cut(text, most))
    assert all(0 < units(piece) <= most for piece in pieces if piece.strip())
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_very_long_answer_is_several_messages() -> None:
    message = Outgoing("k", "telegram:1", "很长的一句话。" * 2000, buttons=(Button("好", "ok"),))
    laid = parts(message)
    assert all(units(part.text) <= TEXT for part in laid)
    assert [len(part.buttons) for part in laid] == [0] * (len(laid) - 1) + [1]


def test_buttons_go_into_rows_and_into_64_bytes() -> None:
    rows = keyboard([Button("撤销", "undo:1"), Button("重做", "redo"), Button("说一句很长很长的话给机器人听", "say")])
    assert rows == [[("撤销", "undo:1"), ("重做", "redo")], [("说一句很长很长的话给机器人听", "say:2")]]
    rows = keyboard([Button("同意", "agree", main=True), Button("不", "refuse")])
    assert [len(row) for row in rows] == [1, 1]


def file(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, kind, compress_level=1)
    return out.getvalue()


def test_pictures_as_telegram_takes_them() -> None:
    small = file(300, 200)
    assert as_photo(small) == small
    assert as_photo(file(100, round(100 * PHOTO_RATIO) + 2)) is None
    large = as_photo(file(3200, 800))
    assert large is not None
    with Image.open(io.BytesIO(large)) as image:
        assert (image.format, image.size) == ("JPEG", (2560, 640))


def test_what_is_made_smaller_keeps_its_mark() -> None:
    with Image.open(io.BytesIO(file(1500, 1500))) as image:
        import numpy as np

        marked = marks.encode(np.asarray(image), "7")
    shown = as_photo(marked)
    assert shown is not None
    assert shown[:2] == b"\xff\xd8"
    assert marks.verify(shown).marked
    sticker, ending = as_sticker(marks.encode(np.zeros((512, 512, 4), np.uint8), "7"))
    assert (sticker[8:12], ending) == (b"WEBP", "webp")
    assert marks.verify(sticker).marked


def test_pace_lets_short_bursts_through_and_then_counts() -> None:
    now = [0.0]
    pace = Pace(now=lambda: now[0])
    assert [pace.wait("telegram:1") for _ in range(6)] == [0.0] * 6
    assert pace.wait("telegram:1") == pytest.approx(1.0)
    assert pace.wait("telegram:2") == 0.0
    group = [pace.wait("telegram:-1") for _ in range(5)]
    assert group[:4] == [0.0] * 4
    assert group[4] == pytest.approx(3.0)
    pace.block("telegram:2", 30)
    assert pace.wait("telegram:2") == pytest.approx(30)
    now[0] = 31.0
    assert pace.wait("telegram:2") == 0.0
