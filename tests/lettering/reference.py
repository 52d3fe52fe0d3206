"""A verifier written from what the practice guide says (TC260-PG-20259A and GB 45438-2025, annex E), and from the
specifications of PNG, JPEG, WebP and XMP: it shares nothing with our writer, nor with Pillow.
"""

import re
import zlib
from collections.abc import Iterator
from xml.dom import minidom

NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
KEYS = ["Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"]
# A JSON object with exactly these string values, in this order, as the guide prints it.
OBJECT = re.compile(r"\{" + ",".join(rf'"{key}":"([^"\\]*)"' for key in KEYS) + r"\}")
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"


def conforming(data: bytes) -> tuple[dict[str, str], str]:
    """The item and the DigitalSourceType of a file. Raises AssertionError unless the file carries the item exactly
    once, in XMP, with values of single-byte printable characters."""
    packets = list(xmp_packets(data))
    assert len(packets) == 1, f"{len(packets)} XMP packets"
    assert packets[0].startswith(b"<?xpacket begin=")
    assert re.search(rb"<\?xpacket end=[\"'][rw][\"']\?>$", packets[0])
    assert not re.search(rb"tEXtAIGC|zTXtAIGC|iTXtAIGC|Exif\0\0|EXIF|eXIf", data), "a second carrier"
    document = minidom.parseString(packets[0].decode("utf-8").replace("\ufeff", ""))
    found = document.getElementsByTagNameNS(NAMESPACE, "AIGC")
    assert len(found) == 1, f"{len(found)} items"
    (item,) = found
    assert (item.prefix, item.parentNode.namespaceURI, item.parentNode.localName) == ("TC260", RDF, "Description")
    text = "".join(node.data for node in item.childNodes)
    match = OBJECT.fullmatch(text)
    assert match, text
    assert all(" " < letter <= "~" for value in match.groups() for letter in value)
    assert match[1] in ("1", "2", "3")
    (source,) = document.getElementsByTagNameNS(IPTC, "DigitalSourceType")
    return dict(zip(KEYS, match.groups(), strict=True)), source.firstChild.data


def xmp_packets(data: bytes) -> Iterator[bytes]:
    """Where each format keeps XMP."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        place = 8
        while place < len(data):
            size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
            body = data[place + 8 : place + 8 + size]
            assert zlib.crc32(kind + body) == int.from_bytes(data[place + 8 + size : place + 12 + size], "big")
            if kind == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0"):
                assert body[18:22] == b"\0\0\0\0", "XMP is uncompressed, without language"
                yield body[22:]
            place += 12 + size
    elif data[:2] == b"\xff\xd8":
        place = 2
        while data[place + 1] != 0xDA:
            assert data[place] == 0xFF
            size = int.from_bytes(data[place + 2 : place + 4], "big")
            body = data[place + 4 : place + 2 + size]
            if data[place + 1] == 0xE1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
                yield body[29:]
            place += 2 + size
    else:
        assert (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
        assert int.from_bytes(data[4:8], "little") + 8 == len(data)
        place, flags = 12, 0
        while place < len(data):
            kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
            if kind == b"VP8X":
                flags = data[place + 8]
            if kind == b"XMP ":
                assert flags & 0x04, "VP8X does not announce XMP"
                yield data[place + 8 : place + 8 + size]
            place += 8 + size + size % 2
