"""What a clause tells about the rules, and whether the Laws say so: a question each, over its symbols and pieces.

Each answers as if something were allowed: True, False, or None where it cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import chess

from envs.claims.nouns import Ref, Token

PAWN, KNIGHT, BISHOP, ROOK, QUEEN, KING = range(1, 7)
_SIDES = ("white", "black", "me", "you")


@dataclass(frozen=True)
class Told:
    """A clause that tells a rule."""

    tokens: tuple[Token, ...]
    symbols: frozenset[str]
    refs: tuple[Ref, ...]

    @classmethod
    def of(cls, tokens: tuple[Token, ...]) -> Told:
        """What `tokens` tell."""
        found = tuple(token.value for token in tokens if isinstance(token.value, Ref))
        return cls(tokens, frozenset(token.symbol for token in tokens), found)

    @property
    def code(self) -> str:
        """Its symbols, joined by spaces."""
        return " ".join(token.symbol for token in self.tokens)

    def has(self, *symbols: str) -> bool:
        """Whether one of them is there."""
        return not self.symbols.isdisjoint(symbols)

    @property
    def piece(self) -> int:
        """The first piece spoken of; 0 where it is of no certain kind."""
        # 有车支持的兵: the pawn that is supported by a rook
        led = len(self.refs) > 1 and self.tokens[0].symbol == "has" and self.tokens[0].chinese
        return self.refs[led].piece if self.refs else 0

    @property
    def numbers(self) -> list[int]:
        """Every number said, with those of pieces."""
        said = [token.value for token in self.tokens if token.symbol == "num"]
        return [n for n in (*said, *(ref.count for ref in self.refs)) if isinstance(n, int)]

    @property
    def pronoun(self) -> bool:
        """Whether whatever is pointed at is but an `it`."""
        return all(token.value in ("it", "它", "they", "there") for token in self.tokens if token.symbol == "this")

    def after(self, symbol: str) -> list[Ref]:
        """The pieces named behind the last `symbol`."""
        places = [n for n, token in enumerate(self.tokens) if token.symbol == symbol]
        at = places[-1] if places else len(self.tokens)
        return [token.value for token in self.tokens[at:] if isinstance(token.value, Ref)]

    def apart(self, first: str, then: str) -> bool:
        """Whether a comma stands right before `then`, or nothing of `first` before it."""
        codes = [token.symbol for token in self.tokens]
        at = codes.index(then) if then in codes else 0
        return first not in codes[:at] or codes[at - 1] in (",", ":")

    def before(self, symbol: str) -> list[Ref]:
        """The pieces named before the first `symbol`; all, where there is none."""
        behind = self.after(symbol)
        return list(self.refs[: len(self.refs) - len(behind)])

    def ranks(self) -> list[int]:
        """Ranks named; 0 is the last one."""
        return [int(str(token.value)) for token in self.tokens if token.symbol == "rank"]


def blocks(told: Told) -> bool | None:
    """Something is put between a check and the king; what `is blocked` is another thing."""
    begins = 3 if told.tokens[0].symbol == "with" else 2
    first = next((token for token in told.tokens[:begins] if token.symbol == "block"), None)
    return True if first is not None and first.value not in ("blocked", "被堵住的") else None


def never(_: Told) -> bool | None:
    """Nothing of the kind is allowed."""
    return False


def so(_: Told) -> bool | None:
    """It is so."""
    return True


def only(*pieces: int) -> Callable[[Told], bool | None]:
    """True of these pieces, false of others, open where no piece is named."""
    return lambda told: told.piece in pieces if told.piece else None


_ALIKE = {QUEEN: {QUEEN, ROOK, BISHOP}}


def like(told: Told) -> bool | None:
    """A piece moves as another one does."""
    other = told.after("like") if not told.has("promote") else []
    first = told.refs[0] if told.refs else None
    if (
        first is None
        or not other
        or first is other[0]
        or told.apart("np", "like")
        or not first.piece
        or not other[0].piece
    ):
        return None
    return other[0].piece in _ALIKE.get(first.piece, {first.piece})


_UNTIL = re.compile(r"(?<!\S)(?:when|past) (?:move|turn) num|num (?:turn|move) (?:when|past)")
_BOTH = re.compile(
    r"(?:forward|straight) (?:and|w|like|but) (?:w )*diag|diag (?:and|w|like|but) (?:w )*(?:forward|straight)"
)


_TURNED = re.compile(r"move diag (?:\S+ )?capture (?:straight|forward)")


def checks(told: Told) -> bool | None:
    """Whether a kind of piece may give check or mate, where it is said that it may not."""
    refs = told.refs[:1] if [ref.piece for ref in told.refs[1:]] == [KING] else told.refs
    if (
        len(refs) != 1
        or refs[0].owner
        or refs[0].piece == KING
        or "pinned" in told.refs[0].traits
        or told.tokens[0].symbol != "np"
    ):
        return None
    if "be check" in told.code or told.has("move", "stay", "reach", "capture", "must"):
        return None
    if told.has("checkmate"):
        return False if told.piece in (PAWN, ROOK, QUEEN) else None
    if told.has("nocheck") and not any(str(t.value).startswith(("can not", "不能")) for t in told.tokens):
        return None
    return False if told.piece else None


def diagonally(told: Told) -> bool | None:
    """A piece moves along diagonals; of pawns that is so where they capture."""
    if told.piece == PAWN:
        if told.has("halfmove", "empty"):
            return False
        if told.has("capture") and not told.has("move") and _BOTH.search(told.code):
            return False
        if _TURNED.search(told.code):
            return False
        two = told.has("num") and any(n > 1 for n in told.numbers)
        return False if two else True if told.has("capture") and not told.has("neg") else None
    return only(BISHOP, QUEEN, KING)(told)


def straight(told: Told) -> bool | None:
    """A piece moves along files and ranks."""
    if told.piece == PAWN:
        if told.has("diag"):
            return True
        return False if told.has("capture") else True if told.code.startswith("np move straight") else None
    if told.piece == KING:
        return None
    if told.piece == QUEEN and told.has("must", "only"):
        return None if told.has("diag") and not told.has("neg") else False
    return only(ROOK, QUEEN)(told)


def forward(told: Told) -> bool | None:
    """A pawn moves straight ahead, and does not capture so."""
    if told.piece != PAWN or told.has("diag") or told.numbers:
        return None
    return not told.has("capture")


_COUNTED = re.compile(r"num (?:w )?(?:square|move)")


def steps(told: Told) -> bool | None:
    """How many squares at once."""
    counts, piece = told.numbers, told.piece
    if (
        piece == KING
        and counts
        and _COUNTED.search(told.code)
        and not told.has("castle", "castleright", "check", "stay", "attacked")
    ):
        return max(counts) == 1
    if told.has("attack", "defend"):
        return None
    if piece == KNIGHT and told.has("straight", "forward", "sideways", "diag"):
        return False
    if piece == PAWN and (counts or told.has("doublestep")):
        count = max(counts, default=2) if not told.has("doublestep") else 2
        if count == 1:
            told_so = told.has("move") and not told.has("promote", "ep", "reach") and "on move num" not in told.code
            return True if told_so else None
        late = told.has("anytime", "centre", "moved") or any(rank not in (2, 7) for rank in told.ranks())
        home = told.refs[0].square
        late = (
            late
            or bool({"doubled", "passed", "isolated"} & set(told.refs[0].traits))
            or (home is not None and count == 2 and chess.square_rank(home) not in (1, 6))
        )
        if count > 2 or late or told.has("sideways", "back", "diag"):
            return False
        return True if told.has("first", "rank", "unmoved") or home is not None else None
    return None


def any_number(told: Told) -> bool | None:
    """A piece moves as many squares as it likes."""
    return only(BISHOP, ROOK, QUEEN)(told)


def any_direction(told: Told) -> bool | None:
    """A piece moves in every direction."""
    if told.piece == KING and any(n > 1 for n in told.numbers):
        return False
    return only(QUEEN, KING)(told)


def own(told: Told) -> bool | None:
    """Somebody captures what is their own."""
    owners = [ref.owner for ref in told.refs[:2]]
    first = {"player": owners[:1], "third": owners[:1]}
    if len(owners) == 2 and owners[1] and (owners[0] == owners[1] or owners[1] in first):
        return False
    aims = told.after("capture")
    mine = [token.value for token in told.tokens if token.symbol == "side"]
    return False if aims and aims[0].owner and aims[0].owner in mine[:1] else None


def through(told: Told) -> bool | None:
    """A piece passes through others."""
    if len(told.refs) < 2 and not told.has("between", "ownpiece", "enemy"):
        return None
    if isinstance(told.tokens[-1].value, Ref) and len(told.refs) == 1:
        return False if told.has("doublestep") else None
    return only(KNIGHT)(told)


def king_taken(told: Told) -> bool | None:
    """A king is captured."""
    aims = told.after("capture") if told.has("capture") else list(told.refs[:1])
    return False if aims and aims[0].piece == KING else None


def guarded(told: Told) -> bool | None:
    """A king captures what is guarded, or not."""
    if told.piece != KING:
        return None
    guarded = told.has("defended") or any("defended" in ref.traits for ref in told.refs)
    free = told.has("undefended", "hanging") or any({"undefended", "hanging"} & set(ref.traits) for ref in told.refs)
    return True if free else False if guarded else None


def begins(told: Told) -> bool | None:
    """Who moves first."""
    at = next(n for n, token in enumerate(told.tokens) if token.symbol == "begin")
    who = [t.value for t in told.tokens[:at] if t.symbol == "side" and t.value in _SIDES]
    return who[-1] == "white" if who and who[-1] in ("white", "black") else None


def into_check(told: Told) -> bool | None:
    """A king moves into check."""
    codes = [token.symbol for token in told.tokens]
    verbs = [codes.index(verb) for verb in ("move", "capture", "reach") if verb in codes]
    moves = bool(verbs) and min(verbs) > codes.index("np")
    return False if told.piece == KING and moves and not told.has("block") else None


def captured_back(told: Told) -> bool | None:
    """What was captured comes back."""
    gone = any({"captured", "dead", "lost"} & set(ref.traits) for ref in told.refs)
    codes = [token.symbol for token in told.tokens]
    verb = next((codes.index(name) for name in ("return", "drop", "back", "promote") if name in codes), 0)
    gone = gone or (bool(told.refs) and not {"captured", "dead", "lost"}.isdisjoint(codes[:verb]))
    return False if gone else None


def pinned_checks(told: Told) -> bool | None:
    """A pinned piece gives check; one that `loses the power` to is said not to."""
    pinned = told.has("pinned") or any("pinned" in ref.traits for ref in told.refs)
    return not told.has("lost", "captured") if pinned else None


def limited(told: Told) -> bool | None:
    """A line piece goes no further than so many squares."""
    return False if told.piece in (BISHOP, ROOK, QUEEN) and any(n < 7 for n in told.numbers) else None


def double_check(told: Told) -> bool | None:
    """Only the king's move answers a double check."""
    if told.has("onlyking") or any(ref.piece == KING for ref in told.refs):
        return True
    return False if told.has("block", "capture") or (told.has("can") and told.has("respond")) else None


