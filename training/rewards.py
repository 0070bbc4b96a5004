"""What is worth something: plain functions of an episode and a seat, added up with named weights.

A reward that cannot be computed, or is no finite number, is nobody's fault who is being judged: that episode is left
out, which is said and counted, and the others are learned from.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from agents.episode import Episode, Turn
from envs.game import Floats
from envs.lookup import not_found
from envs.problem import FINISHED, GUESSED, PARTIAL, RIGHT, UNGRADED, process_reward
from envs.problems import PROBLEMS
from envs.reply import Verdict, parse_reply
from training.config import PolicyGradientConfig
from training.lines import lines
from training.user_reward import is_own, own_reward

Reward = Callable[[Episode, int], float]
CONSISTENT = 0.95
"""From this share of letters on, a reply is in the language of its question."""


def outcome(episode: Episode, seat: int) -> float:
    """1 for a game won, -1 for one lost, also by an illegal reply, 0 for a draw."""
    return episode.returns[seat]


def form(episode: Episode, seat: int) -> float:
    """The share of the seat's replies that were well-formed; 1 where it was never asked."""
    return _share([turn.verdict.kind != "malformed" for turn in episode.turns if turn.seat == seat])


def legal(episode: Episode, seat: int) -> float:
    """The share of the seat's replies that were legal; 1 where it was never asked."""
    return _share([turn.verdict.legal for turn in episode.turns if turn.seat == seat])


def process(episode: Episode, seat: int) -> float:
    """A problem's reasoning and answer: see `envs.problem.process_reward`."""
    # questions from elsewhere, of a file, are none of our kinds
    share = PROBLEMS[episode.game].problem.partial if episode.game in PROBLEMS else PARTIAL
    return _of_answer(episode, seat, lambda verdict: process_reward(verdict, share))


def r1zero(episode: Episode, seat: int) -> float:
    """A problem's answer and the form, whatever the reasoning (DeepSeek-AI 2025, "DeepSeek-R1", section 2.2.2)."""
    return _of_answer(episode, seat, lambda verdict: 0.1 * verdict.legal + 0.9 * (verdict.action in (GUESSED, RIGHT)))


def binary(episode: Episode, seat: int) -> float:
    """1 for a problem's right answer after valid reasoning, else 0."""
    return _of_answer(episode, seat, lambda verdict: float(verdict.action == RIGHT))


def answer(episode: Episode, seat: int) -> float:
    """1 for a problem's right answer, whatever the reasoning: what `process` calls A."""
    return _of_answer(episode, seat, lambda verdict: float(verdict.action in (GUESSED, RIGHT)))


def reasoning(episode: Episode, seat: int) -> float:
    """1 for a problem's reasoning that is valid to its end, whatever the answer: what `process` calls V."""
    return _of_answer(episode, seat, lambda verdict: float(verdict.action in (FINISHED, RIGHT)))


def progress(episode: Episode, seat: int) -> float:
    """How much of the way a problem's reasoning leads before its first fault, 0 to 1: what `process` calls pi."""
    return _of_answer(episode, seat, lambda verdict: verdict.progress)


def length(episode: Episode, seat: int, longest: int = 2048, margin: int = 512) -> float:
    """From 0 to -1: how far a right and reasoned answer reaches into the last `margin` of `longest` tokens.

    With a weight of 0.2 beside `process`. Nothing else is paid or punished by its length.
    """
    if seat or not episode.turns or episode.turns[-1].verdict.action != RIGHT:
        return 0.0
    over = len(episode.turns[-1].reply.tokens) - (longest - margin)
    return -min(1.0, max(0.0, over / margin))


def language(episode: Episode, seat: int) -> float:
    """The share of a seat's letters in the script of the question, 1 where it is 0.95 or more.

    It multiplies what the other rewards add up to.
    """
    chinese = episode.game in PROBLEMS and getattr(PROBLEMS[episode.game].problem, "language", "") == "zh"
    said = [parse_reply(turn.reply.text) for turn in episode.turns if turn.seat == seat]
    letters = [c for reply in said for c in reply.think + reply.answer if c.isalpha()]
    share = _share([_is_han(c) if chinese else _is_latin(c) for c in letters])
    return 1.0 if share >= CONSISTENT else share


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


