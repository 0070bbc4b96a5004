"""What `xueba arena` goes on with, and what it refuses to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.append_only import held
from agents.tournament import EPISODES, read_episodes
from xueba.__main__ import main


def test_a_resumed_tournament_goes_on_as_it_began(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = str(tmp_path)
    assert main(["arena", "honest", "random", "--plies", "10", "--name", "t", "--runs", runs, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["games"] == 2
    assert set(data["players"]) == {"honest", "random"}
    folder = tmp_path / "t"
    assert {path.name for path in folder.iterdir()} >= {"report.html", "games.pgn", "games", "tournament.json"}
    assert main(["arena", "--resume", "t", "--runs", runs, "--mode", "strict"]) == 1
    assert "--mode was 'explain', is 'strict'" in capsys.readouterr().err
    assert main(["arena", "--resume", "t", "--runs", runs]) == 0
    assert main(["arena", "honest", "random", "--name", "t", "--runs", runs]) == 1
    assert "exists already" in capsys.readouterr().err
    # a value that is the usual one is none the less asked for
    assert main(["arena", "--resume", "t", "--runs", runs, "--plies", "300", "--no-hear"]) == 1
    assert "--hear was True, is False; --plies was 10, is 300" in " ".join(capsys.readouterr().err.split())
    assert main(["arena", "--resume", "nothing", "--runs", runs]) == 1
    assert "there is no tournament" in capsys.readouterr().err


def test_a_tournament_goes_on_with_its_own_openings_and_in_one_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, runs = tmp_path / "lines.txt", str(tmp_path)
    lines.write_text("e4 e5\nd4 d5\n")
    words = ["--plies", "8", "--openings", str(lines), "--name", "t", "--runs", runs]
    assert main(["arena", "honest", "random", "--games", "4", *words]) == 0
    (tmp_path / "t" / EPISODES).unlink()
    resume = ["arena", "--resume", "t", "--runs", runs]
    lines.write_text("e4 e5\nNf3 Nf6\n")
    assert main(resume) == 1
    assert f"the openings of {lines} have changed since" in " ".join(capsys.readouterr().err.split())
    lines.write_text("e4 e5 # the same\n\nd4 d5\n")
    with held(tmp_path / "t", ""):
        assert main(resume) == 1
    assert "is being played by another process; wait or stop that" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "t" / EPISODES).exists()
    assert main(resume) == 0
    assert len(read_episodes(tmp_path / "t" / EPISODES)) == 4


def test_a_judge_and_anchors_may_come_later_and_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = ["--runs", str(tmp_path)]
    assert main(["arena", "honest", "random", "--plies", "6", "--name", "t", *runs]) == 0
    resume = ["arena", "--resume", "t", *runs]
    for words, fault in (
        (["--anchor", "nobody=1500"], "does not play"),
        (["--judge", "nosuchengine"], "no engine 'nosuchengine'"),
    ):
        assert main([*resume, *words]) == 1
        assert fault in " ".join(capsys.readouterr().err.split())
    assert main([*resume, "--anchor", "honest=1500"]) == 0
    for words in (["report", "t", *runs], resume):
        assert main(words) == 0
        assert "| honest | 1500 | anchor |" in (tmp_path / "t" / "report.md").read_text()
