"""What `xueba arena` says when it ends: the figures, the report, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.ratings import ratings
from agents.susceptibility import figures
from agents.tournament import distinct, results_of
from envs.visible import clean
from xueba.arena_asked import Tournament
from xueba.arena_notes import anchors_of, asked_of, notes, standing
from xueba.arena_tables import tables
from xueba.arguments import runs_option
from xueba.console import err, hint, out
from xueba.reports import write_reports

if TYPE_CHECKING:
    from agents.engine_judge import EngineJudge
    from agents.episode import Episode
    from agents.tournament import Runner


def told(chosen: Tournament, folder: Path, runner: Runner, episodes: list[Episode], judge: EngineJudge | None) -> int:
    """Print the figures and write the report: 0 where every game is over, 130 where somebody interrupted, else 1."""
    asked, where = asked_of(folder), runs_option(chosen.runs)
    with err().status("judging the moves" if judge is not None else "counting"):
        found = figures(distinct(episodes, said=True), judge, None if judge is None else judge.losses)
    with err().status("writing the report"):
        written = write_reports(folder, found) if episodes else []
    pairs, anchors = results_of(distinct(episodes)), anchors_of(asked)
    if chosen.json:
        data = {
            "name": folder.name,
            "games": len(episodes),
            "different": len(distinct(episodes)),
            "stopped": {str(number + 1): text for number, text in runner.faults.items()},
            "ratings": [rating.to_data() for rating in ratings(pairs, anchors)] if pairs else [],
            "sprt": _sprt(asked, episodes),
            "players": {name: player.to_data() for name, player in found.items()},
        }
        print(json.dumps(data, indent=1))
    elif episodes:
        for table in tables(pairs, found, anchors):
            out().print(table)
    hint(*notes(asked, episodes))
    if judge is not None and judge.fault:
        hint(f"the judge gave up: {clean(judge.fault, 200)}")
    if written:
        hint(f"the report:   {written[0]}", f"in a browser: xueba watch{where}")
    if runner.faults or runner.stopped:
        why = next(iter(runner.faults.values()), "interrupted")
        left = runner.plan.all_games - len(episodes)
        hint(
            f"{left} game{' is' if left == 1 else 's are'} unfinished: {clean(why, 300)}",
            f"go on:        xueba arena --resume {folder.name}{where}",
        )
        return 130 if runner.stopped else 1
    return 0


def _sprt(asked: Mapping[str, Any], episodes: list[Episode]) -> dict[str, Any] | None:
    test = standing(asked, episodes)
    return None if test is None else {"elo": asked["sprt"], **asdict(test), "decision": test.decision}
