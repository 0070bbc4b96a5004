"""Policy gradients: losses from the papers' formulas, gradients from a plain loop, and something tiny to be learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from agents.agent import Reply
from envs.game import padded
from envs.random_streams import stream_keys
from envs.reply import Verdict, format_reply
from llm_policy.model import Transformer
from llm_policy.sampler import distinct, generate
from llm_policy.tokenizer import BOS, EOS, WORDS, encode
from tests.tiny_replies import GAME, REFUSED, game_of, some_replies, tiny_learner, tiny_model, turn
from training import policy_gradient
from training.learner import STUDENT, gradient_step
from training.policy_gradient import chains, credited, decides, last_rewards, learn, total_loss
from training.policy_losses import PolicyLoss, clipped_loss, likelihood_loss
from training.replies import Replies, Scores, autocast, decisions_of, refused, replies_of, score

# What is learned from


def test_decisions_are_the_students_with_the_moves_before_them() -> None:
    episode = game_of(turn(0), turn(1), turn(0, REFUSED), turn(0), opening=(2, 3), players=(STUDENT, "random"))
    found = decisions_of([game_of(), episode])
    assert [(d.episode, d.seat, d.history, d.legal) for d in found] == [
        (1, 0, (2, 3), True),
        (1, 0, (2, 3, 8, 7), False),
        (1, 0, (2, 3, 8, 7), True),
    ]
    assert refused(found).tolist() == [0, 1, 0]


def test_chains_and_rewards_of_both_seats_and_of_one() -> None:
    decisions = decisions_of([game_of(turn(0), turn(1), turn(0), turn(0, REFUSED)), game_of(turn(1), turn(0))])
    rewards = np.array([[1, -1], [-0.5, 0.5]], np.float32)
    follows, signs = chains(decisions, both_seats=True)
    assert follows.tolist() == [1, 2, 3, -1, 5, -1]
    assert signs.tolist() == [-1, -1, 1, 1, -1, 1]
    assert last_rewards(decisions, rewards, follows).tolist() == [0, 0, 0, 1, 0, -0.5]
    follows, signs = chains(decisions, both_seats=False)
    assert follows.tolist() == [2, -1, 3, -1, -1, -1]
    assert signs.tolist() == [1] * 6
    assert last_rewards(decisions, rewards, follows).tolist() == [0, -1, 0, 1, 0.5, -0.5]


def test_replies_as_tokens() -> None:
    long, short = turn(0), replace(turn(1), reply=Reply("", prompt_tokens=(BOS, 9, 9), tokens=(EOS,), value=None))
    nothing = np.array([0.5, 2], np.float32)
    found = replies_of(GAME, decisions_of([game_of(long, short)]), nothing, nothing)
    assert found.tokens[0].tolist() == [BOS, *long.reply.tokens]
    assert found.tokens[1].tolist() == [BOS, 9, 9, EOS, *[0] * (len(long.reply.tokens) - 3)]
    assert found.starts.tolist() == [1, 3]
    assert found.ends.tolist() == [1 + len(long.reply.tokens), 4]
    assert found.returns[0] == 0.5
    assert found.returns[1].isnan(), "no value is learned where none was given"


# What the model says of it


def one_by_one(model: Transformer, replies: Replies) -> list[tuple[Tensor, Tensor, Tensor]]:
    """(log-probabilities, entropies, value) of each reply, read alone and without padding."""
    found = []
    for row in range(len(replies)):
        start, end = int(replies.starts[row]), int(replies.ends[row])
        hidden = model(replies.tokens[row : row + 1, :end])[0]
        p = torch.softmax(model.logits(hidden[start - 1 : end - 1]), -1)
        chosen = p[torch.arange(end - start), replies.tokens[row, start:end]].log()
        found.append((chosen, -(p * p.log()).sum(-1), model.value(hidden[start])))
    return found


def test_scores_are_those_of_each_reply_alone() -> None:
    model, replies = tiny_model(), some_replies()
    scores, alone = score(model, replies), one_by_one(model, replies)
    assert scores.rows.tolist() == [row for row, one in enumerate(alone) for _ in one[0]]
    torch.testing.assert_close(scores.logprobs, torch.cat([one[0] for one in alone]), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(scores.entropy, torch.cat([one[1] for one in alone]), atol=1e-5, rtol=1e-5)
    # the longest row is read without its last token, and a reply of one token has nothing behind it: no value there
    valued = torch.tensor([0, 1, 3, 4])
    torch.testing.assert_close(scores.values[valued], torch.stack([one[2] for one in alone])[valued])


def test_blame_falls_on_the_line_that_the_rules_name() -> None:
    """By line: nothing on what was right before it, nothing on what follows from it; praise is for all of the reply."""
    said = [encode(format_reply(text, "7")) for text in ("1+1=2\n2+2=5\n5+2=7", "3+4=7", "1=2\n3", "9")]
    faults, rewards = [2, 0, 1, 0], [-1.0, 0.5, 2.0, -3.0]
    tokens = padded([[BOS, *reply, EOS] for reply in said])
    replies = Replies(
        torch.from_numpy(np.maximum(tokens, 0)),
        torch.ones(4, dtype=torch.int64),
        torch.tensor([len(reply) + 2 for reply in said]),
        torch.tensor(rewards),
        torch.full((4,), float("nan")),
        torch.tensor(faults),
    )
    scores = score(tiny_model(), replies)
    found = credited(scores, replies).split([len(reply) + 1 for reply in said])
    blamed = [WORDS[token] for token, credit in zip([*said[0], EOS], found[0].tolist(), strict=True) if credit]
    assert "".join(blamed) == "2+2=5\n"
    assert set(found[0].tolist()) == {0.0, -1.0}
    assert [set(part.tolist()) for part in found[1:]] == [{0.5}, {2.0}, {-3.0}]
    unwritten = replace(replies, faults=torch.tensor([4, 0, 0, 9]))
    assert torch.equal(credited(scores, unwritten), replies.advantages[scores.rows]), "a reply that stops too soon"
    assert torch.equal(credited(scores, replace(replies, faults=None)), replies.advantages[scores.rows])
    assert replies.at(torch.tensor([2, 0])).faults.tolist() == [1, 2]  # type: ignore[union-attr]


def test_the_line_at_fault_is_read_from_the_verdict() -> None:
    verdicts = {
        "false_step line 2: 3*4=11": 2,
        "not_there line 13: 1+1=2 (1)": 13,
        "not_finished": 0,
        "": 0,
        "wrong_answer: line 3": 0,
        "false_step line 99999: 1=2": 0,
    }
    turns = [replace(turn(0), verdict=Verdict("legal", 0, reason)) for reason in verdicts]
    decisions = decisions_of([game_of(*turns)])
    assert [decision.fault for decision in decisions] == list(verdicts.values())
    nothing = np.zeros(len(turns), np.float32)
    assert replies_of(GAME, decisions, nothing, nothing).faults is None
    assert replies_of(GAME, decisions, nothing, nothing, "line").faults.tolist() == list(verdicts.values())  # type: ignore[union-attr]


def test_what_is_learned_in_one_step_needs_no_look_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ratio is 1 all the same: one step with it and one without are the same step."""
    looks: list[int] = []
    look = policy_gradient._logprobs
    monkeypatch.setattr(policy_gradient, "_logprobs", lambda *given: looks.append(1) or look(*given))
    learner, other = (tiny_learner(batch=5, entropy=0.0, final_entropy=0.0) for _ in range(2))
    learn(learner, some_replies(), policy_loss=clipped_loss(0.2), epochs=1, value_weight=0.0)
    assert looks == []
    with autocast(some_replies()):
        scores = score(other.model, some_replies())
    loss, _ = total_loss(scores, look(other.model, some_replies())[scores.rows, _place(scores)], some_replies(),
                         clipped_loss(0.2), 0.0, 0.0)  # fmt: skip
    loss.backward()
    gradient_step(other)
    for one, two in zip(learner.model.parameters(), other.model.parameters(), strict=True):
        torch.testing.assert_close(one, two, atol=1e-6, rtol=1e-5)
    for options in ({"epochs": 2}, {"epochs": 1, "batch": 4}):
        learner = tiny_learner(batch=options.get("batch", 5))
        learn(learner, some_replies(), policy_loss=clipped_loss(0.2), epochs=options["epochs"], value_weight=0.0)
    assert looks == [1, 1]


