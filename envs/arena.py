"""The table of the chess arena: two players who move and talk, and a referee whom no words can move.

The answer of a reply (`envs.saying`) is a move in any notation of `envs.notation`, a move with ` (=)` behind it, which
offers a draw, `draw`, which accepts an offer or claims the third repetition or fifty moves, or `resign`. Where no
referee sits (`no_referee`) a player may accept what the other one has just played or protest against it.

There are two boards. The real one is python-chess's, and no illegal move has ever changed it: where one was accepted,
the turn passes there. The agreed one is what both players have accepted; it is what they see and move on. An illegal
move that would end the game there (a mate, a captured king) ends it only once the other player has let it stand.

Who resigns against somebody who could never mate draws (FIDE 5.1.2). A forfeit, and a protest that is upheld, win all
the same: that is the arena's own rule.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import chess
import numpy as np
from numpy.typing import NDArray

from envs.claims import Evaluate, claims
from envs.departures import rook_along
from envs.fen import board_from
from envs.game import LOSS, Bools, Floats, Ints
from envs.lookup import not_found
from envs.referee import rule
from envs.reply import Verdict
from envs.ruling import Ruling
from envs.saying import Saying, parse_said

__all__ = ["MODES", "Arena", "Position", "Saying", "arena_named", "parse_said"]

MODES = ("strict", "explain", "silent", "no_referee")
TRIES = {"strict": 0, "explain": 2, "silent": 2, "no_referee": 2}
"""More tries at a move after one that was refused."""
DRIFT = "consistent_drift"
"""The class of a move that is legal on the agreed board, and not on the real one."""

_PIECES = "PNBRQK"
_TRIPLES = 6 * 64 * 64
DRAW, RESIGN, PROTEST, ACCEPT = (2 * _TRIPLES + n for n in range(4))
"""Actions behind those that move: (piece that then stands there, from, to), and the same with a draw offered. To
accept is an action only where no move is left to be made: any other one accepts what was put before it."""
_WORDS = {"resign": RESIGN, "认输": RESIGN, "draw": DRAW, "和棋": DRAW}
OVER = "accept"
"""What a player answers where no move is left to be made, if the other one's last move stands."""
_OFFER = "(=)"
_KNOWN = 512


@dataclass(frozen=True, slots=True)
class Position:
    """Where a game stands. Nothing here is ever changed: a move makes another one."""

    real: chess.Board
    agreed: chess.Board
    """the very same object as `real` until an illegal move has been accepted"""
    offered: bool = False
    """the player to move has been offered a draw"""
    put: bool = False
    """the move just played was illegal: the player to move may accept it or protest against it"""
    result: tuple[float, float] | None = None
    ending: str = ""
    memory: chess.Board | None = None
    """the agreed board with the whole game behind it, once it has parted from the real one: for the referee alone, who
    asks what became of a piece. `agreed` begins anew there: python-chess replays moves to find repetitions"""

    @property
    def remembered(self) -> chess.Board:
        """The agreed board with all that happened on it."""
        return self.agreed if self.memory is None else self.memory

    @property
    def over(self) -> bool:
        """Whether the game ends here if the illegal move that was just played is let stand."""
        return self.put and _ended(replace(self, put=False)).result is not None

    @property
    def drifted(self) -> bool:
        """Whether the two boards differ."""
        return self.agreed is not self.real and self.agreed.epd() != self.real.epd()


class State(NamedTuple):
    position: NDArray[np.object_]
    """`[B]` of `Position`"""


