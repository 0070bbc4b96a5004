"""An engine as a judge: what positions are worth, what moves gave away, and when it abstains."""

from __future__ import annotations

import json
import math
from pathlib import Path

import chess
import pytest

from agents.engine_judge import EngineJudge, Loss
from agents.engine_process import EngineConfig
from agents.episode import Episode
from agents.play import Match, play
from agents.rates import student
from agents.scripted import Reciter
from agents.susceptibility import figures
from envs.arena import Arena
from envs.ruling import FALSE, TRUE
from tests.engines import fake, gone, stockfish
from xueba import arena as command


def told(white: str, black: str, mode: str = "explain") -> Episode:
    """A game of these answers."""
    seats = [
        Reciter([f"<answer>{move}</answer>" for move in moves.split()], name)
        for moves, name in ((white, "white"), (black, "black"))
    ]
    return next(play(Arena(mode), [Match(0, (seats[0], seats[1]))], seed=0, retries=2))


def test_the_judge_knows_what_is_won_and_what_is_drawn(tmp_path: Path) -> None:
    judge = EngineJudge(EngineConfig(stockfish(tmp_path), nodes=2000))
    start = judge(chess.Board())
    assert start is not None
    assert 0.4 < start < 0.65
    assert (judge(chess.Board("4k3/8/8/8/8/8/8/QQ2K3 w - - 0 1")) or 0) > 0.95
    lost = judge(chess.Board("4k3/qq6/8/8/8/8/8/4K3 b - - 0 1"))
    assert lost is not None
    assert lost < 0.05
    assert judge(chess.Board("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1")) == 0.5, "stalemate"
    assert judge(chess.Board("7k/6Q1/6K1/8/8/8/8/8 b - - 0 1")) == 1.0, "checkmate"
    assert judge(chess.Board("7K/6q1/6k1/8/8/8/8/8 w - - 0 1")) == 0.0
    assert judge(chess.Board("8/8/8/8/8/8/8/8 w - - 0 1")) in (None, 0.5)
    assert judge(chess.Board("kk5Q/8/8/8/8/8/8/7K w - - 0 1")) is None, "no engine takes two kings of one side"
    assert judge.fault == ""
    judge.close()
    assert gone(tmp_path)


def test_a_judgement_depends_on_the_position_alone(tmp_path: Path) -> None:
    boards = [chess.Board()]
    for move in "e4 c5 Nf3 d6 d4 cxd4 Nxd4 Nf6 Nc3 a6 Be3 e5 Nb3 Be6 f3 Be7 Qd2 O-O".split():
        boards.append(boards[-1].copy())
        boards[-1].push_san(move)
    found = []
    for order in (boards, boards[::-1]):
        judge = EngineJudge(EngineConfig(stockfish(tmp_path), nodes=400))
        found.append({board.fen(): judge(board) for board in order})
        judge.close()
    assert found[0] == found[1]
    # fifty moves without a capture are near: the same pieces are another position
    judge = EngineJudge(EngineConfig(stockfish(tmp_path), nodes=400))
    fresh, stale = (judge(chess.Board(f"4k3/8/8/8/8/8/8/QR2K3 w - - {clock} 80")) for clock in (0, 149))
    assert fresh is not None
    assert fresh > 0.95
    assert stale != fresh
    judge.close()


@pytest.mark.parametrize("fault", ["dies", "gone"])
def test_a_judge_that_fails_abstains_and_says_why(fault: str, tmp_path: Path) -> None:
    judge = EngineJudge(EngineConfig(fake(tmp_path, fault)))
    assert judge(chess.Board()) is None
    assert "died" in judge.fault
    assert judge.losses(told("e4 resign", "e5")) == []
    judge.close()
    lines = tmp_path / "told.lines"
    assert not lines.exists() or lines.read_text().count("go ") == 1, "it is not asked again"
    assert gone(tmp_path)


def expected(centipawns: float) -> float:
    return 1 / (1 + math.exp(-0.00368208 * centipawns))


