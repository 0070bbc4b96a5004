"""Who can sit down at the arena's table, by name; and a person at the terminal."""

from __future__ import annotations

import pytest

from agents.agent import Reply, View
from agents.arena_players import ABOUT, PLAYERS, Person, arena_player
from envs.arena import MODES, Arena


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


def asked(arena: Arena, names: str, *lines: str | Exception) -> tuple[Reply, list[str]]:
    """What a person who types `lines` after the moves of these `names` replies, and is told after the board."""
    told: list[str] = []
    left = iter(lines)

    def read(_: str) -> str:
        line = next(left)
        if isinstance(line, Exception):
            raise line
        return line

    history = tuple(arena.moves.index(name) for name in names.split())
    (reply,) = Person(read=read, write=told.append).act([View(arena, len(history) % 2, history, 0)])
    assert next(left, None) is None, "every line was read"
    return reply, told[1 + next(n for n, text in enumerate(told) if "·" in text) :]


@pytest.mark.parametrize("mode", MODES)
def test_a_slip_of_a_person_costs_nothing(mode: str) -> None:
    undecodable = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    slips = ("draw", "Draw", "", "Nf9", "accept", undecodable)
    reply, told = asked(Arena(mode), "Pe2e4", "say: hello", *slips, "e5")
    assert "<say>hello</say>" in reply.text, "nor what was said"
    assert reply.text.endswith("<answer>e5</answer>")
    assert len(told) == len(slips)
    assert all("No draw has been offered" in text and "(=)" in text for text in told[:2])


def test_a_person_whose_message_is_too_long_says_another() -> None:
    for long in ("a" * 70_000, "棋" * 30_000):
        reply, told = asked(Arena("strict"), "", f"say: {long}", "e4", "say: hi", "e4")
        assert "<say>hi</say>" in reply.text
        assert len(told) == 1
        assert "longer than" in told[0]
        assert "<say>" not in asked(Arena("strict"), "", f"say: {long}", "e4", "e4")[0].text


def test_a_person_draws_by_an_offer_and_by_a_claim() -> None:
    assert "<answer>Draw</answer>" in asked(Arena("strict"), "Pe2e4=", "Draw")[0].text
    knights = " ".join(["Ng1f3 Ng8f6 Nf3g1 Nf6g8"] * 2)
    assert "<answer>draw</answer>" in asked(Arena("strict"), knights, "draw")[0].text
    assert "<answer>e4 (=)</answer>" in asked(Arena("strict"), "", "e4 (=)")[0].text


def test_a_protest_of_a_person_does_not_resign() -> None:
    arena = Arena("no_referee")
    for move in ("Pc7c5", "Pb7c5"):
        reply, _ = asked(arena, f"Pe2e4 {move}", "Protest", "d4")
        assert reply.text.endswith("<ruling>protest</ruling><answer>d4</answer>")
    reply, told = asked(arena, "Qd1e8", "acept", "protest")
    assert reply.text.endswith("<ruling>protest</ruling><answer>accept</answer>")
    assert told == ["Answer accept, protest or resign."]
