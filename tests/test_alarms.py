"""Alarms: said when a collapse begins, once, and once when it is over; and never in a healthy run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from training.alarms import AlarmConfig, Alarms

HEALTHY = {
    "rollout/policy_entropy": 0.8,
    "rollout/repeated_games": 0.05,
    "rollout/repeated_text": 0.1,
    "rollout/first_wins": 0.5,
    "rollout/second_wins": 0.2,
    "rollout/illegal": 0.0,
    "rollout/malformed": 0.0,
    "train/policy": 1.0,
}
COLLAPSES = {
    "no choice left": {"rollout/policy_entropy": 0.001},
    "repeated games": {"rollout/repeated_games": 0.97},
    "repeated text": {"rollout/repeated_text": 0.97},
    "one seat wins": {"rollout/first_wins": 0.01, "rollout/second_wins": 0.95},
    "rules forgotten in play": {"rollout/illegal": 0.2, "rollout/malformed": 0.1},
}
WINDOW = AlarmConfig().window


def said(rows: list[dict[str, float]]) -> list[list[tuple[str, str]]]:
    alarms = Alarms()
    return [alarms.news(row) for row in rows]


def test_a_healthy_run_says_nothing() -> None:
    assert not any(said([HEALTHY] * 50))
    assert Alarms().active == {}


@pytest.mark.parametrize("name", COLLAPSES)
def test_each_collapse_is_named_once_when_it_begins_and_once_when_it_ends(name: str) -> None:
    bad = HEALTHY | COLLAPSES[name]
    news = said([HEALTHY] * 10 + [bad] * 12 + [HEALTHY] * 12)
    spoken = [(number, kind, text) for number, texts in enumerate(news) for kind, text in texts]
    assert [kind for _, kind, _ in spoken] == ["alarm", "all clear"]
    (begun, _, text), (ended, _, clear) = spoken
    assert text.startswith(f"{name}: ")
    assert clear == name
    assert 10 <= begun < 10 + WINDOW
    assert 22 <= ended < 22 + WINDOW


def test_one_bad_iteration_is_no_collapse() -> None:
    for name, collapse in COLLAPSES.items():
        if not name.startswith("rules"):
            assert not any(said([HEALTHY] * 10 + [HEALTHY | collapse] + [HEALTHY] * 10))


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
def test_what_is_not_finite_is_named_at_once(value: float) -> None:
    news = said([HEALTHY, HEALTHY | {"train/policy": value}, HEALTHY])
    assert news == [[], [("alarm", "not finite: train/policy")], [("all clear", "not finite")]]


def test_the_first_seat_is_named_and_draws_say_nothing() -> None:
    winning = HEALTHY | {"rollout/first_wins": 0.99, "rollout/second_wins": 0.0}
    assert "the first seat wins 100%" in Alarms([winning] * WINDOW).active["one seat wins"]
    drawn = HEALTHY | {"rollout/first_wins": 0.1, "rollout/second_wins": 0.0}
    assert Alarms([drawn] * WINDOW).active == {}


def test_rules_not_yet_known_are_not_forgotten() -> None:
    learning = [HEALTHY | {"eval/legal": share} for share in (0.0, 0.2, 0.1, 0.6, 0.5, 0.9, 0.99)]
    assert not any(said(learning))
    [[(kind, text)]] = [news for news in said([*learning, *[HEALTHY | {"eval/legal": 0.8}] * 3]) if news]
    assert kind == "alarm"
    assert text == "rules forgotten: 20.0% of the replies are refused, it was 1.0%"


def test_after_a_resume_nothing_is_said_twice() -> None:
    bad = HEALTHY | COLLAPSES["no choice left"]
    rows = [{"step": number, "time": 1.0, **bad} for number in range(WINDOW + 2)]
    alarms = Alarms(rows)
    assert alarms.news(bad) == []
    assert [kind for row in [HEALTHY] * WINDOW for kind, _ in alarms.news(row)] == ["all clear"]


def test_thresholds_are_the_config() -> None:
    strict = AlarmConfig(window=2, entropy=0.9)
    assert "no choice left" in Alarms([HEALTHY] * 2, strict).active
    assert Alarms([HEALTHY] * 2).active == {}


def test_what_holds_is_what_all_rows_say() -> None:
    """Means of windows over a whole run, by NumPy, with numbers missing and not finite here and there."""
    random = np.random.default_rng(0)
    alarms = Alarms()
    entropies, refused = [], []
    held = {"no choice left": 0, "rules forgotten": 0}
    for _ in range(2000):
        row: dict[str, float] = {"train/policy": 1.0}
        if random.random() < 0.7:
            row["rollout/policy_entropy"] = random.choice([0.0, 0.03, math.nan], p=[0.6, 0.38, 0.02])
            entropies.append(row["rollout/policy_entropy"])
        if random.random() < 0.3:
            row["eval/legal"] = 1 - random.choice([0.0, 0.05, 0.09, 0.2], p=[0.2, 0.4, 0.2, 0.2])
            refused.append(1 - row["eval/legal"])
        alarms.news(row)
        last = np.array(entropies[-WINDOW:])
        low = len(last) == WINDOW and bool(np.isfinite(last).any()) and np.nanmean(last) < 0.02
        forgotten = bool(refused) and min(refused) <= 0.02 and refused[-1] > 0.07
        assert ("no choice left" in alarms.active, "rules forgotten" in alarms.active) == (low, forgotten)
        held["no choice left"] += low
        held["rules forgotten"] += forgotten
    assert min(held.values()) > 100


class Counted(Mapping[str, float]):
    """A row that counts how often it is looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def __getitem__(self, name: str) -> float:
        self.looks += 1
        return HEALTHY[name]

    def __iter__(self) -> Iterator[str]:
        self.looks += 1
        return iter(HEALTHY)

    def __len__(self) -> int:
        return len(HEALTHY)


