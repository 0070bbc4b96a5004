"""An index over all runs in a folder: which games, plies, flags and claims there are, and where each stands.

The files of the runs are the truth; this is derived from them, kept in one SQLite file beside them, brought up to
date by reading what is new, and made again from nothing by `xueba reindex`. Training never needs it.

A flag is something that was wrong with a reply: its `kind` is the verdict's (a class of the referee, `malformed`,
`illegal`, ...) or `false_claim`, its `sub` what kind of that. Every row leads to its ply, and each ply to the line of
`episodes.jsonl` it is in. A game's `called` is the number under which people know it: that of its fixture in a
tournament, its line in a run.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from agents.pgn import ending_of
from envs.problem import GUESSED, RIGHT
from envs.problems import PROBLEMS
from envs.reply import parse_reply
from envs.ruling import FALSE
from envs.saying import parse_said
from training.run_folder import EPISODES
from xueba.tournaments import by_fixture, called

FILE = "index.sqlite"
VERSION = 2
MAX_LINE = 1 << 22
"""bytes of a line that is read; longer ones are passed over"""
_BATCH = 2000
_MARKERS = ("config.json", "tournament.json")

_SCHEMA = """
create table run(id integer primary key, name text unique not null, kind text not null, inode integer not null,
  end integer not null, lines integer not null, damaged integer not null);
create table game(id integer primary key autoincrement, run integer not null, line integer not null,
  called integer not null, at integer not null, size integer not null, step integer not null, number integer not null,
  world text not null, first text not null, second text not null, result real not null, ending text not null,
  plies integer not null, flags integer not null);
create unique index game_line on game(run, line);
create index game_called on game(run, called);
create index game_first on game(first);
create index game_second on game(second);
create table ply(id integer primary key autoincrement, game integer not null, ply integer not null,
  seat integer not null, answer text not null, kind text not null);
create index ply_game on ply(game);
create table flag(ply integer not null, game integer not null, player text not null, kind text not null,
  sub text not null, quote text not null, evidence text not null);
create index flag_kind on flag(kind, game);
create index flag_sub on flag(sub, game);
create index flag_player on flag(player, kind);
create index flag_game on flag(game);
create table claim(ply integer not null, game integer not null, player text not null, kind text not null,
  sub text not null, finding text not null, quote text not null, evidence text not null);
create index claim_kind on claim(kind, finding);
create index claim_game on claim(game);
create virtual table text using fts5(think, said, content='');
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What an update has done."""

    runs: int
    games: int
    plies: int
    damaged: int
    """lines that are no episode, in all runs together"""


@contextmanager
def opened(root: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """The index of the runs in `root`; one of another version is made anew.

    Raises:
        FileNotFoundError: there is none yet, and it is only to be read.
        ValueError: it is damaged; says how it is made again.
    """
    path = root / FILE
    if not write:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not there yet: make it with `xueba reindex`")
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
    else:
        connection = sqlite3.connect(path, timeout=30)
    try:
        with closing(connection):
            if write:
                if connection.execute("pragma user_version").fetchone()[0] != VERSION:
                    _make(connection)
                connection.execute("pragma journal_mode=wal")
                connection.execute("pragma synchronous=normal")
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path} cannot be used ({error}); make it again with `xueba reindex`") from error


def _make(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("begin immediate")
        # whoever came second finds it made
        if connection.execute("pragma user_version").fetchone()[0] == VERSION:
            return
        for (name,) in connection.execute(
            "select name from sqlite_master where type='table' and name not like 'sqlite_%' and name not like 'text_%'"
        ).fetchall():
            connection.execute(f'drop table if exists "{name}"')
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"pragma user_version={VERSION}")


def rebuild(root: Path, told: Callable[[int, int], None] = lambda done, of: None) -> Found:
    """Make the index again from nothing; `told` hears how many bytes of how many have been read.

    Raises:
        FileNotFoundError: there is no folder `root`.
    """
    for suffix in ("", "-wal", "-shm"):
        (root / f"{FILE}{suffix}").unlink(missing_ok=True)
    return update(root, told)


def update(root: Path, told: Callable[[int, int], None] = lambda done, of: None) -> Found:
    """Read what the runs in `root` have written since the last time; runs that are gone leave the index.

    Raises:
        FileNotFoundError: there is no folder `root`.
    """
    if not root.is_dir():
        raise FileNotFoundError(f"there are no runs in {root}; begin one: xueba train")
    folders = run_folders(root)
    with opened(root, write=True) as index:
        gone = {row["name"]: row["id"] for row in index.execute("select name, id from run")}
        for folder in folders:
            gone.pop(folder.name, None)
        for number in gone.values():
            with index:
                _forget(index, number)
                index.execute("delete from run where id=?", (number,))
        sizes = {folder: _size(folder / EPISODES) for folder in folders}
        done, games, plies = 0, 0, 0
        for folder in folders:
            for new_games, new_plies, read in _read_on(index, folder):
                games, plies = games + new_games, plies + new_plies
                told(done + read, sum(sizes.values()))
            done += sizes[folder]
        damaged = index.execute("select coalesce(sum(damaged), 0) from run").fetchone()[0]
    return Found(len(folders), games, plies, damaged)


def run_folders(root: Path) -> list[Path]:
    """The folders in `root` of runs and tournaments; links are none."""
    if not root.is_dir():
        return []
    folders = (path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
    return sorted(path for path in folders if any((path / marker).is_file() for marker in _MARKERS))


def began(folder: Path) -> float:
    """When a run or tournament was begun: its first file is not written again, whatever is added later."""
    for marker in _MARKERS:
        if (folder / marker).is_file():
            return (folder / marker).stat().st_mtime
    return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _forget(index: sqlite3.Connection, run: int) -> None:
    """Drop what is known of a run's games. Text stays in its table under numbers that are never used again."""
    games = "(select id from game where run=?)"
    for table in ("ply", "flag", "claim"):
        index.execute(f"delete from {table} where game in {games}", (run,))
    index.execute("delete from game where run=?", (run,))


