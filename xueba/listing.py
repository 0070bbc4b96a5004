"""`xueba list`: games, problems, players, settings of chat models, presets and runs, as tables or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.table import Table
from rich.text import Text

from envs.lookup import not_found
from envs.visible import clean
from xueba.arguments import parsed, runs_option
from xueba.console import hint, out

Rows = list[dict[str, Any]]

PLAYERS = {
    "random": ("any legal move", "every game, arena"),
    "perfect": ("knows every position", "small games, such as tic-tac-toe"),
    "solver": ("the perfect Connect Four player; needs pip install 'xueba[solver]' (AGPL-3.0)", "connect-four"),
    "mcts:N": ("plain tree search, N random rollouts a move (400 unless named)", "every game"),
    "human": ("you", "every game, arena"),
    "run:NAME": (
        "what a run has learned: no search, no mask (NAME@last, NAME@40: that checkpoint)",
        "its world; chess: arena",
    ),
    "search:NAME": ("the same with tree search", "its game"),
}


@dataclass(frozen=True)
class Listing:
    """List the games, problems, players, chat-settings, presets or runs.

    Examples:
      xueba list games
      xueba list problems
      xueba list runs --json
    """

    what: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="WHAT")] = ""
    """games, problems, players, chat-settings, presets or runs; all of them unless one is named"""
    json: bool = False
    """print JSON"""
    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """Print the lists.

    Raises:
        ValueError: there is no such list.
    """
    chosen = parsed(Listing, words, "list [games|problems|players|chat-settings|presets|runs]")
    lists: dict[str, Callable[[], Rows]] = {
        "games": games,
        "problems": problems,
        "players": players,
        "chat-settings": chat_settings,
        "presets": presets,
        "runs": lambda: runs(chosen.runs),
    }
    if chosen.what and chosen.what not in lists:
        raise ValueError(not_found("list", chosen.what, lists))
    names = [chosen.what] if chosen.what else list(lists)
    found = {name: lists[name]() for name in names}
    if chosen.json:
        print(json.dumps(found[chosen.what] if chosen.what else found, indent=1))
        return 0
    for name, rows in found.items():
        _print(name, rows)
    where = runs_option(chosen.runs)
    hint(*[NEXT[name].format(runs=where) for name in names if found[name]] or [f"begin a run: xueba train{where}"])
    return 0


NEXT = {
    "games": "play one: xueba play tic-tac-toe",
    "problems": "try one: xueba play addition; let a model learn it: xueba train addition",
    "players": "let two play: xueba match mcts:100 random --game connect-four; and talk: xueba arena liar believer; "
    "what chat models take: xueba list chat-settings",
    "chat-settings": "let one play: xueba arena 'chat:MODEL@URL?language=zh&temperature=0.7' honest",
    "presets": "begin a run: xueba train PRESET",
    "runs": "watch one: xueba watch NAME{runs}; measure it: xueba eval NAME{runs}",
}


def _print(name: str, rows: Rows) -> None:
    if not rows:
        out().print(f"no {name} yet")
        return
    table = Table(title=name, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in rows[0]:
        table.add_column(column, style="bold" if column == "name" else "", header_style="dim", overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(_shown(value))) for value in row.values()))
    out().print(table)
    out().print()


def _shown(value: object) -> str:
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def games() -> Rows:
    """The worlds."""
    from envs import GAMES

    return [
        {
            "name": name,
            "board": "x".join(map(str, game.shape)),
            "moves": f"{game.moves[0]}-{game.moves[-1]}",
            "longest game": game.max_plies,
            "what": clean(str(type(game).__doc__ or "").split("\n")[0]) or _about(game),
        }
        for name, game in GAMES.items()
    ]


def problems() -> Rows:
    """The kinds of questions, each with one of its easier ones."""
    import numpy as np

    from envs.problem import TRAIN, questions
    from envs.problems import PROBLEMS

    rows: Rows = []
    for name, game in PROBLEMS.items():
        problem = game.problem
        task = questions(problem, *np.array([[TRAIN], [min(2, problem.levels)], [0]]))[0]
        rows.append({"name": name, "levels": problem.levels, "example": task.question, "answer": task.answer})
        rows[-1]["what"] = problem.title
    return rows


def _about(game: object) -> str:
    import sys

    return str(sys.modules[type(game).__module__].__doc__ or "").split("\n")[0].partition(": ")[2]


def players() -> Rows:
    """Who can sit down, at the games and at the arena's table."""
    from agents.arena_players import ABOUT

    rows: Rows = [{"name": name, "who": who, "plays": plays} for name, (who, plays) in PLAYERS.items()]
    return rows + [{"name": name, "who": who, "plays": "arena"} for name, who in ABOUT.items() if name not in PLAYERS]


def chat_settings() -> Rows:
    """What may stand behind the question mark of `chat:MODEL@URL?name=value&name=value`, as its fields explain it."""
    import ast
    import inspect

    from agents.chat_settings import ChatConfig

    (made,) = ast.parse(inspect.getsource(ChatConfig)).body
    assert isinstance(made, ast.ClassDef)
    about = {
        field.target.id: clean(str(told.value.value))
        for field, told in pairwise(made.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(told, ast.Expr) and isinstance(told.value, ast.Constant)
    }
    usual = ((field.name, field.default) for field in fields(ChatConfig) if field.name not in ("model", "url"))
    return [{"name": name, "usual": str(value), "what": about.get(name, "")} for name, value in usual]


def presets() -> Rows:
    """The configs that are known to work."""
    from training.presets import EXPECTED, PRESETS

    return [
        {"name": name, "learns": f"{config.game} by {config.algorithm}", "expect": EXPECTED[name]}
        for name, config in PRESETS.items()
    ]


def runs(root: Path) -> Rows:
    """The folders of runs and tournaments, the newest last."""
    from training.run_folder import EPISODES, RunFolder
    from xueba import index
    from xueba.recorded import Recorded
    from xueba.tournaments import told

    rows: Rows = []
    for path in sorted(index.run_folders(root), key=lambda path: (index.began(path), path.name)):
        folder = RunFolder(path)
        if not (path / "config.json").is_file():
            count = Recorded(path / EPISODES).refresh()
            world = ":".join(str(told(path).get("world", "")).split(":")[:2])
            row = {"name": path.name, "game": world or "played by persons", "algorithm": "", "iteration": None}
            rows.append(row | {"of": None, "score": None, "state": f"{count} game{'s' * (count != 1)}"})
            continue
        try:
            config = folder.config()
        except ValueError as error:
            rows.append(dict.fromkeys(("game", "algorithm", "iteration", "of", "score"), None) | {"state": str(error)})
        else:
            metrics = folder.metrics()
            step = metrics[-1]["step"] if metrics else 0
            state = "solved" if _solved(folder.events()) else "done" if step >= config.iterations else ""
            scores = [row["eval/score"] for row in metrics if row.get("eval/score") is not None]
            rows.append(
                {"game": config.game, "algorithm": config.algorithm, "iteration": step, "of": config.iterations}
                | {"score": scores[-1] if scores else None, "state": state}
            )
        rows[-1] = {"name": folder.name, **rows[-1]}
    return rows


def _solved(events: Rows) -> bool:
    """Whether a run's training ended, and was not taken up again, because nothing was left to learn."""
    last = [event for event in events if event.get("kind") in ("resume", "end")][-1:]
    return bool(last) and last[0]["kind"] == "end" and str(last[0].get("text")).startswith("solved")
