"""What REINFORCE, PPO and GRPO share: which tokens get credit, the losses, and the gradient steps.

A reply is one action: all of its tokens share its advantage. Unless a config says otherwise (see `policy_losses`),
each has a probability ratio of its own, and losses are summed over the tokens of a reply and averaged over replies,
so that no length is worth more than another. With `policy_gradient.credit` = line, blame falls only where the rules
found the first fault: the lines before it were right, and what follows from it says nothing.

The log-probabilities before the update are computed anew in one pass of the learner: the sampler's are off by about
1e-2 a token, since it holds its weights in bfloat16. The pass costs about a sixth of an update of two epochs; where
all of an iteration is learned in one step it is left out, for nothing has changed yet. The values behind the
advantages are the sampler's, where that error does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from envs.game import Floats, Ints
from envs.problem import ProblemGame
from envs.random_streams import generator, stream_keys
from llm_policy.model import Transformer
from llm_policy.player import LanguageModelPlayer
from llm_policy.prompts import move_tokens
from llm_policy.tokenizer import END_THINK, VOCABULARY_SIZE, WORDS
from training.learner import Learner, Metrics, gradient_step, mean_of
from training.policy_losses import PolicyLoss, Terms
from training.reading import drawn_tasks, words_loss, worked
from training.rehearsal import random_batch, rules_loss
from training.replies import Decision, Replies, Scores, autocast, score

_SHUFFLE, _REHEARSAL = 5, 7
_BREAKS = torch.tensor([word.count("\n") for word in WORDS] + [0] * (VOCABULARY_SIZE - len(WORDS)))
CHUNK = 1024
"""replies read at once where no gradient is wanted"""


def player(learner: Learner, model: Transformer, name: str) -> LanguageModelPlayer:
    """The model itself, by chance as it sees fit."""
    c = learner.config.policy_gradient
    return LanguageModelPlayer(model, learner.config.view, c.temperature, c.mask, c.max_new, name)


def chains(decisions: Sequence[Decision], *, both_seats: bool) -> tuple[Ints, Ints]:
    """Which decision comes next for credit (`follows` and `signs`, see `training.advantages`).

    Args:
        both_seats: the next decision of the game, whoever's it is; otherwise the next one of the same seat.
    """
    follows, signs = np.full(len(decisions), -1), np.ones(len(decisions), np.int64)
    later: dict[tuple[int, int], int] = {}
    for index, decision in reversed(list(enumerate(decisions))):
        key = (decision.episode, 0 if both_seats else decision.seat)
        if key in later:
            follows[index] = later[key]
            signs[index] = 1 if decisions[later[key]].seat == decision.seat else -1
        later[key] = index
    return follows, signs


def last_rewards(decisions: Sequence[Decision], rewards: Floats, follows: Ints) -> Floats:
    """`[N]`: the reward of the game and seat (`rewards` `[episodes, 2]`) at the end of each chain, 0 before."""
    whole = np.array([rewards[d.episode, d.seat] for d in decisions], np.float32)
    return np.where(follows < 0, whole, 0).astype(np.float32)


def decides(scores: Scores, moves: Tensor) -> Tensor:
    """`[M]` of bool: the first token of each reply that is one of `moves`: the others follow it, or are form."""
    named = torch.isin(scores.tokens, moves)
    return named & (_before(scores, named.long()) == 0)


def credited(scores: Scores, replies: Replies) -> Tensor:
    """`[M]`: the advantage of each token: its reply's, or 0 where that is negative and another line is to blame.

    Where the line named was never written (a reply that stops too soon), all of the reply is to blame.
    """
    advantages = replies.advantages[scores.rows]
    if replies.faults is None:
        return advantages
    faults = replies.faults[scores.rows]
    lines = 1 + _before(scores, _BREAKS[scores.tokens])
    thought = _before(scores, (scores.tokens == END_THINK).long()) == 0
    blamed = thought & (lines == faults)
    written = torch.zeros_like(replies.faults).index_add(0, scores.rows, blamed.long())[scores.rows] > 0
    blameless = (faults > 0) & written & ~blamed
    return advantages.masked_fill(blameless & (advantages < 0), 0.0)


def _before(scores: Scores, counts: Tensor) -> Tensor:
    """`[M]`: the sum of `counts` (`[M]`) over the tokens of the reply before each."""
    so_far = counts.cumsum(0) - counts
    return so_far - so_far[torch.searchsorted(scores.rows, scores.rows)]


def total_loss(
    scores: Scores,
    before: Tensor,
    replies: Replies,
    policy_loss: PolicyLoss,
    value_weight: float,
    entropy: float,
    open_tokens: Tensor | None = None,
    reference: Tensor | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Policy loss + `value_weight` * squared error of the value - `entropy` * entropy, and numbers to look at.

    Args:
        open_tokens: `[M]` of bool: the tokens whose entropy counts; None: all.
        reference: `[M]`: the log-probabilities of the policy not to be left, where the policy loss asks for it.
    """
    count = len(replies)
    policy = policy_loss(
        Terms(
            scores.logprobs,
            before,
            credited(scores, replies),
            scores.rows,
            count,
            scores.entropy.detach(),
            reference,
        )
    )
    known = ~replies.returns.isnan()
    errors = (scores.values - replies.returns.nan_to_num()).square() * known
    value = errors.sum() / known.sum().clamp_min(1)
    bonus = (scores.entropy if open_tokens is None else scores.entropy * open_tokens).sum() / count
    change = scores.logprobs.detach() - before
    parts = {
        "policy": policy.detach(),
        "value": value.detach(),
        "entropy": bonus.detach(),
        # Schulman's estimator of the divergence from the policy before the update, never negative
        "divergence": (change.exp() - 1 - change).sum() / count,
    }
    return policy + value_weight * value - entropy * bonus, parts


