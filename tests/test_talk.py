"""A game of the arena in the terminal: both boards, every reply, what was ruled; never wider than 80 columns."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from agents.episode import Episode, to_record
from tests.hostile_texts import EVERYTHING, FORBIDDEN
from xueba import demo, talk
from xueba.recorded import Recorded
from xueba.replay import Viewer


@pytest.fixture(scope="module")
def story() -> Episode:
    return demo.games()["no_referee"]


def screen(viewer: Viewer, height: int = 24) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(viewer.render(height))
    return console.export_text()


@pytest.fixture
def viewer(tmp_path: Path, story: Episode) -> Viewer:
    (tmp_path / "episodes.jsonl").write_text(json.dumps({"step": 0, **to_record(story)}) + "\n")
    recorded = Recorded(tmp_path / "episodes.jsonl")
    recorded.refresh()
    return Viewer("table", recorded)


def test_n_goes_to_the_trick_and_both_boards_are_shown(viewer: Viewer) -> None:
    viewer.press("n")
    shown = screen(viewer)
    assert "pawn as knight (let pass)" in shown
    assert "FIDE 3.7" in shown
    assert "both believe" in shown
    assert "FIDE has changed the rules" in shown
    assert max(map(len, shown.splitlines())) <= 80
    viewer.press("end")
    assert "0-1, resignation" in screen(viewer)


def test_hostile_words_are_text(viewer: Viewer, story: Episode) -> None:
    turns = tuple(
        replace(turn, reply=replace(turn.reply, thought=EVERYTHING), verdict=replace(turn.verdict, said=EVERYTHING))
        for turn in story.turns
    )
    hostile = replace(story, turns=turns, players=(EVERYTHING, EVERYTHING))
    viewer.recorded.path.write_text(json.dumps({"step": 0, **to_record(hostile)}) + "\n")
    viewer.recorded.refresh()
    viewer.go(0)
    viewer._load()
    for at in range(len(viewer.scenes)):
        viewer.at = at
        assert not FORBIDDEN & set(screen(viewer))
    assert not FORBIDDEN & set(talk.as_text(hostile))


def test_as_lines_it_says_all_that_was_ruled(story: Episode) -> None:
    text = talk.as_text(story)
    assert text.startswith("○ the believer (scripted) against ● the trickster (scripted), arena:no_referee")
    illegal = [turn for turn in story.turns if turn.verdict.ruling is not None and not turn.verdict.ruling.legal]
    assert text.count("⚑") == len(illegal) > 1
    assert text.rstrip().endswith("0-1, resignation")
    assert text.count("both believe:") > 20
