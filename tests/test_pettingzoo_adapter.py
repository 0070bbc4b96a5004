"""PettingZoo's own tests on every game, and the rules of the adapter that they do not look at."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from pettingzoo.test import api_test, render_test, seed_test

from envs import GAMES
from envs.game import Game
from envs.pettingzoo_adapter import GameAEC, env

# What PettingZoo warns of in its own board games as well, by name excepted there; everything else is an error
KNOWN = (
    "Observation is not a NumPy array",  # a dict with a mask, excepted for a fixed list of names
    "Observation space for each agent probably should be",  # likewise
    "Observation numpy array is all zeros",  # the empty board
    "Action mask numpy array is all zeros",  # the end of the game
)


@pytest.fixture
def strict() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for message in KNOWN:
            warnings.filterwarnings("ignore", message)
        yield


@pytest.fixture(params=GAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.usefixtures("strict")
def test_pettingzoo_api_test(name: str) -> None:
    api_test(env(name), num_cycles=200)
    api_test(GameAEC(GAMES[name]), num_cycles=200)


@pytest.mark.usefixtures("strict")
def test_pettingzoo_seed_test(name: str) -> None:
    seed_test(lambda: env(name), num_cycles=50)


@pytest.mark.usefixtures("strict")
def test_pettingzoo_render_test(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    render_test(lambda render_mode: env(name, render_mode))
    assert "to move" in capsys.readouterr().out


def finished(world: GameAEC) -> dict[str, tuple[float, bool, bool]]:
    """What each agent is told at the end."""
    told = {}
    for agent in world.agent_iter():
        _, reward, terminated, truncated, _ = world.last()
        told[agent] = (reward, terminated, truncated)
        world.step(None)
    return told


GAMES_PLAYED = [
    ("tic-tac-toe", "14253", (1, -1)),
    ("tic-tac-toe", "142596", (-1, 1)),
    ("tic-tac-toe", "123546879", (0, 0)),
    ("connect-four", "1212121", (1, -1)),
    ("connect-four", "71212121", (-1, 1)),
]


@pytest.mark.parametrize(("name", "moves", "rewards"), GAMES_PLAYED)
def test_turns_rewards_and_farewell(name: str, moves: str, rewards: tuple[int, int]) -> None:
    world = env(name)
    for _ in range(2):  # nothing of a game outlives it
        world.reset()
        for ply, move in enumerate(moves):
            assert world.agent_selection == f"player_{ply % 2}"
            assert world.last()[1:4] == (0, False, False)
            world.step(GAMES[name].moves.index(move))
        assert finished(world) == {f"player_{seat}": (reward, True, False) for seat, reward in enumerate(rewards)}
        assert world.agents == []


def test_each_agent_sees_its_own_stones_first() -> None:
    world = GameAEC(GAMES["connect-four"])
    world.reset()
    for action in (3, 3, 0):
        world.step(action)
    first, second = (world.observe(agent) for agent in world.possible_agents)
    assert np.argwhere(first["observation"]).tolist() == [[4, 3, 1], [5, 0, 0], [5, 3, 0]]
    assert np.argwhere(second["observation"]).tolist() == [[4, 3, 0], [5, 0, 1], [5, 3, 1]]
    assert first["action_mask"].tolist() == [0] * 7
    assert second["action_mask"].tolist() == [1] * 7


def test_an_illegal_action_loses_for_who_played_it() -> None:
    world = env("tic-tac-toe")
    for ply, moves in enumerate(([4], [4, 0])):
        world.reset()
        for action in moves:
            world.step(action)
        world.step(4)
        loser = f"player_{(ply + 1) % 2}"
        told = finished(world)
        assert told.pop(loser)[:2] == (-1, True)
        assert [result[:2] for result in told.values()] == [(0, True)]


def test_without_wrappers_an_illegal_action_raises() -> None:
    world = GameAEC(GAMES["tic-tac-toe"])
    world.reset()
    world.step(4)
    with pytest.raises(ValueError, match="cell 5 is taken"):
        world.step(4)


def test_faults_are_named() -> None:
    with pytest.raises(ValueError, match="did you mean 'tic-tac-toe'"):
        env("tictactoe")
    with pytest.raises(ValueError, match=r"'rgb'.*ansi, rgb_array, human"):
        env("tic-tac-toe", render_mode="rgb")


def test_two_games_in_one_process_and_a_copy_keep_apart() -> None:
    one, other = env("tic-tac-toe", render_mode="ansi"), env("connect-four", render_mode="ansi")
    one.reset()
    other.reset()
    one.step(0)
    copy = pickle.loads(pickle.dumps(one))
    one.step(1)
    other.step(3)
    assert copy.render() == "[X] 2  3\n 4  5  6\n 7  8  9\nO to move\n"
    assert one.render() == " X [O] 3\n 4  5  6\n 7  8  9\nX to move\n"
    assert other.render().splitlines()[6] == " .  .  . [X] .  .  ."


def test_human_prints_each_move_without_being_asked(capsys: pytest.CaptureFixture[str]) -> None:
    world = env("tic-tac-toe", render_mode="human")
    world.reset()
    world.step(4)
    assert capsys.readouterr().out == " 1  2  3\n 4 [X] 6\n 7  8  9\nO to move\n\n"


def test_the_last_move_is_drawn(name: str) -> None:
    game: Game = GAMES[name]
    world = GameAEC(game, render_mode="rgb_array")
    world.reset()
    before = world.render()
    while not any(world.terminations.values()):
        world.step(int(world.observe(world.agent_selection)["action_mask"].argmax()))
        after = world.render()
        assert (before != after).any()
        before = after
