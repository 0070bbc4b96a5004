"""Positions of chess from random play, and what each move in them is, by definition.

The definitions are written here once more, from the words of the specification, with python-chess and geometry, and
know nothing of `envs`: Black's cases are those of White on the mirrored board, and what became of a piece is told by
looking at every position of the game.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

import chess

STARTS = (
    chess.STARTING_FEN,
    "r3k2r/pppq1ppp/2npbn2/2b1p3/2B1P3/2NPBN2/PPPQ1PPP/R3K2R w KQkq - 0 1",
    "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
    "r3k2r/1b4bq/8/8/8/8/7B/R3K2R w KQkq - 0 1",
    "r3k2r/p4p1p/8/1Q1n4/1q1N4/8/P4P1P/R3K2R w KQkq - 0 1",
    "n1n5/PPPk4/8/8/8/8/4Kppp/5N1N b - - 0 1",
    "4k3/pppppppp/8/8/8/8/PPPPPPPP/4K3 w - - 0 1",
    "rnbqkbnr/p1p1pppp/8/1p1pP3/8/8/PPPP1PPP/RNBQKBNR w KQkq d6 0 3",
    "4k2r/8/8/4r3/1b6/2N1R3/3PP3/R3K3 w Qk - 0 1",
    "8/8/8/8/4k3/8/3QK3/8 w - - 0 1",
    "7k/8/5K2/8/8/8/8/R5Q1 w - - 0 1",
    "8/8/3k4/8/8/2bK4/8/8 b - - 0 1",
    "8/6p1/4k3/8/5r2/8/1P2K3/2N5 w - - 3 40",
)
CASTLES = (
    "r3k2r/pppq1ppp/2npbn2/2b1p3/2B1P3/2NPBN2/PPPQ1PPP/R3K2R w KQkq - 0 1",
    "r3k2r/1b4bq/8/8/8/8/7B/R3K2R w KQkq - 0 1",
    "r3k2r/p4p1p/8/1Q1n4/1q1N4/8/P4P1P/R3K2R w KQkq - 0 1",
    "r3k2r/8/1B1r4/8/8/6R1/1b6/R3K2R b KQkq - 0 1",
)
PAWNS = ("n1n5/PPPk4/8/8/8/8/4Kppp/5N1N b - - 0 1", "4k3/p1p1p1p1/8/1P1P1P1P/p1p1p1p1/8/1P1P1P1P/4K3 w - - 0 1")
MATES = ("8/8/8/8/4k3/8/3QK3/8 w - - 0 1", "7k/8/5K2/8/8/8/8/R5Q1 w - - 0 1", "8/8/3k4/8/8/2bK4/8/8 b - - 0 1")
STYLES: tuple[Callable[[chess.Board, chess.Move], bool], ...] = (
    lambda board, move: True,
    # kings and rooks stay at home, where they may castle
    lambda board, move: board.piece_type_at(move.from_square) not in (chess.KING, chess.ROOK),
    lambda board, move: board.is_capture(move),
    lambda board, move: board.piece_type_at(move.from_square) == chess.PAWN,
)


class Moment(NamedTuple):
    board: chess.Board
    """with its history"""
    past: list[chess.Board]
    """every position of the game without its history, this one last"""


def moments(
    seed: int, number: int, *, starts: tuple[str, ...] = STARTS, plies: int = 60, chess960: bool = False
) -> Iterator[Moment]:
    """`number` positions of random games, about every third of each."""
    chance, found = random.Random(f"{seed} {chess960}"), 0
    while True:
        board = _start(chance, starts, chess960)
        style, past = chance.choice(STYLES), [board.copy(stack=False)]
        for _ in range(plies):
            if chance.random() < 1 / 3 or not any(board.legal_moves):
                yield Moment(board.copy(), [*past])
                found += 1
                if found == number:
                    return
            moves = list(board.legal_moves)
            if not moves or board.is_insufficient_material():
                break
            if chance.random() < 0.02 and not board.is_check():
                board.push(chess.Move.null())
            else:
                liked = [move for move in moves if style(board, move)] if chance.random() < 0.8 else []
                board.push(chance.choice(liked or moves))
            past.append(board.copy(stack=False))


def _start(chance: random.Random, starts: tuple[str, ...], chess960: bool) -> chess.Board:
    if not chess960:
        return chess.Board(chance.choice(starts if chance.random() < 0.6 or len(starts) < 5 else starts[:1]))
    board = chess.Board.from_chess960_pos(chance.randrange(960))
    for square in chess.SQUARES:
        # an open board, on which one castles soon
        if board.piece_type_at(square) not in (chess.KING, chess.ROOK) and chance.random() < 0.6:
            board.remove_piece_at(square)
    return board if board.is_valid() else chess.Board.from_chess960_pos(chance.randrange(960))


def ended(seed: int, number: int) -> Iterator[Moment]:
    """Games that are over, `number` for each of the five ways."""
    chance, left = random.Random(seed), dict.fromkeys(("mate", "stalemate", "material", "slow", "repetition"), number)

    def found(way: str, board: chess.Board) -> Iterator[Moment]:
        if left[way] and board.outcome() is not None:
            left[way] -= 1
            yield Moment(board, [board])

    for moment in moments(seed, 100 * number, plies=30):
        slow, shuffled = moment.board.copy(stack=False), moment.board.copy()
        if moment.board.outcome() is None and (left["slow"] or left["repetition"]):
            slow.halfmove_clock = 150
            yield from found("slow", slow)
            if _shuffle(shuffled, chance):
                yield from found("repetition", shuffled)
    while left["mate"] or left["stalemate"] or left["material"]:
        board = chess.Board(chance.choice(MATES))
        while board.outcome() is None and board.ply() < 150:
            board.push(chance.choice(list(board.legal_moves)))
        way = "mate" if board.is_checkmate() else "material" if board.is_insufficient_material() else "stalemate"
        if way != "stalemate" or board.is_stalemate():
            yield from found(way, board)


def _shuffle(board: chess.Board, chance: random.Random) -> bool:
    """Both sides go to and fro until the position has stood there five times, if they can."""
    there: list[chess.Move] = []
    for _ in range(2):
        pieces = board.knights | board.bishops | board.queens
        quiet = [move for move in board.generate_legal_moves(pieces) if not board.is_zeroing(move)]
        if not quiet:
            return False
        there.append(chance.choice(quiet))
        board.push(there[-1])
    back = [chess.Move(move.to_square, move.from_square) for move in there]
    for move in (*back, *3 * (*there, *back)):
        if not board.is_legal(move) or board.outcome() is not None:
            return False
        board.push(move)
    return board.is_fivefold_repetition()


def tries(moment: Moment, chance: random.Random) -> list[chess.Move]:
    """Moves of every kind from square to square, most of them illegal."""
    board = moment.board
    legal, pseudo = list(board.legal_moves), list(board.pseudo_legal_moves)
    moves = chance.sample(legal, min(4, len(legal))) + [move for move in pseudo if not board.is_legal(move)][:6]
    own, theirs = (
        list(chess.SquareSet(board.occupied_co[board.turn])),
        list(chess.SquareSet(board.occupied_co[not board.turn])),
    )
    for source in chance.choices(own, k=8):
        moves.append(chess.Move(source, chance.randrange(64)))
        near = [to for to in chess.SQUARES if 0 < chess.square_distance(source, to) < 3]
        moves += [chess.Move(source, chance.choice(near)), chess.Move(source, chance.choice(own))]
    moves += [chess.Move(chance.choice(theirs), chance.randrange(64)) for _ in range(2)]
    left = [move.from_square for move in board.move_stack] + [move.to_square for move in board.move_stack]
    free = [square for square in chess.SQUARES if not board.piece_at(square)]
    moves += [
        chess.Move(source, chance.randrange(64)) for source in (*chance.choices(left or free, k=3), chance.choice(free))
    ]
    king = board.king(board.turn)
    if king is not None and king in (chess.E1, chess.E8):
        moves += [
            chess.Move(king, king + 2),
            chess.Move(king, king - 2),
            chess.Move(king, king + 3),
            chess.Move(king, king - 4),
        ]
    for pawn in board.pieces(chess.PAWN, board.turn):
        ahead = pawn + (8 if board.turn else -8)
        sides = [to for to in (ahead - 1, ahead + 1) if chess.square_distance(pawn, to) == 1]
        moves += [chess.Move(pawn, to, chance.choice((None, 1, 5, 6))) for to in (ahead, *sides) if to // 8 in (0, 7)]
        beside = [chess.square(to % 8, pawn // 8) for to in sides]
        passed = [board.piece_at(square) == chess.Piece(chess.PAWN, not board.turn) for square in beside]
        moves += [
            chess.Move(pawn, to) for to, likely in zip(sides, passed, strict=True) if likely or chance.random() < 0.4
        ]
    moves += [chess.Move(move.from_square, move.to_square, chance.randint(1, 6)) for move in moves[:2]]
    return [move for move in dict.fromkeys(moves) if move.from_square != move.to_square]


def legal(board: chess.Board, move: chess.Move) -> bool:
    """What python-chess says of a move.

    It has two names for castling in Chess960, of which `parse_uci` knows both, `is_legal` one; but `parse_uci` does not
    see that a king cannot be promoted.
    """
    if board.is_legal(move):
        return True
    try:
        return move.promotion is None and bool(board.parse_uci(move.uci()))
    except ValueError:
        return False


def kinds(moment: Moment) -> Callable[[chess.Move], tuple[str, str]]:
    """What tells the class and sub-class of moves in a position of standard chess, from the definitions."""
    board, outcome = moment.board, moment.board.outcome()
    whites = moment
    if board.turn == chess.BLACK:
        whites = Moment(board.copy(stack=False).mirror(), [past.mirror() for past in moment.past])
    fields = board.fen().split()
    fields[1], fields[3] = "b" if board.turn else "w", "-"
    flipped = chess.Board(" ".join(fields))

    def kind(move: chess.Move) -> tuple[str, str]:
        source, target = move.from_square, move.to_square
        if outcome is not None:
            return "game_over", outcome.termination.name.lower()
        if legal(board, move):
            return "legal", ""
        if board.piece_at(source) is None:
            return "empty_source", fate(moment, source)
        if board.color_at(source) != board.turn:
            return "opponent_piece", "out_of_turn" if legal(flipped, move) else ""
        if board.turn == chess.BLACK:
            move = chess.Move(chess.square_mirror(source), chess.square_mirror(target), move.promotion)
        return _white(whites, move)

    return kind


def fate(moment: Moment, square: int) -> str:
    """Of a square that is empty: what became of the last piece there of the player to move."""
    color = moment.board.turn
    for before, after in zip(moment.past[-2::-1], moment.past[:0:-1], strict=True):
        if before.color_at(square) == color and after.color_at(square) != color:
            return "stale" if before.turn == color else "resurrected"
    return "never"


def _white(moment: Moment, move: chess.Move) -> tuple[str, str]:
    board, source, target = moment.board, move.from_square, move.to_square
    piece, onto = board.piece_at(source), board.piece_at(target)
    assert piece is not None
    files, ranks = target % 8 - source % 8, target // 8 - source // 8
    rook = onto == chess.Piece(chess.ROOK, chess.WHITE) and target in (chess.A1, chess.H1)
    if (
        piece.piece_type == chess.KING
        and source == chess.E1
        and (target in (chess.C1, chess.G1) or rook)
        and not move.promotion
    ):
        return "castling", _castling(board, target > source)
    pawn, leaps = piece.piece_type == chess.PAWN, files**2 + ranks**2 == 5
    if move.promotion and not (pawn and ranks and target >= chess.A8):
        return "promotion", "not_last_rank"
    if move.promotion in (chess.PAWN, chess.KING):
        return "promotion", "to_king_or_pawn"
    if pawn and not move.promotion and chess.Move(source, target, chess.QUEEN) in list(board.pseudo_legal_moves):
        return "promotion", "missing"
    if move in list(board.pseudo_legal_moves):
        return "king_safety", _exposed(board, move)
    if pawn:
        return _pawn(moment, move, files, ranks)
    empty = chess.Board(None)
    empty.set_piece_at(source, piece)
    if target not in empty.attacks(source):
        return "geometry", "as_knight" if leaps else "other"
    return ("own_capture", "") if onto and onto.color == chess.WHITE else ("path_blocked", "")


def _castling(board: chess.Board, short: bool) -> str:
    right = (
        board.has_kingside_castling_rights(chess.WHITE) if short else board.has_queenside_castling_rights(chess.WHITE)
    )
    between = "f1 g1" if short else "b1 c1 d1"
    if not right:
        return "no_right"
    if any(board.piece_at(chess.parse_square(square)) for square in between.split()):
        return "blocked"
    king_goes = (chess.E1, chess.F1, chess.G1) if short else (chess.E1, chess.D1, chess.C1)
    attacked = [board.is_attacked_by(chess.BLACK, square) for square in king_goes]
    return ("in_check", "through_check", "into_check")[attacked.index(True)]


def _exposed(board: chess.Board, move: chess.Move) -> str:
    if move.from_square == board.king(chess.WHITE):
        return "king_into_attack"
    checkers, after = set(board.checkers()), board.copy(stack=False)
    after.push(move)
    king = after.king(chess.WHITE)
    assert king is not None
    return "still_in_check" if checkers & set(after.attackers(chess.BLACK, king)) else "pinned"


def _pawn(moment: Moment, move: chess.Move, files: int, ranks: int) -> tuple[str, str]:
    board, source, target = moment.board, move.from_square, move.to_square
    match abs(files), ranks:
        case (1, 2) | (1, -2) | (2, 1) | (2, -1):
            return "pawn_as_knight", ""
        case 0, 1:
            return "pawn", "push_blocked"
        case 0, 2:
            return "pawn", "push_blocked" if source // 8 == 1 else "double_step"
        case 1, 1 if board.piece_at(target):
            return "own_capture", ""
        case 1, 1:
            # the pawn that could be taken has stood there since its double step
            victim = chess.square(target % 8, source // 8)
            since = [past for past in moment.past if past.ep_square == target and past.turn == board.turn]
            stood = since and all(
                past.piece_at(victim) == chess.Piece(chess.PAWN, chess.BLACK)
                for past in moment.past[[past is since[-1] for past in moment.past].index(True) :]
            )
            return ("en_passant_expired", "") if stood else ("pawn", "diagonal_without_capture")
        case _, 0:
            return "pawn", "sideways"
        case _, back if back < 0:
            return "pawn", "backward"
    return "pawn", "other"
