"""One side of a linear equation in x, read into terms: `2(x-3)/5+7` is 2/5 times a parenthesis, plus 7.

Read as written: nothing is multiplied out or collected, so that each of these remains a step of its own. Numbers are
exact and under the caps of `envs.expressions`; a product of unknowns is refused.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from envs.expressions import MAX_DEPTH, MAX_TOKENS
from envs.literals import MAX_DIGITS, MAX_MAGNITUDE, WHOLE, Number

Term = tuple[Number, Any]
"""A factor, and what it multiplies: `"x"`, `""` (a plain number), or the terms of a parenthesis."""


class Side(NamedTuple):
    terms: tuple[Term, ...]
    """in an order that does not depend on how they were written; none is 0"""
    size: int
    """numbers, unknowns, operations and parentheses; a number with its sign, or a fraction in lowest terms, is one"""
    total: tuple[Number, Number]
    """`(a, b)` where the side is ax+b"""


class _Product(NamedTuple):
    terms: tuple[Term, ...]
    size: int
    number: bool
    divided: bool = False


_TOKEN = re.compile(r"[0-9]+|[^ ]")
# what nearly every side is: read at a glance, with the same result
_PLAIN = re.compile(f"(-?)({WHOLE})?x([-+]{WHOLE})?|(-?{WHOLE})")


def read_side(text: str) -> Side:
    """The side that `text` writes.

    Raises:
        ValueError: it is none; says why.
    """
    plain = _PLAIN.fullmatch(text)
    if plain:
        return _plain(*plain.groups())
    tokens = _TOKEN.findall(text)[::-1]
    if len(tokens) > MAX_TOKENS:
        raise ValueError(f"more than {MAX_TOKENS} numbers and signs")
    side = _sum(tokens, 0)
    if tokens:
        raise ValueError(f"{tokens[-1]!r} does not fit")
    return side


def _plain(minus: str, factor: str | None, added: str | None, alone: str | None) -> Side:
    """`-3x+5` or a number alone."""
    if alone:
        a, b, size = 0, int(alone), 1
    else:
        a, b = int(minus + (factor or "1")), int(added or 0)
        size = 1 + bool(factor) + bool(minus) + 2 * bool(added)
    terms: tuple[Term, ...] = ((b, ""), (a, "x"))
    return Side(tuple(term for term in terms if term[0]), size, (a, b))


def scaled(terms: tuple[Term, ...], by: Number) -> tuple[Term, ...]:
    """Each term times `by`; a parenthesis that is multiplied by nothing any more is opened.

    Raises:
        ValueError: a number is beyond the caps.
    """
    result = list[Term]()
    for factor, kind in terms:
        product = factor * by
        if product == 1 and not isinstance(kind, str):
            result.extend(kind)
        elif abs(product.numerator) > MAX_MAGNITUDE or product.denominator > MAX_MAGNITUDE:
            raise ValueError("a number beyond 10^18")
        elif product:
            result.append((product, kind))
    return _ordered(result)


def ratio(above: Number, below: Number) -> Number:
    """The exact quotient; an int where it is whole."""
    if isinstance(above, int) and isinstance(below, int) and above % below == 0:
        return above // below
    return Fraction(above) / below


def _ordered(terms: list[Term]) -> tuple[Term, ...]:
    return tuple(terms) if len(terms) == 1 else tuple(sorted(terms, key=_place))


def _place(term: Term) -> tuple[str, Number]:
    return str(term[1]), term[0]


def _total(terms: tuple[Term, ...]) -> tuple[Number, Number]:
    a: Number = 0
    b: Number = 0
    for factor, kind in terms:
        if kind == "x":
            a += factor
        elif kind == "":
            b += factor
        else:
            within = _total(kind)
            a, b = a + factor * within[0], b + factor * within[1]
    return a, b


def _sum(tokens: list[str], depth: int) -> Side:
    """Terms with `+` and `-` between them. `tokens` are used up from the end."""
    terms, size, more = list[Term](), 0, True
    while more:
        minus = bool(tokens) and tokens[-1] == "-"
        if minus or size:  # a minus may stand before the first term too
            tokens.pop()
        product = _product(tokens, depth)
        # a minus belongs to its number, but is one thing more to get rid of before an unknown
        size += product.size + (size > 0) + (minus and not product.number)
        terms.extend(scaled(product.terms, -1) if minus else product.terms)
        more = bool(tokens) and tokens[-1] in "+-"
    if any(factor == 1 and not isinstance(kind, str) for factor, kind in terms):
        terms = list(scaled(tuple(terms), 1))
    ordered = _ordered(terms)
    return Side(ordered, size, _total(ordered))


def _product(tokens: list[str], depth: int) -> _Product:
    product = _factor(tokens, depth)
    while tokens:
        sign = tokens[-1]
        if sign in "*/":
            tokens.pop()
            product = (_times if sign == "*" else _divided)(product, _factor(tokens, depth))
        elif sign in "x(" and not product.divided:  # whether 1/2x is x/2 is not for us to say
            product = _times(product, _factor(tokens, depth))
        else:
            break
    return product


def _times(left: _Product, right: _Product) -> _Product:
    if not left.number:
        left, right = right, left
    if not left.number:
        raise ValueError("a product of unknowns is not linear")
    return _Product(scaled(right.terms, _total(left.terms)[1]), left.size + right.size, right.number)


def _divided(above: _Product, below: _Product) -> _Product:
    number = _total(below.terms)[1]
    if not below.number or not number:
        raise ValueError("only a number other than 0 divides")
    terms, size = scaled(above.terms, ratio(1, number)), above.size + below.size
    if not above.number:
        return _Product(terms, size + 1, number=False, divided=True)
    top = _total(above.terms)[1]
    literal = above.size == below.size == top.denominator == number.denominator == 1
    lowest = literal and number != 1 and gcd(top.numerator, number.numerator) == 1
    return _Product(terms, 1 if lowest else size, number=True, divided=True)


def _factor(tokens: list[str], depth: int) -> _Product:
    token = tokens.pop() if tokens else "the end"
    if token == "x":
        return _Product(((1, "x"),), 1, number=False)
    if token.isdigit():
        if len(token) > MAX_DIGITS or (token[0] == "0" and token != "0"):
            raise ValueError(f"{token[:20]!r} has a leading zero or more than {MAX_DIGITS} digits")
        return _Product(((int(token), ""),) if token != "0" else (), 1, number=True)
    if token != "(" or depth == MAX_DEPTH:
        raise ValueError(f"{token!r} does not fit")
    within = _sum(tokens, depth + 1)
    if not tokens or tokens.pop() != ")":
        raise ValueError("')' is missing")
    if all(kind == "" for _, kind in within.terms):
        number = within.total[1]
        return _Product(((number, ""),) if number else (), within.size + 1, number=True)
    return _Product(within.terms if len(within.terms) == 1 else ((1, within.terms),), within.size + 1, number=False)
