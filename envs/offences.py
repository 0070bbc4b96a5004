"""Which law a move from square to square breaks first, and what on the board proves it.

The classes and their order are those of the referee (`envs.referee.KINDS`). Nothing here asks whether the move is
legal: whoever asks for its offence knows that it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import chess

from envs.departures import departures
from envs.fitting import by_squares, castling_rook
from envs.laws import LOST, MOVES_OF, PIECES, SIDES, STAYS, WAYS, WINGS, Said, men


@dataclass(frozen=True, slots=True)
class Offence:
    """A law that is broken, and the facts that its sentence names."""

    kind: str
    sub: str = ""
    by: tuple[int, ...] = ()
    """squares that prove it: what is in the way, what attacks the king"""
    facts: Mapping[str, Said | str] = field(default_factory=dict)
    article: str = ""
    """where it is not the one of `envs.laws.LAWS`"""
    source: int | None = None
    target: int | None = None
    piece: int | None = None
    """the move that was meant, and what moves by it; of an empty source, what last stood there"""

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.sub}" if self.sub else self.kind


def offence(board: chess.Board, source: int, target: int, promotion: int | None, *, onto_rook: bool) -> Offence:
    """The offence of an illegal move from square to square.

    Args:
        board: the position, with its history.
        source: where the piece is said to stand.
        target: where it is said to go.
        promotion: what it is said to become.
        onto_rook: whether a king that goes onto its own rook castles: so where squares alone were named.
    """
    piece, side = board.piece_type_at(source), board.turn
    facts: dict[str, Said | str] = {
        "side": SIDES[side],
        "other": SIDES[not side],
        "f": chess.SQUARE_NAMES[source],
        "t": chess.SQUARE_NAMES[target],
    }
    if piece is None:
        found = _empty(board, source)
    else:
        facts |= {"piece": PIECES[piece], "way": WAYS[piece]}
        found = _on_board(board, chess.Move(source, target, promotion), piece, onto_rook)
    named = replace(found, facts={**facts, **found.facts}, piece=piece or found.piece)
    # castling goes to its own square, whatever square was named
    return named if found.source is not None else replace(named, source=source, target=target)


def _on_board(board: chess.Board, move: chess.Move, piece: int, onto_rook: bool) -> Offence:
    source, target = move.from_square, move.to_square
    if board.color_at(source) != board.turn:
        return _theirs(board, move)
    rook = castling_rook(board, source, target, onto_rook=onto_rook)
    if rook is not None and not move.promotion:
        return castling_offence(board, short=rook > source, rook=rook)
    found = _promotion(board, move, piece) or _king_safety(board, move, piece)
    if found is None and piece == chess.PAWN:
        found = _pawn(board, move)
    return found or _way(board, move, piece)


def _empty(board: chess.Board, source: int) -> Offence:
    own = [gone for gone in departures(board) if gone.square == source and gone.color == board.turn]
    if not own:
        return Offence("empty_source", "never")
    last = own[-1]
    facts: dict[str, Said | str] = {"last": PIECES[last.piece], "gone": chess.SQUARE_NAMES[last.target]}
    by = () if last.captured else (last.target,)
    return Offence("empty_source", "resurrected" if last.captured else "stale", by, facts, piece=last.piece)


def _theirs(board: chess.Board, move: chess.Move) -> Offence:
    flipped = board.copy(stack=False)
    flipped.turn = not board.turn
    legal = by_squares(flipped, move.from_square, move.to_square, move.promotion)
    return Offence("opponent_piece", "out_of_turn" if legal else "")


def castling_offence(board: chess.Board, *, short: bool, rook: int | None = None) -> Offence:
    """Why the player cannot castle on this side, with the rook on `rook` where that is known."""
    side, king = board.turn, board.king(board.turn)
    home = chess.BB_RANK_1 if side == chess.WHITE else chess.BB_RANK_8
    first = 0 if side == chess.WHITE else 56
    king_to, rook_to = first + (chess.G1 if short else chess.C1), first + (chess.F1 if short else chess.D1)

    def found(sub: str, by: tuple[int, ...] = (), **why: Said | str) -> Offence:
        source = king_to if king is None else king
        squares = {"f": chess.SQUARE_NAMES[source], "t": chess.SQUARE_NAMES[king_to]}
        facts = {"side": SIDES[side], "wing": WINGS[short], "men": men(board, by), **squares, **why}
        return Offence("castling", sub, by, facts, source=source, target=king_to, piece=chess.KING)

    rights = board.clean_castling_rights() & home & (chess.BB_ALL if rook is None else chess.BB_SQUARES[rook])
    rooks = [square for square in chess.SquareSet(rights) if king is not None and (square > king) == short]
    if king is None or not rooks:
        return found("no_right", lost=LOST[_lost(board, short)])
    rook = rooks[0]
    king_path = chess.between(king, king_to)
    way = king_path | chess.between(rook, rook_to) | chess.BB_SQUARES[king_to] | chess.BB_SQUARES[rook_to]
    others = board.occupied ^ chess.BB_SQUARES[king]
    blockers = others & ~chess.BB_SQUARES[rook] & way
    if blockers:
        return found("blocked", in_order(side, blockers))
    checks: list[tuple[str, int, int]] = [("in_check", king, board.occupied)]
    steps = chess.SquareSet(king_path)
    checks += [("through_check", square, others) for square in (steps if king < king_to else reversed(steps))]
    checks.append(("into_check", king_to, others ^ chess.BB_SQUARES[rook] | chess.BB_SQUARES[rook_to]))
    for sub, square, occupied in checks:
        by = in_order(side, board.attackers_mask(not side, square, occupied))
        if by:
            return found(sub, by, crossed=chess.SQUARE_NAMES[square])
    return found("no_right", lost=LOST[""])


def _lost(board: chess.Board, short: bool) -> str:
    """How the right to castle was lost, if that happened in this game: a key of `envs.laws.LOST`."""
    side, root = board.turn, board.root()
    king = root.king(side)
    home = chess.BB_RANK_1 if side == chess.WHITE else chess.BB_RANK_8
    rights = chess.SquareSet(root.clean_castling_rights() & home)
    rooks = [square for square in rights if king is not None and (square > king) == short]
    if not rooks:
        return ""
    for gone in departures(board):
        if gone.color == side and gone.piece == chess.KING:
            return "king"
        if gone.color == side and gone.square == rooks[0]:
            return "captured" if gone.captured else "rook"
    return ""


def _promotion(board: chess.Board, move: chess.Move, piece: int) -> Offence | None:
    last = move.to_square // 8 == (7 if board.turn == chess.WHITE else 0)
    if move.promotion is None:
        # a queen would be right there, and nothing but its name is missing
        queen = chess.Move(move.from_square, move.to_square, chess.QUEEN)
        missing = piece == chess.PAWN and last and board.is_pseudo_legal(queen)
        return Offence("promotion", "missing") if missing else None
    facts = {"new": PIECES[move.promotion]}
    if piece != chess.PAWN or not last:
        return Offence("promotion", "not_last_rank", (), facts)
    if move.promotion in (chess.KING, chess.PAWN):
        return Offence("promotion", "to_king_or_pawn", (), facts)
    return None


def _king_safety(board: chess.Board, move: chess.Move, piece: int) -> Offence | None:
    side, king = board.turn, board.king(board.turn)
    if king is None or not board.is_pseudo_legal(move) or not board.is_into_check(move):
        return None
    before, after = board.attackers_mask(not side, king), board.copy(stack=False)
    after.push(move)
    stands = move.to_square if piece == chess.KING else king
    attackers = after.attackers_mask(not side, stands)
    by = in_order(side, attackers)
    facts: dict[str, Said | str] = {"men": men(after, by), "king": chess.SQUARE_NAMES[stands]}
    if piece == chess.KING:
        return Offence("king_safety", "king_into_attack", by, facts)
    if not before & attackers:
        return Offence("king_safety", "pinned", (*by, king), facts)
    stay, new = in_order(side, before & attackers), in_order(side, attackers & ~before)
    named = men(board, new)
    exposed = (
        Said(f" and be exposed to {named.en} as well", f"，还会暴露在{named.zh}的攻击之下") if new else Said("", "")
    )
    facts |= {"men": men(board, stay), "exposed": exposed}
    return Offence("king_safety", "still_in_check", (*stay, *new, king), facts)


def _pawn(board: chess.Board, move: chess.Move) -> Offence | None:
    """What is wrong with where a pawn goes; nothing where its way is right and its own side stands there."""
    source, target = move.from_square, move.to_square
    forward = 1 if board.turn == chess.WHITE else -1
    files, ranks = abs(target % 8 - source % 8), (target // 8 - source // 8) * forward
    first = source // 8 == (1 if board.turn == chess.WHITE else 6)
    if (files, abs(ranks)) in ((1, 2), (2, 1)):
        return Offence("pawn_as_knight")
    if ranks < 0:
        return Offence("pawn", "backward")
    if ranks == 0 and files:
        return Offence("pawn", "sideways")
    if (files, ranks) == (0, 2) and not first:
        return Offence("pawn", "double_step")
    if files == 0 and ranks in (1, 2):
        way = (source + 8 * forward, target)
        by = next((square for square in way if chess.BB_SQUARES[square] & board.occupied), target)
        return Offence("pawn", "push_blocked", (by,), {"men": men(board, (by,))}, "3.7.2" if ranks == 2 else "")
    if (files, ranks) != (1, 1):
        return Offence("pawn", "other")
    if chess.BB_SQUARES[target] & board.occupied:
        return None
    victim = target - 8 * forward
    if _stepped_past(board, victim, target, target + 8 * forward):
        return Offence("en_passant_expired", "", (victim,), {"men": men(board, (victim,))})
    return Offence("pawn", "diagonal_without_capture")


def _stepped_past(board: chess.Board, victim: int, passed: int, start: int) -> bool:
    """Whether an enemy pawn stands on `victim` that came there in one move from `start`."""
    if board.piece_at(victim) != chess.Piece(chess.PAWN, not board.turn) or start // 8 != (6 if board.turn else 1):
        return False
    arrivals = [gone for gone in departures(board) if gone.target == victim and not gone.captured]
    if arrivals:
        return (arrivals[-1].piece, arrivals[-1].square) == (chess.PAWN, start)
    return board.root().ep_square == passed


def _way(board: chess.Board, move: chess.Move, piece: int) -> Offence:
    """A right way onto an own piece, a wrong way, or one that something blocks."""
    source, target, side = move.from_square, move.to_square, board.turn
    right = reach(piece, source, side) & chess.BB_SQUARES[target]
    if right and chess.BB_SQUARES[target] & board.occupied_co[side]:
        return Offence("own_capture", "", (), {"taken": PIECES[board.piece_type_at(target) or chess.PAWN]})
    between = chess.SquareSet(chess.between(source, target) & board.occupied)
    if right and between:
        by = min(between, key=lambda square: chess.square_distance(source, square))
        return Offence("path_blocked", "", (by,), {"men": men(board, (by,))})
    if source == target:
        return Offence("geometry", "other", (), {"way": STAYS}, MOVES_OF.get(piece, "3.7"))
    jump = chess.BB_KNIGHT_ATTACKS[source] & chess.BB_SQUARES[target] and piece != chess.KNIGHT
    return Offence("geometry", "as_knight" if jump else "other", article=MOVES_OF.get(piece, "3.7"))


def reach(piece: int, source: int, side: chess.Color) -> chess.Bitboard:
    """What the piece attacks from there on an empty board."""
    empty = chess.BaseBoard(None)
    empty.set_piece_at(source, chess.Piece(piece, side))
    return empty.attacks_mask(source)


def in_order(side: chess.Color, squares: chess.Bitboard) -> tuple[int, ...]:
    """The squares of a bitboard, from this side's first rank on: the same for both sides on mirrored boards."""
    return tuple(sorted(chess.SquareSet(squares), key=lambda square: square if side else chess.square_mirror(square)))
