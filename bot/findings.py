"""What an examination of this machine finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` was looked at, whether it is ``well``, and what to know or to do."""

    what: str
    well: bool
    sentence: str
