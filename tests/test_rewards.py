"""Rewards: what each is worth, how they add up, and whose fault it is when one fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.agent import Reply
from agents.episode import Episode, Turn
from envs.problem import FINISHED, GUESSED, RIGHT, UNGRADED, WRONG
from envs.reply import Verdict, format_reply
from training.config import PolicyGradientConfig
from training.rewards import REWARDS, Reward, Rewarded, RewardError, is_cut, rewarded

GOOD, BAD, ILLEGAL = Verdict("legal", 4), Verdict("malformed", -1), Verdict("illegal", -1)


def episode(*turns: tuple[int, Verdict], returns: tuple[float, float] = (0.0, 0.0), number: int = 0) -> Episode:
    made = tuple(Turn(seat, Reply(""), verdict) for seat, verdict in turns)
    return Episode("tic-tac-toe", 0, number, ("a", "b"), (), made, (), returns, "rules")


WON = episode((0, GOOD), (1, GOOD), (0, GOOD), returns=(1.0, -1.0), number=7)
MALFORMED = episode((0, GOOD), (1, BAD), returns=(1.0, -1.0), number=8)
REFUSED_ONCE = episode((0, GOOD), (1, ILLEGAL), (1, GOOD), (0, BAD), returns=(-1.0, 1.0), number=9)


def worth(episodes: list[Episode], weights: dict[str, float], **fields: Any) -> Rewarded:
    return rewarded(episodes, PolicyGradientConfig(rewards=weights, **fields))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("outcome", [[1, -1], [1, -1], [-1, 1]]),
        ("form", [[1, 1], [1, 0], [0.5, 1]]),
        ("legal", [[1, 1], [1, 0], [0.5, 0.5]]),
    ],
)
def test_each_reward(name: str, expected: list[list[float]]) -> None:
    known = worth([WON, MALFORMED, REFUSED_ONCE], {name: 1.0})
    np.testing.assert_allclose(known.total, expected)
    np.testing.assert_allclose(known.parts[name], expected)
    assert known.metrics == {"reward/masked_count": 0, "reward/masked_of": 3}


def test_a_seat_that_was_never_asked_is_not_punished() -> None:
    parts = worth([episode((0, GOOD))], {"form": 1.0, "legal": 1.0, "lines": 1.0}).parts
    assert [part[0, 1] for part in parts.values()] == [1, 1, 1]


def test_weights_add_up_and_parts_stay_apart() -> None:
    known = worth([WON, REFUSED_ONCE], {"outcome": 2.0, "legal": -0.5})
    np.testing.assert_allclose(known.total, [[1.5, -2.5], [-2.25, 1.75]])
    np.testing.assert_allclose(known.parts["outcome"], [[1, -1], [-1, 1]])
    assert list(known.parts) == ["outcome", "legal"]


def test_without_episodes_there_is_nothing_and_without_weights_what_the_world_is_about() -> None:
    assert worth([], {"outcome": 1.0}).total.shape == (0, 2)
    assert worth([WON], {"outcome": 0.0}).total.tolist() == [[0, 0]]
    assert worth([WON], {}).total.tolist() == worth([WON], {"outcome": 1.0}).total.tolist()
    half = answered(WRONG, 0.5)
    assert worth([half], {}).total.tolist() == worth([half], {"process": 1.0}).total.tolist() != [[0, 0]]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no reward is called 'outcom'.*did you mean 'outcome'"):
        worth([WON], {"outcom": 1.0})
    with pytest.raises(ValueError, match="there are: outcome, form, legal"):
        worth([WON], {"\x1b[2J" * 1000: 1.0})


# Problems: form, answer, validity and progress


def answered(
    action: int, progress: float, *, text: str = "", tokens: int = 0, kind: str = "legal", game: str = "arithmetic"
) -> Episode:
    turn = Turn(0, Reply(text, tokens=(1,) * tokens), Verdict(kind, action, "", progress))
    returns = (float(action == RIGHT), 0.0)
    return Episode(game, 0, 5, ("student", "student"), (0, 1, 7), (turn,), (0, 1, 7), returns, "rules")


@pytest.mark.parametrize(
    ("action", "progress", "worths"),
    [  # process, r1zero, binary, answer, reasoning, progress
        (RIGHT, 1.0, (1, 1, 1, 1, 1, 1)),
        (FINISHED, 1.0, (0.297, 0.1, 0, 0, 1, 1)),
        (GUESSED, 0.0, (0, 1, 0, 1, 0, 0)),
        (GUESSED, 0.5, (0.15, 1, 0, 1, 0, 0.5)),
        (WRONG, 0.5, (0.15, 0.1, 0, 0, 0, 0.5)),
        (-1, 0.0, (0, 0, 0, 0, 0, 0)),
    ],
)
def test_what_an_answer_is_worth(action: int, progress: float, worths: tuple[float, ...]) -> None:
    names = ("process", "r1zero", "binary", "answer", "reasoning", "progress")
    kind = "legal" if action >= 0 else "malformed"
    parts = worth([answered(action, progress, kind=kind)], dict.fromkeys(names, 1.0)).parts
    np.testing.assert_allclose([parts[name][0] for name in names], [[value, 0] for value in worths], atol=1e-7)


def test_a_search_pays_less_for_a_part_of_the_way() -> None:
    assert REWARDS["process"](answered(WRONG, 1.0, game="countdown"), 0) == pytest.approx(0.099)


def test_a_weight_of_nothing_only_shows() -> None:
    known = worth([answered(GUESSED, 0.5)], {"process": 1.0, "answer": 0.0})
    assert known.total[0, 0] == pytest.approx(0.15)
    assert known.parts["answer"][0, 0] == 1


@pytest.mark.parametrize(("tokens", "reward"), [(0, 1), (48, 1), (49, 1 - 0.2 / 16), (56, 0.9), (64, 0.8), (99, 0.8)])
def test_length_costs_right_answers_only(tokens: int, reward: float) -> None:
    """REWARDS: `R -= 0.2 * clip((n - (Lmax - Lc)) / Lc, 0, 1)` with Lmax = 64 and Lc = 16."""
    actions = (RIGHT, FINISHED, GUESSED, WRONG)
    given = [answered(action, float(action in (RIGHT, FINISHED)), tokens=tokens) for action in actions]
    known = worth(given, {"process": 1.0, "length": 0.2}, max_new=64, length_margin=16)
    np.testing.assert_allclose(known.total[:, 0], [reward, 0.297, 0, 0], atol=1e-6)
    assert not known.total[:, 1].any()


@pytest.mark.parametrize(
    ("game", "think", "share"),
    [
        ("words", "Ann has 3+4=7", 1),
        ("words", "3+4=7", 1),
        ("words", "café 3+4=7", 1),
        ("words", "a" * 95 + "五" * 5, 1),
        ("words", "a" * 94 + "五" * 6, 0.94),
        ("words", "小明有五个", 0),
        ("words-zh", "小明有五个", 1),
        ("words-zh", "小明 has", 0.4),
        ("words-zh", "3+4=7", 1),
        ("tic-tac-toe", "5 win", 1),
        ("words", "ёж", 0),
    ],
)
def test_another_language_takes_its_share(game: str, think: str, share: float) -> None:
    given = answered(RIGHT, 1.0, text=format_reply(think, "7"), game=game)
    assert REWARDS["language"](given, 0) == pytest.approx(share)
    if game != "tic-tac-toe":
        for weights, total in (
            ({"language": 1.0, "process": 1.0}, share),
            ({"process": 2.0, "language": 0.5}, 1 + share),
        ):
            assert worth([given], weights).total[0, 0] == pytest.approx(total)


# What is not known is left out


def failing(episode: Episode, seat: int) -> float:
    return 1 / (episode.number - 8)


def with_one(name: str, reward: Reward, given: list[Episode]) -> Rewarded:
    return rewarded(given, PolicyGradientConfig(rewards={"outcome": 1.0, name: 1.0}), REWARDS | {name: reward})


def test_a_fault_is_laid_at_the_rewards_door_and_the_batch_goes_on() -> None:
    known = with_one("broken", failing, [WON, MALFORMED, REFUSED_ONCE])
    assert [e.number for e in known.episodes] == [7, 9]
    np.testing.assert_allclose(known.total, [[0, -2], [0, 2]])
    assert known.masked == ["episode 8: reward 'broken' failed: ZeroDivisionError: division by zero"]
    assert known.metrics == {"reward/masked_count": 1, "reward/masked_of": 3}


def test_where_all_fail_the_run_stops() -> None:
    with pytest.raises(RewardError, match=r"none of 1 episodes can be rewarded; episode 8: reward 'broken' failed"):
        with_one("broken", failing, [MALFORMED])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_goes_no_further(value: float) -> None:
    known = with_one("odd", lambda e, seat: value if e.number == 7 and seat else 0.5, [WON, MALFORMED])
    assert known.masked == [f"episode 7: reward 'odd' is {value} for seat 1"]
    assert known.total.tolist() == [[1.5, -0.5]]


def test_what_could_not_be_graded_is_neither_right_nor_wrong() -> None:
    known = worth([answered(-1, 0.0, kind=UNGRADED), answered(RIGHT, 1.0)], {"process": 1.0})
    assert known.total.tolist() == [[1, 0]]
    assert known.masked == ["episode 5: ungraded: "]


def test_replies_that_were_cut_off_are_wrong_or_left_out() -> None:
    cut = answered(-1, 0.0, tokens=24, kind="malformed")
    others = [answered(RIGHT, 1.0, tokens=24), answered(-1, 0.0, tokens=23, kind="malformed")]
    assert [is_cut(e.turns[0], 24) for e in (cut, *others)] == [True, False, False]
    assert worth([cut, *others], {"process": 1.0}).total[:, 0].tolist() == [0, 1, 0]
    known = worth([cut, *others], {"process": 1.0}, mask_truncated=True)
    assert known.total[:, 0].tolist() == [1, 0]
    assert known.masked == ["episode 5: a reply was cut off"]
    assert len(worth([cut], {"process": 1.0}, mask_truncated=True).episodes) == 1, (
        "where all are, there is nothing else"
    )
