"""A person at a table of the dashboard, against any player or checkpoint, through the one turn loop.

Each game is a thread that plays; the person's chair waits for what the page sends. What the rules refuse never reaches
that chair: it is said at once, and costs nothing. Finished games are kept as episodes in the folder `played` beside the
runs.
"""

from __future__ import annotations

import json
import queue
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.agent import Agent, Reply, View
from agents.append_only import append, whole_lines
from agents.episode import Episode, Turn, to_record
from agents.play import Match, play
from envs.lookup import not_found
from training.run_folder import EPISODES, write_json
from xueba.playable import Playable, playable
from xueba.shown import shown

FOLDER = "played"
PERSON = "human"
MAX_TABLES = 16
PATIENCE = 3600.0
"""seconds that a chair waits for its person"""
WAITING = 10.0
"""seconds that the page waits for news of the game; it asks again"""
TRIES = 2
"""more that the opponent has at a move after one that was refused, as at the arena's table"""
MAX_MOVE, MAX_MESSAGE = 40, 500

Data = dict[str, Any]


class GoneError(Exception):
    """The person has gone, or the server ends: the game is not kept."""


class _Chair:
    """A player whose replies come from elsewhere."""

    name = PERSON

    def __init__(self) -> None:
        self.given: queue.Queue[str | None] = queue.Queue()

    def act(self, views: Sequence[View]) -> list[Reply]:
        """What the page has sent.

        Raises:
            GoneError: nothing more will come.
        """
        assert len(views) == 1
        try:
            reply = self.given.get(timeout=PATIENCE)
        except queue.Empty:
            reply = None
        if reply is None:
            raise GoneError
        return [Reply(reply)]


@dataclass
class _Table:
    game: Playable
    name: str
    """as the page calls the game"""
    seat: int
    opponent: Agent
    chair: _Chair = field(default_factory=_Chair)
    history: list[int] = field(default_factory=list)
    turns: list[Data] = field(default_factory=list)
    given: bool = False
    """the person has moved, and the turn loop hasn't heard it yet"""
    ended: Episode | None = None
    line: int = 0
    """of the file where the game is kept"""
    fault: str = ""
    waiting: threading.Condition = field(default_factory=threading.Condition)

    def persons_turn(self) -> bool:
        """Whether it is the person who is waited for, or nobody any more."""
        if self.ended or self.fault:
            return True
        state = self.game.state(self.history)
        # a game that is over is still to be recorded
        over = self.given or self.game.world.done(state)[0]
        return not over and int(self.game.world.to_move(state)[0]) == self.seat

    def told(self, _: Match, turn: Turn) -> None:
        """Of each turn, by the turn loop."""
        with self.waiting:
            before = tuple(self.history)
            if turn.verdict.action >= 0:
                self.history.append(turn.verdict.action)
            self.turns.append(self.game.told(before, self.history, turn))
            self.given = False
            self.waiting.notify_all()


