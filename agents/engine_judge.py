"""What an engine at fixed nodes says: expected scores, for claims and resignations, and what each move gave away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import chess

from agents.engine_process import Engine, EngineConfig, EngineFaultError
from agents.episode import Episode
from agents.uci_engine import CEILING, Worth, worth_of
from envs.arena import arena_named

_KNOWN = 1 << 16


@dataclass(frozen=True, slots=True)
class Loss:
    """What a legal move gave away: `centipawns` and expected `score` (0 to 1), both 0 or more, as the mover sees it."""

    seat: int
    turn: int
    """which turn of its episode"""
    centipawns: int
    score: float


class EngineJudge:
    """What positions are worth: for claims of results, for resignations and for the quality of moves.

    Each search begins anew, so the same nodes give the same judgement, whatever was asked before and from which thread.
    Once the engine fails it abstains, and `fault` says why.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._engine = Engine(config)
        self._known: dict[str, Worth | None] = {}
        self.fault = ""
        """why it no longer answers, once it doesn't"""

    def __call__(self, board: chess.Board) -> float | None:
        """White's expected score, 0 to 1; None where the engine cannot say."""
        worth = self.worth(board)
        return None if worth is None else worth.score

    def worth(self, board: chess.Board) -> Worth | None:
        """What `board` is worth; None where the engine cannot say. A game that is over is worth its result."""
        outcome = board.outcome()
        if outcome is not None and outcome.winner is None:
            return Worth(0, 0.5)
        if outcome is not None:
            return Worth(CEILING if outcome.winner else -CEILING, float(bool(outcome.winner)))
        key = board.fen()
        if key not in self._known:
            # other threads may ask at the same time, and begin anew
            if len(self._known) >= _KNOWN:
                self._known = {}
            self._known[key] = self._ask(board)
        return self._known.get(key)

    def losses(self, episode: Episode) -> list[Loss]:
        """What each legal move of a game of the arena gave away, on the board that both players had agreed on.

        Positions of which the engine cannot say anything are left out. At fixed nodes the best move, too, may seem to
        give something away, since the search after it looks further.

        Raises:
            ValueError: the game is none of the arena.
        """
        return list(self._losses(episode))

    def check(self) -> None:
        """Start the engine, so that what is wrong is known before the first move.

        Raises:
            EngineFaultError: it does not start, or refuses its settings.
        """
        self._engine.check()

    def close(self) -> None:
        """End its processes."""
        self._engine.close()

    def _losses(self, episode: Episode) -> Iterator[Loss]:
        table, history = arena_named(episode.game), list(episode.opening)
        for number, turn in enumerate(episode.turns):
            if turn.verdict.action < 0:
                continue
            before = table.position(history).agreed
            history.append(turn.verdict.action)
            if turn.verdict.ruling is None or not turn.verdict.ruling.legal:
                continue
            was, now = self.worth(before), self.worth(table.position(history).agreed)
            if was is not None and now is not None:
                (points, score), (points_now, score_now) = was.to(before.turn), now.to(before.turn)
                yield Loss(turn.seat, number, max(0, points - points_now), max(0.0, score - score_now))

    def _ask(self, board: chess.Board) -> Worth | None:
        if self.fault or not board.is_valid():
            return None
        try:
            score = self._engine.play(board.copy(stack=False)).info.get("score")
        except EngineFaultError as error:
            self.fault = str(error)
            return None
        return None if score is None else worth_of(score)
