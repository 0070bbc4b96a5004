import ast
import operator
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.problem import Grade, Task, questions, split_of
from envs.problems.modular import Modular, Sum

MODULAR = Modular()
LEVELS = range(1, MODULAR.levels + 1)
EXAMPLE = Task("(17*5+3)%7", "4", "", Sum(7, (17, 5, 3), (("*", 0, 1), ("+", 3, 2))))
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod}


def python_value(text: str) -> int:
    """What Python's own grammar makes of an expression, without eval."""

    def value(node: ast.expr) -> int:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        assert isinstance(node, ast.Constant)
        return node.value

    return value(ast.parse(text, mode="eval").body)


def generated(level: int, n: int, split: int = 0) -> list[Task]:
    return questions(MODULAR, np.full(n, split), np.full(n, level), np.arange(n))


@pytest.mark.parametrize(
    ("body", "answer", "right", "progress", "reason"),
    [
        ("17-14=3\n3*5=15\n15-14=1\n1+3=4", "4", True, 1, ""),
        # whenever one likes
        ("17*5=85\n85+3=88\n88-84=4", "4", True, 1, ""),
        ("17*5=85\n85-84=1\n3+1=4", "4", True, 1, ""),
        ("17-14=3, 5*3=15, 15+3=18, 18-14=4", "4", True, 1, ""),
        ("1+1=2\n17*5=85\n2+2=4\n85+3=88\n88-84=4", "4", True, 1, ""),
        ("17-7=10\n10-7=3\n3*5=15\n15+3=18\n18-14=4", "4", True, 1, ""),
        ("17+7=24\n24-7=17\n" * 3, "4", True, 0, "idle_steps line 3: 17+7=24"),
        ("17-21=-4\n-4+7=3\n3+0=3", "4", True, 0, "idle_steps line 3: 3+0=3"),
        ("17*5=85\n85+3=88\n88-84=4", "11", False, 1, "wrong_answer: 11"),
        ("17*5=85\n85+3=88\n88-84=4", "88%7", False, 1, "unreadable_answer: 88%7"),
        ("17*5=85\n85+3=88", "4", True, 2 / 3, "not_finished"),
        # the remainder itself, not just something smaller, and by a multiple of the modulus
        ("17*5=85\n85+3=88\n88-77=11", "4", True, 2 / 3, "not_finished"),
        ("17*5=85\n85+3=88\n88-83=5", "4", True, 2 / 3, "not_finished"),
        ("17-15=2\n2*5=10", "4", True, 0, "no_steps"),
        ("easy", "4", True, 0, "no_steps"),
        ("17%7=3", "4", True, 0, "unreadable_step line 1: 7=3 ('%' before it might belong to it)"),
        ("17*5=85\n85+3=89", "4", True, 1 / 3, "false_step line 2: 85+3=89"),
        ("5+3=8\n17*8=136\n136-133=3", "3", False, 0, "idle_steps line 3: 136-133=3"),
        ("17-14=3\n" * 10, "4", True, 0, "idle_steps line 4: 17-14=3"),
    ],
)
def test_grades(body: str, answer: str, right: bool, progress: float, reason: str) -> None:
    found = MODULAR.grade(EXAMPLE, body, answer)
    assert found == Grade(right, progress == 1, pytest.approx(progress), reason)


def test_a_step_with_two_meanings_may_have_either() -> None:
    # 17-14 is asked, and 14 is a multiple of 7 as well
    task = Task("(17-14)*17%7", "2", "", Sum(7, (17, 14, 17), (("-", 0, 1), ("*", 3, 2))))
    assert MODULAR.grade(task, "17-14=3\n3*17=51\n51-49=2", "2").valid
    assert MODULAR.grade(task, "17-14=3\n17-14=3\n3*3=9\n9-7=2", "2").valid
    assert MODULAR.grade(task, "17-14=3\n14-14=0\n3-0=3\n3*17=51\n51-49=2", "2").valid
    assert not MODULAR.grade(task, "17-14=3\n3*3=9\n9-7=2", "2").valid


def check(level: int, n: int, split: int = 0) -> None:
    for number, task in enumerate(generated(level, n, split)):
        assert MODULAR.grade(task, task.solution, task.answer) == Grade(True, True, 1.0, "")
        if number % 8:
            continue
        assert split_of(task) == split
        assert python_value(task.question) == int(task.answer) == python_value(task.same)
        for line in task.solution.split("\n"):
            left, result = line.split("=")
            assert python_value(left) == int(result)
        modulus = int(task.question.rpartition("%")[2])
        assert 3 <= modulus <= 12
        # calculated with remainders only: no product beyond the times table
        assert all(abs(int(line.split("=")[1])) <= 121 for line in task.solution.split("\n"))


@pytest.mark.parametrize("level", LEVELS)
def test_own_solutions_are_right_and_valid(level: int) -> None:
    check(level, 2000)
    check(level, 20, 2)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_many_own_solutions_are_right_and_valid(level: int) -> None:
    check(level, 10_000)


def mutations(task: Task) -> Iterator[tuple[str, str, str]]:
    """Replies that must not earn full marks: `(kind, body, answer)`."""
    lines, answer, modulus = task.solution.split("\n"), task.answer, task.data.modulus
    for place, line in enumerate(lines):
        left, result = line.split("=")
        for kind, instead in (
            ("left out", []),
            ("false", [f"{left}={int(result) + 1}"]),
            ("false, but congruent", [f"{left}={int(result) + modulus}"]),
            ("no operation", [f"{result}={result}"]),
            ("two operations", [f"{left}+0={result}"]),
            ("from nowhere", [f"{int(result) - 5003}+5003={result}"]),
            ("with %", [f"{left}%{modulus}={result}"]),
            ("three idle steps", [*["5000+1=5001"] * 3, line]),
        ):
            yield kind, "\n".join([*lines[:place], *instead, *lines[place + 1 :]]) or "nothing", answer
    yield "answer off by one", task.solution, str((int(answer) + 1) % modulus)
    yield "answer not reduced", task.solution, str(int(answer) + modulus)
    yield "answer negative", task.solution, str(int(answer) - modulus)
    yield "answer not calculated", task.solution, task.question
    yield "words", "it is easy", answer


@pytest.mark.parametrize("level", LEVELS)
def test_mutated_solutions_lose_marks(level: int) -> None:
    kinds = set()
    for task in generated(level, 60 // level):
        for kind, body, answer in mutations(task):
            found = MODULAR.grade(task, body, answer)
            assert not (found.right and found.valid), (kind, task.question, body, answer)
            assert found.reason
            kinds.add(kind)
    assert len(kinds) == 13


@settings(deadline=None)
@given(st.integers(1, MODULAR.levels), st.lists(st.floats(0, 1, exclude_max=True), min_size=26, max_size=26))
def test_any_draws_make_a_question(level: int, draws: list[float]) -> None:
    task = MODULAR.task(level, draws)
    assert python_value(task.question) == int(task.answer)
    assert MODULAR.grade(task, task.solution, task.answer).valid


@settings(deadline=None)
@given(st.text(alphabet="0123456789+-*/=(). ,\n%", max_size=100), st.text(max_size=20))
def test_nothing_typed_at_random_is_worth_anything(body: str, answer: str) -> None:
    assert not MODULAR.grade(EXAMPLE, body, answer).valid
