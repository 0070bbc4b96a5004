"""Runs so small that a test can wait for them, and what two of them must have in common."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.search import SearchConfig
from llm_policy.model import ModelConfig
from training import checkpoints
from training.config import (
    Config,
    ExpertIterationConfig,
    MeasureConfig,
    PlayConfig,
    PolicyGradientConfig,
    WarmUpConfig,
)
from training.learner import Learner
from training.loggers import FileLogger
from training.run_folder import RunFolder, create_run
from training.train import train

TINY = Config(
    iterations=6,
    threads=1,
    checkpoint_every=2,
    model=ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=16),
    warm_up=WarmUpConfig(steps=3, batch=8),
    play=PlayConfig(
        games=6, pool_every=1, pool=3, past_share=0.3, random_share=0.2, search_share=0.1, search_rollouts=4
    ),
    search=SearchConfig(simulations=4, noise=0.25, line=3),
    expert_iteration=ExpertIterationConfig(batch=16, reuse=1.0, buffer=60),
    policy_gradient=PolicyGradientConfig(batch=16, max_new=16, group=3),
    measure=MeasureConfig(every=2, games=2),
)


def question_run(**changes: object) -> Config:
    """A run on a problem, by GRPO."""
    base = Config(
        game="addition",
        algorithm="grpo",
        threads=1,
        iterations=2,
        checkpoint_every=1,
        model=replace(TINY.model, context=64),
        play=PlayConfig(games=8),
        policy_gradient=PolicyGradientConfig(rewards={"process": 1.0}, rehearsal=0, max_new=30, batch=8),
    )
    small = replace(base, problem=replace(base.problem, level=1, measured=4), warm_up=replace(base.warm_up, steps=2))
    return replace(small, **changes)  # type: ignore[arg-type]


def finished_run(root: Path, name: str, config: Config = TINY) -> tuple[RunFolder, Learner]:
    run = create_run(root, name, config)
    return run, train(config, run, FileLogger(run))


def manifest(run: RunFolder) -> Any:
    """The sums of every file of the last checkpoint: weights, optimizer, buffer, pool, counters, baselines."""
    path = checkpoints.last(run.checkpoints)
    assert path is not None
    return path.name, json.loads((path / "manifest.json").read_text())


def numbers(run: RunFolder) -> list[dict[str, float]]:
    """All metrics that are not about time."""
    return [{k: v for k, v in row.items() if k != "time" and not k.startswith("perf/")} for row in run.metrics()]
