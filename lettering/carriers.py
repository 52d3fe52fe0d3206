"""Where in a file the item `AIGC` stands.

The practice guide for pictures (TC260-PG-20259A) makes XMP the carrier in every format: a property `TC260:AIGC` whose
value is the JSON object, in PNG's `iTXt`, in JPEG's `APP1`, in WebP's chunk `XMP `. That is what we write, with IPTC's
`DigitalSourceType` in the same packet (the EU's AI Act, article 50). In moving pictures it is GIF's application extension and WebP's chunk. Others write EXIF's UserComment (the guide's
appendix B) or PNG's `tEXt`; all three are read. The containers are walked by hand, since Pillow would keep only the last
of several items, and there must be exactly one.
"""

import html
import io
import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
EDITED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GIF_XMP = b"XMP DataXMP"
MAGIC = bytes((1, *range(255, -1, -1), 0))  # ends XMP in GIF wherever a reader of blocks has got to
PNG_XMP, JPEG_XMP = b"XML:com.adobe.xmp", b"http://ns.adobe.com/xap/1.0/\0"
EXIF_FOLDER, USER_COMMENT = 0x8769, 0x9286
ENCODINGS = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"\0" * 8: "utf-8"}  # of a UserComment
MOST = 1 << 20  # bytes of text in a file that are looked at


class Damaged(ValueError):
    """A container that cannot be walked."""


def write(image: NDArray[np.uint8], text: str, file_format: str, quality: int) -> bytes:
    """A picture (H, W, 3 or 4; uint8) as a file (`PNG`, `JPEG` or `WEBP`) with the JSON object `text` as its item
    `AIGC`; without any where `text` is empty. Raises ValueError for another format."""
    picture, out, packet = Image.fromarray(image), io.BytesIO(), _packet(text) if text else ""
    more: dict[str, Any] = {"xmp": packet.encode()} if packet else {}
    match file_format:
        case "PNG":
            chunks = PngImagePlugin.PngInfo()
            if packet:
                chunks.add_itxt(PNG_XMP.decode(), packet)
            picture.save(out, "PNG", pnginfo=chunks)
        case "JPEG":
            picture.convert("RGB").save(out, "JPEG", quality=quality, **more)
        case "WEBP":
            picture.save(out, "WEBP", quality=quality, **more)
        case _:
            raise ValueError(f"no place for the metadata item is known in a file of format {file_format!r}")
    return out.getvalue()


def write_moving(
    frames: Sequence[NDArray[np.uint8] | Image.Image], text: str, file_format: str, milliseconds: int, **more: Any
) -> bytes:
    """Frames (H, W, 4; uint8, or of a palette as Pillow's images) as a moving `WEBP` or `GIF` with the item, as `write`."""
    images = [frame if isinstance(frame, Image.Image) else Image.fromarray(frame) for frame in frames]
    packet, out = _packet(text).encode() if text else b"", io.BytesIO()
    fields: dict[str, Any] = {
        "save_all": True,
        "append_images": images[1:],
        "duration": milliseconds,
        "loop": 0,
        **more,
    }
    if file_format == "WEBP" and packet:
        fields["xmp"] = packet
    images[0].save(out, file_format, **fields)
    data = out.getvalue()
    if file_format != "GIF" or not packet:
        return data
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)  # after the header and its palette
    return data[:at] + b"\x21\xff\x0b" + GIF_XMP + packet + MAGIC + data[at:]


def items(data: bytes) -> list[str]:
    """The JSON texts of all items `AIGC` in a file, whatever carries them; [] for a format that is not known. Raises
    Damaged."""
    if data.startswith(PNG_SIGNATURE):
        return [text for name, body in _png_chunks(data) for text in _of_chunk(name, body)]
    if data.startswith(b"\xff\xd8"):
        return [text for body in _jpeg_app1(data) for text in _of_app1(body)]
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return [text for name, body in _webp_chunks(data) for text in _of_riff(name, body)]
    if data[:6] == b"GIF89a":
        return [text for part in data.split(GIF_XMP)[1:] for text in _of_xmp(part.partition(MAGIC)[0])]
    return []


