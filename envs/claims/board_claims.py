"""Claims about the position: patterns over the symbols of a whole clause, checked on the board.

A clause must be understood from end to end; what is not, is no claim that anybody could judge. What is false after the
move but was true before it may be meant either way, and is unverifiable, as are facts that usage leaves open.
"""

from __future__ import annotations

from dataclasses import replace

import chess

from envs.claims import facts
from envs.claims import game_judges as games
from envs.claims import piece_judges as pieces
from envs.claims.clause import Clause, refs
from envs.claims.scene import Judge, Scene
from envs.ruling import FALSE, TRUE, UNVERIFIABLE, Claim

_AROUND = r"(?:(?:this|that|same|position|has|be|by|for|link|repeat|draw|w|past|reach|side|and|num)(?: |$))"
_BE = r"(?:be |by )*"
_MOVED = r"(?:san|np (?:capture |to )?sq) (?:and )?(?:that |this )?be"
_DENIABLE = frozenset(
    f"state/{sub}"
    for sub in "check mate stalemate pinned attacked attacks defended hanging stands legal pawn forks owns open_file".split()
)
STATES: tuple[tuple[str, str, Judge], ...] = (
    ("mate", rf"{_MOVED} checkmate", games.move_mates),
    ("turn", r"(?:this |position )?be poss (?:move|turn)|turnof side(?: move)?", games.turn),
    ("turn", r"turnof side(?: move)?", games.turn),
    ("castled", r"(?:side|np) (?:has )?castled|(?:side|np) (?:stay sq )?uncastled", games.castled),
    ("castling", r"(?:side|np) (?:can )?nolonger castle (?:to|on) (?:side|either)", games.castles),
    ("check", r"np be check on sq", pieces.check),
    ("open_file", r"file (?:be )?(?:num )?(?:openfile|halfopen)", games.open_file),
    ("material", r"side (?:has )?(?:num )?material_pair", pieces.bishop_pair),
    ("check", r"(?:np|side) (?:be )?uncheck", pieces.unchecked),
    ("legal", r"np (?:be )?can (?:move |capture |jump |reach |legal )+(?:to )?(?:sq|np on sq)", pieces.reaches),
    ("legal", r"side (?:this |can )*move np(?: be)? legal(?: move)?", games.legal),
    ("only_move", r"side (?:has )?(?:only )?onlymove be np", games.only_move),
    ("illegal", r"side (?:illegal|neg can|can neg) (?:move )?san|side move san (?:be )?illegal", games.legal),
    ("legal", r"side (?:this )?(?:move )?(?:this )?san (?:be )?legal", games.legal),
    ("en_passant", r"side can (?:move )?san (?:capture )?(?:side |np )?ep", games.ep_move),
    ("castling", r"side (?:num )?castleright (?:be )?gone", games.castles),
    ("moves_without_capture", r"halfmove (?:halfmove )?num turn", games.quiet),
    ("owns", r"np (?:be )?intact", pieces.owns),
    ("castled", r"side has (?:neg )?castle(?: short| long)?|(?:side|np) (?:to |stay sq )?neg castle", games.castled),
    ("queens_off", r"traded", games.queens_off),
    ("material", r"(?:side|material) (?:be )?(?:w |dead )?equal(?: on material)?", games.even),
    ("belongs", r"np be side", pieces.belongs),
    ("undefended", r"np neg np defend", pieces.undefended),
    ("en_passant", r"ep (?:on )?sq (?:be )?legal", games.ep),
    ("only_move", r"side has num square legal (?:respond|move)|side nomoves", games.only_move),
    ("castling", r"side (?:position )?neg (?:castle right|castleright)", games.castles),
    ("stands", r"np (?:be )?w on sq", pieces.stands),
    ("owns", r"side has has np", pieces.owns),
    ("check", rf"{_MOVED} check", games.move_checks),
    ("check", r"check to np from np|np by np givecheck", pieces.check),
    ("pinned", r"np (?:be )?by (?:side|np) pin(?: on np forward)?|np (?:be )?by np pin on np forward|np (?:be )?pinned on np forward|np by pin", pieces.pinned_by_side),
    ("forks", r"side (?:has )?(?:forked|fork) np and np", pieces.forked_by_side),
    ("castling", r"(?:long |short )?(?:castle|shortcastle|longcastle) (?:short |long )?be (?:legal|possible) (?:for|to) side|side can castle on (?:short|long)", games.castles),
    ("castling", r"side (?:shortcastle|longcastle) be legal|side castleright (?:captured|lost)|(?:side|np) (?:has )?nolonger (?:castle|castleright|shortcastle|longcastle)(?: short| long)?", games.castles),
    ("en_passant", r"ep (?:capture )?on sq be (?:legal|possible) (?:to|for) side|(?:side|np) can capture (?:poss |np )?ep on sq", games.ep),
    ("only_move", r"(?:only )?onlymove side has be san|san be (?:only )?onlymove side has|side (?:has |only |num )*(?:onlymove|legalmoves)", games.only_move),
    ("legal", r"this be legal for side to (?:w |move )?san|side move san be legal", games.legal),
    ("material", r"side be (?:np (?:up|down)|(?:up|down) np) for np", games.ahead_for),
    ("material", r"side than side (?:up|down) (?:num )?np", games.ahead),
    ("moves_without_capture", r"halfmove be reach", games.fifty),
    ("stands", r"np (?:be )?on first on sq", pieces.stands),
    ("check", r"(?:side|np) (?:be |by |in )+check(?: from np| by np)?|(?:side|np) (?:by np )?check|np under check|this be check to np|side (?:on|this) check", pieces.check),
    ("check", r"(?:san )?check|(?:this|that|w) be check|(?:side )?givecheck(?: to np| to side| np)?", pieces.called_check),
    ("check", r"np givecheck(?: np)?|np on check", pieces.gives_check),
    ("mate", rf"(?:san )?checkmate|that be checkmate|this be checkmate|(?:side|np) {_BE}checkmate", pieces.mate),
    ("stalemate", rf"stale|np be stale|side has stale|be stale position|this be stale|(?:side|position) {_BE}stale", games.stale),
    ("pinned", rf"np {_BE}pinned(?: (?:by|to) np){{0,2}}|np by np pin|np pin np(?: to np)?|side (?:has )?(?:pin|pinned) np", pieces.pinned),
    ("attacked", rf"np {_BE}attacked(?: by (?:np|side))?|np by (?:np|side) attack|np (?:under|by) (?:np )?attack|np be attacked from np", pieces.attacked),
    ("attacks", r"np (?:be )?attack (?:np|sq|square sq|sq square)|np defend sq|np on attack np", pieces.attacks),
    ("attacked", r"side (?:be |on )?attack np|this be attack on np", pieces.attacked_by_side),
    ("attacked", r"sq (?:square )?(?:be |by )*attacked by np|sq by np attack", pieces.controls),
    ("hanging", rf"np {_BE}hanging", pieces.each(facts.hanging)),
    ("defended", rf"np {_BE}defended(?: by np)?|np (?:under|has) np defend|side (?:be )?defend np", pieces.defended),
    ("undefended", rf"np {_BE}undefended", pieces.undefended),
    ("forks", r"np (?:be )?fork(?: np and np)?|np attack np and np", pieces.forks),
    ("forks", r"np and np (?:be |by )*(?:forked by np|np fork)", pieces.forked),
    ("stands", r"np (?:be )?(?:on |at )?sq|sq (?:at )?(?:has|be) np|np be on sq|this be np|side (?:on )?sq (?:at )?has np|sq (?:be |by )*occupied by np|sq by np occupied|on sq this be np|np (?:on|intact) sq(?: square)?", pieces.stands),
    ("stands", r"np be np", pieces.is_one),
    ("empty", r"(?:square )?sq (?:square |at )?(?:be )?empty", pieces.empty),
    ("owns", r"side (?:w )?has np", pieces.owns),
    ("material", r"side (?:be |has )?(?:up|down) (?:num )?(?:np|material)(?: in material| w)?", games.ahead),
    ("material", r"side be (?:up|down) w np|side be w np (?:up|down)", games.ahead),
    ("material", r"side (?:be |has )?(?:num )?np (?:up|down)|side has (?:num )?np (?:up|down)(?: than side)?", games.ahead),
    ("material", r"side be (?:up|down) (?:in |on )?material|side has up material", games.ahead),
    ("material", r"(?:material be|side be|side has) equal(?: in)?(?: material)?|side be material equal|side material equal|material equal", games.even),
    ("castling", r"(?:side|np) can (?:castle(?: short| long)?|shortcastle|longcastle)", games.castles),
    ("castling", r"side (?:has |lost |captured |poss )*(?:castleright|short castleright|long castleright|shortcastle castleright|longcastle castleright)(?: short| long)?", games.castles),
    ("en_passant", r"side can (?:move |w )?san ep|san ep (?:be )?legal|san be legal ep(?: capture)?|side can (?:capture )?ep with san", games.ep_move),
    ("legal", r"side can (?:move |w )?san|this be legal to (?:move|w) san|(?:w |move )?(?:san|sq) (?:this )?(?:be )?legal(?: move)?", games.legal),
    ("insufficient", r"(?:this |that |position )+(?:be |has )*(?:draw )?(?:by |per )?insufficient(?: material| position)*", games.insufficient),
    ("claims_draw", r"side (?:be )?can (?:said |claimed |draw |by |with |per |fut |be |repeat )*(?:threefold|fivefold|repeat)(?: repeat| draw| claimed)*", games.claims_draw),
    ("castling", r"(?:side|poss) (?:be )?(?:short |long )?(?:castleright|shortcastle right|longcastle right)(?: short| long)? (?:be )?(?:intact|gone)"
        r"|side (?:has |captured |lost )+(?:shortcastle|longcastle) right|side has gone (?:short|long) castle", games.castles),
    ("material", r"side (?:be )?(?:has )?(?:num points (?:up|down)|(?:up|down) num points)(?: in material| of material| material| than side)*|side material (?:up|down) num points", games.points),
    ("material", r"side has (?:material up|up material|up)(?: than side)?|side be material up|side (?:on )?material (?:up|down)", games.ahead),
    ("legal", r"san (?:be )?(?:w )?(?:legal|possible|legalmoves)(?: move)?", games.legal),
    ("illegal", r"(?:move |w )?(?:san|sq) (?:this )?(?:be )?(?:w )?illegal(?: move)?", games.legal),
    ("only_move", r"san (?:be )?(?:poss |side )?(?:only |num )*onlymove|side has (?:only |num )*(?:onlymove|legalmoves)|this be (?:poss |side )?onlymove|(?:side|poss) onlymove be san|(?:poss|side) (?:only )?onlymove : san", games.only_move),
    ("only_move", r"side has nomoves", games.only_move),
    ("repetition", r"(?:this |that |be |w |has |repeat )*(?:threefold|fivefold)(?: repeat| position)*", games.repeated),
    ("repetition", rf"(?=.*(?:position|repeat)){_AROUND}*(?:twofold|threefold|fourfold|fivefold|twice)(?: {_AROUND.strip()})*",
        games.repeated),
    ("moves_without_capture", r"halfmove be (?:on )?num", games.clock),
    ("claims_draw", r"side (?:be )?can (?:claimed |draw |by |per |be )*num (?:move rule|moverule)(?: claimed)?|num move rule inforce",
        games.claims_fifty),
    ("pawn", rf"np {_BE}(?:passed|isolated|doubled)(?: np)?", pieces.trait),
    ("unstoppable", rf"np {_BE}unstoppable|(?:side |this be )?unstoppable np|np unstoppable np", pieces.unstoppable),
    ("en_passant", r"side can (?:capture )?(?:np |on sq )?ep|ep (?:capture )?be (?:legal|possible)(?: (?:for|to) side)?|side has ep(?: capture)?|can ep", games.ep),
    ("moves_without_capture", r"num turn halfmove|side has (?:w )?num move halfmove|num move (?:be |past |has )*(?:w )?halfmove|(?:this |be |there |has )*num move (?:has )?(?:passed |w )?halfmove", games.quiet),
)  # fmt: skip


