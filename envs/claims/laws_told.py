"""What the Laws of Chess say of what is told about them: which symbols of a clause are about what, and is it so.

Word order differs between languages and talkers, so each `Law` asks only which symbols are there (`needs`) and then
compares pieces, numbers and conditions. `holds` answers as if something were allowed; `forbidden` in a clause turns it
round. None leaves it open: the next law may know, or nobody does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

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

    def has(self, *symbols: str) -> bool:
        """Whether one of them is there."""
        return not self.symbols.isdisjoint(symbols)

    @property
    def piece(self) -> int:
        """The first piece spoken of; 0 where it is of no certain kind."""
        return self.refs[0].piece if self.refs else 0

    @property
    def numbers(self) -> list[int]:
        """Every number said, with those of pieces."""
        said = [token.value for token in self.tokens if token.symbol == "num"]
        return [n for n in (*said, *(ref.count for ref in self.refs)) if isinstance(n, int)]

    def after(self, symbol: str) -> list[Ref]:
        """The pieces named behind the first `symbol`."""
        at = next((n for n, token in enumerate(self.tokens) if token.symbol == symbol), len(self.tokens))
        return [token.value for token in self.tokens[at:] if isinstance(token.value, Ref)]

    def apart(self, first: str, then: str) -> bool:
        """Whether a comma stands right before `then`, or nothing of `first` before it."""
        codes = [token.symbol for token in self.tokens]
        at = codes.index(then) if then in codes else 0
        return first not in codes[:at] or codes[at - 1] in (",", ":")

    def ranks(self) -> list[int]:
        """Ranks named; 0 is the last one."""
        return [int(str(token.value)) for token in self.tokens if token.symbol == "rank"]


class Law(NamedTuple):
    """What the Laws say of something."""

    needs: str
    """symbols that must be there, `a|b` for either, `!a` for one that must not"""
    holds: Callable[[Told], bool | None]
    sub: str
    article: str
    en: str
    zh: str

    def about(self, told: Told) -> bool:
        """Whether `told` is about this."""
        for need in self.needs.split():
            there = not told.symbols.isdisjoint(need.removeprefix("!").split("|"))
            if there == need.startswith("!"):
                return False
        return True


def _never(_: Told) -> bool | None:
    return False


def _so(_: Told) -> bool | None:
    return True


def _only(*pieces: int) -> Callable[[Told], bool | None]:
    """True of these pieces, false of others, open where no piece is named."""
    return lambda told: told.piece in pieces if told.piece else None


_ALIKE = {QUEEN: {QUEEN, ROOK, BISHOP}}


def _like(told: Told) -> bool | None:
    other = told.after("like")
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


def _diagonally(told: Told) -> bool | None:
    if told.piece == PAWN:
        two = told.has("num") and any(n > 1 for n in told.numbers)
        return False if two else True if told.has("capture") and not told.has("neg") else None
    return _only(BISHOP, QUEEN, KING)(told)


def _straight(told: Told) -> bool | None:
    if told.piece == PAWN:
        if told.has("diag"):
            return True
        return False if told.has("capture") else None
    if told.piece == KING:
        return None
    return _only(ROOK, QUEEN)(told)


def _forward(told: Told) -> bool | None:
    if told.piece != PAWN or told.has("diag") or told.numbers:
        return None
    return not told.has("capture")


def _promotes_to(told: Told) -> bool | None:
    before = told.refs[: len(told.refs) - len(told.after("promote"))]
    if before and before[0].piece > PAWN and told.after("promote"):
        return False
    targets = [ref for ref in told.after("promote") if ref.piece]
    if not targets:
        return False if told.has("enemy") else None
    kinds = {ref.piece for ref in targets}
    if kinds & {PAWN, KING} or any((ref.count or 1) > 1 for ref in targets) or told.has("enemy"):
        return False
    if any(ref.owner not in ("", "me", "player", "third") for ref in targets):
        return None
    if told.has("only") or (told.has("must") and not told.ranks()):
        return len(kinds) == 4 or (False if len(kinds) == 1 else None)
    return True


def _promotes_where(told: Told) -> bool | None:
    if told.has("optional", "stay") and told.has("rank", "reach"):
        return False
    if told.has("centre", "anytime", "first") or any(0 < rank < 8 for rank in told.ranks()):
        return False
    return True if told.ranks() else None


def _promotes(told: Told) -> bool | None:
    """False where either is."""
    found = (_promotes_where(told), _promotes_to(told))
    return False if False in found else found[0] or found[1]


def _steps(told: Told) -> bool | None:
    """How many squares at once."""
    counts, piece = told.numbers, told.piece
    if piece == KING and counts and not told.has("castle", "castleright"):
        return max(counts) == 1
    if piece == KNIGHT and told.has("straight", "forward", "sideways", "diag"):
        return False
    if piece == PAWN and (counts or told.has("doublestep")):
        count = max(counts, default=2) if not told.has("doublestep") else 2
        if count == 1:
            return True if told.has("move") and not told.has("promote", "ep", "reach") else None
        late = told.has("anytime", "centre", "moved") or any(rank not in (2, 7) for rank in told.ranks())
        if count > 2 or late or told.has("sideways", "back", "diag"):
            return False
        return True if told.has("first", "rank", "unmoved") else None
    return None


def _any_number(told: Told) -> bool | None:
    return _only(BISHOP, ROOK, QUEEN)(told)


def _any_direction(told: Told) -> bool | None:
    if told.piece == KING and any(n > 1 for n in told.numbers):
        return False
    return _only(QUEEN, KING)(told)


def _own(told: Told) -> bool | None:
    owners = [ref.owner for ref in told.refs[:2]]
    first = {"player": owners[:1], "third": owners[:1]}
    if len(owners) == 2 and owners[1] and (owners[0] == owners[1] or owners[1] in first):
        return False
    aims = told.after("capture")
    mine = [token.value for token in told.tokens if token.symbol == "side"]
    return False if aims and aims[0].owner and aims[0].owner in mine[:1] else None


def _castles(told: Told) -> bool | None:
    """With whom, when and how far."""
    if any(ref.piece in (PAWN, KNIGHT, BISHOP, QUEEN) for ref in told.refs) and not told.has("through", "between"):
        return False
    if told.has("unmoved"):
        return True
    if told.has("moved"):
        return told.has("lost", "nolonger", "captured")
    if told.has("attacked", "attack"):
        attacked = [ref.piece for ref in told.refs]
        return True if ROOK in attacked and KING not in attacked else False if told.has("through", "over") else None
    if told.has("check"):
        return False
    if told.has("through", "between", "jump", "over") and not told.has("chess960"):
        return False
    if told.has("twice", "anytime"):
        return False
    if told.has("chess960") and told.has("can", "first", "legal"):
        return True
    counts = [n for n in told.numbers if n < 10]
    if counts and told.has("square"):
        return max(counts) == 2
    return None


def _passing(told: Told) -> bool | None:
    if told.has("mandatory") or any(ref.piece not in (0, PAWN) for ref in told.refs) or told.has("anytime"):
        return False
    if told.has("twice", "back"):
        return False
    return True if told.has("can", "must", "legal", "illegal", "allow", "immediately", "nolonger", "be", "by") else None


def _through(told: Told) -> bool | None:
    if len(told.refs) < 2 and not told.has("between", "ownpiece", "enemy"):
        return None
    return _only(KNIGHT)(told)


def _draws(told: Told) -> bool | None:
    """What comes of repetition."""
    if told.has("win", "lost"):
        return False
    folds = enumerate(("twofold", "threefold", "fourfold", "fivefold"), 2)
    times = [n for n, name in folds if told.has(name)] or [n for n in told.numbers if n < 10]
    if not times or not told.has("draw", "claimed", "legal", "ends"):
        return None
    if times[0] == 3 and told.has("automatic") and not told.has("claimed", "can"):
        return None
    return times[0] in (3, 5)


def _counted(told: Told) -> bool | None:
    """The rules of fifty and of seventy-five moves."""
    counts = [n for n in told.numbers if n >= 10]
    if not counts:
        return None
    if told.has("win", "lost"):
        return False
    if any(n not in (50, 75, 100, 150) for n in counts):
        return False
    return True if told.has("draw", "claimed", "ends") else None


def _king_taken(told: Told) -> bool | None:
    aims = told.after("capture") if told.has("capture") else list(told.refs[:1])
    return False if aims and aims[0].piece == KING else None


def _guarded(told: Told) -> bool | None:
    if told.piece != KING:
        return None
    guarded = told.has("defended") or any("defended" in ref.traits for ref in told.refs)
    free = told.has("undefended", "hanging") or any({"undefended", "hanging"} & set(ref.traits) for ref in told.refs)
    return True if free else False if guarded else None


def _begins(told: Told) -> bool | None:
    who = [t.value for t in told.tokens if t.symbol == "side" and t.value in _SIDES]
    return who[0] == "white" if who and who[0] in ("white", "black") else None


def _into_check(told: Told) -> bool | None:
    return False if told.piece == KING and told.has("move", "capture") else None


def _mates(told: Told) -> bool | None:
    if told.has("draw", "skip"):
        return False
    return True if told.has("win", "ends") else None


def _captured_back(told: Told) -> bool | None:
    gone = told.has("captured", "dead", "lost") or any(
        {"captured", "dead", "lost"} & set(ref.traits) for ref in told.refs
    )
    return False if gone else None


_LIKE = "Each piece moves in its own way (articles 3.2 to 3.8).", "每种棋子有自己的走法（第3.2至3.8条）。"
_BACK = "Pawns never move or capture backward; the other pieces may.", "兵不能后退，其他棋子可以。"
_GONE = "A captured piece is removed from the board and never returns.", "被吃的棋子离开棋盘，不再返回。"
_TURNS = "The players move alternately, one move each; nobody may pass.", "双方轮流走棋，每次一步，不能放弃。"
_CASTLING = (
    "The king castles with a rook, neither moved before, nothing between, not out of, through or into check.",
    "王与车易位：二者未动，之间无子，王不处于、不经过、不进入被攻击的格子。",
)
_PROMOTION = (
    "A pawn becomes a queen, rook, bishop or knight of its colour, on the last rank and only there.",
    "兵到达底线时必须升变为同色的后、车、象或马。",
)
_PASSING = (
    "A pawn may capture en passant only on the move right after the double step.",
    "只能用兵、在对方兵走两格后的下一步吃过路兵。",
)
_STALE = "Stalemate is a draw.", "逼和是和棋。"
_REPEATS = "The third repetition can be claimed as a draw, the fifth is one.", "三次重复可要求和棋，五次重复自动和棋。"
_QUIET = (
    "Fifty moves without a capture or pawn move can be claimed as a draw, 75 are one.",
    "五十回合无吃子无动兵可要求和棋，七十五回合自动和棋。",
)
_CHECKED = "A check must be answered, and no king moves into one.", "被将军必须应将，王不能走入被攻击的格子。"
_TAKEN = "The king is never captured; the game ends with checkmate.", "王不能被吃，将死即结束。"
_STEP = "A pawn moves one square, or two from where it began.", "兵每次走一格，从原位可走两格。"
_OWN = "No piece moves to a square that one of its own side occupies.", "不能走到己方棋子占据的格子。"
_OVER = "Only the knight passes over other pieces.", "只有马可以越过其他棋子。"

LAWS: tuple[Law, ...] = (
    Law("magic", _never, "magic", "3.1", "The Laws know nothing of the kind.", "规则中没有这样的事。"),
    Law("skip", _never, "skips_turn", "1.2", *_TURNS),
    Law("jump|pass turn", _never, "skips_turn", "1.2", *_TURNS),
    Law("revive", _never, "revives", "3.1.1", *_GONE),
    Law("return|drop|back|promote", _captured_back, "revives", "3.1.1", *_GONE),
    Law("stale", lambda t: False if t.has("win", "lost") else True if t.has("draw", "equal") else None,
        "stalemate", "5.2.1", *_STALE),
    Law("insufficient", lambda t: False if t.has("win", "lost") else True if t.has("draw", "ends") else None,
        "insufficient", "5.2.2", "A position in which nobody can mate is drawn.", "双方都无法将死即为和棋。"),
    Law("ep", _passing, "en_passant", "3.7.3.2", *_PASSING),
    Law("castle|shortcastle|longcastle|castleright", _castles, "castling", "3.8.2", *_CASTLING),
    Law("castle|shortcastle|longcastle legal|illegal|can|allow|exist !attacked", _so, "castling", "3.8.2", *_CASTLING),
    Law("underpromote", _so, "promotes_to", "3.7.3.3", *_PROMOTION),
    Law("promote", _promotes, "promotes_to", "3.7.3.3", *_PROMOTION),
    Law("reach np !promote", lambda t: _promotes_where(t) if t.piece == PAWN and len(t.refs) > 1 else None,
        "promotion_rank", "3.7.3.3", *_PROMOTION),
    Law("threefold|fivefold|twofold|fourfold|repeat", _draws, "repetition", "9.2", *_REPEATS),
    Law("moverule|halfmove|rule num", _counted, "move_count", "9.3", *_QUIET),
    Law("move|turn num draw|win|lost|ends|claimed !repeat", _counted, "move_count", "9.3", *_QUIET),
    Law("checkmate", _mates, "checkmate", "1.4.1", *_TAKEN),
    Law("check respond", lambda t: None if t.has("optional") else True if t.has("must") else None,
        "ignores_check", "3.9.2", *_CHECKED),
    Law("check stay", _never, "ignores_check", "3.9.2", *_CHECKED),
    Law("givecheck|check", lambda t: True if t.has("pinned") or any("pinned" in r.traits for r in t.refs) else None, "pinned_check", "3.9.1",
        "A pinned piece gives check all the same.", "被牵制的棋子仍可将军。"),
    Law("check np !givecheck", _into_check, "ignores_check", "3.9.2", *_CHECKED),
    Law("twice !castle", _never, "moves_twice", "1.2", *_TURNS),
    Law("np adjacent", lambda t: False if t.piece == KING else None, "kings_adjacent", "3.9.1",
        "Kings never stand next to each other.", "双方的王不能相邻。"),
    Law("captured|capture np", _king_taken, "king_captured", "1.4.1", *_TAKEN),
    Law("capture np", _guarded, "king_captures", "3.9.1", *_CHECKED),
    Law("capture ownpiece", _never, "captures_own", "3.1", *_OWN),
    Law("capture np !like", _own, "captures_own", "3.1", *_OWN),
    Law("like np", _like, "moves_like", "3.2-3.8", *_LIKE),
    Law("np lshape", _only(KNIGHT), "moves_like", "3.6", "Only the knight moves so.", "只有马这样走。"),
    Law("np jump", _only(KNIGHT), "jumps", "3.6", *_OVER),
    Law("np through|over np|between|ownpiece|enemy !check !attacked", _through, "jumps", "3.6", *_OVER),
    Law("np back", _only(KNIGHT, BISHOP, ROOK, QUEEN, KING), "backward", "3.7.1", *_BACK),
    Law("np sideways", _only(ROOK, QUEEN, KING), "sideways", "3.7",
        "Pawns, knights and bishops never move sideways.", "兵、马、象不能横走。"),
    Law("np num|doublestep square|doublestep|move", _steps, "pawn_steps", "3.7.2", *_STEP),
    Law("np color stay|change|move", lambda t: not t.has("change") if t.piece == BISHOP else None, "one_colour", "3.2",
        "A bishop stays on squares of one colour.", "象始终在同色格上。"),
    Law("np anydir", _any_direction, "any_direction", "3.2-3.8", *_LIKE),
    Law("np diag move|capture|can", _diagonally, "diagonal", "3.2",
        "Bishops, queens and kings move along diagonals.", "只有象、后、王沿斜线走。"),
    Law("np straight move|capture|can|square|diag", _straight, "straight", "3.3",
        "Rooks and queens move along files and ranks.", "车和后沿直线走。"),
    Law("np forward move|capture", _forward, "forward", "3.7.1",
        "Pawns move straight ahead and capture diagonally.", "兵直走斜吃。"),
    Law("np anynumber move|can|square", _any_number, "any_number", "3.2-3.4", *_LIKE),
    Law("touch", lambda t: True if t.has("must", "rule", "mandatory") else None, "touch_move", "4.3",
        "A piece that was touched on purpose must be moved.", "摸子必须走子。"),
    Law("takeback", _never, "takeback", "4.7", "A move that was made stands.", "落子无悔。"),
    Law("begin side", _begins, "begins", "1.2", "White moves first.", "白方先走。"),
    Law("has np", lambda t: True if t.piece == QUEEN and (t.refs[0].count or 1) > 1 else None, "promotes_to",
        "3.7.3.3", *_PROMOTION),
    Law("agree can|allow|by|legal", _so, "agreement", "5.2.3", "The players may agree to a draw.", "双方可以协议和棋。"),
    Law("capture mandatory|must !ep !promote", lambda t: False if t.has("mandatory") else None, "mandatory", "3.1",
        "Nobody has to capture.", "不强制吃子。"),
)  # fmt: skip
