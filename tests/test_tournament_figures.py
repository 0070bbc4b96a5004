"""What a tournament's figures are made of, and what is told beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import chess
import pytest

from agents.engine_judge import Loss
from agents.openings import openings_of
from agents.ratings import Pair
from agents.susceptibility import figures
from agents.tournament import Plan, distinct
from tests.test_tournament import NAMES, runner
from xueba.__main__ import main
from xueba.reports import FIGURES, write_reports


def test_games_that_were_played_before_are_known_again(tmp_path: Path) -> None:
    one, other = runner(tmp_path / "t", names=("honest", "sceptic"), games=2).run()
    again = [replace(episode, number=episode.number + 2) for episode in (one, other)]
    assert distinct([one, other, *again]) == [one, other]


@pytest.mark.parametrize("line", ["1.e4 e5 2.Nf3 Nc6 *", "1. e4 e5 2. Nf3 Nc6 1-0", "e4 1... e5 Nf3 Nc6 # a comment"])
def test_a_line_of_moves_is_read_however_it_is_numbered(tmp_path: Path, line: str) -> None:
    (tmp_path / "lines.txt").write_text(line)
    ((*moves,),) = openings_of(tmp_path / "lines.txt", chess.Board())
    assert [move.uci() for move in moves] == ["e2e4", "e7e5", "g1f3", "b8c6"]


def test_a_report_without_the_engine_still_tells_what_it_said(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    played = runner(folder, names=("honest", "liar"), games=4).run()
    (folder / "tournament.json").write_text(json.dumps({"asked": {"anchor": ["honest=1500"]}}))
    judged = figures(played, lambda _: 0.5, lambda episode: [Loss(0, 0, 17, 0.1)])
    write_reports(folder, judged)
    told = (folder / "report.md").read_text()
    assert "centipawns" in told
    assert "| honest | 1500 | anchor |" in told
    write_reports(folder)
    assert (folder / "report.md").read_text() == told
    (folder / FIGURES).write_text('{"games": 4, "players": {"honest": [{"nonsense": 1}]}}')
    write_reports(folder)
    assert "centipawns" not in (folder / "report.md").read_text()


def test_what_is_to_be_known_of_the_figures_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["arena", "believer", "liar", "--mode", "no_referee", "--runs", str(tmp_path), "--plies", "60"]
    assert main([*words, "--games", "8", "--sprt", "0", "100", "--anchor", "liar=1500"]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "--sprt: " in told
    assert "llr" in told
    assert "no engine judged results and resignations" in told


def test_who_sat_out_is_paired_as_if_it_had_won() -> None:
    plan = Plan(NAMES[:7], "swiss", games=2)
    first = plan.round(0, [])
    out = ({*range(7)} - {fixture.first for fixture in first} - {fixture.second for fixture in first}).pop()
    # the lower number of each pairing wins both of its games
    results = [Pair(NAMES[f.first], NAMES[f.second], 2, 0, 0) for f in first[::2]]
    winners = {fixture.first for fixture in first[::2]} | {out}
    met = next({f.first, f.second} for f in plan.round(1, results) if out in (f.first, f.second))
    assert met <= winners
