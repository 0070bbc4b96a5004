"""Words of the command line into a dataclass, by tyro, with colours only where they are wanted."""

from __future__ import annotations

import inspect
import io
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeVar

import tyro

T = TypeVar("T")


def parsed(kind: type[T], words: Sequence[str], command: str, default: T | None = None) -> T:
    """`words` as a `kind`, whose docstring is what `--help` tells before it lists the fields.

    Args:
        command: the command and what follows it without a name, as in `watch [RUN]`.

    Raises:
        SystemExit: help was asked for (0), or the words don't fit (2, said on stderr).
    """
    options: dict[str, Any] = {
        "args": words,
        "prog": f"xueba {command.split()[0]}",
        "description": "",
        "config": (tyro.conf.FlagCreatePairsOff, tyro.conf.HelptextFromCommentsOff),
    }
    if default is not None:
        options["default"] = default
    asked = "-h" in words or "--help" in words
    if asked:
        print(f"usage: xueba {command} [OPTIONS]\n\n{inspect.getdoc(kind)}\n")
    coloured = sys.stdout.isatty() and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    with nullcontext() if coloured and not asked else _plainly(without_first=asked):
        found: T = tyro.cli(kind, **options)
        return found


def runs_option(root: Path) -> str:
    """What a command that is recommended needs in order to look for runs in `root`; nothing where it does anyhow."""
    return "" if root == Path("runs") else f" --runs {shlex.quote(str(root))}"


@contextmanager
def _plainly(*, without_first: bool) -> Iterator[None]:
    """Tyro looks at stdout alone, and not at NO_COLOR; given something that is no terminal, it writes plainly.

    The first paragraph, a line of usage that may be of any length, can be left out.
    """
    encoding = sys.stdout.encoding or "ascii"
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding, errors="replace", newline="\n") for _ in range(2))
    try:
        with redirect_stdout(stdout), redirect_stderr(stderr):
            yield
    finally:
        for stream, target in ((stdout, sys.stdout), (stderr, sys.stderr)):
            stream.seek(0)
            text = stream.read()
            target.write(text.partition("\n\n")[2] if without_first and target is sys.stdout else text)
