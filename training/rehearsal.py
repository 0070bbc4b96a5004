"""The rules, rehearsed while rewards are learned: the form of a reply, and which moves are legal. No skill is in it.

What policy gradients learn of `<think>` and of legal moves they learn from the rare replies that fail, and forget
between them: a move made likelier after `<think>` becomes likelier before it too. One batch of random positions gives
the exact derivative instead. Which legal move is played is left alone, as is the outcome that is claimed.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from envs.game import Game
from llm_policy.model import Transformer
from llm_policy.tokenizer import PAD
from training.examples import Batch, batch_of, without_held_out
from training.warm_up import random_examples


def random_batch(game: Game, view: str, seed: int, count: int, line: int) -> Batch:
    """Replies of random legal moves in `count` random positions, less those kept for measuring."""
    return batch_of(game, without_held_out(game, random_examples(game, seed, count, line)), view, spoken=True)


def rules_loss(model: Transformer, batch: Batch) -> Tensor:
    """-log of the probability of the form and of a legal first move, given all that stands before; mean of replies."""
    hidden = model(batch.tokens)
    logits = model.logits(hidden).float()
    rows = torch.arange(len(batch.tokens))
    moves = logits[rows, batch.think].log_softmax(-1)[:, batch.moves]
    legal = moves.masked_fill(batch.policy == 0, float("-inf")).logsumexp(-1)
    words = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=PAD, reduction="sum")
    return words / len(batch.tokens) - legal.mean()
