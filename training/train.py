"""The loop: play, learn, measure, tell, keep."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch

from agents.episode import Episode
from envs.problem import ProblemGame
from llm_policy.policy_value import frozen_copy
from training import checkpoints
from training.alarms import Alarms
from training.algorithms import ALGORITHMS
from training.config import Config
from training.config_check import check_config
from training.config_file import check_same
from training.evaluate import measure
from training.learner import Learner, Metrics, learning_rate, mean_of, new_learner
from training.live_games import LiveGames
from training.loggers import Logger
from training.reading import read
from training.rollouts import rollout_metrics
from training.run_folder import RunFolder
from training.self_play import self_play
from training.versions import BINDING
from training.warm_up import warm_up
from training.worlds import report, world_of

SAMPLE = 4
"""Games of an iteration that are kept to be looked at."""


def train(
    config: Config,
    run: RunFolder,
    logger: Logger,
    stop: Callable[[], bool] = lambda: False,
    *,
    changed_code: bool = False,
) -> Learner:
    """Begin the run in this folder, or go on with it, until it is done, solved, or `stop` says so.

    `stop` is asked between iterations and between the steps of the warm-up; what was learned so far is saved.
    `changed_code`: go on although the code, torch or NumPy is not what the run was made with so far.

    Raises:
        ValueError: the config makes no sense, or it or the code is not what the run began with.
        FloatingPointError: something is no longer finite; the checkpoints from before stand.
        RuntimeError: another process is training into this folder.
        training.checkpoints.CheckpointError: none of the checkpoints is intact, or a new one cannot be written.
    """
    check_config(config)
    check_same(run.config(), config)
    torch.set_num_threads(config.threads)
    with run.held():
        learner, kept = begin_or_resume(config, run, logger, changed_code=changed_code)
        try:
            rounds(learner, kept, run, logger, stop)
        except FloatingPointError as error:
            logger.event(learner.iteration, "alarm", f"{error}; the run stops, its checkpoints stand")
            raise
    logger.event(learner.iteration, "end", how_it_ended(learner))
    return learner


def rounds(learner: Learner, kept: int, run: RunFolder, logger: Logger, stop: Callable[[], bool]) -> None:
    """Warm up, then play, learn, measure, tell and keep, round by round; `kept`: the iteration of the checkpoint."""
    if kept < 0 or learner.steps < learner.config.warm_up.steps:
        kept = first_steps(learner, run, logger, stop)
    metrics: Metrics = {}
    best = checkpoints.best_score(run.checkpoints)
    alarms, live = Alarms(run.metrics()), LiveGames(run.path, SAMPLE)
    while not finished(learner) and not stop():
        episodes, metrics = one_iteration(learner, live)
        logger.metrics(learner.iteration, metrics)
        logger.episodes(learner.iteration, sample(episodes))
        for text in told(learner.faults):
            logger.event(learner.iteration, "masked", text)
        for kind, text in alarms.news(metrics):
            logger.event(learner.iteration, kind, text)
        better = metrics.get("eval/score", best) > best
        if better or due(learner, learner.config.checkpoint_every):
            best = max(best, metrics.get("eval/score", best))
            kept = keep(learner, run, logger, metrics)
    if kept != learner.iteration:
        keep(learner, run, logger, metrics)


def begin_or_resume(
    config: Config, run: RunFolder, logger: Logger, *, changed_code: bool = False
) -> tuple[Learner, int]:
    """The learner where the run stands, and the iteration of its checkpoint, -1 where there is none yet.

    Raises:
        ValueError: the run would go on with other code, and not `changed_code`.
    """
    damage: list[str] = []
    path = checkpoints.last(run.checkpoints, damage.append)
    changes = run.changes(config)
    binding = [text for name, text in changes.items() if name in BINDING]
    if path is None:
        run.rewind(-1)
        run.remade(config)
        logger.event(0, "begin", f"{config.game} by {config.algorithm}, seed {config.seed}")
        if questions := report(world_of(config)):
            logger.event(0, "dataset", questions)
        return new_learner(config), -1
    if binding and not changed_code:
        raise ValueError(
            f"run {run.name} cannot go on as it began, for its numbers would be of two kinds: {'; '.join(binding)}. "
            "Go back to that, begin a new run, or go on all the same with --changed-code"
        )
    learner = checkpoints.load(path, config)
    run.rewind(learner.iteration)
    for text in damage:
        logger.event(learner.iteration, "damage", text)
    logger.event(learner.iteration, "resume", f"from iteration {learner.iteration}")
    for text in changes.values():
        logger.event(learner.iteration, "changed", text)
    if binding:
        run.remade(config)
    return learner, learner.iteration


def first_steps(learner: Learner, run: RunFolder, logger: Logger, stop: Callable[[], bool]) -> int:
    """The warm-up, and what a model that knows the form but nothing else is measured to be."""
    steps = learner.config.warm_up.steps
    reading = isinstance(learner.game, ProblemGame)
    if learner.steps < steps:
        what = "worked solutions" if reading else "replies of random legal moves"
        logger.event(0, "warm-up", f"{steps} steps on {what}")
    learned: list[Metrics] = []
    while learner.steps < steps and not stop():
        learned.append((read if reading else warm_up)(learner, learner.steps))
        logger.progress(learner.steps, steps, learned[-1])
    if learner.steps < steps:
        return keep(learner, run, logger, {})
    metrics = {f"train/{name}": value for name, value in mean_of(learned[-1:]).items()}
    if not run.metrics():
        metrics |= measure(learner)
        logger.metrics(0, metrics)
    return keep(learner, run, logger, metrics)


def one_iteration(learner: Learner, live: LiveGames | None = None) -> tuple[list[Episode], Metrics]:
    """Play, learn, let a copy join the past, and measure when that is due; `live` is told a few games move by move."""
    config, algorithm = learner.config, ALGORITHMS[learner.config.algorithm]
    began = time.perf_counter()
    told = live.iteration(learner.iteration, learner.games, config.play.games) if live is not None else None
    episodes = self_play(learner, algorithm, told)
    played = time.perf_counter()
    metrics = rollout_metrics(episodes, played - began)
    for name, value in algorithm.update(learner, episodes).items():
        metrics[name if "/" in name else f"train/{name}"] = value
    metrics["perf/update_seconds"] = time.perf_counter() - played
    metrics["train/learning_rate"] = learning_rate(learner)
    learner.iteration += 1
    join_pool(learner)
    metrics["train/steps"] = float(learner.steps)
    metrics["train/games"] = float(learner.games)
    metrics["train/pool"] = float(len(learner.pool))
    if learner.buffer is not None:
        metrics["train/buffer"] = float(len(learner.buffer.value))
    if due(learner, config.measure.every):
        metrics |= measure(learner)
    metrics["perf/iteration_seconds"] = time.perf_counter() - began
    return episodes, metrics


def join_pool(learner: Learner) -> None:
    """Every `pool_every` iterations a copy joins the past; of too many, the one closest to its neighbours leaves."""
    config = learner.config.play
    if learner.iteration % config.pool_every or not config.pool:
        return
    before = past_iterations(learner.iteration - 1, config.pool_every, config.pool)
    after = past_iterations(learner.iteration, config.pool_every, config.pool)
    copies = dict(
        zip([*before, learner.iteration], [*learner.pool, frozen_copy(learner.model, torch.float32)], strict=True)
    )
    learner.pool = [copies[iteration] for iteration in after]


def past_iterations(iteration: int, every: int, size: int) -> list[int]:
    """The iterations of which a copy is kept: at most `size`, spread over all of the past, the newest among them."""
    kept: list[int] = []
    for joins in range(every, iteration + 1, every):
        kept.append(joins)
        if len(kept) > size:
            gaps = [after - before for before, after in zip([0, *kept[:-2]], kept[1:], strict=True)]
            del kept[gaps.index(min(gaps))]
    return kept


def due(learner: Learner, every: int) -> bool:
    """Now, or at the very end."""
    return learner.iteration % every == 0 or learner.iteration == learner.config.iterations


def finished(learner: Learner) -> bool:
    """Nothing is left to do."""
    return learner.iteration >= learner.config.iterations or solved(learner)


def solved(learner: Learner) -> bool:
    """As many perfect measurements in a row as were asked for."""
    return 0 < learner.config.measure.solved <= learner.solved


def sample(episodes: Sequence[Episode]) -> list[Episode]:
    """A few games out of all parts of the batch."""
    return list(episodes[:: max(1, len(episodes) // SAMPLE)])[:SAMPLE]


def told(faults: list[str]) -> list[str]:
    """The first few of them, and how many more there are; the list is then empty."""
    shown, more = faults[:SAMPLE], len(faults) - SAMPLE
    faults.clear()
    return shown + ([f"and {more} more episodes left out"] if more > 0 else [])


def keep(learner: Learner, run: RunFolder, logger: Logger, metrics: Metrics) -> int:
    """Save a checkpoint; its iteration."""
    path = checkpoints.save(learner, run.checkpoints, metrics.get("eval/score"))
    logger.event(learner.iteration, "checkpoint", f"checkpoints/{path.name}")
    return learner.iteration


def how_it_ended(learner: Learner) -> str:
    """One line for people."""
    if solved(learner):
        return f"solved: {learner.solved} perfect measurements in a row at iteration {learner.iteration}"
    if finished(learner):
        return f"all {learner.iteration} iterations done"
    return f"stopped after iteration {learner.iteration} of {learner.config.iterations}"
