"""What the runs in a folder write, as it is written: numbered events for whoever looks on. It only ever reads.

Events are kept in a ring; whoever comes back says the number of the last one it has seen, and is told to look anew
(`reset`) where that is too long ago. A slow reader costs nothing: it has a place in the ring, and no queue of its own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from agents.episode import Episode, Turn, from_record, turn_from
from envs import game_named
from envs.arena import Arena, arena_named
from envs.game import replay
from envs.problems import PROBLEMS
from training.live_games import LIVE
from training.run_folder import EPISODES, EVENTS, METRICS, WARM_UP
from xueba import index
from xueba.shown import board, shown_answer, shown_briefly, shown_reply, shown_turn

RING = 2000
TICK = 0.05
"""seconds between two looks at the runs that are being written"""
ROUND = 1.0
"""seconds between two looks at all of them"""
LIVELY = 600.0
"""seconds without news after which a run is looked at only once a round"""
MAX_READ = 1 << 20
"""bytes of new lines read from a file at once; more are the next tick's"""
MAX_LINE = 1 << 20
MAX_PLIES, MAX_GAMES = 24, 8
"""moves told at each look; of more, one each of so many games"""
BEAT = 10.0
"""seconds of silence after which a stream says that it is alive"""

Event = tuple[int, str, dict[str, Any]]


@dataclass(slots=True)
class _File:
    """How far one growing file has been read."""

    path: Path
    inode: int = -1
    end: int = 0

    def news(self, *, from_start: bool) -> list[dict[str, Any]]:
        """The whole lines that are new; a file met for the first time is passed over unless `from_start`."""
        try:
            now = self.path.stat()
            if now.st_ino == self.inode and now.st_size == self.end:
                return []
            if now.st_ino != self.inode or now.st_size < self.end:
                first = self.inode == -1 and not from_start
                self.inode, self.end = now.st_ino, now.st_size if first else 0
            with self.path.open("rb") as file:
                file.seek(self.end)
                text = file.read(MAX_READ)
        except OSError:
            return []
        whole = text.rfind(b"\n") + 1
        if not whole and len(text) == MAX_READ:
            whole = len(text)  # a line longer than anything we write: not ours
        self.end += whole
        return [row for line in text[:whole].splitlines() if (row := _object(line)) is not None]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


@dataclass(slots=True)
class _Run:
    folder: Path
    world: str = ""
    files: dict[str, _File] = field(default_factory=dict)
    fresh: float = 0.0
    """when it last had news"""


class Tail:
    """Looks at the runs in `root` until it is closed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.closed = False
        self.number = 0
        self._ring: deque[Event] = deque(maxlen=RING)
        self._runs: dict[str, _Run] = {}
        self._news = asyncio.Event()
        self._stale = True
        """there are games that the index does not know yet"""
        self._indexing: asyncio.Task[None] | None = None
        self._share = 0.0
        """of what is to be read, while the index is brought up to date"""

    def close(self) -> None:
        """End all streams."""
        self.closed = True
        self._news.set()

    async def stream(self, since: int | None) -> AsyncIterator[list[Event]]:
        """Events after number `since` (None: from now on), all that there are at a time; ends when the tail is closed.

        None at all is a sign of life. Sent one by one to a client that has just gone, each would fail by itself.
        """
        at = self.number if since is None else since
        oldest = self._ring[0][0] if self._ring else self.number + 1
        if since is not None and (since > self.number or since + 1 < oldest):
            at = self.number
            yield [(at, "reset", {})]
        while not self.closed:
            behind = self.number - at
            if behind > len(self._ring):
                at = self.number
                yield [(at, "reset", {})]
                continue
            if behind:
                at = self.number
                yield list(self._ring)[len(self._ring) - behind :]
            if self.number == at and not self.closed:
                news = self._news
                try:
                    await asyncio.wait_for(news.wait(), BEAT)
                except TimeoutError:
                    yield []

    async def follow(self) -> None:
        """Look, until closed."""
        first, last_round = True, 0.0
        while not self.closed:
            now = time.monotonic()
            whole = now - last_round >= ROUND
            if whole:
                last_round = now
                await asyncio.to_thread(self._find)
                self._keep_indexed()
            looked = [run for run in self._runs.values() if whole or now - run.fresh < LIVELY]
            for run in looked:
                for kind, data in self._look(run, from_start=not first, now=now):
                    self.tell(kind, data)
            first = False
            await asyncio.sleep(TICK)
        if self._indexing is not None:
            await self._indexing

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Put an event into the ring and wake whoever waits."""
        self.number += 1
        self._ring.append((self.number, kind, data))
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _find(self) -> None:
        """Meet new runs, forget those that are gone."""
        folders = {folder.name: folder for folder in index.run_folders(self.root)}
        for name in self._runs.keys() - folders.keys():
            del self._runs[name]
        for name in folders.keys() - self._runs.keys():
            self._runs[name] = _Run(folders[name], _world_of(folders[name]), fresh=time.monotonic())

    def _keep_indexed(self) -> None:
        """Bring the index up to date beside everything else, and say how far it is where that takes longer."""
        if self._indexing is not None and not self._indexing.done():
            self.tell("indexing", {"share": self._share})
        elif self._stale:
            self._stale, self._share = False, 0.0
            self._indexing = asyncio.create_task(self._reindex())

    async def _reindex(self) -> None:
        def read(done: int, of: int) -> None:
            if self.closed:
                raise InterruptedError
            self._share = done / max(1, of)

        try:
            await asyncio.to_thread(index.update, self.root, read)
            self.tell("indexed", {})
        except (OSError, ValueError):
            self._stale = True  # the folder is gone for a moment, or somebody holds the index

    def _look(self, run: _Run, *, from_start: bool, now: float) -> list[tuple[str, dict[str, Any]]]:
        found: list[tuple[str, dict[str, Any]]] = []
        readers: dict[str, Callable[[_Run, dict[str, Any]], tuple[str, dict[str, Any]] | None]] = {
            METRICS: _metrics,
            WARM_UP: _warm_up,
            EVENTS: _event,
            LIVE: _ply,
            EPISODES: _game,
        }
        for name, reader in readers.items():
            file = run.files.setdefault(name, _File(run.folder / name))
            rows = file.news(from_start=from_start)
            if name == EPISODES and run.world in PROBLEMS:
                _quote(rows)
            for row in _seen(rows) if name == LIVE else rows:
                event = reader(run, row)
                if event is not None:
                    found.append(event)
            if rows:
                run.fresh = now
                self._stale |= name == EPISODES
        return found


