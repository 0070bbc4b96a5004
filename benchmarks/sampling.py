"""New tokens per second of our sampler beside `transformers.generate`, with the same weights and the same work.

    python benchmarks/sampling.py --out docs/results/sampling.md

1.08 M parameters, prompts of 64 tokens, 64 new ones each by plain sampling at temperature 1, reading the prompts
included. Nobody ends early: the end token is made impossible in the weights. Ours also returns log-probabilities.
The two take turns within every repeat, so that what else the machine does touches both alike; medians are compared.
The machine's own limits are measured in the same run.
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import tyro

from envs.random_streams import stream_keys
from llm_policy.checkpoint import save_model
from llm_policy.decoder import Decoder
from llm_policy.model import Transformer
from llm_policy.model_config import ModelConfig
from llm_policy.sampler import generate
from llm_policy.tokenizer import EOS

CONFIG = ModelConfig(layers=4, width=128, heads=4, kv_heads=2, hidden=512, context=256)
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Line:
    batch: int
    player: str
    tokens_per_second: float
    lowest: float
    highest: float


def endless_model() -> Transformer:
    """Random weights; the first channel is a constant, by which the end token becomes impossible."""
    model = Transformer(CONFIG).initialise(torch.Generator().manual_seed(0))
    with torch.no_grad():
        model.embed_tokens[:, 0] = 4.0
        model.lm_head[:, 0] = 0.0
        model.lm_head[EOS, 0] = -30.0
    return model


def players(model: Transformer, prompts: torch.Tensor, new: int) -> dict[str, Callable[[int], torch.Tensor]]:
    """Name and what writes `[batch, new]` tokens."""

    def ours(dtype: torch.dtype) -> Callable[[int], torch.Tensor]:
        def write(batch: int) -> torch.Tensor:
            # the weights are copied anew each time, as they are between two steps of learning
            keys = stream_keys(1, np.arange(batch))
            return generate(Decoder(model, dtype), prompts[:batch], max_new=new, keys=keys).tokens

        return write

    def theirs(dtype: torch.dtype) -> Callable[[int], torch.Tensor]:
        import transformers

        with tempfile.TemporaryDirectory() as folder:
            save_model(model, Path(folder))
            peer = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)

        def write(batch: int) -> torch.Tensor:
            asked = prompts[:batch]
            options = {"do_sample": True, "top_k": 0, "top_p": 1.0, "temperature": 1.0, "max_new_tokens": new}
            with torch.inference_mode():
                whole = peer.generate(asked, attention_mask=torch.ones_like(asked), **options)
            return whole[:, asked.shape[1] :]

        return write

    made = {f"xueba {name}": ours(dtype) for name, dtype in DTYPES.items()}
    try:
        made |= {f"transformers {name}": theirs(dtype) for name, dtype in DTYPES.items()}
    except ImportError as error:
        print(f"left out: {error}")
    return made


def measure(batch: int, made: dict[str, Callable[[int], torch.Tensor]], new: int, repeats: int) -> list[Line]:
    seen: dict[str, list[float]] = {name: [] for name in made}
    for repeat in range(repeats + 1):
        for name, write in made.items():
            began = time.perf_counter()
            tokens = write(batch)
            spent = time.perf_counter() - began
            assert tokens.shape == (batch, new), tokens.shape
            if repeat:
                seen[name].append(batch * new / spent)
    return [Line(batch, name, statistics.median(runs), min(runs), max(runs)) for name, runs in seen.items()]


def limits() -> dict[str, float]:
    """The best of several: GFLOP/s of a large matrix product, GB/s of a copy."""

    def best(work: Callable[[], object]) -> float:
        spent = []
        for _ in range(5):
            began = time.perf_counter()
            work()
            spent.append(time.perf_counter() - began)
        return min(spent)

    found = {}
    for name, dtype in DTYPES.items():
        a = torch.randn(2048, 2048).to(dtype)
        found[f"{name} matrix product, GFLOP/s"] = 2 * 2048**3 / best(lambda a=a: a @ a) / 1e9  # type: ignore[misc]
    source = torch.zeros(1 << 26)
    target = torch.empty_like(source)
    found["memory, read and write, GB/s"] = 2 * source.nbytes / best(lambda: target.copy_(source)) / 1e9
    return found


def markdown(lines: list[Line], machine: dict[str, float], setting: str) -> str:
    rate = {(line.batch, line.player): line.tokens_per_second for line in lines}
    rows = ["| batch | who | new tokens/s (median) | lowest - highest | ours is |", "|--:|---|--:|--:|--:|"]
    for line in lines:
        peer = line.player.replace("xueba", "transformers")
        ratio = rate[line.batch, line.player] / rate.get((line.batch, peer), float("nan"))
        times = f"{ratio:.1f} x" if peer != line.player else ""
        rows.append(
            f"| {line.batch} | {line.player} | {line.tokens_per_second:,.0f} | "
            f"{line.lowest:,.0f} - {line.highest:,.0f} | {times} |"
        )
    bounds = "; ".join(f"{name}: {value:,.0f}" for name, value in machine.items())
    return f"{setting}\n\n" + "\n".join(rows) + f"\n\nThe machine's limits in the same run: {bounds}.\n"


def main(
    batches: tuple[int, ...] = (1, 64, 256),
    repeats: int = 5,
    threads: int = 2,
    prompt: int = 64,
    new: int = 64,
    out: Path | None = None,
) -> None:
    """Measure and print; `--out` writes the same as `.md`."""
    torch.set_num_threads(threads)
    model = endless_model()
    prompts = torch.randint(8, 370, (max(batches), prompt), generator=torch.Generator().manual_seed(1))
    made = players(model, prompts, new)
    lines = [line for batch in batches for line in measure(batch, made, new, repeats)]
    setting = (
        f"{model.number_of_parameters() / 1e6:.2f} M parameters, {prompt} prompt + {new} new tokens, "
        f"{repeats} repeats, interleaved; {threads} threads, {os.cpu_count()} cores ({platform.machine()}), "
        f"torch {torch.__version__}."
    )
    text = markdown(lines, limits(), setting)
    print(text)
    if out is not None:
        command = f"python benchmarks/sampling.py --batches {' '.join(map(str, batches))} --repeats {repeats} "
        command += f"--threads {threads} --prompt {prompt} --new {new} --out {out}"
        out.write_text(f"# New tokens per second\n\n`{command}`\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
