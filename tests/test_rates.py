"""Means over games, and Student's t, against published tables and a simulation."""

from __future__ import annotations

from math import inf, isnan

import numpy as np
import pytest

from agents.rates import clustered, mean_of, student, wilson

# Fisher and Yates (1963), "Statistical tables", table III: two-sided 5%
TABLE = {
    1: 12.706,
    2: 4.303,
    3: 3.182,
    4: 2.776,
    5: 2.571,
    6: 2.447,
    8: 2.306,
    10: 2.228,
    20: 2.086,
    30: 2.042,
    60: 2.0,
}


@pytest.mark.parametrize(("freedom", "point"), TABLE.items())
def test_student_is_the_published_table(freedom: int, point: float) -> None:
    assert student(freedom) == pytest.approx(point, rel=2e-3)


def test_a_mean_over_games_by_hand() -> None:
    mean = mean_of([1, 2, 3], [1, 1, 1])
    assert (mean.total, mean.of, mean.value) == (6, 3, 2)
    # the standard error of 1, 2, 3 is 1 / sqrt(3)
    assert mean.interval == pytest.approx((2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5), rel=2e-3)
    assert str(mean).startswith("6/3 = 2 (-0.4")
    assert mean_of([4, 0], [2, 0]).interval == (-inf, inf), "one game that counts says nothing of others"
    assert isnan(mean_of([], []).value)


def test_the_interval_of_moves_that_depend_on_their_game_holds_the_truth_as_often_as_it_says() -> None:
    draw, held = np.random.default_rng(0), 0
    for _ in range(1000):
        counts = draw.integers(10, 60, 30)
        # a game's own level, and then its moves
        totals = counts * draw.normal(50, 20, 30) + draw.normal(0, 10, 30) * np.sqrt(counts)
        low, high = mean_of(totals.tolist(), counts.tolist()).interval
        held += low <= 50 <= high
    assert 925 <= held <= 970


def test_trials_of_one_game_hold_the_truth_as_often_as_the_interval_says() -> None:
    """Players differ from game to game; Wilson's interval for independent moves would be far too narrow."""
    rng = np.random.default_rng(5)
    held = plain = 0
    for _ in range(400):
        shares = rng.choice([0.05, 0.55], 40)
        counts = rng.binomial(30, shares).tolist()
        low, high = clustered(counts, [30] * 40).interval
        held += low <= 0.3 <= high
        low, high = wilson(sum(counts), 1200)
        plain += low <= 0.3 <= high
    assert held >= 0.92 * 400
    assert plain <= 0.6 * 400


def test_of_all_or_nothing_a_game_counts_once() -> None:
    assert clustered([0, 0, 0], [50, 1, 9]).interval == wilson(0, 3)
    assert clustered([7, 3], [7, 3]).interval == wilson(2, 2)
    assert clustered([1], [4]).interval == wilson(1 / 4, 1)
    assert not clustered([], []).of