def _read_on(index: sqlite3.Connection, folder: Path) -> Iterator[tuple[int, int, int]]:
    """(games, plies, bytes read so far) of each batch that has been put into the index."""
    path = folder / EPISODES
    kind = "arena" if (folder / "tournament.json").is_file() else "run"
    with index:
        index.execute("insert or ignore into run values(null, ?, ?, 0, 0, 0, 0)", (folder.name, kind))
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        now = os.fstat(file.fileno())
        while True:
            # one transaction a batch: whoever is killed, or comes at the same time, goes on where the last one ended
            with index:
                index.execute("begin immediate")
                run = index.execute("select * from run where name=?", (folder.name,)).fetchone()
                end, lines = run["end"], run["lines"]
                if run["inode"] != now.st_ino or end > now.st_size:
                    _forget(index, run["id"])
                    end = lines = 0
                    index.execute("update run set damaged=0 where id=?", (run["id"],))
                file.seek(end)
                batch = _Batch(index, run["id"], fixtures=by_fixture(folder))
                more = batch.read(file, end, lines)
                index.execute(
                    "update run set inode=?, end=?, lines=?, damaged=damaged+? where id=?",
                    (now.st_ino, batch.end, batch.lines, batch.damaged, run["id"]),
                )
            yield batch.games, batch.plies, batch.end
            if not more:
                return


class _Batch:
    """Some lines of one file on their way into the index."""

    def __init__(self, index: sqlite3.Connection, run: int, *, fixtures: bool) -> None:
        self.index, self.run, self.fixtures = index, run, fixtures
        self.games = self.plies = self.damaged = self.end = self.lines = 0

    def read(self, file: BinaryIO, end: int, lines: int) -> bool:
        """Read up to `_BATCH` whole lines from `end` on; whether there may be more."""
        self.end, self.lines = end, lines
        for _ in range(_BATCH):
            line = chunk = file.readline(MAX_LINE)
            while chunk and not chunk.endswith(b"\n"):
                chunk = file.readline(MAX_LINE)
            if not chunk:
                return False  # the end, or half a line: later
            if chunk is line:
                self._add(line)
            else:
                self.damaged += 1
            self.end = file.tell()
            self.lines += 1
        return True

    def _add(self, line: bytes) -> None:
        try:
            game, plies = _rows(json.loads(line))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            self.damaged += 1
            return
        run = self.index.execute
        number = run(
            "insert into game values(null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.run,
                self.lines + 1,
                called(game[1], self.lines + 1, fixtures=self.fixtures),
                self.end,
                len(line),
                *game,
            ),
        ).lastrowid
        for values, flags, claims, texts in plies:
            ply = run("insert into ply values(null, ?, ?, ?, ?, ?)", (number, *values)).lastrowid
            run("insert into text(rowid, think, said) values(?, ?, ?)", (ply, *texts))
            for flag in flags:
                run("insert into flag values(?, ?, ?, ?, ?, ?, ?)", (ply, number, *flag))
            for claim in claims:
                run("insert into claim values(?, ?, ?, ?, ?, ?, ?, ?)", (ply, number, *claim))
        self.games += 1
        self.plies += len(plies)


