"""Engines for tests: the real one, if it is installed, and fake ones as programs; and which processes are alive."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from agents.uci_engine import found_engine

FAKE = Path(__file__).parent / "fake_engine.py"


def stockfish(tmp_path: Path) -> str:
    """Its path, under a name of this test's own, or the test is skipped."""
    try:
        path = found_engine("stockfish")
    except RuntimeError:
        pytest.skip("no stockfish is installed")
    program = tmp_path / "stockfish"
    if not program.exists():
        program.symlink_to(path)
    return str(program)


def fake(tmp_path: Path, fault: str, *, by: str = "exec ") -> str:
    """The path of a fake engine: one program, as a path has no arguments."""
    program = tmp_path / f"engine-{fault}"
    program.write_text(f"#!/bin/sh\n{by}{sys.executable} {FAKE} {fault} {tmp_path}/told\n")
    program.chmod(0o755)
    return str(program)


def alive(folder: Path) -> list[int]:
    """Processes whose command line names something in this test's folder."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and int(path.name) != os.getpid():
            try:
                line = (path / "cmdline").read_bytes()
            except OSError:
                continue
            if f"{folder}/".encode() in line:
                found.append(int(path.name))
    return found


def gone(folder: Path) -> bool:
    """Whether no such process is left, some moments from now at the latest."""
    end = time.monotonic() + 5
    while alive(folder) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(folder)
