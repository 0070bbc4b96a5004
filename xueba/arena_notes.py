"""What is to be known of a tournament's figures before they are believed: for the terminal, JSON and the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from math import isfinite, nan
from pathlib import Path
from typing import Any

from agents.episode import Episode
from agents.ratings import Sequential
from agents.tournament import distinct, sequential
from envs.visible import clean
from xueba.tournaments import told


def asked_of(folder: Path) -> Mapping[str, Any]:
    """What `xueba arena` was asked for in this folder, by the names of its options; nothing where that is lost."""
    asked = told(folder).get("asked")
    return asked if isinstance(asked, dict) else {}


def anchors_of(asked: Mapping[str, Any]) -> dict[str, float]:
    """Elo of the players whose strength was said to be known.

    Raises:
        ValueError: one is no number, or nobody who plays; names it.
    """
    found: dict[str, float] = {}
    for anchor in asked.get("anchor", ()):
        name, _, elo = anchor.rpartition("=")
        with suppress(ValueError):
            found[name] = float(elo)
        if not isfinite(found.get(name, nan)):
            raise ValueError(f"--anchor {anchor[:80]!r}: write PLAYER=ELO")
        if name not in (players := asked.get("players", ())):
            raise ValueError(f"--anchor {name[:80]!r} does not play here: {', '.join(players)[:200]}")
    return found


def standing(asked: Mapping[str, Any], episodes: Sequence[Episode]) -> Sequential | None:
    """How the test of --sprt stands; None where none was asked for."""
    return sequential(episodes, asked["players"][0], *asked["sprt"]) if asked.get("sprt") else None


def notes(asked: Mapping[str, Any], episodes: Sequence[Episode]) -> Iterator[str]:
    """One sentence each; names of players are made harmless for the terminal, and for nothing else."""
    different = len(distinct(episodes))
    if different < len(episodes):
        yield f"{different} of {len(episodes)} games are different; what was played and said before counts once"
    for name in sorted({*anchors_of(asked)} - {name for episode in episodes for name in episode.players}):
        yield f"the anchor {clean(name, 60)} has not played yet"
    if (test := standing(asked, episodes)) is not None:
        elo0, elo1 = asked["sprt"]
        taken = {
            "H1": f"better by {elo1:g} Elo (H1)",
            "H0": f"not better than by {elo0:g} Elo (H0)",
            "": "not decided yet",
        }
        yield (
            f"--sprt, whether {clean(asked['players'][0], 60)} is better: {taken[test.decision]}; "
            f"llr {test.llr:.2f} between {test.low:.2f} and {test.high:.2f}"
        )
    said = any(claim.kind == "result" for e in episodes for turn in e.turns for claim in turn.verdict.claims)
    resigned = any(turn.verdict.kind == "resign" for episode in episodes for turn in episode.turns)
    if not asked.get("judge") and (said or resigned):
        yield (
            "no engine judged claims of results and resignations: they are unverifiable unless the board alone "
            "decides (--judge stockfish, where one is installed)"
        )
