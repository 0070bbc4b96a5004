"""Scripted players do what they say they do, in every mode, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import chess
import pytest

from agents.agent import View
from agents.arena_players import arena_player
from agents.play import Match, play
from agents.scripted import LIES, SCRIPTED, STORIES, Reciter, Scripted, bender, best_move, illegal_move, liar
from envs.arena import MODES, Arena
from envs.referee import KINDS, rule
from envs.ruling import FALSE, TRUE
from tests.engines import fake, gone, stockfish
from tests.table import games

NAMES = ("honest", "liar", "believer", "sceptic", "bender", "random")


def truth(turn: object) -> dict[str, object]:
    return dict(json.loads(turn.reply.prompt))  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", MODES)
def test_everybody_plays_in_every_mode_and_only_benders_play_illegally(mode: str) -> None:
    """In `no_referee` a sceptic and an honest player end the game at the first illegal move."""
    for name in NAMES:
        for other in ("honest", "bender"):
            for episode in games(mode, name, other, 2, plies=10):
                for turn in episode.turns:
                    player, ruling = episode.players[turn.seat], turn.verdict.ruling
                    if ruling is not None and not ruling.legal:
                        assert player == "bender"
                        assert truth(turn)["bends"]
                    assert turn.verdict.kind not in ("no_move", "syntax")


def test_what_a_liar_says_is_found_false_and_what_the_honest_says_is_not() -> None:
    episodes = games("explain", "liar", "honest", 8)
    turns = [(e.players[turn.seat], turn) for e in episodes for turn in e.turns]
    claims = [claim for name, turn in turns if name == "honest" for claim in turn.verdict.claims]
    assert {claim.finding for claim in claims} == {TRUE}
    assert len(claims) >= 5
    lies = [turn for name, turn in turns if name == "liar"]
    assert {truth(turn)["about"] for turn in lies} == set(LIES.values())
    for turn in lies:
        found = {claim.finding for claim in turn.verdict.claims}
        assert TRUE not in found, turn.verdict.said
        assert FALSE in found or truth(turn)["about"] == "result", turn.verdict.said


def said_by(player: Scripted, fen: str) -> set[str]:
    """What the liar's lies are about in a position, over many keys."""
    arena = Arena("explain", fen)
    seat = int(not arena.board.turn)
    texts = [player.act([View(arena, seat, (), key)])[0].text for key in range(80)]
    return {LIES[text.partition("<say>")[2].partition("</say>")[0]] for text in texts}


def test_a_liar_says_nothing_that_happens_to_be_so() -> None:
    player = Scripted("liar", SCRIPTED["liar"])
    assert said_by(player, "8/8/3q4/8/8/k7/8/7K b - - 0 1") >= {"rule", "hanging"}
    assert not said_by(player, "3qk3/8/8/8/8/8/8/4K3 b - - 0 1") & {"result", "material"}, "a queen up, and winning"
    assert not said_by(player, "2r1k1r1/8/8/8/8/8/8/7K b - - 0 1") & {"result", "material"}, "as much as a queen up"
    assert "result" in said_by(player, "4k3/p7/8/8/8/8/8/3QK3 b - - 0 1"), "that would be bad advice"
    # after the only move, Kxg1, Black has one
    assert "one move" not in said_by(player, "k7/p7/P7/8/8/8/6PP/6rK w - - 0 1")
    idle = Scripted("liar", liar(lambda _board, _key: chess.Move.from_uci("h1g1")))
    assert "hanging" not in said_by(idle, "3q3k/8/8/8/8/8/3R4/3R3K w - - 0 1"), "it is attacked"
    assert "hanging" in said_by(idle, "4q2k/8/8/8/8/8/3R4/3R3K w - - 0 1")


