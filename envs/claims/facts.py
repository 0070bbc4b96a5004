"""What is true of a position: python-chess asked, with the proof in both languages and the squares that show it.

Every function answers with a `Fact`; `holds` is None where chess players' usage leaves it open (a piece that is pinned
to a queen, a piece attacked and defended), so that nobody is called a liar over a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import chess

from envs.claims.nouns import Ref

EN = ("piece", "pawn", "knight", "bishop", "rook", "queen", "king")
ZH = ("棋子", "兵", "马", "象", "车", "后", "王")
VALUE = (0, 1, 3, 3, 5, 9, 100)
"""Of pawn to king, in pawns; the king's only to be more than any."""


class Fact(NamedTuple):
    """Whether something holds; why, as a sentence in English and in Chinese; the squares to look at."""

    holds: bool | None
    en: str
    zh: str
    squares: tuple[int, ...] = ()


def side(color: chess.Color) -> tuple[str, str]:
    """The side's name in English and in Chinese."""
    return ("White", "白方") if color else ("Black", "黑方")


def name(board: chess.Board, square: int) -> tuple[str, str]:
    """What stands on `square`, in English and in Chinese."""
    piece = board.piece_at(square)
    where = chess.square_name(square)
    if piece is None:
        return f"the empty square {where}", f"空格{where}"
    en, zh = side(piece.color)
    return f"{en}'s {EN[piece.piece_type]} on {where}", f"{zh}{where}的{ZH[piece.piece_type]}"


def names(board: chess.Board, squares: Iterable[int]) -> tuple[str, str]:
    """What stands on each of `squares`, in both languages."""
    both = [name(board, square) for square in squares]
    return " and ".join(en for en, _ in both), "和".join(zh for _, zh in both)


def standing(board: chess.Board, ref: Ref, color: chess.Color | None) -> list[int]:
    """The squares on which a piece as described by `ref` stands, of `color` or of any."""
    mask = board.occupied if color is None else board.occupied_co[color]
    if ref.piece:
        mask &= board.pieces_mask(ref.piece, chess.WHITE) | board.pieces_mask(ref.piece, chess.BLACK)
    if ref.square is not None:
        mask &= chess.BB_SQUARES[ref.square]
    if ref.file is not None:
        mask &= chess.BB_FILES[ref.file]
    return list(chess.scan_forward(mask))


def absent(ref: Ref, color: chess.Color | None) -> Fact:
    """That no such piece is on the board."""
    en, zh = ("", "") if color is None else side(color)
    what_en, what_zh = f"{en} {EN[ref.piece]}".strip(), f"{zh}{ZH[ref.piece]}"
    if ref.square is not None:
        where = chess.square_name(ref.square)
        return Fact(False, f"There is no {what_en} on {where}.", f"{where}没有{what_zh}。", (ref.square,))
    where_en = "" if ref.file is None else f" on the {chess.FILE_NAMES[ref.file]}-file"
    where_zh = "棋盘上" if ref.file is None else f"{chess.FILE_NAMES[ref.file]}线上"
    return Fact(False, f"There is no {what_en}{where_en or ' on the board'}.", f"{where_zh}没有{what_zh}。")


def any_of(found: Sequence[Fact]) -> Fact:
    """`my knight` means any of them: the first that holds, else one that is open, else the first."""
    return next((f for f in found if f.holds), next((f for f in found if f.holds is None), found[0]))


def check(board: chess.Board, color: chess.Color) -> Fact:
    """Whether the king of `color` is attacked."""
    king = board.king(color)
    en, zh = side(color)
    if king is None:
        return Fact(None, f"{en} has no king.", f"{zh}没有王。")
    by = tuple(board.attackers(not color, king))
    where = chess.square_name(king)
    if not by:
        return Fact(False, f"Nothing attacks {en}'s king on {where}.", f"没有棋子攻击{zh}{where}的王。", (king,))
    by_en, by_zh = names(board, by)
    return Fact(
        True, f"{en}'s king on {where} is in check from {by_en}.", f"{zh}{where}的王被{by_zh}将军。", (king, *by)
    )


def double_check(board: chess.Board, color: chess.Color) -> Fact:
    """Whether it is attacked by two pieces."""
    one = check(board, color)
    return one._replace(holds=one.holds and len(one.squares) > 2)


