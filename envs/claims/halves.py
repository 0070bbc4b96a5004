"""A rule and what follows from it here, told in one sentence: `a king that has moved never castles, so your O-O is illegal`."""

from __future__ import annotations

from dataclasses import replace

from envs.claims.clause import SEPARATORS, Clause
from envs.claims.nouns import Ref, Token
from envs.claims.reading import Sentence

_HERE = ("me", "you", "white", "black", "we")
_CONDITIONS = frozenset(("cond", "when"))


def halves(sentence: Sentence) -> tuple[Sentence, list[Clause]] | None:
    """The sentence without its clauses that speak of this very game, and those clauses; None where it has not both."""
    groups: dict[int, list[Token]] = {}
    for token, number in zip(sentence.tokens, sentence.clauses, strict=True):
        groups.setdefault(number, []).append(token)
    ends = [tokens[-1].end for tokens in groups.values()]
    begins = [0, *ends][:-1]
    here = {
        number
        for (number, tokens), begin, end in zip(groups.items(), begins, ends, strict=True)
        if any(begin <= at < end for at in sentence.nows) or _placed(tokens)
    }
    if not here or len(here) == len(groups):
        return None
    if any(len([t for t in groups[number] if t.symbol not in SEPARATORS]) < 2 for number in here):
        return None  # `cxd3 (en passant) is legal`: a name is no clause
    if any(not _CONDITIONS.isdisjoint(token.symbol for token in groups[number]) for number in here):
        return None
    rest = tuple(t for t, at in zip(sentence.tokens, sentence.clauses, strict=True) if at not in here)
    parts = [[token for token in groups[number] if token.symbol not in SEPARATORS] for number in sorted(here)]
    return replace(sentence, tokens=rest, nows=()), [
        Clause(tuple(p), sentence.text) for p in parts if p and p[0].symbol != "that"
    ]


def _placed(tokens: list[Token]) -> bool:
    """Whether it names a move, a square, or what somebody at the board has."""
    for token in tokens:
        if token.symbol == "san" or (token.symbol == "side" and token.value in _HERE):
            return True
        if isinstance(token.value, Ref) and (token.value.owner in _HERE or token.value.square is not None):
            return True
    return False
