import ast
import itertools
import operator
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.problem import Grade, ProblemGame, State, Task, process_reward, questions, split_of
from envs.problems.countdown import Countdown, TwentyFour, fours
from envs.reply import format_reply

COUNTDOWN, TWENTY_FOUR = Countdown(), TwentyFour()
EVERY = [(problem, level) for problem in (COUNTDOWN, TWENTY_FOUR) for level in range(1, problem.levels + 1)]
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
EXAMPLE = Task("3,4,12,2>16", "", "", ((3, 4, 12, 2), 16))


def python_value(node: ast.expr, leaves: list[int]) -> Fraction:
    """What Python's own grammar makes of an expression, in fractions; its numbers are added to `leaves`."""
    if isinstance(node, ast.BinOp):
        left = python_value(node.left, leaves)
        return OPERATORS[type(node.op)](left, python_value(node.right, leaves))
    assert isinstance(node, ast.Constant)
    leaves.append(node.value)
    return Fraction(node.value)


@cache
def reachable(numbers: tuple[Fraction, ...]) -> frozenset[Fraction]:
    """Everything that can be made of all the numbers (in order): every pair, every operation, again and again."""
    if len(numbers) == 1:
        return frozenset(numbers)
    found: set[Fraction] = set()
    for i, j in itertools.combinations(range(len(numbers)), 2):
        rest = [number for k, number in enumerate(numbers) if k not in (i, j)]
        x, y = numbers[i], numbers[j]
        values = {x + y, x - y, y - x, x * y, *([x / y] if y else []), *([y / x] if x else [])}
        for value in values:
            found |= reachable(tuple(sorted((*rest, value))))
    return frozenset(found)


def generated(problem: Countdown, level: int, n: int, split: int = 0) -> list[Task]:
    return questions(problem, np.full(n, split), np.full(n, level), np.arange(n))


def reward(task: Task, reply: str, partial: float = COUNTDOWN.partial) -> float:
    """The process reward of a whole reply, by the rules of the world."""
    world = ProblemGame(COUNTDOWN)
    world._known[(0, 1, 0)] = task
    state = State(*(np.array([field]) for field in (0, 1, 0, -1)))
    return process_reward(world.judge(state, [reply])[0], partial)


@pytest.mark.parametrize(
    ("body", "answer", "worth"),
    [
        ("easy", "12/3*4*(2-1)", 0),
        ("easy", "(12-4)*(3+2)-24", 0),
        # a number used twice, whichever step does it
        ("4*4=16", "4*4", 0),
        ("12+4=16\n16*4=64", "(12+4)*3", 0),
        ("12-4=8\n4-2=2\n8*2=16", "(12-4)*(4-2)", 0),
        ("4**2=16", "4**2", 0),
        ("12-4=8\n4**2=16", "4**2", 0),
        # a way to 16 with all four numbers
        ("3-2=1\n12+4=16\n16*1=16", "(12+4)*(3-2)", 1),
        ("3-2=1\n12+4=16\n16/1=16", "(12+4)/(3-2)", 1),
        ("I see 3-2=1, then\n12+4=16 and 16*1=16.", "(4+12)*(3-2)", 1),
        ("3-2=1\n12+4=16\n16*1=16", "0x10+12-4-3-2", 0.099),
        ("3-2=1\n12+4=16\n16*1=16", "1_6", 0.099),
        ("3-2=1\n12+4=16\n16*1=16", "16", 0.099),
        ("3-2=1\n12+4=16\n16*1=16", "(12+4)*(3-2)=16", 0.099),
        ("3-2=1\n12+4=16\n16*1=16", "12+4", 0.099),
        ("3-2=1\n12+4=16\n16*1=16", "4*4", 0.099),
        ("3-2=1\n12+4=16", "(12+4)*(3-2)", 0.2 / 3),
        ("3-2=1\n12+4=16\n16+1=17", "(12+4)*(3-2)", 0.2 / 3),
        ("3-2=1\n12+4=15\n15+1=16", "(12+4)*(3-2)", 0.1 / 3),
    ],
)
def test_required_scores(body: str, answer: str, worth: float) -> None:
    assert reward(EXAMPLE, format_reply(body, answer)) == pytest.approx(worth, abs=1e-12)


