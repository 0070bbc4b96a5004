"""Schedules, the runner, and kill -9: the same result as without, and nobody asked twice."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import chess
import pytest

from agents.agent import Reply, View
from agents.append_only import held
from agents.arena_players import arena_player
from agents.episode import Episode, to_record
from agents.play import Clock
from agents.ratings import Pair
from agents.tournament import EPISODES, EVENTS, FORMATS, Plan, Runner, read_episodes, results_of
from envs.arena import Arena
from tests.fake_chat_server import FakeChatServer
from tests.test_append_only import full_from
from tests.test_chat import first_legal
from xueba.__main__ import main
from xueba.reports import write_reports

NAMES = tuple("abcdefgh")


def pairings(plan: Plan, results: Sequence[Pair] = (), number: int = 0) -> list[tuple[int, int]]:
    return [(f.first, f.second) for f in plan.round(number, results)]


def test_everybody_meets_everybody_once_with_each_colour() -> None:
    plan = Plan(NAMES[:5], games=4, openings=3)
    fixtures = plan.round(0, [])
    assert sorted(f.number for f in fixtures) == list(range(40))
    met = Counter((f.first, f.second) for f in fixtures)
    assert set(met.values()) == {2}
    assert len(met) == 20
    # the two games of a pair begin alike
    openings = {f.number: f.opening for f in fixtures}
    assert all(openings[n] == openings[n + 1] for n in range(0, 40, 2))
    assert len(set(openings.values())) == 2


def test_a_gauntlet_is_the_first_against_all_others() -> None:
    assert pairings(Plan(NAMES[:4], "gauntlet")) == [(0, 1), (1, 0), (0, 2), (2, 0), (0, 3), (3, 0)]


@pytest.mark.parametrize("count", [2, 4, 5, 7, 8])
def test_swiss_pairs_like_with_like_and_nobody_twice(count: int) -> None:
    plan = Plan(NAMES[:count], "swiss")
    results: list[Pair] = []
    met: Counter[frozenset[int]] = Counter()
    points = dict.fromkeys(range(count), 0)
    numbers: list[int] = []
    for number in range(plan.length):
        fixtures = plan.round(number, results)
        numbers += [f.number for f in fixtures]
        pairs = {frozenset((f.first, f.second)) for f in fixtures}
        assert len({one for pair in pairs for one in pair}) == 2 * len(pairs) == count // 2 * 2
        for pair in pairs:
            met[pair] += 1
            strong, weak = sorted(pair)
            points[strong] += 2
            results.append(Pair(NAMES[strong], NAMES[weak], 2))
    assert max(met.values()) == 1
    assert sorted(numbers) == list(range(len(numbers))), "numbers are never used twice"
    # the better one always wins, so the best has won all
    assert max(points, key=lambda one: points[one]) == 0


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"players": ("a",)}, "two players"),
        ({"players": ("a", "a")}, "twice"),
        ({"games": 3}, "even"),
        ({"games": 0}, "even"),
        ({"format": "knockout"}, "no format"),
    ],
)
def test_plans_that_make_no_sense(changes: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Plan(**({"players": ("a", "b")} | changes))  # type: ignore[arg-type]


def runner(
    folder: Path, *, workers: int = 1, names: tuple[str, ...] = ("honest", "random", "liar"), **more: object
) -> Runner:
    folder.mkdir(exist_ok=True)
    arena = Arena("explain")
    players = {name: arena_player(name) for name in names}
    plan = Plan(names, **more)  # type: ignore[arg-type]
    return Runner(folder, plan, arena, players, seed=3, retries=2, clock=Clock(plies=24), workers=workers)


def games(folder: Path) -> list[str]:
    return sorted(json.dumps(to_record(episode)) for episode in read_episodes(folder / EPISODES))


@pytest.mark.parametrize("form", FORMATS)
def test_the_result_does_not_depend_on_how_many_play_at_once(tmp_path: Path, form: str) -> None:
    for workers in (1, 4):
        runner(tmp_path / f"{workers}", workers=workers, format=form).run()
    assert games(tmp_path / "1") == games(tmp_path / "4") != []
    assert list((tmp_path / "1" / "turns").iterdir()) == [], "journals go once their game is whole"


@dataclass
class Failing:
    """Plays as random until its machinery fails, once."""

    name: str = "failing"
    faults: list[int] = field(default_factory=lambda: [3])
    asked: int = 0

    def act(self, views: Sequence[View]) -> list[Reply]:
        self.asked += 1
        if self.asked in self.faults:
            raise ConnectionError("the cable is out")
        return arena_player("random").act(views)


def test_a_fault_stops_one_game_and_is_no_move_and_no_loss(tmp_path: Path) -> None:
    whole = runner(tmp_path / "whole", names=("random", "honest"), games=4)
    expected = [episode.history for episode in whole.run()]
    broken = runner(tmp_path / "broken", names=("random", "honest"), games=4)
    failing = Failing("random")
    broken.players = {**broken.players, "random": failing}
    found = broken.run()
    assert len(found) == 3
    assert list(broken.faults.values()) == ["ConnectionError: the cable is out"]
    assert "the cable is out" in (tmp_path / "broken" / EVENTS).read_text()
    again = runner(tmp_path / "broken", names=("random", "honest"), games=4)
    assert [episode.history for episode in again.run()] == expected
    # one game was left after two replies of each; these were not asked for again
    assert failing.asked == 1 + sum(len(history) // 2 for history in expected) - (len(expected[0]) // 2 - 2)


def test_results_are_counted() -> None:
    def game(first: str, second: str, result: float) -> Episode:
        return Episode("arena:strict", 0, 0, (first, second), (), (), (), (result, -result), "rules")

    found = results_of([game("a", "b", 1), game("a", "b", 0), game("b", "a", -1)])
    assert found == [Pair("a", "b", 1, 1, 0), Pair("b", "a", 0, 0, 1)]


def test_damaged_and_doubled_games_are_named(tmp_path: Path) -> None:
    runner(tmp_path / "t", names=("honest", "random")).run()
    path = tmp_path / "t" / EPISODES
    data = path.read_bytes()
    first = data[: data.index(b"\n") + 1]
    for damaged, told in (
        (b"x" + data, "line 1: Expecting"),
        (data + b"{}\n", "line 3: an episode of schema"),
        (data + first, "line 3: game 0 is there twice"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=told):
            read_episodes(path)
        assert path.read_bytes() == damaged


def test_whoever_reads_a_tournament_changes_nothing_and_whoever_plays_it_mends_it(tmp_path: Path) -> None:
    expected = runner(tmp_path / "t", names=("honest", "random")).run()
    path = tmp_path / "t" / EPISODES
    data = path.read_bytes()
    cut = data[:-50]  # as a reader finds it while the second game is written
    path.write_bytes(cut)
    assert read_episodes(path) == expected[:1]
    write_reports(tmp_path / "t")
    again = runner(tmp_path / "t", names=("honest", "random"))
    assert path.read_bytes() == cut
    assert again.run() == expected
    assert path.read_bytes() == data


def test_one_process_plays_a_tournament_at_a_time(tmp_path: Path) -> None:
    first, second = (runner(tmp_path / "t", names=("honest", "random")) for _ in range(2))
    with held(tmp_path / "t", ""), pytest.raises(RuntimeError, match="being played by another process"):
        first.run()
    expected = first.run()
    # whoever comes after the first one has finished plays nothing again, though it began before
    second.players = {}
    assert second.run() == expected == read_episodes(tmp_path / "t" / EPISODES)


def test_a_disk_that_is_full_for_a_while_stops_one_game_and_loses_none(tmp_path: Path) -> None:
    expected = runner(tmp_path / "whole", names=("honest", "random"), games=4).run()
    path = tmp_path / "full" / EPISODES
    broken = runner(tmp_path / "full", names=("honest", "random"), games=4)
    with contextlib.ExitStack() as full:

        def over(episode: Episode) -> None:
            if episode.number == 0:  # of the next one a part goes out
                full.enter_context(full_from(path.stat().st_size + 500))

        broken.on_game, broken.on_fault = over, lambda *_: full.close()
        assert [episode.number for episode in broken.run()] == [0, 2, 3]
    assert "too large" in broken.faults[1]
    assert len(read_episodes(path)) == 3
    assert runner(tmp_path / "full", names=("honest", "random"), games=4).run() == expected


def test_a_fault_that_cannot_be_written_down_ends_no_other_game(tmp_path: Path) -> None:
    broken = runner(tmp_path / "t", names=("random", "honest"), games=4)
    (tmp_path / "t" / EVENTS).mkdir()
    broken.players = {**broken.players, "random": Failing("random")}
    assert len(broken.run()) == 3
    assert list(broken.faults.values()) == ["ConnectionError: the cable is out"]


def test_a_reply_of_another_opening_is_not_played(tmp_path: Path) -> None:
    first = runner(tmp_path / "t", names=("honest", "random"))
    first.openings = [first.world.actions_of([chess.Move.from_uci(move) for move in ("e2e4", "e7e5")])]
    told: list[object] = []
    first.on_turn = lambda *turn: (told.append(turn), first.stop())[0]
    assert first.run() == []
    assert told
    again = runner(tmp_path / "t", names=("honest", "random"))
    again.openings = [first.world.actions_of([chess.Move.from_uci(move) for move in ("g1f3", "g8f6")])]
    assert [episode.number for episode in again.run()] == [1]
    assert "ply 2 was given in another position" in again.faults[0]


def test_what_is_decided_is_not_played_on(tmp_path: Path) -> None:
    for _ in range(2):
        decided = runner(tmp_path / "t", names=("honest", "random"), games=8)
        decided.enough = lambda episodes: len(episodes) >= 3
        assert len(decided.run()) == 3


def command(url: str, runs: Path, *more: str) -> subprocess.Popen[bytes]:
    words = ["arena", f"chat:fake@{url}?pause=0.01", "honest", "random", "--name", "t", "--plies", "16", "--games", "4"]
    words = words if not more else ["arena", *more]
    code = "import sys; from xueba.__main__ import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words, "--workers", "2", "--runs", str(runs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "NO_COLOR": "1"},
    )


@pytest.mark.slow
def test_kill_9_at_any_instant_then_resume(tmp_path: Path) -> None:
    """The same games as without, and no reply that had arrived is asked for again."""
    pytest.importorskip("openai")
    with FakeChatServer(first_legal, delay=0.06) as server:
        process = command(server.url, tmp_path / "whole")
        said = process.communicate(timeout=120)[0].decode()
        assert process.returncode == 0, said
        asked_whole = len(server.requests)
    rng = random.Random(5)
    with FakeChatServer(first_legal, delay=0.06) as server:
        runs, kills = tmp_path / "killed", 0
        process = command(server.url, runs)
        while kills < 12:
            time.sleep(rng.uniform(1.2, 1.9))
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            text = (runs / "t" / "tournament.json").exists()
            # the address is another one than that of the whole tournament, and so part of the name: compare moves
            process = command(server.url, runs, "--resume", "t") if text else command(server.url, runs)
        said = process.communicate(timeout=120)[0].decode()
        assert process.returncode == 0, said
        twice = {key: count for key, count in server.delivered.items() if count > 1}
        asked = len(server.requests)
    assert kills >= 2
    moves = [
        {e.number: (e.history, e.returns, e.ending) for e in read_episodes(runs / "t" / EPISODES)}
        for runs in (tmp_path / "whole", tmp_path / "killed")
    ]
    assert moves[0] == moves[1]
    # a reply that was on its way when its reader was killed never arrived: each kill may lose one of each worker's
    assert len(twice) <= 2 * kills
    assert asked - asked_whole <= 2 * kills


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("honest", "two players"),
        ("honest honst", "did you mean"),
        ("honest bender:knigth", "no class of illegal move"),
        ("honest random --start nonsense", "is no FEN"),
        ("honest random --start 8/8/8/8/8/8/8/8_w_-_-_0_1", "no king"),
        ("honest random --chess960 960", "0 to 959"),
        ("honest random --openings nothing.pgn", "No such file"),
        ("honest uci:/no/such/engine", "no engine"),
        ("honest uci:stockfish?skil=3", "did you mean"),
        ("honest chat:m@http://127.0.0.1:9/v1?timeout=1&retries=0", "127.0.0.1"),
        ("honest random --games 3", "even"),
        ("honest random liar --sprt 0 10", "two players"),
        ("honest random --anchor nobody=1500", "does not play"),
        ("honest random --anchor honest", "PLAYER=ELO"),
        ("honest random --anchor honest=nan", "PLAYER=ELO"),
        ("honest random --games 8 --sprt 10 0", "the lower first"),
        ("honest random --games 8 --sprt 5 5", "the lower first"),
        ("honest random --games 8 --sprt 0 nan", "the lower first"),
        ("honest random --sprt 0 20", "28 games at the very earliest"),
        ("honest random --games 100000000", "up to 100000"),
        ("honest random liar --games 40000", "120000 games in all"),
        ("honest random --format swiss --rounds 1000000000", "up to 100000"),
        ("honest random --start 8/8/8/4k3/8/4K3/8/8_w_-_-_0_1", "over already"),
        ("honest random --name ../x", "no name for a run"),
        ("honest random --workers 0", "--workers"),
    ],
)
def test_bad_input_is_named_before_the_first_move(
    words: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "uci:stock" in words and not any(Path(p, "stockfish").exists() for p in ("/usr/games", "/usr/bin")):
        pytest.skip("no stockfish")
    monkeypatch.chdir(tmp_path)
    given = [word.replace("_", " ") if "/8/" in word else word for word in words.split()]
    assert main(["arena", *given]) in (1, 2)
    assert fault in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "runs").exists()


def test_openings_of_a_file_are_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lines.txt").write_text("e4 e5 Nf3 # open\n\n1. d4 d5\n")
    words = ["arena", "honest", "random", "--games", "4", "--plies", "8", "--name", "t", "--runs", str(tmp_path)]
    assert main([*words, "--openings", str(tmp_path / "lines.txt")]) == 0
    found = read_episodes(tmp_path / "t" / EPISODES)
    assert [len(episode.opening) for episode in sorted(found, key=lambda e: e.number)] == [3, 3, 2, 2]
    capsys.readouterr()
    for text, fault in (
        ("e4 e6 Ke3", "line 1: 'Ke3'"),
        ("", "holds no opening"),
        ('[Event "x"]\n\n1. e4 Ke3 *', "game 1"),
    ):
        (tmp_path / "bad.txt").write_text(text)
        assert main([*words[:-4], "--openings", str(tmp_path / "bad.txt"), "--runs", str(tmp_path)]) == 1
        assert fault in capsys.readouterr().err
    deep = '[Event "deep"]\n\n1. e4 ' + "(1. d4 " * 20_000 + ")" * 20_000 + " e5 *\n"
    (tmp_path / "deep.pgn").write_text(deep)
    assert main([*words[:-4], "--openings", str(tmp_path / "deep.pgn"), "--name", "deep", "--runs", str(tmp_path)]) == 0
    assert [len(e.opening) for e in read_episodes(tmp_path / "deep" / EPISODES)] == [2] * 4


def test_the_number_of_a_chess960_position_is_played(tmp_path: Path) -> None:
    words = ["arena", "honest", "random", "--chess960", "0", "--plies", "6", "--name", "t", "--runs", str(tmp_path)]
    assert main(words) == 0
    (first, _) = read_episodes(tmp_path / "t" / EPISODES)
    assert first.game == f"arena:explain:960:{chess.Board.from_chess960_pos(0).fen()}"
    pgn = (tmp_path / "t" / "games.pgn").read_text()
    assert re.search(r'\[Variant "Chess960"\]', pgn)
