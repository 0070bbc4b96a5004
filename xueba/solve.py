"""`xueba play` at a problem: a person writes steps and an answer, is graded, and sees what a model wrote."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from agents.agent import Agent, Reply, View
from agents.play import Match, play
from envs.problem import RIGHT, TEST, TRAIN, ProblemGame, questions
from envs.reply import format_reply
from envs.visible import clean
from xueba.sheet import Sheet, sheets, written

_LEAVE = ("quit", "exit", "q")
_MOST_LINES = 400


class GaveUpError(Exception):
    """The person has left."""


@dataclass
class Person:
    """Writes the thinking line by line, up to an empty one, and then the answer."""

    game: ProblemGame
    read: Callable[[str], str]
    write: Callable[[Text], None]
    name: str = field(default="you", init=False)

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view.

        Raises:
            GaveUpError: by a word, or by the end of the input.
        """
        return [self._ask(view) for view in views]

    def _ask(self, view: View) -> Reply:
        import numpy as np

        from envs.game import replay

        task = self.game.tasks(replay(self.game, np.array([view.history], np.int64)))[0]
        self.write(Text(clean(task.question, 600).replace("↵", "\n"), "bold"))
        lines: list[str] = []
        while len(lines) < _MOST_LINES and (line := self._line(f"step {len(lines) + 1}: ")):
            lines.append(line)
        return Reply(format_reply("\n".join(lines), self._line("answer: ")))

    def _line(self, prompt: str) -> str:
        try:
            said = self.read(prompt).strip()
        except UnicodeDecodeError:
            said = "\ufffd"
        # ValueError: the input has been closed
        except (EOFError, ValueError):
            raise GaveUpError from None
        if said.lower() in _LEAVE:
            raise GaveUpError
        return said


def solve(
    game: ProblemGame,
    level: int,
    count: int,
    seed: int | None,
    beside: Agent | None,
    console: Console,
    read: Callable[[str], str] = input,
) -> tuple[int, int]:
    """Ask `count` questions of this level, each from the test split, and grade what is written; (right, asked).

    `beside`: whoever answers the same questions and is shown as well.

    Raises:
        ValueError: there is no such level, or the number of questions makes no sense.
    """
    if not 1 <= level <= game.problem.levels:
        raise ValueError(f"--level is {level}; the levels of {game.name} go from 1 to {game.problem.levels}")
    if not 1 <= count <= 10_000:
        raise ValueError(f"--questions is {count}; it must be between 1 and 10000")

    def asked(prompt: str) -> str:
        sys.stdout.flush()
        return read(prompt)

    first = secrets.randbits(31) if seed is None else seed
    person = Person(game, asked, console.print)
    console.print(introduction(game, level))
    right = 0
    for number in range(count):
        console.print(Text(f"\nQuestion {number + 1} of {count}", "dim"))
        opening = (TEST, level, first + number)
        try:
            sheet = answered(game, person, opening, first)
        except GaveUpError:
            console.print()
            return right, number
        right += sheet.turn is not None and sheet.turn.verdict.action == RIGHT
        _show("you", sheet, console)
        if beside is not None:
            _show(beside.name, answered(game, beside, opening, first), console)
        if sheet.fault:
            console.print(Text("a solution:", "dim"))
            console.print(Padding(Text(clean_lines(sheet.task.solution), "italic"), (0, 0, 0, 2)))
    return right, count


def answered(game: ProblemGame, agent: Agent, opening: tuple[int, int, int], seed: int) -> Sheet:
    """The question at this address, as `agent` answers it."""
    return sheets(next(play(game, [Match(0, (agent, agent), opening)], seed=seed)))[-1]


def introduction(game: ProblemGame, level: int) -> Text:
    """What is asked, and how an answer is written."""
    import numpy as np

    example = questions(game.problem, *np.array([[TRAIN], [level], [0]]))[0]
    return Text.assemble(
        (f"{game.problem.title}, level {level} of {game.problem.levels}. ", "bold"),
        "Write your steps, one a line, then an empty line and\nthe answer. `quit` leaves. So it is done:\n\n",
        (clean_lines(f"{example.question}\n{example.solution}"), "italic"),
        "\nanswer: ",
        (clean(example.answer), "italic"),
    )


def clean_lines(text: str) -> str:
    """Each line of a text, fit for a terminal."""
    return "\n".join("  " + clean(line, 74) for line in text.split("\n"))


def _show(name: str, sheet: Sheet, console: Console) -> None:
    """What was written, without the question that has just been read."""
    console.print(Text(f"{clean(name, 40)}:", "dim"))
    text = written(sheet, rows=40)
    console.print(Padding(text[text.plain.index("\n") + 1 :] if "\n" in text.plain else text, (0, 0, 0, 2)))
