"""The losses of policy gradients, put together out of small parts that can be exchanged one by one.

    loss = average(surrogate(ratio) + kl * divergence from a reference)

with a `ratio` of each token or of a whole reply to what it was before the update, a `surrogate` that bounds it, and an
`average` over tokens and replies. What is known under names of its own, with its paper at arXiv:

| name | paper | ratio | surrogate | average |
|---|---|---|---|---|
| PPO, a reply being one action | 1707.06347 | token | clipped | sum |
| GRPO | 2402.03300 | token | clipped | reply |
| DAPO, with `clip_high` | 2503.14476 | token | clipped | token |
| Dr. GRPO | 2503.20783 | token | clipped | fixed |
| GSPO | 2507.18071 | reply | clipped | reply |
| LUSPO | 2602.05261 | reply | clipped | sum |
| CISPO | 2506.13585 | token | cispo | token |
| SAPO | 2511.20347 | token | soft | reply |
| VESPO | 2602.10693 | token | gamma | token |
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from training.config import PolicyGradientConfig


class Terms(NamedTuple):
    """What a loss is made of: `M` tokens of `number` replies, reply by reply."""

    logprobs: Tensor
    """`[M]`"""
    before: Tensor
    """`[M]`: the log-probabilities before the update"""
    advantages: Tensor
    """`[M]`: of the reply of each token"""
    rows: Tensor
    """`[M]`: the number of that reply, 0 to `number` - 1"""
    number: int
    """of replies"""
    entropy: Tensor | None = None
    """`[M]`: of the distribution of which each token was drawn, in nats; only `top_entropy` asks for it"""
    reference: Tensor | None = None
    """`[M]`: the log-probabilities of the policy not to be left; only `kl` asks for it"""

    def sums(self, numbers: Tensor) -> Tensor:
        """`[number]`: of `numbers` (`[M]`) over each reply."""
        return numbers.new_zeros(self.number).index_add(0, self.rows, numbers)

    def means(self, numbers: Tensor) -> Tensor:
        """`[number]`."""
        return self.sums(numbers) / self.sums(torch.ones_like(numbers)).clamp_min(1)


PolicyLoss = Callable[[Terms], Tensor]
"""To a single number."""


class Limits(NamedTuple):
    """How far a ratio may lie from 1 before it counts no more: `low` below, `high` above, and `cap` at most."""

    low: float
    high: float
    cap: float = math.inf


# How much likelier, in logarithms, [M]


def token_ratio(terms: Terms) -> Tensor:
    """Each token for itself."""
    return terms.logprobs - terms.before


def reply_ratio(terms: Terms) -> Tensor:
    """The whole reply, by the geometric mean over its tokens (GSPO)."""
    return terms.means(terms.logprobs - terms.before)[terms.rows]


RATIOS: dict[str, Callable[[Terms], Tensor]] = {"token": token_ratio, "reply": reply_ratio}


# What is to be made small, [M]


def clipped(terms: Terms, ratio: Tensor, limits: Limits) -> Tensor:
    """PPO's (Schulman et al. 2017, equation 7). `high` apart from `low` is DAPO's clip-higher; `cap` bounds what one
    token of negative advantage can do (dual clip, Ye et al. 2020, arXiv 1912.09729).
    """
    within = ratio.clamp(1 - limits.low, 1 + limits.high) * terms.advantages
    return -torch.minimum(ratio.clamp(max=limits.cap) * terms.advantages, within)


def cispo(terms: Terms, ratio: Tensor, limits: Limits) -> Tensor:
    """The score-function estimator with bounded weights, so that no token is without gradient."""
    return -ratio.clamp(max=1 + limits.high).detach() * terms.advantages * terms.logprobs


def soft(terms: Terms, ratio: Tensor, limits: Limits) -> Tensor:
    """A gate that closes smoothly on both sides, sooner for negative advantages."""
    sharpness = torch.where(terms.advantages > 0, 1.0, 1.05).to(ratio)
    return -torch.sigmoid(sharpness * (ratio - 1)) * 4 / sharpness * terms.advantages


def gamma(terms: Terms, ratio: Tensor, limits: Limits) -> Tensor:
    """Weights w^k exp(l - l w) of the whole reply's ratio w, greatest at k / l."""
    with torch.no_grad():
        log = terms.sums((terms.logprobs - terms.before).clamp(-20, 20)).clamp(math.log(1e-8), 20)[terms.rows]
        gains = terms.advantages >= 0
        k, fall = torch.where(gains, 2.0, 3.0).to(log), torch.where(gains, 3.0, 2.0).to(log)
        weight = (fall + k * log - fall * log.exp()).exp()
    return -weight * terms.advantages * terms.logprobs


