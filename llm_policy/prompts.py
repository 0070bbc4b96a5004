"""How a position is put into words for the model, and the model's words back into moves.

Views: `board` shows the position as the player to move sees it (x its own stones, o the other's, . free), line by
line; `moves` the moves so far; `both` the moves and then the board. A problem has one view, its question. Prompts
are made for a whole batch as tables of tokens, without a Python loop over games.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.game import Game, Ints, padded
from envs.problem import ProblemGame, Task
from llm_policy.tokenizer import BOS, OUTCOMES, PAD, SYMBOLS, VOCABULARY, encode

VIEWS = ("board", "moves", "both")


@cache
def move_tokens(game: Game | ProblemGame) -> Ints:
    """`[A]`: the one token of each move; none for problems, where a reply is no name of a move.

    Raises:
        ValueError: a move of this game takes more than one token.
    """
    if isinstance(game, ProblemGame):
        return np.zeros(0, np.int64)
    tokens = [encode(move) for move in game.moves]
    long = [move for move, ids in zip(game.moves, tokens, strict=True) if len(ids) != 1]
    if long:
        raise ValueError(f"{game.name}: the move {long[0]!r} is not a single token")
    return np.array([ids[0] for ids in tokens])


@cache
def _line_tokens(width: int) -> NDArray[np.int64]:
    """`[3**width, n]`: the tokens of each possible line of a board, PAD where a line has fewer."""
    texts = ["".join(SYMBOLS[code // 3**i % 3] for i in range(width)) + "\n" for code in range(3**width)]
    rows = [[VOCABULARY[text]] if text in VOCABULARY else encode(text) for text in texts]
    longest = max(map(len, rows))
    return np.array([row + [PAD] * (longest - len(row)) for row in rows])


def board_tokens(game: Game, state: Any) -> Ints:
    """`[B, n]`: the board in the words of the player to move (PAD inside where a line took fewer tokens)."""
    cells = game.cells(state).reshape(len(state[0]), -1)
    own = (game.to_move(state) + 1)[:, None]
    relative = np.where(cells == 0, 0, np.where(cells == own, 1, 2))[:, game.lines]
    codes = (relative * 3 ** np.arange(game.lines.shape[1])).sum(2)
    tokens: Ints = _line_tokens(game.lines.shape[1])[codes].reshape(len(cells), -1)
    return tokens


def _packed(table: Ints) -> tuple[Ints, Ints]:
    """Push the PADs of each row to its right; the table and the lengths."""
    filled = table != PAD
    lengths = filled.sum(1)
    if (lengths == table.shape[1]).all():
        return table, lengths
    order = np.argsort(~filled, axis=1, kind="stable")
    return np.take_along_axis(table, order, 1)[:, : lengths.max()], lengths


def prompt_tokens(game: Game | ProblemGame, state: Any, histories: Ints, view: str) -> tuple[Ints, Ints]:
    """Prompts as tokens `[B, T]`, filled up on the right, and their lengths `[B]`.

    Args:
        state: the positions.
        histories: `[B, P]`: the moves that led there, -1 after the end.
        view: one of VIEWS.

    Raises:
        ValueError: the view is unknown.
    """
    if isinstance(game, ProblemGame):
        return question_tokens(game.tasks(state))
    batch = len(histories)
    parts = [np.full((batch, 1), BOS)]
    if view in ("moves", "both"):
        parts.append(np.where(histories >= 0, move_tokens(game)[histories], PAD))
        parts.append(np.full((batch, 1), VOCABULARY["\n"]))
    if view in ("board", "both"):
        parts.append(board_tokens(game, state))
    if view not in VIEWS:
        raise ValueError(f"unknown view {view!r}; there are {', '.join(VIEWS)}")
    return _packed(np.concatenate(parts, 1))


def question_tokens(tasks: Sequence[Task]) -> tuple[Ints, Ints]:
    """Questions as tokens `[B, T]`, filled up on the right, and their lengths `[B]`; a question has no views."""
    rows = [[BOS, *encode(task.question + "\n")] for task in tasks]
    table = padded(rows)
    return np.where(table >= 0, table, PAD), np.array([len(row) for row in rows], np.int64)


def line_of(game: Game | ProblemGame, think: str) -> tuple[int, ...]:
    """The moves that a thinking expects; empty where it is not of the standard form."""
    if isinstance(game, ProblemGame):
        return ()
    ending = next((outcome for outcome in OUTCOMES if think.endswith(outcome)), "")
    names = think.removesuffix(ending)
    if not ending or any(name not in game.moves for name in names):
        return ()
    return tuple(game.moves.index(name) for name in names)