def learn(
    learner: Learner,
    replies: Replies,
    *,
    policy_loss: PolicyLoss,
    epochs: int,
    value_weight: float,
    reference: Transformer | None = None,
) -> Metrics:
    """Gradient steps over all replies, `epochs` times, in a new order each time; means over the steps.

    Args:
        reference: the policy not to be left, where the policy loss asks for it.
    """
    config = learner.config.policy_gradient
    once = epochs == 1 and len(replies) <= config.batch
    before = None if once else _logprobs(learner.model, replies)
    anchor = None if reference is None else _logprobs(reference, replies)
    done = min(1.0, learner.iteration / max(1, learner.config.iterations))
    entropy = config.entropy + (config.final_entropy - config.entropy) * done
    moves = torch.from_numpy(move_tokens(learner.game))
    rows: list[Metrics] = []
    for epoch in range(epochs if len(replies) else 0):
        random = generator(learner.key(_SHUFFLE, learner.iteration, epoch))
        order = torch.from_numpy(random.permutation(len(replies)))
        for index in order.split(config.batch):
            part = replies.at(index)
            scores = _scored(learner.model, part)
            where = index[scores.rows], _places(scores, part)
            old = scores.logprobs.detach() if before is None else before[where]
            far = None if anchor is None else anchor[where]
            loss, parts = total_loss(
                scores,
                old,
                part,
                policy_loss,
                value_weight,
                entropy,
                decides(scores, moves) if len(moves) else None,
                far,
            )
            if 0 < config.divergence < float(parts["divergence"]):
                return _summary(rows, entropy)
            loss.backward()
            rows.append({name: float(number) for name, number in parts.items()})
            if config.rehearsal:
                rows[-1]["rules"] = _rehearse(learner)
            rows[-1]["gradient_norm"] = gradient_step(learner)
    return _summary(rows, entropy)


def _logprobs(model: Transformer, replies: Replies) -> Tensor:
    """`[N, T]`: of the tokens of each reply from its beginning, 0 after its end."""
    found = torch.zeros(replies.tokens.shape)
    with torch.no_grad():
        for start in range(0, len(replies), CHUNK):
            part = replies.at(slice(start, start + CHUNK))
            scores = _scored(model, part)
            found[start + scores.rows, _places(scores, part)] = scores.logprobs
    return found


def _summary(rows: list[Metrics], entropy: float) -> Metrics:
    return mean_of(rows) | {"entropy_weight": entropy, "gradient_steps": float(len(rows))}


def _rehearse(learner: Learner) -> float:
    c = learner.config
    seed = learner.key(_REHEARSAL, learner.steps)
    if isinstance(learner.game, ProblemGame):
        keys = stream_keys(seed, np.arange(c.policy_gradient.rehearsal))
        loss = words_loss(learner.model, *worked(drawn_tasks(learner.game, c.problem, keys)))
    else:
        batch = random_batch(learner.game, c.view, seed, c.policy_gradient.rehearsal, c.search.line)
        loss = rules_loss(learner.model, batch)
    loss.backward()
    return float(loss.detach())


def _scored(model: Transformer, replies: Replies) -> Scores:
    with autocast(replies):
        return score(model, replies)


def _places(scores: Scores, replies: Replies) -> Tensor:
    """`[M]`: the number of each token within its reply."""
    lengths = replies.ends - replies.starts
    return torch.arange(len(scores.rows)) - (lengths.cumsum(0) - lengths)[scores.rows]


def reward_metrics(parts: dict[str, Floats], decisions: Sequence[Decision]) -> Metrics:
    """Each reward's mean over the games and seats in which the student decided something."""
    seats = sorted({(decision.episode, decision.seat) for decision in decisions})
    where = tuple(np.array(seats).reshape(-1, 2).T)
    return {f"reward/{name}": float(part[where].mean()) for name, part in parts.items()} if seats else {}
