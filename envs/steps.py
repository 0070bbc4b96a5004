"""The steps written in a reasoning: equations `3*4=12` found in its lines, with words around them.

Whatever holds an equals sign must be readable, or the reasoning is faulty from there on: a claim can neither hide
behind an odd sign, nor can a true part be cut out of something larger (`2^3*4=12`, `.5*4=20`, `3*4=12%`, `1=2=42`).
An equation is the longest stretch of numbers, signs and spaces. Beside it may stand the end of the line, a comma, full
stop, colon or semicolon (or their Chinese forms), a Chinese character, or, after a space, a word of at least two
letters: a single letter could be an unknown. Words are not checked and prove nothing: nobody earns a step with them.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from envs.expressions import MAX_EXPRESSION, ExpressionError, Operation, Tree, calculate, parse_expression
from envs.literals import WHOLE, Number, read_number
from envs.reply import MAX_REPLY

MAX_STEPS = 64
MAX_SHOWN = 80

# signs that claim something as the equals sign does, or look like it
_LIKE_EQUALS = "＝﹦⁼₌≠≈≡≅≃"
CLAIM = re.compile(f"[={_LIKE_EQUALS}]")
"""What every equation holds: a line without it claims none."""
# what nearly every step is: read at a glance, with the same result
_PLAIN = re.compile(f"(-?{WHOLE})([-+*/])({WHOLE})=(-?{WHOLE})")


class Equation(NamedTuple):
    """`left=right` as written in line `line` of the reasoning (from 1, the line of `<think>`)."""

    line: int
    text: str
    left: str
    right: str

    def __str__(self) -> str:
        return _shown(self.line, self.text)


class Step(NamedTuple):
    """`left op right = result`, one operation on two numbers. As text: `line 2: 3*4=11`."""

    line: int
    text: str
    left: Number
    op: str
    right: Number
    result: Number

    @property
    def holds(self) -> bool:
        """Whether it is true; a division by zero never is."""
        try:
            return calculate(self.op, self.left, self.right) == self.result
        except ExpressionError:
            return False

    def __str__(self) -> str:
        return _shown(self.line, self.text)


def equations_of(body: str, unknown: str = "") -> tuple[list[Equation], str]:
    """The equations of a reasoning, in order, up to the first that cannot be read; and why it cannot, or "".

    With an `unknown` (one letter, such as `x`) that letter may stand in them, as in `3x+5=20`, where no other letter
    is beside it. The sides hold nothing but digits, `+ - * / ( ) . ,`, spaces and the unknown; what they mean is for
    the caller to find out.
    """
    if len(body) > MAX_REPLY:
        return [], f"unreadable_step line 1 (the reasoning is longer than {MAX_REPLY} characters)"
    stretch, bare, equations = _stretch(unknown), _bare(unknown), list[Equation]()
    for number, line in enumerate(body.split("\n"), 1):
        alone = bare.fullmatch(line)
        if alone and len(equations) < MAX_STEPS:
            equations.append(Equation(number, line, *alone.groups()))
            continue
        if not CLAIM.search(line):
            continue
        for found in stretch.finditer(line):
            text = found.group().strip(" ")
            if not CLAIM.search(text):
                continue
            left, _, right = (side.strip(" ") for side in text.partition("="))
            why = _fault(text, left, right) or _beside(line, found.start(), found.end())
            if not why and len(equations) == MAX_STEPS:
                why = f"more than {MAX_STEPS} steps"
            if why:
                return equations, f"unreadable_step {_shown(number, text)} ({why})"
            equations.append(Equation(number, text, left, right))
    return equations, ""


def steps_of(body: str) -> tuple[list[Step], str]:
    """The steps of a reasoning, in order, up to the first equation that is no step; and why it is none, or "".

    A step has one operation on two numbers before the sign and one number after it. Numbers are those of
    `read_number`, in parentheses where precedence asks for it: `(1/2)*(3/4)=3/8`. Whether steps are true is not asked
    here (`Step.holds`).
    """
    equations, fault = equations_of(body)
    steps = list[Step]()
    for equation in equations:
        step = _step(equation)
        if isinstance(step, str):
            return steps, f"unreadable_step {equation} ({step})"
        steps.append(step)
    return steps, fault


def _step(equation: Equation) -> Step | str:
    plain = _PLAIN.fullmatch(equation.text)
    if plain:
        first, op, second, last = plain.groups()
        return Step(equation.line, equation.text, int(first), op, int(second), int(last))
    try:
        tree = parse_expression(equation.left)
    except ExpressionError as error:
        return str(error)
    if not isinstance(tree, Operation):
        return "no operation on two numbers"
    left, right, result = _literal(tree.left), _literal(tree.right), read_number(equation.right)
    if left is None or right is None:
        return "more than one operation"
    if result is None:
        return f"{equation.right[:MAX_SHOWN]!r} is not one number"
    return Step(equation.line, equation.text, left, tree.op, right, result)


def _literal(tree: Tree) -> Fraction | None:
    """The number that a tree is, where a division in lowest terms is a rational number."""
    if isinstance(tree, Fraction):
        return tree
    if not isinstance(tree, Operation) or tree.op != "/":
        return None
    above, below = tree.left, tree.right
    if not isinstance(above, Fraction) or not isinstance(below, Fraction) or below <= 0:
        return None
    whole = above.denominator == below.denominator == 1
    return above / below if whole and gcd(above.numerator, below.numerator) == 1 else None


@lru_cache(maxsize=64)
def _stretch(unknown: str) -> re.Pattern[str]:
    """What equations are made of. A dot or comma belongs to them between digits only (and `1,234` is no number)."""
    if unknown and not (len(unknown) == 1 and unknown.isalpha()):
        raise ValueError(f"an unknown is one letter, such as 'x', not {unknown[:MAX_SHOWN]!r}")
    signs = rf"[-+*/()0-9 ={_LIKE_EQUALS}]"
    letter = rf"|(?<![^\W\d_]){unknown}(?![^\W\d_])" if unknown else ""
    return re.compile(rf"(?:{signs}+|(?<=[0-9])[.,](?=[0-9]){letter})+")


@lru_cache(maxsize=64)
def _bare(unknown: str) -> re.Pattern[str]:
    """A line that is nothing but an equation without spaces: nearly every line, and found at a glance."""
    side = f"([-+*/()0-9{unknown}]{{1,{MAX_EXPRESSION}}})"
    return re.compile(f"(?!.*{unknown}{unknown}){side}={side}" if unknown else f"{side}={side}")


def _fault(text: str, left: str, right: str) -> str:
    if CLAIM.findall(text) != ["="]:
        return "exactly one equals sign makes an equation"
    if not left or not right:
        return "a side is missing"
    if len(left) > MAX_EXPRESSION or len(right) > MAX_EXPRESSION:
        return f"a side is longer than {MAX_EXPRESSION} characters"
    return ""


def _beside(line: str, start: int, end: int) -> str:
    """What stands beside `line[start:end]` and might belong to it, or "". Looks at two characters on each side."""
    near, next_to_it = line[max(0, start - 2) : start][::-1], line[end : end + 2]
    if not _may_stand_before(near[:1], near[1:], line[start] == " "):
        return f"{near[:1]!r} before it might belong to it"
    if not _may_stand_after(next_to_it[:1], next_to_it[1:], line[end - 1] == " "):
        return f"{next_to_it[:1]!r} after it might belong to it"
    return ""


def _may_stand_before(near: str, further: str, spaced: bool) -> bool:
    if near in (",", ".", ":"):  # not `.5*4=20`, `2:3*4=12`, `2 : 3*4=12`; but `Step 1: 3*4=12`, `First,3*4=12`
        return further.isalpha() or (spaced and near + further != ": ")
    return _stands_apart(near, further, spaced)


def _may_stand_after(near: str, further: str, spaced: bool) -> bool:
    if near in (",", "."):  # not `3*4=12 .5`
        return further in ("", " ") or further.isalpha()
    return _stands_apart(near, further, spaced)


def _stands_apart(near: str, further: str, spaced: bool) -> bool:
    if near in ("", ";") or near in "，。；：、" or "\u4e00" <= near <= "\u9fff":
        return True
    return spaced and near.isalpha() and (further.isalpha() or further in ("'", "’"))


def _shown(line: int, text: str) -> str:
    shown = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return f"line {line}: {shown}"
