"""The learner: everything that changes while a run goes on, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import torch

from agents.agent import Agent
from agents.episode import Episode
from envs.game import Game
from envs.random_streams import stream_keys
from llm_policy.model import Transformer
from training.config import Config
from training.examples import Examples
from training.teacher import teacher_of
from training.worlds import world_of

STUDENT = "student"
"""The name under which the learner sits down; its turns are the ones to learn from."""

Metrics = dict[str, float]


@dataclass
class Learner:
    """The state of a run. Random numbers have addresses (`envs.random_streams`), so none of their state is here."""

    config: Config
    model: Transformer
    optimizer: torch.optim.AdamW
    iteration: int = 0
    games: int = 0
    steps: int = 0
    solved: int = 0
    """perfect measurements in a row"""
    buffer: Examples | None = None
    pool: list[Transformer] = field(default_factory=list)
    """past selves, the oldest first"""
    reference: Transformer | None = None
    """the policy not to be left, where that is asked for (`policy_gradient.kl`)"""
    baselines: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """what went wrong in this iteration, each with the episode that was left out for it; told, then forgotten"""

    @cached_property
    def game(self) -> Game:
        """The world; those who learn from boards are only ever asked about games (`config_check`)."""
        return cast(Game, world_of(self.config))

    @cached_property
    def teacher(self) -> Transformer:
        """Whom a distillation learns from: looked up once, so that it stays the same when its own run goes on."""
        return teacher_of(self.config)

    def key(self, *purpose: int) -> int:
        """A random address of this run."""
        return int(stream_keys(self.config.seed, *purpose))


@dataclass(frozen=True)
class Algorithm:
    """One way of learning: who gathers the experience, and what is made of it."""

    player: Callable[[Learner, Transformer, str], Agent]
    """who sits down with these weights, under this name, to gather experience"""
    update: Callable[[Learner, list[Episode]], Metrics]
    group: Callable[[Config], int] = lambda config: 1
    """games in a row that share their opening and their players"""
    missing: Callable[[Learner, list[Episode]], int] = lambda learner, episodes: 0
    """how many more games an update on these wants, whole groups"""
    levels: Callable[[Learner], tuple[int, int]] = lambda learner: learner.config.problem.levels
    """the lowest and the highest level of the questions asked, where the world is a problem"""


def new_learner(config: Config) -> Learner:
    """Random weights, and nothing learned."""
    model = Transformer(config.model).initialise(torch.Generator().manual_seed(config.seed))
    return Learner(config, model, new_optimizer(model, config))


def new_optimizer(model: Transformer, config: Config) -> torch.optim.AdamW:
    """AdamW as the config has it."""
    o = config.optimizer
    return torch.optim.AdamW(model.parameters(), lr=o.lr, betas=(0.9, o.beta2), weight_decay=o.weight_decay)


def learning_rate(learner: Learner) -> float:
    """A short rise, then half a cosine over the iterations of the run; before that the warm-up's own, if it has one."""
    o, warm_up = learner.config.optimizer, learner.config.warm_up
    steps = learner.steps
    if warm_up.lr:
        if steps < warm_up.steps:
            return warm_up.lr * (1 - steps / warm_up.steps) * min(1.0, (steps + 1) / max(1, o.rise))
        steps -= warm_up.steps
    done = min(1.0, learner.iteration / max(1, learner.config.iterations))
    falling = o.final + (1 - o.final) * 0.5 * (1 + math.cos(math.pi * done))
    return o.lr * falling * min(1.0, (steps + 1) / max(1, o.rise))


def gradient_step(learner: Learner) -> float:
    """Clip and apply the gradients gathered so far; the norm before clipping.

    Raises:
        FloatingPointError: the gradient is not finite; the weights are left as they were.
    """
    norm = float(torch.nn.utils.clip_grad_norm_(learner.model.parameters(), learner.config.optimizer.clip))
    if not math.isfinite(norm):
        learner.optimizer.zero_grad()
        raise FloatingPointError(f"the gradient is {norm} at step {learner.steps}; the weights are left as they were")
    for group in learner.optimizer.param_groups:
        group["lr"] = learning_rate(learner)
    learner.optimizer.step()
    learner.optimizer.zero_grad()
    learner.steps += 1
    return norm


def mean_of(rows: Sequence[Mapping[str, float]]) -> Metrics:
    """The mean of each number over `rows`."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]} if rows else {}
