"""Addition and subtraction: the written scheme, column by column, against what paper says and Python's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from envs.problem import TRAIN, Grade, Task, questions
from envs.problems import PROBLEMS
from envs.problems.addition import Addition, Subtraction, differences, sums

ADD, SUBTRACT = Addition(), Subtraction()


def added(a: int, b: int, body: str, answer: str) -> Grade:
    return ADD.grade(Task(f"{a}+{b}", str(a + b), "", (a, b)), body, answer)


@pytest.mark.parametrize(
    ("a", "b", "lines"),
    [
        (57, 68, "7+8=15\n5+6+1=12"),
        (5, 4, "5+4=9"),
        (999, 1, "9+1=10\n9+1=10\n9+1=10"),
        (7, 1200, "7+0=7\n0=0\n2=2\n1=1"),
    ],
)
def test_the_scheme_of_a_sum_as_on_paper(a: int, b: int, lines: str) -> None:
    assert "\n".join(sums(a, b)) == lines


@pytest.mark.parametrize(
    ("a", "b", "lines"),
    [
        (502, 38, "12-8=4\n10-3-1=6\n5-1=4"),
        (57, 57, "7-7=0\n5-5=0"),
        (1000, 1, "10-1=9\n10-1=9\n10-1=9\n1-1=0"),
        (86, 3, "6-3=3\n8=8"),
    ],
)
def test_the_scheme_of_a_difference_as_on_paper(a: int, b: int, lines: str) -> None:
    assert "\n".join(differences(a, b)) == lines


@pytest.mark.parametrize("level", [1, 2, 5, 32])
@pytest.mark.parametrize("name", ["addition", "subtraction"])
def test_every_line_is_true_and_the_last_digits_are_the_answer(name: str, level: int) -> None:
    for task in questions(PROBLEMS[name].problem, *np.array([[TRAIN, level, number] for number in range(200)]).T):
        assert max(len(str(number)) for number in task.data) == level
        assert int(task.answer) == eval(task.question)
        results = []
        for line in task.solution.split("\n"):
            left, right = line.split("=")
            assert eval(left) == int(right)
            results.append(right)
        digits = results[-1] + "".join(result[-1] for result in reversed(results[:-1]))
        assert int(digits) == int(task.answer)


def test_both_numbers_are_of_all_lengths() -> None:
    for name in ("addition", "subtraction"):
        tasks = questions(PROBLEMS[name].problem, *np.array([[TRAIN, 4, number] for number in range(400)]).T)
        lengths = [tuple(len(str(number)) for number in task.data) for task in tasks]
        assert {(4, n) for n in (1, 2, 3, 4)} <= set(lengths)
        assert lengths.count((4, 4)) > 150
    assert {(n, 4) for n in (1, 2, 3)} & set(lengths) == set(), "the smaller number is taken from the larger"


@pytest.mark.parametrize(
    ("body", "answer", "grade"),
    [
        ("7+8=15\n5+6+1=12", "125", Grade(True, True, 1.0)),
        ("\n7+8=15\n5+6+1=12\n", "125", Grade(True, True, 1.0)),
        ("7+8=15\n5+6+1=12", "126", Grade(False, True, 1.0, "wrong_answer: 126")),
        ("7+8=15\n5+6+1=12", "0125", Grade(False, True, 1.0, "wrong_answer: 0125")),
        ("", "125", Grade(True, False, 0.0, "no_steps")),
        ("57+68=125", "125", Grade(True, False, 0.0, "not_a_step line 1: 57+68=125")),
        ("7+8=14\n5+6+1=12", "125", Grade(True, False, 0.0, "false_step line 1: 7+8=14")),
        ("7+8=15\n5+6=11", "125", Grade(True, False, 0.5, "not_the_column line 2: 5+6=11")),
        ("7+8=15\n6+5+1=12", "125", Grade(True, False, 0.5, "not_the_column line 2: 6+5+1=12")),
        ("7+8=15", "125", Grade(True, False, 0.5, "not_finished line 2: 1 of 2 columns are missing")),
        ("7+8=15\n5+6+1=12\n1=1", "125", Grade(True, False, 1.0, "idle_steps line 3: 1=1")),
        ("7+8=15\n\n5+6+1=12", "125", Grade(True, False, 0.5, "not_a_step line 2: ")),
    ],
)
def test_grades_and_their_reasons(body: str, answer: str, grade: Grade) -> None:
    assert added(57, 68, body, answer) == grade


def test_a_false_difference_is_told_from_the_wrong_column() -> None:
    task = Task("52-38", "14", "", (52, 38))
    assert SUBTRACT.grade(task, "12-8=4\n5-3-1=1", "14") == Grade(True, True, 1.0)
    assert SUBTRACT.grade(task, "12-8=4\n5-3-1=2", "14").reason == "false_step line 2: 5-3-1=2"
    assert SUBTRACT.grade(task, "12-8=4\n5-3=2", "14").reason == "not_the_column line 2: 5-3=2"
