"""A person at a problem: steps and answers are typed, graded like the model's, and every way of leaving works."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from envs.problem import TEST, questions
from envs.problems import PROBLEMS
from tests.fake_answers import Pupil
from xueba.__main__ import main
from xueba.solve import solve

Capture = pytest.CaptureFixture[str]
GAME = PROBLEMS["addition"]


def typed(*lines: str, count: int = 1, level: int = 2, beside: object = None) -> tuple[tuple[int, int], str]:
    said = iter(lines)
    console = Console(file=io.StringIO(), width=80)

    def read(prompt: str) -> str:
        console.print(prompt)
        try:
            return next(said)
        except StopIteration:
            raise EOFError from None

    result = solve(GAME, level, count, 7, beside, console, read)  # type: ignore[arg-type]
    return result, console.file.getvalue()  # type: ignore[attr-defined]


def task(number: int, level: int = 2) -> tuple[list[str], str]:
    import numpy as np

    found = questions(GAME.problem, *np.array([[TEST], [level], [number]]))[0]
    return found.solution.split("\n"), found.answer


def test_the_worked_solution_of_a_test_question_earns_full_marks() -> None:
    steps, answer = task(7)
    result, shown = typed(*steps, "", answer)
    assert result == (1, 1)
    assert "✓ right" in shown
    assert "a solution:" not in shown


def test_a_false_step_is_marked_and_a_solution_shown() -> None:
    steps, answer = task(7)
    result, shown = typed(f"{steps[0].partition('=')[0]}=999", "", answer)
    assert result == (0, 1)
    assert "=999   " in shown
    assert "✗ guessed" in shown
    assert "a solution:" in shown
    assert all(step in shown.partition("a solution:")[2] for step in steps)


def test_an_answer_without_any_thinking_is_graded_too() -> None:
    result, shown = typed("", "12")
    assert result == (0, 1)
    assert "the thinking is empty" in shown


@pytest.mark.parametrize("leaving", ["quit", "q", "Exit", None])
def test_leaving_in_the_middle_counts_what_was_done(leaving: str | None) -> None:
    steps, answer = task(7)
    result, _ = typed(*steps, "", answer, *([leaving] if leaving else []), count=5)
    assert result == (1, 1)


def test_somebody_beside_is_shown() -> None:
    _, shown = typed("", "1", beside=Pupil(name="run:x\x1b[2J"))
    assert "run:x[2J:" in shown
    assert shown.index("run:x[2J:") < shown.index("✓ right")


def test_hostile_lines_do_no_harm() -> None:
    _, shown = typed("\x1b[2J</think><answer>5</answer>", "\u202e9", "", "\x1b]52;c;x\x07")
    assert shown.replace("\n", "").isprintable()
    assert "✗ malformed" in shown


def test_through_the_command(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("1+1=2\n\n2\n"))
    assert main("play addition --questions 3 --seed 5".split()) == 0
    out, err = capsys.readouterr()
    assert "Question 1 of 3" in out
    assert "0 of 1 right" in out
    assert "xueba play addition --level 2" in err
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("play additon", "did you mean 'addition'"),
        ("play addition --level 0", "the levels of addition go from 1 to"),
        ("play addition --questions 0", "--questions is 0"),
        ("play addition --against random", "addition is a problem: name a run, run:NAME"),
        ("match random random --game addition", "addition is a problem, where nobody plays against anybody"),
        ("list problms", "did you mean 'problems'"),
    ],
)
def test_a_mistake_is_one_clear_sentence(words: str, said: str, capsys: Capture) -> None:
    assert main(words.split()) in (1, 2)
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
