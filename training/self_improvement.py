"""Self-improvement: questions harder than any whose solution was shown, learned from the model's own solutions.

The model has read worked solutions up to `problem.level`. Each iteration asks questions from there up to a frontier
that begins one level higher. What it writes is kept only where the verifier finds it right to its end, and is then
learned word by word, beside worked solutions of the levels that were shown. Where enough of the questions at the
frontier are right, the frontier rises by one, to `problem.reach` at most. No solution beyond `problem.level` comes
from anybody but the model.

This is expert iteration on verified answers (STaR: Zelikman et al. 2022), length by length (Lee et al. 2025,
"Self-Improving Transformers Overcome Easy-to-Hard and Length Generalization Challenges", arXiv 2502.01612).
Deviations: the rules of the problem judge, step by step, instead of a majority of models; training goes on from the
same weights instead of anew each round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch

from agents.episode import Episode
from envs.game import padded, replay
from envs.problem import RIGHT, ProblemGame, Task
from envs.random_streams import generator, stream_keys
from envs.reply import format_reply
from llm_policy.policy_value import inference_dtype
from training.learner import Algorithm, Learner, Metrics, gradient_step, mean_of
from training.policy_gradient import player
from training.reading import drawn_tasks, words_loss, written
from training.rollouts import share

_SHUFFLE, _REHEARSAL = 5, 7
FRONTIER = "frontier"
"""under which name the highest level asked is kept in `Learner.baselines`, and so in checkpoints"""


def frontier(learner: Learner) -> int:
    """The highest level asked."""
    problem = learner.config.problem
    return int(learner.baselines.get(FRONTIER, min(problem.level + 1, problem.highest)))


def levels(learner: Learner) -> tuple[int, int]:
    """The lowest and the highest level asked: what was shown last, and what is hardest."""
    return learner.config.problem.level, frontier(learner)


def update(learner: Learner, episodes: list[Episode]) -> Metrics:
    """Learn the right solutions of one iteration, and see whether the frontier rises."""
    config = learner.config.self_improvement
    hardest = frontier(learner)
    right = [episode for episode in episodes if episode.turns[-1].verdict.action == RIGHT]
    asked = sum(episode.opening[1] == hardest for episode in episodes)
    solved = sum(episode.opening[1] == hardest for episode in right)
    found = share("solved_at_frontier", solved, asked) | {"frontier": float(hardest)}
    found |= learn(learner, right if config.learn else [], len(episodes))
    if asked and solved >= config.rise * asked:
        learner.baselines[FRONTIER] = float(min(hardest + 1, learner.config.problem.highest))
    return found


def learn(learner: Learner, right: Sequence[Episode], asked: int) -> Metrics:
    """As many gradient steps as `asked` replies make batches, on these solutions; means over the steps.

    Where few of the replies were right, batches have fewer of them, and as many worked solutions as ever.
    """
    config = learner.config.policy_gradient
    game = cast(ProblemGame, learner.game)
    tasks = game.tasks(replay(game, padded([episode.opening for episode in right]))) if right else []
    rows: list[Metrics] = []
    for epoch in range(config.epochs):
        order = generator(learner.key(_SHUFFLE, learner.iteration, epoch)).permutation(len(right))
        for part in np.array_split(order, -(-asked // config.batch)):
            own = [(tasks[index], right[index].turns[-1].reply.text) for index in part.tolist()]
            rows.append(_step(learner, [*own, *_shown(learner)]))
    return {"own_solutions": float(len(right))} | mean_of(rows)


def _shown(learner: Learner) -> list[tuple[Task, str]]:
    """Worked solutions of levels that were shown."""
    keys = stream_keys(learner.key(_REHEARSAL, learner.steps), np.arange(learner.config.policy_gradient.rehearsal))
    tasks = drawn_tasks(cast(ProblemGame, learner.game), learner.config.problem, keys)
    return [(task, format_reply(task.solution, task.answer)) for task in tasks]


def _step(learner: Learner, read: Sequence[tuple[Task, str]]) -> Metrics:
    tokens, targets = written([task for task, _ in read], [reply for _, reply in read])
    with torch.autocast("cpu", torch.bfloat16, enabled=inference_dtype() is torch.bfloat16):
        loss = words_loss(learner.model, tokens, targets)
    loss.backward()
    return {"words": float(loss.detach()), "gradient_norm": gradient_step(learner)}


ALGORITHM = Algorithm(player, update, levels=levels)
