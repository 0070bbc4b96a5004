"""How much better than expected a decision was. Apart from the losses, so that either can be changed alone.

Decisions are flat arrays over all games, in the order in which they were made. Which decision `follows` which in the
chain along which credit runs is said by an index (-1: none), and by a sign: +1 where the same player decides again,
-1 where it is the opponent, whose gain is the player's loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from envs.game import Bools, Floats, Ints


def generalised_advantages(
    rewards: Floats, values: Floats, follows: Ints, signs: Ints, *, discount: float, lam: float
) -> Floats:
    """`[N]`: generalised advantage estimation (Schulman et al. 2016, equation 16), for chains that may change sides.

    Args:
        rewards: `[N]`: given for each decision.
        values: `[N]`: return expected by the player who decides.
        follows: `[N]`: the next decision of the chain, always a later one; -1 at its end.
        signs: `[N]`: +1 where the next decision is the same player's, -1 where it is the opponent's.
        discount: what a return keeps from one decision to the next.
        lam: 0 trusts the next value alone, 1 the rewards alone.
    """
    advantages = [0.0] * len(rewards)
    columns = zip(rewards.tolist(), values.tolist(), follows.tolist(), signs.tolist(), strict=True)
    expected = values.tolist()
    for index, (reward, value, after, sign) in reversed(list(enumerate(columns))):
        ahead = sign * (expected[after] + lam * advantages[after]) if after >= 0 else 0.0
        advantages[index] = reward + discount * ahead - value
    return np.array(advantages, np.float32)


def discounted_returns(rewards: Floats, follows: Ints, signs: Ints, *, discount: float) -> Floats:
    """`[N]`: the discounted sum of the rewards from each decision on."""
    return generalised_advantages(rewards, np.zeros_like(rewards), follows, signs, discount=discount, lam=1.0)


def minus_baseline(returns: Floats, roles: Sequence[str], baselines: dict[str, float], *, decay: float) -> Floats:
    """`[N]`: returns minus the running mean of their role, which is only then moved towards their mean.

    Subtracted before it is updated, so that no return is compared with itself; per role, since in a game against
    oneself the mean over both seats says nothing.

    Args:
        roles: `[N]`: who decided, for instance the seat.
        baselines: is updated; an unknown role begins at 0.
    """
    names = np.array(roles)
    advantages = returns - np.array([baselines.get(role, 0.0) for role in roles], np.float32)
    for role in sorted(set(roles)):
        mean = float(returns[names == role].mean())
        baselines[role] = decay * baselines.get(role, 0.0) + (1 - decay) * mean
    return advantages.astype(np.float32)


def group_mean(rewards: Floats, group: Ints) -> Floats:
    """Of each reward's group (Shao et al. 2024, DeepSeekMath, section 4.1.2)."""
    return _spread(np.bincount(group, rewards) / np.bincount(group), group)


def others_mean(rewards: Floats, group: Ints) -> Floats:
    """Of the others in each reward's group, so that none is compared with itself (Ahmadian et al. 2024, RLOO)."""
    counts = np.bincount(group)
    others = (np.bincount(group, rewards)[group] - rewards) / np.maximum(counts - 1, 1)[group]
    return np.where(counts[group] > 1, others, rewards).astype(np.float32)


def batch_mean(rewards: Floats, group: Ints) -> Floats:
    """Of all rewards."""
    return np.full_like(rewards, rewards.mean() if len(rewards) else 0)


def group_deviation(rewards: Floats, group: Ints) -> Floats:
    """Standard deviation of each reward's group + 1e-4, by which a group of equals divides its zeros."""
    counts, errors = np.bincount(group), (rewards - group_mean(rewards, group)).astype(np.float64)
    return _spread(np.sqrt(np.bincount(group, errors**2) / np.maximum(counts - 1, 1)) + 1e-4, group)


def batch_deviation(rewards: Floats, group: Ints) -> Floats:
    """Standard deviation of all rewards + 1e-4."""
    return np.full_like(rewards, (rewards.std(ddof=1) if len(rewards) > 1 else 0) + 1e-4)


def _spread(numbers: NDArray[np.float64], group: Ints) -> Floats:
    return numbers[group].astype(np.float32)


Compare = Callable[[Floats, Ints], Floats]
"""`(rewards [N], groups [N], numbered from 0) -> [N]`"""

BASELINES: dict[str, Compare] = {"group": group_mean, "leave-one-out": others_mean, "batch": batch_mean}
"""What each reward is compared with."""
SCALES: dict[str, Compare] = {
    # groups that are nearly all right or all wrong are not blown up (Liu et al. 2025, "Understanding R1-Zero-like
    # training")
    "none": lambda rewards, group: np.ones_like(rewards),
    "group": group_deviation,
    "batch": batch_deviation,
}
"""What the difference is divided by: the `scale_rewards` of TRL."""


def group_advantages(rewards: Floats, groups: Ints, baseline: str = "group", scale: str = "none") -> Floats:
    """`[N]`: rewards minus a baseline, over a scale; in a group of equals 0 where the baseline is the group's.

    Args:
        groups: `[N]`: any numbers, equal within a group.
        baseline: one of `BASELINES`.
        scale: one of `SCALES`.
    """
    group = np.unique(groups, return_inverse=True)[1]
    advantages: Floats = (rewards - BASELINES[baseline](rewards, group)) / SCALES[scale](rewards, group)
    return advantages


def undecided(rewards: Floats, groups: Ints) -> Bools:
    """`[N]`: all rewards of its group are the same, so that comparing them teaches nothing."""
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    differs = np.bincount(group, rewards != rewards[first][group])
    equal: Bools = differs[group] == 0
    return equal


def whitened(advantages: Floats) -> Floats:
    """Shifted and scaled to mean 0 and standard deviation 1."""
    scaled: Floats = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    return scaled
