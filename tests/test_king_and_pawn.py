"""King and pawn against king: the published count of wins, textbook positions, and every move of many positions."""

from __future__ import annotations

import random

import chess
import pytest

from envs import king_and_pawn
from envs.king_and_pawn import cannot_lose, wins


def test_there_are_as_many_wins_as_in_the_published_table() -> None:
    # the bitbase of Stockfish up to version 15 asserts this count (src/bitbase.cpp)
    assert king_and_pawn._table().sum() == 111_282


@pytest.mark.parametrize(
    ("fen", "won"),
    [
        ("4k3/8/4K3/4P3/8/8/8/8 w - - 0 1", True),  # king on the sixth before its pawn
        ("4k3/8/4K3/4P3/8/8/8/8 b - - 0 1", True),
        ("4k3/4P3/4K3/8/8/8/8/8 b - - 0 1", False),  # stalemate
        ("8/8/8/8/k7/8/P7/K7 w - - 0 1", False),  # a rook's pawn
        ("8/8/8/3k4/8/3K4/3P4/8 w - - 0 1", False),  # the opposition is the lone king's
        ("8/8/8/3k4/8/3K4/3P4/8 b - - 0 1", True),  # and here it is not
        ("8/8/8/P6k/8/8/8/K7 b - - 0 1", True),  # outside of the square
        ("8/8/8/P3k3/8/8/8/K7 b - - 0 1", False),  # inside
        ("k7/8/8/8/P3K3/8/8/8 b - - 0 1", False),
        ("8/2P5/8/k7/8/8/8/2K5 w - - 0 1", True),
    ],
)
def test_textbook(fen: str, won: bool) -> None:
    board = chess.Board(fen)
    assert wins(board) == won
    assert wins(board.mirror()) == won
    assert wins(board.transform(chess.flip_horizontal)) == won


def test_every_value_follows_from_those_of_its_moves() -> None:
    rng = random.Random(5)
    counted = 0
    while counted < 400:
        board = chess.Board(None)
        squares = rng.sample(range(64), 3)
        for square, piece in zip(squares, "KkP", strict=True):
            board.set_piece_at(square, chess.Piece.from_symbol(piece))
        board.turn = rng.random() < 0.5
        if not board.is_valid() or board.is_game_over():
            continue
        counted += 1
        after = []
        for move in board.legal_moves:
            board.push(move)
            if chess.popcount(board.pawns) == 1:
                after.append(wins(board))
            else:  # the pawn was taken or promoted, and lives if it is not taken at once
                promoted = board.occupied & (board.queens | board.rooks)
                lives = not any(board.is_capture(reply) for reply in board.legal_moves)
                after.append(bool(promoted) and lives and not board.is_stalemate())
            board.pop()
        assert wins(board) == (any(after) if board.turn == chess.WHITE else all(after)), board.fen()


def test_who_cannot_lose() -> None:
    assert cannot_lose(chess.Board("8/8/8/P3k3/8/8/8/K7 b - - 0 1"), chess.BLACK) is True
    assert cannot_lose(chess.Board("8/8/8/P6k/8/8/8/K7 b - - 0 1"), chess.BLACK) is False
    assert cannot_lose(chess.Board("8/8/8/P6k/8/8/8/K7 b - - 0 1"), chess.WHITE) is True
    assert cannot_lose(chess.Board("8/8/8/4k3/8/8/8/K1B5 w - - 0 1"), chess.BLACK) is True
    assert cannot_lose(chess.Board(), chess.WHITE) is None
    assert cannot_lose(chess.Board("7k/6Q1/6K1/8/8/8/8/8 b - - 0 1"), chess.BLACK) is False
    assert cannot_lose(chess.Board("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1"), chess.BLACK) is True
    with pytest.raises(ValueError, match="is not king and pawn"):
        wins(chess.Board())
