"""Arithmetic expressions as trees: `+ - * / ( )`, integers, decimals, and a minus before a number or parenthesis.

Only what is written here is ever calculated, in exact fractions, under caps: 512 characters, 64 tokens, 16 levels,
12 digits, and 10^18 for numerator and denominator after every operation. There are no powers.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from envs.literals import MAX_DIGITS, MAX_MAGNITUDE, Number, read_number

MAX_EXPRESSION = 512
MAX_TOKENS = 64
MAX_DEPTH = 16


class ExpressionError(ValueError):
    """An expression that cannot be read or calculated; the message says what is wrong, and where."""


class Operation(NamedTuple):
    """`left op right`, op one of `+ - * /`."""

    op: str
    left: Tree
    right: Tree


class Negation(NamedTuple):
    """A minus before a parenthesis; before a number it belongs to the number."""

    operand: Tree


Tree = Fraction | Operation | Negation
_Token = tuple[str, int]

_TOKEN = re.compile(r"([0-9]+(?:\.[0-9]+)?|[-+*/()])| +|(.)", re.DOTALL)
_END = "the end"


def parse_expression(text: str) -> Tree:
    """The tree of an expression, with the usual precedence, left to right; `3/4` is a division of 3 by 4.

    Raises ExpressionError with the character (from 1) at which reading failed.
    """
    if not isinstance(text, str):
        raise ExpressionError(f"an expression is text, not {type(text).__name__}")
    if len(text) > MAX_EXPRESSION:
        raise ExpressionError(f"the expression is longer than {MAX_EXPRESSION} characters: {text[:40]!r}…")
    tokens: list[_Token] = [(_END, len(text))]
    for found in _TOKEN.finditer(text):
        token, other = found.groups()
        if other:
            raise _error(f"{other!r} has no place in an expression", found.start(), text)
        if token:
            tokens.append((token, found.start()))
    if len(tokens) > MAX_TOKENS + 1:
        raise ExpressionError(f"more than {MAX_TOKENS} numbers and signs: {text[:40]!r}…")
    # the next token stands last, so that taking it is a pop
    tokens[1:] = tokens[:0:-1]
    tree = _sum(tokens, text, 0)
    if len(tokens) > 1:
        raise _unexpected(tokens[-1], text)
    return tree


def _sum(tokens: list[_Token], text: str, depth: int) -> Tree:
    tree = _product(tokens, text, depth)
    while tokens[-1][0] in ("+", "-"):
        tree = Operation(tokens.pop()[0], tree, _product(tokens, text, depth))
    return tree


def _product(tokens: list[_Token], text: str, depth: int) -> Tree:
    tree = _factor(tokens, text, depth)
    while tokens[-1][0] in ("*", "/"):
        tree = Operation(tokens.pop()[0], tree, _factor(tokens, text, depth))
    return tree


def _factor(tokens: list[_Token], text: str, depth: int) -> Tree:
    token, place = tokens[-1]
    if token in (_END, "+", "*", "/", ")"):
        raise _unexpected(tokens[-1], text)
    tokens.pop()
    if token not in ("-", "("):
        number = read_number(token)
        if number is None:
            raise _error(f"{token!r} has a leading zero or more than {MAX_DIGITS} digits", place, text)
        return number
    if depth == MAX_DEPTH:
        raise _error(f"more than {MAX_DEPTH} levels of parentheses and minus signs", place, text)
    if token == "-":
        operand = _factor(tokens, text, depth + 1)
        return -operand if isinstance(operand, Fraction) else Negation(operand)
    tree = _sum(tokens, text, depth + 1)
    if tokens[-1][0] != ")":
        raise _unexpected(tokens[-1], text, "')'")
    tokens.pop()
    return tree


def _unexpected(token: _Token, text: str, wanted: str = "") -> ExpressionError:
    name = token[0] if token[0] == _END else repr(token[0])
    return _error(f"{name} does not fit" + (f", {wanted} is missing" if wanted else ""), token[1], text)


def _error(what: str, place: int, text: str) -> ExpressionError:
    around = text[max(0, place - 30) : place + 30]
    return ExpressionError(f"{what}, at character {place + 1}: {around!r}")


def calculate(op: str, left: Number, right: Number) -> Number:
    """`left op right`; raises ExpressionError for a division by zero and for a result beyond the caps."""
    result: Number
    if op == "+":
        result = left + right
    elif op == "-":
        result = left - right
    elif op == "*":
        result = left * right
    elif op != "/":
        raise ExpressionError(f"{op!r} is no operation (there are: + - * /)")
    elif right == 0:
        raise ExpressionError(f"division by zero in {left} / {right}")
    else:
        result = Fraction(left) / right
    if abs(result.numerator) > MAX_MAGNITUDE or result.denominator > MAX_MAGNITUDE:
        raise ExpressionError(f"{left} {op} {right} goes beyond 10^18")
    return result


def evaluate(tree: Tree) -> Number:
    """The value of a tree, exactly; raises ExpressionError naming the operation that failed."""
    if isinstance(tree, Fraction):
        return tree
    if isinstance(tree, Negation):
        return -evaluate(tree.operand)
    return calculate(tree.op, evaluate(tree.left), evaluate(tree.right))


def numbers_of(tree: Tree) -> list[Fraction]:
    """The numbers that a tree is made of, each as often as it stands there, from left to right.

    In `5+-3` they are 5 and -3: whoever was given a 3 has not used it.
    """
    if isinstance(tree, Fraction):
        return [tree]
    if isinstance(tree, Negation):
        return numbers_of(tree.operand)
    return [*numbers_of(tree.left), *numbers_of(tree.right)]


def format_number(number: Fraction | int) -> str:
    """The number as `read_number` reads it: `24`, `-3/4`."""
    return str(number)


_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2}


def format_expression(tree: Tree) -> str:
    """The tree written without spaces and with no more parentheses than reading it back takes.

    A number that is no integer is written `(3/4)`, which is read back as a division of the same value.
    """
    if isinstance(tree, Fraction):
        return str(tree) if tree.denominator == 1 else f"({tree})"
    if isinstance(tree, Negation):
        return f"-({format_expression(tree.operand)})"
    binding = _BINDING[tree.op]
    left, right = format_expression(tree.left), format_expression(tree.right)
    if isinstance(tree.left, Operation) and _BINDING[tree.left.op] < binding:
        left = f"({left})"
    # also where the binding is the same: a-(b-c); and a number with a minus, 5-(-3), to be easy to read
    if (isinstance(tree.right, Operation) and _BINDING[tree.right.op] <= binding) or right.startswith("-"):
        right = f"({right})"
    return f"{left}{tree.op}{right}"
