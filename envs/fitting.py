"""Which legal moves a reading of an answer fits. python-chess says what is legal."""

from __future__ import annotations

import chess

from envs.notation import SHORT, Reading


def fitting(board: chess.Board, reading: Reading) -> list[chess.Move]:
    """The legal moves that `reading` can mean: one of them makes a legal answer, more an ambiguous one."""
    if reading.castling:
        return castlings(board, short=reading.castling == SHORT)
    if reading.piece is None:
        source = reading.source
        assert source is not None, "no piece is named only where two squares are"
        return by_squares(board, source, reading.target, reading.promotion)
    sources, target = standing(board, reading), chess.BB_SQUARES[reading.target] & ~board.occupied_co[board.turn]
    moves = [move for move in board.generate_legal_moves(sources, target) if move.promotion == reading.promotion]
    if not moves and reading.piece == chess.KING and reading.promotion is None:
        # python-chess does not take Kg1 for O-O, but e1g1, and there is nothing else that the king can mean
        kings = [king for king in chess.scan_forward(sources) if castling_rook(board, king, reading.target) is not None]
        return by_squares(board, kings[0], reading.target, None) if kings else []
    return moves


def standing(board: chess.Board, reading: Reading) -> chess.Bitboard:
    """The player's pieces that `reading` can mean.

    A pawn that names no file stays on the one it goes to, unless it says that it captures, and there are some that can.
    """
    assert reading.piece is not None, "a move by squares names no piece"
    mask = board.pieces_mask(reading.piece, board.turn)
    file = reading.file
    if file is None and reading.piece == chess.PAWN:
        takers = mask & chess.BB_PAWN_ATTACKS[not board.turn][reading.target]
        there = board.occupied_co[not board.turn] & chess.BB_SQUARES[reading.target]
        if reading.capture and takers and (there or reading.target == board.ep_square):
            return takers
        file = chess.square_file(reading.target)
    if file is not None:
        mask &= chess.BB_FILES[file]
    if reading.rank is not None:
        mask &= chess.BB_RANKS[reading.rank]
    return mask


def by_squares(board: chess.Board, source: int, target: int, promotion: int | None) -> list[chess.Move]:
    """The legal move from square to square, as a list of one or none.

    Castling is the king's move by two squares, or onto its own rook, as UCI has it in Chess960.
    """
    rook = castling_rook(board, source, target, onto_rook=True)
    if rook is None or promotion is not None:
        move = chess.Move(source, target, promotion)
        return [move] if board.is_legal(move) else []
    moves = castlings(board, short=rook > source)
    return [move for move in moves if move.to_square == rook or not board.chess960]


def castlings(board: chess.Board, *, short: bool) -> list[chess.Move]:
    """The legal castling on one side, as a list of one or none."""
    return [move for move in board.generate_castling_moves() if (move.to_square > move.from_square) == short]


def castling_rook(board: chess.Board, source: int, target: int, *, onto_rook: bool = False) -> int | None:
    """The square of the rook with which a king that goes so would castle, be it legal or not; none if it would not.

    Args:
        board: the position.
        source: where the king stands; it may also be something else.
        target: where it goes.
        onto_rook: a king that goes onto its own rook castles, too.
    """
    own, home = board.occupied_co[board.turn], chess.BB_RANK_1 if board.turn == chess.WHITE else chess.BB_RANK_8
    king, rooks = chess.BB_SQUARES[source] & board.kings & own & home, board.rooks & own & home
    corner = 8 * (source // 8) + (7 if target > source else 0)
    if not king:
        return None
    if chess.BB_SQUARES[target] & rooks and (board.chess960 or (target == corner and king & chess.BB_FILE_E)):
        return target if onto_rook else None
    # in Chess960, python-chess takes e1g1 for castling where a rook stands in the corner, as it always does elsewhere
    steps = king & chess.BB_FILE_E and abs(target - source) == 2
    return corner if steps and (not board.chess960 or chess.BB_SQUARES[corner] & rooks) else None
