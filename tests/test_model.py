"""The transformer against Hugging Face's Llama with the same weights, forwards and backwards, and against itself."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from llm_policy.checkpoint import weights_of
from llm_policy.decoder import Decoder
from llm_policy.model import ModelConfig, Transformer

CONFIGS = [
    ModelConfig(layers=2, width=32, heads=4, kv_heads=2, hidden=48, context=64),
    ModelConfig(layers=1, width=24, heads=3, kv_heads=3, hidden=32, context=64, rope_theta=100.0),
    ModelConfig(layers=3, width=32, heads=4, kv_heads=1, hidden=64, context=64, norm_eps=1e-2),
]
TOKENS = torch.randint(8, 380, (5, 20), generator=torch.Generator().manual_seed(3))
LENGTHS = torch.tensor([20, 1, 7, 13, 20])


def random_model(config: ModelConfig) -> Transformer:
    generator = torch.Generator().manual_seed(1)
    model = Transformer(config).initialise(generator)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name or name == "value_head":
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)
        model.lm_head.mul_(10)
    return model


def llama(model: Transformer) -> Any:
    """Hugging Face's model with these weights."""
    transformers = pytest.importorskip("transformers")
    c = model.config
    config = transformers.LlamaConfig(
        vocab_size=c.vocabulary,
        hidden_size=c.width,
        intermediate_size=c.hidden,
        num_hidden_layers=c.layers,
        num_attention_heads=c.heads,
        num_key_value_heads=c.kv_heads,
        max_position_embeddings=c.context,
        rms_norm_eps=c.norm_eps,
        rope_parameters={"rope_type": "default", "rope_theta": c.rope_theta},
        tie_word_embeddings=False,
        attn_implementation="eager",
    )
    peer = transformers.LlamaForCausalLM(config)
    peer.load_state_dict(weights_of(model))
    return peer.train(False)


@pytest.mark.parametrize("config", CONFIGS)
def test_loss_and_every_gradient_are_those_of_llama(config: ModelConfig) -> None:
    model = random_model(config)
    peer = llama(model)
    there = torch.arange(20) < LENGTHS[:, None]
    targets = TOKENS.masked_fill(~there, -100)[:, 1:].flatten()
    ours = F.cross_entropy(model.logits(model(TOKENS))[:, :-1].flatten(0, 1), targets)
    theirs = F.cross_entropy(peer(TOKENS, attention_mask=there.long()).logits[:, :-1].flatten(0, 1), targets)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)
    ours.backward()
    theirs.backward()
    gradients = Transformer(config)
    with torch.no_grad():
        for (_, gradient), (name, parameter) in zip(
            gradients.named_parameters(), model.named_parameters(), strict=True
        ):
            gradient.copy_(torch.zeros(()) if parameter.grad is None else parameter.grad)
            assert parameter.grad is not None or name == "value_head"
    expected = {name: parameter.grad for name, parameter in peer.named_parameters()}
    found = weights_of(gradients)
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        assert gradient.abs().max() > 1e-5, name
        torch.testing.assert_close(gradient, expected[name], atol=2e-6, rtol=1e-4, msg=name)


@torch.no_grad()
@pytest.mark.parametrize("config", CONFIGS)
def test_last_gives_the_same_as_everything(config: ModelConfig) -> None:
    model = random_model(config)
    whole = model(TOKENS)[torch.arange(5), LENGTHS - 1]
    torch.testing.assert_close(model(TOKENS, last=LENGTHS - 1)[:, 0], whole, atol=1e-5, rtol=0)


