"""Articles and sentences: every class has both, the articles are those of the handbook, and the squares are named."""

from __future__ import annotations

import random
import re
import string

import chess
import pytest

from envs.laws import LAWS, MOVES_OF, PIECES, Said, legal, men, worded
from envs.referee import KINDS, rule
from tests.chess_positions import CASTLES, PAWNS, ended, moments, tries
from tests.test_referee import after

HANDBOOK = {
    "1.1": "two opponents who move their pieces on a square board",
    "1.2": "White makes the first move, then the players move alternately",
    "3.1": "not permitted to move a piece to a square occupied by a piece of the same colour",
    "3.1.1": "the latter is captured and removed from the chessboard",
    "3.2": "the bishop may move to any square along a diagonal",
    "3.3": "the rook may move to any square along the file or the rank",
    "3.4": "the queen may move to any square along the file, the rank or a diagonal",
    "3.5": "the bishop, rook or queen may not move over any intervening pieces",
    "3.6": "the knight may move to one of the squares nearest",
    "3.7": "the pawn",
    "3.7.1": "the pawn may move forward to the square immediately in front of it, provided that it is unoccupied",
    "3.7.2": "on its first move it may advance two squares, provided that both squares are unoccupied",
    "3.7.3": "diagonally in front of it on an adjacent file, capturing",
    "3.7.3.2": "only legal on the move following this advance: en passant",
    "3.7.3.3": "must exchange that pawn for a new queen, rook, bishop or knight",
    "3.8.1": "the king: by moving to an adjoining square",
    "3.8.2.1": "the right to castle has been lost",
    "3.8.2.2": "castling is prevented temporarily",
    "3.9.2": "no piece can be moved that will either expose the king to check or leave that king in check",
    "5.1.1": "won by the player who has checkmated",
    "5.2.1": "no legal move and not in check: stalemate",
    "5.2.2": "neither player can checkmate with any series of legal moves: a dead position",
    "9.6.1": "the same position has appeared at least five times",
    "9.6.2": "75 moves by each player without the movement of any pawn and without any capture",
    "C.8": "each move is indicated by the abbreviation of the piece and the square of arrival",
    "C.10": "if two identical pieces can move to the same square",
}
"""FIDE Laws of Chess, from 1 January 2023 (handbook E01): what the articles say, shortened."""
ARTICLES = {
    "no_move": "1.2",
    "syntax": "C.8",
    "ambiguous": "C.10",
    "null": "1.2",
    "game_over/checkmate": "5.1.1",
    "game_over/stalemate": "5.2.1",
    "game_over/insufficient_material": "5.2.2",
    "game_over/seventyfive_moves": "9.6.2",
    "game_over/fivefold_repetition": "9.6.1",
    "missing_piece": "1.1",
    "missing_piece/resurrected": "3.1.1",
    "empty_source/stale": "1.1",
    "empty_source/resurrected": "3.1.1",
    "empty_source/never": "1.1",
    "opponent_piece": "1.1",
    "opponent_piece/out_of_turn": "1.2",
    "castling/no_right": "3.8.2.1",
    **{f"castling/{sub}": "3.8.2.2" for sub in ("blocked", "in_check", "through_check", "into_check")},
    **{f"promotion/{sub}": "3.7.3.3" for sub in KINDS["promotion"]},
    **{f"king_safety/{sub}": "3.9.2" for sub in KINDS["king_safety"]},
    "pawn_as_knight": "3.7",
    "pawn/push_blocked": "3.7.1",
    "pawn/diagonal_without_capture": "3.7.3",
    "pawn/double_step": "3.7.2",
    "pawn/sideways": "3.7.1",
    "pawn/backward": "3.7.1",
    "pawn/other": "3.7",
    "en_passant_expired": "3.7.3.2",
    "own_capture": "3.1",
    "path_blocked": "3.5",
}


