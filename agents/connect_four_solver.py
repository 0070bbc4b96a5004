"""The perfect Connect Four player, and what every move is worth: a front for the solver `bitbully`.

`bitbully` is licensed AGPL-3.0, so it is an extra (`pip install 'xueba[solver]'`) and imported only by whoever asks
for this player, and to measure Connect Four where it is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from agents.agent import Reply, View, keys_of
from agents.search_player import outcome_word
from envs.game import Ints, padded, random_actions
from envs.random_streams import uniform
from envs.reply import format_reply

ILLEGAL = -1000
"""Stands for the score of a full column."""


@lru_cache(maxsize=1)
def _solver() -> tuple[Any, Any]:
    try:
        from bitbully import BitBully, Board
    except ImportError as error:
        raise RuntimeError(
            "the perfect Connect Four player needs the solver bitbully (AGPL-3.0): pip install 'xueba[solver]'"
        ) from error
    return BitBully(), Board


def solver_installed() -> bool:
    """Whether this player can sit down; nothing is imported to find out."""
    return find_spec("bitbully") is not None


def solve(histories: Ints) -> Ints:
    """`[B, 7]`: the worth of every move for the player to move, after the moves of `histories` (`[B, P]`, -1 padded).

    The scale is Pascal Pons': 0 is a draw, 1 a win with the winner's last stone, one more for each stone less that
    it takes, negative for losses; `ILLEGAL` for full columns. None of the games may be over.

    Raises:
        RuntimeError: the solver is not installed; says how to install it.
        ValueError: a history holds a move that cannot be played, or a game is over.
    """
    solver, board_type = _solver()
    scores = np.full((len(histories), 7), ILLEGAL, np.int64)
    for row, history in enumerate(histories):
        board = board_type()
        moves = [int(move) for move in history if move >= 0]
        if not all(board.play(move) for move in moves) or board.is_game_over():
            raise ValueError(f"game {row}: no running game of Connect Four has the moves {moves}")
        for column, score in solver.score_all_moves(board).items():
            scores[row, column] = score
    return scores


class ConnectFourSolver:
    """Wins as soon as possible or loses as late as possible; by chance among moves of the same worth."""

    name = "solver"

    def __init__(self) -> None:
        _solver()

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view.

        Raises:
            ValueError: the game is another one.
        """
        game = views[0].game
        if game.name != "connect-four":
            raise ValueError(f"the solver plays connect-four only, not {game.name}; try `perfect`")
        scores = solve(padded([view.history for view in views]))
        best = scores == scores.max(1, keepdims=True)
        actions = random_actions(best, uniform(keys_of(views), 1)[:, 0])
        values = np.sign(scores.max(1)).astype(float).tolist()
        policies = (best / best.sum(1, keepdims=True)).tolist()
        return [
            Reply(
                format_reply(f"{game.moves[action]} {outcome_word(value)}", game.moves[action]),
                policy=tuple(policy),
                value=value,
                line=(int(action),),
            )
            for action, value, policy in zip(actions, values, policies, strict=True)
        ]
