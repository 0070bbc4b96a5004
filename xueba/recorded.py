"""The games that a run has recorded, read while it may still be writing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from agents.episode import Episode, from_record

MAX_LINE = 1 << 20
"""bytes of a line that is read; longer ones are passed over"""


@dataclass
class Recorded:
    """The whole lines of a file of episodes; only where each begins is kept, so a long run costs no memory."""

    path: Path
    starts: list[int] = field(default_factory=list)
    overlong: int = 0
    """lines that were passed over"""
    _end: int = 0
    _file: int = -1

    def refresh(self) -> int:
        """Look for new lines; how many games there are now. A half-written line waits until it is whole."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            now = None
        # a run that goes on after a crash writes the file anew
        if now is None or now.st_ino != self._file or now.st_size < self._end:
            self.starts, self._end, self.overlong = [], 0, 0
        if now is not None:
            self._file = now.st_ino
            self._read_on()
        return len(self.starts)

    def _read_on(self) -> None:
        with self.path.open("rb") as file:
            file.seek(self._end)
            start, long = self._end, False
            while chunk := file.readline(MAX_LINE):
                if not chunk.endswith(b"\n"):
                    long = True
                    continue
                if long:
                    self.overlong += 1
                elif chunk.strip():
                    self.starts.append(start)
                start, long = file.tell(), False
            self._end = start

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
