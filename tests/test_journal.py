"""Replies are on disk before they are judged, and nobody is asked twice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.agent import Reply, View
from agents.journal import Journal, Journaled, JournalError, StoppedError
from envs.arena import Arena

FULL = Reply("<answer>\ud800 e4\n</answer>", "p", (1, 2), (3,), (-0.5,), (0.1,), 0.25, (7,), "thought 棋", 12, 0.5)


class Counting:
    name = "counting"

    def __init__(self) -> None:
        self.asked = 0

    def act(self, views: Sequence[View]) -> list[Reply]:
        self.asked += len(views)
        return [Reply(f"reply {self.asked}")]


def view(ply: int, attempt: int = 0) -> View:
    return View(Arena(), ply % 2, tuple(range(ply)), 0, attempt)


def test_what_was_said_is_not_asked_again(tmp_path: Path) -> None:
    agent = Counting()
    first = Journaled(agent, Journal(tmp_path / "j"))
    said = [first.act([view(ply, attempt)])[0] for ply, attempt in ((0, 0), (0, 1), (1, 0))]
    again = Journaled(agent, Journal(tmp_path / "j"))
    assert [again.act([view(ply, attempt)])[0] for ply, attempt in ((0, 0), (0, 1), (1, 0))] == said
    assert agent.asked == 3
    assert again.act([view(2)])[0].text == "reply 4"
    assert again.name == "counting"


def test_a_reply_comes_back_whole(tmp_path: Path) -> None:
    Journal(tmp_path / "j").add((3, 1, 0), FULL)
    assert Journal(tmp_path / "j").replies == {(3, 1, 0): FULL}


def test_what_is_half_written_was_never_said(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.add((0, 0, 0), FULL)
    whole = (tmp_path / "j").read_bytes()
    journal.add((1, 0, 1), FULL)
    both = (tmp_path / "j").read_bytes()
    for end in random.Random(1).sample(range(len(whole), len(both)), 40):
        (tmp_path / "j").write_bytes(both[:end])
        assert list(Journal(tmp_path / "j").replies) == [(0, 0, 0)]
        assert (tmp_path / "j").read_bytes() == whole


def test_damage_elsewhere_is_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.add((0, 0, 0), FULL)
    size = len((tmp_path / "j").read_bytes())
    journal.add((1, 0, 1), FULL)
    data = (tmp_path / "j").read_bytes()
    rng, told = random.Random(2), []
    for _ in range(60):
        at = rng.randrange(size - 1)
        broken = bytearray(data)
        broken[at] ^= 1 << rng.randrange(8)
        (tmp_path / "j").write_bytes(broken)
        try:
            found = Journal(tmp_path / "j").replies
        except JournalError as error:
            told.append(str(error))
        else:
            # a flipped bit may be one that JSON does not mind; what is read is the same
            assert found == {(0, 0, 0): FULL, (1, 0, 1): FULL}
    assert len(told) > 50
    assert all("line 1" in text for text in told)


def test_whoever_wants_to_leave_asks_nobody(tmp_path: Path) -> None:
    agent = Counting()
    journaled = Journaled(agent, Journal(tmp_path / "j"), lambda: agent.asked >= 1)
    journaled.act([view(0)])
    journaled.act([view(0)])
    with pytest.raises(StoppedError):
        journaled.act([view(1)])
    assert agent.asked == 1
