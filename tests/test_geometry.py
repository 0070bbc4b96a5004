"""Triangles: the answer computed again by trigonometry, from the text alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from envs.graph import route_of
from envs.problem import PARTIAL, Grade, Task, process_reward
from envs.problems.geometry import Geometry
from envs.random_streams import stream_keys, uniform
from envs.reply import Verdict
from envs.templates import CONSTANTS

ENGLISH, CHINESE = Geometry("en"), Geometry("zh")
LEVELS = range(1, ENGLISH.levels + 1)


def heron(a: float, b: float, c: float) -> float:
    s = (a + b + c) / 2
    return math.sqrt(s * (s - a) * (s - b) * (s - c))


# the text without its numbers -> the answer; angles from sides by cosines, areas by Heron's formula
MEANINGS: dict[str, Callable[..., float]] = {
    "angles # # ?|三角形两角#和#，第三角？": lambda a, b: math.degrees(math.pi - math.radians(a) - math.radians(b)),
    "sides # # # perimeter?|三角形三边#、#、#，周长？": lambda a, b, c: math.fsum((a, b, c)),
    "isosceles apex # base angle?|等腰三角形顶角#，底角？": lambda a: math.degrees(
        math.acos(math.sin(math.radians(a / 2)))
    ),
    "isosceles base angle # apex?|等腰三角形底角#，顶角？": lambda a: (
        2 * math.degrees(math.asin(math.cos(math.radians(a))))
    ),
    "exterior angle # opposite # ?|三角形外角#，不相邻的一个内角#，另一个？": lambda a, b: 180 - (180 - a) - b,
    "isosceles legs # base # perimeter?|等腰三角形腰#，底#，周长？": lambda a, b: math.fsum((a, a, b)),
    "base # height # area?|三角形底#，高#，面积？": lambda a, b: heron(a, b, math.hypot(a, b)),
    "area # base # height?|三角形面积#，底#，高？": lambda a, b: 2 * a / b,
    "legs # # hypotenuse?|直角三角形两直角边#和#，斜边？": math.hypot,
    "leg # hypotenuse # leg?|直角三角形直角边#，斜边#，另一边？": lambda a, c: c * math.sin(math.acos(a / c)),
    "leg # hypotenuse # area?|直角三角形直角边#，斜边#，面积？": lambda a, c: a * c * math.sin(math.acos(a / c)) / 2,
    "leg # hypotenuse # perimeter?|直角三角形直角边#，斜边#，周长？": lambda a, c: (
        a + c + c * math.sin(math.acos(a / c))
    ),
    "legs # # perimeter?|直角三角形两直角边#和#，周长？": lambda a, b: a + b + math.hypot(a, b),
    "isosceles legs # base # area?|等腰三角形腰#，底#，面积？": lambda a, b: heron(a, a, b),
    "angles in ratio # # # first angle?|三角形三角之比#:#:#，第一个角？": lambda a, b, c: 180 * a / (a + b + c),
}
BY_TEXT = {text: meaning for texts, meaning in MEANINGS.items() for text in texts.split("|")}


def tasks(problem: Geometry, level: int, count: int) -> list[Task]:
    return [
        problem.task(level, draws) for draws in uniform(stream_keys(level, np.arange(count)), problem.draws).tolist()
    ]


@pytest.mark.parametrize("problem", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("level", LEVELS)
def test_the_text_leads_to_the_answer(problem: Geometry, level: int) -> None:
    for task in tasks(problem, level, 1000):
        numbers = [int(number) for number in re.findall("[0-9]+", task.question)]
        expected = BY_TEXT[re.sub("[0-9]+", "#", task.question)](*numbers)
        assert int(task.answer) == pytest.approx(expected, rel=1e-6, abs=1e-6)
        assert int(task.answer) > 0


def test_every_kind_is_asked_and_its_triangle_exists() -> None:
    asked = set()
    for task in (task for problem in (ENGLISH, CHINESE) for level in LEVELS for task in tasks(problem, level, 300)):
        kind = re.sub("[0-9]+", "#", task.question)
        asked.add(kind)
        if kind.startswith(("sides", "isosceles legs")):
            numbers = [int(number) for number in re.findall("[0-9]+", task.question)]
            a, b, c = numbers if len(numbers) == 3 else (numbers[0], *numbers)
            assert a + b > c
            assert b + c > a
            assert a + c > b
    assert asked == set(BY_TEXT)


@pytest.mark.parametrize("level", LEVELS)
def test_own_solution_has_full_marks_and_every_line_of_it_counts(level: int) -> None:
    for task in tasks(ENGLISH, level, 1000):
        lines = task.solution.split("\n")
        assert ENGLISH.grade(task, task.solution, task.answer) == Grade(True, True, 1.0)
        for cut in range(len(lines)):
            less = ENGLISH.grade(task, "\n".join(lines[:cut]), task.answer)
            assert (less.right, less.valid) == (True, False)
            assert less.progress < 1


@pytest.mark.parametrize("level", LEVELS)
def test_every_route_is_a_proof_of_the_same_answer(level: int) -> None:
    for task in tasks(ENGLISH, level, 300):
        for steps in task.data.template.routes:
            route = route_of(steps, {**CONSTANTS, **task.data.numbers})
            assert str(route[-1].value) == task.answer, (task.question, steps)
            assert ENGLISH.grade(task, "\n".join(map(str, route)), task.answer) == Grade(True, True, 1.0)


def test_both_languages_ask_the_same() -> None:
    for level in LEVELS:
        for english, chinese in zip(tasks(ENGLISH, level, 300), tasks(CHINESE, level, 300), strict=True):
            assert english.question.isascii()
            assert (english.answer, english.solution, english.same) == (chinese.answer, chinese.solution, chinese.same)


def asked(kind: str) -> Task:
    found = (task for level in LEVELS for task in tasks(ENGLISH, level, 300))
    return next(task for task in found if re.sub("[0-9]+", "#", task.question) == kind)


def reward(grade: Grade) -> float:
    return process_reward(Verdict("legal", 2 * grade.right + grade.valid, grade.reason, grade.progress))


def test_other_ways_are_as_good_and_wrong_ones_are_not() -> None:
    task = asked("angles # # ?")
    a, b = (int(number) for number in re.findall("[0-9]+", task.question))
    other = f"180-{a}={180 - a}\n{180 - a}-{b}={180 - a - b}"
    assert reward(ENGLISH.grade(task, other, task.answer)) == 1
    assert reward(ENGLISH.grade(task, task.solution, "1")) == PARTIAL * 0.99
    wrong = ENGLISH.grade(task, f"180+{a}={180 + a}", task.answer)
    assert (reward(wrong), wrong.reason) == (0, f"not_a_node line 1: 180+{a}={180 + a}")


def test_a_hypotenuse_that_is_squared_before_it_is_found_is_a_guess() -> None:
    task = asked("legs # # hypotenuse?")
    *squares, root = task.solution.split("\n")
    assert reward(ENGLISH.grade(task, root, task.answer)) == 0
    assert reward(ENGLISH.grade(task, "\n".join([root, *squares]), task.answer)) == PARTIAL * 0.75
    assert reward(ENGLISH.grade(task, task.solution, task.answer)) == 1
