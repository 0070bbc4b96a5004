"""A game as one document: what the kept cache says is what a fresh reading of the whole document says."""

import numpy as np
import pytest
import torch

from agents.agent import View
from agents.episode import Episode, from_record, to_record
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs.connect_four import ConnectFour
from envs.game import Game
from envs.tic_tac_toe import TicTacToe
from llm_policy.documents import DocumentPlayer, documents
from llm_policy.model import ModelConfig, Transformer
from llm_policy.tokenizer import WORDS, encode

GAMES = [TicTacToe(), ConnectFour()]


def random_model(context: int = 512) -> Transformer:
    config = ModelConfig(layers=2, width=32, heads=4, kv_heads=2, hidden=48, context=context)
    model = Transformer(config).initialise(torch.Generator().manual_seed(0))
    with torch.no_grad():
        model.value_head.normal_(generator=torch.Generator().manual_seed(1))
        model.lm_head.mul_(20)
    return model


def player(model: Transformer, **options: object) -> DocumentPlayer:
    return DocumentPlayer(model, temperature=1.0, dtype=torch.float32, max_new=14, **options)  # type: ignore[arg-type]


@torch.no_grad()
def check_against_a_fresh_reading(model: Transformer, game: Game, played: list[tuple[Episode, int]]) -> int:
    """Tokens compared."""
    made = documents(game, played)
    hidden = model(torch.from_numpy(made.tokens))
    fresh = torch.log_softmax(model.logits(hidden), -1)[:, :-1]
    fresh = fresh.gather(2, torch.from_numpy(made.tokens)[:, 1:, None])[..., 0].numpy()
    own = made.own[:, 1:]
    np.testing.assert_allclose(made.logprobs[:, 1:][own], fresh[own], atol=5e-5)
    for row, (episode, seat) in enumerate(played):
        for number, turn in enumerate(episode.turns):
            if turn.seat == seat:
                (places,) = np.nonzero(made.turns[row] == number)
                assert tuple(made.tokens[row, places]) == turn.reply.tokens
                assert tuple(made.tokens[row, : places[0]]) == turn.reply.prompt_tokens
                if turn.reply.value is not None:
                    assert turn.reply.value == pytest.approx(float(model.value(hidden[row, places[0]])), abs=5e-5)
            else:
                assert not (made.turns[row] == number).any()
    return int(own.sum())


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_the_kept_cache_says_what_a_fresh_reading_says(game: Game) -> None:
    """Games of differing lengths leave, others begin in their place, both seats and openings are there."""
    model, other = random_model(), RandomPlayer()
    seat = player(model, mask=True)
    matches = [Match(n, (seat, other) if n % 3 else (other, seat), (3, 2, 4)[: n % 4]) for n in range(40)]
    played = [(episode, 0 if episode.number % 3 else 1) for episode in play(game, matches, seed=1, slots=12)]
    assert {episode.ending for episode, _ in played} == {"rules"}
    assert len({len(episode.history) for episode, _ in played}) > 3
    compared = check_against_a_fresh_reading(model, game, played)
    everything = int((documents(game, played).tokens != 0).sum())
    assert compared > 1000
    # each token is read at most once: what is missing are the last replies' ends
    assert seat.computed <= everything
    assert [from_record(to_record(episode)) for episode, _ in played] == [episode for episode, _ in played]


def test_both_seats_by_the_same_player() -> None:
    model, game = random_model(), TicTacToe()
    seat = player(model, mask=True)
    episodes = list(play(game, [Match(n, (seat, seat)) for n in range(10)], seed=2))
    played = [(episode, side) for episode in episodes for side in (0, 1)]
    check_against_a_fresh_reading(model, game, played)
    assert seat.computed <= int((documents(game, played).tokens != 0).sum())


