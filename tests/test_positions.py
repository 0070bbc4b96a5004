"""The solver's positions: what is stored is true, and training can tell them from all others."""

from __future__ import annotations

import numpy as np
import pytest

from agents.connect_four_solver import solve as solve_connect_four
from agents.perfect import solve
from envs import GAMES
from envs.game import replay, take
from training.positions import (
    ILLEGAL,
    compute,
    connect_four_positions,
    differ,
    held_out_keys,
    is_held_out,
    position_keys,
)

TTT, C4 = GAMES["tic-tac-toe"], GAMES["connect-four"]


def test_the_stored_positions_are_as_described() -> None:
    positions = connect_four_positions()
    lengths = (positions.histories >= 0).sum(1)
    assert set(lengths.tolist()) == set(range(8, 25))
    states = replay(C4, positions.histories)
    assert not C4.done(states).any()
    np.testing.assert_array_equal(positions.scores != ILLEGAL, C4.legal_mask(states))
    assert differ(positions.scores).all()
    assert differ(positions.results).sum() >= 1000
    # no position twice, nor its mirror image: by cells, not by our keys
    cells = C4.cells(states).reshape(len(lengths), 6, 7)
    seen = {min(board.tobytes(), np.ascontiguousarray(board[:, ::-1]).tobytes()) for board in cells}
    assert len(seen) == len(cells)
    # a score never promises a win with more stones than the player has left
    stones_left = (42 - lengths + 1) // 2
    best = positions.scores.max(1)
    assert (np.abs(best) <= stones_left).all()


def test_moves_that_win_at_once_have_the_highest_score() -> None:
    positions = connect_four_positions()
    states = replay(C4, positions.histories)
    lengths = (positions.histories >= 0).sum(1)
    wins = 0
    for column in range(7):
        rows = np.flatnonzero(positions.scores[:, column] != ILLEGAL)
        after = C4.step(take(states, rows), np.full(len(rows), column))
        won = C4.returns(after).any(1)
        # Pons' scale: the stones the winner had left before this one, itself included
        np.testing.assert_array_equal(positions.scores[rows[won], column], 21 - lengths[rows[won]] // 2)
        wins += int(won.sum())
    assert wins > 100


def test_a_sample_is_solved_again() -> None:
    pytest.importorskip("bitbully")
    positions = connect_four_positions()
    sample = np.random.default_rng(0).choice(len(positions.scores), 60, replace=False)
    np.testing.assert_array_equal(solve_connect_four(positions.histories[sample]), positions.scores[sample])


def test_the_set_is_what_its_generator_makes() -> None:
    pytest.importorskip("bitbully")
    made, stored = compute(C4, wanted=8), connect_four_positions()
    # more candidates are drawn for a larger set, but each from its own address
    assert differ(made.results).sum() == 8
    for history, scores in zip(made.histories, made.scores, strict=True):
        (row,) = np.flatnonzero((stored.histories == history).all(1))
        np.testing.assert_array_equal(stored.scores[row], scores)


# Held out


def test_held_out_positions_are_known_in_any_order_and_mirrored() -> None:
    positions = connect_four_positions()
    states = replay(C4, positions.histories)
    assert is_held_out(C4, states).all()
    assert len(held_out_keys(C4)) == len(positions.scores)
    mirrored = np.where(positions.histories >= 0, 6 - positions.histories, -1)
    assert is_held_out(C4, replay(C4, mirrored)).all()
    # the same position by another order of the first player's moves, where that can be played
    swapped = positions.histories.copy()
    swapped[:, [0, 2]] = swapped[:, [2, 0]]
    other = replay(C4, swapped)
    same = (other.own == states.own) & (other.other == states.other)
    assert same.sum() > 500
    assert is_held_out(C4, take(other, same)).all()


def test_other_positions_are_not_held_out() -> None:
    positions = connect_four_positions()
    earlier = positions.histories.copy()
    earlier[np.arange(len(earlier)), (earlier >= 0).sum(1) - 1] = -1
    states = replay(C4, earlier)
    boards = {b.tobytes() for b in C4.cells(replay(C4, positions.histories))}
    boards |= {np.ascontiguousarray(b[:, ::-1]).tobytes() for b in C4.cells(replay(C4, positions.histories))}
    expected = [board.tobytes() in boards for board in C4.cells(states)]
    np.testing.assert_array_equal(is_held_out(C4, states), expected)
    assert sum(expected) < 20
    assert not is_held_out(TTT, TTT.initial(3)).any()
    assert held_out_keys(TTT).shape == (0,)


def test_keys_tell_positions_apart_up_to_symmetry() -> None:
    solution = solve(TTT)
    keys = position_keys(TTT, solution.states)
    # 765 positions up to symmetry (Schaefer 2002), of which 138 are over
    assert len(np.unique(keys)) == 765 - 138
    for symmetry in TTT.symmetries:
        turned = np.where(solution.histories >= 0, np.array(symmetry)[solution.histories], -1)
        np.testing.assert_array_equal(position_keys(TTT, replay(TTT, turned)), keys)
    assert position_keys(C4, C4.initial(2)).tolist() == [0, 0]
