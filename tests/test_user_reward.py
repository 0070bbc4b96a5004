"""A reward of the user's own in training: it is learned by, what fails is left out, and a changed file is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny_run import TINY, finished_run
from training.config import Config, PlayConfig, PolicyGradientConfig
from training.config_check import check_config
from training.loggers import FileLogger
from training.rewards import reward_named
from training.train import train
from xueba.__main__ import main

REWARDS = """
def length(question, reply, answer):
    return len(reply) / 100

def sometimes(question, reply, answer):
    raise ValueError("not this one") if len(reply) % 2 else None
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(REWARDS)
    return file


def learning_by(reward: str, **changes: object) -> Config:
    config = Config(
        game="addition",
        algorithm="grpo",
        threads=1,
        iterations=2,
        checkpoint_every=1,
        model=TINY.model,
        play=PlayConfig(games=8),
        policy_gradient=PolicyGradientConfig(rewards={reward: 1.0}, rehearsal=0, max_new=30, batch=8),
    )
    config = replace(config, problem=replace(config.problem, level=1, measured=4))
    return replace(config, warm_up=replace(config.warm_up, steps=2), **changes)  # type: ignore[arg-type]


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
