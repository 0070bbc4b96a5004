"""Does practice for a reward teach what reading has left open? The preset `arithmetic`, smaller, and a control."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from agents.episode import Episode
from envs.problem import TEST
from envs.problems import PROBLEMS
from llm_policy.player import LanguageModelPlayer
from training.exam import exam
from training.learner import Learner, new_learner
from training.presets import PRESETS
from training.reading import read
from training.rewards import REWARDS
from training.train import one_iteration

ITERATIONS = 120


def right(learner: Learner) -> float:
    """The share of 1,000 held-out questions answered right after valid steps."""
    agent = LanguageModelPlayer(learner.model, max_new=learner.config.policy_gradient.max_new)
    asked = replace(learner.config.problem, measured=1000)
    return exam(PROBLEMS["arithmetic"], agent, asked, 0, TEST)["eval/right"]


def practised(learner: Learner, reward: str) -> Learner:
    """A copy that has practised for `reward`."""
    config = learner.config
    graded = replace(config.policy_gradient, rewards={reward: 1.0})
    student = Learner(replace(config, policy_gradient=graded), copy.deepcopy(learner.model), learner.optimizer)
    student.optimizer = torch.optim.AdamW(student.model.parameters(), betas=(0.9, config.optimizer.beta2))
    student.steps = learner.steps
    for _ in range(ITERATIONS):
        one_iteration(student)
    return student


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_practice_adds_five_points_and_rewards_by_chance_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_chance(episode: Episode, seat: int) -> float:
        return float(np.random.default_rng(episode.number).integers(2)) if seat == 0 else 0.0

    monkeypatch.setitem(REWARDS, "by chance", by_chance)
    preset = PRESETS["arithmetic"]
    never = replace(preset.measure, every=10**6)
    config = replace(
        preset,
        threads=1,
        iterations=ITERATIONS,
        measure=never,
        warm_up=replace(preset.warm_up, steps=800),
        play=replace(preset.play, games=512),
    )
    learner = new_learner(config)
    for step in range(config.warm_up.steps):
        read(learner, step)
    before, after = right(learner), right(practised(learner, "process"))
    control = right(practised(learner, "by chance"))
    print(f"right before {before:.1%}, after practice {after:.1%}, after rewards by chance {control:.1%}")
    assert after > before + 0.05
    assert control < before + 0.05
