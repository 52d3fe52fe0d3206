"""Pictures are decoded in processes that may be lost: what they are given is refused, nothing else happens."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from storage import decode_pool
from storage.decode import MOST_SCANS, PhotoError, scans
from storage.settings import Limits
from tests.storage.house import many_scans, png
from tests.storage.test_decode import saved

LIMITS = Limits(decoders=1)


def test_what_comes_back_is_the_picture() -> None:
    data, size = decode_pool.png_of(png("teal", (50, 40)), LIMITS)
    assert size == (50, 40)
    assert data.startswith(decode_pool.PNG)


def test_the_sentence_comes_back() -> None:
    with pytest.raises(PhotoError, match="not a picture") as raised:
        decode_pool.png_of(b"hello", LIMITS)
    assert "HEIC" in raised.value.sentence


def child() -> int:
    """The process that decodes."""
    pool = decode_pool._pool(LIMITS)
    held = pool.free.get()
    pool.free.put(held)
    assert held is not None
    return held.process.pid


def test_a_child_that_is_killed_is_replaced() -> None:
    decode_pool.png_of(png(), LIMITS)
    lost = child()
    os.kill(lost, signal.SIGKILL)
    time.sleep(0.1)
    with pytest.raises(PhotoError):
        decode_pool.png_of(png(), LIMITS)
    assert decode_pool.png_of(png(), LIMITS)[1] == (40, 40)
    assert child() != lost


def test_a_child_that_is_killed_while_it_works_is_replaced() -> None:
    decode_pool.png_of(png(), LIMITS)
    large = saved(Image.effect_noise((5000, 4000), 90), "JPEG", quality=50)
    threading.Timer(0.15, os.kill, (child(), signal.SIGKILL)).start()
    with pytest.raises(PhotoError, match="gave up or died"):
        decode_pool.png_of(large, LIMITS)
    assert decode_pool.png_of(png(), LIMITS)[1] == (40, 40)


def test_too_much_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(decoders=1, decode_seconds=0.1, decode_megabytes=2047)
    began = time.monotonic()
    with pytest.raises(PhotoError, match="gave up or died") as raised:
        decode_pool.png_of(many_scans(80, 3000), limits)
    assert "截个图" in raised.value.sentence
    assert time.monotonic() - began < 10


def test_too_much_memory() -> None:
    limits = Limits(decoders=1, decode_megabytes=300)
    with pytest.raises(PhotoError) as raised:
        decode_pool.png_of(saved(Image.new("RGB", (7000, 7000)), "PNG"), limits)
    assert "太大" in raised.value.sentence or "解不开" in raised.value.sentence
    assert decode_pool.png_of(png(), limits)[1] == (40, 40)


def test_scans_are_counted_by_the_markers() -> None:
    picture = Image.effect_noise((64, 64), 50)
    assert scans(saved(picture, "JPEG")) == 1
    assert scans(saved(picture, "JPEG", comment=b"\xff\xda" * 200)) == 1  # no scans, only words
    assert 5 <= scans(saved(picture.convert("RGB"), "JPEG", progressive=True)) <= 12
    assert scans(many_scans(300)) > MOST_SCANS
    assert scans(b"\xff\xd8") == scans(b"\xff\xd8\xff\xda") - 1 == 0


def test_children_see_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYING_WEB_PASSWORD", "芝麻开门芝麻开门")
    limits = Limits(decoders=1, decode_megabytes=2046)
    decode_pool.png_of(png(), limits)
    held = decode_pool._pool(limits).free.get()
    assert held is not None
    assert b"HEYING" not in Path(f"/proc/{held.process.pid}/environ").read_bytes()
    held.kill()
