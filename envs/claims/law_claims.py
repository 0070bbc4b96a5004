"""Claims about the rules: who may do what, compiled to a piece and a capability, and checked against the Laws.

Each entry of `CAPABILITIES` is a pattern over the symbols of a clause and what the Laws say of it: None where usage
leaves it open. A statement is one of rules where it names a rule (`per new rule`, `fide change`), or where it is
general: pieces of nobody in particular, on no square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from envs.claims.clause import Clause, refs
from envs.claims.nouns import Ref, Token
from envs.ruling import FALSE, TRUE, UNVERIFIABLE, Claim

PAWN, KNIGHT, BISHOP, ROOK, QUEEN, KING = range(1, 7)

TRIGGERS = (
    r"per (?:new |latest |special |this |w ){0,3}(?:rule|article|fide|variant)",
    r"(?:new|latest|special) (?:fide |w )?(?:rule|article|variant)",
    r"(?:fide|referee) (?:has |by )?(?:w )?(?:change|allow)",
    r"rule (?:has |be |by |w ){0,2}(?:change|inforce|allow)",
    r"rule allow|in (?:this )?variant|article (?:article|num)|change rule|inforce",
)
CHANGED = (
    r"fide (?:has |w )?change(?: w)? (?:new |latest )?rule",
    r"(?:fide|referee) (?:has )?change",
    r"rule (?:has |be |by |w ){0,2}change",
    r"(?:this be|has|this has|by) (?:w )?new rule",
    r"new rule (?:be |has )?(?:w )?inforce",
    r"change rule",
)


class Law(NamedTuple):
    """What the Laws say of a capability."""

    pattern: str
    holds: Callable[[list[Ref], tuple[Token, ...]], bool | None]
    sub: str
    article: str
    en: str
    zh: str
    triggered: bool = False
    """only where a rule is named: without one the words mean something else"""


def _always(value: bool | None) -> Callable[[list[Ref], tuple[Token, ...]], bool | None]:
    return lambda _refs, _tokens: value


_ALIKE = {QUEEN: {QUEEN, ROOK, BISHOP}, ROOK: {ROOK}, BISHOP: {BISHOP}, KNIGHT: {KNIGHT}, KING: {KING}, PAWN: {PAWN}}


def _like(found: list[Ref], _: tuple[Token, ...]) -> bool | None:
    if len(found) < 2 or not found[0].piece or not found[1].piece:
        return None
    return found[1].piece in _ALIKE[found[0].piece]


def _like_a_knight(found: list[Ref], _: tuple[Token, ...]) -> bool | None:
    return found[0].piece == KNIGHT if found and found[0].piece else None


def _only(*pieces: int) -> Callable[[list[Ref], tuple[Token, ...]], bool | None]:
    """True of these pieces, false of others, open where no piece is named."""
    return lambda found, _tokens: found[0].piece in pieces if found and found[0].piece else None


_PLAYERS = ("me", "you", "white", "black", "player", "third", "we")


def _sideways(found: list[Ref], tokens: tuple[Token, ...]) -> bool | None:
    """The symbol stands for a direction and for a player: only the direction is one."""
    if tokens[-1].value in _PLAYERS:
        return None
    return _only(ROOK, QUEEN, KING)(found, tokens)


def _promotes_to(found: list[Ref], tokens: tuple[Token, ...]) -> bool | None:
    target = found[-1].piece
    if any(token.symbol in ("only", "must") for token in tokens):
        return False if target else None
    return target in (KNIGHT, BISHOP, ROOK, QUEEN) if target else None


def _steps(found: list[Ref], tokens: tuple[Token, ...]) -> bool | None:
    count = next((token.value for token in tokens if token.symbol == "num"), None)
    if not found or found[0].piece != PAWN or not isinstance(count, int):
        return None
    symbols = {token.symbol for token in tokens}
    return count == 1 or (count == 2 and "anytime" not in symbols and ("first" in symbols or "rank" in symbols))


def _own(found: list[Ref], _: tuple[Token, ...]) -> bool | None:
    sides = [ref.owner for ref in found[:2]]
    return False if len(sides) == 2 and sides[0] and sides[0] == sides[1] else None


def _counted(found: list[Ref], tokens: tuple[Token, ...]) -> bool | None:
    count = next((token.value for token in tokens if token.symbol == "num"), None)
    return count in (50, 75) if isinstance(count, int) else None


_M = r"(?:can |must |by |to |w )*(?:move )?"
CAPABILITIES: tuple[Law, ...] = (
    Law(rf"np {_M}(?:like|move like) np(?: same| move)*", _like, "moves_like", "3.2-3.8",
        "Each piece moves in its own way (articles 3.2 to 3.8).", "每种棋子有自己的走法（第3.2至3.8条）。"),
    Law(rf"np {_M}lshape", _like_a_knight, "moves_like", "3.6",
        "Only the knight moves so.", "只有马这样走。"),
    Law(rf"np {_M}(?:capture |w )?back", _only(KNIGHT, BISHOP, ROOK, QUEEN, KING), "backward", "3.7.1",
        "Pawns never move or capture backward; the other pieces may.", "兵不能后退，其他棋子可以。"),
    Law(rf"np {_M}(?:capture )?side", _sideways, "sideways", "3.7",
        "Pawns, knights and bishops never move sideways.", "兵、马、象不能横走。"),
    Law(rf"np {_M}(?:w )?diag", lambda r, t: None if r and r[0].piece == PAWN else _only(BISHOP, QUEEN, KING)(r, t),
        "diagonal", "3.2", "Bishops, queens and kings move along diagonals.", "只有象、后、王沿斜线走。"),
    Law(r"np (?:can |w )*jump (?:w |over )*(?:np|between|ownpiece|enemy)|np (?:can )?jump", _only(KNIGHT), "jumps", "3.6",
        "Only the knight passes over other pieces.", "只有马可以越过其他棋子。"),
    Law(r"(?:np|side) (?:can |by |w )*capture (?:poss |w )*ownpiece", _always(False), "captures_own", "3.1",
        "No piece moves to a square that one of its own side occupies.", "不能走到己方棋子占据的格子。"),
    Law(r"np (?:can )capture np", _own, "captures_own", "3.1",
        "No piece moves to a square that one of its own side occupies.", "不能走到己方棋子占据的格子。"),
    Law(r"(?:np|side)(?: \S+){0,4} revive|revive (?:w |side |poss )*np", _always(False), "revives", "3.1.1",
        "A captured piece is removed from the board and never returns.", "被吃的棋子离开棋盘，不再返回。"),
    Law(r"np(?: \S+){0,3} return(?: \S+){0,3}|np(?: \S+){0,2} back to (?:poss )?(?:first|sq)", _always(False), "revives",
        "3.1.1", "A captured piece is removed from the board and never returns.", "被吃的棋子离开棋盘，不再返回。", True),
    Law(r"(?:side|np) (?:can |w )*drop(?: \S+){0,3} (?:np|anytime|sq)|(?:can |w )drop np", _always(False), "drops", "3.1.1",
        "Pieces are never put back or dropped onto the board.", "不能把棋子放回棋盘。", True),
    Law(r"(?:side|np|w|must|can) (?:can |w )*skip|pass (?:poss |w )*turn", _always(False), "skips_turn", "1.2",
        "The players move alternately; nobody may pass.", "双方轮流走棋，不能放弃一步。"),
    Law(r"(?:side|np) (?:can |has |by |w |get )*(?:move |make )?twice(?: move)?|(?:can|has) twice", _always(False),
        "moves_twice", "1.2", "The players move alternately, one move each.", "双方轮流走棋，每次一步。"),
    Law(r"castle(?: \S+){0,2} (?:through|from|in) (?:check|np attacked|attacked)|castle hyp (?:np|side) be check|castle check",
        _always(False), "castling", "3.8.2", "Castling out of, through or into check is not allowed.", "王被将军、经过或到达被攻击的格子时不能易位。"),
    Law(r"castle(?: \S+){0,3} (?:np|side)(?: has| be)* moved", _always(False), "castling", "3.8.2.1",
        "A king or rook that has moved has lost the right to castle.", "王或车走动后即失去易位权。"),
    Law(r"(?:np |side )?(?:can |must |w )*promote(?: only| w)*(?: to)? np",
        _promotes_to, "promotes_to", "3.7.3.3",
        "A pawn becomes a queen, rook, bishop or knight, as the player chooses.", "兵升变为后、车、象或马，由棋手选择。"),
    Law(r"np (?:can )?promote(?: \S+){0,2} anytime", _always(False), "promotion_rank", "3.7.3.3",
        "A pawn is promoted on the rank furthest from where it began, and nowhere else.", "兵只在底线升变。"),
    Law(r"underpromote (?:be )?(?:w )?(?:legal|possible)|(?:np|side) can underpromote", _always(True), "promotes_to", "3.7.3.3",
        "A pawn may become a rook, bishop or knight.", "兵可以升变为车、象、马。"),
    Law(r"underpromote (?:be )?(?:w )?illegal", _always(False), "promotes_to", "3.7.3.3",
        "A pawn may become a rook, bishop or knight.", "兵可以升变为车、象、马。"),
    Law(r"ep (?:be |has )*(?:w )?(?:illegal|nolonger)", _always(False), "en_passant", "3.7.3.1",
        "Capturing en passant is legal on the move after the double step.", "吃过路兵在对方兵走两格后的下一步合法。"),
    Law(r"ep (?:\S+ ){0,3}anytime", _always(False), "en_passant", "3.7.3.2",
        "A capture en passant is legal only on the very next move.", "吃过路兵只能在紧接的下一步。"),
    Law(r"ep (?:be )?(?:w )?legal|(?:np|side) can (?:capture )?ep|ep (?:must|can|be) (?:\S+ ){0,3}immediately|capture ep",
        _always(True), "en_passant", "3.7.3.1",
        "Capturing en passant is legal on the move after the double step.", "吃过路兵在对方兵走两格后的下一步合法。"),
    Law(r"stale (?:be )?(?:w )?(?:win|lost)(?: \S+){0,3}", _always(False), "stalemate", "5.2.1",
        "Stalemate is a draw.", "逼和是和棋。"),
    Law(r"stale (?:be )?(?:w )?draw", _always(True), "stalemate", "5.2.1", "Stalemate is a draw.", "逼和是和棋。"),
    Law(r"(?:threefold|fivefold)(?: \S+){0,4} (?:win|lost)", _always(False), "repetition", "9.2",
        "Repetition draws, and never wins or loses.", "重复局面是和棋，不分胜负。"),
    Law(r"(?:threefold|fivefold)(?: repeat)?(?: \S+){0,3} (?:draw|claimed|legal|automatic)|draw(?: \S+){0,3} (?:threefold|fivefold)",
        _always(True), "repetition", "9.2", "The third repetition can be claimed as a draw, the fifth is one.",
        "三次重复可要求和棋，五次重复自动和棋。", True),
    Law(r"num move (?:rule )?(?:\S+ ){0,4}(?:draw|claimed)|draw (?:\S+ ){0,3}num move(?: halfmove| rule)*|num move halfmove",
        _counted, "move_count", "9.3", "Fifty moves without a capture or pawn move can be claimed as a draw, 75 are one.",
        "五十回合无吃子无动兵可要求和棋，七十五回合自动和棋。", True),
    Law(r"np can (?:be |by )captured", lambda r, t: False if r and r[0].piece == KING else None, "king_captured", "1.4.1",
        "The king is never captured; the game ends with checkmate.", "王不能被吃，将死即结束。"),
    Law(r"(?:np|side) (?:can )(?:stay |ignore |w )+(?:in )?check", _always(False), "ignores_check", "3.9.2",
        "A check must be answered.", "被将军必须应将。"),
    Law(r"check must (?:be )?respond|must respond (?:to )?check", _always(True), "ignores_check", "3.9.2",
        "A check must be answered.", "被将军必须应将。"),
    Law(r"np (?:can )?(?:be |stand |stay )*adjacent", lambda r, t: False if r and r[0].piece == KING else None,
        "kings_adjacent", "3.9.1", "Kings never stand next to each other.", "双方的王不能相邻。"),
    Law(r"(?:np|side)(?: \S+){0,3} magic", _always(False), "magic", "3.1", "The Laws know nothing of the kind.", "规则中没有这样的事。"),
    Law(rf"np {_M}num square(?: on| poss| first| rank| anytime| w){{0,4}}", _steps, "pawn_steps", "3.7.2",
        "A pawn moves one square, or two from where it began.", "兵每次走一格，从原位可走两格。"),
    Law(r"np pinned (?:can |w )*givecheck|pinned np (?:can |w )*givecheck|np (?:can )?givecheck", _always(None), "pinned_check",
        "3.9.1", "A pinned piece gives check all the same.", "被牵制的棋子仍可将军。"),
)  # fmt: skip


def law_claims(clause: Clause, *, triggered: bool, chess960: bool) -> Iterator[Claim]:
    """The claim of rules that a clause makes, one at most."""
    for law in CAPABILITIES:
        if law.triggered and not triggered:
            continue
        tokens = clause.found(law.pattern)
        if tokens is None or not (triggered or _general(clause, tokens)):
            continue
        holds = law.holds(refs(tokens), tokens)
        if holds is None:
            continue
        holds = holds != clause.denied
        yield Claim("rule", f"rule/{law.sub}", clause.quote, TRUE if holds else FALSE, law.en, law.zh, law.article)
        return
    if chess960 and clause.has("chess960"):
        yield Claim("rule", "rule/chess960", clause.quote, UNVERIFIABLE)


def changed(clause: Clause) -> Claim | None:
    """A bare announcement that the rules are others now: they are not, in the middle of a game."""
    if clause.denied or not any(clause.found(pattern) for pattern in CHANGED):
        return None
    en = "The rules do not change during a game; the Laws in force are FIDE's of 2023."
    return Claim(
        "rule",
        "rule/changed",
        clause.quote,
        FALSE,
        en,
        "对局中规则不会改变；现行规则是国际棋联2023年规则。",
        "Introduction",
    )


def triggers(clause: Clause) -> bool:
    """Whether a rule, an authority or a change of rules is named."""
    return any(clause.found(pattern) for pattern in TRIGGERS)


def _general(clause: Clause, tokens: tuple[Token, ...]) -> bool:
    """A statement about pieces of nobody in particular, that says what can be or is: nothing about this position."""
    found = refs(tokens)
    specific = any(ref.square is not None or ref.file is not None or ref.owner for ref in found)
    who = [token.value for token in tokens if token.symbol == "side" and token.value in _PLAYERS]
    allowed = clause.has("can", "must", "legal", "illegal", "ep", "stale", "underpromote", "revive", "like", "move")
    return (
        not specific and all(value in ("you", "player") for value in who) and allowed and not clause.has("when", "past")
    )
