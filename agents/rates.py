"""Shares and means with their counts and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, pi, sqrt, tan

_Z = 1.959964
"""of a two-sided 95% interval"""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of trials with its counts and its 95% interval (`wilson`)."""

    count: int
    of: int
    worth: float = field(default=-1.0, compare=False)
    """independent trials; all of them where it is below 0"""

    @property
    def value(self) -> float:
        """The share, 0 to 1; NaN of nothing."""
        return self.count / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        worth = self.of if self.worth < 0 else self.worth
        return wilson(self.value * worth if self.of else 0, worth)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count}/{self.of} = {self.value:.1%} ({low:.1%} to {high:.1%})"


@dataclass(frozen=True, slots=True)
class Mean:
    """A sum divided by a count, both added up over games: `total / of`, with the 95% interval of `mean_of`."""

    total: float
    of: float
    interval: tuple[float, float]

    @property
    def value(self) -> float:
        """The mean; NaN of nothing."""
        return self.total / self.of if self.of else float("nan")

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.total:g}/{self.of:g} = {self.value:.3g} ({low:.3g} to {high:.3g})"


def clustered(counts: Sequence[int], of: Sequence[int]) -> Rate:
    """The share of what happened in games, one of each for each game: moves of one game are not independent.

    Wilson's interval for `of` divided by the design effect, the variance over games by that of independent trials
    (Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data"), never below 1. Where all or none happened there is no variance to tell by, and a game
    counts once.
    """
    pairs = [(count, tried) for count, tried in zip(counts, of, strict=True) if tried]
    count, tried, games = sum(c for c, _ in pairs), sum(t for _, t in pairs), len(pairs)
    if count in (0, tried) or games < 2:
        return Rate(count, tried, games)
    share = count / tried
    variance = games / (games - 1) * sum((c - share * t) ** 2 for c, t in pairs) / tried**2
    effect = variance / (share * (1 - share) / tried)
    return Rate(count, tried, tried / max(1.0, effect))


def mean_of(totals: Sequence[float], counts: Sequence[float]) -> Mean:
    """The sum of `totals` by that of `counts`, one of each for each game: moves of one game are not independent.

    The interval is Student's t over the games, with the variance of a ratio (Cochran 1977, "Sampling techniques",
    eq. 6.13): unbounded below two games that count.
    """
    pairs = [(total, count) for total, count in zip(totals, counts, strict=True) if count]
    total, count, games = sum(t for t, _ in pairs), sum(c for _, c in pairs), len(pairs)
    if games < 2:
        return Mean(total, count, (-inf, inf))
    mean = total / count
    variance = games / (games - 1) * sum((t - mean * c) ** 2 for t, c in pairs) / count**2
    half = student(games - 1) * sqrt(variance)
    return Mean(total, count, (mean - half, mean + half))


def student(freedom: int) -> float:
    """The 97.5% point of Student's t, within 0.2% (for three degrees of freedom or more by the expansion of
    Abramowitz and Stegun 1964, "Handbook of mathematical functions", 26.7.5).
    """
    if freedom == 1:
        return tan(pi * 0.475)
    if freedom == 2:
        return 0.95 * sqrt(2 / (1 - 0.95**2))
    z, v = _Z, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


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
