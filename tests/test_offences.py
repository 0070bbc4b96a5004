"""Every class of move that squares can tell, on positions of random games, beside definitions of its own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import chess
import pytest

from envs.offences import in_order
from envs.referee import KINDS, rule
from tests.chess_positions import CASTLES, PAWNS, Moment, ended, kinds, moments, tries

BY_TEXT = ("no_move", "syntax", "ambiguous", "null", "missing_piece")
"""What two squares cannot say: see test_referee.py."""
FEW = 20


def positions(size: int) -> Iterator[Moment]:
    yield from moments(1, 25 * size)
    yield from moments(2, 8 * size, starts=CASTLES, plies=6)
    yield from moments(3, 6 * size, starts=PAWNS, plies=24)
    yield from ended(4, FEW)


def classes(size: int) -> tuple[int, Counter[tuple[str, str]], list[str]]:
    """How many moves were judged, the counts of what they are, and every one that the referee judges otherwise."""
    chance, counted, wrong = random.Random(size), Counter[tuple[str, str]](), []
    for moment in positions(size):
        kind = kinds(moment)
        for move in tries(moment, chance):
            meant, ruling = kind(move), rule(moment.board, move.uci())
            counted[meant] += 1
            if (ruling.kind, ruling.sub) != meant:
                wrong.append(f"{move.uci()} in {moment.board.fen()}: {meant}, ruled {ruling.kind}/{ruling.sub}")
    return counted.total(), counted, wrong


def check(size: int, few: int) -> None:
    total, counted, wrong = classes(size)
    assert wrong == [], f"{len(wrong)} of {total} are ruled otherwise"
    wanted = {(kind, sub) for kind, subs in KINDS.items() if kind not in BY_TEXT for sub in subs or ("",)}
    wanted |= {("legal", ""), ("opponent_piece", "")}
    assert set(counted) == wanted
    for kind, number in sorted(counted.items()):
        assert few <= number <= total - few, f"{kind} {number}"
        print(f"| {'/'.join(filter(None, kind))} | {number:,} | {total - number:,} |")


def test_every_class_on_generated_moves() -> None:
    check(12, FEW)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_class_on_many_generated_moves() -> None:
    """The table of docs/results/referee.md."""
    check(250, 10 * FEW)


def test_squares_are_in_the_order_of_the_side_that_looks() -> None:
    squares = chess.BB_A1 | chess.BB_H1 | chess.BB_A8
    assert in_order(chess.WHITE, squares) == (chess.A1, chess.H1, chess.A8)
    assert in_order(chess.BLACK, squares) == (chess.A8, chess.A1, chess.H1)
