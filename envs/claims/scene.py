"""What a clause is judged on: the board, who speaks, and the tokens that were understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import chess

from envs.claims import facts
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
"""What a clause says, judged; None where it cannot be told what is meant."""
