"""What the first page shows of a run besides its figures: where its games stand, and which of them stand out.

Of a tournament also who leads, who breaks the rules how often, and its worst moment, counted as its report counts. All
but the last moves is asked of the index, which knows a thousand games in milliseconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from agents.ratings import Pair, ratings
from agents.susceptibility import NO_MOVES
from training.live_games import LIVE
from training.run_folder import EPISODES
from xueba import index
from xueba.still import ORDER
from xueba.tail import told

Data = dict[str, Any]

LATEST = 1 << 18
"""bytes of live.jsonl out of which the last moves are read"""
GAMES = 4
LAST_GAMES = 400
"""of the recorded ones, among which those that stand out are looked for, as in the report of a run"""
_RECENT = f"g.line > r.lines - {LAST_GAMES}"
_NEWEST = ("the newest", _RECENT, "g.line desc")
_OF_GAMES = (
    ("won in the fewest moves", f"{_RECENT} and g.ending='rules' and g.result<>0", "g.plies, g.line desc"),
    ("the newest that a refused reply has ended", f"{_RECENT} and g.ending<>'rules'", "g.line desc"),
    _NEWEST,
)
_OF_PROBLEMS = (
    ("right, with the most reasoning", f"{_RECENT} and g.flags=0", "g.size desc"),
    ("the newest that is not right", f"{_RECENT} and g.flags>0", "g.line desc"),
    _NEWEST,
)
_HARMLESS = ("malformed", "consistent_drift", *NO_MOVES)
"""kinds of flags that the report of a tournament does not count as illegal moves"""


def last_moves(folder: Path) -> list[Data]:
    """The last reply of each of the last games that were begun, as the stream of news tells them."""
    try:
        with (folder / LIVE).open("rb") as file:
            at = max(0, file.seek(0, 2) - LATEST)
            file.seek(at)
            text = file.read(LATEST)
    except OSError:
        return []
    lines = text[: text.rfind(b"\n") + 1].splitlines()[1 if at else 0 :]
    return told(folder, [row for line in lines if (row := _object(line)) is not None])[-GAMES:]


def standing_out(root: Path, folder: Path, kind: str) -> list[Data]:
    """The games of a run that one looks at first, each at its last reply, or at its worst moment; `why` says which."""
    found: dict[int, Data] = {}
    with index.opened(root) as connection:
        if kind == "arena":
            worst = _worst(connection, folder.name)
            places = [("the worst moment", worst["game"], worst["at"])] if worst else []
            places += _games(connection, folder.name, (_NEWEST,))
        else:
            places = _games(connection, folder.name, _OF_PROBLEMS if kind == "problem" else _OF_GAMES)
        for why, line, at in places:
            row = connection.execute(
                "select g.at, g.size from game g join run r on r.id=g.run where r.name=? and g.called=?",
                (folder.name, line),
            ).fetchone()
            record = _record(folder, row["at"], row["size"])
            shown = told(folder, _reply(record, at), str(record.get("game")))
            if shown and line not in found:
                found[line] = {"why": why, "game": line, "at_reply": at, "ply": shown[0]}
    return list(found.values())


def _games(
    connection: sqlite3.Connection, run: str, wanted: Sequence[tuple[str, str, str]]
) -> list[tuple[str, int, int]]:
    found = []
    for why, where, order in wanted:
        row = connection.execute(
            f"select g.called from game g join run r on r.id=g.run where r.name=? and {where} order by {order} limit 1",
            (run,),
        ).fetchone()
        if row is not None:
            found.append((why, int(row["called"]), 0))
    return found


def _record(folder: Path, at: int, size: int) -> Data:
    with (folder / EPISODES).open("rb") as file:
        file.seek(at)
        return _object(file.read(size)) or {}


def _reply(record: Data, which: int) -> list[Data]:
    """Reply number `which` of an episode (0: the last), as a line of `live.jsonl`; none where there is none."""
    turns = record.get("turns") or []
    if not turns or which > len(turns):
        return []
    before = turns[: (which or len(turns)) - 1]
    history = record["opening"] + [turn["verdict"]["action"] for turn in before if turn["verdict"]["action"] >= 0]
    brief = {name: record.get(name) for name in ("step", "number", "players")}
    return [{**turns[which - 1], **brief, "time": 0.0, "history": history}]


def standings(root: Path, run: str) -> Data:
    """Of a tournament: each player's rating, points, games, illegal moves and false claims, and the worst moment."""
    with index.opened(root) as connection:
        rows = connection.execute(
            "select first, second, sum(result>0) as won, sum(result=0) as drawn, sum(result<0) as lost "
            "from game g join run r on r.id=g.run where r.name=? group by 1, 2",
            (run,),
        ).fetchall()
        players: dict[str, Data] = {}
        for row in rows:
            for name, won in ((row["first"], row["won"]), (row["second"], row["lost"])):
                one = players.setdefault(name, {"name": name, "points": 0.0, "games": 0, "illegal": 0, "false": 0})
                one["games"] += row["won"] + row["drawn"] + row["lost"]
                one["points"] += won + row["drawn"] / 2
        for row in connection.execute(
            "select f.player, f.kind, count(*) as count from flag f join game g on g.id=f.game "
            "join run r on r.id=g.run where r.name=? group by 1, 2",
            (run,),
        ):
            if row["player"] in players and row["kind"] not in _HARMLESS:
                players[row["player"]]["false" if row["kind"] == "false_claim" else "illegal"] += row["count"]
        worst = _worst(connection, run)
    rated = _rated(tuple(Pair(**dict(row)) for row in rows if row["first"] != row["second"]))
    for name, one in players.items():
        one |= {key: rated.get(name, {}).get(key) for key in ("elo", "interval")}
    order = sorted(players.values(), key=lambda one: (-(one["elo"] or 0), -one["points"], one["name"]))
    games = sum(row["won"] + row["drawn"] + row["lost"] for row in rows)
    return {"games": games, "players": order, "worst": worst}


@lru_cache(maxsize=16)
def _rated(pairs: tuple[Pair, ...]) -> dict[str, Data]:
    """Half a second for sixteen players: several tabs ask for the same."""
    return {rating.name: rating.to_data() for rating in ratings(pairs)} if pairs else {}


def _worst(connection: sqlite3.Connection, run: str) -> Data | None:
    """The flag of the worst class, as `xueba.still` ranks them, in the first game that has one."""
    there = {
        row["kind"]
        for row in connection.execute(
            "select distinct f.kind from flag f join game g on g.id=f.game join run r on r.id=g.run where r.name=?",
            (run,),
        )
    }
    kind = next((kind for kind in (*ORDER, "false_claim") if kind in there), None)
    if kind is None:
        return None
    row = connection.execute(
        "select f.player, f.kind, f.sub, f.quote, f.evidence, g.called as game, g.number, "
        "(select count(*) from ply q where q.game=f.game and q.id<=f.ply) as at from flag f join game g on g.id=f.game "
        "join run r on r.id=g.run where r.name=? and f.kind=? order by g.number, f.ply limit 1",
        (run, kind),
    ).fetchone()
    return dict(row)


def _object(line: bytes) -> Data | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