def two_queens(told: Told) -> bool | None:
    """Somebody has more queens than one."""
    return True if len(told.refs) == 1 and told.piece == QUEEN and (told.refs[0].count or 1) > 1 else None


def chosen_by_others(told: Told) -> bool | None:
    """Somebody else chooses what a pawn becomes."""
    who = {str(token.value) for token in told.tokens if token.symbol == "side"}
    owner = told.piece == PAWN and told.refs[0].owner
    return False if told.has("referee") or (owner and who and owner not in who) else None


_NO_HINDRANCE = frozenset(("forked", "isolated", "passed", "doubled", "hanging", "undefended", "attacked"))


def unhampered(told: Told) -> bool | None:
    """Something keeps a piece from moving or capturing that keeps none."""
    return False if told.refs and _NO_HINDRANCE & set(told.refs[0].traits) and len(told.refs) == 1 else None


def immune(told: Told) -> bool | None:
    """A piece cannot be captured."""
    codes = [token.symbol for token in told.tokens]
    return told.piece == KING if told.piece and codes.index("np") < codes.index("neg") else None


def twice(told: Told) -> bool | None:
    """Somebody moves twice; what happened to a position twice is another thing."""
    if "check twice" in told.code:
        return None
    may = told.has("can", "allow", "legal", "must", "neg", "illegal")
    return False if may or (not told.has("position") and (told.refs or told.has("side", "promote"))) else None


