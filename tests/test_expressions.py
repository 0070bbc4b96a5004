"""Expressions, against Python's own fractions over trees made at random, and against hostile text."""

from __future__ import annotations

import ast
import re
import time
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envs.expressions import (
    ExpressionError,
    Negation,
    Operation,
    Tree,
    calculate,
    evaluate,
    format_expression,
    format_number,
    numbers_of,
    parse_expression,
)
from envs.literals import read_number

VALUES = {
    "24": "24",
    "12+3*4": "24",
    "(12+3)*4": "60",
    "12 + 3 * 4": "24",
    "2-3-4": "-5",
    "2-(3-4)": "3",
    "24/4/3": "2",
    "24/(4/3)": "18",
    "1/2+1/3": "5/6",
    "0.1+0.2": "3/10",
    "24.00": "24",
    "-3": "-3",
    "-3*-4": "12",
    "5--3": "8",
    "- 3 + 4": "1",
    "-(1+2)*3": "-9",
    "--3": "3",
    "((((((((((((((((7))))))))))))))))": "7",
    "999999999999*999999": "999998999999000001",
    "+".join(["1"] * 32): "32",
}

REFUSED = {
    "": "the end does not fit, at character 1",
    "   ": "the end does not fit, at character 4",
    "3+": "the end does not fit, at character 3",
    "3 4": "'4' does not fit, at character 3",
    "2(3)": "'(' does not fit, at character 2",
    "(3)(4)": "'(' does not fit, at character 4",
    "(3": "the end does not fit, ')' is missing, at character 3",
    "(3 4)": "'4' does not fit, ')' is missing, at character 4",
    "3)": "')' does not fit, at character 2",
    "()": "')' does not fit, at character 2",
    ")(": "')' does not fit, at character 1",
    "*3": "'*' does not fit, at character 1",
    "+3": "'+' does not fit, at character 1",
    "3*/4": "'/' does not fit, at character 3",
    "4**2": "'*' does not fit, at character 3",
    "3//4": "'/' does not fit, at character 3",
    "9**9**9**9": "'*' does not fit, at character 3",
    "024": "'024' has a leading zero or more than 12 digits, at character 1",
    "1+00": "'00' has a leading zero or more than 12 digits, at character 3",
    "9" * 13: "has a leading zero or more than 12 digits, at character 1",
    "1.": "'.' has no place in an expression, at character 2",
    ".5": "'.' has no place in an expression, at character 1",
    "1.2.3": "'.' has no place in an expression, at character 4",
    "0x10+8": "'x' has no place in an expression, at character 2",
    "1_6": "'_' has no place in an expression, at character 2",
    "1e5": "'e' has no place",
    "3%4": "'%' has no place",
    "4!": "'!' has no place",
    "9^{9^{9}}": "'^' has no place",
    "3×4": "'×' has no place",
    "3−4": "'−' has no place",
    "12+3*4=24": "'=' has no place",
    "1,2": "',' has no place",
    "1\n+2": r"'\n' has no place",
    "1\t+2": r"'\t' has no place",
    "1\u00a0+2": r"'\xa0' has no place",
    "1+\u0662": "has no place",
    "1+\uff12": "has no place",
    "1+\u00b2": "has no place",
    "\u202e1+2": "has no place",
    "1+2\x00": "has no place",
    "\ud800": "has no place",
    "x": "'x' has no place",
    "nan": "'n' has no place",
    "inf": "'i' has no place",
    "None": "'N' has no place",
    "__import__('os')": "'_' has no place",
    "[open('x')]": "'[' has no place",
    "(1).real": "'.' has no place",
    "lambda:1": "'l' has no place",
    "1 or 2": "'o' has no place",
    "(1+2i)^(10^8)": "'i' has no place",
    "(" * 17 + "7" + ")" * 17: "more than 16 levels of parentheses and minus signs, at character 17",
    "-" * 17 + "7": "more than 16 levels of parentheses and minus signs, at character 17",
    "+".join(["1"] * 33): "more than 64 numbers and signs",
    "(" * 5000 + "1" + ")" * 5000: "longer than 512 characters",
    "-" * 20_000 + "1": "longer than 512 characters",
    "9" * 100_000: "longer than 512 characters",
    "1+" * 8000: "longer than 512 characters",
    " " * 16_000: "longer than 512 characters",
    "=" * 16_000: "longer than 512 characters",
    "\n" * 16_000: "longer than 512 characters",
    "1" + "\u0301" * 5000: "longer than 512 characters",
    "<answer>" * 40_000: "longer than 512 characters",
}

UNDEFINED = {
    "1/0": "division by zero in 1 / 0",
    "3/(2-2)": "division by zero in 3 / 0",
    "0/0": "division by zero",
    "(1/3)/(5-5)*0": "division by zero in 1/3 / 0",
    "999999999999*999999999999": r"999999999999 \* 999999999999 goes beyond",
    "*".join(["9" * 12] * 32): "goes beyond",
    "1/999999999999/999999999999": "goes beyond",
    "999999999999*1000001-999999999999*1000001": "goes beyond",
}


@pytest.mark.parametrize("text", VALUES, ids=lambda text: text[:20])
def test_values(text: str) -> None:
    value = evaluate(parse_expression(text))
    assert isinstance(value, Fraction)
    assert value == Fraction(VALUES[text])


def test_the_largest_value_is_allowed() -> None:
    assert evaluate(parse_expression("100000000000*10000000")) == 10**18
    assert evaluate(parse_expression("1/100000000000/10000000")) == Fraction(1, 10**18)
    with pytest.raises(ExpressionError, match="beyond"):
        evaluate(parse_expression("100000000000*10000000+1"))


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:20]))
def test_refused_naming_what_and_where(text: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(REFUSED[text])):
        parse_expression(text)


