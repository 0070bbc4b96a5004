"""Knights, who say only what is true, and knaves, who say only what is false: who is what?

`A:B=N` is A saying that B is a knave, `B=K` that B is a knight, `B=C` that both are of one kind, `B!C` that they are
not, `B=K&C=N` both, `B=K|C=N` at least one of the two. The answer names the kinds in order: `KNK`.

The reasoning goes by cases (Smullyan, "What is the name of this book?", 1978). `?A=K` supposes something; after it
`B>C=N` says that what B says, B's kind being what it is or is not yet, makes C a knave; `B>ok` that it fits; and
`B>no` that it cannot be, so that the opposite of what was supposed is next. It is finished where every kind is known
and everything that was said was used or checked, in one case: there is exactly one solution.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations, product
from typing import NamedTuple

from envs.grading import answer_fault
from envs.problem import PARTIAL, Grade, Task

NAMES = "ABCDEF"
KINDS = "NK"
_TRIES = 64
_SHOWN = 80


class Saying(NamedTuple):
    """What `who` says, as text and as the worlds in which it fits who says it.

    A world gives each person a kind: bit `i` of its number is set where person `i` is a knight. Bit `w` of `fits` is
    set where world `w` is possible.
    """

    who: int
    text: str
    fits: int
    form: str
    """what is left of the text when names are forgotten"""
    about: tuple[int, ...]
    """whom it tells something about, the speaker among them"""


class Puzzle(NamedTuple):
    persons: int
    sayings: tuple[Saying, ...]
    world: int
    """the solution"""


class Knights:
    name = "knights"
    title = "Knights and knaves"
    levels = 4
    """persons but two: too few puzzles with two of them are different"""
    draws = 2
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        puzzle, lines = _puzzle(level + 2, int(draws[0] * 2**48) << 16 | int(draws[1] * 2**16))
        question = " ".join(f"{NAMES[saying.who]}:{saying.text}" for saying in puzzle.sayings)
        # other names make no other puzzle; two puzzles with the same forms may well be different, and lose nothing
        same = " ".join(sorted(saying.form for saying in puzzle.sayings))
        return Task(question, _kinds(puzzle), "\n".join(lines), puzzle, same)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        progress, fault = follow(task.data, body)
        right = answer == task.answer
        if not fault and progress < 1:
            fault = "not_finished" if progress else "no_steps"
        return Grade(right, not fault, progress, fault or ("" if right else answer_fault(answer)))


def _kinds(puzzle: Puzzle) -> str:
    return "".join(KINDS[puzzle.world >> person & 1] for person in range(puzzle.persons))


@lru_cache(maxsize=16)
def _worlds(persons: int) -> tuple[tuple[int, int], ...]:
    """For each person the worlds in which they are a knave, and those in which they are a knight."""
    knights = [sum(1 << world for world in range(1 << persons) if world >> p & 1) for p in range(persons)]
    return tuple((_all(persons) ^ worlds, worlds) for worlds in knights)


def _all(persons: int) -> int:
    return (1 << (1 << persons)) - 1


def _puzzle(persons: int, seed: int) -> tuple[Puzzle, list[str]]:
    """A puzzle with one solution, and the lines that lead there."""
    for _ in range(_TRIES):
        sayings: list[Saying] = []
        possible = _all(persons)
        hidden = seed % (1 << persons)
        for who in range(persons):
            fitting = _fitting(persons, who, hidden)
            seed = (seed * 6364136223846793005 + 1442695040888963407) & (1 << 64) - 1  # Knuth's generator, MMIX
            saying = fitting[(seed >> 24) % len(fitting)]
            sayings.append(saying)
            possible &= saying.fits
        if possible == 1 << hidden:
            puzzle = Puzzle(persons, tuple(sayings), hidden)
            lines = worked(puzzle)
            if lines:
                return puzzle, lines
    # nobody but a knight says of oneself to be a knave or else this and that
    first = _said(persons, 0, 5, 0, 1, 0, 1)
    others = [_said(persons, who, 0, who - 1, who, 1, 0) for who in range(1, persons)]
    puzzle = Puzzle(persons, (first, *others), (1 << persons) - 1)
    return puzzle, worked(puzzle)


@lru_cache(maxsize=1 << 10)
def _fitting(persons: int, who: int, hidden: int) -> tuple[Saying, ...]:
    """Everything that `who` may say in the world `hidden`."""
    found = list[Saying]()
    for one, two in permutations(range(persons), 2):
        for form, kind, other_kind in product(range(6), (0, 1), (0, 1)):
            # of oneself alone nobody says anything: a knight and a knave would say the same
            pair = (two, one) if form == 0 and one == who else (one, two)
            found.append(_said(persons, who, form, *pair, kind, other_kind))
    return tuple(saying for saying in found if saying.fits >> hidden & 1)


@lru_cache(maxsize=1 << 15)
def _said(persons: int, who: int, form: int, one: int, two: int, kind: int, other_kind: int) -> Saying:
    """A saying of `form` 0 (`=K`), 1 (same), 2 (different), 3 and 4 (both) or 5 (one of the two)."""
    if form and two < one:
        one, two, kind, other_kind = two, one, other_kind, kind
    worlds = _worlds(persons)
    first, second = worlds[one][kind], worlds[two][other_kind]
    a, b = f"{NAMES[one]}={KINDS[kind]}", f"{NAMES[two]}={KINDS[other_kind]}"
    roles = sorted((KINDS[kind] + "s" * (one == who), KINDS[other_kind] + "s" * (two == who)))
    if form == 0:
        text, told, roles = a, first, [KINDS[kind]]
    elif form in (1, 2):
        sign = "=!"[form - 1]
        text, told = f"{NAMES[one]}{sign}{NAMES[two]}", worlds[one][2 - form] ^ worlds[two][0]
        roles = [sign, "s" * (who in (one, two))]
    elif form == 5:
        text, told = f"{a}|{b}", first | second
    else:
        text, told = f"{a}&{b}", first & second
    about = (who, one) if form == 0 else (who, one, two)
    return Saying(who, text, worlds[who][0] ^ told, f"{'==!&&|'[form]}{''.join(roles)}", about)


class Cases:
    """A reasoning as far as it has come."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle = puzzle
        self.kinds = _worlds(puzzle.persons)
        """for each person the worlds in which they are a knave, and those in which they are a knight"""
        self.proven = self.worlds = _all(puzzle.persons)
        """the worlds left by what is proven, and by what is supposed as well"""
        self.proven_used = self.used = 0
        """the sayings that were used up, a bit for each"""
        self.supposed: int | None = None
        """the worlds of the supposition"""
        self.refuted = False
        self.next = 0
        """after a contradiction: the worlds of the opposite, which is to be supposed next"""

    @property
    def progress(self) -> float:
        """How much of what was said is used, and a wrong supposition refuted; what follows from it earns nothing."""
        true = self.worlds >> self.puzzle.world & 1 and not self.next
        used = (self.used if true else self.proven_used).bit_count()
        return (used + self.refuted) / (self.puzzle.persons + self.refuted)

    def suppose(self, person: int, kind: int) -> str:
        """Suppose it; returns its fault, or "", as all of these do."""
        supposed = self.kinds[person][kind]
        if self.next:
            if supposed != self.next:
                return "false_step"
        elif self.supposed is not None:
            return "open_case"
        elif not self.worlds & supposed or not self.worlds & ~supposed:
            return "idle_steps"
        self.next, self.supposed = 0, supposed
        self.worlds, self.used = self.proven & supposed, self.proven_used
        return ""

    def conclude(self, who: int, person: int, kind: int) -> str:
        """What `who` says makes the person that kind."""
        concluded = self.kinds[person][kind]
        fitting = self.worlds & self.puzzle.sayings[who].fits
        if not self.worlds & ~concluded:
            return "idle_steps"
        if self.next or not fitting or fitting & ~concluded:
            return "false_step"
        self.worlds &= concluded
        self._use(who)
        return ""

    def fits(self, who: int) -> str:
        if self.next or self.worlds & ~self.puzzle.sayings[who].fits:
            return "false_step"
        if self.used >> who & 1:
            return "idle_steps"
        self._use(who)
        return ""

    def contradicts(self, who: int) -> str:
        if self.next or self.supposed is None or self.worlds & self.puzzle.sayings[who].fits:
            return "false_step"
        self.next = _all(self.puzzle.persons) ^ self.supposed
        self.refuted = True
        return ""

    def _use(self, who: int) -> None:
        if not self.worlds & ~self.puzzle.sayings[who].fits:
            self.used |= 1 << who
        if self.supposed is None:
            self.proven, self.proven_used = self.worlds, self.used

    def read(self, line: str) -> str:
        """One line; its fault or ""."""
        names = NAMES[: self.puzzle.persons]
        if len(line) == 4 and line[0] == "?" and line[1] in names and line[2] == "=" and line[3] in KINDS:
            return self.suppose(names.index(line[1]), KINDS.index(line[3]))
        if len(line) < 4 or line[0] not in names or line[1] != ">":
            return "unreadable_step"
        who = names.index(line[0])
        if line[2:] == "ok":
            return self.fits(who)
        if line[2:] == "no":
            return self.contradicts(who)
        if len(line) == 5 and line[2] in names and line[3] == "=" and line[4] in KINDS:
            return self.conclude(who, names.index(line[2]), KINDS.index(line[4]))
        return "unreadable_step"


