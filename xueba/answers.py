"""What the dashboard's pages ask for, each a function of the folder of runs and of what the address says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from agents.append_only import is_held
from agents.episode import from_record
from agents.ratings import Pair, ratings
from envs import GAMES
from envs.problems import PROBLEMS
from training.live_games import LIVE
from training.run_folder import EPISODES, EVENTS, METRICS, WARM_UP, RunFolder
from xueba import index, moments
from xueba.lists import choices, flags, games, problems, shares
from xueba.playable import CHESS, WORLDS, opponents
from xueba.players import READ_GAMES
from xueba.shown import shown

Asked = dict[str, str]
Data = dict[str, Any]

MAX_POINTS = 1500
"""of a curve; of longer ones every second point is left out until they fit"""
MAX_ROWS = 200
LATELY = 20.0
"""seconds without a move after which a tournament is not said to be going on, where its lock cannot tell"""
SILENT = 120.0
"""seconds without a word after which a run that has not ended is taken to have stopped, where its lock cannot tell"""
PACE = 10
"""lines of the warm-up by which it is judged how long it still takes"""


def runs(root: Path, _: Asked) -> list[Data]:
    """The runs and tournaments, the newest last: what they learn, how far they are, their newest figures."""
    found = [_run(folder) for folder in index.run_folders(root)]
    return sorted(found, key=lambda run: run["began"])


def _run(folder: Path) -> Data:
    if (folder / "tournament.json").is_file():
        config = _json(folder / "tournament.json")
        began = index.began(folder)
        report = (folder / "report.html").is_file()
        held = is_held(folder)
        state = "running" if (_age(folder) < LATELY if held is None else held) else ""
        return {"name": folder.name, "kind": "arena", "world": "chess", "config": config, "began": began} | {
            "state": state, "report": report, "written": _written(folder), "metrics": {}
        }  # fmt: skip
    run = RunFolder(folder)
    config, rows = _json(folder / "config.json"), _rows(folder / METRICS)
    events = _rows(folder / EVENTS)
    last = [event["kind"] for event in events if event.get("kind") in ("end", "begin", "resume")][-1:]
    told = [event for event in events if event.get("kind") not in ("checkpoint", "best")]
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
        "began": index.began(folder),
        "written": _written(folder),
        "state": _state(run, ended=last == ["end"]),
        "warm_up": None if rows else _warm_up(run),
        "said": told[-1].get("text", "") if told else "",
        "alarms": _alarms(events),
        "metrics": latest,
    }


def _state(run: RunFolder, *, ended: bool) -> str:
    """`running`, `ended`, `stopped` by something else, or `silent`: nobody can say.

    A warm-up may be silent for long, and whoever is killed leaves fresh files: the lock knows, age is a guess.
    """
    held = run.is_held()
    if held or ended:
        return "running" if held else "ended"
    if held is None:
        return "running" if _age(run.path) < SILENT else "silent"
    return "stopped"


def _warm_up(run: RunFolder) -> Data | None:
    """How far the warm-up is, and how many seconds are left of it; None before its first step."""
    rows = run.warm_up()[-PACE:]
    if not rows:
        return None
    first, last = rows[0], rows[-1]
    more = last["done"] - first["done"]
    left = (last["time"] - first["time"]) / more * (last["of"] - last["done"]) if more else None
    return {"done": last["done"], "of": last["of"], "left": left}


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
        path.stat().st_mtime
        for name in (METRICS, EVENTS, EPISODES, WARM_UP, LIVE, "config.json")
        if (path := folder / name).exists()
    ]
    return max(times, default=0.0)


def _age(folder: Path) -> float:
    return time.time() - _written(folder)


def metrics(root: Path, asked: Asked) -> Data:
    """The curves of one run, a list a metric, over `step`; from step `since` on. Those of the warm-up stand apart."""
    run = RunFolder(_folder(root, asked))
    since = int(asked.get("since") or -1)
    rows = [row for row in run.rows(METRICS) if row["step"] > since]
    warm_up = [{**row, "step": row["done"]} for row in run.warm_up()]
    return _curves(rows) | {"warm_up": _curves(warm_up)}


def _curves(rows: list[Data]) -> Data:
    while len(rows) > MAX_POINTS:
        rows = rows[::2] + rows[-1:] if len(rows) % 2 == 0 else rows[::2]
    names = sorted({name for row in rows for name in row if name not in ("step", "time", "done", "of")})
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


def game(root: Path, asked: Asked) -> Data:
    """One game, ply by ply: `game` is its number (-1 the last recorded), or `number` and `step` say which.

    Raises:
        FileNotFoundError: there is no such game.
        ValueError: the record is damaged.
    """
    run, wanted = _folder(root, asked), int(asked.get("game") or -1)
    terms, values = ("g.called=?", [wanted]) if wanted > 0 else ("1", [])
    if asked.get("number"):
        terms, values = "g.number=? and g.step=?", [int(asked["number"]), int(asked["step"])]
    with index.opened(root) as connection:
        row = connection.execute(
            "select g.called, g.at, g.size, (select max(called) from game o where o.run=r.id) as last, "
            "(select max(called) from game o where o.run=r.id and o.called<g.called) as before, "
            "(select min(called) from game o where o.run=r.id and o.called>g.called) as after "
            f"from game g join run r on r.id=g.run where r.name=? and {terms} order by g.line desc limit 1",
            [run.name, *values],
        ).fetchone()
    if row is None:
        raise FileNotFoundError(f"run {run.name} has no such game")
    with (run / EPISODES).open("rb") as file:
        file.seek(row["at"])
        record = json.loads(file.read(row["size"]))
    found = shown(from_record(record))
    beside = {"of": row["last"], "before": row["before"], "after": row["after"]}
    return {"run": run.name, "game": row["called"], **beside, "step": record.get("step"), **found}


def boards(root: Path, asked: Asked) -> Data:
    """Where the games of a run stand, and which of those that were recorded stand out."""
    folder = _folder(root, asked)
    config = _json(folder / "config.json")
    kind = "arena" if not config else "problem" if config.get("game") in PROBLEMS else "game"
    found: Data = {"last": moments.last_moves(folder), "standing_out": []}
    with suppress(FileNotFoundError):  # the index is being made
        found["standing_out"] = moments.standing_out(root, folder, kind)
    return found


def standings(root: Path, asked: Asked) -> Data:
    """Who leads a tournament, who broke the rules how often, and its worst moment."""
    return moments.standings(root, _folder(root, asked).name)


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
    """The checkpoints that are there and the best measured of them, how strong the run was when, where it came from."""
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
    lineage = {"best": best, "begun": "; ".join(begun)[:300], "world": world, "strength": sorted(scores.items())}
    return {"checkpoints": there, "lineage": lineage}


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
    "problems": problems,
    "choices": choices,
    "game": game,
    "flags": flags,
    "shares": shares,
    "boards": boards,
    "standings": standings,
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
