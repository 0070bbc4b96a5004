"""The grade of a reply whose steps have been followed: what is still missing, and whether the answer is right."""

from __future__ import annotations

from envs.literals import Answer, read_literal, same_answer
from envs.problem import Grade

_SHOWN = 80


def grade(answer: str, gold: Answer | int, progress: float, fault: str) -> Grade:
    """The grade of `answer` after steps that led `progress` of the way, up to a `fault` if there is one.

    The reason is the first of: the fault, `no_steps`, `not_finished`, `unreadable_answer`, `wrong_answer`. "" for full
    marks.
    """
    right = same_answer(answer, gold)
    reason = fault or unfinished(progress) or ("" if right else answer_fault(answer))
    return Grade(right, not fault and progress == 1.0, progress, reason)


def unfinished(progress: float) -> str:
    """Why steps without a fault are not yet a proof, or ""."""
    if progress == 1.0:
        return ""
    return "not_finished" if progress else "no_steps"


def answer_fault(answer: str) -> str:
    """What is wrong with an answer that is not the right one."""
    return f"{'unreadable' if read_literal(answer) is None else 'wrong'}_answer: {answer[:_SHOWN]}"
