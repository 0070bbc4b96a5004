"""Reading as it goes: each iteration some steps on worked solutions, and between them the model answers for all to see.

Nothing is practised: no reward reaches the weights. What the model answers is recorded and measured, so that one sees
how what it reads makes it better, as the legality of a player that reads games of chess.
"""

from __future__ import annotations

from agents.episode import Episode
from training.learner import Algorithm, Learner, Metrics, mean_of
from training.policy_gradient import player
from training.reading import read

STEPS = 25
"""gradient steps an iteration"""


def update(learner: Learner, episodes: list[Episode]) -> Metrics:
    """Read on; what was answered (`episodes`) is left as it is."""
    del episodes
    return mean_of([read(learner, learner.steps) for _ in range(STEPS)])


ALGORITHM = Algorithm(player, update)
