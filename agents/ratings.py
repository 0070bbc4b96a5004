"""Strength on the Elo scale with intervals, and a test that stops as soon as enough is known.

Ratings are Bradley and Terry's model (1952, "Rank analysis of incomplete block designs") by maximum likelihood, a draw
counted as half a win and half a loss, with a weak prior as in Coulom's BayesElo: `PRIOR` drawn games of each player
against an average one, so that whoever won every game has a rating. Intervals are of the profile likelihood, without
the prior (Venzon and Moolgavkar 1988, "A method for computing profile-likelihood-based confidence intervals"): of who
won or lost every game, one end is open. Many draws make them too wide, since those are more alike than wins and losses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.rates import student

SCALE = 400 / math.log(10)
"""Elo points of a unit of log-odds"""
PRIOR = 2.0
_Z = 1.959964
_TINY = 1e-3
"""drawn games against an average player, so that whoever else won everything has a strength while one is looked at"""
_FAR = 16.0
"""from the best strength to where an interval is called open, in log-odds: 2,800 Elo"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Games of two players, as the first one sees them."""

    first: str
    second: str
    won: int = 0
    drawn: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Rating:
    """`elo` with its 95% interval, open to one side of who won or lost every game; an anchored player's is a point."""

    name: str
    elo: float
    low: float
    high: float
    games: int
    points: float

    @property
    def interval(self) -> str:
        """As it is told: `-20 to 130`, `270 or more`."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"{self.low:.0f} to {self.high:.0f}"
        if math.isfinite(self.low):
            return f"{self.low:.0f} or more"
        return f"{self.high:.0f} or less" if math.isfinite(self.high) else "unknown"

    def to_data(self) -> dict[str, Any]:
        """As plain JSON data; an open end is null."""
        low, high = (end if math.isfinite(end) else None for end in (self.low, self.high))
        return {**asdict(self), "low": low, "high": high, "interval": self.interval}


def ratings(pairs: Sequence[Pair], anchors: Mapping[str, float] | None = None) -> list[Rating]:
    """The ratings of everybody who has played, the strongest first; their mean is 0 where nobody is anchored.

    Args:
        pairs: results; the same two players may appear more than once, in either order.
        anchors: Elo of players whose strength is known; who has not played is passed over.
    """
    names = sorted({name for pair in pairs for name in (pair.first, pair.second)})
    place = {name: number for number, name in enumerate(names)}
    anchors = {name: elo for name, elo in (anchors or {}).items() if name in place}
    games, points = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    for pair in pairs:
        a, b = place[pair.first], place[pair.second]
        if a == b:
            continue
        played = pair.won + pair.drawn + pair.lost
        games[a, b] += played
        games[b, a] += played
        points[a, b] += pair.won + pair.drawn / 2
        points[b, a] += pair.lost + pair.drawn / 2
    fixed = {place[name]: elo / SCALE for name, elo in anchors.items()}
    strength = _fitted(games, points, fixed)
    found = []
    for name, i in place.items():
        low, high = (strength[i], strength[i]) if i in fixed else _interval(points, fixed, i, strength[i])
        elo, low, high = (float(value * SCALE) for value in (strength[i], low, high))
        found.append(Rating(name, elo, low, high, int(games[i].sum()), float(points[i].sum())))
    return sorted(found, key=lambda rating: (-rating.elo, rating.name))


def _fitted(games: NDArray[np.float64], points: NDArray[np.float64], fixed: Mapping[int, float]) -> NDArray[np.float64]:
    """Log-odds of each player (`[N]`) with the prior, by Newton's method."""
    count = len(games)
    centre = float(np.mean(list(fixed.values()))) if fixed else 0.0
    strength = np.full(count, centre)
    for place, value in fixed.items():
        strength[place] = value
    free = np.array([place not in fixed for place in range(count)], np.bool_)
    for _ in range(100):
        expected = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
        average = 1 / (1 + np.exp(centre - strength))
        slope = (points - games * expected).sum(1) + PRIOR * (0.5 - average)
        weight = games * expected * (1 - expected)
        information = np.diag(weight.sum(1) + PRIOR * average * (1 - average)) - weight
        step = np.zeros(count)
        step[free] = np.linalg.solve(information[np.ix_(free, free)], slope[free])
        strength += np.clip(step, -2, 2)
        if np.abs(step).max(initial=0.0) < 1e-10:
            break
    # only differences are known: the mean is 0
    return strength if fixed or not count else strength - strength.mean()


def _interval(
    points: NDArray[np.float64], fixed: Mapping[int, float], player: int, middle: float
) -> tuple[float, float]:
    """Where the likelihood of a player's strength, all others' at their best, is near the highest.

    By how much its logarithm may fall is half of the square of Student's t for the player's games, which a simulation
    of few games asks for: with the normal's, 10 games of equals hold the truth in 88% of cases, so in 95% or more.
    """
    count = len(points)
    played = int((points + points.T)[player].sum())
    if played < 2:
        return -math.inf, math.inf
    drop = student(played - 1) ** 2 / 2
    base = np.full(count, np.mean(list(fixed.values())) if fixed else 0.0)
    for place, value in fixed.items():
        base[place] = value
    free = [place for place in range(count) if place not in fixed]
    top = _highest(points, base, np.eye(count)[:, free])
    # the others alone vary; where nobody is fixed, the player is held at a distance from their mean
    others = [place for place in free if place != player]
    ways = np.eye(count)[:, others]
    if not fixed and others:
        ways[player] = 1 / len(others)

    def falls(strength: float) -> float:
        held = base.copy()
        held[player] = strength if fixed or count < 2 else strength * count / (count - 1)
        return top - _highest(points, held, ways) - drop

    return _crossing(falls, middle, -1), _crossing(falls, middle, 1)


