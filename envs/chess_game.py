"""Chess, from the start or any valid position, and Chess960, on python-chess.

A game ends by checkmate, stalemate, insufficient material, the fifth repetition and 75 moves without a capture or pawn
move (FIDE 5.2, 9.6). With `claims` it ends already at the third repetition and after fifty moves, as if whoever may
claim always did (9.2, 9.3): otherwise players that cannot claim would shuffle for ever. Moves are named as in UCI;
castling in Chess960 is the king that takes its own rook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import chess
import numpy as np
from numpy.typing import NDArray

from envs.chess_moves import Table, legal_numbers, table
from envs.fen import board_from
from envs.game import EMPTY, FIRST, SECOND, Ints
from envs.lift import Lifted, State

PLANES = 18
"""own and other pawns to kings, en passant, own and other castling on either side, fifty half-moves without capture"""
MAX_PLIES = 2 * 5899
"""of the longest game there can be under the rule of 75 moves"""


@lru_cache(maxsize=1)
def moves() -> tuple[str, ...]:
    """All moves that any piece could make on an empty board, promotions apart: 1,968."""
    names = []
    for source in chess.SQUARES:
        reach = chess.BB_KNIGHT_ATTACKS[source] | _lines(source)
        for target in chess.scan_forward(reach):
            names.append(chess.SQUARE_NAMES[source] + chess.SQUARE_NAMES[target])
            steps = (chess.square_rank(source), chess.square_rank(target))
            if steps in ((6, 7), (1, 0)) and abs(chess.square_file(source) - chess.square_file(target)) < 2:
                names += [names[-1] + piece for piece in "nbrq"]
    return tuple(names)


def _lines(source: chess.Square) -> chess.Bitboard:
    return chess.BB_RANK_ATTACKS[source][0] | chess.BB_FILE_ATTACKS[source][0] | chess.BB_DIAG_ATTACKS[source][0]


@lru_cache(maxsize=1)
def _made() -> tuple[chess.Move, ...]:
    return tuple(chess.Move.from_uci(name) for name in moves())


@lru_cache(maxsize=1)
def _numbers() -> Table:
    return table(moves())


@dataclass(slots=True, eq=False)
class Position:
    """A board without its history, and how often each position has stood there since the last capture or pawn move."""

    board: chess.Board
    seen: tuple[Any, ...] = ()
    """keys of the positions before, of which this one may be a repetition"""
    times: int = 1
    """how often this position has occurred, itself included"""
    legal: list[int] = field(default_factory=list)
    result: tuple[float, float] | None = None

    def __repr__(self) -> str:
        return self.board.fen()

    def __eq__(self, other: object) -> bool:
        """The same board with the same past, as far as it counts."""
        return isinstance(other, Position) and (repr(self), self.seen, self.times) == (
            repr(other),
            other.seen,
            other.times,
        )

    def __hash__(self) -> int:
        return hash((repr(self), self.times))


class ChessRules:
    """One board of chess; see the head of this file."""

    shape = (8, 8)
    max_plies = MAX_PLIES

    def __init__(self, start: str, *, chess960: bool, claims: bool, name: str) -> None:
        self.name, self.claims, self.moves = name, claims, moves()
        self._begin = board_from(start, chess960=chess960)
        self._numbers, self._made = _numbers(), _made()

    def start(self) -> Position:
        return self._position(self._begin.copy(stack=False), (), 1)

    def seat(self, position: Position) -> int:
        return int(not position.board.turn)

    def legal(self, position: Position) -> list[int]:
        return position.legal

    def play(self, position: Position, action: int) -> Position:
        board = position.board.copy(stack=False)
        key = board._transposition_key()
        board.push(self._made[action])
        board.clear_stack()
        seen = (*position.seen, key) if board.halfmove_clock else ()
        after = board._transposition_key() if len(seen) > 3 else None
        return self._position(board, seen, 1 + (seen.count(after) if after is not None else 0))

    def result(self, position: Position) -> tuple[float, float] | None:
        return position.result

    def cells(self, position: Position) -> NDArray[np.int8]:
        board = position.board
        found = np.full(64, EMPTY, np.int8)
        found[_squares(board.occupied_co[chess.WHITE])] = FIRST
        found[_squares(board.occupied_co[chess.BLACK])] = SECOND
        return found.reshape(8, 8)[::-1]

    def letters(self, position: Position) -> list[str]:
        """As in a FEN: capitals are White's."""
        pieces = position.board.piece_map()
        rows = range(56, -8, -8)
        return ["".join(str(pieces.get(first + file, ".")) for file in range(8)) for first in rows]

    def _position(self, board: chess.Board, seen: tuple[Any, ...], times: int) -> Position:
        legal = legal_numbers(board, self._numbers)
        result: tuple[float, float] | None = None
        if not legal:
            won = (1.0, -1.0) if board.turn == chess.BLACK else (-1.0, 1.0)
            result = won if board.is_check() else (0.0, 0.0)
        elif self._drawn(board, times):
            result, legal = (0.0, 0.0), []
        return Position(board, seen, times, legal, result)

    def _drawn(self, board: chess.Board, times: int) -> bool:
        most, clock = (3, 100) if self.claims else (5, 150)
        return times >= most or board.halfmove_clock >= clock or board.is_insufficient_material()


