"""What a problem is: a question with a verifiable answer, posed as a game of one player and one move.

A generator brings question, worked solution and verifier together. Chance moves first and picks the question: its
split, its level and its number are the opening of the game, so that a question has an address like a position has a
history, and everything that plays, records and learns games does the same with problems. The player's one move is the
reply; what it amounts to, right or wrong, argued or guessed, is the action that the rules make of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from envs.game import Floats, Ints
from envs.random_streams import stream_keys, uniform
from envs.reply import Verdict, parse_reply

TRAIN, VALIDATION, TEST = 0, 1, 2
SPLITS = ("train", "validation", "test")
_SHARES = 16
"""One sixteenth of all questions is for validation and one for the test."""
_SPLIT_OF_SHARE = (VALIDATION, TEST, *[TRAIN] * (_SHARES - 2))
_TRIES, _KNOWN = 1024, 1 << 16
WRONG, FINISHED, GUESSED, RIGHT = range(4)
GRADES = ("wrong", "valid but wrong", "guessed", "right")
"""What a reply amounts to: 2 where the answer is right, and 1 more where the reasoning is valid to its end."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question."""

    question: str
    answer: str
    solution: str
    """the thinking that leads there, as a good student writes it"""
    data: Any = None
    """what the verifier works on"""
    same: str = ""
    """equal for questions that differ in their wording only (3+4 and 4+3): never in two splits; the question itself
    unless given"""


@dataclass(frozen=True, slots=True)
class Grade:
    """What the verifier found. `reason` names the first fault and its line: `false_step line 2: 3*4=11`."""

    right: bool
    """the answer"""
    valid: bool
    """the reasoning, to its end"""
    progress: float
    """how much of the way its valid beginning covers, 0 to 1"""
    reason: str = ""


UNVERIFIED = "process=unverified"
"""In the reason of every grade where steps are not checked, so that the answer alone decides."""
UNGRADED = "ungraded"
"""The verdict on a reply that could not be graded: neither right nor wrong, and to be left out of what is learned."""
PARTIAL = 0.3
"""What valid reasoning is worth without the right answer; 0.1 in tasks of search, where any step could be farmed."""


class Problem(Protocol):
    """A kind of question with its generator and its verifier."""

    name: str
    title: str
    levels: int
    """difficulties there are, from 1"""
    draws: int
    """random numbers that one question takes"""
    partial: float
    """mostly PARTIAL"""

    def __hash__(self) -> int:
        """Problems are told apart by identity."""

    def task(self, level: int, draws: Sequence[float]) -> Task:
        """The question that `draws` (`[draws]`, each in [0, 1)) make at this level."""

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        """What the reasoning `body` and the `answer` of a well-formed reply are worth."""


@runtime_checkable
class Listed(Protocol):
    """What a problem has, beside the rest, whose questions are not made but stand somewhere: each split is a list."""

    def count(self, split: int) -> int:
        """How many there are in it."""

    def at(self, split: int, level: int, number: int) -> Task:
        """The one of this number; it goes round."""


def process_reward(verdict: Verdict, partial: float = PARTIAL) -> float:
    """Reasoning right and answer right: 1; reasoning right, answer wrong: some; a guess scores as wrong and invalid.

    `F * (1 if A and V else partial * min(pi, 0.99))` with the form F, the answer A, the validity V and the progress
    pi, where a guess has no progress to show.
    """
    if not verdict.legal:
        return 0.0
    return 1.0 if verdict.action == RIGHT else partial * min(verdict.progress, 0.99)


class State(NamedTuple):
    split: Ints
    """`[B]`: each -1 until it is chosen"""
    level: Ints
    number: Ints
    grade: Ints


