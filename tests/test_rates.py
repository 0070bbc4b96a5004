"""Means over games, and Student's t, against published tables and a simulation."""

from __future__ import annotations

from math import inf, isnan

import numpy as np
import pytest

from agents.rates import mean_of, student

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
