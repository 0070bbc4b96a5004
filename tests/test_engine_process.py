"""Processes of engines: every wait and output has a bound, no fault is a move, and no process stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chess
import pytest

from agents import engine_process
from agents.engine_process import MAX_OUTPUT, Engine, EngineConfig, EngineFaultError
from agents.play import Match, play
from agents.scripted import SCRIPTED, Scripted
from agents.uci_engine import EnginePlayer
from envs.arena import Arena
from tests.engines import alive, fake, gone, stockfish
from tests.fake_engine import FLOODS

HONEST = Scripted("honest", SCRIPTED["honest"])
PEAK = Path("/proc/self/clear_refs")


def peak() -> int:
    """The most memory in use since it was last forgotten, in kilobytes."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("garbage", "failed: expected uci string"),
        ("not-text", "gave no answer in 0.5 s"),
        ("illegal", "failed: illegal uci: 'e2e5'"),
        ("silent", "gave no answer in 0.5 s"),
        ("dies", r"failed: engine process died unexpectedly \(exit code: 3\)"),
        ("null", "played 0000 in .*, which is not legal"),
        ("none", "played None in .*, which is not legal"),
        ("mute", "did not start: not ready after 0.5 s"),
        ("gone", "did not start: failed"),
    ],
)
def test_a_fault_stops_the_match_and_is_named(
    fault: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_process, "SEARCH_SECONDS", 0.5)
    monkeypatch.setattr(engine_process, "START_SECONDS", 0.5 if fault == "mute" else 20.0)
    player = EnginePlayer(EngineConfig(fake(tmp_path, fault)), f"uci:{fault}")
    began = time.monotonic()
    with pytest.raises(EngineFaultError, match=said):
        next(play(Arena("strict"), [Match(0, (player, HONEST))], seed=0))
    assert time.monotonic() - began < 10
    assert gone(tmp_path), "an engine that failed is ended at once"
    player.close()


@pytest.mark.parametrize("fault", [*FLOODS, "floods-first"])
def test_a_flood_of_200_mb_is_a_fault_and_takes_no_memory(fault: str, tmp_path: Path) -> None:
    engine = Engine(EngineConfig(fake(tmp_path, fault)))
    PEAK.write_text("5")
    before, began = peak(), time.monotonic()
    with pytest.raises(EngineFaultError, match="writes without an end"):
        engine.play(chess.Board())
    assert time.monotonic() - began < 10
    assert peak() - before < 10 * MAX_OUTPUT >> 10
    assert gone(tmp_path)
    engine.close()


def test_chatter_is_survived_and_what_was_said_before_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = Engine(EngineConfig(fake(tmp_path, "chatters")))
    monkeypatch.setattr(engine_process, "MAX_OUTPUT", 600_000)  # each search writes 460,000
    for _ in range(3):
        assert engine.play(chess.Board()).move == chess.Move.from_uci("e2e4")
    engine.close()
    assert capfd.readouterr() == ("", ""), "what an engine writes does not come to the terminal"


def test_an_engine_that_dies_between_two_moves_is_a_fault(tmp_path: Path) -> None:
    engine = Engine(EngineConfig(fake(tmp_path, "dies-later")))
    assert engine.play(chess.Board()).move is not None
    assert gone(tmp_path)
    with pytest.raises(EngineFaultError, match=r"failed: engine process (?:dead|died unexpectedly) \(exit code: 3\)"):
        engine.play(chess.Board())
    assert engine.play(chess.Board()).move is not None, "the next match may try again"
    engine.close()


def test_an_engine_gets_no_keys_and_neither_our_signals_nor_our_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-7f3a")
    monkeypatch.setenv("MY_OWN_CREDENTIAL", "canary-7f3a")
    engine = Engine(EngineConfig(fake(tmp_path, "tells")))
    assert engine.play(chess.Board()).move is not None
    text = (tmp_path / "told").read_text()
    told = json.loads(text)
    assert "canary-7f3a" not in text
    assert told["environment"]["PATH"] == os.environ["PATH"]
    assert told["session"] != os.getsid(0), "Ctrl-C is for us: the search that is on its way is waited for"
    engine.close()
    assert capfd.readouterr() == ("", "")


