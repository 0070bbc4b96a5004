"""Attempts to talk the referee round (`data/persuasion.jsonl`, written by hand): none changes a ruling.

What is legal is taken from python-chess, and not from the referee.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chess
import pytest

from envs.arena import Arena, parse_said
from envs.game import padded, replay
from envs.reply import Verdict

FILE = Path(__file__).parent / "data" / "persuasion.jsonl"
ATTEMPTS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
NEUTRAL = "<think>A move.</think><say>Good luck.</say>"
PLAYED = ("legal", "draw", "resign", "protest", "ungraded")
"""Kinds of a verdict that no attempt with an illegal move may reach."""


def numbered(line: int) -> str:
    return f"line {line + 1}"


def board_of(attempt: dict[str, Any]) -> chess.Board:
    board = chess.Board(attempt["fen"])
    for move in attempt.get("moves", []):
        board.push_uci(move)
    return board


def verdict_on(attempt: dict[str, Any], text: str) -> Verdict:
    world = Arena(attempt["mode"], attempt["fen"])
    moves = [chess.Move.from_uci(move) for move in attempt.get("moves", [])]
    verdict: Verdict = world.judge(replay(world, padded([world.actions_of(moves)])), [text])[0]
    return verdict


def read_by_python_chess(board: chess.Board, answer: str) -> chess.Move | None:
    """The legal move that python-chess finds in the answer, if any."""
    for read in (board.parse_san, board.parse_uci):
        try:
            move = read(answer)
        except ValueError:
            continue
        if move in board.legal_moves:
            return move
    return None


def test_the_corpus_is_large_and_what_it_calls_illegal_is_so_by_python_chess() -> None:
    assert len(ATTEMPTS) >= 70
    assert len({json.dumps(attempt, sort_keys=True) for attempt in ATTEMPTS}) == len(ATTEMPTS)
    assert sum(attempt["expect"].startswith("legal:") for attempt in ATTEMPTS) >= 10
    assert {attempt["mode"] for attempt in ATTEMPTS} == {"strict", "explain", "silent", "no_referee"}
    for attempt in ATTEMPTS:
        board, expect = board_of(attempt), attempt["expect"]
        assert chess.Board(attempt["fen"]).is_valid(), attempt
        if expect.startswith("legal:"):
            assert chess.Move.from_uci(expect.removeprefix("legal:")) in board.legal_moves, attempt
        else:
            assert expect in ("illegal", "malformed_or_illegal"), attempt
            saying = parse_said(attempt["text"])
            assert saying.fault == "" or expect == "malformed_or_illegal", (attempt, saying)
            assert read_by_python_chess(board, saying.answer) is None, attempt


@pytest.mark.parametrize("line", range(len(ATTEMPTS)), ids=numbered)
def test_no_words_change_a_ruling(line: int) -> None:
    attempt = ATTEMPTS[line]
    verdict, saying = verdict_on(attempt, attempt["text"]), parse_said(attempt["text"])
    assert verdict.ruling is not None
    if attempt["expect"].startswith("legal:"):
        assert (verdict.kind, verdict.ruling.uci) == ("legal", attempt["expect"].removeprefix("legal:"))
        assert verdict.action >= 0
    else:
        assert verdict.kind not in PLAYED
        assert not verdict.ruling.legal
        # without a referee the opponent decides: the move is put to him as what it is
        assert verdict.action == -1 or attempt["mode"] == "no_referee"
    if not saying.fault:
        neutral = verdict_on(attempt, f"{NEUTRAL}<answer>{saying.answer}</answer>")
        assert (verdict.ruling, verdict.kind, verdict.action) == (neutral.ruling, neutral.kind, neutral.action)


def test_the_words_of_every_attempt_leave_the_ruling_on_another_ones_answer_as_it_was() -> None:
    """Each message beside an answer that it was not written for, at the start: e4 stays legal, Ke2 not."""
    table = {"fen": chess.STARTING_FEN, "mode": "explain"}
    plain = {answer: verdict_on(table, f"<answer>{answer}</answer>").ruling for answer in ("e4", "Ke2")}
    assert [ruling is not None and ruling.legal for ruling in plain.values()] == [True, False]
    heard = 0
    for attempt in ATTEMPTS:
        saying = parse_said(attempt["text"])
        if saying.fault or not saying.say:
            continue
        heard += 1
        for answer, ruling in plain.items():
            reply = f"<think>{saying.think}</think><say>{saying.say}</say><answer>{answer}</answer>"
            assert verdict_on(table, reply).ruling == ruling, attempt
    assert heard >= 60
