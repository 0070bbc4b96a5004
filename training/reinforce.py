"""REINFORCE (Williams 1992) with a running baseline for each seat.

In a game against oneself the mean over both seats is 0 whatever is played, so each seat has a mean of its own; it is
part of the checkpoint (`learner.baselines`).
"""

from __future__ import annotations

import numpy as np

from agents.episode import Episode
from training.advantages import discounted_returns, minus_baseline
from training.learner import Algorithm, Learner, Metrics
from training.policy_gradient import chains, last_rewards, learn, player, reward_metrics
from training.policy_losses import likelihood_loss
from training.replies import decisions_of, refused, replies_of
from training.rewards import rewarded

_ROLES = ("first", "second")


def update(learner: Learner, episodes: list[Episode]) -> Metrics:
    """Learn from the replies of one iteration, in one pass."""
    config = learner.config.policy_gradient
    known = rewarded(episodes, config)
    learner.faults += known.masked
    rewards, decisions = known.total, decisions_of(known.episodes)
    follows, signs = chains(decisions, both_seats=False)
    returns = discounted_returns(last_rewards(decisions, rewards, follows), follows, signs, discount=config.discount)
    roles = [_ROLES[decision.seat] for decision in decisions]
    advantages = minus_baseline(returns, roles, learner.baselines, decay=config.baseline_decay)
    advantages -= config.refused * refused(decisions)
    nothing = np.full(len(decisions), np.nan)
    replies = replies_of(learner.game, decisions, advantages, nothing)
    metrics = learn(learner, replies, policy_loss=likelihood_loss, epochs=1, value_weight=0.0)
    baselines = {f"baseline/{role}": learner.baselines.get(role, 0.0) for role in _ROLES}
    return metrics | baselines | known.metrics | reward_metrics(known.parts, decisions)


ALGORITHM = Algorithm(player, update)
