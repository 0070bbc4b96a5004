"""Addition in lettered columns: what stands on a sheet, against Python's own numbers."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from envs.problem import TRAIN, Grade, Task, questions
from envs.problems import PROBLEMS
from envs.problems.lettered_addition import COLUMNS, sheet

PROBLEM = PROBLEMS["lettered-addition"].problem


def tasks_of(level: int, count: int) -> list[Task]:
    return questions(PROBLEM, *np.array([[TRAIN, level, number] for number in range(count)]).T)


def test_a_sheet_as_on_paper() -> None:
    question, lines, answer = sheet([(57, 68), (4, 3)], 23)
    assert question == "z4+3;y5+6 x7+8"
    assert lines == ["x7+8+0=15", "y5+6+1=12", "z4+3+0=07"]
    assert answer == "z7y12x5"
    assert sheet([(1, 99)], 25)[0] == "a0+9 z1+9", "the alphabet goes round"


@pytest.mark.parametrize("level", [1, 3, 6, 12])
def test_every_sum_on_a_sheet_is_right_and_none_is_longer_than_its_level(level: int) -> None:
    for task in tasks_of(level, 300):
        sums = task.question.split(";")
        assert max(part.count(" ") + 1 for part in sums) == level
        results = dict(re.findall(r"([a-z])(\d+)", task.answer))
        for part in sums:
            columns = [re.fullmatch(r"[a-z](\d)\+(\d)", column) for column in part.split(" ")]
            a, b = (int("".join(column[which] for column in columns if column)) for which in (1, 2))
            assert int("".join(results[column[0]] for column in part.split(" "))) == a + b
        letters = re.findall("[a-z]", task.question)
        assert letters == re.findall("[a-z]", task.answer), "the answer names the columns of the question"
        assert [line[0] for line in task.solution.split("\n")] == letters[::-1]
        assert len(letters) <= max(COLUMNS, level)
        assert {(ord(left) - ord(right)) % 26 for left, right in pairwise(letters)} <= {1}
        for line in task.solution.split("\n"):
            left, right = line[1:].split("=")
            assert eval(left) == int(right)


def test_sheets_of_short_numbers_have_as_many_columns_as_long_numbers() -> None:
    """So a longer number is the only thing that is new at a higher level."""
    columns = {task.solution.count("\n") + 1 for task in tasks_of(3, 500)}
    assert columns == set(range(3, COLUMNS + 1))


def test_grades_and_their_reasons() -> None:
    question, lines, answer = sheet([(57, 68)], 0)
    task = Task(question, answer, "\n".join(lines), lines)
    assert PROBLEM.grade(task, "a7+8+0=15\nb5+6+1=12", "b12a5") == Grade(True, True, 1.0)
    assert PROBLEM.grade(task, "a7+8+0=15\nb5+6+1=12", "125") == Grade(False, True, 1.0, "wrong_answer: 125")
    assert PROBLEM.grade(task, "a7+8+0=15\nb5+6+1=13", "b12a5").reason == "false_step line 2: b5+6+1=13"
    assert PROBLEM.grade(task, "a7+8+0=15\nc5+6+1=12", "b12a5").reason == "not_the_column line 2: c5+6+1=12"
    assert PROBLEM.grade(task, "", "b12a5") == Grade(True, False, 0.0, "no_steps")
