"""A game whose rules are simplest one board at a time, as a batch: its state is an array of positions.

A position is never changed, so that copying a batch copies no board. Everything here is a Python loop over the batch;
what is simple for one board is worth that, and a game that must be fast is written for the batch at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from envs.game import LOSS, Bools, Floats, Ints
from envs.reply import Verdict, judge_moves


class State(NamedTuple):
    position: NDArray[np.object_]
    """`[B]` of whatever the rules take for a position"""


class Rules(Protocol):
    """One board at a time. Attributes as those of `Game`."""

    name: str
    moves: tuple[str, ...]
    max_plies: int
    shape: tuple[int, int]

    def start(self) -> Any:
        """The position at the beginning."""

    def seat(self, position: Any) -> int:
        """Whose turn it is, 0 or 1."""

    def legal(self, position: Any) -> Sequence[int]:
        """The moves allowed; none where it is over."""

    def play(self, position: Any, action: int) -> Any:
        """The position after a move that is allowed."""

    def result(self, position: Any) -> tuple[float, float] | None:
        """What each seat has got, once it is over."""

    def cells(self, position: Any) -> NDArray[np.int8]:
        """`[rows, columns]` of EMPTY, FIRST and SECOND."""

    def letters(self, position: Any) -> list[str]:
        """The board, a letter a cell, a row a text, the top one first."""


class Lifted:
    """The game of these rules, for a batch: a `Game`."""

    forfeit = LOSS

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.name, self.moves, self.max_plies, self.shape = rules.name, rules.moves, rules.max_plies, rules.shape
        rows, columns = rules.shape
        self.lines: Ints = np.arange(rows * columns).reshape(rows, columns)
        self.symmetries: tuple[tuple[int, ...], ...] = (tuple(range(len(rules.moves))),)

    def initial(self, batch: int) -> State:
        return self._state([self.rules.start()] * batch)

    def to_move(self, state: State) -> Ints:
        return np.array([self.rules.seat(position) for position in state.position], np.int64)

    def legal_mask(self, state: State) -> Bools:
        mask = np.zeros((len(state.position), len(self.moves)), np.bool_)
        for row, position in enumerate(state.position):
            mask[row, self.rules.legal(position)] = True
        return mask

    def judge(self, state: State, replies: Sequence[str]) -> list[Verdict]:
        return judge_moves(self.moves, self.legal_mask(state), replies)

    def step(self, state: State, actions: Ints) -> State:
        """The states after `actions` (`[B]`).

        Raises:
            ValueError: an action is not legal; names the game.
        """
        running = [self.rules.result(position) is None for position in state.position]
        given = actions.tolist()
        for row, action in enumerate(given):
            if running[row] and not 0 <= action < len(self.moves):
                raise ValueError(f"game {row}: {action} is no action of {self.name} (0 to {len(self.moves) - 1})")
        after = []
        for row, (position, action) in enumerate(zip(state.position, given, strict=True)):
            if running[row] and action not in self.rules.legal(position):
                raise ValueError(f"game {row}: move {self.moves[action]} is not legal in {position}")
            after.append(self.rules.play(position, action) if running[row] else position)
        return self._state(after)

    def done(self, state: State) -> Bools:
        return np.array([self.rules.result(position) is not None for position in state.position], np.bool_)

    def returns(self, state: State) -> Floats:
        results = [self.rules.result(position) or (0.0, 0.0) for position in state.position]
        return np.array(results, np.float32).reshape(-1, 2)

    def cells(self, state: State) -> NDArray[np.int8]:
        found = [self.rules.cells(position) for position in state.position]
        return np.array(found, np.int8).reshape(-1, *self.shape)

    def letters(self, state: State) -> list[list[str]]:
        """The boards for the eye, where two kinds of stones are not enough: rows of a letter a cell."""
        return [self.rules.letters(position) for position in state.position]

    def _state(self, positions: Sequence[Any]) -> State:
        array = np.empty(len(positions), object)
        array[:] = positions
        return State(array)
