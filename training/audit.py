"""A reward under attack: the replies of `training.hacks`, and what of them is paid for that should not be."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from agents.agent import Reply, View
from agents.episode import Episode
from agents.play import Match, play
from envs.problem import Grade, Problem, ProblemGame, Task, split_of
from envs.problems import PROBLEMS
from training.hacks import QUESTIONS, Hack, hacks, honest
from training.rewards import Reward
from training.user_reward import UserReward

SLACK = 1e-6
Score = Callable[[Hack], float]
"""What a reward gives to a reply; raises whatever goes wrong."""


class Found(NamedTuple):
    """A reply that a reward paid too much for, too little, or failed on."""

    hack: Hack
    got: float | None
    """as a share of what a worked solution of that question gets; None where the reward failed"""
    fault: str = ""


@dataclass(frozen=True)
class Audit:
    """What a reward did with the corpus."""

    replies: int
    through: list[Found] = field(default_factory=list)
    """got more than they deserve"""
    failed: list[Found] = field(default_factory=list)
    """the reward raised, hung, or gave no number"""
    underpaid: list[Found] = field(default_factory=list)
    """honest replies that did not get full marks; said, but no hack"""

    @property
    def passed(self) -> bool:
        return not self.through and not self.failed


def audit(score: Score) -> Audit:
    """Replay the corpus against a reward.

    Shares are of what the worked solution of the same question gets. Where that is nothing, or less, nothing can be
    compared: its replies count as failed.
    """
    every = [*honest(), *hacks()]
    found = Audit(len(every))
    full: dict[str, float] = {}
    for hack in every:
        try:
            got = float(score(hack))
        except Exception as error:  # noqa: BLE001 (whatever the reward does is what is looked at)
            found.failed.append(Found(hack, None, f"{type(error).__name__}: {error!s:.200}"))
            continue
        if not math.isfinite(got):
            found.failed.append(Found(hack, None, f"gave {got}"))
            continue
        whole = full.setdefault(hack.question, got)
        if whole <= 0:
            found.failed.append(Found(hack, None, f"a worked solution gets {whole:g}: there is nothing to compare"))
        elif got / whole > hack.deserves + SLACK:
            found.through.append(Found(hack, got / whole))
        elif hack.deserves == 1 and got / whole < 1 - SLACK:
            found.underpaid.append(Found(hack, got / whole))
    return found


def score_by(reward: Reward) -> Score:
    """By one of our own rewards, over the whole road from the text to the reward."""
    return lambda hack: reward(episodes_of([hack])[0], 0)


def score_of_own(reward: UserReward) -> Score:
    """By one of the user's own."""

    def score(hack: Hack) -> float:
        task = QUESTIONS[hack.question][1]
        return reward.ask(task.question, hack.reply, task.answer)

    return score


class _Asked:
    """A kind of problem of which there is one question."""

    def __init__(self, problem: Problem, one: Task) -> None:
        self.problem, self.one = problem, one
        self.name, self.title, self.levels = problem.name, problem.title, 1
        self.draws, self.partial = 1, problem.partial

    def task(self, level: int, draws: Sequence[float]) -> Task:
        return self.one

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        return self.problem.grade(task, body, answer)


@dataclass(frozen=True)
class _Reciter:
    """Answers the game of each number with the reply of that number."""

    replies: list[str]
    name: str = "hack"

    def act(self, views: Sequence[View]) -> list[Reply]:
        return [Reply(self.replies[view.episode]) for view in views]


@cache
def _world(question: str) -> tuple[ProblemGame, tuple[int, int, int]]:
    """Where this question is asked, and its address there."""
    kind, task = QUESTIONS[question]
    return ProblemGame(_Asked(PROBLEMS[kind].problem, task)), (split_of(task), 1, 0)


def episodes_of(given: Sequence[Hack]) -> list[Episode]:
    """Each reply as an episode: asked, judged and recorded like any other."""
    found: dict[int, Episode] = {}
    player = _Reciter([hack.reply for hack in given])
    for question in dict.fromkeys(hack.question for hack in given):
        world, address = _world(question)
        matches = [
            Match(number, (player, player), address) for number, hack in enumerate(given) if hack.question == question
        ]
        found.update((episode.number, episode) for episode in play(world, matches, seed=0))
    return [found[number] for number in range(len(given))]


def about(reward: Reward) -> str:
    """The first line of what a reward says of itself."""
    return (inspect.getdoc(reward) or "").partition("\n")[0]
