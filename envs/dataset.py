r"""Questions of the user's own: JSON lines, checked to the last one before any is asked.

Fields: `question` (or `problem`), `answer`, and if there is one the worked `solution`. In GSM8K's layout the answer is
a worked solution with `#### 42` at its end; in MATH's, where there is no `answer`, the solution has it in its last
`\boxed{...}`. Of a file only an index is kept, some 30 bytes a question; a question is read again when it is asked.

No steps can be checked here: a right answer in good form counts as right, and every grade says `process=unverified`.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from envs.grading import answer_fault
from envs.json_lines import MAX_LINE, RawLine, open_lines, raw_lines, read_object
from envs.layouts import Line, line_of, task_of
from envs.literals import read_literal, read_number, same_answer
from envs.problem import (
    PARTIAL,
    SPLITS,
    TEST,
    TRAIN,
    UNVERIFIED,
    VALIDATION,
    Grade,
    Task,
    digest_of,
    foreign_digits,
    splits_of,
)
from envs.reply import format_reply, parse_reply

if TYPE_CHECKING:
    from envs.symbolic import SymbolicGrader

COMPARED = ("literal", "symbolic")
"""How answers are compared: as literals, exactly (`envs.literals`), or beside that by math-verify (`envs.symbolic`)."""
SHOWN = 5
"""Complaints that are told one by one."""
ENDINGS = (".jsonl", ".ndjson", ".json")


def is_dataset(name: str) -> bool:
    """Whether the name of a world is one of a file."""
    return name.endswith(ENDINGS) or "/" in name or "\\" in name


@dataclass(frozen=True)
class Room:
    """What a model can read and write, in characters (a token is one or more); 0: anything."""

    question: int = 0
    solution: int = 0
    """of a worked solution with its answer"""
    alphabet: frozenset[str] = frozenset()
    """what it knows; nothing is said of others where this is empty"""


@dataclass
class _Index:
    """One file: where its questions are. Columns of plain numbers, `N` of each."""

    path: Path
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    digests: array[int] = field(default_factory=lambda: array("Q"))
    lines: array[int] = field(default_factory=lambda: array("I"))
    sums: array[int] = field(default_factory=lambda: array("I"))
    sha256: str = ""

    def shares(self) -> NDArray[np.int64]:
        """`[N]`: the split of each question by its hash."""
        return splits_of(np.array(self.digests, np.uint64))


class Dataset:
    """The questions of one file, split by a hash of what is asked, or of a file for each split. One level.

    Args:
        validation: a file of the questions to be measured on; otherwise a sixteenth of those of `path`.
        test: the same for the test.
        compared: one of COMPARED.
        skip_broken: leave out lines that cannot be used, and count them.
        room: what the model can read; longer lines cannot be used.

    Raises:
        ValueError: a file or a line cannot be used; names the file, the line and what is wrong with it.
        ImportError: answers are to be compared by math-verify, which is not installed.
    """

    levels = 1
    draws = 1
    partial = PARTIAL

    def __init__(
        self,
        path: str,
        validation: str = "",
        test: str = "",
        *,
        compared: str = "literal",
        skip_broken: bool = False,
        room: Room = Room(),  # frozen
    ) -> None:
        self.name = path
        self.title = f"Questions of {Path(path).name}"
        self.counts: Counter[str] = Counter()
        """lines, questions, left out, masked, repeated, foreign (with characters unknown to the model)"""
        self.notes: dict[str, list[str]] = {}
        """the first few of those that are left out, masked or foreign, by that name"""
        self.characters: Counter[str] = Counter()
        """in how many questions each character stands that the model does not know"""
        self._room, self._skip = room, skip_broken
        self._symbolic = _symbolic() if compared == "symbolic" else None
        paths = {TRAIN: path} | {split: own for split, own in ((VALIDATION, validation), (TEST, test)) if own}
        self._files = {split: self._indexed(Path(own)) for split, own in paths.items()}
        self._places = self._split()
        self.counts["questions"] = sum(len(places) for places in self._places.values())
        self.sha256 = {str(index.path): index.sha256 for index in self._files.values()}
        for split in (TRAIN, VALIDATION):
            if not self.count(split):
                raise ValueError(self._too_few(split))

    def count(self, split: int) -> int:
        """How many questions a split has."""
        return len(self._places[split])

    def task(self, level: int, draws: Sequence[float]) -> Task:
        """A question to learn from."""
        return self.at(TRAIN, level, int(draws[0] * self.count(TRAIN)))

    def at(self, split: int, level: int, number: int) -> Task:
        """The question of this number, in an order that is random but always the same; it goes round.

        Raises:
            ValueError: the split has none.
            RuntimeError: the file is no longer what it was when it was opened.
        """
        if not self.count(split):
            raise ValueError(self._too_few(split))
        index = self._files.get(split, self._files[TRAIN])
        place = int(self._places[split][number % self.count(split)])
        try:
            with index.path.open("rb") as file:
                file.seek(index.offsets[place])
                raw = file.readline(MAX_LINE + 1).rstrip(b"\r\n")
        except OSError as error:
            raise RuntimeError(f"{index.path}: {error.strerror}; it was there when the run began") from None
        if zlib.crc32(raw) != index.sums[place]:
            raise RuntimeError(f"{index.path}, line {index.lines[place]}: the file has changed while it is in use")
        found = line_of(read_object(RawLine(index.lines[place], index.offsets[place], raw)))
        return task_of(found)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        """By the answer alone."""
        right = self._same(answer, task.answer)
        return Grade(right, right, float(right), UNVERIFIED if right else f"{answer_fault(answer)}, {UNVERIFIED}")

    def _same(self, said: str, gold: str) -> bool:
        exact = read_literal(gold)
        if exact is not None and same_answer(said, exact):
            return True
        # two numbers are the same or not, there is nothing more to ask
        if self._symbolic is None or (read_number(gold) is not None and read_number(said) is not None):
            return False
        return self._symbolic.same(said, gold) is True

    def _readable(self, gold: str) -> bool:
        """Whether anything can be said of answers: where not, the question is never asked."""
        if not gold:
            return False
        if read_literal(gold) is not None:
            return True
        # nothing said is wrong, unless the right answer is at fault
        return self._symbolic is not None and self._symbolic.same("", gold) is not None

    def report(self) -> str:
        """What is there and what is left out, in a sentence or two."""
        counts = self.counts
        each = ", ".join(f"{self.count(split):,} {name}" for split, name in enumerate(SPLITS))
        said = [f"{counts['lines']:,} lines, {counts['questions']:,} questions ({each}); {UNVERIFIED}"]
        for name, text in (
            ("left out", "lines are left out"),
            ("masked", "have no right answer that can be read and are not asked"),
            ("foreign", "have characters that the model does not know"),
        ):
            if counts[name]:
                said.append(f"{counts[name]:,} {text} ({'; '.join(self.notes[name][:2])})")
        if counts["repeated"]:
            said.append(f"{counts['repeated']:,} repeat another one and are not asked")
        if self.characters:
            most = ", ".join(f"{character} {count:,}" for character, count in self.characters.most_common(8))
            said.append(f"unknown characters: {most}")
        return "; ".join(said)

    def _indexed(self, path: Path) -> _Index:
        index, digest = _Index(path), sha256()
        file, size = open_lines(path)
        complaints: list[str] = []
        with file:
            for raw in raw_lines(file, size, digest):
                self.counts["lines"] += 1
                try:
                    found = line_of(read_object(raw))
                    asked = self._readable(found.answer)
                    if asked:
                        _check(found, self._room)
                except ValueError as error:
                    complaints.append(f"line {raw.number}: {error}")
                    self._note("left out", f"{path}, {complaints[-1]}")
                    if not self._skip and (len(complaints) == SHOWN or raw.text is None):
                        break
                    del complaints[SHOWN:]
                    continue
                if asked:
                    self._add(index, raw, found)
                else:
                    gold = f"{found.answer[:40]!a}" if found.answer else "none is found"
                    self._note("masked", f"{path}, line {raw.number}: {gold}")
        if complaints and not self._skip:
            raise ValueError(
                f"{path} has lines that cannot be used: {'; '.join(complaints)}"
                f"{' (reading ended there)' * (len(complaints) == SHOWN)}. "
                "Mend them, or leave out such lines with --dataset.skip-broken"
            )
        index.sha256 = digest.hexdigest()
        return index

    def _add(self, index: _Index, raw: RawLine, found: Line) -> None:
        if self._room.alphabet:
            foreign = set(found.question + found.solution + found.answer) - self._room.alphabet
            self.characters.update(foreign)
            if foreign:
                self._note("foreign", f"{index.path}, line {raw.number}")
        assert raw.text is not None
        index.offsets.append(raw.offset)
        index.digests.append(digest_of(task_of(found)))
        index.lines.append(raw.number)
        index.sums.append(zlib.crc32(raw.text))

    def _note(self, kind: str, text: str) -> None:
        self.counts[kind] += 1
        noted = self.notes.setdefault(kind, [])
        if len(noted) < SHOWN:
            noted.append(text)

    def _split(self) -> dict[int, NDArray[np.int64]]:
        """Places in the files' indices, in the order of their hashes: each question once, in one split only.

        Raises:
            ValueError: a question stands in two files.
        """
        kept: dict[int, NDArray[np.int64]] = {}
        taken = np.zeros(0, np.uint64)
        # what is measured on stays as it is, and what is learned from goes without it
        for split in (TEST, VALIDATION, TRAIN):
            if split not in self._files:
                continue
            digests = np.array(self._files[split].digests, np.uint64)
            _, first = np.unique(digests, return_index=True)
            self.counts["repeated"] += len(digests) - len(first)
            again = np.isin(digests[first], taken)
            if again.any():
                self._again(split, int(again.sum()), int(first[again][0]))
            kept[split] = first[~again]
            taken = np.concatenate([taken, digests[kept[split]]])
        shares = self._files[TRAIN].shares()[kept[TRAIN]]
        for split in (VALIDATION, TEST):
            if split not in kept:
                kept[split] = kept[TRAIN][shares == split]
        others = [split for split in (VALIDATION, TEST) if split not in self._files]
        return kept | {TRAIN: kept[TRAIN][~np.isin(shares, others)]}

    def _again(self, split: int, count: int, place: int) -> None:
        index = self._files[split]
        digest = index.digests[place]
        for other in (TEST, VALIDATION):
            if other != split and other in self._files and digest in self._files[other].digests:
                there = self._files[other]
                line = there.lines[there.digests.index(digest)]
                break
        text = f"{index.path}, line {index.lines[place]}: the question of {there.path}, line {line}, again"
        if not self._skip:
            raise ValueError(
                f"{text} ({count:,} such questions): what is measured on must not be learned from. Take them out of "
                "one of the files, or leave them out of the first with --dataset.skip-broken"
            )
        self._note("left out", text)
        self.counts["left out"] += count - 1

    def _too_few(self, split: int) -> str:
        """Why there is nothing to ask."""
        index, counts = self._files.get(split, self._files[TRAIN]), self.counts
        why = [f"; {counts[name]:,} {name}: {self.notes[name][0]}" for name in ("left out", "masked") if counts[name]]
        if split not in self._files:
            why.append(f"; give a file of them with --dataset.{SPLITS[split]}")
        return f"{index.path} has no question for {SPLITS[split]} in {counts['lines']:,} lines{''.join(why)}"


def _check(found: Line, room: Room) -> None:
    """Whether it can be asked, and its solution be said.

    Raises:
        ValueError: it is too long, or holds what no reply may; says what.
    """
    bad = next((c for c in found.question if not c.isprintable() and c != "\n"), "")
    if bad:
        raise ValueError(f"the question holds the unprintable character {bad!a}")
    if 0 < room.question < len(found.question):
        raise ValueError(
            f"a question of {len(found.question):,} characters, and the model has room for {room.question:,}"
        )
    reply = format_reply(found.solution, found.answer)
    fault = parse_reply(reply).fault or foreign_digits(reply)
    if fault:
        raise ValueError(f"the worked solution would be no reply: {fault}")
    length = len(found.solution) + len(found.answer)
    if 0 < room.solution < length:
        raise ValueError(f"a solution of {length:,} characters, and the model has room for {room.solution:,}")


@lru_cache
def _symbolic() -> SymbolicGrader:
    from envs.symbolic import SymbolicGrader

    return SymbolicGrader()