@pytest.mark.parametrize("text", UNDEFINED, ids=lambda text: text[:20])
def test_undefined_naming_the_operation(text: str) -> None:
    tree = parse_expression(text)
    with pytest.raises(ExpressionError, match=UNDEFINED[text]):
        evaluate(tree)


@pytest.mark.parametrize("text", [None, b"1+2", 3, ["1"]])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="an expression is text"):
        parse_expression(text)


def test_errors_are_short_and_can_be_caught_as_value_errors() -> None:
    for text in REFUSED:
        with pytest.raises(ValueError, match=" ") as caught:
            parse_expression(text)
        assert len(str(caught.value)) < 400
        assert str(caught.value).isprintable()


def test_hostile_text_costs_nothing() -> None:
    began = time.process_time()
    for text in [*REFUSED, *UNDEFINED]:
        with pytest.raises(ExpressionError):
            evaluate(parse_expression(text))
    assert time.process_time() - began < 1  # 10 ms here


def test_trees() -> None:
    one, two, three = map(Fraction, (1, 2, 3))
    assert parse_expression("1-2-3") == Operation("-", Operation("-", one, two), three)
    assert parse_expression("1+2*3") == Operation("+", one, Operation("*", two, three))
    assert parse_expression("(1+2)*3") == Operation("*", Operation("+", one, two), three)
    assert parse_expression("-1/2") == Operation("/", -one, two)
    assert parse_expression("-(1+2)") == Negation(Operation("+", one, two))
    assert len({parse_expression("1+2"), parse_expression("1 + 2"), parse_expression("2+1")}) == 2


def test_numbers_as_often_as_they_stand_there() -> None:
    assert numbers_of(parse_expression("(3+4)*12/3.0")) == [3, 4, 12, 3]
    assert numbers_of(parse_expression("-(5+-3)")) == [5, -3]
    assert numbers_of(parse_expression("24")) == [24]
    assert numbers_of(parse_expression("24/1")) == [24, 1]


def test_no_other_operations() -> None:
    with pytest.raises(ExpressionError, match=r"'\*\*' is no operation"):
        calculate("**", Fraction(2), Fraction(3))


def test_numbers_are_written_as_they_are_read() -> None:
    for number in (Fraction(24), Fraction(-3, 4), 7):
        assert read_number(format_number(number)) == number
    assert format_number(Fraction(48, 2)) == "24"


def test_no_more_parentheses_than_needed() -> None:
    for text in (
        "1-2-3",
        "1-(2-3)",
        "(1+2)*3",
        "1+2*3",
        "1*(2*3)",
        "2*(-3)",
        "-3*2",
        "-(1+2)/4",
        "1/(2/3)",
        "(1/2+3)*4",
    ):
        assert format_expression(parse_expression(text)) == text
    assert format_expression(Operation("+", Fraction(1, 2), Fraction(3))) == "(1/2)+3"


TREES: st.SearchStrategy[Tree] = st.recursive(
    st.integers(-99, 99).map(Fraction),
    lambda trees: st.one_of(
        st.builds(Operation, st.sampled_from("+-*/"), trees, trees),
        st.builds(Operation, st.sampled_from("+-*/"), trees, trees).map(Negation),
    ),
    max_leaves=8,
)


def by_python(text: str) -> Fraction:
    """The value by Python's own grammar, with fractions for its numbers."""

    def value(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=number):
                return Fraction(str(number))
            case ast.UnaryOp(operand=operand):
                return -value(operand)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = value(left), value(right)
                return {ast.Add: a.__add__, ast.Sub: a.__sub__, ast.Mult: a.__mul__, ast.Div: a.__truediv__}[type(op)](
                    b
                )
        raise AssertionError(ast.dump(node))

    return value(ast.parse(text.strip(), mode="eval").body)


def by_arithmetic(tree: Tree) -> Fraction:
    if isinstance(tree, Fraction):
        return tree
    if isinstance(tree, Negation):
        return 0 - by_arithmetic(tree.operand)
    a, b = by_arithmetic(tree.left), by_arithmetic(tree.right)
    return [a + b, a - b, a * b, a * (1 / b) if tree.op == "/" else a]["+-*/".index(tree.op)]


def spelled(tree: Tree, spaces: str) -> str:
    """With all parentheses, whatever precedence says."""
    if isinstance(tree, Fraction):
        return str(tree)
    if isinstance(tree, Negation):
        return f"-{spaces}({spelled(tree.operand, spaces)})"
    return f"({spelled(tree.left, spaces)}{spaces}{tree.op}{spaces}{spelled(tree.right, spaces)})"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TREES, st.sampled_from(["", " ", "   "]))
def test_values_are_those_of_pythons_fractions(tree: Tree, spaces: str) -> None:
    try:
        truth = by_arithmetic(tree)
    except ZeroDivisionError:
        with pytest.raises(ExpressionError, match="division by zero"):
            evaluate(tree)
        return
    assert evaluate(tree) == truth
    text = format_expression(tree)
    assert by_python(text) == truth
    assert parse_expression(text) == tree
    assert evaluate(parse_expression(spelled(tree, spaces))) == truth


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text("0123456789+-*/(). ", max_size=14))
@example("1/2/3")
@example("2-3*4/5-6")
def test_what_is_read_is_read_as_python_does(text: str) -> None:
    try:
        value = evaluate(parse_expression(text))
    except ExpressionError as error:
        assert str(error)  # noqa: PT017
        return
    assert value == by_python(text)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=()), max_size=30))
@example("0.1")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = evaluate(parse_expression(text))
    except ExpressionError:
        return
    # the value and not the tree: 0.1 is written (1/10), a division of the same value
    assert evaluate(parse_expression(format_expression(parse_expression(text)))) == value
