"""The words can be seen, the item can be read back, and neither is there twice."""

import io
import json
import subprocess
import zlib
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from lettering import marks, producer
from lettering.carriers import EDITED, PNG_SIGNATURE
from tests.lettering.reference import conforming

SIZES = [(32, 32), (33, 130), (128, 128), (301, 200), (64, 256), (900, 700)]


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Noise everywhere but in the lower right quarter, which is plain."""
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image[height // 2 :, width // 2 :] = (90, 140, 200)
    return image


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_words_are_high_enough_and_in_a_corner(height: int, width: int) -> None:
    """At least 5 % of the shorter side, in the plain corner, everything else untouched."""
    image = picture(height, width)
    marked = marks.stamp(image)
    rows, columns = np.nonzero((marked != image).any(2))
    letters = np.nonzero((marked.min(2) > 130) & (marked != image).any(2))[0]
    assert letters.max() + 1 - letters.min() >= 0.05 * min(height, width)
    assert rows.max() >= 0.85 * height
    assert columns.max() >= 0.85 * width
    if min(height, width) >= 100:
        assert columns.min() > width / 2


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_marking_twice_is_marking_once(file_format: str) -> None:
    """A delivered picture that comes back, even through a JPEG, gets no second mark."""
    marked = marks.stamp(picture(200, 300))
    assert (marks.stamp(marked) == marked).all()
    with Image.open(io.BytesIO(marks.encode(marked, "job-7", file_format))) as back:
        pixels = np.asarray(back.convert("RGB"))
    assert (marks.stamp(pixels) == pixels).all()


def test_words_show_on_a_sticker() -> None:
    """On a transparent corner the words bring their own opacity."""
    sticker = np.zeros((512, 512, 4), np.uint8)
    marked = marks.stamp(sticker)
    assert marked[..., 3].max() == 255
    assert (marked[..., 3] > 0).mean() < 0.05


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_the_item_survives_in_every_format(file_format: str) -> None:
    """Written once, read back with all seven fields."""
    data = marks.encode(picture(64, 64), "job-42", file_format)
    verdict = marks.verify(data)
    assert verdict.marked
    assert verdict.item is not None
    assert verdict.item["ProduceID"] == "job-42"
    assert verdict.item["Label"] == "1"
    assert set(verdict.item) == set(marks.FIELDS)
    assert "job-42" in verdict.sentence
    assert conforming(data) == (verdict.item, EDITED)


def test_png_pixels_survive() -> None:
    """The metadata costs no pixel, and alpha is kept."""
    image = np.dstack([picture(40, 50), np.full((40, 50), 77, np.uint8)])
    with Image.open(io.BytesIO(marks.encode(image, "x"))) as back:
        assert (np.asarray(back) == image).all()


def chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def test_two_items_are_not_valid() -> None:
    """The rule says exactly one; Pillow alone would not notice the other."""
    data = marks.encode(picture(20, 20), "a")
    second = chunk(b"tEXt", b"AIGC\0" + json.dumps(marks.item("b")).encode())
    verdict = marks.verify(data[:33] + second + data[33:])  # behind IHDR
    assert not verdict.marked
    assert "2 条" in verdict.sentence


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        PNG_SIGNATURE,
        PNG_SIGNATURE + b"\0\0\0\4tEXtAIGC\0\0\0\0",
        b"\xff\xd8\xff\xe1\0\4ab",
    ],
)
def test_any_bytes_get_an_answer(data: bytes) -> None:
    """Hostile bytes are not marked and raise nothing."""
    verdict = marks.verify(data)
    assert not verdict.marked
    assert verdict.sentence.endswith("。")


@pytest.mark.parametrize(
    "body", [b"{}", b"[1]", b"not json", b'{"Label":"9"}', json.dumps(marks.item("a", label="7")).encode()]
)
def test_a_broken_item_is_not_valid(body: bytes) -> None:
    """An item without its fields, or with an unknown label, is called invalid."""
    plain = io.BytesIO()
    Image.fromarray(picture(20, 20)).save(plain, "PNG")
    data = plain.getvalue()
    assert not marks.verify(data[:33] + chunk(b"tEXt", b"AIGC\0" + body) + data[33:]).marked


def test_unmarked_pictures_are_told_apart() -> None:
    """A plain JPEG is readable but carries nothing."""
    plain = io.BytesIO()
    Image.fromarray(picture(20, 20)).save(plain, "JPEG")
    assert "没有 AI 生成标识" in marks.verify(plain.getvalue()).sentence


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_a_seal_says_who_and_whether_it_was_changed(file_format: str) -> None:
    """Ours to the pixel; ours but changed since; said to be ours by somebody else."""
    ours, others = marks.Maker(secret=b"house"), marks.Maker(secret=b"elsewhere")
    image = marks.stamp(picture(90, 70))
    data = marks.encode(image, "42", file_format, ours)
    verdict = marks.verify(data, ours)
    assert (verdict.marked, verdict.ours, verdict.intact) == (True, True, True)
    assert "没有改动过" in verdict.sentence
    for somebody in (others, marks.UNSEALED):
        verdict = marks.verify(data, somebody)
        assert (verdict.marked, verdict.ours) == (True, False)
        assert "是在这里做的" not in verdict.sentence
    small = marks.smaller(data, 48)
    verdict = marks.verify(small, ours)
    assert (verdict.marked, verdict.ours, verdict.intact) == (True, True, False)
    assert "变过" in verdict.sentence
    assert conforming(small)[0] == verdict.item
    with Image.open(io.BytesIO(small)) as back:
        assert max(back.size) == 48
    forged = data.replace(b'"42"', b'"43"')
    assert forged != data
    assert not forged.startswith(b"\x89PNG") or marks.verify(forged, ours).item is None  # the chunk's CRC is wrong
    assert not marks.verify(forged, ours).ours


def test_a_picture_without_a_mark_is_made_smaller_without_one() -> None:
    """A user's own photo is not called ours."""
    plain = io.BytesIO()
    Image.fromarray(picture(90, 70)).save(plain, "PNG")
    assert not marks.verify(marks.smaller(plain.getvalue(), 30)).marked


