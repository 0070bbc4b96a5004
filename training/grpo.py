"""Group relative policy optimisation (Shao et al. 2024): games from one position are compared with each other.

A group is `policy_gradient.group` games from one opening, with the same players in the same seats; each seat's
result is compared with the others of that seat in the group, and all its replies in the game share the difference.
How it is compared is put together out of `advantages.BASELINES` and `SCALES`, the loss out of the parts in
`policy_losses`: their tables say which choice is whose.

Deviations, unless a config says otherwise: no divergence from a reference policy; no division by the group's standard
deviation; losses are summed over a reply's tokens instead of averaged, so that length is neither paid nor punished
(as in Liu et al. 2025, "Understanding R1-Zero-like training"); groups in which all is equal are left out (DAPO).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from agents.episode import Episode
from envs.game import Bools, Floats, Ints
from llm_policy.policy_value import frozen_copy
from training.advantages import group_advantages, undecided
from training.config import Config, PolicyGradientConfig
from training.learner import Algorithm, Learner, Metrics
from training.policy_gradient import learn, player, reward_metrics
from training.policy_losses import group_loss
from training.replies import Decision, decisions_of, refused, replies_of
from training.rewards import Rewarded, rewarded


def group(config: Config) -> int:
    """Games from one opening."""
    return config.policy_gradient.group


def missing(learner: Learner, episodes: list[Episode]) -> int:
    """Games to be played until as many as `play.games` are in groups that differ in something."""
    config = learner.config
    known = _rewarded(config.policy_gradient, episodes)
    equal = equals(known.total, _groups(config, known.episodes)).all(1)
    games = max(0, config.play.games - int((~equal).sum()))
    # some of a group may have been left out, and a group is never played in parts
    return -(-games // group(config)) * group(config)


def update(learner: Learner, episodes: list[Episode]) -> Metrics:
    """Learn from the replies of one iteration."""
    config = learner.config.policy_gradient
    known = _rewarded(config, episodes)
    learner.faults += known.masked
    episodes, rewards = known.episodes, known.total
    groups = _groups(learner.config, episodes)
    by_seat = [group_advantages(rewards[:, seat], groups, config.baseline, config.scale) for seat in (0, 1)]
    decisions = decisions_of(episodes)
    metrics = known.metrics | reward_metrics(known.parts, decisions)
    advantages = np.array([by_seat[decision.seat][decision.episode] for decision in decisions], np.float32)
    advantages -= config.refused * refused(decisions)
    equal = equals(rewards, groups)
    if config.drop:
        idle = np.array([equal[decision.episode, decision.seat] for decision in decisions], bool) & (advantages == 0)
        decisions = [decision for decision, drop in zip(decisions, idle, strict=True) if not drop]
        advantages = advantages[~idle]
    nothing = np.full(len(decisions), np.nan)
    replies = replies_of(learner.game, decisions, advantages, nothing, config.credit)
    if config.kl and learner.reference is None:
        learner.reference = frozen_copy(learner.model, torch.float32)
    learned = learn(
        learner,
        replies,
        policy_loss=group_loss(config),
        epochs=config.epochs,
        value_weight=0.0,
        reference=learner.reference,
    )
    firsts = np.unique(groups, return_index=True)[1]
    return learned | {"groups_with_signal": float(1 - equal[firsts].all(1).mean())} | metrics


def equals(rewards: Floats, groups: Ints) -> Bools:
    """`[N, 2]`: the group's rewards (`[N, 2]`) in that seat are all the same."""
    return np.stack([undecided(rewards[:, seat], groups) for seat in (0, 1)], 1)


def overlong(decisions: Sequence[Decision], games: int, longest: int, margin: int) -> Floats:
    """`[games, 2]`: how far, from 0 to 1, a seat's replies reach on average into the last `margin` of `longest` tokens.

    DAPO's soft punishment (Yu et al. 2025, equation 13), without its sign.
    """
    reach, count = np.zeros((games, 2)), np.zeros((games, 2))
    for decision in decisions:
        length = len(decision.reply.tokens)
        reach[decision.episode, decision.seat] += min(1.0, max(0.0, (length - longest + margin) / margin))
        count[decision.episode, decision.seat] += 1
    found: Floats = (reach / np.maximum(count, 1)).astype(np.float32)
    return found


def _groups(config: Config, episodes: Sequence[Episode]) -> Ints:
    return np.array([episode.number // group(config) for episode in episodes], np.int64)


def _rewarded(config: PolicyGradientConfig, episodes: Sequence[Episode]) -> Rewarded:
    """As `rewarded`, with the cost of replies that are too long."""
    known = rewarded(episodes, config)
    if not config.overlong:
        return known
    cost = overlong(decisions_of(known.episodes), len(known.episodes), config.max_new, config.overlong)
    total = known.total - np.float32(config.overlong_cost) * cost
    return known._replace(total=total, parts=known.parts | {"overlong": cost})


ALGORITHM = Algorithm(player, update, group, missing)
