"""Is this move legal in this position, and if not, which law of chess does it break?

The question is the beginning of a FEN (board, side to move, castling, en passant) and a move as UCI writes it; the
answer `legal` or the first that holds of `LAWS`. The reasoning looks at the board in the order of the Laws, and only
as far as it needs to: the piece `e2=P` (`.` for none), the piece on the target, its way `P:0,2` in files and ranks
towards the opponent's side, the squares between, the right to castle, and who attacks the king after the move
(`e1<-` nobody, `e1<a5b4` the pieces on a5 and b4).

Positions are taken from random games. python-chess says what is legal; every law has moves that break it and no law
before it. Articles of the FIDE Laws of Chess (2023) in `LAWS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from envs.grading import answer_fault
from envs.problem import PARTIAL, Grade, Task
from envs.random_streams import stream_keys, uniform

if TYPE_CHECKING:
    import chess

LEGAL = "legal"
LAWS = {
    "empty-source": "3.1",
    "opponent-piece": "1.2",
    "geometry": "3.2",
    "own-capture": "3.1",
    "path-blocked": "3.5",
    "promotion": "3.7.3",
    "king-safety": "3.9",
    "castling": "3.8",
    "en-passant": "3.7.3",
}
"""What can be wrong with a move, and the article that says so."""
LEVELS = (6, 7, 8, 10)
"""How many of `legal` and the laws are asked for at each level."""
_ANSWERS = (LEGAL, *LAWS)
_GAMES, _PLIES, _EVERY = 128, 100, 4
_SHOWN = 80


class Candidate(NamedTuple):
    position: str
    move: str
    answer: str
    trace: str


class ChessRules:
    name = "chess-rules"
    title = "Rules of chess"
    levels = len(LEVELS)
    draws = 2
    partial = PARTIAL

    def task(self, level: int, draws: Sequence[float]) -> Task:
        found = candidates()[_ANSWERS[int(draws[0] * LEVELS[level - 1])]]
        position, move, answer, trace = found[int(draws[1] * len(found))]
        # a position belongs to one split, whatever is asked of it
        return Task(f"{position} {move}", answer, trace, None, position)

    def grade(self, task: Task, body: str, answer: str) -> Grade:
        wanted, lines = task.solution.split("\n"), body.strip("\n").split("\n")
        valid = next((row for row, line in enumerate(wanted) if lines[row : row + 1] != [line]), len(wanted))
        fault = ""
        if valid < len(lines) and lines != [""]:
            code = "false_step" if valid < len(wanted) else "idle_steps"
            fault = f"{code} line {valid + 1}: {ascii(lines[valid][:_SHOWN])[1:-1]}"[:200]
        elif valid < len(wanted):
            fault = "not_finished" if valid else "no_steps"
        right = answer == task.answer
        return Grade(right, not fault, valid / len(wanted), fault or ("" if right else answer_fault(answer)))


def law(board: chess.Board, move: chess.Move) -> tuple[str, list[str]]:
    """`legal` or the law that the move breaks first, and the lines of the board that show it."""
    import chess

    name, piece = chess.square_name, board.piece_at(move.from_square)
    lines = [f"{name(move.from_square)}={piece.symbol() if piece else '.'}"]
    if piece is None:
        return "empty-source", lines
    if piece.color != board.turn:
        return "opponent-piece", lines
    target = board.piece_at(move.to_square)
    lines.append(f"{name(move.to_square)}={target.symbol() if target else '.'}")
    forward = 1 if board.turn else -1
    files = chess.square_file(move.to_square) - chess.square_file(move.from_square)
    ranks = (chess.square_rank(move.to_square) - chess.square_rank(move.from_square)) * forward
    lines.append(f"{piece.symbol()}:{files},{ranks}")
    home = move.from_square == (chess.E1 if board.turn else chess.E8)
    if piece.piece_type == chess.KING and abs(files) == 2 and not ranks and home:
        return _castling(board, move, lines)
    if piece.piece_type == chess.PAWN:
        fault = _pawn(board, move, files, ranks, lines)
    else:
        empty = chess.Board(None)
        empty.set_piece_at(move.from_square, piece)
        if move.to_square not in empty.attacks(move.from_square):
            return "geometry", lines
        fault = _onto(board, move) or _path(board, move, lines)
    if fault:
        return fault, lines
    last = piece.piece_type == chess.PAWN and chess.square_rank(move.to_square) in (0, 7)
    if last != (move.promotion is not None):
        return "promotion", lines
    after = board.copy(stack=False)
    after.push(move)
    king = after.king(board.turn)
    assert king is not None
    attacked = _attackers(after, king, lines)
    return "king-safety" if attacked else LEGAL, lines


def _pawn(board: chess.Board, move: chess.Move, files: int, ranks: int, lines: list[str]) -> str:
    import chess

    start = chess.square_rank(move.from_square) == (1 if board.turn else 6)
    if abs(files) == 1 and ranks == 1:
        if board.piece_at(move.to_square):
            return _onto(board, move)
        lines.append(f"ep={chess.square_name(board.ep_square) if board.ep_square is not None else '-'}")
        return "" if board.ep_square == move.to_square else "en-passant"
    if files or not (ranks == 1 or (ranks == 2 and start)):
        return "geometry"
    return "path-blocked" if board.piece_at(move.to_square) else _path(board, move, lines)


def _onto(board: chess.Board, move: chess.Move) -> str:
    return "own-capture" if board.color_at(move.to_square) == board.turn else ""


def _path(board: chess.Board, move: chess.Move, lines: list[str]) -> str:
    """Looks at the squares between, from the piece on, up to the first that is taken."""
    import chess

    between = list(chess.SquareSet.between(move.from_square, move.to_square))
    for square in between if move.from_square < move.to_square else between[::-1]:
        piece = board.piece_at(square)
        lines.append(f"{chess.square_name(square)}={piece.symbol() if piece else '.'}")
        if piece:
            return "path-blocked"
    return ""


def _attackers(board: chess.Board, square: int, lines: list[str]) -> bool:
    """Who of those who do not own what stands there attack it; with nobody there, of those who are to move not."""
    import chess

    owner = board.color_at(square)
    enemy = not (board.turn if owner is None else owner)
    found = "".join(chess.square_name(other) for other in board.attackers(enemy, square))
    lines.append(f"{chess.square_name(square)}<{found or '-'}")
    return bool(found)


def _castling(board: chess.Board, move: chess.Move, lines: list[str]) -> tuple[str, list[str]]:
    """The right, the squares between king and rook, and the king's own squares on the way."""
    import chess

    short = move.to_square > move.from_square
    right = board.has_kingside_castling_rights(board.turn) if short else board.has_queenside_castling_rights(board.turn)
    lines.append(f"{'O-O' if short else 'O-O-O'}={'yes' if right else 'no'}")
    rook = move.from_square + (3 if short else -4)
    if not right or _path(board, chess.Move(move.from_square, rook), lines):
        return "castling", lines
    step = 1 if short else -1
    for square in (move.from_square, move.from_square + step, move.to_square):
        if _attackers(board, square, lines):
            return "castling", lines
    return LEGAL, lines


