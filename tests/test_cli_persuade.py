"""The persuasion test from the command line: scripts with a known nature, replies kept, nothing asked twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
