"""The referee's ruling as a whole: the famous cases, what only a text can say, mirrored boards, any text at all."""

from __future__ import annotations

import random
from collections import Counter

import chess
import pytest

from envs.referee import NEAREST, rule
from tests.chess_positions import PAWNS, Moment, kinds, moments

FEW = 20


def after(moves: str, fen: str = chess.STARTING_FEN) -> chess.Board:
    board = chess.Board(fen)
    for move in moves.split():
        board.push_san(move)
    return board


BAIT = after("e4 d5 exd5 e5 dxe6 Qe7")
ROOKLESS = after("e4 b6 Qf3 Bb7 Ba6 Nc6 Bxb7 Nd4 Qd3 Ne2 Bxa8 Qxa8 Kxe2")
FIFTH = "4k3/8/8/3pP3/8/8/P7/4K3"
HOME = "4k3/8/8/8/8/8/8/4K2R w K - 0 1"
EXPIRED = after("e4 a6 e5 d5 a3 a5")


@pytest.mark.parametrize(
    ("board", "answer", "kind", "sub", "uci", "piece", "squares"),
    [
        # the pawn on e6 is pinned by the queen that steps in front of the king's
        (BAIT, "exf7", "king_safety", "pinned", "e6f7", "P", "e6 f7 e7 e1"),
        (BAIT, "exf7+", "king_safety", "pinned", "e6f7", "P", "e6 f7 e7 e1"),
        (BAIT, "e6f7", "king_safety", "pinned", "e6f7", "P", "e6 f7 e7 e1"),
        # a pawn from b7 takes on c5 as a knight would, and so the bishop's move is another
        (after("e4 e6 d4 d5 dxc5", "rnbqkbnr/pp1ppppp/8/2p5/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"),
         "bxc5", "pawn_as_knight", "", "b7c5", "P", "b7 c5"),
        (ROOKLESS, "Rb8", "path_blocked", "", "h8b8", "R", "h8 b8 g8"),
        (chess.Board("4k3/8/8/8/8/8/8/R3K3 w - - 0 1"), "Ra1", "geometry", "other", "a1a1", "R", "a1"),
        (after("Nf3", "7k/8/8/8/8/8/8/4K1NR w - - 0 1"), "Ra8", "missing_piece", "", "a8a8", "R", "a8"),
        (EXPIRED, "exd6", "en_passant_expired", "", "e5d6", "P", "e5 d6 d5"),
        (EXPIRED, "exd6 e.p.", "en_passant_expired", "", "e5d6", "P", "e5 d6 d5"),
        (after("e4 e5"), "O-O", "castling", "blocked", "e1g1", "K", "e1 g1 f1"),
        (chess.Board("4kr2/8/8/8/8/8/8/4K2R w K - 0 1"), "0-0", "castling", "through_check", "e1g1", "K", "e1 g1 f8"),
        (chess.Board("4k1r1/8/8/8/8/8/8/4K2R w K - 0 1"), "O-O", "castling", "into_check", "e1g1", "K", "e1 g1 g8"),
        (chess.Board("4r1k1/8/8/8/8/8/8/4K2R w K - 0 1"), "Kg1", "castling", "in_check", "e1g1", "K", "e1 g1 e8"),
        (after("Ke2 Kd7 Ke1 Ke8", HOME), "O-O", "castling", "no_right", "e1g1", "K", "e1 g1"),
        (chess.Board("8/P7/8/8/8/8/8/k1K5 w - - 0 1"), "a8", "promotion", "missing", "a7a8", "P", "a7 a8"),
        (chess.Board("8/P7/8/8/8/8/8/k1K5 w - - 0 1"), "a8=K", "promotion", "to_king_or_pawn", "a7a8k", "K", "a7 a8"),
        (chess.Board(), "e4=Q", "promotion", "not_last_rank", "e2e4q", "Q", "e2 e4"),
        (chess.Board(), "Nf6", "geometry", "other", "g1f6", "N", "g1 f6"),
        (after("e4"), "Nf3", "geometry", "other", "g8f3", "N", "g8 f3"),
        (after("e4"), "g1f3", "opponent_piece", "out_of_turn", "g1f3", "N", "g1 f3"),
        (after("e4 e5"), "e2e4", "empty_source", "stale", "e2e4", "P", "e2 e4"),
        (after("e4 d5 exd5 Qxd5"), "d5e7", "opponent_piece", "", "d5e7", "Q", "d5 e7"),
        (after("e4 d5 exd5 Qxd5 a3 Qe5 Qe2"), "d5d4", "empty_source", "stale", "d5d4", "Q", "d5 d4 e5"),
        (after("e4 d5 exd5 Qxd5 a3 Qe5"), "d5d6", "empty_source", "resurrected", "d5d6", "P", "d5 d6"),
        (chess.Board(), "Ra1a8", "path_blocked", "", "a1a8", "R", "a1 a8 a2"),
        (chess.Board(), "Ra4a5", "empty_source", "never", "a4a5", "R", "a4 a5"),
        # what an accepted move out of nothing is called afterwards
        (chess.Board(), "Ra8a8", "missing_piece", "", "a8a8", "R", "a8"),
        (chess.Board(), "Pe4e4", "missing_piece", "", "e4e4", "P", "e4"),
        # a bishop stands where a rook is said to: the rook would come out of nothing
        (chess.Board(), "Rc1c5", "missing_piece", "", "c5c5", "R", "c5"),
        (chess.Board(), "Nb8c6", "opponent_piece", "out_of_turn", "b8c6", "N", "b8 c6"),
        # the rook steps between king and bishop, and lets another one in
        (chess.Board("4k3/8/8/8/3b4/8/8/KR5r w - - 0 1"), "Rb2", "king_safety", "pinned", "b1b2", "R", "b1 b2 h1 a1"),
        (chess.Board("4k3/8/8/8/3b4/8/8/KR6"), "Rf1", "king_safety", "still_in_check", "b1f1", "R", "b1 f1 d4 a1"),
        # before the first move that is known here a pawn went two squares
        (after("a3 Kf8", FIFTH + " w - d6"), "exd6", "en_passant_expired", "", "e5d6", "P", "e5 d6 d5"),
        (after("a3 Kf8", FIFTH), "exd6", "pawn", "diagonal_without_capture", "e5d6", "P", "e5 d6"),
        (chess.Board("4k3/8/8/8/8/8/4P3/4K3 w - - 149 99"), "e4", "legal", "", "e2e4", "P", "e2 e4"),
        (chess.Board("4k3/8/8/8/8/8/4P3/4K3 w - - 150 99"), "e4", "game_over", "seventyfive_moves", "", "", ""),
        # nearest to a legal move: of two rooks that would be queens, the one that could go there
        (chess.Board("4k3/1R6/8/8/8/8/8/R3K3 w - - 0 1"), "Ra7=Q", "promotion", "not_last_rank", "b7a7q", "Q", "b7 a7"),
        (chess.Board("8/4k3/8/8/8/8/1R6/R3K3 w - - 0 1"), "Rd1=Q", "promotion", "not_last_rank", "a1d1q", "Q", "a1 d1"),
        (chess.Board(), "I play the bishop", "syntax", "", "", "", ""),
        (chess.Board(), "nf3", "syntax", "", "", "", ""),
        (chess.Board(), "1. e4 e5", "syntax", "", "", "", ""),
        (chess.Board(), "", "no_move", "", "", "", ""),
        (chess.Board(), "I refuse to move.", "no_move", "", "", "", ""),
        (chess.Board(), "0000", "null", "", "", "", ""),
        (chess.Board("4k3/8/8/8/8/8/8/RN2K1N1 w - - 0 1"), "Nd2", "legal", "", "b1d2", "N", "b1 d2"),
        (chess.Board("4k3/8/8/8/8/5N2/8/RN2K3 w - - 0 1"), "Nd2", "ambiguous", "", "", "", "d2 b1 f3"),
        (after("f3 e5 g4 Qh4"), "Kf2", "game_over", "checkmate", "", "", ""),
    ],
)  # fmt: skip
def test_cases(board: chess.Board, answer: str, kind: str, sub: str, uci: str, piece: str, squares: str) -> None:
    ruling = rule(board, answer)
    assert (ruling.kind, ruling.sub, ruling.uci, ruling.piece) == (kind, sub, uci, piece), ruling
    assert " ".join(ruling.squares) == squares


