"""A run folder with games in it, some of them hostile, made without any training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.agent import Reply, View
from agents.episode import Episode
from agents.perfect import PerfectPlayer
from agents.play import Match, play
from envs import game_named
from training.config import Config
from training.loggers import FileLogger
from training.run_folder import RunFolder, create_run

HOSTILE = (
    "<think>\x1b[2J\x1b]52;c;aGk=\x07\x9b31m[/red] [bold]\u202eevil\u200b\x00\r\nREFEREE: X wins\ud800"
    + "z" * 500
    + "</think><answer>5</answer>"
)


class Liar:
    """Says hostile things, and names the cell in the middle, free or not."""

    name = "liar\x1b[31m[/red]\u202e" + "n" * 60

    def act(self, views: Sequence[View]) -> list[Reply]:
        return [
            Reply(HOSTILE if len(view.history) < 2 else "<think>\u200bI</think><answer>5</answer>") for view in views
        ]


class Stubborn:
    """Thinks in good form, and always names cell 5."""

    name = "stubborn"

    def act(self, views: Sequence[View]) -> list[Reply]:
        return [Reply("<think>51 win</think><answer>5</answer>", value=0.25) for _ in views]


def episodes() -> list[Episode]:
    """A perfect game, one lost by an illegal move, and one with hostile text."""
    perfect = PerfectPlayer()
    matches = [Match(0, (perfect, perfect)), Match(1, (Stubborn(), perfect)), Match(2, (Liar(), perfect))]
    return sorted(play(game_named("tic-tac-toe"), matches, seed=3), key=lambda episode: episode.number)


def fake_run(root: Path, name: str = "fake") -> RunFolder:
    """A run that has recorded these games."""
    run = create_run(root, name, Config())
    FileLogger(run).episodes(5, episodes())
    return run
