"""What is told of a photo before anybody orders anything: who stands where, and what in it might want changing."""

from typing import Any

import numpy as np

from pipeline.compositing import outlines, who
from pipeline.compositing.frame import slope
from pipeline.compositing.view import View
from pipeline.imaging.color import lab
from pipeline.imaging.geometry import scaled

SMALL = 256  # pixels of the longer side at which light is measured


def facts(view: View) -> dict[str, Any]:
    """`persons` with their outlines (outlines.persons), how many `faces` and `passers` there are, which of the taught are
    `known` in it; `light` (mean lightness, 0…1), `chroma` (mean, 0 is black and white), `tilt` (degrees to the right);
    `bust`: one person, head and shoulders."""
    scene = view.scene
    people = [one for one in scene.instances if one.label == "person"]
    colours = lab(scaled(view.photo, SMALL))
    return {
        "persons": outlines.persons(scene),
        "faces": sum(one.face is not None for one in people),
        "passers": len(who.passers(scene)) if who.group(scene) else 0,
        "known": sorted({one.identity for one in people if one.identity is not None}),
        "bust": len(people) == 1 and people[0].face is not None and people[0].posture == "bust",
        "light": round(float(colours[..., 0].mean()) / 100, 3),
        "chroma": round(float(np.hypot(colours[..., 1], colours[..., 2]).mean()), 1),
        "tilt": round(slope(view.small) or 0.0, 1),
    }
