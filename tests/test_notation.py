"""Readings of answers: every spelling of a legal move is that move, what is changed is told, nothing else is a move."""

from __future__ import annotations

from collections import Counter

import chess
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.notation import MAX_MOVE, Reading, read
from envs.referee import rule
from tests.chess_positions import CASTLES, PAWNS, moments

FIGURES = dict(zip("KQRBN", "♔♕♖♗♘", strict=True))
BLACK_FIGURES = dict(zip("KQRBN", "♚♛♜♝♞", strict=True))
CHINESE = dict(zip("KQRBN", "王后车象马", strict=True))
TRADITIONAL = dict(zip("KQRBN", "王后車相馬", strict=True))
WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}


def named(san: str, names: dict[str, str]) -> str:
    return "".join(names.get(sign, sign) for sign in san)


def spellings(board: chess.Board, move: chess.Move) -> dict[str, bool]:
    """Ways to write a legal move, and whether something has to be changed to read them."""
    san = board.san(move)
    if board.is_castling(move):
        short = san.rstrip("+#") == "O-O"
        zeros, small = san.replace("O", "0"), san.replace("O", "o")
        chinese = f"王车{'短' if short else '长'}易位"
        apart = [text.replace("-", " - ") for text in (san, zeros)]
        return dict.fromkeys((zeros, small, chinese, chinese[2:], f"{san}!", f"5. {zeros}", f"5{san}", *apart), True)
    found = {san: False, move.uci(): False, san.rstrip("+#"): False, f" {san}\n": False}
    found |= {f"{number}{san}": True for number in ("12.", "12. ", "12...", "12… ", "...", "12 ", "3) ", "1")}
    found |= {f"{san}{comment}": True for comment in ("!", "??", "!?", " !", ".", "。", " $14")}
    found |= {f"{left}{san}{right}": True for left, right in ("**", "``", '""', "()", "“”", "「」")}
    found |= {named(san, WIDE): True, f"\ufeff{san}\u200b": True, san.replace("x", " x "): "x" in san}
    found[board.lan(move)] = False
    if san[0] in FIGURES:
        for names in (FIGURES, BLACK_FIGURES, CHINESE, TRADITIONAL):
            found[named(san, names)] = True
        found[named(san, CHINESE).replace("x", "吃")] = True
        found[f"{san[0]} {san[1:]}"] = True
    else:
        found |= {f"P{san}": True, f"♙{san}": True, f"兵{san}": True, f"卒 {san}": True}
    if "x" in san:
        found |= {san.replace("x", sign): True for sign in ("×", ":", "X", "吃")} | {san.replace("x", ""): False}
    if "=" in san:
        piece = san[san.index("=") + 1]
        found |= {san.replace("=", ""): False, san.replace(f"={piece}", f"({piece})"): True}
        found |= {san.replace(f"={piece}", f"={piece.lower()}"): True, san.replace("=", "/"): True}
        found |= {san.replace("=", "升变"): True, named(san, CHINESE).replace("=", "升变为"): True}
    if board.is_en_passant(move):
        found |= {f"{san}{passant}": True for passant in (" e.p.", "e.p.", " (e.p.)", " ep")}
    if san.endswith("#"):
        found |= {san.replace("#", mate): True for mate in ("‡", "将死")}
    if san.endswith("+"):
        found |= {san.replace("+", "将军"): True, san.replace("+", " +"): True, san.replace("+", "+!"): True}
    if move.promotion is None:
        found[move.uci()[:2] + "-" + move.uci()[2:]] = False
    return found


def test_every_spelling_of_a_legal_move() -> None:
    seen: set[str] = set()
    found = (*moments(31, 40), *moments(32, 40, starts=PAWNS), *moments(33, 15, starts=CASTLES, plies=6))
    for moment in found:
        board = moment.board
        if board.outcome() is not None:
            continue
        for move in (*list(board.legal_moves)[:12], *board.generate_legal_ep(), *board.generate_castling_moves()):
            san = board.san(move)
            seen |= {sign for sign in ("x", "=", "+", "#", "O-O-O", "O-O", "N") if sign in san}
            seen |= {"e.p."} if board.is_en_passant(move) else set()
            for text, changed in spellings(board, move).items():
                ruling = rule(board, text)
                assert (ruling.kind, ruling.uci, ruling.false_marks) == ("legal", move.uci(), ()), (
                    text,
                    board.fen(),
                    ruling,
                )
                assert bool(ruling.repairs) == changed, (text, ruling.repairs)
    assert len(seen) == 8