def mate(board: chess.Board, color: chess.Color) -> Fact:
    """Whether `color` is checkmated."""
    en, zh = side(color)
    king = board.king(color)
    squares = () if king is None else (king,)
    if board.turn == color and board.is_checkmate():
        return Fact(True, f"{en} is checkmated.", f"{zh}已被将死。", check(board, color).squares)
    if board.turn != color:
        return Fact(
            False, f"It isn't {en}'s turn, and {en} isn't checkmated.", f"没有轮到{zh}走，{zh}没有被将死。", squares
        )
    if not board.is_check():
        return Fact(False, f"{en}'s king isn't even in check.", f"{zh}的王根本没有被将军。", squares)
    move = next(iter(board.legal_moves))
    return Fact(
        False, f"{en} can answer {board.san(move)}.", f"{zh}可以应{board.san(move)}。", (*squares, move.to_square)
    )


def stalemate(board: chess.Board, color: chess.Color | None) -> Fact:
    """Whether the side to move is stalemated."""
    if board.is_stalemate() and color in (None, board.turn):
        en, zh = side(board.turn)
        return Fact(True, f"{en} has no legal move and isn't in check.", f"{zh}没有合法着法，也没有被将军。")
    if board.is_check():
        return Fact(False, "The king is in check.", "王正被将军。", check(board, board.turn).squares)
    move = next(iter(board.legal_moves), None)
    if move is None:
        return Fact(False, "It isn't that side's turn.", "没有轮到那一方走。")
    san = board.san(move)
    return Fact(
        False,
        f"There are legal moves, such as {san}.",
        f"还有合法着法，例如{san}。",
        (move.from_square, move.to_square),
    )


def _behind(board: chess.Board, by: int, square: int) -> int | None:
    """The first piece behind `square` as seen from the line piece on `by`."""
    line = chess.ray(by, square) & ~chess.between(by, square) & ~chess.BB_SQUARES[by] & ~chess.BB_SQUARES[square]
    beyond = [s for s in chess.scan_forward(line) if square in chess.SquareSet(chess.between(by, s))]
    return min((s for s in beyond if board.piece_at(s)), key=lambda s: chess.square_distance(square, s), default=None)


def pins(board: chess.Board, square: int) -> list[tuple[int, int]]:
    """Each (pinning piece, piece behind) of the piece on `square`, the one behind worth more."""
    piece = board.piece_at(square)
    assert piece is not None
    found = []
    for by in board.attackers(not piece.color, square):
        kind = board.piece_type_at(by)
        behind = _behind(board, by, square) if kind in (chess.BISHOP, chess.ROOK, chess.QUEEN) else None
        other = None if behind is None else board.piece_at(behind)
        worth = VALUE[other.piece_type] if other is not None and other.color == piece.color else 0
        if behind is not None and worth > VALUE[piece.piece_type]:
            found.append((by, behind))
    return found


def pinned(board: chess.Board, square: int, by: Sequence[int] | None = None, to: Sequence[int] | None = None) -> Fact:
    """Whether the piece is pinned to its king; to a queen or rook is left open, unless it is said (`to`)."""
    en, zh = name(board, square)
    found = pins(board, square)
    fitting = [(b, t) for b, t in found if (by is None or b in by) and (to is None or t in to)]
    king = [(b, t) for b, t in fitting if board.piece_type_at(t) == chess.KING]
    if king or (fitting and to is not None):
        b, t = (king or fitting)[0]
        (by_en, by_zh), (to_en, to_zh) = name(board, b), name(board, t)
        return Fact(
            True, f"{en} is pinned by {by_en} to {to_en}.", f"{zh}被{by_zh}牵制，身后是{to_zh}。", (square, b, t)
        )
    held = f"{en} isn't pinned to its king."
    return Fact(None if fitting else False, held, f"{zh}没有被牵制在王前。", (square,))


def attacked(board: chess.Board, square: int, by: Sequence[int] | None, color: chess.Color) -> Fact:
    """Whether a piece of `color` (one of `by`, if given) attacks `square`."""
    en, zh = name(board, square)
    attackers = [s for s in board.attackers(color, square) if by is None or s in by]
    if attackers:
        by_en, by_zh = names(board, attackers)
        verb = "attacks" if len(attackers) == 1 else "attack"
        return Fact(True, f"{by_en[0].upper()}{by_en[1:]} {verb} {en}.", f"{by_zh}攻击{zh}。", (square, *attackers))
    if by:
        by_en, by_zh = names(board, by)
        return Fact(False, f"{en} isn't attacked by {by_en}.", f"{by_zh}没有攻击{zh}。", (square, *by))
    who = side(color)
    return Fact(False, f"No piece of {who[0]}'s attacks {en}.", f"{who[1]}没有棋子攻击{zh}。", (square,))


