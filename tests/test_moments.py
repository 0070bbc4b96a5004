"""What the first page shows of a run: its last moves, the games that stand out, a tournament's standings."""

from __future__ import annotations

from pathlib import Path

from agents.episode import Episode
from agents.play import Match, play
from agents.random_player import RandomPlayer
from agents.susceptibility import figures
from envs import game_named
from envs.ruling import FALSE
from tests.fake_answers import fake_answers
from tests.fake_run import fake_run
from tests.test_index import arena, arena_episode
from training.live_games import LIVE, LiveGames
from xueba import answers, demo, index, moments


def test_the_last_moves_of_the_last_games_are_there_at_once(tmp_path: Path) -> None:
    run, game, player = fake_run(tmp_path), game_named("tic-tac-toe"), RandomPlayer()
    assert moments.last_moves(run.path) == []
    episodes: list[Episode] = []
    for number in range(6):
        told = LiveGames(run.path, 1).iteration(7, number, 1)
        episodes += play(game, [Match(number, (player, player))], seed=number, on_turn=told)
    with (run.path / LIVE).open("ab") as file:
        file.write(b'{"number": 9}\n[1]\n{"number":')
    found = moments.last_moves(run.path)
    assert [ply["number"] for ply in found] == [2, 3, 4, 5]
    assert [ply["at"] for ply in found] == [len(episode.history) - 1 for episode in episodes[2:]]
    assert all(ply["over"] and ply["board"] and ply["run"] == "fake" for ply in found)
    (run.path / LIVE).write_bytes((b"x" * 100 + b"\n") * 4000 + (run.path / LIVE).read_bytes()[-2000:])
    assert [ply["number"] for ply in moments.last_moves(run.path)][-1] == 5, "only the end is read"


def test_the_games_that_stand_out_are_the_reports(tmp_path: Path) -> None:
    fake_run(tmp_path)
    fake_answers(tmp_path, "sums")
    index.update(tmp_path)
    found = answers.boards(tmp_path, {"run": "fake"})["standing_out"]
    assert [(one["why"], one["game"]) for one in found] == [("the newest that a refused reply has ended", 3)]
    assert found[0]["ply"]["turn"]["verdict"]["kind"] == "malformed"
    assert found[0]["ply"]["board"]
    sums = answers.boards(tmp_path, {"run": "sums"})["standing_out"]
    assert [one["why"] for one in sums][:2] == ["right, with the most reasoning", "the newest that is not right"]
    assert len({one["game"] for one in sums}) == len(sums)


def test_a_tournament_stands_as_its_report_says(tmp_path: Path) -> None:
    episodes = [arena_episode(number) for number in range(3)] + list(demo.games().values())
    arena(tmp_path, "match", episodes)
    index.update(tmp_path)
    found = answers.standings(tmp_path, {"run": "match"})
    assert found["games"] == len(episodes)
    told = {one["name"]: (one["games"], one["illegal"], one["false"]) for one in found["players"]}
    reported = figures(episodes)
    assert told == {name: (one.games, one.illegal, one.claims[FALSE]) for name, one in reported.items()}
    assert sum(one["points"] for one in found["players"]) == len(episodes)
    assert sum(illegal for _, illegal, _ in told.values()) > 0
    worst = found["worst"]
    assert worst["kind"] == "missing_piece", "of all classes the worst"
    board = answers.boards(tmp_path, {"run": "match"})["standing_out"][0]
    assert (board["why"], board["game"], board["at_reply"]) == ("the worst moment", worst["game"], worst["at"])
    assert board["ply"]["turn"]["ruling"]["kind"] == "missing_piece"


def test_where_nothing_was_played_nothing_is_told(tmp_path: Path) -> None:
    arena(tmp_path, "match", [])
    assert answers.boards(tmp_path, {"run": "match"}) == {"last": [], "standing_out": []}, "there is no index yet"
    index.update(tmp_path)
    assert answers.standings(tmp_path, {"run": "match"}) == {"games": 0, "players": [], "worst": None}
    assert answers.boards(tmp_path, {"run": "match"}) == {"last": [], "standing_out": []}
