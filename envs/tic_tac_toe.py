"""Tic-tac-toe: nine cells, numbered 1 to 9 in reading order; three in a row wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.game import LOSS, Bools, Floats, Ints, checked
from envs.reply import Verdict, judge_moves

_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
_WINS = np.array([any(all(board >> cell & 1 for cell in line) for line in _LINES) for board in range(512)])
_BITS = np.uint16(1) << np.arange(9, dtype=np.uint16)
_FULL = np.uint16(511)


class State(NamedTuple):
    own: NDArray[np.uint16]
    """`[B]`: the stones of the player to move, one bit a cell."""
    other: NDArray[np.uint16]
    """`[B]`: the stones of the player who moved last."""
    ply: NDArray[np.int8]
    """`[B]`: moves played."""


def _dihedral() -> tuple[tuple[int, ...], ...]:
    grid = np.arange(9).reshape(3, 3)
    turned = [np.rot90(board, k) for board in (grid, grid.T) for k in range(4)]
    return tuple(tuple(int(cell) for cell in board.ravel()) for board in turned)


class TicTacToe:
    name = "tic-tac-toe"
    moves = tuple("123456789")
    max_plies = 9
    forfeit = LOSS
    shape = (3, 3)
    lines: Ints = np.arange(9).reshape(3, 3)
    symmetries = _dihedral()

    def initial(self, batch: int) -> State:
        return State(np.zeros(batch, np.uint16), np.zeros(batch, np.uint16), np.zeros(batch, np.int8))

    def to_move(self, state: State) -> Ints:
        return (state.ply & 1).astype(np.int64)

    def legal_mask(self, state: State) -> Bools:
        taken = np.where(_WINS[state.other], _FULL, state.own | state.other)
        free: Bools = (taken[:, None] & _BITS) == 0
        return free

    def judge(self, state: State, replies: Sequence[str]) -> list[Verdict]:
        return judge_moves(self.moves, self.legal_mask(state), replies)

    def step(self, state: State, actions: Ints) -> State:
        over = self.done(state)
        actions = checked(self, over, actions)
        bit = _BITS[actions]
        illegal = ((state.own | state.other) & bit).astype(bool) & ~over
        if illegal.any():
            game = int(illegal.argmax())
            raise ValueError(f"game {game}: cell {self.moves[int(actions[game])]} is taken")
        return State(
            np.where(over, state.own, state.other),
            np.where(over, state.other, state.own | bit),
            state.ply + ~over,
        )

    def done(self, state: State) -> Bools:
        won: Bools = _WINS[state.other]
        full: Bools = state.ply == self.max_plies
        return won | full

    def returns(self, state: State) -> Floats:
        last = np.where(_WINS[state.other], 1.0, 0.0).astype(np.float32)
        first = np.where(state.ply & 1, last, -last)
        return np.stack([first, -first], 1)

    def cells(self, state: State) -> NDArray[np.int8]:
        own = (state.own[:, None] & _BITS) != 0
        other = (state.other[:, None] & _BITS) != 0
        mover = (state.ply & 1)[:, None]
        stones: NDArray[np.int8] = (own * (1 + mover) + other * (2 - mover)).astype(np.int8)
        return stones.reshape(-1, 3, 3)
