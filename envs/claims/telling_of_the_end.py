"""What a clause tells of how a game ends; each answers as the questions of `telling` do."""

from __future__ import annotations

from envs.claims.telling import BISHOP, KING, KNIGHT, QUEEN, ROOK, Told


def draws(told: Told) -> bool | None:
    """What comes of repetition."""
    if told.has("win", "lost"):
        return False
    if told.has("only") and told.has("same") and told.has("move"):
        return False
    folds = enumerate(("twofold", "threefold", "fourfold", "fivefold"), 2)
    times = [n for n, name in folds if told.has(name)] or [n for n in told.numbers if n < 10]
    if not times or not told.has("draw", "claimed", "legal", "ends", "stops"):
        return None
    if times[0] == 3 and told.has("automatic") and not told.has("claimed", "can"):
        return None
    return times[0] in (3, 5)


def counted(told: Told) -> bool | None:
    """The rules of fifty and of seventy-five moves."""
    counts = [n for n in told.numbers if n >= 10]
    if not counts or not told.has("moverule", "halfmove", "move", "turn", "square", "draw", "claimed", "ends"):
        return None
    if told.has("win", "lost"):
        return False
    if any(n not in (50, 75, 100, 150) for n in counts):
        return False if told.has("draw", "claimed", "ends", "automatic", "moverule", "change", "rule") else None
    return True if told.has("draw", "claimed", "ends", "stops") else None


def dead(told: Told) -> bool | None:
    """King against king, with a minor piece at most, is dead."""
    kinds = [ref.piece for ref in told.refs]
    if kinds.count(KING) == 2 and len(kinds) == 3 and {ROOK, QUEEN} & set(kinds):
        return False if told.has("draw", "neg") else None
    if kinds.count(KING) != 2 or len(kinds) > 3 or not {KING, KNIGHT, BISHOP}.issuperset(kinds):
        return None
    return not told.has("win", "lost")


def mates(told: Told) -> bool | None:
    """What comes of checkmate."""
    if told.has("draw") and told.has("neg"):
        return None
    if told.has("draw", "skip", "twice") or (told.has("only") and told.refs):
        return False
    return True if told.has("win", "ends") else None