@pytest.mark.parametrize("answer", ["0x10+12-4-3-2", "1_6"])
def test_a_wrong_answer_after_valid_steps_is_worth_as_much_as_elsewhere_where_the_weight_is(answer: str) -> None:
    reply = format_reply("3-2=1\n12+4=16\n16*1=16", answer)
    assert reward(EXAMPLE, reply, partial=0.3) == pytest.approx(0.297, abs=1e-12)


@pytest.mark.parametrize(
    ("numbers", "target", "body", "answer", "expected"),
    [
        ((3, 3, 8, 8), 24, "8/3=8/3\n3-8/3=1/3\n8/(1/3)=24", "8/(3-8/3)", Grade(True, True, 1.0)),
        ((3, 3, 8, 8), 24, "8/3=8/3\n3-(8/3)=1/3\n8/(1/3)=24", "8/(3-8/3)", Grade(True, True, 1.0)),
        ((3, 5, 2), 4, "3-5=-2\n2*-2=-4", "2*(5-3)", Grade(True, False, 0.5, "not_the_target line 2: 2*-2=-4")),
        ((3, 5, 12), 10, "3-5=-2\n12+(-2)=10", "12+(3-5)", Grade(True, True, 1.0)),
        ((5, 5, 5), 15, "5+5=10\n10+5=15", "5+5+5", Grade(True, True, 1.0)),
        ((5, 5, 5), 15, "5+5=10\n10+5=15", "5*3", Grade(False, True, 1.0, "other_numbers: 5*3")),
        ((5, 5, 5), 15, "5+5=10\n10+5=15", "5-5+5", Grade(False, True, 1.0, "wrong_answer: 5-5+5")),
        ((5, 5, 5), 15, "5+5=10\n5+5=10", "5+5+5", Grade(True, False, 0.0, "not_there line 2: 5+5=10 (5)")),
        ((5, 5, 5), 15, "5+5=11", "5+5+5", Grade(True, False, 0.0, "false_step line 1: 5+5=11")),
        ((5, 5, 5), 15, "5+5=10", "5+5+5", Grade(True, False, 0.5, "not_finished")),
        ((5, 5, 5), 15, "words", "5+5+5", Grade(True, False, 0.0, "no_steps")),
        ((5, 5, 5), 15, "5+5=10\n10+5=15\n15+0=15", "5+5+5", Grade(True, False, 0.0, "not_there line 3: 15+0=15 (0)")),
        ((2, 3), 5, "2+3=5", "--2+3", Grade(False, True, 1.0, "other_operations: --2+3")),
        ((2, 3), 1, "3-2=1", "-(2-3)", Grade(False, True, 1.0, "other_operations: -(2-3)")),
        ((2, 3), 1, "3-2=1", "-2+3", Grade(False, True, 1.0, "other_numbers: -2+3")),
    ],
)
def test_grades(numbers: tuple[int, ...], target: int, body: str, answer: str, expected: Grade) -> None:
    assert COUNTDOWN.grade(Task("", "", "", (numbers, target)), body, answer) == expected


@pytest.mark.parametrize("answer", ["", "()", "2+", "9**9**9**9", "2/0+3", "2+3j", "２+3", "(" * 100, "2+3;", "None"])
def test_what_is_no_expression_is_unreadable(answer: str) -> None:
    found = COUNTDOWN.grade(Task("", "", "", ((2, 3), 5)), "2+3=5", answer)
    assert found.reason.startswith("unreadable_answer: ")
    assert not found.right


def check(problem: Countdown, level: int, n: int, split: int = 0) -> None:
    for number, task in enumerate(generated(problem, level, n, split)):
        assert problem.grade(task, task.solution, task.answer) == Grade(True, True, 1.0, "")
        if number % 8:
            continue
        assert split_of(task) == split
        given, target = task.question.split(">")
        leaves: list[int] = []
        assert python_value(ast.parse(task.answer, mode="eval").body, leaves) == int(target)
        assert Counter(leaves) == Counter(map(int, given.split(",")))
        assert len(leaves) == len(task.solution.split("\n")) + 1 == (4 if problem is TWENTY_FOUR else level + 1)
        assert max(leaves) <= ((6, 9, 13)[level - 1] if problem is TWENTY_FOUR else (12 if level == 1 else 25))
        assert 1 <= int(target) <= max(100, 50 * level)


