r"""How questions with answers are commonly written down: the fields of GSM8K, of MATH, and plain ones."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from envs.json_lines import Number, kind_of
from envs.lookup import did_you_mean
from envs.problem import Task

_CALCULATED = re.compile(r"<<[^<>\n]*>>")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)


class Line(NamedTuple):
    """A question as it stands in a file."""

    question: str
    answer: str
    """"" where none is found"""
    solution: str


def line_of(data: dict[str, Any]) -> Line:
    """The question, right answer and worked solution of an object in one of the layouts.

    Raises:
        ValueError: a field is missing or of the wrong type; says which.
    """
    name = "question" if "question" in data or "problem" not in data else "problem"
    question = _text(data, name)
    if not question.strip():
        raise ValueError(f"the field {name!r} is empty")
    solution = _text(data, "solution") if data.get("solution") is not None else ""
    if "answer" not in data and solution:
        return Line(question, _plain(boxed(solution)), solution)
    answer = data.get("answer")
    said = answer if isinstance(answer, Number) else _text(data, "answer")
    if not said.strip():
        raise ValueError("the field 'answer' is empty")
    worked, mark, gold = said.rpartition("####")
    gold = _plain(gold)
    if mark and worked.strip() and not solution:
        solution = _CALCULATED.sub("", worked).strip()
    return Line(question, gold, solution or gold)


def _text(data: dict[str, Any], name: str) -> str:
    """A field, its lines ended by newlines and its other white space plain spaces."""
    if name not in data:
        there = ", ".join(f"{key[:40]!a}" for key in list(data)[:8]) or "nothing"
        raise ValueError(f"no field {name!r} (it has: {there}){did_you_mean(name, [str(key)[:40] for key in data])}")
    value = data[name]
    if not isinstance(value, str) or isinstance(value, Number):
        raise ValueError(f"the field {name!r} is {kind_of(value)} where text is expected")
    return re.sub(r"[^\S\n]", " ", value.replace("\r\n", "\n")).strip()


def _plain(gold: str) -> str:
    """A right answer without what stands around it: `$`, and commas between thousands."""
    gold = gold.strip()
    if len(gold) > 2 and gold[0] == gold[-1] == "$":
        gold = gold[1:-1].strip()
    return gold.replace(",", "") if _THOUSANDS.fullmatch(gold) else gold


def boxed(text: str) -> str:
    r"""What the last `\boxed{...}` of `text` holds; "" where there is none, or it does not end."""
    _, found, rest = text.rpartition("\\boxed{")
    depth = 1 if found else 0
    for place, character in enumerate(rest if found else ""):
        depth += (character == "{") - (character == "}")
        if not depth:
            return rest[:place]
    return ""


def task_of(line: Line) -> Task:
    """As what is asked; questions that differ in nothing but case and white space are the same."""
    return Task(line.question, line.answer, line.solution, same=" ".join(line.question.casefold().split()))
