"""The display of a tournament at 80 columns, and its plain lines."""

from __future__ import annotations

import io

import chess
import pytest
from rich.console import Console

from agents.episode import Episode
from agents.tournament import Fixture
from envs.arena import Arena
from xueba.arena_view import ArenaView

NAMES = ("uci:stockfish?skill=0&nodes=20000&threads=1", "uci:stockfish?skill=5&nodes=20000&threads=1")
MATE = Arena("explain").actions_of([chess.Move.from_uci(move) for move in ("f2f3", "e7e5", "g2g4", "d8h4")])


@pytest.fixture
def view() -> ArenaView:
    view = ArenaView(NAMES, Console(width=80, record=True, file=io.StringIO()))
    view.begin([], 3)
    view.game(Episode("arena:explain", 0, 0, NAMES, (), (), MATE, (-1.0, 1.0), "rules"))
    view.fault(Fixture(1, 1, 0, 0), "it is gone")
    return view


def test_the_bar_has_a_line_of_its_own(view: ArenaView) -> None:
    view.console.export_text(clear=True)
    view.console.print(view.render())
    lines = view.console.export_text().splitlines()
    bar = next(at for at, line in enumerate(lines) if "━" in line)
    assert lines[bar + 1].split() == ["player", "points", "games", "flags"]
    assert max(map(len, lines)) <= 80


def test_a_line_names_the_game_as_the_report_does(view: ArenaView) -> None:
    first, second = view.console.export_text().splitlines()
    assert first.startswith("game 1: ")
    assert ", checkmate, 4 plies" in first
    assert "0-1" in first
    white, black = first.removeprefix("game 1: ").partition(" 0-1")[0].split(" – ")
    assert white != black
    assert second == "game 2 stopped: it is gone"
