"""Facts of a position, true ones and false ones, as python-chess and the definitions here have it.

They know nothing of `envs`. What could be argued about (does a pinned piece attack?) is left out. A fact is whether it
is so, and what a wording needs to tell it (`tests/claim_templates.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count, permutations
from typing import Any

import chess

from tests.claim_scenes import Scene

WORTH = {chess.PAWN: 1, chess.KNIGHT: 3, chess.BISHOP: 3, chess.ROOK: 5, chess.QUEEN: 9}

Slots = dict[str, Any]
Facts = Iterator[tuple[bool, Slots]]


def _pieces(board: chess.Board) -> Iterator[tuple[chess.Color, int, int]]:
    for square, piece in board.piece_map().items():
        if piece.piece_type != chess.KING:
            yield piece.color, piece.piece_type, square


def stands(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        yield True, {"owner": color, "piece": kind, "square": square}
        for other in chess.SQUARES:
            if scene.after.piece_at(other) != chess.Piece(kind, color):
                yield False, {"owner": color, "piece": kind, "square": other}


def empty(scene: Scene) -> Facts:
    for square in chess.SQUARES:
        yield scene.after.piece_at(square) is None, {"square": square}


def check(scene: Scene) -> Facts:
    # of one's own check nobody speaks after the move that ends it
    for color in chess.COLORS if scene.before is scene.after else [scene.after.turn]:
        king = scene.after.king(color)
        assert king is not None
        yield bool(scene.after.attackers(not color, king)), {"owner": color, "square": king}


def announced_check(scene: Scene) -> Facts:
    if scene.before is not scene.after and not scene.after.is_checkmate():
        yield scene.after.is_check(), {}


def checking_piece(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        if color != scene.after.turn:
            yield square in scene.after.checkers(), {"owner": color, "piece": kind, "square": square}


def mate(scene: Scene) -> Facts:
    yield scene.after.is_checkmate(), {"owner": scene.after.turn}


def stalemate(scene: Scene) -> Facts:
    yield scene.after.is_stalemate(), {"owner": scene.after.turn}


def _counts(board: chess.Board) -> dict[chess.Color, Counter[int]]:
    return {c: Counter({kind: len(board.pieces(kind, c)) for kind in range(1, 6)}) for c in chess.COLORS}


def _lead(board: chess.Board, color: chess.Color) -> int:
    counts = _counts(board)
    return sum(WORTH[kind] * (counts[color][kind] - counts[not color][kind]) for kind in range(1, 6))


def material_even(scene: Scene) -> Facts:
    counts = _counts(scene.after)
    if counts[True] == counts[False] or abs(_lead(scene.after, True)) > 1:
        yield counts[True] == counts[False], {}


def material_up(scene: Scene) -> Facts:
    counts = _counts(scene.after)
    for color in chess.COLORS:
        more, less = counts[color] - counts[not color], counts[not color] - counts[color]
        for kind in range(1, 6):
            if more == {kind: 1} and not less:
                yield True, {"owner": color, "piece": kind}
            elif less[kind] and not more:
                yield False, {"owner": color, "piece": kind}


def material_ahead(scene: Scene) -> Facts:
    for color in chess.COLORS:
        if abs(_lead(scene.after, color)) > 1:
            yield _lead(scene.after, color) > 0, {"owner": color}


def material_points(scene: Scene) -> Facts:
    for color in chess.COLORS:
        if 1 < abs(_lead(scene.after, color)) < 11:
            yield _lead(scene.after, color) > 0, {"owner": color, "n": abs(_lead(scene.after, color))}


def number(scene: Scene) -> Facts:
    for color, counts in _counts(scene.after).items():
        for kind, n in counts.items():
            if n > 1:
                yield True, {"owner": color, "piece": kind, "n": n}
            yield False, {"owner": color, "piece": kind, "n": n + 2}


def pinned(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        lifted = scene.after.copy(stack=False)
        lifted.remove_piece_at(square)
        opened = any(
            lifted.attackers(not color, target) - scene.after.attackers(not color, target)
            for target in chess.SquareSet(lifted.occupied_co[color])
        )
        if scene.after.is_pinned(color, square) or not opened:
            yield scene.after.is_pinned(color, square), {"owner": color, "piece": kind, "square": square}


def _attackers(board: chess.Board, color: chess.Color, square: int) -> list[int]:
    """Those about which nobody can argue: neither pinned nor a king."""
    return [
        source
        for source in board.attackers(color, square)
        if not board.is_pinned(color, source) and board.piece_type_at(source) != chess.KING
    ]


def attacked(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        if bool(_attackers(scene.after, not color, square)) == scene.after.is_attacked_by(not color, square):
            yield scene.after.is_attacked_by(not color, square), {"owner": color, "piece": kind, "square": square}


def attacks(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        for other, kind2, square2 in _pieces(scene.after):
            if other != color and not scene.after.is_pinned(color, square):
                there = {"owner": color, "piece": kind, "square": square, "piece2": kind2, "square2": square2}
                yield square2 in scene.after.attacks(square), there


def controls(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        for target in chess.SQUARES:
            if scene.after.piece_at(target) is None and not scene.after.is_pinned(color, square):
                reached = target in scene.after.attacks(square)
                yield reached, {"owner": color, "piece": kind, "square": square, "square2": target}


def defended(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        if bool(_attackers(scene.after, color, square)) == scene.after.is_attacked_by(color, square):
            yield scene.after.is_attacked_by(color, square), {"owner": color, "piece": kind, "square": square}


def undefended(scene: Scene) -> Facts:
    for truth, slots in defended(scene):
        yield not truth, slots


def hanging(scene: Scene) -> Facts:
    for truth, slots in attacked(scene):
        guarded = scene.after.is_attacked_by(slots["owner"], slots["square"])
        if not truth or not guarded:
            yield truth, slots


def forked(scene: Scene) -> Facts:
    for color, kind, square in _pieces(scene.after):
        if scene.after.is_pinned(color, square):
            continue
        foes = chess.SquareSet(scene.after.occupied_co[not color] & ~scene.after.pawns)
        kinds = {scene.after.piece_type_at(to) for to in foes}
        hit = {scene.after.piece_type_at(to) for to in foes & scene.after.attacks(square)}
        for one, two in permutations(kinds, 2):
            if {one, two} <= hit or one not in hit:
                slots = {"owner": color, "piece": kind, "square": square, "piece2": one, "piece3": two}
                yield {one, two} <= hit, slots


def _rights(scene: Scene) -> Iterator[tuple[chess.Color, bool, bool, bool]]:
    """Whose, short or long, whether there is the right, whether it is legal now."""
    for color in chess.COLORS:
        legal = {scene.after.san(move)[:5].rstrip("+#") for move in scene.after.legal_moves} & {"O-O", "O-O-O"}
        for short, castle in ((True, "O-O"), (False, "O-O-O")):
            rook = chess.square(7 if short else 0, 0 if color else 7)
            right = bool(scene.after.castling_rights & chess.BB_SQUARES[rook])
            yield color, short, right, color == scene.after.turn and castle in legal


def castle_now(scene: Scene) -> Facts:
    for color, short, right, legal in _rights(scene):
        if color == scene.after.turn and right == legal:
            yield legal, {"owner": color, "short": short}


def castle_right(scene: Scene) -> Facts:
    for color, short, right, _ in _rights(scene):
        yield right, {"owner": color, "short": short}


def castle_lost(scene: Scene) -> Facts:
    for truth, slots in castle_right(scene):
        yield not truth, slots


def en_passant(scene: Scene) -> Facts:
    yield scene.after.has_legal_en_passant(), {"owner": scene.after.turn}


def en_passant_move(scene: Scene) -> Facts:
    for move in scene.after.legal_moves:
        if scene.after.is_en_passant(move):
            yield True, {"owner": scene.after.turn, "san": scene.after.san(move).rstrip("+#")}
    mover = scene.after.turn
    for pawn in scene.after.pieces(chess.PAWN, mover):
        for target in scene.after.attacks(pawn):
            if scene.after.piece_at(target) is None and not scene.after.has_legal_en_passant():
                yield False, {"owner": mover, "san": f"{'abcdefgh'[pawn % 8]}x{chess.square_name(target)}"}


def _times(board: chess.Board) -> int:
    return next(n for n in count(1) if not board.is_repetition(n + 1))


def repetition(scene: Scene) -> Facts:
    times = _times(scene.after)
    if times in (2, 3):
        yield True, {"n": times}
    elif times == 1 and scene.after.ply() > 8:
        yield False, {"n": 2 + scene.after.ply() % 2}


def threefold(scene: Scene) -> Facts:
    if _times(scene.after) in (1, 3):
        yield _times(scene.after) == 3, {}


def threefold_claim(scene: Scene) -> Facts:
    times = _times(scene.after)
    if times == 3 or (times == 1 and not scene.after.can_claim_threefold_repetition()):
        yield times == 3, {"owner": scene.after.turn}


def fifty(scene: Scene) -> Facts:
    half = scene.after.halfmove_clock
    if half > 9 and half % 2 == 0:
        yield True, {"n": half // 2, "half": half}
    yield False, {"n": half // 2 + 12, "half": half + 24}


def fifty_claim(scene: Scene) -> Facts:
    half = scene.after.halfmove_clock
    if (half >= 100 or half < 80) and any(scene.after.legal_moves):
        yield half >= 100, {"owner": scene.after.turn}


def _sans(board: chess.Board) -> list[str]:
    return [board.san(move).rstrip("+#") for move in board.legal_moves]


def only_move(scene: Scene) -> Facts:
    sans = _sans(scene.after)
    for san in sans[:3]:
        if len(sans) == 1 or len(sans) > 4:
            yield len(sans) == 1, {"owner": scene.after.turn, "san": san}


def legal(scene: Scene) -> Facts:
    sans, mover = _sans(scene.after), scene.after.turn
    for san in sans:
        yield True, {"owner": mover, "san": san}
    if scene.after.is_game_over():
        return
    targets = {
        to: {move.from_square for move in scene.after.legal_moves if move.to_square == to} for to in chess.SQUARES
    }
    turned = scene.after.copy(stack=False)
    turned.turn = not mover
    # of a move that was legal, or would be the other side's, it could be argued who is meant
    was = {move.to_square for board in (scene.before, turned) for move in board.legal_moves}
    for color, kind, _ in {(c, k, 0) for c, k, _ in _pieces(scene.after)}:
        for to, sources in targets.items():
            taken = scene.after.piece_at(to) is not None
            reached = any(scene.after.piece_type_at(source) == kind for source in sources)
            if (
                color == mover
                and kind != chess.PAWN
                and not reached
                and scene.after.color_at(to) != mover
                and to not in was
            ):
                yield False, {"owner": mover, "san": f"{' PNBRQ'[kind]}{'x' * taken}{chess.square_name(to)}"}


def illegal(scene: Scene) -> Facts:
    for truth, slots in legal(scene):
        yield not truth, slots


def _ahead(square: int, color: chess.Color) -> range:
    """The ranks before a pawn."""
    return range(square // 8 + 1, 8) if color else range(square // 8)


def passed(scene: Scene) -> Facts:
    for color in chess.COLORS:
        pawns, theirs = scene.after.pieces(chess.PAWN, color), scene.after.pieces(chess.PAWN, not color)
        for pawn in pawns:
            met = any(abs(pawn % 8 - foe % 8) < 2 and foe // 8 in _ahead(pawn, color) for foe in theirs)
            if sum(pawn % 8 == other % 8 for other in pawns) == 1:
                yield not met, {"owner": color, "square": pawn, "file": "abcdefgh"[pawn % 8]}


def unstoppable(scene: Scene) -> Facts:
    """King and pawn alone: true outside the square; false where the king takes it or stands before a rook's pawn."""
    board = scene.after
    if len(board.piece_map()) != 3 or not board.pawns:
        return
    pawn = next(iter(chess.SquareSet(board.pawns)))
    color = board.color_at(pawn)
    assert color is not None
    own, foe = board.king(color), board.king(not color)
    assert own is not None
    assert foe is not None
    queening = chess.square(pawn % 8, 7 if color else 0)
    free = own % 8 != pawn % 8
    steps = len(_ahead(pawn, color)) - (pawn // 8 == (1 if color else 6))
    far = chess.square_distance(foe, queening) - (board.turn != color) > steps
    takes = board.turn != color and board.is_legal(chess.Move(foe, pawn))
    stands_before = pawn % 8 in (0, 7) and foe % 8 == pawn % 8 and foe // 8 in _ahead(pawn, color)
    if (free and far) or takes or stands_before:
        yield free and far, {"owner": color, "square": pawn, "file": "abcdefgh"[pawn % 8]}


def won(scene: Scene) -> Facts:
    outcome = scene.after.outcome()
    if outcome is not None:
        yield from ((color == outcome.winner, {"owner": color}) for color in chess.COLORS)


def drawn(scene: Scene) -> Facts:
    outcome = scene.after.outcome()
    if outcome is not None:
        yield outcome.winner is None, {}


def insufficient(scene: Scene) -> Facts:
    dead = scene.after.is_insufficient_material()
    if dead or len(scene.after.piece_map()) > 6:
        yield dead, {}
