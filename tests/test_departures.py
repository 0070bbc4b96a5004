"""Who left which square, beside every position of the game."""

from __future__ import annotations

import chess

from envs.departures import Departure, departures
from tests.chess_positions import CASTLES, PAWNS, moments


def test_departures_are_what_the_positions_show() -> None:
    """Each piece that a position shows no longer has departed, by its own side's move or captured by the other's."""
    seen: set[str] = set()
    games = (*moments(41, 30), *moments(42, 20, starts=CASTLES, plies=20), *moments(43, 60, starts=PAWNS[1:]))
    for moment in (*games, *moments(44, 150, plies=30, chess960=True)):
        board, shown = moment.board, []
        for before, now, move in zip(moment.past, moment.past[1:], board.move_stack[: len(moment.past)], strict=False):
            if not move:
                seen.add("pass")
                continue
            castles, passant = before.is_castling(move), before.is_en_passant(move)
            seen |= (
                {"castles in Chess960" if board.chess960 else "castles"}
                if castles
                else {"en passant"}
                if passant
                else {"promotes"}
                if move.promotion
                else set()
            )
            for square, piece in before.piece_map().items():
                own = piece.color == before.turn
                moves = own and (square == move.from_square or (castles and piece.piece_type == chess.ROOK))
                if now.piece_at(square) != piece or (moves and square == move.from_square):
                    target = square if not own else move.to_square
                    if castles:
                        rank, short = square // 8, move.to_square > move.from_square
                        files = ("g", "f") if short else ("c", "d")
                        file = files[piece.piece_type == chess.ROOK]
                        target = chess.parse_square(f"{file}{rank + 1}")
                    shown.append(Departure(square, piece.piece_type, piece.color, not own, target))
        history = departures(board)
        still = [gone for gone in history if gone.square == gone.target and not gone.captured]
        assert all(gone.piece in (chess.KING, chess.ROOK) for gone in still), "in Chess960 one of the two may stay"
        assert sorted(gone for gone in history if gone not in still) == sorted(
            gone for gone in shown if gone not in still
        )
    assert seen == {"pass", "castles", "castles in Chess960", "en passant", "promotes"}


def test_the_board_is_not_touched() -> None:
    board = chess.Board()
    for move in ("e4", "d5", "exd5", "Qxd5"):
        board.push_san(move)
    before = board.fen()
    assert departures(board) == [
        Departure(chess.E2, chess.PAWN, chess.WHITE, False, chess.E4),
        Departure(chess.D7, chess.PAWN, chess.BLACK, False, chess.D5),
        Departure(chess.D5, chess.PAWN, chess.BLACK, True, chess.D5),
        Departure(chess.E4, chess.PAWN, chess.WHITE, False, chess.D5),
        Departure(chess.D5, chess.PAWN, chess.WHITE, True, chess.D5),
        Departure(chess.D8, chess.QUEEN, chess.BLACK, False, chess.D5),
    ]
    assert (board.fen(), len(board.move_stack)) == (before, 4)
