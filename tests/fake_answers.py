"""A run folder with answers to problems in it, right, wrong and hostile, made without any training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.agent import Reply, View
from agents.episode import Episode
from agents.play import Match, play
from envs.game import replay
from envs.problem import TRAIN, Task
from envs.problems import PROBLEMS
from envs.reply import format_reply
from tests.fake_run import HOSTILE
from training.learner import STUDENT
from training.loggers import FileLogger
from training.presets import PRESETS
from training.run_folder import RunFolder, create_run

WAYS = ("right", "false step", "guessed", "valid but wrong", "malformed", "hostile")


@dataclass
class Pupil:
    """Knows the answers, and spoils them: question `i` in the way `WAYS[i]`."""

    name: str = STUDENT

    def act(self, views: Sequence[View]) -> list[Reply]:
        game = PROBLEMS[views[0].game.name]
        tasks = [game.tasks(replay(game, np.array([view.history], np.int64)))[0] for view in views]
        said = [spoilt(task, WAYS[view.episode % len(WAYS)]) for task, view in zip(tasks, views, strict=True)]
        return [Reply(text, tokens=tuple(text.encode("utf-8", "replace"))) for text in said]


def spoilt(task: Task, way: str) -> str:
    """A reply to `task` that is wrong in this way; `false step` is one in the last line."""
    first, _, last = task.solution.rpartition("\n")
    false = f"{first}\n{last.rpartition('=')[0]}=777" if first else f"{last.rpartition('=')[0]}=777"
    return {
        "right": format_reply(task.solution, task.answer),
        "false step": format_reply(false, "777"),
        "guessed": format_reply(false, task.answer),
        "valid but wrong": format_reply(task.solution, task.answer + "0"),
        "malformed": "<think>1+1=2</think> 2",
        "hostile": HOSTILE.replace(">5<", ">\x1b[2J[/red]\u202e<"),
    }[way]


def answers(name: str = "addition", level: int = 3) -> list[Episode]:
    """One episode in each of `WAYS`."""
    pupil = Pupil()
    matches = [Match(i, (pupil, pupil), (TRAIN, level, 100 + i)) for i in range(len(WAYS))]
    return sorted(play(PROBLEMS[name], matches, seed=3), key=lambda episode: episode.number)


def fake_answers(root: Path, name: str = "sums") -> RunFolder:
    """A run of addition that has recorded these."""
    run = create_run(root, name, PRESETS["addition"])
    FileLogger(run).episodes(5, answers())
    return run
