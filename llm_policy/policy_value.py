"""The model as a policy-value function for search: one forward pass over the prompt and `<think>`.

A reply begins its thinking with the move to be played, so the distribution of the token after `<think>` is the
model's policy over moves, and the value head reads the same place.
"""

from __future__ import annotations

import copy
import threading
from typing import Any

import numpy as np
import torch

from agents.search import Keys
from envs.game import Bools, Floats, Game, Ints
from envs.random_streams import stream_keys
from llm_policy.decoder import fastest_dtype
from llm_policy.model import Transformer
from llm_policy.prompts import move_tokens, prompt_tokens
from llm_policy.tokenizer import PAD, THINK

CHUNK = 256
"""Positions evaluated at once: more of them fall out of the processor's cache."""
MEMORY_BITS = 17
"""Of the number of positions remembered in each thread: a round of 256 games of Connect Four looks at about as many."""


def inference_dtype() -> torch.dtype:
    """bfloat16 where the processor multiplies it natively, else float32."""
    return fastest_dtype(torch.device("cpu"))


def frozen_copy(model: Transformer, dtype: torch.dtype | None = None) -> Transformer:
    """A copy of the weights for play alone, which later updates of `model` do not reach."""
    frozen = copy.deepcopy(model).to(dtype or inference_dtype()).eval()
    return frozen.requires_grad_(False)


class PolicyValue:
    """`Evaluate` for `agents.search`: the model's own log-probabilities of the moves and its value.

    The weights must not change (`frozen_copy`): positions are remembered, since a search meets again what the search
    of the move before has met, and what other orders of the same moves lead to.
    """

    def __init__(self, model: Transformer, view: str = "board") -> None:
        self.model = model
        self.view = view
        self._memory = _Memory()

    @torch.inference_mode()
    def __call__(self, game: Game, state: Any, histories: Ints, keys: Keys) -> tuple[Floats, Floats]:
        tokens, lengths = prompt_tokens(game, state, histories, self.view)
        tokens = np.concatenate([tokens, np.full((len(tokens), 1), PAD)], 1)
        tokens[np.arange(len(tokens)), lengths] = THINK
        moves = torch.from_numpy(move_tokens(game))
        names = _names(tokens)
        logits, values, known = self._memory.recall(names, len(moves))
        new = np.flatnonzero(~known)
        for start in range(0, len(new), CHUNK):
            part = new[start : start + CHUNK]
            hidden = self.model(torch.from_numpy(tokens[part]), last=torch.from_numpy(lengths[part]))[:, 0]
            logits[part] = self.model.logits(hidden)[:, moves].float().numpy()
            values[part] = self.model.value(hidden).float().numpy()
        self._memory.store(names[new], logits[new], values[new])
        return logits, values


def _names(tokens: Ints) -> Keys:
    """`[B]`: 64 bits for each row of tokens (`[B, T]`), whatever PADs stand behind it."""
    weights = stream_keys(np.arange(tokens.shape[1]))
    return stream_keys(((tokens - PAD).astype(np.uint64) * weights).sum(1, dtype=np.uint64))


class _Memory(threading.local):
    """The last evaluation that fell on each of `2 ** MEMORY_BITS` slots.

    Each thread has its own: what it finds there depends on its own games alone, so a run stays the same to the bit.
    """

    def __init__(self) -> None:
        self._names = np.zeros(0, np.uint64)
        self._logits = np.zeros((0, 0), np.float32)
        self._values = np.zeros(0, np.float32)

    def recall(self, names: Keys, moves: int) -> tuple[Floats, Floats, Bools]:
        """Logits `[B, moves]` and values `[B]`, and for which of `names` (`[B]`) they are known."""
        if self._logits.shape[1] != moves:
            size = 1 << MEMORY_BITS
            self._names = np.zeros(size, np.uint64)
            self._logits, self._values = np.zeros((size, moves), np.float32), np.zeros(size, np.float32)
        slots = names >> np.uint64(64 - MEMORY_BITS)
        return self._logits[slots], self._values[slots], self._names[slots] == names

    def store(self, names: Keys, logits: Floats, values: Floats) -> None:
        """Remember these, in the place of what fell on their slots before."""
        slots = names >> np.uint64(64 - MEMORY_BITS)
        self._names[slots], self._logits[slots], self._values[slots] = names, logits, values
