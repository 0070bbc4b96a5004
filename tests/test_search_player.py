"""Players that search: what they say, their luck, and their strength beside OpenSpiel's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents import search_player
from agents.agent import Reply, View
from agents.play import Match, play
from agents.search import SearchConfig
from agents.search_player import SearchPlayer, mcts_player, rollout
from envs import GAMES
from envs.game import Game, replay
from envs.random_streams import stream_keys
from envs.reply import format_reply, judge
from tests.test_search import C4, TTT, even, opinionated, searched
from training.measures import lost_lines, score_against


def test_a_search_player_says_its_line_and_its_outcome() -> None:
    player = SearchPlayer(even, SearchConfig(300))
    (reply,) = player.act([View(TTT, 0, (0, 3, 1, 4), 0)])
    assert reply.text == format_reply("3 win", "3")
    assert (reply.line, reply.value) == ((2,), 1.0)
    (reply,) = player.act([View(TTT, 1, (0, 3, 1), 0)])
    assert reply.line[0] == 2
    assert judge(TTT.moves, [True] * 9, reply.text).action == 2


def test_moves_are_sampled_from_the_improved_policy_at_first_only() -> None:
    views = [View(TTT, 0, (), int(key)) for key in stream_keys(0, np.arange(4000))]
    config = SearchConfig(8)
    policy = searched(TTT, np.zeros((1, 0), np.int64), opinionated, config).policy[0]
    replies = SearchPlayer(opinionated, config, sampled_plies=1).act(views)
    counts = np.bincount([reply.line[0] for reply in replies], minlength=9)
    expected = 4000 * policy
    big = expected > 5
    assert big.sum() > 2
    assert ((counts - expected)[big] ** 2 / expected[big]).sum() < 26.1  # chi-squared, at most 8 degrees, 0.1%
    later = [replace(view, history=(0, 4)) for view in views[:50]]
    assert len({r.text for r in SearchPlayer(opinionated, config, sampled_plies=2).act(later)}) == 1


def test_rollouts_have_the_expected_result_of_random_play() -> None:
    # uniform random play from the start: published and easily counted shares 0.5849, 0.2881 and 0.1270
    results = rollout(TTT, TTT.initial(20_000), stream_keys(0, np.arange(20_000)))
    assert (results == 1).mean() == pytest.approx(0.5849, abs=0.015)
    assert (results == -1).mean() == pytest.approx(0.2881, abs=0.015)
    # for the player to move, not for the first one, who has just won here
    lost = replay(TTT, np.array([[0, 3, 1, 4, 2]]))
    assert rollout(TTT, lost, stream_keys(0, np.arange(1)))[0] == -1


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_mcts_has_other_luck_in_another_game_and_the_same_in_the_same(game: Game) -> None:
    player, opening = mcts_player(30), tuple(range(2))
    views = [View(game, 0, opening, int(key), episode=n) for n, key in enumerate(stream_keys(3, np.arange(40)))]
    found = player.act(views)
    assert len({reply.policy for reply in found}) == 40, "searches of one position share no luck"
    assert len({reply.text[-10:] for reply in found}) > 1, "nor do the moves all agree"
    assert mcts_player(30).act(views[::-1]) == found[::-1]
    games = [list(play(game, [Match(n, (player, player)) for n in range(12)], seed=seed)) for seed in (0, 0, 1)]
    lines = [{episode.number: episode.history for episode in episodes} for episodes in games]
    assert lines[0] == lines[1] != lines[2]
    assert len(set(lines[0].values())) > 6


def test_uct_with_enough_rollouts_loses_no_line_of_tic_tac_toe() -> None:
    first, second = lost_lines(TTT, mcts_player(600))
    assert (first.lost, second.lost) == (0, 0)
    # and the count sees the difference to one that hardly searches
    assert sum(seat.lost for seat in lost_lines(TTT, mcts_player(3))) > 10


class OpenSpielMcts:
    """OpenSpiel's own UCT with one random rollout a leaf; its actions are numbered as ours."""

    name = "open-spiel"

    def __init__(self, game: str, simulations: int, exploration: float) -> None:
        self.spiel: Any = pytest.importorskip("pyspiel")
        self.game, self.simulations, self.exploration = self.spiel.load_game(game), simulations, exploration

    def act(self, views: Sequence[View]) -> list[Reply]:
        return [Reply(format_reply("mcts", view.game.moves[self._step(view)])) for view in views]

    def _step(self, view: View) -> int:
        evaluator = self.spiel.RandomRolloutEvaluator(1, view.key % 2**31)
        bot = self.spiel.MCTSBot(
            self.game, evaluator, self.exploration, self.simulations, 1000, True, view.key % 2**31, False
        )
        state = self.game.new_initial_state()
        for action in view.history:
            state.apply_action(action)
        return int(bot.step(state))


def test_uct_is_as_strong_as_that_of_open_spiel_in_tic_tac_toe() -> None:
    score = score_against(
        TTT, mcts_player(50), OpenSpielMcts("tic_tac_toe", 50, 1.4), pairs=40, seed=1, opening_plies=2
    )
    assert score.distinct > 40
    assert score.interval[0] <= 0.5 <= score.interval[1], score


@pytest.mark.slow
def test_uct_is_as_strong_as_that_of_open_spiel_in_connect_four() -> None:
    theirs = OpenSpielMcts("connect_four", 100, 1.4)
    score = score_against(C4, mcts_player(100), theirs, pairs=60, seed=1, opening_plies=2)
    assert score.distinct > 60
    assert score.interval[0] <= 0.5 <= score.interval[1], score
    # the same comparison tells a quarter of the simulations apart
    weaker = score_against(C4, mcts_player(25), theirs, pairs=60, seed=1, opening_plies=2)
    assert weaker.interval[1] < 0.5, weaker


def test_no_draw_lies_beyond_the_last_move(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = np.random.default_rng(0).dirichlet(np.ones(9), 100_000).astype(np.float32)
    rounded = policy[policy.cumsum(1)[:, -1] < policy.sum(1)][:1]
    monkeypatch.setattr(search_player, "uniform", lambda keys, n: np.full((len(keys), n), 1 - 2.0**-53))
    assert search_player._drawn(rounded, np.zeros(1, np.uint64)) == 8