def test_a_screenshot_cannot_be_told() -> None:
    """Re-encoded without metadata: the words are seen, who made it is not; scaled as well: nothing is."""
    ours = marks.Maker(secret=b"house")
    with Image.open(io.BytesIO(marks.encode(marks.stamp(picture(200, 300)), "42", "PNG", ours))) as made:
        shots = []
        for size in (made.size, (177, 123)):
            out = io.BytesIO()
            made.convert("RGB").resize(size).save(out, "JPEG", quality=85)
            shots.append(marks.verify(out.getvalue(), ours))
    assert not any(shot.marked or shot.ours for shot in shots)
    assert "看不出是谁做的" in shots[0].sentence
    assert "看不出来" in shots[1].sentence


def by_exiftool(paths: list[Path]) -> list[dict[str, str]]:
    """The items of these files as another program reads them, and nothing else that could be one."""
    command = ["exiftool", "-json", "-G1", "-XMP:all", "-AIGC", "-UserComment", *map(str, paths)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    for told in found:
        assert set(told) == {"SourceFile", "XMP-TC260:Aigc", "XMP-iptcExt:DigitalSourceType"}
        assert told["XMP-iptcExt:DigitalSourceType"] == EDITED
    return [json.loads(told["XMP-TC260:Aigc"]) for told in found]


def test_exiftool_reads_the_item(tmp_path: Path) -> None:
    """Another program finds the same item in every format, once."""
    if which("exiftool") is None:
        pytest.skip("EXIFTOOL IS MISSING (apt-get install libimage-exiftool-perl): marks were read back by Pillow only")
    image = np.dstack([picture(64, 64), np.full((64, 64), 200, np.uint8)])
    paths = [tmp_path / f"a.{file_format.lower()}" for file_format in ("PNG", "JPEG", "WEBP")]
    for path in paths:
        path.write_bytes(marks.encode(image, "42", path.suffix[1:].upper(), marks.Maker("He&<ying>", b"house")))
    for path, read in zip(paths, by_exiftool(paths), strict=True):
        assert read == marks.verify(path.read_bytes()).item
        assert read["ProduceID"] == "42"
        assert read["ContentProducer"] == "He&<ying>"


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_another_format_keeps_the_number(file_format: str) -> None:
    """Sealed anew; what was transparent is white where there is no transparency; a stranger's file stays as it is."""
    ours = marks.Maker(secret=b"house")
    image = np.zeros((40, 50, 4), np.uint8)
    image[10:20, 10:30] = (200, 30, 30, 255)
    data = marks.recode(marks.encode(image, "42", "WEBP", ours), file_format, ours)
    verdict = marks.verify(data, ours)
    assert (verdict.intact, verdict.item and verdict.item["ProduceID"]) == (True, "42")
    with Image.open(io.BytesIO(data)) as back:
        assert back.format == file_format
        if file_format == "JPEG":
            assert min(back.getpixel((2, 2))) > 240
    plain = io.BytesIO()
    Image.fromarray(picture(20, 20)).save(plain, "PNG")
    assert marks.recode(plain.getvalue(), file_format, ours) == plain.getvalue()


ITEM = json.dumps(marks.item("far-1"), separators=(",", ":"))


def xmp(inside: str = f"<TC260:AIGC>{ITEM}</TC260:AIGC>", outside: str = "") -> bytes:
    """A packet as another program writes it."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"{outside}>{inside}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def carried(file_format: str, *, packet: bytes = b"", comment: bytes = b"", text: str = "") -> bytes:
    """A picture of somebody else's with these carriers."""
    out, exif, chunks = io.BytesIO(), Image.Exif(), PngImagePlugin.PngInfo()
    if comment:
        exif.get_ifd(0x8769)[0x9286] = comment
    if text:
        chunks.add_text("AIGC", text)
    if packet and file_format == "PNG":
        chunks.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=True)
    more = {"pnginfo": chunks} if file_format == "PNG" else {"xmp": packet} if packet else {}
    Image.fromarray(picture(20, 20)).save(out, file_format, exif=exif.tobytes(), **more)
    return out.getvalue()


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    "carrier",
    [
        {"packet": xmp()},
        {"packet": xmp("", f" TC260:AIGC='{ITEM}'")},
        {"packet": xmp(f"<TC260:AIGC><![CDATA[{ITEM}]]></TC260:AIGC>")},
        {"comment": b"ASCII\0\0\0" + f'{{"AIGC":{ITEM}}}'.encode()},
        {"comment": b"UNICODE\0" + f'{{"AIGC":{ITEM}}}'.encode("utf-16")},
    ],
    ids=["element", "attribute", "cdata", "comment", "unicode comment"],
)
def test_every_carrier_is_read_in_every_format(file_format: str, carrier: dict[str, bytes]) -> None:
    """What big services write, and what the guide's appendix allows."""
    assert marks.verify(carried(file_format, **carrier)).item == marks.item("far-1")


