"""The rules of chess as a problem: python-chess says what is legal; which law is broken, by positions made by hand."""

from __future__ import annotations

import chess
import numpy as np
import pytest

from envs.problem import TRAIN, questions
from envs.problems.chess_rules import LAWS, LEGAL, LEVELS, ChessRules, candidates, law

START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq -"


def test_legal_is_what_python_chess_calls_legal() -> None:
    found = candidates()
    assert set(found) == {LEGAL, *LAWS}
    for answer, moves in found.items():
        assert len({move.position for move in moves}) > 100, answer
        for position, move, said, _ in moves[:: max(1, len(moves) // 300)]:
            board = chess.Board(f"{position} 0 1")
            assert board.is_valid()
            assert said == answer
            assert board.is_legal(chess.Move.from_uci(move)) == (answer == LEGAL), (position, move)


@pytest.mark.parametrize(
    ("fen", "move", "answer", "trace"),
    [
        (START, "e2e4", "legal", "e2=P e4=. P:0,2 e3=. e1<-"),
        (START, "g1f3", "legal", "g1=N f3=. N:-1,2 e1<-"),
        (START, "e4e5", "empty-source", "e4=."),
        (START, "e7e5", "opponent-piece", "e7=p"),
        (START, "e2f4", "geometry", "e2=P f4=. P:1,2"),
        (START, "a1b3", "geometry", "a1=R b3=. R:1,2"),
        (START, "a1a2", "own-capture", "a1=R a2=P R:0,1"),
        (START, "a1a5", "path-blocked", "a1=R a5=. R:0,4 a2=P"),
        (START, "e2d3", "en-passant", "e2=P d3=. P:-1,1 ep=-"),
        (START, "e2e4q", "promotion", "e2=P e4=. P:0,2 e3=."),
        (START, "e1g1", "castling", "e1=K g1=N K:2,0 O-O=yes f1=B"),
        ("8/P7/8/8/8/8/8/k1K5 w - -", "a7a8", "promotion", "a7=P a8=. P:0,1"),
        ("8/P7/8/8/8/8/8/k1K5 w - -", "a7a8n", "legal", "a7=P a8=. P:0,1 c1<-"),
        ("4k3/8/8/8/4r3/8/4N3/4K3 w - -", "e2c3", "king-safety", "e2=N c3=. N:-2,1 e1<e4"),
        ("4k3/8/8/8/4r3/8/8/4K3 w - -", "e1e2", "king-safety", "e1=K e2=. K:0,1 e2<e4"),
        ("4k3/8/8/8/8/8/8/4K2R w K -", "e1g1", "legal", "e1=K g1=. K:2,0 O-O=yes f1=. g1=. e1<- f1<- g1<-"),
        ("4k3/8/8/8/8/8/8/4K2R w - -", "e1g1", "castling", "e1=K g1=. K:2,0 O-O=no"),
        ("4kr2/8/8/8/8/8/8/4K2R w K -", "e1g1", "castling", "e1=K g1=. K:2,0 O-O=yes f1=. g1=. e1<- f1<f8"),
        ("r3k3/8/8/8/8/8/4R3/4K3 b q -", "e8c8", "castling", "e8=k c8=. k:-2,0 O-O-O=yes d8=. c8=. b8=. e8<e2"),
        ("4k3/8/8/3pP3/8/8/8/4K3 w - d6", "e5d6", "legal", "e5=P d6=. P:-1,1 ep=d6 e1<-"),
        ("4k3/8/8/3pP3/8/8/8/4K3 w - -", "e5d6", "en-passant", "e5=P d6=. P:-1,1 ep=-"),
        # both pawns leave the fifth rank at once
        ("4k3/8/8/K2pP2r/8/8/8/8 w - d6", "e5d6", "king-safety", "e5=P d6=. P:-1,1 ep=d6 a5<h5"),
    ],
)
def test_each_law(fen: str, move: str, answer: str, trace: str) -> None:
    board = chess.Board(f"{fen} 0 1")
    assert law(board, chess.Move.from_uci(move)) == (answer, trace.split(" "))
    assert board.is_legal(chess.Move.from_uci(move)) == (answer == LEGAL)


def test_black_plays_by_the_same_rules() -> None:
    """Every question mirrored: the same answer."""
    for answer, moves in candidates().items():
        for position, move, _, _ in moves[:: max(1, len(moves) // 50)]:
            board, uci = chess.Board(f"{position} 0 1").mirror(), chess.Move.from_uci(move)
            turned = chess.Move(chess.square_mirror(uci.from_square), chess.square_mirror(uci.to_square), uci.promotion)
            assert law(board, turned)[0] == answer, (position, move)


@pytest.mark.parametrize("level", range(1, len(LEVELS) + 1))
def test_every_answer_of_a_level_is_asked_for(level: int) -> None:
    tasks = questions(ChessRules(), np.full(400, TRAIN), np.full(400, level), np.arange(400))
    assert {task.answer for task in tasks} == set([LEGAL, *LAWS][: LEVELS[level - 1]])
