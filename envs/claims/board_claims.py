"""Claims about the position: patterns over the symbols of a whole clause, checked on the board.

A clause must be understood from end to end; what is not, is no claim that anybody could judge. What is false after the
move but was true before it may be meant either way, and is unverifiable, as are facts that usage leaves open.
"""

from __future__ import annotations

import chess

from envs.claims import facts, judges
from envs.claims.clause import Clause
from envs.claims.judges import Judge, Scene
from envs.ruling import FALSE, TRUE, UNVERIFIABLE, Claim

_BE = r"(?:be |by )*"
STATES: tuple[tuple[str, str, Judge], ...] = (
    ("check", r"(?:side|np) (?:be |by |in )+check(?: from np| by np)?|(?:side|np) (?:by np )?check", judges.check),
    ("check", r"(?:san )?check|(?:this|that|w) be check|(?:side )?givecheck(?: to np| to side| np)?", judges.called_check),
    ("check", r"np givecheck(?: np)?", judges.gives_check),
    ("mate", rf"(?:san )?checkmate|that be checkmate|this be checkmate|(?:side|np) {_BE}checkmate", judges.mate),
    ("stalemate", rf"stale|this be stale|(?:side|position) {_BE}stale", judges.stale),
    ("pinned", rf"np {_BE}pinned(?: (?:by|to) np){{0,2}}|np by np pin|np pin np(?: to np)?", judges.pinned),
    ("attacked", rf"np {_BE}attacked(?: by (?:np|side))?|np by (?:np|side) attack", judges.attacked),
    ("attacks", r"np (?:be )?attack (?:np|sq|square sq|sq square)|np defend sq", judges.attacks),
    ("attacked", r"side (?:be )?attack np|this be attack on np", judges.attacked_by_side),
    ("attacked", r"sq (?:square )?(?:be |by )*attacked by np", judges.controls),
    ("hanging", rf"np {_BE}hanging", judges.each(facts.hanging)),
    ("defended", rf"np {_BE}defended(?: by np)?|np (?:under|has) np defend", judges.defended),
    ("undefended", rf"np {_BE}undefended", judges.undefended),
    ("forks", r"np (?:be )?fork(?: np and np)?|np attack np and np", judges.forks),
    ("stands", r"np (?:be )?(?:on |at )?sq|sq (?:at )?(?:has|be) np|np be on sq|this be np|side (?:on )?sq (?:at )?has np|sq (?:be |by )*occupied by np|on sq this be np", judges.stands),
    ("stands", r"np be np", judges.is_one),
    ("empty", r"(?:square )?sq (?:square |at )?(?:be )?empty", judges.empty),
    ("owns", r"side (?:w )?has np", judges.owns),
    ("material", r"side (?:be |has )?(?:up|down) (?:num )?(?:np|material)(?: in material| w)?", judges.ahead),
    ("material", r"side be (?:up|down) w np|side be w np (?:up|down)", judges.ahead),
    ("material", r"side (?:be |has )?(?:num )?np (?:up|down)|side has (?:num )?np (?:up|down)(?: than side)?", judges.ahead),
    ("material", r"side be (?:up|down) (?:in |on )?material|side has up material", judges.ahead),
    ("material", r"(?:material be|side be|side has) equal(?: in)?(?: material)?|side be material equal|side material equal|material equal", judges.even),
    ("castling", r"(?:side|np) can (?:castle(?: short| long)?|shortcastle|longcastle)", judges.castles),
    ("castling", r"side (?:has |lost |captured |poss )*(?:castleright|short castleright|long castleright|shortcastle castleright|longcastle castleright)(?: short| long)?", judges.castles),
    ("en_passant", r"side can (?:move )?san ep|san ep (?:be )?legal|san be legal ep|side can ep with san", judges.ep_move),
    ("legal", r"side can (?:move )?san|this be legal to move san|(?:w |move )san be legal", judges.legal),
    ("insufficient", r"(?:this |that |position )+(?:be |has )*(?:draw )?(?:by |per )?insufficient(?: material| position)*", judges.insufficient),
    ("claims_draw", r"side can (?:claimed |draw |by |per |rule |the |repeat )*(?:threefold|fivefold)(?: repeat| draw| claimed)*", judges.claims_draw),
    ("castling", r"side (?:short |long )?castleright(?: short| long)? (?:be )?(?:intact|gone)", judges.castles),
    ("material", r"side (?:be )?(?:num points (?:up|down)|(?:up|down) num points)(?: in material| of material| material)*", judges.points),
    ("material", r"side has (?:material up|up material)(?: than side)?|side be material up", judges.ahead),
    ("legal", r"san (?:be )?(?:w )?(?:legal|possible|legalmoves)(?: move)?", judges.legal),
    ("illegal", r"san (?:be )?(?:w )?illegal", judges.legal),
    ("only_move", r"san (?:be )?(?:poss |side )?(?:only |num )*onlymove|side has (?:only |num )*(?:onlymove|legalmoves)|this be (?:poss |side )?onlymove|(?:side|poss) onlymove be san|(?:poss|side) (?:only )?onlymove : san", judges.only_move),
    ("only_move", r"side has nomoves", judges.only_move),
    ("repetition", r"(?:this |that |same |position |has |be |by |repeat |draw |w )*(?:twofold|threefold|fourfold|fivefold)(?: repeat| position)*", judges.repeated),
    ("pawn", rf"np {_BE}(?:passed|isolated|doubled)(?: np)?", judges.trait),
    ("unstoppable", rf"np {_BE}unstoppable|(?:side|this be) unstoppable np", judges.unstoppable),
    ("en_passant", r"side can (?:capture )?(?:np |on sq )?ep|ep be (?:legal|possible)", judges.ep),
    ("moves_without_capture", r"num turn halfmove|(?:this |be |there |has )*num move (?:has )?(?:passed |w )?halfmove", judges.quiet),
)  # fmt: skip


def state_claim(clause: Clause, before: chess.Board, after: chess.Board, speaker: chess.Color) -> Claim | None:
    """What a clause says of the position, if anything."""
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
    return sub == "castling" and clause.has("lost", "captured", "gone")
