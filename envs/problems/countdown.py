"""Countdown, and 24: reach the target with `+ - * /` from given numbers, each of them used exactly once.

A step takes two of the numbers that are there and puts its result in their place. In a search any legal step could be
farmed: partial progress is worth less than elsewhere, the last step counts only if it hits the target, and whoever
breaks the rules, by a number that is not there or an operation that is none, has made no progress at all. Results on
the way may be negative or fractions; the worked solutions have neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, combinations_with_replacement

from envs import grading
from envs.expressions import ExpressionError, evaluate, numbers_of, parse_expression
from envs.problem import Grade, Task
from envs.problems.arithmetic import Expression, Node, joined, worked
from envs.steps import steps_of

PARTIAL = 0.1
TARGET = 24


class Countdown:
    name = "countdown"
    title = "Countdown"
    levels = 5
    """one less than there are numbers; these go up to 12 in the first level and to 25 in the others, their results up
    to 100 in the first two levels and to 250 in the last"""
    draws = 4 * levels + 1
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        # with three numbers up to 12 there are so few questions that a small model learns them by heart
        largest, limit = 12 if level == 1 else 25, max(100, 50 * level)
        draw = iter(draws)
        numbers = [1 + int(next(draw) * largest) for _ in range(level + 1)]
        nodes: list[Node] = []
        parts = [_number(number) for number in numbers]
        while len(parts) > 1:
            one, other = parts.pop(int(next(draw) * len(parts))), parts.pop(int(next(draw) * len(parts)))
            left, right = (one, other) if one.value >= other.value else (other, one)
            ops = operations(left.value, right.value, limit)
            parts.append(joined(ops[int(next(draw) * len(ops))], left, right, nodes))
        return _task(numbers, parts[0], nodes)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        numbers, target = task.data
        progress, fault = follow(numbers, target, body)
        wrong = fault_of_answer(numbers, target, answer)
        reason = fault or grading.unfinished(progress) or wrong
        return Grade(not wrong, not fault and progress == 1.0, progress, reason)


class TwentyFour(Countdown):
    name = "twenty-four"
    title = "24"
    levels = 3
    """four numbers of 1 to 6, to 9, to 13"""
    draws = 4

    def task(self, level: int, draws: Sequence[float]) -> Task:
        solvable = fours((6, 9, 13)[level - 1])
        left = list(solvable[int(draws[0] * len(solvable))])
        nodes: list[Node] = []
        found = _built(tuple(left), TARGET, nodes)
        numbers = [left.pop(int(draw * len(left))) for draw in draws[1:]] + left
        return _task(numbers, found, nodes)


def operations(x: int, y: int, limit: int) -> str:
    """What can be done with `x >= y` so that the result is a whole number from 1 to `limit`, and a new one."""
    ops = "+" if x + y <= limit else ""
    if x > y:
        ops += "-"
    if y > 1:
        ops += "*" if x * y <= limit else ""
        ops += "/" if x % y == 0 else ""
    return ops


def follow(numbers: Sequence[int], target: int, body: str) -> tuple[float, str]:
    """The share of the way that the steps of a reasoning lead before its first fault; and that fault, or ""."""
    there: list[Fraction | int] = list(numbers)
    steps, unread = steps_of(body)
    taken = 0
    for step in steps:
        if not step.holds:
            return taken / (len(numbers) - 1), f"false_step {step}"
        for number in (step.left, step.right):
            if number not in there:
                return 0.0, f"not_there {step} ({number})"
            there.remove(number)
        there.append(step.result)
        if len(there) > 1 or step.result == target:
            taken += 1
    if unread:
        return 0.0, unread
    if len(there) == 1 and there[0] != target:
        return taken / (len(numbers) - 1), f"not_the_target {steps[-1]}"
    return taken / (len(numbers) - 1), ""


def fault_of_answer(numbers: Sequence[int], target: int, answer: str) -> str:
    """Why the answer is no expression of exactly these numbers that is worth the target, or ""."""
    try:
        tree = parse_expression(answer)
        value = evaluate(tree)
    except ExpressionError as error:
        return f"unreadable_answer: {error}"
    if sorted(numbers_of(tree)) != sorted(numbers):
        return f"other_numbers: {answer}"
    # between n numbers stand n-1 operations: one more is a minus before a number or parenthesis, which nobody gave
    if sum(map(answer.count, "+-*/")) >= len(numbers):
        return f"other_operations: {answer}"
    return "" if value == target else f"wrong_answer: {answer}"


def _task(numbers: list[int], found: Expression, nodes: list[Node]) -> Task:
    question = f"{','.join(map(str, numbers))}>{found.value}"
    same = f"{','.join(map(str, sorted(numbers)))}>{found.value}"
    return Task(question, found.text, "\n".join(map(worked, nodes)), (tuple(numbers), found.value), same)


def _number(number: int) -> Expression:
    return Expression(str(number), str(number), number)


Numbers = tuple[int, ...]
Way = tuple[str, Numbers, int, Numbers, int]
"""an operation; the numbers of its left operand and that value; the numbers of its right operand and that value"""


@cache
def fours(largest: int) -> list[Numbers]:
    """All that make 24 of four numbers from 1 to `largest`, in order, with whole results on the way."""
    quads = combinations_with_replacement(range(1, largest + 1), 4)
    return [quad for quad in quads if _way(quad, TARGET)]


@cache
def _values(numbers: Numbers) -> dict[int, Way | None]:
    """Every whole number from 1 that these numbers make, each with one way to it; None for a number itself."""
    if len(numbers) == 1:
        return {numbers[0]: None}
    found: dict[int, Way | None] = {}
    for left, right in _splits(numbers):
        for x in _values(left):
            for y in _values(right):
                (a, b), (p, q) = ((x, y), (left, right)) if x >= y else ((y, x), (right, left))
                for op, value in (("+", a + b), ("-", a - b), ("*", a * b), ("/", a // b)):
                    if value > 0 and (op != "/" or a % b == 0):
                        found.setdefault(value, (op, p, a, q, b))
    return found


@cache
def _way(numbers: Numbers, target: int) -> Way | None:
    """A last operation that gives the target: for every value of one part, what the other would have to be."""
    for left, right in _splits(numbers):
        others = _values(right)
        for x in _values(left):
            for op, a, b in _last(x, target):
                y = b if a == x else a
                if y in others:
                    return (op, left, x, right, y) if a == x else (op, right, y, left, x)
    return None


def _last(x: int, target: int) -> Iterator[tuple[str, int, int]]:
    """The operations with `x` on one side that give the target."""
    yield "+", x, target - x
    yield "-", x, x - target
    yield "-", target + x, x
    if target % x == 0:
        yield "*", x, target // x
    if x % target == 0:
        yield "/", x, x // target
    yield "/", target * x, x


def _splits(numbers: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """The ways to part the numbers in two, the first number on the left."""
    places = range(1, len(numbers))
    for size in range(len(numbers) - 1):
        for with_first in combinations(places, size):
            left = (numbers[0], *(numbers[place] for place in with_first))
            yield left, tuple(numbers[place] for place in places if place not in with_first)


def _built(numbers: Numbers, value: int, nodes: list[Node]) -> Expression:
    """The expression of a value that these numbers make."""
    way = _values(numbers)[value] if len(numbers) < 4 else _way(numbers, value)
    if way is None:
        return _number(value)
    op, left, x, right, y = way
    return joined(op, _built(left, x, nodes), _built(right, y, nodes), nodes)
