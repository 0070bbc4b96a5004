"""Files that grow by whole lines, in a folder that one process at a time writes to and anybody may read meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"


@contextmanager
def held(folder: Path, taken: str) -> Iterator[None]:
    """While this lasts, no other process may hold the folder; it ends with the process at the latest.

    Raises:
        RuntimeError: another process holds it; says `taken`.
    """
    with (folder / LOCK).open("w") as file:
        if fcntl is not None:
            for left in reversed(range(10)):
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not left:
                        raise RuntimeError(taken) from None
                    time.sleep(0.02)  # whoever only asks `is_held` is gone by then
        yield


def is_held(folder: Path) -> bool | None:
    """Whether a process holds the folder now; None where that cannot be known: nobody ever did, or not here."""
    if fcntl is None:
        return None
    try:
        with (folder / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def append(path: Path, line: bytes) -> None:
    """Add a line: it is on the disk when this returns, and where that fails the file is as it was before.

    Threads that share a file share a lock too, or one could cut off what another one has just written.
    """
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(file).st_size
        try:
            while line:
                line = line[os.write(file, line) :]
            os.fsync(file)
        except BaseException:
            # half a line would become one with the next, and no reader could tell them apart
            os.ftruncate(file, size)
            raise
    finally:
        os.close(file)


def whole_lines(path: Path) -> list[bytes]:
    """The lines so far, without their ends; one that has no end is still being written, or never was."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def cut_unfinished(path: Path) -> None:
    """Cut off a line that has no end. For whoever writes the file, and nobody else."""
    data = path.read_bytes() if path.exists() else b""
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
