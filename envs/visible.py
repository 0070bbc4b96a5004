"""Text of players and files made visible: nothing in it steers, hides, or turns what stands around it."""

from __future__ import annotations

import unicodedata
from itertools import islice

MAX_TEXT = 400


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """`text` on one line, fit for a terminal and at most `limit` characters long.

    Control characters are dropped, so an escape sequence loses its escape and shows the rest; direction marks,
    zero-width characters and lone surrogates become ⟨U+202E⟩; a line break becomes ↵.
    """
    shown = "".join(islice((part for c in islice(text, 4 * limit) for part in _visible(c)), limit + 1))
    return shown if len(shown) <= limit and len(text) <= 4 * limit else shown[: limit - 1] + "…"


def _visible(character: str) -> str:
    if character == "\n":
        return "↵"
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if category == "Cc":
        return " " if character == "\t" else ""
    # unassigned, private, surrogates, format characters; marks that pile up on others; other line separators
    if category in ("Cf", "Cs", "Co", "Cn", "Me", "Mn", "Zl", "Zp"):
        return f"⟨U+{ord(character):04X}⟩"
    return character
