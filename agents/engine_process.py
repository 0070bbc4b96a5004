"""Processes of UCI engines: python-chess speaks to them, and every wait and every output has a bound.

A search limited by nodes or depth has no time-out in python-chess; here each has one, and an engine that answers
garbage, plays illegally, dies, hangs or floods is an `EngineFaultError`. There are as many processes as are asked at
the same time and as the machine has cores for. They get none of our keys and none of the terminal's signals, and end
with `close`, at the latest with this process: one whose parent is killed reads the end of its input and leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import threading
import weakref
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError as GoneError
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import chess
import chess.engine

from envs.killable import KEPT

START_SECONDS, SEARCH_SECONDS, GRACE = 20.0, 60.0, 2.0
"""How long an engine may take to be ready, for one search beyond the time it was given, and to be gone once killed."""
PATIENCE = 1.0
"""seconds after which whoever waits looks whether the engine has been closed meanwhile"""
MAX_OUTPUT = 8 << 20
"""bytes that an engine may write from one question to the next"""
NODES = 2000
"""of a search without another limit"""

# what an engine writes that is no UCI is told by the search it spoils; on the terminal it could do harm
logging.getLogger("chess.engine").addHandler(logging.NullHandler())

T = TypeVar("T")


class EngineFaultError(RuntimeError):
    """The engine failed; says how. The match stops and can go on later."""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How an engine plays; 0: as it likes.

    With one thread and without `skill`, `elo` and `movetime` a move depends on nothing but the game so far: each search
    begins with an empty memory. (Stockfish's weaker levels draw from the clock.)
    """

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
        nodes = self.nodes or (0 if self.depth or self.movetime else NODES)
        return chess.engine.Limit(nodes=nodes or None, depth=self.depth or None, time=self.movetime or None)


