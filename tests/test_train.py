"""The loop: the same twice, nothing that is not finite, no position for measuring, and it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents.agent import Reply
from agents.episode import Episode, Turn
from agents.search import SearchConfig
from envs import GAMES
from envs.game import replay
from envs.problems import PROBLEMS
from envs.reply import Verdict
from llm_policy.model import ModelConfig
from tests.tiny_run import TINY, finished_run, manifest, numbers
from training import checkpoints, evaluate, expert_iteration
from training.algorithms import ALGORITHMS
from training.config import ExpertIterationConfig, MeasureConfig, OptimizerConfig, PlayConfig, WarmUpConfig
from training.examples import Examples
from training.learner import STUDENT, Learner, new_learner
from training.loggers import FileLogger
from training.positions import connect_four_positions, is_held_out
from training.presets import PRESETS
from training.replies import Decision, replies_of
from training.run_folder import RunFolder, create_run
from training.train import join_pool, past_iterations, train
from training.warm_up import random_examples


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that nobody disturbed."""
    return finished_run(tmp_path_factory.mktemp("runs"), "whole")[0]


def test_what_a_run_leaves(whole: RunFolder) -> None:
    assert [row["step"] for row in whole.metrics()] == [0, 1, 2, 3, 4, 5, 6]
    assert {row["step"] for row in whole.metrics() if "eval/lost_lines" in row} == {0, 2, 4, 6}
    games = list(whole.episodes())
    assert {game["step"] for game in games} == {1, 2, 3, 4, 5, 6}
    assert all(
        "<think>" in turn["reply"]["text"]
        for game in games
        for turn in game["turns"]
        if game["players"] == ["student"] * 2
    )
    kinds = [event["kind"] for event in whole.events()]
    assert kinds[0] == "begin"
    assert kinds[-1] == "end"
    assert manifest(whole)[0] == "000006"
    named = {name for row in whole.metrics() for name in row if name not in ("step", "time")}
    assert {name.split("/")[0] for name in named} == {"train", "rollout", "reward", "eval", "perf"}
    rates = {name.removesuffix("_of") for name in named if name.endswith("_of")}
    assert {f"{name}_count" for name in rates} <= named


def test_twice_gives_the_same_bit_by_bit(tmp_path: Path, whole: RunFolder) -> None:
    again, learner = finished_run(tmp_path, "again")
    assert manifest(again) == manifest(whole)
    assert numbers(again) == numbers(whole)
    assert learner.iteration == 6
    other, _ = finished_run(tmp_path, "other", replace(TINY, seed=1, iterations=1))
    assert numbers(other)[1] != numbers(whole)[1]


@pytest.mark.slow
def test_two_threads_give_the_same_twice(tmp_path: Path) -> None:
    config = replace(TINY, threads=2, iterations=2)
    one, two = (finished_run(tmp_path, name, config)[0] for name in ("one", "two"))
    assert manifest(one) == manifest(two)


def test_nan_stops_at_once_and_never_reaches_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run(tmp_path, "run", TINY)
    update = ALGORITHMS["expert-iteration"].update

    def poisoned(learner: Learner, episodes: list[Episode]) -> dict[str, float]:
        metrics = update(learner, episodes)
        if learner.iteration == 3:
            learner.model.lm_head.data[0, 0] = float("nan")
        return metrics

    monkeypatch.setitem(ALGORITHMS, "expert-iteration", replace(ALGORITHMS["expert-iteration"], update=poisoned))
    with pytest.raises(FloatingPointError, match="lm_head is not finite at iteration 4"):
        train(TINY, run, FileLogger(run))
    assert run.events()[-1]["kind"] == "alarm"
    path = checkpoints.last(run.checkpoints)
    assert path is not None
    assert path.name == "000002"


