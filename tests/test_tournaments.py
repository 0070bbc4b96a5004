"""A tournament's folder: one number for a game everywhere, what was asked for, and which run is the newest."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import chess.pgn
import pytest

from agents.episode import Episode, to_record
from agents.tournament import FORMATS, Plan, Runner
from tests.fake_run import fake_run
from tests.table import games as played
from xueba import answers, index, tournaments
from xueba.__main__ import main
from xueba.arena_asked import Tournament
from xueba.arguments import parsed
from xueba.recorded import Recorded

ORDER = (2, 0, 1)
"""Fixtures as they finished."""
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def found() -> list[Episode]:
    """Three games, each of a length of its own."""
    games = played("explain", "liar", "random", 3, 40)
    return [replace(game, players=(f"one {game.number}", f"other {game.number}")) for game in games]


@pytest.fixture
def root(tmp_path: Path, found: list[Episode]) -> Path:
    folder = tmp_path / "table"
    folder.mkdir()
    data = {"kind": "arena", "world": "arena:explain", "began": 1.7e9, "asked": {"players": ["a", "b"]}}
    (folder / "tournament.json").write_text(json.dumps(data))
    by_number = {game.number: game for game in found}
    lines = [json.dumps({"step": 0, **to_record(by_number[number])}) + "\n" for number in ORDER]
    (folder / "episodes.jsonl").write_text("".join(lines))
    return tmp_path


def test_a_game_has_one_number_everywhere(root: Path, capsys: Capture) -> None:
    """Whoever finished first is not game 1: the fixture says which game it is."""
    assert main(["report", "table", "--runs", str(root)]) == 0
    assert main(["games", "--json", "--runs", str(root)]) == 0
    listed = capsys.readouterr().out
    rows = json.loads(listed[listed.index("[") :])
    assert sorted((row["game"], row["first"]) for row in rows) == [(1, "one 0"), (2, "one 1"), (3, "one 2")]
    for number in (1, 2, 3):
        first = f"one {number - 1}"
        page = (root / "table" / "games" / f"{number}.html").read_text()
        assert first in page
        assert main(["export", f"table/{number}", "--pgn", "--out", str(root / "g.pgn"), "--runs", str(root)]) == 0
        pgn = chess.pgn.read_game(io.StringIO((root / "g.pgn").read_text()))
        assert pgn is not None
        assert (pgn.headers["Round"], pgn.headers["White"], pgn.headers["Date"]) == (str(number), first, "2023.11.14")
        told = answers.game(root, {"run": "table", "game": str(number)})
        assert (told["game"], told["players"][0], told["of"]) == (number, first, 3)
        assert (told["before"], told["after"]) == (number - 1 or None, number + 1 if number < 3 else None)
        capsys.readouterr()
        assert main(["watch", "table", "--game", str(number), "--runs", str(root)]) == 0
        said = capsys.readouterr()
        assert first in said.out
        assert f"xueba export table/{number} --html" in said.err
    for words in (["export", "table/0", "--html"], ["watch", "table", "--game", "4"]):
        assert main([*words, "--runs", str(root)]) == 1
        assert "games" in (error := capsys.readouterr().err)
        assert "1 to 3" in error


def test_gaps_are_named_and_passed(root: Path, found: list[Episode], capsys: Capture) -> None:
    folder = root / "table"
    lines = (folder / "episodes.jsonl").read_text().splitlines(keepends=True)
    (folder / "episodes.jsonl").write_text("".join(lines[:2]))
    index.update(root)
    assert answers.game(root, {"run": "table", "game": "1"})["after"] == 3
    assert main(["export", "table/2", "--html", "--runs", str(root)]) == 1
    assert "its games are 1, 3" in capsys.readouterr().err


def test_games_of_a_run_are_called_by_their_lines(tmp_path: Path, capsys: Capture) -> None:
    run = fake_run(tmp_path)
    lines = (run.path / "episodes.jsonl").read_text().splitlines(keepends=True)
    (run.path / "episodes.jsonl").write_text("".join([lines[0], "no game\n", *lines[1:]]))
    assert main(["games", "--json", "--runs", str(tmp_path)]) == 0
    rows = {row["game"]: row["first"] for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {1, 3, 4}
    recorded = Recorded(run.path / "episodes.jsonl")
    recorded.refresh()
    for number, first in rows.items():
        assert recorded.game(recorded.index_of(number))[1].players[0][:80] == first


def test_the_list_and_the_viewer_know_tournaments(root: Path, capsys: Capture) -> None:
    assert main(["list", "runs", "--json", "--runs", str(root)]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["game"], row["state"]) == ("table", "arena:explain", "3 games")
    assert main(["watch", "tabel", "--game", "1", "--runs", str(root)]) == 1
    assert "did you mean 'table'" in capsys.readouterr().err


def test_a_report_does_not_make_a_run_the_newest(root: Path, tmp_path: Path, capsys: Capture) -> None:
    fake_run(tmp_path, "newer")
    os.utime(root / "table" / "tournament.json", (1, 1))
    assert main(["report", "table", "--runs", str(root)]) == 0
    for name in ("table", "table/episodes.jsonl"):
        os.utime(root / name, (4e9, 4e9))
    capsys.readouterr()
    assert main(["report", "--out", str(tmp_path / "out"), "--runs", str(root)]) == 0
    assert "newer" in (tmp_path / "out" / "report.md").read_text()
    assert main(["export", "--html", "--out", str(tmp_path / "g.html"), "--runs", str(root)]) == 0
    assert "newer" in (tmp_path / "g.html").read_text()
    assert main(["watch", "--game", "1", "--runs", str(root)]) == 0
    assert "tic-tac-toe" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "honest random",
        "honest random --mode no_referee --seed 3 --games 4 --judge stockfish?nodes=3000",
        "a b c --sprt 0 10 --anchor a=1500 b=1600 --no-hear --chess960 5 --start",
    ],
)
def test_the_command_plays_the_same_again(words: str) -> None:
    given = shlex.split(words) + (["8/8/8/8 w"] if words.endswith("--start") else [])

    def asked(words: list[str]) -> Tournament:
        return parsed(Tournament, words, "arena")

    kept = json.loads(json.dumps(asdict(asked(given)), default=str))
    assert asked(shlex.split(tournaments.command(kept))[2:]) == asked(given)


def test_a_report_says_what_was_played(tmp_path: Path) -> None:
    words = ["honest", "random", "--plies", "4", "--seed", "7", "--name", "t", "--runs", str(tmp_path)]
    assert main(["arena", *words]) == 0
    told = dict(tournaments.facts(tmp_path / "t"))
    assert (told["mode"], told["judge"], told["seed"], told["from"]) == ("explain", "none", "7", "the usual position")
    assert told["command"] == "xueba arena honest random --plies 4 --seed 7"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", told["begun"])
    page, text = ((tmp_path / "t" / name).read_text() for name in ("report.html", "report.md"))
    for value in told.values():
        assert value in page
        assert value in text
    assert f'[Date "{told["begun"].replace("-", ".")}"]' in (tmp_path / "t" / "games.pgn").read_text()


@pytest.mark.parametrize("data", [{}, [], {"asked": 5}, {"asked": {"mode": {}, "players": 3}, "began": "x"}])
def test_a_damaged_file_is_told_as_far_as_it_can_be(tmp_path: Path, data: Any) -> None:
    (tmp_path / "tournament.json").write_text(json.dumps(data))
    assert isinstance(tournaments.facts(tmp_path), list)
    assert tournaments.date_of(tmp_path) == "????.??.??"
    assert not tournaments.by_fixture(tmp_path)


def test_whoever_is_named_twice_plays_itself(tmp_path: Path, capsys: Capture) -> None:
    words = ["arena", "random", "random", "--plies", "4", "--name", "t", "--runs", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["players"]) == {"random", "random#2"}
    assert main(["arena", "--resume", "t", "--runs", str(tmp_path)]) == 0
    assert tournaments.told_apart(("a", "b", "a", "a")) == ("a", "b", "a#2", "a#3")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("count", [2, 3, 6, 7])
def test_how_many_games_there_are_is_known_before(kind: str, count: int) -> None:
    plan = Plan(tuple("abcdefg"[:count]), kind, games=4)
    assert sum(len(plan.round(number, [])) for number in range(plan.length)) == plan.all_games


def test_what_was_interrupted_is_counted(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runner, "_play", lambda runner, _: runner.stop())
    assert main(["arena", "honest", "random", "--runs", str(tmp_path)]) == 130
    assert "2 games are unfinished: interrupted" in capsys.readouterr().err


def test_the_demo_is_found_by_the_other_commands(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `export --help` and the README name is there, after one demo and after two."""
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert main(["arena", "--demo"]) == 0
    assert (tmp_path / "arena-demo" / "index.html").is_file()
    capsys.readouterr()
    assert main(["games", "--where", "flag=resurrected", "--json"]) == 0
    assert [row["game"] for row in json.loads(capsys.readouterr().out)] == [2, 1]
    assert main(["export", "arena-demo/2", "--html"]) == 0
    assert main(["report", "arena-demo"]) == 0
    (tmp_path / "runs" / "arena-demo" / "tournament.json").write_text("{}")
    assert main(["arena", "--demo"]) == 1
    assert "not the demo's" in capsys.readouterr().err
