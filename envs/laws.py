"""What each kind of invented move is called in plain words, English and Chinese, and the article that forbids it.

Articles are those of the FIDE Laws of Chess in force from 1 January 2023 (handbook E01). Where the Laws forbid a thing
only by not allowing it, the article is the one that says what is allowed: a bishop that moves like a rook breaks 3.2, a
player who moves the other one's pieces 1.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import chess


class Said(NamedTuple):
    """The same in two languages."""

    en: str
    zh: str


class Law(NamedTuple):
    """The article, and the sentence with places for the names of sides, pieces and squares."""

    article: str
    en: str
    zh: str


PIECES = {
    chess.PAWN: Said("pawn", "兵"),
    chess.KNIGHT: Said("knight", "马"),
    chess.BISHOP: Said("bishop", "象"),
    chess.ROOK: Said("rook", "车"),
    chess.QUEEN: Said("queen", "后"),
    chess.KING: Said("king", "王"),
}
SIDES = {chess.WHITE: Said("White", "白方"), chess.BLACK: Said("Black", "黑方")}
WINGS = {True: Said("kingside", "短易位"), False: Said("queenside", "长易位")}
WAYS = {
    chess.PAWN: Said("forward, and diagonally only to capture", "向前直走，只有吃子时才斜走"),
    chess.KNIGHT: Said("two squares along a file or rank and one to the side", "走“日”字"),
    chess.BISHOP: Said("along diagonals", "沿斜线走"),
    chess.ROOK: Said("along files and ranks", "沿直线和横线走"),
    chess.QUEEN: Said("along files, ranks and diagonals", "沿直线、横线和斜线走"),
    chess.KING: Said("to a square next to it", "走到相邻的格"),
}
"""How each piece moves."""
STAYS = Said("to another square", "走到别的格")
"""How every piece moves, said of one that would stay where it is."""
MOVES_OF = {chess.BISHOP: "3.2", chess.ROOK: "3.3", chess.QUEEN: "3.4", chess.KNIGHT: "3.6", chess.KING: "3.8.1"}
"""The article on each piece's moves; that on pawns is 3.7."""
LOST = {
    "king": Said("the king has moved", "王已经走动过"),
    "rook": Said("the rook has moved", "车已经走动过"),
    "captured": Said("the rook was captured", "车已经被吃掉"),
    "": Said("the right to do so is lost", "已经失去易位权"),
}
"""Why there is no right to castle."""

_NO_CASTLING_EN, _NO_CASTLING_ZH = "{side} cannot castle {wing}, {f} to {t}: ", "{side}不能{wing}（{f} 到 {t}）："
_OVER_EN, _OVER_ZH = "The game is over: ", "棋局已经结束："