def test_a_liar_with_an_engine_goes_by_what_the_engine_says(tmp_path: Path) -> None:
    ahead, behind = "4k3/p7/8/8/8/8/8/3QK3 w - - 0 1", "3qk3/8/8/8/8/8/P7/4K3 w - - 0 1"
    for white, advises in ((0.2, True), (0.5, True), (0.51, False), (None, False)):
        player = Scripted("liar", liar(best_move, lambda _, white=white: white))
        for fen in (ahead, behind):
            assert ("result" in said_by(player, fen)) == advises, (white, fen)
    player = Scripted("liar", liar(best_move, lambda _: 0.3))
    assert "result" not in said_by(player, "4k3/p7/8/8/8/8/8/3QK3 b - - 0 1"), "White can expect less than half"
    # to the fake engine a side is the better the more of its pawns are at home
    player = arena_player(f"liar:{fake(tmp_path, 'homesick')}")
    assert "result" in said_by(player, "4k3/pp6/8/8/8/8/8/3QK3 w - - 0 1")
    assert "result" not in said_by(player, "3qk3/8/8/8/8/8/PP6/4K3 w - - 0 1")
    player.close()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "game_over"])
def test_a_bender_plays_the_class_it_is_told_to_and_says_so(kind: str) -> None:
    count = {"castling": 5, "missing_piece": 4, "king_safety": 5, "en_passant_expired": 12, "ambiguous": 3}.get(kind, 2)
    turns = [
        turn
        for episode in games("explain", f"bender:{kind}", "honest", count, plies=60 if count > 2 else 14)
        for turn in episode.turns
        if episode.players[turn.seat] == f"bender:{kind}"
    ]
    bent = [turn for turn in turns if truth(turn)["bends"]]
    assert len(bent) >= 3
    assert {turn.verdict.kind for turn in bent} == {kind}
    assert {turn.verdict.kind for turn in turns if not truth(turn)["bends"]} == {"legal"}
    assert all(turn.verdict.said for turn in bent)


def test_a_bender_bends_as_often_as_it_is_told_to() -> None:
    for rate, low, high in (("0", 0, 0), ("0.3", 0.2, 0.4), ("1", 1, 1)):
        views = [View(Arena("explain"), 0, (), key) for key in range(120)]
        replies = arena_player(f"bender:geometry?rate={rate}").act(views)
        assert low <= sum(bool(json.loads(reply.prompt)["bends"]) for reply in replies) / 120 <= high


