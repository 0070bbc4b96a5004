"""Every reply on disk before it is judged: a match that was killed goes on without asking anybody twice.

A journal is a file of JSON lines, one a reply, each with a checksum and a digest of the position it was given in. What
is half written at the end was never used and is cut off; damage elsewhere is named, and a reply is played nowhere else.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agents.agent import Agent, Reply, View
from agents.append_only import append, cut_unfinished, whole_lines
from agents.episode import reply_from

Address = tuple[int, int, int]
"""(ply, attempt, seat) of a reply"""


class JournalError(ValueError):
    """A journal is damaged, or of another match; says where."""


class Journal:
    """The replies of one match; one process at a time writes it, from as many threads as it likes.

    Raises:
        JournalError: a line that is whole is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._positions: dict[Address, int] = {}
        self.replies: dict[Address, Reply] = {}
        cut_unfinished(path)
        for number, line in enumerate(whole_lines(path), 1):
            found = _entry(line)
            if found is None:
                raise JournalError(f"{path}, line {number}: damaged; without the file the match is played anew")
            self._remember(*found)

    def known(self, address: Address, position: int) -> Reply | None:
        """The reply that was given at `address`, if there is one.

        Raises:
            JournalError: it was given in another position.
        """
        # journals of before positions were kept do not say
        if self._positions.get(address, position) != position:
            told = f"the reply at ply {address[0]} was given in another position"
            raise JournalError(f"{self._path}: {told}; without the file the match is played anew")
        return self.replies.get(address)

    def add(self, address: Address, reply: Reply, position: int | None = None) -> None:
        """Keep a reply; it is on the disk when this returns."""
        body = json.dumps({"at": address, "position": position, "reply": asdict(reply)}, separators=(",", ":"))
        with self._lock:
            append(self._path, f'{{"sum":{zlib.crc32(body.encode())},"body":{body}}}\n'.encode())
            self._remember(address, reply, position)

    def _remember(self, address: Address, reply: Reply, position: int | None) -> None:
        self.replies[address] = reply
        if position is not None:
            self._positions[address] = position


def _entry(line: bytes) -> tuple[Address, Reply, int | None] | None:
    """A line, unless it is damaged."""
    try:
        entry = json.loads(line)
        body = line[line.index(b'"body":') + len(b'"body":') : -1]
        ply, attempt, seat = entry["body"]["at"]
        found = (ply, attempt, seat), reply_from(entry["body"]["reply"]), entry["body"].get("position")
        return found if zlib.crc32(body) == entry["sum"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


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
            JournalError: what is in the journal was said in another position.
        """
        return [self._one(view) for view in views]

    def _one(self, view: View) -> Reply:
        address = (len(view.history), view.attempt, view.seat)
        position = zlib.crc32(repr((view.game.name, view.history)).encode("utf-8", "replace"))
        known = self.journal.known(address, position)
        if known is not None:
            return known
        if self.stop():
            raise StoppedError
        (reply,) = self.agent.act([view])
        self.journal.add(address, reply, position)
        return reply


class StoppedError(Exception):
    """Somebody wants to leave: what was said so far is kept."""