def test_every_class_has_its_law() -> None:
    keys = {f"{kind}/{sub}" for kind, subs in KINDS.items() for sub in subs}
    keys |= {kind for kind, subs in KINDS.items() if not subs or kind in ("missing_piece", "opponent_piece")}
    assert set(LAWS) == keys
    for key, law in LAWS.items():
        assert law.article == ARTICLES.get(key, ""), key
        # the same facts in both languages, but for the side, which Chinese leaves out more easily
        places = [{name for _, name, _, _ in string.Formatter().parse(words) if name} for words in (law.en, law.zh)]
        assert places[0] - {"side", "men"} <= places[1] | {"side", "men"}, key
        assert law.en.endswith(".")
        assert law.zh.endswith("。")
    assert {law.article for law in LAWS.values()} | set(MOVES_OF.values()) <= {*HANDBOOK, ""}
    assert [MOVES_OF[piece] for piece in (3, 4, 5, 2, 6)] == ["3.2", "3.3", "3.4", "3.6", "3.8.1"]


def test_rulings_name_article_and_squares_in_both_languages() -> None:
    chance, seen = random.Random(51), set[str]()
    found = (*moments(51, 60), *moments(52, 40, starts=CASTLES, plies=6), *moments(53, 40, starts=PAWNS), *ended(54, 2))
    texts = ("O-O", "Ra8", "exd6", "Nxf3", "Qd5", "", "--", "hello")
    for moment in found:
        for text in (*(move.uci() for move in tries(moment, chance)), *texts):
            ruling = rule(moment.board, text)
            key = f"{ruling.kind}/{ruling.sub}".removesuffix("/")
            seen.add(key)
            assert not set("{}") & set(ruling.en + ruling.zh)
            assert re.search(r"[\u4e00-\u9fff]", ruling.zh), ruling
            assert not re.search(r"[\u4e00-\u9fff]", ruling.en) or text == "", ruling
            if ruling.legal:
                continue
            assert ruling.article in HANDBOOK, ruling
            for square in ruling.squares[: 2 if ruling.uci else 0]:
                assert square in ruling.en, ruling
                assert square in ruling.zh, ruling
            if ruling.kind in ("own_capture", "geometry", "path_blocked", "king_safety"):
                piece = PIECES[moment.board.piece_type_at(chess.parse_square(ruling.squares[0])) or 0]
                assert piece.en in ruling.en, ruling
                assert piece.zh in ruling.zh, ruling
    assert len(seen) > 30


@pytest.mark.parametrize(
    ("fen", "text", "en", "zh", "article"),
    [
        (
            "rnbqkbnr/pp1ppppp/8/2P5/8/8/PPP1PPPP/RNBQKBNR b KQkq - 0 2",
            "bxc5",
            "The pawn on b7 cannot go to c5: that is the jump of a knight, and a pawn is none.",
            "b7 的兵不能走到 c5：那是马的走法，兵不能这样走。",
            "3.7",
        ),
        (
            "4k3/4r3/8/8/1b6/2N5/4R3/4K3 w - - 0 1",
            "Rc2",
            "The rook may not go from e2 to c2: it would expose the king on e1 to the rook on e7.",
            "车不能从 e2 走到 c2：那样 e1 的王会暴露在 e7 的车的攻击之下。",
            "3.9.2",
        ),
        (
            "4k3/8/8/8/1b2r3/8/8/4K2R w K - 0 1",
            "O-O",
            "White cannot castle kingside, e1 to g1: the king is in check from the bishop on b4 and the rook on e4.",
            "白方不能短易位（e1 到 g1）：王正被 b4 的象和 e4 的车将军。",
            "3.8.2.2",
        ),
        (
            "4k3/p7/8/8/8/8/8/R3K3 w - - 0 1",
            "Ra8",
            "The rook cannot go from a1 to a8: the pawn on a7 stands in between.",
            "车不能从 a1 走到 a8：中间有 a7 的兵。",
            "3.5",
        ),
        (
            "4k3/8/8/8/8/4n3/4P3/R3K3 w - - 0 1",
            "e4",
            "The pawn on e2 cannot go to e4: the knight on e3 stands in its way.",
            "e2 的兵不能走到 e4：前面有 e3 的马挡着。",
            "3.7.2",
        ),
        (
            "4k3/8/8/8/8/4n3/4P3/R3K3 w - - 0 1",
            "Ra1",
            "The rook on a1 cannot go to a1: a rook moves to another square.",
            "a1 的车不能走到 a1：车只能走到别的格。",
            "3.3",
        ),
    ],
)
def test_sentences(fen: str, text: str, en: str, zh: str, article: str) -> None:
    ruling = rule(chess.Board(fen), text)
    assert (ruling.en, ruling.zh, ruling.article) == (en, zh, article)