def test_a_pawn_that_captures_without_its_file_is_the_only_one_that_can() -> None:
    counted: Counter[int] = Counter()
    for moment in moments(34, 150, starts=PAWNS):
        board = moment.board
        if board.outcome() is not None:
            continue
        takes = [move for move in board.legal_moves if board.is_capture(move) and board.san(move)[0] in "abcdefgh"]
        for move in takes:
            alike = [other for other in takes if (other.to_square, other.promotion) == (move.to_square, move.promotion)]
            ruling, san = rule(board, board.san(move)[1:]), board.san(move)
            counted[len(alike)] += 1
            if len(alike) > 1:
                assert ruling.kind == "ambiguous", (board.fen(), san)
                assert len(ruling.candidates) == len(alike)
            else:
                assert (ruling.uci, ruling.false_marks) == (move.uci(), ()), (board.fen(), san)
                assert ruling.repairs[-1].endswith(f"was read as {san.rstrip('+#')}")
    assert min(counted[1], counted[2]) > 5, counted
    # where nothing can be taken, the pawn goes ahead and the capture is false
    assert rule(chess.Board(), "xe4").false_marks == ("capture",)
    assert rule(chess.Board("4k3/8/8/3pp3/4P3/8/8/4K3 w - - 0 1"), "xe5").kind == "pawn"
    assert rule(chess.Board("4k3/8/8/3p4/1K2P2r/8/8/8 w - - 0 1"), "xd5").sub == "pinned"


def test_case_is_never_folded() -> None:
    for file in "abcdefgh":
        for target in ("b4", "c5", "d6"):
            assert read(f"{file}x{target}").piece == chess.PAWN
            assert read(f"{file.upper()}x{target}") == (Reading("syntax") if file != "b" else read(f"Bx{target}"))
    assert read("Bxc5").piece == chess.BISHOP
    for text in ("nf3", "NF3", "E4", "E2E4", "qd4", "kxe2", "o-O-0x"):
        assert read(text).fault == "syntax", text


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("e4", Reading(piece=chess.PAWN, target=chess.E4)),
        ("bxc5+", Reading(piece=chess.PAWN, file=1, target=chess.C5, capture=True, check=True)),
        ("R1xa3#", Reading(piece=chess.ROOK, rank=0, target=chess.A3, capture=True, mate=True)),
        ("Ng1-f3", Reading(piece=chess.KNIGHT, file=6, rank=0, target=chess.F3)),
        ("e7e8n", Reading(file=4, rank=6, target=chess.E8, promotion=chess.KNIGHT)),
        ("O-O-O++", Reading(castling="O-O-O", check=True)),
        ("e8=K", Reading(piece=chess.PAWN, target=chess.E8, promotion=chess.KING)),
        ("1e4", Reading(piece=chess.PAWN, target=chess.E4, repairs=("the move number '1' was left out",))),
        ("P1e4", Reading("syntax")),
        ("1xe4", Reading("syntax")),
        ("10-0", Reading("syntax")),
        ("--", Reading("null")),
        ("…", Reading("no_move")),
        ("the bishop takes on c5", Reading("syntax")),
    ],
)
def test_readings(text: str, reading: Reading) -> None:
    assert read(text) == reading


def test_repairs_are_sentences_that_name_what_was_changed() -> None:
    assert read("12. ♘f3!?").repairs == (
        "'12. ♘f3!?' was written '12. Nf3!?', in plain letters",
        "the move number '12.' was left out",
        "'!?' behind the move was left out",
    )
    assert read("车a1吃a8").repairs == ("'车a1吃a8' was written 'Ra1xa8', with letters for the Chinese words",)
    assert read("0-0").repairs == ("'0-0' was read as O-O",)


@given(st.text(alphabet="KQRBNPabcdefghox0123456789=+#!?-().: \n马車吃升变♘Ｎ\u200b\ud800", max_size=2 * MAX_MOVE))
def test_a_move_is_read_again_as_itself(text: str) -> None:
    """What comes out of the repairs, written plainly, is the same move."""
    found = read(text)
    if found.fault:
        assert found == Reading(found.fault)
        return
    letter = "" if found.piece in (None, chess.PAWN) else chess.piece_symbol(found.piece or 0).upper()
    file = "" if found.file is None else chess.FILE_NAMES[found.file]
    rank = "" if found.rank is None else str(found.rank + 1)
    plain = found.castling
    if not plain:
        promotion = f"={chess.piece_symbol(found.promotion).upper()}" if found.promotion else ""
        plain = f"{letter}{file}{rank}{'x' * found.capture}{chess.square_name(found.target)}{promotion}"
    again = read(plain + "+" * found.check + "#" * found.mate)
    if not (found.piece == chess.PAWN and found.file is not None and found.rank is not None):
        assert again == Reading(**{name: getattr(found, name) for name in Reading.__slots__ if name != "repairs"})
