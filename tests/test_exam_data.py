"""The hand-written claims (`data/claims_*.jsonl`) are what they say they are: positions that exist, a speaker whose
turn it was, every kind of claim often enough, and no line twice. What the checker makes of them is another test's
business.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import chess
import pytest

DATA = Path(__file__).parent / "data"
FIELDS = {"fen", "moves", "chess960", "speaker", "text", "claims", "note"}
AT_LEAST = {
    ("rule", "false"): 50,
    ("rule", "true"): 25,
    ("state", "true"): 25,
    ("state", "false"): 25,
    ("result", "unverifiable"): 10,
    ("result", "true"): 3,
    ("result", "false"): 2,
    ("none", ""): 50,
}


def lines_of(language: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"claims_{language}.jsonl").read_text("utf-8").splitlines()]


def bare(text: str) -> str:
    """The words alone: two lines that differ in case, space or punctuation are the same line."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_is_a_position_that_exists_and_a_speaker_whose_turn_it_was(language: str) -> None:
    for line in lines_of(language):
        assert line.keys() <= FIELDS, line
        board = chess.Board(line["fen"], chess960=line.get("chess960", False))
        assert board.is_valid(), line
        turn = board.turn
        for move in line.get("moves", []):
            turn = board.turn
            assert chess.Move.from_uci(move) in board.legal_moves, (line, move)
            board.push_uci(move)
        assert line["speaker"] == chess.COLOR_NAMES[turn], line
        assert line["text"].strip() == line["text"] != "", line
        assert isinstance(line.get("note", ""), str), line
        for claim in line["claims"]:
            assert claim.keys() == {"kind", "finding"}, line
            assert claim["kind"] in ("rule", "state", "result"), line
            assert claim["finding"] in ("true", "false", "unverifiable"), line


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_class_is_there_often_enough_and_no_line_twice(language: str) -> None:
    lines = lines_of(language)
    assert len(lines) >= 170
    texts = Counter(bare(line["text"]) for line in lines)
    assert [text for text, times in texts.items() if times > 1] == []
    count = Counter((claim["kind"], claim["finding"]) for line in lines for claim in line["claims"])
    count["none", ""] = sum(not line["claims"] for line in lines)
    short = {kind: count[kind] for kind, least in AT_LEAST.items() if count[kind] < least}
    assert not short
    assert len({line["fen"] + " ".join(line.get("moves", [])) for line in lines}) >= 50, "too few positions"


def test_each_language_is_written_in_its_own_script() -> None:
    han = {
        language: sum(any("一" <= c <= "鿿" for c in line["text"]) for line in lines_of(language))
        for language in ("en", "zh")
    }
    assert han == {"en": 0, "zh": len(lines_of("zh"))}
