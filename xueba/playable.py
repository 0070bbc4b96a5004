"""What a person can sit down at on the dashboard: the games on a grid, and chess at the arena's table.

Both are asked the same things by `xueba.table`: where a game stands, which moves there are, what becomes of a reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from agents.agent import Agent, View
from agents.arena_players import PLAYERS as AT_CHESS
from agents.episode import Turn
from agents.scripted import best_move, reply
from agents.search_player import mcts_player
from agents.uci_engine import found_engine
from envs import GAMES, game_named
from envs.arena import Arena, State
from envs.game import Game, World, replay
from envs.lookup import not_found
from envs.render import by_column
from envs.reply import Verdict, format_reply
from xueba.players import player, seated
from xueba.shown import board, chess_board, shown_reply, shown_turn

CHESS = "chess"
WORLDS = (*GAMES, CHESS)
HINTS = 400
"""rollouts of the search that gives hints"""
ENGINES = ("stockfish", "lc0", "gnuchess", "fruit", "toga2")
"""looked for by their names: no page may name a program's path"""
_WHY = "chosen by a person"

Data = dict[str, Any]


class Playable(Protocol):
    """A game, and how it is shown to a person; `history` are the actions so far."""

    @property
    def world(self) -> World:
        """The rules."""

    def opponent(self, name: str, runs: Path) -> Agent:
        """Who is called so.

        Raises:
            ValueError, RuntimeError, OSError: that one cannot sit down here; says why.
        """

    def state(self, history: Sequence[int]) -> Any:
        """Where the game stands: a batch of one."""

    def board(self, history: Sequence[int]) -> Data:
        """The same to be drawn."""

    def legal(self, history: Sequence[int]) -> list[str]:
        """The moves there are."""

    def reply(self, move: str, message: str) -> str:
        """What a person says as a reply of a player."""

    def why(self, verdict: Verdict) -> str:
        """Why a reply was refused, for a person."""

    def told(self, before: Sequence[int], after: Sequence[int], turn: Turn) -> Data:
        """A turn to be shown."""

    def hint(self, history: Sequence[int], seat: int) -> tuple[str, float | None]:
        """What somebody else would play, and how good it takes the position to be, if it says."""


def playable(world: str) -> Playable:
    """The game of this name.

    Raises:
        ValueError: there is none.
    """
    if world not in WORLDS:
        raise ValueError(not_found("game", world, WORLDS))
    return Chess() if world == CHESS else Grid(game_named(world))


class Grid:
    """A game of `envs.GAMES`."""

    def __init__(self, game: Game) -> None:
        self.world = game

    def opponent(self, name: str, runs: Path) -> Agent:
        return player(name or "mcts:400", self.world, runs)

    def state(self, history: Sequence[int]) -> Any:
        return replay(self.world, np.array([history], np.int64).reshape(1, -1))

    def board(self, history: Sequence[int]) -> Data:
        return board(self.world, self.state(history), history[-1] if history else None)

    def legal(self, history: Sequence[int]) -> list[str]:
        return [self.world.moves[move] for move in np.flatnonzero(self.world.legal_mask(self.state(history))[0])]

    def reply(self, move: str, message: str) -> str:
        return format_reply(_WHY, move)

    def why(self, verdict: Verdict) -> str:
        if verdict.kind != "illegal":
            return verdict.reason
        move = verdict.reason.partition(" ")[0]
        return f"column {move} is full" if by_column(self.world) else f"{move} is taken"

    def told(self, before: Sequence[int], after: Sequence[int], turn: Turn) -> Data:
        return {**shown_turn(self.world, self.state(before), turn), "board": self.board(after)}

    def hint(self, history: Sequence[int], seat: int) -> tuple[str, float | None]:
        (found,) = mcts_player(HINTS).act([View(self.world, seat, tuple(history), key=0)])
        policy = np.array(found.policy)
        best = int(policy.argmax()) if policy.size else int(self.world.legal_mask(self.state(history))[0].argmax())
        return self.world.moves[best], found.value


class Chess:
    """The arena's table, where an illegal move is refused with its law."""

    def __init__(self) -> None:
        self.world = Arena("explain")

    def opponent(self, name: str, runs: Path) -> Agent:
        kind, _, option = (name or "honest").partition(":")
        engine = option.partition("?")[0]
        if kind in ("human", "chat"):
            raise ValueError(f"{kind} sits down in a terminal: xueba arena human {name[:80]}")
        # whoever may use the page may not start any program of this machine
        if (kind == "uci" or (option and kind in ("honest", "liar"))) and engine not in ENGINES:
            raise ValueError(not_found("engine", engine, ENGINES))
        return seated(name or "honest", runs)

    def state(self, history: Sequence[int]) -> State:
        found = np.empty(1, object)
        found[0] = self.world.position(history)
        return State(found)

    def board(self, history: Sequence[int]) -> Data:
        return chess_board(self.world.position(history).real)

    def legal(self, history: Sequence[int]) -> list[str]:
        return [move.uci() for move in self.world.position(history).agreed.legal_moves]

    def reply(self, move: str, message: str) -> str:
        return reply(move.replace("<", "‹"), _WHY, say=message.replace("<", "‹")).text

    def why(self, verdict: Verdict) -> str:
        return verdict.reason

    def told(self, before: Sequence[int], after: Sequence[int], turn: Turn) -> Data:
        return shown_reply(self.world.position(after), turn)

    def hint(self, history: Sequence[int], seat: int) -> tuple[str, float | None]:
        agreed = self.world.position(history).agreed
        return agreed.san(best_move(agreed, key=0)), None


def opponents(world: str) -> list[str]:
    """Whom anybody can play against without a run, the default first."""
    if world == "tic-tac-toe":
        return ["mcts:400", "perfect", "random"]
    if world != CHESS:
        return ["mcts:400", "mcts:2000", "solver", "random"]
    scripted = [name for name in AT_CHESS if name not in ("uci", "chat", "human")]
    return [*_engines(), *sorted(scripted, key=lambda name: name != "honest")]


def _engines() -> list[str]:
    found = []
    for name in ENGINES:
        try:
            found_engine(name)
        except RuntimeError:
            continue
        skills = ("?skill=0", "?skill=10", "") if name == "stockfish" else ("",)
        found += [f"uci:{name}{skill}" for skill in skills]
    return found
