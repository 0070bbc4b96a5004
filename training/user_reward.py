"""A reward of the user's own: a function in a file, asked in a process of its own."""

from __future__ import annotations

import atexit
import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from agents.episode import Episode
from envs.game import replay
from envs.killable import Killable
from envs.problems import PROBLEMS

MEMORY = 4 << 30
"""Bytes that it may take."""


class UserReward:
    """A function `(question, reply, answer) -> float` in a file of the user's own, as a reward for problems.

    `answer` is the right one. It runs in a process of its own, which is ended where it takes more than `wait` seconds
    for a reply; files, sockets and processes are closed to it. It is the user's own code: no sandbox.

    Raises:
        ValueError: there is no such file.
        RuntimeError: it has no such function, or cannot be imported; says why.
    """

    def __init__(self, file: Path, function: str, wait: float = 1.0, memory: int = MEMORY) -> None:
        if not file.is_file():
            raise ValueError(f"there is no file {str(file)[:200]!r}")
        self.name = f"{file.name}:{function}"
        program = Path(__file__).with_name("user_reward_worker.py")
        self._worker = Killable(program, wait, memory, (str(file.resolve()), function))
        # a file that cannot be imported is told now, and not of each reply
        self._worker.ask({"question": "", "reply": "", "answer": ""})

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    def __call__(self, episode: Episode, seat: int) -> float:
        """What it gives to the reply of a problem; raises as `ask` does."""
        if seat or episode.game not in PROBLEMS:
            return 0.0
        game = PROBLEMS[episode.game]
        task = game.tasks(replay(game, np.array([episode.opening], np.int64)))[0]
        return self.ask(task.question, episode.turns[-1].reply.text, task.answer)

    def ask(self, question: str, reply: str, answer: str) -> float:
        """What it gives to a reply.

        Raises:
            RuntimeError: it raised, hung, or gave no number; says so.
        """
        value, fault = self._worker.ask({"question": question, "reply": reply, "answer": answer})
        if fault:
            raise RuntimeError(fault)
        return float(value)


def is_own(name: str) -> bool:
    """Whether it is written `FILE.py:FUNCTION`."""
    file, colon, function = name.rpartition(":")
    return bool(colon and function and file.endswith(".py"))


@cache
def own_reward(name: str) -> UserReward:
    """The function called `FILE.py:FUNCTION`, its process kept until the program ends; raises as `UserReward` does."""
    file, _, function = name.rpartition(":")
    reward = UserReward(Path(file), function)
    atexit.register(reward.close)
    return reward


def own_sums(names: list[str]) -> dict[str, str] | None:
    """The sha256 of the file of each reward of the user's own; None where there is none."""
    files = {name: Path(name.rpartition(":")[0]) for name in names if is_own(name)}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()} or None
