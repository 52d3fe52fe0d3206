"""The sheet of styles, docs/styles.jpg, drawn anew: ``python -m docs.styles``.

A portrait, a landscape, food and a pet in every style of `pipeline.imaging.styles`, from the sample photos of the web chat
(their credits: bot/samples/samples.json).
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from pipeline.imaging import Box, Pixels
from pipeline.imaging.styles import STYLES, stylize

DOCS = Path(__file__).resolve().parent
PHOTOS = DOCS.parent / "bot" / "samples" / "photos"
# file, box of the face in it
SHOWN: tuple[tuple[str, tuple[Box, ...]], ...] = (
    ("astronaut.jpg", ((0.355, 0.125, 0.515, 0.365),)), ("temple.jpg", ()), ("coffee.jpg", ()), ("cat.jpg", ()),
)  # fmt: skip
PAINTED, SHOWN_HEIGHT, LABEL = 800, 250, 22  # pixels: height at which a photo is painted, and shown; of a label
COLUMNS = 2  # styles beside each other


def sheet(folder: Path) -> Pixels:
    """All styles of all photos in `folder`, a row of four photos for each style, two styles in a line."""
    photos = []
    for name, faces in SHOWN:
        photo = np.asarray(Image.open(folder / name).convert("RGB"), np.uint8)
        size = round(photo.shape[1] * PAINTED / photo.shape[0]), PAINTED
        way = cv2.INTER_AREA if photo.shape[0] > PAINTED else cv2.INTER_CUBIC
        photos.append((np.asarray(cv2.resize(photo, size, interpolation=way), np.uint8), faces))
    strips = [_strip(style, [stylize(photo, style, 1.0, faces) for photo, faces in photos]) for style in STYLES]
    strips.insert(0, _strip("photo", [photo for photo, _ in photos]))
    strips += [np.full_like(strips[0], 255)] * (-len(strips) % COLUMNS)
    lines = [np.concatenate(strips[k : k + COLUMNS], 1) for k in range(0, len(strips), COLUMNS)]
    return np.ascontiguousarray(np.concatenate(lines), np.uint8)


def _strip(title: str, pictures: list[Pixels]) -> Pixels:
    small = [
        cv2.resize(
            picture,
            (round(picture.shape[1] * SHOWN_HEIGHT / picture.shape[0]), SHOWN_HEIGHT),
            interpolation=cv2.INTER_AREA,
        )
        for picture in pictures
    ]
    row = np.concatenate([np.pad(picture, ((0, 6), (0, 6), (0, 0)), constant_values=255) for picture in small], 1)
    label = Image.new("RGB", (row.shape[1], LABEL), "white")
    ImageDraw.Draw(label).text((2, 4), title, fill="black", font_size=15)
    return np.ascontiguousarray(np.concatenate([np.asarray(label), row]), np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.styles", description=__doc__)
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="folder of the sample photos")
    parser.add_argument("--out", type=Path, default=DOCS / "styles.jpg")
    args = parser.parse_args()
    Image.fromarray(sheet(args.photos)).save(args.out, quality=78, optimize=True)


if __name__ == "__main__":
    main()
