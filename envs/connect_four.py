"""Connect Four: seven columns of six cells, numbered 1 to 7; four in a row, column or diagonal wins.

Two 64-bit boards a game, seven bits a column (six cells and a sentinel that keeps shifts from running into the
next column), as in John Tromp's Fhourstones: a win is four shift tests over the whole batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.game import LOSS, Bools, Floats, Ints, checked
from envs.reply import Verdict, judge_moves

ROWS, COLUMNS = 6, 7
_ONE = np.uint64(1)
_BOTTOM = _ONE << (np.arange(COLUMNS, dtype=np.uint64) * np.uint64(7))
_TOP = _BOTTOM << np.uint64(ROWS - 1)
_ALL_TOPS = np.bitwise_or.reduce(_TOP)
# [rows, columns], the top row first
_CELL_BITS = np.stack([_BOTTOM << np.uint64(row) for row in reversed(range(ROWS))])


class State(NamedTuple):
    own: NDArray[np.uint64]
    """`[B]`: the stones of the player to move."""
    other: NDArray[np.uint64]
    """`[B]`: the stones of the player who moved last."""
    ply: NDArray[np.int8]
    """`[B]`: moves played."""
    won: Bools
    """`[B]`: the player who moved last has four in a row."""


def _four_in_a_row(board: NDArray[np.uint64]) -> Bools:
    found = np.zeros_like(board)
    for shift in (np.uint64(1), np.uint64(7), np.uint64(6), np.uint64(8)):
        pairs = board & (board >> shift)
        found |= pairs & (pairs >> (shift + shift))
    won: Bools = found != 0
    return won


class ConnectFour:
    name = "connect-four"
    moves = tuple("1234567")
    max_plies = ROWS * COLUMNS
    forfeit = LOSS
    shape = (ROWS, COLUMNS)
    # read by columns, each from the bottom up: stones never float, so few different columns exist
    lines: Ints = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)[::-1].T.copy()
    symmetries: tuple[tuple[int, ...], ...] = (tuple(range(7)), tuple(reversed(range(7))))

    def initial(self, batch: int) -> State:
        empty = np.zeros(batch, np.uint64)
        return State(empty, empty.copy(), np.zeros(batch, np.int8), np.zeros(batch, bool))

    def to_move(self, state: State) -> Ints:
        return (state.ply & 1).astype(np.int64)

    def legal_mask(self, state: State) -> Bools:
        stones = np.where(state.won, _ALL_TOPS, state.own | state.other)
        free: Bools = (stones[:, None] & _TOP) == 0
        return free

    def judge(self, state: State, replies: Sequence[str]) -> list[Verdict]:
        return judge_moves(self.moves, self.legal_mask(state), replies)

    def step(self, state: State, actions: Ints) -> State:
        over = self.done(state)
        actions = checked(self, over, actions)
        stones = state.own | state.other
        illegal = ((stones & _TOP[actions]) != 0) & ~over
        if illegal.any():
            game = int(illegal.argmax())
            raise ValueError(f"game {game}: column {self.moves[int(actions[game])]} is full")
        bottom = _BOTTOM[actions]
        # adding one at the bottom carries through the stones to the first empty cell
        moved = state.own | ((stones + bottom) & ~stones & (bottom * np.uint64(127)))
        if not over.any():
            return State(state.other, moved, state.ply + np.int8(1), _four_in_a_row(moved))
        return State(
            np.where(over, state.own, state.other),
            np.where(over, state.other, moved),
            state.ply + ~over,
            np.where(over, state.won, _four_in_a_row(moved)),
        )

    def done(self, state: State) -> Bools:
        full: Bools = state.ply == self.max_plies
        return state.won | full

    def returns(self, state: State) -> Floats:
        last = state.won.astype(np.float32)
        first = np.where(state.ply & 1, last, -last)
        return np.stack([first, -first], 1)

    def cells(self, state: State) -> NDArray[np.int8]:
        own = (state.own[:, None, None] & _CELL_BITS) != 0
        other = (state.other[:, None, None] & _CELL_BITS) != 0
        mover = (state.ply & 1)[:, None, None]
        stones: NDArray[np.int8] = (own * (1 + mover) + other * (2 - mover)).astype(np.int8)
        return stones