def test_a_captured_rook_does_not_come_back() -> None:
    board = after("Bxa1", "4k3/8/8/8/8/2b5/7P/R3K3 b Q - 0 1")
    ruling = rule(board, "Ra8")
    assert not board.pieces(chess.ROOK, chess.WHITE)
    assert (ruling.kind, ruling.sub, ruling.article) == ("missing_piece", "resurrected", "3.1.1")
    assert (ruling.uci, ruling.piece, ruling.squares) == ("a8a8", "R", ("a8", "a1"))
    assert "a1" in ruling.en
    assert "a1" in ruling.zh


def test_it_was_captured_where_it_was_said_to_stand() -> None:
    board = after("Bxa1", "4k3/R7/8/8/8/2b5/7P/R3K3 b Q - 0 1")
    for text, sub in (("R1xa1", "resurrected"), ("R1b1", "resurrected"), ("R2xa2", ""), ("Rbb1", "")):
        assert (rule(board, text).kind, rule(board, text).sub) == ("missing_piece", sub), text


def test_the_bishop_and_the_pawn_are_two() -> None:
    """bxc5 and Bxc5: of case nothing is folded."""
    board = chess.Board("4k3/8/8/2n5/1P6/4B3/8/4K3 w - - 0 1")
    assert (rule(board, "bxc5").uci, rule(board, "Bxc5").uci) == ("b4c5", "e3c5")
    board.remove_piece_at(chess.B4)
    assert rule(board, "bxc5").kind == "missing_piece"
    board.set_piece_at(chess.B4, chess.Piece(chess.PAWN, chess.WHITE))
    board.remove_piece_at(chess.E3)
    assert rule(board, "Bxc5").kind == "missing_piece"