@lru_cache(maxsize=1)
def candidates() -> dict[str, list[Candidate]]:
    """Moves for each answer, in positions of random games; made once in each process, in about two seconds."""
    found: dict[str, list[Candidate]] = {answer: [] for answer in _ANSWERS}
    for board, chance in _positions():
        position = " ".join(board.fen(en_passant="fen").split()[:4])
        for move in _tries(board, chance):
            answer, lines = law(board, move)
            found[answer].append(Candidate(position, move.uci(), answer, "\n".join(lines)))
    return found


def _positions() -> Iterator[tuple[chess.Board, list[float]]]:
    """Positions of random games, and chance for what is asked there."""
    import chess

    for game in range(_GAMES):
        board, chance = chess.Board(), uniform(stream_keys(20, game), 2 * _PLIES).tolist()
        for ply in range(_PLIES):
            moves = list(board.legal_moves)
            if not moves:
                break
            if game % 2:
                # kings and rooks that stay at home keep the right to castle
                moves = [
                    m for m in moves if board.piece_type_at(m.from_square) not in (chess.KING, chess.ROOK)
                ] or moves
            board.push(moves[int(chance[ply] * len(moves))])
            if ply % _EVERY == _EVERY - 1 and not board.is_game_over():
                yield board, uniform(stream_keys(21, game, ply), 32).tolist()


def _tries(board: chess.Board, chance: list[float]) -> list[chess.Move]:
    """A few moves of many kinds: legal ones, all that only the king forbids, castling, promotions and random ones."""
    import chess

    legal, home = list(board.legal_moves), chess.E1 if board.turn else chess.E8
    moves = [legal[int(chance[k] * len(legal))] for k in range(4)]
    pawns = [move for move in legal if board.piece_type_at(move.from_square) == chess.PAWN]
    if pawns:
        one = pawns[int(chance[4] * len(pawns))]
        moves.append(chess.Move(one.from_square, one.to_square, None if one.promotion else 2 + int(chance[5] * 4)))
    moves += [move for move in board.pseudo_legal_moves if not board.is_castling(move) and not board.is_legal(move)][:4]
    if board.king(board.turn) == home:
        moves += [chess.Move(home, home + 2), chess.Move(home, home - 2)]
    own, theirs = (list(chess.SquareSet(board.occupied_co[color])) for color in (board.turn, not board.turn))
    free = list(chess.SquareSet(~board.occupied & chess.BB_ALL))
    for k, squares in enumerate((free, theirs, own, own, own, own), 6):
        moves.append(chess.Move(squares[int(chance[k] * len(squares))], int(chance[k + 8] * 64)))
    sliders = [square for square in own if board.piece_type_at(square) in (chess.BISHOP, chess.ROOK, chess.QUEEN)]
    for k, square in enumerate(sliders[:4], 22):
        reach = list(
            chess.SquareSet(
                chess.BB_RANK_ATTACKS[square][0] | chess.BB_FILE_ATTACKS[square][0] | chess.BB_DIAG_ATTACKS[square][0]
            )
        )
        moves.append(chess.Move(square, reach[int(chance[k] * len(reach))]))
    for square in board.pieces(chess.PAWN, board.turn):
        ahead = square + (8 if board.turn else -8)
        if chess.square_rank(ahead) in (0, 7):
            moves.append(chess.Move(square, ahead))
        side = ahead + (1 if chance[28] < 0.5 else -1)
        if chess.square_distance(square, side) == 1 and not board.piece_at(side):
            moves.append(chess.Move(square, side))
            break
    # python-chess takes a king that goes onto its own rook for castling in Chess960
    odd = [
        move for move in moves if move.from_square == move.to_square or (_onto(board, move) and board.is_castling(move))
    ]
    return [move for move in dict.fromkeys(moves) if move not in odd]
