"""A program on a terminal of its own, with somebody who reads and types."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
_SECONDS = 90
# the terminal must be the program's controlling one, or Ctrl-C is just a character; and who runs the tests in the
# background of a shell has Ctrl-C ignored, which a program would inherit
_START = """
import fcntl, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
from xueba.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def on_a_terminal(words: str, react: Callable[[bytes], bytes], folder: Path) -> tuple[int, str, float]:
    """Run `xueba` with these words; (exit status, all it wrote, seconds from the last typing to its end).

    `react` is given all output so far, again and again, and says what is typed next, mostly nothing.
    """
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "30", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _START, *words.split()]
    run = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder, start_new_session=True
    )
    os.close(theirs)
    seen, until, typed = b"", time.monotonic() + _SECONDS, time.monotonic()
    # reading fails when the last one at the other end has left
    with contextlib.suppress(OSError):
        while time.monotonic() < until:
            if select.select([ours], [], [], 0.2)[0]:
                seen += os.read(ours, 65536)
            if answer := react(seen):
                os.write(ours, answer)
                typed = time.monotonic()
            if run.poll() is not None and not select.select([ours], [], [], 0)[0]:
                break
    late = time.monotonic() >= until
    if late:
        run.kill()
    status = run.wait(timeout=30)
    seconds = time.monotonic() - typed
    os.close(ours)
    assert not late, f"xueba {words}: not at its end after {_SECONDS} seconds; it wrote last: {seen[-2000:]!r}"
    return status, seen.decode(errors="replace"), seconds
