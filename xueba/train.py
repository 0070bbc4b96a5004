"""`xueba train`: begin a run, or go on with one, and let people see it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import tyro

from envs.lookup import not_found
from training.config import Config
from training.presets import PRESETS
from training.run_folder import RunFolder, create_run
from training.worlds import is_elsewhere, questions_config
from xueba.arguments import parsed, runs_option
from xueba.console import err, hint, sentence
from xueba.logs import CONSOLE, chosen_logs, loggers
from xueba.runs import chosen_run, face_to_face

if TYPE_CHECKING:
    from xueba.live import ConsoleLogger


@dataclass(frozen=True)
class Train:
    r"""Learn a game or a kind of problem from random weights.

    The first word may be a preset (`xueba list presets`; tic-tac-toe unless named),
    a file of your own questions, or a task of reasoning-gym; any field of the
    config can be changed. Ctrl-C saves, --resume goes on.

    A file has a JSON object on each line: question and answer (which may end in
    `#### 42`) and perhaps a solution, or problem and solution (with \boxed{42}).
    Its steps cannot be checked, so that the answer alone decides.

    Examples:
      xueba train
      xueba train connect-four --seed 3 --optimizer.lr 1e-3
      xueba train addition --problem.level 3
      xueba train questions.jsonl --dataset.skip-broken
      xueba train reasoning-gym:chain_sum
      xueba train --name mine --log file,tensorboard
      xueba train --resume mine
    """

    config: Annotated[Config, tyro.conf.arg(name="")]
    name: str = ""
    """of the run's folder; the preset's name and a number unless given"""
    runs: Path = Path("runs")
    """where runs are"""
    resume: str = ""
    """go on with this run instead of beginning one"""
    changed_code: bool = False
    """with --resume: go on although xueba's code, torch or NumPy is not what the run was made with so far"""
    log: str = "file"
    """where to, besides the terminal and the run folder: tensorboard, wandb, or both with a comma between;
    none: to the run folder alone, without a word here unless something fails"""


def run(words: list[str]) -> int:
    """Train; 130 when it was interrupted and has saved.

    Raises:
        ValueError: a preset, field or logger makes no sense.
        OSError: the run cannot be made, found, read or written.
    """
    preset, words = (words[0], words[1:]) if words and not words[0].startswith("-") else ("", words)
    if preset and preset not in PRESETS and not is_elsewhere(preset):
        raise ValueError(not_found("preset", preset, PRESETS))
    resumed = _resumed(words)
    if resumed is not None and preset:
        raise ValueError(f"run {resumed.name} goes on as it began: leave out the preset {preset!r}")
    preset = preset or "tic-tac-toe"
    begun = PRESETS[preset] if preset in PRESETS else questions_config(preset)
    default = Train(resumed.config() if resumed is not None else begun)
    chosen = parsed(Train, words, "train [PRESET]", default)
    # not before: help is there at once, torch takes seconds
    from training.config_check import check_config
    from training.train import train
    from xueba.live import ConsoleLogger

    if resumed is not None and chosen.name:
        raise ValueError(f"run {resumed.name} goes on under its own name: leave out --name {chosen.name[:80]!a}")
    check_config(chosen.config)
    logs = chosen_logs(chosen.log)
    folder = resumed or create_run(chosen.runs, chosen.name or free_name(chosen.runs, stem(preset)), chosen.config)
    quiet = CONSOLE not in logs
    console = ConsoleLogger(chosen.config, folder.name, err(quiet=quiet))
    console.remember(folder.metrics())
    logger = loggers(logs, folder, console)
    try:
        with interruptible(console) as interrupted:
            learner = train(chosen.config, folder, logger, interrupted, changed_code=chosen.changed_code)
    finally:
        logger.close()
    if not interrupted():
        _draw(folder)
    if quiet:
        return 130 if interrupted() else 0
    return _farewell(folder, chosen, learner.iteration, stopped=interrupted())


def _resumed(words: list[str]) -> RunFolder | None:
    """The run that `--resume` names: its config is what the other words change."""
    values = {"--resume": "", "--runs": "runs"}
    for word, following in zip(words, [*words[1:], ""], strict=False):  # no words, no pairs
        name, equals, value = word.partition("=")
        if name in values:
            values[name] = value if equals else following
    return chosen_run(Path(values["--runs"]), values["--resume"]) if values["--resume"] else None


def stem(preset: str) -> str:
    """What runs of a preset, or of the user's own questions, are called."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", Path(preset).stem)[:60].strip(".-_") or "questions"


def free_name(root: Path, stem: str) -> str:
    """`stem`, or with the first number that no run has."""
    number = 1
    while (root / (name := stem if number == 1 else f"{stem}-{number}")).exists():
        number += 1
    return name


@contextmanager
def interruptible(console: ConsoleLogger) -> Iterator[Callable[[], bool]]:
    """While this lasts, the first Ctrl-C (or a polite kill) only makes what is yielded answer True; the second leaves.

    Leaving at once is safe: checkpoints are whole or absent. Waiting for threads that still play would not be at once.
    """
    stopped = False

    def asked(number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        if stopped:
            console.abandon()
            os.write(2, b"xueba: left at once; the last checkpoint stands\n")
            os._exit(128 + number)
        stopped = True
        console.note("finishing this iteration, then saving (Ctrl-C again leaves at once)")

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _draw(folder: RunFolder) -> None:
    """The curves so far, as `curves.png`; a run that has learned is a success without a picture, too."""
    from training.curves import plot_run

    try:
        plot_run(folder)
    except (OSError, ValueError, ImportError) as error:
        hint(f"no picture of the curves: {sentence(error)}")


def _farewell(folder: RunFolder, chosen: Train, iteration: int, *, stopped: bool) -> int:
    """The last lines: where everything is, and what to do next."""
    where = runs_option(folder.path.parent)
    if stopped:
        hint(f"saved at iteration {iteration} in {folder.path}", f"go on:  xueba train --resume {folder.name}{where}")
        return 130
    hint(
        f"everything is in     {folder.path} (its curves: curves.png)",
        f"watch what it does:  xueba watch {folder.name}{where}",
        face_to_face(chosen.config.game, folder.name, folder.path.parent),
        f"measure it:          xueba eval {folder.name}{where}",
    )
    return 0
