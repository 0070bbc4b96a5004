"""The fast way of writing against the slow one: recompute everything with the training model for every token."""

import numpy as np
import pytest
import torch

from envs.random_streams import stream_keys, uniform
from llm_policy.decoder import Decoder
from llm_policy.model import ModelConfig, Transformer
from llm_policy.sampler import Generated, choose, generate
from llm_policy.tokenizer import EOS, PAD

SMALL = ModelConfig(layers=2, width=32, heads=4, kv_heads=2, hidden=48, context=64)
PROMPTS = torch.randint(9, 300, (6, 10), generator=torch.Generator().manual_seed(1))
LENGTHS = torch.tensor([10, 3, 7, 1, 10, 5])
KEYS = stream_keys(3, np.arange(6))


def model_that_ends(config: ModelConfig = SMALL, seed: int = 0) -> Transformer:
    """Random weights under which the end token comes up now and then."""
    model = Transformer(config).initialise(torch.Generator().manual_seed(seed))
    with torch.no_grad():
        model.lm_head.mul_(20)
        model.lm_head[EOS] *= 2.5
    return model


def fp32(model: Transformer) -> Decoder:
    return Decoder(model, torch.float32)


@torch.no_grad()
def naive(
    model: Transformer, prompt: torch.Tensor, max_new: int, temperature: float, key: np.uint64
) -> tuple[list[int], list[float], list[float]]:
    """One sequence, every token from a forward pass over everything before it, in float64 where it is decided."""
    numbers = uniform(np.array([key]), max_new)[0]
    text, own, sampled = prompt.tolist(), [], []
    for number in numbers:
        logits = model.logits(model(torch.tensor([text]))[:, -1])[0].double()
        scaled = torch.softmax(logits / temperature if temperature else logits, -1)
        token = int((scaled.cumsum(-1) <= number).sum()) if temperature else int(logits.argmax())
        text.append(token)
        own.append(float(torch.log_softmax(logits, -1)[token]))
        sampled.append(float(scaled[token].log()) if temperature else 0.0)
        if token == EOS:
            break
    return text[len(prompt) :], own, sampled


def rows(written: Generated) -> list[list[int]]:
    return [row[:n] for row, n in zip(written.tokens.tolist(), written.lengths.tolist(), strict=True)]


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("temperature", [0.0, 1.0, 0.7])
@pytest.mark.parametrize(("heads", "kv_heads"), [(4, 2), (4, 4), (2, 1)])
def test_same_as_recomputing_everything(ragged: bool, temperature: float, heads: int, kv_heads: int) -> None:
    model = model_that_ends(ModelConfig(layers=2, width=32, heads=heads, kv_heads=kv_heads, hidden=48, context=64))
    lengths = LENGTHS if ragged else torch.full((6,), 10)
    written = generate(fp32(model), PROMPTS, lengths, max_new=30, temperature=temperature, keys=KEYS)
    for row, length in enumerate(lengths):
        tokens, own, sampled = naive(model, PROMPTS[row, :length], 30, temperature, KEYS[row])
        n = len(tokens)
        assert rows(written)[row] == tokens
        np.testing.assert_allclose(written.logprobs[row, :n], own, atol=2e-5)
        np.testing.assert_allclose(written.sampled_logprobs[row, :n], sampled, atol=2e-5)
        assert (written.tokens[row, n:] == PAD).all()
        assert not written.logprobs[row, n:].any()
        assert bool(written.finished[row]) == (tokens[-1] == EOS)


def test_some_end_early_and_some_never() -> None:
    """The test above is worth something only if the random model ends some sequences and not others."""
    lengths = generate(fp32(model_that_ends()), PROMPTS, LENGTHS, max_new=30, keys=KEYS).lengths
    assert lengths.min() < 12
    assert len(lengths.unique()) >= 4


def test_a_row_depends_on_its_own_key_and_prompt_only() -> None:
    decoder = fp32(model_that_ends())
    together = rows(generate(decoder, PROMPTS, LENGTHS, max_new=30, keys=KEYS))
    for row in range(6):
        alone = generate(decoder, PROMPTS[[row], : LENGTHS[row]], max_new=30, keys=KEYS[[row]])
        assert rows(alone) == [together[row]]
    shuffled = np.array([3, 0, 5, 1, 4, 2])
    again = rows(generate(decoder, PROMPTS[shuffled], LENGTHS[shuffled], max_new=30, keys=KEYS[shuffled]))
    assert again == [together[row] for row in shuffled]


def test_a_group_reads_its_prompt_once_and_is_the_same_as_repeated_prompts() -> None:
    decoder = fp32(model_that_ends())
    keys = stream_keys(5, np.arange(18))
    group = generate(decoder, PROMPTS, LENGTHS, max_new=20, keys=keys, repeats=3)
    plain = generate(decoder, PROMPTS.repeat_interleave(3, 0), LENGTHS.repeat_interleave(3), max_new=20, keys=keys)
    assert rows(group) == rows(plain)
    torch.testing.assert_close(group.logprobs, plain.logprobs, atol=2e-5, rtol=0)
    assert len({tuple(row) for row in rows(group)}) > 6 + 3  # members of a group differ


