"""What the dashboard is told of a run: whether it lives, how far its warm-up is."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agents.append_only import LOCK
from tests.fake_run import fake_run
from tests.tiny_run import finished_run
from training import loggers
from training.loggers import FileLogger
from training.run_folder import EVENTS, METRICS, WARM_UP, RunFolder
from xueba import answers

HOLD = """
import pathlib, sys, time
from training.run_folder import RunFolder
with RunFolder(pathlib.Path(sys.argv[1])).held():
    print("held", flush=True)
    time.sleep(60)
"""


def state(run: RunFolder) -> str:
    return str(answers.runs(run.path.parent, {})[0]["state"])


def grow_old(run: RunFolder) -> None:
    for path in run.path.iterdir():
        os.utime(path, (time.time() - 3600, time.time() - 3600))


def test_a_run_lives_by_its_lock_however_old_its_files_are(tmp_path: Path) -> None:
    run = fake_run(tmp_path)
    assert state(run) == "running", "there is no lock yet: what has just been written is believed"
    grow_old(run)
    assert state(run) == "silent"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        grow_old(run)
        assert state(run) == "running"
        other.kill()
    FileLogger(run).metrics(1, {})
    assert state(run) == "stopped", "its files are fresh, and nobody is there"
    run.append(EVENTS, [{"step": 1, "time": 0.0, "kind": "end", "text": "all done"}])
    assert state(run) == "ended"


def test_whoever_only_asks_keeps_nobody_out(tmp_path: Path) -> None:
    run = fake_run(tmp_path)
    with run.held():
        assert run.is_held()
    asking = (run.path / LOCK).open("rb")
    fcntl.flock(asking, fcntl.LOCK_SH)
    threading.Timer(0.05, asking.close).start()
    with run.held():
        assert run.is_held()
    assert run.is_held() is False


def test_the_warm_up_is_told_while_nothing_else_is(tmp_path: Path) -> None:
    run = fake_run(tmp_path)
    assert answers.runs(tmp_path, {})[0]["warm_up"] is None
    for done in (1, 2, 5, 3, 4):  # killed after 5, gone on after 2
        run.append(WARM_UP, [{"step": 0, "time": 100.0 + 3 * done, "done": done, "of": 10, "train/words": 1 / done}])
    run.append(WARM_UP, [{"step": 0, "done": "six"}])
    assert answers.runs(tmp_path, {})[0]["warm_up"] == {"done": 4, "of": 10, "left": 18.0}
    curves = answers.metrics(tmp_path, {"run": "fake"})
    assert curves["step"] == []
    assert curves["warm_up"]["step"] == [1, 2, 3, 4]
    assert curves["warm_up"]["columns"] == {"train/words": [1, 1 / 2, 1 / 3, 1 / 4]}
    run.append(METRICS, [{"step": 0, "time": 0.0}])
    assert answers.runs(tmp_path, {})[0]["warm_up"] is None, "it is over"


def test_training_tells_its_warm_up_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = finished_run(tmp_path, "few")
    assert [row["done"] for row in run.warm_up()] == [1, 3], "the first and the last"
    assert run.warm_up()[-1]["train/words"] > 0
    monkeypatch.setattr(loggers, "WARM_UP_PAUSE", 0.0)
    logger = FileLogger(fake_run(tmp_path))
    for done in range(1, 4):
        logger.progress(done, 3, {"words": float("nan")})
    rows = RunFolder(tmp_path / "fake").warm_up()
    assert [(row["done"], row["of"], row["train/words"]) for row in rows] == [(1, 3, None), (2, 3, None), (3, 3, None)]
