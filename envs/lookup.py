"""Names that nobody bears: one sentence that tells which there are and which was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MANY = 400
"""Characters of names: what comes after them must still be seen."""


def not_found(what: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a `name` that is no `what`; control characters in it are spelled out."""
    names = list(known)
    there = ", ".join(names) or "none"
    there = there if len(there) <= MANY else f"{there[:MANY]}…"
    return f"no {what} is called {name[:80]!r} (there are: {there}){did_you_mean(name, names)}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """A question mark's worth of help, or nothing."""
    close = get_close_matches(str(name)[:80], list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
