"""UCI engines as players: found by name, deterministic by nodes, on every board that a game can lead to."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from pathlib import Path

import chess
import chess.engine
import numpy as np
import pytest

from agents.agent import View
from agents.arena_players import arena_player
from agents.engine_process import EngineConfig, EngineFaultError
from agents.play import Clock, Match, play
from agents.tournament import read_episodes
from agents.uci_engine import EnginePlayer, engine_named, engine_player, found_engine, worth_of
from envs.arena import Arena, State
from envs.ruling import LEGAL
from tests.engines import fake, gone, stockfish


@pytest.mark.parametrize(
    ("option", "fault"),
    [
        ("?skil=3", "did you mean 'skill'"),
        ("?nodes=many", "nodes='many': an engine's nodes is a number"),
        ("?nodes", "nodes='': an engine's nodes is a number"),
        ("?nodes=-5", "nodes='-5' is out of range: 0 to"),
        ("?skill=21", "skill='21' is out of range: -1 to 20"),
        ("?movetime=inf", "out of range"),
        ("?movetime=nan", "out of range"),
        ("?threads=0", "out of range: 1 to"),
        ("?path=/bin/sh", "no setting of an engine is called 'path'"),
    ],
)
def test_what_is_wrong_with_a_setting(option: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=fault):
        engine_named(fake(tmp_path, "plain") + option)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("/no/such/engine", r"no engine '/no/such/engine' is there: look at the path$"),
        ("no-such-engine", "is installed: apt-get install stockfish, or name its path"),
        ("; touch {}/told", "no engine '; touch"),
        ("$(touch {}/told)", "no engine"),
        ("a\x00b", r"no engine 'a\\x00b'"),
        ("{}", "is no program that can be run"),
        ("{}/text", "is no program that can be run"),
    ],
)
def test_an_engine_that_is_not_there_is_named(name: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("#!/bin/sh\n")
    with pytest.raises(RuntimeError, match=fault):
        engine_player(name.format(tmp_path))
    assert not (tmp_path / "told").exists()


def test_an_engine_is_found_on_the_path_and_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fake(tmp_path, "plain")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("agents.uci_engine.PLACES", (str(tmp_path),))
    assert found_engine("engine-plain") == path
    monkeypatch.setenv("HOME", str(tmp_path))
    assert found_engine("~/engine-plain") == path
    assert engine_named("engine-plain?elo=1500&movetime=0.05&hash=8&threads=2") == EngineConfig(
        path, elo=1500, movetime=0.05, hash=8, threads=2
    )


def test_a_program_that_is_no_engine_is_known_before_the_first_move(tmp_path: Path) -> None:
    with pytest.raises(EngineFaultError, match="did not start: failed: engine process died"):
        arena_player(f"uci:{fake(tmp_path, 'gone')}")
    with pytest.raises(EngineFaultError, match="has no option 'Skill Level'"):
        arena_player(f"uci:{fake(tmp_path, 'plain')}?skill=3")
    with pytest.raises(EngineFaultError, match="has no option 'UCI_LimitStrength'"):
        arena_player(f"liar:{fake(tmp_path, 'plain')}?elo=1500")
    assert gone(tmp_path)


def test_an_elo_that_an_engine_does_not_know_is_refused(tmp_path: Path) -> None:
    player = engine_player(f"{stockfish(tmp_path)}?elo=10")
    with pytest.raises(EngineFaultError, match=r"UCI_Elo.* to be at least 1"):
        player.check()
    player.close()


def test_a_limit_is_always_set() -> None:
    assert EngineConfig().limit.nodes == 2000
    assert EngineConfig(movetime=0.1).limit == chess.engine.Limit(time=0.1)
    assert EngineConfig(depth=3).limit == chess.engine.Limit(depth=3)


def test_the_same_nodes_give_the_same_game_also_when_it_is_resumed(tmp_path: Path) -> None:
    def history(*opening: int) -> tuple[int, ...]:
        player = EnginePlayer(EngineConfig(stockfish(tmp_path), nodes=300), "uci:stockfish")
        match = Match(0, (player, player), opening)
        episode = next(play(Arena("strict"), [match], seed=0, clock=Clock(plies=30)))
        player.close()
        return episode.history

    whole = history()
    assert len(whole) == 30
    assert history() == whole
    assert history(*whole[:14]) == whole, "an engine that has just been started plays on as it would have"


def test_what_it_says_is_short_and_so(tmp_path: Path) -> None:
    player = EnginePlayer(EngineConfig(stockfish(tmp_path), depth=6), "uci:stockfish")
    arena = Arena("explain", "6k1/5ppp/8/8/8/8/8/R3K3 w - - 0 1")
    (reply,) = player.act([View(arena, 0, (), 0)])
    assert reply.text == "<think>#+1 at depth 6</think><answer>Ra8#</answer>"
    assert reply.value == 1.0
    (reply,) = player.act([View(Arena("explain", "3qk3/8/8/8/8/8/8/4K3 w - - 0 1"), 0, (), 0)])
    assert reply.value is not None
    assert reply.value < -0.5, "seen by the one who moves"
    (reply,) = player.act([View(Arena("explain", "3qk3/8/8/8/8/8/8/4K3 b - - 0 1"), 1, (), 0)])
    assert reply.value is not None
    assert reply.value > 0.5
    assert reply.text.startswith(("<think>+", "<think>#+"))
    player.close()


def test_chess960_is_played_with_its_castling(tmp_path: Path) -> None:
    player = EnginePlayer(EngineConfig(stockfish(tmp_path), nodes=200), "uci:stockfish")
    arena = Arena("strict", chess.Board.from_chess960_pos(77).fen(), chess960=True)
    (episode,) = play(arena, [Match(0, (player, player))], seed=0, clock=Clock(plies=60))
    assert {turn.verdict.kind for turn in episode.turns} == {LEGAL}
    sans = [turn.verdict.ruling.san for turn in episode.turns if turn.verdict.ruling is not None]
    assert any(san.startswith("O-O") for san in sans)
    player.close()


def test_boards_that_have_drifted_are_played_on(tmp_path: Path) -> None:
    """Random moves of any piece to any square, accepted by all: most of these boards are none of chess."""
    arena, chance = Arena("no_referee"), random.Random(1)
    player = EnginePlayer(EngineConfig(stockfish(tmp_path), nodes=100), "uci:stockfish")
    invalid = 0
    for number in range(60):
        history: tuple[int, ...] = ()
        while len(history) < 12:
            board = arena.position(history).agreed
            own = list(chess.SquareSet(board.occupied_co[board.turn]))
            source, target = chance.choice(own), chance.randrange(64)
            piece = (board.piece_type_at(source) or 1) if chance.random() < 0.8 else chance.randint(1, 6)
            action = ((piece - 1) * 64 + source) * 64 + target
            after = arena.position((*history, action))
            if source == target or after.result is not None or after.over:
                break
            history = (*history, action)
        at = arena.position(history)
        (reply,) = player.act([View(arena, int(not at.agreed.turn), history, number)])
        state = State(np.array([at, None], object)[:1])
        (verdict,) = arena.judge(state, [reply.text])
        assert verdict.ruling is not None
        assert verdict.ruling.legal, (at.agreed.fen(), reply.text)
        assert ("no engine takes this position" in reply.text) == (not at.agreed.is_valid())
        invalid += not at.agreed.is_valid()
    assert 10 < invalid < 55
    player.close()


def test_a_beginning_that_no_engine_takes_is_left_out(tmp_path: Path) -> None:
    board = chess.Board("4k3/8/8/8/8/8/4r3/4K3 b - - 0 1")  # Black is to move, and White in check already
    board.push_uci("e2a2")
    assert board.is_valid()
    player = EnginePlayer(EngineConfig(fake(tmp_path, "tells")), "uci:fake")
    with pytest.raises(EngineFaultError, match="illegal"):
        player.move(board, 0)  # it knows one move only
    player.close()
    assert f"position fen {board.fen()}\n" in (tmp_path / "told.lines").read_text()


def test_the_curve_is_the_published_one() -> None:
    def of(score: chess.engine.Score, color: chess.Color) -> tuple[int, float]:
        return worth_of(chess.engine.PovScore(score, color)).to(chess.WHITE)

    # https://lichess.org/page/accuracy: Win% = 50 + 50 * (2 / (1 + exp(-0.00368208 * centipawns)) - 1)
    assert of(chess.engine.Cp(100), chess.WHITE) == (100, pytest.approx(0.5910, abs=1e-4))
    assert of(chess.engine.Cp(100), chess.BLACK) == (-100, pytest.approx(0.4090, abs=1e-4))
    assert of(chess.engine.Cp(5000), chess.WHITE) == (1000, pytest.approx(0.97545, abs=1e-4))
    assert of(chess.engine.Mate(-3), chess.WHITE) == (-1000, 0.0)
    assert of(chess.engine.Mate(-3), chess.BLACK) == (1000, 1.0)
    assert of(chess.engine.Mate(0), chess.WHITE) == (-1000, 0.0)
    assert of(chess.engine.MateGiven, chess.WHITE) == (1000, 1.0)


@pytest.mark.slow
def test_a_tournament_of_engines_that_is_killed_and_resumed_is_the_same(tmp_path: Path) -> None:
    path = stockfish(tmp_path)
    words = [sys.executable, "-m", "xueba", "arena", f"uci:{path}?nodes=400", f"uci:{path}?nodes=100", "--games", "6"]
    words += ["--mode", "strict", "--plies", "60", "--workers", "2"]

    def ended(folder: Path) -> list[tuple[int, ...]]:
        episodes = sorted(read_episodes(folder / "arena" / "episodes.jsonl"), key=lambda episode: episode.number)
        return [episode.history for episode in episodes]

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run([*words, "--runs", str(whole)], check=True, timeout=100, capture_output=True)
    process = subprocess.Popen([*words, "--runs", str(broken)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kills = 0
    for _ in range(4):
        end, before = time.monotonic() + 30, said(broken)
        while said(broken) < before + 50 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        kills += process.poll() is None
        process.kill()
        process.wait(10)
        assert gone(tmp_path), "no engine outlives the tournament"
        resume = [*words[:4], "--resume", "arena", "--runs", str(broken)]
        process = subprocess.Popen(resume, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.wait(100) == 0
    assert kills >= 3
    assert len(ended(whole)) == 6
    assert ended(broken) == ended(whole)
    assert gone(tmp_path)


def said(runs: Path) -> int:
    """How many replies are on the disk, in journals and in finished games."""
    count = 0
    for path in runs.glob("arena/turns/*.jsonl"):
        with contextlib.suppress(FileNotFoundError):
            count += path.read_bytes().count(b"\n")
    finished = runs / "arena" / "episodes.jsonl"
    return count + 60 * (finished.read_bytes().count(b"\n") if finished.exists() else 0)