@pytest.mark.parametrize(
    ("moves", "en", "zh"),
    [
        ("Ke2 Kd7 Ke1 Ke8", "the king has moved", "王已经走动过"),
        ("Rg1 Kd7 Rh1 Ke8", "the rook has moved", "车已经走动过"),
        ("a3 Bxh1 Ra2 Kd7 Rh2 Ke8 Rxh1 Kd7", "the rook was captured", "车已经被吃掉"),
        ("", "the right to do so is lost", "已经失去易位权"),
    ],
)
def test_how_the_right_to_castle_was_lost(moves: str, en: str, zh: str) -> None:
    board = chess.Board(f"4k3/8/8/8/4b3/8/P7/R3K2R w {'KQ' if moves else 'Q'} - 0 1")
    for move in moves.split():
        board.push_san(move)
    ruling = rule(board, "O-O")
    assert ruling.en == f"White cannot castle kingside, e1 to g1: {en}."
    assert ruling.zh == f"白方不能短易位（e1 到 g1）：{zh}。"


def test_words_of_a_board_and_of_false_marks() -> None:
    board = chess.Board()
    assert men(board, (chess.A1, chess.B1, chess.E7)) == Said(
        "the rook on a1, the knight on b1 and the pawn on e7", " a1 的车、b1 的马和 e7 的兵"
    )
    assert legal("Nf3", ("capture", "mate")).en == "Nf3 is legal. It captures nothing. It is no checkmate."
    with pytest.raises(KeyError):
        worded("own_capture", {})


def test_a_false_e_p_is_told() -> None:
    board = after("e4 a6 e5 d5")
    for answer in ("exd6 e.p.", "exd6ep", "exd6 (e. p.)", "exd6 e.p.!"):
        assert rule(board, answer).false_marks == (), answer
    ordinary = after("e4 d5")
    for answer in ("exd5 e.p.", "exd5ep", "exd5 (ep)", "exd5 ｅｐ"):
        assert (rule(ordinary, answer).kind, rule(ordinary, answer).false_marks) == ("legal", ("en passant",)), answer
    assert "no capture en passant" in rule(ordinary, "exd5 e.p.").en
    assert rule(ordinary, "exd5").false_marks == ()


def test_a_check_that_stays_and_one_that_is_new_are_told_apart() -> None:
    # the rook on e8 gives check; the knight on d2 is pinned by the bishop on b4 besides
    board = chess.Board("4r1k1/8/8/8/1b6/8/3N4/4K3 w - - 0 1")
    ruling = rule(board, "Nb3")
    assert (ruling.kind, ruling.sub) == ("king_safety", "still_in_check")
    assert "would stay in check from the rook on e8 and be exposed to the bishop on b4 as well" in ruling.en
    assert "仍被 e8 的车将军，还会暴露在 b4 的象的攻击之下" in ruling.zh
    assert rule(board, "Nf3").en.endswith("the rook on e8 and be exposed to the bishop on b4 as well.")
    # what stays alone is told alone, and what blocks the check is only pinned
    assert rule(chess.Board("4r1k1/8/8/8/8/8/3N4/4K3 w - - 0 1"), "Nb3").en.endswith(
        "stay in check from the rook on e8."
    )
    assert rule(board, "Ne4").sub == "pinned"


def test_what_blocks_castling_is_in_the_way_in_chinese_too() -> None:
    # in Chess960 it need not stand between the king and the rook
    board = chess.Board("4k3/8/8/8/8/8/8/1RK2N2 w Q - 0 1", chess960=True)
    assert "挡住" in rule(after("e4 e5"), "O-O").zh
    assert "之间" not in rule(board, "O-O-O").zh
