"""A chess position from text that anybody may have written."""

from __future__ import annotations

import chess

MAX_FEN = 100
"""characters; the longest valid one has fewer"""
MAX_COUNTER = 9999
"""the largest half-move clock and move number believed"""

_FAULTS = {
    chess.STATUS_NO_WHITE_KING: "White has no king",
    chess.STATUS_NO_BLACK_KING: "Black has no king",
    chess.STATUS_TOO_MANY_KINGS: "there are more than two kings",
    chess.STATUS_TOO_MANY_WHITE_PAWNS: "White has more than eight pawns",
    chess.STATUS_TOO_MANY_BLACK_PAWNS: "Black has more than eight pawns",
    chess.STATUS_PAWNS_ON_BACKRANK: "a pawn stands on the first or last rank",
    chess.STATUS_TOO_MANY_WHITE_PIECES: "White has more than sixteen pieces",
    chess.STATUS_TOO_MANY_BLACK_PIECES: "Black has more than sixteen pieces",
    chess.STATUS_BAD_CASTLING_RIGHTS: "a castling right is without its king or rook",
    chess.STATUS_INVALID_EP_SQUARE: "the en passant square fits no double step",
    chess.STATUS_OPPOSITE_CHECK: "the side that is not to move is in check",
    chess.STATUS_EMPTY: "the board is empty",
    chess.STATUS_TOO_MANY_CHECKERS: "the king is in check from more pieces than can give it at once",
    chess.STATUS_IMPOSSIBLE_CHECK: "no move can have given this check",
}


def board_from(fen: str, *, chess960: bool = False) -> chess.Board:
    """The position that `fen` describes.

    Raises:
        ValueError: it is not a FEN, or no position of chess; says why.
    """
    shown = f"{fen[:MAX_FEN]!a}{'…' if len(fen) > MAX_FEN else ''}"
    if len(fen) > MAX_FEN or not fen.isascii():
        raise ValueError(f"{shown} is no FEN: at most {MAX_FEN} plain characters")
    if len(fen.split()) not in (4, 6):
        raise ValueError(
            f"{shown} is no FEN: board, side to move, castling, en passant, and the two counters or neither of them"
        )
    try:
        board = chess.Board(fen, chess960=chess960)
    except ValueError as error:
        raise ValueError(f"{shown} is no FEN: {error!s:.120}") from None
    if board.halfmove_clock > MAX_COUNTER or board.fullmove_number > MAX_COUNTER:
        raise ValueError(f"{shown}: its counters go beyond {MAX_COUNTER}")
    status = board.status()
    if status:
        faults = [words for flag, words in _FAULTS.items() if status & flag]
        raise ValueError(f"{shown} is no position of chess: {'; '.join(faults)}")
    return board
