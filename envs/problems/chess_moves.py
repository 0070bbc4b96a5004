"""A game of chess as it was played, in UCI without spaces (`.e2e4e7e5g1f3`): what is a legal next move?

The answer is a move as UCI writes it, and right where it is legal; the reasoning names the piece that moves and where
it stands (`Nb8`), and is valid where such a piece of the player's own stands there and the answer moves it. So the
share of right answers is the legality of a player that has nothing but the moves of a game to go by, which is what
"loss of state" is about; a wrong answer is told with the referee's class of it.

Level 1 asks in the first ten plies, level 6 in plies 51 to 60. Games are random ones, and engine games of low skill
(`docs/make_chess_games.py`): half and half. From its ninth ply on a game belongs to one split.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from envs.problem import PARTIAL, Grade, Task
from envs.random_streams import stream_keys, uniform

if TYPE_CHECKING:
    import chess

LEVELS, EACH = 6, 10
PLIES = LEVELS * EACH
OWN = 8
"""plies after which no two games are the same"""
_GAMES = Path(__file__).parent / "chess_games.txt.gz"
_KNOWN = 512
RANDOM = 8192
"""random games"""
_GAME = 0xC4E55


class ChessMoves:
    """The next move of a game."""

    name = "chess-moves"
    title = "Chess as moves: a legal next one"
    levels = LEVELS
    draws = 2
    partial = PARTIAL
    whole = True
    """what the question tells is worth learning as well: every move of it is one"""

    def task(self, level: int, draws: Sequence[float]) -> Task:
        played = (level - 1) * EACH + int(draws[0] * EACH)
        engine = engine_games()
        # half and half, a game of either kind as likely as any other of it
        of_engine, which = draws[1] < 0.5, draws[1] * 2 % 1
        game = engine[int(which * len(engine))] if of_engine else random_game(int(which * RANDOM))
        played = min(played, len(game) - 1)
        history, move = game[:played], game[played]
        board = position(history)
        # a game belongs to one split, wherever it is asked about; how it began, others have in common with it
        same = "".join(game) if played >= OWN else ""
        return Task(asked(history), move, piece_on(board, move[:2]), history, same)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        from envs.referee import rule

        board, said = position(task.data), body.strip()
        known = len(said) == 3 and said == piece_on(board, said[1:]) and said[0].isupper()
        valid = known and answer[:2] == said[1:]
        # the referee reads many notations; here a move is four or five characters, and nothing else
        right = is_legal(board, answer)
        if right and valid:
            return Grade(True, True, 1.0)
        if not known:
            return Grade(right, False, 0.0, f"false_step line 1: {ascii(said[:20])[1:-1]}")
        if right:
            return Grade(True, False, 0.5, f"another_piece line 1: {said}")
        found = rule(board, answer)
        kind = f"{found.kind}/{found.sub}" if found.sub else found.kind
        return Grade(False, valid, 1.0 if valid else 0.5, f"{kind} {ascii(answer[:10])[1:-1]}")


def asked(history: Sequence[str]) -> str:
    """The question after these moves; a dot is there even before the first."""
    return f".{''.join(history)}"


def is_legal(board: chess.Board, move: str) -> bool:
    """Whether `move` is a legal one in UCI."""
    import chess

    try:
        return chess.Move.from_uci(move) in board.legal_moves
    except ValueError:
        return False


def piece_on(board: chess.Board, square: str) -> str:
    """`Ng1` for a piece of the player to move; anything else stands there in small letters, and nothing as a dot."""
    import chess

    piece = board.piece_at(chess.parse_square(square)) if square in chess.SQUARE_NAMES else None
    if piece is None:
        return f".{square}"
    letter = piece.symbol().upper()
    return f"{letter if piece.color == board.turn else letter.lower()}{square}"


@lru_cache(_KNOWN)
def position(history: tuple[str, ...]) -> chess.Board:
    """The board after these moves; not to be changed."""
    import chess

    board = chess.Board()
    for move in history:
        board.push_uci(move)
    return board


@lru_cache(1)
def engine_games() -> tuple[tuple[str, ...], ...]:
    """Games of an engine at its lowest skill, the first 61 moves of each."""
    text = gzip.decompress(_GAMES.read_bytes()).decode()
    return tuple(tuple(line.split()) for line in text.splitlines())


@lru_cache(RANDOM)
def random_game(number: int) -> tuple[str, ...]:
    """One of the games of random legal moves."""
    import chess

    board, moves = chess.Board(), list[str]()
    for draw in uniform(stream_keys(_GAME, number), PLIES + 1).tolist():
        legal = list(board.generate_legal_moves())
        if not legal:
            break
        move = legal[int(draw * len(legal))]
        moves.append(move.uci())
        board.push(move)
    return tuple(moves)
