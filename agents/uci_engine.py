"""Any UCI engine in a chair, and as a judge: python-chess speaks to it, and every wait has a bound.

A search limited by nodes or depth has no time-out in python-chess; here each has one, and an engine that answers
garbage, plays illegally, dies, hangs or floods is an `EngineFault`: it stops the match, and is never a move or a loss.
Engines are processes, one for each thread that plays, started when first needed, and ended by `close`; one whose
parent is killed reads the end of its input and leaves.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import math
import os
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import chess
import chess.engine

from agents.agent import Reply, View
from envs.arena import Arena
from envs.lookup import not_found
from envs.random_streams import uniform
from envs.reply import format_reply

START_SECONDS, SEARCH_SECONDS = 20.0, 60.0
"""How long an engine may take to say hello, and for one search beyond the time it was given."""
MAX_UNREAD = 4 << 20
"""bytes without an end of line that are taken from an engine"""
PLACES = ("/usr/games", "/usr/local/games", "/usr/local/bin", "/opt/homebrew/bin")
"""Where engines are, besides PATH: Debian puts them into /usr/games."""


class EngineFaultError(RuntimeError):
    """The engine failed; says how. The match stops and can go on later."""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How an engine plays; 0: as it likes."""

    path: str = "stockfish"
    skill: int = -1
    """Stockfish's Skill Level, 0 to 20; -1: full strength"""
    elo: int = 0
    """UCI_Elo, where the engine can limit its strength"""
    nodes: int = 0
    """of a search; 2000 where no other limit is set"""
    depth: int = 0
    """of a search, in plies"""
    movetime: float = 0.0
    """of a search, in seconds"""
    threads: int = 1
    hash: int = 16
    """megabytes"""

    @property
    def limit(self) -> chess.engine.Limit:
        """The bounds of a search."""
        nodes = self.nodes or (0 if self.depth or self.movetime else 2000)
        return chess.engine.Limit(nodes=nodes or None, depth=self.depth or None, time=self.movetime or None)


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
        if not (settings[key] >= -(key == "skill") and settings[key] < 1e9):
            raise ValueError(f"{key}={value[:40]!r} is out of range")
    return EngineConfig(path=found_engine(name or "stockfish"), **settings)


def found_engine(name: str) -> str:
    """The path of an engine that is named, or given by its path.

    Raises:
        RuntimeError: there is none; says how to get one.
    """
    path = shutil.which(name) or shutil.which(name, path=os.pathsep.join(PLACES))
    if path is None:
        advice = "apt-get install stockfish, or name its path: uci:/path/to/engine"
        raise RuntimeError(f"no engine {name[:80]!r} is installed: {advice}")
    return path


