"""What a student said, as tokens with the places to be learned, and what a model says of each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from agents.agent import Reply
from agents.episode import Episode
from envs.game import Floats, Game, padded, replay
from llm_policy.model import Transformer
from llm_policy.policy_value import inference_dtype
from llm_policy.sampler import distinct
from llm_policy.tokenizer import PAD
from training.learner import STUDENT
from training.positions import is_held_out

_LINE = re.compile(r"\w+ line (\d{1,4})\b")
"""How a verdict begins that names the line at fault: `false_step line 2: 3*4=11`."""
CREDITS = ("reply", "line")
"""On which tokens the advantage of a reply may fall."""


class Decision(NamedTuple):
    """One reply of the student, in the game number `episode` of a list."""

    episode: int
    seat: int
    history: tuple[int, ...]
    reply: Reply
    legal: bool
    fault: int = 0
    """the line of its thinking in which the rules found the first fault, from 1; 0: in none that they name"""


def decisions_of(episodes: Sequence[Episode], who: str = STUDENT) -> list[Decision]:
    """All replies of the player `who`, also those that were refused, in order."""
    made = []
    for number, episode in enumerate(episodes):
        ply = len(episode.opening)
        for turn in episode.turns:
            if episode.players[turn.seat] == who:
                verdict = turn.verdict
                line = _LINE.match(verdict.reason)
                fault = int(line[1]) if line else 0
                made.append(Decision(number, turn.seat, episode.history[:ply], turn.reply, verdict.legal, fault))
            ply += turn.verdict.legal
    return made


def refused(decisions: Sequence[Decision]) -> Floats:
    """`[N]`: 1 where a reply was not legal, else 0. Its cost is the reply's own: no decision before it shares in it."""
    return np.array([not decision.legal for decision in decisions], np.float32)


@dataclass(frozen=True, slots=True)
class Replies:
    """`N` prompts with their replies, and what is to be learned from them."""

    tokens: Tensor
    """`[N, T]`, PAD after the end"""
    starts: Tensor
    """`[N]`: where the reply begins"""
    ends: Tensor
    """`[N]`: where it is over"""
    advantages: Tensor
    """`[N]`"""
    returns: Tensor
    """`[N]`: what the value head is to expect, NaN where no value is learned"""
    faults: Tensor | None = None
    """`[N]`: the line of the thinking on which alone a negative advantage falls, from 1; 0, or None: on all of it"""

    def __len__(self) -> int:
        return len(self.tokens)

    def at(self, index: Tensor | slice) -> Replies:
        ends = self.ends[index]
        tokens = self.tokens[index, : int(ends.max())]
        faults = None if self.faults is None else self.faults[index]
        return Replies(tokens, self.starts[index], ends, self.advantages[index], self.returns[index], faults)


def replies_of(
    game: Game, decisions: Sequence[Decision], advantages: Floats, returns: Floats, credit: str = "reply"
) -> Replies:
    """Decisions as tokens, but for those in the positions kept for measuring; `credit`: one of `CREDITS`.

    They are learned as they were sampled, never turned or mirrored: the turned reply is not what the policy would say
    in the turned position, and learning from it kept tic-tac-toe from being solved (docs/results/policy-gradient.md).
    """
    kept = ~is_held_out(game, replay(game, padded([decision.history for decision in decisions])))
    decisions = [decision for decision, keep in zip(decisions, kept, strict=True) if keep]
    advantages, returns = advantages[kept], returns[kept]
    said = [decision.reply.tokens for decision in decisions]
    asked = [decision.reply.prompt_tokens for decision in decisions]
    tokens = padded([[*prompt, *reply] for prompt, reply in zip(asked, said, strict=True)])
    starts = np.array([len(prompt) for prompt in asked], np.int64)
    learned = [decision.reply.value is not None for decision in decisions]
    faults = torch.tensor([decision.fault for decision in decisions], dtype=torch.int64)
    return Replies(
        torch.from_numpy(np.where(tokens >= 0, tokens, PAD)),
        torch.from_numpy(starts),
        torch.from_numpy(starts + np.array([len(reply) for reply in said], np.int64)),
        torch.from_numpy(advantages.astype(np.float32)),
        torch.from_numpy(np.where(learned, returns, np.nan).astype(np.float32)),
        faults if credit == "line" else None,
    )


class Scores(NamedTuple):
    """What a model says of replies; `M` is the number of all their tokens, reply by reply."""

    tokens: Tensor
    """`[M]`"""
    logprobs: Tensor
    """`[M]`"""
    entropy: Tensor
    """`[M]`: of the distribution of which each token was drawn, in nats"""
    rows: Tensor
    """`[M]`: the reply of each token"""
    values: Tensor
    """`[B]`: read at the first token of the reply, as the sampler does"""


class Reading(NamedTuple):
    """What a model says at each of the `M` tokens of replies, reply by reply."""

    tokens: Tensor
    """`[M]`"""
    logprobs: Tensor
    """`[M, V]`: of all that could stand there"""
    rows: Tensor
    """`[M]`: the reply of each token"""
    values: Tensor
    """`[B]`: read at the first token of the reply, as the sampler does"""


def read_replies(model: Transformer, replies: Replies) -> Reading:
    """Read replies; a prompt that several of them share is read once where that saves a fifth of the tokens."""
    place = torch.arange(replies.tokens.shape[1] - 1, device=replies.tokens.device)
    rows, columns = ((place >= replies.starts[:, None] - 1) & (place < replies.ends[:, None] - 1)).nonzero().T
    tokens = replies.tokens[rows, columns + 1]
    originals, which = distinct(replies.tokens, replies.starts)
    longest, time = int(replies.starts.max()), max(1, int((replies.ends - replies.starts).max()) - 1)
    if len(originals) * longest + len(replies) * time < 0.8 * len(replies) * len(place):
        hidden = _read_shared(model, replies, originals, which, time)
        columns = columns - (replies.starts - 1)[rows]
        first = torch.ones_like(replies.starts)
    else:
        hidden = model(replies.tokens[:, :-1])
        first = replies.starts.clamp(max=hidden.shape[1] - 1)
    logprobs = model.logits(hidden[rows, columns]).float().log_softmax(-1)
    values = model.value(hidden[torch.arange(len(replies)), first].float())
    return Reading(tokens, logprobs, rows, values)


def score(model: Transformer, replies: Replies) -> Scores:
    """What the model says of the tokens that stand there."""
    tokens, logprobs, rows, values = read_replies(model, replies)
    chosen = logprobs.gather(1, tokens[:, None])[:, 0]
    entropy = -(logprobs.exp() * logprobs).sum(-1)
    return Scores(tokens, chosen, entropy, rows, values)


def _read_shared(model: Transformer, replies: Replies, originals: Tensor, which: Tensor, time: int) -> Tensor:
    """`[N, 1 + time, width]`: hidden states of the last token of the prompt and of the first of the reply."""
    lengths = replies.starts[originals]
    place = replies.starts[:, None] + torch.arange(time, device=which.device)
    said = replies.tokens.gather(1, place.clamp(max=replies.tokens.shape[1] - 1))
    asked, hidden = model.forward_shared(replies.tokens[originals, : int(lengths.max())], lengths, which, said)
    ends = asked[torch.arange(len(originals)), lengths - 1]
    return torch.cat([ends.index_select(0, which)[:, None], hidden], 1)


def autocast(replies: Replies) -> torch.autocast:
    """bfloat16 for matrices, where that is what the processor is fast at."""
    return torch.autocast(replies.tokens.device.type, torch.bfloat16, enabled=inference_dtype() is torch.bfloat16)
