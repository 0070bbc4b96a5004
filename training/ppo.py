"""Proximal policy optimisation (Schulman et al. 2017), with a value head and generalised advantages.

Deviations: in a game against itself credit runs through the decisions of both seats (`both_seats`): the opponent's
next value, with its sign turned, is an estimate of one's own that is free of what the opponent chose by chance.
"""

from __future__ import annotations

import numpy as np

from agents.episode import Episode
from training.advantages import generalised_advantages, whitened
from training.learner import Algorithm, Learner, Metrics
from training.policy_gradient import chains, last_rewards, learn, player, reward_metrics
from training.policy_losses import clipped_loss
from training.replies import decisions_of, refused, replies_of
from training.rewards import rewarded


def update(learner: Learner, episodes: list[Episode]) -> Metrics:
    """Learn from the replies of one iteration.

    Raises:
        ValueError: credit is to run through both seats, but the rewards of an episode do not add up to 0.
    """
    config = learner.config.policy_gradient
    known = rewarded(episodes, config)
    learner.faults += known.masked
    rewards, decisions = known.total, decisions_of(known.episodes)
    if config.both_seats and not np.allclose(rewards.sum(1), 0, atol=1e-5):
        raise ValueError(
            f"both_seats needs rewards that add up to 0 in every game; {config.rewards} do not: turn it off"
        )
    follows, signs = chains(decisions, both_seats=config.both_seats)
    values = np.array([decision.reply.value or 0.0 for decision in decisions], np.float32)
    advantages = generalised_advantages(
        last_rewards(decisions, rewards, follows),
        values,
        follows,
        signs,
        discount=config.discount,
        lam=config.gae_lambda,
    )
    deserved = whitened(advantages - config.refused * refused(decisions))
    replies = replies_of(learner.game, decisions, deserved, values + advantages)
    metrics = learn(
        learner,
        replies,
        policy_loss=clipped_loss(config.clip),
        epochs=config.epochs,
        value_weight=config.value_weight,
    )
    return metrics | known.metrics | reward_metrics(known.parts, decisions)


ALGORITHM = Algorithm(player, update)