def _place(scores: Scores) -> Tensor:
    """`[M]`: the number of each token within its reply."""
    return torch.cat([torch.arange(n) for n in scores.rows.bincount().tolist()])


def replies_that_share(lengths: list[int]) -> Replies:
    """Sixteen replies to four prompts, in disorder; prompts and replies of several lengths."""
    random = np.random.default_rng(1)
    prompts = [random.integers(1, 300, 12) for _ in range(3)] + [random.integers(1, 300, 10)]
    which = random.permutation(np.repeat(np.arange(4), 4))
    rows = [[*prompts[p], *random.integers(1, 300, n)] for p, n in zip(which, lengths * 4, strict=True)]
    tokens = np.zeros((16, max(map(len, rows))), np.int64)
    for number, row in enumerate(rows):
        tokens[number, : len(row)] = row
    starts = torch.tensor([len(prompts[p]) for p in which])
    return Replies(
        torch.from_numpy(tokens),
        starts,
        torch.tensor([len(row) for row in rows]),
        torch.from_numpy(random.normal(size=16).astype(np.float32)),
        torch.full((16,), 0.5),
    )


@pytest.mark.parametrize("lengths", [[5, 1, 7, 3], [2, 2, 2, 2], [1, 1, 1, 1]], ids=str)
def test_a_shared_prompt_is_read_once_and_all_else_is_the_same(
    lengths: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    replies, shared, plain = replies_that_share(lengths), tiny_model(), tiny_model()
    read: list[int] = []
    monkeypatch.setattr(
        Transformer,
        "_through",
        lambda *args, through=Transformer._through, **options: (
            read.append(args[1].numel()),
            through(*args, **options),
        )[1],
    )
    scores, alone = score(shared, replies), one_by_one(plain, replies)
    assert sum(read[:2]) == 4 * 12 + 16 * max(1, max(lengths) - 1) < 0.8 * replies.tokens[:, :-1].numel()
    torch.testing.assert_close(scores.logprobs, torch.cat([one[0] for one in alone]), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(scores.entropy, torch.cat([one[1] for one in alone]), atol=1e-5, rtol=1e-5)
    long = (replies.ends - replies.starts > 1).nonzero()[:, 0]
    values = [one[2] for one in alone if len(one[0]) > 1]
    if values:
        torch.testing.assert_close(scores.values[long], torch.stack(values), atol=1e-5, rtol=1e-5)
    weights = torch.randn(len(scores.rows), generator=torch.Generator().manual_seed(2))
    (scores.logprobs * weights).sum().backward()
    (torch.cat([one[0] for one in alone]) * weights).sum().backward()
    for (name, mine), theirs in zip(shared.named_parameters(), plain.parameters(), strict=True):
        if name != "value_head":
            torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-3, atol=1e-5, msg=name)


def test_prompts_are_the_same_where_all_their_tokens_are() -> None:
    replies = replies_that_share([5, 1, 7, 3])
    originals, which = distinct(replies.tokens, replies.starts)
    asked = [replies.tokens[row, : replies.starts[row]].tolist() for row in range(16)]
    assert [asked[originals[number]] for number in which.tolist()] == asked
    assert len({tuple(prompt) for prompt in asked}) == len(originals) == 4


def test_the_move_that_decides_is_the_first_one_named() -> None:
    replies = some_replies()
    replies.tokens[0, 3:5] = torch.tensor([200, 201])  # a reply of two moves
    replies.tokens[1, 1:6] = torch.tensor([7, 201, 8, 200, 201])
    replies.tokens[2, 4] = 9  # none
    replies.tokens[3, 2:6] = torch.tensor([201, 8, 8, 8])
    replies.tokens[4, 4:7] = torch.tensor([8, 8, 200])
    scores = score(tiny_model(), replies)
    found = decides(scores, torch.tensor([200, 201]))
    assert found.tolist() == [*[1, 0], *[0, 1, 0, 0, 0], *[0], *[1, 0, 0, 0], *[0, 0, 1]]
    options = (scores, scores.logprobs, replies, likelihood_loss, 0.0, 1.0)
    assert total_loss(*options, found)[1]["entropy"] == pytest.approx(float(scores.entropy[found].sum().detach()) / 5)


def test_a_selection_is_cut_to_its_longest_reply() -> None:
    replies = some_replies()
    part = replies.at(torch.tensor([0, 2]))
    assert part.tokens.shape == (2, 5)
    whole = score(tiny_model(), replies)
    found = score(tiny_model(), part)
    torch.testing.assert_close(found.logprobs, whole.logprobs[(whole.rows == 0) | (whole.rows == 2)])


# Losses


@pytest.mark.parametrize("clip", [0.0, 0.2])
def test_loss_and_gradient_from_a_plain_loop(clip: float) -> None:
    """PPO's objective (equation 9), or REINFORCE's where `clip` is 0, written for one reply at a time."""
    replies, model, plain = some_replies(), tiny_model(), tiny_model()
    with torch.no_grad():
        now = score(model, replies).logprobs
        before = now + 0.3 * torch.randn(now.shape, generator=torch.Generator().manual_seed(1))
    loss, parts = total_loss(
        score(model, replies), before, replies, clipped_loss(clip) if clip else likelihood_loss, 0.7, 0.03
    )
    loss.backward()

    policy, value, entropy, divergence, start = torch.zeros(()), torch.zeros(()), torch.zeros(()), 0.0, 0
    for row, (logprobs, entropies, estimate) in enumerate(one_by_one(plain, replies)):
        advantage, wanted = float(replies.advantages[row]), float(replies.returns[row])
        for number in range(len(logprobs)):
            old = before[start + number]
            ratio = torch.exp(logprobs[number] - old)
            if clip == 0:
                policy = policy - advantage * logprobs[number] / 5
            elif advantage >= 0:
                policy = policy - advantage * (ratio if ratio < 1 + clip else torch.tensor(1 + clip)) / 5
            else:
                policy = policy - advantage * (ratio if ratio > 1 - clip else torch.tensor(1 - clip)) / 5
            divergence += float((ratio - 1 - ratio.log()).detach()) / 5
        entropy = entropy + entropies.sum() / 5
        if not np.isnan(wanted):
            value = value + (estimate - wanted) ** 2 / 4
        start += len(logprobs)
    expected = policy + 0.7 * value - 0.03 * entropy
    expected.backward()
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-4)
    found = {name: float(number) for name, number in parts.items()}
    assert found == pytest.approx(
        {
            "policy": float(policy.detach()),
            "value": float(value.detach()),
            "entropy": float(entropy.detach()),
            "divergence": divergence,
        },
        rel=1e-4,
    )
    for (name, mine), theirs in zip(model.named_parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-3, atol=1e-5, msg=name)


