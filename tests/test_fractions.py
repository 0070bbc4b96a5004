from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.problem import Grade, Task, questions, split_of
from envs.problems.fractions import Fractions

FRACTIONS = Fractions()
LEVELS = range(1, FRACTIONS.levels + 1)
EXAMPLE = Task("3/4,2/3", "(2/3,3/4)", "3/4=9/12\n2/3=8/12\n8<9", ((3, 4), (2, 3)))
THIRD = pytest.approx(1 / 3)


def generated(level: int, n: int, split: int = 0) -> list[Task]:
    return questions(FRACTIONS, np.full(n, split), np.full(n, level), np.arange(n))


@pytest.mark.parametrize(
    ("body", "answer", "right", "progress", "reason"),
    [
        (EXAMPLE.solution, "(2/3,3/4)", True, 1, ""),
        ("2/3=8/12, 3/4=9/12\n8 < 9", "(2/3, 3/4)", True, 1, ""),
        ("2/3=16/24\n3/4=18/24\n16<18", "(2/3,3/4)", True, 1, ""),
        ("We see 2/3=8/12.\nAnd 3/4=9/12.\n8<9", "(2/3,3/4)", True, 1, ""),
        ("3/4=9/12\n3/4=9/12\n1/2=6/12\n2/3=8/12\n8<9", "(2/3,3/4)", True, 1, ""),
        (EXAMPLE.solution, "(3/4,2/3)", False, 1, "wrong_answer: (3/4,2/3)"),
        (EXAMPLE.solution, "2/3<3/4", False, 1, "unreadable_answer: 2/3<3/4"),
        (EXAMPLE.solution, "(8/12,9/12)", False, 1, "unreadable_answer: (8/12,9/12)"),
        (EXAMPLE.solution, "{2/3,3/4}", False, 1, "wrong_answer: {2/3,3/4}"),
        ("easy", "(2/3,3/4)", True, 0, "no_steps"),
        ("8<9", "(2/3,3/4)", True, 0, "no_steps"),
        ("3/4=9/12", "(2/3,3/4)", True, THIRD, "not_finished"),
        ("3/4=9/12\n2/3=8/12", "(2/3,3/4)", True, pytest.approx(2 / 3), "not_finished"),
        ("3/4=9/12\n2/3=4/6\n4<9", "(2/3,3/4)", True, THIRD, "not_finished"),
        ("3/4=9/12\n2/3=9/12", "(2/3,3/4)", True, THIRD, "false_step line 2: 2/3=9/12"),
        ("3/4=9/12\n2/3=8/12\n9<8", "(2/3,3/4)", True, pytest.approx(2 / 3), "false_step line 3: 9<8"),
        ("3/4=9/12\n2/3=8/12\n9>8", "(2/3,3/4)", True, pytest.approx(2 / 3), "unreadable_step line 3: 9>8"),
        ("3/4=9/12\n2/3=8/12\n1<2", "(2/3,3/4)", True, pytest.approx(2 / 3), "not_finished"),
        ("3/4=9/12\n" * 10, "(2/3,3/4)", True, THIRD, "idle_steps line 4: 3/4=9/12"),
        ("1/2=2/4\n1<2\n" * 10, "(2/3,3/4)", True, 0, "idle_steps line 3: 1/2=2/4"),
        ("3/4=0.75", "(2/3,3/4)", True, 0, "unreadable_step line 1: 3/4=0.75"),
        ("3/4=9/12=18/24", "(2/3,3/4)", True, 0, "unreadable_step line 1: 3/4=9/12=18/24"),
        ("3/4=9/0", "(2/3,3/4)", True, 0, "unreadable_step line 1: 3/4=9/0"),
        ("3/4=0/0", "(2/3,3/4)", True, 0, "unreadable_step line 1: 3/4=0/0"),
    ],
)
def test_grades(body: str, answer: str, right: bool, progress: float, reason: str) -> None:
    found = FRACTIONS.grade(EXAMPLE, body, answer)
    assert found == Grade(right, progress == 1 and "step" not in reason, progress, reason)


