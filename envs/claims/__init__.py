"""What a player claims aloud, in English or Chinese, and whether it is true.

Only the public message is read. A sentence in the conditional, a question, a quotation, a joke or what somebody else
is said to have said is no claim; a pattern abstains before it guesses. Claims of rules are checked against the Laws
(`law_claims`), those of the position on the board, those of the result by the board itself, by exact knowledge of king
and pawn, or by an engine where there is one (`board_claims`). Nothing that a message says changes how it is read.
"""

from __future__ import annotations

from collections.abc import Iterator

import chess

from envs.claims.board_claims import state_claim
from envs.claims.clause import Clause, clauses
from envs.claims.law_claims import changed, law_claims, triggers
from envs.claims.reading import Sentence, read
from envs.claims.result_claims import Evaluate, result_claim
from envs.ruling import Claim

__all__ = ["Evaluate", "claims"]

MAX_CLAIMS = 32
"""of one message"""
_NO_CLAIM = frozenset(("joke", "said", "deny"))


def claims(
    before: chess.Board,
    after: chess.Board,
    speaker: chess.Color,
    message: str,
    evaluate: Evaluate | None = None,
) -> list[Claim]:
    """What can be checked of what `speaker` says with a move, in the order in which it is said.

    Args:
        before: the position in which the speaker was to move.
        after: the one its move led to; the same where it has not moved.
        speaker: who says it.
        message: what is said; anything at all.
        evaluate: White's expected score, for claims of results; without it most are unverifiable.
    """
    found: list[Claim] = []
    for sentence in read(message):
        if sentence.question or sentence.symbols & _NO_CLAIM:
            continue
        found += _of(sentence, before, after, speaker, evaluate)
        if len(found) >= MAX_CLAIMS:
            break
    return found[:MAX_CLAIMS]


def _of(
    sentence: Sentence, before: chess.Board, after: chess.Board, speaker: chess.Color, evaluate: Evaluate | None
) -> list[Claim]:
    parts = clauses(sentence)
    # `you may castle even if your king is in check` says what may be done; any other condition leaves it open
    if "hyp" in sentence.symbols and "castle hyp" not in sentence.code:
        return []
    triggered = any(triggers(part) for part in parts)
    future = "fut" in sentence.symbols
    found: list[Claim] = []
    announced: Claim | None = None
    for part in parts:
        if not future or triggered:
            laws = list(law_claims(part, triggered=triggered, chess960=after.chess960))
            if laws:
                found += laws
                continue
        if triggered:
            announced = announced or changed(part)
            continue
        found += _on_the_board(part, before, after, speaker, evaluate)
    return found or ([announced] if announced is not None else [])


def _on_the_board(
    clause: Clause, before: chess.Board, after: chess.Board, speaker: chess.Color, evaluate: Evaluate | None
) -> Iterator[Claim]:
    """The claim of state or of result that a clause makes, one at most."""
    if clause.has("when", "past"):
        return
    if not clause.has("fut"):
        state = state_claim(clause, before, after, speaker)
        if state is not None:
            yield state
            return
    result = result_claim(clause, after, speaker, evaluate)
    if result is not None and (not clause.has("fut") or clause.has("resign")):
        yield result