Row = tuple[Any, ...]
Ply = tuple[Row, list[Row], list[Row], Row]


def _rows(record: dict[str, Any]) -> tuple[Row, list[Ply]]:
    """A game and its plies as the tables have them: (ply, flags, claims, texts) each.

    Raises:
        ValueError, KeyError, TypeError, IndexError, AttributeError: the record is no episode.
    """
    world = _text(record["game"])
    first, second = (_text(name, 80) for name in record["players"])
    opening, talks = len(record["opening"]), world.startswith("arena:")
    problem = world in PROBLEMS
    plies: list[Ply] = []
    at, flagged = opening, 0
    for turn in record["turns"]:
        verdict, seat = turn["verdict"], _whole(turn["seat"])
        player = (first, second)[seat]
        if talks:
            saying = parse_said(turn["reply"].get("text", ""))
            think, said, answer = saying.think, saying.say, saying.answer
        else:
            form = parse_reply(turn["reply"].get("text", ""))
            think, said, answer = form.think, "", form.answer
        flags: list[Row] = [(player, *flag) for flag in _flags(verdict, answer, problem=problem)]
        claims: list[Row] = [(player, *claim) for claim in _claims(verdict)]
        ply = (at, seat, _text(answer, 80), _text(verdict["kind"], 40))
        plies.append((ply, flags, claims, (_text(think), _text(said))))
        at += _whole(verdict["action"]) >= 0
        flagged += len(flags)
    result = float(record["returns"][0])
    history = [_whole(move) for move in record["history"]]
    ending = ending_of(world, history, _text(record["ending"], 40))
    names = (world, first, second, result, ending)
    return (_whole(record["step"]), _whole(record["number"]), *names, len(history), flagged), plies


def _flags(verdict: dict[str, Any], answer: str, *, problem: bool) -> Iterator[tuple[str, str, str, str]]:
    """(kind, sub, quote, evidence) of what was wrong with a reply."""
    kind, reason, ruling = _text(verdict["kind"], 40), _text(verdict["reason"], 300), verdict.get("ruling") or {}
    if ruling and ruling["kind"] != "legal":
        evidence = f"{ruling.get('en', '')} {ruling.get('article', '')}".strip()
        yield kind, _text(ruling.get("sub", ""), 40), _text(answer, 200), _text(evidence, 300)
    elif not ruling and verdict["action"] < 0:
        yield kind, "", _text(answer, 200), reason
    elif problem and kind == "legal" and verdict["action"] != RIGHT:
        # the first word of a verifier's reason is the code of the fault
        grade = "guessed" if verdict["action"] == GUESSED else "wrong"
        yield grade, _text(reason.partition(" ")[0], 40), _text(answer, 200), reason
    for claim in verdict.get("claims", ()):
        if claim["finding"] == FALSE:
            yield "false_claim", _text(claim["sub"], 40), _text(claim["quote"], 200), _text(claim.get("en", ""), 300)


def _claims(verdict: dict[str, Any]) -> Iterator[Row]:
    """(kind, sub, finding, quote, evidence) of what was claimed."""
    limits = {"kind": 40, "sub": 40, "finding": 40, "quote": 200, "en": 300}
    for claim in verdict.get("claims", ()):
        yield tuple(_text(claim.get(name, ""), limit) for name, limit in limits.items())


def _text(value: object, limit: int = 1 << 16) -> str:
    """A text that SQLite takes, capped: lone surrogates are no UTF-8."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text is expected")
    short = value[:limit]
    return short if short.isascii() else short.encode("utf-8", "replace").decode()


def _whole(value: object) -> int:
    if type(value) is not int or not -(1 << 62) < value < 1 << 62:
        raise TypeError(f"{type(value).__name__} where a whole number is expected")
    return value