def test_last_gives_the_same_gradients_as_everything() -> None:
    model = random_model(CONFIGS[0])
    found = []
    for last in (None, LENGTHS - 1):
        model.zero_grad()
        hidden = model(TOKENS, last=last)
        hidden = hidden[:, 0] if last is not None else hidden[torch.arange(5), LENGTHS - 1]
        (model.value(hidden).sum() + model.logits(hidden).logsumexp(-1).sum()).backward()
        found.append([parameter.grad for parameter in model.parameters()])
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_nothing_looks_ahead() -> None:
    model = random_model(CONFIGS[0])
    changed = TOKENS.clone()
    changed[:, 12:] = (changed[:, 12:] + 1) % 300
    before, after = model(TOKENS), model(changed)
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.isclose(before[:, 12:], after[:, 12:], atol=1e-3).all(-1).any()


@torch.no_grad()
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("sizes", [(20,), (1,) * 20, (5, 1, 1, 8, 5), (13, 7)])
def test_the_decoder_in_pieces_is_the_model_in_one(config: ModelConfig, sizes: tuple[int, ...]) -> None:
    model = random_model(config)
    decoder = Decoder(model, torch.float32)
    cache = decoder.cache(5, 3)
    pieces = [decoder.forward(part, cache) for part in TOKENS.split(sizes, 1)]
    whole = model(TOKENS)
    torch.testing.assert_close(torch.cat(pieces, 1), whole, atol=1e-5, rtol=0)
    torch.testing.assert_close(decoder.logits(whole), model.logits(whole), atol=1e-5, rtol=0)
    torch.testing.assert_close(decoder.value(whole), model.value(whole))


@torch.no_grad()
@pytest.mark.parametrize("config", CONFIGS)
def test_the_decoder_with_sequences_of_differing_lengths(config: ModelConfig) -> None:
    """Every sequence goes its own pace, with holes; some are dropped, some are joined with others."""
    model = random_model(config)
    decoder = Decoder(model, torch.float32)
    generator = torch.Generator().manual_seed(7)
    texts: list[list[int]] = [[] for _ in range(5)]
    with torch.inference_mode():
        cache = decoder.cache(5, 0)
        for step in range(8):
            counts = torch.randint(0 if step else 1, 5, (len(texts),), generator=generator)
            tokens = torch.randint(8, 380, (len(texts), 5), generator=generator)
            hidden = decoder.forward(tokens, cache, counts)
            for row, text in enumerate(texts):
                n = int(counts[row])
                text.extend(tokens[row, :n].tolist())
                whole = model(torch.tensor([text]))[0]
                torch.testing.assert_close(hidden[row, :n], whole[len(text) - n :], atol=1e-5, rtol=0)
            if step == 3:
                order = cache.keep(torch.tensor([True, False, True, False, True]))
                texts = [texts[row] for row in order]
            if step == 5:
                late = decoder.cache(2, 1)
                start = torch.randint(8, 380, (2, 3), generator=generator)
                decoder.forward(start, late)
                cache.become([cache, late], 40, torch.arange(5).repeat_interleave(2))
                texts = [list(text) for text in [*texts, *start.tolist()] for _ in range(2)]
    assert len(texts) == 10
    assert cache.positions.tolist() == [len(text) for text in texts]


def test_sizes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match="width 30 must be a multiple of heads 4"):
        ModelConfig(width=30)
    with pytest.raises(ValueError, match="heads 4, and heads of kv_heads 3"):
        ModelConfig(kv_heads=3)
    with pytest.raises(ValueError, match="heads of the model is 0"):
        ModelConfig(heads=0)
    with pytest.raises(ValueError, match="layers of the model is 0"):
        ModelConfig(layers=0)
    with pytest.raises(ValueError, match="heads of size 9"):
        ModelConfig(width=36)
    with pytest.raises(ValueError, match="vocabulary 10 is less than"):
        ModelConfig(vocabulary=10)


def test_the_number_of_parameters_is_the_sum_of_its_matrices() -> None:
    config = ModelConfig(layers=4, width=128, heads=4, kv_heads=2, hidden=512)
    per_layer = 128 * 128 * 2 + 128 * 64 * 2 + 3 * 128 * 512 + 2 * 128
    assert Transformer(config).number_of_parameters() == 4 * per_layer + 2 * 384 * 128 + 2 * 128