_NOT = frozenset(
    ("not", "no", "isn't", *"不 没 没有 未 无 并非 不是 尚未 并没有 并没 并未 根本没有 根本没 根本不".split())
)


def state_claim(clause: Clause, before: chess.Board, after: chess.Board, speaker: chess.Color) -> Claim | None:
    """What a clause says of the position, if anything; `my rook is not attacked` denies what it says without `not`."""
    told = _stated(clause, before, after, speaker)
    negs = [token for token in clause.tokens if token.symbol == "neg"]
    if told is not None or len(negs) != 1 or negs[0].value not in _NOT:
        return told
    rest = Clause(tuple(token for token in clause.tokens if token is not negs[0]), clause.text)
    said = _stated(rest, before, after, speaker)
    if said is None or said.sub not in _DENIABLE:
        return None
    # `you aren't in check` is only said to be kind where it is so: it claims something where it lies
    if said.finding != TRUE:
        return None
    finding = FALSE
    if any(ref.square is None and ref.piece not in (0, chess.KING, chess.QUEEN) for ref in refs(rest.tokens)):
        finding = UNVERIFIABLE  # of several knights one is pinned: which is meant?
    return replace(said, quote=clause.quote, finding=finding)


def _stated(clause: Clause, before: chess.Board, after: chess.Board, speaker: chess.Color) -> Claim | None:
    for sub, pattern, judge in STATES:
        tokens = clause.found(pattern, whole=True)
        if tokens is None:
            continue
        fact = judge(Scene(after, speaker, tokens))
        if fact is None:
            continue
        denied = (sub == "illegal") ^ _turned(clause, sub)
        holds = fact.holds if fact.holds is None else fact.holds != denied
        if holds is False and before is not after and sub not in ("check", "mate", "stalemate", "repetition"):
            earlier = judge(Scene(before, speaker, tokens))
            if earlier is not None and earlier.holds is not None and earlier.holds != denied:
                holds = None
        finding = UNVERIFIABLE if holds is None else TRUE if holds else FALSE
        squares = tuple(dict.fromkeys(chess.SQUARE_NAMES[s] for s in fact.squares))
        return Claim("state", f"state/{sub}", clause.quote, finding, fact.en, fact.zh, squares=squares)
    return None


def _turned(clause: Clause, sub: str) -> bool:
    """`I have lost the right to castle` denies it."""
    return sub in ("castling", "castled") and clause.has("lost", "captured", "gone", "nolonger", "neg", "uncastled")
