"""Lines of moves thought in games: legal, true, and of the move that was played."""

from __future__ import annotations

import numpy as np
import pytest

from agents.agent import Reply
from agents.episode import Episode
from agents.perfect import PerfectPlayer
from agents.play import Match, play
from envs import game_named
from envs.game import replay
from envs.reply import format_reply
from training.config import PolicyGradientConfig
from training.lines import lines, read_line, worth_of_line
from training.rewards import rewarded

GAME = game_named("tic-tac-toe")
FOUR = game_named("connect-four")
PERFECT = PerfectPlayer()


class Says:
    """Thinks and plays the same whenever it is asked."""

    name = "says"

    def __init__(self, think: str, answer: str) -> None:
        self.reply = Reply(format_reply(think, answer))

    def act(self, views: list[object]) -> list[Reply]:
        return [self.reply] * len(views)


def worth(history: str, think: str, answer: str, game: str = "tic-tac-toe") -> float:
    world = game_named(game)
    moves = [world.moves.index(name) for name in history]
    state = replay(world, np.array([moves], np.int64).reshape(1, -1))
    return worth_of_line(world, state, moves, think, answer)


# X at 1 and 2, O at 4 and 5, X to move: 3 wins at once
ROW = "1425"


@pytest.mark.parametrize(
    ("history", "think", "answer", "reward"),
    [
        (ROW, "3 win", "3", 1),
        (ROW, "3 draw", "3", 0),  # the rules say that it is won
        (ROW, "3 win", "6", 0),  # not the move thought of
        (ROW, "6 7 3 win", "6", 0),  # by the rules, if only the other side does not look: its right move is 3
        (ROW, "6 3 draw", "6", 1),
        (ROW, "7 6 loss", "7", 1),  # O completes 4 5 6
        (ROW, "7 9 3 win", "7", 0),
        (ROW, "7 loss", "7", 1),  # the line stops, yet it is true
        (ROW, "7 win", "7", 0),
        (ROW, "33 win", "3", 0.297 / 2),  # the second move is after the end
        (ROW, "1 win", "1", 0),  # illegal at once
        (ROW, "3", "3", 0.297 / 2),  # nothing claimed
        (ROW, "3 I think win", "3", 0.297 / 3),
        (ROW, "win", "3", 0),
        (ROW, "", "3", 0),
        (ROW, "3 win win", "3", 0.297 / 2),
        ("", "5 draw", "5", 1),
        ("", "5 win", "5", 0),
        ("", "519 draw", "5", 1),
        ("", "5 1 9 draw", "5", 1),
        ("", "515 draw", "5", 0.297 * 2 / 3),  # 5 is taken
    ],
)
def test_what_a_line_is_worth(history: str, think: str, answer: str, reward: float) -> None:
    assert worth(history, think, answer) == pytest.approx(reward)


@pytest.mark.parametrize(
    ("history", "think", "reward"),
    [
        ("121212", "1 win", 1),
        ("121212", "1 draw", 0),
        ("", "4 win", 0.297),  # true, but nothing here shows it
        ("", "444 draw", 0.297),
        ("", "4141414 win", 0.297),  # who answers 1 three times plays along
        ("", "4141414 draw", 0),  # its own line ends otherwise
        ("4131", "5 win", 1),  # three in a row with both ends free
        ("4131", "512 win", 1),
        ("4131", "5 draw", 0),
        ("414141", "2 draw", 0),  # the other one wins at once
        ("414141", "2 loss", 1),
        ("414141", "2414 win", 0),
        ("444444", "4 win", 0),
        ("", "4444444 win", 0.297 * 6 / 7),
    ],
)
def test_of_a_larger_game_only_what_is_near_is_known(history: str, think: str, reward: float) -> None:
    assert worth(history, think, think[0], "connect-four") == pytest.approx(reward)


def test_the_perfect_player_thinks_the_truth() -> None:
    """Its lines and claims come from the same table; the rules agree with it, in every position that it meets."""
    episodes = list(play(GAME, [Match(n, (PERFECT, PERFECT), (n % 9,)) for n in range(36)], seed=1))
    assert len({episode.history for episode in episodes}) > 20
    assert [lines(episode, seat) for episode in episodes for seat in (0, 1)] == [1.0] * 72


def test_refused_and_unasked_seats() -> None:
    refused: Episode = next(play(GAME, [Match(0, (Says("1 draw", "1"), Says("1 draw", "1")))], seed=0))
    assert (lines(refused, 0), lines(refused, 1)) == (1, 0), "the second one plays where a stone stands"
    spared: Episode = next(play(GAME, [Match(0, (Says("3 win", "3"), PERFECT), (0, 3, 1, 4))], seed=0))
    assert (lines(spared, 0), lines(spared, 1)) == (1, 1)
    mixed = rewarded([refused, spared], PolicyGradientConfig(rewards={"lines": 1.0, "outcome": 1.0}))
    assert mixed.total.tolist() == [[2, -1], [2, 0]]


def test_problems_have_no_lines() -> None:
    with pytest.raises(ValueError, match="'lines' is for board games, not for addition"):
        lines(Episode("addition", 0, 0, ("a", "a"), (), (), (), (0.0, 0.0), "rules"), 0)


@pytest.mark.parametrize(
    ("think", "read"),
    [
        ("5 1 9 win", ([4, 0, 8], "win", 0)),
        ("519 loss", ([4, 0, 8], "loss", 0)),
        ("", ([], "", 0)),
        ("0 win", ([], "win", 1)),
        ("5 then 1 draw", ([4], "draw", 2)),
        ("５ win", ([], "win", 1)),
        ("9" * 16000, ([8] * 16000, "", 0)),
    ],
)
def test_reading(think: str, read: tuple[list[int], str, int]) -> None:
    assert read_line(GAME, think) == read
