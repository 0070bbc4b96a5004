"""What a clause tells of castling; each answers as the questions of `telling` do."""

from __future__ import annotations

import chess

from envs.claims.telling import BISHOP, KING, KNIGHT, PAWN, QUEEN, ROOK, Told


def castles(told: Told) -> bool | None:
    """With whom, when and how far; a castled king is another thing."""
    if any(token.symbol == "castle" and token.value in ("castled", "易位过") for token in told.tokens):
        return None
    for asked in (_by_whom, _after, _under_attack, _how):
        holds = asked(told)
        if holds is not None:
            return holds
    return None


def _by_whom(told: Told) -> bool | None:
    """Who castles, and with which piece."""
    others = any(ref.piece in (PAWN, KNIGHT, BISHOP, QUEEN) for ref in told.refs)
    if others and not told.has("through", "between", "traded"):
        return None if told.has("neg") else False
    one_side = any(t.symbol == "side" and t.value in ("white", "black") for t in told.tokens)
    mine = next((t.value for t in told.tokens if t.symbol == "side"), "")
    if mine in ("me", "you") and any(ref.piece == ROOK and ref.owner not in ("", mine, "third") for ref in told.refs):
        return False
    sides = {t.value for t in told.tokens if t.symbol == "side"}
    if {"white", "black"} <= sides and told.has("must", "when"):
        return False
    if told.has("promote") or (told.has("only") and (one_side or told.has("up"))):
        return False
    return False if any(ref.piece == ROOK and (ref.count or 1) > 1 for ref in told.refs) else None


def _how(told: Told) -> bool | None:
    """How often, over what, and how far."""
    if (
        told.numbers == [2]
        and told.has("square")
        and any(ref.piece == KING for ref in told.refs)
        and not told.has("through")
    ):
        return True
    if told.has("jump", "over") and not told.has("can", "return") and [ref.piece for ref in told.refs] == [ROOK, KING]:
        return True
    if told.has("empty") and told.has("among", "between"):
        return True
    if told.has("through", "between", "jump", "over", "among") and not told.has("chess960"):
        return False
    if told.has("twice", "twofold", "anytime"):
        return False
    if told.has("chess960") and told.has("can", "first", "legal"):
        return True
    counts = told.numbers
    if counts and max(counts) > 4 and told.has("square"):
        return False
    return max(counts) == 2 if counts and told.has("square") and (told.refs or told.has("move")) else None


def since_move(told: Told) -> bool | None:
    """Castling from a certain move on, or only before one."""
    named = any(n > 4 for n in told.numbers) and told.has("move", "turn", "square") and not told.has("halfmove")
    named = named and not (told.has("must", "needs") and told.has("neg"))
    return False if named else None


def _after(told: Told) -> bool | None:
    """Castling after what has been: moves of king and rook, checks, traded queens."""
    if told.has("unmoved") and told.has("moved"):
        return False
    checked = told.has("check") and told.tokens[-1].symbol == "when" and not told.has("only")
    if checked or told.has("unmoved", "waschecked", "traded") or (told.has("check") and told.has("twofold")):
        return True
    if told.has("return") and any(ref.piece == KING for ref in told.refs) and not told.has("lost"):
        return False
    if told.has("lost") and told.has("castleright") and told.has("move"):
        return True
    if told.has("nolonger") and told.has("move", "moved"):
        return False
    if told.has("moved"):
        return told.has("lost", "captured", "gone") and not told.has("return", "back", "legal", "can")
    return None


def _under_attack(told: Told) -> bool | None:
    """Castling while something is attacked: the rook may be, and the square beside it."""
    if told.has("answercheck", "respond"):
        return False
    aims = [chess.FILE_NAMES[int(str(t.value)) % 8] for t in told.tokens if t.symbol in ("sq", "file")]
    if told.has("attacked", "attack"):
        if aims:
            return True if aims[0] == "b" else False if aims[0] in "cdefg" else None
        who = [ref.piece for ref in told.before("attacked" if told.has("attacked") else "attack") if ref.piece]
        if who[-1:] == [ROOK]:
            return not (told.has("castleright") and told.has("lost", "captured", "gone"))
        return False if told.has("through", "over", "from") else None
    return [ref.piece for ref in told.before("check")][-1:] == [ROOK] if told.has("check") else None


def named_alone(told: Told) -> bool | None:
    """Castling is legal, and nothing is said of when or for whom."""
    castled = any(token.value in ("castled", "易位过") for token in told.tokens)
    return None if castled or any(ref.piece in (PAWN, KNIGHT, BISHOP, QUEEN) for ref in told.refs) else True
