"""Legal moves of chess as numbers of `envs.chess_game.moves`, faster than by making a `Move` of each.

The truth is python-chess, with which this is compared in lockstep. Where the king is not in check, a piece that stands
between it and nothing may go wherever it reaches, one that is pinned only along the line, and the king where nothing
attacks; castling, captures en passant and every answer to a check are left to python-chess.
"""

from __future__ import annotations

from collections.abc import Sequence

import chess

Table = Sequence[Sequence[int]]


def table(names: Sequence[str]) -> Table:
    """`[64][76]`: the number of each move by its squares; behind them promotions, four for each way to the last rank.

    `64 + 4 * (file step + 1) + 0..3` are those to knight, bishop, rook and queen.
    """
    found = [[-1] * 76 for _ in range(64)]
    for number, name in enumerate(names):
        move = chess.Move.from_uci(name)
        if move.promotion is None:
            found[move.from_square][move.to_square] = number
        else:
            step = chess.square_file(move.to_square) - chess.square_file(move.from_square)
            found[move.from_square][64 + 4 * (step + 1) + move.promotion - chess.KNIGHT] = number
    return found


def legal_numbers(board: chess.Board, by: Table) -> list[int]:
    """The legal moves on `board`."""
    turn = board.turn
    king = board.king(turn)
    if king is None or board.checkers_mask():
        return [_number(move, by) for move in board.generate_legal_moves()]
    own, occupied = board.occupied_co[turn], board.occupied
    blockers = board._slider_blockers(king)
    found: list[int] = []
    pieces = own & ~board.pawns & ~board.kings
    while pieces:
        bit = pieces & -pieces
        pieces ^= bit
        square = bit.bit_length() - 1
        targets = board.attacks_mask(square) & ~own
        if bit & blockers:
            targets &= chess.BB_RAYS[king][square]
        row = by[square]
        while targets:
            target = targets & -targets
            targets ^= target
            found.append(row[target.bit_length() - 1])
    row = by[king]
    targets = chess.BB_KING_ATTACKS[king] & ~own
    while targets:
        target = targets & -targets
        targets ^= target
        square = target.bit_length() - 1
        if not board.attackers_mask(not turn, square, occupied):
            found.append(row[square])
    _pawns(board, own & board.pawns, king, blockers, by, found)
    if board.castling_rights & (chess.BB_RANK_1 if turn else chess.BB_RANK_8):
        found += [_number(move, by) for move in board.generate_castling_moves()]
    if board.ep_square is not None:
        found += [_number(move, by) for move in board.generate_legal_ep()]
    return found


def _pawns(
    board: chess.Board, pawns: chess.Bitboard, king: int, blockers: chess.Bitboard, by: Table, found: list[int]
) -> None:
    """Pushes, captures and promotions; a capture en passant is another matter."""
    turn, occupied = board.turn, board.occupied
    other = board.occupied_co[not turn]
    forward, start, last = (8, chess.BB_RANK_2, chess.BB_RANK_8) if turn else (-8, chess.BB_RANK_7, chess.BB_RANK_1)
    while pawns:
        bit = pawns & -pawns
        pawns ^= bit
        square = bit.bit_length() - 1
        targets = chess.BB_PAWN_ATTACKS[turn][square] & other
        push = 1 << (square + forward)
        if not push & occupied:
            targets |= push
            if bit & start and not (two := 1 << (square + 2 * forward)) & occupied:
                targets |= two
        if bit & blockers:
            targets &= chess.BB_RAYS[king][square]
        row = by[square]
        while targets:
            target = targets & -targets
            targets ^= target
            to = target.bit_length() - 1
            if target & last:
                first = 64 + 4 * ((to & 7) - (square & 7) + 1)
                found += row[first : first + 4]
            else:
                found.append(row[to])


def _number(move: chess.Move, by: Table) -> int:
    if move.promotion is None:
        return by[move.from_square][move.to_square]
    step = (move.to_square & 7) - (move.from_square & 7)
    return by[move.from_square][64 + 4 * (step + 1) + move.promotion - chess.KNIGHT]
