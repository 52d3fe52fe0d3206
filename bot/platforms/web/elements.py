"""Plain HTML elements for the web page: what NiceGUI needs to draw our own look instead of Quasar's."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from bot.platforms.web import words

VALUE = "(event) => emit(event.target.value)"  # what stands in a field
ONCE: dict[str, Any] = {"throttle": 1.0, "trailing_events": False}  # a double click is one press
ICONS = {  # 24 × 24, drawn as lines
    "chat": "M4 5.5h16a1.500 1.500 0 0 1 1.500 1.500v9a1.500 1.500 0 0 1-1.500 1.500h-8l-5 4v-4H4A1.500 1.500 0 0 1 2.500 16V7A1.500 1.500 0 0 1 4 5.500",
    "people": """M16 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M8 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7
        M1.500 20c0-4 2.500-6.500 6.500-6.500s6.500 2.500 6.500 6.500M16 13.500c4 0 6.500 2.500 6.500 6.500""",
    "sticker": """M20.500 13V6a2.500 2.500 0 0 0-2.500-2.500H6A2.500 2.500 0 0 0 3.500 6v12A2.500 2.500 0 0 0 6 20.500h7z
        M13 20.500V16a3 3 0 0 1 3-3h4.500M8.500 8.500v1M15.500 8.500v1M8 13c1 1.300 2.200 1.800 3.500 1.800""",
    "settings": """M4 7h9M19 7h1M4 17h1M11 17h9M16 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5
        M8 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5""",
    "help": """M12 21.500a9.500 9.500 0 1 0 0-19 9.500 9.500 0 0 0 0 19
        M9.200 9.300a2.900 2.900 0 1 1 4.400 2.500c-1 .6-1.600 1.200-1.600 2.400M12 17.300v.1""",
    "dark": "M20.500 14.200A8.700 8.700 0 0 1 9.800 3.500a8.700 8.700 0 1 0 10.700 10.700",
    "photo": """M4.500 3.500h15a2 2 0 0 1 2 2v13a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2v-13a2 2 0 0 1 2-2
        M8.300 10.800a2 2 0 1 0 0-4 2 2 0 0 0 0 4M21.500 15.500l-5-5-11 10""",
    "sample": """M12 2.500l2.200 6.300 6.300 2.200-6.300 2.200L12 19.500l-2.200-6.300L3.500 11l6.300-2.200z
        M19 16.500l.9 2.600 2.600.9-2.600.9-.9 2.600-.9-2.600-2.600-.9 2.600-.9z""",
    "send": "M12 20V4M5 11l7-7 7 7",
    "enlarge": "M14.500 3.500h6v6M9.500 20.500h-6v-6M20.500 3.500l-7 7M3.500 20.500l7-7",
    "point": """M9 11.5V5.5a1.7 1.7 0 0 1 3.4 0V10l5.6 1.2a2.5 2.5 0 0 1 2 2.9l-.8 4.2a3 3 0 0 1-3 2.4h-3.5
        a3 3 0 0 1-2.3-1.1L5.5 14.3a1.6 1.6 0 0 1 2.3-2.1L9 13.3M5.5 7.5a5.3 5.3 0 0 1 10.3-2""",
    "lasso": """M12 4.500c5.200 0 9 2.400 9 5.700s-3.800 5.700-9 5.700-9-2.400-9-5.700 3.800-5.700 9-5.700M6.500 15.200a2.200 2.200 0 1 0 1.600 3.700
        M8.200 18.800c.6 1.300.2 2.300-.8 3""",
    "brush": "M9.500 14.500L19.500 4.500M14 10l1.500 1.500M9.500 14.500a3.300 3.300 0 0 0-4.600 1.200c-.6 1.200-.4 3-2 3.800 2 1.200 5.400 1.200 7-.6a3.300 3.300 0 0 0-.4-4.400",
    "eraser": "M8.500 20L3.500 15a1.500 1.500 0 0 1 0-2.100l9.400-9.400a1.500 1.500 0 0 1 2.100 0l5.500 5.500a1.500 1.500 0 0 1 0 2.100L11.500 20zM8 8.500l7.500 7.500M8.500 20h12",
    "copy": """M9 8.5h10a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5H9A1.5 1.5 0 0 1 7.5 20V10A1.5 1.5 0 0 1 9 8.5
        M16.5 8.5V4A1.5 1.5 0 0 0 15 2.5H4A1.5 1.5 0 0 0 2.5 4v10A1.5 1.5 0 0 0 4 15.5h3.5""",
    "share": "M12 15V3M7.5 7L12 2.5 16.5 7M6 11.5H4.5v10h15v-10H18",
    "beside": "M4 4.5h6.5v15H4zM13.5 4.5H20v15h-6.5z",
    "language": """M12 21.500a9.500 9.500 0 1 0 0-19 9.500 9.500 0 0 0 0 19M2.500 12h19M12 2.500c-5 5.500-5 13.500 0 19
        M12 2.500c5 5.500 5 13.500 0 19""",
    "list": "M4 6.500h16M4 12h16M4 17.500h10",
    "bell": "M6 17.500V11a6 6 0 0 1 12 0v6.500l1.500 1.500h-15zM10 21.500h4",
    "camera": """M4 7h3.500l1.500-2.500h6L16.500 7H20a1.500 1.500 0 0 1 1.500 1.500v10A1.500 1.500 0 0 1 20 20H4
        a1.500 1.500 0 0 1-1.500-1.500v-10A1.500 1.500 0 0 1 4 7M12 16.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7""",
    "voice": """M12 14.500a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3M5.500 11.500a6.500 6.500 0 0 0 13 0
        M12 18v3.500M8.500 21.500h7""",
    "undo": "M8.500 5L3.500 10l5 5M3.500 10H14a6 6 0 0 1 0 12h-3",
    "redo": "M15.500 5l5 5-5 5M20.500 10H10a6 6 0 0 0 0 12h3",
    "plus": "M12 5v14M5 12h14",
    "check": "M5 12.500l4.500 4.500L19 7.500",
    "pencil": "M4 20l1-4.500L16.500 4l3.500 3.500L8.500 19zM14 6.500l3.500 3.500",
    "again": "M20 5v5h-5M4 19v-5h5M19.500 10A8 8 0 0 0 5.500 7.500M4.500 14a8 8 0 0 0 14 2.500",
    "left": "M14.500 6l-6 6 6 6",
    "right": "M9.500 6l6 6-6 6",
    "close": "M6 6l12 12M18 6L6 18",
    "grip": "M9 5.500v.1M15 5.500v.1M9 12v.1M15 12v.1M9 18.500v.1M15 18.500v.1",
    "bin": "M4 6.500h16M9.500 6.500v-3h5v3M6 6.500l1 14h10l1-14M10 10.500v6M14 10.500v6",
    "download": "M12 3.500v12M6.500 10.500l5.500 5.500 5.500-5.500M4 20.500h16",
    "clock": "M12 21.500a9.500 9.500 0 1 0 0-19 9.500 9.500 0 0 0 0 19M12 6.500V12l3.500 2.500",
    "lock": "M6 10.500h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1M8 10.500V7.500a4 4 0 0 1 8 0v3",
}


def text(tag: str, said: str = "", look: str = "", **attributes: str) -> TextElement:
    """An HTML element with text."""
    element = TextElement(tag=tag, text=said).classes(look)
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
    markup(
        f'<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"'
        f' stroke-linejoin="round" aria-hidden="true"><path d="{ICONS[name]}"/></svg>',
        "hy-icon",
    )


def markup(html: str, look: str = "") -> None:
    """HTML of our own making; whatever people wrote in it must have been escaped. What the browser changes in it (a
    slider, a text field) stays as it is when the page around it is drawn again."""
    ui.html(html, sanitize=False).classes(look)


def button(
    label: str, pressed: Callable[..., object], look: str = "hy-chip", sign: str = "", once: bool = True
) -> ui.element:
    """Something to press, with words and perhaps an icon; a double click is two presses unless ``once``."""
    element = box(look, tag="button", type="button").on("click", pressed, **(ONCE if once else {}))
    with element:
        if sign:
            icon(sign)
        text("span", label)
    return element


def round_button(sign: str, label: str, pressed: Callable[..., object]) -> ui.element:
    """Something to press that shows an icon only; ``label`` is read aloud and shown on hover."""
    element = box("hy-round", tag="button", type="button", title=label, aria_label=label).on("click", pressed)
    with element:
        icon(sign)
    return element


def notice(said: str, wrong: bool = False) -> None:
    """A sentence at the top for some seconds, read aloud as well; ``wrong``: something could not be done."""
    ui.notify(said, position="top", multi_line=True, timeout=8000 if wrong else 5000, classes="wrong" if wrong else "")


@contextlib.contextmanager
def sheet(title: str, look: str = "") -> Iterator[ui.dialog]:
    """A dialog with a title, opened, and gone when it is closed."""
    with ui.dialog() as dialog, box(f"hy-sheet {look}"):
        dialog.props["aria-label"] = title
        with box("hy-line"):
            text("h2", title)
            round_button("close", words.CLOSE, dialog.close).classes("hy-close")
        yield dialog
    dialog.on("hide", dialog.delete)
    dialog.open()


def sure(title: str, explanation: str, label: str, act: Callable[[], object]) -> None:
    """Ask once more before something cannot be taken back."""
    with sheet(title, "narrow") as dialog:
        text("p", explanation, "hy-soft")
        with box("hy-buttons end"):
            button(words.KEEP_IT, dialog.close)

            async def agreed() -> None:
                dialog.close()
                done = act()
                if isinstance(done, Awaitable):
                    await done

            button(label, agreed, "hy-chip danger")
