"""Self-improvement: what is learned, what never is, and when the frontier rises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from agents.agent import Reply, View
from agents.episode import Episode
from agents.play import Match, play
from envs.game import padded, replay
from envs.problem import TRAIN, Task
from envs.problems import PROBLEMS
from envs.reply import format_reply
from llm_policy.model_config import ModelConfig
from tests.tiny_run import finished_run, manifest, numbers
from training import reading, self_improvement
from training.config import (
    Config,
    OptimizerConfig,
    PlayConfig,
    PolicyGradientConfig,
    ProblemConfig,
    SelfImprovementConfig,
    WarmUpConfig,
)
from training.config_check import check_config
from training.learner import STUDENT, Learner, new_learner
from training.loggers import FileLogger
from training.run_folder import create_run
from training.self_improvement import ALGORITHM, frontier
from training.self_play import self_play
from training.train import train

TINY = Config(
    game="lettered-addition",
    algorithm="self-improvement",
    threads=1,
    iterations=4,
    checkpoint_every=2,
    model=ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=16),
    warm_up=WarmUpConfig(steps=2, batch=4),
    play=PlayConfig(games=12),
    problem=ProblemConfig(level=2, reach=4, measured=8),
    policy_gradient=PolicyGradientConfig(rewards={"process": 1.0}, rehearsal=2, epochs=1, batch=6, max_new=150),
)


class Copier:
    """Knows the solutions of all levels but those in `fails`."""

    name = STUDENT

    def __init__(self, fails: Sequence[int] = ()) -> None:
        self.fails = fails

    def act(self, views: Sequence[View]) -> list[Reply]:
        replies = []
        for view in views:
            task = the_task(view.history)
            wrong = view.history[1] in self.fails
            replies.append(Reply(format_reply("z0+0+0=00" if wrong else task.solution, task.answer)))
        return replies


def the_task(address: Sequence[int]) -> Task:
    game = PROBLEMS["lettered-addition"]
    return game.tasks(replay(game, padded([address[:3]])))[0]


def answered(learner: Learner, count: int, fails: Sequence[int] = ()) -> list[Episode]:
    """Questions of all levels from the lowest to the frontier."""
    lowest, highest = ALGORITHM.levels(learner)
    agent = Copier(fails)
    matches = [Match(n, (agent, agent), (TRAIN, lowest + n % (highest - lowest + 1), n)) for n in range(count)]
    return list(play(learner.game, matches, seed=0))


def test_questions_go_up_to_the_frontier_and_not_beyond() -> None:
    learner = new_learner(TINY)
    assert (ALGORITHM.levels(learner), frontier(learner)) == ((2, 3), 3)
    assert {episode.opening[1] for episode in self_play(learner, ALGORITHM)} == {2, 3}


def test_the_frontier_rises_where_enough_is_right_and_stops_at_the_reach() -> None:
    learner = new_learner(TINY)
    ALGORITHM.update(learner, answered(learner, 8, fails=[3]))
    assert frontier(learner) == 3, "all right below the frontier, none at it"
    for reached in (4, 4):
        metrics = ALGORITHM.update(learner, answered(learner, 12))
        assert metrics["solved_at_frontier"] == 1
        assert frontier(learner) == reached
    learner = new_learner(TINY)
    few = answered(learner, 8)
    wrong = answered(learner, 8, fails=[3])
    ALGORITHM.update(learner, [*few[:6], *wrong[6:]])
    assert frontier(learner) == 3, "three of four are less than 0.8"
    ALGORITHM.update(learner, [episode for episode in few if episode.opening[1] == 2])
    assert frontier(learner) == 3, "nothing was asked at the frontier"


def test_only_right_solutions_are_learned_and_none_is_shown_beyond_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = new_learner(replace(TINY, policy_gradient=replace(TINY.policy_gradient, rehearsal=30)))
    learner.baselines["frontier"] = 4.0
    episodes = answered(learner, 12, fails=[3])
    own = {the_task(episode.opening).question for episode in episodes if episode.opening[1] != 3}
    read: list[tuple[Task, str]] = []
    real = reading.written

    def spied(tasks: Sequence[Task], replies: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        read.extend(zip(tasks, replies, strict=True))
        return real(tasks, replies)

    monkeypatch.setattr(self_improvement, "written", spied)
    metrics = ALGORITHM.update(learner, episodes)
    assert metrics["own_solutions"] == 8
    assert len(read) == 8 + 2 * 30
    assert all(reply == format_reply(task.solution, task.answer) for task, reply in read)
    longest = [max(part.count(" ") + 1 for part in task.question.split(";")) for task, _ in read]
    assert {task.question for (task, _), length in zip(read, longest, strict=True) if length > 2} <= own
    assert 4 in longest
    assert 3 not in longest, "the wrong ones"


def test_the_control_takes_as_many_steps_and_learns_none_of_its_own() -> None:
    steps = []
    for learns in (True, False):
        learner = new_learner(replace(TINY, self_improvement=SelfImprovementConfig(learn=learns)))
        metrics = ALGORITHM.update(learner, answered(learner, 12))
        assert metrics["own_solutions"] == 12 * learns
        steps.append(learner.steps)
    assert steps == [2, 2]


def test_what_was_right_becomes_likelier() -> None:
    fast = OptimizerConfig(lr=3e-2, rise=1)
    learner = new_learner(replace(TINY, optimizer=fast, policy_gradient=replace(TINY.policy_gradient, rehearsal=0)))
    episodes = answered(learner, 6)
    losses = [ALGORITHM.update(learner, episodes)["words"] for _ in range(12)]
    assert losses[-1] < 0.8 * losses[0]


def test_going_on_gives_the_same_and_the_frontier_is_remembered(tmp_path: Path) -> None:
    config = replace(TINY, problem=replace(TINY.problem, reach=6), self_improvement=SelfImprovementConfig(rise=0.0))
    whole, learner = finished_run(tmp_path, "whole", config)
    assert frontier(learner) == 6
    assert {"eval/level_1", "eval/level_6"} <= set(whole.metrics()[-1])
    run = create_run(tmp_path, "run", config)
    for _ in range(8):
        train(config, run, FileLogger(run), partial(next, iter([False, True]), True))
    assert manifest(run) == manifest(whole)
    assert numbers(run) == numbers(whole)
    assert [row["train/frontier"] for row in run.metrics()[1:]] == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reach": 0}, "problem.reach is 0, it must be more than problem.level, which is 2"),
        ({"reach": 13}, "problem.reach is 13: lettered-addition has no level above 12"),
    ],
)
def test_a_reach_that_makes_no_sense_is_refused(changes: dict[str, int], said: str) -> None:
    check_config(TINY)
    with pytest.raises(ValueError, match=said):
        check_config(replace(TINY, problem=replace(TINY.problem, **changes)))


def test_games_have_no_levels_to_go_beyond() -> None:
    with pytest.raises(ValueError, match="self-improvement takes problems with levels, and tic-tac-toe is none"):
        check_config(Config(algorithm="self-improvement"))


def test_all_levels_up_to_the_reach_are_measured() -> None:
    assert ProblemConfig(level=3).highest == 3
    assert ProblemConfig(level=3, reach=6).highest == 6
    assert np.array_equal(ProblemConfig(lowest=2, level=3, reach=6).levels, (2, 3)), "and those below are shown"