def test_what_it_is_told(tmp_path: Path) -> None:
    engine = Engine(EngineConfig(fake(tmp_path, "tells"), threads=2, hash=8, nodes=7))
    board = chess.Board()
    for _ in range(2):
        assert engine.play(board).move is not None
    board.push_uci("e2e4")
    with pytest.raises(EngineFaultError):
        engine.play(board)  # it knows one move only
    engine.close()
    lines = (tmp_path / "told.lines").read_text().splitlines()
    assert {"setoption name Threads value 2", "setoption name Hash value 8"} < set(lines)
    said = [line for line in lines if line.startswith(("ucinewgame", "position", "go"))]
    fresh = ["ucinewgame", "position startpos", "go nodes 7"]
    assert said == [*fresh, *fresh, "ucinewgame", "position startpos moves e2e4", "go nodes 7"]


@pytest.mark.parametrize("by", ["exec ", ""])
def test_closing_ends_all_and_nobody_waits_for_an_answer(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_process, "GRACE", 20.0)
    monkeypatch.setattr(engine_process, "PATIENCE", 20.0)
    engine = Engine(EngineConfig(fake(tmp_path, "silent", by=by)))
    engine.check()
    faults: list[str] = []

    def asks() -> None:
        try:
            engine.play(chess.Board())
        except EngineFaultError as error:
            faults.append(str(error))

    askers = [threading.Thread(target=asks) for _ in range(5)]
    for asker in askers:
        asker.start()
    time.sleep(0.3)
    began = time.monotonic()
    engine.close()
    for asker in askers:
        asker.join(10)
    assert time.monotonic() - began < 5
    assert gone(tmp_path), "and what a program has started itself, too"
    assert len(faults) == 5
    assert all("closed while it was asked" in fault or "died" in fault for fault in faults)
    with pytest.raises(EngineFaultError, match="has been closed"):
        engine.play(chess.Board())
    engine.close()


def test_many_threads_share_as_many_processes_as_there_are_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_process, "GRACE", 20.0)
    engine = Engine(EngineConfig(stockfish(tmp_path), nodes=200))
    boards = [chess.Board()]
    for _ in range(12):
        boards.append(boards[-1].copy())
        boards[-1].push(engine.play(boards[-1]).move or chess.Move.null())
    alone = [engine.play(board).move for board in boards]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda board: engine.play(board).move, [*boards, *reversed(boards)]))
    assert together == alone + alone[::-1], "nothing depends on what was asked before, or on which process"
    assert 1 <= len(alive(tmp_path)) <= (os.cpu_count() or 1)
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 5, "nothing is waited for"
    assert gone(tmp_path)


def test_who_forgets_to_close_leaves_nothing_behind_and_does_not_hang(tmp_path: Path) -> None:
    """And nothing of what an engine writes comes to the terminal, be it noise or what python-chess stumbles over."""
    code = """
        import sys
        from agents import engine_process
        from agents.uci_engine import EngineConfig, EnginePlayer
        from agents.agent import View
        from envs.arena import Arena
        player = EnginePlayer(EngineConfig(sys.argv[1]))
        print(player.act([View(Arena(), 0, (), 0)])[0].text)
        player.engine._loop.call_soon_threadsafe(lambda: 1 / 0)
        engine_process.START_SECONDS = 0.5
        try:
            EnginePlayer(EngineConfig(sys.argv[2])).check()
        except RuntimeError as error:
            print(str(error).rpartition("/")[2])
    """
    words = [sys.executable, "-c", textwrap.dedent(code), fake(tmp_path, "tells"), fake(tmp_path, "bad-option")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=True)
    first, second = done.stdout.splitlines()
    assert first == "<think>+12 at depth 1</think><answer>e4</answer>"
    assert second.startswith("engine-bad-option did not start")
    assert done.stderr == ""
    assert gone(tmp_path)


def test_whoever_is_killed_leaves_no_engine(tmp_path: Path) -> None:
    code = """
        import sys
        from agents.play import Match, play
        from agents.uci_engine import EngineConfig, EnginePlayer
        from envs.arena import Arena
        players = tuple(EnginePlayer(EngineConfig(sys.argv[1], nodes=5000)) for _ in range(2))
        for _ in play(Arena("strict"), [Match(n, players) for n in range(1000)], seed=0, slots=1):
            pass
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), stockfish(tmp_path)])
    end = time.monotonic() + 20
    while len(alive(tmp_path)) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(alive(tmp_path)) == 3, "the script and two engines"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    assert gone(tmp_path)
