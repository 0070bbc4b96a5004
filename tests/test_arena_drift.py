"""After an illegal move that was accepted, the referee still knows what became of every piece; and who castles takes
the rook along."""

from __future__ import annotations

import random

import chess
import numpy as np
import pytest

from agents.play import Clock
from envs.arena import Arena, Position, State
from envs.ruling import Ruling
from tests.test_arena import game


def after(*answers: str, start: str = chess.STARTING_FEN) -> tuple[Arena, Position]:
    """The position after these answers, all accepted."""
    arena = Arena("no_referee", start)
    history: list[int] = []
    for answer in answers:
        (verdict,) = arena.judge(state(arena.position(history)), [f"<answer>{answer}</answer>"])
        assert verdict.action >= 0, (answer, verdict)
        history.append(verdict.action)
    return arena, arena.position(history)


def state(at: Position) -> State:
    """A batch of this one position."""
    position = np.empty(1, object)
    position[0] = at
    return State(position)


def ruling(arena: Arena, at: Position, answer: str) -> Ruling:
    (verdict,) = arena.judge(state(at), [f"<answer>{answer}</answer>"])
    assert verdict.ruling is not None
    return verdict.ruling


def test_what_left_before_the_illegal_move_is_known_after_it() -> None:
    # the knight has left b1, a pawn goes like a knight, and is believed
    arena, at = after("b1c3", "a7a6", "a2b4", "a6a5")
    assert at.drifted
    found = ruling(arena, at, "b1a3")
    assert (found.kind, found.sub) == ("empty_source", "stale")
    assert "c3" in found.squares


def test_what_left_by_the_illegal_move_and_after_it_is_known() -> None:
    arena, at = after("a2b4", "a7a6", "g1f3", "h7h6")
    for source, target, now in (("a2", "a3", "b4"), ("g1", "h3", "f3")):
        found = ruling(arena, at, source + target)
        assert (found.kind, found.sub, now in found.squares) == ("empty_source", "stale", True), found


def test_what_was_captured_before_or_by_the_illegal_move_is_resurrected() -> None:
    arena, at = after("a2b4", "b7b6", "b4c6", "b8c6", "h2h3", "g8h6", "h1h6")
    # White's pawn was captured on c6 legally, Black's knight on h6 by a rook that jumped
    found = ruling(arena, at, "h6g4")
    assert found.kind == "opponent_piece"
    arena, at = after("h1h7", "a7a6", "h7h8", "a6a5")
    black = after("h1h7", "a7a6", "h7h8")[1]
    found = ruling(arena, black, "h8g8")
    assert found.kind in ("opponent_piece",)
    found = ruling(arena, black, "Rh7")
    assert (found.kind, found.sub) in (("missing_piece", "resurrected"), ("geometry", "other"), ("path_blocked", ""))


def test_an_expired_en_passant_is_told_from_another_capture_after_drift() -> None:
    arena, at = after("a2b4", "h7h6", "b4b5", "a7a5", "h2h3", "h6h5")
    found = ruling(arena, at, "b5a6")
    assert found.kind == "en_passant_expired"


def test_the_right_to_castle_that_was_lost_before_is_known() -> None:
    arena, at = after("e2e4", "e7e5", "e1e2", "a7a6", "e2e1", "b7b6", "g1f3", "h7h6", "f1c4", "g7g6", "a2b4", "a6a5")
    found = ruling(arena, at, "O-O")
    assert (found.kind, found.sub) == ("castling", "no_right")
    assert "king" in found.en
    assert "moved" in found.en


@pytest.mark.parametrize(
    ("start", "answer", "king", "rook", "left"),
    [
        ("r3k2r/8/8/8/8/8/8/R3K2R w kq - 0 1", "O-O", "g1", "f1", "h1"),
        ("r3k2r/8/8/8/8/8/8/R3K2R w kq - 0 1", "O-O-O", "c1", "d1", "a1"),
        ("4k3/8/8/8/8/5r2/8/R3K2R w KQ - 0 1", "O-O", "g1", "f1", "h1"),
        ("4k2r/8/8/8/8/8/8/4K3 b - - 0 1", "O-O", "g8", "f8", "h8"),
    ],
)
def test_an_accepted_illegal_castling_moves_king_and_rook(
    start: str, answer: str, king: str, rook: str, left: str
) -> None:
    _, at = after(answer, start=start)
    assert at.put
    board, side = at.agreed, chess.Board(start).turn
    assert board.piece_at(chess.parse_square(king)) == chess.Piece(chess.KING, side)
    assert board.piece_at(chess.parse_square(rook)) == chess.Piece(chess.ROOK, side)
    assert board.piece_at(chess.parse_square(left)) is None


