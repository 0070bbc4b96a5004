"""What a clause says of the game: material, castling, what is legal, repetition, counts; a question each.

Each answers with a `Fact`, or None where it cannot be told what is meant.
"""

from __future__ import annotations

import chess

from envs.claims import facts
from envs.claims.facts import Fact
from envs.claims.nouns import Ref
from envs.claims.scene import Scene


def ahead(scene: Scene) -> Fact | None:
    """A side is ahead in material."""
    color = scene.side()
    if color is None:
        return None
    color = (not color) if scene.has("down") else color
    ref = scene.refs[0] if scene.refs else None
    if ref is None:
        worth = facts.balance(scene.board, color)
        return Fact(worth > 0, *facts.worth_told(worth, color))
    count = ref.count or next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), 1)
    return facts.ahead(scene.board, color, ref.piece, count)


def ahead_for(scene: Scene) -> Fact | None:
    """`A rook up for a knight`: the one less the other."""
    color, refs = scene.side(), scene.refs
    if color is None or not all(ref.piece for ref in refs):
        return None
    color = (not color) if scene.has("down") else color
    gained, given = (facts.VALUE[ref.piece] * (ref.count or 1) for ref in refs)
    worth = facts.balance(scene.board, color)
    kind = refs[0].piece
    more = len(scene.board.pieces(kind, color)) - len(scene.board.pieces(kind, not color))
    # for what it was gained is history
    holds = True if worth == gained - given else None if more == (refs[0].count or 1) else False
    return Fact(holds, *facts.worth_told(worth, color))


def turn(scene: Scene) -> Fact | None:
    """Whose move it is."""
    color = scene.side()
    en, zh = facts.side(scene.board.turn)
    return None if color is None else Fact(scene.board.turn == color, f"{en} is to move.", f"轮到{zh}走。")


def castled(scene: Scene) -> Fact | None:
    """A side has castled in this game; open where its beginning is not known."""
    color = scene.side()
    color = scene.color(scene.refs[0]) if color is None and scene.refs else color
    board = scene.board.copy()
    if color is None or board.root().fen() != chess.STARTING_FEN:
        return None
    way = ""
    while board.move_stack:
        move = board.pop()
        if board.turn == color and board.is_castling(move):
            way = "short" if board.is_kingside_castling(move) else "long"
    said = next((t.symbol for t in scene.tokens if t.symbol in ("short", "long")), None)
    holds = way != "" and said in (None, way)
    en, zh = facts.side(color)
    told = (f"{en} has castled.", f"{zh}已经易位。") if way else (f"{en} has not castled.", f"{zh}没有易位。")
    return Fact(holds, *told)


def open_file(scene: Scene) -> Fact | None:
    """No pawn stands on a file; on a half-open one none of one side's."""
    file = next((int(str(t.value)) for t in scene.tokens if t.symbol == "file"), 0)
    name = chess.FILE_NAMES[file]
    pawns = tuple(chess.scan_forward(scene.board.pawns & chess.BB_FILES[file]))
    sides = {scene.board.color_at(square) for square in pawns}
    holds = len(sides) == 1 if scene.has("halfopen") else not pawns
    return Fact(holds, f"{len(pawns)} pawn(s) stand on the {name}-file.", f"{name}线上有{len(pawns)}个兵。", pawns)


def queens_off(scene: Scene) -> Fact | None:
    """No queen is on the board."""
    found = tuple(chess.scan_forward(scene.board.queens))
    told = ("There is a queen on the board.", "棋盘上还有后。") if found else ("There is no queen.", "棋盘上没有后。")
    return Fact(not found, *told, found)


def even(scene: Scene) -> Fact | None:
    """Material is equal."""
    worth = facts.balance(scene.board, chess.WHITE)
    return Fact(worth == 0, f"White is ahead by {worth} in material.", f"白方子力多{worth}分。")


def castles(scene: Scene) -> Fact | None:
    """A side may castle, or has the right to."""
    color = scene.side()
    if color is None:
        color = scene.color(scene.refs[0]) if scene.refs else None
    if color is None:
        return None
    sides = scene.has("short", "shortcastle"), scene.has("long", "longcastle")
    short = None if sides[0] == sides[1] else sides[0]
    if scene.has("castleright", "right", "gone", "nolonger"):
        return facts.castling_right(scene.board, color, short)
    return facts.can_castle(scene.board, color, short)


def _said(scene: Scene) -> str:
    """The move that is named: `Nf3`, `e4`, `马f3`."""
    for token in scene.tokens:
        if token.symbol == "san":
            return str(token.value)
        if token.symbol == "sq":
            return chess.square_name(int(str(token.value)))
        if isinstance(token.value, Ref) and token.value.square is not None:
            letter = chess.piece_symbol(token.value.piece).upper() if token.value.piece > chess.PAWN else ""
            return letter + chess.square_name(token.value.square)
    return ""


def _move(scene: Scene) -> chess.Move | None:
    return facts.read_move(scene.board, _said(scene))


