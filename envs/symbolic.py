r"""The second tier of grading, for answers in LaTeX and algebra: math-verify, in a process that may be killed.

`envs.literals` is the first tier and the one to use where it can be used: exact, deterministic, a thousand times
faster, and it takes nothing but a finished answer. Here is what it cannot read: `\frac{1}{2}`, `2\sqrt{3}`,
`(x+1)^2`, intervals, sets, matrices. A computer algebra system is at work, so an answer may ask for more than there is
time; it is then wrong, and the time-out is counted. How long is long depends on the machine: runs that have to repeat
to the bit want the first tier.

math-verify by itself (0.9.0) takes `6*7`, `1=2=42`, `2_4` for 42 or 2, and any word for the product of its letters.
Where the right answer is a plain number, only a plain number is compared with it here; words are not read at all.

Needs the extra `symbolic`, and Linux or macOS.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from envs.killable import Killable
from envs.problem import foreign_digits

MAX_TEXT = 1024
"""Characters that an answer may have."""
FAULTS = 100
"""The latest faults are kept, with what caused them."""

_NAMES = re.compile(r"\\(?:begin|end|operatorname|mathrm|mathbb|mathbf)\{[A-Za-z*]+\}|\\[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]{4}")
_WHOLE = r"(?:0|[1-9]\d{0,2}(?:(?:,|\{,\}|\\,)\d{3})+|[1-9]\d*)"
_NUMBER = re.compile(
    rf"(?:[A-Za-z]\s*=)?\s*[-+]?\s*(?:{_WHOLE}(?:\.\d+)?|\.\d+|{_WHOLE}\s*/\s*-?\s*[1-9]\d*"
    rf"|(?:[1-9]\d*\s*)?\\[dt]?frac\{{-?\d+\}}\{{-?\d+\}})(?:\s*\\(?:times|cdot)\s*10\^(?:\d|\{{-?\d{{1,3}}\}}))?",
    re.ASCII,
)


class Judgement(NamedTuple):
    """`same` is None where nothing can be said, since the right answer itself cannot be read: mask such a problem."""

    same: bool | None
    reason: str = ""


class Fault(NamedTuple):
    """What went wrong, and by whom: `said` is empty where it was `gold` alone."""

    cause: str
    said: str
    gold: str


class SymbolicGrader:
    """Are two answers the same? Always within `wait` seconds and a half; `memory` is in bytes.

    The last `remember` results are kept. `counts` says how many were asked, were the same, could not be read, and what
    went wrong, by cause; `faults` names the latest. Safe to use from several threads, which take turns.

    Raises:
        ImportError: math-verify is not installed.
    """

    def __init__(self, wait: float = 1.0, memory: int = 1 << 30, remember: int = 1 << 14) -> None:
        if find_spec("math_verify") is None:
            raise ImportError("the symbolic grader needs math-verify: pip install 'xueba[symbolic]'")
        self.wait = wait
        self._worker = Killable(Path(__file__).with_name("symbolic_worker.py"), wait, memory)
        self.counts: Counter[str] = Counter()
        self.faults: deque[Fault] = deque(maxlen=FAULTS)
        self._unreadable = lru_cache(remember)(self._check)
        self._compared = lru_cache(remember)(self._compare)

    def __enter__(self) -> SymbolicGrader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; grading again starts new ones."""
        self._worker.close()

    @property
    def asked(self) -> int:
        """Questions put to math-verify: neither refused beforehand nor remembered."""
        return self._worker.counts["asked"]

    def same(self, said: object, gold: object) -> bool | None:
        """Whether `said` is the same as the right answer `gold`; None where `gold` cannot be read."""
        return self.judge(said, gold).same

    def same_all(self, pairs: Iterable[tuple[object, object]]) -> list[bool | None]:
        """`same` for each pair of what was said and the right answer."""
        return [self.same(said, gold) for said, gold in pairs]

    def judge(self, said: object, gold: object) -> Judgement:
        """As `same`, with the reason of a refusal."""
        self.counts["asked"] += 1
        judged = self._judge(said, gold)
        self.counts[{True: "same", False: "different", None: "unreadable gold"}[judged.same]] += 1
        return judged

    def _judge(self, said: object, gold: object) -> Judgement:
        gold, fault = readable(gold)
        fault = fault or self._unreadable(gold)
        if fault:
            return Judgement(None, f"the right answer: {fault}")
        said, fault = readable(said)
        if fault:
            return Judgement(False, fault)
        if _NUMBER.fullmatch(gold) and not _NUMBER.fullmatch(said):
            return Judgement(False, "the right answer is a number and this is none, or one to be worked out")
        return self._compared(said, gold)

    def _check(self, gold: str) -> str:
        value, fault = self._worker.ask({"gold": gold}, self.wait)
        if fault:
            self._note(Fault(fault, "", gold))
        return fault or ("" if value is True else "it cannot be read")

    def _compare(self, said: str, gold: str) -> Judgement:
        value, fault = self._worker.ask({"gold": gold, "said": said}, self.wait)
        if fault:
            self._note(Fault(fault, said, gold))
        return Judgement(value is True, fault)

    def _note(self, fault: Fault) -> None:
        self.counts[fault.cause.split(":")[0]] += 1
        self.faults.append(fault)


def readable(text: object) -> tuple[str, str]:
    r"""The mathematics in `text`, freed of `$...$`, `\(...\)` and `\boxed{...}` around it, or what is wrong."""
    if not isinstance(text, str):
        return "", f"{type(text).__name__} instead of text"
    if len(text) > MAX_TEXT:
        return "", f"{len(text)} characters, more than {MAX_TEXT}"
    if not text.replace("\n", " ").isprintable():
        return "", "unprintable characters"
    inner = " ".join(text.replace("\\$", "").split())
    for opening, closing in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("\\boxed{", "}"), ("$", "$")):
        if len(inner) >= len(opening) + len(closing) and inner.startswith(opening) and inner.endswith(closing):
            inner = inner[len(opening) : -len(closing)].strip()
    if not inner:
        return "", "nothing"
    if "$" in inner or "\\boxed" in inner:
        return "", "several answers"
    if _WORD.search(_NAMES.sub(" ", inner)):
        return "", "words"
    return inner, foreign_digits(inner)
