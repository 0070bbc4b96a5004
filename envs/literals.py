"""An answer as a typed literal, compared exactly.

The literals are integers `24`, rationals in lowest terms `3/4`, decimals `24.00`, words `knight`, tuples `(1, 2)` and
sets `{1, 2}` of them. Nothing is evaluated: an answer that still has work in it (`12+3*4`, but `48/2` as well, or
whoever repeats the question would be right) is no literal. Pure text in linear time, whoever wrote it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import gcd

MAX_DIGITS = 12
MAX_LITERAL = 128
# far above what literals of 12 digits reach; it bounds what is calculated with them
MAX_MAGNITUDE = 10**18

Number = int | Fraction
"""Exact; an int where it may be one, since Fractions are ten times as slow"""
Scalar = Fraction | str
Answer = Scalar | tuple[Scalar, ...] | frozenset[Scalar]

WHOLE = f"(?:0|[1-9][0-9]{{0,{MAX_DIGITS - 1}}})"
"""As a pattern: a whole number without a sign, as `read_number` reads it"""
# no backtracking: the first character of each part decides
_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+)|/([1-9][0-9]*))?")


def read_number(text: object) -> Fraction | None:
    """The number that `text` writes, or None: an integer, a rational in lowest terms, or a decimal.

    At most 12 digits in numerator, denominator or decimal; a minus may stand before it, nothing else: no plus, no
    leading zero, `_`, `0x`, exponent, `%`, thousands separator, space or digit of another script.
    """
    if not isinstance(text, str) or len(text) > 2 * MAX_DIGITS + 2:
        return None
    if text.isdigit() and text.isascii() and len(text) <= MAX_DIGITS and (text[0] != "0" or text == "0"):
        return Fraction(int(text))
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    minus, whole, decimals, below = found.groups()
    if len(whole) + len(decimals or "") > MAX_DIGITS or len(below or "") > MAX_DIGITS:
        return None
    above, below = int(minus + whole + (decimals or "")), int(below or "1")
    if gcd(above, below) != 1:
        return None
    return Fraction(above, 10 ** len(decimals) if decimals else below)


def read_literal(text: object) -> Answer | None:
    """The literal that `text` writes, or None. Spaces around it and around commas do not count, nothing else is free.

    A word is of letters, then letters, digits or hyphens, and keeps its case. A tuple has at least two members; a set
    may be empty `{}` and names each member once.
    """
    if not isinstance(text, str) or len(text) > MAX_LITERAL:
        return None
    text = text.strip(" ")
    bounds = text[:1] + text[1:][-1:]
    if bounds == "{}" and not text[1:-1].strip(" "):
        return frozenset()
    if bounds not in ("()", "{}"):
        return _read_scalar(text)
    members: list[Scalar] = []
    for part in text[1:-1].split(","):
        member = _read_scalar(part.strip(" "))
        if member is None:
            return None
        members.append(member)
    if bounds == "()":
        return tuple(members) if len(members) > 1 else None
    distinct = frozenset(members)
    return distinct if len(distinct) == len(members) else None


def _read_scalar(text: str) -> Scalar | None:
    number = read_number(text)
    if number is not None:
        return number
    # isalpha, since \w holds ² and ½
    word = text[:1].isalpha() and all(c.isalpha() or c in "0123456789-" for c in text)
    return text if word else None


def same_answer(said: object, gold: Answer | int) -> bool:
    """Whether the text `said` is a literal of the same type and exactly the same value as `gold`.

    A `gold` that is text is read as a literal too. Raises ValueError where it cannot be read, TypeError where it is
    no answer at all (a float, None): such a problem is to be masked, it is neither right nor wrong.
    """
    if isinstance(gold, bool) or not isinstance(gold, Fraction | int | str | tuple | frozenset):
        raise TypeError(f"a right answer is a Fraction, int, str, tuple or frozenset, not {gold!r:.80}")
    right = read_literal(gold) if isinstance(gold, str) else gold
    if right is None:
        raise ValueError(f"the right answer {str(gold)[:80]!r} is no literal: mask this problem, or write it as one")
    return read_literal(said) == right


def format_answer(answer: Answer | int) -> str:
    """The answer as `read_literal` reads it; the members of a set in order, numbers before words."""
    if isinstance(answer, tuple):
        return f"({', '.join(map(str, answer))})"
    if isinstance(answer, frozenset):
        numbers = sorted(member for member in answer if not isinstance(member, str))
        words = sorted(member for member in answer if isinstance(member, str))
        return f"{{{', '.join(map(str, [*numbers, *words]))}}}"
    return str(answer)
