"""The report on real photos: figures against what is asked for, and the best, middle and worst picture of each kind."""

import html
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from pipeline.engine import Pixels

LONGEST = 1100  # pixels of a picture in the page


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: what, how much, of how many, what is asked for ("≥ .95"), and whether that is reached
    (None: nothing is asked)."""

    what: str
    value: str
    count: int
    asked: str = ""
    reached: bool | None = None


@dataclass(slots=True)
class Gallery:
    """Pictures of one kind with a score each (more is better); the page shows the best, the middle and the worst."""

    title: str
    shown: list[tuple[float, str, Pixels]] = field(default_factory=list)

    def add(self, score: float, words: str, *pictures: Pixels) -> None:
        """Pictures side by side, made as small as the page needs them."""
        height = min(700, max(picture.shape[0] for picture in pictures))
        row = [_sized(picture, height) for picture in pictures]
        joined: Pixels = np.concatenate(row, 1)
        share = min(1.0, LONGEST * len(row) / joined.shape[1] / 1.4)
        if share < 1:
            joined = np.asarray(cv2.resize(joined, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)
        self.shown.append((score, words, joined))

    def picked(self, each: int = 4) -> list[tuple[str, float, str, Pixels]]:
        """Best, middle and worst, at most `each` of them, none twice."""
        order = sorted(self.shown, key=lambda one: -one[0])
        if len(order) <= 3 * each:
            return [("", *one) for one in order]
        start = (len(order) - each) // 2
        parts = (("best", order[:each]), ("middle", order[start : start + each]), ("worst", order[-each:]))
        return [(name, *one) for name, part in parts for one in part]


def _sized(picture: Pixels, height: int) -> Pixels:
    width = max(1, round(picture.shape[1] * height / picture.shape[0]))
    way = cv2.INTER_AREA if height < picture.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)


def written(out: Path, figures: Sequence[Figure], galleries: Sequence[Gallery]) -> Path:
    """Write the report, one file with everything in it. Returns its path."""
    rows = "\n".join(
        f"<tr class={'well' if one.reached else 'short' if one.reached is False else 'plain'}>"
        f"<td>{html.escape(one.what)}<td>{html.escape(one.value)}<td>{one.count}<td>{html.escape(one.asked)}</tr>"
        for one in figures
    )
    parts = []
    for gallery in galleries:
        pictures = "\n".join(
            f"<figure><img src='data:image/jpeg;base64,{_jpeg(picture)}'>"
            f"<figcaption>{name} {score:.3g} · {html.escape(words)}</figcaption></figure>"
            for name, score, words, picture in gallery.picked()
        )
        parts.append(f"<h2>{html.escape(gallery.title)} ({len(gallery.shown)})</h2>{pictures}")
    page = out / "photos.html"
    page.write_text(
        "<!doctype html><meta charset=utf-8><title>Real photos</title><style>body{font:15px/1.5 sans-serif;max-width:1200px;"
        "margin:2em auto;padding:0 1em}td{padding:.2em .8em;border-bottom:1px solid #ddd}.well td:nth-child(2){color:#087}"
        ".short td:nth-child(2){color:#c30;font-weight:bold}img{max-width:100%}figure{margin:1em 0}</style>"
        f"<h1>Real photos</h1><table><tr><th>measured<th>figure<th>of<th>asked</tr>{rows}</table>{''.join(parts)}",
        "utf-8",
    )
    return page


def _jpeg(picture: Pixels) -> str:
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 86])
    return b64encode(data.tobytes()).decode()
