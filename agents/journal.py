"""Every reply on disk before it is judged: a match that was killed goes on without asking anybody twice.

A journal is a file of JSON lines, one a reply, each with a checksum. What is half written at the end was never used
and is cut off; damage elsewhere is named.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agents.agent import Agent, Reply, View
from agents.episode import reply_from

Address = tuple[int, int, int]
"""(ply, attempt, seat) of a reply"""


class JournalError(ValueError):
    """A journal is damaged; says where."""


class Journal:
    """The replies of one match.

    Raises:
        JournalError: a line that is not the last is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.replies: dict[Address, Reply] = {}
        if path.exists():
            self._read()

    def _read(self) -> None:
        whole = 0
        data = self._path.read_bytes()
        lines = data.splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            found = _entry(line)
            if found is None and number == len(lines):
                break
            if found is None:
                raise JournalError(f"{self._path}, line {number}: damaged; without the file the match is played anew")
            self.replies[found[0]] = found[1]
            whole += len(line)
        if whole < len(data):
            os.truncate(self._path, whole)

    def add(self, address: Address, reply: Reply) -> None:
        """Keep a reply; it is on the disk when this returns."""
        body = json.dumps({"at": address, "reply": asdict(reply)}, separators=(",", ":"))
        line = f'{{"sum":{zlib.crc32(body.encode())},"body":{body}}}\n'.encode()
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            while line:
                line = line[os.write(file, line) :]
            os.fsync(file)
        finally:
            os.close(file)
        self.replies[address] = reply


def _entry(line: bytes) -> tuple[Address, Reply] | None:
    """A whole line, or nothing."""
    if not line.endswith(b"}\n"):
        return None
    try:
        entry = json.loads(line)
        body = line[line.index(b'"body":') + len(b'"body":') : -2]
        ply, attempt, seat = entry["body"]["at"]
        reply = reply_from(entry["body"]["reply"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return ((ply, attempt, seat), reply) if zlib.crc32(body) == entry["sum"] else None


@dataclass(frozen=True)
class Journaled:
    """An agent whose replies of one match are kept, and not asked for again.

    Args:
        agent: who is asked.
        journal: of the match.
        stop: asked before each question; True ends the match, to be resumed.
    """

    agent: Agent
    journal: Journal
    stop: Callable[[], bool] = lambda: False

    @property
    def name(self) -> str:
        """The agent's."""
        return self.agent.name

    def act(self, views: Sequence[View]) -> list[Reply]:
        """The replies, from the journal where they are there.

        Raises:
            StoppedError: the match is to be left.
        """
        return [self._one(view) for view in views]

    def _one(self, view: View) -> Reply:
        address = (len(view.history), view.attempt, view.seat)
        known = self.journal.replies.get(address)
        if known is not None:
            return known
        if self.stop():
            raise StoppedError
        (reply,) = self.agent.act([view])
        self.journal.add(address, reply)
        return reply


class StoppedError(Exception):
    """Somebody wants to leave: what was said so far is kept."""
