"""What a clause says of pieces: where they stand, what they attack, guard, pin and check; a question each.

Each answers with a `Fact`, or None where it cannot be told what is meant.
"""

from __future__ import annotations

from collections.abc import Callable

import chess

from envs.claims import facts, pawn_facts
from envs.claims.facts import Fact
from envs.claims.nouns import Ref, Token
from envs.claims.scene import Judge, Scene


def each(ask: Callable[[chess.Board, int], Fact]) -> Judge:
    """Of the piece named first: `ask`, wherever such a piece stands."""

    def judged(scene: Scene) -> Fact | None:
        ref = scene.refs[0]
        if not ref.piece or (scene.color(ref) is None and ref.square is None):
            return None
        found = scene.squares(ref)
        return facts.any_of([ask(scene.board, s) for s in found]) if found else facts.absent(ref, scene.color(ref))

    return judged


def check(scene: Scene) -> Fact | None:
    """A side is in check."""
    color = scene.side()
    if color is None and scene.refs and scene.refs[0].piece not in (0, chess.KING) and not scene.has("by", "from"):
        return gives_check(scene)
    if color is None and scene.refs and scene.refs[0].piece == chess.KING:
        color = scene.color(scene.refs[0])
    if not scene.has("be", "by", "in", "under", "to"):
        said = next(t for t in scene.tokens if t.symbol == "check")
        if not said.chinese:  # `I check the clock`
            return None
        if color is not None and not str(said.value).startswith("被"):  # 我将军: it is the other's king
            color = not color
    if color is None and scene.has("side"):
        return None
    found = facts.check(scene.board, (not scene.speaker) if color is None else color)
    by = [ref for ref in scene.refs if ref.piece not in (0, chess.KING)]
    if found.holds and by and not set(scene.squares(by[0])) & set(found.squares[1:]):
        return found._replace(holds=False)  # it is another piece that gives it
    return found


def called_check(scene: Scene) -> Fact | None:
    """`Check!`, said with a move: the other side is in check."""
    return facts.check(scene.board, not scene.speaker)


def mate(scene: Scene) -> Fact | None:
    """A side is checkmated."""
    color = scene.side()
    if color is None and scene.refs:
        color = scene.color(scene.refs[0])
    if color is None:
        color = scene.board.turn if scene.board.is_checkmate() else not scene.speaker
    return facts.mate(scene.board, color)


def pinned(scene: Scene) -> Fact | None:
    """A piece is pinned, by and to what is named."""
    first, *others = scene.refs
    if not others and scene.side() is not None and not scene.has("be"):  # you have pinned my knight
        return _pinned_by(scene, first, None, None) if scene.side() != scene.color(first) else None
    if not scene.has("pinned") and not scene.has("by"):  # the bishop pins the knight
        pinner, first, *others = scene.refs
        fact = _pinned_by(scene, first, scene.squares(pinner), scene.squares(others[0]) if others else None)
        return fact if scene.squares(pinner) else None
    if scene.has("pin"):
        return _pinned_by(scene, first, scene.squares(others[0]), None)
    by = to = None
    for token, ref in zip([t for t in scene.tokens if isinstance(t.value, Ref)][1:], others, strict=True):
        before = scene.tokens[scene.tokens.index(token) - 1].symbol
        if before == "by":
            by = scene.squares(ref)
        elif before == "to":
            to = scene.squares(ref)
    return _pinned_by(scene, first, by, to)


def pinned_by_side(scene: Scene) -> Fact | None:
    """A piece is pinned, by whom is told only as a side; or by a piece, in front of its king."""
    first, *others = scene.refs
    to = scene.squares(others.pop()) if scene.has("on") else None
    by = scene.squares(others[0]) if others else None
    if by is None and scene.has("side") and scene.side() == scene.color(first):
        return None
    return _pinned_by(scene, first, by, to)


def _pinned_by(scene: Scene, ref: Ref, by: list[int] | None, to: list[int] | None) -> Fact | None:
    found = scene.squares(ref)
    if scene.color(ref) is None and ref.square is None:
        return None
    if not found:
        return facts.absent(ref, scene.color(ref))
    return facts.any_of([facts.pinned(scene.board, square, by, to) for square in found])


def attacks(scene: Scene) -> Fact | None:
    """A piece attacks another one or a square."""
    by = scene.refs[0]
    color = scene.color(by)
    mine = scene.squares(by)
    if color is None and by.square is not None and mine:
        color = scene.board.color_at(mine[0])
    if color is None and len(scene.refs) > 1:  # the knight attacks your queen
        aimed = scene.color(scene.refs[1])
        color = None if aimed is None else not aimed
        mine = facts.standing(scene.board, by, color)
    if color is None:
        return None
    if not mine:
        return facts.absent(by, color)
    if len(scene.refs) > 1:
        target = scene.refs[1]
        aims = facts.standing(scene.board, target, not color)
        if not aims:
            return facts.absent(target, not color)
    else:
        aims = [int(str(t.value)) for t in scene.tokens if t.symbol == "sq"]
    return facts.any_of([facts.attacked(scene.board, aim, mine, color) for aim in aims]) if aims else None


