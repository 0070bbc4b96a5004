"""A game as pictures: one for each position, and nothing that a player wrote is more than text in them."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from agents.agent import Reply
from agents.arena_players import arena_player
from agents.episode import Episode, Turn
from agents.pictured import SHOWN, board, episode_html, frames
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import GAMES, game_named
from envs.arena import Arena
from envs.game import replay
from envs.reply import Verdict, format_reply

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[2J\x00\ud800'\""
TITLED = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


def played(world: str) -> Episode:
    game = game_named(world)
    (episode,) = play(game, [Match(0, (RandomPlayer(), RandomPlayer()))], seed=3)
    return episode


def drifted() -> Episode:
    arena = Arena("no_referee")
    seats = (arena_player("bender:pawn_as_knight"), arena_player("believer"))
    (episode,) = play(arena, [Match(0, seats)], seed=1)  # type: ignore[arg-type]
    return episode


@pytest.mark.parametrize("world", sorted(GAMES))
def test_there_is_a_frame_for_the_beginning_and_each_reply(world: str) -> None:
    episode = played(world)
    found = frames(episode)
    assert len(found) == 1 + len(episode.turns)
    for frame in found:
        for picture in frame.boards:
            ElementTree.fromstring(picture)
    assert found[-1].answer == game_named(world).moves[episode.history[-1]]


def test_where_the_boards_part_both_are_drawn() -> None:
    episode = drifted()
    found = frames(episode)
    parted = [frame for frame in found if len(frame.boards) == 2]
    assert parted
    assert any("let pass" in frame.wrong and "FIDE" in frame.law for frame in found)
    text = episode_html(episode)
    assert f"{len(found) - SHOWN} earlier boards are left out" in text or len(found) <= SHOWN


@pytest.mark.parametrize("world", ["tic-tac-toe", "addition"])
def test_hostile_words_stay_words(world: str) -> None:
    if world == "addition":
        reply = Reply(format_reply(HOSTILE, HOSTILE))
        verdict = Verdict("answer", -1, True, HOSTILE)
        episode = Episode(
            world, 0, 0, (HOSTILE, HOSTILE), (0, 1, 5), (Turn(0, reply, verdict),), (0, 1, 5), (-1.0, 1.0), HOSTILE
        )
    else:
        episode = played(world)
        turns = tuple(replace(turn, reply=Reply(format_reply(HOSTILE, HOSTILE))) for turn in episode.turns)
        episode = replace(episode, turns=turns, players=(HOSTILE, HOSTILE), ending=HOSTILE)
    text = episode._repr_html_()
    assert "<script" not in text
    assert "onerror=alert(1)>" not in text.replace("&gt;", "&gt;")
    assert "⟨U+202E⟩" in text
    assert not {"\x1b", "\x00", "\u202e", "\ud800"} & set(text)
    tags = set(re.findall(r"<(\w+)", text))
    assert tags <= {"div", "b", "small", "figure", "img", "figcaption", "i", "pre"}
    for picture in TITLED.findall(text):
        assert b"script" not in base64.b64decode(picture)


def test_a_long_reply_is_cut() -> None:
    episode = played("tic-tac-toe")
    long = Reply(format_reply("x" * 10_000_000, "5"))
    text = episode_html(replace(episode, turns=(replace(episode.turns[0], reply=long), *episode.turns[1:])))
    assert len(text) < 200_000


def test_a_record_that_no_game_allows_says_so() -> None:
    assert "unheard-of" in episode_html(replace(played("tic-tac-toe"), game="unheard-of"))


def test_a_board_of_chess_is_drawn_with_its_pieces() -> None:
    game = game_named("chess")
    e4 = game.moves.index("e2e4")
    drawn = board(game, replay(game, np.array([[e4]])), e4)
    assert drawn._repr_html_().count("<use") >= 32
