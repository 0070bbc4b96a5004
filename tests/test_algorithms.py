"""Whole iterations of REINFORCE, PPO and GRPO: what each makes of games, and that they train alike twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.tiny_replies import GAME, REFUSED, game_of, some_replies, tiny_learner, turn
from training import grpo, ppo, reinforce
from training.algorithms import ALGORITHMS as ALL
from training.learner import Learner
from training.policy_gradient import learn
from training.policy_losses import clipped_loss
from training.rehearsal import random_batch, rules_loss
from training.replies import Replies, decisions_of, replies_of, score
from training.self_play import self_play

ALGORITHMS = {name: ALL[name] for name in ("ppo", "reinforce", "grpo")}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_iteration_trains_and_does_so_twice_alike(name: str) -> None:
    weights = []
    for _ in range(2):
        learner = tiny_learner()
        start = learner.model.lm_head.detach().clone()
        metrics = ALGORITHMS[name].update(learner, self_play(learner, ALGORITHMS[name]))
        assert all(np.isfinite(list(metrics.values()))), metrics
        assert "reward/outcome" in metrics
        assert not torch.equal(start, learner.model.lm_head)
        weights.append(learner.model.lm_head.detach())
    assert torch.equal(*weights)


def test_the_rules_are_rehearsed_beside_the_rewards() -> None:
    """The same steps with and without: only with rehearsal the form becomes likelier."""
    left, batch = {}, random_batch(GAME, "board", 9, 32, 1)
    for count in (0, 32):
        learner = tiny_learner(rehearsal=count)
        with torch.no_grad():
            start = float(rules_loss(learner.model, batch))
        for learner.iteration in range(25):
            metrics = learn(learner, some_replies(), policy_loss=clipped_loss(0.2), epochs=1, value_weight=0.5)
        with torch.no_grad():
            left[count] = float(rules_loss(learner.model, batch)) / start
        assert ("rules" in metrics) == (count > 0)
    assert left[0] > 0.9
    assert left[32] < 0.6


def test_ppo_learns_the_value_of_positions() -> None:
    """Every game is won by the first player: the value head comes to know it."""
    learner = tiny_learner(discount=1.0, gae_lambda=1.0)
    episodes = [replace(e, returns=(1.0, -1.0)) for e in self_play(learner, ppo.ALGORITHM)]
    for learner.iteration in range(15):
        ppo.update(learner, episodes)
    decisions = decisions_of(episodes)
    nothing = np.zeros(len(decisions), np.float32)
    values = score(learner.model, replies_of(GAME, decisions, nothing, nothing)).values
    seats = torch.tensor([decision.seat for decision in decisions])
    assert values[seats == 0].mean() > 0.3
    assert values[seats == 1].mean() < -0.3


def test_rewards_that_are_no_zero_sum_need_credit_of_ones_own() -> None:
    rewards = {"outcome": 1.0, "form": 0.1}
    learner = tiny_learner(rewards=rewards)
    with pytest.raises(ValueError, match=r"both_seats needs rewards that add up to 0.*'form': 0.1.*turn it off"):
        ppo.update(learner, self_play(learner, ppo.ALGORITHM))
    learner = tiny_learner(rewards=rewards, both_seats=False)
    metrics = ppo.update(learner, self_play(learner, ppo.ALGORITHM))
    assert metrics["reward/form"] == 1.0


def test_reinforce_keeps_a_baseline_for_each_seat() -> None:
    learner = tiny_learner(discount=1.0, baseline_decay=0.9)
    episodes = [replace(e, returns=(1.0, -1.0)) for e in self_play(learner, reinforce.ALGORITHM)]
    reinforce.update(learner, episodes)
    assert learner.baselines == pytest.approx({"first": 0.1, "second": -0.1})


def test_a_group_begins_alike_and_goes_on_by_chance() -> None:
    learner = tiny_learner(group=4)
    episodes = self_play(learner, grpo.ALGORITHM)
    for start in range(0, 16, 4):
        group = episodes[start : start + 4]
        assert len({(episode.opening, episode.players) for episode in group}) == 1
        assert len({episode.history for episode in group}) > 1
    assert len({episode.opening for episode in episodes}) > 1


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> list[Replies]:
    """What the algorithms would learn from, instead of learning it."""
    seen: list[Replies] = []

    def spy(learner: Learner, replies: Replies, **options: object) -> dict[str, float]:
        seen.append(replies)
        return {}

    for module in (ppo, reinforce, grpo):
        monkeypatch.setattr(module, "learn", spy)
    return seen


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_refused_reply_costs_more_than_the_game(name: str, learned: list[Replies]) -> None:
    lost, refused_too = game_of(turn(1, value=-1.0)), game_of(turn(1, REFUSED, value=-1.0))
    for cost in (0.0, 1.0):
        ALGORITHMS[name].update(tiny_learner(refused=cost, group=2, drop=False), [lost, refused_too])
    advantages = [replies.advantages for replies in learned]
    assert advantages[0][0] == advantages[0][1], "both games were lost"
    assert advantages[1][0] > advantages[1][1] + 0.9
    assert torch.equal(learned[0].returns.nan_to_num(), learned[1].returns.nan_to_num()), "the game is worth the same"


def test_ppo_by_hand(learned: list[Replies]) -> None:
    """Three decisions of two seats, discount 1/2, lambda 1/2: the errors, the sums, the values to be learned."""
    learner = tiny_learner(discount=0.5, gae_lambda=0.5)
    ppo.update(learner, [game_of(turn(0, value=0.5), turn(1, value=-0.25), turn(0, value=0.75))])
    # from the end: 1 - 0.75 = 0.25; -0.75 / 2 + 0.25 - 0.25 / 4 = -0.1875; 0.25 / 2 - 0.5 + 0.1875 / 4 = -0.328125
    advantages = torch.tensor([-0.328125, -0.1875, 0.25])
    white = (advantages - advantages.mean()) / advantages.std(correction=0)
    torch.testing.assert_close(learned[0].advantages, white)
    torch.testing.assert_close(learned[0].returns, torch.tensor([0.171875, -0.4375, 1.0]))


def test_replies_that_are_too_long_cost_their_game() -> None:
    """Of at most 10 tokens the last 4 cost more and more; a seat's replies share it."""
    replies = [replace(turn(0), reply=replace(turn(0).reply, tokens=(9,) * length)) for length in (6, 7, 10)]
    decisions = decisions_of([game_of(replies[0]), game_of(replies[1], turn(1)), game_of(replies[2], replies[0])])
    assert len(turn(1).reply.tokens) == 8
    np.testing.assert_allclose(grpo.overlong(decisions, 3, 10, 4), [[0, 0], [0.25, 0.5], [0.5, 0]])


