"""Rules as a cold start: at every step only what can still become a well-formed, legal reply of the standard form.

The standard form is `<think>519 draw</think><answer>5</answer><eos>`: a line of moves of which the first is legal,
one outcome, and a legal move as the answer. A state machine follows all games at once; its table holds, for each
state, what may come, and the moves that are legal in each game are cut out of it where legality counts.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from envs.game import Bools, Game
from llm_policy.prompts import move_tokens
from llm_policy.tokenizer import (
    ANSWER,
    END_ANSWER,
    END_THINK,
    EOS,
    OUTCOMES,
    PAD,
    THINK,
    VOCABULARY,
    VOCABULARY_SIZE,
)

_START, _FIRST, _LINE, _CLOSE, _ANSWER, _MOVE, _END, _EOS, _OVER = range(9)
"""States, each named after what comes next: `<think>`, a legal move, more moves or the outcome, `</think>`,
`<answer>`, a legal move, `</answer>`, `<eos>`, nothing."""

FORM_TOKENS = 7
"""tokens of a whole reply beside those of its line"""


@cache
def _table(game: Game) -> Tensor:
    """`[states, V]`: the next state, -1 for what is forbidden."""
    table = torch.full((9, VOCABULARY_SIZE), -1, dtype=torch.int64)
    moves = torch.from_numpy(move_tokens(game))
    table[_START, THINK] = _FIRST
    table[_FIRST, moves] = _LINE
    table[_LINE, moves] = _LINE
    table[_LINE, [VOCABULARY[word] for word in OUTCOMES]] = _CLOSE
    table[_CLOSE, END_THINK] = _ANSWER
    table[_ANSWER, ANSWER] = _MOVE
    table[_MOVE, moves] = _END
    table[_END, END_ANSWER] = _EOS
    table[_EOS, EOS] = _OVER
    table[_OVER, PAD] = _OVER
    return table


class ReplyMask:
    """Follows `[B]` replies while they are written (see `sampler.Allowed`)."""

    def __init__(self, game: Game, legal: Bools, *, max_new: int, device: torch.device | None = None) -> None:
        """Allow well-formed replies of at most `max_new` tokens.

        Args:
            legal: `[B, A]`: the moves allowed in each game, at least one in each.

        Raises:
            ValueError: a game has no legal move, or `max_new` leaves no room for a reply.
        """
        if not legal.any(1).all():
            raise ValueError(f"game {int((~legal.any(1)).argmax())} of the batch is over: it has no legal reply")
        if max_new <= FORM_TOKENS:
            raise ValueError(f"a whole reply takes at least {FORM_TOKENS + 1} tokens, max_new is {max_new}")
        moves = move_tokens(game)
        table = np.zeros((len(legal), VOCABULARY_SIZE), np.bool_)
        table[:, moves] = legal
        self._legal = torch.from_numpy(table).to(device)
        self._next = _table(game).to(device)
        self._may = self._next >= 0
        self._may_end = self._may.clone()
        self._may_end[_LINE, torch.from_numpy(moves).to(device)] = False
        self._state = torch.full((len(legal),), _START, device=device)
        self._left = max_new - FORM_TOKENS + 1
        """steps until the line must be over"""

    def allowed(self) -> Tensor:
        """`[B, V]` of bool: what may come next."""
        may = (self._may if self._left > 0 else self._may_end)[self._state]
        free = (self._state != _FIRST) & (self._state != _MOVE)
        return may & (self._legal | free[:, None])

    def advance(self, tokens: Tensor) -> None:
        """These tokens (`[B]`), all of them allowed, were written."""
        self._state = self._next[self._state, tokens]
        self._left -= 1

    def keep(self, order: Tensor) -> None:
        """Only the replies `order` are left, in this order."""
        self._state, self._legal = self._state[order], self._legal[order]
