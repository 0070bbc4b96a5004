"""A problem for the eye: every line is there, the first false one is marked, and text stays text."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from agents.episode import Episode
from tests.fake_answers import WAYS, answers
from xueba.scene import frames, outcome, picture, plain
from xueba.sheet import sheets, written

ONE = dict(zip(WAYS, answers(), strict=True))


def lines(episode: Episode, rows: int = 8) -> list[str]:
    return written(sheets(episode)[-1], rows).plain.split("\n")


def test_a_page_for_the_question_each_line_and_the_grade() -> None:
    found = sheets(ONE["right"])
    task = found[0].task
    thinking = task.solution.split("\n")
    assert [len(page.lines) for page in found] == [*range(len(thinking) + 1), len(thinking)]
    assert [page.whole for page in found] == [False] * (len(thinking) + 1) + [True]
    assert written(found[0]).plain == task.question
    assert lines(ONE["right"]) == [
        task.question,
        *(f"✓ {line}" for line in thinking),
        f"answer {task.answer}   ✓ right",
    ]
    assert not any(page.fault for page in found)


def test_the_first_false_line_is_marked_and_nothing_before_it() -> None:
    shown = lines(ONE["false step"])
    assert [line[0] for line in shown[1:-1]] == ["✓"] * (len(shown) - 3) + ["✗"]
    assert re.search(r"=777   (false|not a) step$", shown[-2])
    assert "✗ wrong" in shown[-1]
    assert f"it is {sheets(ONE['false step'])[0].task.answer}" in shown[-1]
    last = ONE["right"].turns[-1]
    early = replace(last, verdict=replace(last.verdict, action=0, reason="false_step line 1: 2+3=5"))
    marks = [line[0] for line in lines(replace(ONE["right"], turns=(early,)))[1:4]]
    assert marks == ["✗", "·", "·"], "what comes after the first fault was not looked at"


@pytest.mark.parametrize(
    ("way", "grade"),
    [
        ("right", ""),
        ("false step", "✗ wrong"),
        ("guessed", "✗ guessed"),
        ("valid but wrong", "✗ valid but wrong"),
        ("malformed", "✗ malformed"),
        ("hostile", "✗ malformed"),
    ],
)
def test_each_grade_is_said(way: str, grade: str) -> None:
    reason = ONE[way].turns[0].verdict.reason
    assert outcome(ONE[way]) == (f"{grade}: {reason}" if grade else "✓ right")
    assert frames(ONE[way])[-1].fault == grade
    assert not any(page.fault for page in frames(ONE[way])[:-1]), "nothing is judged before it is read"


def test_of_a_long_thinking_the_part_around_the_fault_is_shown() -> None:
    last = ONE["right"].turns[-1]
    reply = replace(
        last.reply, text=f"<think>{chr(10).join(f'{n}+0={n}' for n in range(1, 41))}</think><answer>1</answer>"
    )
    for flaw, first, final in ((1, 1, 8), (20, 16, 23), (40, 33, 40)):
        verdict = replace(last.verdict, action=0, reason=f"false_step line {flaw}: {flaw}+0={flaw}")
        shown = lines(replace(ONE["right"], turns=(replace(last, reply=reply, verdict=verdict),)))
        thinking = [line for line in shown if "+0=" in line]
        assert (thinking[0][2:].split("+")[0], thinking[-1][2:].split("+")[0]) == (str(first), str(final))
        assert any(line.startswith(f"✗ {flaw}+0={flaw} ") for line in thinking)
        assert "… and 32 lines more" in "".join(shown)


def test_a_question_that_is_made_otherwise_now_is_shown_as_it_was_put() -> None:
    last = ONE["false step"].turns[-1]
    old = replace(ONE["false step"], turns=(replace(last, reply=replace(last.reply, prompt="1+1\n")),))
    shown = lines(old)
    assert shown[0] == "1+1"
    assert "it is" not in shown[-1], "the answer to another question is no help"


@pytest.mark.parametrize("width", [40, 76])
@pytest.mark.parametrize("way", WAYS)
def test_hostile_text_is_text_and_nothing_is_too_wide(way: str, width: int) -> None:
    assert plain(ONE[way]).isprintable()
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(picture(ONE[way], width))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.replace("\n", "").isprintable()
    assert max(map(len, shown.split("\n"))) <= width


@pytest.mark.parametrize("opening", [(), (0,), (0, 1), (0, 1, 2, 3), (9, 1, 0), (0, 99, 0), (0, 0, 0), (0, 1, -5)])
def test_a_record_without_a_question_is_refused(opening: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="question"):
        sheets(replace(ONE["right"], opening=opening))
