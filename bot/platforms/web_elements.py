"""Plain HTML elements for the web page: what NiceGUI needs to draw our own look instead of Quasar's."""

from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

ONCE: dict[str, Any] = {"throttle": 1.0, "trailing_events": False}  # a double click is one press
ICONS = {  # 24 × 24, drawn as lines
    "people": """M16 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M8 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7
        M1.500 20c0-4 2.500-6.500 6.500-6.500s6.500 2.500 6.500 6.500M16 13.500c4 0 6.500 2.500 6.500 6.500""",
    "help": """M12 21.500a9.500 9.500 0 1 0 0-19 9.500 9.500 0 0 0 0 19
        M9.200 9.300a2.900 2.900 0 1 1 4.400 2.500c-1 .6-1.600 1.200-1.600 2.400M12 17.300v.1""",
    "dark": "M20.500 14.200A8.700 8.700 0 0 1 9.800 3.500a8.700 8.700 0 1 0 10.700 10.700",
    "photo": """M4.500 3.500h15a2 2 0 0 1 2 2v13a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2v-13a2 2 0 0 1 2-2
        M8.300 10.800a2 2 0 1 0 0-4 2 2 0 0 0 0 4M21.500 15.500l-5-5-11 10""",
    "sample": """M12 2.500l2.200 6.300 6.300 2.200-6.300 2.200L12 19.500l-2.200-6.300L3.500 11l6.300-2.200z
        M19 16.500l.9 2.600 2.600.9-2.600.9-.9 2.600-.9-2.600-2.600-.9 2.600-.9z""",
    "send": "M12 20V4M5 11l7-7 7 7",
}


def text(tag: str, words: str = "", look: str = "", **attributes: str) -> TextElement:
    """An HTML element with text."""
    element = TextElement(tag=tag, text=words).classes(look)
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def box(look: str, tag: str = "div", **attributes: str) -> ui.element:
    """An HTML element to put others in."""
    element = ui.element(tag).classes(look)
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def icon(name: str) -> None:
    """One of the drawn icons."""
    ui.html(
        f'<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"'
        f' stroke-linejoin="round" aria-hidden="true"><path d="{ICONS[name]}"/></svg>',
        sanitize=False,
    )
