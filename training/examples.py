"""Positions with what search found in them, and how they become a batch of tokens with targets.

One sequence is `prompt <think> line outcome </think> <answer> move </answer> <eos>`. The first move of the line is
learned as a distribution (search's improved policy), everything else as the token that search's own words have, and
the value where the thinking begins. Many examples stop there (`spoken`): policy and value need most of the
examples, the form and the line only some.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.episode import Episode
from agents.search_player import OUTCOME_MARGIN
from envs.game import Bools, Floats, Game, Ints, replay
from llm_policy.prompts import move_tokens, prompt_tokens
from llm_policy.tokenizer import ANSWER, END_ANSWER, END_THINK, EOS, OUTCOMES, PAD, THINK, VOCABULARY
from training.positions import is_held_out

_OUTCOME_TOKENS = np.array([VOCABULARY[word] for word in OUTCOMES])


class Examples(NamedTuple):
    """`N` positions: the fields of the replay buffer."""

    histories: NDArray[np.int8]
    """`[N, max_plies]`: the moves that led there, -1 after the end"""
    policy: Floats
    """`[N, A]`: the policy to be learned"""
    value: Floats
    """`[N]`: the value to be learned, for the player to move"""
    outcome: Floats
    """`[N]`: what the search said its line leads to"""
    lines: NDArray[np.int8]
    """`[N, line]`: the line to be thought, -1 after the end; its first move is the answer"""


def examples_of(
    game: Game, episodes: Iterable[Episode], *, line: int, discount: float, outcome_share: float, player: str
) -> Examples:
    """One example for each turn that `player`, a search, played.

    The value learned is `outcome_share` of the game's discounted result and the rest the search's own value.
    """
    histories, policies, values, outcomes, lines = [], [], [], [], []
    for episode in episodes:
        plies = len(episode.history)
        played = len(episode.opening)
        for turn in episode.turns:
            if not turn.verdict.legal:
                continue
            ply, played, reply = played, played + 1, turn.reply
            if episode.players[turn.seat] != player or not reply.policy or reply.value is None:
                continue
            result = episode.returns[turn.seat] * discount ** (plies - 1 - ply)
            histories.append([*episode.history[:ply], *[-1] * (game.max_plies - ply)])
            policies.append(reply.policy)
            values.append(outcome_share * result + (1 - outcome_share) * reply.value)
            outcomes.append(reply.value)
            lines.append([*reply.line, *[-1] * (line - len(reply.line))][:line])
    return Examples(
        np.array(histories, np.int8).reshape(-1, game.max_plies),
        np.array(policies, np.float32).reshape(-1, len(game.moves)),
        np.array(values, np.float32),
        np.array(outcomes, np.float32),
        np.array(lines, np.int8).reshape(-1, line),
    )


def select(examples: Examples, index: Ints | Bools | slice) -> Examples:
    """The examples at `index`."""
    return Examples._make(field[index] for field in examples)


def without_held_out(game: Game, examples: Examples) -> Examples:
    """Without the positions kept for measuring, and their mirror images."""
    return select(examples, ~is_held_out(game, replay(game, examples.histories.astype(np.int64))))


def remembered(buffer: Examples | None, fresh: Examples, size: int) -> Examples:
    """The newest `size` of the examples in `buffer` and then `fresh`."""
    if buffer is None:
        return select(fresh, slice(-size, None))
    both: Iterable[Any] = zip(buffer, fresh, strict=True)
    return Examples._make(np.concatenate(fields)[-size:] for fields in both)


def turned(game: Game, examples: Examples, which: Ints) -> Examples:
    """The same positions under the game's symmetries number `which` (`[N]`)."""
    permutation = np.array(game.symmetries)[which]
    inverse = np.argsort(permutation, 1)

    def renamed(moves: NDArray[np.int8]) -> NDArray[np.int8]:
        there = np.take_along_axis(permutation, np.maximum(moves, 0).astype(np.int64), 1)
        return np.where(moves >= 0, there, -1).astype(np.int8)

    return examples._replace(
        histories=renamed(examples.histories),
        policy=np.take_along_axis(examples.policy, inverse, 1),
        lines=renamed(examples.lines),
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """Tokens with their targets; `B` sequences of `T` tokens."""

    tokens: Tensor
    """`[B, T]`"""
    targets: Tensor
    """`[B, T]`: the next token where it is to be learned, PAD elsewhere"""
    think: Tensor
    """`[B]`: where `<think>` stands, and with it the policy and the value"""
    policy: Tensor
    """`[B, A]`"""
    value: Tensor
    """`[B]`"""
    moves: Tensor
    """`[A]`: the token of each move"""


def batch_of(game: Game, examples: Examples, view: str, *, spoken: bool) -> Batch:
    """Examples as tokens; `spoken` with the whole reply, otherwise up to `<think>` only."""
    histories = examples.histories.astype(np.int64)
    prompts, lengths = prompt_tokens(game, replay(game, histories), histories, view)
    count, longest = prompts.shape
    lines = examples.lines.astype(np.int64)
    tail = reply_tokens(game, lines, examples.outcome) if spoken else np.full((count, 1), THINK)
    tokens = np.full((count, longest + tail.shape[1]), PAD)
    tokens[:, :longest] = prompts
    at = lengths[:, None] + np.arange(tail.shape[1])
    np.put_along_axis(tokens, at, tail, 1)
    targets = np.full_like(tokens, PAD)
    targets[:, :-1] = tokens[:, 1:]
    place = np.arange(tokens.shape[1])
    targets[(place < lengths[:, None] - 1) | (place == lengths[:, None])] = PAD
    return Batch(
        torch.from_numpy(tokens),
        torch.from_numpy(targets),
        torch.from_numpy(lengths),
        torch.from_numpy(examples.policy),
        torch.from_numpy(examples.value),
        torch.from_numpy(move_tokens(game)),
    )


def reply_tokens(game: Game, lines: Ints, outcome: Floats) -> Ints:
    """`[B, T]`: `<think>line outcome</think><answer>move</answer><eos>`, PAD after the end."""
    moves = move_tokens(game)
    said = np.where(lines >= 0, moves[lines], PAD)
    word = _OUTCOME_TOKENS[np.where(outcome > OUTCOME_MARGIN, 2, np.where(outcome < -OUTCOME_MARGIN, 0, 1))]
    count = len(lines)
    closing = np.tile([END_THINK, ANSWER, PAD, END_ANSWER, EOS], (count, 1))
    closing[:, 2] = said[:, 0]
    table = np.concatenate([np.full((count, 1), THINK), said, word[:, None], closing], 1)
    order = np.argsort(table == PAD, axis=1, kind="stable")
    return np.take_along_axis(table, order, 1)