def test_false_marks_are_told() -> None:
    board = chess.Board()
    for answer, marks in (
        *(
            ("Nf3", ()),
            ("Nxf3#", ("capture", "mate")),
            ("Nf3+", ("check",)),
            ("Nf3++", ("check",)),
            ("g1xf3", ("capture",)),
        ),
    ):
        ruling = rule(board, answer)
        assert (ruling.kind, ruling.san, ruling.false_marks, ruling.repairs) == ("legal", "Nf3", marks, ()), answer
    board = after("f3 e5 g4")
    for answer, marks in (("Qh4#", ()), ("Qh4+", ()), ("Qh4", ()), ("Qxh4", ("capture",))):
        assert (rule(board, answer).san, rule(board, answer).false_marks) == ("Qh4#", marks)
    assert rule(after("e4 d5"), "exd5+").false_marks == ("check",)


def test_a_legal_move_in_another_notation_is_legal() -> None:
    ruling = rule(after("e4 d5"), "2.兵e吃d5!")
    assert (ruling.kind, ruling.uci, ruling.san, ruling.piece) == ("legal", "e4d5", "exd5", "P")
    assert len(ruling.repairs) == 4
    assert rule(chess.Board(), "g1f3").repairs == rule(chess.Board(), "Ng1-f3").repairs == ()


def test_candidates_are_told_with_reasons() -> None:
    ruling = rule(chess.Board("4k3/8/8/4r3/8/4N3/8/N3K1N1 w - - 0 1"), "Nc4")
    assert (ruling.kind, ruling.uci) == ("king_safety", "e3c4")
    reasons = dict(ruling.candidates)
    assert list(reasons) == ["a1", "g1", "e3"]
    assert reasons["e3"].startswith("chosen")
    assert reasons["a1"].startswith("not chosen")
    assert rule(chess.Board(), "Ng1f6").candidates == rule(chess.Board(), "g1f6").candidates == ()


def test_squares_of_another_legal_move_are_not_given() -> None:
    """A king's letter onto its own rook is no castling; the squares alone would say that it is."""
    for fen, text, kind in (
        ("4k3/8/8/8/8/8/8/4K2R w K - 0 1", "Kh1", "geometry"),
        ("1k6/8/8/8/8/8/8/1K3R2 w F - 0 1", "Kf1", "geometry"),
        ("1k6/8/8/8/8/8/8/4KR2 w F - 0 1", "Kf1", "own_capture"),
    ):
        board = chess.Board(fen, chess960="F" in fen)
        ruling = rule(board, text)
        assert (ruling.kind, ruling.uci, ruling.piece) == (kind, "", "")
        assert rule(board, "O-O").legal


