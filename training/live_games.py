"""A few games of each iteration, move by move while they are played: `live.jsonl`, for whoever watches.

One line a reply. The file is only appended to, and begun anew between two iterations once it has grown large; what is
to be kept stands in `episodes.jsonl`. Nothing that goes wrong here ends a run.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from agents.episode import Turn, turn_record
from agents.play import Match

LIVE = "live.jsonl"
MAX_BYTES = 1 << 20
"""after which the file is begun anew at the next iteration, and after four times as many in any case"""
MAX_GAMES = 256
"""games at a time"""
_KEPT = ("text", "value", "policy", "thought")
"""What is told of a reply; its tokens are nobody's business while a game is running."""


class LiveGames:
    """Writes into the folder of a run.

    Args:
        folder: of the run.
        shown: games of an iteration.
    """

    def __init__(self, folder: Path, shown: int = 4) -> None:
        self._path, self._shown = folder / LIVE, shown
        self._lock = threading.Lock()
        self._broken = False
        self._written = 0
        self._moves: OrderedDict[int, list[int]] = OrderedDict()
        """the moves so far of games that are being played: whoever comes in the middle knows where a game stands"""

    def iteration(self, step: int, first: int, games: int) -> Callable[[Match, Turn], None]:
        """What the turn loop tells its turns to while `games` games from number `first` on are played."""
        every = max(1, games // self._shown)
        chosen = {first + every * n for n in range(self._shown)}
        self._begin_anew()

        def told(match: Match, turn: Turn) -> None:
            if match.number in chosen:
                self.turn(step, match, turn)

        return told

    def _begin_anew(self) -> None:
        try:
            if self._path.stat().st_size > MAX_BYTES:
                empty = self._path.with_suffix(".part")
                empty.write_bytes(b"")
                empty.replace(self._path)
                self._written = 0
        except OSError:
            pass  # there is none yet, or what is wrong will be noticed when something is written

    def turn(self, step: int, match: Match, turn: Turn) -> None:
        """Write one reply of a game that is being played."""
        if self._broken:
            return
        record = turn_record(turn)
        with self._lock:
            moves = self._moves.setdefault(match.number, list(match.opening))
            history = list(moves)
            if turn.verdict.action >= 0:
                moves.append(turn.verdict.action)
            while len(self._moves) > MAX_GAMES:
                self._moves.popitem(last=False)
        row = {
            "step": step,
            "time": time.time(),
            "number": match.number,
            "players": [seat.name for seat in match.seats],
            "history": history,
            "seat": turn.seat,
            "reply": {name: value for name, value in record["reply"].items() if name in _KEPT},
            "verdict": record["verdict"],
        }
        line = json.dumps(row, separators=(",", ":")).encode() + b"\n"
        try:
            with self._lock:
                file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
                try:
                    os.write(file, line)
                finally:
                    os.close(file)
                self._written += len(line)
                if self._written > 4 * MAX_BYTES:
                    self._begin_anew()
        except OSError:
            self._broken = True
