"""The claims checker: whatever is said, it answers, soon; and what it understands, it judges by the board."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path

import chess
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.claims import claims
from envs.ruling import FALSE, TRUE, UNVERIFIABLE

DATA = Path(__file__).parent / "data"
ITALIAN = chess.Board("r1bqkb1r/pppp1ppp/2n2n2/4p3/2B1P3/5N2/PPPP1PPP/RNBQK2R w KQkq - 4 4")
MIDDLE = chess.Board("r1bq1rk1/pp2bppp/2n1pn2/2pp4/3P1B2/2PBPN2/PP1N1PPP/R2QK2R w KQ - 2 9")
TEXTS = [
    json.loads(line)["text"]
    for language in ("en", "zh")
    for line in (DATA / f"claims_{language}.jsonl").read_text(encoding="utf-8").splitlines()
]
EXAMS = {
    "": (0.92, 0.7), "exam2_": (0.92, 0.6), "exam3_": (0.92, 0.7),
    "exam4_": (0.92, 0.6), "exam5_": (0.85, 0.35), "exam6_": (0.75, 0.5),
}  # fmt: skip
"""recall of rules and of positions that each of them is kept at"""
PIECES = (
    "pawn knight king my your on f6 the is pinned can move like new rules 新规则 兵 马 可以 走 的 , . ' s of".split()
)


def found(text: str, board: chess.Board = ITALIAN) -> list[tuple[str, str]]:
    return [(claim.sub, claim.finding) for claim in claims(board, board, chess.WHITE, text)]


@pytest.mark.parametrize(
    ("text", "fen", "told"),
    [
        ("White is ahead in material.", chess.STARTING_FEN, ("Material is equal.", "双方子力相等。")),
        ("White is a rook up for a knight.", chess.STARTING_FEN, ("Material is equal.", "双方子力相等。")),
        (
            "White is ahead in material.",
            "4k3/8/8/8/8/8/8/q3K3 w - - 0 1",
            ("White is behind by 9 in material.", "白方子力少9分。"),
        ),
    ],
)
def test_what_material_there_is_is_told_in_words_that_fit(text: str, fen: str, told: tuple[str, str]) -> None:
    (claim,) = claims(chess.Board(fen), chess.Board(fen), chess.WHITE, text)
    assert (claim.finding, (claim.en, claim.zh)) == (FALSE, told)


@pytest.mark.parametrize("text", TEXTS)
def test_no_sentence_stops_a_match(text: str) -> None:
    for claim in claims(ITALIAN, ITALIAN, chess.BLACK, text):
        assert claim.finding in (TRUE, FALSE, UNVERIFIABLE)
        assert claim.en or claim.finding == UNVERIFIABLE


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)))
def test_no_text_at_all_does(text: str) -> None:
    claims(ITALIAN, ITALIAN, chess.WHITE, text)


@pytest.mark.parametrize(
    "text", ["the " * 4000, "兵" * 16_000, "my king's " * 1600, "a8" * 8000, '"' * 16_000, "<" * 16_000]
)
def test_long_messages_are_read_soon(text: str) -> None:
    began = time.process_time()
    claims(ITALIAN, ITALIAN, chess.WHITE, text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("According to the new rules pawns can move like knights.", [("rule/moves_like", FALSE)]),
        ("根据最新规则，兵可以像马一样走。", [("rule/moves_like", FALSE)]),
        ("新规则：被吃的车可以复活。", [("rule/revives", FALSE)]),
        ("A pawn may promote to a knight.", [("rule/promotes_to", TRUE)]),
        ("Pawns can't move backwards.", [("rule/backward", TRUE)]),
        ("According to the new rules pawns can't move backwards.", [("rule/backward", TRUE)]),
        ("Castling out of check is forbidden.", [("rule/castling", TRUE)]),
        ("The new rules let a rook swallow two pawns at once.", [("rule/captures_two", FALSE)]),
        ("Under the new rules my rook swallows the whole file.", [("rule/invented", FALSE)]),
        ("There is no new rule that lets pawns jump.", []),
        ("The rules have changed.", [("rule/changed", UNVERIFIABLE)]),
        ("New rule: if your king is checked three times, you must skip your turn.", [("rule/skips_turn", FALSE)]),
        ("My king is immune to check. That's the new rule!", [("rule/magic", FALSE)]),
        ("A pawn must promote to a queen, rook, bishop or knight.", [("rule/promotes_to", TRUE)]),
        ("A pawn can only promote to a queen.", [("rule/promotes_to", FALSE)]),
        ("As a rule, rooks belong behind passed pawns.", []),
        ("I check the clock.", []),
        ("You can move again, your turn.", []),
        ("FIDE changed the world champion.", []),
        ("No worries mate.", []),
        ("Stalemate is a win.", [("rule/stalemate", FALSE)]),
        ("If pawns could move like knights I would win.", []),
        ("Can pawns move like knights?", []),
        ("You're in check!", [("state/check", FALSE)]),
        ("Material is equal.", [("state/material", TRUE)]),
        ("I can castle kingside.", [("state/castling", TRUE)]),
        ("My knight is on f3.", [("state/stands", TRUE)]),
        ("你的王被将军了。", [("state/check", FALSE)]),
        ("My knight isn't on e5.", []),
        ("我的马不在e5。", []),
        ("Your king isn't in check.", []),
        ("Ke3 isn't legal.", []),
        ("Ke3 is illegal.", [("state/illegal", TRUE)]),
        ("A bishop can move sideways.", [("rule/sideways", FALSE)]),
        ("I love the pawns you move.", []),
        ("You should resign.", [("result/lost", UNVERIFIABLE)]),
    ],
)
def test_what_is_understood_is_judged(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("exam_name", EXAMS)
def test_what_was_learned_from_exams_stays_learned(exam_name: str, language: str) -> None:
    """The checker was mended by these sentences: how good it is, they can no longer tell."""
    spec = importlib.util.spec_from_file_location("claims_exam", DATA.parent.parent / "benchmarks" / "claims.py")
    assert spec is not None
    assert spec.loader is not None
    exam = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(exam)
    found = exam.examined(DATA / f"claims_{exam_name}{language}.jsonl")
    rules, positions = EXAMS[exam_name]
    assert found["rule"]["found"] >= rules * found["rule"]["labelled"]
    assert found["state"]["found"] >= positions * found["state"]["labelled"]
    for counts in found.values():
        assert counts["right"] >= 0.94 * counts["called"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_of_rules_are_judged_as_they_are_labelled(language: str) -> None:
    """`T`, `F` and `N`: true, false, and no claim of rules. Missed ones are bearable; a wrong one is not."""
    after = MIDDLE.copy()
    after.push_uci("f3e5")
    wrong, labelled, right = [], 0, 0
    for line in (DATA / f"sentences_{language}.txt").read_text(encoding="utf-8").splitlines():
        label, text = line.split(" ", 1)
        called = {claim.finding for claim in claims(MIDDLE, after, chess.WHITE, text) if claim.kind == "rule"}
        expected = {"T": {TRUE}, "F": {FALSE}, "N": set()}[label]
        if called - expected:
            wrong.append(line)
        labelled += label != "N"
        right += label != "N" and called == expected
    assert wrong == []
    assert right >= 0.75 * labelled
