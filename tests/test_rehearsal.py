"""The rules rehearsed: what is asked for, and that it is the rules and not a move."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from envs import GAMES
from llm_policy.model import ModelConfig, Transformer
from llm_policy.prompts import move_tokens
from llm_policy.tokenizer import OUTCOMES, PAD, THINK, VOCABULARY
from training.rehearsal import random_batch, rules_loss

GAME = GAMES["tic-tac-toe"]
TINY = ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=32, context=64)


def tiny_model() -> Transformer:
    model = Transformer(TINY).initialise(torch.Generator().manual_seed(0))
    with torch.no_grad():
        model.embed_tokens.normal_(std=0.5, generator=torch.Generator().manual_seed(1))
        model.lm_head.normal_(std=0.5, generator=torch.Generator().manual_seed(2))
    return model


def test_the_loss_token_by_token() -> None:
    model, batch = tiny_model(), random_batch(GAME, "board", 3, 20, 2)
    with torch.no_grad():
        found = float(rules_loss(model, batch))
        logits = model.logits(model(batch.tokens)).double().numpy()
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    total = 0.0
    for row in range(20):
        tokens = batch.tokens[row].tolist()
        think = tokens.index(THINK)
        for place in range(think - 1, len(tokens) - 1):
            if tokens[place + 1] == PAD:
                break
            if place == think:
                legal = move_tokens(GAME)[batch.policy[row].numpy() > 0]
                total -= np.log(p[row, place, legal].sum())
            else:
                total -= np.log(p[row, place, tokens[place + 1]])
    assert found == pytest.approx(total / 20, rel=1e-4)


def test_no_legal_move_is_preferred_and_no_outcome_believed() -> None:
    batch = random_batch(GAME, "board", 3, 400, 1)
    rows = torch.arange(len(batch.tokens))
    cells = (batch.policy > 0).sum(1)
    assert (batch.policy.max(1).values - 1 / cells).abs().max() < 1e-6, "all legal moves are equally good"
    assert (batch.targets[rows, batch.think] == PAD).all(), "the move thought of first is not a target"
    said = [(batch.tokens == VOCABULARY[word]).any(1).float().mean() for word in OUTCOMES]
    assert min(said) > 0.25, "outcomes are claimed by chance"


def test_practice_makes_replies_that_follow_the_rules() -> None:
    model = tiny_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for step in range(60):
        loss = rules_loss(model, random_batch(GAME, "board", step, 64, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    # what remains: three outcomes by chance (1.1 nats), and the move of the answer, which is still to be copied
    assert losses[0] > 20
    assert np.mean(losses[-5:]) < 5
