"""The layouts in which questions are published, and what is missing in one that is like none of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from envs.json_lines import RawLine, read_object
from envs.layouts import Line, boxed, line_of, task_of


def read(**fields: Any) -> Line:
    return line_of(read_object(RawLine(1, 0, json.dumps(fields).encode())))


def test_gsm8k() -> None:
    """The first question of GSM8K's training set, as it is published (Cobbe et al. 2021, MIT licence)."""
    found = read(
        question="Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
        "How many clips did Natalia sell altogether in April and May?",
        answer="Natalia sold 48/2 = <<48/2=24>>24 clips in May.\n"
        "Natalia sold 48+24 = <<48+24=72>>72 clips altogether in April and May.\n#### 72",
    )
    assert found.answer == "72"
    assert found.solution == (
        "Natalia sold 48/2 = 24 clips in May.\nNatalia sold 48+24 = 72 clips altogether in April and May."
    )


def test_math() -> None:
    found = read(problem="What is $1+1$?", solution="It is $\\boxed{3}$, no: $\\boxed{\\frac{4}{2}}$.", level="Level 1")
    assert found == ("What is $1+1$?", "\\frac{4}{2}", "It is $\\boxed{3}$, no: $\\boxed{\\frac{4}{2}}$.")
    # with a field of its own for the answer, as in MATH-500
    assert read(problem="?", solution="so $\\boxed{3}$", answer="4") == ("?", "4", "so $\\boxed{3}$")


def test_plain_fields() -> None:
    assert read(question="2+2?", answer=" 4 ") == ("2+2?", "4", "4")
    assert read(question="2+2?", answer=4, solution="2+2=4") == ("2+2?", "4", "2+2=4")
    assert read(question="a\r\nb\tc\u00a0d", answer="4", solution=None) == ("a\nb c d", "4", "4")
    assert read(question="?", answer="1,234,567.50").answer == "1234567.50"
    assert read(question="?", answer="12,34").answer == "12,34"
    assert read(question="?", answer="$x$").answer == "x"
    assert read(question="?", answer="so it is. ####").answer == ""


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"questoin": "?", "answer": "1"}, "no field 'question'.*did you mean 'questoin'"),
        ({"question": "?"}, "no field 'answer' .it has: 'question'"),
        ({"question": "?", "anwser\x1b[2J": "1"}, r"no field 'answer' .it has: 'question', 'anwser\\x1b"),
        ({}, "it has: nothing"),
        ({"question": 5, "answer": "1"}, "'question' is a number where text"),
        ({"question": ["?"], "answer": "1"}, "'question' is a list where text"),
        ({"question": "?", "answer": True}, "'answer' is true or false"),
        ({"question": "?", "answer": None}, "'answer' is null"),
        ({"question": "?", "answer": {"x": 1}}, "'answer' is an object"),
        ({"question": "?", "answer": "1", "solution": 3}, "'solution' is a number"),
        ({"question": " \n", "answer": "1"}, "'question' is empty"),
        ({"question": "?", "answer": " "}, "'answer' is empty"),
    ],
)
def test_what_is_missing_is_named(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read(**fields)


def test_boxes() -> None:
    assert boxed("a \\boxed{1} b \\boxed{x^{2}+{3}} c}") == "x^{2}+{3}"
    assert boxed("\\boxed{1} and \\boxed{2") == ""
    assert boxed("none") == ""
    assert boxed("\\boxed{" * 5000) == ""
    assert boxed("\\boxed{" + "{" * 100_000 + "}" * 100_001) == "{" * 100_000 + "}" * 100_000


def test_case_and_white_space_make_no_other_question() -> None:
    assert task_of(Line("What  is\n2?", "2", "2")).same == task_of(Line("what is 2?", "3", "")).same
    assert task_of(Line("What is 2?", "2", "2")).same != task_of(Line("What is 3?", "2", "2")).same
