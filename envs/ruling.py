"""What the chess referee says: a ruling on a move, and what it found of a claim. Plain data, and nothing that rules."""

from __future__ import annotations

from dataclasses import dataclass

LEGAL = "legal"
TRUE, FALSE, UNVERIFIABLE = "true", "false", "unverifiable"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the Laws of Chess say of one answer, in one position with its whole history.

    A move that is legal, be it after repairs of its notation, has the kind `legal`; every other kind is a class of
    invented move (`envs.referee.KINDS`).
    """

    kind: str
    sub: str = ""
    """its sub-class, if the class has any"""
    uci: str = ""
    """the move as UCI: what is played where it is legal, else what was meant; empty where that cannot be told"""
    piece: str = ""
    """what stands on the target afterwards, as a letter of P N B R Q K: what an accepted illegal move puts there"""
    san: str = ""
    """standard algebraic notation of a legal move"""
    en: str = ""
    """one sentence, for a person"""
    zh: str = ""
    """the same in Chinese"""
    article: str = ""
    """article of the FIDE Laws of Chess that is broken, as `3.7.3.1`"""
    squares: tuple[str, ...] = ()
    """squares to highlight, the source and the target first"""
    repairs: tuple[str, ...] = ()
    """what was changed in the notation before it could be read, one sentence each"""
    candidates: tuple[tuple[str, str], ...] = ()
    """where the source square was inferred: each candidate, and why it was chosen or not"""
    false_marks: tuple[str, ...] = ()
    """of a move that is legal: `capture`, `en passant`, `check`, `mate` where the notation claims one that is none"""

    @property
    def legal(self) -> bool:
        return self.kind == LEGAL


@dataclass(frozen=True, slots=True)
class Claim:
    """Something checkable that a player said aloud.

    `kind` is `rule`, `state` or `result`, `sub` what it is about (`rule/moves_like`, `state/check`, ...), `quote` the
    words themselves. `finding` is TRUE, FALSE or UNVERIFIABLE, with the reason in both languages.
    """

    kind: str
    sub: str
    quote: str
    finding: str
    en: str = ""
    zh: str = ""
    article: str = ""
    """article of the FIDE Laws of Chess that decides it, where it is one of rules"""
    squares: tuple[str, ...] = ()
    """the proof, to be highlighted"""
