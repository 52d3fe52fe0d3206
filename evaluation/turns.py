"""In which order cases and methods are taken when the clock decides how many there will be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

Teams = Mapping[str, Sequence[str]]  # suite → methods
Turn = tuple[str, int, str]  # suite, number of the case, method


@dataclass
class InTurn:
    """All suites and methods side by side, for a run that will be ended by the clock: who has had least comes next.

    A method that takes a hundred times as long as another gets a tenth of its cases: so slow ones do not starve, and do
    not eat everything either. Every method takes its cases in the same order, so any two have the first ones in common.
    """

    teams: Teams
    count: int
    _had: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Turn]:
        pairs = [(suite, method) for suite, team in self.teams.items() for method in team]
        while waiting := [pair for pair in pairs if self._had.get(pair, (0, 0.0))[0] < self.count]:
            suite, method = min(waiting, key=self._share)
            number, seconds = self._had.get((suite, method), (0, 0.0))
            self._had[suite, method] = number + 1, seconds
            yield suite, number, method

    def took(self, suite: str, method: str, seconds: float) -> None:
        """Say what the last turn cost (when it was measured earlier: what it cost then)."""
        number, so_far = self._had[suite, method]
        self._had[suite, method] = number, so_far + seconds

    def _share(self, pair: tuple[str, str]) -> float:
        number, seconds = self._had.get(pair, (0, 0.0))
        return number * sqrt(max(seconds / number, 0.01)) if number else -1.0
