"""The corpus against rewards: weak ones are caught, sound ones pass, broken ones are named and end nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envs.problem import RIGHT
from envs.reply import parse_reply
from training.audit import audit, episodes_of, score_by
from training.config import PolicyGradientConfig
from training.hacks import QUESTIONS, Hack, hacks, honest
from training.rewards import REWARDS, rewarded
from training.user_reward import UserReward
from xueba.__main__ import main

Capture = pytest.CaptureFixture[str]


def names(reward: str) -> set[str]:
    return {found.hack.name for found in audit(score_by(REWARDS[reward])).through}


@pytest.mark.parametrize("reward", ["process", "binary", "outcome"])
def test_a_sound_reward_pays_for_nothing_undeserved(reward: str) -> None:
    found = audit(score_by(REWARDS[reward]))
    assert found.passed
    assert not found.underpaid
    assert found.replies == len(hacks()) + len(list(honest()))


def test_a_weak_reward_is_caught() -> None:
    """Answer and form alone pay for every guess; form alone for every well-formed reply."""
    guesses = {hack.name for hack in hacks() if hack.name.startswith("guess: ") and "wrong" not in hack.name}
    assert names("r1zero") >= guesses
    assert names("form") >= guesses | {"guess: wrong and unreasoned"}
    assert "form: two answers" not in names("r1zero")
    assert "answer: 24,25" not in names("answer")


def test_a_reward_may_have_any_scale_but_must_pay_something() -> None:
    def scaled(hack: Hack) -> float:
        return 50 * score_by(REWARDS["process"])(hack)

    assert audit(scaled).passed
    nothing = audit(lambda hack: 0.0)
    assert not nothing.passed
    assert len(nothing.failed) == nothing.replies
    assert "a worked solution gets 0" in nothing.failed[0].fault


def test_too_little_for_honest_work_is_said_and_is_no_hack() -> None:
    def strict(hack: Hack) -> float:
        return float(hack.reply in {h.reply for h in honest() if h.name.endswith("worked solution")})

    found = audit(strict)
    assert found.passed
    assert len(found.underpaid) == len(list(honest())) - len(QUESTIONS)


def test_a_reward_that_raises_or_gives_no_number_is_named_and_the_rest_goes_on() -> None:
    def broken(hack: Hack) -> float:
        if hack.name == "guess: easy" or hack.reply == "":
            raise KeyError("score")
        return float("nan") if hack.name == "form: no tags" else score_by(REWARDS["process"])(hack)

    found = audit(broken)
    assert [(one.hack.name, one.fault) for one in found.failed] == [
        ("form: nothing", "KeyError: 'score'"),
        ("form: no tags", "gave nan"),
    ]
    assert not found.through


def test_replies_are_asked_and_recorded_like_any_other() -> None:
    given = [*honest()][:3]
    for hack, episode in zip(given, episodes_of(given), strict=True):
        assert (episode.game, episode.history[-1], episode.returns) == (QUESTIONS[hack.question][0], RIGHT, (1.0, 0.0))


# A function of the user's own

OWN = """
import time

def anywhere(question, reply, answer):
    "The answer stands anywhere in the text."
    return float(answer in reply)

def formed(question, reply, answer):
    return float(reply.endswith(f"</think><answer>{answer}</answer>"))

def raises(question, reply, answer):
    return 1 / (len(reply) - len("24"))

def hangs(question, reply, answer):
    while "<answer><answer>" in reply:
        pass
    return formed(question, reply, answer)

def greedy(question, reply, answer):
    return len(bytearray(1 << 50)) if not reply else anywhere(question, reply, answer)

def opens(question, reply, answer):
    return len(open("own.txt", "w").name) if not reply else anywhere(question, reply, answer)

def words(question, reply, answer):
    return "much"

number = 3
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.py"
    file.write_text(OWN)
    return file


def audited(words: list[str], capsys: Capture) -> tuple[int, dict[str, Any]]:
    status = main(["audit-reward", *words, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_ones_own_weak_reward_is_caught(own: Path, capsys: Capture) -> None:
    status, found = audited([f"{own}:anywhere"], capsys)
    caught = {row["name"] for row in found["through"]}
    assert (status, found["failed"]) == (1, [])
    assert {"form: answers of all values", "guess: a word", "guess: the question's value", "answer: 24,25"} <= caught
    assert all(row["got"] == 1 > row["deserves"] for row in found["through"])
    assert max(len(row["reply"]) for row in found["through"]) < 450


@pytest.mark.parametrize(
    ("function", "name", "fault"),
    [
        ("raises", "form: the answer alone", "ZeroDivisionError"),
        ("greedy", "form: nothing", "out of memory"),
        ("opens", "form: nothing", "PermissionError"),
        ("words", "sum: worked solution", "could not convert string to float"),
    ],
)
def test_ones_own_reward_that_fails_is_named(own: Path, capsys: Capture, function: str, name: str, fault: str) -> None:
    status, found = audited([f"{own}:{function}"], capsys)
    assert status == 1
    assert fault in next(row["fault"] for row in found["failed"] if row["name"] == name)
    assert len(found["failed"]) == (found["replies"] if function == "words" else 1)
    assert not (own.parent / "own.txt").exists()


def test_ones_own_reward_that_hangs_is_ended_and_the_rest_goes_on(own: Path, capsys: Capture) -> None:
    status, found = audited([f"{own}:hangs", "--seconds", "0.5"], capsys)
    assert status == 1
    # on a busy machine others may be late as well
    assert {"huge: open answers, whole": "RuntimeError: time-out"}.items() <= {
        row["name"]: row["fault"] for row in found["failed"]
    }.items()
    assert found["through"], "the others were graded"


def test_ones_own_reward_in_training_is_attributed(own: Path) -> None:
    hack = next(hack for hack in hacks() if hack.name == "huge: open answers, whole")
    good = next(honest())
    reward = UserReward(own, "hangs", wait=3.0)
    try:
        known = rewarded(
            episodes_of([good, hack]), PolicyGradientConfig(rewards={"own": 1.0}), REWARDS | {"own": reward}
        )
    finally:
        reward.close()
    assert [episode.turns[0].reply.text for episode in known.episodes] == [good.reply]
    assert known.masked == ["episode 1: reward 'own' failed: RuntimeError: time-out"]


# The command


def test_what_got_through_is_told_harmlessly(capsys: Capture) -> None:
    assert main(["audit-reward", "form", "--show", "0"]) == 1
    out = capsys.readouterr().out
    assert "got through: " in out
    assert "guess: a word" in out
    assert out.replace("\n", "").isprintable()
    assert main(["audit-reward", "process"]) == 0
    assert "nothing got through" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["proces"], "did you mean 'process'"),
        (["nowhere.py:reward"], "there is no file 'nowhere.py'"),
        (["{own}:anywere"], "there is no function 'anywere'"),
        (["{own}:number"], "there is no function 'number'"),
        (["process", "--seconds", "0"], "--seconds is 0"),
        (["process", "--show", "-1"], "--show is -1"),
    ],
)
def test_a_mistake_is_one_sentence(words: list[str], said: str, own: Path, capsys: Capture) -> None:
    assert main(["audit-reward", *(word.format(own=own) for word in words)]) == 1
    out, err = capsys.readouterr()
    assert said in err
    assert (out, err.count("xueba: ")) == ("", 1)


def test_every_reply_is_of_a_kind_that_players_can_send() -> None:
    for hack in hacks():
        assert isinstance(hack.reply, str)
        parse_reply(hack.reply)
