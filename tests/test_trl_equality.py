"""The losses, their gradients and the advantages of groups are those of TRL's trainers, whose own code is run.

TRL's shape of a batch is another one: prompts filled up on the left, completions on the right, all as `[N, T]` with
masks. Both models hold the same weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from llm_policy.checkpoint import load_model, save_model, weights_of
from llm_policy.model import Transformer
from llm_policy.tokenizer import EOS, PAD
from tests.tiny_replies import tiny_model
from training.advantages import SCALES, group_advantages
from training.config import PolicyGradientConfig
from training.policy_gradient import total_loss
from training.policy_losses import group_loss
from training.replies import Replies, Scores, score

trl = pytest.importorskip("trl")
pytestmark = [
    pytest.mark.slow,  # to import TRL and build a trainer takes longer than all the rest
    pytest.mark.filterwarnings("default"),
]

LONGEST = 9
GROUP = 4
REWARDS = np.array([1, 0, 0.5, 0, 1, 1, 1, 1, -0.25, 0.125, 3, 1], np.float32)
"""of three groups, the second of them equal"""
PROMPTS, LENGTHS = np.repeat([3, 1, 5], GROUP), np.array([9, 1, 4, 7, 2, 3, 9, 1, 5, 8, 1, 6])

LOSSES: dict[str, dict[str, Any]] = {
    "grpo": {"average": "reply"},
    "bnpo": {"average": "token"},
    "dapo": {"average": "token"},
    "dr_grpo": {"average": "fixed"},
    "luspo": {"average": "sum"},
    "cispo": {"average": "token", "surrogate": "cispo"},
    "sapo": {"average": "reply", "surrogate": "soft"},
    "vespo": {"average": "token", "surrogate": "gamma"},
}
"""TRL's `loss_type` and what it is here."""
LIMITS: dict[str, dict[str, float]] = {
    "one range": {"clip": 0.2},
    "clip higher": {"clip": 0.1, "clip_high": 0.28},
    "capped": {"clip": 0.2, "ratio_cap": 1.3},
}
DIVERGENCES: dict[str, dict[str, Any]] = {
    "no divergence": {"kl": 0.0},
    "divergence": {"kl": 0.3, "kl_corrected": False},
    "corrected divergence": {"kl": 0.3, "kl_corrected": True},
}


def rewards_of(completions: list[str], **others: Any) -> list[float]:
    return [float(reward) for reward in REWARDS[: len(completions)]]


def build(kind: str, folder: Path, **options: Any) -> Any:
    import datasets
    import transformers

    config = getattr(trl, f"{kind}Config")(
        output_dir=str(folder / "out"),
        per_device_train_batch_size=len(REWARDS),
        gradient_accumulation_steps=1,
        num_generations=GROUP,
        max_completion_length=LONGEST,
        use_cpu=True,
        bf16=False,
        report_to="none",
        **options,
    )
    trainer = getattr(trl, f"{kind}Trainer")(
        model=transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
        reward_funcs=rewards_of,
        args=config,
        train_dataset=datasets.Dataset.from_list([{"prompt": "a"}] * len(REWARDS)),
        processing_class=transformers.AutoTokenizer.from_pretrained(folder),
    )
    trainer.current_gradient_accumulation_steps = 1
    trainer.model.train()
    return trainer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("model")
    save_model(tiny_model(), made)
    return made


@pytest.fixture(scope="module")
def trainer(folder: Path) -> Any:
    return build("GRPO", folder)


