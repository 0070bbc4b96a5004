"""The model in a chair: what it is shown, what it answers, and what is recorded of it."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest
import torch

from agents.agent import View
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs.connect_four import ConnectFour
from envs.game import Game
from envs.tic_tac_toe import TicTacToe
from llm_policy import decoder
from llm_policy.decoder import Decoder
from llm_policy.documents import DocumentPlayer
from llm_policy.model import ModelConfig, Transformer
from llm_policy.player import LanguageModelPlayer
from llm_policy.prompts import VIEWS, move_tokens
from llm_policy.tokenizer import EOS, THINK, decode

GAMES = [TicTacToe(), ConnectFour()]


@pytest.fixture(scope="module")
def model() -> Transformer:
    config = ModelConfig(layers=2, width=32, heads=4, kv_heads=2, hidden=48, context=128)
    made = Transformer(config).initialise(torch.Generator().manual_seed(0))
    with torch.no_grad():
        made.value_head.normal_(generator=torch.Generator().manual_seed(1))
        made.lm_head.mul_(20)
    return made


def player(model: Transformer, **options: object) -> LanguageModelPlayer:
    return LanguageModelPlayer(model, dtype=torch.float32, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
@pytest.mark.parametrize("view", VIEWS)
def test_masked_games_end_by_the_rules_and_are_the_same_alone(game: Game, view: str, model: Transformer) -> None:
    seat = player(model, view=view, temperature=1.0, mask=True)
    matches = [Match(n, (seat, RandomPlayer()) if n % 2 else (RandomPlayer(), seat)) for n in range(12)]
    together = {episode.number: episode for episode in play(game, matches, seed=4)}
    assert {episode.ending for episode in together.values()} == {"rules"}
    (alone,) = play(game, [matches[5]], seed=4)
    assert alone.history == together[5].history
    assert [turn.reply.text for turn in alone.turns] == [turn.reply.text for turn in together[5].turns]


@torch.no_grad()
@pytest.mark.parametrize("mask", [False, True])
def test_everything_recorded_can_be_recomputed_from_the_tokens(model: Transformer, mask: bool) -> None:
    game = TicTacToe()
    seat = player(model, view="both", temperature=1.0, mask=mask)
    views = [View(game, n % 2, tuple(range(n)), 100 + n) for n in range(4)]
    replies = seat.act(views)
    for view, reply in zip(views, replies, strict=True):
        assert decode(reply.prompt_tokens) == reply.prompt
        assert reply.prompt.startswith("".join(game.moves[move] for move in view.history) + "\n")
        assert decode(reply.tokens) == reply.text
        hidden = model(torch.tensor([reply.prompt_tokens + reply.tokens]))[0]
        n = len(reply.prompt_tokens)
        logprobs = torch.log_softmax(model.logits(hidden), -1)[n - 1 : -1]
        own = logprobs.gather(1, torch.tensor(reply.tokens)[:, None])[:, 0]
        np.testing.assert_allclose(reply.logprobs, own, atol=3e-5)
        if mask:
            assert reply.tokens[0] == THINK
            assert reply.tokens[-1] == EOS
            assert reply.value == pytest.approx(float(model.value(hidden[n])), abs=1e-5)
            policy = torch.softmax(model.logits(hidden[n])[move_tokens(game)], -1)
            np.testing.assert_allclose(reply.policy, policy, atol=1e-5)
            assert game.moves[reply.line[0]] == reply.text[len("<think>")]


def test_greedy_needs_no_luck(model: Transformer) -> None:
    game = TicTacToe()
    texts = {player(model).act([View(game, 0, (), key)])[0].text for key in range(3)}
    assert len(texts) == 1
    assert len({player(model, temperature=1.0).act([View(game, 0, (), key)])[0].text for key in range(3)}) == 3


def test_without_the_mask_a_random_model_loses_by_its_form_and_nothing_breaks(model: Transformer) -> None:
    seat = player(model, temperature=1.0)
    episodes = list(play(TicTacToe(), [Match(n, (seat, RandomPlayer())) for n in range(20)], seed=1, retries=1))
    assert {episode.ending for episode in episodes} == {"malformed"}
    assert all(episode.returns == (-1.0, 1.0) for episode in episodes)
    assert all(len(turn.reply.tokens) <= seat.max_new for episode in episodes for turn in episode.turns)
    first, second = (turn.reply.text for turn in episodes[0].turns)
    assert first != second


def one_adamw_step(model: Transformer) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.tensor([[1, 5, 6]])).square().sum().backward()
    optimizer.step()


def other_weights(model: Transformer) -> None:
    model.load_state_dict({name: weight * 0.9 for name, weight in model.state_dict().items()})


def one_number(model: Transformer) -> None:
    with torch.no_grad():
        model.layers[1].down[0, 0] += 1


def moved(model: Transformer) -> None:
    """As `Module.to` does it: other storage, nothing written."""
    for weight in model.parameters():
        weight.data = weight.data * 0.9


@pytest.mark.parametrize("kind", [LanguageModelPlayer, DocumentPlayer])
@pytest.mark.parametrize("change", [one_adamw_step, other_weights, one_number, moved])
def test_weights_are_laid_out_once_and_again_when_they_have_changed(
    kind: Callable[..., LanguageModelPlayer],
    change: Callable[[Transformer], None],
    model: Transformer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Transformer] = []

    class Counted(Decoder):
        def __init__(self, model: Transformer, dtype: torch.dtype | None = None) -> None:
            made.append(model)
            super().__init__(model, dtype)

    monkeypatch.setattr(decoder, "Decoder", Counted)
    model = deepcopy(model)
    seat = kind(model, temperature=1.0, dtype=torch.float32)
    asked = [View(TicTacToe(), 0, (4, 0), 7)]
    for _ in range(3):
        before = seat.act(asked)
    assert len(made) == 1
    change(model)
    after = seat.act(asked)
    assert len(made) == 2
    assert after == kind(deepcopy(model), temperature=1.0, dtype=torch.float32).act(asked)
    assert after[0].logprobs != before[0].logprobs
    seat.model = deepcopy(model)
    assert seat.act(asked) == after
    assert made[-1] is seat.model
