"""Charts of the report, drawn as SVG: no library, no script, text that stays text."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 860, 430
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 18, 46
FAMILIES: dict[str, tuple[str, ...]] = {  # what a method works with → methods; the page's colours are per family
    "attention": ("prompt_to_prompt", "plug_and_play", "pix2pix_zero", "masactrl"),
    "noise": ("sdedit", "mdp", "ddib", "blended", "ledits"),
    "learning": (
        "hiper",
        "imagic",
        "sine",
        "diffusion_clip",
        "text2live",
        "style_transfer",
        "textual_inversion",
        "dreambooth",
    ),
    "chain": ("chain",),
}


def family(method: str) -> str:
    """The family of a method; "baseline" for the yardsticks."""
    base = method.partition("?")[0].partition("@")[0].partition(":")[0]
    return next((name for name, methods in FAMILIES.items() if base in methods), "baseline")


@dataclass(frozen=True, slots=True)
class Dot:
    """A method in a plot: seconds an edit, success with its interval, and what to say when pointed at."""

    name: str
    seconds: float
    success: float
    low: float
    high: float
    taken: bool = False
    label: str = ""


def cost_against_success(dots: Sequence[Dot]) -> str:
    """Seconds (logarithmic) against success with 95 % intervals; names beside the dots, moved apart."""
    shown = [dot for dot in dots if dot.seconds > 0]
    low, high = _span([dot.seconds for dot in shown])

    def x(seconds: float) -> float:
        return LEFT + (log10(seconds) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(success: float) -> float:
        return TOP + (1 - success) * (HEIGHT - TOP - BOTTOM)

    out = [_frame(WIDTH, HEIGHT)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        out.append(_line(LEFT, y(share), WIDTH - RIGHT, y(share), "grid"))
        out.append(_text(LEFT - 10, y(share) + 4, f"{100 * share:.0f} %", "tick end"))
    for decade in range(floor(low), ceil(high) + 1):
        for factor in (1, 2, 5):
            seconds = factor * 10.0**decade
            if low <= log10(seconds) <= high:
                out.append(_line(x(seconds), HEIGHT - BOTTOM, x(seconds), HEIGHT - BOTTOM + 5, "axis"))
                out.append(_text(x(seconds), HEIGHT - BOTTOM + 19, f"{seconds:g} s", "tick middle"))
    out.append(_line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis"))
    out.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "seconds an edit", "label middle"))
    places = _apart([(x(dot.seconds), y(dot.success)) for dot in shown], [dot.name for dot in shown])
    for dot, (tx, ty, anchor) in zip(shown, places, strict=True):
        cx, cy = x(dot.seconds), y(dot.success)
        label = escape(f"{dot.name}: {100 * dot.success:.0f} % [{100 * dot.low:.0f}–{100 * dot.high:.0f}], {dot.label}")
        out.append(f'<g class="dot {family(dot.name)}{" taken" if dot.taken else ""}"><title>{label}</title>')
        out.append(_line(cx, y(dot.low), cx, y(dot.high), "whisker"))
        out.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{8 if dot.taken else 6}"/>')
        out.append(_text(tx, ty, dot.name, f"name {anchor}") + "</g>")
    return "".join(out) + "</svg>"


def strength(method: str, points: Sequence[tuple[float, float, float]], range_: tuple[float, float]) -> str:
    """One method: edit strength against fidelity in dB (line, on the scale `range_`) and success (columns)."""
    width, height, left, right, top, bottom = 250, 150, 34, 34, 12, 26
    least, most = range_
    inner = width - left - right
    strengths = [point[0] for point in points]
    first, last = min(strengths), max(strengths)

    def x(value: float) -> float:
        return left + 14 + (inner - 28) * ((value - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        return top + (1 - (value - least) / (most - least)) * (height - top - bottom)

    out = [_frame(width, height, f"dot {family(method)}")]
    for value in (least, (least + most) / 2, most):
        out.append(_line(left, y(value), width - right, y(value), "grid"))
        out.append(_text(left - 5, y(value) + 3.5, f"{value:.0f}", "tick end"))
    for share in (0, 0.5, 1):
        out.append(
            _text(
                width - right + 5,
                height - bottom - share * (height - top - bottom) + 3.5,
                f"{100 * share:.0f} %",
                "tick",
            )
        )
    for value, _, success in points:
        tall = success * (height - top - bottom)
        out.append(
            f'<rect class="column" x="{x(value) - 9:.1f}" y="{height - bottom - tall:.1f}" width="18" height="{tall:.1f}" rx="3">'
            f"<title>strength {value:g}: success {100 * success:.0f} %</title></rect>"
        )
        out.append(_text(x(value), height - bottom + 15, f"{value:g}", "tick middle"))
    path = " ".join(f"{'L' if i else 'M'}{x(v):.1f},{y(f):.1f}" for i, (v, f, _) in enumerate(points))
    out.append(f'<path class="curve" d="{path}"/>')
    for value, fidelity, _ in points:
        out.append(
            f'<circle cx="{x(value):.1f}" cy="{y(fidelity):.1f}" r="3.5"><title>strength {value:g}: {fidelity:.1f} dB</title></circle>'
        )
    out.append(_line(left, height - bottom, width - right, height - bottom, "axis"))
    return "".join(out) + "</svg>"


def bar(success: float, low: float, high: float) -> str:
    """A share with its interval, small enough for a table's cell."""
    return (
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" x="0" y="4" width="100" height="4" rx="2"/>'
        f'<rect class="span" x="{100 * low:.1f}" y="2" width="{max(100 * (high - low), 1):.1f}" height="8" rx="3"/>'
        f'<rect class="mark" x="{min(max(100 * success - 1.5, 0), 97):.1f}" y="0" width="3" height="12" rx="1.5"/></svg>'
    )


def _frame(width: int, height: int, kind: str = "") -> str:
    return f'<svg class="chart {kind}" viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Powers of ten that hold all values, with some air."""
    low, high = (log10(bound(values)) for bound in (min, max))
    air = max(0.08 * (high - low), 0.15)
    return low - air, high + 2 * air


def _apart(dots: Sequence[tuple[float, float]], names: Sequence[str]) -> list[tuple[float, float, str]]:
    """A place for each dot's name, (x, y, anchor): right of it, else left, else a little up or down; not on another."""
    taken = [(cx - 9, cy - 9, cx + 9, cy + 9) for cx, cy in dots]
    out: list[tuple[float, float, str]] = []
    for (cx, cy), name in zip(dots, names, strict=True):
        wide = 7.8 * len(name)
        tries = [
            (cx + side * 13, cy + 4 + lift, "" if side > 0 else "end")
            for lift in (0, -15, 15, -30, 30, -45, 45, -60, 60)
            for side in (1, -1)
        ]
        spaces = [_space(x, y, anchor, wide) for x, y, anchor in tries]
        costs = [(_hits(space, taken), abs(y - cy)) for space, (_, y, _) in zip(spaces, tries, strict=True)]
        best = costs.index(min(costs))
        taken.append(spaces[best])
        out.append(tries[best])
    return out


def _space(x: float, y: float, anchor: str, wide: float) -> tuple[float, float, float, float]:
    left = x if not anchor else x - wide
    return left, y - 11, left + wide, y + 3


def _hits(box: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]) -> int:
    outside = box[0] < LEFT or box[2] > WIDTH or box[1] < 0 or box[3] > HEIGHT - BOTTOM
    return 3 * outside + sum(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken
    )
