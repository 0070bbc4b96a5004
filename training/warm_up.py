"""Warm-up: supervised learning on replies of random legal moves. It teaches the form, and no skill at all.

With `value` the critic learns what such play is worth, from how the random games ended; the moves stay random.
"""

from __future__ import annotations

import numpy as np

from envs.game import Game, random_actions
from envs.random_streams import generator, stream_keys, uniform
from training.examples import Examples, batch_of, without_held_out
from training.expert_iteration import loss
from training.learner import Learner, Metrics, gradient_step

_WARM_UP = 3


def random_examples(game: Game, seed: int, count: int, line: int, *, value: bool = False) -> Examples:
    """Positions out of random games, each with a random legal line, a random outcome and even chances for all moves.

    The value is 0, or with `value` how the game ended for the player to move.
    """
    random = generator(seed)
    draws = uniform(stream_keys(seed, np.arange(count)), game.max_plies)
    state = game.initial(count)
    moves = np.full((count, game.max_plies), -1, np.int8)
    legal = np.zeros((count, game.max_plies, len(game.moves)), bool)
    seats = np.zeros((count, game.max_plies), np.int64)
    for ply in range(game.max_plies):
        mask = game.legal_mask(state)
        legal[:, ply] = mask
        seats[:, ply] = game.to_move(state)
        actions = random_actions(mask, draws[:, ply])
        moves[:, ply] = np.where(game.done(state), -1, actions)
        state = game.step(state, actions)
    plies = (random.random(count) * (moves >= 0).sum(1)).astype(int)
    place = np.arange(game.max_plies)
    rows = np.arange(count)
    ended = game.returns(state)[rows, seats[rows, plies]]
    policy = legal[rows, plies].astype(np.float32)
    ahead = plies[:, None] + np.arange(line)
    lines = np.where(ahead < game.max_plies, moves[rows[:, None], np.minimum(ahead, game.max_plies - 1)], -1)
    lines = np.where(np.arange(line) < random.integers(1, line + 1, (count, 1)), lines, -1)
    return Examples(
        histories=np.where(place < plies[:, None], moves, -1).astype(np.int8),
        policy=policy / policy.sum(1, keepdims=True),
        value=ended if value else np.zeros(count, np.float32),
        outcome=random.integers(-1, 2, count).astype(np.float32),
        lines=lines.astype(np.int8),
    )


def warm_up(learner: Learner, step: int) -> Metrics:
    """One gradient step on random replies."""
    config = learner.config
    seed = learner.key(_WARM_UP, step)
    examples = random_examples(learner.game, seed, config.warm_up.batch, config.search.line, value=config.warm_up.value)
    examples = without_held_out(learner.game, examples)
    total, parts = loss(learner.model, batch_of(learner.game, examples, config.view, spoken=True))
    total.backward()
    norm = gradient_step(learner)
    return {
        "words": float(parts["words"]),
        "policy": float(parts["policy"]),
        "value": float(parts["value"]),
        "gradient_norm": norm,
    }
