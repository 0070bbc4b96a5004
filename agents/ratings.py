"""Strength on the Elo scale with intervals, and a test that stops as soon as enough is known.

Ratings are Bradley and Terry's model (1952, "Rank analysis of incomplete block designs") by maximum likelihood, a draw
counted as half a win and half a loss, with a weak prior as in Coulom's BayesElo: `PRIOR` drawn games of each player
against an average one, so that whoever won every game has a rating. Intervals are from the Fisher information; draws
make results more alike than wins and losses are, so they are, if anything, too wide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SCALE = 400 / math.log(10)
"""Elo points of a unit of log-odds"""
PRIOR = 2.0
_Z = 1.959964


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
    """`elo` with its 95% interval; an anchored player's is a point."""

    name: str
    elo: float
    low: float
    high: float
    games: int
    points: float


def ratings(pairs: Sequence[Pair], anchors: Mapping[str, float] | None = None) -> list[Rating]:
    """The ratings of everybody who has played, the strongest first; their mean is 0 where nobody is anchored.

    Args:
        pairs: results; the same two players may appear more than once, in either order.
        anchors: Elo of players whose strength is known.

    Raises:
        ValueError: an anchored player has not played.
    """
    names = sorted({name for pair in pairs for name in (pair.first, pair.second)})
    place = {name: number for number, name in enumerate(names)}
    anchors = anchors or {}
    for name in anchors:
        if name not in place:
            raise ValueError(f"the anchor {name[:80]!r} has not played")
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
    strength, spread = _fitted(games, points, fixed)
    found = [
        Rating(
            name,
            float(strength[i] * SCALE),
            float((strength[i] - _Z * spread[i]) * SCALE),
            float((strength[i] + _Z * spread[i]) * SCALE),
            int(games[i].sum()),
            float(points[i].sum()),
        )
        for name, i in place.items()
    ]
    return sorted(found, key=lambda rating: (-rating.elo, rating.name))


def _fitted(
    games: NDArray[np.float64], points: NDArray[np.float64], fixed: Mapping[int, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-odds of each player (`[N]`) and their standard deviations, by Newton's method."""
    count = len(games)
    centre = float(np.mean(list(fixed.values()))) if fixed else 0.0
    strength = np.full(count, centre)
    for place, value in fixed.items():
        strength[place] = value
    free = np.array([place not in fixed for place in range(count)], np.bool_)
    covariance = np.zeros((count, count))
    for _ in range(100):
        expected = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
        average = 1 / (1 + np.exp(centre - strength))
        slope = (points - games * expected).sum(1) + PRIOR * (0.5 - average)
        weight = games * expected * (1 - expected)
        information = np.diag(weight.sum(1) + PRIOR * average * (1 - average)) - weight
        covariance[np.ix_(free, free)] = np.linalg.inv(information[np.ix_(free, free)]) if free.any() else 0.0
        step = covariance @ np.where(free, slope, 0.0)
        strength += np.clip(step, -2, 2)
        if np.abs(step).max(initial=0.0) < 1e-10:
            break
    if not fixed and count:
        # only differences are known: the mean is 0, and the spread is that around it
        centring = np.eye(count) - 1 / count
        strength = centring @ strength
        covariance = centring @ covariance @ centring
    return strength, np.sqrt(np.diag(covariance).clip(0))


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