def legal(scene: Scene) -> Fact | None:
    """Of the side that is named; else of the one to move, and open where only the other one could play it."""
    said = _said(scene)
    if not said:
        return None
    side = scene.side()
    board = scene.board if side is None else facts.turned(scene.board, side)
    move = facts.read_move(board, said)
    if move is not None:
        return Fact(True, f"{said} is a legal move.", f"{said}是合法着法。", (move.from_square, move.to_square))
    no = Fact(False, f"{said} is not a legal move.", f"{said}不是合法着法。")
    other = side is None and facts.read_move(facts.turned(board, not board.turn), said) is not None
    return no._replace(holds=None) if other else no


def _was_played(scene: Scene) -> bool:
    """Whether the move that is named is the last one."""
    if not scene.board.move_stack:
        return False
    last = scene.board.move_stack[-1]
    square = next((int(str(t.value)) for t in scene.tokens if t.symbol == "sq"), None)
    if square is not None:
        kind = scene.board.piece_type_at(last.to_square)
        return last.to_square == square and bool(scene.refs) and scene.refs[0].piece == kind
    earlier = scene.board.copy(stack=1)
    earlier.pop()
    return facts.read_move(earlier, next(str(t.value) for t in scene.tokens if t.symbol == "san")) == last


def move_mates(scene: Scene) -> Fact | None:
    """The move just played mates; of one that is not yet played nothing is said."""
    return facts.mate(scene.board, scene.board.turn) if _was_played(scene) else None


def move_checks(scene: Scene) -> Fact | None:
    """The move just played gives check."""
    return facts.check(scene.board, scene.board.turn) if _was_played(scene) else None


def ep_move(scene: Scene) -> Fact | None:
    """A certain move captures en passant."""
    said = next(str(t.value) for t in scene.tokens if t.symbol == "san")
    move = facts.read_move(scene.board, said)
    holds = move is not None and scene.board.is_en_passant(move)
    return facts.en_passant(scene.board, scene.side())._replace(holds=holds)


def insufficient(scene: Scene) -> Fact | None:
    """Nobody can mate."""
    holds = scene.board.is_insufficient_material()
    told = (
        ("Nobody can mate.", "双方都无法将死。") if holds else ("There is enough to mate with.", "还有足够的子力将死。")
    )
    return Fact(holds, *told)


def claims_draw(scene: Scene) -> Fact | None:
    """A draw can be claimed by repetition."""
    return facts.repeated(scene.board, 5 if scene.has("fivefold") else 3)


def points(scene: Scene) -> Fact | None:
    """A side is ahead by so many points."""
    color, count = scene.side(), next(int(str(t.value)) for t in scene.tokens if t.symbol == "num")
    if color is None:
        return None
    return facts.ahead(scene.board, (not color) if scene.has("down") else color, chess.PAWN, count)


def only_move(scene: Scene) -> Fact | None:
    """A side has one legal move, or so many."""
    color = scene.side()
    color = scene.board.turn if color is None else color
    if scene.has("san", "np"):
        move = _move(scene)
        one = facts.moves_left(scene.board, scene.board.turn, 1)
        return one if move is not None else one._replace(holds=False)
    count = next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), 1)
    return facts.moves_left(scene.board, color, 0 if scene.has("nomoves") else count)


def repeated(scene: Scene) -> Fact | None:
    """The position has occurred so often."""
    times = {"twice": 2, "twofold": 2, "threefold": 3, "fourfold": 4, "fivefold": 5}
    wanted = next((times[t.symbol] for t in scene.tokens if t.symbol in times), None)
    return None if wanted is None else facts.repeated(scene.board, wanted)


def stale(scene: Scene) -> Fact | None:
    """A side is stalemated."""
    return facts.stalemate(scene.board, scene.side())


def ep(scene: Scene) -> Fact | None:
    """A capture en passant is legal."""
    leads = scene.refs[0] if scene.refs and scene.tokens[0].symbol == "np" else None
    side = scene.side() if leads is None else scene.color(leads)
    found = facts.en_passant(scene.board, side)
    square = next((int(str(t.value)) for t in scene.tokens if t.symbol == "sq"), None)
    return found._replace(holds=square in (None, found.squares[-1])) if found.holds else found


def fifty(scene: Scene) -> Fact | None:
    """Fifty moves of each side have been neither captures nor pawn moves."""
    return facts.quiet_moves(scene.board, 50)


def quiet(scene: Scene) -> Fact | None:
    """So many moves were neither captures nor pawn moves."""
    count = next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), None)
    return None if count is None or count > 200 else facts.quiet_moves(scene.board, count)


def clock(scene: Scene) -> Fact | None:
    """The count of half moves without a capture or a move of a pawn."""
    count = next(int(str(t.value)) for t in scene.tokens if t.symbol == "num")
    return facts.quiet_moves(scene.board, 0)._replace(holds=scene.board.halfmove_clock == count)


def claims_fifty(scene: Scene) -> Fact | None:
    """A draw can be claimed, since fifty moves have passed."""
    count = next(int(str(t.value)) for t in scene.tokens if t.symbol == "num")
    return facts.quiet_moves(scene.board, count) if count in (50, 75) else None
