"""Positions of random games in which somebody speaks, and rare ones: games that are over, repetitions, endings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import NamedTuple

import chess

from tests.chess_positions import ended, moments


class Scene(NamedTuple):
    before: chess.Board
    after: chess.Board
    """the very same one where the speaker has not moved"""
    speaker: chess.Color


def scenes(seed: int) -> Iterator[Scene]:
    """Half of them after the speaker's move, the other half before it; games that are over and rare ones between."""
    for batch in count():
        yield from _batch(seed + 1000 * batch)


@cache
def _batch(seed: int) -> list[Scene]:
    chance = random.Random(seed)
    games = [moment.board for moment in moments(seed, 60) if chess.Move.null() not in moment.board.move_stack]
    over = [moment.board for moment in ended(seed, 1) if chess.Move.null() not in moment.board.move_stack]
    boards = [*games, *over, *_one_move_on(games), *_repeated(games, chance), *_endings(chance)]
    return [_scene(board, chance) for board in chance.sample(boards, len(boards))]


def _scene(board: chess.Board, chance: random.Random) -> Scene:
    # a game that is over is spoken of by the one who ended it
    if not board.move_stack or (chance.random() < 0.5 and not board.is_game_over()):
        return Scene(board, board, board.turn)
    before = board.copy()
    before.pop()
    return Scene(before, board, before.turn)


def _repeated(games: list[chess.Board], chance: random.Random) -> Iterator[chess.Board]:
    """Both sides go to and fro until a position has come twice, or thrice."""
    for game in chance.sample(games, 10):
        board, times = game.copy(), chance.choice((2, 3))
        for ply in range(4 * (times - 1)):
            quiet = list(board.generate_legal_moves(board.knights | board.bishops | board.queens))
            quiet = [move for move in quiet if not board.is_zeroing(move) and not board.gives_check(move)]
            if ply % 4 > 1:
                last = board.move_stack[-2]
                quiet = [
                    move for move in quiet if (move.from_square, move.to_square) == (last.to_square, last.from_square)
                ]
            if not quiet:
                break
            board.push(chance.choice(quiet))
        if board.is_repetition(times):
            yield board


def _endings(chance: random.Random) -> Iterator[chess.Board]:
    """Long ones without a capture; king and pawn against king."""
    for clock in (chance.randrange(12, 80, 2), chance.randrange(100, 149)):
        board = chess.Board("8/5k2/8/3r4/8/2K5/6R1/8 w - - 0 90")
        for _ in range(6):
            quiet = [move for move in board.legal_moves if not board.gives_check(move) and not board.is_capture(move)]
            board.push(chance.choice(quiet or list(board.legal_moves)))
        yield chess.Board(f"{board.board_fen()} w - - {clock} 120")
    for _ in range(16):
        board = chess.Board(None)
        pawn = chess.square(chance.randrange(8), chance.randrange(2, 6))
        board.set_piece_at(pawn, chess.Piece.from_symbol("P"))
        free = [square for square in chess.SQUARES if square != pawn]
        for symbol, square in zip("Kk", chance.sample(free, 2), strict=True):
            board.set_piece_at(square, chess.Piece.from_symbol(symbol))
        board.turn = chance.random() < 0.5
        if board.is_valid():
            yield board if chance.random() < 0.5 else board.mirror()


def _one_move_on(games: list[chess.Board]) -> Iterator[chess.Board]:
    """One move from those of `games`: with a capture en passant, with one legal move."""
    for game in games:
        for move in list(game.legal_moves):
            game.push(move)
            rare = game.has_legal_en_passant() or (game.is_check() and game.legal_moves.count() == 1)
            board = game.copy() if rare else None
            game.pop()
            if board is not None:
                yield board
                break
