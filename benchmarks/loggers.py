"""What Weights & Biases, offline, adds to an iteration: the same short run with and without it, in pairs.

    python benchmarks/loggers.py --out docs/results/loggers.md

Each side of a pair trains the same config from the same seed into a folder of its own, `--log file` and then
`--log file,wandb` (every second pair the other way round), in one process; the first iteration is left out. An
iteration counts from one told row of metrics to the next, so that telling is part of it. Nothing leaves the machine:
`WANDB_MODE=offline`. Processor seconds of the process are counted beside those of the clock, which other work on the
machine lengthens; wandb writes its files in a process of its own, whose seconds are only in the clock's.
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import tyro

from training.config import Config
from training.loggers import LOGGERS, Loggers
from training.presets import PRESETS
from training.run_folder import create_run
from training.train import train

SIDES = ("file", "file,wandb")
CLOCKS = ("processor", "clock")
# of Student's distribution with 1, 2, ... degrees of freedom; more than these are taken for a normal one
T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13)


class Clocks(Loggers):
    """Tells the others, and looks at the clocks when they have all been told."""

    def __init__(self, *loggers: object) -> None:
        super().__init__(*loggers)  # type: ignore[arg-type]
        self.marks: list[tuple[float, float]] = []

    def metrics(self, step: int, metrics: Mapping[str, float]) -> None:
        super().metrics(step, metrics)
        self.marks.append((time.process_time(), time.perf_counter()))


class Watched:
    """A logger that is watched: how long its calls take, by the clock, whatever else the machine does between them."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._logger, name)

        def timed(*given: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*given)
            finally:
                self.seconds += time.perf_counter() - began

        return timed


def seconds(config: Config, root: Path, name: str, side: str, inside: list[float]) -> tuple[float, float]:
    """(processor, clock) seconds an iteration; adds to `inside` those that it spends in wandb's own calls."""
    run = create_run(root, name, config)
    each = {one: Watched(LOGGERS[one](run)) for one in side.split(",")}
    clocks = Clocks(*each.values())
    train(config, run, clocks)
    if "wandb" in each:
        inside.append(each["wandb"].seconds / config.iterations)
    clocks.close()
    # the first row is the warm-up's, the second the first iteration's
    marks = clocks.marks[1:]
    first, last = marks[0], marks[-1]
    return (last[0] - first[0]) / (len(marks) - 1), (last[1] - first[1]) / (len(marks) - 1)


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """The mean of the pairs' ratios, and its 95% interval by Student's distribution."""
    mean = statistics.mean(ratios)
    points = T[len(ratios) - 2] if len(ratios) - 2 < len(T) else 1.96
    half = points * statistics.stdev(ratios) / len(ratios) ** 0.5
    return mean, mean - half, mean + half


def main(
    preset: str = "tic-tac-toe", iterations: int = 12, pairs: int = 8, threads: int = 1, out: Path | None = None
) -> None:
    """Measure and print; `--out` writes the same as Markdown."""
    if pairs < 2:
        raise ValueError(f"--pairs is {pairs}: an interval needs at least 2")
    os.environ["WANDB_MODE"] = "offline"
    config = PRESETS[preset]
    measure = replace(config.measure, solved=0)
    warm_up = replace(config.warm_up, steps=20)
    config = replace(config, iterations=iterations, threads=threads, warm_up=warm_up, measure=measure)
    found: dict[str, list[tuple[float, float]]] = {side: [] for side in SIDES}
    inside: list[float] = []
    with tempfile.TemporaryDirectory() as made:
        for pair in range(-1, pairs):  # the first is left out: it imports
            for side in SIDES if pair % 2 else SIDES[::-1]:
                spent = seconds(config, Path(made), f"run-{pair + 1}-{SIDES.index(side)}", side, inside)
                if pair >= 0:
                    found[side].append(spent)
    rows = [
        "| seconds of the | `file`, ms an iteration | `file,wandb` | ratio | 95% interval |",
        "|---|--:|--:|--:|--:|",
    ]
    for number, clock in enumerate(CLOCKS):
        plain, logged = ([spent[number] for spent in found[side]] for side in SIDES)
        mean, low, high = interval([b / a for a, b in zip(plain, logged, strict=True)])
        rows.append(
            f"| {clock} | {1e3 * statistics.median(plain):.1f} | {1e3 * statistics.median(logged):.1f} "
            f"| {mean:.3f} | {low:.3f} to {high:.3f} |"
        )
    setting = (
        f"{preset}, {pairs} pairs of {iterations - 1} iterations counted; {threads} threads, {os.cpu_count()} cores "
        f"({platform.machine()}), torch {torch.__version__}."
    )
    iteration = statistics.median(clock for _, clock in found[SIDES[0]])
    calls = statistics.median(inside[1:])
    text = (
        setting
        + "\n\n"
        + "\n".join(rows)
        + f"\n\nwandb's own calls, start and games included, take {1e3 * calls:.1f} ms of an iteration by the clock: "
        + f"{calls / iteration:.2%} of {1e3 * iteration:.0f} ms.\n"
    )
    print(text)
    if out is not None:
        options = f"--preset {preset} --iterations {iterations} --pairs {pairs} --threads {threads}"
        command = f"python benchmarks/loggers.py {options} --out {out}"
        out.write_text(f"# What wandb adds to an iteration\n\n`{command}`\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
