"""Single keys from the terminal, without waiting for Enter."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from types import TracebackType

NAMES = {
    "\x1b[D": "left", "\x1bOD": "left", "\x1b[C": "right", "\x1bOC": "right",
    "\x1b[A": "up", "\x1bOA": "up", "\x1b[B": "down", "\x1bOB": "down",
    "\x1b[H": "home", "\x1bOH": "home", "\x1b[1~": "home", "\x1b[F": "end", "\x1bOF": "end", "\x1b[4~": "end",
    "h": "left", "l": "right", "k": "up", "j": "down", "\x04": "q", "\x1b": "q", "Q": "q",
}  # fmt: skip


def quiet() -> Callable[[], None]:
    """Stop the terminal from showing what is typed (a `^C` would shift a display); what puts it back as it was."""
    if sys.stdin is None or not sys.stdin.isatty():
        return lambda: None
    import termios

    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    silent = termios.tcgetattr(fd)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(fd, termios.TCSADRAIN, silent)
    return lambda: termios.tcsetattr(fd, termios.TCSADRAIN, before)


class Keys:
    """A terminal that gives its keys one by one, put back as it was at the end; no keys at all where it is none."""

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else -1

    def __enter__(self) -> Keys:
        if self._fd >= 0:
            import termios
            import tty

            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._fd >= 0:
            import termios

            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def read(self, seconds: float) -> str:
        """The next key's name, or nothing after `seconds`; `q` when the terminal has gone."""
        ready = select.select([self._fd] if self._fd >= 0 else [], [], [], seconds)[0]
        if not ready:
            return ""
        pressed = os.read(self._fd, 16).decode(errors="replace")
        return NAMES.get(pressed, pressed[:1]) if pressed else "q"
