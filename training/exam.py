"""How good the model is at problems: questions never asked while learning, one greedy try each, without a mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.agent import Agent
from agents.episode import Episode
from agents.play import Match, play
from agents.rates import Rate
from envs.problem import FINISHED, GUESSED, RIGHT, UNVERIFIED, VALIDATION, Listed, ProblemGame, process_reward
from training.config import ProblemConfig
from training.learner import Metrics
from training.rollouts import share


def exam(world: ProblemGame, agent: Agent, config: ProblemConfig, seed: int, split: int = VALIDATION) -> Metrics:
    """Ask `agent` the first `config.measured` questions of a split, of all levels in turn.

    `eval/score` is the share with the right answer after valid reasoning.
    """
    levels = np.arange(config.lowest, config.highest + 1)
    matches = [
        Match(number, (agent, agent), (split, int(levels[number % len(levels)]), number))
        for number in range(_asked(world, config.measured, split))
    ]
    episodes = sorted(play(world, matches, seed=seed), key=lambda episode: episode.number)
    found = graded(episodes, world.problem.partial)
    if len(levels) > 1:
        for level in levels.tolist():
            right = [_grade(episode) == RIGHT for episode in episodes if episode.opening[1] == level]
            found |= share(f"eval/level_{level}", sum(right), len(right))
    return found


def _asked(world: ProblemGame, wanted: int, split: int) -> int:
    """How many questions: each one once, where they are not made but stand in a list."""
    return min(wanted, world.problem.count(split) or wanted) if isinstance(world.problem, Listed) else wanted


def graded(episodes: Sequence[Episode], partial: float) -> Metrics:
    """What a sheet of answers is worth, with 95% intervals; and how many tokens a reply has."""
    verdicts = [episode.turns[-1].verdict for episode in episodes]
    grades = [_grade(episode) for episode in episodes]
    well_formed = Rate(sum(verdict.legal for verdict in verdicts), len(verdicts))
    counts = {
        "eval/right": grades.count(RIGHT),
        "eval/answers": grades.count(RIGHT) + grades.count(GUESSED),
        "eval/guessed": grades.count(GUESSED),
        "eval/valid_but_wrong": grades.count(FINISHED),
    }
    found: Metrics = {"eval/score": counts["eval/right"] / max(1, len(grades))}
    for name, rate in (
        *((name, Rate(count, len(grades))) for name, count in counts.items()),
        ("eval/well_formed", well_formed),
        ("eval/legal", well_formed),
    ):
        low, high = rate.interval
        found |= share(name, rate.count, rate.of) | {f"{name}_low": low, f"{name}_high": high}
    if unverified := sum(UNVERIFIED in verdict.reason for verdict in verdicts):
        found |= share("eval/process_unverified", unverified, len(verdicts))
    found["eval/length"] = float(np.mean([len(episode.turns[-1].reply.tokens) for episode in episodes]))
    found["eval/reward"] = float(np.mean([process_reward(verdict, partial) for verdict in verdicts]))
    return found


def _grade(episode: Episode) -> int:
    """One of `envs.problem.GRADES`; -1 for what is not even a reply."""
    return episode.turns[-1].verdict.action