_NEEDLESS = ("不用", "不必", "无需")


def answered(told: Told) -> bool | None:
    """A check is answered, always."""
    if any(token.value in _NEEDLESS for token in told.tokens):
        return True
    return None if told.has("optional", "only") else True if told.has("must") else None


def captures_two(told: Told) -> bool | None:
    """One move captures more pieces than one."""
    return False if any((ref.count or 1) > 1 for ref in told.after("capture")) else None


def before_move(told: Told) -> bool | None:
    """Something is forbidden until a certain move."""
    codes = " ".join(token.symbol for token in told.tokens)
    return (
        False
        if _UNTIL.search(codes)
        and not (codes.startswith("neg") and told.tokens[0].chinese)
        and not told.has("win", "lost")
        else None
    )


def spared(told: Told) -> bool | None:
    """A kind of piece does not capture another kind."""
    kinds = [ref.piece for ref in told.refs]
    where = told.has(
        "forward", "straight", "diag", "back", "sideways", "through", "over", "like", "check", "attacked", "square"
    )
    never_at_all = any(
        str(t.value) == "never" or str(t.value).startswith("从") for t in told.tokens if t.symbol == "neg"
    )
    never_at_all = never_at_all or told.tokens[-1].value == "anything"
    if never_at_all and not where and len(kinds) == 1 and kinds[0] and told.tokens[-1].symbol in ("capture", "w"):
        return False
    if where or len(kinds) != 2 or 0 in kinds or told.refs[0].owner or told.refs[1].owner:
        return None
    aim = told.refs[1]
    return aim.piece == KING or (kinds[0] == KING and "defended" in aim.traits)
