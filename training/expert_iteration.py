"""Expert iteration (Anthony et al. 2017), the AlphaGo Zero way with a language model.

The teacher is a search over the model's own move probabilities and value; the model learns the improved policy, the
value, and to write the search's principal line as its thinking.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from agents.episode import Episode
from agents.search_player import SearchPlayer, with_rollouts
from envs.random_streams import generator
from llm_policy.model import Transformer
from llm_policy.policy_value import PolicyValue, frozen_copy, inference_dtype
from llm_policy.tokenizer import PAD
from training.config import Config
from training.examples import Batch, batch_of, examples_of, remembered, select, turned, without_held_out
from training.learner import STUDENT, Algorithm, Learner, Metrics, gradient_step, mean_of

_UPDATE = 4


def loss(model: Transformer, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """Cross-entropy to the teacher's policy and words, squared error to its value; the sum and its parts."""
    hidden = model(batch.tokens)
    logits = model.logits(hidden)
    rows = torch.arange(len(batch.tokens))
    policy_logits = logits[rows, batch.think].log_softmax(-1)[:, batch.moves]
    cross_entropy = -(batch.policy * policy_logits).sum(-1).mean()
    entropy = -(batch.policy * batch.policy.clamp_min(1e-9).log()).sum(-1).mean()
    value = F.mse_loss(model.value(hidden[rows, batch.think]), batch.value)
    words = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=PAD, reduction="sum")
    words = words / len(batch.tokens)
    parts = {"policy": (cross_entropy - entropy).detach(), "value": value.detach(), "words": words.detach()}
    return cross_entropy + value + words, parts


def player(learner: Learner, model: Transformer, name: str) -> SearchPlayer:
    """The teacher: search with these weights."""
    config = learner.config
    share = rollout_share(config, learner.iteration)
    evaluate = with_rollouts(PolicyValue(frozen_copy(model), config.view), share)
    return SearchPlayer(evaluate, config.search, config.expert_iteration.sampled_plies, name)


def rollout_share(config: Config, iteration: int) -> float:
    """What random games still say in the teacher's values: less and less, as the model learns to judge by itself."""
    c = config.expert_iteration
    return c.rollout_share * max(0.0, 1 - iteration / max(1.0, c.rollout_until * config.iterations))


def update(learner: Learner, episodes: list[Episode]) -> Metrics:
    """Remember what the search found, and learn from a sample of all that is remembered."""
    config, game = learner.config.expert_iteration, learner.game
    search = learner.config.search
    fresh = examples_of(
        game, episodes, line=search.line, discount=search.discount, outcome_share=config.outcome_share, player=STUDENT
    )
    learner.buffer = remembered(learner.buffer, without_held_out(game, fresh), config.buffer)
    rows = [
        _step(learner, generator(learner.key(_UPDATE, learner.iteration, step)))
        for step in range(max(1, round(len(fresh.value) * config.reuse / config.batch)))
    ]
    return mean_of(rows)


def _step(learner: Learner, random: np.random.Generator) -> Metrics:
    config, game, buffer = learner.config.expert_iteration, learner.game, learner.buffer
    assert buffer is not None
    chosen = random.integers(0, len(buffer.value), config.batch)
    examples = turned(game, select(buffer, chosen), random.integers(0, len(game.symmetries), config.batch))
    spoken = round(config.batch * config.spoken)
    numbers: Metrics = {}
    for part, whole in ((slice(0, spoken), True), (slice(spoken, config.batch), False)):
        if part.start == part.stop:
            continue
        with torch.autocast("cpu", torch.bfloat16, enabled=inference_dtype() is torch.bfloat16):
            total, parts = loss(
                learner.model, batch_of(game, select(examples, part), learner.config.view, spoken=whole)
            )
        share = (part.stop - part.start) / config.batch
        (total * share).backward()
        for name, value in parts.items():
            numbers[name] = numbers.get(name, 0.0) + float(value) * share
    numbers["words"] /= max(config.spoken, 1e-9)
    numbers["gradient_norm"] = gradient_step(learner)
    return numbers


ALGORITHM = Algorithm(player, update)
