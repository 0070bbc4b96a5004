"""Addition and subtraction of numbers of any length, with the written scheme: column by column from the right.

A line holds the digits of one column, with the carry or the borrow, and what they make. `57+68`: `7+8=15`,
`5+6+1=12`, so 125. `502-38`: `12-8=4`, `10-3-1=6`, `5-1=4`, so 464: ten is lent where a column has too little, and 1
is paid back by the next. A number that is right without its scheme is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest

from envs.problem import PARTIAL, Grade, Task

_STEP = re.compile(r"[a-z]?(\d{1,2}(?:[+-]\d{1,2}){0,2})=(\d{1,2})", re.ASCII)
_TERM = re.compile(r"[+-]?\d+", re.ASCII)
LEVELS = 32


class Addition:
    name = "addition"
    title = "Addition"
    levels = LEVELS
    """digits of the longer number"""
    draws = 3 + 2 * LEVELS
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        a, b = numbers(level, draws)
        return Task(f"{a}+{b}", str(a + b), "\n".join(sums(a, b)), (a, b), f"{min(a, b)}+{max(a, b)}")

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        return scheme_grade(sums(*task.data), task.answer, body, answer)


class Subtraction:
    """The smaller number from the larger."""

    name = "subtraction"
    title = "Subtraction"
    levels = LEVELS
    draws = 3 + 2 * LEVELS
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        b, a = sorted(numbers(level, draws))
        return Task(f"{a}-{b}", str(a - b), "\n".join(differences(a, b)), (a, b))

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        return scheme_grade(differences(*task.data), task.answer, body, answer)


def numbers(level: int, draws: Sequence[float]) -> tuple[int, int]:
    """Two numbers, in any order, the longer of `level` digits; in half of all pairs the other is as long."""
    shorter = level if draws[0] < 0.5 else 1 + int(draws[1] * level)
    long, short = _number(level, draws[3::2]), _number(shorter, draws[4::2])
    return (long, short) if draws[2] < 0.5 else (short, long)


def sums(a: int, b: int) -> list[str]:
    """The lines of `a + b`."""
    lines, carry = [], 0
    for x, y in _columns(a, b):
        line, carry = _sum(x, y, carry)
        lines.append(line)
    return lines


def differences(a: int, b: int) -> list[str]:
    """The lines of `a - b`, where `a` is not the smaller."""
    lines, borrow = [], 0
    for x, y in _columns(a, b):
        line, borrow = _difference(x, y, borrow)
        lines.append(line)
    return lines


def _columns(a: int, b: int) -> Iterator[tuple[str, str]]:
    """The digits of each column from the right; "" where the shorter number has none."""
    return zip_longest(str(a)[::-1], str(b)[::-1], fillvalue="")


@cache
def _sum(x: str, y: str, carry: int) -> tuple[str, int]:
    """The line of a column, and what is carried to the next."""
    terms = [digit for digit in (x, y) if digit] + ["1"] * carry
    total = sum(map(int, terms))
    return f"{'+'.join(terms)}={total}", total // 10


@cache
def _difference(x: str, y: str, borrow: int) -> tuple[str, int]:
    """The line of a column, and whether the next has to pay back."""
    terms = ([y] if y else []) + ["1"] * borrow
    taken = sum(map(int, terms))
    lent = int(taken > int(x))
    have = int(x) + 10 * lent
    return f"{'-'.join([str(have), *terms])}={have - taken}", lent


def scheme_grade(wanted: Sequence[str], gold: str, body: str, answer: str) -> Grade:
    """What a reasoning is worth that has to be these lines, and an answer that has to be `gold`.

    Written as it stands there, and not as a literal: sums of 32 digits are longer than literals may be.
    """
    lines = body.strip("\n").split("\n") if body.strip("\n") else []
    valid = 0
    while valid < min(len(wanted), len(lines)) and lines[valid] == wanted[valid]:
        valid += 1
    done = lines == wanted
    reason = ""
    if not done:
        reason = _fault(lines, valid, len(wanted))
    elif answer != gold:
        reason = f"wrong_answer: {answer[:80]}"
    return Grade(answer == gold, done, valid / len(wanted), reason)


def _fault(lines: Sequence[str], valid: int, columns: int) -> str:
    if not lines:
        return "no_steps"
    if valid == len(lines):
        return f"not_finished line {valid + 1}: {columns - valid} of {columns} columns are missing"
    said = f"line {valid + 1}: {lines[valid][:80]}"
    if valid == columns:
        return f"idle_steps {said}"
    step = _STEP.fullmatch(lines[valid])
    if step is None:
        return f"not_a_step {said}"
    true = sum(map(int, _TERM.findall(step[1]))) == int(step[2])
    return f"{'not_the_column' if true else 'false_step'} {said}"


def _number(digits: int, draws: Sequence[float]) -> int:
    if digits == 1:
        return int(draws[0] * 10)
    return int(str(1 + int(draws[0] * 9)) + "".join([str(int(draw * 10)) for draw in draws[1:digits]]))