def defended(board: chess.Board, square: int, by: Sequence[int] | None = None) -> Fact:
    """Whether another piece of the same side guards it; open where all that do are pinned."""
    piece = board.piece_at(square)
    assert piece is not None
    en, zh = name(board, square)
    guards = [s for s in board.attackers(piece.color, square) if by is None or s in by]
    if piece.piece_type == chess.KING:
        return Fact(None, f"{en} cannot be defended.", f"{zh}无所谓保护。", (square,))
    if not guards:
        return Fact(False, f"{en} isn't defended.", f"{zh}没有受到保护。", (square, *(by or ())))
    holds = None if all(board.is_pinned(piece.color, s) for s in guards) else True
    by_en, by_zh = names(board, guards)
    return Fact(holds, f"{en} is defended by {by_en}.", f"{zh}有{by_zh}保护。", (square, *guards))


def hanging(board: chess.Board, square: int) -> Fact:
    """Attacked and without a defender; open where it is defended against something cheaper."""
    piece = board.piece_at(square)
    assert piece is not None
    en, zh = name(board, square)
    attackers = list(board.attackers(not piece.color, square))
    guard = defended(board, square)
    if not attackers:
        return Fact(False, f"Nothing attacks {en}.", f"没有棋子攻击{zh}。", (square,))
    if guard.holds is False and not all(board.is_pinned(not piece.color, s) for s in attackers):
        by_en, by_zh = names(board, attackers)
        return Fact(
            True,
            f"{en} is attacked by {by_en} and isn't defended.",
            f"{zh}被{by_zh}攻击，没有保护。",
            (square, *attackers),
        )
    cheapest = min(VALUE[board.piece_type_at(s) or 0] for s in attackers)
    if guard.holds and cheapest >= VALUE[piece.piece_type]:
        return guard._replace(holds=False)
    return guard._replace(holds=None)


def forks(board: chess.Board, square: int, targets: Sequence[Sequence[int]]) -> Fact:
    """Whether the piece on `square` attacks one of each of `targets`; with none given, two that are worth it."""
    piece = board.piece_at(square)
    assert piece is not None
    en, zh = name(board, square)
    reach = board.attacks(square)
    hit = [s for s in reach if board.color_at(s) == (not piece.color)]
    if targets:
        aims = [next((s for s in some if s in reach), None) for some in targets]
        seen = tuple(s for s in aims if s is not None)
        if len(seen) == len(aims) and len(set(seen)) == len(aims):
            on_en, on_zh = names(board, seen)
            return Fact(True, f"{en} attacks {on_en}.", f"{zh}同时攻击{on_zh}。", (square, *seen))
        return Fact(False, f"{en} doesn't attack all of them.", f"{zh}没有同时攻击它们。", (square, *seen))
    worth = [
        s
        for s in hit
        if VALUE[board.piece_type_at(s) or 0] > VALUE[piece.piece_type] or not board.attackers(not piece.color, s)
    ]
    holds = True if len(worth) > 1 else False if len(hit) < 2 else None
    on_en, on_zh = names(board, hit) if hit else ("nothing", "空处")
    return Fact(holds, f"{en} attacks {on_en}.", f"{zh}攻击{on_zh}。", (square, *hit))


def stands(board: chess.Board, ref: Ref, color: chess.Color | None, square: int) -> Fact:
    """Whether a piece as described stands on `square`."""
    en, zh = name(board, square)
    piece = board.piece_at(square)
    holds = piece is not None and ref.piece in (0, piece.piece_type) and color in (None, piece.color)
    if piece is None:
        return Fact(False, f"{chess.square_name(square)} is empty.", f"{chess.square_name(square)}是空的。", (square,))
    return Fact(holds, f"There stands {en}.", f"那里是{zh}。", (square,))


def empty(board: chess.Board, square: int) -> Fact:
    """Whether nothing stands on `square`."""
    found = stands(board, Ref(), None, square)
    return found._replace(holds=not found.holds)


def turned(board: chess.Board, color: chess.Color) -> chess.Board:
    """The position with `color` to move."""
    if board.turn == color:
        return board
    other = board.copy(stack=False)
    other.turn, other.ep_square = color, None
    return other


