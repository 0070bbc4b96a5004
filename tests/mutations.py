"""Replies made of a right one that cannot be right: what no verifier may give full marks.

A mutation may be right by chance, and a grader may allow much: two steps that do not need each other in either order,
words between them, two true lines too many. So each mutation here has a rule that says why it cannot be right, and
where the rule does not hold there is no mutation:

- `drop`: a worked solution has no line that could be missing, but for one: where a number is a multiple of the modulus,
  it may stand unreduced in the very line that adds such a multiple;
- `digit`: one digit is another, so one number is another, and a step with one other number is false or is one that
  the question did not ask for (with a modulus: a number that differs by no multiple of it);
- `swap`: of two neighbouring lines the later reads the result of the earlier, and that number is to be found nowhere
  else: neither in the question nor in a line above. Where lines stand in one order only (`ORDERED`), any two
  neighbours that differ;
- `repeat`: everything ten times over is more idle lines than the two that are allowed;
- `false`, `cut`, `nothing`, `words`, `echo`, `told`: a step that is false, half of the lines, no step at all (echo and
  told are left out where the solution is just that line);
- `other`: the reasoning of another question that has another answer, and is not the same one in another order (of
  Countdown's many right answers each question names one);
- `answer`: another value, or no literal at all; where any legal move of chess is right, one that is not legal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

import chess

from envs.problem import Task, contaminated

ORDERED = {"addition", "subtraction", "lettered-addition", "chess-rules", "equations"}
"""Kinds of problems whose lines build on each other one by one."""
Mutation = tuple[str, str, str]
"""what was done, the reasoning, the answer"""

_NUMBER, _DIGITS = re.compile(r"\d+(?:[./]\d+)?"), re.compile(r"\d+")
_MODULUS, _FROM_ITSELF = re.compile(r"%(\d+)$"), re.compile(r"(\d+)-\1=0")


def mutations(kind: str, task: Task, other: Task) -> list[Mutation]:
    """Replies to `task` that earn less than full marks; `other` is another question of the same kind and level."""
    bodies = dict.fromkeys(_bodies(kind, task))
    found = [(name, body, task.answer) for name, body in bodies if body.strip("\n ") != task.solution.strip("\n ")]
    found += [("answer", task.solution, answer) for answer in dict.fromkeys(_answers(task))]
    if other.answer != task.answer and not contaminated([other], [task]):
        found += [("other", other.solution, answer) for answer in (task.answer, other.answer)]
    if kind == "chess-moves":
        found = [one for one in found if one[0] not in ("answer", "other") or not _legal(task, one[2])]
    return found


def _legal(task: Task, answer: str) -> bool:
    """Whether it is another legal move, where moves of chess are asked for, and so as right as the first."""
    board = chess.Board()
    for move in task.data:
        board.push_uci(move)
    return any(answer == move.uci() for move in board.legal_moves)


def _bodies(kind: str, task: Task) -> Iterator[tuple[str, str]]:
    lines, modulus = task.solution.split("\n"), _MODULUS.search(task.question)
    for row in range(len(lines)):
        if not (modulus and _FROM_ITSELF.fullmatch(lines[row])):
            yield "drop", "\n".join(lines[:row] + lines[row + 1 :])
        for place, digit in enumerate(lines[row]):
            if digit in "0123456789":
                changed = lines[row][:place] + str((int(digit) + 1 + place % 8) % 10) + lines[row][place + 1 :]
                if not (modulus and _congruent(lines[row], changed, int(modulus[1]))):
                    yield "digit", "\n".join([*lines[:row], changed, *lines[row + 1 :]])
    for row in range(len(lines) - 1):
        if lines[row] != lines[row + 1] and (kind in ORDERED or _needs(task.question, lines, row)):
            yield "swap", "\n".join([*lines[:row], lines[row + 1], lines[row], *lines[row + 2 :]])
    yield "repeat", "\n".join(lines * 10)
    for row in {0, len(lines) // 2}:
        yield "false", "\n".join([*lines[:row], "1+1=3", *lines[row:]])
    yield "cut", "\n".join(lines[: len(lines) // 2])
    for nothing in ("", " ", "\n\n", "?", "0=0", "1+1=2\n" * 20):
        yield "nothing", nothing
    for words in ("easy", "the answer is right", task.answer, f"{task.answer}={task.answer}"):
        yield "words", words
    yield "echo", task.question
    yield "told", f"{task.question}={task.answer}"


def _congruent(line: str, changed: str, modulus: int) -> bool:
    """Whether the numbers of both lines are the same but for multiples of the modulus."""
    pairs = zip(_DIGITS.findall(line), _DIGITS.findall(changed), strict=True)
    return all((int(one) - int(other)) % modulus == 0 for one, other in pairs)


def _needs(question: str, lines: list[str], row: int) -> bool:
    """Whether line `row + 1` reads a number that only line `row` makes.

    Beside a slash stand a fraction and two numbers; a multiple of the modulus may be taken from anywhere.
    """
    result = lines[row].rpartition("=")[2].strip()
    above = "\n".join([question, *lines[:row], lines[row].rpartition("=")[0]])
    seen = {*_NUMBER.findall(above), *_DIGITS.findall(above)}
    modulus = _MODULUS.search(question)
    if modulus and result.isdigit() and int(result) % int(modulus[1]) == 0:
        return False
    return result not in seen and result in _NUMBER.findall(lines[row + 1].rpartition("=")[0])


def _answers(task: Task) -> Iterator[str]:
    gold = task.answer
    yield from ("", " ", "?", f"{gold} {gold}", f"{gold},{gold}", rf"\boxed{{{gold}}}", f"{gold}=", f"{gold}_0")
    yield from (f"--{gold}", f"{gold}%", f"{gold} or not", task.question, "9**9**9**9", "0x18", "nan", "None")
    for place, character in enumerate(gold):
        if character in "0123456789":
            changed = gold[:place] + str((int(character) + 1 + place % 8) % 10) + gold[place + 1 :]
            if not _equal(changed, gold):
                yield changed
        elif character.isalpha():
            yield gold[:place] + ("q" if character != "q" else "z") + gold[place + 1 :]


def _equal(one: str, other: str) -> bool:
    """Whether both write the same fraction (0/3 and 0/7)."""
    try:
        return Fraction(one) == Fraction(other)
    except (ValueError, ZeroDivisionError):
        return one == other
