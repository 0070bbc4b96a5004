"""The ways of learning, by name: a new one is a file with an `ALGORITHM`, and a line here."""

from __future__ import annotations

from training import distillation, expert_iteration, game_reading, grpo, ppo, reinforce, self_improvement
from training.learner import Algorithm

ALGORITHMS: dict[str, Algorithm] = {
    "expert-iteration": expert_iteration.ALGORITHM,
    "reinforce": reinforce.ALGORITHM,
    "ppo": ppo.ALGORITHM,
    "grpo": grpo.ALGORITHM,
    "self-improvement": self_improvement.ALGORITHM,
    "distillation": distillation.ALGORITHM,
    "reading": game_reading.ALGORITHM,
}
