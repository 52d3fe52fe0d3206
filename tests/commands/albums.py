"""How well it is told which of several photos somebody shall come into, and who: ``python -m tests.commands.albums FILE…``.

A line is {"text", "photos", "scene", "who", "position"}: the index of the photo to be changed, what the absent one is called and
where they shall stand, null where the words do not say; or {"text", "photos", "other": true} for another order, or none.
"""

import argparse
import json
from pathlib import Path

from bot import parser, strangers
from bot.language import album


def main() -> None:
    """Print the shares."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="+", type=Path)
    for file in arguments.parse_args().files:
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        print(f"{file.name}: {figures(lines)}")


def figures(lines: list[dict[str, object]]) -> str:
    """The scene, the name and the place as they are told, and how often they are told wrong rather than asked for."""
    told = dict.fromkeys(
        ("scene", "another scene", "who", "somebody else", "comes in", "place", "all", "others taken"), 0
    )
    absent = [line for line in lines if not line.get("other")]
    for line in lines:
        text, photos = str(line["text"]), int(str(line["photos"]))
        scene, who, place, comes = read(text, photos)
        if line.get("other"):
            told["others taken"] += comes and scene is not None
            continue
        named = album.called(str(line["who"])) if line["who"] else None
        right = scene == line["scene"], who == named, comes
        told["scene"] += right[0]
        told["another scene"] += not right[0] and scene is not None
        told["who"] += right[1]
        told["somebody else"] += not right[1] and who is not None
        told["comes in"] += comes
        told["place"] += comes and place == line["position"]
        told["all"] += all(right)
    return f"of {len(absent)}: " + ", ".join(f"{name} {count}" for name, count in told.items())


def read(text: str, photos: int) -> tuple[int | None, str | None, str | None, bool]:
    """The scene, who comes in, where, and whether anybody does."""
    said = album.read(text, photos)
    plan = parser.parse(said.rest if said.told else text, (), photos)
    if said.told and plan.intent in ("chat", "edit"):
        plan = strangers.coming(plan, said, said.rest)
    steps = [step for step in plan.steps if step.operation in strangers.COMING]
    who = album.called(steps[0].content) if steps and steps[0].content else None
    return said.scene, who, steps[0].position if steps else None, bool(steps)


if __name__ == "__main__":
    main()
