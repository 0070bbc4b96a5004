"""A model as a folder in Hugging Face's Llama layout, so that `transformers` reads it, and with checks, so that we do.

`model.safetensors`, `config.json`, `tokenizer.json` and `tokenizer_config.json` are theirs; the value head lies
beside them in `value_head.safetensors`. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from llm_policy.model import Block, Transformer
from llm_policy.model_config import ModelConfig
from llm_policy.tokenizer import BOS, EOS, PAD, VOCABULARY, save_tokenizer

WEIGHTS, VALUE_HEAD, CONFIG, TOKENIZER = "model.safetensors", "value_head.safetensors", "config.json", "tokenizer.json"
MAX_HEADER = 1 << 20
"""bytes of a safetensors header or a JSON file; a model of ours has some ten thousand"""
_DTYPES = ("F32", "BF16", "F16")
_PICKLES = (b"\x80", b"PK\x03\x04")
_FIELDS = {
    "layers": ("num_hidden_layers", 1024),
    "width": ("hidden_size", 1 << 16),
    "heads": ("num_attention_heads", 1024),
    "kv_heads": ("num_key_value_heads", 1024),
    "hidden": ("intermediate_size", 1 << 18),
    "context": ("max_position_embeddings", 1 << 20),
    "vocabulary": ("vocab_size", 1 << 20),
    "rope_theta": ("rope_theta", 1e12),
    "norm_eps": ("rms_norm_eps", 1.0),
}
"""Their name for each field of ours, and the largest value that is believed."""
_FIXED = {"model_type": "llama", "hidden_act": "silu", "attention_bias": False, "mlp_bias": False}


def save_model(model: Transformer, folder: Path) -> None:
    """Write `model` into `folder` (made if need be; its files of these names are overwritten)."""
    folder.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(weights_of(model), folder / WEIGHTS, metadata={"format": "pt"})
    head = {"weight": model.value_head.detach().float().contiguous()}
    safetensors.torch.save_file(head, folder / VALUE_HEAD, metadata={"format": "pt"})
    (folder / CONFIG).write_text(json.dumps(_config_of(model.config), indent=2) + "\n")
    save_tokenizer(folder)
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "model_max_length": model.config.context,
        "clean_up_tokenization_spaces": False,
        "padding_side": "right",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2) + "\n")


def load_model(folder: Path) -> Transformer:
    """Read what `save_model` wrote, in float32.

    Raises:
        FileNotFoundError: the folder or one of its files is missing.
        ValueError: a file is not what it should be; the message says which and why.
    """
    config = _read_config(folder / CONFIG)
    tokenizer = _read_json(folder / TOKENIZER).get("model")
    if not isinstance(tokenizer, dict) or tokenizer.get("vocab") != VOCABULARY:
        raise ValueError(f"{folder / TOKENIZER}: another vocabulary than this program's")
    with torch.device("meta"):
        model = Transformer(config)
    weights = _read_tensors(folder / WEIGHTS, {name: tuple(w.shape) for name, w in weights_of(model).items()})
    head = _read_tensors(folder / VALUE_HEAD, {"weight": (1, config.width)})
    return _model_of(config, weights, head["weight"])


def weights_of(model: Transformer) -> dict[str, Tensor]:
    """The weights under Hugging Face's names, the value head excepted; float32 copies."""
    c = model.config
    weights = {
        "model.embed_tokens.weight": model.embed_tokens,
        "model.norm.weight": model.norm,
        "lm_head.weight": model.lm_head,
    }
    for number, block in enumerate(cast("list[Block]", list(model.layers))):
        q, k, v = block.qkv.split([heads * c.head_size for heads in (c.heads, c.kv_heads, c.kv_heads)])
        gate, up = block.gate_up.split(c.hidden)
        parts = {
            "input_layernorm": block.input_layernorm,
            "self_attn.q_proj": q,
            "self_attn.k_proj": k,
            "self_attn.v_proj": v,
            "self_attn.o_proj": block.o,
            "post_attention_layernorm": block.post_attention_layernorm,
            "mlp.gate_proj": gate,
            "mlp.up_proj": up,
            "mlp.down_proj": block.down,
        }
        weights |= {f"model.layers.{number}.{name}.weight": part for name, part in parts.items()}
    return {name: weight.detach().float().clone() for name, weight in weights.items()}


@torch.no_grad()
def _model_of(config: ModelConfig, weights: Mapping[str, Tensor], value_head: Tensor) -> Transformer:
    model = Transformer(config)
    model.embed_tokens.copy_(weights["model.embed_tokens.weight"])
    model.norm.copy_(weights["model.norm.weight"])
    model.lm_head.copy_(weights["lm_head.weight"])
    model.value_head.copy_(value_head)
    for number, block in enumerate(cast("list[Block]", list(model.layers))):
        part = {
            name.removeprefix(f"model.layers.{number}.").removesuffix(".weight"): weight
            for name, weight in weights.items()
        }
        block.input_layernorm.copy_(part["input_layernorm"])
        block.post_attention_layernorm.copy_(part["post_attention_layernorm"])
        block.qkv.copy_(torch.cat([part[f"self_attn.{x}_proj"] for x in "qkv"]))
        block.o.copy_(part["self_attn.o_proj"])
        block.gate_up.copy_(torch.cat([part["mlp.gate_proj"], part["mlp.up_proj"]]))
        block.down.copy_(part["mlp.down_proj"])
    return model


