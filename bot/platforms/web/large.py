"""One picture as large as the screen, and what can be done with it: keep it, copy it, share it, point into it."""

from collections.abc import Callable

from nicegui import ui

from bot.platforms.web import words
from bot.platforms.web.elements import ONCE, box, icon, text


def enlarge(sha256: str, alt: str, point: Callable[[], object] | None = None, copied: bool = True) -> None:
    """The picture, which can be zoomed and moved; ``point`` begins pointing at somebody in it. See keeping for ``copied``."""
    with ui.dialog().props("maximized") as large, box("hy-large"):
        large.props["aria-label"] = alt
        with box("hy-zoom", tabindex="0", role="group", aria_label=words.ZOOM):
            box("", tag="img", src=f"/photo/{sha256}", alt=alt, draggable="false")
        with box("hy-buttons"):
            if point is not None:
                _chip("point", words.POINT).on("click", lambda: (large.close(), point()), **ONCE)
            keeping(sha256, "hy-chip", copied)
            text("button", words.CLOSE, "hy-chip hy-close", type="button").on("click", large.close, **ONCE)
    large.on("hide", large.delete)
    large.open()


def keeping(sha256: str, look: str = "hy-small", copied: bool = True) -> None:
    """Save, copy and share; the script hides what the browser cannot do (look/pictures.js). What moves cannot be
    ``copied``: a browser's clipboard holds still pictures only."""
    with box(look, tag="a", href=f"/photo/{sha256}?download", download=""):
        icon("download")
        text("span", words.SAVE_PICTURE)
    copying = [("copy", words.COPY, "copy")] if copied else []
    for sign, label, name in (*copying, ("share", words.SEND_ON, "share")):
        _chip(sign, label, f"{look} hy-{name}").props[f"data-{name}"] = f"/photo/{sha256}"


def _chip(sign: str, label: str, look: str = "hy-chip") -> ui.element:
    chip = box(look, tag="button", type="button")
    with chip:
        icon(sign)
        text("span", label)
    return chip