def _crossing(falls: Callable[[float], float], middle: float, sign: int) -> float:
    """Where `falls` becomes positive from `middle` on, within a tenth of an Elo point; infinity where it does not."""
    inner, outer = 0.0, 0.25
    while falls(middle + sign * outer) <= 0:
        inner, outer = outer, outer * 2
        if inner >= _FAR:
            return sign * math.inf
    while outer - inner > 5e-4:
        half = (inner + outer) / 2
        inner, outer = (half, outer) if falls(middle + sign * half) <= 0 else (inner, half)
    return middle + sign * outer


def _highest(points: NDArray[np.float64], base: NDArray[np.float64], ways: NDArray[np.float64]) -> float:
    """The logarithm of the highest likelihood of strengths (`[N]`) of the form `base + ways @ u`."""
    games, count = points + points.T, len(points)
    u = np.zeros(ways.shape[1])
    strength = base + ways @ u
    for _ in range(100):
        expected = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
        average = 1 / (1 + np.exp(-(strength - base)))
        slope = (points - games * expected).sum(1) + _TINY * (0.5 - average)
        weight = games * expected * (1 - expected)
        information = np.diag(weight.sum(1) + _TINY * average * (1 - average)) - weight
        if not u.size:
            break
        step = np.linalg.solve(ways.T @ information @ ways + 1e-9 * np.eye(u.size), ways.T @ slope)
        u += np.clip(step, -1, 1)
        strength = base + ways @ u
        if np.abs(step).max() < 1e-7:
            break
    told = points * -np.logaddexp(0, strength[None, :] - strength[:, None])
    return float(told[~np.eye(count, dtype=bool)].sum())


def expected(difference: float) -> float:
    """The expected score of a player stronger by `difference` Elo points."""
    return 1 / (1 + 10 ** (-difference / 400))


@dataclass(frozen=True, slots=True)
class Sequential:
    """A sequential test: go on while `llr` is between the bounds; above `high` H1 is taken, below `low` H0."""

    llr: float
    low: float
    high: float

    @property
    def decision(self) -> str:
        """`H0`, `H1`, or nothing yet."""
        return "H1" if self.llr >= self.high else "H0" if self.llr <= self.low else ""


def sprt(scores: Sequence[float], elo0: float, elo1: float, *, alpha: float = 0.05, beta: float = 0.05) -> Sequential:
    """Whether a player is better by `elo1` (H1) or only by `elo0` (H0), from the scores of games or of pairs, 0 to 1.

    Wald's bounds (1945, "Sequential tests of statistical hypotheses") for the generalised likelihood ratio in Van den
    Bergh's normal approximation (2020, "A practical introduction to the GSPRT", eq. for the mean):
    `n (s1 - s0) (2 mean - s0 - s1) / (2 variance)`. Pairs with swapped colours go in as one score each, whose
    variance then is that of pairs.
    """
    low, high = math.log(beta / (1 - alpha)), math.log((1 - beta) / alpha)
    if len(scores) < 2:
        return Sequential(0.0, low, high)
    values = np.asarray(scores, np.float64)
    # half a game each way keeps the variance of a few like results from being 0
    padded = np.concatenate([values, [0.0, 0.5, 1.0]])
    variance = float(padded.var())
    s0, s1 = expected(elo0), expected(elo1)
    llr = len(values) * (s1 - s0) * (2 * float(values.mean()) - s0 - s1) / (2 * variance)
    return Sequential(llr, low, high)


def openskill_ratings(games: Sequence[tuple[str, str, float]]) -> list[Rating]:
    """Games (first, second, the first one's score), in their order, rated by `openskill` for comparison.

    Weng and Lin's Plackett-Luce model (2011, "A Bayesian approximation method for online ranking"), scaled to a mean of
    0. It reads the games one after the other, so their order counts.

    Raises:
        RuntimeError: it is not installed.
    """
    try:
        from openskill.models import PlackettLuce
    except ImportError as error:
        raise RuntimeError("the second rating needs openskill: pip install 'xueba[arena]'") from error
    model = PlackettLuce()
    known = {name: model.rating(name=name) for game in games for name in game[:2]}
    points: dict[str, list[float]] = {name: [] for name in known}
    for first, second, score in games:
        rated = model.rate([[known[first]], [known[second]]], scores=[score, 1 - score])
        [[known[first]], [known[second]]] = rated
        points[first].append(score)
        points[second].append(1 - score)
    mean = float(np.mean([rating.mu for rating in known.values()])) if known else 0.0
    # a difference of one beta is a win probability of about 73%, which is 175 Elo points
    unit = 175 / model.beta
    found = []
    for name, rating in known.items():
        elo, half = (rating.mu - mean) * unit, _Z * rating.sigma * unit
        found.append(Rating(name, elo, elo - half, elo + half, len(points[name]), sum(points[name])))
    return sorted(found, key=lambda rating: (-rating.elo, rating.name))
