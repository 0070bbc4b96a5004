"""The tasks of reasoning-gym as problems: theirs are the generators and the scores, ours is everything around them.

Questions are made and answers scored in a process that may be killed (`envs.killable`), with a fixed PYTHONHASHSEED,
on which some of the tasks depend. Its seeds are hashes of ours. A score of at least 0.99 is right, any other wrong:
the tasks pay for length, form and near misses as well, each in its own way. A question is asked only if its own
answer is right by its own score and stands on one line.

No steps are checked: what was thought counts as valid where the answer is right, and every grade says
`process=unverified`. The worked solution is the answer and nothing else.

Needs the extra `reasoning-gym` (345 MB), and Linux or macOS. A task is no part of `envs.problems.PROBLEMS`:

    ProblemGame(ReasoningGym("gcd"))
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from envs.killable import Killable
from envs.lookup import not_found
from envs.problem import PARTIAL, UNVERIFIED, Grade, Task

MAKING, SCORING = 30.0, 1.0
"""Seconds that a question may take to be made, and an answer to be scored."""
MEMORY = 2 << 30

_EVALUATES = "evaluates the answer as Python code"
_LONG = "wants an answer of several lines, or of more than 128 characters"
_OWN = "does not score its own answer as right"
BLOCKED = {
    **dict.fromkeys(("n_queens", "spiral_matrix", "binary_matrix", "string_insertion"), _EVALUATES),
    **dict.fromkeys(("countdown", "puzzle24", "polynomial_multiplication"), _EVALUATES + ", by way of sympy"),
    **dict.fromkeys(("simple_integration", "intermediate_integration"), _EVALUATES + ", by way of sympy"),
    **dict.fromkeys(("rubiks_cube", "propositional_logic", "boxnet", "graph_color", "rush_hour"), _OWN),
    **dict.fromkeys(("arc_agi", "rearc", "game_of_life", "kakurasu", "survo", "sudoku", "mini_sudoku"), _LONG),
    **dict.fromkeys(("manipulate_matrix", "rotate_matrix", "pool_matrix", "modulo_grid", "futoshiki"), _LONG),
    **dict.fromkeys(("palindrome_partitioning", "tower_of_hanoi", "knight_swap"), _LONG),
    "complex_arithmetic": "takes nan for the right number",
    "coin_flip": "takes a number of a hundred digits for a right one",
    "rectangle_count": "asks in 6,804 characters",
    "polynomial_equations": "passes over whatever it cannot read",
    "game_of_life_halting": "pays for any text",
    "composite": "is a mixture of the others",
}
"""Tasks that are refused, and why."""


@lru_cache
def _worker(process: int) -> Killable:
    return Killable(Path(__file__).with_name("reasoning_gym_worker.py"), SCORING, MEMORY)


def worker() -> Killable:
    """The one that all tasks in this process share.

    Raises:
        ImportError: reasoning-gym is not installed.
    """
    if find_spec("reasoning_gym") is None:
        raise ImportError("these problems need reasoning-gym: pip install 'xueba[reasoning-gym]'")
    return _worker(os.getpid())


def task_names() -> list[str]:
    """The tasks that can be asked.

    Raises:
        ImportError: reasoning-gym is not installed.
    """
    return [name for name in worker().ask({"names": True}, MAKING).value or () if name not in BLOCKED]


class ReasoningGym:
    """One task of reasoning-gym, in its own default configuration.

    Raises:
        ValueError: there is no such task, or it is refused; says why.
        ImportError: reasoning-gym is not installed.
    """

    levels = 1
    draws = 2
    partial = PARTIAL

    def __init__(self, task: str) -> None:
        if task in BLOCKED:
            raise ValueError(f"reasoning-gym's {task} is not used here: it {BLOCKED[task]}")
        names = task_names()
        if task not in names:
            raise ValueError(not_found("task of reasoning-gym", task, names))
        self._task = task
        self.name = f"reasoning-gym:{task}"
        self.title = task.replace("_", " ").capitalize()

    def task(self, level: int, draws: Sequence[float]) -> Task:
        """The question of the seed that `draws` make.

        Raises:
            RuntimeError: none could be made; says why.
        """
        high, low = (int(draw * 2**32) for draw in draws)
        return self._made(high << 32 | low)

    def _made(self, seed: int) -> Task:
        made, fault = worker().ask({"task": self._task, "seed": seed}, MAKING)
        if fault:
            raise RuntimeError(f"{self.name}, seed {seed}: {fault}")
        return Task(made["question"], made["answer"], made["answer"], seed)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        self._made(task.data)  # a worker that was killed has forgotten it: making it again is not the answer's fault
        right, fault = worker().ask({"task": self._task, "seed": task.data, "said": answer})
        return Grade(right is True, right is True, float(right is True), fault or UNVERIFIED)
