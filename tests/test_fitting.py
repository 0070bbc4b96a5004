"""Legal is what python-chess calls legal: over moves by squares and by letters, in standard chess and in Chess960."""

from __future__ import annotations

import random
from collections.abc import Iterator

import chess
import pytest

from envs.fitting import castling_rook, fitting
from envs.notation import read
from envs.referee import rule
from tests.chess_positions import legal, moments


def every_move(board: chess.Board, chance: random.Random, elsewhere: int) -> Iterator[chess.Move]:
    """All moves from an own piece to a square, a pawn's with every promotion, and some from other squares."""
    for source in chess.SquareSet(board.occupied_co[board.turn]):
        last = board.piece_type_at(source) == chess.PAWN and source // 8 == (6 if board.turn else 1)
        promotions = (None, 1, 2, 3, 4, 5, 6) if last else (None, *chance.choices(range(1, 7), k=chance.random() < 0.1))
        yield from (chess.Move(source, to, how) for to in chess.SQUARES if to != source for how in promotions)
    for _ in range(elsewhere):
        source, target = chance.sample(chess.SQUARES, 2)
        yield chess.Move(source, target)


def differences(number: int, *, chess960: bool) -> tuple[int, int, list[str]]:
    """How many pairs of a position and a move were compared, how many are legal, and where the referee disagrees."""
    chance, pairs, allowed, wrong = random.Random(number), 0, 0, []
    for moment in moments(number, number, chess960=chess960):
        board = moment.board
        over = board.outcome() is not None
        for move in every_move(board, chance, 40):
            meant, ruling = legal(board, move) and not over, rule(board, move.uci())
            pairs, allowed = pairs + 1, allowed + meant
            if ruling.legal != meant or (meant and not board.is_legal(chess.Move.from_uci(ruling.uci))):
                wrong.append(f"{move.uci()} in {board.fen()}: {meant}, ruled {ruling}")
            if pairs == number:
                return pairs, allowed, wrong
    raise AssertionError("each position has more than one pair")


def sans(number: int, *, chess960: bool) -> tuple[int, int, list[str]]:
    """The same of moves as they are written, each in positions that it was not written in."""
    chance, pairs, allowed, wrong = random.Random(number), 0, 0, []
    written = {moment.board.san(move) for moment in moments(7, 200) for move in moment.board.legal_moves}
    texts = sorted(written)
    for moment in moments(number, number, chess960=chess960):
        board = moment.board
        over = board.outcome() is not None
        for text in (*chance.sample(texts, 60), *map(board.san, board.legal_moves)):
            meant, ruling = not over and written_legally(board, text), rule(board, text)
            pairs, allowed = pairs + 1, allowed + meant
            if ruling.legal != meant:
                wrong.append(f"{text} in {board.fen()}: {meant}, ruled {ruling}")
            if pairs == number:
                return pairs, allowed, wrong
    raise AssertionError("each position has more than one pair")


def written_legally(board: chess.Board, text: str) -> bool:
    """python-chess does not read Kg1 for castling, but e1g1, which says the same: then it counts as legal."""
    try:
        return bool(board.parse_san(text))
    except ValueError:
        king = board.king(board.turn)
        if not text.startswith("K") or king not in (chess.E1, chess.E8):
            return False
        target = chess.parse_square(text.rstrip("+#")[-2:])
        # onto the own rook, the letter says that the king captures it
        castles = abs(target - king) == 2 and king // 8 == target // 8 and board.piece_at(target) is None
        return castles and legal(board, chess.Move(king, target))


@pytest.mark.parametrize("chess960", [False, True])
def test_legal_by_squares(chess960: bool) -> None:
    pairs, allowed, wrong = differences(5_000, chess960=chess960)
    assert wrong == []
    assert allowed > pairs / 100


@pytest.mark.parametrize("chess960", [False, True])
def test_legal_as_written(chess960: bool) -> None:
    pairs, allowed, wrong = sans(2_500, chess960=chess960)
    assert wrong == []
    assert pairs / 10 < allowed < pairs * 0.9


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("chess960", [False, True])
def test_legal_in_a_million(chess960: bool) -> None:
    for name, count in (("squares", differences), ("SAN", sans)):
        pairs, allowed, wrong = count(1_000_000 if name == "squares" else 200_000, chess960=chess960)
        print(f"| {'Chess960' if chess960 else 'standard'} | {name} | {pairs:,} | {allowed:,} | {len(wrong)} |")
        assert wrong == []


def test_castling_in_every_spelling() -> None:
    board = chess.Board("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1")
    for short, spellings in ((True, "O-O 0-0 e1g1 e1h1 Kg1 Ke1g1"), (False, "O-O-O 0-0-0 e1c1 e1a1 Kc1 Ke1-c1")):
        for spelling in spellings.split():
            move = chess.Move(chess.E1, chess.G1 if short else chess.C1)
            assert fitting(board, read(spelling)) == [move], spelling
    assert rule(board, "Kg1").repairs == ("the king's move to g1 was read as O-O",)
    # a king's letter says that it moves there itself
    for spelling in ("Kh1", "Ke1h1", "Ka1", "e1b1", "e1f3"):
        assert fitting(board, read(spelling)) == [], spelling


def test_castling_in_chess960_goes_by_the_rook() -> None:
    board = chess.Board("rk2r3/p3p3/8/8/8/8/P3P3/RK2R3 w KQkq - 0 1", chess960=True)
    assert fitting(board, read("O-O")) == [chess.Move(chess.B1, chess.E1)] == fitting(board, read("b1e1"))
    assert fitting(board, read("O-O-O")) == [chess.Move(chess.B1, chess.A1)] == fitting(board, read("b1a1"))
    two = chess.Board("1k6/8/8/8/8/8/8/1K2R2R w E - 0 1", chess960=True)
    assert fitting(two, read("b1e1")) == [chess.Move(chess.B1, chess.E1)]
    assert fitting(two, read("b1h1")) == []
    for rank, fits in (("1RR1K3", False), ("R3K3", True), ("1R2K3", False)):
        side = chess.Board(f"1k6/8/8/8/8/8/8/{rank} w {'A' if rank[0] == 'R' else 'B'} - 0 1", chess960=True)
        assert bool(fitting(side, read("e1c1"))) == fits == legal(side, chess.Move(chess.E1, chess.C1))
    assert rule(side, "O-O-O").legal
    assert rule(side, "e1c1").kind == "geometry", "with no rook in the corner it says nothing of castling"
    assert fitting(board, read("Ke1")) == fitting(board, read("Ka1")) == fitting(board, read("b1g1")) == []


def test_what_is_no_castling() -> None:
    board = chess.Board("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1")
    assert castling_rook(board, chess.E1, chess.G1) == chess.H1
    assert castling_rook(board, chess.E1, chess.C1) == chess.A1
    assert castling_rook(board, chess.E1, chess.H1, onto_rook=True) == chess.H1
    for target in (chess.F1, chess.G2, chess.E3, chess.B1, chess.H1, chess.A1):
        assert castling_rook(board, chess.E1, target) is None
    assert castling_rook(board, chess.E8, chess.G8) is None, "the other side's"
    assert castling_rook(board, chess.H1, chess.F1) is None, "a rook"
