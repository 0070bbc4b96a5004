"""Word problems: the answer found again from the numbers in the text alone, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from envs.graph import route_of
from envs.problem import PARTIAL, Grade, Task
from envs.problems.words import DISTRACTIONS, Words
from envs.random_streams import stream_keys, uniform
from envs.templates import CONSTANTS

ENGLISH, CHINESE = Words("en"), Words("zh")
LEVELS = range(1, ENGLISH.levels + 1)

# what the text says -> what is to be calculated with its numbers, in the order of the text
MEANINGS: dict[str, Callable[..., Fraction | int]] = {
    "gets .* more|又得到": lambda a, b: a + b,
    "has [0-9]+ [a-z]+ and gives|有[0-9]+.[^，袋]+，给了": lambda a, b: a - b,
    "boxes hold|个盒子": lambda a, b: a * b,
    "shares .* equally among .* friends. How|^[^，]+把": Fraction,
    "already has|原来有": lambda a, b, c: a * b + c,
    "bags of [0-9]+ [a-z]+ and gives|袋.*，给了": lambda a, b, c: a * b - c,
    "buys [0-9]+ [a-z]+ at [0-9]+ dollars each and pays|元，付了.*": lambda a, b, c: c - a * b,
    "They share|他们把": lambda a, b, c: Fraction(a + b, c),
    "pages|读": lambda a, b, c: c * a + c * b,
    "train": lambda a, b, c: Fraction(a, b) * c,
    "火车": lambda b, a, c: Fraction(a, b) * c,
    "dollars in all|一共多少元": lambda a, b, c, d: a * b + c * d,
    "times as many|倍": lambda a, b, c: a + a * b + c,
    "keeps|自己留下": lambda a, b, c, d: Fraction(a * b - c, d),
    "car goes": lambda a, b, d, c: d - Fraction(a, b) * c,
    "汽车": lambda b, a, d, c: d - Fraction(a, b) * c,
    "each and [0-9]+ [a-z]+ at .* pays|又买了.*付了": lambda a, b, c, d, e: e - a * b - c * d,
    "team earns": lambda a, b, c, d, e: Fraction(a * b + c * d, e),
    "小组": lambda b, a, d, c, e: Fraction(a * b + c * d, e),
    "hall|礼堂": lambda a, b, c, d, e: a * b - c * d - e,
    "average|平均每": lambda a, b, c, d: Fraction(a + b + c + d, 4),
}


def tasks(problem: Words, level: int, count: int) -> list[Task]:
    return [
        problem.task(level, draws) for draws in uniform(stream_keys(level, np.arange(count)), problem.draws).tolist()
    ]


def understood(text: str, level: int) -> Fraction | int:
    if level > 4:
        said = re.match(r"[^.。]*[.。] ?", text)
        assert said, text
        assert len(re.findall("[0-9]+", said.group())) == 1
        text = text[said.end() :]
    # the later meanings are the more special ones
    meaning = [meaning for pattern, meaning in MEANINGS.items() if re.search(pattern, text)][-1]
    return meaning(*map(int, re.findall("[0-9]+", text)))


@pytest.mark.parametrize("problem", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("level", LEVELS)
def test_the_text_leads_to_the_answer(problem: Words, level: int) -> None:
    for task in tasks(problem, level, 1000):
        assert understood(task.question, level) == int(task.answer) > 0, task
        assert not re.search("[{}]", task.question), task


@pytest.mark.parametrize("level", LEVELS)
def test_own_solution_has_full_marks_and_every_line_of_it_counts(level: int) -> None:
    for task in tasks(ENGLISH, level, 1000):
        lines = task.solution.split("\n")
        assert len(lines) == level or level > 4
        assert ENGLISH.grade(task, task.solution, task.answer) == Grade(True, True, 1.0)
        for cut in range(len(lines)):
            less = ENGLISH.grade(task, "\n".join(lines[:cut]), task.answer)
            assert (less.right, less.valid, less.progress) == (True, False, cut / len(lines))


@pytest.mark.parametrize("level", LEVELS)
def test_every_route_is_a_proof_of_the_same_answer(level: int) -> None:
    for task in tasks(ENGLISH, level, 300):
        for steps in task.data.template.routes:
            route = route_of(steps, {**CONSTANTS, **task.data.numbers})
            assert str(route[-1].value) == task.answer, (task.question, steps)
            assert ENGLISH.grade(task, "\n".join(map(str, route)), task.answer) == Grade(True, True, 1.0)


def test_both_languages_ask_the_same_and_share_a_split() -> None:
    for level in LEVELS:
        for english, chinese in zip(tasks(ENGLISH, level, 300), tasks(CHINESE, level, 300), strict=True):
            assert english.question.isascii()
            assert not re.search("[A-Za-z]", chinese.question)
            assert (english.answer, english.solution, english.same) == (chinese.answer, chinese.solution, chinese.same)
    assert len(DISTRACTIONS["en"]) == len(DISTRACTIONS["zh"])
    assert (ENGLISH.name, CHINESE.name) == ("words", "words-zh")


def test_there_are_many_templates_with_many_numbers() -> None:
    found = [task for level in range(1, 5) for task in tasks(ENGLISH, level, 2000)]
    assert len({task.data.template.texts["en"] for task in found}) >= 16
    assert len({task.same for task in found}) > 6000


CHANGE = (
    "Tom buys 3 pens at 4 dollars each and 5 books at 7 dollars each and pays with 60 dollars. How much is the change?"
)
SCORES = [
    ("3*4=12\n5*7=35\n12+35=47\n60-47=13", "13", 1.0, ""),
    ("The pens are 3*4=12 dollars, the books 5 * 7 = 35.\nSo 12+35=47 and 60-47=13.", "13", 1.0, ""),
    ("3*4=12\n60-12=48\n5*7=35\n48-35=13", "13", 1.0, ""),
    ("3*4=12\n5*7=35\n12+35=47\n60-47=13", "14", PARTIAL * 0.99, "wrong_answer: 14"),
    ("3*4=12\n5*7=35", "13", PARTIAL * 0.5, "not_finished"),
    ("3*4=12\n5*7=35", "7", PARTIAL * 0.5, "not_finished"),
    ("3+4=7\n5+7=12\n7+12=19\n60-19=41", "41", 0, "not_a_node line 1: 3+4=7"),
    ("60-47=13", "13", 0, "no_steps"),
    ("13=13", "13", 0, "unreadable_step line 1: 13=13 (no operation on two numbers)"),
    ("It is clear.", "13", 0, "no_steps"),
]


@pytest.mark.parametrize(("body", "answer", "expected", "reason"), SCORES)
def test_scores(body: str, answer: str, expected: float, reason: str) -> None:
    found = (task for task in tasks(ENGLISH, 4, 200) if "change" in task.question)
    template = next(found).data.template
    numbers = {"a": 3, "b": 4, "c": 5, "d": 7, "e": 60}
    # the numbers of the page instead of drawn ones
    task = ENGLISH.task(4, [0.0] * ENGLISH.draws)
    data = task.data.__class__(template, numbers, (), 13)
    grade = ENGLISH.grade(Task(CHANGE, "13", "", data), body, answer)
    reward = 1.0 if grade.right and grade.valid else PARTIAL * min(grade.progress, 0.99)
    assert (reward, grade.reason) == (expected, reason)


@pytest.mark.parametrize("level", [5, 6])
def test_the_number_that_nothing_needs_is_a_wrong_step(level: int) -> None:
    for task in tasks(ENGLISH, level, 300):
        (extra,) = task.data.extra
        first = task.data.numbers["a"]
        if extra in task.data.numbers.values() or f"{first}+{extra}" in task.solution:
            continue
        line = f"{first}+{extra}={first + extra}"
        grade = ENGLISH.grade(task, f"{line}\n{task.solution}", task.answer)
        assert (grade.valid, grade.progress, grade.reason) == (False, 0, f"not_a_node line 1: {line}")