LAWS = {
    "no_move": Law("1.2", "{side} is to move, and has named no move.", "轮到{side}走棋，却没有给出着法。"),
    "syntax": Law(
        "C.8",
        "{text} is not a move in any notation read here; write it as Nf3, Ng1-f3, g1f3 or O-O.",
        "{text} 不是可以读懂的着法，请写成 Nf3、Ng1-f3、g1f3 或 O-O。",
    ),
    "ambiguous": Law(
        "C.10",
        "{text} fits more than one legal move: {moves}. Name the file or the rank it comes from.",
        "{text} 可以是不止一个合法着法：{moves}。请写明棋子所在的直线或横线。",
    ),
    "null": Law(
        "1.2",
        "The players move in turn, and nobody may pass: {text} is no move.",
        "双方轮流走棋，谁也不能弃着：{text} 不是着法。",
    ),
    "game_over/checkmate": Law("5.1.1", _OVER_EN + "{side} has been checkmated.", _OVER_ZH + "{side}已被将死。"),
    "game_over/stalemate": Law(
        "5.2.1", _OVER_EN + "{side} has been stalemated, which is a draw.", _OVER_ZH + "{side}无子可动，逼和。"
    ),
    "game_over/insufficient_material": Law(
        "5.2.2",
        _OVER_EN + "neither side has the pieces for a checkmate, which is a draw.",
        _OVER_ZH + "双方的子力都不可能将死对方，和棋。",
    ),
    "game_over/seventyfive_moves": Law(
        "9.6.2",
        _OVER_EN + "seventy-five moves of each side without a capture or a move of a pawn are a draw.",
        _OVER_ZH + "双方连续七十五回合没有吃子也没有走兵，和棋。",
    ),
    "game_over/fivefold_repetition": Law(
        "9.6.1",
        _OVER_EN + "the same position has arisen five times, which is a draw.",
        _OVER_ZH + "同一局面已经出现五次，和棋。",
    ),
    "missing_piece": Law(
        "1.1", "{side} has no {piece}{place} that could go to {t}.", "{side}{place}没有可以走到 {t} 的{piece}。"
    ),
    "missing_piece/resurrected": Law(
        "3.1.1",
        "{side} has no {piece}{place} that could go to {t}: it was captured on {gone}, and what is captured does not"
        " come back.",
        "{side}{place}没有可以走到 {t} 的{piece}：它已在 {gone} 被吃掉，被吃的棋子不能回到棋盘上。",
    ),
    "empty_source/stale": Law(
        "1.1",
        "There is nothing on {f} that could go to {t}: {side}'s {last} has left it for {gone}.",
        "{f} 上没有可以走到 {t} 的棋子：{side}的{last}已经从那里走到 {gone}。",
    ),
    "empty_source/resurrected": Law(
        "3.1.1",
        "There is nothing on {f} that could go to {t}: {side}'s {last} was captured there, and what is captured does"
        " not come back.",
        "{f} 上没有可以走到 {t} 的棋子：{side}的{last}已在那里被吃掉，被吃的棋子不能回到棋盘上。",
    ),
    "empty_source/never": Law(
        "1.1",
        "There is nothing on {f} that could go to {t}, and in this game no piece of {side}'s has stood there.",
        "{f} 上没有可以走到 {t} 的棋子，本局中{side}也从来没有棋子在那里。",
    ),
    "opponent_piece": Law(
        "1.1",
        "The {piece} on {f} is {other}'s, and {side} cannot move it to {t}.",
        "{f} 的{piece}是{other}的，{side}不能把它走到 {t}。",
    ),
    "opponent_piece/out_of_turn": Law(
        "1.2",
        "It is {side}'s turn: the {piece} on {f} is {other}'s, and may go to {t} only when {other} is to move.",
        "现在轮到{side}走棋：{f} 的{piece}是{other}的，要等{other}走棋时才能走到 {t}。",
    ),
    "castling/no_right": Law("3.8.2.1", _NO_CASTLING_EN + "{lost}.", _NO_CASTLING_ZH + "{lost}。"),
    "castling/blocked": Law(
        "3.8.2.2", _NO_CASTLING_EN + "the way is blocked by {men}.", _NO_CASTLING_ZH + "王和车要走的路被{men}挡住。"
    ),
    "castling/in_check": Law(
        "3.8.2.2", _NO_CASTLING_EN + "the king is in check from {men}.", _NO_CASTLING_ZH + "王正被{men}将军。"
    ),
    "castling/through_check": Law(
        "3.8.2.2",
        _NO_CASTLING_EN + "the king would cross {crossed}, which is attacked by {men}.",
        _NO_CASTLING_ZH + "王要经过的 {crossed} 受到{men}攻击。",
    ),
    "castling/into_check": Law(
        "3.8.2.2",
        _NO_CASTLING_EN + "there the king would be attacked by {men}.",
        _NO_CASTLING_ZH + "王在那里会受到{men}攻击。",
    ),
    "promotion/missing": Law(
        "3.7.3.3",
        "The pawn that goes from {f} to {t} must become a queen, rook, bishop or knight, and none was named.",
        "从 {f} 走到 {t} 的兵必须升变为后、车、象或马，却没有写明。",
    ),
    "promotion/not_last_rank": Law(
        "3.7.3.3",
        "The {piece} that goes from {f} to {t} cannot become a {new}: only a pawn on the last rank is promoted.",
        "从 {f} 走到 {t} 的{piece}不能变成{new}：只有走到底线的兵才升变。",
    ),
    "promotion/to_king_or_pawn": Law(
        "3.7.3.3",
        "The pawn that goes from {f} to {t} cannot become a {new}: it becomes a queen, rook, bishop or knight.",
        "从 {f} 走到 {t} 的兵不能升变为{new}：只能升变为后、车、象或马。",
    ),
    "king_safety/still_in_check": Law(
        "3.9.2",
        "The {piece} may not go from {f} to {t}: the king on {king} would stay in check from {men}{exposed}.",
        "{piece}不能从 {f} 走到 {t}：{king} 的王仍被{men}将军{exposed}。",
    ),
    "king_safety/king_into_attack": Law(
        "3.9.2",
        "The king may not go from {f} to {t}: there it would be attacked by {men}.",
        "王不能从 {f} 走到 {t}：那里受到{men}攻击。",
    ),
    "king_safety/pinned": Law(
        "3.9.2",
        "The {piece} may not go from {f} to {t}: it would expose the king on {king} to {men}.",
        "{piece}不能从 {f} 走到 {t}：那样 {king} 的王会暴露在{men}的攻击之下。",
    ),
    "pawn_as_knight": Law(
        "3.7",
        "The pawn on {f} cannot go to {t}: that is the jump of a knight, and a pawn is none.",
        "{f} 的兵不能走到 {t}：那是马的走法，兵不能这样走。",
    ),
    "pawn/push_blocked": Law(
        "3.7.1", "The pawn on {f} cannot go to {t}: {men} stands in its way.", "{f} 的兵不能走到 {t}：前面有{men}挡着。"
    ),
    "pawn/diagonal_without_capture": Law(
        "3.7.3",
        "The pawn on {f} cannot go to {t}: it moves diagonally only to capture, and there is nothing to capture.",
        "{f} 的兵不能走到 {t}：兵只有吃子时才斜走，而那里没有可吃的棋子。",
    ),
    "pawn/double_step": Law(
        "3.7.2",
        "The pawn on {f} cannot go to {t}: two squares at once are for a pawn's first move.",
        "{f} 的兵不能走到 {t}：兵只有第一步才可以走两格。",
    ),
    "pawn/sideways": Law(
        "3.7.1",
        "The pawn on {f} cannot go sideways to {t}: pawns move forward.",
        "{f} 的兵不能横走到 {t}：兵只能向前走。",
    ),
    "pawn/backward": Law(
        "3.7.1", "The pawn on {f} cannot go back to {t}: pawns move forward.", "{f} 的兵不能后退到 {t}：兵只能向前走。"
    ),
    "pawn/other": Law(
        "3.7",
        "The pawn on {f} cannot go to {t}: pawns go one square forward, two on their first move, and capture one square"
        " diagonally forward.",
        "{f} 的兵不能走到 {t}：兵每次向前走一格，第一步可以走两格，吃子时向斜前方走一格。",
    ),
    "en_passant_expired": Law(
        "3.7.3.2",
        "The pawn on {f} can no longer go to {t} and capture {men} en passant: that is for the move right after the"
        " double step.",
        "{f} 的兵不能再到 {t} 吃{men}：吃过路兵只能在对方的兵走两格之后的那一步。",
    ),
    "own_capture": Law(
        "3.1",
        "The {piece} cannot go from {f} to {t}: {side}'s own {taken} stands there.",
        "{piece}不能从 {f} 走到 {t}：那里是{side}自己的{taken}。",
    ),
    "geometry/as_knight": Law(
        "",
        "The {piece} on {f} cannot go to {t}: that is the jump of a knight, and a {piece} moves {way}.",
        "{f} 的{piece}不能走到 {t}：那是马的走法，{piece}只能{way}。",
    ),
    "geometry/other": Law(
        "",
        "The {piece} on {f} cannot go to {t}: a {piece} moves {way}.",
        "{f} 的{piece}不能走到 {t}：{piece}只能{way}。",
    ),
    "path_blocked": Law(
        "3.5",
        "The {piece} cannot go from {f} to {t}: {men} stands in between.",
        "{piece}不能从 {f} 走到 {t}：中间有{men}。",
    ),
}
"""By class, with the sub-class behind a stroke where there is one."""