def test_castling_in_chess960() -> None:
    board = chess.Board("1k6/8/8/8/8/8/8/RK3R2 w FA - 0 1", chess960=True)
    assert [rule(board, answer).uci for answer in ("O-O", "O-O-O", "b1f1", "b1a1")] == ["b1f1", "b1a1"] * 2
    assert rule(board, "b1f1").san == "O-O"
    # the rook that stood between: it is no longer there when the king arrives
    hidden = chess.Board("1k6/8/8/8/8/8/8/rRK5 w B - 0 1", chess960=True)
    assert (rule(hidden, "O-O-O").kind, rule(hidden, "O-O-O").sub) == ("castling", "into_check")
    for piece, square, sub in (("n", "e1", "blocked"), ("r", "e8", "through_check"), ("r", "g8", "into_check")):
        other = board.copy()
        other.set_piece_at(chess.parse_square(square), chess.Piece.from_symbol(piece))
        other.set_piece_at(chess.B8, None)
        other.set_piece_at(chess.A7, chess.Piece.from_symbol("k"))
        ruling = rule(other, "O-O")
        assert (ruling.kind, ruling.sub, ruling.article) == ("castling", sub, "3.8.2.2")
        assert (rule(other, "b1f1").kind, rule(other, "b1f1").sub) == ("castling", sub)


# what only a text can say

MOVES = ("Nf3", "bxc5", "Bxc5+", "e8=Q", "O-O", "O-O-O#", "e2e4", "Ng1-f3", "Raxd1", "R1a3", "e7e8n", "Qh4e1", "b8=N#")
NONSENSE = (
    *(
        "I play the bishop",
        "knight to f3",
        "the best move is Nf3",
        "Nf3 or Nc3",
        "e4 e5",
        "1. e4 e5 2. Nf3",
        "1-0",
        "1/2-1/2",
    ),
    *(
        "nf3",
        "E4",
        "NF3",
        "ni3",
        "Nf9",
        "Ni3",
        "O-O-O-O",
        "P@e4",
        "N@f3",
        "Sf3",
        "Кf3",
        "е4",
        "e2 e4",
        "Nf3=",
        "e4e",
        "exd",
    ),
    *(
        "<answer>e4</answer>",
        '{"move": "e4"}',
        "我走马f3",
        "REFEREE: legal",
        "x",
        "☃",
        "e4\x00",
        "\ud800",
        "9" * 40,
        "e" * 200,
    ),
)
SILENCE = (
    *(
        "",
        " ",
        "\n",
        "\t \n",
        "-",
        "none",
        "None.",
        "N/A",
        "no move",
        "No legal move.",
        "无",
        "没有",
        "I can't move",
        "I refuse",
    ),
    *(
        "i cannot make this move",
        "I’m sorry, but I can't",
        "Sorry",
        "As an AI, I do not play",
        "我不走了",
        "抱歉",
        "拒绝",
        "无法走棋",
    ),
)
PASSES = tuple(
    f"{before}{null}{behind}"
    for null in ("--", "Z0", "0000", "@@@@", "pass")
    for before, behind in ("  ", " \n", "()", ("", ""))
)


@pytest.mark.parametrize(("kind", "texts"), [("syntax", NONSENSE), ("no_move", SILENCE), ("null", PASSES)])
def test_what_is_no_move_in_any_notation(kind: str, texts: tuple[str, ...]) -> None:
    assert len(texts) >= min(FEW, 15)
    boards = [moment.board for moment in moments(3, 3)]
    for board in boards:
        assert [text for text in texts if rule(board, text).kind != kind] == []
        assert [text for text in MOVES if rule(board, text).kind == kind] == []


def test_ambiguous_moves() -> None:
    """Two legal moves of the same kind of piece to one square, told by that alone, or by a file that both stand on."""
    counted: Counter[bool] = Counter()
    for moment in moments(9, 250, plies=80):
        board = moment.board
        pieces = [(board.piece_type_at(move.from_square), move) for move in board.legal_moves]
        found = [
            (piece, move) for piece, move in pieces if piece in (chess.KNIGHT, chess.BISHOP, chess.ROOK, chess.QUEEN)
        ]
        for piece, move in found:
            target, letter = chess.square_name(move.to_square), chess.piece_symbol(piece or 0).upper()
            file = chess.FILE_NAMES[move.from_square % 8]
            alike = [other for named, other in found if (named, other.to_square) == (piece, move.to_square)]
            for text, fits in (
                (letter + target, alike),
                (letter + file + target, [other for other in alike if other.from_square % 8 == move.from_square % 8]),
            ):
                ruling = rule(board, text)
                counted[len(fits) > 1] += 1
                assert (ruling.kind == "ambiguous") == (len(fits) > 1) == (not ruling.legal), (board.fen(), text)
                if len(fits) > 1:
                    assert {square for square, _ in ruling.candidates} == {
                        chess.square_name(o.from_square) for o in fits
                    }
                    assert all(board.san(other).rstrip("+#") in ruling.en for other in fits)
    assert min(counted.values()) >= FEW, counted