def test_refused_replies_stay_in_the_document() -> None:
    model, game = random_model(), TicTacToe()
    seat = player(model)
    episodes = list(play(game, [Match(n, (seat, RandomPlayer())) for n in range(6)], seed=2, retries=2))
    assert all(len(episode.turns) == 3 for episode in episodes)
    check_against_a_fresh_reading(model, game, [(episode, 0) for episode in episodes])


def test_a_game_does_not_depend_on_its_neighbours_or_on_games_played_before() -> None:
    model, game = random_model(), ConnectFour()
    seat = player(model, mask=True)
    matches = [Match(n, (RandomPlayer(), seat)) for n in range(9)]
    together = {episode.number: episode for episode in play(game, matches, seed=3)}
    again = {episode.number: episode for episode in play(game, matches, seed=3)}
    (alone,) = play(game, [Match(4, (RandomPlayer(), player(model, mask=True)))], seed=3)
    for episode in (again[4], alone):
        assert [turn.reply.tokens for turn in episode.turns] == [turn.reply.tokens for turn in together[4].turns]


def test_new_weights_are_noticed_in_the_middle_of_a_game() -> None:
    model, game = random_model(), TicTacToe()
    seat = player(model, mask=True)
    first = seat.act([View(game, 0, (), 1, episode=7)])[0]
    move = game.moves.index(first.text.split("<answer>")[1][0])
    with torch.no_grad():
        model.lm_head.add_(torch.randn(model.lm_head.shape, generator=torch.Generator().manual_seed(5)) * 0.1)
        model.embed_tokens.mul_(1.5)
    then = View(game, 0, (move, (move + 1) % 9), 2, episode=7)
    second = seat.act([then])[0]
    hidden = model(torch.tensor([second.prompt_tokens + second.tokens]))[0]
    n = len(second.prompt_tokens)
    fresh = torch.log_softmax(model.logits(hidden), -1)[n - 1 : -1].gather(1, torch.tensor(second.tokens)[:, None])
    np.testing.assert_allclose(second.logprobs, fresh[:, 0].detach(), atol=5e-5)
    assert second.prompt_tokens[1 : len(first.tokens) + 1] == first.tokens


def test_what_a_document_looks_like() -> None:
    game = TicTacToe()
    seat = player(random_model(), mask=True)
    (episode,) = play(game, [Match(0, (RandomPlayer(), seat), (8,))], seed=5)
    first, second = [turn.reply for turn in episode.turns if turn.seat == 1][:2]
    assert "".join(WORDS[token] for token in first.prompt_tokens) == "<bos>9\n"
    answer = game.moves[episode.history[2]]
    assert second.prompt_tokens == (*first.prompt_tokens, *first.tokens, *encode(f"{answer}\n"))


def test_a_document_too_long_for_the_model_begins_anew() -> None:
    game = ConnectFour()
    seat = player(random_model(context=100), mask=True)
    episodes = list(play(game, [Match(n, (RandomPlayer(), seat)) for n in range(8)], seed=1))
    assert {episode.ending for episode in episodes} == {"rules"}
    replies = [turn.reply for episode in episodes for turn in episode.turns if turn.seat == 1]
    assert all(len(reply.prompt_tokens) + 14 <= 100 for reply in replies)
    lines = [sum(1 for token in reply.prompt_tokens if WORDS[token] == "\n") for reply in replies]
    assert max(lines) > 8  # a game told anew, by its moves alone


def test_a_game_too_long_for_the_model_is_an_error() -> None:
    seat = player(random_model(context=30), mask=True)
    with pytest.raises(ValueError, match=r"a game of \d+ moves and a reply of 14 tokens do not fit .* context of 30"):
        list(play(ConnectFour(), [Match(n, (RandomPlayer(), seat)) for n in range(8)], seed=1))


def test_a_turn_without_tokens_is_an_error() -> None:
    game = TicTacToe()
    (episode,) = play(game, [Match(3, (RandomPlayer(), RandomPlayer()))], seed=1)
    with pytest.raises(ValueError, match="episode 3, turn 1: recorded without its tokens"):
        documents(game, [(episode, 1)])
