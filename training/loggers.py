"""Where a run tells what happens: the same names on the same axis (the iteration) in every place."""

from __future__ import annotations

import math
import netrc
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np

from agents.episode import Episode, to_record
from envs import GAMES
from envs.game import replay
from envs.problem import GRADES, SPLITS
from envs.problems import PROBLEMS
from envs.render import text
from envs.reply import parse_reply
from training.config_file import to_data
from training.run_folder import EPISODES, EVENTS, METRICS, WARM_UP, RunFolder

MAX_EPISODES = 64 << 20
"""bytes of `episodes.jsonl` after which no more games are kept"""
WARM_UP_PAUSE = 2.0
"""seconds between two lines on the warm-up, in which nothing else is written for minutes"""
MAX_TABLE = 200
"""games of a table in Weights & Biases"""
NAMESPACES = ("train", "rollout", "reward", "eval", "arena", "perf")
"""The first parts of the metrics' names."""


class Logger(Protocol):
    """Told everything, in order; `step` is the number of iterations done."""

    def metrics(self, step: int, metrics: Mapping[str, float]) -> None:
        """The numbers of an iteration, named `train/ rollout/ reward/ eval/ arena/ perf/`; once a step."""

    def progress(self, done: int, of: int, metrics: Mapping[str, float]) -> None:
        """`done` of the `of` steps of the warm-up are done, the last one with these numbers; for those who wait."""

    def episodes(self, step: int, episodes: Sequence[Episode]) -> None:
        """A few games as they were just played."""

    def event(self, step: int, kind: str, text: str) -> None:
        """Something worth a line: `begin`, `resume`, `warm-up`, `checkpoint`, `best`, `alarm`, `end`, ..."""

    def close(self) -> None:
        """Nothing more will come."""


class Loggers:
    """Tells several; without any, nobody."""

    def __init__(self, *loggers: Logger) -> None:
        self._loggers = loggers

    def metrics(self, step: int, metrics: Mapping[str, float]) -> None:
        for logger in self._loggers:
            logger.metrics(step, metrics)

    def progress(self, done: int, of: int, metrics: Mapping[str, float]) -> None:
        for logger in self._loggers:
            logger.progress(done, of, metrics)

    def episodes(self, step: int, episodes: Sequence[Episode]) -> None:
        for logger in self._loggers:
            logger.episodes(step, episodes)

    def event(self, step: int, kind: str, text: str) -> None:
        for logger in self._loggers:
            logger.event(step, kind, text)

    def close(self) -> None:
        for logger in self._loggers:
            logger.close()


class FileLogger:
    """The run folder: the one that is always there, and that everything else can be made from again."""

    def __init__(self, run: RunFolder, max_episodes: int = MAX_EPISODES) -> None:
        self._run = run
        self._max_episodes = max_episodes
        self._told = -WARM_UP_PAUSE

    def metrics(self, step: int, metrics: Mapping[str, float]) -> None:
        self._run.append(METRICS, [{"step": step, "time": time.time(), **_finite(metrics)}])

    def progress(self, done: int, of: int, metrics: Mapping[str, float]) -> None:
        now = time.monotonic()
        if done < of and now - self._told < WARM_UP_PAUSE:
            return
        self._told = now
        numbers = {f"train/{name}": value for name, value in _finite(metrics).items()}
        self._run.append(WARM_UP, [{"step": 0, "time": time.time(), "done": done, "of": of, **numbers}])

    def episodes(self, step: int, episodes: Sequence[Episode]) -> None:
        path = self._run.path / EPISODES
        if episodes and (not path.exists() or path.stat().st_size < self._max_episodes):
            self._run.append(EPISODES, [{"step": step, **to_record(episode)} for episode in episodes])

    def event(self, step: int, kind: str, text: str) -> None:
        self._run.append(EVENTS, [{"step": step, "time": time.time(), "kind": kind, "text": text}])

    def close(self) -> None: ...


