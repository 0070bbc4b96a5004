"""The model for playing: the same function as `Transformer`, without gradients, with a cache, and several times faster.

One token for many games is a stream of tiny operations, so what counts is how few there are and in which order
their memory is read. Beside the training model, which stays plain, this one keeps

- keys and values unsliced, so that matrix products read them in place, all query heads of a group together (a
  general attention kernel is several times slower at one query);
- the two halves of a rotary pair side by side: the turn is one complex multiplication, with 1/sqrt(size) in it;
- a residual stream in float32 and matrices in `dtype`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from llm_policy.model import Block, Transformer
from llm_policy.model_config import ModelConfig

BLOCK = 32
"""columns by which a cache grows: between, the attention also reads the columns not yet in use"""


class Cache:
    """Keys and values of `batch` sequences, `[B, kv, columns, size]` for each layer.

    Every sequence writes to the same columns, whatever its length: a sequence that has nothing to say there leaves
    a hole, which nobody attends to. So appending is one write for all. The columns in memory are never sliced,
    since matrix products over a slice copy it first: there are few unused ones, closed like the holes, and the
    memory grows by blocks.
    """

    def __init__(self, config: ModelConfig, batch: int, columns: int, dtype: torch.dtype, device: torch.device) -> None:
        shape = (batch, config.kv_heads, columns, config.head_size)
        self.keys = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(config.layers)]
        self.values = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(config.layers)]
        self.end = 0
        """columns in use"""
        self.positions = torch.zeros(batch, dtype=torch.int64, device=device)
        """`[B]`: tokens so far, holes not counted"""
        self.closed = torch.full((1, columns), float("-inf"), dtype=dtype, device=device)
        """`[B or 1, columns]`: -inf at columns not to be attended to, else 0; one row while all are alike"""
        self.holes = False

    def __len__(self) -> int:
        return len(self.positions)

    def append(self, counts: Tensor | None, time: int) -> None:
        """Take `time` more columns, of which sequence b fills the first `counts[b]` (None: all)."""
        room = self.closed.shape[1]
        if self.end + time > room:
            self.become([self], columns=-(-(self.end + time) // BLOCK) * BLOCK)
        if counts is None:
            self.closed[:, self.end : self.end + time] = 0
        else:
            self.holes = True
            self.closed = self.closed.repeat(len(self) // len(self.closed), 1)
            there = torch.arange(time, device=counts.device) < counts[:, None]
            self.closed[:, self.end : self.end + time].masked_fill_(there, 0)
        self.positions = self.positions + (time if counts is None else counts)
        self.end += time

    def keep(self, alive: Tensor) -> Tensor:
        """Drop the sequences that are not `alive` (`[B]` of bool); the order of the others changes.

        Returns:
            `[n]`: the former numbers of those that stay. The last ones move into the gaps, nothing else is copied.
        """
        order = torch.arange(len(self), device=alive.device)
        number = int(alive.sum())
        gaps, last = order[:number][~alive[:number]], order[number:][alive[number:]]
        order[gaps] = last
        order = order[:number]
        for part in (self.keys, self.values):
            for layer, kept in enumerate(part):
                kept[gaps] = kept[last]
                part[layer] = kept[:number]
        self.positions = self.positions[order]
        if len(self.closed) != 1:
            self.closed = self.closed[order]
        return order

    def become(self, parts: Sequence[Cache], columns: int, which: Tensor | None = None) -> None:
        """Hold the sequences of `parts` one after the other, or those numbered `which` (`[n]`) of them, in that order.

        Where they reach differently far, they end at the same column; leading columns that nobody uses are let go.
        """
        end = max(part.end for part in parts)
        closed = parts[0].closed[:, :end]
        holes = any(part.holes or part.end < end for part in parts)
        if holes:
            rows = [part.closed[:, : part.end].expand(len(part), -1) for part in parts]
            closed = torch.cat([F.pad(row, (end - row.shape[1], 0), value=float("-inf")) for row in rows])
            unused = int((closed == 0).any(0).to(torch.uint8).argmax())
            closed, end = closed[:, unused:] if which is None else closed[which, unused:], end - unused
        for layer in range(len(self.keys)):
            for own, old in (
                (self.keys, [part.keys[layer][:, :, max(0, part.end - end) : part.end] for part in parts]),
                (self.values, [part.values[layer][:, :, max(0, part.end - end) : part.end] for part in parts]),
            ):
                own[layer] = _joined(old, end, columns, which)
        positions = torch.cat([part.positions for part in parts])
        self.positions = positions if which is None else positions[which]
        self.closed = F.pad(closed, (0, columns - end), value=float("-inf"))
        self.end, self.holes = end, holes


def _joined(parts: Sequence[Tensor], end: int, columns: int, which: Tensor | None) -> Tensor:
    _, kv, _, size = parts[0].shape
    new = parts[0].new_zeros(sum(map(len, parts)), kv, columns, size)
    for old, place in zip(parts, new.split([len(part) for part in parts]), strict=True):
        place[:, :, end - old.shape[2] : end] = old
    return new if which is None else new.index_select(0, which)


def _grouped(qkv: Tensor, config: ModelConfig) -> Tensor:
    """Rows of a projection in the order (query heads of a group, its key head, its value head), group by group.

    Within query and key heads the two halves are interleaved, so that a rotary pair stands side by side.
    """
    q, k, v = qkv.split([n * config.head_size for n in (config.heads, config.kv_heads, config.kv_heads)])
    pairs = [
        part.view(config.kv_heads, -1, 2, config.head_size // 2, config.width).transpose(2, 3).flatten(2, 3)
        for part in (q, k)
    ]
    return torch.cat([*pairs, v.view(config.kv_heads, 1, config.head_size, config.width)], 1).flatten(0, 2)


class Decoder:
    """A frozen copy of a model's weights, laid out for playing."""

    def __init__(self, model: Transformer, dtype: torch.dtype | None = None) -> None:
        """Copy the weights; `dtype` None: bfloat16 where the processor multiplies it natively, else float32."""
        self.made_of = _stamp(model, dtype)
        c = self.config = model.config
        self.device = model.embed_tokens.device
        self.dtype = dtype = fastest_dtype(self.device) if dtype is None else dtype
        with torch.no_grad():
            self.embed = model.embed_tokens.detach().float().clone()
            self.layers = []
            for block in cast("list[Block]", list(model.layers)):
                # a norm's weights, and the root of the width, move into the matrix behind it
                norm_1, norm_2 = (n * c.width**0.5 for n in (block.input_layernorm, block.post_attention_layernorm))
                matrices = (_grouped(block.qkv * norm_1, c), block.o, block.gate_up * norm_2, block.down)
                self.layers.append([m.detach().to(dtype, copy=True) for m in matrices])
            self.norm = model.norm.detach().float().clone()
            self.lm_head = model.lm_head.detach().to(dtype, copy=True)
            self.value_head = model.value_head.detach().float().clone()
            half, group = c.head_size // 2, c.heads // c.kv_heads
            turns = torch.complex(model.cos[:, :half].float(), model.sin[:, half:].float())[:, None]
            self.turns = torch.cat([turns.expand(-1, group, -1) * c.head_size**-0.5, turns, torch.ones_like(turns)], 1)
            """`[context, group + 2, size / 2]`: queries are scaled on the way, values left as they are"""

    @torch.inference_mode()
    def forward(self, tokens: Tensor, cache: Cache, counts: Tensor | None = None, last: Tensor | None = None) -> Tensor:
        """Append `tokens` to the cached sequences; their hidden states after the final norm, `[B, T, width]`.

        Args:
            tokens: `[B, T]`.
            cache: is advanced.
            counts: `[B]`: how many of the T tokens belong to each sequence, the rest is filling; None: all.
            last: `[B]`: give only the hidden states at these columns of `tokens`, `[B, 1, width]`.

        No sequence may grow beyond the model's context: that is the caller's to see to.
        """
        c = self.config
        batch, time = tokens.shape
        former = cache.positions
        cache.append(counts, time)
        start = cache.end - time
        if cache.holes:
            turns = self.turns[(former[:, None] + torch.arange(time, device=self.device)).clamp_(max=c.context - 1)]
        else:
            turns = self.turns[None, start : cache.end]
        bias = self._bias(cache, time)
        x = F.embedding(tokens, self.embed)
        for number, (qkv, o, gate_up, down) in enumerate(self.layers):
            h = F.linear(self._normed(x), qkv).view(batch, time, c.kv_heads, -1, c.head_size // 2, 2)
            turned = torch.view_as_complex(h.float()) * turns[:, :, None]
            h = torch.view_as_real(turned).to(self.dtype).flatten(-2)
            keys, values = cache.keys[number], cache.values[number]
            keys[:, :, start : cache.end] = h[:, :, :, -2].transpose(1, 2)
            values[:, :, start : cache.end] = h[:, :, :, -1].transpose(1, 2)
            q = h[:, :, :, :-2]
            if last is not None and number == c.layers - 1:
                rows = torch.arange(batch, device=self.device)
                q, x = q[rows, last][:, None], x[rows, last][:, None]
                if bias is not None:
                    bias = bias[rows if len(bias) == batch else 0, 0, last][:, None, None]
            x = x + F.linear(self._attention(q, keys, values, bias), o)
            gate, up = F.linear(self._normed(x), gate_up).chunk(2, -1)
            x = x + F.linear(F.silu(gate).mul_(up), down)
        return F.rms_norm(x, (c.width,), self.norm, c.norm_eps)

    def _normed(self, x: Tensor) -> Tensor:
        """RMSNorm without its weights, divided by the root of the width, in fewer operations than torch's."""
        square: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_()
        return (x * square.add_(self.config.norm_eps * self.config.width).rsqrt_()).to(self.dtype)

    def _attention(self, q: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None) -> Tensor:
        """`[B, T, width]` for `q` `[B, T, kv, group, size]`: the queries of a group go to its key head together."""
        c = self.config
        batch, time, columns = q.shape[0], q.shape[1], keys.shape[2]
        q = q.permute(0, 2, 3, 1, 4).reshape(batch * c.kv_heads, -1, c.head_size)
        scores = torch.bmm(q, keys.flatten(0, 1).transpose(1, 2))
        if bias is not None:
            scores.view(batch, c.heads, time, columns).add_(bias)
        y = torch.bmm(torch.softmax(scores, -1), values.flatten(0, 1))
        return y.view(batch, c.heads, time, c.head_size).transpose(1, 2).reshape(batch, time, c.width)

    def _bias(self, cache: Cache, time: int) -> Tensor | None:
        """`[B or 1, 1, time, columns]`, -inf where a query must not look; None where it may look everywhere."""
        columns = cache.closed.shape[1]
        closed = cache.closed[:, None, None] if cache.holes or cache.end < columns else None
        if time == 1:
            return closed
        ahead = torch.full((time, time), float("-inf"), dtype=self.dtype, device=self.device).triu(1)
        bias = F.pad(ahead, (cache.end - time, columns - cache.end))
        return bias[None, None] if closed is None else bias + closed

    def logits(self, hidden: Tensor) -> Tensor:
        """`[..., vocabulary]` in float32."""
        return F.linear(hidden.to(self.dtype), self.lm_head).float()

    def value(self, hidden: Tensor) -> Tensor:
        """`[...]`: expected return of the player to move, -1 to 1."""
        return torch.tanh(F.linear(hidden, self.value_head)).squeeze(-1)

    def cache(self, batch: int, columns: int) -> Cache:
        """An empty cache for `batch` sequences."""
        return Cache(self.config, batch, columns, self.dtype, self.device)


def current_decoder(model: Transformer, dtype: torch.dtype | None, former: Decoder | None) -> Decoder:
    """`former` where it was made of the weights as they are now, otherwise a new one.

    Changes that autograd does not count (through `parameter.data`) are not noticed.
    """
    if former is not None and former.made_of == _stamp(model, dtype):
        return former
    return Decoder(model, dtype)


def _stamp(model: Transformer, dtype: torch.dtype | None) -> tuple[object, ...]:
    """Whose weights in which form, how often each was written to, and where it stands (`Module.to` moves them)."""
    weights = [*model.parameters()]
    return (model, dtype, *(weight._version for weight in weights), *(weight.data_ptr() for weight in weights))


def fastest_dtype(device: torch.device) -> torch.dtype:
    """Bfloat16 where it is multiplied natively, float32 elsewhere."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return torch.bfloat16 if native is not None and native() else torch.float32