def _squares(mask: chess.Bitboard) -> NDArray[np.bool_]:
    """`[64]`: which bits of a board are set, from a1 on."""
    return np.unpackbits(np.array([mask], np.uint64).view(np.uint8), bitorder="little").view(np.bool_)


class Chess(Lifted):
    """Chess, as a `Game`.

    Args:
        start: a FEN.
        chess960: Fischer's castling.
        claims: the game ends at the third repetition and after fifty moves.

    Raises:
        ValueError: `start` is no position of chess; says why.
    """

    depth = PLANES

    def __init__(self, start: str = chess.STARTING_FEN, *, chess960: bool = False, claims: bool = True) -> None:
        plain = start == chess.STARTING_FEN and not chess960
        name = "chess" if plain else f"{'chess960' if chess960 else 'chess'}:{start}"
        super().__init__(ChessRules(start, chess960=chess960, claims=claims, name=name))

    def planes(self, state: State, seats: Ints) -> NDArray[np.int8]:
        """`[B, 8, 8, PLANES]` as the player in `seats` (`[B]`) sees it: its own side below."""
        colors = [seat == 0 for seat in seats.tolist()]
        masks = [_masks(position.board, color) for position, color in zip(state.position, colors, strict=True)]
        bits = np.unpackbits(np.array(masks, np.uint64).view(np.uint8), bitorder="little").view(np.int8)
        found = bits.reshape(-1, PLANES, 8, 8).transpose(0, 2, 3, 1)
        # the own side is below: bits begin with White's first rank
        if all(colors):
            return found[:, ::-1]
        return np.where(np.array(colors)[:, None, None, None], found[:, ::-1], found) if any(colors) else found


def _masks(board: chess.Board, color: chess.Color) -> list[chess.Bitboard]:
    """The planes as `color` sees them, each as the bits of its squares."""
    own, other = board.occupied_co[color], board.occupied_co[not color]
    pawns, knights, bishops = board.pawns, board.knights, board.bishops
    rooks, queens, kings = board.rooks, board.queens, board.kings
    ep = 0 if board.ep_square is None else chess.BB_SQUARES[board.ep_square]
    return [
        *(pawns & own, knights & own, bishops & own, rooks & own, queens & own, kings & own),
        *(pawns & other, knights & other, bishops & other, rooks & other, queens & other, kings & other, ep),
        *(chess.BB_ALL if has(side) else 0 for side in (color, not color) for has in _rights(board)),
        chess.BB_ALL if board.halfmove_clock >= 50 else 0,
    ]


def _rights(board: chess.Board) -> tuple[Callable[[chess.Color], bool], Callable[[chess.Color], bool]]:
    return board.has_kingside_castling_rights, board.has_queenside_castling_rights


def chess_named(name: str) -> Chess:
    """The game of this name: `chess`, `chess:FEN`, `chess960:FEN` or `chess960:NUMBER`.

    Raises:
        ValueError: it is no such name; says what is wrong.
    """
    kind, _, start = name.partition(":")
    if kind not in ("chess", "chess960"):
        raise ValueError(f"{name[:80]!a} is no game of chess: chess, chess:FEN, chess960:NUMBER or chess960:FEN")
    if kind == "chess":
        return Chess(start or chess.STARTING_FEN)
    if start.isascii() and start.isdecimal() and len(start) < 4 and int(start) < 960:
        return Chess(chess.Board.from_chess960_pos(int(start)).fen(), chess960=True)
    if not start or start.isdecimal():
        raise ValueError(f"{name[:80]!a}: positions of Chess960 are numbered 0 to 959")
    return Chess(start, chess960=True)
