"""`xueba games`: find games in all runs by what happened in them."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from agents.pgn import RESULTS
from envs.lookup import did_you_mean, not_found
from envs.visible import clean
from xueba import index
from xueba.arguments import parsed, runs_option
from xueba.console import hint, out, short_names

CONDITIONS = {
    "flag": "g.id in (select game from flag where kind=? union select game from flag where sub=?)",
    "claim": "g.id in (select game from claim where ? in (kind, sub, finding))",
    "player": "(g.first in (select value from json_each(?)) or g.second in (select value from json_each(?)))",
    "first": "g.first in (select value from json_each(?))",
    "second": "g.second in (select value from json_each(?))",
    "against": "(g.first in (select value from json_each(?)) or g.second in (select value from json_each(?)))",
    "by": "g.id in (select game from flag where player in (select value from json_each(?)))",
    "run": "r.name = ?",
    "world": "(g.world = ? or g.world like ? || ':%')",
    "ending": "g.ending = ?",
    "result": "g.result = ?",
    "said": "g.id in (select game from ply where id in (select rowid from text where text match ?))",
}
"""What `--where NAME=VALUE` asks for."""
_RESULTS = {"1-0": 1.0, "0-1": -1.0, "1/2": 0.0, "draw": 0.0, "won": 1.0, "lost": -1.0, "1/2-1/2": 0.0}
_NAMES = "select first from game union select second from game"
_THERE = {
    **dict.fromkeys(("player", "against", "first", "second", "by"), _NAMES),
    "flag": "select kind from flag union select sub from flag where sub<>''",
    "claim": "select kind from claim union select sub from claim union select finding from claim",
    "run": "select name from run",
    "world": "select distinct world from game",
    "ending": "select distinct ending from game",
}
"""All values that a condition can meet."""
_CONDITION = re.compile(r"\s*([A-Za-z_]{1,20})\s*=\s*(.{1,200})", re.DOTALL)
MAX_SECONDS = 20
"""after which a query of the user's own is stopped"""


@dataclass(frozen=True)
class Games:
    """Find games by what happened in them, over all runs.

    Conditions: flag (a class, as resurrected or malformed), claim (true, false, a
    kind), player, against (the other one), first, second, by (who did what is
    flagged; a part of a name is enough), run, world, ending (as checkmate or
    resignation), result (1-0, 0-1, 1/2-1/2), said (words of thinking or messages,
    the last one as it begins).

    Examples:
      xueba games --where flag=resurrected
      xueba games --where flag=false_claim by=liar --json
      xueba games --where said="new rules" --limit 5
      xueba games --sql "select player, kind, count(*) from flag group by 1, 2"

    Tables for --sql: run, game, ply, flag, claim, text.
    """

    where: tuple[str, ...] = ()
    """conditions, NAME=VALUE, all of which must hold"""
    sql: str = ""
    """a query of your own instead; it can only read"""
    limit: int = 50
    """how many at most, the newest first"""
    json: bool = False
    """print JSON"""
    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """List the games found.

    Raises:
        ValueError: a condition is none, or the query is not one of SQLite's.
        FileNotFoundError: there is no folder of runs.
    """
    chosen = parsed(Games, words, "games")
    if not 1 <= chosen.limit <= 1_000_000:
        raise ValueError(f"--limit is {chosen.limit}; it must be between 1 and 1,000,000")
    if chosen.where and chosen.sql:
        raise ValueError("--where and --sql are two ways to ask; choose one")
    index.update(chosen.runs)
    with index.opened(chosen.runs) as connection:
        if chosen.sql:
            rows = asked(connection, chosen.sql, chosen.limit)
        else:
            rows = games(connection, chosen.where, chosen.limit)
            missed = [] if rows else strangers(connection, chosen.where)
    if chosen.json:
        print(json.dumps(rows, indent=1))
        return 0
    _print(rows if chosen.sql else _briefly(rows))
    if not rows and not chosen.sql:
        hint(*missed)
    if rows and not chosen.sql:
        hint(f"look at one: xueba watch {rows[0]['run']} --game {rows[0]['game']}{runs_option(chosen.runs)}")
    return 0


def games(connection: sqlite3.Connection, where: tuple[str, ...], limit: int) -> list[dict[str, Any]]:
    """The newest games that meet all conditions.

    Raises:
        ValueError: as `met`.
    """
    terms, values = met(connection, where)
    query = (
        "select r.name as run, g.called as game, g.step, g.world, g.first, g.second, g.result, g.ending, g.plies, "
        f"g.flags from game g join run r on r.id=g.run where {terms} order by g.id desc limit ?"
    )
    return [dict(row) for row in connection.execute(query, [*values, limit])]


