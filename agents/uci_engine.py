"""Any UCI engine in a chair: found by name, set to a skill or an Elo, moving on the board that both players see.

An engine that fails is an `EngineFaultError` (`agents.engine_process`): it stops the match, and is never a move or a
loss.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import chess
import chess.engine
import numpy as np

from agents.agent import Reply, View
from agents.engine_process import Engine, EngineConfig
from envs.arena import OVER, Arena
from envs.lookup import not_found
from envs.random_streams import uniform
from envs.reply import format_reply

PLACES = ("/usr/games", "/usr/local/games", "/usr/local/bin", "/opt/homebrew/bin")
"""Where engines are, besides PATH: Debian puts them into /usr/games."""
CEILING = 1000
"""centipawns; a mate counts as so many, more is not told apart (as in lichess's average centipawn loss)"""
LARGEST = {"skill": 20, "movetime": 600, "threads": 1024}
"""Largest values of settings; of others a thousand million."""


def engine_named(option: str) -> EngineConfig:
    """What `stockfish?skill=3&nodes=2000` asks for.

    Raises:
        ValueError: a setting is unknown or no number; names it.
        RuntimeError: there is no such engine; says how to get one.
    """
    name, _, query = option.partition("?")
    kinds = {f.name: float if f.name == "movetime" else int for f in fields(EngineConfig) if f.name != "path"}
    settings: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in kinds:
            raise ValueError(not_found("setting of an engine", key, kinds))
        try:
            settings[key] = kinds[key](value)
        except ValueError:
            raise ValueError(f"{key}={value[:40]!r}: an engine's {key} is a number") from None
        smallest, largest = -1 if key == "skill" else key in ("threads", "hash"), LARGEST.get(key, 10**9)
        if not smallest <= settings[key] <= largest:
            raise ValueError(f"{key}={value[:40]!r} is out of range: {int(smallest)} to {largest}")
    return EngineConfig(path=found_engine(name or "stockfish"), **settings)


def found_engine(name: str) -> str:
    """The path of an engine that is named, or given by its path.

    Raises:
        RuntimeError: there is none, or it is no program; says how to get one.
    """
    path = os.path.expanduser(name)
    found = shutil.which(path) or shutil.which(path, path=os.pathsep.join(PLACES))
    if found:
        return found
    if os.sep in path and Path(path).exists():
        raise RuntimeError(f"{name[:200]!r} is no program that can be run (a file, made executable by chmod +x)")
    if os.sep in path:
        raise RuntimeError(f"no engine {name[:200]!r} is there: look at the path")
    advice = "apt-get install stockfish, or name its path: uci:/path/to/engine"
    raise RuntimeError(f"no engine {name[:80]!r} is installed: {advice}")


@dataclass(frozen=True, slots=True)
class Worth:
    """What a position is worth to White: `centipawns` from -1000 to 1000, `score` expected from 0 to 1."""

    centipawns: int
    score: float

    def to(self, color: chess.Color) -> tuple[int, float]:
        """The same as `color` sees it."""
        return (self.centipawns, self.score) if color == chess.WHITE else (-self.centipawns, 1 - self.score)


def worth_of(score: chess.engine.PovScore) -> Worth:
    """An engine's score, with what can be expected: the logistic curve that lichess fitted to its games.

    1 / (1 + exp(-0.00368208 cp)), see "Win%" at lichess.org/page/accuracy and `WinPercent.scala` of lichess-org/lila,
    which also has the ceiling; a mate counts as certain.
    """
    white = score.white()
    mate = white.mate()
    if mate is not None:
        won = mate > 0 or white == chess.engine.MateGiven
        return Worth(CEILING if won else -CEILING, float(won))
    points = max(-CEILING, min(CEILING, white.score() or 0))
    return Worth(points, 1 / (1 + math.exp(-0.00368208 * points)))


@dataclass
class EnginePlayer:
    """An engine at a table of the arena: it moves on the board that both players have agreed on, and says nothing.

    Where that board is none of chess (two kings of one side, ...), which could crash it, any legal move is played
    instead, and the thinking says so. Where no referee sits it lets everything pass.
    """

    config: EngineConfig
    name: str = "engine"
    engine: Engine = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.config)

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One move for each view.

        Raises:
            EngineFaultError: the engine fails.
        """
        return [self._reply(view) for view in views]

    def move(self, board: chess.Board, key: int) -> chess.Move:
        """Its move in `board`; `key` decides where no engine takes the position.

        Raises:
            EngineFaultError: the engine fails.
        """
        return self._found(board, key)[0]

    def check(self) -> None:
        """Start the engine, so that what is wrong is known before the first move.

        Raises:
            EngineFaultError: it does not start, or refuses its settings.
        """
        self.engine.check()

    def close(self) -> None:
        """End its processes."""
        self.engine.close()

    def _reply(self, view: View) -> Reply:
        at = cast(Arena, view.game).position(view.history)
        if at.over:
            return Reply(format_reply("the game is over if this stands", OVER))
        board = at.agreed
        move, info = self._found(board, view.key)
        if info is None:
            return Reply(format_reply("no engine takes this position; any legal move", move.uci()))
        score = info.get("score")
        if score is None:
            return Reply(format_reply("my move", board.san(move)))
        think = f"{score.pov(board.turn)} at depth {info.get('depth', '?')}"
        return Reply(format_reply(think, board.san(move)), value=2 * worth_of(score).to(board.turn)[1] - 1)

    def _found(self, board: chess.Board, key: int) -> tuple[chess.Move, chess.engine.InfoDict | None]:
        if not board.is_valid():
            moves = sorted(board.legal_moves, key=chess.Move.uci)
            return moves[int(uniform(np.array([key], np.uint64), 1)[0, 0] * len(moves))], None
        # the moves from a beginning that no engine takes are left out
        found = self.engine.play(board if board.root().is_valid() else board.copy(stack=False))
        assert found.move is not None
        return found.move, found.info


def engine_player(option: str) -> EnginePlayer:
    """The player behind `uci:`; see `engine_named`."""
    return EnginePlayer(engine_named(option), f"uci:{option or 'stockfish'}"[:60])
