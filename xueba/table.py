"""A person at a table of the dashboard, against any player or checkpoint, through the one turn loop.

Each game is a thread that plays; the person's chair waits for what the page sends. Finished games are kept as episodes
in the folder `played` beside the runs.
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

import numpy as np

from agents.agent import Agent, Reply, View
from agents.append_only import append
from agents.episode import Episode, Turn, to_record
from agents.play import Match, play
from agents.search_player import mcts_player
from envs import GAMES, game_named
from envs.game import Game, replay
from envs.lookup import not_found
from envs.reply import format_reply
from training.run_folder import EPISODES, write_json
from xueba.players import player
from xueba.shown import board, shown, shown_turn

FOLDER = "played"
PERSON = "human"
MAX_TABLES = 16
PATIENCE = 3600.0
"""seconds that a chair waits for its person"""
THINKING = 60.0
"""seconds that the page waits for the opponent; it may ask again"""
HINTS = 400
"""rollouts of the search that gives hints"""

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
            answer = self.given.get(timeout=PATIENCE)
        except queue.Empty:
            answer = None
        if answer is None:
            raise GoneError
        return [Reply(format_reply("chosen by a person", answer))]


@dataclass
class _Table:
    game: Game
    seat: int
    opponent: Agent
    chair: _Chair = field(default_factory=_Chair)
    history: list[int] = field(default_factory=list)
    turns: list[Data] = field(default_factory=list)
    ended: Episode | None = None
    fault: str = ""
    waiting: threading.Condition = field(default_factory=threading.Condition)

    @property
    def state(self) -> Any:
        return replay(self.game, np.array([self.history], np.int64).reshape(1, -1))

    def persons_turn(self) -> bool:
        """Whether it is the person who is waited for, or nobody any more."""
        if self.ended or self.fault:
            return True
        # a game that is over is still to be recorded
        state = self.state
        return not self.game.done(state)[0] and int(self.game.to_move(state)[0]) == self.seat

    def told(self, _: Match, turn: Turn) -> None:
        """Of each turn, by the turn loop."""
        with self.waiting:
            seen = shown_turn(self.game, self.state, turn)
            if turn.verdict.action >= 0:
                self.history.append(turn.verdict.action)
            last = self.history[-1] if self.history else None
            self.turns.append({**seen, "board": board(self.game, self.state, last)})
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
        if world not in GAMES:
            raise ValueError(not_found("game", world, GAMES))
        if seat not in (0, 1):
            raise ValueError(f"{seat!r} is no seat: 0 begins, 1 does not")
        game = game_named(world)
        table = _Table(game, seat, player(str(asked.get("against") or "mcts:400"), game, self.root))
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
            # a person who names an illegal move is told, and tries again
            games = play(table.game, [match], seed=secrets.randbits(31), retries=1000, on_turn=table.told)
            episode = next(games)
        except GoneError:
            return
        except Exception as error:  # noqa: BLE001 (whatever a player's machinery does is told to the person)
            with table.waiting:
                table.fault = f"{type(error).__name__}: {error!s:.200}"
                table.waiting.notify_all()
            return
        kept = self._keep(episode)
        with table.waiting:
            table.ended, table.fault = episode, kept
            table.waiting.notify_all()

    def _keep(self, episode: Episode) -> str:
        """Add the game to the others; why that could not be done."""
        folder = self.root / FOLDER
        line = json.dumps({"step": 0, **to_record(episode)}, separators=(",", ":")) + "\n"
        try:
            with self._lock:
                folder.mkdir(parents=True, exist_ok=True)
                if not (folder / "tournament.json").exists():
                    write_json(folder / "tournament.json", {"kind": "played"})
                append(folder / EPISODES, line.encode())
        except OSError as error:
            return f"the game could not be kept: {error.strerror}"
        return ""

    def _move(self, asked: Data) -> Data:
        name, table = self._of(asked)
        move = str(asked.get("move", ""))[:40]
        with table.waiting:
            if not table.persons_turn() or table.ended:
                raise ValueError("it is not your turn")
            known = len(table.turns)
            table.chair.given.put(move)
            table.waiting.wait_for(
                lambda: (len(table.turns) > known and table.persons_turn()) or table.ended or table.fault, THINKING
            )
        return self._shown(name, table)

    def _see(self, asked: Data) -> Data:
        name, table = self._of(asked)
        with table.waiting:
            table.waiting.wait_for(table.persons_turn, THINKING)
        return self._shown(name, table)

    def _hint(self, asked: Data) -> Data:
        """What search would play, and how good it takes the position to be."""
        _, table = self._of(asked)
        if table.ended or not table.persons_turn():
            raise ValueError("there is nothing to be hinted at")
        with table.waiting:
            view = View(table.game, table.seat, tuple(table.history), key=0)
            state = table.state
        (reply,) = mcts_player(HINTS).act([view])
        policy = np.array(reply.policy)
        best = int(policy.argmax()) if policy.size else int(table.game.legal_mask(state)[0].argmax())
        return {"move": table.game.moves[best], "value": reply.value}

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
                raise ValueError("this table has been cleared; begin a new game")
            return name, self._tables[name]

    def _shown(self, name: str, table: _Table) -> Data:
        with table.waiting:
            state = table.state
            over = table.ended is not None
            legal = np.flatnonzero(table.game.legal_mask(state)[0]).tolist() if not over else []
            last = table.history[-1] if table.history else None
            return {
                "table": name,
                "world": table.game.name,
                "seat": table.seat,
                "against": table.opponent.name,
                "yours": table.persons_turn() and not over,
                "board": board(table.game, state, last),
                "legal": [table.game.moves[move] for move in legal],
                "turns": table.turns,
                "fault": table.fault,
                "ended": shown(table.ended)["outcome"] if table.ended else "",
                "returns": list(table.ended.returns) if table.ended else None,
                "kept": FOLDER if over and not table.fault else "",
            }