@pytest.mark.parametrize("which", [[0, 1, 0, 2, 1, 0, 0, 4], [3, 3, 3, 3], [5, 0, 1, 2, 3, 3]], ids=str)
def test_prompts_that_come_up_again_are_read_once(which: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """In any order, and with anything behind their ends; where there are few of them all are read."""
    decoder, read = fp32(model_that_ends()), list[int]()
    forward = Decoder.forward
    monkeypatch.setattr(Decoder, "forward", lambda *args: (read.append(len(args[1])), forward(*args))[1])
    prompts, lengths, keys = PROMPTS[which].clone(), LENGTHS[which], stream_keys(5, np.arange(len(which)))
    for row, length in enumerate(lengths):
        prompts[row, length:] = row
    written = generate(decoder, prompts, lengths, max_new=20, keys=keys)
    assert read[0] == (len(which) if len(which) == 6 else len(set(which)))
    for row, length in enumerate(lengths):
        alone = generate(decoder, prompts[[row], :length], max_new=20, keys=keys[[row]])
        assert rows(alone) == [rows(written)[row]]
        torch.testing.assert_close(alone.logprobs[0], written.logprobs[row, : alone.lengths[0]], atol=2e-5, rtol=0)


def test_many_sequences_that_drop_out_one_by_one() -> None:
    model = model_that_ends()
    prompts = torch.randint(9, 300, (64, 6), generator=torch.Generator().manual_seed(2))
    keys = stream_keys(9, np.arange(64))
    written = generate(fp32(model), prompts, max_new=50, keys=keys)
    assert len(written.lengths.unique()) > 12
    for row in range(64):
        assert rows(written)[row] == naive(model, prompts[row], 50, 1.0, keys[row])[0]


def test_bfloat16_logprobs_match_a_recomputation_in_bfloat16_and_are_close_to_float32() -> None:
    model = model_that_ends()
    decoder = Decoder(model, torch.bfloat16)
    written = generate(decoder, PROMPTS, max_new=12, keys=KEYS)
    whole = torch.cat([PROMPTS, written.tokens], 1)
    hidden = decoder.forward(whole, decoder.cache(6, whole.shape[1]))[:, 9:-1]
    bf16 = torch.log_softmax(decoder.logits(hidden), -1).gather(2, written.tokens[..., None])[..., 0]
    with torch.no_grad():
        exact = torch.log_softmax(model.logits(model(whole)[:, 9:-1]), -1).gather(2, written.tokens[..., None])[..., 0]
    there = torch.arange(written.tokens.shape[1]) < written.lengths[:, None]
    assert (written.logprobs - bf16)[there].abs().mean() < 0.02
    assert (written.logprobs - exact)[there].abs().mean() < 0.1


def test_frequencies_are_those_of_the_distribution() -> None:
    """Chi-square over 40,000 draws of one distribution, with temperature and a mask."""
    logits = torch.randn(1, 12, generator=torch.Generator().manual_seed(4)) * 2
    allowed = torch.ones(1, 12, dtype=torch.bool)
    allowed[0, [0, 5, 11]] = False
    draws = 40_000
    numbers = torch.from_numpy(uniform(stream_keys(1), draws).astype(np.float32))
    chosen, own, sampled = choose(logits.expand(draws, -1), 1.5, numbers, allowed.expand(draws, -1))
    weights = np.where(allowed[0].numpy(), np.exp(logits[0].double().numpy() / 1.5), 0)
    expected = draws * weights / weights.sum()
    counts = np.bincount(chosen.numpy(), minlength=12)
    assert not counts[[0, 5, 11]].any()
    there = expected > 0
    assert ((counts - expected)[there] ** 2 / expected[there]).sum() < 26.1  # 99.9% quantile, 8 degrees of freedom
    np.testing.assert_allclose(sampled[:50].exp(), (expected / draws)[chosen[:50].numpy()], rtol=1e-4)
    np.testing.assert_allclose(own[:50], torch.log_softmax(logits[0], -1)[chosen[:50]], atol=1e-5)


@pytest.mark.parametrize("number", [0.0, 1 - 2.0**-24])
def test_the_ends_of_the_unit_interval_never_hit_what_is_forbidden(number: float) -> None:
    logits = torch.randn(200, 50, generator=torch.Generator().manual_seed(6))
    allowed = torch.zeros(200, 50, dtype=torch.bool)
    allowed[:, 20:30] = True
    chosen, _, _ = choose(logits, 1.0, torch.full((200,), number), allowed)
    assert allowed[torch.arange(200), chosen].all()


def test_the_models_weights_are_copied_not_shared() -> None:
    model = model_that_ends()
    decoder = fp32(model)
    before = rows(generate(decoder, PROMPTS, max_new=8, temperature=0))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    assert rows(generate(decoder, PROMPTS, max_new=8, temperature=0)) == before


def test_errors_say_what_does_not_fit() -> None:
    decoder = fp32(model_that_ends())
    with pytest.raises(ValueError, match="10 and 60 new tokens do not fit the model's context of 64"):
        generate(decoder, PROMPTS, max_new=60, keys=KEYS)
    with pytest.raises(ValueError, match="sampling 6 sequences needs a key for each, got 5"):
        generate(decoder, PROMPTS, max_new=4, keys=KEYS[:5])
    with pytest.raises(ValueError, match="needs a key for each, got 0"):
        generate(decoder, PROMPTS, max_new=4)
