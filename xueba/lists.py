"""The dashboard's lists, a page at a time: games, questions with their answers, flags; and what to choose them by."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from agents.episode import from_record
from envs.problems import PROBLEMS
from training.run_folder import EPISODES
from xueba import index
from xueba.games import met
from xueba.shown import shown_briefly

Asked = dict[str, str]
Data = dict[str, Any]

PAGE = 50
"""rows of a page"""
MAX_REPLIES = 40
"""replies told of one row of flags; how many there are is told as well"""
CONDITIONS = ("flag", "claim", "player", "against", "by", "run", "world", "ending", "result", "said")
"""What games may be asked for by, see `xueba.games.CONDITIONS`."""
_NAMES = tuple(PROBLEMS)
_IS_PROBLEM = f"g.world in ({','.join('?' * len(_NAMES))})"


def games(root: Path, asked: Asked) -> Data:
    """The newest games that meet the conditions, from row `from` on; questions have a list of their own."""
    columns = (
        "r.name as run, g.called as game, g.step, g.world, g.first, g.second, g.result, g.ending, g.plies, g.flags"
    )
    with index.opened(root) as connection:
        terms, values = met(connection, _conditions(asked))
        return _page(connection, columns, f"not {_IS_PROBLEM} and {terms}", [*_NAMES, *values], asked)


def problems(root: Path, asked: Asked) -> Data:
    """The newest questions of a run with what was answered; `flag` may be wrong, guessed or malformed."""
    columns = "r.name as run, g.called as game, g.step, g.first, g.at as place, g.size"
    with index.opened(root) as connection:
        terms, values = met(connection, _conditions(asked))
        found = _page(connection, columns, f"{_IS_PROBLEM} and {terms}", [*_NAMES, *values], asked)
    for row in found["rows"]:
        row["sheet"] = _briefly(root, row["run"], row.pop("place"), row.pop("size"))
    return found


def _conditions(asked: Asked) -> tuple[str, ...]:
    return tuple(f"{name}={asked[name]}" for name in CONDITIONS if asked.get(name))


def _page(connection: sqlite3.Connection, columns: str, terms: str, values: list[Any], asked: Asked) -> Data:
    """Rows of one page of games, the number of the one before the first, and how many there are in all."""
    joined = f"from game g join run r on r.id=g.run where {terms}"
    count = connection.execute(f"select count(*) {joined}", values).fetchone()[0]
    first = _first(asked)
    rows = connection.execute(f"select {columns} {joined} order by g.id desc limit ? offset ?", [*values, PAGE, first])
    return {"rows": [dict(row) for row in rows], "from": first, "of": count}


def _first(asked: Asked) -> int:
    """The number of rows before the page that is asked for."""
    return max(0, int(asked.get("from") or 0))


def _briefly(root: Path, run: str, place: int, size: int) -> Data | None:
    """The question and its answer; nothing where the record cannot be read: the file may have been begun anew."""
    try:
        with (root / run / EPISODES).open("rb") as file:
            file.seek(place)
            return shown_briefly(from_record(json.loads(file.read(size))))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def choices(root: Path, asked: Asked) -> Data:
    """What recorded games can be chosen by: runs, worlds, players, endings, classes of flags; all but the runs those
    of one `run` where it is named.
    """
    run, values = ("and r.name=?", [asked["run"]]) if asked.get("run") else ("", [])
    games = f"from game g join run r on r.id=g.run where not {_IS_PROBLEM}"
    flags = f"from flag f join game g on g.id=f.game join run r on r.id=g.run where not {_IS_PROBLEM} {run}"
    with index.opened(root) as connection:

        def told(query: str, *given: str) -> list[str]:
            return [row[0] for row in connection.execute(query, given)]

        both = [*_NAMES, *values]
        return {
            "run": told(f"select r.name {games} group by 1 order by max(g.id) desc", *_NAMES),
            "world": told(f"select distinct g.world {games} {run} order by 1", *both),
            "player": told(
                f"select g.first {games} {run} union select g.second {games} {run} order by 1 limit 200", *both, *both
            ),
            "flag": told(f"select f.kind {flags} union select f.sub {flags} and f.sub<>'' order by 1", *both, *both),
            "ending": told(f"select distinct g.ending {games} {run} order by 1", *both),
        }


def flags(root: Path, asked: Asked) -> Data:
    """The newest flags, those of one player and class in one game together: who did what, at which replies."""
    terms = {"kind": "(? in (f.kind, f.sub) or f.sub like ? || '/%')", "run": "r.name=?", "player": "f.player=?"}
    chosen = [name for name in terms if asked.get(name)]
    where = " and ".join(terms[name] for name in chosen) or "1"
    values = [asked[name] for name in chosen for _ in range(terms[name].count("?"))]
    groups = (
        "select f.game as id, f.player, f.kind, f.sub, count(*) as count from flag f join game g on g.id=f.game "
        f"join run r on r.id=g.run where {where} group by 1, 2, 3, 4"
    )
    first = _first(asked)
    with index.opened(root) as connection:
        of, count = connection.execute(f"select count(*), coalesce(sum(count), 0) from ({groups})", values).fetchone()
        page = connection.execute(f"{groups} order by max(f.rowid) desc limit ? offset ?", [*values, PAGE, first])
        rows = [_flagged(connection, dict(row)) for row in page]
    for row in rows:
        asking = row["world"] in PROBLEMS
        place, size = row.pop("place"), row.pop("size")
        row["sheet"] = _briefly(root, row["run"], place, size) if asking else None
    return {"rows": rows, "from": first, "of": of, "count": count}


def _flagged(connection: sqlite3.Connection, group: Data) -> Data:
    """The group with its game and its replies."""
    game = connection.execute(
        "select r.name as run, g.called as game, g.step, g.world, g.at as place, g.size from game g "
        "join run r on r.id=g.run where g.id=?",
        (group["id"],),
    ).fetchone()
    replies = connection.execute(
        "select (select count(*) from ply q where q.game=f.game and q.id<=f.ply) as at, f.quote, f.evidence "
        "from flag f where f.game=? and f.player=? and f.kind=? and f.sub=? order by f.rowid limit ?",
        (group["id"], group["player"], group["kind"], group["sub"], MAX_REPLIES),
    )
    return {**group, **dict(game), "replies": [dict(row) for row in replies]}


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
        runs = connection.execute(
            "select r.name from flag f join game g on g.id=f.game join run r on r.id=g.run group by 1 "
            "order by max(f.rowid) desc"
        ).fetchall()
    return {
        "replies": replies,
        "kinds": [dict(row) for row in kinds],
        "claims": {row["finding"]: row["count"] for row in findings},
        "runs": [row["name"] for row in runs],
    }
