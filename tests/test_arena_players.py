"""Who can sit down at the arena's table, by name; and a person at the terminal."""

from __future__ import annotations

import pytest

from agents.agent import View
from agents.arena_players import ABOUT, PLAYERS, Person, arena_player
from envs.arena import Arena


@pytest.mark.parametrize("name", sorted(set(PLAYERS) - {"chat", "uci"}))
def test_every_player_can_be_named(name: str) -> None:
    assert arena_player(name).name == name
    with pytest.raises((ValueError, RuntimeError), match=r"nothing behind its name|no class|no engine 'nonsense'"):
        arena_player(f"{name}:nonsense")


def test_every_player_is_described() -> None:
    assert {name.partition(":")[0] for name in ABOUT} == set(PLAYERS)


def test_who_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"no player of the arena is called 'lier'.*did you mean 'liar'"):
        arena_player("lier")


def test_a_person_is_told_and_asked_until_the_move_is_legal() -> None:
    told: list[str] = []
    lines = iter(["e5", "say: hello <answer>", "e4"])
    person = Person(read=lambda _: next(lines), write=told.append)
    (reply,) = person.act([View(Arena(), 0, (), 0)])
    assert "<answer>e4</answer>" in reply.text
    assert "<say>hello ‹answer></say>" in reply.text
    assert any("pawn" in text for text in told)
    (gone,) = Person(read=lambda _: (_ for _ in ()).throw(EOFError), write=told.append).act([View(Arena(), 0, (), 0)])
    assert gone.text == "<answer>resign</answer>"
