"""Where a run is told to: the terminal, the run folder, and its mirrors."""

from __future__ import annotations

from collections.abc import Sequence

from envs.lookup import not_found
from training.loggers import LOGGERS, Logger, Loggers
from training.run_folder import RunFolder

CONSOLE, NONE = "console", "none"


def chosen_logs(spec: str) -> list[str]:
    """The names in `spec`, between commas, and the two that need not be said: the run folder and the terminal.

    The run folder is always one of them, for everything is made from it; with `none` it is the only one.

    Raises:
        ValueError: a name is unknown, or there are others beside `none`.
    """
    names = [name for name in map(str.strip, spec.split(",")) if name]
    for name in names:
        if name not in (*LOGGERS, CONSOLE, NONE):
            raise ValueError(not_found("logger", name, [*LOGGERS, CONSOLE, NONE]))
    if NONE not in names:
        return list(dict.fromkeys(["file", *names, CONSOLE]))
    others = [name for name in names if name not in (NONE, "file")]
    if others:
        raise ValueError(f"--log none is told to nobody: leave it out, or leave out {', '.join(others)}")
    return ["file"]


def loggers(names: Sequence[str], run: RunFolder, console: Logger) -> Logger:
    """One logger that tells all of `names`, the terminal last."""
    return Loggers(*(LOGGERS[name](run) for name in names if name != CONSOLE), *[console] * (CONSOLE in names))