def _packet(text: str) -> str:
    """The XMP packet with the item."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f' <rdf:RDF xmlns:rdf="{RDF}">\n'
        f'  <rdf:Description rdf:about="" xmlns:TC260="{TC260}" xmlns:Iptc4xmpExt="{IPTC}">\n'
        f"   <TC260:AIGC>{html.escape(text, quote=False)}</TC260:AIGC>\n"
        f"   <Iptc4xmpExt:DigitalSourceType>{EDITED}</Iptc4xmpExt:DigitalSourceType>\n"
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    )


# --- the containers ---------------------------------------------------------------------------------------------------
def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG_SIGNATURE)
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if data[at + 8 + length : at + 12 + length] != struct.pack(">I", zlib.crc32(name + body)):
            raise Damaged("damaged PNG chunk")
        yield name, body
        at += 12 + length


def _jpeg_app1(data: bytes) -> Iterator[bytes]:
    """The segments APP1; they stand before the first scan."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in (0xDA, 0xD9):
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            raise Damaged("damaged JPEG segment")
        if marker == 0xE1:
            yield data[at + 4 : at + 2 + length]
        at += 2 + length


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


# --- the carriers -----------------------------------------------------------------------------------------------------
def _of_chunk(name: bytes, body: bytes) -> list[str]:
    """A PNG chunk's."""
    key, _, rest = body.partition(b"\0")
    if name == b"tEXt" and key == b"AIGC":
        return [_inner(rest.decode("latin-1"))]
    if name == b"zTXt" and key == b"AIGC":
        return [_inner(_inflated(rest[1:]).decode("latin-1"))]
    if name == b"iTXt" and key in (PNG_XMP, b"AIGC"):
        packed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]  # language and translated key go before it
        read = _inflated(text) if packed else text
        return _of_xmp(read) if key == PNG_XMP else [_inner(read.decode("utf-8", "replace"))]
    return _of_exif(body) if name == b"eXIf" else []


def _of_app1(body: bytes) -> list[str]:
    """A JPEG segment's."""
    if body.startswith(JPEG_XMP):
        return _of_xmp(body[len(JPEG_XMP) :])
    return _of_exif(body) if body.startswith(b"Exif\0") else []


def _of_riff(name: bytes, body: bytes) -> list[str]:
    """A WebP chunk's."""
    if name == b"XMP ":
        return _of_xmp(body)
    return _of_exif(body) if name == b"EXIF" else []


def _of_xmp(packet: bytes) -> list[str]:
    """`TC260:AIGC` as an element or, RDF's short form, as an attribute."""
    packet = packet[:MOST]
    if TC260.encode() not in packet:
        return []
    if b"<!" in packet.replace(b"<![CDATA[", b""):  # no packet declares entities; a bomb does
        return [""]
    try:
        tree = ElementTree.fromstring(packet.strip(b" \r\n\t\0"))
    except ElementTree.ParseError:
        return [""]  # it says that there is an item, but not what
    name = f"{{{TC260}}}AIGC"
    found = ["".join(element.itertext()).strip() for element in tree.iter(name)]
    found += [element.attrib[name] for element in tree.iter() if name in element.attrib]
    return [_inner(text) for text in found]


def _of_exif(body: bytes) -> list[str]:
    try:
        exif = Image.Exif()
        exif.load(body)
        comment = exif.get_ifd(EXIF_FOLDER).get(USER_COMMENT, b"")
    except (OSError, SyntaxError, struct.error, TypeError, KeyError) as error:
        raise Damaged("damaged EXIF") from error
    if isinstance(comment, bytes):
        coding = ENCODINGS.get(comment[:8])
        comment = comment[8 if coding else 0 :].decode(coding or "utf-8", "replace")
    text = str(comment)
    return [_inner(text)] if '"AIGC"' in text else []


def _inner(text: str) -> str:
    """The item in `{"AIGC": item}`; what is not that stays as it is, for verify to judge."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    wrapped = isinstance(found, dict) and "AIGC" in found
    return json.dumps(found["AIGC"], separators=(",", ":")) if wrapped else text


def _inflated(data: bytes) -> bytes:
    """Unpacked, as far as anything is looked at."""
    try:
        return zlib.decompressobj().decompress(data, MOST)
    except zlib.error as error:
        raise Damaged("damaged compressed text") from error