def worded(key: str, facts: Mapping[str, Said | str]) -> Said:
    """The sentence of the law `key` with the `facts` filled in.

    Raises:
        KeyError: there is no such law, or it needs a fact that isn't there.
    """
    law = LAWS[key]
    pairs = [(name, fact if isinstance(fact, Said) else Said(fact, fact)) for name, fact in facts.items()]
    en = law.en.format_map({name: fact.en for name, fact in pairs})
    return Said(en, law.zh.format_map({name: fact.zh for name, fact in pairs}))


def men(board: chess.Board, squares: Iterable[int]) -> Said:
    """The pieces on these squares, as `the rook on e8 and the bishop on b4`."""
    found = [(board.piece_type_at(square), chess.SQUARE_NAMES[square]) for square in squares]
    named = [(PIECES[piece], square) for piece, square in found if piece is not None]
    if not named:
        return Said("an enemy piece", "对方的棋子")
    *en, last_en = [f"the {piece.en} on {square}" for piece, square in named]
    *zh, last_zh = [f"{square} 的{piece.zh}" for piece, square in named]
    return Said(
        f"{', '.join(en)} and {last_en}" if en else last_en, f" {'、'.join(zh)}和 {last_zh}" if zh else f" {last_zh}"
    )


def legal(san: str, false_marks: Iterable[str]) -> Said:
    """What is said of a legal move whose notation claims too much."""
    said = Said(f"{san} is legal.", f"{san} 是合法着法。")
    for mark in false_marks:
        said = Said(f"{said.en} {_FALSE[mark].en}", said.zh + _FALSE[mark].zh)
    return said


_FALSE = {
    "capture": Said("It captures nothing.", "它没有吃子。"),
    "check": Said("It gives no check.", "它没有将军。"),
    "en passant": Said("It is no capture en passant.", "它不是吃过路兵。"),
    "mate": Said("It is no checkmate.", "它没有将死对方。"),
}
