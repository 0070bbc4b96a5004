"""Tokens of a message, and the pieces it speaks of: `my rook on a8`, `the b-pawn`, `白方f6的马`, `被吃的车`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ref:
    """A piece as somebody described it; whatever was left out is empty."""

    piece: int = 0
    """1 to 6 as python-chess numbers the types, 0 for any"""
    owner: str = ""
    """`me`, `you`, `white`, `black`; `third`, `we` or `player` for somebody who isn't clear"""
    square: int | None = None
    file: int | None = None
    count: int | None = None
    traits: tuple[str, ...] = ()
    """adjectives that were said of it: `captured`, `pinned`, `passed`, ..."""


@dataclass(frozen=True, slots=True)
class Token:
    """A symbol, the characters it stands for, and what it means."""

    symbol: str
    start: int
    end: int
    value: object = None
    chinese: bool = False


_TRAITS = frozenset(
    "captured dead lost pinned passed isolated doubled hanging undefended defended attacked forked".split()
)
_ANY = frozenset(
    ("any", "every", "all", "其他", "其它", "其他的", "别的", "任何", "所有", "其余", "其余的", "任何一个")
)
_DROPPED = frozenset(("det", "de", "fill", "'s"))
_DONE = frozenset(("captured", "moved", "castle", "promote", "twice", "ep", "square", "turn", "move", "capture"))
"""What may have happened before 后 means after, and not the queen."""


_SAID_OF = frozenset(
    "attack under by pinned attacked defend defended undefended hanging fork passed isolated doubled".split()
)


@dataclass(slots=True)
class _Draft:
    owner: str = ""
    square: int | None = None
    file: int | None = None
    count: int | None = None
    traits: list[str] = field(default_factory=list)


def with_nouns(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with every description of a piece as one `np` (its value a `Ref`), without articles and fillers."""
    tokens = [t for t in tokens if t.symbol != "fill"]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.symbol == "pc" and token.value == 5 and token.chinese and token.end - token.start == 1 and at:
            before = tokens[at - 1]
            last = at + 1 == len(tokens)
            barred = at > 1 and tokens[at - 2].symbol in ("neg", "can") and _symbol(tokens, at + 1) == ","
            takes = before.symbol == "capture" and (last or barred)
            if (
                before.symbol in _DONE
                and not takes
                and before.end == token.start
                and not str(before.value).endswith(("成", "为", "变"))
            ):
                yield Token("when", token.start, token.end)
                at += 1
                continue
        ref, end = _noun(tokens, at)
        if ref is not None:
            yield Token("np", token.start, tokens[end - 1].end, ref, token.chinese)
            at = end
            continue
        if token.symbol not in _DROPPED:
            yield token
        elif token.symbol == "'s" and at and tokens[at - 1].symbol in ("side", "this", "that", "pc", "position"):
            yield Token("be", token.start, token.end)
        at += 1


def _symbol(tokens: list[Token], at: int) -> str:
    return tokens[at].symbol if at < len(tokens) else ""


def _noun(tokens: list[Token], start: int) -> tuple[Ref | None, int]:
    """The piece described from `start` on, and where the description ends."""
    draft, at = _Draft(), start
    while (symbol := _symbol(tokens, at)) != "pc":
        step = _before(tokens, at, symbol, draft) if symbol else 0
        if not step:
            return None, start
        at += step
    piece = tokens[at].value
    at = _behind(tokens, at + 1, draft)
    assert isinstance(piece, int)
    return Ref(piece, draft.owner, draft.square, draft.file, draft.count, tuple(draft.traits)), at


def _before(tokens: list[Token], at: int, symbol: str, draft: _Draft) -> int:
    """How many tokens at `at` describe the piece that is to come; 0 where they are something else."""
    token, after = tokens[at], _symbol(tokens, at + 1)
    if symbol == "det":
        if token.value in _ANY:
            draft.traits.append("any")
        return 1
    if symbol == "num" and draft.count is None and after in ("pc", "det", "de", *_TRAITS):
        draft.count = int(str(token.value))
        return 1
    if symbol in ("side", "poss") and not draft.owner:
        names = symbol == "poss" or token.chinese or token.value in ("white", "black") or after in ("'s", "de")
        draft.owner = str(token.value)
        return (2 if after in ("'s", "de") else 1) if names else 0
    if symbol == "sq" and draft.square is None:
        return _place(tokens, at, draft)
    if symbol == "on" and after == "sq" and token.chinese:
        return 1 + _place(tokens, at + 1, draft)
    if symbol == "file" and draft.file is None:
        draft.file = int(str(token.value))
        steps = 1
        while _symbol(tokens, at + steps) in ("de", "at") or tokens[at + steps : at + steps + 1] == []:
            if at + steps >= len(tokens):
                return 0
            steps += 1
        return steps
    if symbol in _TRAITS and after in ("pc", "de", "det"):
        draft.traits.append(symbol)
        return 2 if after == "de" else 1
    if symbol == "by" and after in _TRAITS and _symbol(tokens, at + 2) == "de":
        draft.traits.append(after)
        return 3
    return 0


def _place(tokens: list[Token], at: int, draft: _Draft) -> int:
    """A square that stands before the piece it describes: `f6的马`, `the f6 knight`."""
    steps = 1
    while _symbol(tokens, at + steps) in ("at", "de", "in"):
        steps += 1
    if _symbol(tokens, at + steps) not in ("pc", "side", "det", "num", *_TRAITS):
        return 0
    draft.square = int(str(tokens[at].value))
    return steps


def _behind(tokens: list[Token], at: int, draft: _Draft) -> int:
    """What describes the piece after its name: `on f6`, `on the b-file`, `that was captured`."""
    skip = 1
    while _symbol(tokens, at + skip) == "det" and skip < 3:
        skip += 1
    symbol, after = _symbol(tokens, at), _symbol(tokens, at + skip)
    if symbol == "on" and not tokens[at].chinese and after == "sq" and draft.square is None:
        draft.square = int(str(tokens[at + skip].value))
        return at + skip + 1
    if symbol == "on" and not tokens[at].chinese and after == "file" and draft.file is None:
        draft.file = int(str(tokens[at + skip].value))
        return at + skip + 1
    if symbol == "on" and tokens[at].chinese and after == "sq" and draft.square is None:
        if _symbol(tokens, at + skip + 1) in _SAID_OF:  # 我的马在g5受到攻击
            draft.square = int(str(tokens[at + skip].value))
            return at + skip + 1
        return at
    if symbol == "sq" and draft.square is None:
        draft.square = int(str(tokens[at].value))
        return at + 1
    if symbol == "of" and after == "side" and not draft.owner:
        draft.owner = str(tokens[at + skip].value)
        return at + skip + 1
    if symbol in ("that", "but"):
        step = at + 1
        while _symbol(tokens, step) in ("has", "be", "past", "by"):
            step += 1
        if step > at + 1 and _symbol(tokens, step) == "captured":
            draft.traits.append("captured")
            return step + 1
    return at
