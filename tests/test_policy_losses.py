"""The parts of the losses by hand; put together they are compared with TRL in test_trl_equality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from training.config import PolicyGradientConfig
from training.policy_losses import (
    AVERAGES,
    RATIOS,
    SURROGATES,
    Limits,
    Terms,
    cispo,
    clipped,
    clipped_loss,
    gamma,
    group_loss,
    likelihood_loss,
    near,
    soft,
    uncertain,
)

RATIO = np.array([0.5, 0.9, 1.0, 1.1, 1.5, 0.5, 0.9, 1.0, 1.1, 1.5])
ADVANTAGE = np.array([2.0] * 5 + [-2.0] * 5)
BEFORE = np.linspace(-5, -0.1, 10)


def terms(ratio: np.ndarray = RATIO, rows: list[int] | None = None, **changes: Any) -> Terms:
    """Ten tokens; each a reply of its own unless `rows` says otherwise."""
    logprobs = torch.tensor(BEFORE[: len(ratio)] + np.log(ratio), requires_grad=True)
    where = torch.arange(len(ratio)) if rows is None else torch.tensor(rows)
    made = Terms(
        logprobs,
        torch.tensor(BEFORE[: len(ratio)]),
        torch.tensor(ADVANTAGE[: len(ratio)]),
        where,
        int(where.max()) + 1,
    )
    return made._replace(**changes)


def with_slopes(losses: Tensor, at: Terms) -> tuple[np.ndarray, np.ndarray]:
    (slopes,) = torch.autograd.grad(losses.sum(), at.logprobs)
    return losses.detach().numpy(), slopes.numpy()


def ratio_of(at: Terms) -> Tensor:
    return RATIOS["token"](at).exp()


def test_the_clipped_surrogate_by_cases() -> None:
    """Schulman et al. 2017, equation 7 and figure 1: where it is flat, and where it is not."""
    at = terms()
    losses, slopes = with_slopes(clipped(at, ratio_of(at), Limits(0.2, 0.2)), at)
    np.testing.assert_allclose(losses, [-1.0, -1.8, -2, -2.2, -2.4, 1.6, 1.8, 2, 2.2, 3.0], rtol=1e-9)
    np.testing.assert_allclose(slopes, -RATIO * ADVANTAGE * [1, 1, 1, 1, 0, 0, 1, 1, 1, 1], rtol=1e-9)


def test_clip_higher_and_a_cap() -> None:
    """Above, 1.5 is now within; a negative advantage counts up to the cap and has no slope there."""
    at = terms()
    losses, slopes = with_slopes(clipped(at, ratio_of(at), Limits(0.2, 0.6, 1.3)), at)
    np.testing.assert_allclose(losses, [-1.0, -1.8, -2, -2.2, -2.6, 1.6, 1.8, 2, 2.2, 3.0], rtol=1e-9)
    losses, slopes = with_slopes(clipped(at, ratio_of(at), Limits(0.2, 0.2, 1.3)), at)
    np.testing.assert_allclose(losses, [-1.0, -1.8, -2, -2.2, -2.4, 1.6, 1.8, 2, 2.2, 2.6], rtol=1e-9)
    np.testing.assert_allclose(slopes, -RATIO * ADVANTAGE * [1, 1, 1, 1, 0, 0, 1, 1, 1, 0], rtol=1e-9)


def test_cispo_leaves_no_token_without_gradient() -> None:
    at = terms()
    _, slopes = with_slopes(cispo(at, ratio_of(at), Limits(0.2, 0.2)), at)
    np.testing.assert_allclose(slopes, -np.minimum(RATIO, 1.2) * ADVANTAGE, rtol=1e-9)


@pytest.mark.parametrize("surrogate", SURROGATES)
def test_at_the_old_policy_every_surrogate_has_the_policy_gradient(surrogate: str) -> None:
    at = terms(np.ones(10))
    _, slopes = with_slopes(SURROGATES[surrogate](at, ratio_of(at), Limits(0.2, 0.2)), at)
    np.testing.assert_allclose(slopes, -ADVANTAGE, rtol=1e-9)


def test_the_soft_gate_closes_on_both_sides() -> None:
    ratio = np.array([0.001, 1.0, 2.0, 9.0])
    at = terms(ratio)
    _, slopes = with_slopes(soft(at, ratio_of(at), Limits(0.2, 0.2)), at)
    bell = 4 * np.exp(1 - ratio) / (1 + np.exp(1 - ratio)) ** 2  # 4 s (1 - s), s the logistic function of r - 1
    np.testing.assert_allclose(slopes, -2 * ratio * bell, rtol=1e-6)


def test_gamma_weighs_whole_replies() -> None:
    """w = 0.5 * 1.1 for the first reply, 1.5 for the second; k = 2 and l = 3 for gains."""
    at = terms(np.array([0.5, 1.1, 1.5]), [0, 0, 1])
    _, slopes = with_slopes(gamma(at, ratio_of(at), Limits(0.2, 0.2)), at)
    w = np.array([0.55, 0.55, 1.5])
    np.testing.assert_allclose(slopes, -2 * w**2 * np.exp(3 - 3 * w), rtol=1e-9)


def test_the_ratio_of_a_reply_is_a_geometric_mean() -> None:
    at = terms(np.array([0.5, 0.9, 1.0, 1.1]), [0, 0, 1, 0])
    mean = (0.5 * 0.9 * 1.1) ** (1 / 3)
    np.testing.assert_allclose(RATIOS["reply"](at).exp().detach(), [mean, mean, 1.0, mean], rtol=1e-9)


@pytest.mark.parametrize(
    ("average", "expected"), [("sum", 21 / 2), ("reply", (3 / 2 + 18 / 3) / 2), ("token", 21 / 5), ("fixed", 21 / 16)]
)
def test_averages_of_replies_of_two_and_three_tokens(average: str, expected: float) -> None:
    at = terms(np.ones(5), [0, 0, 1, 1, 1])
    losses = torch.tensor([1.0, 2.0, 5.0, 6.0, 7.0], dtype=torch.float64)
    assert float(AVERAGES[average](at, losses, 8)) == pytest.approx(expected)


def test_all_averages_are_the_same_for_one_reply_of_full_length_up_to_its_length() -> None:
    at, losses = terms(np.ones(4), [0] * 4), torch.tensor([1.0, 2.0, 5.0, 6.0])
    found = {name: float(average(at, losses, 4)) for name, average in AVERAGES.items()}
    assert found == {"sum": 14.0, "reply": 3.5, "token": 3.5, "fixed": 3.5}


def test_only_bad_replies_far_away_are_left_out() -> None:
    """Advantages 2, 2, -2, -2; the mean of log(before / now) in nats."""
    ratio = np.exp([-0.6, -0.6, -0.6, -0.2, -0.1, -0.1])
    at = terms(ratio, [0, 0, 1, 1, 2, 2], advantages=torch.tensor([2.0, 2, -2, -2, -2, -2]))
    assert near(at, 0.3).tolist() == [True, True, False, False, True, True]
    assert near(at, 0.5).all()


def test_the_tokens_of_widest_choice() -> None:
    entropy = torch.tensor([0.1, 2.0, 0.0, 1.0, 0.5])
    assert uncertain(entropy, 0.4).tolist() == [False, True, False, True, False]
    assert uncertain(entropy, 1.0).all()


@pytest.mark.parametrize("corrected", [False, True])
def test_the_divergence_from_a_reference(corrected: bool) -> None:
    """Its mean over samples of the old policy, and with the ratio its gradient, from the two distributions."""
    random = torch.Generator().manual_seed(0)
    old, far = (torch.randn(5, generator=random, dtype=torch.float64).log_softmax(0) for _ in range(2))
    logits = (old + 0.2 * torch.randn(5, generator=random, dtype=torch.float64)).requires_grad_()
    now = logits.log_softmax(0)
    # each token as often as the old policy writes it: weights instead of samples
    config = PolicyGradientConfig(kl=1.0, kl_corrected=corrected)
    total = torch.zeros((), dtype=torch.float64)
    for token in range(5):
        at = Terms(now[token : token + 1], old[token : token + 1], torch.zeros(1), torch.zeros(1).long(), 1)
        total = total + old[token].exp() * group_loss(config)(at._replace(reference=far[token : token + 1]))
    (found,) = torch.autograd.grad(total, logits, retain_graph=True)
    divergence = (now.exp() * (now - far)).sum()
    (exact,) = torch.autograd.grad(divergence, logits)
    if corrected:
        assert float(total.detach()) == pytest.approx(float(divergence.detach()), rel=1e-9)
        torch.testing.assert_close(found, exact, rtol=1e-9, atol=1e-12)
    else:
        assert (found - exact).abs().max() > 1e-3


def test_the_score_function_loss() -> None:
    at = terms(np.ones(2), [0, 1])._replace(logprobs=torch.tensor([-1.0, -2.0]), advantages=torch.tensor([3.0, -0.5]))
    assert float(likelihood_loss(at)) == pytest.approx((3.0 - 1.0) / 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: replace(c, ratio="reply"),
        lambda c: replace(c, surrogate="cispo"),
        lambda c: replace(c, surrogate="soft"),
        lambda c: replace(c, surrogate="gamma"),
        lambda c: replace(c, average="reply"),
        lambda c: replace(c, average="token"),
        lambda c: replace(c, average="fixed"),
        lambda c: replace(c, clip=0.05),
        lambda c: replace(c, clip_high=0.6),
        lambda c: replace(c, ratio_cap=1.05),
        lambda c: replace(c, kl=0.1),
        lambda c: replace(c, kl=0.1, kl_corrected=False),
        lambda c: replace(c, off_policy=0.01),
        lambda c: replace(c, top_entropy=0.3),
    ],
)
def test_every_part_of_a_config_changes_the_loss(
    change: Callable[[PolicyGradientConfig], PolicyGradientConfig],
) -> None:
    random = torch.Generator().manual_seed(3)
    extra = {"entropy": torch.rand(10, generator=random), "reference": torch.tensor(BEFORE) - 0.3}
    at = terms(rows=[0, 0, 0, 1, 1, 2, 2, 2, 2, 3], **extra)
    usual = PolicyGradientConfig()
    at = at._replace(logprobs=at.logprobs.detach())
    assert float(group_loss(usual)(at)) == pytest.approx(float(clipped_loss(0.2)(at)))
    found = [float(group_loss(config)(at)) for config in (usual, replace(usual, kl=0.1), change(usual))]
    assert found[2] != found[0]
    assert found[2] != found[1] or change(usual) == replace(usual, kl=0.1)
