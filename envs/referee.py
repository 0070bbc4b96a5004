"""The chess referee: what the Laws of Chess say of an answer, in a position with its history.

A pure function. It reads one answer, strictly (`envs.notation`), asks python-chess which legal moves it fits
(`envs.fitting`), and where it fits none finds the law that it breaks first (`envs.offences`). No word of a player
reaches it but the answer, and no answer changes what is legal.

Where the notation does not name the square that the move comes from, an illegal move's is inferred: of the pieces that
can be meant, the one from which the move is nearest to a legal one (`NEAREST`), then the one that attacks the target,
then the one closest to it. All of them are named in the ruling, with the reason.
"""

from __future__ import annotations

from dataclasses import replace

import chess

from envs.departures import departures
from envs.fitting import by_squares, fitting, standing
from envs.laws import LAWS, PIECES, SIDES, Said, legal, worded
from envs.notation import MAX_MOVE, SHORT, Reading, read
from envs.offences import Offence, castling_offence, in_order, offence
from envs.ruling import LEGAL, Ruling

KINDS: dict[str, tuple[str, ...]] = {
    "no_move": (),
    "syntax": (),
    "ambiguous": (),
    "null": (),
    "game_over": ("checkmate", "stalemate", "insufficient_material", "seventyfive_moves", "fivefold_repetition"),
    "missing_piece": ("resurrected",),
    "empty_source": ("stale", "resurrected", "never"),
    "opponent_piece": ("out_of_turn",),
    "castling": ("no_right", "blocked", "in_check", "through_check", "into_check"),
    "promotion": ("missing", "not_last_rank", "to_king_or_pawn"),
    "king_safety": ("still_in_check", "king_into_attack", "pinned"),
    "pawn_as_knight": (),
    "pawn": ("push_blocked", "diagonal_without_capture", "double_step", "sideways", "backward", "other"),
    "en_passant_expired": (),
    "own_capture": (),
    "geometry": ("as_knight", "other"),
    "path_blocked": (),
}
"""Classes of answers that are no legal move, with their sub-classes; the first that holds is the verdict.

A legal move that was read only after repairs is of the kind `legal`, with its `repairs`: a fault of notation alone.
"""
NEAREST = (
    *("king_safety", "castling", "promotion", "en_passant_expired", "own_capture", "path_blocked"),
    *("pawn/push_blocked", "pawn/double_step", "pawn/diagonal_without_capture", "pawn_as_knight", "geometry/as_knight"),
    *("pawn/sideways", "pawn/backward", "pawn", "geometry"),
)
"""Offences by how near the move is to a legal one, nearest first."""

_LETTERS = " PNBRQK"


def rule(board: chess.Board, answer: str) -> Ruling:
    """The ruling on one answer of the player to move.

    Args:
        board: the position with its history (`move_stack`; a null move in it is a turn that was passed). It is not
            changed, not even for a moment: other threads may read it.
        answer: what the player answered; any text at all.
    """
    reading = read(answer)
    if reading.fault:
        return _ruling(board, Offence(reading.fault, facts=_asked(board, answer)), reading)
    found = fitting(board, reading)
    if len(found) > 1:
        return _ambiguous(board, found, reading, answer)
    over = _over(board, movable=bool(found))
    if over:
        return _ruling(board, Offence("game_over", over, facts=_asked(board, answer)), reading)
    return _legal(board, found[0], reading) if found else _illegal(board, reading)


def _legal(board: chess.Board, move: chess.Move, reading: Reading) -> Ruling:
    piece, san = move.promotion or board.piece_type_at(move.from_square) or 0, written(board, move)
    marks = []
    if reading.capture and "x" not in san:
        marks.append("capture")
    if reading.passant and not board.is_en_passant(move):
        marks.append("en passant")
    if reading.check and san[-1] not in "+#":
        marks.append("check")
    if reading.mate and san[-1] != "#":
        marks.append("mate")
    en, zh = legal(san, marks)
    squares = (chess.SQUARE_NAMES[move.from_square], chess.SQUARE_NAMES[move.to_square])
    repairs = reading.repairs
    if reading.piece == chess.KING and san.startswith(SHORT):
        repairs = (*repairs, f"the king's move to {chess.SQUARE_NAMES[reading.target]} was read as {san.rstrip('+#')}")
    if reading.piece == chess.PAWN and reading.capture and reading.file is None and "x" in san:
        repairs = (*repairs, f"the pawn's capture on {squares[1]} was read as {san.rstrip('+#')}")
    return Ruling(LEGAL, "", move.uci(), _LETTERS[piece], san, en, zh, "", squares, repairs, (), tuple(marks))


