"""Arithmetic with `+ - * /` and parentheses, whole numbers throughout, one operation after the other.

What may be calculated is the task's own tree, read with the usual precedence from left to right: `2+3+4` is `(2+3)+4`,
so 3+4 is no step of it. A step calculates one operation of the tree whose operands are known by then; operands of +
and * may be swapped (`4*3` for `3*4`); an operation that stands there twice takes two steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from envs import grading
from envs.problem import PARTIAL, Grade, Task
from envs.steps import Step, steps_of

LARGEST = 20
"""The numbers of a question to add and subtract are 1 to this; any larger ones are there to be divided."""
TABLE = 10
"""Multiplied and divided is within the times table: longer numbers would need the written scheme."""
SMALL = 40
"""Nothing is larger on the way at the first two levels."""
IDLE = 2
"""So many true steps may lead nowhere."""
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2}


class Node(NamedTuple):
    """One operation of a task's tree."""

    left: int
    op: str
    right: int
    value: int
    needs: int
    """the nodes that its operands are the results of, a bit for each"""


class Expression(NamedTuple):
    """A part of a question."""

    text: str
    same: str
    """with the operands of + and * in order"""
    value: int
    op: str = ""
    node: int = 0
    """its last operation, as a bit; 0 for a number"""


class Arithmetic:
    name = "arithmetic"
    title = "Arithmetic"
    levels = 8
    """operations; on the way nothing is negative or above 40 in the first two, nor above 144 in the third"""
    draws = 4 * levels
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        nodes: list[Node] = []
        # so small at first that every fact stands in many questions: none is met for the first time in the test split
        limit = SMALL if level <= 2 else max(TABLE * TABLE, 48 * level)
        whole = expression(level, iter(draws), (0 if level <= 2 else -limit, limit), nodes)
        return Task(whole.text, str(whole.value), "\n".join(map(worked, nodes)), tuple(nodes), whole.same)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        progress, fault = follow(task.data, body)
        return grading.grade(answer, task.data[-1].value, progress, fault)


def expression(operations: int, draws: Iterator[float], bounds: tuple[int, int], nodes: list[Node]) -> Expression:
    """An expression with so many operations, 4 draws for each; adds them to `nodes`, those to be done first first."""
    first = int(next(draws) * operations)
    op = "+-*/"[int(next(draws) * 4)]
    left = expression(first, draws, bounds, nodes) if first else None
    right = expression(operations - 1 - first, draws, bounds, nodes) if operations - 1 - first else None
    x, y = _operands(op, left and left.value, right and right.value, next(draws), next(draws), bounds[1])
    parts = left or Expression(str(x), str(x), x), right or Expression(str(y), str(y), y)
    if op == "-" and x - y < bounds[0]:
        parts = parts[1], parts[0]
    if not _fits(op, parts[0].value, parts[1].value, bounds):
        # one of the two always fits
        op = "+" if bounds[0] <= x + y <= bounds[1] else "-"
        if op == "-" and x < y:
            parts = parts[1], parts[0]
    return joined(op, *parts, nodes)


def _operands(op: str, x: int | None, y: int | None, u: float, v: float, most: int) -> tuple[int, int]:
    """`x` and `y`, with numbers to suit `op` for those that are not there yet."""
    if op == "/":
        if x is None:
            y = 2 + int(u * (TABLE - 1)) if y is None else y
            within = 2 <= abs(y) <= TABLE
            return (abs(y) * (1 + int(v * min(TABLE, most // abs(y)))) if within else 1 + int(v * LARGEST)), y
        if y is None:
            divisors = [d for d in range(2, TABLE + 1) if x % d == 0] if x else []
            y = divisors[int(u * len(divisors))] if divisors else 1 + int(v * LARGEST)
        return x, y
    first, last = (2, TABLE) if op == "*" else (1, LARGEST)
    if x is None:
        x = first + int(u * (last + 1 - first))
    if y is None:
        y = first + int(v * (last + 1 - first))
    return x, y


def _fits(op: str, x: int, y: int, bounds: tuple[int, int]) -> bool:
    if op == "/":
        return 2 <= abs(y) <= TABLE and x % y == 0 and abs(x) <= bounds[1]
    if op == "*":
        return abs(x) <= TABLE and abs(y) <= TABLE and abs(x * y) <= bounds[1]
    return bounds[0] <= (x + y if op == "+" else x - y) <= bounds[1]


def joined(op: str, left: Expression, right: Expression, nodes: list[Node]) -> Expression:
    """`left op right`, with the parentheses that it needs; its node is added to `nodes`."""
    x, y = left.value, right.value
    value = x + y if op == "+" else x - y if op == "-" else x * y if op == "*" else x // y
    binding = _BINDING[op]
    first = f"({left.text})" if left.op and _BINDING[left.op] < binding else left.text
    second = f"({right.text})" if right.op and _BINDING[right.op] <= binding else right.text
    one, other = left.same, right.same
    if op in "+*" and other < one:
        one, other = other, one
    nodes.append(Node(x, op, y, value, left.node | right.node))
    return Expression(first + op + second, f"({one}{op}{other})", value, op, 1 << (len(nodes) - 1))


def worked(node: Node) -> str:
    """The step that calculates a node: `3*4=12`, `4-(-5)=9`."""
    right = f"({node.right})" if node.right < 0 else node.right
    return f"{node.left}{node.op}{right}={node.value}"


def follow(nodes: Sequence[Node], body: str) -> tuple[float, str]:
    """The share of `nodes` that the steps of a reasoning calculate before its first fault; and that fault, or ""."""
    steps, fault = steps_of(body)
    # Where equal operations stand twice, a step can mean either: all readings are kept, each with the nodes that it
    # has calculated, as bits, and the idle steps that it has seen.
    readings = {0: 0}
    for step in steps:
        if not step.holds:
            fault = f"false_step {step}"
            break
        later = _read(nodes, step, readings)
        if not later:
            fault = f"idle_steps {step}"
            break
        readings = later
    return max(done.bit_count() for done in readings) / len(nodes), fault


def _read(nodes: Sequence[Node], step: Step, readings: dict[int, int]) -> dict[int, int]:
    meant = [(1 << place, node.needs) for place, node in enumerate(nodes) if _calculates(step, node)]
    later: dict[int, int] = {}
    for done, idle in readings.items():
        following = [done | bit for bit, needs in meant if not done & bit and not needs & ~done]
        for reading in following:
            later[reading] = min(idle, later.get(reading, IDLE))
        if not following and idle < IDLE:
            later[done] = min(idle + 1, later.get(done, IDLE))
    return later


def _calculates(step: Step, node: Node) -> bool:
    if step.op != node.op:
        return False
    if step.left == node.left and step.right == node.right:
        return True
    return node.op in "+*" and step.left == node.right and step.right == node.left
