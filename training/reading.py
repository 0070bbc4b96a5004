"""Reading: worked solutions, learned as they stand, before anything is practised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from envs.game import Ints, padded
from envs.problem import TRAIN, ProblemGame, Task, questions
from envs.random_streams import stream_keys, uniform
from envs.reply import format_reply
from llm_policy.model import Transformer
from llm_policy.policy_value import inference_dtype
from llm_policy.prompts import question_tokens
from llm_policy.tokenizer import EOS, PAD, encode
from training.config import ProblemConfig
from training.learner import Learner, Metrics, gradient_step

_READ = 3
EVEN = 64
"""Long texts are filled up to a multiple of so many tokens."""


def read(learner: Learner, step: int) -> Metrics:
    """One gradient step on the worked solutions of questions that were not seen before."""
    config = learner.config
    count = config.warm_up.batch
    keys = stream_keys(config.seed, _READ, step, np.arange(count))
    tasks = drawn_tasks(cast(ProblemGame, learner.game), config.problem, keys)
    whole = getattr(cast(ProblemGame, learner.game).problem, "whole", False)
    with torch.autocast("cpu", torch.bfloat16, enabled=inference_dtype() is torch.bfloat16):
        loss = words_loss(learner.model, *worked(tasks, whole=whole), whole=whole)
    loss.backward()
    return {"words": float(loss.detach()), "gradient_norm": gradient_step(learner)}


def drawn_tasks(game: ProblemGame, config: ProblemConfig, keys: NDArray[np.uint64]) -> list[Task]:
    """Questions to learn from at random addresses (`[B]`)."""
    levels = drawn_levels(config.levels, uniform(keys, 1)[:, 0])
    return questions(game.problem, np.full(len(keys), TRAIN), levels, np.array(question_numbers(keys)))


def question_numbers(keys: NDArray[np.uint64]) -> list[int]:
    """The numbers of questions at random addresses (`[B]`)."""
    return [int(key) for key in keys >> np.uint64(16)]


def drawn_levels(levels: tuple[int, int], draws: NDArray[np.float64]) -> Ints:
    """`[B]`: from the lowest to the highest of `levels`, equally likely, for `draws` (`[B]` in [0, 1))."""
    lowest, highest = levels
    return (lowest + draws * (highest - lowest + 1)).astype(np.int64)


def worked(tasks: Sequence[Task], *, whole: bool = False) -> tuple[Tensor, Tensor]:
    """Questions with their worked solutions as tokens `[B, T]`, and the targets: PAD over the question, if not `whole`.

    A question that is worth learning itself (a game whose every move is one) is learned with its answer.
    """
    return written(tasks, [format_reply(task.solution, task.answer) for task in tasks], whole=whole)


def written(tasks: Sequence[Task], replies: Sequence[str], *, whole: bool = False) -> tuple[Tensor, Tensor]:
    """Questions with these replies as tokens `[B, T]`, and the targets `[B, T]`: PAD where nothing is to be learned."""
    prompts, lengths = question_tokens(tasks)
    rows = [
        [*prompt[:length], *encode(reply), EOS]
        for prompt, length, reply in zip(prompts.tolist(), lengths.tolist(), replies, strict=True)
    ]
    tokens = np.where((table := padded(rows)) >= 0, table, PAD)
    if whole:
        # games are of all lengths, and a matrix of a new shape costs memory that is never given back
        tokens = np.pad(tokens, ((0, 0), (0, -tokens.shape[1] % EVEN)), constant_values=PAD)
    targets = np.full_like(tokens, PAD)
    targets[:, :-1] = tokens[:, 1:]
    if not whole:
        targets[np.arange(tokens.shape[1]) < lengths[:, None] - 1] = PAD
    return torch.from_numpy(tokens), torch.from_numpy(targets)


def words_loss(model: Transformer, tokens: Tensor, targets: Tensor, *, whole: bool = False) -> Tensor:
    """Cross-entropy of the targets, in nats, mean over their tokens; `whole`: nearly every token has one."""
    if whole:  # the same few shapes again and again, see `written`
        every = model.logits(model(tokens[:, :-1]))
        return F.cross_entropy(every.float().flatten(0, 1), targets[:, :-1].flatten(), ignore_index=PAD)
    rows, columns = (targets != PAD).nonzero().T
    logits = model.logits(model(tokens[:, :-1])[rows, columns])
    return F.cross_entropy(logits.float(), targets[rows, columns])
