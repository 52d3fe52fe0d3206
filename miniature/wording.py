"""The miniature's `heying.json`: what its captions can say, as pipeline/diffusion/vocabulary.py reads it."""

import json
from typing import Any

from miniature import presets, scenes
from miniature.scenes import PEOPLE, Thing

GUIDANCE, STEPS = 3.0, 20
DISTANCES = {"": "", "near": "up close", "far": "far away"}
# pictures of this world come to 0.06…0.37, fractal landscapes to 0.55 and more, photos of the real one to 0.69 and more
FAMILIAR = (0.50, 0.02)
THRESHOLDS = {
    # 30 characters in 90 photos: with a concept's own 0.75 and more in 95 of 100, with others of the same kind 0.58 in the
    # middle, 0.68 and less in 3 of 4; the right one is nearest in 9 of 10
    "known": 0.70,
    "doubt": 0.04,
    "pair": 0.6,
    "alike": 0.7,
    "strange": 0.5,
    "fits": 0.78,
    "more": 0.7,  # a thing too many costs more than one overlooked
    # Passers-by are in one picture of seventeen, so the reader seldom says so. Who asks to have them removed has seen some:
    # at these odds .73 of those are found, one of ten pictures without any is taken to have some; at even odds 11 of 60
    "passers": -2.3,
    "below": 2.0,
    # in 20 of 21 photos with somebody half hidden; for one of 308 orders with nobody behind
    "hidden": 1e-3,
}


def world(guidance: float = GUIDANCE, steps: int = STEPS) -> dict[str, Any]:
    """The whole content of `heying.json`. Templates run from every detail of `Thing.phrase` (3) to the bare kind
    (0)."""
    far = "{distance}"
    things = {kind: [f"a {{color}} {kind} {far}"] * 3 + [f"a {kind} {far}"] for kind in scenes.ANIMALS + scenes.OBJECTS}
    for kind in PEOPLE:
        clothes = "{pattern} dress" if kind == "girl" else "{pattern} shirt"
        dressed = f"in a {{color}} {clothes}"
        mood = f"a {{expression}} {kind}"
        hair = f"{mood} with {{hair}} {{hair_color}} hair {dressed}"
        things[kind] = [f"{said} {far}" for said in (f"{hair} {{accessory}}", hair, f"{mood} {dressed}", f"a {kind}")]
    monster = ("a {color} monster with {top} and {eyes}", "a {color} monster", "a monster")
    things["monster"] = [f"{said} {far}" for said in (monster[0], *monster)]
    return {
        "world": "miniature",
        "guidance": guidance,
        "steps": steps,
        "kinds": list(scenes.KINDS),
        "colors": list(scenes.COLORS),
        "styles": {name.replace(" ", "_"): words for name, words in scenes.STYLES.items()},
        "settings": dict(scenes.SETTINGS),
        "positions": {
            place: f"in the {place}" if place == "middle" else f"on the {place}" for place in scenes.POSITIONS
        },
        "things": things,
        "slots": {
            "color": list(scenes.COLORS),
            "hair": list(scenes.HAIR),
            "hair_color": list(scenes.HAIR_COLORS),
            "pattern": list(scenes.PATTERNS),
            "accessory": ["", "with glasses", "with a hat"],
            "expression": list(scenes.EXPRESSIONS),
            "distance": list(DISTANCES.values()),
            "top": list(scenes.TOPS),
            "eyes": [f"{word} {'eye' if number == 1 else 'eyes'}" for number, word in scenes.NUMBERS.items()],
        },
        "around": {"mirror": "by a mirror", "passers": "with people behind"},
        "heights": {kind: scenes.HEIGHTS[kind] for kind in scenes.KINDS},
        "doubling": ["lake", "mirror"],
        "crowd": 3,
        "familiar": list(FAMILIAR),
        "thresholds": THRESHOLDS,
        "presets": presets.presets(),
    }


def text() -> str:
    """That as JSON, an entry of a table a line."""

    def lines(value: Any, margin: str) -> str:
        if not isinstance(value, dict) or not any(isinstance(one, dict) for one in value.values()):
            return json.dumps(value, ensure_ascii=False)
        inner = margin + "  "
        rows = (f"{inner}{json.dumps(key)}: {lines(one, inner)}" for key, one in value.items())
        return "{\n" + ",\n".join(rows) + f"\n{margin}}}"

    return lines(world(), "") + "\n"


def slots(thing: Thing) -> dict[str, str]:
    """A thing's attributes as the slots above."""
    distance = {"distance": DISTANCES[thing.distance]}
    if thing.kind in PEOPLE:
        return distance | {
            "hair": thing.hair,
            "hair_color": thing.hair_color,
            "color": thing.color,
            "pattern": thing.pattern,
            "expression": thing.expression,
            "accessory": {"": "", "glasses": "with glasses", "hat": "with a hat"}[thing.accessory],
        }
    if thing.kind == "monster":
        eyes = f"{scenes.NUMBERS[thing.eyes]} {'eye' if thing.eyes == 1 else 'eyes'}"
        return distance | {"color": thing.color, "top": thing.top, "eyes": eyes}
    return distance | {"color": thing.color}