def follow(puzzle: Puzzle, body: str) -> tuple[float, str]:
    """How far the lines of a reasoning lead before its first fault, and that fault, or ""."""
    cases = Cases(puzzle)
    for number, written in enumerate(body.split("\n"), 1):
        line = written.strip(" ")
        if not line:
            continue
        fault = "idle_steps" if cases.progress == 1 else cases.read(line)
        if fault:
            shown = line[:_SHOWN]
            return cases.progress, f"{fault} line {number}: {shown if shown.isprintable() else ascii(shown)}"[:200]
    return cases.progress, ""


def worked(puzzle: Puzzle) -> list[str]:
    """The lines that solve it, or none where one supposition is not enough."""
    cases = Cases(puzzle)
    lines = _forward(cases)
    if cases.progress == 1:
        return lines
    person = next(p for p in range(puzzle.persons) if all(cases.worlds & worlds for worlds in cases.kinds[p]))
    for kind in (1, 0):
        start = len(lines)
        lines.append(f"?{NAMES[person]}={KINDS[kind]}")
        cases.suppose(person, kind)
        lines += _forward(cases)
        if cases.progress == 1:
            return lines
        if not cases.next:
            return []
        lines = _needed(puzzle, lines, start + 1)
    return []


def _forward(cases: Cases) -> list[str]:
    """Everything that follows from what is said, one saying at a time, up to a contradiction."""
    lines: list[str] = []
    going = True
    while going:
        going = False
        for saying in cases.puzzle.sayings:
            who, name = saying.who, NAMES[saying.who]
            if cases.used >> who & 1:
                continue
            fitting = cases.worlds & saying.fits
            if not fitting:
                cases.contradicts(who)
                return [*lines, f"{name}>no"]
            if fitting == cases.worlds:
                cases.fits(who)
                lines.append(f"{name}>ok")
                going = True
            for person in saying.about:
                for kind in (1, 0):
                    otherwise = cases.kinds[person][1 - kind]
                    if cases.worlds & otherwise and not fitting & otherwise:
                        cases.conclude(who, person, kind)
                        lines.append(f"{name}>{NAMES[person]}={KINDS[kind]}")
                        going = True
    return lines


def _needed(puzzle: Puzzle, lines: list[str], first: int) -> list[str]:
    """`lines`, whose last is a contradiction, without those from `first` on that it does not need."""
    for row in range(len(lines) - 2, first - 1, -1):
        fewer = lines[:row] + lines[row + 1 :]
        if not follow(puzzle, "\n".join(fewer))[1]:
            lines = fewer
    return lines
