"""Whole lines or none: on a full disk, by many threads, and one process at a time."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.append_only import append, cut_unfinished, held, whole_lines


@contextmanager
def full_from(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: a line that would goes out in part, and then fails, as on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append(path, b"first\n")
    with full_from(10), pytest.raises(OSError, match="too large"):
        append(path, b"second\n")
    assert path.read_bytes() == b"first\n"
    append(path, b"third\n")
    assert whole_lines(path) == [b"first", b"third"]


def test_a_line_without_its_end_is_read_by_nobody_and_cut_off_by_its_writer_alone(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    assert whole_lines(path) == []
    cut_unfinished(path)
    assert not path.exists()
    path.write_bytes(b"one\ntw")
    assert whole_lines(path) == [b"one"]
    assert path.read_bytes() == b"one\ntw"
    cut_unfinished(path)
    assert path.read_bytes() == b"one\n"
    cut_unfinished(path)
    assert path.read_bytes() == b"one\n"


def test_a_folder_is_held_by_one_process_and_is_free_when_that_is_killed(tmp_path: Path) -> None:
    code = "import sys, time, pathlib; from agents.append_only import held\n"
    code += "with held(pathlib.Path(sys.argv[1]), ''): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(RuntimeError, match="somebody is there"), held(tmp_path, "somebody is there"):
            pass
        other.send_signal(signal.SIGKILL)
    for _ in range(2):
        with held(tmp_path, "nobody is there"):
            pass
