"""What a batch of self-play looks like in numbers; every rate with its numerator and denominator."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from agents.episode import Episode, Turn
from envs.problem import FINISHED, GUESSED, RIGHT
from envs.problems import PROBLEMS
from training.learner import STUDENT, Metrics


def share(name: str, count: float, of: float) -> Metrics:
    """A rate under three names; the rate itself is left out where nothing was counted."""
    rate = {name: count / of} if of else {}
    return rate | {f"{name}_count": float(count), f"{name}_of": float(of)}


def rollout_metrics(episodes: Sequence[Episode], seconds: float) -> Metrics:
    """`rollout/`, `reward/` and `perf/` of the games, or answers, of one iteration, which took `seconds`."""
    if episodes and episodes[0].game in PROBLEMS:
        return _answers(episodes, seconds)
    games = len(episodes)
    turns = [turn for e in episodes for turn in e.turns if e.players[turn.seat] == STUDENT]
    kinds = Counter(turn.verdict.kind for turn in turns)
    texts = Counter(turn.reply.text for turn in turns)
    firsts = Counter(e.history[len(e.opening)] for e in episodes if len(e.history) > len(e.opening))
    plies = sum(len(e.history) for e in episodes)
    tokens = sum(len(turn.reply.tokens) for turn in turns)
    return {
        "rollout/games": float(games),
        "rollout/plies": plies / max(1, games),
        **share("rollout/first_wins", sum(e.returns[0] > 0 for e in episodes), games),
        **share("rollout/draws", sum(e.returns[0] == 0 for e in episodes), games),
        **share("rollout/second_wins", sum(e.returns[0] < 0 for e in episodes), games),
        **share("rollout/malformed", kinds["malformed"], len(turns)),
        **share("rollout/illegal", kinds["illegal"] + kinds["unknown"], len(turns)),
        **share("rollout/repeated_games", games - len({e.history for e in episodes}), games),
        **share("rollout/repeated_text", max(texts.values(), default=0), len(turns)),
        "rollout/opening_entropy": entropy(firsts.values()),
        **_policy_entropy(turns),
        **_rewards(episodes),
        **_against_others(episodes),
        "perf/play_seconds": seconds,
        "perf/games_per_second": games / max(seconds, 1e-9),
        "perf/plies_per_second": plies / max(seconds, 1e-9),
        **({"perf/tokens_per_second": tokens / max(seconds, 1e-9)} if tokens else {}),
    }


def _answers(episodes: Sequence[Episode], seconds: float) -> Metrics:
    """As `rollout_metrics`, where questions were answered."""
    turns = [episode.turns[-1] for episode in episodes]
    grades = Counter(turn.verdict.action for turn in turns)
    texts = Counter(turn.reply.text for turn in turns)
    logprobs = [number for turn in turns for number in turn.reply.logprobs]
    tokens, asked = sum(len(turn.reply.tokens) for turn in turns), len(turns)
    answers = grades[RIGHT] + grades[GUESSED]
    found = {
        "rollout/games": float(asked),
        **share("rollout/right", grades[RIGHT], asked),
        **share("rollout/answers", answers, asked),
        **share("rollout/guessed", grades[GUESSED], asked),
        **share("rollout/guessed_of_answers", grades[GUESSED], answers),
        **share("rollout/valid_but_wrong", grades[FINISHED], asked),
        **share("rollout/malformed", sum(not turn.verdict.legal for turn in turns), asked),
        **share("rollout/repeated_text", max(texts.values()), asked),
        "rollout/progress": sum(turn.verdict.progress for turn in turns) / asked,
        "rollout/reply_length": tokens / asked,
        "perf/play_seconds": seconds,
        "perf/games_per_second": asked / max(seconds, 1e-9),
    }
    if logprobs:
        # an unbiased estimate where tokens were sampled at temperature 1
        found["rollout/token_entropy"] = -sum(logprobs) / len(logprobs) + 0.0
        found["perf/tokens_per_second"] = tokens / max(seconds, 1e-9)
    return found


def entropy(counts: Iterable[float]) -> float:
    """Of the shares of `counts`, in nats."""
    seen = [count for count in counts if count]
    return -sum(count / sum(seen) * math.log(count / sum(seen)) for count in seen) + 0.0


def _policy_entropy(turns: Sequence[Turn]) -> Metrics:
    """Mean entropy, in nats, of the policies the student held right."""
    policies = [turn.reply.policy for turn in turns if turn.reply.policy]
    if not policies:
        return {}
    table = np.array(policies, np.float64)
    terms = np.where(table > 0, table * np.log(np.maximum(table, 1e-30)), 0.0)
    return {"rollout/policy_entropy": float(-terms.sum(1).mean())}


def _rewards(episodes: Sequence[Episode]) -> Metrics:
    """The student's mean return from each seat."""
    found: Metrics = {}
    for seat, name in enumerate(("first", "second")):
        returns = [e.returns[seat] for e in episodes if e.players[seat] == STUDENT]
        if returns:
            found[f"reward/{name}"] = sum(returns) / len(returns)
    return found


def _against_others(episodes: Sequence[Episode]) -> Metrics:
    """Points (a draw is half) against whoever is not the student: `past`, `random`, `mcts`."""
    points: dict[str, list[float]] = {}
    for episode in episodes:
        for seat in (0, 1):
            if episode.players[seat] == STUDENT and episode.players[1 - seat] != STUDENT:
                other = episode.players[1 - seat].partition("-")[0]
                points.setdefault(other, []).append((1 + episode.returns[seat]) / 2)
    found: Metrics = {}
    for other, won in points.items():
        found |= share(f"rollout/points_against_{other}", sum(won), len(won))
    return found
