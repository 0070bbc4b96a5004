"""Real games in which an illegal move was accepted: what the referee says of their past, beside what was seen of it.

What is seen is the agreed board after every move, compared with the one before, and the squares of the move; nothing of
`envs.departures`. The games are those of an engine of low skill that `envs.problems.chess_moves` brings along.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import chess
import pytest

from envs.arena import Arena, Position
from envs.laws import LOST
from envs.problems.chess_moves import engine_games
from tests.test_arena_drift import ruling, state

HOMES = {
    (white, short): (0 if white else 56) + (7 if short else 0) for white in (True, False) for short in (True, False)
}


@dataclass
class Seen:
    """What somebody has seen who looked at every position of a game."""

    men: dict[int, chess.Piece]
    last: dict[tuple[bool, int], str] = field(default_factory=dict)
    """how the last piece of this colour left this square"""
    captured: set[tuple[bool, int]] = field(default_factory=set)
    came: dict[int, int] = field(default_factory=dict)
    """from which square the man on this one came with its last move"""
    lost: dict[tuple[bool, bool], str] = field(default_factory=dict)
    """of a side and a wing: why it cannot castle"""

    def look(self, name: str, white: bool, men: dict[int, chess.Piece]) -> None:
        """A move has been played by its name in the arena, and so the men stand now."""
        source, target = chess.parse_square(name[1:3]), chess.parse_square(name[3:5])
        gone = [
            (square, man) for square, man in self.men.items() if men.get(square) != man or square == source != target
        ]
        gone += [(target, self.men[target])] if self.men.get(target) == men[target] and source != target else []
        # what was captured, then the king, then the others
        for square, man in sorted(gone, key=lambda one: (one[0] != target, one[1].piece_type != chess.KING)):
            along = name[0] == "K" and man == chess.Piece(chess.ROOK, white) and square != target
            taken = not (square == source != target or along)
            self.last[man.color, square] = "resurrected" if taken else "stale"
            if taken:
                self.captured.add((man.color, man.piece_type))
            for wing in (True, False):
                if man.piece_type == chess.KING or square == HOMES[man.color, wing]:
                    why = "king" if man.piece_type == chess.KING else "captured" if taken else "rook"
                    self.lost.setdefault((man.color, wing), why)
        self.came = {square: come for square, come in self.came.items() if men.get(square) == self.men.get(square)}
        if source != target or men[target] != self.men.get(target):
            self.came[target] = source
        self.men = men


def wrong(at: Position, chance: random.Random) -> str:
    """Something to say in this position, mostly illegal: in several notations, and all sorts of things."""
    board = at.agreed
    own = [square for square, man in board.piece_map().items() if man.color == board.turn]
    pawns = [square for square in own if board.piece_type_at(square) == chess.PAWN]
    source = chess.square_name(chance.choice(own if chance.random() < 0.6 or not pawns else pawns))
    target = chess.square_name(chance.choice(chess.SQUARES))
    last, letter = "8" if board.turn else "1", chance.choice("NBRQ")
    file = chance.choice(chess.FILE_NAMES)
    return chance.choice(
        [
            *(source + target, f"{letter}{target}", f"{letter}x{target}", "O-O", "O-O-O", f"{source[0]}x{target}"),
            *(
                f"{source}{target}={letter}",
                f"{source[0]}x{file}{last}={letter}",
                f"{source}{file}{last}{letter.lower()}",
            ),
            *(f"{file}{last}={letter}", f"{source}{source[0]}{(int(source[1]) + (2 if board.turn else -2)) % 8 + 1}"),
        ]
    )


def games(seed: int, number: int) -> Iterator[tuple[Arena, list[int], Position, Seen, bool]]:
    """After every move of `number` games that have drifted: what was seen, and whether the move was illegal."""
    chance = random.Random(seed)
    for moves in chance.sample(engine_games(), number):
        arena, history, begun = Arena("no_referee"), list[int](), 2 + chance.randrange(25)
        at = arena.position(())
        seen = Seen(at.agreed.piece_map())
        for ply in range(60):
            if at.result is not None or at.over:
                break
            illegal = ply >= begun and (ply - begun) % 5 == 0
            legal = [move.uci() for move in at.agreed.legal_moves]
            answer = moves[ply] if ply < len(moves) and moves[ply] in legal else chance.choice(legal)
            for _ in range(50 if illegal else 0):
                said = wrong(at, chance)
                (verdict,) = arena.judge(state(at), [f"<answer>{said}</answer>"])
                name = arena.moves[verdict.action]
                takes = at.agreed.piece_at(chess.parse_square(name[3:5])) if verdict.action >= 0 else None
                if not verdict.legal and takes != chess.Piece(chess.KING, not at.agreed.turn) and verdict.action >= 0:
                    answer = said
                    break
            (verdict,) = arena.judge(state(at), [f"<answer>{answer}</answer>"])
            white = at.agreed.turn
            history.append(verdict.action)
            at = arena.position(history)
            assert at.put == (not verdict.ruling or not verdict.ruling.legal), (at.agreed.fen(), answer)
            seen.look(arena.moves[verdict.action], white, at.agreed.piece_map())
            if ply >= begun and at.result is None and not at.over:
                yield arena, history, at, seen, illegal


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_became_of_every_piece_is_what_was_seen(seed: int) -> None:
    counted: Counter[str] = Counter()
    for arena, _, at, seen, _ in games(seed, 25):
        turn = at.agreed.turn
        empty = [square for square in chess.SQUARES if square not in seen.men]
        for square in empty:
            found = ruling(arena, at, chess.square_name(square) + chess.square_name(empty[square == empty[0]]))
            assert (found.kind, found.sub) == ("empty_source", seen.last.get((turn, square), "never")), (
                at.agreed.fen(),
                chess.square_name(square),
            )
            counted[found.sub] += 1
        for letter in "NBRQ":
            piece = chess.Piece.from_symbol(letter).piece_type
            if not at.agreed.pieces(piece, turn):
                found = ruling(arena, at, f"{letter}{chess.square_name(empty[0])}")
                gone = "resurrected" if (turn, piece) in seen.captured else ""
                assert (found.kind, found.sub) == ("missing_piece", gone), at.agreed.fen()
                counted[f"missing {gone}"] += 1
    assert min(counted[name] for name in ("stale", "resurrected", "never", "missing resurrected")) > 100, counted


@pytest.mark.slow
def test_castling_and_en_passant_after_drift_are_told_as_they_were_seen() -> None:
    counted: Counter[str] = Counter()
    for arena, _, at, seen, _ in (one for seed in range(10, 14) for one in games(seed, 40)):
        board = at.agreed
        white = board.turn
        for short in (True, False):
            king = board.king(white)
            if (white, short) not in seen.lost or king is None:
                continue
            found = ruling(arena, at, "O-O" if short else "O-O-O")
            why = seen.lost[white, short]
            assert (found.kind, found.sub) == ("castling", "no_right"), board.fen()
            assert LOST[why].en in found.en, (board.fen(), found.en, why)
            counted[why] += 1
        for pawn in board.pieces(chess.PAWN, white):
            for side in (-1, 1):
                if not 0 <= pawn % 8 + side < 8 or pawn // 8 != (4 if white else 3):
                    continue
                victim, target = pawn + side, pawn + side + (8 if white else -8)
                enemy = board.piece_at(victim) == chess.Piece(chess.PAWN, not white)
                if not enemy or board.piece_at(target) is not None or board.ep_square == target:
                    continue
                stepped = seen.came.get(victim) == victim + (16 if white else -16)
                found = ruling(arena, at, chess.square_name(pawn) + chess.square_name(target))
                expected = "en_passant_expired" if stepped else "pawn"
                assert found.kind == expected, (board.fen(), chess.square_name(pawn), chess.square_name(target))
                counted[expected] += 1
    assert min(counted[name] for name in ("king", "rook", "captured", "en_passant_expired", "pawn")) > 10, counted


def test_a_double_step_that_was_illegal_and_accepted_may_be_taken_en_passant_at_once() -> None:
    # the pawn on e7 is pinned to the king on d8 by the bishop on h4
    arena = Arena("no_referee", "3k4/4p3/8/3P4/7B/8/8/4K3 b - - 0 1")
    at = arena.position(())
    (verdict,) = arena.judge(state(at), ["<answer>e5</answer>"])
    assert verdict.kind == "king_safety"
    at = arena.position([verdict.action])
    assert ruling(arena, at, "dxe6").legal
    (verdict2,) = arena.judge(state(at), ["<answer>Ke2</answer>"])
    (verdict3,) = arena.judge(state(arena.position([verdict.action, verdict2.action])), ["<answer>Kd7</answer>"])
    at = arena.position([verdict.action, verdict2.action, verdict3.action])
    assert ruling(arena, at, "dxe6").kind == "en_passant_expired"


def test_an_illegal_promotion_captures_nothing_in_passing() -> None:
    # a7xb8 with nothing on b8 and a knight on b7, which stays, and is nobody's captured piece
    arena = Arena("no_referee", "4k3/Pn6/8/8/8/8/8/4K3 w - - 0 1")
    (verdict,) = arena.judge(state(arena.position(())), ["<answer>a7b8=Q</answer>"])
    at = arena.position([verdict.action])
    assert at.agreed.piece_at(chess.B7) == chess.Piece(chess.KNIGHT, chess.BLACK)
    away = [verdict.action]
    for answer in ("Nd6", "Qa8"):
        (verdict,) = arena.judge(state(arena.position(away)), [f"<answer>{answer}</answer>"])
        away.append(verdict.action)
    found = ruling(arena, arena.position(away), "b7c5")
    assert (found.kind, found.sub) == ("empty_source", "stale")
    assert "d6" in found.en


@pytest.mark.parametrize("answer", ["b1c3n", "Nb1-c3=N", "e2e4p"])
def test_what_would_stand_as_after_a_legal_move_is_refused_and_not_put_to_the_other(answer: str) -> None:
    arena = Arena("no_referee")
    (verdict,) = arena.judge(state(arena.position(())), [f"<answer>{answer}</answer>"])
    assert (verdict.kind, verdict.action) == ("promotion", -1)
    assert verdict.reason == "illegal, try again"


@pytest.mark.slow
def test_what_is_put_to_the_other_is_what_is_illegal() -> None:
    asked = sum(1 for *_, illegal in games(20, 60) if illegal)
    assert asked > 100


def test_a_piece_of_the_other_side_stays_the_others_wherever_it_is_moved() -> None:
    arena = Arena("no_referee")
    (verdict,) = arena.judge(state(arena.position(())), ["<answer>e7e5</answer>"])
    assert verdict.kind == "opponent_piece"
    at = arena.position([verdict.action])
    assert at.agreed.piece_at(chess.E5) == chess.Piece(chess.PAWN, chess.BLACK)
    found = ruling(arena, at, "e7e6")
    assert (found.kind, found.sub) == ("empty_source", "stale")


def test_what_comes_out_of_nothing_onto_a_rook_has_captured_it() -> None:
    arena = Arena("no_referee", "r3k3/8/8/8/8/8/8/4K3 w q - 0 1")
    (verdict,) = arena.judge(state(arena.position(())), ["<answer>Qa8</answer>"])
    assert verdict.kind == "missing_piece"
    found = ruling(arena, arena.position([verdict.action]), "O-O-O")
    assert (found.kind, found.sub) == ("castling", "no_right")
    assert LOST["captured"].en in found.en


def test_a_king_that_has_moved_however_illegally_cannot_castle() -> None:
    arena = Arena("no_referee", "4k3/8/8/8/8/8/8/4K2R w K - 0 1")
    played = list[int]()
    for answer in ("e1e4", "Kd8", "e4e1", "Kd7"):
        (verdict,) = arena.judge(state(arena.position(played)), [f"<answer>{answer}</answer>"])
        played.append(verdict.action)
    found = ruling(arena, arena.position(played), "O-O")
    assert (found.kind, found.sub) == ("castling", "no_right")
    assert LOST["king"].en in found.en


def test_two_squares_from_another_rank_are_no_double_step_to_be_taken_in_passing() -> None:
    arena = Arena("no_referee", "4k3/8/4p3/8/3P4/8/8/4K3 b - - 0 1")
    (verdict,) = arena.judge(state(arena.position(())), ["<answer>e6e4</answer>"])
    found = ruling(arena, arena.position([verdict.action]), "d4e5")
    assert (found.kind, found.sub) == ("pawn", "diagonal_without_capture")