def _finite(metrics: Mapping[str, float]) -> dict[str, float | None]:
    """JSON knows no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}


class TensorBoardLogger:
    """Event files for TensorBoard, in `tensorboard/` of the run folder; games as text."""

    def __init__(self, run: RunFolder) -> None:
        self._folder = run.path / "tensorboard"
        self._opened: Any = None

    def _writer(self, step: int) -> Any:
        if self._opened is None:
            from tensorboardX import SummaryWriter

            # what was written after the checkpoint a run goes on from is not shown twice
            self._opened = SummaryWriter(str(self._folder), purge_step=step + 1, flush_secs=30)
        return self._opened

    def metrics(self, step: int, metrics: Mapping[str, float]) -> None:
        writer = self._writer(step)
        for name, value in metrics.items():
            writer.add_scalar(name, value, step)
        writer.flush()

    def progress(self, done: int, of: int, metrics: Mapping[str, float]) -> None: ...

    def episodes(self, step: int, episodes: Sequence[Episode]) -> None:
        for number, episode in enumerate(episodes):
            # four spaces: a code block, in which nothing is taken for HTML or Markdown
            block = "\n".join("    " + line for line in transcript(episode).split("\n"))
            self._writer(step).add_text(f"games/{number}", block, step)

    def event(self, step: int, kind: str, text: str) -> None:
        self._writer(step).add_text(f"events/{kind.replace(' ', '_')}", f"    {text}", step)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()


def transcript(episode: Episode) -> str:
    """A game as plain text: who played, the moves with the thinking, the last board. Or a problem and its answer."""
    row = summary(episode)
    if episode.game in PROBLEMS:
        asked = f"{row['problem']}, level {row['level']}, number {row['number']}: {row['grade']}"
        told = [f"{name}: {row[name]}" for name in ("answer", "expected", "reason") if row[name]]
        return "\n".join([asked, row["question"], row["thinking"], *told])
    head = f"{row['first']} (first) - {row['second']} (second): {row['result']}, {row['ending']}"
    return "\n".join([head, row["thinking"], row["board"]])


def summary(episode: Episode) -> dict[str, str]:
    """A game, or a problem, as a few short texts: a row of a table, with the same columns for all of one world."""
    if episode.game in PROBLEMS:
        return _answered(episode)
    game = GAMES[episode.game]
    lines = [f"opening: {' '.join(game.moves[move] for move in episode.opening)}"] if episode.opening else []
    for turn in episode.turns:
        form = parse_reply(turn.reply.text)
        said = f"{form.think!r} -> {form.answer!r}" if not form.fault else f"{turn.reply.text[:200]!r}"
        lines.append(
            f"{'first' if turn.seat == 0 else 'second'}: {said}"
            + ("" if turn.verdict.legal else f" ({turn.verdict.kind})")
        )
    state = replay(game, np.array([episode.history], np.int64).reshape(1, -1))
    first = episode.returns[0]
    return {
        "game": episode.game,
        "number": str(episode.number),
        "first": episode.players[0],
        "second": episode.players[1],
        "result": "first wins" if first > 0 else "second wins" if first < 0 else "draw",
        "ending": episode.ending,
        "moves": " ".join(game.moves[move] for move in episode.history),
        "thinking": "\n".join(lines),
        "board": text(game, state),
    }


def _answered(episode: Episode) -> dict[str, str]:
    """A problem, what was thought and answered, and how that was graded."""
    turn, (split, level, number) = episode.turns[-1], episode.opening
    game = PROBLEMS[episode.game]
    task = game.tasks(replay(game, np.array([episode.opening], np.int64)))[0]
    form = parse_reply(turn.reply.text)
    return {
        "problem": episode.game,
        "split": SPLITS[split],
        "level": str(level),
        "number": str(number),
        "question": task.question,
        "thinking": form.think if not form.fault else f"{turn.reply.text[:1000]!r}",
        "answer": form.answer,
        "expected": task.answer,
        "grade": GRADES[turn.verdict.action] if turn.verdict.legal else turn.verdict.kind,
        "reason": turn.verdict.reason,
    }


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)


class WandbLogger:
    """Weights & Biases: online where the user is logged in, otherwise offline in `wandb/` of the run folder.

    It never asks and never blocks: whatever goes wrong with it is said once, to `say`, and the run goes on. A run that
    is resumed becomes another wandb run of the same group, because wandb cannot go on with an offline one.
    """

    def __init__(
        self, run: RunFolder, say: Callable[[str], None] = _to_stderr, project: str = "xueba", patience: float = 20.0
    ) -> None:
        """Begin a wandb run; `patience`: seconds that are waited for their server at most, at the start and the end."""
        self._say = say
        self._rows: list[list[str]] = []
        self._columns: list[str | int] = []
        self._run: Any = None
        self._path = run.path
        # before the import: it looks up their server's address otherwise, even offline
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        os.environ.setdefault("WANDB_SILENT", "true")
        if os.environ.get("WANDB_MODE") == "disabled":
            self._give_up("wandb: WANDB_MODE is disabled", "nothing is sent there")
            return
        modes = ["online", "offline"] if _logged_in() else ["offline"]
        for mode in modes:
            if self._begin(run, project, mode, patience):
                break

    def _begin(self, run: RunFolder, project: str, mode: str, patience: float) -> bool:
        try:
            import wandb

            wanted: dict[str, Any] = {
                "init_timeout": patience,
                "finish_timeout": patience,
                "console": "off",  # what is printed is nobody's business
                "silent": True,
                "show_errors": False,
                "disable_git": True,  # the address of a remote may hold a password
                "disable_code": True,
                "disable_job_creation": True,
                "x_disable_meta": True,
                "x_disable_stats": True,
                "x_disable_machine_info": True,
                "x_save_requirements": False,
            }
            known = wandb.Settings.model_fields
            self._run = wandb.init(
                project=project,
                group=run.name,
                name=run.name,
                dir=str(run.path),
                mode=mode,  # type: ignore[arg-type]
                config=to_data(run.config()),
                settings=wandb.Settings(**{name: value for name, value in wanted.items() if name in known}),
            )
            self._run.define_metric("iteration", hidden=True)
            for namespace in NAMESPACES:
                self._run.define_metric(f"{namespace}/*", step_metric="iteration")
        except Exception as error:  # noqa: BLE001  # a mirror's fault, of whatever kind, must not end a run
            self._give_up(
                f"wandb could not begin {mode} ({_brief(error)})", "goes on offline" if mode == "online" else ""
            )
            return False
        if mode == "offline":
            self._say(f"wandb: offline; later: wandb sync {self._path / 'wandb'}/offline-run-*")
        return True

    def metrics(self, step: int, metrics: Mapping[str, float]) -> None:
        # no step=: wandb drops whatever is behind its own counter
        self._log({"iteration": step, **metrics})

    def progress(self, done: int, of: int, metrics: Mapping[str, float]) -> None: ...

    def episodes(self, step: int, episodes: Sequence[Episode]) -> None:
        if self._run is None:
            return
        rows = [{"iteration": str(step), **summary(episode)} for episode in episodes]
        self._columns = list(rows[0]) if rows else self._columns
        self._rows += [list(row.values()) for row in rows]
        if len(self._rows) > 2 * MAX_TABLE:
            self._rows = self._rows[::2]

    def event(self, step: int, kind: str, text: str) -> None:
        if kind in ("alarm", "all clear", "damage"):
            self._attempt(lambda: self._run.alert(title=kind, text=text[:1000], wait_duration=0))

    def close(self) -> None:
        self._table()
        self._attempt(lambda: self._run.finish())  # noqa: PLW0108  # there may be no run
        self._run = None

    def _table(self) -> None:
        def log() -> None:
            import wandb

            rows = self._rows[:: max(1, -(-len(self._rows) // MAX_TABLE))]
            self._run.log({"rollout/sample": wandb.Table(columns=self._columns, data=rows)})

        if self._rows:
            self._attempt(log)

    def _log(self, numbers: dict[str, float]) -> None:
        self._attempt(lambda: self._run.log(numbers))

    def _attempt(self, what: Callable[[], object]) -> None:
        if self._run is None:
            return
        try:
            what()
        except Exception as error:  # noqa: BLE001  # see above
            self._give_up(f"wandb failed ({_brief(error)})", "nothing more is sent there")

    def _give_up(self, what: str, then: str) -> None:
        self._run = None
        self._say("; ".join(part for part in (what, then, "the run folder has everything") if part))


def _brief(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"


def _logged_in() -> bool:
    """There is a key for their server, and the user has not asked to stay offline."""
    if os.environ.get("WANDB_MODE", "online") != "online":
        return False
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL") or "https://api.wandb.ai").hostname or ""
    for name in (os.environ.get("NETRC"), "~/.netrc", "~/_netrc"):
        try:
            if name and netrc.netrc(Path(name).expanduser()).authenticators(host):
                return True
        except (OSError, netrc.NetrcParseError, RuntimeError):
            continue
    return False


LOGGERS: dict[str, Callable[[RunFolder], Logger]] = {
    "file": FileLogger,
    "tensorboard": TensorBoardLogger,
    "wandb": WandbLogger,
}
"""What a user can ask for by name."""
