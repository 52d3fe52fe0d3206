"""Pictures as they are sent where a megabyte matters: small enough first, the original when somebody asks for it.

Uploads of 1.4 to 2.1 MB took QQ's bridges one to two minutes, and were said to have failed though they arrived.
"""

import io

from PIL import Image

from lettering import marks, moving
from lettering.marks import Maker

LIGHT = 1_000_000  # bytes
WEBP_SIDE = 16_383  # pixels: the most that WebP can hold
QUALITIES, SIDES = (92, 80), (2048, 1600, 1280, 960)
TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg", b"\xff\xd8\xff\xe1": "image/jpeg"}


def light(data: bytes, maker: Maker, most: int = LIGHT) -> bytes:
    """A picture of ours (PNG or WebP, with both marks) in at most ``most`` bytes: as it is, else as JPEG (WebP where it
    is transparent), with more loss and then smaller until it fits; one that moves as GIF, which every chat shows."""
    if moving.moves(data):
        item = marks.item_in(data)
        return moving.gif(moving.frames_of(data), item["ProduceID"] if item else "", maker)
    if len(data) <= most:
        return data
    kind = "WEBP" if marks.transparent(data) else "JPEG"
    for quality in QUALITIES:
        made = marks.recode(data, kind, maker, quality)
        if made is not data and len(made) <= most:
            return made
    for side in SIDES:
        made = marks.smaller(data, side, kind, QUALITIES[-1])
        if len(made) <= most:
            return made
    return made


def within(data: bytes, side: int) -> bytes:
    """A picture of ours with no side longer than ``side`` pixels."""
    with Image.open(io.BytesIO(data)) as image:
        longest = max(image.size)
    if longest <= side:
        return data
    return marks.smaller(data, side, "WEBP" if marks.transparent(data) else "JPEG", QUALITIES[0])


def as_file(data: bytes, most: int) -> bytes:
    """The original; as WebP where it has more than ``most`` bytes."""
    return data if len(data) <= most else marks.smaller(data, WEBP_SIDE, "WEBP", 95)


def ending(data: bytes) -> str:
    """What the name of a picture's file ends with."""
    return type_of(data).rpartition("/")[2].replace("jpeg", "jpg")


def type_of(data: bytes) -> str:
    """The media type of a picture of ours, in any form that is sent."""
    return (
        "image/webp"
        if data[8:12] == b"WEBP"
        else "image/gif"
        if data[:4] == b"GIF8"
        else TYPES.get(data[:4], "image/png")
    )
