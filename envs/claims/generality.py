"""Whether a clause tells how chess is played, or speaks of this very game.

`Pawns can't move back` is a rule; `your pawn can't move back`, `I castle now` and `that's mate` are of this position.
How firmly the sentence names a rule decides how much of the second kind is taken for one nevertheless.
"""

from __future__ import annotations

import re
from enum import IntEnum

from envs.claims.telling import BISHOP, KING, KNIGHT, PAWN, QUEEN, Told


class Named(IntEnum):
    """How a sentence names a rule: not at all (`NOT`), one that there may be (`RULE`), a new one (`NEW`)."""

    NOT, RULE, NEW = range(3)


_MODAL = ("can", "must", "allow", "legal", "illegal", "mandatory", "nolonger")
_TELLING = (
    *_MODAL, "ep", "stale", "underpromote", "revive", "like", "move", "capture", "insufficient", "threefold", "fivefold",
    "twofold", "skip", "castleright", "begin", "checkmate", "halfmove", "moverule", "unmoved", "magic", "announce",
    "takeback", "uncastle", "recolor", "face", "river", "leg", "expire", "ownside", "limit", "alternate", "resign",
    "removed", "ignorecheck", "block", "answercheck", "optional", "ownpiece", "nocheck", "touchrule", "needs",
    "mustcapture", "decide", "double", "automatic", "onlyking", "color",
)  # fmt: skip
_SPECIAL = (
    "through", "moved", "unmoved", "check", "attacked", "attack", "over", "only", "same", "twice", "anytime", "mandatory",
    "waschecked", "traded", "between", "among", "answercheck", "respond",
)  # fmt: skip
"""what makes of castling or en passant a rule about them"""
_CLAIMABLE = ("claimed", "threefold", "fivefold", "moverule", "checkmate", "insufficient", "rule", "halfmove")
_PERSONS = frozenset(("me", "white", "black"))
_HERE = frozenset(("me", "you", "white", "black", "we"))
_STATED = re.compile(r"(?<!\S)this (?:be )?(?:w )?(?:checkmate|stale|check|repeat|threefold)")
"""`it's mate`"""
_WILL = ("will", "shall", "会", "将")


def tells(told: Told, level: Named, *, present: bool) -> bool:
    """Whether a clause tells how chess is played, and nothing of this position.

    Args:
        told: the clause.
        level: how firmly a rule is named.
        present: the sentence speaks of `now` or `here`.
    """
    owned = _owned(told, present)
    if level == Named.NEW:
        return not owned or told.has(*_TELLING, "return", "twice", "drop", "promote", "side", "captured")
    if told.has("sq", "san") and not told.has("chess960", "castle", "longcastle"):
        return False
    if level == Named.RULE:
        return not owned or told.has(*_MODAL, "ownpiece", "ep", "magic", "revive", "skip", "twice")
    if owned or _planned(told) or _pointed(told) or _personal(told) or _here(told, present):
        return False
    # `go ahead and take it` is no rule, whoever may be meant
    acts = told.symbols.intersection(_TELLING) <= {"move", "capture"}
    return not (
        acts
        and told.has("move", "capture")
        and not told.refs
        and not told.has("turn", "repeat", "win", "lost", "twice", "nomoves")
    )


def _who(told: Told) -> set[object]:
    """The persons spoken of, as actors or as owners."""
    return {token.value for token in told.tokens if token.symbol == "side"} | {ref.owner for ref in told.refs}


def _owned(told: Told, present: bool) -> bool:
    """It speaks of somebody's piece, or of one on a square; the `you` of `when your king has moved you can't castle` is anybody."""
    first = told.refs[0].owner if told.refs else ""
    anybody = told.has("castle", "captured") and told.has("neg", "can", "illegal") and told.has("when", "cond")
    anybody = anybody or (told.has("check") and told.has("illegal", "neg") and told.has("move") and told.piece == KING)
    anybody = anybody or (told.has("lost") and told.has("only"))
    anybody = anybody or (told.has("attacked") and told.has("neg") and told.piece == KING)
    anybody = anybody or told.has("win", "ends") or (told.has("ep") and told.has("only", "when"))
    anybody = anybody and first == "you" and not present
    placed = any(ref.square is not None or ref.file is not None for ref in told.refs)
    return (first in ("me", "you") and not anybody) or placed


def _planned(told: Told) -> bool:
    """It speaks of what somebody wants, or of what has been."""
    wanted = any(token.symbol == "fut" and token.value not in _WILL for token in told.tokens)
    return wanted or (told.has("past") and not told.has("moved", "unmoved", "illegal", "color", "change", "waschecked"))


def _pointed(told: Told) -> bool:
    """It points at something: `this`, `that move`."""
    stated = _STATED.search(" ".join(token.symbol for token in told.tokens)) and not told.has("when", "nomoves")
    return told.has("this") and not told.has("touch", "unmoved") and (not told.pronoun or bool(stated))


def _personal(told: Told) -> bool:
    """It speaks of me, or of White or Black."""
    if told.has("only") and told.has("castle", "shortcastle", "longcastle"):
        return False
    counted = told.has("repeat", "twofold", "threefold", "fivefold")
    counted = counted or told.has("halfmove", "moverule") or (told.has("when") and max([0, *told.numbers]) > 9)
    if counted and told.has("win", "lost"):
        return False
    back = told.has("can") and (told.has("twice") or any("captured" in ref.traits for ref in told.refs))
    return bool(_who(told) & _PERSONS) and not told.has("allow", "begin", "takeback", "skip") and not back


def _here(told: Told, present: bool) -> bool:
    """It speaks of what can be done or claimed now: castling, passing pawns, draws, resigning."""
    who = _who(told)
    special = told.has(*_SPECIAL) or (told.has("square", "move", "turn") and bool(told.numbers))
    special = special or any(ref.piece in (PAWN, KNIGHT, BISHOP, QUEEN) for ref in told.refs)
    special = special or (told.has("immediately") and told.has("ep"))
    plain = told.has("ep", "castle", "shortcastle", "longcastle") and not special
    again = any(token.symbol == "twice" and str(token.value).endswith(" again") for token in told.tokens)
    possible = present or told.has("possible")
    here = "you" in who and (again or plain)
    here = here or (plain and (possible or told.has("short", "long", "shortcastle", "longcastle")))
    rights = told.has(*_CLAIMABLE) and bool(who & _HERE) and (present or not told.has("allow"))
    rights = rights and not told.has("must", "needs") and not (told.has("threefold") and told.has("win", "lost"))
    here = (
        here
        or rights
        or (possible and told.has("claimed"))
        or (told.has("resign", "flag") and bool(who & _HERE) and not (told.numbers or told.has("anytime")))
    )
    return here or (told.has("insufficient") and not _dead_in_general(told) and not told.has("must", "automatic"))


def _dead_in_general(told: Told) -> bool:
    """Of too little material it tells whose, and not that it is here: `with bare kings`, `king and bishop against king`."""
    first = told.tokens[0]
    subject = first.symbol in ("insufficient", "w", "with") or first.value == "player" or len(told.refs) > 1
    subject = subject or told.has("when", "cond")
    return subject and not told.has(",") and (not told.has("position") or first.symbol == "with")
