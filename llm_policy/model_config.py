"""The size of a model, in a file without torch: whoever only reads or lists configs starts at once."""

from __future__ import annotations

from dataclasses import dataclass, fields

from llm_policy.tokenizer import VOCABULARY_SIZE

LARGEST, MOST_LAYERS = 1 << 20, 256
"""Beyond these somebody has mistyped, and would wait for a memory error."""


@dataclass(frozen=True)
class ModelConfig:
    """The size of a model."""

    layers: int = 4
    """transformer blocks"""
    width: int = 128
    """size of the residual stream"""
    heads: int = 4
    """query heads"""
    kv_heads: int = 2
    """key and value heads, each shared by heads / kv_heads query heads"""
    hidden: int = 256
    """inner size of the SwiGLU block"""
    context: int = 256
    """longest sequence, in tokens"""
    vocabulary: int = VOCABULARY_SIZE
    """rows of the embedding"""
    rope_theta: float = 10_000.0
    """base of the rotary positions"""
    norm_eps: float = 1e-5
    """added to the mean square in RMSNorm"""

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) <= 0:
                raise ValueError(f"{field.name} of the model is {getattr(self, field.name)}: it must be more than 0")
            if field.type == "int" and getattr(self, field.name) > LARGEST:
                raise ValueError(f"{field.name} of the model is {getattr(self, field.name)}: at most {LARGEST}")
        if self.layers > MOST_LAYERS:
            raise ValueError(f"layers of the model are {self.layers}: at most {MOST_LAYERS}")
        if self.vocabulary < VOCABULARY_SIZE:
            raise ValueError(f"vocabulary {self.vocabulary} is less than the tokenizer's {VOCABULARY_SIZE} words")
        if self.width % self.heads or self.heads % self.kv_heads:
            raise ValueError(
                f"width {self.width} must be a multiple of heads {self.heads}, and heads of kv_heads {self.kv_heads}"
            )
        if self.head_size % 2:
            raise ValueError(f"heads of size {self.head_size} (width / heads) have no pairs to turn: make it even")

    @property
    def head_size(self) -> int:
        return self.width // self.heads