def test_the_past_is_spread_over_history() -> None:
    assert past_iterations(5, 10, 3) == []
    assert past_iterations(39, 10, 3) == [10, 20, 30]
    for iteration in range(10, 3000, 70):
        kept = past_iterations(iteration, 10, 12)
        assert len(kept) == min(12, iteration // 10)
        assert kept == sorted(set(kept))
        assert kept[-1] == iteration // 10 * 10
        if len(kept) == 12:
            assert max(np.diff([0, *kept])) <= 3 * iteration / 12
    # nobody returns who has left
    for iteration in range(10, 1000, 10):
        assert set(past_iterations(iteration, 10, 5)) <= {*past_iterations(iteration - 10, 10, 5), iteration}


def test_the_pool_holds_frozen_copies_and_no_aliases() -> None:
    learner = new_learner(TINY)
    made: dict[int, float] = {}
    for iteration in range(1, 30):
        learner.iteration = iteration
        with torch.no_grad():
            learner.model.lm_head.fill_(iteration)
        join_pool(learner)
        made[iteration] = iteration
        assert [float(past.lm_head[0, 0]) for past in learner.pool] == past_iterations(iteration, 1, 3)
    assert not any(parameter.requires_grad for past in learner.pool for parameter in past.parameters())


@pytest.fixture
def few_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect Four measured in a moment."""
    positions = connect_four_positions()
    few = replace(positions, histories=positions.histories[:40], scores=positions.scores[:40])
    monkeypatch.setattr(evaluate, "connect_four_positions", lambda: few)
    monkeypatch.setattr(evaluate, "MCTS_ROLLOUTS", 4)


@pytest.mark.usefixtures("few_positions")
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_trains_a_step(tmp_path: Path, preset: str) -> None:
    config = PRESETS[preset]
    shrunken = replace(
        config,
        iterations=1,
        threads=1,
        play=replace(config.play, games=8),
        warm_up=WarmUpConfig(1, 4),
        search=replace(config.search, simulations=2),
        expert_iteration=replace(config.expert_iteration, batch=8, reuse=1.0),
        measure=MeasureConfig(games=2),
        problem=replace(config.problem, measured=40),
    )
    run, learner = finished_run(tmp_path, preset, shrunken)
    # of questions that nobody answers yet, no group has anything to compare
    assert learner.steps > (config.game not in PROBLEMS)
    assert all(value is not None for row in run.metrics() for value in row.values())
    measures = {"connect-four": "eval/agreement_result", "tic-tac-toe": "eval/lost_lines"}
    wanted = measures.get(config.game, "eval/right")
    assert wanted in run.metrics()[-1]


def test_positions_for_measuring_are_never_learned_from() -> None:
    game = GAMES["connect-four"]
    history = tuple(move for move in connect_four_positions().histories[0].tolist() if move >= 0)
    mirrored = tuple(6 - move for move in history)
    learner = new_learner(replace(TINY, game="connect-four"))
    legal = [np.flatnonzero(game.legal_mask(replay(game, np.array([moves])))[0])[0] for moves in (history, mirrored)]

    def episode(number: int, moves: tuple[int, ...], last: int) -> Episode:
        reply = Reply("", policy=(1 / 7,) * 7, value=0.0, line=(3,))
        turns = tuple(Turn(ply % 2, reply, Verdict("legal", move)) for ply, move in enumerate((*moves, last)))
        players = (STUDENT, STUDENT)
        return Episode("connect-four", 0, number, players, (), turns, (*moves, last), (0.0, 0.0), "rules")

    episodes = [episode(0, history, int(legal[0])), episode(1, mirrored, int(legal[1]))]
    expert_iteration.update(learner, episodes)
    buffer = learner.buffer
    assert buffer is not None
    # every position of both games but the last one of each, which is the measured one
    assert len(buffer.value) == 2 * len(history)
    assert not is_held_out(game, replay(game, buffer.histories.astype(np.int64))).any()
    assert is_held_out(game, replay(game, np.array([history, mirrored]))).all()


def test_policy_gradients_leave_out_the_measured_positions() -> None:
    game = GAMES["connect-four"]
    measured = tuple(move for move in connect_four_positions().histories[0].tolist() if move >= 0)
    said = Reply("", tokens=(4, 5, 6), prompt_tokens=(1, 2))
    decisions = [
        Decision(0, 0, (3,), said, True),
        Decision(0, 1, measured, said, True),
        Decision(0, 0, (3, 3), said, True),
    ]
    advantages = np.array([1, 2, 3], np.float32)
    replies = replies_of(game, decisions, advantages, advantages)
    assert replies.advantages.tolist() == [1, 3]
    assert len(replies_of(game, [], advantages[:0], advantages[:0])) == 0


# Does it learn?

LEARNER = replace(
    TINY,
    model=ModelConfig(layers=2, width=48, heads=4, kv_heads=4, hidden=128),
    warm_up=WarmUpConfig(steps=40, batch=64),
    play=PlayConfig(games=64),
    search=SearchConfig(simulations=16, noise=0.25),
    expert_iteration=ExpertIterationConfig(batch=128, reuse=4.0),
    measure=MeasureConfig(every=4),
    iterations=40,
)


def shuffled(update: Callable[..., Examples]) -> Callable[..., Examples]:
    """What search found, given to the wrong positions."""

    def examples_of(*arguments: Any, **named: Any) -> Examples:
        found = update(*arguments, **named)
        order = np.random.default_rng(0).permutation(len(found.value))
        policy, value, outcome, lines = (field[order] for field in found[1:])
        return Examples(found.histories, policy, value, outcome, lines)

    return examples_of


def test_the_form_is_learned_and_not_with_frozen_weights(tmp_path: Path) -> None:
    config = replace(
        TINY,
        iterations=1,
        model=ModelConfig(layers=1, width=32, heads=2, kv_heads=2, hidden=64),
        warm_up=WarmUpConfig(steps=60, batch=16),
        optimizer=OptimizerConfig(lr=1e-2, rise=5),
    )
    learned = finished_run(tmp_path, "learned", config)[0].metrics()
    frozen = finished_run(tmp_path, "frozen", replace(config, optimizer=OptimizerConfig(lr=0.0)))[0].metrics()
    assert learned[0]["eval/well_formed"] > 0.9
    assert learned[0]["train/words"] < 0.3 * frozen[0]["train/words"]
    assert frozen[0]["eval/well_formed"] == 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_learns_and_the_controls_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(rows: list[dict[str, float]]) -> float:
        return rows[-1]["eval/lost_lines"] / rows[-1]["eval/lines"]

    learned = finished_run(tmp_path, "learned", LEARNER)[0].metrics()
    still = replace(LEARNER, iterations=8, optimizer=OptimizerConfig(lr=0.0))
    frozen = finished_run(tmp_path, "frozen", still)[0].metrics()
    monkeypatch.setattr(expert_iteration, "examples_of", shuffled(expert_iteration.examples_of))
    wrong = finished_run(tmp_path, "shuffled", LEARNER)[0].metrics()
    print(f"lines lost: learned {lost(learned):.1%}, frozen {lost(frozen):.1%}, shuffled {lost(wrong):.1%}")
    assert lost(learned) < 0.3
    assert learned[-1]["eval/legal"] > 0.95
    assert lost(frozen) == 1
    assert lost(wrong) > 0.7


def test_random_replies_of_the_warm_up_leave_out_the_measured_positions() -> None:
    game = GAMES["connect-four"]
    examples = random_examples(game, 0, 64, 3)
    assert not is_held_out(game, replay(game, examples.histories.astype(np.int64))).any()