def test_the_first_step_is_taken_where_the_policy_was() -> None:
    learner = tiny_learner()
    metrics = learn(learner, some_replies(), policy_loss=clipped_loss(0.2), epochs=1, value_weight=0.5)
    assert metrics["divergence"] == pytest.approx(0, abs=1e-6)
    metrics = learn(learner, some_replies(), policy_loss=clipped_loss(0.2), epochs=2, value_weight=0.5)
    assert metrics["divergence"] > 1e-4, "the second pass is compared with the policy before the first"


def test_an_iteration_ends_where_the_policy_has_gone_far_enough() -> None:
    far = tiny_learner()
    steps = learn(far, some_replies(), policy_loss=clipped_loss(0.2), epochs=20, value_weight=0.5)
    assert steps["gradient_steps"] == 20
    near = tiny_learner(divergence=steps["divergence"] / 4)
    stopped = learn(near, some_replies(), policy_loss=clipped_loss(0.2), epochs=20, value_weight=0.5)
    assert 1 <= stopped["gradient_steps"] < 20
    assert stopped["divergence"] < steps["divergence"] / 4
    assert near.steps == stopped["gradient_steps"]


def test_the_weight_of_entropy_falls_over_the_run() -> None:
    learner = tiny_learner(entropy=0.04, final_entropy=0.01)
    found = []
    for learner.iteration in (0, 500, 1000, 2000):
        found.append(
            learn(learner, some_replies(), policy_loss=likelihood_loss, epochs=1, value_weight=0)["entropy_weight"]
        )
    assert found == pytest.approx([0.04, 0.025, 0.01, 0.01])


