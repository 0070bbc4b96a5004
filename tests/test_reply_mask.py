"""Under the mask even a random model writes nothing but legal replies, and every standard reply can be written."""

import numpy as np
import pytest
import torch

from envs.connect_four import ConnectFour
from envs.game import Game, padded, put, random_actions, take
from envs.random_streams import stream_keys, uniform
from envs.reply import format_reply, judge
from envs.tic_tac_toe import TicTacToe
from llm_policy.decoder import Decoder
from llm_policy.model import ModelConfig, Transformer
from llm_policy.prompts import line_of, prompt_tokens
from llm_policy.reply_mask import FORM_TOKENS, ReplyMask
from llm_policy.sampler import generate
from llm_policy.tokenizer import EOS, OUTCOMES, decode, encode

GAMES = [TicTacToe(), ConnectFour()]


def positions(game: Game, number: int) -> object:
    """States after random numbers of random moves, none of them over."""
    state = game.initial(number)
    plies = np.arange(number) % game.max_plies
    numbers = uniform(stream_keys(1, np.arange(number)), game.max_plies)
    for ply in range(game.max_plies):
        on = np.flatnonzero((plies > ply) & ~game.done(state))
        now = take(state, on)
        put(state, on, game.step(now, random_actions(game.legal_mask(now), numbers[on, ply])))
    return take(state, ~game.done(state))


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
@pytest.mark.parametrize("max_new", [FORM_TOKENS + 1, 16])
def test_a_random_model_writes_only_legal_replies(game: Game, max_new: int) -> None:
    state = positions(game, 2000)
    legal = game.legal_mask(state)
    assert len(legal) > 1000
    model = Transformer(ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=16, context=80))
    model.initialise(torch.Generator().manual_seed(0))
    prompts, lengths = prompt_tokens(game, state, padded([()] * len(legal)), "board")
    written = generate(
        Decoder(model, torch.float32),
        torch.from_numpy(prompts),
        torch.from_numpy(lengths),
        max_new=max_new,
        keys=stream_keys(2, np.arange(len(legal))),
        allowed=ReplyMask(game, legal, max_new=max_new),
    )
    assert written.finished.all()
    lines = set()
    for row, tokens in enumerate(written.tokens.tolist()):
        text = decode(tokens)
        assert judge(game.moves, legal[row].tolist(), text).legal, text
        line = line_of(game, text.removeprefix("<think>").split("</think>")[0])
        assert line, text
        assert legal[row, line[0]], text
        lines.add(len(line))
    assert lines == set(range(1, max_new - FORM_TOKENS + 1))
    assert written.sampled_logprobs.isfinite().all()


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_standard_reply_may_be_written(game: Game, outcome: str) -> None:
    """All legal first moves as the answer, with lines of every length that has room."""
    state = positions(game, 200)
    legal = game.legal_mask(state)
    last = legal.shape[1] - 1 - legal[:, ::-1].argmax(1)
    for first, rest in ((legal.argmax(1), ()), (last, (0, 3)), (last, (6, 5, 4, 3, 2, 1, 0))):
        lines = ["".join(game.moves[each] for each in (move, *rest)) for move in first]
        texts = [format_reply(line + outcome, game.moves[move]) for line, move in zip(lines, first, strict=True)]
        tokens = torch.tensor([[*encode(text), EOS] for text in texts])
        mask = ReplyMask(game, legal, max_new=tokens.shape[1])
        for step in range(tokens.shape[1]):
            assert mask.allowed()[torch.arange(len(texts)), tokens[:, step]].all(), (rest, step)
            mask.advance(tokens[:, step])


def test_what_is_allowed_is_exactly_the_rules() -> None:
    game = TicTacToe()
    legal = np.zeros((1, 9), np.bool_)
    legal[0, [2, 7]] = True
    mask = ReplyMask(game, legal, max_new=10)
    expected = [
        (["<think>"], "<think>"),
        (["3", "8"], "8"),
        ([*"123456789", " win", " draw", " loss"], "8"),
        ([*"123456789", " win", " draw", " loss"], "1"),
        ([" win", " draw", " loss"], " loss"),
        (["</think>"], "</think>"),
        (["<answer>"], "<answer>"),
        (["3", "8"], "3"),
        (["</answer>"], "</answer>"),
        (["<eos>"], "<eos>"),
        (["<pad>"], "<pad>"),
    ]
    for options, chosen in expected:
        assert set(mask.allowed()[0].nonzero()[:, 0].tolist()) == {encode(option)[0] for option in options}, chosen
        mask.advance(torch.tensor(encode(chosen)))


def test_errors() -> None:
    game = TicTacToe()
    with pytest.raises(ValueError, match="game 1 of the batch is over"):
        ReplyMask(game, np.array([[True] * 9, [False] * 9]), max_new=20)
    with pytest.raises(ValueError, match="takes at least 8 tokens, max_new is 7"):
        ReplyMask(game, np.ones((1, 9), np.bool_), max_new=7)
