"""Addition in lettered columns, sums side by side on one sheet: what a model can go on with to longer numbers.

`y5+6 x7+8` asks for 57+68: every column has a letter, from the right the letters go on through the alphabet, from z to
a again, and they begin anywhere. A `;` parts two sums: `c4+3;b1+2 a9+4`. Each line of the scheme names its column,
its digits, the carry, and the sum in two digits (`x7+8+0=15`, `y5+6+1=12`); the answer keeps the letters, and of the
first column of a sum all that it makes (`y12x5`): letters enough to tell two sums apart.

A column is found by its letter and never by where it stands (index hints: Zhou et al. 2023, "What Algorithms can
Transformers Learn?", arXiv 2310.16028), and short sums side by side fill a sheet as a long one does: sheets of one to
nine columns are equally likely. So nothing but the length of the numbers is new to a model that has read sheets of
short numbers only.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from itertools import zip_longest

from envs.problem import PARTIAL, Grade, Task
from envs.problems.addition import numbers, scheme_grade

LETTERS = string.ascii_lowercase
COLUMNS = 9
"""on one sheet, at most; a longer number stands alone"""
LEVELS = 12


class LetteredAddition:
    name = "lettered-addition"
    title = "Addition in lettered columns"
    levels = LEVELS
    """digits of the longest number"""
    draws = 2 + 5 * COLUMNS + 2 * LEVELS
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        columns = max(level, 1 + int(draws[0] * COLUMNS))
        pairs: list[tuple[int, int]] = []
        start = 2
        while columns:
            # the longest number is drawn first, and may stand anywhere
            length = 1 + int(draws[start] * min(level, columns)) if pairs else level
            pair = numbers(length, draws[start + 2 : start + 5 + 2 * length])
            pairs.insert(int(draws[start + 1] * (len(pairs) + 1)), pair)
            columns -= length
            start += 5 + 2 * length
        question, lines, answer = sheet(pairs, int(draws[1] * len(LETTERS)))
        same = ";".join(f"{min(pair)}+{max(pair)}" for pair in pairs)
        return Task(question, answer, "\n".join(lines), lines, same)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        return scheme_grade(task.data, task.answer, body, answer)


def sheet(pairs: Sequence[tuple[int, int]], first: int) -> tuple[str, list[str], str]:
    """Question, lines and answer of these sums, from the right; the column furthest right has the letter `first`."""
    questions: list[str] = []
    lines: list[str] = []
    answers: list[str] = []
    for pair in pairs:
        x, y = (str(number)[::-1] for number in pair)
        columns, results, carry, letter, total = [], [], 0, "", 0
        for a, b in zip_longest(x, y, fillvalue="0"):
            letter = LETTERS[(first + len(lines)) % len(LETTERS)]
            total = int(a) + int(b) + carry
            columns.append(f"{letter}{a}+{b}")
            lines.append(f"{letter}{a}+{b}+{carry}={total:02d}")
            results.append(f"{letter}{total % 10}")
            carry = total // 10
        questions.append(" ".join(reversed(columns)))
        results[-1] = f"{letter}{total}"
        answers.append("".join(reversed(results)))
    return ";".join(reversed(questions)), lines, "".join(reversed(answers))
