"""A training run as one page and as one text: how good it became, curves, games, and on what it was made.

Both say the same. The page has no script; its curves are the picture that `xueba train` draws.
"""

from __future__ import annotations

import base64
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from agents.episode import Episode
from agents.pictured import CLASSES, episode_html
from envs.problem import RIGHT
from envs.problems import PROBLEMS
from envs.visible import clean
from training.config import Config
from training.config_file import flat
from training.curves import plot_curves
from training.presets import PRESETS
from training.run_folder import EPISODES, VERSIONS, RunFolder
from xueba.console import duration
from xueba.markdown import escaped, table
from xueba.pages import page
from xueba.recorded import Recorded
from xueba.reports import html_table
from xueba.scene import plain

MEASURES = {
    "eval/lost_lines_first": "lines lost, moving first",
    "eval/lost_lines_second": "lines lost, moving second",
    "eval/agreement_result": "keeps the solver's result",
    "eval/agreement_best": "plays the solver's very best",
    "arena/mcts_points": "points against MCTS",
    "arena/random_points": "points against random moves",
    "arena/solver_points": "points against the solver",
    "eval/right": "right, with every step",
    "eval/answers": "right answers",
    "eval/guessed": "right answers that are guessed",
    "eval/valid_but_wrong": "argued well, and wrong",
    "eval/legal": "legal replies",
    "eval/well_formed": "well-formed replies",
    "rollout/illegal": "illegal moves in play",
    "rollout/malformed": "malformed replies in play",
    "rollout/guessed": "guessed answers in practice",
}
"""What says how good it is and whether it keeps to the rules, the best measure first."""
_LESS_IS_BETTER = ("eval/lost", "eval/guessed", "eval/valid", "rollout/")
LAST_GAMES = 400
"""of the recorded ones, among which the best and the worst are looked for"""
Row = tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What there is to be told of a run."""

    name: str
    title: str
    facts: list[Row]
    measures: list[Row] = field(default_factory=list)
    games: list[tuple[str, int, Episode]] = field(default_factory=list)
    """why it is shown, at which iteration it was played, the game"""
    events: list[Row] = field(default_factory=list)
    config: list[Row] = field(default_factory=list)
    rows: Sequence[Mapping[str, Any]] = ()


def report_of(run: RunFolder) -> Report:
    """Read a run, finished or not.

    Raises:
        ValueError: its config is damaged.
    """
    config, rows, events = run.config(), run.metrics(), run.events()
    title = f"{config.game} by {config.algorithm}, seed {config.seed}"
    return Report(
        run.name, title, _facts(run, config, rows, events), _measures(rows), _chosen(run), _told(events),
        [(name, str(value), _usual(config, name, value)) for name, value in flat(config)], rows,
    )  # fmt: skip


def _facts(run: RunFolder, config: Config, rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> list[Row]:
    times = [row["time"] for row in (*events, *rows) if isinstance(row.get("time"), int | float)]
    last = rows[-1]["step"] if rows else 0
    ended = any(event.get("kind") == "end" for event in events[-3:])
    state = "ended" if ended else "not ended: going on, or stopped"
    made = _versions(run.path / VERSIONS)
    begun = f"{datetime.fromtimestamp(min(times), UTC):%Y-%m-%d %H:%M} UTC" if times else "–"
    return [
        ("state", f"{state}, iteration {last:,} of {config.iterations:,}"),
        ("began", begun),
        ("took", f"{duration(max(times) - min(times))} from the first to the last record" if times else "–"),
        ("command", command(config)),
        ("made on", ", ".join(f"{name} {str(made[name])[:40]}" for name in _MADE if made.get(name) is not None) or "–"),
    ]


_MADE = ("python", "torch", "numpy", "dtype", "threads", "cpu", "commit")


def _versions(path: Path) -> dict[str, Any]:
    import json

    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def command(config: Config) -> str:
    """What to type for such a run: the preset that differs least, and the fields that differ."""
    wanted = dict(flat(config))

    def apart(name: str) -> dict[str, Any]:
        usual = dict(flat(PRESETS[name]))
        return {key: value for key, value in wanted.items() if usual[key] != value}

    name = min(PRESETS, key=lambda preset: (PRESETS[preset].game != config.game, len(apart(preset))))
    words = ["xueba", "train", name]
    for key, value in apart(name).items():
        words.append(f"--{key.replace('_', '-')}")
        values = [part for pair in value.items() for part in pair] if isinstance(value, dict) else [value]
        words += [str(part) for part in values]
    return shlex.join(words)


def _usual(config: Config, name: str, value: Any) -> str:
    """What the field is unless somebody says otherwise; nothing where it is just that."""
    usual = dict(flat(Config()))[name]
    return "" if usual == value else str(usual)


def _measures(rows: list[dict[str, Any]]) -> list[Row]:
    """Of each measure: the last figure, its counts and interval, when it was taken, and the best one so far."""
    found = []
    for name, label in MEASURES.items():
        there = [row for row in rows if isinstance(row.get(name), int | float)]
        if not there or there[-1].get(f"{name}_of") == 0:
            continue
        last, less = there[-1], name.startswith(_LESS_IS_BETTER)
        best = (min if less else max)(there, key=lambda row: row[name])
        found.append(
            (label, *_figure(last, name), f"{last['step']:,}", f"{_figure(best, name)[0]} at {best['step']:,}")
        )
    return found


def _figure(row: Mapping[str, Any], name: str) -> Row:
    """A figure, what it counts of how many, and its 95% interval."""
    if name.startswith("eval/lost_lines"):
        return f"{row[name]:,.0f}", f"{row[name]:,.0f} of {row.get(name.replace('lost_lines', 'lines'), 0):,.0f}", ""
    count, of = row.get(f"{name}_count"), row.get(f"{name}_of")
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    counted = f"{count:,g} of {of:,g}" if count is not None and of is not None else ""
    return _share(row[name]), counted, f"{_share(low)} to {_share(high)}" if None not in (low, high) else ""


def _share(value: float | None) -> str:
    """In per cent, rounded down: 100% is said of nothing less than all."""
    return "–" if value is None else f"{int(value * 1000) / 10:g}%"


def _told(events: list[dict[str, Any]]) -> list[Row]:
    """What happened, checkpoints apart."""
    kept = [event for event in events if event.get("kind") not in ("checkpoint", "best")]
    return [(str(e.get("step", "")), str(e.get("kind", "")), str(e.get("text", ""))) for e in kept[-60:]]


def _chosen(run: RunFolder) -> list[tuple[str, int, Episode]]:
    """Of the last recorded games the best and the worst."""
    recorded = Recorded(run.path / EPISODES)
    count = recorded.refresh()
    games = []
    for at in range(max(0, count - LAST_GAMES), count):
        try:
            games.append(recorded.game(at))
        except ValueError:
            continue  # damaged lines are no reason to tell nothing
    if not games:
        return []
    if games[-1][1].game in PROBLEMS:
        right = [game for game in games if _right(game[1])]
        wrong = [game for game in games if not _right(game[1])]
        longest = max(right, key=lambda game: (len(game[1].turns[-1].reply.text), game[0]), default=None)
        named = [
            ("right, with the most reasoning", longest),
            ("the newest that is not right", next(reversed(wrong), None)),
        ]
    else:
        played = [game for game in games if game[1].ending == "rules"]
        refused = [game for game in games if game[1].ending != "rules"]
        won = [game for game in played if game[1].returns[0]]
        quick = min(won, key=lambda game: (len(game[1].history), -game[0]), default=None)
        named = [
            ("won in the fewest moves", quick),
            ("the newest that the rules ended by refusing a reply", next(reversed(refused), None)),
            ("the newest", games[-1]),
        ]
    return [(why, *game) for why, game in named if game is not None]


def _right(episode: Episode) -> bool:
    return bool(episode.turns) and episode.turns[-1].verdict.action == RIGHT


HEADS = {
    "measures": ("measure", "last", "counts", "95% interval", "iteration", "best"),
    "events": ("iteration", "what", "told"),
    "config": ("field", "value", "unless changed"),
}
EMPTY = "Nothing was measured yet."


def markdown(report: Report) -> str:
    """The report as plain Markdown."""
    parts = [f"# {escaped(report.name)}", escaped(report.title)]
    parts.append(
        "\n".join(f"- {name}: {f'`{value}`' if name == 'command' else escaped(value)}" for name, value in report.facts)
    )
    parts += ["## How good it is", table(HEADS["measures"], report.measures) if report.measures else EMPTY]
    if report.games:
        parts.append("## Games")
        parts += [f"- {why}, iteration {step}: {escaped(plain(episode))}" for why, step, episode in report.games]
    if report.events:
        parts += ["## What happened", table(HEADS["events"], report.events)]
    parts += ["## Config", table(HEADS["config"], report.config)]
    return "\n\n".join(parts) + "\n"


def html(report: Report) -> str:
    """The report as one page that opens from a disk."""
    facts = "".join(_fact(name, value) for name, value in report.facts)
    parts = [f"<main><h1>{_html(report.name)}</h1><p>{_html(report.title)}</p><dl class=facts>{facts}</dl>"]
    parts.append("<h2>How good it is</h2>")
    parts.append(_html_table("measures", report.measures) if report.measures else f"<p>{EMPTY}</p>")
    parts.append(_curves(report))
    if report.games:
        parts.append("<h2>Games</h2>")
        for why, step, episode in report.games:
            parts.append(f"<h3>{_html(why)}, iteration {step}</h3>{episode_html(episode, CLASSES)}")
    if report.events:
        parts.append(f"<h2>What happened</h2>{_html_table('events', report.events)}")
    parts.append(f"<details><summary>Config</summary>{_html_table('config', report.config)}</details></main>")
    return page(report.name, "".join(parts))


def _fact(name: str, value: str) -> str:
    told = f"<code>{_html(value)}</code>" if name == "command" else _html(value)
    return f"<dt>{_html(name)}</dt><dd>{told}</dd>"


def _html(text: str) -> str:
    return escape(clean(text, 600))


def _html_table(name: str, rows: Sequence[Row]) -> str:
    return html_table(HEADS[name], [[_html(cell) for cell in row] for row in rows], name)


def _curves(report: Report) -> str:
    """The picture of the curves, within the page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "curves.png"
        try:
            plot_curves(report.rows, path, report.name)
        except ValueError:
            return ""
        data = base64.b64encode(path.read_bytes()).decode()
    told = _html("Curves. At the end: " + "; ".join(f"{row[0]} {row[1]}" for row in report.measures))
    picture = f'<img class="curves-picture" alt="{told}" src="data:image/png;base64,{data}">'
    return f'<h2>Curves</h2><div class="scroll" tabindex="0" role="region" aria-label="curves">{picture}</div>'
