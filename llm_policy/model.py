"""A decoder-only transformer in the shape of Llama (RMSNorm, rotary positions, SwiGLU, grouped heads), and a
value head beside it.

Small matrices make the number of operations matter more than their size, so the projections of queries, keys and
values are one matrix here, as are gate and up; a checkpoint holds them apart, in Hugging Face's layout.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_policy.model_config import ModelConfig
from llm_policy.tokenizer import LINES, SYMBOLS


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions in Llama's order: the halves of a head are the two coordinates."""
    left, right = x.chunk(2, -1)
    return x * cos + torch.cat([right, left], -1) * sin


def _attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Attention of `q` `[B, K * G, Tq, S]` to `k` and `v` `[B, K, T, S]`; `[B, Tq, K * G * S]`.

    The query heads of a group become further queries of its one key head, so nothing is copied. Two matrix products
    and a softmax: at a few tokens a sequence three times faster than the general kernel.
    """
    batch, heads, queries, size = q.shape
    kv, keys = k.shape[1], k.shape[2]
    scores = torch.bmm(q.reshape(batch * kv, -1, size), k.reshape(batch * kv, keys, size).transpose(1, 2))
    # 0 and -inf are exact in any format, and a softmax in bfloat16 takes half the time of one in float32
    scores = scores.view(batch, heads, queries, keys) + bias.to(scores.dtype)
    scores = scores.softmax(-1).view(batch * kv, -1, keys).to(v.dtype)
    y = torch.bmm(scores, v.reshape(batch * kv, keys, size))
    return y.view(batch, heads, queries, size).transpose(1, 2).reshape(batch, queries, heads * size)


KeysValues = tuple[Tensor, Tensor]
"""`[B, kv, T, S]` each."""


class Block(nn.Module):
    """Attention and SwiGLU, each behind its own norm."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        width, size = config.width, config.head_size
        self.input_layernorm = nn.Parameter(torch.ones(width))
        self.qkv = nn.Parameter(torch.empty((config.heads + 2 * config.kv_heads) * size, width))
        self.o = nn.Parameter(torch.empty(width, width))
        self.post_attention_layernorm = nn.Parameter(torch.ones(width))
        self.gate_up = nn.Parameter(torch.empty(2 * config.hidden, width))
        self.down = nn.Parameter(torch.empty(width, config.hidden))

    def forward(
        self, x: Tensor, rope: tuple[Tensor, Tensor], bias: Tensor, last: Tensor | None, past: KeysValues | None
    ) -> tuple[Tensor, KeysValues]:
        """`[B, T, width]`, and the keys and values of `x`.

        Args:
            x: `[B, T, width]`.
            rope: cosines and sines of the positions, `[T, S]` or `[B, 1, T, S]`.
            bias: `[T, P + T]` or `[B, 1, T, P + T]`: -inf where a token must not look.
            last: `[B]`: give only this position of each sequence, `[B, 1, width]`.
            past: of the P tokens before each sequence.
        """
        c = self.config
        batch, time, width = x.shape
        h = F.rms_norm(x, (width,), self.input_layernorm, c.norm_eps)
        qkv = F.linear(h, self.qkv).view(batch, time, c.heads + 2 * c.kv_heads, c.head_size).transpose(1, 2)
        qk, v = qkv.split((c.heads + c.kv_heads, c.kv_heads), 1)
        q, k = _turn(qk, *rope).split((c.heads, c.kv_heads), 1)
        own = k, v
        if past is not None:
            k, v = (torch.cat(parts, 2) for parts in zip(past, own, strict=True))
        if last is not None:
            rows = torch.arange(batch, device=x.device)
            q, x = q[rows, :, last][:, :, None], x[rows, last][:, None]
            bias = bias[last][:, None, None]
        x = x + F.linear(_attend(q * c.head_size**-0.5, k, v, bias), self.o)
        h = F.rms_norm(x, (width,), self.post_attention_layernorm, c.norm_eps)
        gate, up = F.linear(h, self.gate_up).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down), own


