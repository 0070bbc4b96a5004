"""What the dashboard's pages ask for, each a function of the folder of runs and of what the address says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.episode import from_record
from agents.ratings import Pair, ratings
from envs import GAMES
from envs.problems import PROBLEMS
from training.run_folder import EPISODES, EVENTS, METRICS, RunFolder
from xueba import index
from xueba.games import games as found_games
from xueba.playable import CHESS, WORLDS, opponents
from xueba.players import READ_GAMES
from xueba.shown import shown

Asked = dict[str, str]
Data = dict[str, Any]

MAX_POINTS = 1500
"""of a curve; of longer ones every second point is left out until they fit"""
MAX_ROWS = 200
LATELY = 20.0
"""seconds without a move after which a tournament is not said to be going on: its end is not recorded"""
SILENT = 120.0
"""seconds without a word after which a run that has not ended is taken to have stopped"""


def runs(root: Path, _: Asked) -> list[Data]:
    """The runs and tournaments, the newest last: what they learn, how far they are, their newest figures."""
    found = [_run(folder) for folder in index.run_folders(root)]
    return sorted(found, key=lambda run: run["began"])


def _run(folder: Path) -> Data:
    if (folder / "tournament.json").is_file():
        config = _json(folder / "tournament.json")
        began = (folder / "tournament.json").stat().st_mtime
        report = (folder / "report.html").is_file()
        state = "running" if time.time() - _written(folder) < LATELY else ""
        return {"name": folder.name, "kind": "arena", "world": "chess", "config": config, "began": began} | {
            "state": state, "report": report, "written": _written(folder), "metrics": {}
        }  # fmt: skip
    run = RunFolder(folder)
    config, rows = _json(folder / "config.json"), _rows(folder / METRICS)
    events = _rows(folder / EVENTS)
    last = [event["kind"] for event in events if event.get("kind") in ("end", "begin", "resume")][-1:]
    written = _written(folder)
    ended = last == ["end"]
    told = [event for event in events if event.get("kind") not in ("checkpoint", "best")]
    state = "ended" if ended else "running" if time.time() - written < SILENT else "silent"
    latest: Data = {}
    for row in rows[-50:]:
        latest |= {name: value for name, value in row.items() if value is not None}
    return {
        "name": run.name,
        "kind": "problem" if config.get("game") in PROBLEMS else "game",
        "world": config.get("game", "?"),
        "algorithm": config.get("algorithm", "?"),
        "seed": config.get("seed"),
        "iterations": config.get("iterations"),
        "began": (folder / "config.json").stat().st_mtime,
        "written": written,
        "state": state,
        "said": told[-1].get("text", "") if told else "",
        "alarms": _alarms(events),
        "metrics": latest,
    }


def _alarms(events: list[Data]) -> list[str]:
    """The alarms that have not been called off."""
    standing: dict[str, str] = {}
    for event in events:
        text = str(event.get("text", ""))
        if event.get("kind") == "alarm":
            standing[text.partition(":")[0]] = text
        elif event.get("kind") == "all clear":
            standing.pop(text.partition(":")[0], None)
    return list(standing.values())[-5:]


def _written(folder: Path) -> float:
    times = [
        path.stat().st_mtime for name in (METRICS, EVENTS, EPISODES, "live.jsonl") if (path := folder / name).exists()
    ]
    return max(times, default=0.0)


def metrics(root: Path, asked: Asked) -> Data:
    """The curves of one run, a list a metric, over `step`; from step `since` on."""
    rows = _rows(_folder(root, asked) / METRICS)
    since = int(asked.get("since") or -1)
    rows = [row for row in rows if isinstance(row.get("step"), int) and row["step"] > since]
    while len(rows) > MAX_POINTS:
        rows = rows[::2] + rows[-1:] if len(rows) % 2 == 0 else rows[::2]
    names = sorted({name for row in rows for name in row if name not in ("step", "time")})
    columns = {name: [row.get(name) for row in rows] for name in names}
    return {"step": [row["step"] for row in rows], "time": [row.get("time") for row in rows], "columns": columns}


def events(root: Path, asked: Asked) -> list[Data]:
    """What happened in a run, the newest last."""
    return _rows(_folder(root, asked) / EVENTS)[-MAX_ROWS:]


def config(root: Path, asked: Asked) -> Data:
    """What a run was begun with, and on what."""
    folder = _folder(root, asked)
    name = "tournament.json" if (folder / "tournament.json").is_file() else "config.json"
    return {"config": _json(folder / name), "versions": _json(folder / "versions.json", {})}


CONDITIONS = ("flag", "claim", "player", "by", "run", "world", "ending", "result", "said")


def games(root: Path, asked: Asked) -> list[Data]:
    """The newest games that meet the conditions, see `xueba.games.CONDITIONS`."""
    where = tuple(f"{name}={asked[name]}" for name in CONDITIONS if asked.get(name))
    with index.opened(root) as connection:
        return found_games(connection, where, min(MAX_ROWS, int(asked.get("limit") or 50)))


def game(root: Path, asked: Asked) -> Data:
    """One game, ply by ply: `game` is its line in the run's file (-1 the last), or `number` and `step` say which.

    Raises:
        FileNotFoundError: there is no such game.
        ValueError: the record is damaged.
    """
    run, line = _folder(root, asked), int(asked.get("game") or -1)
    terms, values = ("g.line=?", [line]) if line > 0 else ("1", [])
    if asked.get("number"):
        terms, values = "g.number=? and g.step=?", [int(asked["number"]), int(asked["step"])]
    with index.opened(root) as connection:
        row = connection.execute(
            "select g.line, g.at, g.size, r.lines from game g join run r on r.id=g.run "
            f"where r.name=? and {terms} order by g.line desc limit 1",
            [run.name, *values],
        ).fetchone()
    if row is None:
        raise FileNotFoundError(f"run {run.name} has no such game")
    with (run / EPISODES).open("rb") as file:
        file.seek(row["at"])
        record = json.loads(file.read(row["size"]))
    found = shown(from_record(record))
    return {"run": run.name, "game": row["line"], "of": row["lines"], "step": record.get("step"), **found}


def flags(root: Path, asked: Asked) -> list[Data]:
    """The newest flags: who did what at which ply of which game."""
    terms = {"kind": "? in (f.kind, f.sub)", "run": "r.name=?", "player": "f.player=?", "before": "f.rowid < ?"}
    chosen = [name for name in terms if asked.get(name)]
    values: list[Any] = [int(asked[name]) if name == "before" else asked[name] for name in chosen]
    where = " and ".join(terms[name] for name in chosen) or "1"
    with index.opened(root) as connection:
        rows = connection.execute(
            "select f.rowid as id, r.name as run, g.line as game, p.ply, p.seat, f.player, f.kind, f.sub, f.quote, "
            "f.evidence, g.world, (select count(*) from ply q where q.game=p.game and q.id<=p.id) as at from flag f "
            "join game g on g.id=f.game join run r on r.id=g.run join ply p on p.id=f.ply "
            f"where {where} order by f.rowid desc limit ?",
            [*values, min(MAX_ROWS, int(asked.get("limit") or 100))],
        )
        return [dict(row) for row in rows]


def shares(root: Path, asked: Asked) -> Data:
    """How many flags of each class there are, of how many replies, in all runs or in one."""
    run = asked.get("run", "")
    where, values = ("where r.name=?", [run]) if run else ("", [])
    joins = "join game g on g.id={0}.game join run r on r.id=g.run " + where
    with index.opened(root) as connection:
        kinds = connection.execute(
            f"select f.kind, f.sub, count(*) as count from flag f {joins.format('f')} group by 1, 2 order by 3 desc",
            values,
        ).fetchall()
        replies = connection.execute(f"select count(*) from ply p {joins.format('p')}", values).fetchone()[0]
        findings = connection.execute(
            f"select c.finding, count(*) as count from claim c {joins.format('c')} group by 1", values
        ).fetchall()
    return {
        "replies": replies,
        "kinds": [dict(row) for row in kinds],
        "claims": {row["finding"]: row["count"] for row in findings},
    }


def league(root: Path, asked: Asked) -> Data:
    """Who played whom and with what result in one run or tournament, ratings on the Elo scale, checkpoints in time."""
    folder = _folder(root, asked)
    with index.opened(root) as connection:
        rows = connection.execute(
            "select first, second, sum(result>0) as won, sum(result=0) as drawn, sum(result<0) as lost "
            "from game g join run r on r.id=g.run where r.name=? and first<>second group by 1, 2",
            (folder.name,),
        ).fetchall()
    pairs = [dict(row) for row in rows]
    return {"pairs": pairs, "ratings": _ratings(pairs), **_checkpoints(folder)}


def _ratings(pairs: list[Data]) -> list[Data]:
    return [rating.to_data() for rating in ratings([Pair(**pair) for pair in pairs])]


def _checkpoints(folder: Path) -> Data:
    """The checkpoints that are there, which of them is the best measured, and where the run came from."""
    saved = folder / "checkpoints"
    there = sorted(int(path.name) for path in saved.iterdir() if path.name.isdecimal()) if saved.is_dir() else []
    scores = {row["step"]: row["eval/score"] for row in _rows(folder / METRICS) if row.get("eval/score") is not None}
    measured = [step for step in there if step in scores]
    config, events = _json(folder / "config.json", {}), _rows(folder / EVENTS)
    begun = [
        f"{event['kind']}: {event.get('text', '')}" for event in events if event.get("kind") in ("begin", "resume")
    ]
    best = max(measured, key=lambda step: scores[step], default=None)
    world = config.get("game") if config.get("game") in GAMES else None
    return {"checkpoints": there, "lineage": {"best": best, "begun": "; ".join(begun)[:300], "world": world}}


def worlds(root: Path, _: Asked) -> Data:
    """What can be played, and against whom."""
    learned: dict[str, list[str]] = {}
    for folder in index.run_folders(root):
        world = str(_json(folder / "config.json", {}).get("game"))
        world = CHESS if world == READ_GAMES else world
        if world in WORLDS and (folder / "checkpoints").is_dir():
            learned.setdefault(world, []).append(folder.name)
    return {"games": list(WORLDS), "learned": learned, "opponents": {world: opponents(world) for world in WORLDS}}


ANSWERS: dict[str, Callable[[Path, Asked], Any]] = {
    "runs": runs,
    "metrics": metrics,
    "events": events,
    "config": config,
    "games": games,
    "game": game,
    "flags": flags,
    "shares": shares,
    "league": league,
    "worlds": worlds,
}
"""By the last part of their address, `/api/…`."""


def _folder(root: Path, asked: Asked) -> Path:
    """The folder of the run that is asked about; the server has looked at the name.

    Raises:
        FileNotFoundError: there is none.
    """
    name = asked.get("run", "")
    found = {folder.name: folder for folder in index.run_folders(root)}
    if name not in found:
        raise FileNotFoundError(f"there is no run {name!r}")
    return found[name]


def _json(path: Path, missing: Data | None = None) -> Data:
    """A file of one JSON object; nothing where there is none, or it is damaged."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        found = missing
    return found if isinstance(found, dict) else {}


def _rows(path: Path) -> list[Data]:
    """The whole lines of a growing file."""
    return list(RunFolder(path.parent).rows(path.name))