def met(connection: sqlite3.Connection, where: tuple[str, ...]) -> tuple[str, list[Any]]:
    """All conditions as a term over a game `g` of a run `r`, and the values it takes.

    Raises:
        ValueError: a condition is not NAME=VALUE, or has a name there is not; says which there are.
    """
    terms: list[str] = []
    values: list[Any] = []
    for name, value in map(_split, where):
        if name == "result" and value not in _RESULTS:
            raise ValueError(f"{value[:40]!a} is no result: 1-0, 0-1 or 1/2-1/2")
        terms.append(CONDITIONS[name])
        given: object = _RESULTS[value] if name == "result" else _phrase(value) if name == "said" else value
        if _THERE.get(name) == _NAMES:
            given = json.dumps(_meant(value, _there(connection, name)))
        values += [given] * CONDITIONS[name].count("?")
    return " and ".join(terms) or "1", values


def strangers(connection: sqlite3.Connection, where: tuple[str, ...]) -> list[str]:
    """A sentence for each condition whose value no game has, with those that there are."""
    found = []
    for name, value in map(_split, where):
        there = _there(connection, name) if name in _THERE else [value]
        meant = any(one == value or (name == "world" and one.startswith(f"{value}:")) for one in there)
        if not meant and not (_THERE[name] == _NAMES and _meant(value, there)):
            known = [clean(one, 60) for one in there]
            told = f"no game has {name}={value}; there are: {clean(', '.join(known), 400) or 'none'}"
            found.append(clean(f"{told}{did_you_mean(value, known)}", 600))
    return found


def _split(condition: str) -> tuple[str, str]:
    found = _CONDITION.fullmatch(condition)
    if not found:
        raise ValueError(f"{condition[:80]!a} is no condition: write NAME=VALUE, as in flag=resurrected")
    if found.group(1) not in CONDITIONS:
        raise ValueError(not_found("condition", found.group(1), CONDITIONS))
    return found.group(1), found.group(2).strip()


def _there(connection: sqlite3.Connection, name: str) -> list[str]:
    return [row[0] for row in connection.execute(_THERE[name])]


def _meant(value: str, names: list[str]) -> list[str]:
    """Who bears this name, or else all of whose names it is a part."""
    return [name for name in names if name == value] or [name for name in names if value.lower() in name.lower()]


def _phrase(value: str) -> str:
    """Words as a phrase of the full-text index, whatever they hold; the last one may go on."""
    return '"' + value.replace('"', '""') + '"*'


def asked(connection: sqlite3.Connection, query: str, limit: int) -> list[dict[str, Any]]:
    """The answer to a query of the user's own, on a connection that can only read, for at most `MAX_SECONDS`.

    Raises:
        ValueError: SQLite does not understand it, it would write, or it takes too long.
    """
    end = time.monotonic() + MAX_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, 100_000)
    try:
        rows = connection.execute(query)
        return [dict(row) for row in rows.fetchmany(limit)]
    except (sqlite3.Error, sqlite3.Warning) as error:
        late = f" after {MAX_SECONDS} s" if time.monotonic() > end else ""
        raise ValueError(f"the query {clean(query, 80)!r} failed{late}: {clean(str(error), 200)}") from None


def _briefly(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same for a terminal of 80 columns: a game's name as one types it, and names that are told apart."""
    iterations = any(row["step"] for row in rows)
    found = [
        {
            "game": f"{row['run']}/{row['game']}",
            **({"step": row["step"]} if iterations else {}),
            "world": ":".join(row["world"].split(":")[:2]).removeprefix("arena:"),
            "first": row["first"],
            "second": row["second"],
            "result": RESULTS.get(row["result"], row["result"]),
            "ending": row["ending"].replace("_", " "),
            "plies": row["plies"],
            "flags": row["flags"] or "",
        }
        for row in rows
    ]
    others = [name for name in (found[0] if found else {}) if name not in ("first", "second")]
    taken = sum(1 + max(len(name), *(len(f"{row[name]}") for row in found)) for name in others)
    room = max(10, min(30, (out().width - taken - 2) // 2))
    short = short_names((row[seat] for row in rows for seat in ("first", "second")), room)
    return [row | {seat: short[row[seat]] for seat in ("first", "second")} for row in found]


def _print(rows: list[dict[str, Any]]) -> None:
    if not rows:
        out().print("no game was found")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1 if len(rows[0]) > 6 else 2, 0, 0))
    for column in rows[0]:
        table.add_column(column, header_style="dim", overflow="fold", no_wrap=column in ("first", "second"))
    for row in rows:
        table.add_row(*(Text(clean("" if value is None else f"{value}", 60)) for value in row.values()))
    out().print(table)
