"""King and pawn against king, known exactly: every position won or drawn, by retrograde analysis.

The table has a bit for each (side to move, pawn, its king, the other king), the pawn white and on the files a to d by
symmetry: 2 x 24 x 64 x 64 positions, made in a moment when first asked for. A pawn that is promoted (to a queen or
rook) and not taken at once wins; a position without a way to that is drawn. The same values as any tablebase of KPK.
"""

from __future__ import annotations

from functools import lru_cache

import chess
import numpy as np
from numpy.typing import NDArray

_KING = np.array([[bool(chess.BB_KING_ATTACKS[a] & chess.BB_SQUARES[b]) for b in range(64)] for a in range(64)])
_MOVES = _KING.astype(np.float32)
_NEAR = _KING | np.eye(64, dtype=np.bool_)


def cannot_lose(board: chess.Board, color: chess.Color) -> bool | None:
    """Whether `color` holds at least a draw: known where the other side can never mate, or has a lone pawn.

    None where this is not known here: more pieces are on the board, or somebody has no king.
    """
    if board.king(chess.WHITE) is None or board.king(chess.BLACK) is None:
        return None
    if board.is_checkmate():
        return board.turn != color
    if board.has_insufficient_material(not color) or board.is_stalemate():
        return True
    mine, theirs = board.occupied_co[color], board.occupied_co[not color]
    if chess.popcount(mine) == 1 and chess.popcount(theirs) == 2 and board.pawns & theirs:
        return not wins(board)
    return None


def wins(board: chess.Board) -> bool:
    """Whether the side with the pawn wins a position of king and pawn against king.

    Raises:
        ValueError: the position is another one.
    """
    if chess.popcount(board.occupied) != 3 or chess.popcount(board.pawns) != 1:
        raise ValueError(f"{board.fen()} is not king and pawn against king")
    pawn = chess.lsb(board.pawns)
    color = bool(board.color_at(pawn))
    own, other = board.king(color), board.king(not color)
    assert own is not None
    assert other is not None
    if color == chess.BLACK:
        pawn, own, other = (chess.square_mirror(square) for square in (pawn, own, other))
    if chess.square_file(pawn) > 3:
        pawn, own, other = (square ^ 7 for square in (pawn, own, other))
    return bool(_table()[int(board.turn != color), _index(pawn), own, other])


def _index(pawn: int) -> int:
    """0 to 23: the rank from the second on, then the file."""
    return (chess.square_rank(pawn) - 1) * 4 + chess.square_file(pawn)


def _square(index: int) -> int:
    return chess.square(index % 4, index // 4 + 1)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.bool_]:
    """`[2, 24, 64, 64]`: won for the pawn's side; 0: it is to move, 1: the other one is."""
    won = np.zeros((2, 24, 64, 64), np.bool_)
    legal = np.zeros_like(won)
    guarded = np.zeros((24, 64), np.bool_)
    for index in range(24):
        pawn = _square(index)
        apart = ~_NEAR.copy()
        apart[pawn, :] = apart[:, pawn] = False
        for square in chess.SquareSet(chess.BB_PAWN_ATTACKS[chess.WHITE][pawn]):
            guarded[index, square] = True
        legal[1, index] = apart
        legal[0, index] = apart & ~guarded[index][None, :]
    while True:
        before = won.copy()
        for index in reversed(range(24)):
            won[0, index] |= legal[0, index] & _some_move_wins(won, legal, index)
            won[1, index] |= legal[1, index] & _every_move_loses(won, legal, index, guarded[index])
        if (won == before).all():
            return won


def _some_move_wins(won: NDArray[np.bool_], legal: NDArray[np.bool_], index: int) -> NDArray[np.bool_]:
    """`[64, 64]`: the pawn's side has a move to a won position."""
    pawn = _square(index)
    reached = won[1, index] & legal[1, index]
    found: NDArray[np.bool_] = (_MOVES @ reached.astype(np.float32)) > 0
    step = pawn + 8
    free = np.ones((64, 64), np.bool_)
    free[step, :] = free[:, step] = False
    if chess.square_rank(pawn) == 6:
        return found | (free & _promotes(step))
    found |= free & won[1, _index(step)]
    if chess.square_rank(pawn) == 1:
        two = step + 8
        further = free.copy()
        further[two, :] = further[:, two] = False
        found |= further & won[1, _index(two)]
    return found


@lru_cache(maxsize=8)
def _promotes(target: int) -> NDArray[np.bool_]:
    """`[64, 64]` (own king, other king): a queen or rook on `target` is not taken, and does not stalemate for good.

    A queen that stalemates can be a rook instead; where both do, or the other king takes, the pawn has not won.
    """
    found = np.zeros((64, 64), np.bool_)
    for own in range(64):
        for other in range(64):
            if own == other or _KING[own, other] or target in (own, other):
                continue
            # a king that is not at the edge always has a move
            inside = 0 < other % 8 < 7 and 0 < other // 8 < 7
            taken = _KING[other, target] and not _KING[own, target]
            pieces = (chess.QUEEN, chess.ROOK)
            found[own, other] = not taken and (inside or any(_moves(target, own, other, piece) for piece in pieces))
    return found


def _moves(target: int, own: int, other: int, piece: chess.PieceType) -> bool:
    """Whether the promoted piece leaves the lone king a move, or mates."""
    board = chess.Board(None)
    board.set_piece_at(own, chess.Piece(chess.KING, chess.WHITE))
    board.set_piece_at(other, chess.Piece(chess.KING, chess.BLACK))
    board.set_piece_at(target, chess.Piece(piece, chess.WHITE))
    board.turn = chess.BLACK
    return not board.is_stalemate()


def _every_move_loses(
    won: NDArray[np.bool_], legal: NDArray[np.bool_], index: int, guarded: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """`[64, 64]` (own king, other king): the lone king has a move, and each leads to a won position."""
    pawn = _square(index)
    # where the lone king may go: not beside the other king, not where the pawn takes; the pawn itself, if unguarded
    allowed = ~_NEAR & ~guarded[None, :]
    escapes = allowed & ~won[0, index]
    takes = ~_NEAR[:, pawn]
    escapes[:, pawn] = takes
    can = allowed.copy()
    can[:, pawn] = takes
    some = (can.astype(np.float32) @ _MOVES) > 0
    escape = (escapes.astype(np.float32) @ _MOVES) > 0
    found: NDArray[np.bool_] = some & ~escape
    return found
