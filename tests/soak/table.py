"""What was measured, as lines of one table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of what, and what came of it."""

    what: str
    count: int
    told: str

    def line(self) -> str:
        """As a line of the table."""
        return f"| {self.what} | {self.count} | {self.told} |"