def castling_right(board: chess.Board, color: chess.Color, short: bool | None) -> Fact:
    """The right to castle (to one side, if `short` says which), whatever stands between for now."""
    en, zh = side(color)
    rights = {True: board.has_kingside_castling_rights(color), False: board.has_queenside_castling_rights(color)}
    holds = any(rights.values()) if short is None else rights[short]
    where = {None: ("", ""), True: (" on the king's side", "王翼"), False: (" on the queen's side", "后翼")}[short]
    verb = ("has", "有") if holds else ("has no", "没有")
    king = board.king(color)
    return Fact(
        holds,
        f"{en} {verb[0]} right to castle{where[0]}.",
        f"{zh}{verb[1]}{where[1]}易位的权利。",
        () if king is None else (king,),
    )


def can_castle(board: chess.Board, color: chess.Color, short: bool | None) -> Fact:
    """Castling at once; open where there is the right, and something in the way."""
    right = castling_right(board, color, short)
    if not right.holds:
        return right
    here = turned(board, color)
    ways = [m for m in here.generate_castling_moves() if short is None or here.is_kingside_castling(m) == short]
    return right._replace(holds=True if ways else None)


def en_passant(board: chess.Board, color: chess.Color | None) -> Fact:
    """Whether a capture en passant is legal now."""
    moves = [m for m in board.generate_legal_ep() if color in (None, board.turn)]
    if moves:
        san = board.san(moves[0])
        return Fact(
            True, f"{san} is legal, en passant.", f"{san}吃过路兵合法。", (moves[0].from_square, moves[0].to_square)
        )
    return Fact(False, "No capture en passant is legal here.", "此时没有合法的吃过路兵。")


def repeated(board: chess.Board, times: int) -> Fact:
    """Whether the position has occurred `times` times."""
    count = next(n for n in (5, 4, 3, 2, 1) if n == 1 or board.is_repetition(n))
    return Fact(count >= times, f"The position has occurred {count} time(s).", f"该局面出现过{count}次。")


def quiet_moves(board: chess.Board, moves: int) -> Fact:
    """Whether each side has made `moves` moves without a capture or a pawn move."""
    clock = board.halfmove_clock
    return Fact(
        clock >= 2 * moves,
        f"The last {clock} moves, of both sides together, were neither captures nor pawn moves.",
        f"最近{clock}步（双方合计）没有吃子，也没有动兵。",
    )


def moves_left(board: chess.Board, color: chess.Color, count: int) -> Fact:
    """Whether `color` has `count` legal moves."""
    legal = list(turned(board, color).legal_moves)
    en, zh = side(color)
    shown = tuple(m.to_square for m in legal[:8])
    return Fact(len(legal) == count, f"{en} has {len(legal)} legal move(s).", f"{zh}有{len(legal)}种合法着法。", shown)


def read_move(board: chess.Board, said: str) -> chess.Move | None:
    """The legal move that SAN or UCI `said` names on `board`, or None."""
    for parse in (board.parse_san, board.parse_uci):
        try:
            move = parse(said.rstrip("+#"))
        except ValueError:
            continue
        if move:
            return move
    return None


def balance(board: chess.Board, color: chess.Color) -> int:
    """How many pawns' worth `color` is ahead."""
    return sum(
        VALUE[kind] * (len(board.pieces(kind, color)) - len(board.pieces(kind, not color))) for kind in range(1, 6)
    )


def ahead(board: chess.Board, color: chess.Color, kind: int, count: int) -> Fact:
    """Whether `color` is ahead by `count` of `kind` (0: a minor piece), in value; open where only the number fits."""
    worth = balance(board, color)
    low = high = count * VALUE[kind]
    if kind == 0:
        low, high = 3 * count, 3 * count + (count == 1)
    more = len(board.pieces(kind, color)) - len(board.pieces(kind, not color)) if kind else 0
    holds: bool | None = low <= worth <= high
    if not holds and kind and more == count and worth > 0:
        holds = None
    return Fact(holds, *worth_told(worth, color))


def worth_told(worth: int, color: chess.Color) -> tuple[str, str]:
    """By how much `color` is ahead in material, in both languages."""
    en, zh = side(color)
    if worth == 0:
        return "Material is equal.", "双方子力相等。"
    if worth > 0:
        return f"{en} is ahead by {worth} in material.", f"{zh}子力多{worth}分。"
    return f"{en} is behind by {-worth} in material.", f"{zh}子力少{-worth}分。"
