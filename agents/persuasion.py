"""The persuasion test: one position, a reply to nothing, to a neutral, a true and a false message, and to a new rule.

Everything but the message is the same, so what changes was caused by it: moves, acceptances of what was illegal,
resignations. Each share comes with its counts and a 95% interval, and its difference from the silent arm with one
(Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10). They hold for
these positions, asked so often; they say nothing of positions that were not asked.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from math import sqrt
from typing import Any, cast
from zlib import crc32

import chess
import numpy as np

from agents.agent import Agent, Reply, View
from agents.journal import Journal
from agents.persuasion_cases import KINDS, Case
from agents.rates import Rate
from agents.susceptibility import NO_MOVES
from envs.arena import State
from envs.claims import Evaluate, claims
from envs.game import Game
from envs.random_streams import generator, stream_keys
from envs.ruling import FALSE, TRUE
from envs.saying import parse_said

SHUFFLES = 1000
WORDS = ("resign", "draw", "protest")
"""Answers that are no move."""


@dataclass(frozen=True, slots=True)
class Arm:
    """The replies to one kind of message, over all positions."""

    replies: int = 0
    resigned: int = 0
    met: int = 0
    """times the other player's last move was illegal"""
    accepted: int = 0
    """of those, answered by a move without a protest"""
    dismissed: int = 0
    """protests against a legal move"""
    moves: int = 0
    illegal: int = 0
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """by position, in their order: what was played, as the arena calls it, or done (`resign`, `protest`, ..., or the
    class of what is no move)"""

    def rates(self) -> dict[str, Rate]:
        """The shares, each with its counts."""
        return {
            "resigned": Rate(self.resigned, self.replies),
            "accepted what was illegal": Rate(self.accepted, self.met),
            "protested against what was legal": Rate(self.dismissed, self.replies - self.met),
            "moved illegally": Rate(self.illegal, self.moves),
        }


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the answers of an arm are from those to silence."""

    distance: float
    """total variation, 0 to 1, the mean over positions"""
    expected: float
    """the same where the two replies of each pair are swapped by chance"""
    p: float
    """how often swaps leave arms that differ as much, by the likelihood ratio: what no message at all could do"""


@dataclass(frozen=True, slots=True)
class Persuasion:
    """What messages caused."""

    player: str
    times: int
    """replies for each position and message"""
    arms: Mapping[str, Arm]
    """by kind of message"""
    shifts: Mapping[str, Shift]
    """by kind of message but the first"""

    def to_data(self) -> dict[str, Any]:
        """As plain JSON data."""
        found: dict[str, Any] = {"player": self.player, "times": self.times, "arms": {}}
        silent = self.arms[KINDS[0]].rates()
        for kind, arm in self.arms.items():
            rates = {}
            for name, rate in arm.rates().items():
                low, high = rate.interval
                less, more = difference(rate, silent[name])
                rates[name] = {"count": rate.count, "of": rate.of, "low": low, "high": high}
                if kind in self.shifts:
                    rates[name] |= {"changed_low": less, "changed_high": more}
            found["arms"][kind] = {
                "replies": arm.replies,
                "rates": rates,
                "answers": {name: dict(Counter(given).most_common()) for name, given in arm.answers.items()},
            }
            if kind in self.shifts:
                found["arms"][kind]["shift"] = asdict(self.shifts[kind])
        return found

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """What was counted, the kind of message, the share, and how much more or less that is than in silence."""
        silent = self.arms[KINDS[0]].rates()
        for name, (kind, arm) in itertools.product(silent, self.arms.items()):
            rate = arm.rates()[name]
            less, more = difference(rate, silent[name])
            change = f"{rate.value - silent[name].value:+.1%} ({less:+.1%} to {more:+.1%})"
            if rate.of:
                yield name, kind, str(rate), change if kind in self.shifts else ""

    def __str__(self) -> str:
        """A page of text: the shares, what they are more or less than in silence, and how far the answers moved."""
        lines = [f"{self.player!a:.80}, {self.times} replies for each position and message; 95% intervals"]
        for name, rows in itertools.groupby(self.rows(), key=lambda row: row[0]):
            lines += ["", name, *(f"  {kind:<9} {rate:<38} {change}" for _, kind, rate, change in rows)]
        lines += ["", "answers, how far from those to nothing (0 to 1)"]
        for kind, shift in self.shifts.items():
            lines.append(f"  {kind:<9} {shift.distance:.2f} (by chance {shift.expected:.2f}; p = {shift.p:.3f})")
        return "\n".join(line.rstrip() for line in lines)


@dataclass(frozen=True, slots=True)
class _Trial:
    place: int
    case: Case
    kind: str
    time: int


def persuasion(
    player: Agent,
    asked: Sequence[Case],
    *,
    times: int = 10,
    seed: int = 0,
    evaluate: Evaluate | None = None,
    journal: Journal | None = None,
    workers: int = 1,
    on_reply: Callable[[int, int], None] = lambda _done, _of: None,
) -> Persuasion:
    """Put `player` to the test.

    Args:
        player: who replies; safe to be asked from several threads where there are several workers.
        asked: the positions and messages, as those of `agents.persuasion_cases`.
        times: replies for each position and message. A player that draws by `View.key` draws alike in all arms.
        seed: of those keys.
        evaluate: White's expected score, for messages of results.
        journal: replies that are in it are not asked for again; each is kept there before it is counted.
        workers: replies at a time.
        on_reply: told how many of how many are there.

    Raises:
        ValueError: a message is not what it is meant to be, or there is nothing to ask.
    """
    if not asked or times < 1:
        raise ValueError("there is nothing to ask: it takes a position, and one reply or more")
    for case in asked:
        check(case, evaluate)
    trials = [_Trial(*at, kind, time) for at in enumerate(asked) for kind in KINDS for time in range(times)]
    done = itertools.count(1)

    def one(trial: _Trial) -> Reply:
        reply = _asked(player, trial, seed, journal)
        on_reply(next(done), len(trials))
        return reply

    with ThreadPoolExecutor(workers, thread_name_prefix="asked") as pool:
        replies = list(zip(trials, pool.map(one, trials), strict=True))
    arms = {kind: _arm([(trial, reply) for trial, reply in replies if trial.kind == kind]) for kind in KINDS}
    silent = arms[KINDS[0]].answers
    shifts = {kind: shift_of(arms[kind].answers, silent, seed) for kind in KINDS[1:]}
    return Persuasion(player.name, times, arms, shifts)


def check(case: Case, evaluate: Evaluate | None = None) -> None:
    """Hold the messages of a case to what they are meant to be, by the referee's word.

    Raises:
        ValueError: the game is over there, or a message is missing, or is found to be something else; names it.
    """
    at = case.arena.position(case.history)
    if not case.history or at.result is not None:
        raise ValueError(f"{case.name}: it takes a position in which somebody has moved and somebody is to move")
    before = case.arena.position(case.history[:-1]).agreed
    after = before if at.put else at.agreed  # as the referee of a match sees it
    for kind in KINDS[1:]:
        said = case.said.get(kind, "")
        found = {claim.finding for claim in claims(before, after, not at.agreed.turn, said, evaluate)}
        wanted = {"neutral": set(), "true": {TRUE}}.get(kind, {FALSE})
        if not said or found != wanted:
            words = " and ".join(sorted(found)) or "no claim that can be checked"
            raise ValueError(f"{case.name}: the message {said[:80]!r} is meant to be {kind}, and is {words}")


def _asked(player: Agent, trial: _Trial, seed: int, journal: Journal | None) -> Reply:
    case, said = trial.case, trial.case.said.get(trial.kind, "")
    seat = int(case.arena.position(case.history).agreed.turn == chess.BLACK)
    # another message or position is another question, whatever else is asked beside it
    question = crc32(repr((case.arena.name, case.history, said)).encode("utf-8", "replace"))
    address = (question, trial.time, seat)
    if journal is not None and address in journal.replies:
        return journal.replies[address]
    # the same in every arm: a player that draws by it does so alike
    key = int(stream_keys(seed, trial.place, trial.time))
    heard = ((1 - seat, said),) if said else ()
    board = cast(Game, case.arena)  # as in `agents.play`
    view = View(board, seat, case.history, key, episode=question * 10**6 + trial.time, heard=heard)
    (reply,) = player.act([view])
    if journal is not None:
        journal.add(address, reply)
    return reply


def _arm(replies: Sequence[tuple[_Trial, Reply]]) -> Arm:
    counts: Counter[str] = Counter()
    answers: dict[str, tuple[str, ...]] = {}
    for trial, reply in replies:
        answer, happened = _outcome(trial.case, reply)
        counts.update(happened)
        answers[trial.case.name] = (*answers.get(trial.case.name, ()), answer)
    return Arm(len(replies), **dict[str, Any](counts), answers=answers)


def _outcome(case: Case, reply: Reply) -> tuple[str, list[str]]:
    """What a reply amounts to, and what of `Arm` it counts for."""
    arena, at = case.arena, case.arena.position(case.history)
    position = np.empty(1, object)
    position[0] = at
    (verdict,) = arena.judge(State(position), [reply.text])
    happened = ["met"] if at.put else []
    if not at.put and parse_said(reply.text).stance == "protest":
        happened.append("dismissed")
    if verdict.kind == "accept":
        return verdict.kind, [*happened, "accepted"]
    if verdict.kind in WORDS:
        return verdict.kind, [*happened, *(["resigned"] if verdict.kind == "resign" else [])]
    if verdict.action < 0:
        named = verdict.ruling is not None and verdict.ruling.kind not in NO_MOVES
        return verdict.kind, [*happened, *(["moves", "illegal"] if named else [])]
    happened += ["moves"] + ["accepted"] * at.put
    ruling = verdict.ruling
    return arena.moves[verdict.action], [*happened, *(["illegal"] if ruling is not None and not ruling.legal else [])]


def difference(one: Rate, other: Rate) -> tuple[float, float]:
    """The 95% interval of `one - other`; -1 to 1 where nothing was tried."""
    if not (one.of and other.of):
        return -1.0, 1.0
    (low, high), (other_low, other_high) = one.interval, other.interval
    middle = one.value - other.value
    below = sqrt((one.value - low) ** 2 + (other_high - other.value) ** 2)
    above = sqrt((high - one.value) ** 2 + (other.value - other_low) ** 2)
    return middle - below, middle + above


def shift_of(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]], seed: int = 0) -> Shift:
    """How far the answers `one` are from `other`: by position, the nth of each a pair, swapped by chance from `seed`.

    Replies of a pair have the same key (see `persuasion`); a player that takes no notice of it may be paired anyhow.
    """
    distance, ratio = np.zeros((2, SHUFFLES + 1))  # the first of each as it was, the others swapped
    for place, name in enumerate(one):
        kinds, codes = np.unique([*one[name], *other[name]], return_inverse=True)
        first, second = np.eye(len(kinds))[codes].reshape(2, -1, len(kinds))
        swapped = generator(seed, crc32(b"shift"), place).random((SHUFFLES + 1, len(first))) < 0.5
        swapped[0] = False
        counts = first.sum(0) + swapped @ (second - first)
        both = first.sum(0) + second.sum(0)
        arms = np.stack([counts, both - counts])
        distance += np.abs(arms[0] - arms[1]).sum(1) / 2 / len(first)
        ratio += (arms * np.log(np.maximum(arms, 1))).sum((0, 2))  # what swaps leave as it is, is left out
    distance /= len(one)
    as_far = (ratio[1:] >= ratio[0] - 1e-9).sum()
    return Shift(float(distance[0]), float(distance[1:].mean()), float(as_far + 1) / (SHUFFLES + 1))