def batch() -> Replies:
    """Replies of all lengths to prompts of three lengths; their advantages, with a group of zeros."""
    random = np.random.default_rng(0)
    tokens = np.full((len(REWARDS), int((PROMPTS + LENGTHS).max())), PAD)
    for row, (prompt, length) in enumerate(zip(PROMPTS, LENGTHS, strict=True)):
        asked = np.random.default_rng(int(prompt)).integers(9, 300, prompt)
        tokens[row, : prompt + length] = [*asked, *random.integers(9, 300, length - 1), EOS]
    advantages = group_advantages(REWARDS, np.arange(len(REWARDS)) // GROUP, scale="group")
    return Replies(
        torch.from_numpy(tokens),
        torch.from_numpy(PROMPTS),
        torch.from_numpy(PROMPTS + LENGTHS),
        torch.from_numpy(advantages),
        torch.full((len(REWARDS),), float("nan")),
    )


def table(scores: Scores, numbers: Tensor, filling: float) -> Tensor:
    """`[N, LONGEST]` for `numbers` (`[M]`); what lies behind the replies must not matter."""
    found = torch.full((len(REWARDS), LONGEST), filling)
    where = torch.arange(LONGEST) < torch.from_numpy(LENGTHS)[:, None]
    found[where] = numbers
    return found


def as_trl_has_it(replies: Replies) -> dict[str, Tensor]:
    widest = int(PROMPTS.max())
    prompts = torch.full((len(REWARDS), widest), PAD)
    completions = torch.full((len(REWARDS), LONGEST), PAD)
    for row, (prompt, length) in enumerate(zip(PROMPTS, LENGTHS, strict=True)):
        prompts[row, widest - prompt :] = replies.tokens[row, :prompt]
        completions[row, :length] = replies.tokens[row, prompt : prompt + length]
    completion_mask = (torch.arange(LONGEST) < torch.from_numpy(LENGTHS)[:, None]).long()
    return {
        "prompt_ids": prompts,
        "prompt_mask": (prompts != PAD).long(),
        "completion_ids": completions,
        "completion_mask": completion_mask,
        "advantages": replies.advantages,
        "num_items_in_batch": completion_mask.sum(),
    }


def set_up(trainer: Any, loss: str, level: str, config: PolicyGradientConfig) -> None:
    trainer.loss_type, trainer.importance_sampling_level = loss, {"token": "token", "reply": "sequence"}[level]
    trainer.epsilon_low, trainer.epsilon_high = config.clip, config.clip_high or config.clip
    if loss == "cispo":  # its limit is the ratio itself there
        trainer.epsilon_high += 1
    trainer.args.delta = config.ratio_cap or None
    trainer.beta, trainer.args.use_bias_correction_kl = config.kl, config.kl_corrected
    trainer.off_policy_mask_threshold = config.off_policy or None
    trainer.top_entropy_quantile = config.top_entropy


def compare(trainer: Any, folder: Path, loss: str, config: PolicyGradientConfig, spread: float = 0.3) -> dict[str, Any]:
    """Loss and gradient on both sides; the ratio of every token to before is lognormal, `spread` wide."""
    replies, model = batch(), load_model(folder)
    random = torch.Generator().manual_seed(1)
    scores = score(model, replies)
    before, reference = (
        scores.logprobs.detach() + spread * torch.randn(len(scores.rows), generator=random) for _ in range(2)
    )
    mine, _ = total_loss(scores, before, replies, group_loss(config), 0.0, 0.0, None, reference)
    mine.backward()
    set_up(trainer, loss, config.ratio, config)
    inputs = as_trl_has_it(replies) | {
        "old_per_token_logps": table(scores, before, -7.0),
        "ref_per_token_logps": table(scores, reference, -3.0),
    }
    trainer.model.zero_grad()
    theirs = trainer.compute_loss(trainer.model, inputs)
    theirs.backward()
    # the ratio of a whole reply is the exponential of a sum of float32 numbers, and processors differ in these
    assert float(mine.detach()) == pytest.approx(float(theirs.detach()), abs=1e-6, rel=1e-5)
    gradient = gradient_of(model)
    for name, parameter in trainer.model.named_parameters():
        torch.testing.assert_close(
            gradient[name], parameter.grad, atol=1e-6, rtol=1e-5, msg=lambda m, n=name: f"{n}: {m}"
        )
    assert max(float(g.abs().max()) for g in gradient.values()) > 1e-3
    return inputs


def gradient_of(model: Transformer) -> dict[str, Tensor]:
    """Under the names of Hugging Face's Llama."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.zeros_like(parameter) if parameter.grad is None else parameter.grad)
    return weights_of(model)


@pytest.mark.parametrize("divergence", DIVERGENCES)
@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("level", ["token", "reply"])
@pytest.mark.parametrize("loss", LOSSES)
def test_loss_and_gradient(trainer: Any, folder: Path, loss: str, level: str, limits: str, divergence: str) -> None:
    options = LOSSES[loss] | LIMITS[limits] | DIVERGENCES[divergence]
    compare(trainer, folder, loss, PolicyGradientConfig(ratio=level, max_new=LONGEST, **options))


@pytest.mark.parametrize(
    "options", [{"off_policy": 0.02}, {"top_entropy": 0.3}, {"off_policy": 0.02, "top_entropy": 0.5}]
)
@pytest.mark.parametrize("loss", LOSSES)
def test_what_is_left_out(trainer: Any, folder: Path, loss: str, options: dict[str, float]) -> None:
    config = PolicyGradientConfig(max_new=LONGEST, **LOSSES[loss], **options)  # type: ignore[arg-type]
    compare(trainer, folder, loss, config)


def test_the_first_step_after_playing(trainer: Any, folder: Path) -> None:
    """Where the policy is still the one before."""
    compare(trainer, folder, "grpo", PolicyGradientConfig(average="reply"), spread=0.0)


@pytest.mark.parametrize("scale", SCALES)
def test_advantages_of_groups(trainer: Any, scale: str) -> None:
    trainer.scale_rewards, trainer.beta = scale, 0.0
    found = trainer._generate_and_score_completions([{"prompt": "ab"}] * len(REWARDS))["advantages"]
    expected = group_advantages(REWARDS, np.arange(len(REWARDS)) // GROUP, scale=scale)
    assert not expected[GROUP : 2 * GROUP].any()
    np.testing.assert_allclose(expected, found, rtol=1e-6, atol=1e-6)


def test_advantages_by_leave_one_out(folder: Path) -> None:
    trainer = build("RLOO", folder, normalize_advantages=False, beta=0.0)
    found = trainer._generate_and_score_completions([{"prompt": "ab"}] * len(REWARDS))["advantages"]
    expected = group_advantages(REWARDS, np.arange(len(REWARDS)) // GROUP, baseline="leave-one-out")
    np.testing.assert_allclose(expected, found, rtol=1e-6, atol=1e-6)
