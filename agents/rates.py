"""Shares with their counts and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""of a two-sided 95% interval"""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of independent trials with its counts and its 95% interval (`wilson`)."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 to 1; NaN of nothing."""
        return self.count / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count, self.of)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count}/{self.of} = {self.value:.1%} ({low:.1%} to {high:.1%})"


def wilson(successes: float, n: float) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson 1927, "Probable inference, the law of succession, and statistical
    inference"); (0, 1) where nothing was tried.
    """
    if n <= 0:
        return 0.0, 1.0
    share, z2 = successes / n, _Z**2
    middle = share + z2 / (2 * n)
    half = _Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # exact at the ends, where rounding would leave the interval a hair off the share itself
    low = 0.0 if successes <= 0 else (middle - half) / (1 + z2 / n)
    high = 1.0 if successes >= n else (middle + half) / (1 + z2 / n)
    return low, high
