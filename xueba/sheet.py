"""A problem for the eye: the question, the thinking line by line with its first fault marked, the answer, the grade."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.text import Text

from agents.episode import Episode, Turn
from envs.game import replay
from envs.problem import FINISHED, GUESSED, RIGHT, SPLITS, Task
from envs.problems import problem_named
from envs.reply import parse_reply
from envs.visible import clean
from xueba.console import GREEN, RED

_ADDRESS = 3
"""The opening of a problem: split, level and number."""
_LINE = re.compile(r"[a-z_]+ line ([0-9]{1,6})\b", re.ASCII)
_GRADES = {RIGHT: "✓ right", GUESSED: "✗ guessed", FINISHED: "✗ valid but wrong"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A question and what was written to it, uncovered as far as one has read; the first has the question alone."""

    task: Task
    question: str
    level: int
    number: int
    split: str
    turn: Turn | None = None
    lines: tuple[str, ...] = ()
    """of the thinking, or of the raw reply where it is not of the form"""
    whole: bool = False
    """everything is uncovered, the answer and the grade as well"""

    @property
    def flaw(self) -> int:
        """The line of the thinking, from 1, in which the verifier found the first fault; 0: it named none."""
        found = _LINE.match(self.turn.verdict.reason) if self.turn is not None else None
        return int(found.group(1)) if found else 0

    @property
    def answer(self) -> str:
        """What was answered, "?" where that cannot be told."""
        return clean(parse_reply(self.turn.reply.text).answer if self.turn is not None else "", 40) or "?"

    @property
    def grade(self) -> str:
        """What the reply amounts to, as icon and word."""
        if self.turn is None:
            return ""
        return _GRADES.get(self.turn.verdict.action, "✗ wrong") if self.turn.verdict.legal else "✗ malformed"

    @property
    def fault(self) -> str:
        """The grade, once it is to be seen, where it is less than right."""
        right = self.turn is not None and self.turn.verdict.action == RIGHT
        return self.grade if self.whole and not right else ""


def sheets(episode: Episode) -> list[Sheet]:
    """The question, then each line of the thinking, then the answer with its grade.

    Raises:
        ValueError: the problem is unknown, or the record has no question that there is.
    """
    game = problem_named(episode.game)
    if len(episode.opening) != _ADDRESS or min(episode.opening) < 0:
        raise ValueError(f"{list(episode.opening)} is no address of a question: it takes a split, a level and a number")
    task = game.tasks(replay(game, np.array([episode.opening], np.int64)))[0]
    split, level, number = episode.opening
    blank = Sheet(task, _asked(episode, task), level, number, SPLITS[split])
    if not episode.turns:
        return [blank]
    turn = episode.turns[-1]
    form = parse_reply(turn.reply.text)
    lines = tuple((turn.reply.text if form.fault else form.think).split("\n"))
    read = [] if form.fault else [replace(blank, turn=turn, lines=lines[:n]) for n in range(1, len(lines) + 1)]
    return [blank, *read, replace(blank, turn=turn, lines=lines, whole=True)]


def _asked(episode: Episode, task: Task) -> str:
    """The question as it was put: the generator may have changed since."""
    put = episode.turns[-1].reply.prompt.strip("\n") if episode.turns else ""
    return put if put and "<unk>" not in put else task.question


def outcome(episode: Episode) -> str:
    """The grade with the verifier's reason, in a few plain words."""
    last = sheets(episode)[-1]
    reason = last.turn.verdict.reason if last.turn is not None else "not answered"
    return f"{last.grade}: {clean(reason, 100)}" if reason else last.grade


def plain(episode: Episode) -> str:
    """Question, thinking, answer and grade on one line, for a log."""
    last = sheets(episode)[-1]
    said = clean("\n".join(last.lines), 120)
    return f'level {last.level}: {clean(last.question, 120)} "{said}" {last.answer}: {outcome(episode)}'


def written(sheet: Sheet, rows: int = 8) -> Text:
    """The sheet as far as it is uncovered, with at most `rows` lines of thinking around the first fault or the end."""
    text = Text().append(clean(sheet.question, 600).replace("↵", "\n"), "bold")
    if sheet.turn is None:
        return text
    lines, flaw = sheet.lines, sheet.flaw
    at = flaw - 1 if 0 < flaw <= len(lines) else len(lines) - 1
    first = max(0, min(at - rows // 2, len(lines) - rows))
    for number, line in enumerate(lines[first : first + rows], first + 1):
        text.append("\n").append_text(_line(line, number, sheet))
    hidden = len(lines) - len(lines[first : first + rows])
    text.append(f"\n  … and {hidden} lines more" if hidden else "", "dim")
    if sheet.whole:
        text.append("\n").append_text(_end(sheet))
    return text


def _line(line: str, number: int, sheet: Sheet) -> Text:
    """One line of the thinking, with what the verifier found in it."""
    assert sheet.turn is not None
    shown = clean(line, 70)
    if not sheet.turn.verdict.legal:
        return Text.assemble(("  ", ""), (shown, "italic"))
    if number == sheet.flaw:
        code = sheet.turn.verdict.reason.partition(" ")[0].replace("_", " ")
        return Text.assemble(("✗ ", f"bold {RED}"), (shown, f"italic {RED}"), (f"   {clean(code, 20)}", f"bold {RED}"))
    if 0 < sheet.flaw < number:
        return Text.assemble(("· ", "dim"), (shown, "italic dim"))
    return Text.assemble(("✓ ", GREEN), (shown, "italic"))


def _end(sheet: Sheet) -> Text:
    """The answer and its grade."""
    assert sheet.turn is not None
    style = f"bold {RED}" if sheet.fault else f"bold {GREEN}"
    end = Text.assemble(("answer ", "dim"), (sheet.answer, "bold"), "   ", (sheet.grade, style))
    if sheet.question != sheet.task.question:
        end.append("   (such questions are made otherwise now)", "dim")
    elif sheet.turn.verdict.action not in (RIGHT, GUESSED):
        end.append(f"   it is {clean(sheet.task.answer, 40)}", "dim")
    return end.append(f"\n{clean(sheet.turn.verdict.reason, 150)}", RED) if _says_more(sheet) else end


def _says_more(sheet: Sheet) -> bool:
    """The reason is not what stands there anyhow: the line that is marked, or the wrong answer."""
    assert sheet.turn is not None
    code, _, text = sheet.turn.verdict.reason.partition(": ")
    marked = sheet.lines[sheet.flaw - 1] if 0 < sheet.flaw <= len(sheet.lines) else None
    return bool(code) and code != "wrong_answer" and (marked is None or text != marked)


def beginning(found: Sequence[Sheet]) -> str:
    """Which question it is."""
    sheet = found[0]
    return f"{sheet.split} question {sheet.number}, level {sheet.level}"
