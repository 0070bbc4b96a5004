"""The referee on mirrored boards, on boards that no game leads to, and on any text at all."""

from __future__ import annotations

import random
import re
import time
from collections import Counter

import chess
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.referee import KINDS, rule, written
from envs.ruling import Ruling
from tests.chess_positions import CASTLES, MATES, PAWNS, ended, legal, moments, tries

MOVES = ("Nf3", "bxc5", "Bxc5+", "e8=Q", "O-O", "O-O-O#", "e2e4", "Ng1-f3", "Raxd1", "R1a3", "e7e8n", "Qh4e1", "b8=N#")


@pytest.mark.parametrize("chess960", [False, True])
def test_legal_moves_are_written_as_python_chess_writes_them(chess960: bool) -> None:
    seen = Counter[str]()
    found = [*moments(22, 100, chess960=chess960), *moments(23, 20, starts=PAWNS), *moments(24, 9, starts=CASTLES)]
    for moment in (*found, *moments(25, 60, starts=MATES)):
        for move in moment.board.legal_moves:
            san = moment.board.san(move)
            assert written(moment.board, move) == san, (moment.board.fen(), move)
            seen.update(re.sub("[a-h1-8]", "", san))
    assert set(seen) == {*"KQRBNOx=+#-"}


def mirrored(board: chess.Board) -> chess.Board:
    """The same game with the colours exchanged."""
    turned = board.root().mirror()
    for move in board.move_stack:
        turned.push(
            chess.Move(*map(chess.square_mirror, (move.from_square, move.to_square)), move.promotion) if move else move
        )
    return turned


MIDDLE = chess.Board("r1bqk2r/ppp2ppp/2n2n2/2bpp3/2B1P3/2NP1N2/PPP2PPP/R1BQK2R w KQkq d6 0 6")
RANKS = str.maketrans("12345678", "87654321")


def test_mirrored_boards_give_mirrored_verdicts() -> None:
    chance, compared = random.Random(6), Counter[str]()
    texts = sorted({moment.board.san(move) for moment in moments(14, 60) for move in moment.board.legal_moves})
    for moment in (*moments(15, 25), *moments(16, 20, starts=PAWNS), *ended(17, 2)):
        board, turned = moment.board, mirrored(moment.board)
        squares = [move.uci() for move in tries(moment, chance)]
        short = {re.sub("[a-h1-8](?=[a-h][1-8])", "", board.san(move)) for move in board.legal_moves}
        for text in (*chance.sample(texts, 20), *squares, "O-O", "O-O-O", *sorted(short)):
            ours, theirs = rule(board, text), rule(turned, text.translate(RANKS))
            compared[ours.kind] += 1
            for field in ("kind", "sub", "piece", "article", "false_marks"):
                assert getattr(ours, field) == getattr(theirs, field), (board.fen(), text)
            assert ours.uci.translate(RANKS) == theirs.uci, (board.fen(), text)
            assert [name.translate(RANKS) for name in ours.squares] == [*theirs.squares], (board.fen(), text)
            assert [name.translate(RANKS) for name, _ in ours.candidates] == [name for name, _ in theirs.candidates]
    assert set(compared) == {"legal", *KINDS} - {"no_move", "syntax", "null"}


def test_the_board_is_left_alone() -> None:
    """Not even a move and its taking back: other threads may look at the board meanwhile."""

    class Watched(chess.Board):
        watched = False

        def push(self, move: chess.Move) -> None:
            assert not self.watched
            super().push(move)

        def pop(self) -> chess.Move:
            assert not self.watched
            return super().pop()

    for moment in (*moments(18, 40), *(moment for moment in ended(19, 2))):
        board = Watched(moment.board.root().fen())
        for move in moment.board.move_stack:
            board.push(move)
        before, stack, board.watched = board.fen(), list(board.move_stack), True
        for text in (
            "Nf3",
            "e2e4",
            "Rxa8#",
            "O-O",
            "exd6",
            "0000",
            "e7e5",
            *(move.uci() for move in moment.board.legal_moves),
        ):
            rule(board, text)
        assert (board.fen(), board.move_stack) == (before, stack)


def test_boards_that_no_game_leads_to() -> None:
    """After illegal moves that were accepted: kings missing or doubled, pawns on the last rank, both in check."""
    chance = random.Random(20)
    texts = [*MOVES, *map("".join, (chance.sample(chess.SQUARE_NAMES, 2) for _ in range(30)))]
    for moment in moments(21, 80):
        board = moment.board.copy(stack=chance.random() < 0.5)
        for _ in range(chance.randint(1, 12)):
            piece = chess.Piece(chance.randint(1, 6), chance.random() < 0.5)
            board.set_piece_at(chance.randrange(64), chance.choice((None, piece)))
        board.castling_rights = board.clean_castling_rights()
        for text in texts:
            ruling = rule(board, text)
            assert ruling.kind == "legal" or ruling.sub in ("", *KINDS[ruling.kind])
            if text.islower() and len(text) == 4 and "x" not in text:
                meant = board.outcome() is None and legal(board, chess.Move.from_uci(text))
                assert ruling.legal == meant, (board.fen(), text)


@given(st.one_of(st.text(), st.text(alphabet="KQRBNPabcdefgh12345678xO0-+#=!?. 马車吃升变后\u200b♘Ｎ")))
def test_any_text_gets_a_ruling(text: str) -> None:
    for board in (chess.Board(), MIDDLE):
        ruling = rule(board, text)
        assert isinstance(ruling, Ruling)
        assert min(ruling.en, ruling.zh) > ""
        assert (ruling.en + ruling.zh).isprintable()
        assert ruling.kind == "legal" or ruling.sub in ("", *KINDS[ruling.kind])


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "N",
        "x",
        "0-",
        "O-O",
        " ",
        "(",
        "1.",
        "e4 ",
        "!",
        "e.p.",
        "马",
        "\ufdfa",
        "½",
        "=Q",
        "\ud800",
        "#+",
        "♘",
        "*`",
    ],
)
def test_long_texts_cost_little(unit: str) -> None:
    for length in (10_000, 60, 64, 65):
        text = (unit * length)[:length]
        times = []
        for number in range(3):
            began = time.perf_counter()
            rule(MIDDLE, f"{text}{number}" if length < 10_000 else f"{text}{number}".replace(" ", " "))
            times.append(time.perf_counter() - began)
        assert min(times) < 0.005, (unit, length)
