"""What became of the pieces of a game: who left which square, and how.

The moves are followed without asking whether they were legal, from the first position on; nothing is done to the board.
An illegal move that was accepted stands there with the piece that it left on the target as its promotion.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    men, side = root.piece_map(), root.turn
    found: list[Departure] = []
    for move in board.move_stack:
        piece = men.pop(move.from_square, None) if move.from_square != move.to_square else None
        if piece is not None:
            found += _moved(men, move, piece)
        elif move and move.promotion:
            # out of nothing, and accepted (`envs.arena`)
            taken, men[move.to_square] = men.get(move.to_square), chess.Piece(move.promotion, side)
            if taken is not None and taken != men[move.to_square]:
                found.append(Departure(move.to_square, taken.piece_type, taken.color, True, move.to_square))
        side = not side
    return found


def _moved(men: dict[int, chess.Piece], move: chess.Move, piece: chess.Piece) -> list[Departure]:
    """What leaves its square by this move; `men`, from which the piece was taken, stand as they do after it."""
    source, target = move.from_square, move.to_square
    along = rook_along(men, source, target, piece) if move.promotion == chess.KING else None
    if along is not None:
        taken = men.get(target)
        men[target], men[along[1]] = piece, men.pop(along[0])
        return [
            *([] if taken is None else [Departure(target, taken.piece_type, taken.color, True, target)]),
            Departure(source, chess.KING, piece.color, False, target),
            Departure(along[0], chess.ROOK, piece.color, False, along[1]),
        ]
    rook = None if move.promotion else _castles(men, move, piece)
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
    # one that was illegal and accepted says what stands on its target, and captures nothing in passing
    passes = piece.piece_type == chess.PAWN and move.promotion is None
    if passes and (source - target) % 8 and target not in men:
        victim = chess.square(target % 8, source // 8)
    taken = men.pop(victim, None)
    men[target] = chess.Piece(move.promotion, piece.color) if move.promotion else piece
    gone = Departure(source, piece.piece_type, piece.color, False, target)
    return [gone] if taken is None else [Departure(victim, taken.piece_type, taken.color, True, victim), gone]


def rook_along(men: Mapping[int, chess.Piece], source: int, target: int, king: chess.Piece) -> tuple[int, int] | None:
    """From where to where the rook goes with a king that castles however illegally; None where there is none to go.

    Args:
        men: what stands on each square, the king apart.
        source: where the king comes from.
        target: where it goes.
        king: itself.
    """
    rank = 8 * (source // 8)
    goes = {rank + chess.G1: rank + chess.F1, rank + chess.C1: rank + chess.D1}
    home = source // 8 == (0 if king.color == chess.WHITE else 7)
    if king.piece_type != chess.KING or not home or target not in goes or abs(source - target) < 2:
        return None
    ends = range(rank + 7, source, -1) if target > source else range(rank, source)
    rook = next((square for square in ends if men.get(square) == chess.Piece(chess.ROOK, king.color)), None)
    return None if rook is None or goes[target] in men else (rook, goes[target])


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