def _seen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of more moves than anybody can follow the last one of each of the last few games."""
    if len(rows) <= MAX_PLIES:
        return rows
    last = {row["number"]: row for row in rows if type(row.get("number")) is int}
    return list(last.values())[-MAX_GAMES:]


def told(folder: Path, rows: list[dict[str, Any]], world: str = "") -> list[dict[str, Any]]:
    """Replies as the stream tells them, out of lines as `live.jsonl` has them; the last one of each game."""
    run = _Run(folder, world or _world_of(folder))
    last = {row["number"]: row for row in rows if type(row.get("number")) is int}
    return [event[1] for row in last.values() if (event := _ply(run, row)) is not None]


def _quote(rows: list[dict[str, Any]]) -> None:
    """Tell in words what was asked and answered in the last of these answers that is not right: all take too long."""
    for row in reversed(rows):
        try:
            if row["returns"][0] < 1:
                row["sheet"] = shown_briefly(from_record(row))
                return
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
            continue


def _world_of(folder: Path) -> str:
    file, name = ("config.json", "game") if (folder / "config.json").is_file() else ("tournament.json", "world")
    try:
        world = json.loads((folder / file).read_bytes())[name]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return world if isinstance(world, str) else ""


def _metrics(run: _Run, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "metrics", {"run": run.folder.name, "row": row}


def _warm_up(run: _Run, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "warm-up", {"run": run.folder.name, "row": row}


def _event(run: _Run, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "event", {"run": run.folder.name, "row": row}


def _game(run: _Run, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    brief = {name: row.get(name) for name in ("step", "number", "players", "returns", "ending", "sheet")}
    return "game", {"run": run.folder.name, "called": _called(run, row.get("number")), **brief}


def _called(run: _Run, number: Any) -> Any:
    """What people call a game while nobody knows its line yet: fixtures of a tournament are counted from 1."""
    return number + 1 if run.world.startswith("arena:") and type(number) is int else number


def _ply(run: _Run, row: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """A reply in a game that is being played, with the board after it; nothing where the line is none of ours."""
    try:
        turn = turn_from(row)
        history = [int(move) for move in row["history"]]
        data = {
            "run": run.folder.name,
            "step": row["step"],
            "time": row["time"],
            "number": int(row["number"]),
            "called": _called(run, row["number"]),
            "players": [str(name) for name in row["players"]],
            "world": run.world,
            "at": len(history),
        }
        if run.world in PROBLEMS:
            return "ply", data | {"sheet": _sheet(run.world, data, history, turn), "over": True}
        after, over = (_table if run.world.startswith("arena:") else _grid)(run.world, history, turn)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        return None
    return "ply", data | after | {"over": over}


def _sheet(world: str, data: dict[str, Any], opening: list[int], turn: Turn) -> dict[str, Any]:
    """The question with its answer, line by line: a live line is the whole of it."""
    first, second = data["players"]
    asked = Episode(world, 0, data["number"], (first, second), tuple(opening), (turn,), (), (0.0, 0.0), "")
    return shown_answer(asked)


def _grid(world: str, history: list[int], turn: Turn) -> tuple[dict[str, Any], bool]:
    """The reply and the board after it, and whether the game is over."""
    game = game_named(world)
    before = replay(game, np.array([history], np.int64).reshape(1, -1))
    after, last = before, history[-1] if history else None
    if turn.verdict.action >= 0:
        last = turn.verdict.action
        after = game.step(before, np.array([last]))
    return {"turn": shown_turn(game, before, turn), "board": board(game, after, last)}, bool(game.done(after)[0])


@lru_cache(maxsize=16)
def _arena(world: str) -> Arena:
    """The table, which knows the positions that it has been asked for."""
    return arena_named(world)


def _table(world: str, history: list[int], turn: Turn) -> tuple[dict[str, Any], bool]:
    """The same at the arena's table; where the boards have parted, `agreed` is the one both believe in."""
    moves = history + ([turn.verdict.action] if turn.verdict.action >= 0 else [])
    at = _arena(world).position(moves)
    told = shown_reply(at, turn)
    boards: dict[str, Any] = {name: told.pop(name) for name in ("board", "agreed") if name in told}
    return {"turn": told, **boards}, at.result is not None
