"""UCI engines: every wait has a bound, no fault is a move, no process stays behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import chess
import pytest

from agents import uci_engine
from agents.agent import View
from agents.play import Clock, Match, play
from agents.scripted import SCRIPTED, Scripted
from agents.uci_engine import (
    EngineConfig,
    EngineFaultError,
    EngineJudge,
    EnginePlayer,
    engine_named,
    expected_score,
    found_engine,
)
from envs.arena import Arena

HONEST = Scripted("honest", SCRIPTED["honest"])
FAKE = Path(__file__).parent / "fake_engine.py"


def stockfish() -> str:
    try:
        return found_engine("stockfish")
    except RuntimeError:
        pytest.skip("no stockfish is installed")


def fake(tmp_path: Path, fault: str) -> EnginePlayer:
    """An engine as one program, as a path has no arguments."""
    program = tmp_path / f"engine-{fault}"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} {FAKE} {fault}\n")
    program.chmod(0o755)
    return EnginePlayer(EngineConfig(str(program)), f"uci:{fault}")


def alive(name: str) -> int:
    """Processes whose command line names `name`."""
    count = 0
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                line = (path / "cmdline").read_bytes().replace(b"\x00", b" ").decode(errors="replace")
            except OSError:
                continue
            count += name in line and "pytest" not in line
    return count


def gone(name: str) -> bool:
    """Whether no such process is left, some moments from now at the latest."""
    end = time.monotonic() + 5
    while alive(name) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(name)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("garbage", "failed"),
        ("illegal", "failed"),
        ("silent", "gave no answer in 0.5 s"),
        ("dies", "failed"),
        ("floods", "writes without an end|gave no answer"),
        ("null", "not legal|failed"),
        ("mute", "does not start"),
        ("gone", "does not start"),
    ],
)
def test_a_fault_stops_the_match_and_is_named(
    fault: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uci_engine, "SEARCH_SECONDS", 0.5 if fault != "floods" else 5.0)
    monkeypatch.setattr(uci_engine, "START_SECONDS", 1.0 if fault in ("mute", "gone") else 10.0)
    player = fake(tmp_path, fault)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    with pytest.raises(EngineFaultError, match=said):
        next(play(Arena("strict"), [Match(0, (player, HONEST))], seed=0))
    assert time.monotonic() - began < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 << 10, "kilobytes"
    player.close()
    assert gone(f"engine-{fault}")
    assert gone(f"fake_engine.py {fault}")


def test_chatter_is_survived(tmp_path: Path) -> None:
    player = fake(tmp_path, "chatters")
    (reply,) = player.act([View(Arena(), 0, (), 0)])
    assert reply.text.endswith("<answer>e4</answer>")
    player.close()


@pytest.mark.parametrize(
    ("option", "fault"),
    [
        ("stockfish?skil=3", "did you mean"),
        ("stockfish?nodes=many", "is a number"),
        ("stockfish?nodes=-5", "out of range"),
        ("/no/such/engine", "apt-get install stockfish"),
        ("; rm -rf /", "no engine"),
    ],
)
def test_what_is_wrong_with_a_name(option: str, fault: str) -> None:
    if option.startswith("stockfish"):
        stockfish()
    with pytest.raises((ValueError, RuntimeError), match=fault):
        engine_named(option)


def test_a_limit_is_always_set() -> None:
    assert EngineConfig().limit.nodes == 2000
    assert EngineConfig(movetime=0.1).limit.nodes is None
    assert EngineConfig(depth=3).limit == chess.engine.Limit(depth=3)


def test_the_same_nodes_give_the_same_game() -> None:
    config = EngineConfig(stockfish(), nodes=300)
    found = []
    for _ in range(2):
        player = EnginePlayer(config, "uci:stockfish")
        found.append(next(play(Arena("strict"), [Match(0, (player, HONEST))], seed=0, clock=Clock(plies=30))).history)
        player.close()
    assert found[0] == found[1]


def test_an_option_that_an_engine_lacks_is_named(tmp_path: Path) -> None:
    player = EnginePlayer(EngineConfig(fake(tmp_path, "plain").config.path, skill=3), "uci:plain")
    with pytest.raises(EngineFaultError, match="no option 'Skill Level'"):
        player.act([View(Arena(), 0, (), 0)])
    player.close()
    assert gone("engine-plain")


def test_a_board_that_no_engine_takes_is_played_on() -> None:
    arena = Arena("no_referee")
    history = (arena.moves.index("Kd1d8"),)  # White's "king" takes Black's queen from d1: two kings of one side
    player = EnginePlayer(EngineConfig(stockfish()), "uci:stockfish")
    at = arena.position(history)
    assert not at.agreed.is_valid()
    (reply,) = player.act([View(arena, 1, history, 5)])
    assert "no engine takes this position" in reply.text
    player.close()


def test_the_judge_knows_what_is_won_and_what_is_drawn() -> None:
    judge = EngineJudge(EngineConfig(stockfish(), nodes=2000))
    start = judge(chess.Board())
    assert start is not None
    assert 0.4 < start < 0.65
    won = judge(chess.Board("4k3/8/8/8/8/8/8/QQ2K3 w - - 0 1"))
    assert won is not None
    assert won > 0.95
    lost = judge(chess.Board("4k3/qq6/8/8/8/8/8/4K3 b - - 0 1"))
    assert lost is not None
    assert lost < 0.05
    assert judge(chess.Board("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1")) == 0.5
    assert judge(chess.Board("7k/6Q1/6K1/8/8/8/8/8 b - - 0 1")) == 1.0
    assert judge(chess.Board("8/8/8/8/8/8/8/8 w - - 0 1")) in (None, 0.5)
    judge.close()
    assert gone("games/stockfish")


def test_a_judge_that_fails_abstains_and_says_why(tmp_path: Path) -> None:
    judge = EngineJudge(fake(tmp_path, "dies").config)
    assert judge(chess.Board()) is None
    assert "failed" in judge.fault
    judge.close()


def test_the_curve_is_the_published_one() -> None:
    score = chess.engine.PovScore(chess.engine.Cp(100), chess.WHITE)
    assert expected_score(score, chess.WHITE) == pytest.approx(0.5910, abs=1e-3)
    assert expected_score(score, chess.BLACK) == pytest.approx(0.4090, abs=1e-3)
    mate = chess.engine.PovScore(chess.engine.Mate(-3), chess.WHITE)
    assert (expected_score(mate, chess.WHITE), expected_score(mate, chess.BLACK)) == (0.0, 1.0)


def test_whoever_is_killed_leaves_no_engine(tmp_path: Path) -> None:
    stockfish()
    code = """
        from agents.play import Match, play
        from agents.uci_engine import engine_player
        from envs.arena import Arena
        players = engine_player("stockfish?nodes=5000"), engine_player("stockfish?nodes=5000")
        for _ in play(Arena("strict"), [Match(n, players) for n in range(1000)], seed=0):
            print("game", flush=True)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while alive("stockfish") < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert alive("stockfish") >= 1
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert gone("games/stockfish")
