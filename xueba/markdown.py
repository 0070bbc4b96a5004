"""Plain Markdown out of what players and files said: no reader of it takes their words for markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from envs.visible import clean

_MARKUP = {c: f"\\{c}" for c in "\\`*_{}[]#|~$!"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str, limit: int = 600) -> str:
    """`text` on one line, as text."""
    return "".join(_MARKUP.get(c, c) for c in clean(text, limit))


def table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of texts."""
    lines = [f"| {' | '.join(map(escaped, head))} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(escaped, row))} |" for row in rows)])