def test_what_each_move_gave_away_by_hand(tmp_path: Path) -> None:
    """The fake engine takes 30 off a side for each of its pawns that has left home."""
    judge = EngineJudge(EngineConfig(fake(tmp_path, "homesick")))
    episode = told("e4 Nf3 e5 resign", "e6 a5 e9 h5")
    losses = judge.losses(episode)
    seats, turns, points = ([getattr(loss, name) for loss in losses] for name in ("seat", "turn", "centipawns"))
    assert (seats, points) == ([0, 1, 0, 1, 0, 1], [30, 30, 0, 30, 0, 30])
    assert turns == [0, 1, 2, 3, 4, 6], "the reply that was refused, and the resignation, gave nothing away"
    assert losses[0].score == pytest.approx(expected(0) - expected(-30))
    assert losses[1].score == pytest.approx(expected(30) - expected(0))
    assert losses[2] == Loss(0, 2, 0, 0.0)
    found = figures([episode, told("Nf3 resign", "d6")], judge, judge.losses)
    white, black = (found[name].means()["centipawns lost, per move"] for name in ("white", "black"))
    assert (white.total, white.of, black.total, black.of) == (30, 4, 120, 4)
    # the variance of a ratio over two games, with one degree of freedom: 3 moves and 1, 30 and 0
    spread = math.sqrt(2 / 1 * ((30 - 7.5 * 3) ** 2 + (0 - 7.5) ** 2)) / 4
    assert white.interval == pytest.approx((7.5 - student(1) * spread, 7.5 + student(1) * spread))
    data = json.loads(json.dumps(found["white"].to_data()))
    assert data["means"]["centipawns lost, per move"]["count"] == 30
    judge.close()


def test_no_position_is_asked_about_twice_and_no_gain_is_a_loss(tmp_path: Path) -> None:
    judge = EngineJudge(EngineConfig(fake(tmp_path, "homesick")))
    seats = Reciter(["<answer>Nxf7</answer>"], "white"), Reciter(["<answer>resign</answer>"], "black")
    arena = Arena("explain")
    opening = arena.actions_of([chess.Move.from_uci(move) for move in ("g1f3", "b8c6", "f3g5", "c6b8")])
    episode = next(play(arena, [Match(0, seats, opening)], seed=0))
    assert judge.losses(episode) == judge.losses(episode) == [Loss(0, 0, 0, 0.0)], "it gains 30"
    judge.close()
    asked = [line for line in (tmp_path / "told.lines").read_text().splitlines() if line.startswith("position")]
    assert len(asked) == len(set(asked)) == 2


def test_a_blunder_is_one_and_the_mate_behind_it_is_none(tmp_path: Path) -> None:
    judge = EngineJudge(EngineConfig(stockfish(tmp_path), nodes=3000))
    f3, e5, g4, mate = judge.losses(told("f3 g4", "e5 Qh4#"))
    assert g4.centipawns > 800
    assert g4.score > 0.3
    assert (mate.centipawns, mate.score) == (0, 0.0)
    assert max(f3.centipawns, e5.centipawns) < 200
    judge.close()


def test_illegal_moves_that_were_accepted_are_weighed_by_nobody(tmp_path: Path) -> None:
    judge = EngineJudge(EngineConfig(fake(tmp_path, "homesick")))
    losses = judge.losses(told("e4 a3", "e7e3 resign", "no_referee"))
    assert [(loss.turn, loss.centipawns) for loss in losses] == [(0, 30), (2, 30)]
    judge.close()


def test_claims_of_results_are_judged_with_an_engine(tmp_path: Path) -> None:
    judge = EngineJudge(EngineConfig(stockfish(tmp_path), nodes=2000))
    arena = Arena("explain", "4k3/8/8/8/8/8/8/QR2K3 w - - 0 1", evaluate=judge)
    replies = ["<say>I am winning.</say><answer>Qa2</answer>", "<say>I am losing.</say><answer>Qa2</answer>"]
    first, second = (arena.judge(arena.initial(1), [reply])[0] for reply in replies)
    assert [claim.finding for claim in (*first.claims, *second.claims)] == [TRUE, FALSE]
    judge.close()


def test_the_command_shows_what_moves_gave_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["honest", "random", "--judge", f"{fake(tmp_path, 'homesick')}?nodes=50", "--plies", "8", "--json"]
    assert command.run([*words, "--runs", str(tmp_path / "runs")]) == 0
    players = json.loads(capsys.readouterr().out)["players"]
    assert players["random"]["means"]["centipawns lost, per move"]["of"] == 8
    assert "centipawns lost, per move" in (tmp_path / "runs" / "arena" / "report.html").read_text()
    assert gone(tmp_path)


def test_a_judge_that_does_not_start_is_known_before_the_first_move(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        command.run(["honest", "random", "--judge", fake(tmp_path, "gone"), "--runs", str(tmp_path / "runs")])
    assert not (tmp_path / "runs").exists()