class ProblemGame:
    """A problem as a world: chance plays split, level and number, the player replies, and it is over."""

    moves: tuple[str, ...] = GRADES
    max_plies = 4
    forfeit: tuple[float, float] = (0.0, 0.0)

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.name = problem.name
        self._known: dict[tuple[int, int, int], Task] = {}

    def initial(self, batch: int) -> State:
        return State(*(np.full(batch, -1) for _ in State._fields))

    def to_move(self, state: State) -> Ints:
        return np.zeros(len(state.split), np.int64)

    def judge(self, state: State, replies: Sequence[str]) -> list[Verdict]:
        given: Sequence[object] = replies
        texts = (reply if isinstance(reply, str) else None for reply in given)  # whatever else it is, it is no reply
        addresses = zip(state.split.tolist(), state.level.tolist(), state.number.tolist(), texts, strict=True)
        found: dict[tuple[int, int, int, str | None], Verdict] = {}
        # most replies of a group are the same, word for word
        return [
            found.get(said) or found.setdefault(said, self._verdict(task, said[-1]))
            for said, task in zip(addresses, self.tasks(state), strict=True)
        ]

    def _verdict(self, task: Task, reply: str | None) -> Verdict:
        form = parse_reply(reply)
        fault = form.fault or foreign_digits(reply or "")
        if fault:
            return Verdict("malformed", -1, fault)
        try:
            grade = self.problem.grade(task, form.think, form.answer)
        except Exception as error:  # noqa: BLE001 (a right answer that cannot be read, or a verifier at fault)
            return Verdict(UNGRADED, -1, f"{self.name}, {task.question[:80]!r}: {type(error).__name__}: {error!s:.200}")
        return Verdict("legal", 2 * grade.right + grade.valid, grade.reason, grade.progress)

    def step(self, state: State, actions: Ints) -> State:
        """The next of split, level, number and grade is `actions`.

        Raises:
            ValueError: there is no such split, level or grade; names the first.
        """
        fields = [field.copy() for field in state]
        place = sum((field >= 0).astype(np.int64) for field in state)
        for which, (field, name) in enumerate(zip(fields, State._fields, strict=True)):
            here = place == which
            limit = (len(SPLITS), self.problem.levels + 1, 1 << 62, len(GRADES))[which]
            wrong = here & ((actions < (which == 1)) | (actions >= limit))
            if wrong.any():
                raise ValueError(f"{self.name}: {int(actions[wrong.argmax()])} is no {name} of a question")
            field[here] = actions[here]
        return State(*fields)

    def done(self, state: State) -> NDArray[np.bool_]:
        over: NDArray[np.bool_] = state.grade >= 0
        return over

    def returns(self, state: State) -> Floats:
        right = (state.grade == RIGHT).astype(np.float32)
        return np.stack([right, np.zeros_like(right)], 1)

    def tasks(self, state: State) -> list[Task]:
        """The questions, `[B]`."""
        if isinstance(self.problem, Listed):  # they are kept where they stand
            return questions(self.problem, state.split, state.level, state.number)
        addresses = list(zip(state.split.tolist(), state.level.tolist(), state.number.tolist(), strict=True))
        known = self._known  # other threads may ask at the same time, and begin anew
        missing = list(dict.fromkeys(address for address in addresses if address not in known))
        if len(known) + len(missing) > _KNOWN:
            known = self._known = {}
            missing = list(dict.fromkeys(addresses))
        if missing:
            columns = np.array(missing, np.int64).T
            known.update(zip(missing, questions(self.problem, *columns), strict=True))
        return [known[address] for address in addresses]


def questions(problem: Problem, splits: Ints, levels: Ints, numbers: Ints) -> list[Task]:
    """The questions of these addresses (`[B]` each): of each stream the first one that belongs to its split.

    Raises:
        ValueError: hundreds of draws have not made one: the level has too few questions to be split.
    """
    if isinstance(problem, Listed):
        wanted = zip(splits.tolist(), levels.tolist(), numbers.tolist(), strict=True)
        return [problem.at(*address) for address in wanted]
    draws = uniform(stream_keys(levels, numbers, splits), problem.draws).tolist()
    columns = zip(splits.tolist(), levels.tolist(), numbers.tolist(), draws, strict=True)
    found = []
    for split, level, number, row in columns:
        task = problem.task(level, row)
        found.append(task if split_of(task) == split else _of_split(problem, split, level, number))
    return found


def _of_split(problem: Problem, split: int, level: int, number: int) -> Task:
    for first in range(1, _TRIES, _SHARES):
        keys = stream_keys(level, number, split, np.arange(first, first + _SHARES))
        for draws in uniform(keys, problem.draws).tolist():
            task = problem.task(level, draws)
            if split_of(task) == split:
                return task
    raise ValueError(f"{problem.name}, level {level}: too few questions for a {SPLITS[split]} split")


def split_of(task: Task) -> int:
    """Where a question belongs, by a hash of what is asked: the same in every run and on every machine."""
    return _SPLIT_OF_SHARE[digest_of(task) % _SHARES]


def digest_of(task: Task) -> int:
    """64 bits that tell what is asked from anything else that is asked."""
    digest = hashlib.blake2b((task.same or task.question).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def splits_of(digests: NDArray[np.uint64]) -> Ints:
    """`[N]`: as `split_of`, of many questions by their digests (`[N]`)."""
    return np.array(_SPLIT_OF_SHARE)[(digests % np.uint64(_SHARES)).astype(np.int64)]


def contaminated(tasks: Sequence[Task], others: Sequence[Task]) -> list[Task]:
    """Those of `tasks` that are asked in `others` as well, in the same words or in others."""
    asked = {task.same or task.question for task in others}
    texts = {task.question for task in others}
    return [task for task in tasks if (task.same or task.question) in asked or task.question in texts]


def foreign_digits(text: str) -> str:
    """A fault where digits of other scripts stand: they look like numbers and are read as none."""
    if text.isascii():
        return ""
    found = next((c for c in text if not c.isascii() and c.isnumeric() and not "\u4e00" <= c <= "\u9fff"), "")
    return f"{found!r} is not one of the digits 0 to 9" if found else ""
