"""Seconds of a GRPO training step beside TRL's `GRPOTrainer`: the same weights, prompts and lengths, and the memory.

    python benchmarks/grpo.py --out docs/results/grpo.md

One step: 8 prompts of 64 tokens, 8 completions each of 64 tokens, rewards, advantages in groups, one pass of the
clipped loss and its gradient, AdamW. Nobody ends early: the end token is made impossible in the weights. Each side
runs in a process of its own, in turns, so that what else the machine does touches both alike; the first step of each
is left out, and medians are compared. Memory is the highest resident set of the whole process, imports included.

`bf16` is how each side computes in it: ours samples in it and learns under autocast; TRL learns and samples under
autocast. TRL comes with `pip install trl`; nothing else needs it.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro

from envs.random_streams import stream_keys
from llm_policy.checkpoint import load_model, save_model
from llm_policy.decoder import Decoder
from llm_policy.model import Transformer
from llm_policy.model_config import ModelConfig
from llm_policy.sampler import generate
from llm_policy.tokenizer import EOS, encode
from training.advantages import group_advantages
from training.policy_gradient import total_loss
from training.policy_losses import clipped_loss
from training.replies import Replies, score

CONFIG = ModelConfig(layers=4, width=128, heads=4, kv_heads=2, hidden=512, context=256)
PROMPTS, GROUP, PROMPT, NEW = 8, 8, 64, 64
MICRO = 32
"""completions whose gradients are computed at once: what fits a processor's cache goes faster"""
LR, CLIP = 1e-4, 0.2
FORMATS = ("fp32", "bf16")


def endless_model() -> Transformer:
    """Random weights; the first channel is a constant, by which the end token becomes impossible."""
    model = Transformer(CONFIG).initialise(torch.Generator().manual_seed(0))
    with torch.no_grad():
        model.embed_tokens[:, 0] = 4.0
        model.lm_head[:, 0] = 0.0
        model.lm_head[EOS, 0] = -30.0
    return model


def prompts() -> list[str]:
    """Letters, each of them one token."""
    random = np.random.default_rng(1)
    return ["".join(random.choice(list("abcdefghijklmn"), PROMPT)) for _ in range(PROMPTS)]


def rewards_of(completions: Sequence[Sequence[int]]) -> list[float]:
    """The share of even tokens: as cheap on both sides."""
    return [sum(token % 2 == 0 for token in tokens) / len(tokens) for tokens in completions]