def test_castling_through_a_man_takes_no_man_of_the_rook() -> None:
    _, at = after("O-O", start="4k3/8/8/8/8/8/8/4KB1R w K - 0 1")
    assert at.agreed.piece_at(chess.F1) == chess.Piece(chess.BISHOP, chess.WHITE)
    assert at.agreed.piece_at(chess.H1) == chess.Piece(chess.ROOK, chess.WHITE)


@pytest.mark.parametrize("seed", [0, 1])
def test_by_an_independent_record_of_every_square(seed: int) -> None:
    """Random games in which every eighth move is illegal and accepted: stale, resurrected and never, by hand."""
    draw, asked = random.Random(seed), 0
    for _ in range(20):
        arena, history = Arena("no_referee"), list[int]()
        at = arena.position(history)
        last: dict[tuple[chess.Color, int], str] = {}
        men = dict(at.agreed.piece_map())
        for ply in range(60):
            if at.result is not None:
                break
            side = at.agreed.turn
            if ply % 8 == 7:
                source = draw.choice(
                    [s for s, man in men.items() if man.color == side and man.piece_type != chess.KING]
                )
                targets = [s for s in chess.SQUARES if s not in men or men[s].color != side]
                targets = [s for s in targets if not (s in men and men[s].piece_type == chess.KING)]
                answer = chess.square_name(source) + chess.square_name(draw.choice(targets))
            else:
                answer = draw.choice([move.uci() for move in at.agreed.legal_moves])
            (verdict,) = arena.judge(state(arena.position(history)), [f"<answer>{answer}</answer>"])
            if verdict.action < 0:
                continue
            history.append(verdict.action)
            before, at = men, arena.position(history)
            men = dict(at.agreed.piece_map())
            for square, man in before.items():
                if men.get(square) != man:
                    taken = man.color != side
                    last[(man.color, square)] = "resurrected" if taken else "stale"
            turn = at.agreed.turn
            for square in draw.sample(list(chess.SQUARES), 12):
                if square in men or at.result is not None:
                    continue
                target = next(s for s in chess.SQUARES if s != square and s not in men)
                found = ruling(arena, at, chess.square_name(square) + chess.square_name(target))
                assert (found.kind, found.sub) == ("empty_source", last.get((turn, square), "never")), at.agreed
                asked += 1
    assert asked > 3000


def test_nobody_loses_by_the_clock_to_a_bare_king() -> None:
    spent = {"clock": Clock(tokens=15)}
    drawn = game(Arena("strict", "8/8/4k3/8/8/8/8/R3K3 w - - 0 1"), "Ra2 Ra3", "Ke7 Ke6", **spent)
    assert (drawn.returns, drawn.ending) == ((0.0, 0.0), "clock")
    lost = game(Arena("strict", "r7/8/4k3/8/8/8/8/R3K3 w - - 0 1"), "Ra2 Ra3", "Ke7 Ke6", **spent)
    assert (lost.returns, lost.ending) == ((-1.0, 1.0), "clock")


@pytest.mark.parametrize(
    ("other", "drawn"),
    [
        ("n7/8/4k3/8/8/8/8/Q3K3", True),  # a knight cannot mate a king that has a queen only
        ("n7/8/4k3/8/8/8/8/R3K3", False),  # but one whose own rook stands in its way
        ("b7/8/4k3/8/8/8/8/B3K3", False),  # nor can a bishop, but for one on squares of the other colour
        ("nn6/8/4k3/8/8/8/8/Q3K3", False),
        ("8/7p/4k3/8/8/8/8/Q3K3", False),
    ],
)
def test_whoever_could_mate_by_any_moves_wins_by_the_clock(other: str, drawn: bool) -> None:
    arena = Arena("strict", f"{other} w - - 0 1")
    piece = "Q" if "Q" in other else "R" if "R" in other else "B"
    first = {"Q": "Qa2", "R": "Ra2", "B": "Bb2"}[piece]
    episode = game(arena, f"{first}", "", clock=Clock(tokens=1))
    assert (episode.ending, episode.returns) == ("clock", (0.0, 0.0) if drawn else (-1.0, 1.0))
