"""The persuasion test from the command line: scripts with a known nature, replies kept, nothing asked twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import chess
import pytest

from agents.append_only import held
from tests.fake_chat_server import FakeChatServer
from xueba.__main__ import main


def figures(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["persuade", *words, "--json", "--judge", ""]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_a_believer_accepts_all_and_a_sceptic_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(capsys, "believer", "sceptic", "--times", "3", "--out", str(tmp_path / "kept"))
    accepted = {name: found[name]["arms"]["new_rule"]["rates"]["accepted what was illegal"] for name in found}  # type: ignore[index]
    assert (accepted["believer"]["count"], accepted["believer"]["of"]) == (6, 6)
    assert (accepted["sceptic"]["count"], accepted["sceptic"]["of"]) == (0, 6)


def test_what_was_said_is_not_asked_for_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("honest", "--times", "2", "--out", str(tmp_path))
    first = figures(capsys, *words)
    lines = (tmp_path / "honest-en-0.jsonl").read_bytes()
    assert lines.count(b"\n") == 6 * 5 * 2
    half = lines[: len(lines) // 2]
    (tmp_path / "honest-en-0.jsonl").write_bytes(half)
    assert figures(capsys, *words) == first
    assert json.loads((tmp_path / "honest-en-0.json").read_text())["asked_before"] == half.count(b"\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "name a player"),
        (["beleiver"], "did you mean 'believer'"),
        (["believer", "--times", "0"], "--times is 0"),
        (["human"], "a person remembers"),
        (["run:any"], "hears no messages"),
        (["chat:m@http://127.0.0.1:9/v1"], "127.0.0.1"),
    ],
)
def test_what_cannot_be_asked_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    assert main(["persuade", *words, "--out", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert "sk-canary" not in error


def told(messages: list[dict[str, str]]) -> str:
    """A model that resigns when told to, and protests unless it is told of a rule; it plays the first legal move."""
    asked = messages[-1]["content"]
    fen = asked.split("FEN: ")[1].splitlines()[0]
    said = asked.split("in their own words")[-1]
    move = min(move.uci() for move in chess.Board(fen).legal_moves)
    if "should resign" in said:
        return "<answer>resign</answer>"
    stance = "accept" if "rules" in said else "protest"
    return f"<think>so</think><ruling>{stance}</ruling><answer>{move}</answer>"


def test_a_chat_model_is_found_to_be_as_it_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeChatServer(told) as server:
        name = f"chat:fake@{server.url}"
        words = (name, "--times", "2", "--out", str(tmp_path))
        arms = figures(capsys, *words)[name]["arms"]  # type: ignore[index]
        asked = len(server.requests)
        assert asked == 6 * 5 * 2
        # more of it asks for no more than is new
        figures(capsys, name, "--times", "3", "--out", str(tmp_path))
        assert len(server.requests) == 6 * 5 * 3
    resigned = {kind: arm["rates"]["resigned"]["count"] for kind, arm in arms.items()}
    assert resigned == {"none": 0, "neutral": 0, "true": 0, "false": 4, "new_rule": 0}
    accepted = {kind: arm["rates"]["accepted what was illegal"]["count"] for kind, arm in arms.items()}
    assert accepted == {"none": 0, "neutral": 0, "true": 0, "false": 0, "new_rule": 4}
    report = (tmp_path / "report.md").read_text()
    assert "| accepted what was illegal | new\\_rule | 6/6 = 100.0% (61.0% to 100.0%) |" in report
    assert "+100.0%" in report


def test_a_server_that_fails_is_told_and_what_was_said_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeChatServer(told) as server:
        name, words = (
            f"chat:fake@{server.url}",
            ("--times", "1", "--judge", "", "--workers", "1", "--out", str(tmp_path)),
        )

        def answer(messages: list[dict[str, str]]) -> str:
            if len(server.requests) == 11:
                server.faults = ["403"] * 100
            return told(messages)

        server.answer = answer
        assert main(["persuade", name, *words]) == 1
        assert "403" in capsys.readouterr().err
        (kept,) = tmp_path.glob("*.jsonl")
        there = kept.read_bytes().count(b"\n")
        assert there >= 10
        server.faults, server.answer = [], told
        before = len(server.requests)
        assert main(["persuade", name, *words]) == 0
        assert len(server.requests) - before == 30 - there


def test_no_two_questions_share_a_key_and_the_same_question_keeps_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeChatServer(told) as server:
        name, words = f"chat:fake@{server.url}", ("--times", "1", "--out")
        figures(capsys, name, *words, str(tmp_path / "one"))
        first = set(server.asked)
        (kept,) = (tmp_path / "one").glob("*.jsonl")
        kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
        figures(capsys, name, *words, str(tmp_path / "one"))
        assert set(server.asked) == first, "what had not arrived is asked for under its own key"
        assert max(server.asked.values()) == 2
        figures(capsys, name, *words, str(tmp_path / "one"), "--seed", "7")
        figures(capsys, name, *words, str(tmp_path / "two"))
        figures(capsys, f"{name}?temperature=0", f"{name}?temperature=1", *words, str(tmp_path / "three"))
        kept.unlink()
        figures(capsys, name, *words, str(tmp_path / "one"))
        assert len(server.asked) == 30 * 6, "other seeds, folders, players and journals ask other questions"


def test_one_process_asks_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with held(tmp_path, ""):
        assert main(["persuade", "honest", "--times", "1", "--judge", "", "--out", str(tmp_path)]) == 1
    assert "in use by another process; wait, or choose another --out" in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.glob("*.jsonl"))


def test_two_players_never_share_their_replies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # a colon is none in the name of a file
    figures(capsys, "honest", "honest:", "--times", "1", "--out", str(tmp_path))
    assert len(list(tmp_path.glob("*.jsonl"))) == 2


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_said_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with FakeChatServer(told, delay=0.2) as server:
        command = [sys.executable, "-m", "xueba", "persuade", f"chat:fake@{server.url}", "--times", "2", "--judge", ""]
        command += ["--workers", "2", "--out", str(tmp_path)]
        environment = {**os.environ, "OPENAI_API_KEY": "sk-canary"}
        running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        while sum(server.delivered.values()) < 6:
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, error = running.communicate(timeout=30)
        assert running.returncode == 130
        assert b"the same command goes on" in error
        there = next(tmp_path.glob("*.jsonl")).read_bytes().count(b"\n")
        assert 6 <= there < 60
        server.delay = 0.0
        before = len(server.requests)
        done = subprocess.run(command, check=False, capture_output=True, env=environment, timeout=60)
        assert done.returncode == 0, done.stderr
        assert len(server.requests) - before == 60 - there
        assert b"sk-canary" not in error + done.stderr + done.stdout
