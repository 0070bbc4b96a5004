"""The language model in a chair: positions become prompts, what it writes becomes replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from agents.agent import Reply, View, keys_of, states_of
from envs.game import Game, padded
from envs.reply import parse_reply
from llm_policy.decoder import Decoder, current_decoder
from llm_policy.model import Transformer
from llm_policy.prompts import line_of, move_tokens, prompt_tokens
from llm_policy.reply_mask import ReplyMask
from llm_policy.sampler import Generated, generate
from llm_policy.tokenizer import THINK, decode


@dataclass
class LanguageModelPlayer:
    """Every decision from a fresh prompt. Greedy and unmasked by default, as a model is to be measured."""

    model: Transformer
    view: str = "board"
    """what the prompt shows, see `prompts.VIEWS`"""
    temperature: float = 0.0
    mask: bool = False
    """allow only well-formed, legal replies"""
    max_new: int = 24
    """longest reply, in tokens; what is cut there is malformed"""
    name: str = "model"
    dtype: torch.dtype | None = None
    """of the matrices while playing; None: the fastest, see `Decoder`"""
    _decoder: Decoder | None = field(default=None, init=False, repr=False, compare=False)

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, all of one game."""
        game, state = views[0].game, states_of(views)
        prompts, lengths = prompt_tokens(game, state, padded([view.history for view in views]), self.view)
        # threads that play side by side may each make one, and either will do
        decoder = self._decoder = current_decoder(self.model, self.dtype, self._decoder)
        device = decoder.device
        mask = ReplyMask(game, game.legal_mask(state), max_new=self.max_new, device=device) if self.mask else None
        mind = Mind(decoder, game, len(views))
        written = generate(
            decoder,
            torch.from_numpy(prompts).to(device),
            torch.from_numpy(lengths).to(device),
            max_new=self.max_new,
            temperature=self.temperature,
            keys=keys_of(views),
            allowed=mask,
            observe=mind,
        )
        asked = [tuple(row[:n]) for row, n in zip(prompts.tolist(), lengths.tolist(), strict=True)]
        return replies(game, asked, written, mind)


class Mind:
    """What the model thinks of its positions as it begins to think: read where `<think>` has just been written."""

    def __init__(self, decoder: Decoder, game: Game, batch: int) -> None:
        self._decoder = decoder
        self._moves = torch.from_numpy(move_tokens(game)).to(decoder.device)
        self.values = torch.zeros(batch)
        self.policies = torch.zeros(batch, len(self._moves))

    def __call__(self, step: int, rows: Tensor, hidden: Tensor, logits: Tensor) -> None:
        if step == 1:
            self.values[rows.cpu()] = self._decoder.value(hidden).float().cpu()
            self.policies[rows.cpu()] = torch.softmax(logits[:, self._moves], -1).cpu()


def replies(game: Game, prompts: Sequence[tuple[int, ...]], written: Generated, mind: Mind) -> list[Reply]:
    """What was written, as replies."""
    table, logprobs = written.tokens.tolist(), written.logprobs.tolist()
    columns = (prompts, table, logprobs, written.lengths.tolist(), mind.values.tolist(), mind.policies.tolist())
    made = []
    for prompt, tokens, numbers, length, value, policy in zip(*columns, strict=True):
        text = decode(tokens[:length])
        began = tokens[0] == THINK and length > 1
        made.append(
            Reply(
                text,
                prompt=decode(prompt),
                prompt_tokens=prompt,
                tokens=tuple(tokens[:length]),
                logprobs=tuple(numbers[:length]),
                policy=tuple(policy) if began else (),
                value=value if began else None,
                line=line_of(game, parse_reply(text).think),
            )
        )
    return made