def check(level: int, n: int, split: int = 0) -> None:
    for number, task in enumerate(generated(level, n, split)):
        assert FRACTIONS.grade(task, task.solution, task.answer) == Grade(True, True, 1.0, "")
        if number % 8:
            continue
        assert split_of(task) == split
        given = task.question.split(",")
        assert len({Fraction(text) for text in given}) == len(given) == level + 1
        assert all(str(Fraction(text)) == text for text in given)
        assert sorted(given, key=Fraction) == task.answer.strip("()").split(",")
        *extended, chain = task.solution.split("\n")
        assert [line.split("=")[0] for line in extended] == given
        assert all(Fraction(line.split("=")[0]) == Fraction(line.split("=")[1]) for line in extended)
        below = {int(line.split("/")[-1]) for line in extended}
        assert below == {int(np.lcm.reduce([Fraction(text).denominator for text in given]))}
        assert [Fraction(int(above), below.copy().pop()) for above in chain.split("<")] == sorted(map(Fraction, given))


@pytest.mark.parametrize("level", LEVELS)
def test_own_solutions_are_right_and_valid(level: int) -> None:
    check(level, 2000)
    check(level, 20, 1)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_many_own_solutions_are_right_and_valid(level: int) -> None:
    check(level, 10_000)


def mutations(task: Task) -> Iterator[tuple[str, str, str]]:
    """Replies that must not earn full marks: `(kind, body, answer)`."""
    lines, answer = task.solution.split("\n"), task.answer
    *extended, chain = lines
    for place in range(len(lines)):
        yield "left out", "\n".join([*lines[:place], *lines[place + 1 :]]), answer
    for place, line in enumerate(extended):
        left, right = line.split("=")
        above, below = map(int, right.split("/"))
        for kind, instead in (
            ("numerator", f"{left}={above + 1}/{below}"),
            ("denominator", f"{left}={above}/{below + 1}"),
            ("another denominator", f"{left}={above * 7}/{below * 7}"),
            ("turned over", f"{left}={below}/{above}" if above != below else "1/1=2/1"),
            ("a letter", f"{left}={above}x/{below}"),
        ):
            yield kind, "\n".join([*extended[:place], instead, *extended[place + 1 :], chain]), answer
    order = chain.split("<")
    yield "turned round", "\n".join([*extended, "<".join(order[::-1])]), answer
    yield "chain cut", "\n".join([*extended, "<".join(order[1:]) if len(order) > 2 else f"0<{order[0]}"]), answer
    yield "chain longer", "\n".join([*extended, f"{chain}<{int(order[-1]) + 1}"]), answer
    yield "chain first", "\n".join([chain, *extended]), answer
    said = answer.strip("()").split(",")
    yield "answer turned round", task.solution, f"({','.join(said[::-1])})"
    yield "answer cut", task.solution, f"({','.join(said[1:])})"
    yield "answer as numerators", task.solution, f"({','.join(order)})"
    yield "words", "it is easy", answer


@pytest.mark.parametrize("level", LEVELS)
def test_mutated_solutions_lose_marks(level: int) -> None:
    kinds = set()
    for task in generated(level, 60):
        for kind, body, answer in mutations(task):
            found = FRACTIONS.grade(task, body, answer)
            assert not (found.right and found.valid), (kind, task.question, body, answer)
            assert found.reason
            kinds.add(kind)
    assert len(kinds) == 14


@settings(deadline=None)
@given(st.integers(1, FRACTIONS.levels), st.lists(st.floats(0, 1, exclude_max=True), min_size=7, max_size=7))
def test_any_draws_make_a_question(level: int, draws: list[float]) -> None:
    task = FRACTIONS.task(level, draws)
    assert FRACTIONS.grade(task, task.solution, task.answer).valid


@settings(deadline=None)
@given(st.text(alphabet="0123456789/=<>. ,\nx-", max_size=100), st.text(max_size=20))
def test_nothing_typed_at_random_is_worth_anything(body: str, answer: str) -> None:
    assert not FRACTIONS.grade(EXAMPLE, body, answer).valid


def test_the_same_fractions_in_another_order_are_the_same_question() -> None:
    tasks = generated(1, 500)
    by_set: dict[frozenset[str], set[str]] = {}
    for task in tasks:
        by_set.setdefault(frozenset(task.question.split(",")), set()).add(task.same)
    assert all(len(same) == 1 for same in by_set.values())
    assert len({task.question for task in tasks}) > len(by_set)