class Transformer(nn.Module):
    """Tokens to hidden states; `logits` and `value` read them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Parameter(torch.empty(config.vocabulary, config.width))
        self.layers = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.Parameter(torch.ones(config.width))
        self.lm_head = nn.Parameter(torch.empty(config.vocabulary, config.width))
        self.value_head = nn.Parameter(torch.zeros(1, config.width))
        frequency = config.rope_theta ** (-torch.arange(0, config.head_size, 2) / config.head_size)
        angles = torch.arange(config.context)[:, None] * frequency
        self.cos: Tensor
        self.sin: Tensor
        self.register_buffer("cos", torch.cat([angles.cos()] * 2, -1), persistent=False)
        self.register_buffer("sin", torch.cat([-angles.sin(), angles.sin()], -1), persistent=False)

    def initialise(self, generator: torch.Generator) -> Transformer:
        """Draw the weights: normal, the projections back into the stream smaller (GPT-2, section 2.3).

        A word that is a line of a board starts as the sum of its cells, each a vector of its symbol and place, so
        that lines alike begin alike: tactics are learned in about two thirds of the steps.
        """
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2 and name != "value_head":
                into_stream = name.endswith((".o", ".down"))
                std = {"embed_tokens": 0.3, "lm_head": 0.02}.get(name, parameter.shape[1] ** -0.5)
                std = std / (2 * self.config.layers) ** 0.5 if into_stream else std
                nn.init.normal_(parameter, std=std, generator=generator)
        cells = 0.3 * torch.randn(max(len(line) for _, line in LINES), 3, self.config.width, generator=generator)
        with torch.no_grad():
            for token, line in LINES:
                spelled = [cells[place, SYMBOLS.index(symbol)] for place, symbol in enumerate(line)]
                self.embed_tokens[token] = torch.stack(spelled).sum(0)
        return self

    def forward(self, tokens: Tensor, last: Tensor | None = None) -> Tensor:
        """Hidden states `[B, T, width]` after the final norm.

        Args:
            tokens: `[B, T]`; sequences shorter than T are filled up on the right.
            last: `[B]`: give only the hidden state at these positions, `[B, 1, width]` (and spend the last layer
                on nothing else).
        """
        time = tokens.shape[1]
        return self._through(tokens, torch.arange(time, device=tokens.device), self._ahead(time), last)[0]

    def forward_shared(self, prompts: Tensor, lengths: Tensor, which: Tensor, replies: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states of prompts, `[P, T, width]`, and of replies to them, `[N, R, width]`: each prompt is read once.

        Args:
            prompts: `[P, T]`, filled up on the right.
            lengths: `[P]`.
            which: `[N]`: the prompt of each reply.
            replies: `[N, R]`, filled up on the right.
        """
        longest, time = prompts.shape[1], replies.shape[1]
        asked, kept = self._through(prompts, torch.arange(longest, device=prompts.device), self._ahead(longest))
        past = [(keys.index_select(0, which), values.index_select(0, which)) for keys, values in kept]
        ends = lengths[which, None]
        beyond = torch.arange(longest, device=prompts.device) >= ends
        bias = torch.zeros(beyond.shape, device=prompts.device).masked_fill_(beyond, float("-inf"))
        whole = [bias[:, None, None].expand(-1, -1, time, -1), self._ahead(time).expand(len(replies), 1, -1, -1)]
        places = (ends + torch.arange(time, device=prompts.device))[:, None]
        return asked, self._through(replies, places, torch.cat(whole, -1), past=past)[0]

    def _ahead(self, time: int) -> Tensor:
        """`[T, T]`: -inf where a token would look ahead, else 0."""
        return torch.full((time, time), float("-inf"), device=self.embed_tokens.device).triu(1)

    def _through(
        self,
        tokens: Tensor,
        places: Tensor,
        bias: Tensor,
        last: Tensor | None = None,
        past: Sequence[KeysValues | None] | None = None,
    ) -> tuple[Tensor, list[KeysValues]]:
        """Hidden states after the final norm, and the keys and values of each layer."""
        x = F.embedding(tokens, self.embed_tokens)
        rope = self.cos[places], self.sin[places]
        kept = []
        before = past or [None] * self.config.layers
        for number, (layer, former) in enumerate(zip(self.layers, before, strict=True), start=1):
            x, own = layer(x, rope, bias, last if number == self.config.layers else None, former)
            kept.append(own)
        return F.rms_norm(x, (self.config.width,), self.norm, self.config.norm_eps), kept

    def logits(self, hidden: Tensor) -> Tensor:
        """`[..., vocabulary]`."""
        return F.linear(hidden, self.lm_head)

    def value(self, hidden: Tensor) -> Tensor:
        """`[...]`: expected return of the player to move, -1 to 1."""
        return torch.tanh(F.linear(hidden, self.value_head)).squeeze(-1)

    def number_of_parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())
