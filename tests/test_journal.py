"""Replies are on disk before they are judged, and nobody is asked twice."""

from __future__ import annotations

import json
import os
import random
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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


def test_damage_of_a_whole_line_is_named_also_in_the_last_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.add((0, 0, 0), FULL)
    size = len((tmp_path / "j").read_bytes())
    journal.add((1, 0, 1), FULL)
    data = (tmp_path / "j").read_bytes()
    told = []
    # but the last byte: a line without its end is half written
    for flip in random.Random(2).sample(range(8 * (len(data) - 1)), 400):
        at, bit = divmod(flip, 8)
        broken = bytearray(data)
        broken[at] ^= 1 << bit
        (tmp_path / "j").write_bytes(broken)
        try:
            found = Journal(tmp_path / "j").replies
        except JournalError as error:
            told.append(f"line {1 if at < size else 2}: damaged" in str(error))
        else:
            # a flipped bit may be one that JSON does not mind; what is read is the same
            assert found == {(0, 0, 0): FULL, (1, 0, 1): FULL}
        assert (tmp_path / "j").read_bytes() == broken, "whoever is told can still look"
    assert all(told)
    assert len(told) > 390


def test_a_reply_is_played_in_no_other_position(tmp_path: Path) -> None:
    agent = Counting()
    Journaled(agent, Journal(tmp_path / "j")).act([view(2)])
    for other in (View(Arena(), 0, (5, 6), 0), View(Arena("strict"), 0, (0, 1), 0)):
        with pytest.raises(JournalError, match="ply 2 was given in another position"):
            Journaled(agent, Journal(tmp_path / "j")).act([other])
    assert agent.asked == 1


def test_a_journal_of_before_positions_were_kept_is_read(tmp_path: Path) -> None:
    body = json.dumps({"at": (2, 0, 0), "reply": {"text": "e4"}}, separators=(",", ":"))
    (tmp_path / "j").write_text(f'{{"sum":{zlib.crc32(body.encode())},"body":{body}}}\n')
    agent = Counting()
    assert Journaled(agent, Journal(tmp_path / "j")).act([view(2)]) == [Reply("e4")]
    assert agent.asked == 0


def test_threads_that_share_a_journal_on_a_full_disk_lose_nothing_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write puts out a piece, and some fail in the middle of a line, as on a disk that is nearly full."""
    write, rng = os.write, random.Random(3)

    def little(file: int, data: bytes) -> int:
        if rng.random() < 0.1:
            raise OSError(28, "No space left on device")
        return write(file, data[:40])

    journal, kept = Journal(tmp_path / "j"), []

    def add(number: int) -> None:
        with suppress(OSError):
            journal.add((number, 0, 0), Reply("x" * 100))
            kept.append(number)

    monkeypatch.setattr(os, "write", little)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(200)))
    monkeypatch.undo()
    assert 20 < len(kept) < 180
    assert sorted(at[0] for at in Journal(tmp_path / "j").replies) == sorted(kept)


def test_whoever_wants_to_leave_asks_nobody(tmp_path: Path) -> None:
    agent = Counting()
    journaled = Journaled(agent, Journal(tmp_path / "j"), lambda: agent.asked >= 1)
    journaled.act([view(0)])
    journaled.act([view(0)])
    with pytest.raises(StoppedError):
        journaled.act([view(1)])
    assert agent.asked == 1