def attacked(scene: Scene) -> Fact | None:
    """A piece is attacked."""
    ref, *by = scene.refs
    color, found = scene.color(ref), scene.squares(ref)
    if color is None and ref.square is not None and found:
        color = scene.board.color_at(found[0])
    if color is None:
        return None
    if not found:
        return facts.absent(ref, color)
    attackers = scene.squares(by[0]) if by else None
    return facts.any_of([facts.attacked(scene.board, square, attackers, not color) for square in found])


def defended(scene: Scene) -> Fact | None:
    """A piece is defended."""
    ref, *by = scene.refs
    found = scene.squares(ref)
    if scene.color(ref) is None and ref.square is None:
        return None
    if not found:
        return facts.absent(ref, scene.color(ref))
    return facts.any_of([facts.defended(scene.board, s, scene.squares(by[0]) if by else None) for s in found])


def undefended(scene: Scene) -> Fact | None:
    """A piece is not defended."""
    fact = defended(scene)
    return None if fact is None else fact._replace(holds=None if fact.holds is None else not fact.holds)


def forks(scene: Scene) -> Fact | None:
    """A piece attacks two at once."""
    ref, *targets = scene.refs
    color, found = scene.color(ref), scene.squares(ref)
    if color is None and ref.square is not None and found:
        color = scene.board.color_at(found[0])
    if color is None:
        return None
    if not found:
        return facts.absent(ref, color)
    aims = [facts.standing(scene.board, target, not color) for target in targets]
    return facts.any_of([facts.forks(scene.board, square, aims) for square in found])


def forked_by_side(scene: Scene) -> Fact | None:
    """`I have forked your king and rook`: by any one piece."""
    color = scene.side()
    if color is None or any(scene.color(ref) == color for ref in scene.refs):
        return None
    aims = [facts.standing(scene.board, ref, not color) for ref in scene.refs]
    mine = [square for square in chess.SQUARES if scene.board.color_at(square) == color]
    return facts.any_of([facts.forks(scene.board, square, aims) for square in mine])


def stands(scene: Scene) -> Fact | None:
    """A piece stands on a square."""
    square = next((int(str(t.value)) for t in scene.tokens if t.symbol == "sq"), None)
    ref = scene.refs[0]
    square = ref.square if square is None else square
    color = scene.color(ref)
    if color is None and scene.has("side"):
        color = scene.side()
        if color is None:
            return None
    if square is None or not ref.piece or {"passed", "isolated", "doubled"} & set(ref.traits):
        return None
    return facts.stands(scene.board, ref, color, square)


def bishop_pair(scene: Scene) -> Fact | None:
    """A side has two bishops."""
    color = scene.side()
    if color is None:
        return None
    found = tuple(scene.board.pieces(chess.BISHOP, color))
    en, zh = facts.side(color)
    return Fact(len(found) > 1, f"{en} has {len(found)} bishop(s).", f"{zh}有{len(found)}个象。", found)


def unchecked(scene: Scene) -> Fact | None:
    """A side is said not to be in check; nothing is claimed where it isn't."""
    color = scene.side()
    color = scene.color(scene.refs[0]) if color is None and scene.refs else color
    if color is None:
        return None
    found = facts.check(scene.board, color)
    return found._replace(holds=False) if found.holds else None


def reaches(scene: Scene) -> Fact | None:
    """A piece has a legal move to a square."""
    first = scene.refs[0]
    color = scene.color(first)
    aim = next((int(str(t.value)) for t in scene.tokens if t.symbol == "sq"), None)
    aim = scene.refs[1].square if aim is None and len(scene.refs) > 1 else aim
    if color is None or aim is None or not first.piece:
        return None
    ways = [
        m
        for m in facts.turned(scene.board, color).legal_moves
        if m.to_square == aim and m.from_square in scene.squares(first)
    ]
    where = chess.square_name(aim)
    told = (
        (f"It can move to {where}.", f"它可以走到{where}。")
        if ways
        else (f"It has no legal move to {where}.", f"它没有走到{where}的合法着法。")
    )
    return Fact(bool(ways), *told, (*(m.from_square for m in ways), aim))


