"""Linear equations in one unknown. Every line must follow from the one before by one legal move.

The moves: add a term to both sides, multiply or divide both sides by a number other than 0, swap the sides, multiply
out and collect like terms. A line with the same solution is not enough: `2x=10` is no step from `3x+5=20`, although
both say that x is 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from envs import grading
from envs.linear import Side, Term, ratio, read_side, scaled
from envs.literals import Number
from envs.problem import PARTIAL, Grade, Task
from envs.steps import equations_of

MAX_IDLE = 2
_Lines = tuple[Side, Side]
_SOLVED = 2
"""The size of `x=5`: nothing but the unknown on one side, and one number on the other."""


class Equations:
    name = "equations"
    title = "Linear equations"
    levels = 8
    """`x+5=20`, `3x=15`, `3x+5=20`, `3x+5=2x-4`, `2(x-3)=x+7`, `3(x+1)-4=2(x-5)`, `3x+5=7` (solved by a fraction),
    `(2x+3)/5=x-4`"""
    draws = 7
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        question, first, sides = _EQUATIONS[level - 1](draws)
        lines, x = _solved(*sides)
        return Task(question, str(x), "\n".join([*first, *lines]), x)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        progress, fault = follow_equation(task.question, task.data, body)
        return grading.grade(answer, task.data, progress, fault)


def follow_equation(question: str, solution: Number, body: str) -> tuple[float, str]:
    """How far the valid beginning of `body` leads, 1 where the equation is solved, and its first fault.

    Progress is what the equation has lost of its size since the question, so that a detour or a loop gains nothing: of
    `3x+5=20` (3, x, +, 5, 20) three parts have to go until `x=5`, and two of them are gone in `3x=15`.
    """
    left, _, right = question.partition("=")
    now = read_side(left), read_side(right)
    start, idle = _size(now), 0
    lines, fault = equations_of(body, "x")
    for line in lines:
        try:
            new = read_side(line.left), read_side(line.right)
            wrong = _fault(now, new, solution, "x" in line.text)
        except ValueError as error:
            fault = f"unreadable_step {line} ({error})"
            break
        if wrong:
            fault = f"{wrong} {line}"
            break
        if "x" not in line.text or _size(new) == _size(now):
            idle += 1
        if idle > MAX_IDLE:
            fault = f"idle_steps {line}"
            break
        now = new if "x" in line.text else now
    return 1 - (_size(now) - _SOLVED) / (start - _SOLVED), fault


def _size(line: _Lines) -> int:
    return line[0].size + line[1].size


def _fault(old: _Lines, new: _Lines, solution: Number, unknown: bool) -> str:
    (a, b), (c, d) = new[0].total, new[1].total
    if (a - c) * solution != d - b:
        return "false_step"
    if not unknown:  # a calculation on the side
        return ""
    if not _is_move(old, new):
        return "not_one_move"
    return "more_complex" if _size(new) > _size(old) else ""


def _is_move(old: _Lines, new: _Lines) -> bool:
    (left, right), (new_left, new_right) = old, new
    if new_left.total == left.total and new_right.total == right.total:  # multiplied out, collected, or the same again
        return True
    if new_left.terms == right.terms and new_right.terms == left.terms:
        return True
    x, one = (now - was for now, was in zip(new_left.total, left.total, strict=True))
    if (x, one) == (new_right.total[0] - right.total[0], new_right.total[1] - right.total[1]):
        term: Term = (x, "x") if x else (one, "")
        return _is_added(left, new_left, term) and _is_added(right, new_right, term)
    values = zip((*left.total, *right.total), (*new_left.total, *new_right.total), strict=True)
    factor = next((ratio(now, was) for was, now in values if was), 0)
    return (
        factor != 0 and scaled(left.terms, factor) == new_left.terms and scaled(right.terms, factor) == new_right.terms
    )


def _is_added(before: Side, after: Side, term: Term) -> bool:
    """Whether `term` was added to a side, or to one like term in it, and all else stayed."""
    gone, come = list[Term](), list(after.terms)
    for one in before.terms:
        if one in come:
            come.remove(one)
        else:
            gone.append(one)
    if len(gone) > 1 or (gone and gone[0][1] != term[1]):
        return False
    value = term[0] + (gone[0][0] if gone else 0)
    return come == ([(value, term[1])] if value else [])


# The generator. An equation is its text, the lines until it has the form ax+b=cx+d, and (a, b, c, d).
_Sides = tuple[Number, int, int, int]
_Equation = tuple[str, list[str], _Sides]


def _solved(a: Number, b: int, c: int, d: int) -> tuple[list[str], Number]:
    """The lines that solve ax+b=cx+d, and x: the unknowns to the left, the numbers to the right, and divide."""
    lines = []
    if c:
        a -= c
        lines.append(f"{_written(a, b)}={d}")
    if b:
        d -= b
        lines.append(f"{_written(a, 0)}={d}")
    if a == 1:
        return lines, d
    x = ratio(d, a)
    return [*lines, f"x={x}"], x


def _written(a: Number, b: int) -> str:
    """`3x+5`, `-x`, `x/2-1`, `7`."""
    if not a:
        return str(b)
    sign, above, below = "-" if a < 0 else "", abs(a.numerator), a.denominator
    term = f"{sign}{'' if above == 1 else above}x{'' if below == 1 else f'/{below}'}"
    return f"{term}{b:+d}" if b else term


def _between(draw: float, low: int, high: int) -> int:
    return low + int(draw * (high - low + 1))


def _other(draw: float, low: int, high: int, but: int) -> int:
    """A number from `low` to `high`, 0 and `but` left out."""
    allowed = [n for n in range(low, high + 1) if n not in (0, but)]
    return allowed[int(draw * len(allowed))]


def _shifted(u: Sequence[float]) -> _Equation:
    x, b = _between(u[0], 1, 99), _between(u[1], 1, 99) * (1 if u[2] < 0.5 else -1)
    return f"{_written(1, b)}={x + b}", [], (1, b, 0, x + b)


def _multiple(u: Sequence[float]) -> _Equation:
    a, x = _between(u[0], 2, 12), _between(u[1], 2, 99)
    if u[2] < 0.5:
        return f"{a}x={a * x}", [], (a, 0, 0, a * x)
    return f"x/{a}={x}", [], (Fraction(1, a), 0, 0, x)


def _two_steps(u: Sequence[float]) -> _Equation:
    a, x, b = _between(u[0], 2, 12), _between(u[1], 1, 20), _between(u[2], 1, 50) * (1 if u[3] < 0.5 else -1)
    return f"{_written(a, b)}={a * x + b}", [], (a, b, 0, a * x + b)


def _both_sides(u: Sequence[float]) -> _Equation:
    a, x, b = _between(u[0], 2, 12), _between(u[1], -12, 12), _other(u[2], -30, 30, 0)
    c = _other(u[3], -9, 9, a)
    sides = a, b, c, a * x + b - c * x
    return _line(*sides), [], sides


def _parentheses(u: Sequence[float]) -> _Equation:
    a, x, b = _between(u[0], 2, 9), _between(u[1], -12, 12), _other(u[2], -9, 9, 0)
    c = _other(u[3], -9, 9, a)
    sides = a, a * b, c, a * (x + b) - c * x
    return f"{a}({_written(1, b)})={_written(c, sides[3])}", [_line(*sides)], sides


def _both_parentheses(u: Sequence[float]) -> _Equation:
    a, x, b, e = _between(u[0], 2, 9), _between(u[1], -12, 12), _other(u[2], -9, 9, 0), _other(u[4], -9, 9, 0)
    c = _other(u[3], 2, 9, a)
    d = c * (x + e) - a * (x + b)
    sides = a, a * b + d, c, c * e
    return f"{a}({_written(1, b)}){f'{d:+d}' if d else ''}={c}({_written(1, e)})", [_line(*sides)], sides


def _fraction(u: Sequence[float]) -> _Equation:
    a, b, d = _between(u[0], 2, 12), _other(u[1], -30, 30, 0), _between(u[2], -30, 30)
    c = _other(u[3], -9, 9, a) if u[4] < 0.5 else 0
    sides = a, b, c, d
    return _line(*sides), [], sides


def _quotient(u: Sequence[float]) -> _Equation:
    a, b, e = _between(u[0], 2, 9), _other(u[1], -20, 20, 0), _between(u[2], 2, 9)
    c, d = _other(u[3], -5, 5, 0), _between(u[4], -20, 20)
    if a == c * e:
        a += 1
    sides = a, b, c * e, d * e
    return f"({_written(a, b)})/{e}={_written(c, d)}", [_line(*sides)], sides


def _line(a: Number, b: int, c: int, d: int) -> str:
    return f"{_written(a, b)}={_written(c, d)}"


_EQUATIONS = (
    _shifted,
    _multiple,
    _two_steps,
    _both_sides,
    _parentheses,
    _both_parentheses,
    _fraction,
    _quotient,
)
