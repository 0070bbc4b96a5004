"""From the text of an answer to a reading of it: which piece, from where, to which square.

Widely: standard and long algebraic notation, UCI, figurines, Chinese names of pieces, full-width letters. Openly:
whatever is changed before the grammar can read the text is recorded as a sentence. And never otherwise than it was
meant: case is not folded (`bxc5` is a pawn, `Bxc5` a bishop), and nothing move-like is searched for in prose; an answer
is a move as a whole, or it is none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

import chess

MAX_MOVE = 64
"""characters of an answer that may be a move"""

NO_MOVE, SYNTAX, NULL = "no_move", "syntax", "null"
SHORT, LONG = "O-O", "O-O-O"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says, before anybody looks at a board. `fault` is empty where it says a move.

    Squares are those of python-chess, 0 for a1 to 63 for h8; pieces are its numbers, 1 for a pawn to 6 for a king.
    """

    fault: str = ""
    """`no_move`, `syntax` or `null`"""
    piece: int | None = None
    """the piece that moves; none where two squares say it all, and where the king castles"""
    file: int | None = None
    rank: int | None = None
    """of the source, where they are named"""
    target: int = -1
    promotion: int | None = None
    castling: str = ""
    """`O-O` or `O-O-O`"""
    capture: bool = False
    check: bool = False
    mate: bool = False
    passant: bool = False
    """what the notation claims of the move; `passant`: that it captures en passant"""
    repairs: tuple[str, ...] = ()

    @property
    def source(self) -> int | None:
        """The square it comes from, where all of it is named."""
        return None if self.file is None or self.rank is None else chess.square(self.file, self.rank)


def read(answer: str) -> Reading:
    """The reading of an answer; its time is bounded by a constant and the length of the answer."""
    text = answer.strip()
    if len(text) <= MAX_MOVE:
        return _read(text)
    return Reading(NO_MOVE if _refuses(text[:MAX_MOVE]) else SYNTAX)


_PIECES = {symbol: number for number, symbol in enumerate("PNBRQK", 1)}
_MOVE = re.compile(
    r"(?P<piece>[KQRBNP])?(?P<file>[a-h])?(?P<rank>[1-8])?(?P<how>[x-])?(?P<target>[a-h][1-8])"
    r"(?:=?(?P<promotion>[KQRBNPkqrbnp]))?(?P<mark>\+\+?|#)?"
)
_CASTLING = re.compile(r"(O-O(?:-O)?)(\+\+?|#)?")

_NULLS = {"--", "Z0", "0000", "@@@@", "pass"}
"""What python-chess reads as a move of nobody, and the word for it."""
_NOTHING = {"-", "none", "null", "nothing", "n/a", "no", "no move", "no legal move", "无", "没有", "无着法"}
_REFUSALS = (
    *("i can't", "i cannot", "i can not", "i won't", "i will not", "i refuse", "i decline", "i'd rather not"),
    *("i don't want", "i do not want", "i'm sorry", "i am sorry", "sorry", "as an ai", "unable to", "no comment"),
    *("我不", "我拒绝", "我无法", "抱歉", "对不起", "無法", "无法", "拒绝"),
)
"""How an answer begins that declines to move."""


def _refuses(text: str) -> bool:
    lowered = text.lower().replace("’", "'")
    return lowered.rstrip(".。! ") in _NOTHING or lowered.startswith(_REFUSALS)


@lru_cache(maxsize=8192)
def _read(text: str) -> Reading:
    found = _parsed(text)
    if found is not None:
        return found
    plain, repairs = text, list[str]()
    for change in (_letters, _wrapping, _number, _ending, _castles, _inside):
        changed, repair = change(plain)
        if changed != plain:
            plain, repairs = changed, [*repairs, *repair]
    found = _parsed(plain)
    if found is not None:
        passant = _PASSANT.search(unicodedata.normalize("NFKC", text)) is not None
        return replace(found, passant=passant, repairs=(*repairs, *found.repairs))
    if plain in _NULLS:
        return Reading(NULL)
    return Reading(NO_MOVE if not plain or _refuses(text) else SYNTAX)


def _parsed(text: str) -> Reading | None:
    """The reading of a text that the grammar knows as it is."""
    castling = _CASTLING.fullmatch(text)
    if castling:
        return Reading(castling=castling[1], check=castling[2] in ("+", "++"), mate=castling[2] == "#")
    move = _MOVE.fullmatch(text)
    if move is None:
        return None
    letter, promotion, repairs = move["piece"], move["promotion"], []
    if letter in (None, "P") and move["rank"] and not move["file"]:
        return None  # no notation has pawns by their rank alone: it is the number of a move
    file = None if move["file"] is None else ord(move["file"]) - ord("a")
    rank = None if move["rank"] is None else int(move["rank"]) - 1
    squares = letter is None and file is not None and rank is not None
    if letter == "P":
        repairs.append("the P of a pawn was left out")
    if promotion is not None and promotion.islower() and not (squares and move["how"] is None and "=" not in text):
        repairs.append(f"the promotion to {promotion} was read as {promotion.upper()}")
    return Reading(
        piece=None if squares else _PIECES[letter or "P"],
        file=file,
        rank=rank,
        target=chess.parse_square(move["target"]),
        promotion=_PIECES[promotion.upper()] if promotion else None,
        capture=move["how"] == "x",
        check=move["mark"] in ("+", "++"),
        mate=move["mark"] == "#",
        repairs=tuple(repairs),
    )


