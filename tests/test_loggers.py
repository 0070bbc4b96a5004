"""Loggers: the same names and steps everywhere; wandb without a network, a question, or a secret left lying about."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.agent import Reply
from agents.episode import Episode, Turn, from_record
from envs.reply import Verdict
from training import loggers
from training.config import Config
from training.loggers import (
    LOGGERS,
    FileLogger,
    Loggers,
    TensorBoardLogger,
    WandbLogger,
    summary,
    transcript,
)
from training.run_folder import EPISODES, RunFolder, create_run

ROOT = Path(__file__).parent.parent
CANARY = "c0ffee" * 6 + "dead"  # 40 hexadecimal digits, as their keys are


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run(tmp_path, "run", Config())


def game(number: int = 0, text: str = "<think>51 win</think><answer>5</answer>") -> Episode:
    turn = Turn(0, Reply(text, tokens=(4, 5), logprobs=(-0.5, -1.5)), Verdict("legal", 4))
    lost = Turn(1, Reply("<b>I resign</b>\n\x1b[2J"), Verdict("malformed", -1, "no tags"))
    return Episode(
        "tic-tac-toe", 0, number, ("student", "past-1"), (0,), (turn, lost), (0, 4), (1.0, -1.0), "malformed"
    )


def tell(logger: Any, steps: int = 3) -> None:
    for step in range(steps):
        logger.metrics(step, {"train/loss": 1 / (step + 1), "perf/games": 3.0})
        logger.episodes(step, [game(step)])
    logger.event(steps - 1, "alarm", "one seat wins\nforged: line")
    logger.close()


def test_files_give_back_what_was_told(run: RunFolder) -> None:
    tell(FileLogger(run))
    assert [(row["step"], row["train/loss"]) for row in run.metrics()] == [(0, 1.0), (1, 0.5), (2, 1 / 3)]
    assert [from_record(record) for record in run.episodes()] == [game(0), game(1), game(2)]
    assert [event["text"] for event in run.events()] == ["one seat wins\nforged: line"]
    assert abs(run.metrics()[0]["time"] - time.time()) < 60


def test_numbers_that_are_not_finite_become_null(run: RunFolder) -> None:
    FileLogger(run).metrics(1, {"train/loss": math.nan, "train/value": math.inf})
    text = (run.path / "metrics.jsonl").read_text()
    assert "NaN" not in text
    row = json.loads(text)
    assert (row["train/loss"], row["train/value"]) == (None, None)


def test_the_file_of_games_stays_bounded(run: RunFolder) -> None:
    logger = FileLogger(run, max_episodes=5_000)
    for step in range(100):
        logger.episodes(step, [game(step)])
    assert 4_000 < (run.path / EPISODES).stat().st_size < 7_000


def test_several_are_told_alike(tmp_path: Path) -> None:
    one, two = create_run(tmp_path, "one", Config()), create_run(tmp_path, "two", Config())
    tell(Loggers(FileLogger(one), Loggers(), FileLogger(two)))
    strip = [[{k: v for k, v in row.items() if k != "time"} for row in run.metrics()] for run in (one, two)]
    assert strip[0] == strip[1] != []
    assert list(one.episodes()) == list(two.episodes())


def test_a_game_as_text() -> None:
    text = transcript(game())
    assert "student (first) - past-1 (second): first wins, malformed" in text
    assert "first: '51 win' -> '5'" in text
    assert "\x1b" not in text
    assert summary(game())["moves"] == "1 5"
    assert summary(game())["board"].count("X") == summary(game())["board"].count("O") == 1


def test_tensorboard_has_the_same_names_and_steps(run: RunFolder) -> None:
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    tell(TensorBoardLogger(run))
    events = reading.EventAccumulator(str(run.path / "tensorboard"))
    events.Reload()
    assert set(events.Tags()["scalars"]) == {"train/loss", "perf/games"}
    found = events.Scalars("train/loss")
    assert [event.step for event in found] == [0, 1, 2]
    assert np.allclose([event.value for event in found], [1, 1 / 2, 1 / 3])
    texts = events.Tensors("games/0/text_summary")
    assert all(b"51 win" in text.tensor_proto.string_val[0] for text in texts)


def test_tensorboard_shows_nothing_twice_after_a_resume(run: RunFolder) -> None:
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    tell(TensorBoardLogger(run), 6)
    time.sleep(1.1)  # the names of its files have seconds
    again = TensorBoardLogger(run)
    again.event(2, "resume", "from iteration 2")
    for step in (3, 4, 5):
        again.metrics(step, {"train/loss": 9.0, "perf/games": 3.0})
    again.close()
    events = reading.EventAccumulator(str(run.path / "tensorboard"))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("train/loss")][2:] == [
        (2, pytest.approx(1 / 3)),
        (3, 9),
        (4, 9),
        (5, 9),
    ]


# Weights & Biases

_SCRIPT = """
import socket, sys, time
from pathlib import Path
from agents.episode import from_record
import json