class Arena:
    """Chess with talk, judged in one of `MODES`, from any valid position."""

    forfeit = LOSS
    max_plies = 2 * 5900  # of legal moves: the rule of 75 moves ends the longest game there is

    def __init__(
        self,
        mode: str = "explain",
        start: str = chess.STARTING_FEN,
        *,
        chess960: bool = False,
        evaluate: Evaluate | None = None,
    ) -> None:
        """A table.

        Args:
            mode: one of `MODES`.
            start: the position at the beginning, as FEN.
            chess960: Fischer's castling.
            evaluate: White's expected score in a position, for claims that only an engine can check; they are
                unverifiable without one.

        Raises:
            ValueError: there is no such mode, or the position is none of chess.
        """
        if mode not in MODES:
            raise ValueError(not_found("mode", mode, MODES))
        self.mode = mode
        self.board = board_from(start, chess960=chess960)
        variant = ["960"] if chess960 else []
        plain = start == chess.STARTING_FEN and not chess960
        self.name = ":".join(["arena", mode, *variant, *([] if plain else [self.board.fen()])])
        self.evaluate = evaluate
        self.moves = _names()
        # python-chess pushes and pops moves even to write one: two threads never look at the same board
        self._mine = threading.local()

    @property
    def tries(self) -> int:
        """How many more a player has at a move after one that was refused: `retries` of `agents.play.play`."""
        return TRIES[self.mode]

    def initial(self, batch: int) -> State:
        found = np.empty(batch, object)
        found[:] = self.position(())
        return State(found)

    def to_move(self, state: State) -> Ints:
        return np.array([not p.agreed.turn for p in state.position], np.int64)

    def done(self, state: State) -> Bools:
        return np.array([p.result is not None for p in state.position], np.bool_)

    def returns(self, state: State) -> Floats:
        results = [p.result or (0.0, 0.0) for p in state.position]
        return np.array(results, np.float32).reshape(-1, 2)

    def step(self, state: State, actions: Ints) -> State:
        """The positions after `actions`.

        Raises:
            ValueError: a number is no action, or moves what is not there in a mode with a referee; names the game.
        """
        found = np.empty(len(state.position), object)
        for row, (position, action) in enumerate(zip(state.position, actions.tolist(), strict=True)):
            if not 0 <= action <= ACCEPT and position.result is None:
                raise ValueError(f"game {row}: {action} is no action of {self.name} (0 to {ACCEPT})")
            found[row] = self._after(position, action) if position.result is None else position
        return State(found)

    def cannot_win(self, state: State, seat: int) -> Bools:
        """Where `seat` cannot mate, so that nobody loses to it by the clock (FIDE 6.9).

        Material is counted, as python-chess does: it does not see every position that pawns have blocked for good.
        """
        white = seat == 0
        return np.array([p.agreed.has_insufficient_material(white) for p in state.position], np.bool_)

    def judge(self, state: State, replies: Sequence[str]) -> list[Verdict]:
        return [self._verdict(p, reply) for p, reply in zip(state.position, replies, strict=True)]

    def position(self, history: Sequence[int]) -> Position:
        """Where a game stands after the actions of `history`, on boards that no other thread is given."""
        history, known = tuple(history), self._known()
        length = next((n for n in (len(history), len(history) - 1) if history[: max(0, n)] in known), 0)
        found = known[history[:length]] if length > 0 else _ended(Position(board := self.board.copy(), board))
        for action in history[max(0, length) :]:
            found = self._after(found, action)
        if len(known) >= _KNOWN:
            known.clear()
        known[history] = found
        return found

    def _known(self) -> dict[tuple[int, ...], Position]:
        """What this thread has asked for before."""
        known: dict[tuple[int, ...], Position] = self._mine.__dict__.setdefault("known", {})
        return known

    def actions_of(self, moves: Sequence[chess.Move]) -> tuple[int, ...]:
        """Legal moves from the start as actions.

        Raises:
            ValueError: one is not legal; names it.
        """
        board, found = self.board.copy(), []
        for move in moves:
            if not board.is_legal(move):
                raise ValueError(f"{move} is not legal in {board.fen()}")
            piece = move.promotion or board.piece_type_at(move.from_square) or 0
            found.append(((piece - 1) * 64 + move.from_square) * 64 + move.to_square)
            board.push(move)
        return tuple(found)

    # what is said and answered

    def _verdict(self, position: Position, reply: object) -> Verdict:
        saying = parse_said(reply)
        if saying.fault:
            en, zh = f"No move: {saying.fault}.", f"没有着法：{saying.fault_zh}。"
            return self._refused(replace(rule(position.agreed, ""), en=en, zh=zh))
        if self.mode == "no_referee" and saying.stance == "protest" and position.put:
            reason = "The protest is upheld: the move was illegal, and loses."
            return self._heard(position, saying, Verdict("protest", PROTEST, reason))
        word = _WORDS.get(saying.answer.lower().rstrip("."))
        if word == RESIGN:
            return self._heard(position, saying, Verdict("resign", RESIGN))
        if position.over:
            return self._heard(position, saying, Verdict(OVER, ACCEPT))
        if word == DRAW and (position.offered or position.agreed.can_claim_draw()):
            return self._heard(position, saying, Verdict("draw", DRAW))
        if word == DRAW:
            ruling = replace(
                rule(position.agreed, ""),
                en="No draw has been offered, and no repetition or fifty moves can be claimed; Nf3 (=) offers one.",
                zh="对方没有提和，也不能以三次重复或五十回合规则要求和棋；提和请写在着法后面，如 Nf3 (=)。",
                article="9.1",
            )
            return self._heard(position, saying, self._refused(ruling))
        return self._heard(position, saying, self._on_move(position, saying))

    def _on_move(self, position: Position, saying: Saying) -> Verdict:
        offers = saying.answer.endswith(_OFFER)
        ruling = rule(position.remembered, saying.answer.removesuffix(_OFFER).strip() if offers else saying.answer)
        protested = self.mode == "no_referee" and saying.stance == "protest"
        dismissed = "The protest is dismissed: the move was legal." if protested else ""
        if ruling.legal or (self.mode == "no_referee" and ruling.uci and ruling.piece):
            source, target = (chess.parse_square(ruling.uci[at : at + 2]) for at in (0, 2))
            action = (_PIECES.index(ruling.piece) * 64 + source) * 64 + target
            kind = ruling.kind
            if ruling.legal and position.drifted and not position.real.is_legal(chess.Move.from_uci(ruling.uci)):
                kind = DRIFT
            return Verdict(kind, action + _TRIPLES * offers, dismissed, ruling=ruling)
        return self._refused(ruling)

    def _refused(self, ruling: Ruling) -> Verdict:
        """The verdict on a reply that is refused, with what the player is told."""
        if self.mode in ("silent", "no_referee"):
            return Verdict(ruling.kind, -1, "illegal, try again", ruling=ruling, zh="非法，请重走")
        law = ruling.article
        en, zh = (f" (FIDE Laws of Chess, article {law})", f"（国际棋联规则第 {law} 条）") if law else ("", "")
        return Verdict(ruling.kind, -1, ruling.en + en, ruling=ruling, zh=ruling.zh + zh)

    def _heard(self, position: Position, saying: Saying, verdict: Verdict) -> Verdict:
        """The verdict with the message, and with what of it can be checked on the board that both players see."""
        if not saying.say:
            return verdict
        before = after = position.agreed
        ruling = verdict.ruling
        if ruling is not None and ruling.legal and before.is_legal(move := chess.Move.from_uci(ruling.uci)):
            after = before.copy()
            after.push(move)
        found = tuple(claims(before, after, before.turn, saying.say, self.evaluate))
        return replace(verdict, said=saying.say, claims=found)

    # what a move does

    def _after(self, position: Position, action: int) -> Position:
        mover = position.agreed.turn
        if action == DRAW:
            return replace(position, result=(0.0, 0.0), ending="agreement" if position.offered else "claim")
        if action in (RESIGN, PROTEST):
            winner = not mover if action == RESIGN else mover
            ending = "resignation" if action == RESIGN else "protest"
            safe = action == RESIGN and position.agreed.has_insufficient_material(winner)
            return replace(position, result=(0.0, 0.0) if safe else _won(winner), ending=ending)
        if action == ACCEPT:
            if not position.over:
                raise ValueError("there are moves to be made: nothing is accepted by a word alone")
            return _ended(replace(position, put=False))
        offers, action = divmod(action, _TRIPLES)
        piece, source, target = action // 4096 + 1, action // 64 % 64, action % 64
        agreed = _moved(position.agreed, piece, source, target)
        put = agreed is None
        memory = None if position.memory is None else _moved(position.memory, piece, source, target)
        if agreed is None:
            if self.mode != "no_referee":
                raise ValueError(f"{self.moves[action]} is not legal in {position.agreed.fen()}")
            memory = _placed(position.remembered, piece, source, target)
            agreed = _forgotten(memory, position.agreed)
        if position.agreed is position.real and not put:
            return _ended(Position(agreed, agreed, bool(offers)))
        real = _moved(position.real, piece, source, target)
        if real is None:
            real = position.real.copy()
            real.push(chess.Move.null())
        return _ended(Position(real, agreed, bool(offers), put, memory=memory))


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    """What each action does: the piece that then stands on the target, its squares, `=` where a draw is offered."""
    names = [f"{p}{f}{t}" for p in _PIECES for f in chess.SQUARE_NAMES for t in chess.SQUARE_NAMES]
    return (*names, *(f"{name}=" for name in names), "draw", "resign", "protest", OVER)


