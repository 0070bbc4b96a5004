"""A tiny learner, games and replies made by hand, for the tests of policy gradients."""

from __future__ import annotations

import numpy as np
import torch

from agents.agent import Reply
from agents.episode import Episode, Turn
from envs import GAMES
from envs.reply import Verdict, format_reply
from llm_policy.model import ModelConfig, Transformer
from llm_policy.tokenizer import BOS, EOS, encode
from training.config import Config, OptimizerConfig, PlayConfig, PolicyGradientConfig
from training.learner import STUDENT, Learner, new_learner
from training.replies import Replies

GAME = GAMES["tic-tac-toe"]
TINY = ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=32, context=64)
LEGAL, REFUSED = "legal", "illegal"


def tiny_model(seed: int = 0) -> Transformer:
    model = Transformer(TINY).initialise(torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for parameter in (model.lm_head, model.embed_tokens, model.value_head):
            parameter.normal_(std=0.5, generator=torch.Generator().manual_seed(seed))
    return model


def tiny_learner(**changes: object) -> Learner:
    options = {"batch": 32, "mask": True, "max_new": 10, "rehearsal": 0} | changes
    return new_learner(
        Config(
            model=TINY,
            threads=1,
            iterations=1000,
            optimizer=OptimizerConfig(lr=1e-2, rise=1, weight_decay=0.0),
            play=PlayConfig(games=16, opening_plies=3),
            policy_gradient=PolicyGradientConfig(**options),  # type: ignore[arg-type]
        )
    )


def turn(seat: int, kind: str = LEGAL, value: float | None = 0.0, move: str = "1") -> Turn:
    tokens = (*encode(format_reply(f"{move} draw", move)), EOS)
    return Turn(seat, Reply("", prompt_tokens=(BOS,), tokens=tokens, value=value), Verdict(kind, -1))


def game_of(*turns: Turn, opening: tuple[int, ...] = (), players: tuple[str, str] = (STUDENT, STUDENT)) -> Episode:
    history = (*opening, *range(8, 8 - sum(t.verdict.legal for t in turns), -1))
    return Episode("tic-tac-toe", 0, 0, players, opening, turns, history, (1.0, -1.0), "rules")


def some_replies(seed: int = 0) -> Replies:
    """Prompts and replies of all lengths, one reply a single token, one without a value."""
    random = np.random.default_rng(seed)
    prompts, lengths = [3, 1, 4, 2, 4], [2, 5, 1, 4, 3]
    tokens = np.zeros((5, 7), np.int64)
    for row, length in enumerate(np.add(prompts, lengths)):
        tokens[row, :length] = random.integers(1, 300, length)
    return Replies(
        torch.from_numpy(tokens),
        torch.tensor(prompts),
        torch.tensor(prompts) + torch.tensor(lengths),
        torch.from_numpy(random.normal(size=5).astype(np.float32)),
        torch.tensor([0.5, -1.0, float("nan"), 0.0, 1.0]),
    )
