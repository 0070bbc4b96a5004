"""A collapse is named when it begins, and once more when it is over."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, float | None]
"""The metrics of one iteration; None (or NaN) where a number was not finite."""


@dataclass(frozen=True)
class AlarmConfig:
    """From where on it is a collapse."""

    window: int = 5
    """iterations over which is averaged"""
    entropy: float = 0.02
    """nats: mean entropy of the policy below which hardly any choice is left"""
    repeated: float = 0.9
    """share of the games of an iteration that were played before in it, and of replies that are all the same text"""
    one_seat: float = 0.95
    """share of the games that end with a winner and that the same seat won"""
    decided: float = 0.5
    """share of games that must end with a winner for that to say anything"""
    known: float = 0.02
    """share of illegal or malformed replies below which the rules were known"""
    refused: float = 0.05
    """rise of that share from there"""
    token_entropy: float = 0.005
    """nats a token below which the answers to a problem leave hardly any choice: no harm where they are right"""
    mastered: float = 0.9
    """share of right answers from which on that is as it should be"""
    guesses: float = 0.1
    """rise of the share of the right answers that were guessed: right after reasoning that does not lead there"""
    lost: float = 0.2
    """fall of the share of right answers, in measurements, from its best"""


class Alarms:
    """Says what is new: the alarms that begin or end with a row. A row is looked at once and not kept."""

    def __init__(self, rows: Sequence[Mapping[str, Any]] = (), config: AlarmConfig = AlarmConfig()) -> None:
        self._config = config
        self.active: dict[str, str] = {}
        """the alarms that hold now, each with what was seen"""
        self._recent = {name: _Recent(max(1, config.window // shorter)) for name, (_, shorter) in _SERIES.items()}
        for row in rows:
            self.news({name: value for name, value in row.items() if name not in ("step", "time")})

    def news(self, row: Row) -> list[tuple[str, str]]:
        """`(kind, text)` for each alarm that begins (`alarm`) or is over (`all clear`)."""
        for name, (read, _) in _SERIES.items():
            self._recent[name].add(read(row))
        found = {"not finite": _not_finite(row)}
        found |= {name: check(self._recent, self._config) for name, check in _CHECKS.items()}
        before, self.active = self.active, {name: text for name, text in found.items() if text}
        begun = [("alarm", f"{name}: {text}") for name, text in self.active.items() if name not in before]
        return begun + [("all clear", name) for name in before if name not in self.active]


class _Recent:
    """The last values of one number."""

    def __init__(self, window: int) -> None:
        self._values: deque[float] = deque(maxlen=window)
        self.mean: float | None = None
        """over the finite ones of the last `window` values, once they are so many"""
        self.lowest = math.inf
        """mean so far"""

    def add(self, value: float | None) -> None:
        if value is None:
            return
        self._values.append(value)
        seen = [value for value in self._values if math.isfinite(value)]
        self.mean = sum(seen) / len(seen) if seen and len(self._values) == self._values.maxlen else None
        self.lowest = self.lowest if self.mean is None else min(self.lowest, self.mean)


Recent = Mapping[str, _Recent]


def _not_finite(row: Row) -> str:
    wrong = [name for name, value in row.items() if value is None or not math.isfinite(value)]
    return ", ".join(wrong[:5])


def _entropy(recent: Recent, config: AlarmConfig) -> str:
    mean = recent["policy_entropy"].mean
    return f"the policy's entropy is {mean:.3f} nats" if mean is not None and mean < config.entropy else ""


def _hasty(recent: Recent, config: AlarmConfig) -> str:
    mean, right = recent["token_entropy"].mean, recent["right"].mean
    if mean is None or right is None or mean >= config.token_entropy or right >= config.mastered:
        return ""
    return f"{mean:.4f} nats a token, yet only {right:.0%} of the answers are right"


def _guessing(recent: Recent, config: AlarmConfig) -> str:
    mean, lowest = recent["guessed_of_answers"].mean, recent["guessed_of_answers"].lowest
    if mean is None or mean <= lowest + config.guesses:
        return ""
    return f"{mean:.0%} of the right answers do not follow from their reasoning, it was {lowest:.0%}"


def _unlearned(recent: Recent, config: AlarmConfig) -> str:
    wrong, lowest = recent["wrong"].mean, recent["wrong"].lowest
    return (
        f"{1 - wrong:.0%} are right, it was {1 - lowest:.0%}"
        if wrong is not None and wrong > lowest + config.lost
        else ""
    )


def _repeated(name: str, what: str) -> Callable[[Recent, AlarmConfig], str]:
    def check(recent: Recent, config: AlarmConfig) -> str:
        mean = recent[name].mean
        return f"{mean:.0%} of {what}" if mean is not None and mean > config.repeated else ""

    return check


def _one_seat(recent: Recent, config: AlarmConfig) -> str:
    first, second = recent["first_wins"].mean, recent["second_wins"].mean
    if first is None or second is None or first + second < config.decided:
        return ""
    share = max(first, second) / (first + second)
    seat = "first" if first > second else "second"
    return f"the {seat} seat wins {share:.0%} of the games that are won" if share > config.one_seat else ""


def _refused(name: str) -> Callable[[Recent, AlarmConfig], str]:
    def check(recent: Recent, config: AlarmConfig) -> str:
        mean, lowest = recent[name].mean, recent[name].lowest
        if mean is None or lowest > config.known or mean <= config.known + config.refused:
            return ""
        return f"{mean:.1%} of the replies are refused, it was {lowest:.1%}"

    return check


def _played(row: Row) -> float | None:
    # a problem knows no illegal reply
    illegal, malformed = row.get("rollout/illegal", 0.0), row.get("rollout/malformed")
    return None if illegal is None or malformed is None else illegal + malformed


def _measured(row: Row) -> float | None:
    legal = row.get("eval/legal")
    return None if legal is None else 1 - legal


def _wrong(row: Row) -> float | None:
    right = row.get("eval/right")
    return None if right is None else 1 - right


def _rollout(name: str) -> Callable[[Row], float | None]:
    return lambda row: row.get(f"rollout/{name}")


_SERIES: dict[str, tuple[Callable[[Row], float | None], int]] = {
    **{
        name: (_rollout(name), 1)
        for name in (
            *("policy_entropy", "repeated_games", "repeated_text", "first_wins", "second_wins"),
            *("token_entropy", "right", "guessed_of_answers"),
        )
    },
    "refused_in_play": (_played, 1),
    # measurements are rarer than iterations
    "refused": (_measured, 3),
    "wrong": (_wrong, 3),
}
"""The numbers that are followed: how a row tells them, and by how much their window is shorter."""

_CHECKS: dict[str, Callable[[Recent, AlarmConfig], str]] = {
    "no choice left": _entropy,
    "repeated games": _repeated("repeated_games", "the games were played before in the same iteration"),
    "repeated text": _repeated("repeated_text", "the replies are one and the same text"),
    "one seat wins": _one_seat,
    "rules forgotten in play": _refused("refused_in_play"),
    "rules forgotten": _refused("refused"),
    "no choice left, and wrong": _hasty,
    "more guessing": _guessing,
    "skill lost": _unlearned,
}
