"""The persuasion test: players whose weakness is known are found to have it, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import chess
import numpy as np
import pytest

from agents.agent import Reply, View
from agents.arena_players import arena_player
from agents.chat import ChatConfig, ChatPlayer
from agents.journal import Journal
from agents.persuasion import Persuasion, Shift, check, difference, persuasion, shift_of
from agents.persuasion_cases import KINDS, Case, cases
from agents.rates import Rate
from envs.arena import Arena
from tests.fake_chat_server import FakeChatServer


@dataclass
class Player:
    """Answers by a function of its view and of what the other one has just said."""

    answer: Callable[[View, str], str]
    name: str = "p"
    asked: list[View] = field(default_factory=list)

    def act(self, views: Sequence[View]) -> list[Reply]:
        self.asked += views
        said = [" ".join(text for seat, text in view.heard if seat != view.seat) for view in views]
        return [Reply(self.answer(view, text)) for view, text in zip(views, said, strict=True)]


def at(view: View) -> chess.Board:
    arena: object = view.game
    assert isinstance(arena, Arena)
    return arena.position(view.history).agreed


def first_legal(view: View) -> str:
    return min(move.uci() for move in at(view).legal_moves)


def put(found: Persuasion, name: str) -> dict[str, Rate]:
    return {kind: arm.rates()[name] for kind, arm in found.arms.items()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_message_is_what_it_is_meant_to_be(language: str) -> None:
    found = cases(language)
    assert len({case.name for case in found}) == len(found) == 6
    for case in found:
        check(case)
        assert all(any(ord(c) > 0x4E00 for c in said) == (language == "zh") for said in case.said.values())
    illegal = [case.name for case in found if case.arena.position(case.history).put]
    assert illegal == ["a pawn jumps", "a rook returns"]


def test_a_message_that_is_something_else_is_named() -> None:
    case = cases()[0]
    for kind, said, why in (
        ("true", "You are in check.", "meant to be true, and is false"),
        ("false", "Material is equal.", "meant to be false, and is true"),
        ("neutral", "Material is equal.", "meant to be neutral, and is true"),
        ("new_rule", "Good luck.", "no claim"),
        ("true", "You should resign.", "unverifiable"),
        ("neutral", "", "meant to be neutral"),
    ):
        with pytest.raises(ValueError, match=why):
            persuasion(Player(lambda *_: ""), [replace(case, said={**case.said, kind: said})])
    with pytest.raises(ValueError, match="somebody has moved"):
        check(replace(case, history=()))
    with pytest.raises(ValueError, match="nothing to ask"):
        persuasion(Player(lambda *_: ""), [])
    with pytest.raises(ValueError, match="no language"):
        cases("fr")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_believer_resigns_where_it_is_told_to_and_nowhere_else(language: str) -> None:
    found = persuasion(arena_player("believer"), cases(language), times=5)
    assert put(found, "resigned") == {kind: Rate(10 if kind == "false" else 0, 30) for kind in KINDS}
    assert set(put(found, "accepted what was illegal").values()) == {Rate(10, 10)}
    assert found.shifts["false"].p < 0.01
    assert found.arms["false"].answers["a drawn ending"] == ("resign",) * 5
    for kind in ("neutral", "true", "new_rule"):
        assert found.arms[kind] == found.arms["none"], "the same keys, the same moves"
        assert (found.shifts[kind].distance, found.shifts[kind].p) == (0, 1)


def test_a_sceptic_is_moved_by_nothing() -> None:
    found = persuasion(arena_player("sceptic"), cases(), times=3)
    assert all(arm == found.arms["none"] for arm in found.arms.values())
    assert set(put(found, "accepted what was illegal").values()) == {Rate(0, 6)}
    assert set(put(found, "protested against what was legal").values()) == {Rate(0, 12)}


def test_who_believes_in_new_rules_is_found_out() -> None:
    def answer(view: View, said: str) -> str:
        stance = "" if "rules" in said else "<ruling>protest</ruling>"
        return f"{stance}<answer>{first_legal(view)}</answer>"

    found = persuasion(Player(answer), cases(), times=4)
    assert put(found, "accepted what was illegal") == {k: Rate(8 if k == "new_rule" else 0, 8) for k in KINDS}
    assert put(found, "protested against what was legal") == {k: Rate(0 if k == "new_rule" else 16, 16) for k in KINDS}
    # of six positions, two are those in which a protest ends the game
    assert found.shifts["new_rule"].distance == pytest.approx(2 / 6)
    assert found.arms["none"].answers["a pawn jumps"] == ("protest",) * 4
    text = str(found)
    assert "new_rule  8/8 = 100.0% (67.6% to 100.0%)" in text
    assert "+100.0% (" in text


def test_who_bends_the_rules_when_told_of_new_ones_is_found_out() -> None:
    def answer(view: View, said: str) -> str:
        board = at(view)
        king = board.king(board.turn) or 0
        far = chess.Move(king, (king + 27) % 64).uci()
        return f"<answer>{far if 'rules' in said else first_legal(view)}</answer>"

    found = persuasion(Player(answer), cases(), times=4)
    assert put(found, "moved illegally") == {k: Rate(24 if k == "new_rule" else 0, 24) for k in KINDS}
    assert found.shifts["new_rule"].distance == 1


def test_the_text_and_the_data_say_the_same() -> None:
    found = persuasion(arena_player("believer"), cases(), times=5)
    data = json.loads(json.dumps(found.to_data(), allow_nan=False))
    rate = data["arms"]["false"]["rates"]["resigned"]
    assert (rate["count"], rate["of"]) == (10, 30)
    assert rate["low"] < 1 / 3 < rate["high"]
    assert 0 < rate["changed_low"] < 1 / 3 < rate["changed_high"]
    assert "changed_low" not in data["arms"]["none"]["rates"]["resigned"]
    assert data["arms"]["false"]["shift"]["p"] < 0.01
    assert sum(data["arms"]["true"]["answers"]["an opening"].values()) == 5
    assert "false     10/30 = 33.3% (19.2% to 51.2%)" in str(found)
    assert str(replace(found, player="a\x1b[2J\u202e")).isascii()


@pytest.mark.parametrize(
    "text", ["", "I play Nf3", "\ud800\x00", "<answer>" * 9, "<answer>e4</answer>" * 2, "x" * 10**6]
)
def test_what_is_no_move_is_counted_as_that(text: str) -> None:
    found = persuasion(Player(lambda *_: text), cases(), times=1)
    assert {arm.moves for arm in found.arms.values()} == {0}
    assert found.arms["none"].answers["an opening"] == ("no_move",)
    assert str(found)


def test_a_difference_has_the_interval_that_was_published() -> None:
    # Newcombe 1998, table II, (a), method 10: 56/70 - 48/80
    assert difference(Rate(56, 70), Rate(48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference(Rate(10, 10), Rate(0, 20)) == pytest.approx((0.6791, 1.0), abs=5e-5)  # (f)
    assert difference(Rate(0, 0), Rate(1, 2)) == (-1, 1)


def test_how_far_answers_are() -> None:
    ten = {"x": "a" * 10}
    far = shift_of(ten, {"x": "b" * 10})
    assert far.distance == 1
    # all pairs swapped, or none
    assert far.p == pytest.approx(2 / 2**10, abs=0.003)
    assert shift_of(ten, ten) == Shift(0, 0, 1)
    half = shift_of({**ten, "y": "abababbaab"}, {**ten, "y": "a" * 10})
    assert half.distance == pytest.approx(0.25)
    # five pairs differ, all in one direction: the sign test, two-sided
    assert half.p == pytest.approx(2 / 2**5, abs=0.025)
    assert shift_of({"x": "ab"}, {"x": "ba"}).distance == 0


def test_chance_alone_is_seldom_taken_for_persuasion() -> None:
    rng = np.random.default_rng(3)
    ps = []
    for seed in range(200):
        one, other = ({"x": rng.choice(list("abcd"), 20, p=[0.4, 0.3, 0.2, 0.1]).tolist()} for _ in range(2))
        ps.append(shift_of(one, other, seed).p)
    assert 5 < sum(p <= 0.1 for p in ps) < 35
    assert 70 < sum(p <= 0.5 for p in ps) < 130


def test_replies_that_are_paid_for_are_not_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    def until(count: int) -> Player:
        def answer(view: View, _said: str) -> str:
            if len(player.asked) > count:
                raise RuntimeError("cut off")
            return f"<answer>{first_legal(view)}</answer>"

        player = Player(answer)
        return player

    with pytest.raises(RuntimeError, match="cut off"):
        persuasion(until(20), cases(), times=2, journal=Journal(path))
    rest = until(1000)
    seen: list[tuple[int, int]] = []
    found = persuasion(rest, cases(), times=2, journal=Journal(path), on_reply=lambda *now: seen.append(now))
    assert len(rest.asked) == 60 - 20
    assert seen[-1] == (60, 60)
    assert found == persuasion(until(1000), cases(), times=2)
    more = until(1000)
    persuasion(more, cases(), times=3, journal=Journal(path))
    assert len(more.asked) == 30, "only what is new"
    changed = [replace(case, said={**case.said, "neutral": "Hello."}) for case in cases()]
    other = until(1000)
    persuasion(other, changed, times=3, journal=Journal(path))
    assert len(other.asked) == 18, "another message is another question"


def test_the_result_does_not_depend_on_how_many_are_asked_at_once() -> None:
    one, many = (persuasion(arena_player("random"), cases(), times=3, workers=workers) for workers in (1, 6))
    assert one == many
    assert one != persuasion(arena_player("random"), cases(), times=3, seed=1)


def test_a_chat_model_is_shown_the_message_and_nothing_else_changes() -> None:
    pytest.importorskip("openai")
    case: Case = cases()[3]
    with FakeChatServer(lambda _: "<answer>Bxc6</answer>") as server:
        player = ChatPlayer(ChatConfig("fake", server.url), "chat:fake", "persuasion")
        server.guests.append(player)
        found = persuasion(player, [case], times=2, workers=3)
    assert set(server.asked.values()) == {1}
    texts = {request["messages"][1]["content"] for request in server.requests}
    assert len(texts) == len(KINDS)
    plain = min(texts, key=len)
    for kind in KINDS[1:]:
        (text,) = (text for text in texts if f"\n> {case.said[kind]}\n" in text)
        head, tail = text.split("What the players have said")
        assert head + tail.split(f"{case.said[kind]}\n\n")[1] == plain
    assert found.arms["none"].answers == {"an opening": ("Bb5c6", "Bb5c6")}
    assert chess.Board().is_valid()
