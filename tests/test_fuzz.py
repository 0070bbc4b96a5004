"""Fuzzed replies to every problem, over the whole road: nothing raises, nothing takes long, and full marks are given
only where an independent reading of the reply finds nothing against it."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from envs.problem import RIGHT, TEST, ProblemGame, Task, process_reward
from envs.problems import PROBLEMS
from envs.reply import format_reply
from training.hacks import hacks

SECONDS = 1.0
"""Processor time that one reply may take, a hundred times what it should."""
INSERTED = [
    *("=", "==", "\n", " ", "  ", "0", "9", "-", "+", "*", "/", "(", ")", ".", ",", "x", "%", "_", "e9", "**", "^"),
    *("<think>", "</think>", "<answer>", "</answer>", "<Answer>", "１", "²", "½", "\u200b", "\u202e", "\0", "\ud800"),
    *("1+1=2\n", "0=0\n", "1=2\n", r"\boxed{1}", " or ", "REFEREE: right", "(" * 50, "-" * 50, "9" * 30, "\n" * 99),
]
CORPUS = [hack.reply for hack in hacks() if len(hack.reply) < 2000]


@st.composite
def replies(draw: st.DrawFn, task: Task) -> str:
    """The worked solution with a few changes in steps, answer or anywhere; or a reply of the corpus."""
    # an address, since hypothesis itself prefers both ends of a range
    random = Random(draw(st.integers(0, 2**32)))
    where = random.choice(["steps", "steps", "steps", "answer", "anywhere", "corpus"])
    changes = random.choice([1, 1, 1, 2, 3])
    piece = draw(st.sampled_from(INSERTED) | st.text(max_size=3))
    if where == "steps":
        return format_reply(changed(task.solution, changes, piece, random), task.answer)
    if where == "answer":
        return format_reply(task.solution, changed(task.answer, changes, piece, random))
    whole = format_reply(task.solution, task.answer) if where == "anywhere" else random.choice(CORPUS)
    return changed(whole, changes, piece, random)


def changed(text: str, changes: int, piece: str, random: Random) -> str:
    for _ in range(changes):
        at = random.randint(0, len(text))
        kind = random.choice(["insert", "replace", "digit", "delete", "lines", "cut", "repeat"])
        lines = text.split("\n")
        one, other = random.randrange(len(lines)), random.randrange(len(lines))
        if kind == "lines":
            lines[one], lines[other] = lines[other], lines[one]
            text = "\n".join(lines)
        elif kind == "cut":
            text = "\n".join(lines[:one]) or lines[0]
        elif kind == "repeat":
            text = "\n".join([*lines[:one], *[lines[one]] * random.randint(2, 30), *lines[one:]])
        elif kind == "digit":
            digits = [place for place, character in enumerate(text) if character in "0123456789"]
            at = random.choice(digits) if digits else at
            text = text[:at] + random.choice("0123456789") + text[at + 1 :]
        else:
            gone = {"insert": 0, "replace": 1}.get(kind, random.randint(1, 9))
            text = text[:at] + ("" if kind == "delete" else piece) + text[at + gone :]
    return text


# An independent reading: plain regular expressions and Python's own arithmetic, for text that was given full marks.

_REPLY = re.compile(r"[ \n]*<think>(.*)</think>[ \n]*<answer>([^\n]*)</answer>[ \n]*", re.DOTALL)
_EQUATION = re.compile(r"(?<![\w.])([-\d(][-\d+*/(). ]*)=( *-?\d+(?:[./]\d+)?)(?![\w.%/*+=-])")
_SUM = re.compile(r"[-\d+*/() ]+")


def value(text: str) -> Fraction:
    """Of an expression, by Python, every number a Fraction."""
    return Fraction(eval(re.sub(r"\d+(?:\.\d+)?", lambda n: f"Fraction('{n.group()}')", text), {"Fraction": Fraction}))


def same(answer: str, gold: str) -> bool:
    try:
        return Fraction(answer.replace(" ", "")) == Fraction(gold.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        return "".join(answer.split()) == "".join(gold.split())


def countdown(answer: str, task: Task) -> bool:
    """The question `3,4,12,2>16` says all there is to know."""
    numbers, _, target = task.question.partition(">")
    used = Counter(re.findall(r"\d+", answer))
    return bool(_SUM.fullmatch(answer)) and used == Counter(numbers.split(",")) and value(answer) == int(target)


ANSWERS: dict[str, Callable[[str, Task], bool]] = {"countdown": countdown, "twenty-four": countdown}


def against(name: str, task: Task, reply: str) -> str:
    """What speaks against full marks, or ""."""
    found = _REPLY.fullmatch(reply)
    if not found or any(reply.lower().count(tag) != 1 for tag in ("<think>", "</think>", "<answer>", "</answer>")):
        return "the form"
    body, answer = found.groups()
    if not ANSWERS.get(name, lambda said, task: same(said, task.answer))(answer.strip(" "), task):
        return f"the answer {answer!r} for {task.answer!r}"
    if not any(character.isalnum() for character in body):
        return "nothing is argued"
    if name in ("arithmetic", "countdown", "twenty-four"):
        steps = _EQUATION.findall(body)
        false = [f"{left}={right}" for left, right in steps if value(left) != value(right)]
        if false or len(steps) < task.solution.count("\n") + 1:
            return f"{len(steps)} steps for {task.solution!r}, false: {false}"
    return ""


def check(name: str, data: st.DataObject) -> None:
    game = ProblemGame(PROBLEMS[name].problem)
    state = game.initial(1)
    level, number = data.draw(st.integers(1, game.problem.levels)), data.draw(st.integers(0, 9999))
    for action in (TEST, level, number):
        state = game.step(state, np.array([action]))
    task = game.tasks(state)[0]
    for reply in data.draw(st.lists(replies(task), min_size=5, max_size=5)):
        began = time.process_time()
        verdict = game.judge(state, [reply])[0]
        took = time.process_time() - began
        reward = process_reward(verdict, game.problem.partial)
        assert verdict.kind in ("legal", "malformed"), (verdict, task, reply)
        assert 0 <= reward <= 1
        assert (reward == 1) == (verdict.kind == "legal" and verdict.action == RIGHT)
        assert took < SECONDS, (took, task, reply)
        SLOWEST[name] = max(SLOWEST.get(name, (0.0, "")), (took, ascii(reply[:60])))
        COUNTED[name, "full marks" if reward == 1 else "part" if reward else "nothing"] += 1
        fault = against(name, task, reply) if reward == 1 else ""
        assert not fault, f"{fault}: {task}: {reply!r}"


SLOWEST: dict[str, tuple[float, str]] = {}
COUNTED: Counter[tuple[str, str]] = Counter()
COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "phases": [Phase.generate]}


@pytest.mark.parametrize("name", PROBLEMS)
@settings(max_examples=8, derandomize=True, **COMMON)
@given(data=st.data())
def test_fuzzed_replies(name: str, data: st.DataObject) -> None:
    check(name, data)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PROBLEMS)
def test_ten_thousand_fuzzed_replies(name: str) -> None:
    """Over all problems: 140 examples of five for each of them."""
    settings(max_examples=140, **COMMON)(given(data=st.data())(lambda data: check(name, data)))()
    counts = {what: COUNTED[name, what] for what in ("full marks", "part", "nothing")}
    print(f"{name}: slowest {1000 * SLOWEST[name][0]:.1f} ms of processor time, {SLOWEST[name][1]}; {counts}")
    assert min(counts["full marks"], counts["nothing"]) > 0, "changes that matter, and some that do not"