def written(board: chess.Board, move: chess.Move) -> str:
    """A legal move in standard notation: what `board.san(move)` says, but that moves on the board and takes longer."""
    source, target, side = move.from_square, move.to_square, board.turn
    piece, after = board.piece_type_at(source) or chess.PAWN, board.copy(stack=False)
    alike = board.pieces_mask(piece, side) & ~chess.BB_SQUARES[source]
    if piece == chess.KING or (piece != chess.PAWN and alike and alike & board.attackers_mask(side, target)):
        return after.san(move)
    if piece == chess.PAWN:
        how = f"{chess.FILE_NAMES[source % 8]}x" if (source - target) % 8 else ""
    else:
        how = _LETTERS[piece] + ("x" if chess.BB_SQUARES[target] & board.occupied else "")
    become = f"={_LETTERS[move.promotion]}" if move.promotion else ""
    after.push(move)
    mark = "" if not after.is_check() else "+" if any(after.generate_legal_moves()) else "#"
    return f"{how}{chess.SQUARE_NAMES[target]}{become}{mark}"


def _over(board: chess.Board, *, movable: bool) -> str:
    """How the game ended before this move, as `board.outcome()` has it; quick where a legal move is known."""
    stuck = not movable and not any(board.generate_legal_moves())
    if stuck and board.is_check():
        return "checkmate"
    if board.is_insufficient_material():
        return "insufficient_material"
    if stuck:
        return "stalemate"
    if board.halfmove_clock >= 150:
        return "seventyfive_moves"
    # what is older than the last capture or move of a pawn cannot have been the same
    if _returned(board) and board.copy(stack=board.halfmove_clock).is_fivefold_repetition():
        return "fivefold_repetition"
    return ""


def _returned(board: chess.Board) -> bool:
    """Whether this position can have stood on the board before: what came with the last move must have left once."""
    quiet = board.halfmove_clock
    if quiet < 8 or not board.move_stack:
        return False
    last = board.move_stack[-1]
    return not last or any(move.from_square == last.to_square for move in board.move_stack[-quiet:])


def _ambiguous(board: chess.Board, found: list[chess.Move], reading: Reading, answer: str) -> Ruling:
    after, sources = board.copy(stack=False), {move.from_square: move for move in found}
    order = in_order(board.turn, chess.SquareSet(sources).mask)
    sans = {chess.SQUARE_NAMES[source]: after.san(sources[source]) for source in order}
    facts = {**_asked(board, answer), "moves": Said(" or ".join(sans.values()), "、".join(sans.values()))}
    ruling = _ruling(board, Offence("ambiguous", facts=facts), reading)
    candidates = tuple((at, f"not chosen: {san} is legal, and so is another") for at, san in sans.items())
    return replace(ruling, squares=(chess.SQUARE_NAMES[reading.target], *sans), candidates=candidates)


def _illegal(board: chess.Board, reading: Reading) -> Ruling:
    source, target, promotion, named = reading.source, reading.target, reading.promotion, reading.piece
    if reading.castling:
        return _ruling(board, castling_offence(board, short=reading.castling == SHORT), reading)
    if named is None:
        assert source is not None, "no piece is named only where two squares are"
        return _ruling(board, offence(board, source, target, promotion, onto_rook=True), reading)
    there = standing(board, reading)
    if there:
        # one that stands on the target already is meant only if there is no other
        there = there & ~chess.BB_SQUARES[target] or there
        return _inferred(board, reading, in_order(board.turn, there))
    others = board.pieces_mask(named, board.turn)
    if source not in (None, target) and others and board.color_at(source) != board.turn:
        found = offence(board, source, target, promotion, onto_rook=False)
        return _ruling(board, replace(found, piece=named), reading)
    return _ruling(board, _missing(board, reading, named), reading)


