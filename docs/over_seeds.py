"""What came out of the arms of an experiment, seed by seed, and as tables with means and 95% intervals."""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from agents.rates import student

Row = dict[str, float]


def told(text: str) -> None:
    """One line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def mean_interval(numbers: Sequence[float], column: str) -> str:
    """`92.1% (90.8 to 93.4)`; of tokens the mean alone."""
    if column == "tokens":
        return f"{statistics.mean(numbers):.1f}"
    mean = 100 * statistics.mean(numbers)
    if len(numbers) < 2:
        return f"{mean:.1f}%"
    half = 100 * student(len(numbers) - 1) * statistics.stdev(numbers) / math.sqrt(len(numbers))
    return f"{mean:.1f}% ({max(0, mean - half):.1f} to {min(100, mean + half):.1f})"


def table(rows: Mapping[str, Sequence[Row]], columns: Sequence[str]) -> str:
    """A mean and interval for each arm and column."""
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'--:|' * len(columns)}"]
    for name, found in rows.items():
        figures = (mean_interval([row[column] for row in found], column) for column in columns)
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines)


def per_seed(rows: Mapping[str, Sequence[Row]], column: str) -> str:
    """Every seed's own figure."""
    count = len(next(iter(rows.values())))
    lines = [f"| {column}, seed | {' | '.join(map(str, range(count)))} |", f"|---|{'--:|' * count}"]
    for name, found in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{100 * row[column]:.1f}" for row in found) + " |")
    return "\n".join(lines)


def over_seeds(seeds: int, arms: Callable[[int], Mapping[str, Callable[[], Row]]]) -> dict[str, list[Row]]:
    """Each arm of each seed."""
    rows: dict[str, list[Row]] = {}
    for seed in range(seeds):
        for name, arm in arms(seed).items():
            rows.setdefault(name, []).append(arm())
            told(f"seed {seed}, {name}: { ({key: round(value, 3) for key, value in rows[name][-1].items()}) }")
    return rows