class Tables:
    """The games that persons play; `root` is where runs are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tables: OrderedDict[str, _Table] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, asked: Data) -> Data:
        """Do what the page asks: `do` is new, move, see, hint or leave.

        Raises:
            ValueError: it makes no sense; says why.
            RuntimeError, OSError: the opponent cannot be had.
        """
        actions = {"new": self._new, "move": self._move, "see": self._see, "hint": self._hint, "leave": self._leave}
        do = str(asked.get("do", ""))
        if do not in actions:
            raise ValueError(not_found("action", do, actions))
        return actions[do](asked)

    def close(self) -> None:
        """Nobody plays on."""
        with self._lock:
            for table in self._tables.values():
                table.chair.given.put(None)

    def _new(self, asked: Data) -> Data:
        world, seat = str(asked.get("world", "")), asked.get("seat", 0)
        game = playable(world)
        if seat not in (0, 1):
            raise ValueError(f"{seat!r} is no seat: 0 begins, 1 does not")
        table = _Table(game, world, seat, game.opponent(str(asked.get("against") or ""), self.root))
        name = secrets.token_urlsafe(9)
        with self._lock:
            while len(self._tables) >= MAX_TABLES:
                self._tables.popitem(last=False)[1].chair.given.put(None)
            self._tables[name] = table
        threading.Thread(target=self._play, args=(table,), daemon=True).start()
        return self._shown(name, table)

    def _play(self, table: _Table) -> None:
        seats: tuple[Agent, Agent] = (table.chair, table.opponent)
        match = Match(0, seats if table.seat == 0 else (seats[1], seats[0]))
        try:
            games = play(table.game.world, [match], seed=secrets.randbits(31), retries=TRIES, on_turn=table.told)
            episode = next(games)
        except GoneError:
            with table.waiting:
                table.fault = "nobody moved for an hour, and the game was cleared away; begin a new one"
                table.waiting.notify_all()
            return
        except Exception as error:  # noqa: BLE001 (whatever a player's machinery does is told to the person)
            with table.waiting:
                table.fault = f"{type(error).__name__}: {error!s:.200}"
                table.waiting.notify_all()
            return
        finally:
            getattr(table.opponent, "close", lambda: None)()
        line, fault = self._keep(episode)
        with table.waiting:
            table.ended, table.line, table.fault = episode, line, fault
            table.waiting.notify_all()

    def _keep(self, episode: Episode) -> tuple[int, str]:
        """Add the game to the others: the number of its line, or why that could not be done."""
        folder = self.root / FOLDER
        line = json.dumps({"step": 0, **to_record(episode)}, separators=(",", ":")).encode()
        try:
            with self._lock:
                folder.mkdir(parents=True, exist_ok=True)
                if not (folder / "tournament.json").exists():
                    write_json(folder / "tournament.json", {"kind": "played"})
                append(folder / EPISODES, line + b"\n")
                lines = whole_lines(folder / EPISODES)
        except OSError as error:
            return 0, f"the game could not be kept: {error.strerror}"
        # another process may have added one since
        return len(lines) - lines[::-1].index(line), ""

    def _move(self, asked: Data) -> Data:
        """The person's move: refused at once, or on the board when this returns. The answer to it is for `see`."""
        name, table = self._of(asked)
        move, message = str(asked.get("move", ""))[:MAX_MOVE].strip(), str(asked.get("say", ""))[:MAX_MESSAGE].strip()
        with table.waiting:
            if not table.persons_turn() or table.ended:
                raise ValueError("it is not your turn")
            reply = table.game.reply(move, message)
            (verdict,) = table.game.world.judge(table.game.state(table.history), [reply])
            if verdict.action < 0:
                return {**self._shown(name, table), "refused": {"answer": move, "why": table.game.why(verdict)}}
            known = len(table.turns)
            table.given = True
            table.chair.given.put(reply)
            table.waiting.wait_for(lambda: len(table.turns) > known or table.ended or table.fault, WAITING)
        return self._shown(name, table)

    def _see(self, asked: Data) -> Data:
        """What has happened since the page knew of so many `turns`; without them at once."""
        name, table = self._of(asked)
        known = asked.get("turns", -1)
        with table.waiting:
            table.waiting.wait_for(lambda: table.persons_turn() or len(table.turns) != known, WAITING)
        return self._shown(name, table)

    def _hint(self, asked: Data) -> Data:
        """What somebody else would play, and how good it takes the position to be."""
        _, table = self._of(asked)
        with table.waiting:
            if table.ended or not table.persons_turn():
                raise ValueError("there is nothing to be hinted at")
            history = tuple(table.history)
        move, value = table.game.hint(history, table.seat)
        return {"move": move, "value": value}

    def _leave(self, asked: Data) -> Data:
        name, table = self._of(asked)
        table.chair.given.put(None)
        with self._lock:
            self._tables.pop(name, None)
        return {}

    def _of(self, asked: Data) -> tuple[str, _Table]:
        name = str(asked.get("table", ""))
        with self._lock:
            if name not in self._tables:
                raise ValueError("this table has been cleared, or the dashboard began anew; begin a new game")
            return name, self._tables[name]

    def _shown(self, name: str, table: _Table) -> Data:
        with table.waiting:
            over = table.ended is not None
            return {
                "table": name,
                "world": table.name,
                "seat": table.seat,
                "against": table.opponent.name,
                "yours": table.persons_turn() and not over,
                "board": table.game.board(table.history),
                "legal": [] if over else table.game.legal(table.history),
                "turns": table.turns,
                "fault": table.fault,
                "ended": shown(table.ended)["outcome"] if table.ended else "",
                "returns": list(table.ended.returns) if table.ended else None,
                "kept": FOLDER if table.line else "",
                "line": table.line,
            }
