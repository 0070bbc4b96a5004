"""Claims about the position: patterns over the symbols of a whole clause, checked on the board.

A clause must be understood from end to end; what is not, is no claim that anybody could judge. What is false after the
move but was true before it may be meant either way, and is unverifiable, as are facts that usage leaves open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import chess

from envs.claims import facts, pawn_facts
from envs.claims.clause import Clause, color_of, refs, side_in
from envs.claims.facts import Fact
from envs.claims.nouns import Ref, Token
from envs.ruling import FALSE, TRUE, UNVERIFIABLE, Claim


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


def _each(ask: Callable[[chess.Board, int], Fact]) -> Judge:
    """Of the piece named first: `ask`, wherever such a piece stands."""

    def judged(scene: Scene) -> Fact | None:
        ref = scene.refs[0]
        if not ref.piece or (scene.color(ref) is None and ref.square is None):
            return None
        found = scene.squares(ref)
        return facts.any_of([ask(scene.board, s) for s in found]) if found else facts.absent(ref, scene.color(ref))

    return judged


def _check(scene: Scene) -> Fact | None:
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


def _called_check(scene: Scene) -> Fact | None:
    """`Check!`, said with a move: the other side is in check."""
    return facts.check(scene.board, not scene.speaker)


def _mate(scene: Scene) -> Fact | None:
    color = scene.side()
    if color is None and scene.refs:
        color = scene.color(scene.refs[0])
    return facts.mate(scene.board, (not scene.speaker) if color is None else color)


def _pinned(scene: Scene) -> Fact | None:
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


def _attacks(scene: Scene) -> Fact | None:
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


def _attacked(scene: Scene) -> Fact | None:
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


def _defended(scene: Scene) -> Fact | None:
    ref, *by = scene.refs
    found = scene.squares(ref)
    if scene.color(ref) is None and ref.square is None:
        return None
    if not found:
        return facts.absent(ref, scene.color(ref))
    return facts.any_of([facts.defended(scene.board, s, scene.squares(by[0]) if by else None) for s in found])


def _undefended(scene: Scene) -> Fact | None:
    fact = _defended(scene)
    return None if fact is None else fact._replace(holds=None if fact.holds is None else not fact.holds)


def _forks(scene: Scene) -> Fact | None:
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


def _stands(scene: Scene) -> Fact | None:
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


def _owns(scene: Scene) -> Fact | None:
    """`I have a knight on f6`, `you have two rooks`."""
    color, ref = scene.side(), scene.refs[0]
    if color is None or not ref.piece:
        return None
    if ref.square is not None:
        return facts.stands(scene.board, ref, color, ref.square)
    found = facts.standing(scene.board, ref, color)
    en, zh = facts.side(color)
    what = f"{en} has {len(found)} {facts.EN[ref.piece]}(s).", f"{zh}有{len(found)}个{facts.ZH[ref.piece]}。"
    if ref.file is not None or ref.traits:
        return None
    holds = len(found) == ref.count if ref.count is not None else bool(found)
    return Fact(holds, *what, tuple(found))


def _ahead(scene: Scene) -> Fact | None:
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


def _even(scene: Scene) -> Fact | None:
    worth = facts.balance(scene.board, chess.WHITE)
    return Fact(worth == 0, f"White is ahead by {worth} in material.", f"白方子力多{worth}分。")


def _castles(scene: Scene) -> Fact | None:
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


def _legal(scene: Scene) -> Fact | None:
    said = next(str(t.value) for t in scene.tokens if t.symbol == "san")
    for board in (scene.board, facts.turned(scene.board, not scene.board.turn)):
        move = facts.read_move(board, said)
        if move is not None:
            return Fact(True, f"{said} is a legal move.", f"{said}是合法着法。", (move.from_square, move.to_square))
    return Fact(False, f"{said} is not a legal move.", f"{said}不是合法着法。")


def _only_move(scene: Scene) -> Fact | None:
    color = scene.side()
    color = scene.board.turn if color is None else color
    if scene.has("san"):
        move = _move(scene)
        one = facts.moves_left(scene.board, scene.board.turn, 1)
        return one if move is not None else one._replace(holds=False)
    count = next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), 1)
    return facts.moves_left(scene.board, color, 0 if scene.has("nomoves") else count)


def _repeated(scene: Scene) -> Fact | None:
    times = {"twofold": 2, "threefold": 3, "fourfold": 4, "fivefold": 5}
    wanted = next((times[t.symbol] for t in scene.tokens if t.symbol in times), None)
    return None if wanted is None else facts.repeated(scene.board, wanted)


def _trait(scene: Scene) -> Fact | None:
    trait = next(t.symbol for t in scene.tokens if t.symbol in ("passed", "isolated", "doubled"))
    ref = scene.refs[0]
    return _each(lambda board, s: pawn_facts.pawn_trait(board, s, trait))(scene) if ref.piece == chess.PAWN else None


def _unstoppable(scene: Scene) -> Fact | None:
    ref = scene.refs[0]
    return _each(pawn_facts.cannot_be_stopped)(scene) if ref.piece == chess.PAWN else None


def _stale(scene: Scene) -> Fact | None:
    return facts.stalemate(scene.board, scene.side())


def _ep(scene: Scene) -> Fact | None:
    return facts.en_passant(scene.board, scene.side())


def _quiet(scene: Scene) -> Fact | None:
    count = next((int(str(t.value)) for t in scene.tokens if t.symbol == "num"), None)
    return None if count is None or count > 200 else facts.quiet_moves(scene.board, count)


_BE = r"(?:be |by )?"
STATES: tuple[tuple[str, str, Judge], ...] = (
    ("check", r"(?:side|np) (?:be |by |in )+check(?: from np| by np)?|(?:side|np) (?:by np )?check", _check),
    ("check", r"(?:san )?check|this be check|givecheck|side givecheck(?: to np| to side)?", _called_check),
    ("mate", rf"(?:san )?checkmate|that be checkmate|this be checkmate|(?:side|np) {_BE}checkmate", _mate),
    ("stalemate", rf"stale|this be stale|(?:side|position) {_BE}stale", _stale),
    ("pinned", rf"np {_BE}pinned(?: (?:by|to) np){{0,2}}|np by np pin|np pin np(?: to np)?", _pinned),
    ("attacked", rf"np {_BE}attacked(?: by (?:np|side))?|np by (?:np|side) attack", _attacked),
    ("attacks", r"np (?:be )?attack (?:np|sq)", _attacks),
    ("hanging", rf"np {_BE}hanging", _each(facts.hanging)),
    ("defended", rf"np {_BE}defended(?: by np)?|np (?:under|has) np defend", _defended),
    ("undefended", rf"np {_BE}undefended", _undefended),
    ("forks", r"np (?:be )?fork(?: np and np)?", _forks),
    ("stands", r"np (?:be )?(?:on |at )?sq|sq (?:at )?(?:has|be) np|np be on sq|this be np|side sq (?:at )?has np", _stands),
    ("owns", r"side (?:w )?has np", _owns),
    ("material", r"side (?:be |has )?(?:up|down) (?:num )?(?:np|material)(?: in material| w)?", _ahead),
    ("material", r"side be (?:up|down) w np|side be w np (?:up|down)", _ahead),
    ("material", r"side (?:be |has )?(?:num )?np (?:up|down)|side has (?:num )?np (?:up|down)(?: than side)?", _ahead),
    ("material", r"side be (?:up|down) (?:in |on )?material|side has up material", _ahead),
    ("material", r"(?:material be|side be|side has) equal(?: in)?(?: material)?|side be material equal|side material equal|material equal", _even),
    ("castling", r"(?:side|np) can (?:castle(?: short| long)?|shortcastle|longcastle)", _castles),
    ("castling", r"side (?:has |lost |captured |poss )*(?:castleright|short castleright|long castleright|shortcastle castleright|longcastle castleright)(?: short| long)?", _castles),
    ("legal", r"san (?:be )?(?:w )?(?:legal|possible|legalmoves)(?: move)?", _legal),
    ("illegal", r"san (?:be )?(?:w )?illegal", _legal),
    ("only_move", r"san (?:be )?(?:poss |side )?(?:only |num )*onlymove|side has (?:only |num )*(?:onlymove|legalmoves)|this be (?:poss |side )?onlymove|(?:side|poss) onlymove be san|(?:poss|side) (?:only )?onlymove : san", _only_move),
    ("only_move", r"side has nomoves", _only_move),
    ("repetition", r"(?:this |that |same |position |has |be |by |repeat |draw |w )*(?:twofold|threefold|fourfold|fivefold)(?: repeat| position)*", _repeated),
    ("pawn", rf"np {_BE}(?:passed|isolated|doubled)(?: np)?", _trait),
    ("unstoppable", rf"np {_BE}unstoppable|(?:side|this be) unstoppable np", _unstoppable),
    ("en_passant", r"side can (?:capture )?(?:np |on sq )?ep|ep be (?:legal|possible)", _ep),
    ("moves_without_capture", r"num turn halfmove|(?:this |be |there |has )*num move (?:has )?(?:passed |w )?halfmove", _quiet),
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
    return sub == "castling" and clause.has("lost", "captured")
