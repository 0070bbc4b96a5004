"""Modular arithmetic: `(17*5+3)%7`, with numbers reduced whenever one likes, by a multiple that is written down.

Every step is plain arithmetic, so that each line can be checked as it stands. Either it calculates an operation of the
task's tree whose operands are known, as in arithmetic, or it adds or takes away a multiple of the modulus so that a
number of the tree comes nearer to its remainder, 0 to m-1: `17-14=3`. The last number must be that remainder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from envs import grading
from envs.problem import PARTIAL, Grade, Task
from envs.problems.arithmetic import IDLE, Expression, Node, joined
from envs.steps import Step, steps_of

LARGEST_MODULUS = 12
"""Remainders are multiplied within the times table."""


class Sum(NamedTuple):
    """What the verifier works on."""

    modulus: int
    numbers: tuple[int, ...]
    tree: tuple[tuple[str, int, int], ...]
    """operations on earlier entries: first come the numbers, then the results in this order"""


class Modular:
    name = "modular"
    title = "Modular arithmetic"
    levels = 6
    """operations; the numbers go up to 20 more with each"""
    draws = 4 * levels + 2
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        draw = iter(draws)
        modulus = 3 + int(next(draw) * (LARGEST_MODULUS - 2))
        numbers = [_number(next(draw), modulus, 20 * level + 10) for _ in range(level + 1)]
        tree: list[tuple[str, int, int]] = []
        whole = _expression(numbers, modulus, (0, level + 1), draw, tree)[1]
        data = Sum(modulus, tuple(numbers), tuple(tree))
        lines, answer = _worked(data)
        return Task(f"({whole.text})%{modulus}", str(answer), "\n".join(lines), data, f"{whole.same}%{modulus}")

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        progress, fault = follow(task.data, body)
        return grading.grade(answer, int(task.answer), progress, fault)


def _number(draw: float, modulus: int, largest: int) -> int:
    """A number from 2 that is no multiple of the modulus: those are gone before they are calculated with."""
    number = 2 + int(draw * (largest - 1))
    return number if number % modulus else number + 1


def _expression(
    numbers: Sequence[int],
    modulus: int,
    span: tuple[int, int],
    draws: Iterator[float],
    tree: list[tuple[str, int, int]],
) -> tuple[int, Expression]:
    """An expression of the numbers in `span`, and its place: of a number its own, of a result after all numbers."""
    start, end = span
    if end - start == 1:
        return start, Expression(str(numbers[start]), str(numbers[start]), numbers[start])
    middle = start + 1 + int(next(draws) * (end - start - 1))
    op = "+-*"[int(next(draws) * 3)]
    left, first = _expression(numbers, modulus, (start, middle), draws, tree)
    right, second = _expression(numbers, modulus, (middle, end), draws, tree)
    if second.value % modulus == 0:
        # 15-12, modulo 12, could be a difference or 15 reduced: then not every line of a solution would be needed
        op = "*"
    tree.append((op, left, right))
    nodes: list[Node] = []
    return len(numbers) + len(tree) - 1, joined(op, first, second, nodes)._replace(node=0)


def _worked(task: Sum) -> tuple[list[str], int]:
    """The steps with every number reduced as soon as it is there, and the remainder."""
    lines: list[str] = []

    def reduced(number: int) -> int:
        remainder = number % task.modulus
        if remainder != number:
            by = remainder - number
            lines.append(f"{number}{by:+}={remainder}")
        return remainder

    values = list(task.numbers)
    for op, left, right in task.tree:
        for place in (left, right):
            values[place] = reduced(values[place])
        values.append(_result(op, values[left], values[right]))
        lines.append(f"{values[left]}{op}{values[right]}={values[-1]}")
    return lines, reduced(values[-1])


def _result(op: str, x: int, y: int) -> int:
    return x + y if op == "+" else x - y if op == "-" else x * y


Reading = tuple[int | None, ...]
"""What stands at each place of the tree now; None where nothing stands yet, or no more"""


def follow(task: Sum, body: str) -> tuple[float, str]:
    """The share of the way that the steps of a reasoning lead before its first fault; and that fault, or "".

    The way is all operations, and the last result as a remainder.
    """
    steps, fault = steps_of(body)
    # a step may have several meanings, as in arithmetic: all are kept, each with its idle steps
    readings: dict[Reading, int] = {(*task.numbers, *(None for _ in task.tree)): 0}
    for step in steps:
        if not step.holds:
            fault = f"false_step {step}"
            break
        later: dict[Reading, int] = {}
        for reading, idle in readings.items():
            following = list(_following(task, step, reading))
            for one in following:
                later[one] = min(idle, later.get(one, IDLE))
            if not following and idle < IDLE:
                later[reading] = min(idle + 1, later.get(reading, IDLE))
        if not later:
            fault = f"idle_steps {step}"
            break
        readings = later
    return max(_progress(task, reading) for reading in readings), fault


def _following(task: Sum, step: Step, reading: Reading) -> Iterator[Reading]:
    if not step.left.denominator == step.right.denominator == step.result.denominator == 1:
        return
    left, right, result = step.left.numerator, step.right.numerator, step.result.numerator
    for place, (op, one, other) in enumerate(task.tree, len(task.numbers)):
        x, y = reading[one], reading[other]
        straight, turned = left == x and right == y, op != "-" and left == y and right == x
        if op == step.op and (straight or turned):
            taken = {one: None, other: None, place: result}
            yield tuple(taken.get(where, value) for where, value in enumerate(reading))
    if step.op in "+-" and right % task.modulus == 0:
        for place, value in enumerate(reading):
            # nearer to the remainder and never back, or one could go round in circles
            if value is not None and left == value and (0 <= result < value or value < result < task.modulus):
                yield (*reading[:place], result, *reading[place + 1 :])


def _progress(task: Sum, reading: Reading) -> float:
    done = len(task.numbers) - sum(value is not None for value in reading)
    last = reading[-1]
    return (done + (last is not None and 0 <= last < task.modulus)) / (len(task.tree) + 1)