asked = []
def refuse(*address, **named):
    asked.append(address)
    raise OSError("no network here")
connect = socket.socket.connect
def local(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "localhost", "::1"):
        refuse(address)
    return connect(self, address)
socket.socket.connect = local
lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: lookup(host, *rest, **named) if host in (
    "127.0.0.1", "localhost", None) else refuse(host)
import builtins
builtins.input = refuse

from training.loggers import WandbLogger
from training.run_folder import RunFolder
heavy = [name for name in ("wandb", "tensorboardX", "matplotlib") if name in sys.modules]
began = time.perf_counter()
logger = WandbLogger(RunFolder(Path(sys.argv[1])), patience=float(sys.argv[3]))
episode = from_record(json.loads(sys.argv[2]))
for step in range(300):
    logger.metrics(step, {"train/loss": 1 / (step + 1)})
    logger.episodes(step, [episode])
logger.event(3, "alarm", "one seat wins")
logger.close()
print(json.dumps({"asked": len(asked), "heavy": heavy, "seconds": time.perf_counter() - began}))
"""


def wandb_process(run: RunFolder, patience: float = 3.0, **env: str) -> tuple[dict[str, Any], str]:
    from agents.episode import to_record

    clean = {k: v for k, v in os.environ.items() if not k.startswith("WANDB") and k != "NETRC"}
    home = run.path.parent / "home"
    home.mkdir(exist_ok=True)
    # a place as users have them: a git repository whose remote holds a password
    work = run.path.parent / "work"
    for command in (["init", "-q"], ["remote", "add", "origin", f"https://user:{CANARY}@example.org/repo.git"]):
        work.mkdir(exist_ok=True)
        subprocess.run(["git", *command], cwd=work, check=True, timeout=20)
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(run.path), json.dumps(to_record(game())), str(patience)],
        cwd=work,
        env=clean | {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(ROOT), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def records(run: RunFolder) -> list[Any]:
    """What wandb wrote: 7 bytes, then LevelDB's log format, blocks of 32 KiB with records of protocol buffers."""
    from wandb.proto import wandb_internal_pb2

    [file] = (run.path / "wandb").glob("offline-run-*/run-*.wandb")
    data, place, whole = file.read_bytes(), 7, b""
    found = []
    while place + 7 <= len(data):
        if place % 32768 > 32768 - 7:
            place += 32768 - place % 32768
            continue
        length, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # complete, or its last part
            record = wandb_internal_pb2.Record()
            record.ParseFromString(whole)
            found.append(record)
            whole = b""
    return found


def check_no_canary(*folders: Path) -> None:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        data = path.read_bytes()
        assert CANARY.encode() not in data, path
        assert CANARY[:20].encode() not in data, path


