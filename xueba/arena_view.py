"""A tournament as it is played, in the terminal: who leads, what was flagged, how long it takes; or as plain lines."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from agents.episode import Episode, Turn
from agents.tournament import Fixture
from envs.visible import clean
from xueba.console import GREEN, RED, duration, short_names
from xueba.talk import flags_of, outcome

FLAGS = 6
WIDTH = 80


class ArenaView:
    """Told of turns, games and faults from several threads.

    Args:
        players: in their order.
        console: where it is shown.
        quiet: nothing is, while a person plays at this terminal.
    """

    def __init__(self, players: Sequence[str], console: Console, *, quiet: bool = False) -> None:
        self.players, self.console, self.quiet = players, console, quiet
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self.points = dict.fromkeys(players, 0.0)
        self.games = dict.fromkeys(players, 0)
        self.flagged = dict.fromkeys(players, 0)
        self.done = self.before = self.of = self.turns = 0
        self._flags: deque[Text] = deque(maxlen=FLAGS)
        self._live: Live | None = None

    def begin(self, episodes: Sequence[Episode], of: int) -> None:
        """Games that were played before, and how many there will be (0: not known)."""
        self.of = of
        for episode in episodes:
            self._count(episode)
        self.before = self.done

    def __enter__(self) -> Self:
        if self.console.is_terminal and not self.console.is_dumb_terminal and not self.quiet:
            self._live = Live(get_renderable=self.render, console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def turn(self, fixture: Fixture, turn: Turn) -> None:
        """One reply."""
        player = self.players[(fixture.first, fixture.second)[turn.seat]]
        flags = flags_of(turn)
        with self._lock:
            self.turns += 1
            self.flagged[player] += len(flags)
            for what, quote in flags:
                line = Text.assemble(
                    (f"⚑ {what} ", f"bold {RED}"),
                    short_names(self.players, 20)[player],
                    (f"  {clean(quote, 44)}", "italic"),
                )
                self._flags.append(line)

    def game(self, episode: Episode) -> None:
        """A game is over."""
        with self._lock:
            self._count(episode)
            short = short_names([*self.players, *episode.players], 30)
            line = f"game {episode.number + 1}: {' – '.join(short[name] for name in episode.players)} "
            line += f"{outcome(episode)}, {len(episode.history)} plies"
        if self._live is None and not self.quiet:
            self.console.print(f"{line}  ({self._progress()})", soft_wrap=True)

    def fault(self, fixture: Fixture, text: str) -> None:
        """A game was stopped by somebody's machinery."""
        with self._lock:
            self._flags.append(Text(f"⚠ game {fixture.number + 1} stopped: {clean(text, 60)}", RED))
        if self._live is None and not self.quiet:
            self.console.print(f"game {fixture.number + 1} stopped: {clean(text, 300)}", soft_wrap=True)

    def _count(self, episode: Episode) -> None:
        self.done += 1
        for name, value in zip(episode.players, episode.returns, strict=True):
            self.points[name] = self.points.get(name, 0.0) + (1 + value) / 2
            self.games[name] = self.games.get(name, 0) + 1

    def _progress(self) -> str:
        spent = time.monotonic() - self._began
        of = f" of {self.of}" if self.of else ""
        played = self.done - self.before
        left = f", about {duration(spent / played * (self.of - self.done))} to go" if self.of and played else ""
        return f"{self.done}{of} games in {duration(spent)}{left}"

    def render(self) -> RenderableType:
        """The display, `WIDTH` columns at most."""
        with self._lock:
            table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
            for column in ("player", "points", "games", "flags"):
                table.add_column(column, justify="left" if column == "player" else "right", header_style="dim")
            short = short_names(list(self.points), 44)
            for name in sorted(self.points, key=lambda one: -self.points[one])[:12]:
                row = (short[name], f"{self.points[name]:g}", str(self.games[name]), str(self.flagged.get(name, 0)))
                table.add_row(*row)
            head = Text.assemble((self._progress(), "bold"), (f"   {self.turns} replies", "dim"))
            # a bar ends no line by itself, and a row of a table does
            bar = Table.grid()
            width = min(WIDTH, self.console.width) - 2
            bar.add_row(ProgressBar(self.of, self.done, width=width, complete_style=GREEN) if self.of else "")
            return Group(head, bar, table, Text(""), *self._flags)
