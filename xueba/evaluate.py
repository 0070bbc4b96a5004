"""`xueba eval`: all measures of what a run has learned, with intervals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from rich.table import Table

from envs.problems import PROBLEMS
from xueba.arguments import parsed
from xueba.console import err, hint, out

if TYPE_CHECKING:
    from training.learner import Learner


@dataclass(frozen=True)
class Evaluate:
    """Measure what a run has learned: the model by itself, without search or mask.

    A problem is measured on its test questions, which no run has learned from nor
    chosen its best checkpoint by.

    Examples:
      xueba eval NAME
      xueba eval NAME --checkpoint last --games 1000 --json
      xueba eval NAME --games 2000 --level 2
    """

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")] = ""
    """which run, see `xueba list runs`; the newest unless one is named"""
    checkpoint: str = "best"
    """best, last, or the number of an iteration"""
    games: int = 200
    """games against each opponent, where games are played; of a problem, questions"""
    level: int = 0
    """of a problem, questions of this level alone; 0: those of the run's own levels"""
    json: bool = False
    """print the figures as JSON"""
    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """Measure and print.

    Raises:
        ValueError: no such checkpoint.
        FileNotFoundError: no such run or checkpoint.
        OSError: the checkpoint is damaged.
    """
    chosen = parsed(Evaluate, words, "eval [RUN]")
    if not 2 <= chosen.games <= 1_000_000:
        raise ValueError(f"--games is {chosen.games}; it must be between 2 and 1000000")
    import torch

    from training import checkpoints
    from training.evaluate import measure
    from xueba.runs import checkpoint_of, chosen_run, face_to_face

    folder = chosen_run(chosen.runs, chosen.run)
    config = folder.config()
    if chosen.level and config.game not in PROBLEMS:
        raise ValueError(f"--level is {chosen.level}: {config.game} is a game, and has no levels")
    torch.set_num_threads(config.threads)
    learner = checkpoints.load(checkpoint_of(folder, chosen.checkpoint), config)
    # some measures are taken seldom, but always when a run ends: here everything is wanted
    learner.config = replace(config, iterations=learner.iteration, measure=replace(config.measure, games=chosen.games))
    with err().status(f"measuring {folder.name} at iteration {learner.iteration}"):
        metrics = _examined(learner, chosen) if config.game in PROBLEMS else measure(learner)
    metrics.pop("eval/solved_in_a_row", None)
    if chosen.json:
        print(json.dumps({"run": folder.name, "game": config.game, "iteration": learner.iteration, **metrics}))
        return 0
    title = f"{folder.name}: {config.game}, iteration {learner.iteration}"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("measure", header_style="dim")
    table.add_column("value", justify="right", header_style="dim")
    table.add_column("counted", justify="right", header_style="dim")
    table.add_column("95% interval", header_style="dim")
    for row in rows(metrics):
        table.add_row(*row)
    out().print(table)
    hint(face_to_face(config.game, folder.name, folder.path.parent))
    return 0


def _examined(learner: Learner, chosen: Evaluate) -> dict[str, float]:
    """The questions of the test.

    Raises:
        ValueError: there is no such level.
    """
    from envs.problem import TEST
    from llm_policy.player import LanguageModelPlayer
    from training.evaluate import Timed
    from training.exam import exam

    config, world = learner.config, PROBLEMS[learner.config.game]
    if not 0 <= chosen.level <= world.problem.levels:
        raise ValueError(f"--level is {chosen.level}; the levels of {world.name} go from 1 to {world.problem.levels}")
    asked = replace(config.problem, measured=chosen.games)
    if chosen.level:
        asked = replace(asked, lowest=chosen.level, level=chosen.level, reach=0)
    # harder questions than it has learned may need longer replies
    longest = config.policy_gradient.max_new
    if chosen.level > config.problem.highest:
        longest = max(longest, config.model.context // 2)
    agent = Timed(LanguageModelPlayer(learner.model, config.view, max_new=longest))
    found = exam(world, agent, asked, config.seed, TEST)
    return {**found, "eval/reply_length": agent.tokens / max(1, agent.replies)}


def rows(metrics: Mapping[str, float]) -> Iterator[tuple[str, str, str, str]]:
    """(measure, value, counts, interval) of every figure: a rate with its counts is one row."""
    parts = ("_count", "_of", "_low", "_high")
    for name, value in metrics.items():
        base = next((name.removesuffix(part) for part in parts if name.endswith(part)), "")
        lines = name.replace("lost_lines", "lines")
        if (base and f"{base}_of" in metrics) or name.startswith("eval/lines"):
            continue
        label = name.partition("/")[2].replace("_", " ")
        if lines != name:
            yield label, f"{value:,.0f}", f"of {metrics[lines]:,.0f}", "exact"
            continue
        if f"{name}_of" in metrics:
            low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
            interval = f"{low:.2%} to {high:.2%}" if low is not None and high is not None else ""
            yield label, f"{value:.2%}", f"{metrics[f'{name}_count']:,g} of {metrics[f'{name}_of']:,g}", interval
        else:
            whole = float(value).is_integer()
            yield label, f"{value:,.0f}" if whole else f"{value:,.3f}", "", ""