def _inferred(board: chess.Board, reading: Reading, sources: tuple[int, ...]) -> Ruling:
    """The ruling where it is told which piece moves, but not all of the square that it comes from."""
    target = reading.target
    offences = {at: offence(board, at, target, reading.promotion, onto_rook=False) for at in sources}

    def distance(source: int) -> tuple[int, bool, int]:
        found = offences[source]
        near = next(place for place, key in enumerate(NEAREST) if key in (found.key, found.kind))
        attacked = bool(board.attacks_mask(source) & chess.BB_SQUARES[target])
        return near, not attacked, (source % 8 - target % 8) ** 2 + (source // 8 - target // 8) ** 2

    best = min(sources, key=distance)
    ruling = _ruling(board, offences[best], reading)
    if reading.source is not None:
        return ruling
    if len(sources) == 1:
        return replace(ruling, candidates=((chess.SQUARE_NAMES[best], "chosen: no other piece can be meant"),))
    why = {True: "chosen, the move is nearest to a legal one from here: ", False: "not chosen: "}
    reasons = [(at, why[at == best] + worded(found.key, found.facts).en) for at, found in offences.items()]
    return replace(ruling, candidates=tuple((chess.SQUARE_NAMES[at], reason) for at, reason in reasons))


def _missing(board: chess.Board, reading: Reading, piece: int) -> Offence:
    """The player has no such piece, or none where the answer says: one that is accepted comes out of nothing."""
    side, file, rank = board.turn, reading.file, reading.rank
    place, gone = (
        Said("", ""),
        [gone for gone in departures(board) if gone.captured and (gone.color, gone.piece) == (side, piece)],
    )
    if board.pieces_mask(piece, side):
        # a pawn that names no file stays on the one it goes to
        file = reading.target % 8 if file is None and piece == chess.PAWN else file
        gone = [at for at in gone if file in (None, at.square % 8) and rank in (None, at.square // 8)]
        place = _place(file, rank)
    facts: dict[str, Said | str] = {
        "side": SIDES[side],
        "piece": PIECES[piece],
        "place": place,
        "t": chess.SQUARE_NAMES[reading.target],
    }
    if gone:
        facts["gone"] = chess.SQUARE_NAMES[gone[-1].square]
    by = tuple(at.square for at in gone[-1:])
    sub = "resurrected" if gone else ""
    return Offence("missing_piece", sub, by, facts, source=reading.target, target=reading.target, piece=piece)


def _place(file: int | None, rank: int | None) -> Said:
    if file is not None and rank is not None:
        square = chess.square_name(chess.square(file, rank))
        return Said(f" on {square}", f"在 {square} ")
    if file is not None:
        return Said(f" on the {chess.FILE_NAMES[file]}-file", f"在 {chess.FILE_NAMES[file]} 线上")
    return Said("", "") if rank is None else Said(f" on rank {rank + 1}", f"在第 {rank + 1} 横线上")


def _asked(board: chess.Board, answer: str) -> dict[str, Said | str]:
    text = answer.strip()
    shown = repr(text[:MAX_MOVE]) + ("…" if len(text) > MAX_MOVE else "")
    return {"side": SIDES[board.turn], "text": shown}


def _ruling(board: chess.Board, found: Offence, reading: Reading) -> Ruling:
    law, (en, zh) = LAWS[found.key], worded(found.key, found.facts)
    uci = letter = ""
    named: list[int] = []
    if found.source is not None and found.target is not None:
        named = [found.source, found.target]
        uci = chess.SQUARE_NAMES[found.source] + chess.SQUARE_NAMES[found.target]
        uci += chess.piece_symbol(reading.promotion) if reading.promotion else ""
        letter = _LETTERS[reading.promotion or found.piece or 0].strip()
        kept = None if reading.promotion == board.piece_type_at(found.source) else reading.promotion
        if by_squares(board, found.source, found.target, kept):
            # a legal move leaves the same men on the same squares: what was meant cannot be told by them
            uci = letter = ""
    squares = tuple(dict.fromkeys(chess.SQUARE_NAMES[square] for square in (*named, *found.by)))
    article = found.article or law.article
    return Ruling(found.kind, found.sub, uci, letter, "", en, zh, article, squares, reading.repairs)
