"""What a tournament's figures are made of, and what is told beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agents.agent import Reply
from agents.engine_judge import Loss
from agents.episode import Episode, to_record
from agents.ratings import Pair, sprt
from agents.susceptibility import figures
from agents.tournament import EPISODES, Plan, distinct, sequential
from tests.test_tournament import NAMES, runner
from xueba.__main__ import main
from xueba.arena_notes import anchors_of, notes, standing
from xueba.reports import FIGURES, write_reports


def test_games_that_were_played_before_are_known_again(tmp_path: Path) -> None:
    one, other = runner(tmp_path / "t", names=("honest", "sceptic"), games=2).run()
    again = [replace(episode, number=episode.number + 2) for episode in (one, other)]
    assert distinct([one, other, *again]) == [one, other]
    (first, *rest) = one.turns
    reworded = replace(one, number=4, turns=(replace(first, reply=Reply("other words, the same move")), *rest))
    assert distinct([one, reworded]) == [one]
    assert distinct([one, reworded, *again], said=True) == [one, reworded, again[1]]


def test_the_sequential_test_takes_pairs_of_games_and_no_copies() -> None:
    def game(number: int, first: str, second: str, result: float, history: tuple[int, ...]) -> Episode:
        return Episode("arena:strict", 0, number, (first, second), (), (), history, (result, -result), "rules")

    def pair(number: int, move: int) -> list[Episode]:
        return [game(number, "a", "b", 1, (move,)), game(number + 1, "b", "a", 0, (move,))]

    games = [*pair(0, 1), *pair(2, 2), game(4, "a", "b", 1, (3,))]
    assert sequential(games, "a", 0, 20) == sprt([0.75, 0.75], 0, 20)
    assert sequential(games, "b", 0, 20) == sprt([0.25, 0.25], 0, 20)
    copies = [episode for number in range(6, 200, 2) for episode in pair(number, 1)]
    assert sequential([*games, *copies], "a", 0, 20) == sequential(games, "a", 0, 20)


def test_a_report_without_the_engine_still_tells_what_it_said(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    played = runner(folder, names=("honest", "liar"), games=4).run()
    asked = {"players": ["honest", "liar"], "anchor": ["honest=1500"]}
    (folder / "tournament.json").write_text(json.dumps({"asked": asked}))
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


def test_what_was_played_and_said_before_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    one, other = runner(folder, names=("bender", "honest"), games=2).run()
    write_reports(folder)
    before = (folder / "report.md").read_text()
    with (folder / EPISODES).open("a") as file:
        for number in range(2, 40):
            again = replace((one, other)[number % 2], number=number)
            file.write(json.dumps({"step": 0, **to_record(again)}) + "\n")
    (folder / FIGURES).unlink(missing_ok=True)
    write_reports(folder)
    told = (folder / "report.md").read_text()
    assert "- 2 of 40 games are different" in told
    assert told[told.index("## Ratings") :] == before[before.index("## Ratings") :]
    page = (folder / "report.html").read_text()
    assert "2 of 40 games are different" in page


def test_what_is_to_be_known_of_the_figures_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["arena", "believer", "liar", "--mode", "no_referee", "--runs", str(tmp_path), "--plies", "60"]
    asked = ["--games", "8", "--sprt", "0", "400", "--anchor", "liar=1500", "--name", "t", "--json"]
    assert main([*words, *asked]) == 0
    said = capsys.readouterr()
    told = " ".join(said.err.split())
    test = json.loads(said.out)["sprt"]
    assert test["decision"] == ("H0" if test["llr"] < test["low"] else "H1" if test["llr"] > test["high"] else "")
    for text in (told, (tmp_path / "t" / "report.md").read_text().replace("\\", "")):
        assert f"llr {test['llr']:.2f} between -2.94 and 2.94" in text
        assert "no engine judged claims of results and resignations: they are unverifiable" in text


def test_an_anchor_that_has_not_played_is_told_and_a_table_where_nobody_was_asked_is_read() -> None:
    asked = {"players": ["a", "b"], "anchor": ["a=1500", "b=1200.5"], "judge": "", "sprt": None}
    assert anchors_of(asked) == {"a": 1500, "b": 1200.5}
    assert list(notes(asked, [])) == ["the anchor a has not played yet", "the anchor b has not played yet"]
    assert list(notes({}, [])) == []
    assert standing({}, []) is None


def test_who_sat_out_is_paired_as_if_it_had_won() -> None:
    plan = Plan(NAMES[:7], "swiss", games=2)
    first = plan.round(0, [])
    out = ({*range(7)} - {fixture.first for fixture in first} - {fixture.second for fixture in first}).pop()
    # the lower number of each pairing wins both of its games
    results = [Pair(NAMES[f.first], NAMES[f.second], 2, 0, 0) for f in first[::2]]
    winners = {fixture.first for fixture in first[::2]} | {out}
    met = next({f.first, f.second} for f in plan.round(1, results) if out in (f.first, f.second))
    assert met <= winners
