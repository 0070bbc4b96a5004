"""The games that a run has recorded, read while it may still be writing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from agents.episode import Episode, from_record
from xueba.tournaments import by_fixture, called

MAX_LINE = 1 << 20
"""bytes of a line that is read; longer ones are passed over"""


@dataclass
class Recorded:
    """The whole lines of a file of episodes; only where each begins is kept, so a long run costs no memory."""

    path: Path
    starts: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """what people call each of them, see `xueba.tournaments.called`"""
    overlong: int = 0
    """lines that were passed over"""
    _end: int = 0
    _file: int = -1
    _lines: int = 0

    def refresh(self) -> int:
        """Look for new lines; how many games there are now. A half-written line waits until it is whole."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            now = None
        # a run that goes on after a crash writes the file anew
        if now is None or now.st_ino != self._file or now.st_size < self._end:
            self.starts, self.numbers, self._end, self.overlong, self._lines = [], [], 0, 0, 0
        if now is not None:
            self._file = now.st_ino
            self._read_on()
        return len(self.starts)

    def _read_on(self) -> None:
        fixtures = by_fixture(self.path.parent)
        with self.path.open("rb") as file:
            file.seek(self._end)
            start, long = self._end, False
            while chunk := file.readline(MAX_LINE):
                if not chunk.endswith(b"\n"):
                    long = True
                    continue
                self._lines += 1
                if long:
                    self.overlong += 1
                elif chunk.strip():
                    self.starts.append(start)
                    number = _number(chunk) if fixtures else None
                    self.numbers.append(called(number, self._lines, fixtures=fixtures))
                start, long = file.tell(), False
            self._end = start

    def index_of(self, number: int) -> int:
        """Where the game of this number stands; -1 is the one recorded last, -2 the one before.

        Raises:
            ValueError: there is no such game; says which there are.
        """
        count = len(self.starts)
        if number < 0 and -number <= count:
            return count + number
        if number in self.numbers:
            return self.numbers.index(number)
        there = sorted(self.numbers)
        whole = there == list(range(1, count + 1))
        raise ValueError(f"1 to {count}" if whole and count > 1 else ", ".join(map(str, there))[:100] or "none")

    def game(self, index: int) -> tuple[int, Episode]:
        """The step at which game `index` was recorded, and the game.

        Raises:
            ValueError: the line is damaged.
            IndexError: there are not so many.
        """
        with self.path.open("rb") as file:
            file.seek(self.starts[index])
            line = file.readline(MAX_LINE)
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise ValueError(f"game {index + 1} of {self.path.name} is damaged: its line is not JSON") from None
        step = record.get("step") if isinstance(record, dict) else None
        return step if isinstance(step, int) else 0, from_record(record)


def _number(line: bytes) -> object:
    """The number of the fixture in a line, which may hold anything."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record.get("number") if isinstance(record, dict) else None
