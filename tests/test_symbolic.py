"""Answers in LaTeX and algebra: what mathematics says, and no answer costs another one its own."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("math_verify", reason="the extra `symbolic` is not installed")

from envs.symbolic import MAX_TEXT, Fault, SymbolicGrader, readable
from training.hacks import COSTLY

SAME = [
    ("42", "42"),
    (" 42 ", "42"),
    ("$42$", "42"),
    ("\\boxed{42}", "42"),
    ("$\\boxed{42}$", "42"),
    ("42.0", "42"),
    ("x = 42", "42"),
    ("42", "x=42"),
    ("1,234", "1234"),
    ("1{,}234", "1234"),
    ("-7", "-7"),
    ("0.5", "\\frac{1}{2}"),
    ("1/2", "0.5"),
    ("\\dfrac{2}{4}", "1/2"),
    ("2\\frac{1}{2}", "5/2"),
    ("4.2 \\times 10^3", "4200"),
    ("\\sqrt{12}", "2\\sqrt{3}"),
    ("(x+1)^2", "x^2+2x+1"),
    ("(a-b)(a+b)", "a^2-b^2"),
    ("2x", "x+x"),
    ("\\sin^2(x)+\\cos^2(x)", "\\sin^2(y)+\\cos^2(y)"),
    ("\\{2, 1\\}", "\\{1, 2\\}"),
    ("(1, 2]", "(1,2]"),
    ("\\frac{\\pi}{4}", "\\pi/4"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&\\frac{8}{2}\\end{pmatrix}"),
    ("x<3", "3>x"),
]
DIFFERENT = [
    ("41", "42"),
    ("-42", "42"),
    ("4,2", "42"),
    ("0.4999", "\\frac{1}{2}"),
    ("1/3", "0.33"),
    ("\\sqrt{13}", "2\\sqrt{3}"),
    ("x^2+1", "(x+1)^2"),
    ("x", "y"),
    ("\\{1, 2, 3\\}", "\\{1, 2\\}"),
    ("(1, 2)", "(1,2]"),
    ("x>3", "x<3"),
    ("5\\pi", "5"),
    ("", "42"),
]
# what math-verify by itself takes for the number, or what hides one: it is none
NUMBERLESS = [
    *("6*7", "6\\times 7", "41, 42", "41 or 42", "1=2=42", "42\\%", "42%", "40+2", "42+0x", "84/2+0", "\\sqrt{1764}"),
    *("042", "42_7", "0x2a", "4 2", "٤٢", "４２", "4²", "42!", "42^1", "\\binom{42}{1}", "What is 6*7?", "forty-two"),
    *(
        "$41$ $42$",
        "\\boxed{41} \\boxed{42}",
        "$42",
        "42$",
        "(42)",
        "--42",
        "+-42",
        "1e1",
        "nan",
        "inf",
        "1/0",
        "x=y=42",
    ),
]
FOREIGN = [
    *("\x00", "42\x00", "\u202e42", "4\u200b2", "\ud800", "٤٢", "４２", "x²", "½"),
    *(None, b"42", 42, ["42"], "x" * 100_000_000, "<answer>" * 40_000, "\\boxed{" * 5_000, " " * 16_000, "\n" * 16_000),
    *("9" * 100_000, "-" * 20_000 + "1", "(" * 5_000, "=" * 16_000, "", "$$", "\\boxed{}"),
]
CODE = [
    "__import__('os').system('touch {}')",
    "[open('{}','w')]",
    "open('{}','w')",
    "().__class__.__mro__",
    "(lambda: open('{}','w'))()",
    "$__import__('os').mkdir('{}')$",
    "exec(\"open('{}','w')\")",
    "\\text{{open('{}','w')}}",
    "\\input{{{}}}",
    "\\write18{{touch {}}}",
]


@pytest.fixture(scope="module")
def patient() -> Iterator[SymbolicGrader]:
    """What does not take long by itself gets all the time that a busy machine may want."""
    with SymbolicGrader(wait=60.0) as grader:
        yield grader


@pytest.mark.parametrize(("said", "gold"), SAME)
def test_the_same(patient: SymbolicGrader, said: str, gold: str) -> None:
    assert patient.judge(said, gold) == (True, "")


@pytest.mark.parametrize(("said", "gold"), DIFFERENT)
def test_different(patient: SymbolicGrader, said: str, gold: str) -> None:
    assert patient.same(said, gold) is False


@pytest.mark.parametrize("said", NUMBERLESS)
def test_a_number_is_compared_with_a_number_only(patient: SymbolicGrader, said: str) -> None:
    assert patient.judge(said, "42").same is False


@pytest.mark.parametrize(
    "gold", ["", "north", "the answer", "\\text{blue}", "1/0", "$3$ and $4$", "\\frac{1}{", "?", "\x00"]
)
def test_a_right_answer_that_cannot_be_read_is_neither_right_nor_wrong(patient: SymbolicGrader, gold: str) -> None:
    for said in (gold, "42", ""):
        judged = patient.judge(said, gold)
        assert judged.same is None
        assert judged.reason.startswith("the right answer: ")


@pytest.mark.parametrize("text", FOREIGN, ids=range(len(FOREIGN)))
def test_what_is_no_text_or_no_mathematics_is_never_asked(patient: SymbolicGrader, text: object) -> None:
    before = patient.asked
    assert patient.same(text, "x^2+1") is False
    assert patient.same("x^2+1", text) is None
    assert patient.asked - before <= 1, "about the readable one alone"


@pytest.mark.parametrize("code", CODE)
def test_code_is_not_run(patient: SymbolicGrader, code: str, tmp_path: Path) -> None:
    said = code.format(tmp_path / "x")
    for gold in ("42", "x^2+1", "\\{1, 2\\}"):
        assert patient.same(said, gold) is False
    assert patient.same("42", said) is not True
    assert not list(tmp_path.iterdir())


def test_the_others_are_unharmed_by_what_takes_too_long() -> None:
    with SymbolicGrader(wait=60.0) as grader:
        clean = [("(x+1)^2", "x^2+2x+1"), ("2x", "x+x"), ("\\pi", "\\pi")]
        bad = [("9^{9^{9}}", "x^2+2x+1"), ("7", "9^{9^{9}}")]
        assert grader.same_all(clean) == [True, True, True]
        grader.wait = 1.0
        assert grader.same_all(bad) == [False, None]
        grader.wait = 60.0
        assert grader.same_all([("1+2x+xx", "x^2+2x+1"), ("3x-x", "x+x")]) == [True, True]
        assert grader.counts["time-out"] == 2
        assert list(grader.faults) == [
            Fault("time-out", "9^{9^{9}}", "x^2+2x+1"),
            Fault("time-out", "", "9^{9^{9}}"),
        ]
        asked = grader.asked
        assert grader.same_all(clean + bad) == [True, True, True, False, None]
        assert grader.asked == asked, "remembered, the bad ones above all"
        assert [grader.counts[name] for name in ("asked", "same", "different", "unreadable gold")] == [12, 8, 2, 2]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_costly_answer_is_survived_and_so_are_the_others() -> None:
    with SymbolicGrader(wait=60.0) as grader:
        assert grader.same_all((gold, gold) for gold in ("42", "x^2+2x+1", "2\\sqrt{3}")) == [True] * 3
        for number, costly in enumerate(COSTLY):
            grader.wait = 1.0
            for gold in ("42", "x^2+2x+1", "2\\sqrt{3}"):
                assert grader.same(costly, gold) is False, costly[:40]
            assert grader.same("42", costly) is not True, costly[:40]
            grader.wait = 60.0
            assert grader.same(f"1+2x+{number}+x^2-{number}", "x^2+2x+1") is True


def test_what_is_remembered_is_bounded() -> None:
    with SymbolicGrader(wait=60.0, remember=2) as grader:
        for said in ("1", "2", "3", "1"):
            assert grader.same(said, "2") is (said == "2")
        assert grader.asked == 1 + 4, "the right answer once; the first had been forgotten"


def test_from_threads(patient: SymbolicGrader) -> None:
    found: dict[int, list[bool | None]] = {}

    def grade(name: int) -> None:
        found[name] = patient.same_all((f"{name}+{i}x", f"{i}x+{name}") for i in range(10))

    threads = [threading.Thread(target=grade, args=(name,)) for name in range(3, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: [True] * 10 for name in range(3, 6)}


def test_what_surrounds_an_answer_is_taken_off() -> None:
    assert readable("$$ \\boxed{x + \\$1} $$") == ("x + 1", "")
    assert readable("x" * 3 + " " * MAX_TEXT)[1].endswith(f"more than {MAX_TEXT}")


def test_without_math_verify_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envs.symbolic.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"xueba\[symbolic\]"):
        SymbolicGrader()
