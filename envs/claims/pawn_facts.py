"""What is true of a pawn: passed, isolated, doubled, and whether it can be stopped."""

from __future__ import annotations

import chess

from envs.claims.facts import Fact, name
from envs.king_and_pawn import wins


def pawn_trait(board: chess.Board, square: int, trait: str) -> Fact:
    """Whether the pawn is `passed`, `isolated` or `doubled`."""
    piece = board.piece_at(square)
    assert piece is not None
    en, zh = name(board, square)
    file, rank = chess.square_file(square), chess.square_rank(square)
    own, other = board.pieces(chess.PAWN, piece.color), board.pieces(chess.PAWN, not piece.color)
    if piece.piece_type != chess.PAWN:
        return Fact(False, f"{en} is no pawn.", f"{zh}不是兵。", (square,))
    if trait == "passed":
        against = [
            s
            for s in other
            if abs(chess.square_file(s) - file) < 2
            and (chess.square_rank(s) > rank if piece.color else chess.square_rank(s) < rank)
        ]
        why = (
            ("no pawn of the other side stands before it", "前方没有对方的兵"),
            ("a pawn of the other side stands before it", "前方有对方的兵"),
        )
        holds = not against
    elif trait == "isolated":
        against = [s for s in own if abs(chess.square_file(s) - file) == 1]
        why = (
            ("no pawn stands on a file beside it", "相邻的线上没有己方的兵"),
            ("a pawn stands on a file beside it", "相邻的线上有己方的兵"),
        )
        holds = not against
    else:
        against = [s for s in own if s != square and chess.square_file(s) == file]
        why = (
            ("another pawn stands on its file", "同一条线上还有己方的兵"),
            ("no other pawn stands on its file", "同一条线上没有别的己方的兵"),
        )
        holds = bool(against)
    because_en, because_zh = why[0] if holds else why[1]
    return Fact(holds, f"{en}: {because_en}.", f"{zh}：{because_zh}。", (square, *against))


def cannot_be_stopped(board: chess.Board, square: int) -> Fact:
    """King and pawn against king is known exactly; else the rule of the square: a lone king that comes too late.

    Open (None) in every other case, except where the pawn can simply be taken.
    """
    color = board.color_at(square)
    en, zh = name(board, square)
    assert color is not None
    takers = [m for m in board.legal_moves if m.to_square == square] if board.turn != color else []
    if takers:
        san = board.san(takers[0])
        return Fact(False, f"{san} takes {en}.", f"{san}就吃掉{zh}。", (square, takers[0].from_square))
    file, rank = chess.square_file(square), chess.square_rank(square)
    last = 7 if color else 0
    goal, king = chess.square(file, last), board.king(not color)
    way = [chess.square(file, r) for r in range(min(rank, last), max(rank, last) + 1) if r != rank]
    steps = abs(last - rank) - (rank == (1 if color else 6))
    lone = board.occupied_co[not color] == board.kings & board.occupied_co[not color]
    if king is not None and chess.popcount(board.occupied) == 3 and board.king(color) is not None:
        holds = wins(board)
        told = ("wins", "必胜") if holds else ("does not win", "不能取胜")
        return Fact(
            holds,
            f"King and pawn against king: {en} {told[0]} with best play.",
            f"王兵对单王：{zh}在最佳应对下{told[1]}。",
            (square, king, goal),
        )
    if king is None or not lone or any(board.piece_at(s) for s in way):
        return Fact(
            None,
            f"Whether {en} can be stopped is more than the rule of the square tells.",
            f"{zh}能否被阻止，单凭正方形法则无法判断。",
            (square,),
        )
    reach = chess.square_distance(king, goal) - (board.turn != color)
    if reach > steps:
        return Fact(
            True,
            f"By the rule of the square the king on {chess.square_name(king)} is too late for {en}.",
            f"按正方形法则，{chess.square_name(king)}的王追不上{zh}。",
            (square, king, goal),
        )
    return Fact(
        None,
        f"The king on {chess.square_name(king)} is within the square of {en}.",
        f"{chess.square_name(king)}的王在{zh}的正方形之内。",
        (square, king, goal),
    )
