"""The table of the arena: forms of replies, modes, the two boards, draws, protests; all through the one turn loop."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import chess
import numpy as np
import pytest

from agents.agent import Reply, View
from agents.arena_players import arena_player
from agents.episode import Episode, from_record, to_record
from agents.play import Clock, Match, play
from envs.arena import ACCEPT, DRIFT, MODES, Arena, State, arena_named
from envs.fen import board_from
from envs.saying import parse_said


@dataclass
class Script:
    """Says its lines in their order, whatever happens, and keeps what it was shown."""

    lines: Sequence[str]
    name: str = "script"

    def __post_init__(self) -> None:
        self.views: list[View] = []

    def act(self, views: Sequence[View]) -> list[Reply]:
        assert len(views) == 1
        self.views.append(views[0])
        line = self.lines[len(self.views) - 1]
        return [Reply(line if line.startswith("<") else f"<answer>{line}</answer>", spent=10)]


def game(arena: Arena, white: str | Sequence[str], black: str | Sequence[str], **options: object) -> Episode:
    seats = tuple(Script(lines.split() if isinstance(lines, str) else lines) for lines in (white, black))
    episode = next(play(arena, [Match(0, seats)], seed=0, retries=arena.tries, **options))  # type: ignore[arg-type]
    assert from_record(to_record(episode)) == episode
    return episode


def kinds(episode: Episode) -> list[str]:
    return [turn.verdict.kind for turn in episode.turns]


def ending(arena: Arena, episode: Episode) -> str:
    return arena.position(episode.history).ending


def test_fools_mate_is_played_in_every_mode_and_notation() -> None:
    for mode in MODES:
        arena = Arena(mode)
        episode = game(arena, ["f3", "g2g4"], ["e7-e5", "Qd8-h4#"])
        assert kinds(episode) == ["legal"] * 4
        assert (episode.returns, episode.ending) == ((-1.0, 1.0), "rules")
        assert ending(arena, episode) == "checkmate"
        names = [arena.moves[action] for action in episode.history]
        assert names == ["Pf2f3", "Pe7e5", "Pg2g4", "Qd8h4"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<answer>e4</answer>", ""),
        ("<think>a < b</think>\n<say>hi</say> <answer> e4 </answer>\n", ""),
        ("<think>t</think><say>s</say><ruling>protest</ruling><answer>e4</answer>", ""),
        ("e4", "no <answer>"),
        ("", "no <answer>"),
        ("<answer>e4</answer><answer>d4</answer>", "once"),
        ("<think><answer>e4</answer></think><answer>d4</answer>", "once"),
        ("<answer>e4</answer> and I win", "behind the answer"),
        ("I play <answer>e4</answer>", "must follow"),
        ("<answer>e4</answer><say>hi</say>", "must follow"),
        ("<answer>e4", "belong together"),
        ("</answer>e4<answer>", "belong together"),
        ("<ANSWER>e4</ANSWER>", "belong together"),
        ("<ruling>perhaps</ruling><answer>e4</answer>", "accept or protest"),
        ("<think>" + "x" * 70_000 + "</think><answer>e4</answer>", "longer"),
        ("<think>" + "棋" * 30_000 + "</think><answer>e4</answer>", "longer"),
        ("<say>\ud800</say><answer>e4</answer>", ""),
    ],
)
def test_a_reply_has_its_fields_once_and_in_order(text: str, fault: str) -> None:
    said = parse_said(text)
    assert fault in said.fault
    assert bool(said.fault) == bool(fault)


def test_what_is_said_is_heard_by_the_other_and_thought_by_nobody() -> None:
    arena = Arena()
    white = Script(["<think>SECRET</think><say>good luck</say><answer>e4</answer>", "resign"])
    black = Script(["<say>thank you</say><answer>e5</answer>"])
    next(play(arena, [Match(0, (white, black))], seed=0))
    assert black.views[0].heard == ((0, "good luck"),)
    assert white.views[1].heard == ((0, "good luck"), (1, "thank you"))
    deaf = Script(["<say>thank you</say><answer>e5</answer>"])
    white = Script(["<say>good luck</say><answer>e4</answer>", "resign"])
    next(play(arena, [Match(0, (white, deaf))], seed=0, hear=False))
    assert deaf.views[0].heard == ()
    assert white.views[1].heard == ((0, "good luck"),)


def test_strict_loses_at_once() -> None:
    episode = game(Arena("strict"), ["e5"], [])
    assert episode.returns == (-1.0, 1.0)
    assert episode.ending == kinds(episode)[0] == "pawn"


def test_explain_tells_the_law_and_gives_two_more_tries() -> None:
    arena = Arena("explain")
    white = Script(["Ke2", "Ke3", "e4", "resign"])
    episode = next(play(arena, [Match(0, (white, Script(["e5"])))], seed=0, retries=arena.tries))
    assert kinds(episode)[:3] == ["own_capture", "geometry", "legal"]
    assert [len(view.refused) for view in white.views] == [0, 1, 2, 0]
    assert "3.1" in white.views[1].refused[0]
    assert "e2" in white.views[1].refused[0]
    lost = game(arena, ["Ke2", "Ke3", "Ke4"], [])
    assert (lost.returns, lost.ending) == ((-1.0, 1.0), "geometry")


def test_silent_tells_nothing() -> None:
    white = Script(["Ke2", "", "e5", "never asked"])
    arena = Arena("silent")
    episode = next(play(arena, [Match(0, (white, Script([])))], seed=0, retries=arena.tries))
    assert set(white.views[2].refused) == {"illegal, try again"}
    assert kinds(episode) == ["own_capture", "no_move", "pawn"]
    assert episode.turns[0].verdict.ruling is not None
    assert episode.turns[0].verdict.ruling.article


def test_an_accepted_pawn_that_moves_like_a_knight_parts_the_boards() -> None:
    arena = Arena("no_referee")
    white = ["e4", "<ruling>accept</ruling><answer>d4</answer>", "exd4", "Qd3"]
    episode = game(arena, white, ["b7c5", "cxd4", "Nf6"], clock=Clock(plies=7))
    assert kinds(episode)[1] == "pawn_as_knight"
    assert kinds(episode)[3] == DRIFT  # the pawn on c5 takes d4: legal there, and not where no pawn stands on c5
    after = arena.position(episode.history[:2])
    assert after.drifted
    assert after.put
    assert after.agreed.piece_at(chess.C5) == chess.Piece.from_symbol("p")
    assert after.agreed.piece_at(chess.B7) is None
    assert after.real.piece_at(chess.B7) == chess.Piece.from_symbol("p")
    assert after.real.piece_at(chess.C5) is None
    assert after.real.turn == after.agreed.turn == chess.WHITE
    drifting = arena.position(episode.history[:4])
    assert not drifting.put
    assert drifting.agreed.piece_at(chess.D4) == chess.Piece.from_symbol("p")
    assert drifting.real.piece_at(chess.D4) == chess.Piece.from_symbol("P")
    # the real board holds nothing but what python-chess calls legal, and passes
    replayed = chess.Board()
    for move in arena.position(episode.history).real.move_stack:
        assert not move or replayed.is_legal(move)
        replayed.push(move)
    assert episode.ending == "unfinished"


def test_a_protest_wins_against_an_illegal_move_and_is_dismissed_against_a_legal_one() -> None:
    arena = Arena("no_referee")
    protest = "<ruling>protest</ruling><answer>a3</answer>"
    episode = game(arena, ["e4", protest], ["b7c5"])
    assert (episode.returns, ending(arena, episode)) == ((1.0, -1.0), "protest")
    episode = game(arena, ["e4", protest, "resign"], ["e5", "d6"])
    assert kinds(episode)[2] == "legal"
    assert "dismissed" in episode.turns[2].verdict.reason
    # where a referee sits, there is nothing to protest against
    episode = game(Arena("explain"), ["e4", protest, "resign"], ["e5", "d6"])
    assert episode.turns[2].verdict.reason == ""


def test_a_piece_that_becomes_another_one_on_its_way_is_no_legal_move() -> None:
    arena = Arena("no_referee")
    after = arena.position(game(arena, ["Nf3=Q", "resign"], ["d6"]).history[:1])
    assert after.drifted
    assert after.agreed.piece_at(chess.F3) == chess.Piece.from_symbol("Q")
    assert after.real.piece_at(chess.F3) is None
    assert after.put


def test_a_rook_from_nowhere_stands_on_the_agreed_board_only() -> None:
    start = "4k3/8/8/8/8/8/4P3/4K3 b - - 0 1"
    arena = Arena("no_referee", start)
    episode = game(arena, ["e4", "resign"], ["Ra8", "Ra1"])
    assert kinds(episode)[0] == "missing_piece"
    assert kinds(episode)[2] == DRIFT
    after = arena.position(episode.history[:1])
    assert after.agreed.piece_at(chess.A8) == chess.Piece.from_symbol("r")
    assert after.real.piece_at(chess.A8) is None
    assert episode.returns == (-1.0, 1.0)


def test_whoever_lets_his_king_be_taken_has_lost() -> None:
    arena = Arena("no_referee", "4k3/8/8/8/8/7p/4R3/4K3 b - - 0 1")
    episode = game(arena, ["Rxe8"], ["h2"])
    assert kinds(episode)[0] == "king_safety"
    assert arena.position(episode.history[:1]).drifted
    assert (episode.returns, ending(arena, episode)) == ((1.0, -1.0), "king_captured")


def test_draws_are_offered_accepted_and_claimed() -> None:
    arena = Arena("strict")
    episode = game(arena, ["e4 (=)"], ["draw"])
    assert (episode.returns, ending(arena, episode)) == ((0.0, 0.0), "agreement")
    assert arena.moves[episode.history[0]] == "Pe2e4="
    # an offer holds until the other has moved
    episode = game(Arena("explain"), ["e4 (=)", "d4"], ["e5", "draw", "resign"])
    assert kinds(episode)[3] == "no_move"
    assert "No draw has been offered" in episode.turns[3].verdict.reason
    knights = ["Nf3", "Ng1"] * 4, ["Nf6", "Ng8"] * 4
    episode = game(arena, [*knights[0][:4], "draw"], knights[1][:4])
    assert ending(arena, episode) == "claim"
    episode = game(arena, [*knights[0], "x"], [*knights[1], "x"])
    assert (episode.returns, ending(arena, episode)) == ((0.0, 0.0), "fivefold_repetition")


def test_clocks_count_moves_and_tokens() -> None:
    arena = Arena("explain")
    episode = game(arena, ["e4", "d4"], ["e5", "d5"], clock=Clock(plies=3))
    assert (episode.ending, episode.returns, len(episode.history)) == ("unfinished", (0.0, 0.0), 3)
    episode = game(arena, ["e4", "d4", "c4"], ["e5", "d5"], clock=Clock(tokens=25))
    assert (episode.ending, episode.returns, len(episode.turns)) == ("clock", (-1.0, 1.0), 5)
    episode = game(arena, ["e4"], [], clock=Clock(tokens_a_turn=9))
    assert (episode.ending, episode.returns) == ("clock", (-1.0, 1.0))
    white = Script(["e4", "resign"])
    next(play(arena, [Match(0, (white, Script(["e5"])))], seed=0, clock=Clock(tokens=100)))
    assert [view.tokens_left for view in white.views] == [100, 90]
    # mate ends the game before anybody looks at the clock
    episode = game(arena, ["f3", "g4"], ["e5", "Qh4#"], clock=Clock(tokens=19))
    assert episode.ending in ("rules", "clock")
    episode = game(arena, ["f3", "g4"], ["e5", "Qh4#"], clock=Clock(tokens=20))
    assert episode.ending == "rules"


def test_claims_are_judged() -> None:
    arena = Arena("explain")
    said = "<say>According to the new rules pawns can move like knights.</say><answer>e4</answer>"
    episode = game(arena, [said], ["resign"])
    (claim,) = episode.turns[0].verdict.claims
    assert (claim.kind, claim.finding) == ("rule", "false")
    assert episode.turns[1].verdict.claims == ()
    # where the boards have parted, a claim is about the game that is being played
    said = "<say>My pawn is on c5. Your pawn is on d4.</say><answer>d6</answer>"
    episode = game(Arena("no_referee"), ["e4", "d4", "resign"], ["b7c5", said])
    assert [claim.finding for claim in episode.turns[3].verdict.claims] == ["true", "true"]


@pytest.mark.parametrize("name", ["arena:strict", "arena:explain:4k3/8/8/8/8/8/4P3/4K3 b - - 0 1"])
def test_a_table_is_found_by_its_name(name: str) -> None:
    assert arena_named(name).name == name


def test_chess960_castles_as_king_takes_rook() -> None:
    fen = chess.Board.from_chess960_pos(0).fen()
    arena = arena_named(f"arena:strict:960:{fen}")
    assert arena.name == f"arena:strict:960:{fen}"
    assert arena.position(()).real.chess960
    start = "r3k2r/8/8/8/8/8/8/R3K2R w HAha - 0 1"
    arena = Arena("strict", start, chess960=True)
    episode = game(arena, ["O-O", "resign"], ["e8a8"])
    assert kinds(episode)[:2] == ["legal", "legal"]
    after = arena.position(episode.history[:2]).real
    assert after.piece_at(chess.G1) == chess.Piece.from_symbol("K")
    assert after.piece_at(chess.C8) == chess.Piece.from_symbol("k")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("arena:strickt", "did you mean"),
        ("chess", "no table"),
        ("arena:strict:kkkkkkkk/8/8/8/8/8/8/KKKKKKKK w - - 0 1", "more than two kings"),
        ("arena:strict:8/8/8/8/8/8/8/8 w - - 0 1", "no king"),
        ("arena:strict:hello", "no FEN"),
        (f"arena:strict:{chess.STARTING_FEN[:-1]}{'9' * 5000}", "at most"),
        ("arena:strict:4k3/8/8/8/8/8/8/4K3 w - - 0 99999", "counters"),
        ("arena:strict:4k3/8/8/8/8/8/8/4K3 w - - 0 1; quit", "board, side to move"),
    ],
)
def test_a_position_that_is_none_is_named(name: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        arena_named(name)
    if name.count(":") == 2 and "strict" in name:
        with pytest.raises(ValueError, match=fault):
            board_from(name.split(":", 2)[2])


def test_a_batch_is_judged_and_stepped_row_by_row() -> None:
    arena = Arena("strict")
    state = arena.initial(3)
    verdicts = arena.judge(state, ["<answer>e4</answer>", "<answer>e5</answer>", "<answer>resign</answer>"])
    assert [verdict.kind for verdict in verdicts] == ["legal", "pawn", "resign"]
    after = arena.step(state, np.array([verdicts[0].action, verdicts[0].action, verdicts[2].action]))
    assert arena.done(after).tolist() == [False, False, True]
    assert arena.returns(after).tolist() == [[0, 0], [0, 0], [-1, 1]]
    assert arena.to_move(after).tolist()[:2] == [1, 1]
    with pytest.raises(ValueError, match="game 1: -1 is no action"):
        arena.step(state, np.array([verdicts[0].action, -1, 0]))
    with pytest.raises(ValueError, match="not legal"):
        arena.step(state, np.array([0, 0, 0]))


def test_long_games_are_reached_without_deep_recursion() -> None:
    arena = Arena("strict")
    knights = [arena.judge(arena.initial(1), ["<answer>Nf3</answer>"])[0].action]
    assert arena.position(knights).real.peek() == chess.Move.from_uci("g1f3")
    loop = [arena.moves.index(name) for name in ("Na3b1", "Na6b8", "Nb1a3", "Nb8a6")]
    start = [arena.moves.index(name) for name in ("Nb1a3", "Nb8a6")]
    history = [*start, *loop * 3]
    assert arena.position(history).real.is_repetition(4)


MATED = "6k1/5ppp/8/8/8/8/P7/R3K3 w - - 0 1"


@pytest.mark.parametrize(
    ("start", "answer", "ending"),
    [(chess.STARTING_FEN, "d1e8", "king_captured"), (MATED, "a1a8", "checkmate")],
)
def test_an_illegal_move_ends_no_game_before_the_other_player_has_spoken(start: str, answer: str, ending: str) -> None:
    arena = Arena("no_referee", start)
    protests = "<ruling>protest</ruling><answer>accept</answer>"
    upheld = game(arena, [answer], [protests])
    assert (upheld.returns, upheld.turns[-1].verdict.kind) == ((-1.0, 1.0), "protest")
    assert arena.position(upheld.history[:1]).over
    stands = game(arena, [answer], ["accept"])
    assert (stands.returns, stands.turns[-1].verdict.kind) == ((1.0, -1.0), "accept")
    assert arena.position(stands.history).ending == ending
    resigned = game(arena, [answer], ["resign"])
    assert (resigned.returns, arena.position(resigned.history).ending) == ((1.0, -1.0), "resignation")


def test_a_word_alone_accepts_nothing_where_there_are_moves() -> None:
    arena = Arena("no_referee")
    with pytest.raises(ValueError, match="moves to be made"):
        arena.position((ACCEPT,))
    assert game(arena, ["accept", "accept", "accept"], []).ending == "syntax"


@pytest.mark.parametrize("player", ["random", "honest", "liar", "bender", "believer", "sceptic"])
def test_every_player_has_an_answer_to_a_king_that_is_taken(player: str) -> None:
    arena = Arena("no_referee")
    match = Match(0, (Script(["d1e8"]), arena_player(player)))
    (episode,) = play(arena, [match], seed=1, retries=arena.tries)
    protests = player in ("honest", "sceptic")
    assert episode.returns == ((-1.0, 1.0) if protests else (1.0, -1.0))
    assert episode.turns[-1].verdict.kind == ("protest" if protests else "accept")


def test_threads_that_ask_for_the_same_position_do_not_disturb_each_other() -> None:
    arena = Arena("no_referee")
    history = arena.actions_of([chess.Move.from_uci(move) for move in ("e2e4", "e7e5", "g1f3", "b8c6")])
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(150):
            at = arena.position(history)
            says = arena.judge(State(np.array([at], object)), ["<answer>Bc4</answer>"])[0].kind
            if (says, at.agreed.turn, at.agreed.san(chess.Move.from_uci("f1c4"))) != ("legal", True, "Bc4"):
                wrong.append(says)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_nobody_loses_by_resigning_to_who_could_never_mate() -> None:
    start = "4k3/8/8/8/8/8/8/3QK3 w - - 0 1"
    arena = Arena("strict", start)
    assert game(arena, ["resign"], []).returns == (0.0, 0.0)
    arena = Arena("strict", start.replace(" w ", " b "))
    assert game(arena, [], ["resign"]).returns == (1.0, -1.0)