def owns(scene: Scene) -> Fact | None:
    """`I have a knight on f6`, `you have two rooks`."""
    ref = scene.refs[0]
    color = scene.color(ref) if scene.side() is None else scene.side()
    if color is None or not ref.piece:
        return None
    if ref.square is not None:
        there = facts.stands(scene.board, ref, color, ref.square)
        pawn = there.holds and ref.piece == chess.PAWN
        traits = {"passed", "isolated", "doubled"} & set(ref.traits)
        return pawn_facts.pawn_trait(scene.board, ref.square, min(traits)) if pawn and traits else there
    found = facts.standing(scene.board, ref, color)
    said = {"passed", "isolated", "doubled"} & set(ref.traits)
    if said and ref.piece == chess.PAWN and ref.count is None:
        told = [pawn_facts.pawn_trait(scene.board, square, min(said)) for square in found]
        return facts.any_of(told) if told else facts.absent(ref, color)
    en, zh = facts.side(color)
    what = f"{en} has {len(found)} {facts.EN[ref.piece]}(s).", f"{zh}有{len(found)}个{facts.ZH[ref.piece]}。"
    if ref.file is not None or ref.traits:
        return None
    holds = len(found) == ref.count if ref.count is not None else bool(found)
    return Fact(holds, *what, tuple(found))


def is_one(scene: Scene) -> Fact | None:
    """`The piece on c7 is my bishop`."""
    first, second = scene.refs
    traits = {"passed", "isolated", "doubled"} & set(second.traits)
    if traits and first.piece == chess.PAWN:
        return each(lambda board, s: pawn_facts.pawn_trait(board, s, min(traits)))(scene)
    if first.square is None or second.square is not None or not second.piece:
        return None
    return facts.stands(scene.board, second, scene.color(second), first.square)


def belongs(scene: Scene) -> Fact | None:
    """`The pawn on c4 is mine`."""
    ref, color = scene.refs[0], scene.side()
    if ref.square is None or ref.owner or color is None:
        return None
    return facts.stands(scene.board, ref, color, ref.square)


def empty(scene: Scene) -> Fact | None:
    """A square is empty."""
    return facts.empty(scene.board, next(int(str(t.value)) for t in scene.tokens if t.symbol == "sq"))


def attacked_by_side(scene: Scene) -> Fact | None:
    """`You are attacking my rook`: whoever is named, the other side's piece is meant."""
    ref, side = scene.refs[0], scene.side()
    color = scene.color(ref)
    if color is None or side == color:
        return None
    found = scene.squares(ref)
    return (
        facts.any_of([facts.attacked(scene.board, s, None, not color) for s in found])
        if found
        else facts.absent(ref, color)
    )


def controls(scene: Scene) -> Fact | None:
    """A square is attacked by a piece."""
    by, square = scene.refs[0], next(int(str(t.value)) for t in scene.tokens if t.symbol == "sq")
    found = scene.squares(by)
    color = scene.color(by)
    color = scene.board.color_at(found[0]) if color is None and found else color
    if color is None:
        return None
    return facts.attacked(scene.board, square, found, color) if found else facts.absent(by, color)


def gives_check(scene: Scene) -> Fact | None:
    """A piece checks the other side's king."""
    ref = scene.refs[0]
    if not ref.owner and ref.square is None:
        return None
    found = scene.squares(ref)
    if not found:
        return facts.absent(ref, scene.color(ref))
    for square in found:
        color = scene.board.color_at(square)
        king = scene.board.king(not color)
        if king is not None and square in scene.board.attackers(bool(color), king):
            return facts.check(scene.board, not color)
    return facts.check(scene.board, not scene.board.color_at(found[0]))._replace(holds=False)


def trait(scene: Scene) -> Fact | None:
    """A pawn is passed, isolated or doubled."""
    trait = next(t.symbol for t in scene.tokens if t.symbol in ("passed", "isolated", "doubled"))
    ref = scene.refs[0]
    return each(lambda board, s: pawn_facts.pawn_trait(board, s, trait))(scene) if ref.piece == chess.PAWN else None


def unstoppable(scene: Scene) -> Fact | None:
    """A pawn cannot be stopped."""
    pawn = next((ref for ref in scene.refs if ref.piece == chess.PAWN), None)
    if pawn is None or (scene.color(pawn) is None and pawn.square is None):
        return None
    found = scene.squares(pawn)
    if not found:
        return facts.absent(pawn, scene.color(pawn))
    return facts.any_of([pawn_facts.cannot_be_stopped(scene.board, square) for square in found])


def forked(scene: Scene) -> Fact | None:
    """Two pieces are attacked by a third one, which is named last."""
    *targets, by = scene.refs
    turned = [Token("np", 0, 0, ref) for ref in (by, *targets)]
    return forks(Scene(scene.board, scene.speaker, tuple(turned)))