def _is_han(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("CJK")


def _of_answer(episode: Episode, seat: int, worth: Callable[[Verdict], float]) -> float:
    """What the reply to a problem is worth; the second seat, where nobody is asked, gets nothing."""
    return worth(episode.turns[-1].verdict) if seat == 0 else 0.0


def _share(good: list[bool]) -> float:
    return sum(good) / len(good) if good else 1.0


REWARDS: dict[str, Reward] = {
    "outcome": outcome,
    "form": form,
    "legal": legal,
    "lines": lines,
    "process": process,
    "r1zero": r1zero,
    "binary": binary,
    "answer": answer,
    "reasoning": reasoning,
    "progress": progress,
    "length": length,
    "language": language,
}
"""With a weight of 0 a reward is shown and counts for nothing."""
ZERO_SUM = ("outcome",)
"""Rewards that add up to 0 over both seats in every game."""
OF_GAMES = ("lines",)
OF_PROBLEMS = ("process", "r1zero", "binary", "answer", "reasoning", "progress", "length")
"""Rewards that say nothing of the other kind of world."""
FACTORS = ("language",)
"""Rewards that multiply the sum of the others, `1 - weight * (1 - reward)`."""


def weights_of(config: PolicyGradientConfig, world: str) -> dict[str, float]:
    """What counts for how much in this world: as the config says, or what the world itself is about."""
    return config.rewards or {"process" if world in PROBLEMS else "outcome": 1.0}


def reward_named(name: str, rewards: Mapping[str, Reward] = REWARDS) -> Reward:
    """The reward of that name, or the user's own that is called `FILE.py:FUNCTION`.

    Raises:
        ValueError: there is none; says which was probably meant.
        RuntimeError: the user's own cannot be imported; says why.
    """
    if name in rewards:
        return rewards[name]
    if is_own(name):
        return own_reward(name)
    raise ValueError(f"{not_found('reward', name, rewards)}; one of your own is called FILE.py:FUNCTION")


class RewardError(RuntimeError):
    """No episode is left to be learned from; says why the first of them was left out."""


class Rewarded(NamedTuple):
    """Episodes and what they are worth, without those of which that is not known."""

    episodes: list[Episode]
    total: Floats
    """`[N, 2]`: the weighted sums, for both seats"""
    parts: dict[str, Floats]
    """each reward by itself, not weighted, `[N, 2]`"""
    masked: list[str]
    """why each of the others was left out: the reward, the episode, what happened"""

    @property
    def metrics(self) -> dict[str, float]:
        """How many were left out."""
        return {
            "reward/masked_count": float(len(self.masked)),
            "reward/masked_of": float(len(self.masked) + len(self.episodes)),
        }


def rewarded(
    episodes: Sequence[Episode], config: PolicyGradientConfig, rewards: Mapping[str, Reward] = REWARDS
) -> Rewarded:
    """What episodes are worth by `config.rewards`.

    Left out are those in which a reward raised or gave something that is not a finite number, those whose reply could
    not be graded (the right answer cannot be read), and, where `config.mask_truncated` says so, those whose reply did
    not come to its end.

    Raises:
        ValueError: a name in the weights is no reward.
        RewardError: a reward failed and nothing is left.
    """
    weights = weights_of(config, episodes[0].game) if episodes else config.rewards
    limited = partial(length, longest=config.max_new, margin=config.length_margin)
    functions = {name: reward_named(name, rewards) for name in weights}
    functions = {name: limited if reward is length else reward for name, reward in functions.items()}
    cut = [config.mask_truncated and any(is_cut(turn, config.max_new) for turn in e.turns) for e in episodes]
    kept, rows, masked = list[Episode](), list[list[list[float]]](), list[str]()
    for episode, was_cut in zip(episodes, cut, strict=True):
        # where all are cut off there is nothing to learn but that
        row = "a reply was cut off" if was_cut and not all(cut) else _row(functions, episode)
        if isinstance(row, str):
            masked.append(f"episode {episode.number}: {row}")
        else:
            kept.append(episode)
            rows.append(row)
    if masked and not kept:
        raise RewardError(f"none of {len(masked)} episodes can be rewarded; {masked[0]}")
    table = np.array(rows, np.float32).reshape(len(kept), len(weights), 2)
    parts = {name: table[:, column] for column, name in enumerate(weights)}
    return Rewarded(kept, _total(parts, weights, len(kept)), parts, masked)


def _total(parts: Mapping[str, Floats], weights: Mapping[str, float], count: int) -> Floats:
    total = np.zeros((count, 2), np.float32)
    for name, part in parts.items():
        if name not in FACTORS:
            total += np.float32(weights[name]) * part
    for name in FACTORS:
        if name in parts:
            total *= 1 - np.float32(weights[name]) * (1 - parts[name])
    return total


def _row(functions: Mapping[str, Reward], episode: Episode) -> list[list[float]] | str:
    """Each reward for both seats, or why there is one that is not known."""
    ungraded = next((turn.verdict for turn in episode.turns if turn.verdict.kind == UNGRADED), None)
    if ungraded is not None:
        return f"{UNGRADED}: {ungraded.reason}"
    row = []
    for name, reward in functions.items():
        try:
            values = [float(reward(episode, seat)) for seat in (0, 1)]
        except Exception as error:  # noqa: BLE001 (whoever wrote it: the fault is named, and the batch goes on)
            return f"reward {name!r} failed: {type(error).__name__}: {error!s:.200}"
        for seat, value in enumerate(values):
            if not math.isfinite(value):
                return f"reward {name!r} is {value} for seat {seat}"
        row.append(values)
    return row


def is_cut(turn: Turn, longest: int) -> bool:
    """The reply was broken off at `longest` tokens before it was a reply."""
    return turn.verdict.kind == "malformed" and len(turn.reply.tokens) >= longest
