"""Knights and knaves: the truth from trying every world, and which lines of a reasoning count."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from envs.problem import TRAIN, Task, questions
from envs.problems.knights import Knights, Puzzle, Saying, _said

KNIGHTS = Knights()


def some(level: int, count: int) -> list[Task]:
    return questions(KNIGHTS, np.full(count, TRAIN), np.full(count, level), np.arange(count))


def true_in(said: str, world: dict[str, str]) -> bool:
    """Read from the text alone."""
    for sign, joined in (("&", all), ("|", any)):
        if sign in said:
            return joined(true_in(part, world) for part in said.split(sign))
    one, other, unlike = said[0], said[2], said[1] == "!"
    return (world[one] == world.get(other, other)) != unlike


@pytest.mark.parametrize("level", range(1, KNIGHTS.levels + 1))
def test_there_is_one_solution_in_all_worlds(level: int) -> None:
    names, forms = "ABCDEF"[: level + 2], set()
    for task in some(level, 200):
        sayings = dict(part.split(":") for part in task.question.split(" "))
        assert "".join(sayings) == names
        worlds = [dict(zip(names, kinds, strict=True)) for kinds in product("KN", repeat=level + 2)]
        fitting = [
            world
            for world in worlds
            if all(true_in(said, world) == (world[who] == "K") for who, said in sayings.items())
        ]
        assert ["".join(world.values()) for world in fitting] == [task.answer], task
        forms |= {sign for said in sayings.values() for sign in "&|!" if sign in said}
    assert forms == set("&|!")


def test_suppositions_are_refuted_now_and_then() -> None:
    solutions = [task.solution for task in some(3, 300)]
    assert 10 < sum(">no" in solution for solution in solutions) < 290
    assert any("?" not in solution for solution in solutions)


def puzzle(text: str, answer: str) -> Task:
    """Through the same tables, but built by hand from the text."""
    parts = [part.split(":") for part in text.split(" ")]
    sayings: list[Saying] = []
    for who, (_, said) in enumerate(parts):
        one, two = "ABC".index(said[0]), "ABC".find(said[2])
        form = 0 if two < 0 else 1 + (said[1] == "!")
        sayings.append(_said(len(parts), who, form, one, max(two, 0), "NK".find(said[2]), 0))
    world = sum(1 << person for person, kind in enumerate(answer) if kind == "K")
    return Task(text, answer, "", Puzzle(len(parts), tuple(sayings), world))


# supposed that A is a knight, B is a knave, so C is none, and says what is true
TASK = puzzle("A:B=N B:C=N C:A!B", "KNK")


@pytest.mark.parametrize(
    ("lines", "progress", "reason"),
    [
        ("?A=K A>B=N B>C=K C>ok", 1, ""),
        ("?A=N A>B=K B>C=N C>no ?A=K A>B=N B>C=K C>ok", 1, ""),
        ("?A=K A>B=N B>C=K", 2 / 3, "not_finished"),
        ("?A=K A>B=N C>C=K", 2 / 3, "not_finished"),
        ("?A=K A>B=N C>C=K B>ok", 1, ""),
        ("?A=K A>B=N B>C=K C>ok C>ok", 1, "idle_steps line 5: C>ok"),
        ("?A=K A>B=N A>B=N", 1 / 3, "idle_steps line 3: A>B=N"),
        ("?A=K A>A=K", 0, "idle_steps line 2: A>A=K"),
        ("?A=K A>B=N A>ok", 1 / 3, "idle_steps line 3: A>ok"),
        ("?A=N A>B=K B>C=N", 0, "no_steps"),
        ("?A=N A>B=K B>C=N C>no", 1 / 4, "not_finished"),
        ("?A=N A>B=K B>C=N C>no A>B=N", 1 / 4, "false_step line 5: A>B=N"),
        ("?A=N A>B=K B>C=N C>no ?B=N", 1 / 4, "false_step line 5: ?B=N"),
        ("?A=N C>no", 0, "false_step line 2: C>no"),
        ("?A=K A>B=K", 0, "false_step line 2: A>B=K"),
        ("?A=K C>ok", 0, "false_step line 2: C>ok"),
        ("?A=K ?B=N", 0, "open_case line 2: ?B=N"),
        ("?A=K B>C=K", 0, "false_step line 2: B>C=K"),
        ("A>B=N", 0, "false_step line 1: A>B=N"),
        ("A>no", 0, "false_step line 1: A>no"),
        ("?D=K", 0, "unreadable_step line 1: ?D=K"),
        ("KNK", 0, "unreadable_step line 1: KNK"),
        ("", 0, "no_steps"),
    ],
)
def test_what_lines_are_worth(lines: str, progress: float, reason: str) -> None:
    grade = KNIGHTS.grade(TASK, lines.replace(" ", "\n"), "KNK")
    assert (grade.right, grade.valid, grade.reason) == (True, reason == "", reason)
    assert grade.progress == pytest.approx(progress)


def test_a_wrong_answer_after_valid_lines() -> None:
    body = "?A=K\nA>B=N\nB>C=K\nC>ok"
    said = [KNIGHTS.grade(TASK, body, answer).reason for answer in ("KNN", "knk", "K,N,K")]
    assert said == ["wrong_answer: KNN", "wrong_answer: knk", "unreadable_answer: K,N,K"]
