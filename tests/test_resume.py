"""A run that is stopped, killed, damaged or changed goes on as if nothing had been, or says why not."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tiny_run import TINY, finished_run, manifest, numbers
from training import checkpoints
from training.algorithms import ALGORITHMS
from training.config import (
    Config,
    OptimizerConfig,
)
from training.loggers import FileLogger, Loggers
from training.run_folder import VERSIONS, RunFolder, create_run, write_json
from training.train import train


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that nobody disturbed."""
    return finished_run(tmp_path_factory.mktemp("runs"), "whole")[0]


def test_stopping_saves_and_going_on_gives_the_same(tmp_path: Path, whole: RunFolder) -> None:
    run = create_run(tmp_path, "run", TINY)
    for _ in range(20):  # in the warm-up, and after each iteration
        learner = train(TINY, run, FileLogger(run), partial(next, iter([False, True]), True))
        saved = checkpoints.last(run.checkpoints)
        assert saved is not None
        assert int(saved.name) == learner.iteration
        if learner.iteration == 6:
            break
    assert manifest(run) == manifest(whole)
    assert numbers(run) == numbers(whole)
    scores = [checkpoints.score_of(there.checkpoints / "000000") for there in (run, whole)]
    assert scores[0] == scores[1] is not None, "going on after the warm-up leaves what was measured there"
    texts = [event["text"] for event in run.events()]
    assert "stopped after iteration 3 of 6" in texts
    assert texts[-1] == "all 6 iterations done"


@pytest.fixture(scope="module")
def processes() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["training.train", "torch._dynamo"])
    return context


def killed(processes: Any, run: RunFolder, config: Config, when: Callable[[], bool]) -> bool:
    """Train in a process of its own until it ends by itself, or `when` says that it is to be killed; whether it was."""
    process = processes.Process(target=train, args=(config, run, FileLogger(run)))
    process.start()
    while process.is_alive():
        if when():
            process.kill()
        process.join(0.002)
    assert process.exitcode in (0, -9), f"the run ended with {process.exitcode}"
    return bool(process.exitcode)


def after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def after_row(run: RunFolder, row: int, seconds: float) -> Callable[[], bool]:
    """So long after this row of metrics is there: in the middle of things, whatever the speed of the machine."""
    seen: list[float] = []

    def when() -> bool:
        if not seen and len(run.metrics()) > row:
            seen.append(time.monotonic())
        return bool(seen) and time.monotonic() > seen[0] + seconds

    return when


def test_killed_at_random_and_resumed_gives_the_same(tmp_path: Path, whole: RunFolder, processes: Any) -> None:
    run = create_run(tmp_path, "run", TINY)
    random = np.random.default_rng(time.time_ns())
    for row in (1, 3):
        assert killed(processes, run, TINY, after_row(run, row, random.uniform(0, 0.05)))
    assert not killed(processes, run, TINY, lambda: False)
    assert sum(event["kind"] == "resume" for event in run.events()) in (1, 2)
    assert manifest(run) == manifest(whole)
    assert numbers(run) == numbers(whole)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_twenty_times_at_random_instants(tmp_path: Path, processes: Any) -> None:
    config = replace(TINY, iterations=12)
    whole = create_run(tmp_path, "whole", config)
    assert not killed(processes, whole, config, lambda: False)
    began = time.monotonic()  # once more, now that the server of processes has begun
    assert not killed(processes, create_run(tmp_path, "again", config), config, lambda: False)
    lasts, random = time.monotonic() - began, np.random.default_rng(time.time_ns())
    kills = runs = 0
    while kills < 20:
        run = create_run(tmp_path, f"run-{runs}", config)
        kills += sum(killed(processes, run, config, after(random.uniform(0, 0.6 * lasts))) for _ in range(4))
        killed(processes, run, config, lambda: False)
        runs += 1
        assert manifest(run) == manifest(whole)
        assert numbers(run) == numbers(whole)
    print(f"{kills} kills in {runs} runs, all bit-identical")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_around_every_step_of_a_save(tmp_path: Path, processes: Any) -> None:
    config = replace(TINY, iterations=2)
    whole, _ = finished_run(tmp_path, "whole", config)
    code = """
import os, signal, sys
calls = 0
def dying(function):
    def called(*arguments, **named):
        global calls
        calls += 1
        if calls == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return called
for name in ("open", "fsync", "rename", "replace", "symlink", "unlink", "mkdir", "rmdir"):
    setattr(os, name, dying(getattr(os, name)))
from training.train import train
train(config, run, logger)
"""
    for after in range(1, 200):
        run = create_run(tmp_path, f"run-{after}", config)
        names = {"after": after, "config": config, "run": run, "logger": FileLogger(run)}
        process = processes.Process(target=exec, args=(code, names))
        process.start()
        process.join(120)
        if process.exitcode == 0:
            break
        assert process.exitcode == -9
        train(config, run, FileLogger(run))
        assert manifest(run) == manifest(whole), after
        assert numbers(run) == numbers(whole), after
    else:
        pytest.fail("it never got through")
    assert after > 40