SURROGATES: dict[str, Callable[[Terms, Tensor, Limits], Tensor]] = {
    "clipped": clipped,
    "cispo": cispo,
    "soft": soft,
    "gamma": gamma,
}


# Over tokens and replies, to a single number; `longest` tokens has a reply at most


def sum_average(terms: Terms, losses: Tensor, longest: int) -> Tensor:
    """The mean over replies of the sum over their tokens: no length is worth more than another."""
    return losses.sum() / terms.number


def reply_average(terms: Terms, losses: Tensor, longest: int) -> Tensor:
    """The mean over replies of the mean over their tokens: a token of a long reply counts for less."""
    return terms.means(losses).mean()


def token_average(terms: Terms, losses: Tensor, longest: int) -> Tensor:
    """The mean over all tokens."""
    return losses.sum() / max(1, len(losses))


def fixed_average(terms: Terms, losses: Tensor, longest: int) -> Tensor:
    """The sum over tokens, as if all replies had the greatest length."""
    return losses.sum() / (terms.number * longest)


AVERAGES: dict[str, Callable[[Terms, Tensor, int], Tensor]] = {
    "sum": sum_average,
    "reply": reply_average,
    "token": token_average,
    "fixed": fixed_average,
}


# What may be left out, [M] of bool


def near(terms: Terms, farthest: float) -> Tensor:
    """Replies to be learned: not those of negative advantage that were `farthest` nats a token likelier before.

    DeepSeek-V3.2 (arXiv 2512.02556), on off-policy sequences.
    """
    gone = terms.means((terms.before - terms.logprobs).detach())[terms.rows]
    return (terms.advantages >= 0) | (gone <= farthest)


def uncertain(entropy: Tensor, share: float) -> Tensor:
    """The `share` of all tokens at which the choice was widest ("Beyond the 80/20 rule", arXiv 2506.01939)."""
    return entropy >= torch.quantile(entropy, 1 - share)


def group_loss(config: PolicyGradientConfig) -> PolicyLoss:
    """The loss that a config puts together, all parts but the entropy bonus."""
    limits = Limits(config.clip, config.clip_high or config.clip, config.ratio_cap or math.inf)

    def loss(terms: Terms) -> Tensor:
        ratio = RATIOS[config.ratio](terms).exp()
        losses = SURROGATES[config.surrogate](terms, ratio, limits)
        if config.off_policy:
            losses = losses * near(terms, config.off_policy)
        if config.top_entropy < 1 and terms.entropy is not None:
            losses = losses * uncertain(terms.entropy.detach(), config.top_entropy)
        if config.kl and terms.reference is not None:
            ahead = terms.reference - terms.logprobs
            # Schulman's estimator k3; times the ratio its gradient is that of the divergence, though the tokens are
            # of the policy before the update (DeepSeek-V3.2)
            losses = losses + config.kl * (ahead.exp() - ahead - 1) * (ratio if config.kl_corrected else 1)
        return AVERAGES[config.average](terms, losses, config.max_new)

    return loss


def likelihood_loss(terms: Terms) -> Tensor:
    """The score-function estimator (Williams 1992), summed over the tokens of a reply."""
    return sum_average(terms, -terms.advantages * terms.logprobs, 0)


def clipped_loss(clip: float) -> PolicyLoss:
    """PPO's, summed over the tokens of a reply."""
    return lambda terms: sum_average(terms, clipped(terms, token_ratio(terms).exp(), Limits(clip, clip)), 0)