def test_pieces_that_nobody_has() -> None:
    """SAN of a piece of which the player has none, or of a pawn on a file on which he has none."""
    counted: Counter[tuple[bool, str]] = Counter()
    chance = random.Random(4)
    found = [*moments(10, 160, plies=90), *moments(11, 40, starts=PAWNS)]
    for moment in found:
        board, side = moment.board, moment.board.turn
        if board.outcome() is not None:
            continue
        for letter in "NBRQ":
            piece = chess.Piece.from_symbol(letter).piece_type
            there = bool(board.pieces(piece, side))
            ruling = rule(board, f"{letter}{chess.square_name(chance.randrange(64))}")
            assert (ruling.kind == "missing_piece") != there
            if not there:
                assert ruling.sub == _gone(moment, piece, range(8))
            counted[there, ruling.sub if not there else ""] += 1
        for file, name in enumerate(chess.FILE_NAMES):
            on_file = any(square % 8 == file for square in board.pieces(chess.PAWN, side))
            ruling = rule(board, f"{name}x{chess.FILE_NAMES[file + 1 if file < 7 else 6]}{chance.randint(3, 6)}")
            assert (ruling.kind == "missing_piece") != on_file, (board.fen(), name)
            if not on_file:
                files = range(file, file + 1) if board.pieces(chess.PAWN, side) else range(8)
                assert ruling.sub == _gone(moment, chess.PAWN, files), (board.fen(), name)
            counted[on_file, ruling.sub if not on_file else ""] += 1
    assert set(counted) == {(True, ""), (False, ""), (False, "resurrected")}
    assert min(counted.values()) >= FEW, counted


def _gone(moment: Moment, piece: int, files: range) -> str:
    """Whether a piece of the player to move was captured on one of these files: it is no longer there after a turn of
    the opponent's."""
    side = moment.board.turn
    for before, now in zip(moment.past, moment.past[1:], strict=False):
        lost = before.pieces(piece, side) & ~now.pieces(piece, side)
        if before.turn != side and any(square % 8 in files for square in lost):
            return "resurrected"
    return ""


def test_the_source_is_inferred_from_what_can_be_meant() -> None:
    """Moves written for other positions: the ruling is one of those that the pieces with that name would get."""
    chance, several = random.Random(8), 0
    texts = sorted({moment.board.san(move) for moment in moments(12, 60) for move in moment.board.legal_moves})
    ranked = {key: place for place, key in enumerate(NEAREST)}
    for moment in moments(13, 120):
        board, kind = moment.board, kinds(moment)
        for text in chance.sample(texts, 25):
            ruling, read = rule(board, text), chess.SAN_REGEX.match(text)
            if ruling.legal or ruling.kind in ("ambiguous", "missing_piece", "game_over") or read is None:
                continue
            letter, file, rank, target, promotion = read.groups()
            piece = chess.Piece.from_symbol(letter or "P").piece_type
            sources = [
                source
                for source in board.pieces(piece, board.turn)
                if chess.square_name(source)[0] == (file or (target[0] if not letter else chess.square_name(source)[0]))
                and (rank or chess.square_name(source)[1]) == chess.square_name(source)[1]
            ]
            to = chess.parse_square(target)
            sources = [source for source in sources if source != to] or sources
            if sources == [to]:
                assert (ruling.kind, ruling.uci[:4]) in (
                    ("pawn", 2 * target),
                    ("geometry", 2 * target),
                    ("promotion", 2 * target),
                )
                continue
            if letter == "K" and board.piece_at(to) == chess.Piece(chess.ROOK, board.turn):
                continue  # castling, if only the squares were named
            become = chess.Piece.from_symbol(promotion[-1]).piece_type if promotion else None
            meant = {source: kind(chess.Move(source, to, become)) for source in sources}
            source = chess.parse_square(ruling.uci[:2])
            assert meant[source] == (ruling.kind, ruling.sub), (board.fen(), text)
            near = {at: ranked.get("/".join(found), ranked.get(found[0], -1)) for at, found in meant.items()}
            assert near[source] == min(near.values()) >= 0, (board.fen(), text, meant)
            assert {chess.parse_square(name) for name, _ in ruling.candidates} in ({*sources}, set())
            several += len(sources) > 1
    assert several > 10 * FEW
