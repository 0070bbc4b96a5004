"""What is learned from a game: each move that the search played, at the position where it played it."""

from __future__ import annotations

import pytest

from agents.agent import Reply
from agents.episode import Episode, Turn
from envs import GAMES
from envs.reply import Verdict
from training.examples import Examples, examples_of

GAME = GAMES["tic-tac-toe"]
FOUND = Reply("", policy=(1 / 9,) * 9, value=0.5, line=(3,))


def learned(ending: tuple[Turn, ...], history: tuple[int, ...]) -> Examples:
    turns = (Turn(1, FOUND, Verdict("legal", 4)), Turn(0, Reply(""), Verdict("legal", 2)), *ending)
    episode = Episode("tic-tac-toe", 0, 0, ("other", "me"), (8,), turns, (8, 4, 2, *history), (1.0, -1.0), "rules")
    return examples_of(GAME, [episode], line=2, discount=0.5, outcome_share=1.0, player="me")


@pytest.mark.parametrize(
    ("ending", "history", "values"),
    [
        ((), (), [-0.5]),
        ((Turn(1, FOUND, Verdict("legal", 0)),), (0,), [-0.25, -1.0]),
        # a refused reply is no move, and nothing that one should do again
        ((Turn(1, FOUND, Verdict("illegal", 4)),), (), [-0.5]),
        ((Turn(0, Reply("?"), Verdict("malformed", -1)),), (), [-0.5]),
    ],
)
def test_positions_are_those_in_which_it_moved(
    ending: tuple[Turn, ...], history: tuple[int, ...], values: list[float]
) -> None:
    examples = learned(ending, history)
    assert examples.value.tolist() == values
    rest = [-1] * 8
    assert examples.histories.tolist() == [[8, *rest], [8, 4, 2, *rest[2:]]][: len(values)]
    assert examples.lines.tolist() == [[3, -1]] * len(values)
