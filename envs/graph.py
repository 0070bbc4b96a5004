"""What leads from the numbers of a question to its answer, as a graph of calculations, and how far a reasoning gets.

A question may be solved by more than one route (50+60=110 and 180-110=70, or 180-50=130 and 130-60=70): the one on
which a reasoning gets furthest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from envs.expressions import calculate
from envs.literals import Number
from envs.steps import Step, steps_of

MAX_IDLE = 2
RESULTS = "pqrstuvw"
"""What a route calls the results of its steps, in their order."""


class Node(NamedTuple):
    """One calculation, `left op right = result`."""

    left: Number
    op: str
    right: Number
    result: Number
    value: Number
    """what it finds: the result, or its root, where the step shows a number that was squared"""
    needs: tuple[int, ...]
    """the nodes of its route whose results it takes"""

    def __str__(self) -> str:
        return f"{self.left}{self.op}{self.right}={self.result}"


Route = tuple[Node, ...]


def route_of(steps: str, numbers: Mapping[str, Number]) -> Route:
    """The nodes of steps such as `a*b p+c`: a letter is a number by its name, a digit itself, p the first result.

    `c√r` finds c, the root of the result r, and is written as `c*c`: with r 25 it is `5*5=25`.
    """
    known, nodes = dict(numbers), list[Node]()
    for left, op, right in map(tuple, steps.split()):
        a, b = (int(name) if name.isdigit() else known[name] for name in (left, right))
        result, value = (b, a) if op == "√" else (_calculated(op, a, b),) * 2
        needs = tuple(RESULTS.index(name) for name in (left, right) if name in RESULTS)
        known[RESULTS[len(nodes)]] = value
        nodes.append(Node(a, "*", a, result, value, needs) if op == "√" else Node(a, op, b, result, value, needs))
    return tuple(nodes)


def _calculated(op: str, a: Number, b: Number) -> Number:
    exact = calculate(op, a, b)
    return int(exact) if exact.denominator == 1 else exact


def follow_routes(routes: Iterable[Route], given: frozenset[Number], body: str) -> tuple[float, str]:
    """How far the reasoning `body` gets on its best route, 1 where it reaches the end, and its first fault there.

    `given` are the numbers of the question, also those that nothing needs. A true step that is no node is a wrong
    set-up, and a fault, where its numbers come from the question or from the steps before; else it is idle, like a
    step that is repeated or that comes after the last.
    """
    steps, unreadable = steps_of(body)
    best = -1.0, ""
    for route in routes:
        reached = _follow(route, given, steps, unreadable)
        if reached == (1.0, ""):
            return reached
        if reached[0] > best[0]:
            best = reached
    return best


def _follow(route: Route, given: frozenset[Number], steps: list[Step], unreadable: str) -> tuple[float, str]:
    reached: list[int] = []
    known, idle = set(given), 0
    for step in steps:
        if not step.holds:
            return len(reached) / len(route), f"false_step {step}"
        node = _node(route, reached, step)
        if node is not None:
            reached.append(node)
            known.add(route[node].value)
            continue
        wrong = len(route) - 1 not in reached and step.left in known and step.right in known
        if wrong and not any(_is_same(route[done], step) for done in reached):
            return len(reached) / len(route), f"not_a_node {step}"
        idle += 1
        if idle > MAX_IDLE:
            return len(reached) / len(route), f"idle_steps {step}"
    return len(reached) / len(route), unreadable


def _node(route: Route, reached: list[int], step: Step) -> int | None:
    """The first node not reached yet that `step` calculates, with the results it needs."""
    for index, node in enumerate(route):
        if index not in reached and _is_same(node, step) and all(need in reached for need in node.needs):
            return index
    return None


def _is_same(node: Node, step: Step) -> bool:
    if node.op != step.op:
        return False
    there, here = (node.left, node.right), (step.left, step.right)
    return there == here or (node.op in "+*" and there == here[::-1])