def test_wandb_offline_is_complete_and_quiet(run: RunFolder) -> None:
    pytest.importorskip("wandb")
    # a key is there, but the user wants to stay offline: it is not to be found in anything that is written
    told, said = wandb_process(run, WANDB_API_KEY=CANARY, WANDB_MODE="offline")
    assert told["asked"] == 0
    assert told["heavy"] == []  # imported only by who asks for it
    assert said.count("wandb") >= 1
    assert len(said.splitlines()) == 1, said
    history = [record.history for record in records(run) if record.HasField("history")]
    rows = [
        {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in row.item} for row in history
    ]
    steps = [row["iteration"] for row in rows if "train/loss" in row]
    assert steps == list(range(300))
    assert rows[1]["train/loss"] == 0.5
    metrics = [record.metric for record in records(run) if record.HasField("metric")]
    assert {m.glob_name or m.name for m in metrics} >= {
        "iteration",
        "train/*",
        "eval/*",
        "rollout/*",
        "arena/*",
        "perf/*",
    }
    [table] = (run.path / "wandb").glob("offline-run-*/files/media/table/rollout/*.json")
    data = json.loads(table.read_text())
    assert 100 <= len(data["data"]) <= 200
    assert "51 win" in json.dumps(data["data"][0])
    check_no_canary(run.path, run.path.parent / "home")


@pytest.mark.slow
def test_wandb_online_without_a_network_goes_offline_and_says_so_once(run: RunFolder) -> None:
    pytest.importorskip("wandb")
    told, said = wandb_process(run, WANDB_API_KEY=CANARY, WANDB_BASE_URL="http://127.0.0.1:9")
    assert told["seconds"] < 30
    assert said.count("goes on offline") == 1
    assert len([record for record in records(run) if record.HasField("history")]) == 301
    check_no_canary(run.path, run.path.parent / "home")


@pytest.mark.parametrize(
    ("env", "netrc", "expected"),
    [
        ({}, "", False),
        ({"WANDB_API_KEY": CANARY}, "", True),
        ({"WANDB_API_KEY": CANARY, "WANDB_MODE": "offline"}, "", False),
        ({"WANDB_API_KEY": CANARY, "WANDB_MODE": "disabled"}, "", False),
        ({}, f"machine api.wandb.ai login user password {CANARY}", True),
        ({}, f"machine elsewhere.org login user password {CANARY}", False),
        ({"WANDB_BASE_URL": "https://wandb.firm.org"}, f"machine wandb.firm.org login user password {CANARY}", True),
        ({}, "machine \0 nonsense {", False),
    ],
)
def test_online_only_where_the_user_is_logged_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], netrc: str, expected: bool
) -> None:
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text(netrc)
    (tmp_path / ".netrc").chmod(0o600)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert loggers._logged_in() is expected


def test_a_fault_of_wandb_is_said_once_and_harms_nothing(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def log(self, numbers: dict[str, float]) -> None:
            raise BrokenPipeError("the service is gone")

        def finish(self) -> None:
            raise AssertionError("it is not to be asked again")

    said: list[str] = []

    def begin(self: WandbLogger, *_: object) -> bool:
        self._run = Broken()
        return True

    monkeypatch.setattr(WandbLogger, "_begin", begin)
    tell(WandbLogger(run, said.append))
    assert len(said) == 1
    assert "BrokenPipeError: the service is gone" in said[0]


def test_wandb_that_is_disabled_is_never_begun(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.setenv("WANDB_API_KEY", CANARY)
    monkeypatch.setattr(WandbLogger, "_begin", lambda *_: pytest.fail("it was begun"))
    said: list[str] = []
    tell(WandbLogger(run, said.append))
    assert said == ["wandb: WANDB_MODE is disabled; nothing is sent there; the run folder has everything"]
    assert not (run.path / "wandb").exists()


def test_what_a_user_can_ask_for() -> None:
    assert set(LOGGERS) == {"file", "tensorboard", "wandb"}
