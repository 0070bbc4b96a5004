"""Writing replies: many sequences at once, token by token, each from its own stream of random numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from envs.random_streams import uniform
from llm_policy.decoder import BLOCK, Cache, Decoder
from llm_policy.model import Transformer
from llm_policy.tokenizer import EOS, PAD

PREFILL = 4096
"""tokens of prompts read at once: what fits a processor's cache goes faster than all at once"""


Observer = Callable[[int, Tensor, Tensor, Tensor], None]
"""Called before each token with its number, the sequences still written (`[b]`), their hidden states and logits."""


class Allowed(Protocol):
    """A restriction on the next token of each sequence still being written."""

    def allowed(self) -> Tensor:
        """`[B, V]` of bool, at least one True in each row."""

    def advance(self, tokens: Tensor) -> None:
        """These tokens (`[B]`) were chosen."""

    def keep(self, order: Tensor) -> None:
        """Only the sequences `order` (`[n]`) are left, in this order."""


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written.

    Of a token two log-probabilities are kept: `logprobs` under the model itself (temperature 1, nothing forbidden),
    which a learner can recompute from tokens alone, and `sampled_logprobs` under the distribution it was drawn from
    (temperature, mask; 0 for greedy choices). Both belong to the weights as the decoder holds them: in bfloat16
    they differ from a recomputation in float32 by about 1e-2.
    """

    tokens: Tensor
    """`[B, N]`, the end token included, PAD after it; N is the longest length"""
    logprobs: Tensor
    """`[B, N]` of float32, 0 after the end"""
    sampled_logprobs: Tensor
    """`[B, N]` of float32, 0 after the end"""
    lengths: Tensor
    """`[B]`"""
    finished: Tensor
    """`[B]` of bool: the sequence ended by itself, before `max_new` tokens"""


@torch.inference_mode()
def prefill(decoder: Decoder, prompts: Tensor, lengths: Tensor | None = None, repeats: int = 1) -> tuple[Cache, Tensor]:
    """Read prompts, equal ones only once; the cache and the last hidden states `[B * repeats, width]`.

    Args:
        prompts: `[B, T]`, filled up on the right.
        lengths: `[B]`, or None where all are T long.
        repeats: how many sequences go on from each prompt.
    """
    batch, time = prompts.shape
    first, which = distinct(prompts, lengths)
    if len(first) <= 0.75 * batch:  # with fewer to save, reading all is as fast as sorting them out
        prompts, lengths, batch = prompts[first], None if lengths is None else lengths[first], len(first)
    else:
        which = torch.arange(batch, device=decoder.device)
    which = which.repeat_interleave(repeats)
    if lengths is not None and bool((lengths == time).all()):
        lengths = None
    last = torch.full((batch,), time - 1, device=decoder.device) if lengths is None else lengths - 1
    caches, hidden = [], []
    size = max(1, PREFILL // time)
    for start in range(0, batch, size):
        part = slice(start, start + size)
        counts = None if lengths is None else lengths[part]
        caches.append(decoder.cache(len(prompts[part]), time))
        hidden.append(decoder.forward(prompts[part], caches[-1], counts, last[part])[:, 0])
    whole = caches[0]
    whole.become(caches, -(-(time + 1) // BLOCK) * BLOCK, None if len(which) == batch else which)
    return whole, torch.cat(hidden)[which]


def distinct(prompts: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """`[P]`: the first of each different prompt; `[B]`: the number of each prompt among these.

    Args:
        prompts: `[B, T]`, whatever stands behind their ends.
        lengths: `[B]`; None: all are T long.
    """
    ends = [prompts.shape[1]] * len(prompts) if lengths is None else lengths.tolist()
    found: dict[bytes, int] = {}
    which = [
        found.setdefault(row[:end].tobytes(), len(found)) for row, end in zip(prompts.cpu().numpy(), ends, strict=True)
    ]
    first = np.unique(np.array(which, np.int64), return_index=True)[1]
    return torch.from_numpy(first).to(prompts.device), torch.tensor(which, device=prompts.device, dtype=torch.int64)


@torch.inference_mode()
def generate(  # noqa: PLR0913
    model: Transformer | Decoder,
    prompts: Tensor,
    lengths: Tensor | None = None,
    *,
    max_new: int,
    temperature: float = 1.0,
    keys: NDArray[np.uint64] | None = None,
    repeats: int = 1,
    allowed: Allowed | None = None,
    observe: Observer | None = None,
) -> Generated:
    """Go on from prompts until each sequence ends or has `max_new` tokens.

    Args:
        model: a decoder is taken as it is; of a model a fresh copy is made.
        prompts: `[B, T]`, filled up on the right.
        lengths: `[B]` of the prompts; None: all are T long.
        temperature: 0 takes the most probable token.
        keys: `[B * repeats]`: one random stream each (`envs.random_streams`), one number of it a token, so that
            what is written never depends on the neighbours but for rounding; not needed at temperature 0.
        repeats: sequences a prompt (a group of GRPO), which read it once; they stand in a row in the result.
        allowed: what may be written; sees B * repeats sequences.
        observe: is shown the hidden states and logits behind each token.

    Raises:
        ValueError: prompts and `max_new` are longer together than the model's context, or keys are missing.
    """
    decoder = model if isinstance(model, Decoder) else Decoder(model)
    batch, time = prompts.shape[0] * repeats, prompts.shape[1]
    if time + max_new > decoder.config.context:
        raise ValueError(
            f"prompts of {time} and {max_new} new tokens do not fit the model's context of {decoder.config.context}"
        )
    numbers = random_numbers(keys, batch, max_new, temperature, decoder.device)
    cache, hidden = prefill(decoder, prompts, lengths, repeats)
    return write(
        decoder,
        cache,
        hidden,
        max_new=max_new,
        temperature=temperature,
        numbers=numbers,
        allowed=allowed,
        observe=observe,
    )


def random_numbers(
    keys: NDArray[np.uint64] | None, batch: int, max_new: int, temperature: float, device: torch.device
) -> Tensor | None:
    """`[N, B]` uniform numbers, strictly below 1 in float32 too."""
    if temperature == 0:
        return None
    if keys is None or len(keys) != batch:
        raise ValueError(f"sampling {batch} sequences needs a key for each, got {0 if keys is None else len(keys)}")
    numbers = np.floor(uniform(keys, max_new) * 2.0**24) * 2.0**-24
    return torch.from_numpy(numbers.astype(np.float32).T.copy()).to(device)


@torch.inference_mode()
def write(  # noqa: PLR0913
    decoder: Decoder,
    cache: Cache,
    hidden: Tensor,
    *,
    max_new: int,
    temperature: float = 1.0,
    numbers: Tensor | None = None,
    allowed: Allowed | None = None,
    observe: Observer | None = None,
    drop: bool = True,
) -> Generated:
    """Go on from a cache and the last hidden states (`[B, width]`).

    Of each sequence the last token written is not in the cache afterwards. With `drop` the sequences that end leave
    the cache; without, they stay, and the cache can be used again.
    """
    batch, device = len(hidden), decoder.device
    tokens = torch.full((max_new, batch), PAD, device=device)
    logprobs = torch.zeros(2, max_new, batch, device=device)
    lengths = torch.full((batch,), max_new, device=device)
    finished = torch.zeros(batch, dtype=torch.bool, device=device)
    rows = torch.arange(batch, device=device)
    done = torch.zeros(batch, dtype=torch.bool, device=device)
    step = 0
    for step in range(max_new):
        logits = decoder.logits(hidden)
        if observe is not None:
            observe(step, rows, hidden, logits)
        chosen, own, sampled = choose(
            logits,
            temperature,
            None if numbers is None else numbers[step, rows],
            None if allowed is None else allowed.allowed(),
        )
        tokens[step, rows] = chosen.masked_fill(done, PAD)
        logprobs[0, step, rows] = own.masked_fill(done, 0)
        logprobs[1, step, rows] = sampled.masked_fill(done, 0)
        if allowed is not None:
            allowed.advance(chosen)
        ended = (chosen == EOS) & ~done
        lengths[rows[ended]] = step + 1
        finished[rows[ended]] = True
        done |= ended
        dead = int(done.sum())
        if dead == len(rows) or step == max_new - 1:
            break
        if drop and 8 * dead >= len(rows):
            order = cache.keep(~done)
            rows, chosen, done = rows[order], chosen[order], done[order]
            if allowed is not None:
                allowed.keep(order)
        counts = None if drop or dead == 0 else (~done).long()
        hidden = decoder.forward(chosen[:, None], cache, counts)[:, 0]
    tokens, logprobs = tokens[: step + 1], logprobs[:, : step + 1]
    return Generated(tokens.T.contiguous(), logprobs[0].T.contiguous(), logprobs[1].T.contiguous(), lengths, finished)


def choose(
    logits: Tensor, temperature: float, numbers: Tensor | None, allowed: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """The next token of each sequence by inverse transform sampling, and its two log-probabilities, `[B]` each.

    Args:
        logits: `[B, V]` of float32.
        numbers: `[B]` in [0, 1); not used at temperature 0.
        allowed: `[B, V]` of bool, or None.
    """
    cut = logits if allowed is None else logits.masked_fill(~allowed, float("-inf"))
    if temperature == 0 or numbers is None:
        chosen = cut.argmax(-1, keepdim=True)
        own = logits.gather(1, chosen)[:, 0] - logits.logsumexp(-1)
        return chosen[:, 0], own, torch.zeros_like(own)
    probabilities = torch.softmax(cut if temperature == 1 else cut / temperature, -1)
    cumulative = probabilities.cumsum(-1)
    # `right`: a token of probability zero has an empty interval and is never found
    chosen = torch.searchsorted(cumulative, numbers[:, None] * cumulative[:, -1:], right=True)
    sampled = probabilities.gather(1, chosen)[:, 0].log()
    if temperature == 1 and allowed is None:
        return chosen[:, 0], sampled, sampled
    return chosen[:, 0], logits.gather(1, chosen)[:, 0] - logits.logsumexp(-1), sampled
