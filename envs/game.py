"""What a world and a game are: rules over a batch of positions, and nothing of players, learning or pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from envs.reply import Verdict

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

EMPTY, FIRST, SECOND = 0, 1, 2
"""Codes of `Game.cells`: an empty cell, a stone of the first and of the second player."""
LOSS: tuple[float, float] = (-1.0, 1.0)
"""What a game costs that is lost by a refused reply."""


class World(Protocol):
    """What the turn loop needs to know: whose turn it is, what a reply amounts to, how it ends. Batch first.

    A state is a NamedTuple of arrays whose first axis is the batch (`B` positions at once), so that `take`, `put`
    and `join` work on the states of every world. Moves are numbers, at least 0.
    """

    name: str
    moves: tuple[str, ...]
    """`moves[a]` is the name of move `a` of a player: text and index are one table."""
    max_plies: int
    forfeit: tuple[float, float]
    """What the seat gets whose reply is refused for good, and what the other one gets."""

    def __hash__(self) -> int:
        """Worlds are told apart by identity, so that tables made from one can be kept."""

    def initial(self, batch: int) -> Any:
        """The starting position, `batch` times."""

    def to_move(self, state: Any) -> Ints:
        """`[B]`: the seat (0 or 1) whose turn it is; where it is over, whose turn it would be."""

    def judge(self, state: Any, replies: Sequence[str]) -> list[Verdict]:
        """What the rules say of the reply of the player to move in each of `B` positions."""

    def step(self, state: Any, actions: Ints) -> Any:
        """The states after `actions` (`[B]`). What is over stays as it is, whatever its action.

        Raises:
            ValueError: an action is not legal where it is not over; names the first such position.
        """

    def done(self, state: Any) -> Bools:
        """`[B]`: it is over."""

    def returns(self, state: Any) -> Floats:
        """`[B, 2]`: what each seat has got; 0 while it is still running."""


class Game(World, Protocol):
    """Rules of a two-player, zero-sum, perfect-information board game. `A` is the number of moves, legal or not.

    A win returns +1 to its seat and -1 to the other, a draw 0 to both.
    """

    shape: tuple[int, int]
    """Rows and columns of the board."""
    lines: NDArray[np.int64]
    """`[L, W]`: the cells (flat index) in the order in which the board is read aloud, line by line."""
    symmetries: tuple[tuple[int, ...], ...]
    """Permutations of the moves under which the rules stay the same, the identity first: playing
    `symmetry[a]` for every `a` gives the turned or mirrored game with the same result."""

    def legal_mask(self, state: Any) -> Bools:
        """`[B, A]`: the moves allowed; all False where the game is over."""

    def cells(self, state: Any) -> NDArray[np.int8]:
        """`[B, rows, columns]` of EMPTY, FIRST and SECOND, the top row first."""


S = TypeVar("S")


def take(state: S, index: Any) -> S:
    """The games of `state` at `index` (any NumPy index over the batch), copied."""
    return type(state)(*(np.array(field[index]) for field in state))  # type: ignore[attr-defined]


def put(state: S, index: Any, other: S) -> None:
    """Overwrite, in place, the games of `state` at `index` with those of `other`."""
    for field, value in zip(state, other, strict=True):  # type: ignore[call-overload]
        field[index] = value


def join(states: list[S]) -> S:
    """One batch out of several."""
    return type(states[0])(*(np.concatenate(fields) for fields in zip(*states, strict=True)))


def replay(game: World, histories: Ints) -> Any:
    """The states reached from the start by `histories` (`[B, T]` of actions; a row ends at its first -1)."""
    state = game.initial(len(histories))
    lengths = (histories >= 0).cumprod(1).sum(1)
    for ply in range(int(lengths.max(initial=0))):
        going = np.flatnonzero(lengths > ply)
        put(state, going, game.step(take(state, going), histories[going, ply]))
    return state


def padded(histories: Sequence[Sequence[int]]) -> Ints:
    """Moves of several games as one table `[B, T]`, filled up with -1 on the right."""
    table = np.full((len(histories), max(map(len, histories), default=0)), -1, np.int64)
    for row, history in enumerate(histories):
        table[row, : len(history)] = history
    return table


def checked(game: Game, over: Bools, actions: Ints) -> Ints:
    """`actions` (`[B]`) fit to be used as indices: 0 for the games that are over, whatever was given for them.

    Raises:
        ValueError: a number given for a game still running is no action of `game` at all.
    """
    actions = np.where(over, 0, actions)
    wrong = (actions < 0) | (actions >= len(game.moves))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"game {row}: {actions[row]} is no action of {game.name} (0 to {len(game.moves) - 1})")
    return actions


def random_actions(mask: Bools, uniform: NDArray[np.float64]) -> Ints:
    """`[B]`: one legal action each, all equally likely, chosen by `uniform` (`[B]` in [0, 1)); 0 if there is none."""
    count = mask.cumsum(1, dtype=np.int16)
    wanted = (uniform * count[:, -1]).astype(np.int16)
    chosen: Ints = (count > wanted[:, None]).argmax(1)
    return chosen
