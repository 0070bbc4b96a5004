"""A run on the user's own questions: what it is told, what it is measured on, and what it does not go on with."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envs.problem import ProblemGame
from envs.problems import PROBLEMS
from llm_policy.model_config import ModelConfig
from tests.fake_run import Stubborn
from tests.tiny_run import TINY, finished_run, manifest
from training.config import Config, DatasetConfig, PlayConfig, PolicyGradientConfig, ProblemConfig, WarmUpConfig
from training.config_check import check_config
from training.exam import exam
from training.loggers import FileLogger
from training.train import train
from training.worlds import open_world, questions_config, world_of


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "my sums.jsonl"
    path.write_text("".join(json.dumps({"question": f"{n}+1=", "answer": n + 1}) + "\n" for n in range(100)))
    yield path
    PROBLEMS.pop(str(path), None)


def config_of(file: Path) -> Config:
    return replace(
        TINY,
        game=str(file),
        algorithm="grpo",
        iterations=2,
        warm_up=WarmUpConfig(steps=1, batch=4),
        play=PlayConfig(games=6),
        problem=ProblemConfig(level=1, measured=50),
        policy_gradient=PolicyGradientConfig(
            rewards={"process": 1.0}, refused=0.0, rehearsal=0, batch=16, max_new=12, group=3
        ),
    )


def test_a_run_on_questions_of_ones_own(file: Path, tmp_path: Path) -> None:
    config = config_of(file)
    check_config(config)
    run, learner = finished_run(tmp_path, "own", config)
    told = [event["text"] for event in run.events() if event["kind"] == "dataset"]
    assert len(told) == 1
    assert told[0].startswith("100 lines, 100 questions (")
    assert "process=unverified" in told[0]
    # no more questions than there are
    dataset = learner.game.problem  # type: ignore[attr-defined]
    assert run.metrics()[-1]["eval/right_of"] == dataset.count(1) < 50
    assert json.loads((run.path / "versions.json").read_text())["dataset"] == dataset.sha256

    # it goes on with the same questions, and with nothing else
    before = manifest(run)
    train(config, run, FileLogger(run))
    assert manifest(run) == before
    file.write_bytes(file.read_bytes().replace(b'"answer": 5}', b'"answer": 6}'))
    with pytest.raises(ValueError, match=r"cannot go on as it began.*are others .sha256 of '.*my sums.jsonl'"):
        train(config, run, FileLogger(run))
    with pytest.raises(ValueError, match=r"began with dataset.skip_broken = False"):
        train(replace(config, dataset=DatasetConfig(skip_broken=True)), run, FileLogger(run))
    file.unlink()
    with pytest.raises(ValueError, match="no file"):
        train(config, run, FileLogger(run))


def test_an_exam_says_that_steps_were_not_checked(file: Path) -> None:
    config = config_of(file)
    world = world_of(config)
    assert isinstance(world, ProblemGame)
    found = exam(world, Stubborn(), config.problem, 0)
    assert found["eval/process_unverified"] == 1.0
    assert found["eval/process_unverified_of"] == found["eval/right_of"]


def test_what_the_model_cannot_read_or_write_is_refused(file: Path) -> None:
    config = config_of(file)
    with file.open("a") as out:
        out.write(json.dumps({"question": "?" * 300, "answer": "1"}) + "\n")
    with pytest.raises(ValueError, match=r"line 101: a question of 300 characters, and the model has room for 242"):
        check_config(config)
    check_config(replace(config, model=ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=16, context=314)))
    check_config(replace(config, dataset=DatasetConfig(skip_broken=True)))
    narrow = replace(config.policy_gradient, max_new=6)
    with pytest.raises(ValueError, match=r"line 1: a solution of 2 characters, and the model has room for 1"):
        check_config(replace(config, policy_gradient=narrow))


def test_questions_have_no_opponents(file: Path) -> None:
    with pytest.raises(ValueError, match=r"play.random_share .* a problem has none"):
        check_config(replace(config_of(file), play=PlayConfig(games=6, random_share=0.1)))


def test_names_of_worlds() -> None:
    assert open_world("addition") is PROBLEMS["addition"]
    with pytest.raises(ValueError, match=r"no world is called 'additon'.*did you mean 'addition'"):
        open_world("additon")
    with pytest.raises(ValueError, match=r"there is no file 'gone.jsonl'"):
        check_config(questions_config("gone.jsonl"))
    with pytest.raises(ValueError, match=r"no comparison of answers is called 'symbolc'.*did you mean 'symbolic'"):
        check_config(replace(TINY, dataset=DatasetConfig(compared="symbolc")))


@pytest.mark.skipif(importlib.util.find_spec("reasoning_gym") is None, reason="the extra is not installed")
@pytest.mark.slow
def test_a_task_of_reasoning_gym_is_a_world() -> None:
    try:
        world = world_of(questions_config("reasoning-gym:gcd"))
        assert isinstance(world, ProblemGame)
        assert world.name == "reasoning-gym:gcd"
        check_config(questions_config("reasoning-gym:gcd"))
        with pytest.raises(ValueError, match="evaluates the answer"):
            open_world("reasoning-gym:n_queens")
    finally:
        PROBLEMS.pop("reasoning-gym:gcd", None)