def test_a_row_is_looked_at_when_it_comes_and_never_again() -> None:
    alarms, first = Alarms(), Counted()
    alarms.news(first)
    looks = first.looks
    for _ in range(50):
        alarms.news(HEALTHY)
    assert first.looks == looks > 0


# Problems

ANSWERING = {
    "rollout/token_entropy": 0.1,
    "rollout/right": 0.7,
    "rollout/guessed_of_answers": 0.02,
    "rollout/malformed": 0.01,
    "rollout/repeated_text": 0.01,
}
SPOILT = {
    "no choice left, and wrong": {"rollout/token_entropy": 0.001},
    "more guessing": {"rollout/guessed_of_answers": 0.3},
    "rules forgotten in play": {"rollout/malformed": 0.3},
    "repeated text": {"rollout/repeated_text": 0.97},
}


@pytest.mark.parametrize("name", SPOILT)
def test_each_collapse_at_problems_is_named(name: str) -> None:
    alarms = Alarms([ANSWERING] * 10)
    assert alarms.active == {}
    spoken = [
        kind for _ in range(WINDOW) for kind, text in alarms.news(ANSWERING | SPOILT[name]) if text[: len(name)] == name
    ]
    assert spoken == ["alarm"]
    assert list(alarms.active) == [name]


def test_no_choice_is_left_to_who_has_mastered_it() -> None:
    assert Alarms([ANSWERING | {"rollout/token_entropy": 0.0001, "rollout/right": 0.99}] * 10).active == {}


def test_skill_that_was_there_and_is_lost() -> None:
    learning = [{"eval/right": share} for share in (0.0, 0.3, 0.2, 0.8, 0.95, 0.9)]
    assert not any(said(learning))
    [[(kind, text)]] = [news for news in said([*learning, {"eval/right": 0.6}]) if news]
    assert (kind, text) == ("alarm", "skill lost: 60% are right, it was 95%")