def test_the_older_carrier_of_png_is_read() -> None:
    """What we wrote ourselves until 2026-11, and verifiers accept."""
    assert marks.verify(carried("PNG", text=ITEM)).item == marks.item("far-1")


@pytest.mark.parametrize(
    "data",
    [
        carried("PNG", packet=xmp(), text=ITEM),
        carried("JPEG", packet=xmp(), comment=b"ASCII\0\0\0" + f'{{"AIGC":{ITEM}}}'.encode()),
        carried("WEBP", packet=xmp(2 * f"<TC260:AIGC>{ITEM}</TC260:AIGC>")),
        carried("JPEG", packet=xmp(outside=f" TC260:AIGC='{ITEM}'")),
    ],
)
def test_one_item_on_two_carriers_is_two(data: bytes) -> None:
    """Exactly one (GB 45438 6.1 c), wherever they stand."""
    assert "2 条" in marks.verify(data).sentence


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>' + xmp("<TC260:AIGC>&c;</TC260:AIGC>")


@pytest.mark.parametrize("packet", [BOMB, xmp()[:-9], xmp("<TC260:AIGC/>"), xmp("<TC260:AIGC>1</TC260:AIGC>")])
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_xmp_that_does_not_say_it_properly(file_format: str, packet: bytes) -> None:
    """Something says that there is an item; it is not a valid one, and no entity is unfolded."""
    assert "不完整" in marks.verify(carried(file_format, packet=packet)).sentence


def test_an_item_that_came_in_is_gone_when_ours_goes_out() -> None:
    """Whatever a picture carried, what we write from its pixels carries one item: ours."""
    theirs = carried("PNG", packet=xmp(), text=ITEM)
    with Image.open(io.BytesIO(theirs)) as came:
        ours = marks.encode(np.asarray(came.convert("RGB")), "42", "JPEG")
    assert conforming(ours)[0]["ProduceID"] == "42"
    assert conforming(marks.smaller(marks.encode(picture(90, 70), "7"), 40, "JPEG"))[0]["ProduceID"] == "7"


@pytest.mark.parametrize("name", ["合影", "合影 工作室", "two words", "", "tab\t", "ｗｉｄｅ"])
def test_a_producer_that_the_item_must_not_hold(name: str) -> None:
    """Single-byte printable characters without spaces (annex E j)."""
    assert not producer.printable(name)
    with pytest.raises(ValueError, match="single-byte"):
        marks.Maker(name)


def test_an_official_code_is_checked_by_its_digits() -> None:
    """27 characters, of who generates, with a credit code whose last character fits (two well-known companies')."""
    code = "0011" + "91440300708461136T" + "1" + "HEYI"
    assert producer.official(code)
    assert producer.official("0011" + "91330100799655058B" + "1" + "0001")
    for wrong in (code.replace("6T", "6U"), code.replace("T1", "T2"), code[:-1], code.lower(), "Heying"):
        assert not producer.official(wrong)
    assert [producer.meant_official(name) for name in (code, code[:-1], "Heying")] == [True, True, False]