def _config_of(config: ModelConfig) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        **_FIXED,
        **{_FIELDS[name][0]: value for name, value in asdict(config).items()},
        "head_dim": config.head_size,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "pad_token_id": PAD,
    }


def _read_config(path: Path) -> ModelConfig:
    found = _read_json(path)
    for name, value in _FIXED.items():
        if found.get(name, value) != value:
            raise ValueError(f"{path}: {name} is {found[name]!r}, this program reads only {value!r}")
    if found.get("model_type") != "llama":
        raise ValueError(f"{path}: no model_type; this program reads 'llama'")
    rope = found.get("rope_parameters")  # what the fifth version of transformers writes
    if isinstance(rope, dict):
        found = {
            "rope_theta": rope.get("rope_theta"),
            "rope_scaling": rope.keys() - {"rope_theta", "rope_type"},
        } | found
        rope = None if rope.get("rope_type", "default") == "default" else rope
    if rope is not None or found.get("rope_scaling") or found.get("tie_word_embeddings"):
        raise ValueError(f"{path}: scaled rotary positions or tied embeddings, which this program does not read")
    values = {}
    for name, (theirs, largest) in _FIELDS.items():
        value = found.get(theirs)
        whole = name not in ("rope_theta", "norm_eps")
        good = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not good or not 0 < cast("float", value) <= largest:
            raise ValueError(f"{path}: {theirs} is {value!r}, not a sensible number")
        values[name] = value
    try:
        config = ModelConfig(**cast("dict[str, Any]", values))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if found.get("head_dim", config.head_size) != config.head_size:
        raise ValueError(f"{path}: head_dim is {found['head_dim']!r}, not hidden_size / num_attention_heads")
    return config


def _regular(path: Path) -> int:
    """Its size in bytes."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no model folder {path.parent}")
    if not path.exists():
        raise FileNotFoundError(f"{path.parent} has no {path.name}: not a model folder, or an incomplete one")
    if not path.is_file():
        raise ValueError(f"{path} is not a plain file")
    return path.stat().st_size


def _read_json(path: Path) -> dict[str, Any]:
    if _regular(path) > MAX_HEADER:
        raise ValueError(f"{path}: {path.stat().st_size} bytes, too large for what it should be")
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON ({error})") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path}: not a JSON object")
    return found


def _read_tensors(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """The tensors of a safetensors file that must hold exactly `shapes`, finite, as float32.

    What the header says is checked before anything of the size it claims is read.
    """
    size = _regular(path)
    with path.open("rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > min(MAX_HEADER, size - 8):
            if start.startswith(_PICKLES):
                raise ValueError(f"{path}: a pickle or an archive, not safetensors; it is not opened")
            raise ValueError(f"{path}: a header of {length} bytes in a file of {size}: damaged or not safetensors")
        try:
            header = json.loads(file.read(length))
            entries = {name: (e["dtype"], tuple(e["shape"])) for name, e in header.items() if name != "__metadata__"}
        except (ValueError, RecursionError, TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"{path}: its header is damaged ({type(error).__name__})") from None
        _check_entries(path, entries, shapes)
        bytes_of = {"F32": 4, "BF16": 2, "F16": 2}
        expected = 8 + length + sum(bytes_of[dtype] * math.prod(shape) for dtype, shape in entries.values())
        if size != expected:
            raise ValueError(f"{path}: {size} bytes instead of {expected}: cut short or damaged")
        file.seek(0)
        data = file.read()
    try:
        tensors = {name: tensor.float() for name, tensor in safetensors.torch.load(data).items()}
    except SafetensorError as error:
        raise ValueError(f"{path}: damaged ({error})") from None
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise ValueError(f"{path}: {name} holds values that are not finite")
    return tensors


def _check_entries(
    path: Path, entries: Mapping[str, tuple[Any, tuple[Any, ...]]], shapes: Mapping[str, tuple[int, ...]]
) -> None:
    missing, surplus = sorted(shapes.keys() - entries.keys()), sorted(entries.keys() - shapes.keys())
    if missing or surplus:
        names = [f"{name!r} is missing" for name in missing[:2]] + [f"{name!r} is not expected" for name in surplus[:2]]
        raise ValueError(f"{path}: another model's checkpoint: {', '.join(names)}")
    for name, (dtype, shape) in entries.items():
        if dtype not in _DTYPES:
            raise ValueError(f"{path}: {name} is of type {dtype!r}, not one of {', '.join(_DTYPES)}")
        if shape != shapes[name]:
            raise ValueError(f"{path}: {name} has shape {shape}, config.json says {shapes[name]}")
