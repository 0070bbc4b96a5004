r"""A whole game as one document: nothing is read twice, neither in play nor in learning.

From one seat a game reads

    <bos>5\n<think>19 draw</think><answer>1</answer><eos>9\n<think>…

the moves of the other, one a line, and one's own replies as they were written, refused ones included (a refused
reply is followed by the next try). Own moves that were not one's own words (an opening) stand as bare lines, too. No
board is shown: who plays this way keeps it in mind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from agents.agent import Reply, View, keys_of, states_of
from agents.episode import Episode
from envs.game import Bools, Game, Ints
from envs.reply import parse_reply
from llm_policy.decoder import BLOCK, Cache, Decoder, current_decoder
from llm_policy.model import Transformer
from llm_policy.player import Mind, replies
from llm_policy.prompts import move_tokens
from llm_policy.reply_mask import ReplyMask
from llm_policy.sampler import random_numbers, write
from llm_policy.tokenizer import BOS, PAD, VOCABULARY


def move_lines(game: Game, moves: Sequence[int]) -> list[int]:
    """Tokens of moves as a document tells them, one a line."""
    names = move_tokens(game).tolist()
    return [token for move in moves for token in (names[move], VOCABULARY["\n"])]


class Documents(NamedTuple):
    """Games for learning; each token is computed once."""

    tokens: Ints
    """`[B, T]`, PAD on the right"""
    own: Bools
    """`[B, T]`: written by the player itself: what the loss is about"""
    turns: Ints
    """`[B, T]`: which turn of the episode wrote the token, -1 where none of its own did"""
    logprobs: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    """`[B, T]`: of own tokens, as recorded in play"""


def documents(game: Game, played: Sequence[tuple[Episode, int]]) -> Documents:
    """The documents of (episode, seat) pairs.

    Raises:
        ValueError: a turn of that seat was recorded without its tokens.
    """
    rows = [_document(game, episode, seat) for episode, seat in played]
    shape = (len(rows), max((len(row) for row in rows), default=0))
    made = Documents(
        np.full(shape, PAD, np.int64), np.zeros(shape, np.bool_), np.full(shape, -1), np.zeros(shape, np.float32)
    )
    for number, row in enumerate(rows):
        n = len(row)
        made.tokens[number, :n], made.turns[number, :n], made.logprobs[number, :n] = zip(*row, strict=True)
    np.greater_equal(made.turns, 0, out=made.own)
    return made


def _document(game: Game, episode: Episode, seat: int) -> list[tuple[int, int, float]]:
    """(token, number of the turn or -1, log-probability)."""
    row = [(token, -1, 0.0) for token in [BOS, *move_lines(game, episode.opening)]]
    for number, turn in enumerate(episode.turns):
        if turn.seat != seat:
            if turn.verdict.legal:
                row += [(token, -1, 0.0) for token in move_lines(game, [turn.verdict.action])]
            continue
        if not turn.reply.tokens:
            raise ValueError(f"episode {episode.number}, turn {number}: recorded without its tokens")
        row += [(token, number, p) for token, p in zip(turn.reply.tokens, turn.reply.logprobs, strict=True)]
    return row


@dataclass
class _Memory:
    """One document in play: what stands in it, and how much of that the cache has read."""

    history: tuple[int, ...]
    """moves told so far, the own one last proposed included"""
    before: tuple[int, ...]
    """moves told before the last own reply: where it is refused, the game stands there still"""
    tokens: list[int]
    read: int = 0


@dataclass
class DocumentPlayer:
    """The model playing each game as one document, whose cache is kept from turn to turn.

    Games come and go: one that is not asked for loses its place in the cache and is read anew should it return, as
    is every game when the model's weights have changed. A document that would outgrow the model's context begins
    anew from the bare moves. Views without an `episode` are not remembered.
    """

    model: Transformer
    temperature: float = 0.0
    mask: bool = False
    max_new: int = 24
    name: str = "model"
    dtype: torch.dtype | None = None
    remembered: int = 4096
    """documents kept at most; of more, those not asked for longest are forgotten"""
    computed: int = field(default=0, init=False)
    """tokens that went through the model so far, for measuring"""
    _memories: dict[tuple[int, int], _Memory] = field(default_factory=dict, init=False)
    _groups: list[tuple[Cache, list[_Memory]]] = field(default_factory=list, init=False)
    _decoder: Decoder | None = field(default=None, init=False)

    @torch.inference_mode()
    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, all of one game.

        Raises:
            ValueError: not even the bare moves of a game fit the model's context.
        """
        game, decoder = views[0].game, self._fresh_decoder()
        names = [(view.episode if view.episode >= 0 else -1 - n, view.seat) for n, view in enumerate(views)]
        for name, view in zip(names, views, strict=True):
            self._told(name, view, decoder.config.context)
        cache, hidden, order = self._read(decoder, names)
        views = [views[n] for n in order]
        mask = None
        if self.mask:
            mask = ReplyMask(game, game.legal_mask(states_of(views)), max_new=self.max_new, device=decoder.device)
        mind = Mind(decoder, game, len(views))
        written = write(
            decoder,
            cache,
            hidden,
            max_new=self.max_new,
            temperature=self.temperature,
            numbers=random_numbers(keys_of(views), len(views), self.max_new, self.temperature, decoder.device),
            allowed=mask,
            observe=mind,
            drop=False,
        )
        memories = [self._memories[names[n]] for n in order]
        answers = replies(game, [tuple(memory.tokens) for memory in memories], written, mind)
        for memory, answer in zip(memories, answers, strict=True):
            memory.tokens += answer.tokens
            memory.read = len(memory.tokens) - 1
            self.computed += len(answer.tokens) - 1
            said = parse_reply(answer.text).answer
            memory.history = memory.before + ((game.moves.index(said),) if said in game.moves else ())
        self._groups.append((cache, memories))
        self._forget()
        return [answer for _, answer in sorted(zip(order, answers, strict=True), key=lambda pair: pair[0])]

    def _fresh_decoder(self) -> Decoder:
        former, self._decoder = self._decoder, current_decoder(self.model, self.dtype, self._decoder)
        if self._decoder is not former:
            self._groups = []
            for memory in self._memories.values():
                memory.read = 0
        return self._decoder

    def _told(self, name: tuple[int, int], view: View, context: int) -> None:
        """Bring the document of a view up to its position."""
        memory = self._memories.pop(name, None)
        if memory is not None and view.attempt > 0 and view.history == memory.before:
            told = len(view.history)
        elif memory is not None and len(view.history) > len(memory.history) > len(memory.before):
            told = len(memory.history) if view.history[: len(memory.history)] == memory.history else -1
        else:
            told = -1
        news = move_lines(view.game, view.history[max(told, 0) :])
        if memory is None or told < 0 or len(memory.tokens) + len(news) + self.max_new > context:
            memory = _Memory((), (), [BOS])
            news = move_lines(view.game, view.history)
            if 1 + len(news) + self.max_new > context:
                raise ValueError(
                    f"a game of {len(view.history)} moves and a reply of {self.max_new} tokens do not fit the "
                    f"model's context of {context}"
                )
        memory.tokens += news
        memory.history = memory.before = view.history
        self._memories[name] = memory

    def _read(self, decoder: Decoder, names: list[tuple[int, int]]) -> tuple[Cache, Tensor, list[int]]:
        """The cache of `names` with everything in it, the last hidden states, and the order in which they stand."""
        numbers = {id(self._memories[name]): n for n, name in enumerate(names)}
        known = {id(memory) for memory in self._memories.values()}
        parts: list[Cache] = []
        order: list[int] = []
        waiting = []
        for cache, holders in self._groups:
            asked = [id(memory) in numbers for memory in holders]
            if any(asked):
                kept = cache.keep(torch.tensor(asked, device=decoder.device)).tolist()
                order += [numbers[id(holders[row])] for row in kept]
                parts.append(cache)
                for memory, stays in zip(holders, asked, strict=True):
                    memory.read *= stays
            elif any(id(memory) in known for memory in holders):
                waiting.append((cache, holders))
        self._groups = waiting
        new = sorted(set(range(len(names))) - set(order))
        if new:
            parts.append(decoder.cache(len(new), 0))
            order += new
        whole = parts[0]
        memories = [self._memories[names[n]] for n in order]
        rest = [memory.tokens[memory.read :] for memory in memories]
        time = max(map(len, rest))
        if len(parts) > 1:
            whole.become(parts, -(-(max(part.end for part in parts) + time) // BLOCK) * BLOCK)
        counts = torch.tensor([len(row) for row in rest], device=decoder.device)
        tokens = torch.tensor([row + [PAD] * (time - len(row)) for row in rest], device=decoder.device)
        self.computed += int(counts.sum())
        alike = bool((counts == time).all())
        hidden = decoder.forward(tokens, whole, None if alike else counts, counts - 1)[:, 0]
        return whole, hidden, order

    def _forget(self) -> None:
        for name in [name for name in self._memories if name[0] < 0]:
            del self._memories[name]
        for name in list(self._memories)[: max(0, len(self._memories) - self.remembered)]:
            del self._memories[name]
