"""Steps found in reasoning: what prose may stand around them, and what may not be smuggled past them."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envs.literals import read_number
from envs.reply import MAX_REPLY
from envs.steps import MAX_STEPS, Equation, Step, equations_of, steps_of

PRODUCT = (3, "*", 4, 12)

# each holds the one step 3*4=12
PROSE = [
    "3*4=12",
    "3 * 4 = 12",
    "  3*4  =12  ",
    "First, 3*4=12.",
    "First,3*4=12",
    "so 3*4=12",
    "so 3*4=12, as one sees",
    "Step 1: 3*4=12",
    "1. 3*4=12",
    "1: 3*4=12;",
    "We multiply 3 by 4 and get 3*4=12.",
    "12+3*4 has a product in it: 3*4=12",
    "12+3*4\n\n3*4=12",
    "3*4=12 apples",
    "3*4=12 apples, and there are 12 more",
    "that's 3*4=12",
    "3*4=12 I've found",
    "(-3)*(-4)=12".replace("-", ""),
    "先算乘法：3*4=12。",
    "先算3*4=12，再加。",
    "所以3*4=12个苹果",
    "d'abord 3*4=12",
    "Zuerst über 3*4=12 größer",
    "3*4=12. Then 2 < 3, so what? 50% of it -- see § 4!",
    "no, wait; 3*4=12",
]

# each is unreadable from its first equals sign on, and none gives a step
SMUGGLED = [
    *("1=2=42", "3*4=12=12", "3*4==12", "3*4=12 12+12=24", "3*4=12=", "=", "==", "3*4=", "=12", "= 12", "3*4 ="),
    *("2^3*4=12", "2^ 3*4=12", "2**3*4=12", "2*\u20093*4=12", "3*4=12^2", "3*4=12 ^2", "3*4=12!", "3*4=12 !"),
    *("3*4=12%", "3*4=12 %", "3*4=12°", "3*4=12²", "3*4=12 ²", "²3*4=12", "√3*4=12", "√ 3*4=12", "|3*4=12|"),
    *("-|3*4=12", "x3*4=12", "3*4=12x", "x 3*4=12", "2x 3*4=12", "2 x 3*4=12", "3*4=12 x 2", "x*3*4=12", "a 3*4=12"),
    *("3*4=12a", "log3*4=12", "3*4=12mod 5", "π3*4=12", "π 3*4=12", "3*4=12e5", "3*4=12 e-5", "3*4=12_000"),
    *("2×3*4=12", "2 × 3*4=12", "3*4=12 × 2", "2·3*4=12", "24÷3*4=12", "5−3*4=12", "5 − 3*4=12", "3*4=12 ± 1"),
    *("3*4=12<13", "3*4=12 > 11", "3*4<=12", "3*4=>12", "3*4!=12", "3*4:=12", "3*4 -> 3*4=12 -> 12", "3*4=~12"),
    *("3*4＝12", "3*4≠12", "3*4≈12", "3*4=12≈12", "≈", "≠ 3*4=12", "3*4=12 ≡ 0"),
    *("(3*4=12)", "(3*4)=12)", "((3*4=12", "[3*4=12]", "{3*4=12}", "$3*4=12$", "`3*4=12`", "**3*4=12**", '"3*4=12"'),
    *("2*(3*4=12", "3*4=(12)", "3*4=+12", "3*4=- 12", "+3*4=12", "3*4=012", "03*4=12", "3*04=12", "3*4=1 2"),
    *("3,0*4=12", "3*4=12,5", "3*4=12,12+12=24", "1,003*4=12", ".3*4=12", " .3*4=12", "3*4=12 .5", "3*4=12.5.1"),
    *(
        "2:3*4=12",
        "2 : 3*4=12",
        "3*4=12:4",
        "3*4=12 : 4",
        "3*4=12: 4",
        "2/ 3*4=12/",
        "(easy) 3*4=12",
        "3*4=12 (easy)",
        "1 3*4=12",
        "1) 3*4=12",
    ),
    *(
        "3_0*4=12",
        "0x3*4=12",
        "3e0*4=12",
        "３*4=12",
        "3*4=１２",
        "٣*4=12",
        "3*\u200b4=12",
        "3*4=12\u200b",
        "\x003*4=12",
    ),
    *("\u202e3*4=12", "3*4=12\u0301", "3*4=12\ud800", "3*4=12\t", "3*4=12\r", "3*4=12\u00a0", "3*4\u2028=12"),
    *("24=24", "12=3*4", "0=0", "x=12", "12", "3*4*1=12", "12+3*4=24", "3+4*0=3", "-(3*4)=12", "-(3)*-(4)*1=12"),
    *(
        "3*4=24/2",
        "3*4=12/1*1",
        "3*4=6+6",
        "3*4=12.0.0",
        "1/2*1/4=1/8",
        "6/4+1=5/2",
        "1/0+1=2",
        "1/-2+1=1/2",
        "3*4=twelve",
        "3*4=2*6",
    ),
    *("12 apples + 12 apples = 24 apples", "the answer is = 24", "3*4 is = 12", "__import__('os')=12", "4**2=16"),
    *("3*4=" + "9" * 13, "9" * 13 + "*1=1", "(" * 5000 + "3*4=12", "-" * 15_000 + "3*4=12", "3*4=12" + "=" * 9000),
    *("3+" * 200 + "4=12", "(" * 17 + "3*4" + ")" * 17 + "=12", "3" + " " * 600 + "*4=12"),
]
SMUGGLED.remove("12")


def parts(step: Step) -> tuple[Fraction, str, Fraction, Fraction]:
    return step.left, step.op, step.right, step.result


@pytest.mark.parametrize("body", PROSE)
def test_prose_around_a_step(body: str) -> None:
    steps, fault = steps_of(body)
    assert fault == ""
    assert [parts(step) for step in steps] == [PRODUCT]
    assert steps[0].holds
    assert steps[0].text in body.split("\n")[steps[0].line - 1]


@pytest.mark.parametrize("text", SMUGGLED, ids=lambda text: ascii(text[:24]))
def test_nothing_is_cut_out_of_something_larger(text: str) -> None:
    steps, fault = steps_of(text)
    assert steps == []
    assert fault.startswith("unreadable_step line 1")
    assert len(fault) < 600
    assert fault.isprintable()
    # steps before it count, those after it do not
    steps, fault = steps_of(f"so 3*4=12\n{text}\n12+12=24")
    assert [parts(step) for step in steps] == [PRODUCT]
    assert "line 2" in fault


NO_STEPS = [
    "",
    " ",
    "\n\n",
    "easy",
    "three times four is twelve",
    "12+3*4",
    "3*4 is 12",
    "(1, 2) 50% -3 1/0",
    "x > 3 < 4 - -",
]


@pytest.mark.parametrize("body", NO_STEPS)
def test_reasoning_without_steps(body: str) -> None:
    assert steps_of(body) == ([], "")


def test_lines_are_counted_from_that_of_the_tag() -> None:
    steps, fault = steps_of("\nFirst:\n3*4=11, 12+11=24\nso 1+1=2")
    assert [(step.line, step.text, step.holds) for step in steps] == [
        (3, "3*4=11", False),
        (3, "12+11=24", False),
        (4, "1+1=2", True),
    ]
    assert f"false_step {steps[0]}" == "false_step line 3: 3*4=11"
    assert fault == ""


def test_the_faults_say_what_is_wrong() -> None:
    for body, fault in {
        "1=2=42": "unreadable_step line 1: 1=2=42 (exactly one equals sign makes an equation)",
        "a\n3*4=12%": "unreadable_step line 2: 3*4=12 ('%' after it might belong to it)",
        "2^3*4=12": "unreadable_step line 1: 3*4=12 ('^' before it might belong to it)",
        "3*4=": "unreadable_step line 1: 3*4= (a side is missing)",
        "24=24": "unreadable_step line 1: 24=24 (no operation on two numbers)",
        "12+3*4=24": "unreadable_step line 1: 12+3*4=24 (more than one operation)",
        "3*4=24/2": "unreadable_step line 1: 3*4=24/2 ('24/2' is not one number)",
        "4**2=16": "unreadable_step line 1: 4**2=16 ('*' does not fit, at character 3: '4**2')",
        "1+1=2 " + "9" * 200: "unreadable_step line 1: 1+1=2 "
        + "9" * 73
        + "… ('2 "
        + "9" * 78
        + "' is not one number)",
    }.items():
        assert steps_of(body) == ([], fault)


@pytest.mark.parametrize(
    ("text", "left", "op", "right", "result"),
    [
        ("1/2+1/4=3/4", "1/2", "+", "1/4", "3/4"),
        ("(1/2)*(1/4)=1/8", "1/2", "*", "1/4", "1/8"),
        ("(1/2)/(3/4)=2/3", "1/2", "/", "3/4", "2/3"),
        ("3/4=3/4", "3", "/", "4", "3/4"),
        ("6/4=3/2", "6", "/", "4", "3/2"),
        ("48/3=16.0", "48", "/", "3", "16"),
        ("3/(1/2)=6", "3", "/", "1/2", "6"),
        ("-3+4=1", "-3", "+", "4", "1"),
        ("3-7=-4", "3", "-", "7", "-4"),
        ("3--4=7", "3", "-", "-4", "7"),
        ("-1/2-1/2=-1", "-1/2", "-", "1/2", "-1"),
        ("0.1+0.2=0.3", "1/10", "+", "1/5", "3/10"),
        ("(12)+(12)=24/1", "12", "+", "12", "24"),
    ],
)
def test_true_steps(text: str, left: str, op: str, right: str, result: str) -> None:
    (step,), fault = steps_of(text)
    assert parts(step) == (Fraction(left), op, Fraction(right), Fraction(result))
    assert step.holds
    assert not fault


@pytest.mark.parametrize(
    "text", ["3*4=11", "1/0=0", "1/0=1", "0/0=0", "1/3=0.33333333333", "- 3*4=12", "999999999999*999999999999=1"]
)
def test_false_steps(text: str) -> None:
    (step,), fault = steps_of(text)
    assert not step.holds
    assert not fault


def test_at_most_64_steps() -> None:
    steps, fault = steps_of("1+1=2\n" * MAX_STEPS)
    assert (len(steps), fault) == (MAX_STEPS, "")
    steps, fault = steps_of("1+1=2\n" * 2000)
    assert len(steps) == MAX_STEPS
    assert fault == f"unreadable_step line {MAX_STEPS + 1}: 1+1=2 (more than {MAX_STEPS} steps)"


def test_a_reasoning_longer_than_a_reply_is_not_read() -> None:
    assert steps_of("3*4=12\n" + "a" * MAX_REPLY)[0] == []
    assert "longer than 16384" in steps_of("3*4=12\n" + "a" * MAX_REPLY)[1]


EQUATIONS = {
    "3x+5=20\n3x = 15\nx=5": [("3x+5", "20"), ("3x", "15"), ("x", "5")],
    "Subtract 5 on both sides: 3x=15, then x = 5.": [("3x", "15"), ("x", "5")],
    "2x=10, x=5": [("2x", "10"), ("x", "5")],
    "so x=5": [("x", "5")],
    "six=5": None,
    "5=x": [("5", "x")],
    "2*(x-1)=-x/2": [("2*(x-1)", "-x/2")],
    "max x=5": [("x", "5")],
    "solve for x: x=5": [("x", "5")],
    "y 3x=15": None,
    "3xy=15": None,
    "3X=15": None,
    "x^2=25": None,
    "x²=25": None,
    "√x=5": None,
    "x_1=5": None,
    "x'=5": None,
    "x=5=5": None,
    "x=": None,
    "3y=15": None,
    "x≈5": None,
    "x=" + "1+" * 255 + "11": [("x", "1+" * 255 + "11")],
    "x=" + "1+" * 256 + "1": None,
    "1+" * 256 + "1=x": None,
}


@pytest.mark.parametrize("body", EQUATIONS, ids=lambda text: text[:24])
def test_equations_with_an_unknown(body: str) -> None:
    equations, fault = equations_of(body, "x")
    expected = EQUATIONS[body]
    assert bool(fault) == (expected is None)
    assert [(equation.left, equation.right) for equation in equations] == (expected or [])


def test_an_equation_knows_its_line() -> None:
    (equation,), _ = equations_of("as\nso 3x = 15.", "x")
    assert equation == Equation(2, "3x = 15", "3x", "15")
    assert str(equation) == "line 2: 3x = 15"


@pytest.mark.parametrize("unknown", ["xy", "1", " ", "=", ".", "["])
def test_an_unknown_is_a_letter(unknown: str) -> None:
    with pytest.raises(ValueError, match="an unknown is one letter"):
        equations_of("x=5", unknown)


WORST = [
    "a 1 ",
    "=",
    "\n",
    " ",
    "1+",
    "(",
    "-",
    "9",
    "1=1\n",
    "1+1=2\n",
    "é\n",
    "1,1",
    "中",
    "a ",
    "1.",
    "≈\n",
    "x ",
    "\u0301",
]


def test_hostile_text_costs_nothing() -> None:
    began = time.process_time()
    for unit in WORST:
        text = (unit * MAX_REPLY)[: MAX_REPLY - 8]
        for body in (text, text + "=", "=" + text, text + "\n1+1=2", "so 1+1=2 " + text):
            steps_of(body)
            equations_of(body, "x")
    assert time.process_time() - began < 2  # 0.1 s here for 180 bodies


PIECES = st.sampled_from(
    [
        *("3*4=12", "12+12=24", "1+1=3", "so", "12", " ", "\n", ", ", "先", "。", "！", "＝", "≈", "²", "√", "３"),
        *("\u0301", "\ud800", *"=.,:;xa3+-*/()^%'0"),
    ]
)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=20)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.lists(st.one_of(PIECES, ANYTHING), max_size=9).map("".join))
def test_any_text_gives_steps_that_stand_there_and_no_equals_sign_is_overlooked(body: str) -> None:
    lines = body.split("\n")
    steps, fault = steps_of(body)
    for step in steps:
        assert step.text in lines[step.line - 1]
        left, _, right = step.text.replace(" ", "").partition("=")
        assert read_number(right) == step.result
        assert step.op in left
    assert fault or len(steps) == body.count("=")
    assert [step.line for step in steps] == sorted(step.line for step in steps)
    assert fault.isprintable()
    assert equations_of(body)[0][: len(steps)] == [Equation(s.line, s.text, *_sides(s.text)) for s in steps]
    equations_of(body, "x")


def _sides(text: str) -> tuple[str, str]:
    left, _, right = text.partition("=")
    return left.strip(" "), right.strip(" ")


NUMBERS = st.fractions(-999, 999, max_denominator=12)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(NUMBERS, st.sampled_from("+-*/"), NUMBERS, st.sampled_from(["", " "]), st.integers(-1, 1))
def test_steps_by_pythons_fractions(left: Fraction, op: str, right: Fraction, space: str, off: int) -> None:
    if op == "/" and right == 0:
        return
    truth = {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[op]
    text = f"({left}){space}{op}{space}({right}){space}={space}{truth + off}"
    (step,), fault = steps_of(f"Now, {text}.")
    assert not fault
    assert parts(step) == (left, op, right, truth + off)
    assert step.holds == (off == 0)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.from_regex(r"-?[0-9]{1,14}[-+*/]-?[0-9]{1,14}=-?[0-9]{1,14}|[-+*/=0-9x()]{1,9}", fullmatch=True))
@example("-0+0=-0")
@example("3*4=012")
@example("9999999999999*1=1")
@example("2xx=4")
def test_what_is_read_at_a_glance_is_what_reading_finds(text: str) -> None:
    spaced = f" {text}"  # the long way
    assert steps_of(text) == steps_of(spaced)
    assert [step.holds for step in steps_of(text)[0]] == [step.holds for step in steps_of(spaced)[0]]
    assert equations_of(text, "x") == equations_of(spaced, "x")
