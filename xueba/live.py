"""Training as one sees it: what is being learned, how good it is now, how long it still takes, and games as played.

On a terminal a display that stays in its place; elsewhere plain lines with the same content.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import isfinite

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from agents.episode import Episode
from envs.problems import PROBLEMS
from envs.visible import clean
from training.config import Config
from training.learner import STUDENT
from xueba.console import BLUE, GREEN, ORANGE, RED, duration, spark
from xueba.keys import quiet
from xueba.scene import picture, plain

WIDTH = 80
_GAME_SECONDS = 6.0
"""a game stays so long before the next one takes its place"""
_LINE_SECONDS = 60.0
"""without a measurement, a plain line is due after so long"""
_STEP_SECONDS = 10.0
"""between two plain lines of the warm-up"""
_LEVELS = 6
"""so many are told by their figures; more are drawn"""
_QUIET = ("checkpoint", "best")
"""events that are not told: checkpoints come and go"""


class ConsoleLogger:
    """A `training.loggers.Logger` for people."""

    def __init__(self, config: Config, name: str, console: Console, clock: Callable[[], float] = time.monotonic):
        self.config, self.name, self.console = config, name, console
        self._clock, self._began = clock, clock()
        self.step, self._first_step, self._first_time = 0, -1, 0.0
        self._asks = config.game in PROBLEMS
        self._warm_up: tuple[int, int] | None = None
        self._warm_begun: tuple[int, float] | None = None
        self.stage = "setting up"
        self.latest: dict[str, float] = {}
        self.history: dict[str, list[float]] = {}
        self.alarms: dict[str, str] = {}
        self._ended = self._stopping = False
        self._episode: Episode | None = None
        self._episode_step, self._episode_time, self._line_time = 0, -1e9, self._began
        self._measured = False
        self._live: Live | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            self._live = Live(get_renderable=self.render, console=console, refresh_per_second=4)
            self._restore = quiet()
            self._live.start()

    def metrics(self, step: int, metrics: Mapping[str, float]) -> None:
        """The numbers of an iteration."""
        if self._first_step < 0:
            self._first_step, self._first_time = step, self._clock()
        self.step = step
        if not self._stopping:
            practice = "answering, learning from the grades" if self._asks else "playing itself, learning from it"
            self.stage = practice if step < self.config.iterations else "saving"
        self._warm_up = None
        self.latest |= metrics
        self._remember(metrics)
        self._measured = any(name.startswith("eval/") for name in metrics)
        if self._live is None and (self._measured or self._clock() - self._line_time > _LINE_SECONDS):
            self._line_time = self._clock()
            self._say(self.line())

    def episodes(self, step: int, episodes: Sequence[Episode]) -> None:
        """A few games as they were just played; the one with the shortest random opening is shown."""
        if not episodes or (self._live is not None and self._clock() - self._episode_time < _GAME_SECONDS):
            return
        self._episode, self._episode_step = min(episodes, key=lambda episode: len(episode.opening)), step
        self._episode_time = self._clock()
        if self._live is None and self._measured:
            self._say(plain(self._episode))

    def progress(self, done: int, of: int, metrics: Mapping[str, float]) -> None:
        """`done` of the `of` steps of the warm-up."""
        self._warm_up = (done, of)
        self._warm_begun = self._warm_begun or (done, self._clock())
        if done == of:
            self.stage = "measuring"
        if self._live is None and self._clock() - self._line_time > _STEP_SECONDS:
            self._line_time = self._clock()
            self._say(f"warm-up: {self._where()}  {self._times()}")

    def event(self, step: int, kind: str, text: str) -> None:
        """Something worth a line."""
        if kind == "warm-up":
            self.stage = "reading worked solutions" if self._asks else "warm-up: the form of a reply, but no skill"
        elif kind == "end":
            self.stage, self._ended = text, True
        elif kind == "all clear":
            self.alarms.pop(text, None)
        elif kind in ("alarm", "damage", "changed"):
            self.alarms[text.partition(":")[0]] = f"{kind} at iteration {step}: {text}"
        if self._live is None and kind not in _QUIET:
            self._say(f"{kind}: {clean(text, 300)}")

    def remember(self, rows: Sequence[Mapping[str, float | None]]) -> None:
        """The numbers from before, where a run goes on."""
        for row in rows:
            known = {name: value for name, value in row.items() if value is not None and "/" in name}
            self.latest |= known
            self._remember(known)

    def _remember(self, metrics: Mapping[str, float]) -> None:
        for name, value in metrics.items():
            # a reply that is not legal ends its line, so a poor player has few lines: the share tells, not the number
            of = metrics.get(name.replace("lost_lines", "lines"), 0.0) if "lost_lines" in name else 1.0
            if name.startswith(("eval/", "arena/")):
                self.history.setdefault(name, []).append(value / of if of else 0.0)

    def note(self, text: str) -> None:
        """What the program is about to do, in place of the stage."""
        self.stage, self._stopping = text, True
        # called by a signal's handler, perhaps in the middle of another line
        with suppress(RuntimeError):
            if self._live is None:
                self._say(text)

    def abandon(self) -> None:
        """Leave the terminal as it was found, without waiting for anything."""
        if self._live is not None:
            self._restore()
            os.write(sys.stderr.fileno(), b"\x1b[?25h\n")

    def close(self) -> None:
        """Leave the last state standing."""
        if self._live is not None:
            if not self._ended:
                self.stage, self._ended = f"left at iteration {self.step}", True
            self._live.stop()
            self._restore()
            self._live = None

    def _say(self, line: str) -> None:
        self.console.print(Text(line), soft_wrap=True)

    def remaining(self) -> float:
        """Seconds until the last iteration, or the last step of the warm-up, by the pace of this session; or NaN."""
        if self._warm_up is not None and self._warm_begun is not None:
            (done, of), (first, began) = self._warm_up, self._warm_begun
            return (self._clock() - began) / (done - first) * (of - done) if done > first else float("nan")
        done = self.step - self._first_step
        if self._first_step < 0 or done < 1:
            return float("nan")
        return (self._clock() - self._first_time) / done * (self.config.iterations - self.step)

    # as plain lines

    def line(self) -> str:
        """Everything of the display on one line."""
        parts = [f"iteration {self.step}/{self.config.iterations}"]
        parts += [f"{label} {value}" for label, value, _ in self.skills()] + [f"{a} {b}" for a, b in self.rates()]
        parts += [f"by level {self.levels()}"] if self.levels() else []
        return "  ".join([*parts, self._times()])

    def _where(self) -> str:
        if self._warm_up is not None:
            return f"step {self._warm_up[0]:,} of {self._warm_up[1]:,}"
        return f"iteration {self.step} of {self.config.iterations}"

    def _times(self) -> str:
        left = self.remaining()
        about = "about" if self._warm_up is not None else "at most"
        to_go = f", {about} {duration(left)} to go" if left > 0 and not self._ended else ""
        return f"{duration(self._clock() - self._began)} elapsed{to_go}"

    # as a display

    def skills(self) -> list[tuple[str, str, str]]:
        """(measure, value, its history) of how good it is."""
        now, found = self.latest, []
        for seat in ("first", "second"):
            if f"eval/lost_lines_{seat}" in now:
                lost, lines = now[f"eval/lost_lines_{seat}"], now[f"eval/lines_{seat}"]
                found.append((f"lost lines, moving {seat}", f"{lost:,.0f} of {lines:,.0f}", f"eval/lost_lines_{seat}"))
        for name, label in (
            ("eval/agreement_result", "keeps what the solver proves"),
            ("eval/agreement_best", "the solver's very best move"),
            ("arena/random_points", "points against random"),
            ("arena/mcts_points", "points against MCTS 400"),
            ("eval/right", "right, with every step"),
            ("eval/answers", "right answers"),
            ("eval/guessed", "right, but guessed"),
            ("eval/valid_but_wrong", "argued well, but wrong"),
        ):
            if name in now:
                found.append((label, _with_interval(now, name), name))
        past = {name: self.history.get(name, []) for _, _, name in found}
        return [(label, value, spark(past[name], 20, max(past[name], default=1.0))) for label, value, name in found]

    def levels(self) -> str:
        """How many are right at each level, where several are asked; of many levels a picture."""
        found = by_level(self.latest)
        if len(found) <= _LEVELS:
            return "  ".join(f"{level}: {int(100 * share)}%" for level, share in found)
        shares = [share for _, share in found]
        return f"{found[0][0]} {spark(shares, 40, 1.0)} {found[-1][0]}, the worst {_down(min(shares))}%"

    def rates(self) -> list[tuple[str, str]]:
        """The other figures, shortly."""
        now = self.latest
        # of a problem any well-formed reply is legal
        names = (("eval/well_formed", "well-formed"), *([] if self._asks else [("eval/legal", "legal")]))
        things = "questions" if self._asks else "games"
        rates = [(label, f"{_down(now[name])}%") for name, label in names if name in now]
        if "perf/games_per_second" in now:
            rates.append((f"{things}/s", f"{now['perf/games_per_second']:,.0f}"))
        if "rollout/games" in now:
            rates.append((f"{things} an iteration", f"{now['rollout/games']:,.0f}"))
        return rates

    def render(self) -> RenderableType:
        """The display, `WIDTH` columns at most."""
        config, width = self.config, min(WIDTH, self.console.width)
        top = Table.grid(expand=True, padding=(0, 0, 0, 2))
        top.add_column(ratio=1)
        top.add_column(justify="right", no_wrap=True)
        stage = Text(clean(self.stage, 100), GREEN)
        top.add_row(stage if self._ended else Spinner("dots", stage), self._where())
        done, of = self._warm_up or (self.step, config.iterations)
        bar = ProgressBar(of, min(done, of), complete_style=BLUE, finished_style=GREEN)
        top.add_row(bar, Text(self._times(), "dim"))
        parts: list[RenderableType] = [top, Text(""), self._figures()]
        parts += [Text(f"⚠ {clean(alarm, 150)}", f"bold {RED}") for alarm in list(self.alarms.values())[-2:]]
        parts += self._game(width - 4)
        about = f"{config.game}, {config.algorithm}, seed {config.seed} "
        title = Text.assemble((f" {clean(self.name, 24)} ", "bold"), (about, "dim"))
        return Panel(Group(*parts), title=title, title_align="left", width=width, border_style="bright_black")

    def _figures(self) -> RenderableType:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="dim")
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, style=ORANGE)
        for label, value, history in self.skills():
            table.add_row(label, Text(value, "bold"), history)
        if not table.rows:
            table.add_row("how good it is", Text("not measured yet"), "")
        rates = Text()
        if self.levels():
            rates.append("right, by level ", "dim").append(f"{self.levels()}\n", "bold")
        for label, value in self.rates():
            rates.append(f"{label} ", "dim").append(f"{value}    ", "bold")
        return Group(table, rates)

    def _game(self, width: int) -> list[RenderableType]:
        episode = self._episode
        if episode is None:
            return []
        # what is written while expert iteration gathers games is the teacher's: search over the model
        if self._asks:
            level = f", level {episode.opening[1]}" if len(episode.opening) > 1 else ""
            caption = Text.assemble(
                ("as just answered", "bold"), (f"  at iteration {self._episode_step}{level}", "dim")
            )
            return [Text(""), caption, picture(episode, width)]
        teacher = " with search" if self.config.algorithm == "expert-iteration" else ""
        who = " against ".join(clean(name, 14) + (teacher if name == STUDENT else "") for name in episode.players)
        who = f"itself{teacher}" if set(episode.players) == {STUDENT} else who
        caption = Text.assemble(("as just played", "bold"), (f"  at iteration {self._episode_step}, {who}", "dim"))
        return [Text(""), caption, picture(episode, width)]


def by_level(metrics: Mapping[str, float]) -> list[tuple[int, float]]:
    """(level, share of its questions that were right), the lowest level first."""
    head = "eval/level_"
    names = [name for name in metrics if name.startswith(head) and name.removeprefix(head).isdecimal()]
    return sorted((int(name.removeprefix(head)), metrics[name]) for name in names)


def _with_interval(metrics: Mapping[str, float], name: str) -> str:
    low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
    interval = f" ({low:.0%} to {high:.0%})" if low is not None and high is not None else ""
    return f"{metrics[name]:.1%}{interval}"


def _down(rate: float) -> str:
    """A share in per cent, rounded down: 100.0 is said of nothing less than all."""
    return f"{int(rate * 1000) / 10:.1f}" if isfinite(rate) else "?"