# Something to be learned


def bandit(policy_loss: PolicyLoss, reward: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> float:
    """One token is said, rewarded and learned from, 30 times; the share of good tokens in the end."""
    learner = tiny_learner(entropy=0.0, final_entropy=0.0)
    prompts = torch.full((96, 1), BOS)
    good = np.zeros(0)
    for learner.iteration in range(25):
        keys = stream_keys(1, learner.iteration, np.arange(96))
        said = generate(learner.model, prompts, max_new=1, keys=keys).tokens
        tokens = said[:, 0].numpy()
        good = tokens % 2 == 0
        rewards = reward(good.astype(np.float32), np.random.default_rng(learner.iteration))
        replies = Replies(
            torch.cat([prompts, said], 1),
            torch.ones(96, dtype=torch.int64),
            torch.full((96,), 2),
            torch.from_numpy(rewards - rewards.mean()),
            torch.full((96,), float("nan")),
        )
        learn(learner, replies, policy_loss=policy_loss, epochs=1, value_weight=0.0)
    return float(good.mean())


@pytest.mark.parametrize("policy_loss", [likelihood_loss, clipped_loss(0.2)], ids=["reinforce", "ppo"])
def test_what_is_rewarded_is_learned_and_nothing_else(policy_loss: PolicyLoss) -> None:
    assert bandit(policy_loss, lambda good, random: good) > 0.95
    assert bandit(policy_loss, lambda good, random: 1 - good) < 0.05
    shuffled = bandit(policy_loss, lambda good, random: random.permutation(good))
    assert 0.2 < shuffled < 0.8, "rewards that are dealt out by chance teach nothing"


def test_nothing_of_a_prompt_is_learned() -> None:
    replies = some_replies()
    scores: Scores = score(tiny_model(), replies)
    assert len(scores.logprobs) == int((replies.ends - replies.starts).sum())
