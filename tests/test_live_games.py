"""Games move by move for whoever watches: the same as the record, bounded, and never in the way of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.episode import Turn
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import game_named
from training import live_games
from training.live_games import LIVE, MAX_BYTES, LiveGames

GAME = game_named("tic-tac-toe")


def games(live: LiveGames, step: int, first: int, count: int) -> dict[int, list[int]]:
    """The moves played, by the number of the game."""
    told = live.iteration(step, first, count)
    matches = [Match(first + n, (RandomPlayer(), RandomPlayer()), (4,)) for n in range(count)]
    return {e.number: [turn.verdict.action for turn in e.turns] for e in play(GAME, matches, seed=1, on_turn=told)}


def test_every_turn_of_a_few_games_is_there_in_order(tmp_path: Path) -> None:
    played = games(LiveGames(tmp_path, 4), 7, 100, 40)
    rows = [json.loads(line) for line in (tmp_path / LIVE).read_text().splitlines()]
    assert {row["number"] for row in rows} == {100, 110, 120, 130}
    assert {(row["step"], tuple(row["players"])) for row in rows} == {(7, ("random",) * 2)}
    for number in (100, 110, 120, 130):
        of_it = [row for row in rows if row["number"] == number]
        assert [row["verdict"]["action"] for row in of_it] == played[number]
        # each row stands by itself: whoever comes in the middle knows where the game stands
        assert [row["history"] for row in of_it] == [[4, *played[number][:ply]] for ply in range(len(of_it))]
    assert all("<answer>" in row["reply"]["text"] and "tokens" not in row["reply"] for row in rows)


def test_a_large_file_is_begun_anew_between_iterations(tmp_path: Path) -> None:
    (tmp_path / LIVE).write_bytes(b"x" * (MAX_BYTES + 1))
    before = (tmp_path / LIVE).stat().st_ino
    games(LiveGames(tmp_path), 0, 0, 4)
    assert (tmp_path / LIVE).stat().st_size < 10_000
    assert (tmp_path / LIVE).stat().st_ino != before
    size = (tmp_path / LIVE).stat().st_size
    games(LiveGames(tmp_path), 1, 4, 4)
    assert (tmp_path / LIVE).stat().st_size > size


def test_what_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    assert len(games(LiveGames(tmp_path / "nowhere"), 0, 0, 4)) == 4
    (tmp_path / LIVE).mkdir()
    assert len(games(LiveGames(tmp_path), 0, 0, 4)) == 4


def test_a_long_tournament_keeps_the_file_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_games, "MAX_BYTES", 5000)
    live, games_of = LiveGames(tmp_path), []

    def told(match: Match, turn: Turn) -> None:
        live.turn(0, match, turn)
        games_of.append((tmp_path / LIVE).stat().st_size)

    list(play(GAME, [Match(n, (RandomPlayer(), RandomPlayer())) for n in range(40)], seed=1, on_turn=told))
    assert max(games_of) < 4 * 5000 + 1000