class _Process(chess.engine.UciProtocol):
    """A process of an engine, which is ended when it writes more than a search can have to say."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0
        """bytes since it was asked last"""

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        self.written += len(data)
        if self.written > MAX_OUTPUT:
            _kill(self)
        else:
            super().pipe_data_received(fd, data)


def _kill(process: _Process) -> None:
    """End it and what it has started; safe from any thread."""
    transport = process.transport
    if transport is not None and transport.get_returncode() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(transport.get_pid(), signal.SIGKILL)


class Engine:
    """Processes of one engine, each lent to one asker at a time; safe to be asked from many threads."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self._processes: list[_Process] = []
        self._idle: list[_Process] = []
        self._free = asyncio.Semaphore(max(1, (os.cpu_count() or 1) // config.threads))
        loop = self._loop = asyncio.new_event_loop()
        # what goes wrong between questions is told by the next one
        loop.set_exception_handler(lambda _loop, _context: None)
        thread = threading.Thread(target=_run, args=(loop,), name="engines", daemon=True)
        thread.start()
        # also when nobody closes it: as soon as nobody has it, or this program ends
        self._end = weakref.finalize(self, _end_all, loop, thread, self._processes)

    def check(self) -> None:
        """Start it, so that what is wrong is known before the first move.

        Raises:
            EngineFaultError: it does not start, or refuses its settings.
        """
        self._ask(self._checked())

    def play(self, board: chess.Board) -> chess.engine.PlayResult:
        """Its move in `board`, with the score and depth it ended with.

        Raises:
            EngineFaultError: it gives none, or one that is not legal.
        """
        return self._ask(self._played(board))

    def close(self) -> None:
        """End all processes, and do not answer any more."""
        self._end()

    @property
    def name(self) -> str:
        """What the program is called."""
        return Path(self.config.path).name

    def _ask(self, answer: Coroutine[Any, Any, T]) -> T:
        """What `answer` returns, run where the processes live; every wait in it has a bound."""
        if not self._end.alive:
            answer.close()
            raise EngineFaultError(f"the engine {self.name} has been closed")
        asked = asyncio.run_coroutine_threadsafe(answer, self._loop)
        while True:
            try:
                return asked.result(timeout=PATIENCE)
            except GoneError:
                raise EngineFaultError(f"the engine {self.name} was closed while it was asked") from None
            except LateError:
                if not self._end.alive:
                    asked.cancel()

    async def _checked(self) -> None:
        async with self._free:
            self._idle.append(self._idle.pop() if self._idle else await self._start())

    async def _played(self, board: chess.Board) -> chess.engine.PlayResult:
        async with self._free:
            process = self._idle.pop() if self._idle else await self._start()
            process.written = 0
            bound = SEARCH_SECONDS + self.config.movetime
            info = chess.engine.INFO_BASIC | chess.engine.INFO_SCORE
            try:
                # a new game each time: what it answers does not depend on what it was asked before
                search = process.play(board, self.config.limit, game=object(), info=info)
                found = await asyncio.wait_for(search, bound)
                if found.move is None or not board.is_legal(found.move):
                    raise EngineFaultError(f"{self.name} played {found.move} in {board.fen()}, which is not legal")
            except TimeoutError:
                await self._drop(process)
                raise EngineFaultError(f"the engine {self.name} gave no answer in {bound:g} s") from None
            except chess.engine.EngineError as error:
                await self._drop(process)
                raise EngineFaultError(f"the engine {self.name} {_cause(process, error)}") from error
            except BaseException:
                await self._drop(process)
                raise
            self._idle.append(process)
            return found

    async def _start(self) -> _Process:
        kept = (*KEPT, "HOME", "LANG", "CUDA_VISIBLE_DEVICES")
        process: _Process | None = None
        try:
            async with asyncio.timeout(START_SECONDS):
                _, process = await _Process.popen(
                    [self.config.path],
                    stderr=subprocess.DEVNULL,
                    env={name: os.environ[name] for name in kept if name in os.environ},
                    start_new_session=True,
                )
                self._processes.append(process)
                await process.initialize()
                await process.configure(self._settings(process))
                await process.ping()
        except BaseException as error:
            if process is not None:
                await self._drop(process)
            if isinstance(error, TimeoutError):
                told = f"did not start: not ready after {START_SECONDS:g} s"
            elif isinstance(error, OSError | chess.engine.EngineError):
                told = "did not start: " + (_cause(process, error) if process is not None else f"{error!s:.300}")
            else:
                raise
            raise EngineFaultError(f"the engine {self.config.path} {told}") from error
        return process

    def _settings(self, process: _Process) -> dict[str, Any]:
        """What it is told once; size and threads only where it knows of such things."""
        wanted: dict[str, Any] = {}
        if self.config.skill >= 0:
            wanted["Skill Level"] = self.config.skill
        if self.config.elo:
            wanted |= {"UCI_LimitStrength": True, "UCI_Elo": self.config.elo}
        missing = [name for name in wanted if name not in process.options]
        if missing:
            raise EngineFaultError(f"the engine {self.name} has no option {missing[0]!r}")
        usual = {"Threads": self.config.threads, "Hash": self.config.hash}
        return {name: value for name, value in usual.items() if name in process.options} | wanted

    async def _drop(self, process: _Process) -> None:
        _kill(process)
        with contextlib.suppress(ValueError):
            self._processes.remove(process)
        await _gone([process])


def _cause(process: _Process, error: Exception) -> str:
    return "writes without an end" if process.written > MAX_OUTPUT else f"failed: {error!s:.300}"


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _end_all(loop: asyncio.AbstractEventLoop, thread: threading.Thread, processes: list[_Process]) -> None:
    """Kill what lives, wait until it is gone, and end the loop."""
    for process in list(processes):
        _kill(process)
    if threading.current_thread() is not thread and thread.is_alive():
        left = asyncio.run_coroutine_threadsafe(_leave(processes), loop)
        with contextlib.suppress(LateError, GoneError):
            left.result(timeout=2 * GRACE)
    loop.call_soon_threadsafe(loop.stop)
    if threading.current_thread() is not thread:
        thread.join(GRACE)


async def _leave(processes: Sequence[_Process]) -> None:
    asking = asyncio.all_tasks() - {asyncio.current_task()}
    for task in asking:
        task.cancel()
    await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), GRACE)
    await _gone(processes)


async def _gone(processes: Sequence[_Process]) -> None:
    """Wait, not long, until these are gone."""
    if processes:
        await asyncio.wait([process.returncode for process in processes], timeout=GRACE)
    for process in processes:
        if process.transport is not None:
            process.transport.close()
