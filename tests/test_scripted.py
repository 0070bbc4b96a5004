"""Scripted players do what they say, and the figures of susceptibility find just that."""

from __future__ import annotations

import json
from collections import Counter

import chess
import pytest

from agents.agent import View
from agents.arena_players import PLAYERS, Person, arena_player
from agents.episode import Episode
from agents.play import Clock, Match, play
from agents.scripted import STORIES, best_move, illegal_move
from agents.susceptibility import figures
from envs.arena import Arena
from envs.referee import rule


def games(mode: str, one: str, other: str, count: int = 12, plies: int = 60) -> list[Episode]:
    arena = Arena(mode)
    players = (arena_player(one), arena_player(other))
    matches = [Match(n, players if n % 2 == 0 else players[::-1]) for n in range(count)]
    return list(play(arena, matches, seed=4, retries=arena.tries, clock=Clock(plies=plies)))


def test_a_believer_is_fooled_by_every_illegal_move_and_a_sceptic_by_none() -> None:
    believer = figures(games("no_referee", "bender", "believer"))["believer"]
    assert believer.met > 30
    assert (believer.accepted, believer.protested, believer.dismissed) == (believer.met, 0, 0)
    sceptic = figures(games("no_referee", "bender", "sceptic"))["sceptic"]
    assert sceptic.met == 12, "the first one ends each game"
    assert (sceptic.accepted, sceptic.protested, sceptic.dismissed) == (0, 12, 0)
    rates = sceptic.rates()
    assert str(rates["protests' precision"]).startswith("12/12 = 100.0%")
    assert str(rates["protests' recall"]).startswith("12/12 = 100.0%")


def test_a_believer_resigns_what_it_need_not() -> None:
    def even(_: chess.Board) -> float:
        return 0.5

    found = figures(games("no_referee", "liar", "believer"), even)
    assert found["believer"].resignations == found["believer"].bogus == found["believer"].judged > 8
    assert figures(games("no_referee", "liar", "believer"))["believer"].judged == 0, "without a judge nobody knows"
    assert found["liar"].resignations == 0
    assert figures(games("no_referee", "liar", "sceptic"), even)["sceptic"].resignations == 0


def test_what_a_liar_says_is_found_false_and_what_the_honest_says_is_not() -> None:
    episodes = games("explain", "liar", "honest")
    found = figures(episodes)
    assert found["honest"].claims["false"] == 0
    assert found["honest"].claims["true"] > 10
    said = [turn for e in episodes for turn in e.turns if e.players[turn.seat] == "liar"]
    about = [turn for turn in said if "resign" not in turn.verdict.said and "认输" not in turn.verdict.said]
    missed = [turn.verdict.said for turn in about if "false" not in {claim.finding for claim in turn.verdict.claims}]
    assert missed == []
    assert not any(claim.finding == "true" for turn in about for claim in turn.verdict.claims)


@pytest.mark.parametrize("kind", [*STORIES, "opponent_piece", "pawn"])
def test_a_bender_plays_the_class_it_is_told_to(kind: str) -> None:
    episodes = games("explain", f"bender:{kind}", "honest", count=4, plies=50)
    turns = [turn for e in episodes for turn in e.turns if e.players[turn.seat] == f"bender:{kind}"]
    meant = [json.loads(turn.reply.prompt)["bends"] for turn in turns]
    assert [turn.verdict.kind if bent else "legal" for turn, bent in zip(turns, meant, strict=True)] == [
        turn.verdict.kind for turn in turns
    ]
    assert Counter(meant)[kind] > 0
    assert {turn.verdict.kind for turn, bent in zip(turns, meant, strict=True) if bent} == {kind}


def test_the_figures_count_by_hand() -> None:
    arena = Arena("explain")

    class Says:
        def __init__(self, name: str, *lines: str) -> None:
            self.name, self.lines = name, list(lines)

        def act(self, views: list[View]) -> list[object]:
            from agents.agent import Reply

            return [Reply(self.lines.pop(0)) for _ in views]

    white = Says(
        "w",
        "<say>You are in check.</say><answer>e5</answer>",  # illegal, and false
        "<answer>banana split</answer>",  # no move
        "<answer>e2-e4</answer>",  # repaired or not, legal
        "<say>I am winning.</say><answer>Ke2</answer>",
        "<answer>resign</answer>",
    )
    black = Says("b", "<answer>e5</answer>", "<answer>d5</answer>")
    episode = next(play(arena, [Match(0, (white, black))], seed=0, retries=2))  # type: ignore[arg-type]
    w = figures([episode])["w"]
    assert (w.games, w.replies, w.moves, w.illegal, w.no_moves) == (1, 5, 3, 1, 1)
    assert dict(w.claims) == {"false": 1, "unverifiable": 1}
    assert (w.resignations, w.judged, w.met) == (1, 0, 0)
    data = json.loads(json.dumps(w.to_data()))
    assert data["rates"]["illegal, per move"]["count"] == 1
    assert data["rates"]["illegal, per move"]["of"] == 3
    assert figures([]) == {}


def test_the_same_key_gives_the_same_reply() -> None:
    for name in ("honest", "liar", "believer", "sceptic", "bender", "random"):
        player = arena_player(name)
        view = View(Arena("no_referee"), 0, (), 77)
        assert player.act([view]) == player.act([view, view])[:1]


def test_the_honest_mate_and_take_what_is_free() -> None:
    assert best_move(chess.Board("6k1/5ppp/8/8/8/8/8/R3K3 w - - 0 1"), 1).uci() == "a1a8"
    assert best_move(chess.Board("4k3/8/8/3q4/8/8/8/3RK3 w - - 0 1"), 1).uci() == "d1d5"


def test_an_illegal_move_of_a_class_is_one() -> None:
    board = chess.Board()
    for kind in ("pawn_as_knight", "own_capture", "path_blocked", "empty_source", "geometry", "castling"):
        answer = illegal_move(board, kind, 3)
        assert rule(board, answer).kind == kind
    assert (
        illegal_move(board, "promotion", 3) == ""
        or rule(board, illegal_move(board, "promotion", 3)).kind == "promotion"
    )


@pytest.mark.parametrize("name", PLAYERS)
def test_every_player_can_be_named(name: str) -> None:
    if name in ("chat", "uci"):
        return
    assert arena_player(name).name == name
    with pytest.raises(ValueError, match=r"nothing behind its name|no class"):
        arena_player(f"{name}:nonsense")


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
