"""Distillation: a student learns, token by token, the distribution of a teacher that is larger or has practised longer.

Who writes the replies is one question, how the two distributions are compared another:

- `distillation.own`: the share of the questions or positions that the student answers itself. What it learns there is
  what the teacher would have said next in the student's own words, mistakes included (on-policy: Agarwal et al. 2024,
  "On-policy distillation of language models", GKD). The others are answered by the teacher (Kim and Rush 2016,
  "Sequence-level knowledge distillation"): it shows only how things go well.
- `distillation.divergence`: `forward` KL(teacher || student) covers all that the teacher may say, `reverse`
  KL(student || teacher) leaves out what it would not (Gu et al. 2024, "MiniLLM"), `jensen-shannon` lies between.

All of the vocabulary counts at each token, not only what was drawn. A teacher that searches instead is
`expert_iteration`, where the distribution is the search's. Deviations from GKD: no gradient goes through the sampling
(as in its own experiments); the mean is over the tokens of a batch; the teacher writes its replies anew instead of
taking them from a stored set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from agents.agent import Agent, Reply, View, keys_of
from agents.episode import Episode
from envs.random_streams import generator, stream_keys, uniform
from llm_policy.model import Transformer
from llm_policy.player import LanguageModelPlayer
from training.learner import STUDENT, Algorithm, Learner, Metrics, gradient_step, mean_of
from training.policy_gradient import player
from training.replies import autocast, decisions_of, read_replies, replies_of

_SHUFFLE, _WRITER = 5, 8

Divergence = Callable[[Tensor, Tensor], Tensor]
"""`(log-probabilities of the teacher [M, V], of the student [M, V]) -> nats [M]`"""


def forward(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(teacher || student)."""
    return (teacher.exp() * (teacher - student)).sum(-1)


def reverse(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(student || teacher)."""
    return (student.exp() * (student - teacher)).sum(-1)


def jensen_shannon(teacher: Tensor, student: Tensor) -> Tensor:
    """The mean of the divergences of both from their even mixture (Lin 1991)."""
    mixture = torch.logaddexp(teacher, student) - math.log(2)
    return (forward(teacher, mixture) + forward(student, mixture)) / 2


DIVERGENCES: dict[str, Divergence] = {"forward": forward, "reverse": reverse, "jensen-shannon": jensen_shannon}


@dataclass(frozen=True)
class Together:
    """Student and teacher in one chair: chance says, for each decision, who of them answers."""

    student: LanguageModelPlayer
    teacher: LanguageModelPlayer
    own: float
    name: str

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view."""
        draws = uniform(stream_keys(keys_of(views).astype(np.int64), _WRITER), 1)[:, 0]
        replies: dict[int, Reply] = {}
        for writer, chosen in ((self.student, draws < self.own), (self.teacher, draws >= self.own)):
            rows = np.flatnonzero(chosen).tolist()
            if rows:
                replies |= zip(rows, writer.act([views[row] for row in rows]), strict=True)
        return [replies[row] for row in range(len(views))]


def both(learner: Learner, model: Transformer, name: str) -> Agent:
    """Who gathers the experience; past selves are nobody's teacher."""
    student = player(learner, model, name)
    own = learner.config.distillation.own
    if own == 1 or name != STUDENT:
        return student
    return Together(student, player(learner, learner.teacher, name), own, name)


def update(learner: Learner, episodes: list[Episode]) -> Metrics:
    """Learn what the teacher says of the replies of one iteration, in `policy_gradient.epochs` passes."""
    config = learner.config.policy_gradient
    teacher, divergence = learner.teacher, DIVERGENCES[learner.config.distillation.divergence]
    decisions = decisions_of(episodes)
    replies = replies_of(learner.game, decisions, *np.zeros((2, len(decisions)), np.float32))
    rows: list[Metrics] = []
    for epoch in range(config.epochs if len(replies) else 0):
        order = generator(learner.key(_SHUFFLE, learner.iteration, epoch)).permutation(len(replies))
        for index in torch.from_numpy(order).split(config.batch):
            part = replies.at(index)
            with autocast(part):
                with torch.no_grad():
                    wanted = read_replies(teacher, part).logprobs
                said = read_replies(learner.model, part).logprobs
            loss = divergence(wanted, said).mean()
            loss.backward()
            agreed = (wanted.argmax(-1) == said.argmax(-1)).float().mean()
            rows.append({"divergence": float(loss.detach()), "agreement": float(agreed)})
            rows[-1]["gradient_norm"] = gradient_step(learner)
    return mean_of(rows)


ALGORITHM = Algorithm(both, update)
