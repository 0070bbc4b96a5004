"""Gymnasium's own check on every game, and the rules of the adapter that it does not look at."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import xueba
from agents.agent import View
from agents.random_player import RandomPlayer
from envs.game import Game, Ints, random_actions
from envs.gymnasium_adapter import SEATS, GameEnv, GameVectorEnv, environment_id, random_opponent, register
from envs.reply import judge

GRIDS = {"tic-tac-toe": "xueba/TicTacToe-v0", "connect-four": "xueba/ConnectFour-v0"}
"""Games of stones on an empty board; chess is played less, for it takes longer."""
IDS = GRIDS | {"chess": "xueba/Chess-v0"}
ROOT = Path(xueba.__file__).parents[1]


@pytest.fixture
def strict() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(params=IDS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def random_legal(mask: np.ndarray, rng: np.random.Generator) -> Ints:
    return random_actions(mask == 1, rng.random(len(mask)))


def lowest(game: Game, state: Any, histories: np.ndarray, keys: np.ndarray) -> Ints:
    """An opponent without chance: the first legal move."""
    return game.legal_mask(state).argmax(1)


def test_ids() -> None:
    assert {name: environment_id(name) for name in IDS} == IDS


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("seat", SEATS)
def test_gymnasium_check_env(name: str, seat: str) -> None:
    check_env(gymnasium.make(environment_id(name), seat=seat).unwrapped)


@pytest.mark.usefixtures("strict")
def test_registering_twice_changes_nothing() -> None:
    register()
    assert isinstance(gymnasium.make("xueba/ConnectFour-v0").unwrapped, GameEnv)


def test_make_imports_us_by_itself_and_without_torch() -> None:
    script = (
        "import gymnasium, sys\n"
        "print(gymnasium.make('xueba:xueba/ConnectFour-v0').unwrapped.game.name)\n"
        "assert not {'torch', 'pettingzoo', 'agents', 'training'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("connect-four\n", "")


@pytest.mark.parametrize("seat", SEATS)
def test_a_game_of_random_moves_ends_by_the_rules(name: str, seat: str) -> None:
    world = GameEnv(name, seat=seat)
    results = set()
    for number in range(60 if name in GRIDS else 4):
        seen, info = world.reset(seed=number)
        assert seat == "random" or info["seat"] == SEATS.index(seat)
        # whoever sits second finds one stone, and it is not their own
        if name in GRIDS:
            assert seen.sum((0, 1)).tolist() == [0, info["seat"]]
        world.action_space.seed(number)
        ended = False
        while not ended:
            np.testing.assert_array_equal(world.action_masks(), info["action_mask"] == 1)
            _, reward, ended, truncated, info = world.step(int(world.action_space.sample(info["action_mask"])))
            assert not truncated
            assert ended or reward == 0
        assert not info["illegal"]
        assert not info["action_mask"].any()
        results.add(reward)
        with pytest.raises(RuntimeError, match="call reset"):
            world.step(0)
    assert results <= {1.0, 0.0, -1.0}
    assert name not in GRIDS or {1.0, -1.0} <= results


@pytest.mark.parametrize(
    ("name", "seat", "moves", "reward", "own", "other"),
    [
        ("tic-tac-toe", "first", "789", 1, [6, 7, 8], [0, 1]),
        ("tic-tac-toe", "first", "458", -1, [3, 4, 7], [0, 1, 2]),
        ("tic-tac-toe", "second", "258", 1, [1, 4, 7], [0, 2, 3]),
        ("connect-four", "first", "7777", 1, [20, 27, 34, 41], [21, 28, 35]),
        ("connect-four", "second", "7776", -1, [27, 34, 41], [14, 21, 28, 35]),
    ],
)
def test_either_seat_against_a_known_opponent(
    name: str, seat: str, moves: str, reward: int, own: list[int], other: list[int]
) -> None:
    world = GameEnv(name, opponent=lowest, seat=seat)
    world.reset()
    for move in moves:
        seen, result, ended, _, _ = world.step(world.game.moves.index(move))
        if ended:
            break
    assert (ended, result) == (True, reward)
    planes = seen.reshape(-1, 2)
    assert [np.flatnonzero(planes[:, k]).tolist() for k in (0, 1)] == [own, other]


def test_an_illegal_action_of_ours_loses_and_leaves_the_board() -> None:
    world = GameEnv("tic-tac-toe", opponent=lowest)
    world.reset()
    before, *_ = world.step(4)
    after, reward, ended, _, info = world.step(4)
    assert (reward, ended, info["illegal"]) == (-1, True, True)
    assert not info["action_mask"].any()
    np.testing.assert_array_equal(after, before)
    _, info = world.reset()
    assert not info["illegal"]


@pytest.mark.parametrize("wrong", [-1, 4, 999])
def test_an_illegal_action_of_the_opponent_wins(wrong: int) -> None:
    world = GameEnv("tic-tac-toe", opponent=lambda game, state, histories, keys: np.full(len(keys), wrong))
    world.reset()
    _, reward, ended, _, info = world.step(4)
    assert (reward, ended, info["illegal"]) == (1, True, True)


def test_an_opponent_that_begins_with_an_illegal_action_has_lost_before_we_move() -> None:
    world = GameEnv("tic-tac-toe", opponent=lambda *asked: np.array([-1]), seat="second")
    _, info = world.reset()
    assert info["illegal"]
    seen, reward, ended, *_ = world.step(0)
    assert (reward, ended) == (1, True)
    assert not seen.any()
    worlds = GameVectorEnv("tic-tac-toe", 2, opponent=lambda *asked: np.full(len(asked[3]), -1), seat="second")
    worlds.reset()
    boards, rewards, over, *_ = worlds.step(np.array([0, 4]))
    assert (rewards.tolist(), over.tolist()) == ([1, 1], [True, True])
    assert not boards.any()


@pytest.mark.parametrize("action", [-1, 9])
def test_a_number_that_is_no_action_raises(action: int) -> None:
    world = GameEnv("tic-tac-toe")
    world.reset()
    with pytest.raises(ValueError, match=rf"{action} is no action of tic-tac-toe \(0 to 8\)"):
        world.step(action)


def test_faults_are_named() -> None:
    with pytest.raises(ValueError, match="did you mean 'connect-four'"):
        GameEnv("connect4")
    with pytest.raises(ValueError, match=r"'third'.*first, second, random"):
        GameEnv("connect-four", seat="third")
    with pytest.raises(ValueError, match=r"'svg'.*ansi, rgb_array, human"):
        GameEnv("connect-four", render_mode="svg")


def test_random_seats_are_both_taken_and_repeat_with_the_seed() -> None:
    def seats(seed: int) -> list[int]:
        world = GameEnv("tic-tac-toe", seat="random")
        return [world.reset(seed=seed)[1]["seat"]] + [world.reset()[1]["seat"] for _ in range(199)]

    assert seats(3) == seats(3) != seats(4)
    assert 60 < sum(seats(3)) < 140


def test_the_opponent_plays_every_game_anew() -> None:
    world = GameEnv("tic-tac-toe", seat="second")
    openings = [int(world.reset(seed=0)[0].argmax())] + [int(world.reset()[0].argmax()) for _ in range(200)]
    assert len(set(openings)) == 9


def test_a_batch_that_is_reset_begins_every_game_at_once() -> None:
    worlds, fresh = (GameVectorEnv("tic-tac-toe", num_envs=64) for _ in range(2))
    rng = np.random.default_rng(0)
    _, info = worlds.reset(seed=1)
    ended = np.zeros(64, bool)
    while not ended.any():
        _, _, ended, _, info = worlds.step(random_legal(info["action_mask"], rng))
    for world in (worlds, fresh):
        world.reset(seed=2)
    for one, other in zip(worlds.step(np.full(64, 4))[:3], fresh.step(np.full(64, 4))[:3], strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_batch_gives_every_single_game(name: str) -> None:
    """Table 0 of a batch is the single environment of the same seed, and 3 tables are the first of 40."""
    single = GameEnv(name, seat="random")
    worlds = [GameVectorEnv(name, num_envs=batch, seat="random") for batch in (1, 3, 40)]
    seen, info = single.reset(seed=5)
    batches = [world.reset(seed=5) for world in worlds]
    rng = np.random.default_rng(0)
    reward, ended = 0.0, False
    for _ in range(150):
        for few, many in ((batches[0], batches[1]), (batches[1], batches[2])):
            size = len(few[0])
            for one, other in zip(few[:-1], many[:-1], strict=True):
                np.testing.assert_array_equal(one, other[:size])
            for key in ("action_mask", "seat", "illegal"):
                np.testing.assert_array_equal(few[-1][key], many[-1][key][:size])
        np.testing.assert_array_equal(seen, batches[2][0][0])
        np.testing.assert_array_equal(info["action_mask"], batches[2][-1]["action_mask"][0])
        actions = random_legal(batches[2][-1]["action_mask"], rng)
        batches = [world.step(actions[: world.num_envs]) for world in worlds]
        if ended:
            (seen, info), reward, ended = single.reset(), 0.0, False
        else:
            seen, reward, ended, _, info = single.step(int(actions[0]))
        assert (batches[2][1][0], batches[2][2][0]) == (reward, ended)


@pytest.mark.usefixtures("strict")
def test_make_vec_is_the_batched_one(name: str) -> None:
    worlds = gymnasium.make_vec(
        environment_id(name), num_envs=512 if name in GRIDS else 24, seat="random", render_mode="ansi"
    )
    assert isinstance(worlds.unwrapped, GameVectorEnv)
    seen, info = worlds.reset(seed=0)
    rng = np.random.default_rng(0)
    results = []
    for _ in range(60 if name in GRIDS else 150):
        assert worlds.observation_space.contains(seen)
        actions = random_legal(info["action_mask"], rng)
        assert worlds.action_space.contains(actions)
        seen, rewards, ended, truncated, info = worlds.step(actions)
        assert rewards.shape == ended.shape == truncated.shape == (worlds.num_envs,)
        assert not rewards[~ended].any()
        assert not truncated.any()
        assert not info["illegal"].any()
        results += rewards[ended].tolist()
    frames = worlds.render()
    assert frames is not None
    assert len(frames) == worlds.num_envs
    # random against random with either seat: the points are even, within five standard errors
    assert len(results) > (1000 if name in GRIDS else 5)
    assert abs(np.mean(results)) < 5 / np.sqrt(len(results))


def test_a_player_of_ours_can_sit_opposite() -> None:
    """What a view needs is all there: the moves so far and the address of a random stream."""

    def opponent(game: Game, state: Any, histories: np.ndarray, keys: np.ndarray) -> Ints:
        seats, legal = game.to_move(state), game.legal_mask(state)
        views = [
            View(game, int(seats[row]), tuple(move for move in histories[row].tolist() if move >= 0), int(keys[row]))
            for row in range(len(keys))
        ]
        replies = RandomPlayer().act(views)
        return np.array([judge(game.moves, legal[row], reply.text).action for row, reply in enumerate(replies)])

    ours, theirs = (
        GameVectorEnv("connect-four", 16, opponent=who, seat="random") for who in (random_opponent, opponent)
    )
    (seen, info), (other, _) = ours.reset(seed=9), theirs.reset(seed=9)
    rng = np.random.default_rng(0)
    for _ in range(80):
        np.testing.assert_array_equal(seen, other)
        actions = random_legal(info["action_mask"], rng)
        seen, *_, info = ours.step(actions)
        other, *_ = theirs.step(actions)


def test_render_shows_the_last_move() -> None:
    world = GameEnv("tic-tac-toe", opponent=lowest, render_mode="ansi")
    world.reset()
    world.step(8)
    assert world.render() == "[O] 2  3\n 4  5  6\n 7  8  X\nX to move\n"
