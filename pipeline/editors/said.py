"""What an instruction has to say, whatever its language."""

from dataclasses import dataclass

PERSONS = ("person", "pet")


@dataclass(frozen=True, slots=True)
class View:
    """What the editor is shown, as far as somebody looked: how many persons, and which of them is meant (from the left,
    from 0); `persons` is None when nobody looked."""

    persons: int | None = None
    target: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pictured:
    """Pictures that come after the photo: their numbers (from 2), and what they show: "person", "pet", "object" or
    "style" for somebody or something taught, "given" for a picture that the user sent along."""

    numbers: tuple[int, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that an instruction has to say.

    Operation, position, color, style and strength are words of the command schema; target, content and beside are
    phrases in the language of the instruction; None where nothing was said. `part` is the target's part that is meant
    ("hair"), `ordinal` the target's number from `target_position`. `pictured` shows what comes in, `known` whom the
    order is about. `point` is where the user tapped (shares of the photo).
    """

    operation: str
    target: str | None = None
    content: str | None = None
    beside: str | None = None
    position: str | None = None
    target_position: str | None = None
    ordinal: int | None = None
    part: str | None = None
    color: str | None = None
    style: str | None = None
    strength: str = "normal"
    view: View = View()
    pictured: Pictured | None = None
    known: Pictured | None = None
    point: tuple[float, float] | None = None
