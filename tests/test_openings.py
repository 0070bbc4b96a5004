"""Openings out of a file."""

from __future__ import annotations

from pathlib import Path

import chess
import pytest

from agents.openings import openings_of


@pytest.mark.parametrize("line", ["1.e4 e5 2.Nf3 Nc6 *", "1. e4 e5 2. Nf3 Nc6 1-0", "e4 1... e5 Nf3 Nc6 # a comment"])
def test_a_line_of_moves_is_read_however_it_is_numbered(tmp_path: Path, line: str) -> None:
    (tmp_path / "lines.txt").write_text(line)
    ((*moves,),) = openings_of(tmp_path / "lines.txt", chess.Board())
    assert [move.uci() for move in moves] == ["e2e4", "e7e5", "g1f3", "b8c6"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# mate\n\ne4 e5\n1.f3 e5 2.g4 Qh4# *\n", "line 4: with 'Qh4' the game is over already"),
        ('[Event "x"]\n\n1. f3 e5 2. g4 Qh4# 0-1\n', "game 1: with d8h4 the game is over already"),
        ("1.e4 e5 2.Ke3", "line 1: 'Ke3' is no legal move"),
    ],
)
def test_an_opening_that_cannot_be_played_on_is_named(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "lines.txt").write_text(text)
    with pytest.raises(ValueError, match=fault):
        openings_of(tmp_path / "lines.txt", chess.Board())