@pytest.mark.parametrize(("problem", "level"), EVERY)
def test_own_solutions_are_right_and_valid(problem: Countdown, level: int) -> None:
    check(problem, level, 2000)
    check(problem, level, 20, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("problem", "level"), EVERY)
def test_many_own_solutions_are_right_and_valid(problem: Countdown, level: int) -> None:
    check(problem, level, 10_000)


def test_fours_are_those_that_brute_force_finds() -> None:
    quads = itertools.combinations_with_replacement(range(1, 7), 4)
    solvable = {quad for quad in quads if 24 in reachable(tuple(map(Fraction, quad)))}
    # what is beyond ours needs fractions on the way: 1,3,4,6 is 6/(1-3/4)
    assert set(fours(6)) <= solvable
    assert (1, 3, 4, 6) in solvable - set(fours(6))
    assert len(solvable - set(fours(6))) <= 4


def test_1346_of_the_1820_fours_make_24_in_whole_numbers() -> None:
    # 1362 are solvable with fractions, as is well known; the rest is 3,3,8,8 and its like
    assert len(fours(13)) == 1346
    for needs_fractions in ((1, 3, 4, 6), (1, 4, 5, 6), (3, 3, 8, 8), (3, 3, 7, 7), (1, 5, 5, 5), (2, 5, 5, 10)):
        assert needs_fractions not in fours(13)


def test_small_questions_say_something_that_brute_force_can_reach() -> None:
    for task in generated(COUNTDOWN, 2, 100):
        numbers, target = task.data
        assert target in reachable(tuple(sorted(map(Fraction, numbers))))


def mutations(task: Task) -> Iterator[tuple[str, str, str]]:
    """Replies that must not earn full marks: `(kind, body, answer)`."""
    lines, answer = task.solution.split("\n"), task.answer
    numbers, target = task.data
    for place, line in enumerate(lines):
        before, after = lines[:place], lines[place + 1 :]
        left, result = line.split("=")
        yield "left out", "\n".join([*before, *after]) or "nothing", answer
        yield "twice", "\n".join([*before, line, *lines[place:]]), answer
        yield "false", "\n".join([*before, f"{left}={int(result) + 1}", *after]), answer
        yield "a number from nowhere", "\n".join([*before, f"{int(result) - 99}+99={result}", *after]), answer
        yield "two operations", "\n".join([*before, f"{left}+0={result}", *after]), answer
        yield "power", "\n".join([*before, f"{result}**1={result}", *after]), answer
        yield "idle", "\n".join([*before, "1000+1=1001", *lines[place:]]), answer
    yield "target off by one", task.solution.rpartition("=")[0] + f"={target + 1}", answer
    yield "answer evaluated", task.solution, str(target)
    yield "answer with a number more", task.solution, f"{answer}+0"
    yield "answer with a number twice", task.solution, f"{answer}*{numbers[0]}/{numbers[0]}"
    yield "answer with an equation", task.solution, f"{answer}={target}"
    yield "answer off", task.solution, f"1-({answer})"
    yield "words", "it is easy", answer


@pytest.mark.parametrize(("problem", "level"), EVERY)
def test_mutated_solutions_lose_marks(problem: Countdown, level: int) -> None:
    kinds = set()
    for task in generated(problem, level, 60):
        for kind, body, answer in mutations(task):
            found = problem.grade(task, body, answer)
            assert not (found.right and found.valid), (kind, task.question, body, answer)
            assert found.reason
            kinds.add(kind)
    assert len(kinds) == 14


@settings(deadline=None)
@given(st.integers(1, COUNTDOWN.levels), st.lists(st.floats(0, 1, exclude_max=True), min_size=21, max_size=21))
def test_any_draws_make_a_question(level: int, draws: list[float]) -> None:
    task = COUNTDOWN.task(level, draws)
    assert COUNTDOWN.grade(task, task.solution, task.answer).valid


def test_the_same_numbers_in_another_order_are_the_same_question() -> None:
    one, other = COUNTDOWN.task(1, [0.1, 0.9, 0, 0, 0]), COUNTDOWN.task(1, [0.9, 0.1, 0, 0, 0])
    assert (one.question, other.question) == ("2,11>13", "11,2>13")
    assert one.same == other.same
