"""Fractions in order, smallest first: written with a common denominator, any, and then compared by their numerators.

2/3,3/4,5/6  ->  2/3=8/12, 3/4=9/12, 5/6=10/12, 8<9<10  ->  (2/3,3/4,5/6)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import gcd, lcm
from typing import NamedTuple

from envs import grading
from envs.literals import MAX_DIGITS
from envs.problem import PARTIAL, Grade, Task
from envs.problems.arithmetic import IDLE
from envs.steps import CLAIM, equations_of

_DENOMINATORS = (12, 18, 20, 24, 30, 36, 40, 48, 60)
_FRACTION = re.compile(rf"([0-9]{{1,{MAX_DIGITS}}})/([1-9][0-9]{{0,{MAX_DIGITS - 1}}})")
_SCALED = re.compile(f"{_FRACTION.pattern}={_FRACTION.pattern}")
_CHAIN = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}(?:<[0-9]{{1,{MAX_DIGITS}}})+")
_SHOWN = 80

Pair = tuple[int, int]
"""above and below the line"""


class Fractions:
    name = "fractions"
    title = "Fractions in order"
    levels = 5
    """one less than there are fractions; the higher, the larger their denominators; improper ones from the third on"""
    draws = levels + 2
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        pool = list(_fractions(_DENOMINATORS[int(draws[0] * (3 + level))], 2 if level > 2 else 1))
        given = [pool.pop(int(draw * len(pool))) for draw in draws[1 : level + 2]]
        common = lcm(*(below for _, below in given))
        scaled = [(above * (common // below), f"{above}/{below}") for above, below in given]
        lines = [f"{text}={above}/{common}" for above, text in scaled]
        scaled.sort()
        lines.append("<".join(str(above) for above, _ in scaled))
        answer = f"({','.join(text for _, text in scaled)})"
        question = ",".join(f"{above}/{below}" for above, below in given)
        return Task(question, answer, "\n".join(lines), tuple(given), answer)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        progress, fault = follow(task.data, body)
        gold = tuple(sorted(Fraction(*pair) for pair in task.data))
        return grading.grade(answer, gold, progress, fault)


@cache
def _fractions(denominator: int, limit: int) -> tuple[tuple[int, int], ...]:
    """The fractions below `limit` that have to be extended to this denominator, in lowest terms."""
    shared = ((above, gcd(above, denominator)) for above in range(1, limit * denominator))
    return tuple((above // by, denominator // by) for above, by in shared if 1 < by < denominator)


class Claim(NamedTuple):
    """A line, or a part of it, that says something: `2/3=8/12`, or that `chain` is in order."""

    where: str
    fraction: Pair = (0, 1)
    written: Pair = (0, 1)
    chain: tuple[int, ...] = ()

    @property
    def holds(self) -> bool:
        (a, b), (c, d) = self.fraction, self.written
        return a * d == b * c and all(x < y for x, y in pairwise(self.chain))


def follow(given: Sequence[Pair], body: str) -> tuple[float, str]:
    """The share of the way that a reasoning leads before its first fault; and that fault, or "".

    The way is each of the `given` fractions written with the same denominator, and their numerators in order.
    """
    claims, fault = _claims(body)
    scaled: dict[Pair, int] = {}
    common = idle = 0
    ordered = False
    for claim in claims:
        if not claim.holds:
            fault = f"false_step {claim.where}"
            break
        above, below = claim.written
        if claim.fraction in given and claim.fraction not in scaled and below == (common or below):
            scaled[claim.fraction], common = above, below
        elif not ordered and len(scaled) == len(given) and claim.chain == tuple(sorted(scaled.values())):
            ordered = True
        elif idle == IDLE:
            fault = f"idle_steps {claim.where}"
            break
        else:
            idle += 1
    return (len(scaled) + ordered) / (len(given) + 1), fault


def _claims(body: str) -> tuple[list[Claim], str]:
    """What a reasoning claims, in order, up to the first that cannot be read; and that, or ""."""
    claims: list[Claim] = []
    for number, line in enumerate(body.split("\n"), 1):
        compared = "<" in line or ">" in line
        if not compared and not CLAIM.search(line):
            continue
        where = f"line {number}: {line[:_SHOWN]}"
        scaled = _SCALED.fullmatch(line)  # what nearly every line is
        if scaled:
            a, b, c, d = map(int, scaled.groups())
            claims.append(Claim(where, (a, b), (c, d)))
            continue
        if compared:
            text = line.strip(" ").replace(" < ", "<")
            if not _CHAIN.fullmatch(text):
                return claims, f"unreadable_step {where}"
            claims.append(Claim(where, chain=tuple(map(int, text.split("<")))))
            continue
        equations, fault = equations_of(line)
        for equation in equations:
            left, right = _FRACTION.fullmatch(equation.left), _FRACTION.fullmatch(equation.right)
            if not left or not right:
                return claims, f"unreadable_step {where}"
            pairs = [(int(side[1]), int(side[2])) for side in (left, right)]
            claims.append(Claim(where, *pairs))
        if fault:
            return claims, f"unreadable_step {where}"
    return claims, ""
