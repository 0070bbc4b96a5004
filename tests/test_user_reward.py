"""A reward of the user's own in training: it is learned by, what fails is left out, and a changed file is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny_run import TINY, finished_run, question_run
from training.config import Config, PlayConfig
from training.config_check import check_config
from training.loggers import FileLogger
from training.rewards import reward_named
from training.train import train
from xueba.__main__ import main

REWARDS = """
def length(question, reply, answer):
    return len(reply) / 100

def sometimes(question, reply, answer):
    if question[:1] in "13579":
        raise ValueError("not this one")
    return len(reply) / 100
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(REWARDS)
    return file


def learning_by(reward: str) -> Config:
    base = question_run()
    return replace(base, policy_gradient=replace(base.policy_gradient, rewards={reward: 1.0}))


def test_a_run_learns_by_it_and_does_not_go_on_with_another(own: Path, tmp_path: Path) -> None:
    config = learning_by(f"{own}:length")
    check_config(config)
    run, learner = finished_run(tmp_path, "own", config)
    assert learner.iteration == 2
    shown = [row[f"reward/{own}:length"] for row in run.metrics() if f"reward/{own}:length" in row]
    assert shown
    assert min(shown) > 0
    assert json.loads((run.path / "versions.json").read_text())["rewards"].keys() == {f"{own}:length"}
    own.write_text(REWARDS + "\n")
    with pytest.raises(ValueError, match=r"rewards was .*--changed-code"):
        train(config, run, FileLogger(run))


def test_what_it_fails_on_is_left_out_and_counted(own: Path, tmp_path: Path) -> None:
    config = replace(learning_by(f"{own}:sometimes"), play=PlayConfig(games=64))
    run, learner = finished_run(tmp_path, "own", replace(config, problem=replace(config.problem, level=2)))
    assert learner.iteration == 2
    rows = [row for row in run.metrics() if "reward/masked_count" in row]
    assert rows
    assert all(0 < row["reward/masked_count"] < row["reward/masked_of"] for row in rows)


def test_what_is_no_reward_is_said_before_anything_is_learned(own: Path) -> None:
    with pytest.raises(RuntimeError, match=r"there is no function 'lenght' in .*there are: length, sometimes"):
        check_config(learning_by(f"{own}:lenght"))
    with pytest.raises(ValueError, match=r"there is no file 'nowhere.py'"):
        check_config(learning_by("nowhere.py:length"))
    with pytest.raises(ValueError, match=r"no reward is called 'proces'.*did you mean 'process'\?.*FILE.py:FUNCTION"):
        check_config(learning_by("proces"))
    with pytest.raises(ValueError, match="is for problems, and tic-tac-toe is none"):
        check_config(replace(TINY, policy_gradient=replace(TINY.policy_gradient, rewards={f"{own}:length": 1.0})))


def test_its_process_is_kept(own: Path) -> None:
    assert reward_named(f"{own}:length") is reward_named(f"{own}:length")


def test_from_the_command_line(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--runs", str(tmp_path), "--policy-gradient.rewards", f"{own}:lenght", "1"]
    assert main(["train", "addition", *words]) == 1
    assert "there is no function 'lenght'" in capsys.readouterr().err
