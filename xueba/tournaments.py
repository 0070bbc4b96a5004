"""What a tournament's folder says of itself: how its games are called, and what was asked for when it began."""

from __future__ import annotations

import json
import shlex
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from agents.pgn import NO_DATE
from envs.visible import clean
from xueba.arena_asked import Tournament

FILE = "tournament.json"


def told(folder: Path) -> dict[str, Any]:
    """What stands in the folder's `tournament.json`; nothing where there is none, or it is damaged."""
    try:
        found = json.loads((folder / FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def by_fixture(folder: Path) -> bool:
    """Whether games here are called by the number of their fixture, which they need not finish in the order of.

    A run's games are called by their line, and so are those that persons have played in the browser.
    """
    return told(folder).get("kind") == "arena"


def called(number: object, line: int, *, fixtures: bool) -> int:
    """What people call the game of this number at this line, both as they are recorded: from 0 and from 1."""
    return number + 1 if fixtures and type(number) is int and 0 <= number < 1 << 53 else line


def told_apart(players: tuple[str, ...]) -> tuple[str, ...]:
    """The players, each under a name of its own: whoever is there twice is NAME#2 the second time."""
    return tuple(f"{name}#{n}" if (n := players[: at + 1].count(name)) > 1 else name for at, name in enumerate(players))


def born() -> dict[str, Any]:
    """When a tournament begins, and what version of the program plays it: nobody can tell later."""
    try:
        made = version("xueba")
    except PackageNotFoundError:
        made = "not installed"
    return {"began": time.time(), "version": made}


def date_of(folder: Path) -> str:
    """The day on which a tournament began, as PGN writes it."""
    began = told(folder).get("began")
    if not isinstance(began, int | float) or not 0 <= began < 1 << 40:
        return NO_DATE
    return time.strftime("%Y.%m.%d", time.localtime(began))


def facts(folder: Path) -> list[tuple[str, str]]:
    """What was played: (what, how) of everything that a reader needs in order to play it again, as plain text."""
    data = told(folder)
    asked = data.get("asked")
    if not isinstance(asked, dict):
        return []
    openings = asked.get("openings") or asked.get("start")
    many = type(asked.get("games")) is int and asked["games"] > 2
    if not openings and type(asked.get("chess960")) is int and asked["chess960"] >= 0:
        openings = f"Chess960 position {asked['chess960']}"
    date = date_of(folder)
    found = {
        "mode": str(asked.get("mode") or "").replace("_", " "),
        "judge": asked.get("judge") or "none",
        "seed": asked.get("seed"),
        "from": openings or ("well-known openings" if many else "the usual position"),
        "begun": "" if date == NO_DATE else date.replace(".", "-"),
        "version": data.get("version"),
        "command": "xueba arena --demo" if data.get("demo") else command(asked),
    }
    return [(name, clean(str(value), 500)) for name, value in found.items() if value not in (None, "")]


def command(asked: dict[str, Any]) -> str:
    """What to type to play the same again."""
    usual, words = Tournament(), ["xueba", "arena"]
    for name, value in asked.items():
        if name == "players" and isinstance(value, list):
            words += map(str, value)
        elif name not in ("runs", "name", "json", "out", "resume", "demo", "workers") and hasattr(usual, name):
            values = value if isinstance(value, list) else [value]
            if value is False and getattr(usual, name) is True:
                words.append(f"--no-{name}")
            elif value is not None and value != getattr(usual, name) and values:
                words += [f"--{name.replace('_', '-')}", *map(str, values)]
    return shlex.join(words)