class Engine:
    """Processes of one engine, one for each thread that asks."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self._mine = threading.local()
        self._all: list[chess.engine.SimpleEngine] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    def play(self, board: chess.Board, game: object) -> chess.engine.PlayResult:
        """Its move in `board`, with what it thinks.

        Raises:
            EngineFaultError: it gives none.
        """
        engine = self._engine()
        info = chess.engine.INFO_SCORE | chess.engine.INFO_PV | chess.engine.INFO_BASIC
        found = self._bounded(engine, engine.protocol.play(board, self.config.limit, game=game, info=info))
        if found.move is None or not board.is_legal(found.move):
            self._drop(engine)
            raise EngineFaultError(f"{self._name} played {found.move} in {board.fen()}, which is not legal")
        return cast(chess.engine.PlayResult, found)

    def analyse(self, board: chess.Board) -> chess.engine.InfoDict:
        """What it thinks of `board`.

        Raises:
            EngineFaultError: it says nothing.
        """
        engine = self._engine()
        info = chess.engine.INFO_ALL
        # a game of its own for each position: what it thinks does not depend on what it was asked before
        found = self._bounded(engine, engine.protocol.analyse(board, self.config.limit, game=object(), info=info))
        return cast(chess.engine.InfoDict, found)

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            engines, self._all = self._all, []
        for engine in engines:
            _end(engine)
        self._mine = threading.local()
        atexit.unregister(self.close)

    @property
    def _name(self) -> str:
        return Path(self.config.path).name

    def _engine(self) -> chess.engine.SimpleEngine:
        engine = getattr(self._mine, "engine", None)
        if engine is None:
            engine = self._mine.engine = self._start()
        return cast(chess.engine.SimpleEngine, engine)

    def _start(self) -> chess.engine.SimpleEngine:
        try:
            engine = chess.engine.SimpleEngine.popen_uci([self.config.path], timeout=START_SECONDS)
        except (OSError, chess.engine.EngineError, TimeoutError) as error:
            raise EngineFaultError(
                f"the engine {self.config.path} does not start: {type(error).__name__} {error}"
            ) from error
        with self._lock:
            self._all.append(engine)
        wanted: dict[str, Any] = {"Threads": self.config.threads, "Hash": self.config.hash}
        if self.config.skill >= 0:
            wanted["Skill Level"] = self.config.skill
        if self.config.elo:
            wanted |= {"UCI_LimitStrength": True, "UCI_Elo": self.config.elo}
        must = {"Skill Level", "UCI_LimitStrength", "UCI_Elo"}
        missing = sorted(must & (wanted.keys() - engine.options.keys()))
        try:
            if missing:
                raise EngineFaultError(f"the engine {self._name} has no option {missing[0]!r}")
            engine.configure({name: value for name, value in wanted.items() if name in engine.options})
        except (chess.engine.EngineError, TimeoutError) as error:
            self._drop(engine)
            raise EngineFaultError(f"the engine {self._name} refuses its settings: {error}") from error
        except EngineFaultError:
            self._drop(engine)
            raise
        return engine

    def _bounded(self, engine: chess.engine.SimpleEngine, search: Any) -> Any:
        """The result of a search; the engine is ended if that takes too long or it floods."""
        bound = SEARCH_SECONDS + self.config.movetime
        end = time.monotonic() + bound
        loop = engine.protocol.loop
        asked: Future[Any] = asyncio.run_coroutine_threadsafe(search, loop)
        while True:
            try:
                return asked.result(timeout=0.2)
            except (LateError, TimeoutError):
                unread = sum(map(len, engine.protocol.buffer.values()))
                fault = f"gave no answer in {bound:g} s" if time.monotonic() > end else ""
                fault = fault or ("writes without an end" if unread > MAX_UNREAD else "")
                if fault:
                    asked.cancel()
                    self._drop(engine)
                    raise EngineFaultError(f"the engine {self._name} {fault}") from None
            except (chess.engine.EngineError, asyncio.CancelledError) as error:
                self._drop(engine)
                raise EngineFaultError(f"the engine {self._name} failed: {error!s:.300}") from error

    def _drop(self, engine: chess.engine.SimpleEngine) -> None:
        with self._lock:
            self._all = [other for other in self._all if other is not engine]
        self._mine.engine = None
        _end(engine)


def _end(engine: chess.engine.SimpleEngine) -> None:
    """End its process, politely for a second."""
    process = engine.transport
    engine.timeout = 1.0
    try:
        engine.quit()
    except (chess.engine.EngineError, TimeoutError, RuntimeError):
        pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        engine.close()


@dataclass
class EnginePlayer:
    """An engine at a table of the arena."""

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
        return [self._move(view) for view in views]

    def _move(self, view: View) -> Reply:
        position = cast(Arena, view.game).position(view.history)
        board = position.agreed.copy()
        if not board.is_valid():
            # both sides have agreed on a position that no engine takes
            moves = sorted(move.uci() for move in board.legal_moves)
            chosen = moves[int(uniform(_keys(view), 1)[0, 0] * len(moves))]
            return Reply(format_reply("no engine takes this position; any legal move", chosen))
        found = self.engine.play(board, game=(view.episode, threading.get_ident()))
        assert found.move is not None
        score = found.info.get("score")
        value = None if score is None else 2 * expected_score(score, board.turn) - 1
        said = f"{score.pov(board.turn)} at depth {found.info.get('depth', '?')}" if score is not None else "my move"
        return Reply(format_reply(said, board.san(found.move)), value=value)

    def close(self) -> None:
        """End its processes."""
        self.engine.close()


def _keys(view: View) -> Any:
    import numpy as np

    return np.array([view.key], np.uint64)


def engine_player(option: str) -> EnginePlayer:
    """The player behind `uci:`; see `engine_named`."""
    return EnginePlayer(engine_named(option), f"uci:{option or 'stockfish'}"[:60])


def expected_score(score: chess.engine.PovScore, color: chess.Color) -> float:
    """What `color` can expect, 0 to 1: the logistic curve that lichess fitted to its games.

    1 / (1 + exp(-0.00368208 cp)), see "Accuracy" at lichess.org; a mate counts as certain.
    """
    pov = score.pov(color)
    mate = pov.mate()
    if mate is not None:
        return 1.0 if mate > 0 or (mate == 0 and pov == chess.engine.MateGiven) else 0.0
    return 1 / (1 + math.exp(-0.00368208 * max(-1000, min(1000, pov.score() or 0))))


class EngineJudge:
    """What positions are worth, at fixed nodes: for claims of results and for the moves' quality."""

    def __init__(self, config: EngineConfig) -> None:
        self._engine = Engine(config)
        self._known: dict[str, float | None] = {}
        self.fault = ""
        """why it no longer answers, once it doesn't"""

    def __call__(self, board: chess.Board) -> float | None:
        """White's expected score, 0 to 1; None where the engine cannot say."""
        outcome = board.outcome()
        if outcome is not None:
            return 0.5 if outcome.winner is None else float(outcome.winner == chess.WHITE)
        key = board.epd()
        if key not in self._known:
            self._known[key] = self._ask(board)
        return self._known[key]

    def _ask(self, board: chess.Board) -> float | None:
        if self.fault or not board.is_valid():
            return None
        try:
            score = self._engine.analyse(board.copy(stack=False)).get("score")
        except EngineFaultError as error:
            self.fault = str(error)
            return None
        return None if score is None else expected_score(score, chess.WHITE)

    def close(self) -> None:
        """End its processes."""
        self._engine.close()
