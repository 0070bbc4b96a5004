"""What became of the pieces of a game: who left which square, and how.

The moves are followed without asking whether they were legal, from the first position on; nothing is done to the board.
"""

from __future__ import annotations

from typing import NamedTuple

import chess


class Departure(NamedTuple):
    """A piece left a square."""

    square: int
    piece: int
    color: chess.Color
    captured: bool
    target: int
    """where it went; the square of its capture where it was captured"""


def departures(board: chess.Board) -> list[Departure]:
    """All of them, in the order of the game that led to `board`."""
    root = board.root()
    men = root.piece_map()
    found: list[Departure] = []
    for move in board.move_stack:
        piece = men.pop(move.from_square, None) if move else None
        if piece is not None:
            found += _moved(men, move, piece)
    return found


def _moved(men: dict[int, chess.Piece], move: chess.Move, piece: chess.Piece) -> list[Departure]:
    """What leaves its square by this move; `men`, from which the piece was taken, stand as they do after it."""
    source, target = move.from_square, move.to_square
    rook = _castles(men, move, piece)
    if rook is not None:
        rank, short = 8 * (source // 8), rook > source
        king_to, rook_to = rank + (chess.G1 if short else chess.C1), rank + (chess.F1 if short else chess.D1)
        tower = men.pop(rook)
        men[king_to], men[rook_to] = piece, tower
        return [
            Departure(source, chess.KING, piece.color, False, king_to),
            Departure(rook, tower.piece_type, piece.color, False, rook_to),
        ]
    victim = target
    if piece.piece_type == chess.PAWN and (source - target) % 8 and target not in men:
        victim = chess.square(target % 8, source // 8)
    taken = men.pop(victim, None)
    men[target] = chess.Piece(move.promotion, piece.color) if move.promotion else piece
    gone = Departure(source, piece.piece_type, piece.color, False, target)
    return [gone] if taken is None else [Departure(victim, taken.piece_type, taken.color, True, victim), gone]


def _castles(men: dict[int, chess.Piece], move: chess.Move, piece: chess.Piece) -> int | None:
    """The rook with which this king castles."""
    source, target = move.from_square, move.to_square
    if piece.piece_type != chess.KING:
        return None
    if men.get(target) == chess.Piece(chess.ROOK, piece.color):
        return target
    if source // 8 == target // 8 and abs(source - target) == 2:
        corner = 8 * (source // 8) + (7 if target > source else 0)
        return corner if corner in men else None
    return None