def ours(folder: Path, steps: int, form: str) -> list[float]:
    """Seconds of each step."""
    model = load_model(folder)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR)
    asked = torch.tensor([encode(text) for text in prompts()])
    count = PROMPTS * GROUP
    dtype = torch.bfloat16 if form == "bf16" else torch.float32
    groups = np.arange(count) // GROUP
    spent = []
    for step in range(steps):
        began = time.perf_counter()
        keys = stream_keys(1, step, np.arange(count))
        said = generate(Decoder(model, dtype), asked, max_new=NEW, keys=keys, repeats=GROUP).tokens
        assert said.shape == (count, NEW)
        advantages = group_advantages(np.array(rewards_of(said.tolist()), np.float32), groups, scale="group")
        replies = Replies(
            torch.cat([asked.repeat_interleave(GROUP, 0), said], 1),
            torch.full((count,), PROMPT),
            torch.full((count,), PROMPT + NEW),
            torch.from_numpy(advantages),
            torch.full((count,), float("nan")),
        )
        for start in range(0, count, MICRO):
            part = replies.at(slice(start, start + MICRO))
            with torch.autocast("cpu", torch.bfloat16, enabled=form == "bf16"):
                scores = score(model, part)
            # one step a sample: the policy before the update is the policy now, as TRL has it too
            loss, _ = total_loss(scores, scores.logprobs.detach(), part, clipped_loss(CLIP), 0.0, 0.0)
            (loss * (MICRO / count / NEW)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        spent.append(time.perf_counter() - began)
    return spent


def theirs(folder: Path, steps: int, form: str) -> list[float]:
    """Seconds of each step."""
    import datasets
    import transformers
    import trl

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert all(len(tokenizer(text)["input_ids"]) == PROMPT for text in prompts())
    marks: list[float] = []

    class Clock(transformers.TrainerCallback):
        def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
            marks.append(time.perf_counter())

        def on_train_end(self, *args: Any, **kwargs: Any) -> None:
            marks.append(time.perf_counter())

    def reward(completion_ids: list[list[int]], **kwargs: Any) -> list[float]:
        assert [len(tokens) for tokens in completion_ids] == [NEW] * PROMPTS * GROUP
        return rewards_of(completion_ids)

    config = trl.GRPOConfig(
        output_dir=str(folder / "trl"),
        per_device_train_batch_size=PROMPTS * GROUP,
        num_generations=GROUP,
        max_completion_length=NEW,
        max_steps=steps,
        learning_rate=LR,
        epsilon=CLIP,
        beta=0.0,
        temperature=1.0,
        use_cpu=True,
        bf16=form == "bf16",
        gradient_checkpointing=False,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
    )
    trainer = trl.GRPOTrainer(
        model=transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
        reward_funcs=reward,
        args=config,
        train_dataset=datasets.Dataset.from_list([{"prompt": text} for text in prompts()] * steps),
        processing_class=tokenizer,
        callbacks=[Clock()],
    )
    trainer.train()
    return [after - before for before, after in pairwise(marks)]


def run_one(who: str, folder: Path, steps: int, form: str, threads: int) -> dict[str, Any]:
    """One side in a process of its own: `seconds` of each step but the first, `megabytes` at most."""
    command = [sys.executable, __file__, "--who", who, "--folder", str(folder), "--steps", str(steps)]
    command += ["--form", form, "--threads", str(threads)]
    root = Path(__file__).parent.parent
    environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise RuntimeError(f"{who} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def markdown(found: dict[tuple[str, str], list[dict[str, Any]]], setting: str) -> str:
    seconds = {key: [s for run in runs for s in run["seconds"]] for key, runs in found.items()}
    rows = ["| format | who | seconds a step (median) | lowest - highest | completions/s | peak memory, MB | ours is |"]
    rows.append("|---|---|--:|--:|--:|--:|--:|")
    for (who, form), spent in seconds.items():
        memory = max(run["megabytes"] for run in found[who, form])
        ratio = statistics.median(seconds["trl", form]) / statistics.median(spent) if ("trl", form) in seconds else 0
        times = f"{ratio:.1f} x" if ratio and who != "trl" else ""
        rows.append(
            f"| {form} | {who} | {statistics.median(spent):.3f} | {min(spent):.3f} - {max(spent):.3f} | "
            f"{PROMPTS * GROUP / statistics.median(spent):.1f} | {memory:,.0f} | {times} |"
        )
    return f"{setting}\n\n" + "\n".join(rows) + "\n"


def main(
    who: str = "",
    folder: Path | None = None,
    form: str = "fp32",
    steps: int = 6,
    rounds: int = 3,
    threads: int = 2,
    out: Path | None = None,
) -> None:
    """Measure and print; `--out` writes the same as `.md`. `--who` is for the processes it starts."""
    torch.set_num_threads(threads)
    if who:
        assert folder is not None
        seconds = (ours if who == "xueba" else theirs)(folder, steps, form)[1:]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        print(json.dumps({"seconds": seconds, "megabytes": peak / 1e6}))
        return
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as made:
        save_model(endless_model(), Path(made))
        for _ in range(rounds):
            for each in FORMATS:
                for side in ("xueba", "trl"):
                    found.setdefault((side, each), []).append(run_one(side, Path(made), steps, each, threads))
    setting = (
        f"{endless_model().number_of_parameters() / 1e6:.2f} M parameters, {PROMPTS} x {GROUP} completions of {NEW} "
        f"tokens, prompts of {PROMPT}; {rounds} rounds of {steps - 1} steps counted; {threads} threads, "
        f"{os.cpu_count()} cores ({platform.machine()}), torch {torch.__version__}."
    )
    text = markdown(found, setting)
    print(text)
    if out is not None:
        command = f"python benchmarks/grpo.py --steps {steps} --rounds {rounds} --threads {threads} --out {out}"
        out.write_text(f"# A GRPO step beside TRL's\n\n`{command}`\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