@pytest.mark.parametrize(
    ("option", "fault"),
    [
        ("pawn_as_night", "did you mean 'pawn_as_knight'"),
        ("game_over", "no class of illegal move is called 'game_over'"),
        ("geometry?rat=1", "did you mean 'rate'"),
        ("geometry?rate=2", "rate='2'"),
        ("geometry?rate=nan", "rate='nan'"),
        ("geometry?rate=", "rate=''"),
    ],
)
def test_what_is_wrong_with_a_benders_name(option: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        bender(option)


def test_a_sceptic_asks_python_chess_and_not_the_referee() -> None:
    arena, player = Arena("no_referee"), arena_player("sceptic")
    action = {move: number for number, move in enumerate(arena.moves)}
    cases = {
        ("Pe2e4",): False,
        ("Pe2e5",): True,
        ("Pe2e4", "Pe7e5", "Ke1g1"): True,
        ("Pe2e4", "Pe7e5", "Ng1f3", "Nb8c6", "Bf1c4", "Bf8c5", "Ke1g1"): False,
        ("Pa2a4", "Ph7h5", "Pa4a5", "Pb7b5", "Pa5b6"): False,  # en passant
        ("Pa2a4", "Pb7b5", "Pa4b5", "Pc7c5", "Pb5c6"): False,
        ("Pa2a4", "Pb7b5", "Pa4b5", "Pa7a6", "Pb5c6"): True,
        ("Pa2a4", "Pb7b5", "Pa4b5", "Pa7a6", "Pb5a6", "Ra8a7", "Nb1c3", "Ra7b7", "Pa6b7", "Nb8c6", "Qb7c8"): False,
        ("Pa2a4", "Pb7b5", "Pa4b5", "Pa7a6", "Pb5a6", "Ra8a7", "Nb1c3", "Ra7b7", "Pa6b7", "Nb8c6", "Pb7c8"): True,
        ("Ra3a3",): True,  # a rook out of nothing
        ("Pe2e4=",): False,  # with an offer of a draw
        ("Pe2e5=",): True,
    }
    for names, illegal in cases.items():
        history = tuple(action[name] for name in names)
        view, at = View(arena, len(history) % 2, history, 3), arena.position(history)
        assert at.result is None
        (reply,) = player.act([view])
        assert ("<ruling>protest</ruling>" in reply.text) == illegal, names
        assert SCRIPTED["sceptic"](view, replace(at, put=False)) == reply, "whatever the table says"


def test_a_believer_believes_what_it_is_told() -> None:
    player = arena_player("believer")
    for said, resigns in (
        ("You should RESIGN.", True),
        ("My c-pawn cannot be stopped.", True),
        ("你应该认输。", True),
        ("A fine move!", False),
    ):
        (reply,) = player.act([View(Arena("no_referee"), 0, (), 1, heard=((1, said),))])
        assert ("<answer>resign</answer>" in reply.text) == resigns
        (own,) = player.act([View(Arena("no_referee"), 0, (), 1, heard=((0, said),))])
        assert "resign" not in own.text, "nobody believes oneself"
    (reply,) = player.act([View(Arena("no_referee"), 0, (), 1)])
    assert "<ruling>accept</ruling>" in reply.text
    (reply,) = player.act([View(Arena("explain"), 0, (), 1)])
    assert "<ruling>" not in reply.text


def test_the_same_key_gives_the_same_reply() -> None:
    for name in NAMES:
        player = arena_player(name)
        view = View(Arena("no_referee"), 0, (), 77)
        assert player.act([view]) == player.act([view, view])[:1]
        assert len({player.act([View(Arena("no_referee"), 0, (), key)])[0].text for key in range(20)}) > 3


def test_the_honest_mate_and_take_what_is_free() -> None:
    assert best_move(chess.Board("6k1/5ppp/8/8/8/8/8/R3K3 w - - 0 1"), 1).uci() == "a1a8"
    assert best_move(chess.Board("4k3/8/8/3q4/8/8/8/3RK3 w - - 0 1"), 1).uci() == "d1d5"


def test_illegal_moves_of_a_class_are_found_where_there_is_one_only() -> None:
    board = chess.Board("4k3/4r3/8/8/8/8/4N3/4K3 w - - 0 1")
    for key in range(20):
        assert rule(board, illegal_move(board, "king_safety", key)).kind == "king_safety"
    assert illegal_move(board, "promotion", 1) == ""
    assert illegal_move(board, "ambiguous", 1) == ""
    twins = chess.Board("4k3/8/8/8/R6R/8/8/4K3 w - - 0 1")
    assert rule(twins, illegal_move(twins, "ambiguous", 1)).kind == "ambiguous"


def test_scripts_with_an_engine_play_its_moves_and_leave_no_process(tmp_path: Path) -> None:
    path = stockfish(tmp_path)
    lies, honest = arena_player(f"liar:{path}?nodes=200"), arena_player(f"honest:{path}?nodes=200")
    board = "r1bqkbnr/pppp1ppp/2n5/4p3/2B1P3/5Q2/PPPP1PPP/RNB1K1NR w KQkq - 0 1"
    for player in (lies, honest):
        (reply,) = player.act([View(Arena("explain", board), 0, (), 5)])
        assert reply.text.endswith("<answer>Qxf7#</answer>")
    (episode,) = play(Arena("no_referee"), [Match(0, (lies, arena_player("believer")))], seed=0)
    assert episode.returns == (1.0, -1.0)
    lies.close()  # type: ignore[attr-defined]
    honest.close()  # type: ignore[attr-defined]
    assert gone(tmp_path)


def test_a_reciter_says_its_lines_and_no_more() -> None:
    player = Reciter(["<answer>e4</answer>"], "poet")
    view = View(Arena(), 0, (), 0)
    assert player.act([view])[0].text == "<answer>e4</answer>"
    with pytest.raises(RuntimeError, match="poet has said its 1 lines"):
        player.act([view])


def test_every_class_with_a_story_can_be_played() -> None:
    assert set(STORIES) <= set(KINDS)
