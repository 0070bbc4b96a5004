"""What reaches the terminal: model text made harmless, one console each for data and progress, one line for a failure.

Data goes to stdout, progress to stderr. Text that a model or a file brought along is text: control characters go,
characters that turn or hide others are spelled out, length is capped, and nothing is ever read as markup.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from math import isfinite

from rich.console import Console
from rich.text import Text

from envs.visible import MAX_TEXT, clean

ORANGE, BLUE, GREEN, RED = "#E69F00", "#56B4E9", "#009E73", "#D55E00"
"""Okabe and Ito's colours: told apart without full colour vision. Nothing is said by colour alone."""

_BARS = "▁▂▃▄▅▆▇█"


class _Piped(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `xueba.__main__`: whoever reads no further is no failure, as which rich would end the program."""
        raise BrokenPipeError


def out() -> Console:
    """For data. Plain where stdout is not a terminal; colours go with NO_COLOR."""
    return _Piped(file=sys.stdout, highlight=False, markup=False, emoji=False)


def err(*, quiet: bool = False) -> Console:
    """For progress, hints and failures; `quiet`: for nothing."""
    return Console(
        file=sys.stderr,
        highlight=False,
        markup=False,
        emoji=False,
        quiet=quiet,
        force_terminal=False if quiet else None,
    )


def safe(text: str, style: str = "", limit: int = MAX_TEXT) -> Text:
    """`clean` text as rich's Text, which is never read as markup."""
    return Text(clean(text, limit), style)


def sentence(error: BaseException) -> str:
    """A failure as one clear line."""
    if isinstance(error, OSError) and error.errno is not None:
        where = f": {error.filename}" if error.filename else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return clean(f"the disk is full{where}; make room, then go on with --resume")
        return clean(f"{error.strerror}{where}")
    said = " ".join(str(error).split())
    known = isinstance(error, ValueError | RuntimeError | OSError | ArithmeticError) and said
    if not known:
        said = f"{type(error).__name__}: {said} (a fault of this program; --debug shows where)"
    return clean(said, 600)


def fail(message: str) -> None:
    """The one line on stderr for whatever went wrong."""
    print(f"xueba: {message}", file=sys.stderr)


def short_names(names: Iterable[str], width: int) -> dict[str, str]:
    """The names, clean and at most `width` long: in a longer one … stands for what does not tell it apart."""
    whole = {name: clean(name, 500) for name in dict.fromkeys(names)}
    found: dict[str, str] = {}
    for name, text in whole.items():
        others = [other for other in whole.values() if other != text]
        cuts = _cuts(text, width, others) if len(text) > width else iter([text])
        numbered = f"{text[: width - 4]}…#{len(found) + 1}"
        found[name] = next((cut for cut in cuts if cut not in found.values()), numbered)
    return found


def _cuts(text: str, width: int, others: Sequence[str]) -> Iterator[str]:
    """Ways to shorten `text` so that it cannot be taken for one of the `others`."""
    # the end of a name, as its settings, tells more than its middle
    for head in (width // 3, *range(width - 1, -1, -1)):
        begins, ends = text[:head], text[len(text) - (width - 1 - head) :]
        if not any(other.startswith(begins) and other.endswith(ends) for other in others):
            yield f"{begins}…{ends}"
    same = ([*takewhile(lambda two: two[0] == two[1], zip(text, other, strict=False))] for other in others)
    apart = max(map(len, same), default=0)
    yield f"{text[: width // 3]}…{text[apart : apart + width - width // 3 - 2]}…"


def hint(*lines: str) -> None:
    """The last lines of a command: what to do next."""
    console = err()
    for line in lines:
        console.print(Text(f"  {line}", "dim"), soft_wrap=True)


def spark(values: Sequence[float], width: int = 16, top: float | None = None) -> str:
    """The last `width` of `values` (none below 0) as bars from 0 to `top`, which is the largest if it isn't given.

    Only a true 0 has no bar at all.
    """
    shown = [value for value in values if isfinite(value)][-width:]
    highest = max(top or 0.0, *shown, 1e-12) if shown else 1.0
    return "".join("_" if v <= 0 else _BARS[min(7, max(0, round(v / highest * 7)))] for v in shown)


def duration(seconds: float) -> str:
    """`0:07`, `12:30` or `1:02:03`."""
    if not isfinite(seconds) or seconds < 0:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
