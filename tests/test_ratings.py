"""Ratings against another method and simulated players, the sequential test against its error rates."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

from agents.rates import student
from agents.ratings import PRIOR, SCALE, Pair, Sequential, expected, openskill_ratings, ratings, sprt

PAIRS = [Pair("a", "b", 6, 2, 2), Pair("b", "c", 5, 5, 0), Pair("c", "a", 1, 3, 6), Pair("b", "a", 3, 1, 1)]


def test_they_maximise_the_likelihood() -> None:
    def loss(strengths: np.ndarray) -> float:
        a = dict(zip("abc", strengths, strict=True))
        total = 0.0
        for pair in PAIRS:
            p = 1 / (1 + math.exp(a[pair.second] - a[pair.first]))
            total -= (pair.won + pair.drawn / 2) * math.log(p) + (pair.lost + pair.drawn / 2) * math.log(1 - p)
        # the prior: drawn games against an average player
        return total - sum(PRIOR / 2 * (-2 * math.log(1 + math.exp(-s)) - s) for s in strengths)

    found = minimize(loss, np.zeros(3), tol=1e-12).x
    ours = {rating.name: rating.elo / SCALE for rating in ratings(PAIRS)}
    assert [ours[name] - ours["a"] for name in "abc"] == pytest.approx(list(found - found[0]), abs=1e-4)
    assert sum(ours.values()) == pytest.approx(0)


def test_an_even_score_of_75_percent_is_191_elo() -> None:
    # of many games, so that the prior no longer counts: 400 log10(3)
    strong, weak = ratings([Pair("x", "y", 75_000, 0, 25_000)])
    assert strong.elo - weak.elo == pytest.approx(400 * math.log10(3), abs=0.1)
    assert expected(400 * math.log10(3)) == pytest.approx(0.75)


def test_anchors_stay_where_they_are() -> None:
    found = {rating.name: rating for rating in ratings(PAIRS, {"c": 1500.0})}
    assert (found["c"].elo, found["c"].low, found["c"].high) == (1500, 1500, 1500)
    free = {rating.name: rating.elo for rating in ratings(PAIRS)}
    assert found["a"].elo > 1500
    assert found["a"].elo - found["b"].elo == pytest.approx(free["a"] - free["b"], abs=30)
    assert ratings(PAIRS, {"nobody": 1.0}) == ratings(PAIRS)


def test_whoever_won_everything_has_a_rating() -> None:
    best, worst = ratings([Pair("best", "worst", 10, 0, 0)])
    assert math.isfinite(best.elo)
    assert best.low > worst.high
    assert (best.high, worst.low) == (math.inf, -math.inf)
    assert (best.interval, worst.interval) == (f"{best.low:.0f} or more", f"{worst.high:.0f} or less")
    json.loads(json.dumps([best.to_data(), worst.to_data()], allow_nan=False))
    assert (best.points, best.games) == (10, 10)
    assert ratings([]) == []


def simulated(rng: np.random.Generator, elos: dict[str, float], games: int) -> list[Pair]:
    names = list(elos)
    found = []
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            wins = int(rng.binomial(games, expected(elos[a] - elos[b])))
            found.append(Pair(a, b, wins, 0, games - wins))
    return found


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    elos = {"a": 150.0, "b": 40.0, "c": -60.0, "d": -130.0}
    held = total = 0
    for _ in range(150):
        for rating in ratings(simulated(rng, elos, 60)):
            held += rating.low <= elos[rating.name] <= rating.high
            total += 1
    assert 0.92 <= held / total <= 0.99


@pytest.mark.parametrize(
    ("games", "difference"), [(4, 0), (4, 800), (10, 0), (10, 600), (10, 1200), (50, 300), (50, 1200)]
)
def test_of_few_and_of_one_sided_games_as_well(games: int, difference: float) -> None:
    rng = np.random.default_rng(games)
    held = total = 0
    for wins, count in Counter(rng.binomial(games, expected(difference), 1000).tolist()).items():
        (a,) = (rating for rating in ratings([Pair("a", "b", wins, 0, games - wins)]) if rating.name == "a")
        held += count * (a.low <= difference / 2 <= a.high)
        total += count
    assert held / total >= 0.93


def test_the_interval_of_two_players_is_that_of_their_share() -> None:
    # without a draw the likelihood is a binomial's; its interval, solved for by another library
    wins, games, elo = 34, 50, 400 / math.log(10)
    fall = student(games - 1) ** 2 / 2

    def falls(difference: float) -> float:
        told = [
            wins * math.log(expected(d * elo)) + (games - wins) * math.log(1 - expected(d * elo))
            for d in (best, difference)
        ]
        return told[0] - told[1] - fall

    best = math.log(wins / (games - wins))
    low, high = (brentq(falls, best, best + way) * elo / 2 for way in (-3, 3))
    (a,) = (rating for rating in ratings([Pair("a", "b", wins, 0, games - wins)]) if rating.name == "a")
    assert (a.low, a.high) == pytest.approx((low, high), abs=0.1)


def test_openskill_ranks_alike() -> None:
    pytest.importorskip("openskill")
    rng = np.random.default_rng(2)
    elos = {"a": 300.0, "b": 0.0, "c": -300.0}
    games = []
    for _ in range(150):
        first, second = rng.choice(list(elos), 2, replace=False).tolist()
        games.append((first, second, float(rng.random() < expected(elos[first] - elos[second]))))
    pairs = [Pair(first, second, int(score), 0, int(1 - score)) for first, second, score in games]
    assert [r.name for r in openskill_ratings(games)] == [r.name for r in ratings(pairs)] == ["a", "b", "c"]


def test_the_bounds_are_wald_s() -> None:
    test = sprt([0.5] * 10, 0, 10)
    assert (test.low, test.high) == pytest.approx((math.log(0.05 / 0.95), math.log(0.95 / 0.05)))
    assert test.decision == ""
    assert Sequential(3.0, -2.9, 2.9).decision == "H1"
    assert Sequential(-3.0, -2.9, 2.9).decision == "H0"


def test_the_ratio_is_that_of_the_published_approximation() -> None:
    # 400 games, 55% of the points in wins and losses alone: recomputed from the formula
    scores = [1.0] * 220 + [0.0] * 180
    variance = np.var([*scores, 0.0, 0.5, 1.0])
    s0, s1 = expected(0), expected(20)
    assert sprt(scores, 0, 20).llr == pytest.approx(400 * (s1 - s0) * (2 * 0.55 - s0 - s1) / (2 * variance))


@pytest.mark.parametrize(("elo", "wanted"), [(0.0, "H0"), (60.0, "H1")])
def test_its_errors_are_as_rare_as_it_says(elo: float, wanted: str) -> None:
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(100):
        scores: list[float] = []
        while not (decision := sprt(scores, 0, 60).decision):
            scores += (rng.random(10) < expected(elo)).astype(float).tolist()
            assert len(scores) < 5000
        wrong += decision != wanted
    # 5% of 100, and what chance adds to it
    assert wrong <= 10
