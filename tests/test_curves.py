"""Curves as a picture: from whole runs, from bits of one, with names that are no mathematics."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

from training import curves
from training.config import Config
from training.curves import plot_curves, plot_run, series
from training.loggers import FileLogger
from training.run_folder import create_run


def rows(game: str, count: int = 12) -> list[dict[str, Any]]:
    made = []
    for step in range(count):
        share = step / count
        row: dict[str, Any] = {"step": step, "time": float(step), "eval/legal": share, "eval/well_formed": 1.0}
        if game == "tic-tac-toe":
            for seat in ("_first", "_second", ""):
                row |= {f"eval/lost_lines{seat}": float(100 - 8 * step), f"eval/lines{seat}": 100.0}
        else:
            row |= {f"eval/agreement_result{end}": share for end in ("", "_low", "_high")}
            row |= {f"arena/random_points{end}": share for end in ("", "_low", "_high")}
        if step:
            row |= {"rollout/first_wins": 0.5, "rollout/draws": 0.3, "rollout/second_wins": 0.2}
            row |= {"train/policy": 2 - share, "train/value": 0.1, "rollout/policy_entropy": 1.0}
            row |= {"perf/games_per_second": 100.0}
        made.append(row)
    return made


def answered(count: int = 12) -> list[dict[str, Any]]:
    """The rows of a run that learns problems."""
    made = []
    for step in range(count):
        share = step / count
        row: dict[str, Any] = {"step": step, "time": float(step), "eval/legal": share, "eval/well_formed": share}
        for name, value in (("right", share), ("answers", share), ("guessed", 0.1), ("valid_but_wrong", 0.05)):
            row |= {f"eval/{name}": value, f"eval/{name}_low": 0.9 * value, f"eval/{name}_high": value}
        row |= {"eval/level_1": share, "eval/level_2": share / 2, "eval/level_2_of": 9.0, "eval/reply_length": 30.0}
        if step:
            row |= {"rollout/right": share, "rollout/guessed": 0.02, "rollout/valid_but_wrong": 0.01}
            row |= {"rollout/malformed": 0.01, "rollout/reply_length": 31.0, "rollout/token_entropy": 0.2}
            row |= {"reward/process": share, "perf/games_per_second": 500.0, "train/policy": 1.0}
        made.append(row)
    return made


def test_problems_have_panels_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: set[str] = set()
    line = curves._line

    def noted(axis: Any, rows: Any, name: str, *rest: Any) -> None:
        drawn.add(name)
        line(axis, rows, name, *rest)

    monkeypatch.setattr(curves, "_line", noted)
    plot_curves(answered(), tmp_path / "all.png", "answers")
    shown(tmp_path / "all.png")
    assert drawn >= {"eval/right", "eval/answers", "eval/guessed", "eval/valid_but_wrong", "eval/level_2"}
    assert drawn >= {"eval/reply_length", "rollout/reply_length", "rollout/token_entropy", "reward/process"}
    assert "eval/level_2_of" not in drawn
    assert "eval/legal" not in drawn, "of a problem any well-formed reply is legal"


def shown(path: Path) -> np.ndarray:
    picture = matplotlib.image.imread(path)
    assert picture.shape[0] > 300
    assert picture.shape[1] > 300
    assert picture.std() > 0.01  # not blank
    return picture


@pytest.mark.parametrize("game", ["tic-tac-toe", "connect-four"])
def test_a_picture_is_made_and_shows_the_numbers(tmp_path: Path, game: str) -> None:
    plot_curves(rows(game), tmp_path / "one.png", "a run: $x_1$")
    other = [row | {"eval/legal": 0.5} for row in rows(game)]
    plot_curves(other, tmp_path / "other.png", "a run: $x_1$")
    one, different = shown(tmp_path / "one.png"), shown(tmp_path / "other.png")
    assert one.shape == different.shape
    assert 0 < (one != different).mean() < 0.1  # one curve and nothing else


@pytest.mark.parametrize("kept", [["eval/legal"], ["train/policy"], ["rollout/draws", "rollout/first_wins"]])
def test_bits_of_a_run_are_enough(tmp_path: Path, kept: list[str]) -> None:
    few = [{name: value for name, value in row.items() if name in ("step", *kept)} for row in rows("tic-tac-toe", 3)]
    plot_curves(few, tmp_path / "few.png", "few")
    shown(tmp_path / "few.png")


def test_what_is_not_finite_is_left_out(tmp_path: Path) -> None:
    run = create_run(tmp_path, "run", Config())
    logger = FileLogger(run)
    for row in rows("tic-tac-toe"):
        numbers = {name: value for name, value in row.items() if name not in ("step", "time")}
        logger.metrics(row["step"], numbers | {"train/value": math.nan})
    assert series(run.metrics(), "train/value") == ([], [])
    assert series(run.metrics(), "eval/well_formed") == ([float(step) for step in range(12)], [1.0] * 12)
    assert plot_run(run) == run.path / "curves.png"
    shown(run.path / "curves.png")


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        plot_curves([], tmp_path / "none.png", "none")
    assert not (tmp_path / "none.png").exists()


def test_rewards_are_drawn_without_what_they_were_counted_of() -> None:
    from matplotlib.figure import Figure

    rows = [
        {
            "step": step,
            "reward/process": 0.5,
            "reward/masked_count": 0.0,
            "reward/masked_of": 1024.0,
            "train/value": 0.0,
        }
        | {"train/policy": -1.0}
        for step in range(3)
    ]
    rewards, losses = Figure().subplots(1, 2)
    curves._rewards(rewards, rows)
    curves._losses(losses, rows)
    assert [line.get_label() for line in rewards.get_lines()] == ["process"]
    assert [line.get_label() for line in losses.get_lines()] == ["policy"]