def test_equal_groups_are_played_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of four groups are equal: a second round of twelve games, and a third; then it is enough."""
    equal = grpo.equals
    monkeypatch.setattr(grpo, "equals", lambda r, groups: np.repeat((groups % 4 > 0)[:, None], 2, 1))
    for refills, games in ((0, 16), (1, 28), (2, 36)):
        learner = tiny_learner(group=4, refills=refills)
        episodes = self_play(learner, grpo.ALGORITHM)
        assert [episode.number for episode in episodes] == list(range(games))
        assert learner.games == games
    monkeypatch.setattr(grpo, "equals", equal)
    learner = tiny_learner(group=4, refills=3)
    episodes = [replace(e, returns=(1.0, -1.0)) for e in self_play(tiny_learner(group=4), grpo.ALGORITHM)]
    assert grpo.missing(learner, episodes) == 16
    # one game of a group cannot be rewarded: that group lacks one, and no group is played in parts
    monkeypatch.setattr(grpo, "equals", lambda r, groups: np.zeros((len(r), 2), bool))
    assert grpo.missing(learner, episodes[1:]) == 4


def test_nothing_to_compare_changes_nothing() -> None:
    learner = tiny_learner(group=4)
    episodes = [replace(e, returns=(0.0, 0.0)) for e in self_play(learner, grpo.ALGORITHM)]
    before = learner.model.lm_head.detach().clone()
    metrics = grpo.update(learner, episodes)
    assert torch.equal(before, learner.model.lm_head)
    assert metrics["groups_with_signal"] == 0
    assert metrics["gradient_steps"] == 0


def test_the_reference_is_the_policy_of_the_first_update_and_holds_the_later_ones() -> None:
    moved = {}
    for kl in (0.0, 5.0):
        learner = tiny_learner(kl=kl, entropy=0.0, final_entropy=0.0, epochs=4, group=4, average="token")
        start = learner.model.lm_head.detach().clone()
        for learner.iteration in range(3):
            grpo.update(learner, self_play(learner, grpo.ALGORITHM))
        assert (learner.reference is not None) == (kl > 0)
        if learner.reference is not None:
            assert torch.equal(learner.reference.lm_head, start)
        replies = some_replies()
        with torch.no_grad():
            now = score(learner.model, replies).logprobs
            moved[kl] = float((now - score(tiny_learner().model, replies).logprobs).square().mean())
    assert moved[5.0] < moved[0.0]


def test_grpo_compares_games_within_their_group(learned: list[Replies]) -> None:
    results = ((1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, -1.0))
    episodes = [replace(game_of(turn(0), turn(1)), number=4 + i, returns=r) for i, r in enumerate(results)]
    metrics = grpo.update(tiny_learner(group=2, drop=False), episodes)
    assert learned[0].advantages.tolist() == [1, -1, -1, 1, 0, 0, 0, 0]
    assert metrics["groups_with_signal"] == 0.5
    grpo.update(tiny_learner(group=2), episodes)
    assert learned[1].advantages.tolist() == [1, -1, -1, 1], "where all is equal nothing is learned"