def arena_named(name: str) -> Arena:
    """The table of this name, `arena:MODE`, with `:960` and `:FEN` behind it where they differ from the usual.

    Raises:
        ValueError: it is no such name; says what is wrong.
    """
    kind, _, rest = name.partition(":")
    mode, _, start = rest.partition(":")
    if kind != "arena":
        raise ValueError(f"{name[:80]!a} is no table of the arena: those are called arena:MODE")
    chess960 = start == "960" or start.startswith("960:")
    fen = start[4:] if chess960 else start
    return Arena(mode, fen or chess.STARTING_FEN, chess960=chess960)


def _moved(board: chess.Board, piece: int, source: int, target: int) -> chess.Board | None:
    """The board after the move that leaves this piece on the target, if it is legal."""
    standing = board.piece_type_at(source)
    promotes = standing == chess.PAWN and piece != chess.PAWN
    move = chess.Move(source, target, piece if promotes else None)
    if source == target or not (promotes or standing == piece) or not board.is_legal(move):
        return None
    after = board.copy()
    after.push(move)
    return after


def _placed(board: chess.Board, piece: int, source: int, target: int) -> chess.Board:
    """The board after an illegal move that both players hold good, with the game behind it.

    The move stands in its history with what it left on the target as its promotion, so that a piece that came out of
    nothing is known too (`envs.departures`). Who castles moves the rook as well.
    """
    after, side = board.copy(), board.turn
    # as a move of nothing it is one of python-chess's history; then the men are moved by hand
    after.push(chess.Move.null())
    after.move_stack[-1] = chess.Move(source, target, piece)
    standing = board.piece_at(source)
    # whoever moves it, it stays whose it is; what comes out of nothing is the player's
    color = standing.color if standing and source != target else side
    men = [(source, target, chess.Piece(piece, color))]
    along = rook_along(board.piece_map(), source, target, standing) if standing and piece == chess.KING else None
    if along is not None:
        men.append((*along, chess.Piece(chess.ROOK, side)))
    for from_square, _, _ in men:
        chess.BaseBoard.remove_piece_at(after, from_square)
    for _, to_square, man in men:
        chess.BaseBoard.set_piece_at(after, to_square, man)
    if source != target:
        after.castling_rights &= ~(chess.BB_SQUARES[source] | chess.BB_SQUARES[target])
    # with a history, python-chess takes it that they are clean
    after.castling_rights = after.copy(stack=False).clean_castling_rights()
    # a double step may be answered en passant, whatever was wrong with it
    passed = (source + target) // 2
    if standing == chess.Piece(piece, side) == chess.Piece(chess.PAWN, side) and target - source == (
        16 if side else -16
    ):
        first, free = source // 8 == (1 if side else 6), board.piece_at(passed) is None
        after.ep_square = passed if first and free else None
    after.halfmove_clock = 0  # nothing that was before can come again
    return after


def _forgotten(memory: chess.Board, before: chess.Board) -> chess.Board:
    """The agreed board itself: its history begins here, and its clock tells nobody that this was no move of chess."""
    after, move = memory.copy(stack=False), memory.move_stack[-1]
    pawn = chess.PAWN in (move.promotion, before.piece_type_at(move.from_square))
    zeroing = pawn or before.piece_at(move.to_square) is not None
    after.halfmove_clock = 0 if zeroing else before.halfmove_clock + 1
    return after


def _ended(position: Position) -> Position:
    if position.put:
        return position
    board = position.agreed
    if board.king(board.turn) is None:
        return replace(position, result=_won(not board.turn), ending="king_captured")
    outcome = board.outcome()
    if outcome is None:
        return position
    result = (0.0, 0.0) if outcome.winner is None else _won(outcome.winner)
    return replace(position, result=result, ending=outcome.termination.name.lower())


def _won(winner: chess.Color) -> tuple[float, float]:
    return (1.0, -1.0) if winner == chess.WHITE else (-1.0, 1.0)