Change = tuple[str, list[str]]

_SIGNS = (
    *(("♔♚", "K"), ("♕♛", "Q"), ("♖♜", "R"), ("♗♝", "B"), ("♘♞", "N"), ("♙♟", "P")),
    *(("×✕✖⨯", "x"), ("‐‑‒–—−﹣", "-"), ("†", "+"), ("‡", "#"), ("“”„«»", '"'), ("‘’", "'")),
    ("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f", ""),
)
_SIGN = {ord(sign): plain for signs, plain in _SIGNS for sign in signs}
_CHINESE = {
    name: plain
    for names, plain in (
        ("王车短易位 王車短易位 短易位", SHORT),
        ("王车长易位 王車長易位 长易位 長易位", LONG),
        ("升变为 升變為 升变成 升變成 升变 升變 升为 升成 升", "="),
        ("将死 將死 将杀 將殺", "#"),
        ("将军 將軍", "+"),
        ("国王 國王 王", "K"),
        ("皇后 王后 后", "Q"),
        ("战车 戰車 城堡 车 車", "R"),
        ("主教 象 相", "B"),
        ("骑士 騎士 马 馬", "N"),
        ("士兵 兵 卒", "P"),
        ("吃掉 吃", "x"),
        ("走到 到 至", "-"),
    )
    for name in names.split()
}
_NAMES = sorted(_CHINESE, key=len, reverse=True)
"""Long ones first: 王后 is not a king with a queen."""


def _letters(text: str) -> Change:
    """Full-width forms, figurines, dashes and Chinese names."""
    repairs: list[str] = []
    if text.isascii():
        return text, repairs
    plain = unicodedata.normalize("NFKC", text).translate(_SIGN)
    if plain != text:
        repairs.append(f"{_shown(text)} was written {_shown(plain)}, in plain letters")
    if plain.isascii():
        return plain, repairs
    named = plain
    for name in _NAMES:
        named = named.replace(name, _CHINESE[name])
    if named != plain:
        repairs.append(f"{_shown(plain)} was written {_shown(named)}, with letters for the Chinese words")
    return named, repairs


_PAIRS = {"(": ")", "[": "]", '"': '"', "'": "'", "`": "`", "*": "*", "「": "」", "《": "》", "【": "】", "{": "}"}


def _wrapping(text: str) -> Change:
    plain = text.strip()
    while len(plain) > 1 and _PAIRS.get(plain[0]) == plain[-1]:
        plain = plain[1:-1].strip()
    return plain, [] if plain == text.strip() else ["quotes or brackets around the move were left out"]


_NUMBER = re.compile(r"(?:(?!0\s*-)\d{1,3}(?:\s*[.。)…]{1,4}|\s|(?=[a-hKQRBNPO]))|[.…]{2,3})\s*(?=\S)")


def _number(text: str) -> Change:
    number = _NUMBER.match(text)
    return (
        (text[number.end() :], [f"the move number {_shown(number[0].strip())} was left out"]) if number else (text, [])
    )


_COMMENT = re.compile(r"[!?]+|[.,;。，；]|\$\d{1,3}|\(e\. ?p\.?\)|e\. ?p\.?|\(ep\)|ep")
_PASSANT = re.compile(r"e\. ?p|ep")
_LONGEST = 7


def _ending(text: str) -> Change:
    """Comments and `e.p.` behind the move, also between it and its check or mate."""
    plain, marks, repairs = text.rstrip(), "", []
    while plain:
        end = _tail(plain)
        if end:
            repairs.append(f"{_shown(end)} behind the move was left out")
        elif plain[-1] in "+#" and not marks:
            end = marks = plain[len(plain.rstrip("+#")) :]
        else:
            break
        plain = plain.removesuffix(end).rstrip()
    return plain + marks, repairs or ["a space was left out"]


def _tail(text: str) -> str:
    """As much of the end of `text` as is one comment."""
    lengths = range(min(_LONGEST, len(text)), 0, -1)
    return next((text[-length:] for length in lengths if _COMMENT.fullmatch(text, len(text) - length)), "")


_OLD_CASTLING = re.compile(r"[Oo0](?:\s*-\s*[Oo0]){1,2}(?=$|[+#\s])")


def _castles(text: str) -> Change:
    castling = _OLD_CASTLING.match(text)
    if castling is None:
        return text, []
    plain = SHORT if castling[0].count("-") == 1 else LONG
    return plain + text[castling.end() :].strip(), [f"{_shown(castling[0])} was read as {plain}"]


_SPACE = re.compile(r"(?<=[KQRBNPx=-])\s+|\s+(?=[x=+#-])")
_PROMOTES = re.compile(r"(?:=?\(=?([KQRBNPkqrbnp])\)|/([KQRBNPkqrbnp]))(?=$|[+#])")


def _inside(text: str) -> Change:
    """Spaces around signs, other signs for `x` and `=`."""
    repairs = []
    plain = _SPACE.sub("", text)
    if plain != text:
        repairs.append("spaces within the move were left out")
    taken = re.sub(r"[X:](?=[a-h][1-8])", "x", plain)
    if taken != plain:
        repairs.append("the sign of a capture was read as x")
    promoted = _PROMOTES.sub(lambda found: "=" + (found[1] or found[2]), taken)
    if promoted != taken:
        repairs.append("the sign of a promotion was read as =")
    return promoted, repairs


def _shown(text: str) -> str:
    return repr(text[:MAX_MOVE])
