"""What runs write, as it is written: in order, once, whole, and bounded whatever is in the files."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from agents.arena_players import arena_player
from agents.episode import Turn
from agents.play import Clock, Match, play
from agents.random_player import RandomPlayer
from envs import game_named
from envs.arena import Arena
from tests.fake_answers import Pupil, answers
from tests.fake_run import fake_run
from training.live_games import LIVE, LiveGames
from training.loggers import FileLogger
from training.presets import PRESETS
from training.run_folder import EVENTS, METRICS, RunFolder, create_run
from xueba import tail as tail_module
from xueba.tail import RING, Tail

Events = list[tuple[int, str, dict[str, Any]]]


def followed(root: Path, write: Callable[[Tail], Awaitable[None]], seconds: float = 6.0) -> Events:
    """The events that a reader gets while `write` is at work."""

    async def run() -> Events:
        tail, found = Tail(root), []
        following = asyncio.create_task(tail.follow())
        await asyncio.sleep(0.3)

        async def read() -> None:
            found.extend([event async for events in tail.stream(None) for event in events])

        reading = asyncio.create_task(read())
        await asyncio.sleep(0)
        await asyncio.wait_for(write(tail), seconds)
        await asyncio.sleep(0.25)
        tail.close()
        await following
        await reading
        return found

    return asyncio.run(run())


def test_metrics_events_and_games_come_as_they_are_written(tmp_path: Path) -> None:
    run = fake_run(tmp_path)

    async def write(_: Tail) -> None:
        for step in range(3):
            run.append(METRICS, [{"step": step, "time": 0.0, "eval/score": step / 2}])
            await asyncio.sleep(0.12)
        run.append(EVENTS, [{"step": 2, "time": 0.0, "kind": "alarm", "text": "it collapses"}])

    found = followed(tmp_path, write)
    assert [data["row"]["step"] for _, kind, data in found if kind == "metrics"] == [0, 1, 2]
    assert [data["row"]["text"] for _, kind, data in found if kind == "event"] == ["it collapses"]
    numbers = [number for number, _, _ in found]
    assert numbers == sorted(set(numbers))


def test_every_move_of_a_live_game_comes_with_its_board(tmp_path: Path) -> None:
    run = fake_run(tmp_path)
    game, player = game_named("tic-tac-toe"), RandomPlayer()
    delays: list[float] = []

    async def write(_: Tail) -> None:
        def played() -> None:
            told = LiveGames(run.path, 1).iteration(3, 0, 1)
            list(play(game, [Match(0, (player, player))], seed=1, on_turn=told))

        await asyncio.to_thread(played)

    began = time.time()
    found = followed(tmp_path, write)
    plies = [data for _, kind, data in found if kind == "ply"]
    episode = next(play(game, [Match(0, (player, player))], seed=1))
    assert [data["turn"]["answer"] for data in plies] == [game.moves[move] for move in episode.history]
    assert [data["at"] for data in plies] == list(range(len(episode.history)))
    assert [data["over"] for data in plies] == [False] * (len(plies) - 1) + [True]
    stones = [sum(c != "." for row in data["board"]["rows"] for c in row) for data in plies]
    assert stones == list(range(1, len(plies) + 1))
    delays += [began - data["time"] for data in plies]
    assert max(delays) < 1


def test_a_tournament_is_seen_move_by_move_with_both_boards(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "tournament.json").write_text(json.dumps({"kind": "arena", "world": "arena:no_referee"}))
    seats = arena_player("bender:pawn_as_knight"), arena_player("believer")
    live = LiveGames(folder)

    async def write(_: Tail) -> None:
        def played() -> None:
            def told(match: Match, turn: Turn) -> None:
                live.turn(0, match, turn)
                time.sleep(0.01)

            list(play(Arena("no_referee"), [Match(0, seats)], seed=1, clock=Clock(30), on_turn=told))  # type: ignore[arg-type]

        await asyncio.to_thread(played)

    plies = [data for _, kind, data in followed(tmp_path, write) if kind == "ply"]
    assert [data["at"] for data in plies][:6] == list(range(6))
    flagged = [data for data in plies if data["turn"]["verdict"]["kind"] == "pawn_as_knight"]
    assert flagged[0]["turn"]["ruling"]["article"]
    assert any("agreed" in data and data["agreed"]["rows"] != data["board"]["rows"] for data in plies)


def test_a_question_comes_with_its_marks_and_of_many_wrong_answers_one_in_words(tmp_path: Path) -> None:
    run = create_run(tmp_path, "sums", PRESETS["addition"])
    told = answers()

    async def write(_: Tail) -> None:
        live = LiveGames(run.path)
        for episode in told:
            match = Match(episode.number, (Pupil(), Pupil()), episode.opening)
            await asyncio.to_thread(live.turn, 5, match, episode.turns[0])
        await asyncio.sleep(0.3)
        FileLogger(run).episodes(5, told)

    found = followed(tmp_path, write)
    sheets = [data["sheet"] for _, kind, data in found if kind == "ply"]
    assert [sheet["grade"].partition(" ")[2] for sheet in sheets] == [
        *("right", "wrong", "guessed", "valid but wrong", "malformed", "malformed")
    ]
    assert "+" in sheets[0]["question"]
    assert {step["mark"] for step in sheets[0]["steps"]} == {"right"}
    assert sheets[1]["steps"][-1]["mark"] == "wrong"
    assert sheets[1]["answer"] == "777"
    ended = [data for _, kind, data in found if kind == "game"]
    assert [data["returns"][0] for data in ended] == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert [bool(data["sheet"]) for data in ended] == [False] * 5 + [True]


def test_of_more_moves_than_anybody_can_follow_the_last_are_told(tmp_path: Path) -> None:
    run = fake_run(tmp_path)
    game, player = game_named("tic-tac-toe"), RandomPlayer()

    async def write(tail: Tail) -> None:
        told = LiveGames(run.path, 400).iteration(3, 0, 400)
        matches = [Match(number, (player, player)) for number in range(400)]
        await asyncio.to_thread(lambda: list(play(game, matches, seed=1, on_turn=told)))
        number = -1
        while number != tail.number:  # on a busy machine the last of it is read later
            number = tail.number
            await asyncio.sleep(1)

    plies = [data for _, kind, data in followed(tmp_path, write, 60) if kind == "ply"]
    assert 0 < len(plies) < 2000
    assert any(data["over"] for data in plies)


def test_hostile_lines_are_passed_over(tmp_path: Path) -> None:
    run = fake_run(tmp_path)
    lines: list[object] = [
        [],
        {"seat": "x"},
        {"step": 1, "time": 0, "number": 1, "players": [], "opening": [99], "seat": 0, "reply": {}, "verdict": {}},
        {
            "step": 1, "time": 0, "number": 2, "players": ["a", "b"], "opening": [], "seat": 1 << 80,
            "reply": {"text": "<script>", "policy": ["x"]}, "verdict": {"kind": "legal", "action": 4, "reason": ""},
        },
        {
            "step": 1, "time": 0, "number": 3, "players": ["a", "b"], "opening": [], "seat": 0,
            "reply": {"text": "x"}, "verdict": {"kind": "legal", "action": 4444, "reason": ""},
        },
    ]  # fmt: skip

    async def write(_: Tail) -> None:
        text = b"\xff\xfe\n" + b"[" * 50_000 + b"\n" + b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        with (run.path / LIVE).open("ab") as file:
            file.write(text + b"half a li")
        with (run.path / METRICS).open("ab") as file:
            file.write(b"x" * (3 << 20) + b"\n" + b'{"step": 7}\n')
        await asyncio.sleep(0.6)

    found = followed(tmp_path, write)
    assert [kind for _, kind, _ in found if kind == "ply"] == []
    assert [data["row"]["step"] for _, kind, data in found if kind == "metrics"] == [7]


def test_runs_that_come_and_go_disturb_nobody(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tail_module, "ROUND", 0.1)

    async def write(_: Tail) -> None:
        first = fake_run(tmp_path, "first")
        await asyncio.sleep(0.4)
        first.append(METRICS, [{"step": 1, "time": 0.0}])
        await asyncio.sleep(0.3)
        for path in sorted(first.path.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        first.path.rmdir()
        await asyncio.sleep(0.3)
        second = fake_run(tmp_path, "second")
        await asyncio.sleep(0.4)
        second.append(METRICS, [{"step": 2, "time": 0.0}])

    found = followed(tmp_path, write)
    seen = [(data["run"], data["row"]["step"]) for _, kind, data in found if kind == "metrics"]
    assert seen == [("first", 1), ("second", 2)]


def events(stream: AsyncIterator[Any], count: int) -> Callable[[], Awaitable[list[Any]]]:
    async def read() -> list[Any]:
        found: list[Any] = []
        while len(found) < count:
            found += await asyncio.wait_for(anext(stream), 2)
        return found

    return read


def test_whoever_comes_back_goes_on_where_it_was_or_looks_anew(tmp_path: Path) -> None:
    async def run() -> None:
        tail = Tail(tmp_path)
        for number in range(10):
            tail.tell("event", {"n": number})
        later = await events(tail.stream(7), 3)()
        assert [number for number, _, _ in later] == [8, 9, 10]
        assert (await events(tail.stream(99), 1)())[0][1] == "reset", "a number from before the server began"
        for number in range(RING + 5):
            tail.tell("event", {"n": number})
        (first, *_) = await events(tail.stream(7), 1)()
        assert first[:2] == (tail.number, "reset")
        slow = tail.stream(tail.number)
        tail.tell("event", {})
        assert (await events(slow, 1)())[0][0] == tail.number
        for number in range(2 * RING):
            tail.tell("event", {"n": number})
        assert (await events(slow, 1)())[0][1] == "reset"
        tail.close()
        assert [events async for events in tail.stream(None)] == []

    asyncio.run(run())


def test_a_silent_stream_says_that_it_is_alive(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tail_module, "BEAT", 0.05)

    async def run() -> None:
        stream = Tail(tmp_path).stream(None)
        assert await asyncio.wait_for(anext(stream), 2) == []

    asyncio.run(run())


def test_rows_are_those_of_the_run_folder(tmp_path: Path) -> None:
    run = RunFolder(fake_run(tmp_path).path)
    run.append(METRICS, [{"step": 1}])
    assert list(run.rows(METRICS)) == run.metrics() == [{"step": 1}]
