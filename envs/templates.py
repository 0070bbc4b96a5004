"""Questions from templates: a text with places for numbers, and the routes that lead from them to the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from envs import grading
from envs.graph import follow_routes, route_of
from envs.literals import Number
from envs.problem import PARTIAL, Grade, Task

NUMBERS = 6
"""Draws that the numbers of a template take, at most."""
CONSTANTS = {"T": 180, "R": 90}
"""Numbers that routes may use although no question names them: the angles of a triangle together, a right angle."""


@dataclass(frozen=True, slots=True)
class Template:
    texts: Mapping[str, str]
    """by language, with places for numbers (`{a}`) and for other words"""
    routes: tuple[str, ...]
    """as `envs.graph.route_of` reads them; the first makes the worked solution"""
    numbers: Callable[[Sequence[float], int], dict[str, int]]
    """the numbers, from `NUMBERS` draws and a size"""
    symmetric: bool = False
    """whether the question stays the same when its numbers change places"""


@dataclass(frozen=True, slots=True)
class Instance:
    """What the verifier works on."""

    template: Template
    numbers: Mapping[str, int]
    extra: tuple[int, ...]
    """numbers of the question that nothing needs"""
    answer: Number


def task_from(
    template: Template, language: str, draws: Sequence[float], size: int, words: Mapping[str, str], extra: str = ""
) -> Task:
    """The question that `template` asks about numbers made of `draws`.

    `extra`, a sentence before it, may name one number `{z}` that has nothing to do with the question.
    """
    numbers = template.numbers(draws, size)
    route = route_of(template.routes[0], {**CONSTANTS, **numbers})
    answer = route[-1].value
    said = (extra + template.texts[language]).format_map({**words, **numbers})
    values = sorted(numbers.values()) if template.symmetric else list(numbers.values())
    data = Instance(template, numbers, (int(words["z"]),) if extra else (), answer)
    return Task(said, str(answer), "\n".join(map(str, route)), data, f"{template.texts['en']} {values}")


class FromTemplates:
    """What problems made of templates share: their verifier."""

    partial = PARTIAL

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        instance: Instance = task.data
        numbers = {**CONSTANTS, **instance.numbers}
        routes = (route_of(route, numbers) for route in instance.template.routes)
        text, steps = instance.template.texts["en"], " ".join(instance.template.routes)
        given = {number for name, number in instance.numbers.items() if f"{{{name}}}" in text}
        given |= {number for name, number in CONSTANTS.items() if name in steps} | set(instance.extra)
        progress, fault = follow_routes(routes, frozenset(given), body)
        return grading.grade(answer, instance.answer, progress, fault)
