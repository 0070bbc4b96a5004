"""A fixed set of Connect Four positions with the worth of every move, for measuring and never for learning.

They stand after 8 to 24 uniformly random moves, none finished, no two the same or mirror images, and in each of
them the legal moves differ in worth. The worth was computed once by a solver (`python -m training.positions` does it
again, with the extra `solver`) and is stored beside the code, so that measuring needs no solver.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.connect_four_solver import ILLEGAL, solve
from envs.game import Bools, Game, Ints, padded, random_actions, replay
from envs.random_streams import stream_keys, uniform

_FILE = Path(__file__).parent / "data" / "connect_four_positions.json"
FEWEST, MOST = 8, 24
"""Random moves before a position."""
WANTED = 1000
"""Positions, at least, in which the moves differ between won, drawn and lost."""
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Positions:
    """Where it is known what each move is worth."""

    histories: Ints
    """`[N, P]`: the moves that led there, -1 after the end"""
    scores: Ints
    """`[N, A]`: for the player to move: above 0 won (the higher, the sooner), 0 drawn, below 0 lost; `ILLEGAL`"""

    @property
    def results(self) -> Ints:
        """`[N, A]`: 1 won, 0 drawn, -1 lost; `ILLEGAL`."""
        return _results(self.scores)


def _results(scores: Ints) -> Ints:
    return np.where(scores == ILLEGAL, ILLEGAL, np.sign(scores))


def differ(scores: Ints) -> Bools:
    """`[N]`: the legal moves are not all worth the same."""
    lowest = np.where(scores == ILLEGAL, np.iinfo(np.int64).max, scores).min(1)
    differing: Bools = scores.max(1) != lowest
    return differing


@lru_cache(maxsize=1)
def connect_four_positions() -> Positions:
    """The fixed set."""
    stored = json.loads(_FILE.read_text(encoding="utf-8"))["positions"]
    scores = [[ILLEGAL if score is None else score for score in row] for row in stored.values()]
    histories = padded([[int(name) - 1 for name in moves] for moves in stored])
    return Positions(histories, np.array(scores, np.int64))


def position_keys(game: Game, state: Any) -> Keys:
    """`[B]`: one 64-bit number for each position, the same for all its mirror images and turned boards.

    Random weights of the cells, as in Zobrist (1970), "A new hashing method with application for game playing".
    """
    cells = game.cells(state).reshape(-1, game.shape[0] * game.shape[1]).astype(np.uint64)
    keys: Keys = (cells @ _weights(game)).min(1)
    return keys


@lru_cache(maxsize=16)
def _weights(game: Game) -> Keys:
    """`[cells, symmetries]`: the weight of each cell under each symmetry of the board."""
    rows, columns = game.shape
    board = np.arange(rows * columns).reshape(rows, columns)
    weights = stream_keys(0, np.arange(rows * columns))
    # where there is one move a column, symmetries permute the columns; where there is one a cell, the cells
    turned = [board[:, list(s)] if len(s) == columns else np.array(s)[board] for s in game.symmetries]
    return np.stack([weights[cells.ravel()] for cells in turned], 1)


@lru_cache(maxsize=16)
def held_out_keys(game: Game) -> Keys:
    """The sorted keys of the positions that training must never draw from; none for games without such a set."""
    if game.name != "connect-four":
        return np.zeros(0, np.uint64)
    return np.sort(position_keys(game, replay(game, connect_four_positions().histories)))


def is_held_out(game: Game, state: Any) -> Bools:
    """`[B]`: the position, or a mirror image of it, belongs to the measuring set."""
    if not held_out_keys(game).size:
        return np.zeros(len(game.done(state)), bool)
    return np.isin(position_keys(game, state), held_out_keys(game))


def random_positions(game: Game, batch: int, seed: int) -> Ints:
    """`[N, MOST]`: the histories, -1 padded, of the games among `batch` that random moves have not finished."""
    keys = stream_keys(seed, np.arange(batch))
    draws = uniform(keys, MOST + 1)
    lengths = FEWEST + (draws[:, MOST] * (MOST - FEWEST + 1)).astype(np.int64)
    state = game.initial(batch)
    histories = np.full((batch, MOST), -1, np.int64)
    for ply in range(MOST):
        going = ~game.done(state) & (lengths > ply)
        actions = random_actions(game.legal_mask(state), draws[:, ply])
        histories[going, ply] = actions[going]
        following = game.step(state, actions)
        state = type(state)(*(np.where(going, new, old) for new, old in zip(following, state, strict=True)))
    return histories[~game.done(state)]


def compute(game: Game, wanted: int = WANTED, seed: int = 1) -> Positions:
    """Draw and solve positions until `wanted` of them differ between won, drawn and lost.

    Raises:
        RuntimeError: the solver is not installed.
    """
    histories = random_positions(game, 16 * wanted, seed)
    _, first = np.unique(position_keys(game, replay(game, histories)), return_index=True)
    histories = histories[np.sort(first)]
    found: list[tuple[Ints, Ints]] = []
    count = 0
    for row in histories:
        scores = solve(row[None])
        if not differ(scores)[0]:
            continue
        found.append((row, scores[0]))
        count += int(differ(_results(scores))[0])
        if count == wanted:
            break
    return Positions(np.stack([row for row, _ in found]), np.stack([scores for _, scores in found]))


def _store(game: Game, positions: Positions) -> None:
    lines = []
    for history, scores in zip(positions.histories, positions.scores, strict=True):
        moves = "".join(game.moves[move] for move in history if move >= 0)
        lines.append(f'"{moves}": {json.dumps([None if s == ILLEGAL else int(s) for s in scores])}')
    about = "Connect Four: moves played, and what each column is worth to the player to move; see training/positions.py"
    _FILE.write_text(f'{{"about": "{about}",\n"positions": {{\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    from envs import game_named

    _store(game_named("connect-four"), compute(game_named("connect-four")))
