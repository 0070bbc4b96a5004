"""What a clause tells of promotion and of en passant; each answers as the questions of `telling` do."""

from __future__ import annotations

from envs.claims.nouns import Ref
from envs.claims.telling import KING, PAWN, Told


def promotes_to(told: Told) -> bool | None:
    """What a pawn may become."""
    at = next(n for n, token in enumerate(told.tokens) if token.symbol == "promote")
    before = [token.value for token in told.tokens[:at] if isinstance(token.value, Ref)]
    other = bool(before) and before[0].piece > PAWN
    if other and told.after("promote") and not told.has("has"):
        return False
    if other and len(before) == 1 and told.has("rank", "reach", "can") and not told.has("through", "by", "illegal"):
        return False
    ends = (n for n, t in enumerate(told.tokens) if n > at + 1 and t.symbol in ("when", "reach", "cond"))
    targets = Told.of(told.tokens[: next(ends, None)]).after("promote")
    if any(token.value == "except" for token in told.tokens):
        return None
    targets = [ref for ref in targets if ref.piece]
    if not targets:
        return False if told.has("enemy") else None
    kinds = {ref.piece for ref in targets}
    if kinds & {PAWN, KING} or any((ref.count or 1) > 1 for ref in targets) or told.has("enemy"):
        return False
    if any(ref.owner not in ("", "me", "player", "third") for ref in targets):
        return None
    gone = told.has("captured", "lost", "dead") or any({"captured", "dead", "lost"} & set(r.traits) for r in told.refs)
    if told.has("only", "must", "limit") and gone:
        return False
    if told.has("only", "must"):
        return len(kinds) == 4 or (False if len(kinds) == 1 else None)
    return True if told.has("can", "allow", "legal", "illegal", "optional", "neg", "always") else None


def promotes_where(told: Told) -> bool | None:
    """Where a pawn is promoted, and whether it must be."""
    if (told.has("optional") and not told.after("promote")) or (told.has("stay") and told.has("rank", "reach")):
        return False
    if told.has("centre", "anytime", "first") or any(0 < rank < 8 for rank in told.ranks()):
        return False
    return True if told.ranks() else None


def promotes(told: Told) -> bool | None:
    """False where either is."""
    found = (promotes_where(told), promotes_to(told))
    return False if False in found else found[0] or found[1]


def passing(told: Told) -> bool | None:
    """When and by whom one captures en passant."""
    if any(ref.piece == 0 and "any" in ref.traits for ref in told.refs):
        return False
    if told.has("anytime") and told.has("neg", "gone", "expire") and told.has("right"):
        return True
    if told.has("mandatory", "like") or any(ref.piece not in (0, PAWN) for ref in told.refs) or told.has("anytime"):
        return False
    if told.has("twice", "back") or (told.has("optional") and told.has("with")):
        return False
    if told.has("move", "turn") and max([0, *told.numbers]) > 2:
        return False
    if told.tokens[0].symbol == "ep" and max([0, *told.numbers]) > 1 and not (told.refs or told.has("when", "past")):
        return False
    if not {5, 6}.issuperset(told.ranks()):
        return None
    if told.numbers == [1] and told.has("only", "has", "move"):
        return True
    return True if told.has("can", "must", "legal", "illegal", "allow", "immediately", "nolonger", "be", "by") else None
