"""Openings to begin tournaments with: balanced lines that everybody knows, or a file of the user's."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import chess
import chess.pgn

from envs.fen import board_from

MAX_FILE = 4 << 20
"""bytes of a file of openings"""
MAX_OPENINGS = 1000
MAX_PLIES = 40
RESULTS = ("*", "1-0", "0-1", "1/2-1/2")

BALANCED = (
    "e4 e5 Nf3 Nc6 Bb5 a6", "e4 e5 Nf3 Nc6 Bc4 Bc5", "e4 c5 Nf3 d6 d4 cxd4", "e4 e6 d4 d5 Nc3 Nf6",
    "e4 c6 d4 d5 exd5 cxd5", "d4 d5 c4 e6 Nc3 Nf6", "d4 d5 c4 c6 Nf3 Nf6", "d4 Nf6 c4 g6 Nc3 Bg7",
    "d4 Nf6 c4 e6 Nc3 Bb4", "c4 e5 Nc3 Nf6 Nf3 Nc6", "Nf3 d5 g3 Nf6 Bg2 e6", "e4 e5 Nf3 Nf6 Nxe5 d6",
    "e4 d5 exd5 Qxd5 Nc3 Qa5", "d4 f5 g3 Nf6 Bg2 e6", "e4 e5 Nc3 Nf6 f4 d5", "d4 d5 Nf3 Nf6 Bf4 e6",
)  # fmt: skip


def balanced() -> list[list[chess.Move]]:
    """The built-in lines, as moves from the start."""
    return [_line(line.split(), chess.Board()) for line in BALANCED]


def digest(openings: Sequence[tuple[int, ...]]) -> str:
    """The same for the same openings in the same order, as actions, and no other."""
    return hashlib.sha256(repr(list(openings)).encode()).hexdigest()


def openings_of(path: Path, start: chess.Board) -> list[list[chess.Move]]:
    """The openings in a file: PGN (each game's first moves), or one line of moves each, SAN or UCI.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too large, or holds no opening that can be played; names the line or game.
    """
    if path.stat().st_size > MAX_FILE:
        raise ValueError(f"{path} has more than {MAX_FILE >> 20} MB; openings take less")
    text = path.read_text(encoding="utf-8", errors="replace")
    found = _of_pgn(path, text, start) if "[" in text[:200] else _of_lines(path, text, start)
    if not found:
        raise ValueError(f"{path} holds no opening")
    return found


def _of_lines(path: Path, text: str, start: chess.Board) -> list[list[chess.Move]]:
    found = []
    for number, line in enumerate(text.splitlines()[:MAX_OPENINGS], 1):
        # `1.e4 e5 2. Nf3 *`: numbers, glued on or not, and results are no moves
        words = re.sub(r"(?<!\S)\d+\.+", " ", line.partition("#")[0]).split()
        words = [word for word in words if not word.isdecimal() and word not in RESULTS]
        if not words:
            continue
        try:
            found.append(_line(words[:MAX_PLIES], start))
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error!s:.120}") from None
    return found


def _of_pgn(path: Path, text: str, start: chess.Board) -> list[list[chess.Move]]:
    found: list[list[chess.Move]] = []
    source = io.StringIO(text)
    while len(found) < MAX_OPENINGS:
        # main lines only: a reader of variations could be sent as deep as a file likes
        game = chess.pgn.read_game(source, Visitor=_MainLine)
        if game is None:
            return found
        board, moves, fault = game
        if fault or board != start:
            raise ValueError(f"{path}, game {len(found) + 1}: {fault or 'it begins from another position'}")
        for move in moves:
            board.push(move)
        if board.is_game_over():
            raise ValueError(f"{path}, game {len(found) + 1}: with {moves[-1].uci()} the game is over already")
        if moves:
            found.append(moves)
    return found


class _MainLine(chess.pgn.BaseVisitor[tuple[chess.Board, list[chess.Move], str]]):
    def begin_game(self) -> None:
        self.start = chess.Board()
        self.moves: list[chess.Move] = []
        self.fault = ""

    def visit_header(self, tagname: str, tagvalue: str) -> None:
        if tagname == "FEN":
            try:
                self.start = board_from(tagvalue)
            except ValueError as error:
                self.fault = str(error)

    def begin_variation(self) -> chess.pgn.SkipType:
        return chess.pgn.SKIP

    def visit_move(self, board: chess.Board, move: chess.Move) -> None:
        if len(self.moves) < MAX_PLIES:
            self.moves.append(move)

    def handle_error(self, error: Exception) -> None:
        self.fault = self.fault or f"{error!s:.100}"

    def result(self) -> tuple[chess.Board, list[chess.Move], str]:
        return self.start, self.moves, self.fault


def _line(words: list[str], start: chess.Board) -> list[chess.Move]:
    """Moves in SAN or UCI.

    Raises:
        ValueError: one is not legal, or the last one ends the game; names it.
    """
    board = start.copy()
    for word in words:
        try:
            board.push_san(word)
        except ValueError:
            try:
                board.push_uci(word)
            except ValueError:
                raise ValueError(f"{word[:40]!a} is no legal move in {board.fen()}") from None
    if board.is_game_over():
        raise ValueError(f"with {words[-1][:40]!a} the game is over already")
    return board.move_stack[len(start.move_stack) :]
