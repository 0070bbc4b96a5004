"""The world that a config names: a game, a problem, a task of reasoning-gym, or a file of the user's own questions."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from envs import WORLDS
from envs.dataset import Dataset, Room, is_dataset
from envs.game import World
from envs.lookup import not_found
from envs.problem import ProblemGame
from envs.problems import PROBLEMS
from llm_policy.model_config import ModelConfig
from llm_policy.tokenizer import WORDS
from training.config import (
    Config,
    DatasetConfig,
    MeasureConfig,
    OptimizerConfig,
    PlayConfig,
    PolicyGradientConfig,
    ProblemConfig,
    WarmUpConfig,
)

TASKS = "reasoning-gym:"
"""What the names of reasoning-gym's tasks begin with."""
QUESTIONS = Config(
    algorithm="grpo",
    iterations=40,
    model=ModelConfig(layers=4, width=128, heads=4, kv_heads=4, hidden=256, context=1024),
    warm_up=WarmUpConfig(steps=2000, batch=32, lr=2e-3),
    optimizer=OptimizerConfig(lr=3e-4, beta2=0.98),
    play=PlayConfig(games=128),
    problem=ProblemConfig(level=1),
    policy_gradient=PolicyGradientConfig(
        refused=0.0, rehearsal=0, batch=32, entropy=0.0, final_entropy=0.0, max_new=512
    ),
    measure=MeasureConfig(every=5),
)
"""What to begin with where nothing is known of the questions but that they are short."""
_ALPHABET = frozenset(word for word in WORDS if len(word) == 1)
_FORM = 5
"""Tokens of a reply beside its thinking and its answer: four tags and the end."""


def is_elsewhere(name: str) -> bool:
    """Whether the name of a world is one of a file, or of a task of reasoning-gym."""
    return name not in WORLDS and (name.startswith(TASKS) or is_dataset(name))


def questions_config(name: str) -> Config:
    """A config to learn such a world with."""
    return replace(QUESTIONS, game=name)


def world_of(config: Config) -> World:
    """The world of a config.

    Raises:
        ValueError: there is none of this name, or its file cannot be used; says why.
        OSError: its file cannot be read.
    """
    longest = config.policy_gradient.max_new
    room = Room(max(1, config.model.context - longest - 2), max(1, longest - _FORM), _ALPHABET)
    return open_world(config.game, config.dataset, room)


def open_world(name: str, options: DatasetConfig = DatasetConfig(), room: Room = Room()) -> World:  # noqa: B008  # frozen
    """The world of this name. What stands elsewhere is among PROBLEMS from then on, until it is opened otherwise.

    Raises:
        ValueError: there is none of this name, or its file cannot be used; says why.
        OSError: its file cannot be read.
    """
    if not is_elsewhere(name):
        if name in WORLDS:
            return WORLDS[name]
        raise ValueError(not_found("world", name, WORLDS))
    try:
        if name.startswith(TASKS):
            game = _task(name)
        else:
            files = (name, options.validation, options.test)
            game = _dataset(name, options, room, tuple(_stamp(file) for file in files if file))
    except ImportError as error:
        raise ValueError(str(error)) from None
    PROBLEMS[name] = game
    return game


@lru_cache
def _task(name: str) -> ProblemGame:
    from envs.reasoning_gym_adapter import ReasoningGym

    return ProblemGame(ReasoningGym(name.removeprefix(TASKS)))


@lru_cache(4)
def _dataset(name: str, options: DatasetConfig, room: Room, stamps: tuple[object, ...]) -> ProblemGame:
    """`stamps`: a file that has changed is read again."""
    dataset = Dataset(
        name,
        options.validation,
        options.test,
        compared=options.compared,
        skip_broken=options.skip_broken,
        room=room,
    )
    return ProblemGame(dataset)


def _stamp(file: str) -> tuple[int, ...]:
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def origin(config: Config) -> dict[str, Any] | None:
    """What a run must find again to go on: the sha256 of each file of questions, the version of reasoning-gym."""
    if not is_elsewhere(config.game):
        return None
    world = world_of(config)
    assert isinstance(world, ProblemGame)
    problem = world.problem
    return problem.sha256 if isinstance(problem, Dataset) else {"reasoning-gym": version("reasoning-gym")}


def report(world: World) -> str:
    """What is to be told of the questions of a file; "" of other worlds."""
    problem = world.problem if isinstance(world, ProblemGame) else None
    return problem.report() if isinstance(problem, Dataset) else ""
