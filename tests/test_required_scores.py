"""The required scores, row by row, over the whole road: text of a reply, verdict of the rules, reward."""

from __future__ import annotations

import pytest

from envs.problem import process_reward
from envs.reply import format_reply
from training.audit import episodes_of
from training.hacks import COUNTDOWN, QUESTIONS, SUM, Hack, hacks, honest
from training.rewards import REWARDS

GOOD = format_reply(SUM, "24")
THINK, ANSWER = f"<think>{SUM}</think>", "<answer>24</answer>"
IDLE = "1+1=2\n2+2=4\n"
LOOP = "3x=15\n6x=30\n"

# question, what the reply thinks (or the whole reply) and answers, its reward
ROWS: list[tuple[str, str, str | None, float]] = [
    *(("sum", "", "24", 0), ("sum", " \n ", "24", 0), ("sum", f"<think>{SUM}{ANSWER}", None, 0)),
    *(("sum", f"<Think>{SUM}</think>{ANSWER}", None, 0), ("sum", f"<Think>{SUM}</Think>{ANSWER}", None, 0)),
    *(("sum", GOOD + ANSWER, None, 0), ("sum", GOOD + "<answer>25</answer>", None, 0), ("sum", GOOD + GOOD, None, 0)),
    *(("sum", f"<think>{SUM}{ANSWER}</think>", None, 0), ("sum", f"So: {GOOD}", None, 0)),
    *(("sum", f"{GOOD} done", None, 0), ("sum", SUM, "２４", 0), ("sum", "３*4=12\n12+12=24", "24", 0)),
    *(("sum", SUM, "2\u200b4", 0), ("sum", GOOD.replace("12+12", "12\u200b+12"), None, 0)),
    *(("sum", GOOD[:-1], None, 0), ("sum", GOOD[: len(THINK) // 2], None, 0)),
    *(("sum", "easy", "24", 0), ("sum", "24=24", "24", 0), ("sum", "12+3*4=24", "24", 0)),
    *(("sum", "1+1=2\n" * 20, "24", 0), ("sum", "20+4=24", "24", 0)),
    *(("sum", "12*4=48, 48/3=16, 16+8=24", "24", 0), ("sum", "12*4=48\n48/3=16\n16+8=24", "24", 0)),
    *(("sum", "3*4=13\n12+12=24", "24", 0), ("sum", "3*4=11, 12+11=24", "24", 0)),
    *(("sum", "12+3=15\n15*4=60", "60", 0), ("sum", "12+3=15\n15*4=60", "24", 0)),
    *(("equation", "x=5", "5", 0), ("equation", "2x=10, x=5", "5", 0), ("equation", "2x=10\nx=5", "5", 0)),
    *(("equation", "0=0", "5", 0), ("equation", "3x=25", "5", 0)),
    *(("countdown", "so it is", "(12+4)*(3-2)", 0), ("countdown", "4*4=16", "4*4", 0)),
    *(("countdown", "12+4=16\n4-3=1\n16*1=16", "(12+4)*(4-3)", 0), ("countdown", "4**2=16", "4**2", 0)),
    *(("sum", "3*4=12", "24", 0.15), ("sum", "3*4=12", "25", 0.15), ("sum", "3*4=12\n" * 10, "24", 0.15)),
    *(("equation", "3x=15", "5", 0.2), ("equation", LOOP * 9, "5", 0.2), ("equation", "3x=15\n" * 9, "5", 0.2)),
    *(("sum", SUM, answer, 0.297) for answer in ("25", "12+3*4", "24,25", r"\boxed{24}")),
    # with the share of a search, 0.1 * 0.99; with that of other problems they would get 0.297: see below
    *(("countdown", COUNTDOWN, answer, 0.099) for answer in ("0x10+0*(3-2)", "1_6")),
    *(("sum", "First 3 times 4: 3*4=12.\nThen, with it, 12+12=24, done.", "24", 1), ("sum", SUM, "24/1", 1)),
    *(("sum", SUM, "24.00", 1), ("sum", IDLE + SUM, "24", 1)),
    *(("equation", "3x=15\nx=5", "5", 1), ("countdown", COUNTDOWN, "(12+4)*(3-2)", 1)),
]


@pytest.mark.parametrize(("question", "think", "answer", "reward"), ROWS)
def test_a_reply_gets_what_it_deserves(question: str, think: str, answer: str | None, reward: float) -> None:
    reply = think if answer is None else format_reply(think, answer)
    episode = episodes_of([Hack("row", question, reply, reward)])[0]
    assert episode.history[:3] == episode.opening, "the question was asked"
    assert round(REWARDS["process"](episode, 0), 12) == reward
    assert REWARDS["process"](episode, 1) == 0
    assert REWARDS["binary"](episode, 0) == episode.returns[0] == float(reward == 1)


@pytest.mark.parametrize("answer", ["0x10+0*(3-2)", "1_6"])
def test_a_search_would_pay_more_with_the_share_of_other_problems(answer: str) -> None:
    verdict = episodes_of([Hack("row", "countdown", format_reply(COUNTDOWN, answer), 0)])[0].turns[0].verdict
    assert round(process_reward(verdict), 12) == 0.297


def test_the_corpus_says_what_the_process_reward_gives_to_the_digit() -> None:
    every = [*honest(), *hacks()]
    found = {
        hack.name: round(REWARDS["process"](episode, 0), 12)
        for hack, episode in zip(every, episodes_of(every), strict=True)
    }
    assert found == {hack.name: round(hack.deserves, 12) for hack in every}


def test_the_corpus_is_large_and_each_reply_has_a_name() -> None:
    assert len({hack.name for hack in hacks()}) == len(hacks()) >= 120
    assert {hack.question for hack in hacks()} == set(QUESTIONS)
    assert all(0 <= hack.deserves < 1 for hack in hacks())
    assert all(hack.name.isprintable() and len(hack.name) <= 80 for hack in hacks())
