"""Linear equations: what each reply is worth, and that no shorter way leads to full marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envs.linear import read_side
from envs.problem import Grade, Task
from envs.problems.equations import Equations
from envs.random_streams import stream_keys, uniform

PROBLEM = Equations()
K, Z = "900000000", "00000000"
TASK = Task("3x+5=20", "5", "3x=15\nx=5", 5)
LEVELS = range(1, PROBLEM.levels + 1)


def tasks(level: int, count: int) -> list[Task]:
    return [
        PROBLEM.task(level, draws) for draws in uniform(stream_keys(level, np.arange(count)), PROBLEM.draws).tolist()
    ]


def reward(grade: Grade) -> float:
    return 1.0 if grade.right and grade.valid else 0.3 * min(grade.progress, 0.99)


def value(side: str, x: Fraction) -> Fraction:
    """By Python itself: numbers as Fractions, and a sign for each product that is written without one."""
    product = re.sub(r"(?<=[0-9)])(?=[x(])", "*", side)
    return Fraction(eval(re.sub(r"[0-9]+", r"F(\g<0>)", product), {"F": Fraction, "x": x}))


def full_marks(task: Task, body: str, answer: str) -> bool:
    grade = PROBLEM.grade(task, body, answer)
    return grade.right and grade.valid


@pytest.mark.parametrize(
    ("body", "answer", "expected", "reason"),
    [
        ("x=5", "5", 0, "not_one_move line 1: x=5"),
        ("2x=10, x=5", "5", 0, "not_one_move line 1: 2x=10"),
        ("2x=10\nx=5", "5", 0, "not_one_move line 1: 2x=10"),
        ("0=0", "5", 0, "no_steps"),
        ("0=0\nx=5", "5", 0, "not_one_move line 2: x=5"),
        ("0x=0\nx=5", "5", 0, "not_one_move line 1: 0x=0"),
        ("3x=25", "5", 0, "false_step line 1: 3x=25"),
        ("easy", "5", 0, "no_steps"),
        ("3x+5=20", "5", 0, "no_steps"),
        ("1+1=2\n" * 20, "5", 0, "idle_steps line 3: 1+1=2"),
        ("3x=15", "5", 0.2, "not_finished"),
        ("3x=15\n" * 10, "5", 0.2, "idle_steps line 4: 3x=15"),
        ("3x=15\n15=3x\n3x=15\n15=3x\nx=5", "5", 0.2, "idle_steps line 4: 15=3x"),
        ("3x=15\nx=6", "5", 0.2, "false_step line 2: x=6"),
        ("3x=15\nx=15/3", "5", 0.2, "not_finished"),
        ("3x=15\nx=5\nx=7", "7", 0.297, "false_step line 3: x=7"),
        ("3x=15\nx=5", "6", 0.297, "wrong_answer: 6"),
        ("3x=15\nx=5", "3x+5=20", 0.297, "unreadable_answer: 3x+5=20"),
        ("3x=15\nx=5", "15/3", 0.297, "unreadable_answer: 15/3"),
        ("3x=15\nx=5", "5", 1.0, ""),
        ("Take away 5, so 3x = 15.\nDivide by 3 and x = 5.", "5.0", 1.0, ""),
        ("20-5=15\n3x=15\n15/3=5\nx=5", "5", 1.0, ""),
        ("20=3x+5\n15=3x\n5=x", "5", 1.0, ""),
        ("x+5/3=20/3\nx=5", "5", 1.0, ""),
        ("3x=20-5\n3x=15\nx=5", "5", 1.0, ""),
    ],
)
def test_required_scores(body: str, answer: str, expected: float, reason: str) -> None:
    grade = PROBLEM.grade(TASK, body, answer)
    assert (reward(grade), grade.reason) == (expected, reason)


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("2(x-3)=x+7", "2x-6=x+7"),  # multiplied out
        ("2(x-3)=4x+6", "x-3=2x+3"),  # divided, with a parenthesis and without one
        ("2x+3+x=9", "3x+3=9"),  # collected
        ("2x+3+x=9", "2x+x=6"),  # a term taken from a like term, the others left alone
        ("7-x=3", "7=3+x"),  # an unknown added to both sides
        ("-x=4", "x=-4"),
        ("x/3=5", "x=15"),
        ("2x/3=4", "x=6"),
        ("(2x+1)/3=5", "2x+1=15"),
        ("x/2+x/3=5", "3x+2x=30"),
        ("x+3=3", "x=0"),
        ("5=x-2", "x-2=5"),
        ("-(x-3)=4", "-x+3=4"),
    ],
)
def test_one_legal_move(question: str, line: str) -> None:
    answer = solution(question)
    grade = PROBLEM.grade(Task(question, str(answer), "", answer), line, "0")
    assert grade.reason in ("", "no_steps", "not_finished", "wrong_answer: 0")
    assert grade.progress > 0 or len(line) == len(question)


@pytest.mark.parametrize(
    ("question", "line", "code"),
    [
        ("2(x-3)=x+7", "2x=x+13", "not_one_move"),  # multiplied out and 6 added
        ("2x+3+x=9", "3x=6", "not_one_move"),  # collected and 3 taken away
        ("2x+3=x+7", "x=4", "not_one_move"),
        ("2x+4=x+7", "x+2=x/2+4", "false_step"),
        ("3x=15", "6x=30", "no_steps"),  # legal, and leads nowhere
        ("x+1=4", "2(x+1)=8", "not_one_move"),
        ("x+1=4", "2x+2=8", "more_complex"),
        ("x+5=20", "x+5-5=20-5", "more_complex"),
        ("x+5=20", "x*x=225", "unreadable_step"),
        ("x+5=20", "15=xx", "unreadable_step"),
        ("x+5=20", "x=15=15", "unreadable_step"),
        ("x+5=20", "x=1 5", "unreadable_step"),
        ("x+5=20", "x=30/2x", "unreadable_step"),
        ("x+5=20", "x/0=15", "unreadable_step"),
        ("x+5=20", "x=015", "unreadable_step"),
        ("x+5=20", "x=15+0.0", "unreadable_step"),
        ("x+5=20", "(" * 30 + "x" + ")" * 30 + "=15", "unreadable_step"),
        ("x+5=20", "x=" + "+".join("1" * 65), "unreadable_step"),
        ("x+5=20", "x=999999999999*999999999999-1", "unreadable_step"),
        ("x+5=20", "x=15y", "unreadable_step"),
        # each number is within the caps, and the question times the factor is not
        ("x+5=20", f"{K}*1{Z}x+{K}*5{Z}={K}*10{Z}+{K}*10{Z}", "unreadable_step"),
    ],
)
def test_no_legal_move(question: str, line: str, code: str) -> None:
    grade = PROBLEM.grade(Task(question, "15", "", solution(question)), line, "15")
    assert not grade.valid
    assert grade.progress == 0
    assert grade.reason.split()[0] == code


def solution(question: str) -> Fraction:
    """By the secant of the difference of the two sides, which is linear."""
    left, right = question.split("=")
    low, high = (value(left, Fraction(x)) - value(right, Fraction(x)) for x in (0, 1))
    return low / (low - high) if low != high else Fraction(0)


@pytest.mark.parametrize("level", LEVELS)
def test_every_line_of_a_solution_is_true_of_its_answer_and_of_nothing_else(level: int) -> None:
    for task in tasks(level, 200):
        assert solution(task.question) == Fraction(task.answer)
        for line in [task.question, *task.solution.split("\n")]:
            assert solution(line) == Fraction(task.answer), line
        assert task.solution.split("\n")[-1] == f"x={task.answer}"


@pytest.mark.parametrize("level", LEVELS)
def test_own_solution_has_full_marks_and_each_line_of_it_is_progress(level: int) -> None:
    for task in tasks(level, 2000):
        assert PROBLEM.grade(task, task.solution, task.answer) == Grade(True, True, 1.0)
    for task in tasks(level, 50):
        lines = task.solution.split("\n")
        reached = [PROBLEM.grade(task, "\n".join(lines[:n]), "?").progress for n in range(len(lines) + 1)]
        assert reached[0] == 0
        assert all(before < after for before, after in pairwise(reached)), (task, reached)


def drop(lines: list[str], which: int) -> list[str]:
    return lines[:which] + lines[which + 1 :]


def other_digit(lines: list[str], which: int) -> list[str]:
    place = max(i for i, c in enumerate(lines[which]) if c.isdigit())
    line = lines[which]
    digit = "1" if line[place] != "1" else "2"
    return [*lines[:which], line[:place] + digit + line[place + 1 :], *lines[which + 1 :]]


MUTATIONS: dict[str, Callable[[Task, list[str]], tuple[list[str], str]]] = {
    "last line missing": lambda task, lines: (lines[:-1], task.answer),
    "first line missing": lambda task, lines: (lines[1:], task.answer),
    "line before the last missing": lambda task, lines: (drop(lines, -2) if len(lines) > 1 else [], task.answer),
    "another digit in the first line": lambda task, lines: (other_digit(lines, 0), task.answer),
    "another digit in the last line": lambda task, lines: (other_digit(lines, -1), task.answer),
    "two lines exchanged": lambda task, lines: (lines[1::-1] + lines[2:] if len(lines) > 1 else [], task.answer),
    "another answer": lambda task, lines: (lines, str(Fraction(task.answer) + 1)),
    "the last line as the answer": lambda task, lines: (lines, lines[-1]),
    "a false calculation": lambda task, lines: ([*lines[:-1], "2+2=5", lines[-1]], task.answer),
    "three idle calculations": lambda task, lines: (["2+2=4"] * 3 + lines, task.answer),
    "a contradiction at the end": lambda task, lines: ([*lines, f"x={Fraction(task.answer) + 1}"], task.answer),
    "something unreadable": lambda task, lines: ([*lines[:-1], lines[-1] + "^1"], task.answer),
    "one equals sign too many": lambda task, lines: ([lines[0].replace("=", "=="), *lines[1:]], task.answer),
    "another equation": lambda task, lines: (["1009x+1=3", "1009x=2", "x=2/1009"], task.answer),
    # with a term beside it, since 1009x=5045 does follow from 3x=15
    "backfilled": lambda task, lines: ([f"1009x+1={1009 * Fraction(task.answer) + 1}", lines[-1]], task.answer),
}


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_mutated_solution_has_no_full_marks(level: int, name: str) -> None:
    for task in tasks(level, 40):
        lines, answer = MUTATIONS[name](task, task.solution.split("\n"))
        assert not full_marks(task, "\n".join(lines) or "so", answer), (task.question, lines, answer)


def test_a_side_is_read_as_python_reads_it() -> None:
    signs, rng = "0123456789xx+-*/() ", np.random.default_rng(0)
    read = 0
    for _ in range(10000):
        text = "".join(signs[i] for i in rng.integers(len(signs), size=rng.integers(1, 9)))
        try:
            a, b = read_side(text).total
        except ValueError:
            continue
        read += 1
        for x in (Fraction(0), Fraction(1), Fraction(-7, 3)):
            assert a * x + b == value(text.replace(" ", ""), x), text
    assert read > 500


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.from_regex(r"-?[0-9]{0,13}x?([-+][0-9]{1,13})?|[-+x0-9]{1,7}", fullmatch=True))
@example("-0x+0")
@example("-0")
@example("0x")
@example("1x-12")
def test_a_side_is_read_at_a_glance_as_it_is_read_token_by_token(text: str) -> None:
    def read(side: str) -> object:
        try:
            return read_side(side)
        except ValueError as error:
            return str(error)

    assert read(text) == read(f" {text}")
