"""What a clause says of the position, judged on the board: a question each, over its symbols and the pieces it names.

Each answers with a `Fact`, or None where it cannot be told what is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import chess

from envs.claims import facts, pawn_facts
from envs.claims.clause import color_of, refs, side_in
from envs.claims.facts import Fact
from envs.claims.nouns import Ref, Token


@dataclass(frozen=True, slots=True)
class Scene:
    """What a clause is judged on."""

    board: chess.Board
    speaker: chess.Color
    tokens: tuple[Token, ...]

    @property
    def refs(self) -> list[Ref]:
        return refs(self.tokens)

    def color(self, ref: Ref) -> chess.Color | None:
        """Whose piece is meant."""
        return color_of(ref.owner, self.speaker) if ref.owner else None

    def squares(self, ref: Ref) -> list[int]:
        return facts.standing(self.board, ref, self.color(ref))

    def side(self) -> chess.Color | None:
        return side_in(self.tokens, self.speaker)

    def has(self, *symbols: str) -> bool:
        return any(token.symbol in symbols for token in self.tokens)


Judge = Callable[[Scene], Fact | None]


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
    if color is None and scene.refs and scene.refs[0].piece == chess.KING:
        color = scene.color(scene.refs[0])
    if not scene.has("be", "by", "in"):
        said = next(t for t in scene.tokens if t.symbol == "check")
        if not said.chinese:  # `I check the clock`
            return None
        if color is not None and not str(said.value).startswith("被"):  # 我将军: it is the other's king
            color = not color
    if color is None and scene.has("side"):
        return None
    return facts.check(scene.board, (not scene.speaker) if color is None else color)


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
    if square is None or not ref.piece:
        return None
    return facts.stands(scene.board, ref, color, square)


def owns(scene: Scene) -> Fact | None:
    """`I have a knight on f6`, `you have two rooks`."""
    color, ref = scene.side(), scene.refs[0]
    if color is None or not ref.piece:
        return None
    if ref.square is not None:
        there = facts.stands(scene.board, ref, color, ref.square)
        pawn = there.holds and ref.piece == chess.PAWN
        traits = {"passed", "isolated", "doubled"} & set(ref.traits)
        return pawn_facts.pawn_trait(scene.board, ref.square, min(traits)) if pawn and traits else there
    found = facts.standing(scene.board, ref, color)
    en, zh = facts.side(color)
    what = f"{en} has {len(found)} {facts.EN[ref.piece]}(s).", f"{zh}有{len(found)}个{facts.ZH[ref.piece]}。"
    if ref.file is not None or ref.traits:
        return None
    holds = len(found) == ref.count if ref.count is not None else bool(found)
    return Fact(holds, *what, tuple(found))


def ahead(scene: Scene) -> Fact | None:
    """A side is ahead in material."""
    color = scene.side()
    if color is None:
        return None
    color = (not color) if scene.has("down") else color
    ref = scene.refs[0] if scene.refs else None
    if ref is None:
        worth = facts.balance(scene.board, color)
        en, zh = facts.side(color)
        return Fact(worth > 0, f"{en} is ahead by {worth} in material.", f"{zh}子力多{worth}分。")
    count = ref.count or next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), 1)
    return facts.ahead(scene.board, color, ref.piece, count)


def even(scene: Scene) -> Fact | None:
    """Material is equal."""
    worth = facts.balance(scene.board, chess.WHITE)
    return Fact(worth == 0, f"White is ahead by {worth} in material.", f"白方子力多{worth}分。")


def castles(scene: Scene) -> Fact | None:
    """A side may castle, or has the right to."""
    color = scene.side()
    if color is None:
        color = scene.color(scene.refs[0]) if scene.refs else None
    if color is None:
        return None
    sides = scene.has("short", "shortcastle"), scene.has("long", "longcastle")
    short = None if sides[0] == sides[1] else sides[0]
    if scene.has("castleright"):
        return facts.castling_right(scene.board, color, short)
    return facts.can_castle(scene.board, color, short)


def _move(scene: Scene) -> chess.Move | None:
    said = next((str(t.value) for t in scene.tokens if t.symbol == "san"), "")
    return facts.read_move(scene.board, said)


def legal(scene: Scene) -> Fact | None:
    """Of the side that is named; else of the one to move, and open where only the other one could play it."""
    said, side = next(str(t.value) for t in scene.tokens if t.symbol == "san"), scene.side()
    board = scene.board if side is None else facts.turned(scene.board, side)
    move = facts.read_move(board, said)
    if move is not None:
        return Fact(True, f"{said} is a legal move.", f"{said}是合法着法。", (move.from_square, move.to_square))
    no = Fact(False, f"{said} is not a legal move.", f"{said}不是合法着法。")
    other = side is None and facts.read_move(facts.turned(board, not board.turn), said) is not None
    return no._replace(holds=None) if other else no


def ep_move(scene: Scene) -> Fact | None:
    """A certain move captures en passant."""
    said = next(str(t.value) for t in scene.tokens if t.symbol == "san")
    move = facts.read_move(scene.board, said)
    holds = move is not None and scene.board.is_en_passant(move)
    return facts.en_passant(scene.board, scene.side())._replace(holds=holds)


def insufficient(scene: Scene) -> Fact | None:
    """Nobody can mate."""
    holds = scene.board.is_insufficient_material()
    told = (
        ("Nobody can mate.", "双方都无法将死。") if holds else ("There is enough to mate with.", "还有足够的子力将死。")
    )
    return Fact(holds, *told)


def claims_draw(scene: Scene) -> Fact | None:
    """A draw can be claimed by repetition."""
    return facts.repeated(scene.board, 5 if scene.has("fivefold") else 3)


def points(scene: Scene) -> Fact | None:
    """A side is ahead by so many points."""
    color, count = scene.side(), next(int(str(t.value)) for t in scene.tokens if t.symbol == "num")
    if color is None:
        return None
    return facts.ahead(scene.board, (not color) if scene.has("down") else color, chess.PAWN, count)


def is_one(scene: Scene) -> Fact | None:
    """`The piece on c7 is my bishop`."""
    first, second = scene.refs
    if first.square is None or second.square is not None or not second.piece:
        return None
    return facts.stands(scene.board, second, scene.color(second), first.square)


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
    found = scene.squares(ref)
    if not found:
        return facts.absent(ref, scene.color(ref))
    for square in found:
        color = scene.board.color_at(square)
        king = scene.board.king(not color)
        if king is not None and square in scene.board.attackers(bool(color), king):
            return facts.check(scene.board, not color)
    return facts.check(scene.board, not scene.board.color_at(found[0]))._replace(holds=False)


def only_move(scene: Scene) -> Fact | None:
    """A side has one legal move, or so many."""
    color = scene.side()
    color = scene.board.turn if color is None else color
    if scene.has("san"):
        move = _move(scene)
        one = facts.moves_left(scene.board, scene.board.turn, 1)
        return one if move is not None else one._replace(holds=False)
    count = next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), 1)
    return facts.moves_left(scene.board, color, 0 if scene.has("nomoves") else count)


def repeated(scene: Scene) -> Fact | None:
    """The position has occurred so often."""
    times = {"twofold": 2, "threefold": 3, "fourfold": 4, "fivefold": 5}
    wanted = next((times[t.symbol] for t in scene.tokens if t.symbol in times), None)
    return None if wanted is None else facts.repeated(scene.board, wanted)


def trait(scene: Scene) -> Fact | None:
    """A pawn is passed, isolated or doubled."""
    trait = next(t.symbol for t in scene.tokens if t.symbol in ("passed", "isolated", "doubled"))
    ref = scene.refs[0]
    return each(lambda board, s: pawn_facts.pawn_trait(board, s, trait))(scene) if ref.piece == chess.PAWN else None


def unstoppable(scene: Scene) -> Fact | None:
    """A pawn cannot be stopped."""
    ref = scene.refs[0]
    return each(pawn_facts.cannot_be_stopped)(scene) if ref.piece == chess.PAWN else None


def stale(scene: Scene) -> Fact | None:
    """A side is stalemated."""
    return facts.stalemate(scene.board, scene.side())


def ep(scene: Scene) -> Fact | None:
    """A capture en passant is legal."""
    return facts.en_passant(scene.board, scene.side())


def quiet(scene: Scene) -> Fact | None:
    """So many moves were neither captures nor pawn moves."""
    count = next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), None)
    return None if count is None or count > 200 else facts.quiet_moves(scene.board, count)
