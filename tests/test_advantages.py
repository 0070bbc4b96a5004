"""Advantages against slow plain loops: stable-baselines3's recursion, sums written out, means by hand."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from training.advantages import (
    BASELINES,
    SCALES,
    discounted_returns,
    generalised_advantages,
    group_advantages,
    minus_baseline,
    undecided,
    whitened,
)

RANDOM = np.random.default_rng(5)


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def chain(n: int) -> tuple[np.ndarray, np.ndarray]:
    """One player's decisions, one after the other."""
    return np.array([*range(1, n), -1]), np.ones(n, np.int64)


@pytest.mark.parametrize("discount", [1.0, 0.9])
@pytest.mark.parametrize("lam", [0.0, 0.7, 1.0])
def test_one_player_as_in_stable_baselines3(discount: float, lam: float) -> None:
    rewards, values = RANDOM.normal(size=(2, 7)).astype(np.float32)
    # stable_baselines3.common.buffers.RolloutBuffer.compute_returns_and_advantage, with the episode over at the end
    expected, last = np.zeros(7), 0.0
    for step in reversed(range(7)):
        non_terminal = 0.0 if step == 6 else 1.0
        next_value = 0.0 if step == 6 else values[step + 1]
        delta = rewards[step] + discount * next_value * non_terminal - values[step]
        last = delta + discount * lam * non_terminal * last
        expected[step] = last
    found = generalised_advantages(rewards, values, *chain(7), discount=discount, lam=lam)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_sides_that_change_by_the_definition() -> None:
    """Equation 16's sum, every term written out, each seen by the player who decides."""
    seats, discount, lam = [0, 1, 1, 0, 1], 0.9, 0.6
    values = RANDOM.normal(size=5).astype(np.float32)
    rewards = floats(0, 0, 0, 0, 1)  # the last decision won
    follows, signs = np.array([1, 2, 3, 4, -1]), np.array([-1, 1, -1, -1, 1])
    expected = []
    for t, me in enumerate(seats):
        total = 0.0
        for k in range(t, 5):
            side = 1 if seats[k] == me else -1
            after = 0.0 if k == 4 else (1 if seats[k + 1] == seats[k] else -1) * values[k + 1]
            total += (discount * lam) ** (k - t) * side * (rewards[k] + discount * after - values[k])
        expected.append(total)
    found = generalised_advantages(rewards, values, follows, signs, discount=discount, lam=lam)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_games_that_lie_between_each_other() -> None:
    """Two games, their decisions mixed, get what each gets alone."""
    rewards, values = RANDOM.normal(size=(2, 6)).astype(np.float32)
    follows, signs = np.array([2, 3, 4, 5, -1, -1]), np.array([-1, 1, -1, 1, 1, 1])
    mixed = generalised_advantages(rewards, values, follows, signs, discount=0.9, lam=0.8)
    for game in (0, 1):
        alone = generalised_advantages(
            rewards[game::2], values[game::2], np.array([1, 2, -1]), signs[game::2], discount=0.9, lam=0.8
        )
        np.testing.assert_allclose(mixed[game::2], alone, rtol=1e-6)


def test_returns_are_discounted_sums() -> None:
    rewards = RANDOM.normal(size=5).astype(np.float32)
    expected = [sum(0.9 ** (k - t) * rewards[k] for k in range(t, 5)) for t in range(5)]
    np.testing.assert_allclose(discounted_returns(rewards, *chain(5), discount=0.9), expected, rtol=1e-5)


def test_a_loss_is_the_other_seats_win() -> None:
    found = discounted_returns(floats(0, 0, 1), np.array([1, 2, -1]), np.array([-1, -1, 1]), discount=0.5)
    assert found.tolist() == [0.25, -0.5, 1.0]


def test_the_baseline_is_subtracted_before_it_moves() -> None:
    baselines = {"first": 0.5}
    found = minus_baseline(floats(1, -1, 0, 1), ["first", "second", "first", "first"], baselines, decay=0.75)
    np.testing.assert_allclose(found, [0.5, -1, -0.5, 0.5])
    assert baselines == pytest.approx({"first": 0.75 * 0.5 + 0.25 * 2 / 3, "second": -0.25})


def test_the_baseline_of_a_seat_is_its_own() -> None:
    """A seat that always wins comes to expect it, and so does the one that always loses."""
    baselines: dict[str, float] = {}
    for _ in range(100):
        found = minus_baseline(floats(1, -1), ["first", "second"], baselines, decay=0.9)
    np.testing.assert_allclose(found, [0, 0], atol=1e-4)


REWARDS, GROUPS = floats(1, 0, -1, 1, 1, 4, 2), np.array([3, 9, 3, 9, 3, 11, 9])
IN = [np.flatnonzero(group == GROUPS) for group in GROUPS]
"""of each reward: the numbers of those in its group"""
WRITTEN_OUT = {
    "group": [REWARDS[mine].mean() for mine in IN],
    "leave-one-out": [REWARDS[mine[mine != i]].mean() if len(mine) > 1 else REWARDS[i] for i, mine in enumerate(IN)],
    "batch": [REWARDS.mean()] * 7,
}
DEVIATIONS = {
    "none": [1.0 - 1e-4] * 7,  # 1e-4 is added below
    "group": [statistics.stdev(REWARDS[mine].tolist()) if len(mine) > 1 else 0 for mine in IN],
    "batch": [statistics.stdev(REWARDS.tolist())] * 7,
}


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("scale", SCALES)
def test_comparisons_one_by_one(baseline: str, scale: str) -> None:
    expected = (REWARDS - np.array(WRITTEN_OUT[baseline])) / (np.array(DEVIATIONS[scale]) + 1e-4)
    found = group_advantages(REWARDS, GROUPS, baseline, scale)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_group_means_by_hand() -> None:
    found = group_advantages(floats(1, 0, -1, 1, 1, 4), np.array([3, 9, 3, 9, 3, 11]))
    np.testing.assert_allclose(found, [2 / 3, -0.5, -4 / 3, 0.5, 2 / 3, 0], atol=1e-6)


def test_a_group_of_equals_teaches_nothing() -> None:
    rewards, groups = floats(1, 1, 0.1, 0.1, 0.1, 7), np.array([0, 0, 1, 1, 1, 5])
    for baseline in ("group", "leave-one-out"):
        for scale in SCALES:
            np.testing.assert_allclose(group_advantages(rewards, groups, baseline, scale), 0, atol=1e-3)
    assert undecided(rewards, groups).all()
    assert undecided(floats(1, 1, 0, 0, 1, 7), groups).tolist() == [True, True, False, False, False, True]


def test_whitened() -> None:
    found = whitened(RANDOM.normal(3, 7, 1000).astype(np.float32))
    assert found.mean() == pytest.approx(0, abs=1e-6)
    assert found.std() == pytest.approx(1, abs=1e-4)
    assert not whitened(floats(2, 2, 2)).any()
