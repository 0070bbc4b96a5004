"""Experience: the learner against itself, its past, random moves and plain search, from random openings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from agents.agent import Agent
from agents.episode import Episode, Turn
from agents.play import Match, play, random_openings
from agents.random_player import RandomPlayer
from agents.search_player import mcts_player
from envs.game import Ints
from envs.problem import TRAIN, ProblemGame
from envs.random_streams import stream_keys, uniform
from training.learner import STUDENT, Algorithm, Learner
from training.reading import drawn_levels, question_numbers

_OPENING, _OPPONENT = 1, 2


Told = Callable[[Match, Turn], None]
"""Hears of every turn; while games are played in several threads, from each of them."""


def self_play(learner: Learner, algorithm: Algorithm, on_turn: Told | None = None) -> list[Episode]:
    """The games of one iteration, in the order of their numbers, those included that were played again (`refills`)."""
    episodes = _games(learner, algorithm, learner.config.play.games, on_turn)
    for _ in range(learner.config.policy_gradient.refills):
        missing = algorithm.missing(learner, episodes)
        if not missing:
            break
        episodes += _games(learner, algorithm, missing, on_turn)
    return episodes


def _games(learner: Learner, algorithm: Algorithm, count: int, on_turn: Told | None) -> list[Episode]:
    """The next `count` games.

    They are played in `config.threads` parts side by side, each on one core: small matrices gain nothing from
    several. What is played does not depend on which part is faster.
    """
    config = learner.config
    numbers = np.arange(learner.games, learner.games + count)
    matches = _matches(learner, algorithm, numbers)

    def part(index: int) -> list[Episode]:
        torch.set_num_threads(1)
        return list(play(learner.game, matches[index :: config.threads], seed=config.seed, on_turn=on_turn))

    with ThreadPoolExecutor(config.threads) as pool:
        parts = list(pool.map(part, range(config.threads)))
    torch.set_num_threads(config.threads)
    learner.games += len(numbers)
    return sorted((episode for episodes in parts for episode in episodes), key=lambda episode: episode.number)


def _matches(learner: Learner, algorithm: Algorithm, numbers: Ints) -> list[Match]:
    config = learner.config.play
    student = algorithm.player(learner, learner.model, STUDENT)
    others: list[tuple[float, Agent]] = [
        (config.random_share, RandomPlayer()),
        (config.search_share, mcts_player(config.search_rollouts)),
    ]
    for number, past in enumerate(learner.pool):
        others.append((config.past_share / len(learner.pool), algorithm.player(learner, past, f"past-{number}")))
    groups = numbers // algorithm.group(learner.config)
    draws = uniform(stream_keys(learner.config.seed, _OPPONENT, groups), 1)[:, 0]
    chosen = np.searchsorted(np.cumsum([share for share, _ in others]), draws, side="right")
    opponents = [*(agent for _, agent in others), student]
    openings = _openings(learner, algorithm, groups)
    matches = []
    for number, group, choice, opening in zip(numbers.tolist(), groups.tolist(), chosen, openings, strict=True):
        seats = (student, opponents[choice]) if group % 2 else (opponents[choice], student)
        matches.append(Match(number, seats, opening))
    return matches


def _openings(learner: Learner, algorithm: Algorithm, groups: Ints) -> list[tuple[int, ...]]:
    """Of each group: random moves, or where the world is a problem the address of a question."""
    keys = stream_keys(learner.config.seed, _OPENING, groups)
    draws = uniform(keys, 1)[:, 0]
    if isinstance(learner.game, ProblemGame):
        levels = drawn_levels(algorithm.levels(learner), draws)
        return [(TRAIN, level, number) for level, number in zip(levels.tolist(), question_numbers(keys), strict=True)]
    plies = (draws * (learner.config.play.opening_plies + 1)).astype(np.int64)
    return random_openings(learner.game, keys.astype(np.int64), plies, _OPENING)
