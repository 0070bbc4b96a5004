"""What a run measures and counts, held to players whose strength is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from agents.agent import Reply, View
from agents.connect_four_solver import ConnectFourSolver
from agents.episode import Episode, Turn
from agents.perfect import PerfectPlayer
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import GAMES
from envs.reply import Verdict
from llm_policy.model import ModelConfig
from training import evaluate
from training.config import Config, MeasureConfig
from training.evaluate import measured
from training.learner import STUDENT, Learner, new_learner
from training.positions import connect_four_positions
from training.rollouts import entropy, rollout_metrics

CONFIG = Config(
    model=ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=16), measure=MeasureConfig(every=5, games=8)
)


class Babbler:
    name = "babbler"

    def act(self, views: Sequence[View]) -> list[Reply]:
        return [Reply("mate in three", tokens=(1, 2, 3)) for _ in views]


def learner_of(game: str, iteration: int = 5) -> Learner:
    learner = new_learner(replace(CONFIG, game=game))
    learner.iteration = iteration
    return learner


def test_the_perfect_player_is_perfect_and_counted() -> None:
    learner = learner_of("tic-tac-toe")
    for times in (1, 2):
        found = measured(learner, PerfectPlayer())
        assert found["eval/lost_lines"] == 0
        assert found["eval/score"] == found["eval/perfect"] == found["eval/legal"] == 1
        assert learner.solved == times == found["eval/solved_in_a_row"]
    assert found["eval/lines_first"] + found["eval/lines_second"] == found["eval/lines"] > 500
    random = measured(learner, RandomPlayer())
    assert random["eval/perfect"] == 0
    assert learner.solved == 0
    assert random["eval/lost_lines"] > 100
    assert random["eval/score"] == 1 - random["eval/lost_lines"] / random["eval/lines"]
    assert random["eval/legal"] == random["eval/well_formed"] == 1


def test_a_babbler_loses_everything() -> None:
    found = measured(learner_of("tic-tac-toe"), Babbler())
    assert found["eval/score"] == found["eval/well_formed"] == found["eval/legal"] == 0
    assert found["eval/well_formed_of"] == found["eval/lines"] == 10
    assert found["eval/reply_length"] == 3


def test_connect_four_is_measured_by_the_solver_and_by_games(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = connect_four_positions()
    few = replace(positions, histories=positions.histories[:30], scores=positions.scores[:30])
    monkeypatch.setattr(evaluate, "connect_four_positions", lambda: few)
    monkeypatch.setattr(evaluate, "MCTS_ROLLOUTS", 4)
    found = measured(learner_of("connect-four"), RandomPlayer())
    assert 0 < found["eval/agreement_result"] < 1
    assert found["eval/agreement_result"] == found["eval/agreement_result_count"] / found["eval/agreement_result_of"]
    assert found["eval/score"] == found["eval/agreement_result"]
    assert found["eval/agreement_best_of"] == 30
    assert found["arena/random_won"] + found["arena/random_drawn"] + found["arena/random_lost"] == 8
    assert found["arena/random_points_low"] <= found["arena/random_points"] <= found["arena/random_points_high"]
    # it is played less often
    assert "arena/mcts_points" not in found
    assert "arena/mcts_points" in measured(learner_of("connect-four", 20), RandomPlayer())
    assert "arena/mcts_points" in measured(learner_of("connect-four", CONFIG.iterations), RandomPlayer())


def test_the_solver_is_met_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bitbully")
    positions = connect_four_positions()
    few = replace(positions, histories=positions.histories[:3], scores=positions.scores[:3])
    monkeypatch.setattr(evaluate, "connect_four_positions", lambda: few)
    learner = learner_of("connect-four")
    itself, random = (measured(learner, player) for player in (ConnectFourSolver(), RandomPlayer()))
    # of two that play perfectly, each wins what the opening gives: all pairs are even
    assert itself["arena/solver_points"] == 0.5
    assert itself["arena/solver_points_low"] < 0.5 < itself["arena/solver_points_high"]
    assert itself["arena/solver_won"] == itself["arena/solver_lost"] > 0
    assert random["arena/solver_points"] < 0.1
    assert random["arena/solver_points_of"] == 20
    monkeypatch.setattr(evaluate, "solver_installed", lambda: False)
    without = measured(learner, RandomPlayer())
    assert without.keys() == {name for name in random if not name.startswith("arena/solver")}


def turn(seat: int, kind: str, text: str = "", policy: tuple[float, ...] = ()) -> Turn:
    return Turn(seat, Reply(text, policy=policy), Verdict(kind, 0 if kind == "legal" else -1))


def test_rollouts_are_counted() -> None:
    me = (STUDENT, STUDENT)
    won = Episode("tic-tac-toe", 0, 0, me, (0,), (turn(1, "legal", "a", (0.5, 0.5)), turn(0, "legal", "a", (1.0, 0.0))),
                  (0, 1, 2), (1.0, -1.0), "rules")  # fmt: skip
    same = replace(won, number=1)
    drawn = Episode(
        "tic-tac-toe", 0, 2, me, (), (turn(0, "legal", "b"), turn(1, "legal", "c")), (3, 4), (0.0, 0.0), "rules"
    )
    bad = Episode(
        "tic-tac-toe", 0, 3, (STUDENT, "past-2"), (), (turn(0, "malformed", "d"),), (), (-1.0, 1.0), "malformed"
    )
    worse = Episode("tic-tac-toe", 0, 4, ("random", STUDENT), (), (turn(0, "unknown"), turn(1, "illegal", "e")), (), (1.0, -1.0), "illegal")  # fmt: skip  # noqa: E501
    found = rollout_metrics([won, same, drawn, bad, worse], 2.0)
    expected = {
        "rollout/games": 5,
        "rollout/plies": 8 / 5,
        "rollout/first_wins_count": 3,
        "rollout/draws_count": 1,
        "rollout/second_wins_count": 1,
        "rollout/second_wins": 0.2,
        "rollout/malformed_count": 1,
        "rollout/illegal_count": 1,  # the random player's is not the student's
        "rollout/illegal_of": 8,
        "rollout/repeated_games_count": 2,  # the same game, and both empty ones
        "rollout/repeated_text_count": 4,
        "rollout/policy_entropy": np.log(2) / 2,
        "rollout/opening_entropy": entropy([2, 1]),
        "rollout/points_against_past": 0.0,
        "rollout/points_against_random": 0.0,
        "reward/first": (1 + 1 + 0 - 1) / 4,
        "reward/second": (-1 - 1 + 0 - 1) / 4,
        "perf/games_per_second": 2.5,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert rollout_metrics([], 1.0)["rollout/games"] == 0


def test_entropy_is_that_of_scipy_or_by_hand() -> None:
    assert entropy([]) == entropy([5]) == 0
    assert entropy([1, 1, 1, 1]) == pytest.approx(np.log(4))
    assert entropy([3, 1]) == pytest.approx(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25)))


def test_real_games_add_up() -> None:
    game = GAMES["connect-four"]
    agent = RandomPlayer()
    episodes = list(play(game, [Match(number, (agent, agent)) for number in range(40)], seed=0))
    found = rollout_metrics([replace(e, players=(STUDENT, STUDENT)) for e in episodes], 1.0)
    assert sum(found[f"rollout/{name}"] for name in ("first_wins", "draws", "second_wins")) == pytest.approx(1)
    assert found["reward/first"] == pytest.approx(found["rollout/first_wins"] - found["rollout/second_wins"])
