"""The tools with which somebody points into a photo: tap, lasso, brush, eraser, the size of the brush, one step back.

Which tool is in hand is the browser's alone (look/point.js): a stroke names its tool.
"""

from collections.abc import Callable

from bot.platforms.web import words
from bot.platforms.web.elements import box, icon, text

SIGNS = {"tap": "point", "lasso": "lasso", "brush": "brush", "erase": "eraser"}
RADII = {"min": "2", "max": "60", "value": "16", "step": "1"}  # thousandths·2 of the photo's longer side


def draw(undo: Callable[[], object]) -> None:
    """The toolbar of a sheet to point in; ``undo`` takes the last step back."""
    with box("hy-tools", role="toolbar", aria_label=words.POINT_TOOLS):
        with box("hy-segments", role="group", aria_label=words.POINT_TOOLS):
            for tool, label in words.TOOLS.items():
                pressed = "true" if tool == "tap" else "false"
                how = words.TOOL_HINTS[tool]
                with box(
                    "", tag="button", type="button", data_tool=tool, data_how=how, title=how, aria_pressed=pressed
                ):
                    icon(SIGNS[tool])
                    text("span", label)
        with box("hy-thick", tag="label", hidden=""):
            text("span", words.BRUSH_SIZE)
            box("", tag="input", type="range", aria_label=words.BRUSH_SIZE, **RADII)
        with box("hy-small hy-step-back", tag="button", type="button", title=words.STEP_BACK).on("click", undo):
            icon("undo")
            text("span", words.STEP_BACK)