def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(tmp_path: Path, whole: RunFolder) -> None:
    run, _ = finished_run(tmp_path, "run")
    newest = checkpoints.last(run.checkpoints)
    assert newest is not None
    weights = bytearray((newest / "model" / "model.safetensors").read_bytes())
    weights[-5] ^= 1
    (newest / "model" / "model.safetensors").write_bytes(weights)
    train(TINY, run, FileLogger(run))
    [said] = [event["text"] for event in run.events() if event["kind"] == "damage"]
    assert "model.safetensors is damaged" in said
    assert manifest(run) == manifest(whole)
    assert numbers(run) == numbers(whole)


def test_another_config_is_refused_and_free_fields_are_not(tmp_path: Path, whole: RunFolder) -> None:
    with pytest.raises(ValueError, match=r"began with optimizer\.lr = 0\.002 .*0\.003"):
        train(replace(TINY, optimizer=OptimizerConfig(lr=3e-3)), whole, Loggers())
    with pytest.raises(ValueError, match="began with threads = 1"):
        train(replace(TINY, threads=2), whole, Loggers())
    with pytest.raises(ValueError, match="did you mean 'tic-tac-toe'"):
        train(replace(TINY, game="tictac"), whole, Loggers())
    assert train(replace(TINY, checkpoint_every=3), whole, Loggers()).iteration == 6


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("torch", "1.0", r"torch was '1\.0', is '"),
        ("numpy", "1.26", r"numpy was '1\.26', is '"),
        ("code", {"training/ppo.py": "0"}, r"the code of agents/__init__\.py, .* and \d+ more has changed"),
        ("code", None, "its code was not recorded"),
        ("python", "3.9", ""),
        ("commit", "0" * 40, ""),
    ],
)
def test_other_code_is_refused_until_it_is_wanted(
    tmp_path: Path, whole: RunFolder, name: str, value: object, said: str
) -> None:
    run = create_run(tmp_path, "run", TINY)
    train(TINY, run, FileLogger(run), partial(next, iter([False] * 5), True))
    versions = json.loads((run.path / VERSIONS).read_text())
    write_json(run.path / VERSIONS, versions | {name: value})
    before = {path: path.read_bytes() for path in sorted(run.path.rglob("*")) if path.is_file()}
    if said:
        with pytest.raises(ValueError, match=f"{said}.* with --changed-code"):
            train(TINY, run, FileLogger(run))
        assert {path: path.read_bytes() for path in before} == before, "nothing was touched"
    train(TINY, run, FileLogger(run), partial(next, iter([]), True), changed_code=bool(said))
    told = [event["text"] for event in run.events() if event["kind"] == "changed"]
    assert len(told) == 1
    # asked once is enough
    train(TINY, run, FileLogger(run))
    assert manifest(run) == manifest(whole)
    assert numbers(run) == numbers(whole)


def test_a_run_that_has_not_begun_to_learn_begins_with_the_code_there_is(tmp_path: Path, whole: RunFolder) -> None:
    run = create_run(tmp_path, "run", TINY)
    write_json(run.path / VERSIONS, {})
    train(TINY, run, FileLogger(run))
    assert run.changes(TINY) == {}
    assert manifest(run) == manifest(whole)


def test_a_run_that_goes_on_elsewhere_is_left_alone(tmp_path: Path, processes: Any) -> None:
    run = create_run(tmp_path, "run", TINY)
    with run.held():
        process = processes.Process(target=train, args=(TINY, run, FileLogger(run)))
        process.start()
        process.join()
        assert process.exitcode == 1
    assert run.events() == []


# self-improvement and reading need problems, distillation a teacher, and all have their own tests of this
ELSEWHERE = ("self-improvement", "distillation", "reading")


@pytest.mark.parametrize("name", [name for name in ALGORITHMS if name not in ELSEWHERE])
def test_every_algorithm_trains_and_resumes_the_same(tmp_path: Path, name: str) -> None:
    config = replace(TINY, algorithm=name, iterations=2, checkpoint_every=1)
    whole, learner = finished_run(tmp_path, "whole", config)
    assert learner.iteration == 2
    run = create_run(tmp_path, "run", config)
    assert train(config, run, FileLogger(run), partial(next, iter([False] * 4), True)).iteration == 1
    train(config, run, FileLogger(run))
    assert manifest(run) == manifest(whole)
    assert numbers(run) == numbers(whole)
